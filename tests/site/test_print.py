"""What comes out of the printer."""

import re

import pytest

PAGES_OF_PDF = re.compile(rb"/Type\s*/Page\b(?!s)")


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_cheat_sheet_is_one_page(open_page, paper):
    page = open_page("book/reference/cheat-sheet.html")
    widths = {"A4": ("297mm", "210mm"), "Letter": ("11in", "8.5in")}
    width, height = widths[paper]
    printed = page.pdf(width=width, height=height)
    assert len(PAGES_OF_PDF.findall(printed)) == 1
    page.emulate_media(media="print")
    shown = page.locator("article").evaluate("one => getComputedStyle(one).columnCount")
    assert shown == "2"


def test_a_live_figure_is_printed_without_its_control(open_page):
    page = open_page("book/workflow/01-what-if.html")
    page.emulate_media(media="print")
    figure = page.locator(".live-figure")
    assert figure.locator("svg").is_visible() and figure.locator("output").is_visible()
    assert not figure.locator(".live-control").is_visible()
