"""A chapter's quiz, put into the chapter that was run, and written for notebooks."""

import re

import nbformat
from nbformat.v4 import new_markdown_cell
from quiz_files import quiz_of

from editions.plain import as_html

SECTION = """## Quiz

Close the code, and answer from what you understood.
Choose an answer, and read what it gets back.

```{{quiz}} {name}
```"""


def add_quiz(path):
    """Put the quiz beside a chapter into the chapter's file, before the summary."""
    if not quiz_of(path).exists():
        return
    notebook = nbformat.read(path, as_version=4)
    place = next(at for at, cell in enumerate(notebook.cells) if re.match(r"## Summary", cell.source))
    notebook.cells.insert(place, new_markdown_cell(SECTION.format(name=quiz_of(path).name), id="quiz"))
    nbformat.write(notebook, path)


def as_folded_replies(questions, *, mark=False):
    """The questions as plain Markdown; a click on an answer opens its reply. `mark` shows which answers are right."""
    blocks = []
    for number, one in enumerate(questions, start=1):
        blocks.append(f"**{number}.** {one['question']}")
        for answer in one["answers"]:
            verdict, sign = ("Right.", "✓ ") if answer["right"] else ("Not quite.", "")
            summary = f"<summary>{sign if mark else ''}{as_html(answer['text'])}</summary>"
            blocks.append(f"<details>\n{summary}\n\n**{verdict}** {answer['reply']}\n\n</details>")
    return "\n\n".join(blocks)
