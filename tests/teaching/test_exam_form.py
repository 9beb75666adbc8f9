"""The exam as a sheet of paper: twenty questions, a hundred points, an answer to each, and nothing from the quizzes."""

import math
import re
from itertools import pairwise

import pytest
from pages import ROOT
from quiz_files import read_quiz
from teaching_texts import ANSWERS, EXAM, PLANS, QUESTIONS, answer, below, letters, number, question, rounded, rows

HEADING = re.compile(r"^### (\d+)\. (.+) \((\d+)(?: points)?\)$", re.MULTILINE)
RUN = [5, 7, 8, 13]  # The questions whose tables are real runs'.
SHINGLE = 12  # So many words in a row, and a sentence is the same sentence.
WORDS = {"two": 2, "three": 3, "five": 5, "six": 6, "nine": 9, "ten": 10, "twenty": 20}


def headings(text):
    """Number, title and points of each question."""
    return [(int(which), title, int(points)) for which, title, points in HEADING.findall(text)]


POINTS = {which: points for which, _, points in headings(EXAM)}


def shingles(text):
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[start : start + SHINGLE]) for start in range(len(words) - SHINGLE + 1)}


def test_twenty_questions_and_a_hundred_points():
    assert list(POINTS) == list(QUESTIONS) and sum(POINTS.values()) == 100
    assert "twenty questions, 100 points" in EXAM.split("\n## ")[0]
    assert f"of questions {', '.join(map(str, RUN[:-1]))} and {RUN[-1]} anew" in ANSWERS.split("\n**In general")[0]


@pytest.mark.parametrize("which", QUESTIONS)
def test_parts_add_up_to_the_question(which):
    _, *parts = re.findall(r"\((\d+) points?\b[^)]*\)", question(which))
    assert not parts or sum(map(int, parts)) == POINTS[which]


@pytest.mark.parametrize("which", QUESTIONS)
def test_each_part_has_an_answer(which):
    asked, answered = letters(question(which)), letters(answer(which))
    if which == 1:  # The one whose four answers stand in a line.
        answered = re.findall(r"\b([a-d]) (?:seeing|doing|imagining)\b", answer(which).split("\n\n")[1])
    assert answered == asked
    assert "**Expect**" in answer(which), "a likely mistake"


def value_of(term):
    """A term of a formula, computed; None where it isn't a sum of numbers."""
    plain = term.replace("\\cdot", "*").replace("−", "-").replace("^", "**")
    plain = re.sub(r"\\sqrt\{([^{}]*)\}", r"sqrt(\1)", plain).strip()
    if not plain or re.search(r"[A-Za-z\\\[\]{}]", plain.replace("sqrt", "")):
        return None
    return eval(plain, {"sqrt": math.sqrt})


@pytest.mark.parametrize("which", QUESTIONS)
def test_each_sum_of_the_answers_comes_out(which):
    """Each formula's terms are equal, but for rounding, to each other and to the bold number that ends it."""
    for formula, result in re.findall(r"\$([^$]*(?:=|\\approx)[^$]*)\$(?: \*\*([−\d.]+))?", answer(which)):
        terms = [term.strip() for term in re.split(r"=|\\approx", formula)]
        if not terms[-1]:
            assert result, formula
            terms[-1] = result
        values = [(term, value_of(term)) for term in terms if value_of(term) is not None]
        for (_, value), (term, following) in pairwise(values):
            plain = re.fullmatch(r"[−\d.]+", term)
            assert rounded(term, value) if plain else math.isclose(value, following), (formula, term)


def test_answers_have_the_titles_and_points_of_the_questions():
    assert headings(ANSWERS) == headings(EXAM)


def test_points_of_the_five_parts():
    table = rows(ANSWERS.split("\n## ")[0])
    assert [name for name, *_ in table] == ["Workflow", "Trust", "Graphs", "Marketing", "Real data"]
    for name, span, points in table:
        found = headings(below(EXAM, name))
        assert headings(below(ANSWERS, name)) == found
        assert span == f"{found[0][0]} to {found[-1][0]}"
        assert int(points) == sum(points for *_, points in found)


def test_what_is_said_of_time_and_of_questions_to_drop():
    left = re.search(r"drop questions (\d+), (\d+) and (\d+): (\d+) points remain", ANSWERS)
    dropped, remain = map(int, left.groups()[:3]), int(left[4])
    assert remain == 100 - sum(POINTS[which] for which in dropped)
    assert EXAM.split("\n\n")[1].startswith("Two hours,"), "and the plans say the same:"
    assert "The exam takes two hours and has twenty questions, a hundred points in all" in PLANS
    assert 1 < 120 / 100 < 1.5 and "a point is worth a little more than a minute" in EXAM
    out = re.search(
        r"leave out questions (\d+) and (\d+) of the exam, which are (\w+) points, and give (\w+) minutes", PLANS
    )
    points = POINTS[int(out[1])] + POINTS[int(out[2])]
    assert WORDS[out[3]] == points and abs(WORDS[out[4]] - 1.2 * points) < 1
    assert {int(out[1]), int(out[2])} <= {which for which, *_ in headings(below(EXAM, "Marketing"))}


def test_the_plan_says_how_many_questions_a_part_has():
    said = re.search(r"five parts: (.*?)\.", PLANS)[1]
    counts = re.findall(r"(\w+)(?: questions)? on (?:the )?(workflow|trust|graphs|marketing|real data)", said)
    assert {name: WORDS[count] for count, name in counts} == {
        name.lower(): len(headings(below(EXAM, name)))
        for name in ("Workflow", "Trust", "Graphs", "Marketing", "Real data")
    }


def test_no_question_is_one_of_a_quiz():
    """Word by word: no twelve words in a row stand in a question of the exam and in a quiz."""
    paths = sorted(ROOT.glob("book/*/*.quiz.yml"))
    assert len(paths) > 20
    asked = {which: shingles(question(which)) for which in QUESTIONS}
    for path in paths:
        for one in read_quiz(path):
            known = shingles(one["question"]).union(*(shingles(each["text"]) for each in one["answers"]))
            known |= {" ".join(re.findall(r"\w+", one["question"].lower()))}  # one that is shorter than that
            for which, ours in asked.items():
                assert not known & ours, (path.name, which, known & ours)


def test_students_dont_meet_it_on_the_site():
    """The exam is no page, and each question's number is the one that its answer has."""
    assert "_apart" not in (ROOT / "_toc.yml").read_text()
    assert [number(title) for title in re.findall(r"^### .*", EXAM, re.MULTILINE)] == list(QUESTIONS)
