"""The built site, its pages in the order of the table of contents, and a real browser to open them in."""

import functools
import http.server
import os
import sys
import threading

import pytest
from browser import FLAGS, browser_path
from bs4 import BeautifulSoup
from pages import EVERY_FILE, HTML, PAGES
from playwright.sync_api import sync_playwright

CHROMIUM = browser_path()
NEEDED = "The tests of the pages need the Chromium browser (on Debian and Ubuntu: apt-get install chromium)."


def pytest_terminal_summary(terminalreporter):
    if CHROMIUM is None:
        terminalreporter.write_line(f"NO PAGE WAS OPENED IN A BROWSER. {NEEDED}", yellow=True, bold=True)


def pytest_generate_tests(metafunc):
    """A test that takes `page_path` runs on each page of the book; with `any_path`, on the search page too."""
    if "page_path" in metafunc.fixturenames:
        metafunc.parametrize("page_path", [f"{page}.html" for page in PAGES])
    if "any_path" in metafunc.fixturenames:
        metafunc.parametrize("any_path", EVERY_FILE)


@pytest.fixture(scope="session")
def site():
    if not (HTML / "index.html").exists():
        pytest.fail(f"There is no site in {HTML}. Run make book first.")
    return HTML


@pytest.fixture(scope="session")
def parsed(site):
    """A page as a tree, read once."""
    return functools.cache(lambda path: BeautifulSoup((site / path).read_text(), "html.parser"))


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        """Nothing: pytest's own output is enough."""


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A page that is closed leaves its last requests unread; all else is an error."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@pytest.fixture(scope="session")
def server(site):
    handler = functools.partial(QuietHandler, directory=site)
    with Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.fail(NEEDED) if os.environ.get("CI") else pytest.skip(NEEDED)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, site):
    """Open a page of the site: from its folder, or below the address `base`. What it asks for and complains of is kept."""
    contexts = []

    def open_page(path, *, base=None, width=1400, theme="light"):
        context = browser.new_context(viewport={"width": width, "height": 1000}, color_scheme=theme)
        contexts.append(context)
        context.add_init_script(f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')")
        page = context.new_page()
        page.requested, page.complaints = [], []
        page.on("request", lambda request: page.requested.append(request.url))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("requestfailed", lambda request: page.complaints.append(f"not loaded: {request.url}"))
        page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
        page.goto((base or f"{site.as_uri()}/") + path, wait_until="load")
        return page

    yield open_page
    for context in contexts:
        context.close()
