"""What the status page says of a build: when it was, with which versions, how long each chapter took."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version

import nbformat

PACKAGES = [
    "pymc",
    "pytensor",
    "nutpie",
    "arviz",
    "xarray",
    "numpy",
    "pandas",
    "networkx",
    "matplotlib",
    "jupyter-book",
]
NAME = "book/reference/status-of-this-build.md"


def write_status(folder, times):
    """Write the part of the status page that only a build knows.

    Parameters
    ----------
    folder : pathlib.Path
        Sources of the site, with the chapters that were run.
    times : mapping of str to float
        Seconds that each chapter took, by its path without suffix.
    """
    rows = [f"| {_link(folder, page)} | {seconds:.0f} |" for page, seconds in times.items()]
    versions = [f"| {package} | {version(package)} |" for package in PACKAGES]
    now, cores = datetime.now(UTC), os.cpu_count()
    lines = [
        f"**Built** on {now:%d %B %Y}, {now:%H:%M} UTC, on {cores} cores, as many chapters at a time.",
        "\n| chapter | seconds |\n|---|--:|",
        *rows,
        f"| all, one after the other | {sum(times.values()):.0f} |",
        "\n| package | version |\n|---|---|",
        f"| Python | {platform.python_version()} |",
        *versions,
    ]
    (folder / NAME).write_text("\n".join(lines) + "\n")


def _link(folder, page):
    """A link to a chapter by the label above its title."""
    first, title, *_ = nbformat.read(folder / f"{page}.ipynb", as_version=4).cells[0].source.split("\n")
    return f"[{title.removeprefix('# ')}]({first.strip('()=')})"
