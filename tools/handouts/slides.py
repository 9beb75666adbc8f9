"""What a room should see of a chapter, slide by slide.

Figures, tables, formulas, boxes, sentences with the run's numbers, exercises and the quiz become slides; the prose around
them becomes the speaker's notes. The code that led to a slide stands below it.
"""

import re
from dataclasses import dataclass, field

from editions.cells import printed, tags
from editions.citations import Citations
from editions.plain import Plain
from editions.plain import as_html as title_as_html

from handouts.markup import (
    as_html,
    blocks_of,
    code_as_html,
    folded_parts,
    is_shown,
    line_as_html,
    output_as_html,
)

LINES = 20  # of code on a slide
COLUMNS = 100  # of code that is not broken
ROWS = 14  # of a table on a slide
SMALL = 7  # rows of a table that leaves room for a sentence
WORDS = 45  # of a paragraph that is shown whole
TABLE_WORDS = 75  # of a table in the prose
LETTERS = "ABCDEFG"


@dataclass
class Slide:
    """One slide.

    Parameters
    ----------
    title, body : str
        HTML.
    kind : str
        What it shows, for its style: opening, figure, table, formula, said, points, box, question, exercise, quiz, code.
    notes : list of str
        The speaker's, Markdown.
    below : list of Slide
        The code that led to it.
    """

    title: str
    body: str
    kind: str
    notes: list = field(default_factory=list)
    below: list = field(default_factory=list)


def slides_of(chapter):
    """The slides of a chapter (`editions.cells.Chapter`), in order."""
    picked = _Picked(chapter)
    for place, cell in enumerate(chapter.notebook.cells):
        if cell.cell_type == "markdown":
            picked.read(cell)
        elif not tags(cell) & {"remove-cell", "hide-cell"}:
            picked.run(cell, in_exercise=place in chapter.values)
    picked.close()
    return picked.slides


def as_list(items):
    return "<ul>" + "".join(f"<li>{line_as_html(item)}</li>" for item in items) + "</ul>"


class _Picked:
    """The slides so far, and what waits for the next: prose for its notes, points in bold, code to stand below it."""

    def __init__(self, chapter):
        self.chapter = chapter
        self.convert = Plain(Citations(chapter.bibliography), chapter.figures, chapter.exercises)
        self.slides, self.prose, self.points, self.code = [], [], [], []
        self.heading, self.aside = "", ""
        self.begun = 0  # how many slides there were at the heading that one is below
        self.asking = False  # whether what comes is the text of an exercise

    def show(self, body, kind, *, title=None):
        """Add a slide; what waits goes with it."""
        if self.points and kind != "points":
            self.make_points()
        aside = f" <small>{line_as_html(self.aside)}</small>" if self.aside else ""
        title = line_as_html(self.heading) + aside if title is None else title
        self.slides.append(Slide(title, body, kind, self.prose, self.code))
        self.prose, self.code, self.aside = [], [], ""

    def make_points(self):
        if self.points:
            lead = [f"**{self.aside}.**"] if self.aside else []  # the first of them, if it was bold alone
            items, self.points, self.aside = [*lead, *self.points], [], ""
            self.show(as_list(items), "points")

    def close(self):
        """Before the next heading: what is left becomes the notes of the last slide, or a slide of its own."""
        self.make_points()
        if len(self.slides) > self.begun:
            self.slides[-1].notes += self.prose
            self.slides[-1].below += self.code
        elif self.prose or self.code:
            self.show(as_list([text.split("\n")[0] for text in self.prose if text[0] not in "><|`"][:3]), "points")
        self.prose, self.code, self.aside = [], [], ""
        self.asking, self.begun = False, len(self.slides)

    # ---- Prose ----

    def read(self, cell):
        if "teacher" in tags(cell):
            self._note(self.convert(cell.source))
        elif "remove-cell" not in tags(cell):
            for kind, block in blocks_of(self.convert(cell.source)):
                if kind == "heading":
                    self._begin(block)
                elif self.heading.startswith("Exercise "):
                    self._exercise(block)
                else:
                    getattr(self, f"_{kind}", self._shown_whole)(block)

    def _note(self, text):
        """What a teacher should know belongs to the slide that was last shown."""
        text = re.sub(r"^> ?", "", text, flags=re.MULTILINE)
        (self.slides[-1].notes if self.slides else self.prose).append(text)

    def _begin(self, block):
        self.close()
        self.heading = block.lstrip("# ")
        if self.heading == "Quiz":
            self._quiz()
        if self.heading.startswith("Exercise "):
            self.show("", "exercise")
            self.asking = True

    def _exercise(self, block):
        if self.asking and not block.startswith("> **Solution"):
            self.slides[-1].body += as_html(block)
        else:
            self.asking = False
            self.slides[-1].notes.append(re.sub(r"^> ?", "", block, flags=re.MULTILINE))

    def _paragraph(self, block):
        """The case that a chapter begins with, the summary, and what begins in bold are shown; all is for the notes."""
        lines = block.split("\n")
        if not self.slides or (self.heading == "Summary" and not block.startswith("**")):
            self.show(as_list(lines), "opening" if not self.slides else "points")
            return
        self.prose.append(block)
        if self.heading == "Summary":
            return
        if lead := re.fullmatch(r"\*\*([^*]+?)[.:]?\*\*", lines[0]):
            self.aside = lead[1]
        elif block.startswith("**"):
            self.points.append(block if len(block.split()) <= WORDS else lines[0])

    def _blockquote(self, block):
        """A box: what a chapter promises, the classic mistake."""
        text = re.sub(r"^> ?", "", block, flags=re.MULTILINE)
        title, _, body = text.partition("\n")
        if "**In this chapter**" in title:
            goals, _, rest = body.partition("\n\n")
            self.prose.append(rest)
            self.show(as_html(goals), "box", title="In this chapter you will")
        elif boxed := re.fullmatch(r"\*\*(.+)\*\*", title):
            self.prose.append(body)
            self.show(as_html(body), "box mistake" if "mistake" in title else "box", title=line_as_html(boxed[1]))
        else:
            self.prose.append(text)

    def _details(self, block):
        """A question with a folded answer: the room thinks first."""
        question, answer = folded_parts(block)
        question = re.sub(r"^Check yourself: (\w)", lambda found: found[1].upper(), question)
        body = f'<p>{question}</p><div class="fragment">{as_html(answer)}</div>'
        self.show(body, "question", title="Check yourself")

    def _math_block(self, block):
        self.show(as_html(block), "formula")

    def _shown_whole(self, block):
        """Tables, lists, code in the prose."""
        if block.startswith("|"):
            for part in tables_of(block):
                self.show(as_html(part), "table")
        else:
            self.show(as_html(block), "points")

    def _quiz(self):
        for number, one in enumerate(self.chapter.quiz, start=1):
            items, replies = [], []
            for letter, answer in zip(LETTERS, one["answers"], strict=False):
                right = answer["right"]
                mark = ' <strong class="fragment">✓</strong>' if right else ""
                items.append(f"<li>{title_as_html(self.convert(answer['text']))}{mark}</li>")
                replies.append(f"**{letter}{' (right)' if right else ''}.** {self.convert(answer['reply'])}")
            self.prose += replies
            body = f"<p>{line_as_html(self.convert(one['question']))}</p><ol type='A'>{''.join(items)}</ol>"
            self.show(body, "quiz", title=f"Quiz, question {number}")

    # ---- Code ----

    def run(self, cell, *, in_exercise):
        """A cell that the page shows, or of which it shows the output."""
        self.asking = False
        if in_exercise:
            self.slides[-1].notes.append(f"To compare: {self.convert(printed(cell))}")
            return
        labels = [tag.removeprefix("tab:") for tag in tags(cell) if tag.startswith("tab:")]
        self.aside = labels[0] if labels else self.aside
        output, figure = output_as_html(cell, self.convert), cell.metadata.get("mystnb", {}).get("figure")
        is_text = output.startswith("<pre")
        if is_shown(cell):
            self.code += self._code_slides(cell.source, output if is_text else "")
        if figure:
            caption = line_as_html(self.convert(figure["caption"]))
            self.show(f'<div class="picture">{output}</div><p class="caption">{caption}</p>', "figure")
        elif "remove-input" in tags(cell):
            self._say(output)
        elif output and not is_text and output.count("<tr") <= ROWS:
            self.show(output, "table")

    def _say(self, sentence):
        """A sentence with the run's numbers: below the small table that it reads, else alone."""
        last = self.slides[-1]
        waits = self.prose or self.points or self.code or len(self.slides) == self.begun
        if last.kind == "table" and last.body.count("<tr") <= SMALL and not waits:
            last.body += f'<div class="reading">{sentence}</div>'
        else:
            self.show(sentence, "said")

    def _code_slides(self, source, output):
        """A cell's code, in as many pieces as a room can read, what it printed below the last."""
        if re.search(r"^SEED = ", source, re.MULTILINE):  # the cell of imports
            return []
        pieces = pieces_of(source)
        title = line_as_html(self.heading)
        kinds = ["code long" if max(map(len, piece.split("\n"))) > COLUMNS else "code" for piece in pieces]
        slides = [Slide(title, code_as_html(piece), kind) for piece, kind in zip(pieces, kinds, strict=True)]
        rows = output.count("\n") + 1
        if output and rows + pieces[-1].count("\n") < LINES - 3:
            slides[-1].body += output
        return slides


def tables_of(block):
    """A table of words cut between rows into tables that fit a slide."""
    first, line, *rows = block.split("\n")
    tables = [[]]
    for row in rows:
        if tables[-1] and len(" ".join([*tables[-1], row]).split()) > TABLE_WORDS:
            tables.append([])
        tables[-1].append(row)
    return ["\n".join([first, line, *table]) for table in tables]


def pieces_of(source):
    """Code cut at empty lines into pieces that fit a slide."""
    pieces = []
    for part in re.split(r"\n\n+", source.strip("\n")):
        if pieces and pieces[-1].count("\n") + part.count("\n") + 3 <= LINES:
            pieces[-1] += "\n\n" + part
        else:
            pieces.append(part)
    return [piece for part in pieces for piece in _cut(part)]


def _cut(part):
    lines = part.split("\n")
    return ["\n".join(lines[at : at + LINES]) for at in range(0, len(lines), LINES)]
