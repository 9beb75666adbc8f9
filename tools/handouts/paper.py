"""Documents printed by a browser: the sheets, one by one, and the book as one file."""

import html
import re
from contextlib import contextmanager
from pathlib import Path

from browser import FLAGS, browser_path
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

HERE = Path(__file__).parent
FOOT = """<div style="font: 8pt sans-serif; color: #444; width: 100%; margin: 0 18mm; display: flex; justify-content: space-between">
<span>{title}</span><span class="pageNumber"></span></div>"""
MARGIN = {"top": "16mm", "bottom": "18mm", "left": "18mm", "right": "18mm"}
DOCUMENT = """<!doctype html>
<html lang="en" data-theme="light">
<head><meta charset="utf-8"><title>{title}</title>{head}</head>
<body>
{body}
</body>
</html>
"""
PAGE_NUMBER = re.compile(r'<span class="page-of" data-of="([^"]+)">[^<]*</span>')


@contextmanager
def printer():
    """A function that prints a document: ``print_pdf(html, target, title=...)``."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path(), args=FLAGS)
        # What a page shows without scripts is what paper can show.
        context = browser.new_context(java_script_enabled=False)

        def print_pdf(document, target, *, title):
            target.parent.mkdir(parents=True, exist_ok=True)
            source = target.with_suffix(".print.html")
            source.write_text(document)
            page = context.new_page()
            page.goto(source.resolve().as_uri(), wait_until="load")
            page.pdf(
                path=target, format="A4", margin=MARGIN, print_background=True, outline=True, tagged=True,
                display_header_footer=True, header_template="<span></span>", footer_template=FOOT.format(title=html.escape(title)),
            )  # fmt: skip
            page.close()
            source.unlink()

        yield print_pdf
        browser.close()


def with_page_numbers(document, path):
    """The document, with the pages on which its parts stand in the print at `path` filled in."""
    reader = PdfReader(path)
    pages = {name: reader.get_destination_page_number(at) + 1 for name, at in reader.named_destinations.items()}

    def numbered(match):
        return f'<span class="page-of" data-of="{match[1]}">{pages["/" + match[1]]}</span>'

    return PAGE_NUMBER.sub(numbered, document)
