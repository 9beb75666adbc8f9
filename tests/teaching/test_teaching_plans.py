"""The plans for class: clocks and minutes add up, and each chapter, section and exercise that they name exists."""

import re
from itertools import pairwise

import minutes
import nbformat
import pytest
from pages import CHAPTERS, ROOT
from teaching_texts import FOLDER, MARKING, PLANS, PROJECT, below, rows

EXERCISE, QUIZ = 10, 5
LINK = re.compile(r"\]\(([\w-]+)\)")
NAME = re.compile(r"\*([^*]+)\*")
TWO_HOURS, DAY, SEMESTER = (below(PLANS, title) for title in ("Two hours", "A day", "A semester"))
# The pieces of a chapter in the plan of two hours: their first and last section, None for what opens the chapter.
PIECES = {
    "what-if": [
        (None, "What nobody said"),
        ("The classic mistake: more data", "Do it"),
        ("What you have to assume", "Summary"),
    ],
    "interventions": [
        (None, "A world in which ads work"),
        ("When no coefficient is the effect", "When no coefficient is the effect"),
        ("What `do` can't repair: a missing confounder", "A policy instead of a number"),
        ("Doing is not imagining", "Summary"),
    ],
}


def read(page):
    notebook = nbformat.read(ROOT / f"{page}.ipynb", as_version=4)
    label = re.match(r"\(([\w-]+)\)=", notebook.cells[0].source)[1]
    return label, notebook, "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


NOTEBOOKS = {label: (notebook, text) for label, notebook, text in map(read, CHAPTERS)}
SAID = {label: minutes.said_in(notebook) for label, (notebook, _) in NOTEBOOKS.items()}
SECTIONS = {label: set(re.findall(r"^#{2,3} (.+)$", text, re.MULTILINE)) for label, (_, text) in NOTEBOOKS.items()}
EXERCISES = {
    label: set(re.findall(r"^```\{exercise\} (.+)$", text, re.MULTILINE)) for label, (_, text) in NOTEBOOKS.items()
}
SESSIONS = [part.split("\n## ")[0] for part in re.split(r"^### Week ", SEMESTER, flags=re.MULTILINE)[1:]]
WEEKS = [cells for cells in rows(SEMESTER) if len(cells) == 4]
STEPS = {
    "Two hours": [cells[1:3] for cells in rows(TWO_HOURS)],
    "A day": [cells[1:3] for cells in rows(DAY)],
    **{f"week {part.split('.')[0]}": rows(part) for part in SESSIONS},
}


def at(clock):
    """Minutes since midnight."""
    hours, rest = clock.split(":")
    return 60 * int(hours) + int(rest)


def chapters_of(cell):
    return [label for label in LINK.findall(cell) if label in SAID]


@pytest.mark.parametrize(("plan", "total"), [(TWO_HOURS, 120), (DAY, 450)], ids=["two hours", "a day"])
def test_the_clock_goes_on_by_the_minutes(plan, total):
    steps = [(at(clock), int(length)) for clock, length, *_ in rows(plan)]
    for (clock, length), (following, _) in pairwise(steps):
        assert clock + length == following
    assert steps[-1][0] + steps[-1][1] - steps[0][0] == total


def test_the_day_ends_when_it_says():
    clock, length, *_ = rows(DAY)[-1]
    assert at(clock) + int(length) == at("16:30") and "The day ends at half past four." in DAY


@pytest.mark.parametrize("plan", STEPS)
def test_an_exercise_takes_ten_minutes_and_a_quiz_five(plan):
    assert "an exercise ten minutes, a quiz five" in PLANS
    for length, what in STEPS[plan]:
        if what.startswith("exercise "):
            assert int(length) == EXERCISE, what
        if what.startswith("exercises "):  # on a case of one's own, which takes longer to find
            assert int(length) >= EXERCISE * len(NAME.findall(what)), what
        if what.startswith("quiz of"):
            assert int(length) == QUIZ, what


@pytest.mark.parametrize("week", [plan for plan in STEPS if plan.startswith("week")])
def test_a_session_takes_ninety_minutes(week):
    assert sum(int(length) for length, _ in STEPS[week]) == 90 and "one session of ninety minutes a week" in SEMESTER


def test_the_semester_has_twelve_weeks_and_as_many_sessions():
    numbers = list(range(1, 13))
    assert [int(week) for week, *_ in WEEKS] == numbers == [int(part.split(".")[0]) for part in SESSIONS]
    assert all("**Goal.** " in part and "**Prepare.** " in part for part in SESSIONS)


def test_a_chapter_takes_what_its_box_says():
    """In the day whole chapters; in the semester the sum of a week's reading. And the box is right, within two."""
    whole = [(int(length), what) for _, length, what, *_ in rows(DAY) if "all of it" in what]
    assert len(whole) == 5
    for length, what in whole:
        (label,) = chapters_of(what)
        assert length == SAID[label], label
    for week, reading, length, _ in WEEKS:
        if chapters := chapters_of(reading):
            assert int(length) == sum(SAID[label] for label in chapters), week
    for label, (notebook, _) in NOTEBOOKS.items():
        assert abs(minutes.minutes_of(notebook) - SAID[label]) <= 2, label


def test_the_reading_is_as_long_as_promised():
    assert "between forty and seventy-five minutes" in SEMESTER
    assert all(40 <= int(length) <= 75 for _, _, length, _ in WEEKS)
    longest = max(WEEKS, key=lambda week: len(chapters_of(week[1])))
    assert longest[0] == "7" and "This is the fullest week" in SESSIONS[6]


def test_what_the_semester_leaves_out_is_named():
    read = {label for _, reading, *_ in WEEKS for label in chapters_of(reading)}
    named = chapters_of(SEMESTER.split("**Left out")[1].split("### Week 1")[0])
    left = set(SAID) - read
    assert left and left <= set(named)
    # What it proposes in their place was read in another week, or is one of them.
    assert set(named) - left <= read


@pytest.mark.parametrize("label", PIECES)
def test_two_hours_give_each_piece_its_time(label):
    """Section by section, give or take what rounding and a figure on the board make."""
    exact = [(name, took) for name, took in minutes.sections_of(NOTEBOOKS[label][0])]
    names = [name for name, _ in exact]
    planned = [int(length) for length, what in STEPS["Two hours"] if f"]({label})" in what]
    assert len(planned) == len(PIECES[label])
    for (first, last), length in zip(PIECES[label], planned):
        inside = exact[names.index(first) : names.index(last) + 1]
        assert abs(sum(took for name, took in inside if name != "Exercises") - length) <= 1.3, (label, first)


def test_pieces_are_those_that_the_plan_names():
    for label, pieces in PIECES.items():
        cells = [what for _, what in STEPS["Two hours"] if f"]({label})" in what]
        for (first, last), cell in zip(pieces, cells, strict=True):
            assert f"*{last}*" in cell, last
            assert first is None or f"*{first}*" in cell or ("can't repair" in cell and "can't repair" in first)


def test_sections_named_beside_a_chapter_are_its_own():
    named = 0
    for plan, steps in STEPS.items():
        for _, what in steps:
            found = re.match(r"\[([^\]]+)\]\(([\w-]+)\)(.*)", what)
            if not found or found[2] not in SECTIONS:
                continue
            for name in NAME.findall(found[3]):
                named += 1
                assert name in SECTIONS[found[2]] or name == "Summary", (plan, found[2], name)
    assert named > 40


def test_a_quiz_is_called_by_its_chapter_and_was_read_for():
    """By the words of the link beside which it stands; a week's quizzes are those of its reading."""
    link = re.compile(r"\[([^\]]+)\]\(([\w-]+)\)")
    quizzes = {
        plan: [NAME.findall(what)[0] for _, what in steps if what.startswith("quiz")] for plan, steps in STEPS.items()
    }
    read = {plan: dict(found for _, what in STEPS[plan] for found in link.findall(what)) for plan in list(STEPS)[:2]}
    read |= {f"week {week}": dict(link.findall(reading)) for week, reading, *_ in WEEKS}
    for plan, names in quizzes.items():
        for name in names:
            assert read[plan].get(name) in SAID, (plan, name)
    assert sum(map(len, quizzes.values())) > 20


def test_exercises_belong_to_a_chapter_that_was_read():
    two_hours = {label for _, what in STEPS["Two hours"] for label in chapters_of(what)}
    day = {label for _, what in STEPS["A day"] for label in chapters_of(what)}
    for plan, chapters in (("Two hours", two_hours), ("A day", day)):
        known = set().union(*(EXERCISES[label] for label in chapters))
        done = {name for _, what in STEPS[plan] if what.startswith("exercise") for name in NAME.findall(what)}
        assert done and done <= known, (plan, done - known)
    for (week, reading, _, homework), session in zip(WEEKS, SESSIONS, strict=True):
        known = set().union(*(EXERCISES[label] for label in chapters_of(reading)))
        in_class = {name for _, what in rows(session) if what.startswith("exercise") for name in NAME.findall(what)}
        at_home = set(NAME.findall(homework))
        assert in_class | at_home <= known, (week, (in_class | at_home) - known)
        assert not in_class & at_home, f"week {week}: what was done in class isn't homework"
        assert int(week) > 10 or len(at_home) >= 2


def test_exercises_left_out_of_a_plan_exist():
    every = set().union(*EXERCISES.values())
    left = NAME.findall(DAY.split("Left out:")[1].split("\n")[0])
    assert left and set(left) <= every
    (example,) = re.findall(r"The exercise is \*([^*]+)\*, in \[[^\]]+\]\(([\w-]+)\)", MARKING)
    assert example[0] in EXERCISES[example[1]]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("**/*.md")), ids=lambda path: path.stem)
def test_labels_exist(path):
    known = set(SAID)
    for other in ROOT.glob("book/**/*.md"):
        known |= set(re.findall(r"^\(([\w-]+)\)=", other.read_text(), re.MULTILINE))
    for notebook in ROOT.glob("book/*/*.ipynb"):
        known |= set(re.findall(r'"\(([\w-]+)\)=', notebook.read_text()))
    text = path.read_text()
    for label in [*LINK.findall(text), *re.findall(r"\{ref\}`[^<`]*<([\w-]+)>`", text)]:
        assert label in known, label


def test_homework_that_is_talked_about_is_the_week_before_s():
    said = [
        (week, int(found))
        for week, part in enumerate(SESSIONS, 1)
        for found in re.findall(r"homework of week (\d+)", part)
    ]
    assert said and all(before == week - 1 for week, before in said)


def test_groups_of_the_last_week_fit():
    length, what = rows(SESSIONS[11])[0]
    assert what.startswith("six groups, ten minutes each") and int(length) == 6 * 10
    assert "takes weeks 11 and 12, in groups of two or three" in PLANS and "**Groups** of two or three." in PROJECT
