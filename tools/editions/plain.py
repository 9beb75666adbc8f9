"""The book's Markdown (MyST) as plain Markdown, so that it reads well where no extension is at hand.

Directives become headings, quotes and folded answers; roles and links become words. A directive or role that is not
known here raises an error, so that none ends up raw in a download.
"""

import html
import re

# A directive or a block of code, whichever begins first, so that the end of one isn't taken for the start of another.
FENCED = re.compile(
    r"^(?P<fence>`{3,}|:{3,}|~{3,})(?:\{(?P<kind>[\w-]+)\} ?(?P<title>[^\n]*)|[^\n]*)\n"
    r"(?P<options>(?::[\w-]+:[^\n]*\n)*)(?P<body>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)
ROLE = re.compile(r"\{(?P<name>[a-z]+(?::[a-z]+)?)\}`(?P<text>[^`]+)`")
LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]+)\]\((?P<label>[a-z0-9-]+)\)")
WITH_TARGET = re.compile(r"^(.*?)\s*<([^>]+)>$", re.DOTALL)


class Plain:
    """Turn the Markdown of one chapter into plain Markdown.

    Parameters
    ----------
    citations : Citations
    figures : dict of str to int
        Numbers of the chapter's figures, by name.
    exercises : list of str
        Labels of the chapter's exercises, in order.
    quiz : str
        What stands for the chapter's quiz.
    titles : dict of str to str
        Titles of the book's pages and sections, by label: what a link is called where it can't be followed.
    """

    def __init__(self, citations, figures, exercises, quiz="", titles=None):
        self.citations, self.figures, self.exercises = citations, figures, exercises
        self.quiz, self.titles = quiz, titles or {}

    def __call__(self, text, *, solutions=True):
        """Plain Markdown; without `solutions`, they are cut."""
        kept = []

        def keep(match):
            kept.append(match[0])
            return f"\0{len(kept) - 1}\0"

        text = re.sub(r"^\([\w-]+\)=\n", "", text, flags=re.MULTILINE)
        text = re.sub(r"^%.*\n?", "", text, flags=re.MULTILINE)
        text = FENCED.sub(lambda match: self._directive(match, solutions) if match["kind"] else keep(match), text)
        text = self._inline(text)
        if left := re.search(r"^(> )?(`{3,}|:{3,})\{?.*", text, re.MULTILINE):
            raise ValueError(f"a directive that was not understood: {left[0]}")
        text = re.sub(r"\0(\d+)\0", lambda match: kept[int(match[1])], text)
        return re.sub(r"\n{3,}", "\n\n", text).strip()

    def _directive(self, match, solutions):
        kind, title, body = match["kind"], self._inline(match["title"].strip()), match["body"].strip()
        options = dict(re.findall(r"^:([\w-]+): *(.*)$", match["options"], re.MULTILINE))
        if kind == "exercise":
            number = self.exercises.index(options["label"]) + 1
            return f"### Exercise {number}. {title}\n\n{body}\n"
        if kind == "solution":
            return quote(f"**Solution.**\n{body}") if solutions else ""
        if kind == "quiz":
            return self.quiz
        if kind == "dropdown" or (kind == "admonition" and "dropdown" in options.get("class", "")):
            return f"<details>\n<summary><b>{as_html(title)}</b></summary>\n\n{body}\n\n</details>"
        if kind == "admonition":
            return quote(f"**{title}**\n\n{body}")
        if kind in {"note", "tip", "warning", "important", "seealso"}:
            return quote(f"**{kind.capitalize()}.** {body}")
        raise ValueError(f"no plain form for the directive {kind!r}")

    def _inline(self, text):
        text = ROLE.sub(self._role, text)
        return LINK.sub(self._link, text)

    def _link(self, match):
        """The words of a link, and the title that it leads to where they don't say it."""
        words, title = match["text"], self.titles.get(match["label"], "")
        named = title.lower() in words.lower() or words.lower() in title.lower()
        words = words if "`" in words else f"*{words}*"
        return words if named else f"{words} (“{title}”)"

    def _role(self, match):
        name, text = match["name"], match["text"]
        with_target = WITH_TARGET.match(text)
        words, target = (with_target[1], with_target[2]) if with_target else (text, text)
        if name in {"term", "doc", "ref"}:
            return words
        if name == "numref":
            return f"figure {self.figures[target]}"
        if name == "download":
            return f"`{words}`"
        if name == "math":
            return f"${text}$"
        keys = [key.strip() for key in text.split(",")]
        if name == "cite:t":
            return self.citations.textual(keys)
        if name == "cite:p":
            return self.citations.in_parentheses(keys)
        raise ValueError(f"no plain form for the role {name!r}")


def quote(text):
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def as_html(title):
    """A title's code and emphasis as HTML, since Markdown isn't read inside of it."""
    title = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(title, quote=False))
    return re.sub(r"\*([^*]+)\*", r"<i>\1</i>", title)
