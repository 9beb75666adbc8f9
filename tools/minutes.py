"""How long a chapter takes to read: python tools/minutes.py [CHAPTER …]

A minute is 150 words, or 10 lines of code that is shown, or two figures. A sentence that a cell prints counts as 40
words. Exercises, folded cells and folded answers don't count, and of tabs only one side.
"""

import re
import sys
from pathlib import Path

import nbformat
from pages import NOTEBOOKS, ROOT

WORDS, LINES, FIGURES, PRINTED = 150, 10, 2, 40
DIRECTIVE = re.compile(r"^(`{3,}|:{3,})\{(?:exercise|solution|dropdown)\}.*?^\1$", re.MULTILINE | re.DOTALL)


def minutes_of(notebook):
    """Minutes to read a chapter, whole ones."""
    words = lines = figures = 0
    for cell in notebook.cells:
        tags = set(cell.metadata.get("tags", []))
        if cell.cell_type == "markdown":
            text = DIRECTIVE.sub("", cell.source)
            words += len(re.findall(r"\w[\w'’-]*", re.sub(r"^%.*$", "", text, flags=re.MULTILINE)))
            continue
        if tags & {"remove-cell", "hide-cell", "tab:PyMC"}:
            continue
        figures += "figure" in cell.metadata.get("mystnb", {})
        if "remove-input" in tags:
            words += PRINTED * ("Markdown(" in cell.source)
        elif "hide-input" not in tags:
            lines += sum(bool(line.strip()) for line in cell.source.split("\n"))
    return round(words / WORDS + lines / LINES + figures / FIGURES)


def said_in(notebook):
    """Minutes that the box of a chapter promises, None where there is no box."""
    found = re.search(r"\*\*Time:\*\* (\d+) minutes to read", notebook.cells[0].source)
    return int(found[1]) if found else None


def main():
    for path in map(Path, sys.argv[1:] or (f"{ROOT / page}.ipynb" for page in NOTEBOOKS)):
        notebook = nbformat.read(path, as_version=4)
        print(f"{path.stem:30} {minutes_of(notebook):3} minutes, its box says {said_in(notebook)}")


if __name__ == "__main__":
    main()
