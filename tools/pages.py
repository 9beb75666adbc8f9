"""Where the book's pages are, and what a cell of theirs warned: for the build, the claims, the benchmarks, the tests."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"


def pages_of(toc):
    """The paths, without suffix, of the pages that a table of contents names, in its order."""
    return [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]


TOC = yaml.safe_load((ROOT / "_toc.yml").read_text())
PAGES = pages_of(TOC)
NOTEBOOKS = [page for page in PAGES if (ROOT / f"{page}.ipynb").exists()]
# What is taught, with exercises, a quiz and editions; not the landing page, and no page to look things up.
CHAPTERS = [page for page in NOTEBOOKS if re.fullmatch(r"book/[\w-]+/\d\d-[\w-]+", page)]
EVERY_FILE = [*(f"{page}.html" for page in PAGES), "search.html", "genindex.html"]


def warnings_of(cell):
    """What an executed cell printed on the error stream.

    A cell tagged ``remove-stderr`` may print PyMC's notes there (``Sampling: [y]``), and still no warning.
    """
    notes_pass = "remove-stderr" in cell["metadata"].get("tags", [])
    printed = [output for output in cell.get("outputs", []) if output.get("name") == "stderr"]
    texts = ["".join(output["text"]).strip() for output in printed]
    return [text for text in texts if "Warning" in text or not notes_pass]
