"""One edition of a chapter, cell by cell."""

import json
import re
import textwrap

import minutes
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from editions.citations import Citations
from editions.plain import Plain, quote
from editions.quizzes import as_folded_replies
from editions.slices import needed_of_hidden
from helpers.exercises import Answer, Checks

EDITIONS = {"student": "student's sheet", "teacher": "teacher's edition", "reader": "notebook"}
SAID_TO_STUDENTS = """

Solve an exercise in the cell below it, or in as many cells as you like.
At the end, assign your answer to the name that stands there, and run the cell that checks it: it says "Right.", or "Not yet" and why.
Say in words, too, what you expect and why: the check sees the result alone.
A folded cell shows its first line only; click on it to open it."""
IN_WORDS = "**In words.** What do you expect, and why? …"
UNPACK = """# @title The answers to the exercises, packed so that nobody reads them by accident
from helpers.exercises import Checks

check_answer = Checks(
    "{packed}"
)"""
FOLDED_NUMBERS = "# @title Computes numbers for the sentences below\n"
FOLDED_PRINT = "# @title Prints a sentence with the numbers of this run\n"
EXERCISE = re.compile(r"\{exercise\}[^\n]*\n:label: ([\w-]+)")
SOLUTION = re.compile(r"\{solution\} ([\w-]+)")


def tags(cell):
    return set(cell.metadata.get("tags", []))


def printed(cell):
    """The Markdown or text that a cell printed when the chapter was run."""
    texts = []
    for output in cell.outputs:
        data = output.get("data", {"text/plain": output.get("text", "")})
        texts.append("".join(data.get("text/markdown", data.get("text/plain", ""))).strip())
    if not texts or not all(texts):
        raise ValueError(f"no text was printed by: {cell.source[:80]}")
    return "\n\n".join(texts)


def layout(cells):
    """Places of the cells that print what an exercise's answer should be, and what is needed of hidden cells.

    The code of the first would give the answer away: an edition has what they printed.
    """
    first = next((at for at, cell in enumerate(cells) if EXERCISE.search(cell.source)), len(cells))
    code = {at: tags(cell) for at, cell in enumerate(cells) if cell.cell_type == "code"}
    values = {at for at, marks in code.items() if "remove-input" in marks and at > first}
    answers = {at for at, marks in code.items() if "answer" in marks}
    hidden = {at for at, marks in code.items() if "remove-cell" in marks} - answers
    return values, needed_of_hidden(cells, hidden, values | answers)


class Chapter:
    """A chapter that was run, and what its editions need to know of it.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        With outputs.
    bibliography : path
    quiz : list of dict
        The chapter's questions, from `quiz_files.read_quiz`.
    titles : dict of str to str
        Titles of the book's pages and sections, by label.
    """

    def __init__(self, notebook, bibliography, quiz=(), titles=None):
        self.notebook, self.bibliography, self.quiz, self.titles = notebook, bibliography, quiz, titles or {}
        prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        self.exercises = EXERCISE.findall(prose)
        named = [cell.metadata["mystnb"]["figure"]["name"] for cell in notebook.cells if "mystnb" in cell.metadata]
        self.figures = {name: number for number, name in enumerate(named, start=1)}
        self.answers = [answer_in(cell) for cell in notebook.cells if "answer" in tags(cell)]
        self.minutes = minutes.by_section(notebook)
        solutions = [cell.source for cell in notebook.cells if "hide-cell" in tags(cell)]
        self.values, self.needed = layout(notebook.cells)
        self.lines_of_solutions = sum(bool(line.strip()) for text in solutions for line in text.split("\n"))

    def edition(self, kind, *, opening, install=""):
        """The notebook of one edition: "student", "teacher" or "reader".

        `opening` says what it needs to run; `install` is the cell, if any, that sees to it.
        """
        citations = Citations(self.bibliography)
        quiz = as_folded_replies(self.quiz, mark=kind == "teacher")
        convert = Plain(citations, self.figures, self.exercises, quiz, self.titles)
        cells = [cell for piece in self._pieces(kind, convert) for cell in piece]
        if kind == "student" and self.answers:
            source = UNPACK.format(packed=folded(Checks.pack(self.answers)))
            # After the chapter's own imports, which take some seconds the first time.
            first = next(at for at, cell in enumerate(cells) if cell.cell_type == "code")
            cells.insert(first + 1, folded_away(new_code_cell(source)))
        # Only now, so that the check comes after the chapter's own imports, and not after this cell.
        if install:
            cells.insert(1, folded_away(new_code_cell(install)))
        cells.insert(1, new_markdown_cell(opening + (SAID_TO_STUDENTS if kind == "student" else "")))
        if works := citations.listed():
            cells.append(new_markdown_cell("\n".join(["## Works cited", "", *works])))
        for number, cell in enumerate(cells):
            cell.id = f"{kind}-{number:03d}"
        return new_notebook(cells=cells, metadata={"kernelspec": dict(self.notebook.metadata.kernelspec)})

    def _pieces(self, kind, convert):
        """Lists of cells, one list for each cell of the chapter."""
        solved, asked = None, False  # the exercise whose solution one is in; whether its empty cell is there yet
        for place, cell in enumerate(self.notebook.cells):
            if cell.cell_type == "markdown":
                solved, asked = next(iter(SOLUTION.findall(cell.source)), None), False
                yield self._markdown(cell, kind, convert)
            elif "answer" in tags(cell):
                yield self._checked(answer_in(cell), kind)
            elif "remove-cell" in tags(cell):
                code = self.needed.get(place)
                yield [folded_away(new_code_cell(FOLDED_NUMBERS + code))] if code else []
            elif place in self.values:
                yield [self._value(printed(cell), kind)]
            elif solved and kind == "student":
                yield [] if asked else [new_markdown_cell(IN_WORDS), self._empty(place)]
                asked = True
            else:
                yield self._code(cell, convert)

    def _markdown(self, cell, kind, convert):
        if "remove-cell" in tags(cell) and not ("teacher" in tags(cell) and kind == "teacher"):
            return []
        text = convert(cell.source, solutions=kind != "student")
        if kind == "teacher":
            text = re.sub(r"^## (.+)$", self._with_minutes, text, flags=re.MULTILINE)
        return [new_markdown_cell(text)] if text else []

    def _with_minutes(self, heading):
        if heading[1] == "Quiz":
            return heading[0]
        if heading[1] == "Exercises":
            return f"{heading[0]}\n\n> **Solutions of {self.lines_of_solutions} lines of code in all.**"
        count = self.minutes.get(heading[1])
        return f"{heading[0]}\n\n> **{count} min to read.**" if count else heading[0]

    def _value(self, text, kind):
        """What one should get: for a student folded, since most exercises ask to predict first."""
        if kind != "student":
            return new_markdown_cell(quote(text))
        return new_markdown_cell(
            f"<details>\n<summary>To compare, once you have an answer of your own</summary>\n\n{text}\n\n</details>"
        )

    def _empty(self, place):
        """The cell in which a student answers."""
        following = [cell for cell in self.notebook.cells[place:] if "answer" in tags(cell)]
        if not following:
            raise ValueError("no cell tagged answer after the solution")
        stated = answer_in(following[0])
        lines = textwrap.wrap(f"{stated.name}: {stated.what}", 82, initial_indent="# ", subsequent_indent="# ")
        return new_code_cell("\n".join([*lines, f"{stated.name} = ..."]))

    def _checked(self, stated, kind):
        if kind == "student":
            return [new_code_cell(f"check_answer({stated.name}={stated.name})")]
        if kind == "reader":
            return []
        wrong = "; ".join(f"{meaning} ({shown(value)})" for meaning, value in stated.near.items())
        within = f", give or take {stated.within:g}" if stated.within else ""
        text = f"**The check** takes `{stated.name}` for right at {shown(stated.right)}{within}. It knows as wrong: {wrong}."
        return [new_markdown_cell(quote(text))]

    def _code(self, cell, convert):
        labels = [tag.removeprefix("tab:") for tag in cell.metadata.get("tags", []) if tag.startswith("tab:")]
        made = new_code_cell(cell.source)
        if "remove-input" in tags(cell):
            made = folded_away(new_code_cell(FOLDED_PRINT + cell.source))
        elif "hide-input" in tags(cell):
            made = folded_away(made)
        before = [new_markdown_cell(f"**{'With ' if label == 'helpers' else ''}{label}:**") for label in labels]
        figure = cell.metadata.get("mystnb", {}).get("figure")
        after = []
        if figure:
            caption = convert(figure["caption"])
            after = [new_markdown_cell(f"*Figure {self.figures[figure['name']]}.* {caption}")]
        return [*before, made, *after]


def folded_away(cell):
    """A cell whose code is folded, in Jupyter and in Colab."""
    cell.metadata["jupyter"] = {"source_hidden": True}
    cell.metadata["cellView"] = "form"
    return cell


def folded(text, width=80):
    """A long text as several string literals, one a line."""
    parts = [text[start : start + width] for start in range(0, len(text), width)]
    return '"\n    "'.join(parts)


def answer_in(cell):
    """The answer that an executed cell stated."""
    return Answer(**json.loads(printed(cell)))


def shown(value):
    """A right or wrong answer for the teacher's eyes."""
    if isinstance(value, list):
        return " and ".join(map(shown, value))
    return f"{value:.4g}" if isinstance(value, int | float) else f"`{ {'yes': True, 'no': False}.get(value, value) }`"
