"""What is printed: a sheet a chapter, and the book."""

import re
from pathlib import Path

import nbformat
import pytest
from handouts.files import BOOK, CONFIG
from pages import CHAPTERS, HTML, PAGES, TOC
from pypdf import PdfReader

PAPER = HTML / "paper"
SOURCES = HTML.parent / "source"


def squeezed(text):
    """Without spaces, and without what a font joins: a PDF breaks lines where it likes."""
    return re.sub(r"\s+", "", text.replace("ﬁ", "fi").replace("ﬂ", "fl").replace("ﬀ", "ff").replace("ﬃ", "ffi"))


def text_of(reader):
    return squeezed("".join(page.extract_text() for page in reader.pages))


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_sheet_has_the_exercises_and_no_solution(site, page):
    reader = PdfReader(PAPER / f"{page.removeprefix('book/')}.pdf")
    text = text_of(reader)
    notebook = nbformat.read(SOURCES / f"{page}.ipynb", as_version=4)
    assert 5 < len(reader.pages) < 40
    assert [float(side) for side in reader.pages[0].mediabox[2:]] == pytest.approx([595.3, 841.9], abs=1.5), "A4"
    assert [f"Exercise{number}." in text for number in (1, 2, 3)] == [True] * 3
    assert text.count("Whatyouexpect,andwhy:") == text.count("Whatyougot:") == 3
    assert text.count("☐") >= 9, "the answers of the quiz, to tick"
    assert "Tocompare" in text and "teacher" not in text.lower().replace("forteachers", "")
    for cell in notebook.cells:
        if "hide-cell" in cell.metadata.get("tags", []):
            own = max(cell.source.split("\n"), key=len)
            if not any(own in other.source for other in notebook.cells if other is not cell):
                assert squeezed(own) not in text


@pytest.fixture(scope="module")
def book():
    return PdfReader(PAPER / BOOK)


def test_the_book_has_every_page_in_order(book):
    titles = [entry.title for entry in book.outline[0:] if not isinstance(entry, list)]
    assert titles[: len(titles)] and {part["caption"] for part in TOC["parts"]} <= set(titles)
    inner = [entry.title for group in book.outline if isinstance(group, list) for entry in group if not isinstance(entry, list)]  # fmt: skip
    assert len(inner) >= len(PAGES) - 1


def test_the_numbers_in_the_contents_are_right(book):
    """Each line's number is that of the page on which this title stands."""
    contents = "\n".join(page.extract_text() for page in book.pages[1:3])
    footer = re.escape(CONFIG["title"])
    lines = re.findall(rf"^(?!{footer}\s)(.+?)\s+(\d+)$", contents, re.MULTILINE)
    assert len(lines) == len(PAGES) - 1
    for title, number in lines:
        assert squeezed(title) in squeezed(book.pages[int(number) - 1].extract_text()), (title, number)


def links_of(reader):
    for page in reader.pages:
        for annotation in page.get("/Annots") or []:
            entry = annotation.get_object()
            if entry.get("/Subtype") == "/Link":
                yield entry


def test_links_lead_into_the_book_or_to_the_web(book):
    links = list(links_of(book))
    outside = [str(link["/A"]["/URI"]) for link in links if "/A" in link and "/URI" in link["/A"]]
    assert all(address.startswith(("http://", "https://", "mailto:")) for address in outside)
    inside = [link["/Dest"] for link in links if "/Dest" in link]
    assert len(inside) > 500 and len(inside) + len(outside) == len(links)
    names = set(book.named_destinations)
    assert [name for name in inside if isinstance(name, str) and name not in names] == []


def test_nothing_of_this_computer_is_in_it():
    for path in [PAPER / BOOK, *PAPER.rglob("*.pdf")]:
        assert b"file://" not in path.read_bytes() and str(HTML).encode() not in path.read_bytes()
    assert not list(PAPER.rglob("*.html"))


@pytest.mark.parametrize("page", [CHAPTERS[0], "book/index"])
def test_the_menu_offers_it(parsed, site, page):
    menu = [link["href"] for link in parsed(f"{page}.html").select(".dropdown-download-buttons a[href$='.pdf']")]
    offered = [((site / f"{page}.html").parent / href).resolve() for href in menu]
    expected = [PAPER / BOOK] if page == "book/index" else [PAPER / f"{page.removeprefix('book/')}.pdf", PAPER / BOOK]
    assert offered == [Path(path).resolve() for path in expected] and all(path.exists() for path in offered)
