"""A student's sheet for paper: what the page shows, room to write below each exercise, what to compare with at the end."""

from editions.cells import Chapter, answer_in, printed, tags
from editions.citations import Citations
from editions.plain import Plain

from handouts.markup import (
    as_html,
    blocks_of,
    code_as_html,
    folded_parts,
    is_shown,
    line_as_html,
    output_as_html,
    styles_of,
)
from handouts.paper import DOCUMENT, HERE

LATER = '<p class="later">To compare, once you have an answer of your own: page “To compare”, {mark}.</p>'

WRITE = """<div class="write"><p>What you expect, and why:</p></div>
<div class="write"><p>What you got: {what}</p></div>"""


class PrintedSheet(Chapter):
    """A chapter as a sheet of paper (see `editions.cells.Chapter`)."""

    @property
    def title(self):
        return self.notebook.cells[0].source.split("\n# ", 1)[1].split("\n")[0]

    def as_document(self):
        """The sheet as one HTML document."""
        citations = Citations(self.bibliography)
        self.convert = Plain(citations, self.figures, self.exercises, "", self.titles)
        self.kept = []  # pairs of a mark and the HTML to compare with
        shown = [piece for place, cell in enumerate(self.notebook.cells) for piece in self._shown(cell, place)]
        if self.kept:
            shown.append('<section class="compare"><h2>To compare</h2>')
            shown += [f"<h3>{mark}</h3>{text}" for mark, text in self.kept]
            shown.append("</section>")
        if works := citations.listed():
            shown.append(as_html("## Works cited\n\n" + "\n".join(works)))
        body = "\n".join(shown)
        style = (HERE / "sheet.css").read_text() + styles_of(body)
        return DOCUMENT.format(title=self.title, body=body, head=f"<style>{style}</style>")

    def _shown(self, cell, place):
        marks = tags(cell)
        if cell.cell_type == "markdown":
            yield from () if "remove-cell" in marks else self._read(cell)
        elif "answer" in marks:
            yield WRITE.format(what=answer_in(cell).what)
        elif place in self.values:
            yield self._keep(
                f"Exercise {1 + sum(place > at for at in self._solved())}", as_html(self.convert(printed(cell)))
            )
        elif not marks & {"remove-cell", "hide-cell"}:
            yield from self._ran(cell)

    def _solved(self):
        """Places of the cells that state the answers, one an exercise."""
        return [at for at, cell in enumerate(self.notebook.cells) if "answer" in tags(cell)]

    def _keep(self, mark, text):
        """Put what a student should not read yet on the last page."""
        self.kept.append((mark, text))
        return LATER.format(mark=mark)

    def _read(self, cell):
        for kind, block in blocks_of(self.convert(cell.source, solutions=False)):
            if kind == "details":
                question, answer = folded_parts(block)
                number = 1 + sum(mark.startswith("Check") for mark, _ in self.kept)
                yield f'<div class="box"><p><b>{question}</b></p>'
                yield self._keep(f"Check yourself, question {number}", as_html(answer)) + "</div>"
            else:
                yield as_html(block)
            if block == "## Quiz":  # what the page says below it is about clicks
                yield self._quiz()
                return

    def _quiz(self):
        """Boxes to tick; the replies are the teacher's."""
        questions = []
        for one in self.quiz:
            answers = "".join(f"<li>{line_as_html(self.convert(answer['text']))}</li>" for answer in one["answers"])
            questions.append(f"<li><p>{line_as_html(self.convert(one['question']))}</p><ul>{answers}</ul></li>")
        return f'<ol class="quiz">{"".join(questions)}</ol>'

    def _ran(self, cell):
        if labels := [tag.removeprefix("tab:") for tag in tags(cell) if tag.startswith("tab:")]:
            yield f"<p><b>With {labels[0]}:</b></p>"
        if is_shown(cell):
            yield code_as_html(cell.source)
        figure = cell.metadata.get("mystnb", {}).get("figure")
        output = output_as_html(cell, self.convert)
        if figure:
            caption = f"<b>Figure {self.figures[figure['name']]}.</b> {line_as_html(self.convert(figure['caption']))}"
            yield f"<figure>{output}<figcaption>{caption}</figcaption></figure>"
        elif output:
            yield output
