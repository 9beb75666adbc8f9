"""Where the book's pages are, for the tests of chapters and of the site."""

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text())

# In the order of the table of contents, without suffix.
PAGES = [TOC["root"], *(chapter["file"] for part in TOC["parts"] for chapter in part["chapters"])]
NOTEBOOKS = [page for page in PAGES if (ROOT / f"{page}.ipynb").exists()]
EVERY_FILE = [*(f"{page}.html" for page in PAGES), "search.html", "genindex.html"]
