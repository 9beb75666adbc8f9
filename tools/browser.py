"""The browser that prints what is handed out, and that the tests open the pages in."""

import shutil

NAMES = "chromium", "chromium-browser", "google-chrome"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def browser_path():
    """Where Chromium is; None without one."""
    return next(filter(None, map(shutil.which, NAMES)), None)
