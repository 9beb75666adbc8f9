"""Decks, sheets and the book, as files."""

import re

import yaml
from editions.files import read_chapter, titles_in
from pages import ROOT, TOC

from handouts.bound import bound
from handouts.deck import write_deck
from handouts.paper import printer, with_page_numbers
from handouts.sheets import PrintedSheet

CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text())
BOOK = "do-and-observe.pdf"


def write_decks(book, out, pages):
    """Write the slides of each part that has one of these chapters, ``out/PART.html``.

    Parameters
    ----------
    book : Path
        The folder `book` with the chapters, outputs in them.
    out : Path
    pages : list of str
        The chapters, like ``book/PART/NAME``.
    """
    titles = titles_in(book)
    for part in TOC["parts"]:
        chosen = [chapter["file"] for chapter in part["chapters"] if chapter["file"] in pages]
        chapters = {re.sub(r".*/\d\d-", "", page): read_chapter(book, page, titles) for page in chosen}
        if chapters:
            write_deck(part["caption"], CONFIG["title"], chapters, out / f"{chosen[0].split('/')[1]}.html")


def print_sheets(book, out, pages):
    """Print the student's sheet of each chapter, ``out/PART/NAME.pdf``."""
    titles = titles_in(book)
    with printer() as print_pdf:
        for page in pages:
            sheet = read_chapter(book, page, titles, PrintedSheet)
            target = out / f"{page.removeprefix('book/')}.pdf"
            print_pdf(sheet.as_document(), target, title=f"{CONFIG['title']} · {sheet.title}")


def print_book(site, target):
    """Print all pages of the built site as one file: twice, since the first print tells the numbers of the pages."""
    document = bound(site, CONFIG["title"], CONFIG["author"])
    with printer() as print_pdf:
        print_pdf(document, target, title=CONFIG["title"])
        print_pdf(with_page_numbers(document, target), target, title=CONFIG["title"])
