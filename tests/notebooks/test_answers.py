"""What a chapter has to hold, so that a student's sheet and a teacher's edition can be made from it."""

import ast
import builtins
import re

import nbformat
import pytest
from editions.cells import layout, tags
from editions.slices import bound_by
from pages import NOTEBOOKS, ROOT
from test_structure import CHAPTERS, TEMPLATE, names_in


@pytest.fixture(scope="module", params=[*CHAPTERS, TEMPLATE])
def cells(request):
    return nbformat.read(ROOT / f"{request.param}.ipynb", as_version=4).cells


def exercises(cells):
    """For each exercise, its cells from the statement on to the next exercise, or the summary."""
    starts = [place for place, cell in enumerate(cells) if "{exercise}" in cell.source]
    end = next(place for place, cell in enumerate(cells) if re.search(r"^## Summary", cell.source, re.MULTILINE))
    return [cells[start:stop] for start, stop in zip(starts, [*starts[1:], end], strict=True)]


def name_of(cell):
    """The name that a cell's `answer(...)` gives first."""
    calls = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call)]
    call = next(call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "answer")
    return call.args[0].value


def sheet(cells):
    """Pairs of a cell and its code, as a student's sheet has them when the teacher's answers are put in."""
    values, needed = layout(cells)
    for place, cell in enumerate(cells):
        if cell.cell_type == "code" and place not in values:
            if "remove-cell" not in tags(cell):
                yield cell, cell.source
            elif place in needed:
                yield cell, needed[place]


def test_each_exercise_says_which_answer_is_right(cells):
    for place, exercise in enumerate(exercises(cells), start=1):
        stating = [cell for cell in exercise if "answer" in tags(cell)]
        assert len(stating) == 1, f"exercise {place} has {len(stating)} cells tagged answer"
        assert tags(stating[0]) == {"answer", "remove-cell"}
        name = name_of(stating[0])
        solution = [cell.source for cell in exercise if "hide-cell" in tags(cell)]
        given = {bound for source in solution for bound in bound_by(ast.parse(source))}
        assert name in given, f"no solution assigns {name}"


def test_no_answer_is_there_before_it_is_asked_for(cells):
    """Else a sheet that nobody has touched would lose a variable of the chapter, or find an answer in it."""
    asked = [name_of(cell) for cell in cells if "answer" in tags(cell)]
    assert len(set(asked)) == len(asked)
    solutions = {id(cell) for exercise in exercises(cells) for cell in exercise if "hide-cell" in tags(cell)}
    for cell, source in sheet(cells):
        used, bound = names_in(source)
        if id(cell) not in solutions:
            assert not (used | bound) & set(asked), f"{(used | bound) & set(asked)} in: {source[:80]}"


def test_a_sheet_needs_nothing_that_it_leaves_out(cells):
    known = set(dir(builtins))
    for cell, source in sheet(cells):
        used, bound = names_in(source)
        assert not bound & {"Checks", "check_answer"}, "the sheet's own names"
        assert used <= known | bound, f"{used - known - bound} in: {source[:80]}"
        known |= bound


def test_an_untouched_solution_is_needed_by_nothing_but_another_solution(cells):
    """A student who leaves an exercise out still runs the rest."""
    solutions = {id(cell): place for place, exercise in enumerate(exercises(cells)) for cell in exercise}
    by_solution = {}
    for cell, source in sheet(cells):
        used, bound = names_in(source)
        mine = solutions.get(id(cell))
        for name in used - bound:
            assert by_solution.get(name, mine) == mine, f"{name!r} comes from another exercise: {source[:80]}"
        by_solution |= {name: mine for name in bound if mine is not None}


def test_has_notes_for_the_teacher(cells):
    notes = [cell.source for cell in cells if "teacher" in tags(cell)]
    assert all(tags(cell) == {"teacher", "remove-cell"} for cell in cells if "teacher" in tags(cell))
    assert all(cell.cell_type == "markdown" for cell in cells if "teacher" in tags(cell))
    assert notes and notes[0].lstrip("%").strip(), "no note at all"
    marks = [
        any("**To mark.**" in cell.source for cell in exercise if "teacher" in tags(cell))
        for exercise in exercises(cells)
    ]
    assert marks == [True] * 3


def test_the_book_has_chapters():
    assert len(CHAPTERS) > 20 and set(CHAPTERS) <= set(NOTEBOOKS)
