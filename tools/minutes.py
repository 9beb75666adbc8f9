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
    return round(sum(exact for _, exact in sections_of(notebook)))


def by_section(notebook):
    """Minutes to read below each heading of the second level, whole ones, at least one."""
    return {heading: max(1, round(exact)) for heading, exact in sections_of(notebook) if exact}


def sections_of(notebook):
    """Pairs of a heading and the minutes below it, as a fraction; None for what stands before the first heading."""
    sections = [[None, 0.0]]
    for cell in notebook.cells:
        tags = set(cell.metadata.get("tags", []))
        if tags & {"remove-cell", "hide-cell", "tab:PyMC"}:
            continue
        if cell.cell_type == "code":
            sections[-1][1] += minutes_of_code(cell, tags)
            continue
        first, *rest = re.split(r"^## ", DIRECTIVE.sub("", cell.source), flags=re.MULTILINE)
        sections[-1][1] += words_in(first) / WORDS
        sections += [[text.split("\n")[0].strip(), words_in(text) / WORDS] for text in rest]
    return sections


def words_in(text):
    return len(re.findall(r"\w[\w'’-]*", re.sub(r"^%.*$", "", text, flags=re.MULTILINE)))


def minutes_of_code(cell, tags):
    """Of the lines that are shown, the sentences that are printed, and the figure."""
    figures = ("figure" in cell.metadata.get("mystnb", {})) / FIGURES
    if "remove-input" in tags:
        return figures + PRINTED * ("Markdown(" in cell.source) / WORDS
    if "hide-input" in tags:
        return figures
    return figures + sum(bool(line.strip()) for line in cell.source.split("\n")) / LINES


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
