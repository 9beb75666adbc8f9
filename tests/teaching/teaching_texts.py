"""The exam, its answers and the pages for class as data: what the tests read, so that it isn't typed a second time."""

import re

from pages import ROOT

FOLDER = ROOT / "book/teaching"
EXAM = (FOLDER / "_apart/exam.md").read_text()
ANSWERS = (FOLDER / "_apart/exam-answers.md").read_text()
PROJECT = (FOLDER / "project.md").read_text()
PROJECT_ANSWERS = (FOLDER / "_apart/project-answers.md").read_text()
PLANS = (FOLDER / "plans.md").read_text()
MARKING = (FOLDER / "marking.md").read_text()
QUESTIONS = range(1, 21)
CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def question(number):
    """A question of the exam, from its heading to the next."""
    return _numbered(EXAM, number)


def answer(number):
    """What the teacher's answers say of a question."""
    return _numbered(ANSWERS, number)


def _numbered(text, number):
    found = re.search(rf"^### {number}\. .*?(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"no question {number}"
    return found[0]


def part(text, letter):
    """What stands below a letter, 'a. …', to the next letter or to the first mistake to expect."""
    found = re.search(rf"^{letter}\. (.*?)(?=^[a-d]\. |^\*\*Expect|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"no part {letter} in {text[:40]!r}"
    return found[1]


def letters(text):
    """The letters of a question's parts."""
    return re.findall(r"^([a-d])\. ", text, re.MULTILINE)


def below(text, heading):
    """What stands below a heading of the second level."""
    assert f"## {heading}\n" in text, heading
    return text.split(f"## {heading}\n", 1)[1].split("\n## ")[0]


def rows(text):
    """The rows of all tables of a text, as lists of cells, without heads and rules."""
    lines = text.split("\n")
    rule = re.compile(r"\|[-| ]+\|$")
    kept = [
        line
        for line, following in zip(lines, [*lines[1:], ""])
        if line.startswith("|") and not rule.match(line) and not rule.match(following)
    ]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in kept]


def numbers(text):
    """Every number of a text: a sign that prints made one that counts, no comma between thousands."""
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text.replace("−", "-"))
    return [float(found) for found in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?", plain)]


def number(text):
    """The first number of a text."""
    return numbers(text)[0]


def bold(text):
    """The numbers that stand in bold print, which is where an answer has its results."""
    return [value for words in re.findall(r"\*\*(.+?)\*\*", text) for value in numbers(words)]


def expected(which, letter):
    """The wrong number that the answers foretell for a part: '**Expect** 164 in b'."""
    found = re.search(rf"\*\*Expect\*\* (\S+)(?: in 100)? in {letter}\b", answer(which))
    assert found, f"question {which} foretells no mistake in {letter}"
    return number(found[1])


def rounded(printed, value, within=0):
    """Whether a printed number is a value, rounded; `within` is what chance may add."""
    digits = len(printed.strip("*").partition(".")[2])
    return abs(number(printed) - value) <= within + 0.51 * 10**-digits
