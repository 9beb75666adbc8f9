"""Cited works, in text and as a list."""

import functools
import re

from pybtex.backends import markdown, plaintext
from pybtex.database import BibliographyData, parse_file
from pybtex.richtext import Text
from pybtex.style.formatting.plain import Style


@functools.cache
def library(path):
    return parse_file(path)


def plain(words):
    """A name or a title without LaTeX's braces and commands."""
    # A backend by name would be looked up among all installed packages, each time.
    return Text.from_latex(words).render(plaintext.Backend()).replace("\xa0", " ")


class Citations:
    """Works cited in one notebook, in order of their first mention."""

    def __init__(self, path):
        self.entries = library(path).entries
        self.keys = []

    def _work(self, key):
        if key not in self.entries:
            raise ValueError(f"no work {key!r} in the bibliography")
        if key not in self.keys:
            self.keys.append(key)
        entry = self.entries[key]
        people = entry.persons.get("author") or entry.persons.get("editor") or []
        names = [plain(" ".join([*person.prelast_names, *person.last_names])) for person in people]
        if len(names) > 2:
            names = [f"{names[0]} et al."]
        return " and ".join(names), entry.fields["year"]

    def textual(self, keys):
        """As part of a sentence: Pearl and Mackenzie (2018)."""
        return ", ".join("{} ({})".format(*self._work(key)) for key in keys)

    def in_parentheses(self, keys):
        return "(" + "; ".join("{} {}".format(*self._work(key)) for key in keys) + ")"

    def listed(self):
        """The works that were cited, one item each, by author."""
        found = Style().format_bibliography(BibliographyData(self.entries), self.keys)
        texts = [" ".join(work.text.render(markdown.Backend()).split()) for work in found]
        # The backend puts a backslash before each sign that could mean something in Markdown; most of these can't here.
        return ["- " + re.sub(r"\\([.():!-])", r"\1", text) for text in texts]
