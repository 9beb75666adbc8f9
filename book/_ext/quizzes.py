"""The directive ``quiz``: questions from a file beside the page, each answer with a reply of its own.

```{quiz} 01-what-if.quiz.yml
```

On the page each question is a group of radio buttons, and the style sheet shows the reply to the one that is chosen. So a quiz
needs no script: it works offline and by keyboard, and a screen reader says the reply, which appears in a live region.
"""

import re
from pathlib import Path

from docutils import nodes
from quiz_files import read_quiz
from sphinx.util.docutils import SphinxDirective


class Quiz(SphinxDirective):
    required_arguments = 1

    def run(self):
        path = Path(self.env.doc2path(self.env.docname)).parent / self.arguments[0]
        self.env.note_dependency(str(path))
        found = nodes.container(classes=["quiz"])
        for number, one in enumerate(read_quiz(path), start=1):
            self._add_question(found, number, one)
        return [found]

    def _add_question(self, found, number, one):
        name = f"quiz-{number}"
        found += self._html(f'<fieldset class="quiz-question"><legend><span class="quiz-number">{number}</span> ')
        found += self._words(one["question"])
        found += self._html('</legend><div class="quiz-answers">')
        for place, answer in enumerate(one["answers"], start=1):
            found += self._html(
                f'<label for="{name}-{place}"><input type="radio" name="{name}" id="{name}-{place}" autocomplete="off"> <span>'
            )
            found += self._words(answer["text"])
            found += self._html("</span></label>")
        found += self._html('</div><div class="quiz-replies" aria-live="polite">')
        for answer in one["answers"]:
            verdict = "right" if answer["right"] else "wrong"
            found += self._html(
                f'<p class="quiz-reply quiz-{verdict}"><strong>{"Right." if answer["right"] else "Not quite."}</strong> '
            )
            found += self._words(answer["reply"])
            found += self._html("</p>")
        found += self._html("</div></fieldset>")

    def _words(self, text):
        words, problems = self.parse_inline(typographic(text), lineno=self.lineno)
        return [*words, *problems]

    @staticmethod
    def _html(text):
        return nodes.raw("", text, format="html")


def typographic(text):
    """The text with curly quotes outside of code and formulas, as in the book's prose."""
    parts = re.split(r"(`[^`]*`|\$[^$]*\$)", text)
    for place in range(0, len(parts), 2):
        parts[place] = re.sub(r"(?<=\w)'", "’", re.sub(r'"([^"]*)"', r"“\1”", parts[place]))
    return "".join(parts)


def setup(app):
    app.add_directive("quiz", Quiz)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
