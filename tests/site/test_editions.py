"""The editions that the site offers: whole, plain, and right when they are run."""

import ast
import os
import re
import zipfile

import nbformat
import numpy as np
import pytest
import yaml
from editions.install import TITLE
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell
from pages import CHAPTERS, ROOT, warnings_of

from helpers.exercises import Checks

# A whole sheet takes as long as its page. These are the quick ones, some of each part; `make sheets` runs all.
QUICK = [
    "workflow/01-what-if", "workflow/03-simulation", "trust/01-many-data-sets", "graphs/01-paths-and-colliders",
    "marketing/01-full-funnel", "real-data/03-who-gains",
]  # fmt: skip
RUN_WHOLE = CHAPTERS if os.environ.get("SHEETS") == "all" else [f"book/{name}" for name in QUICK]
PARTS = sorted({page.split("/")[1] for page in CHAPTERS})
KINDS = ["student", "teacher", "reader"]
RAW = re.compile(
    r"^\s*(>\s*)?(`{3,}|:{3,})\{|^\([\w-]+\)=$|\{(term|cite|ref|numref|doc|download)[:}]|^%( |$)", re.MULTILINE
)
INSTALLS = 'pip install -e ".[notebooks]"'


def from_zip(site, kind, page):
    _, part, name = page.split("/")
    with zipfile.ZipFile(site / "editions" / f"{part}-{kind}.zip") as archive:
        return nbformat.reads(archive.read(f"{part}-{kind}/{name}.ipynb").decode(), as_version=4)


def code_of(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def prose_of(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


@pytest.mark.parametrize("page", CHAPTERS)
def test_the_page_offers_its_editions(parsed, site, page):
    menu = parsed(f"{page}.html").select(".dropdown-download-buttons a[href$='.ipynb']")
    offered = [(site / f"{page}.html").parent / link["href"] for link in menu]
    assert [path.resolve() for path in offered] == [
        site / "editions" / kind / f"{page.removeprefix('book/')}.ipynb" for kind in KINDS
    ]
    for path in offered:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)
        assert notebook.cells[0].source.startswith("# ")
        address = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"]
        assert (address or INSTALLS) in notebook.cells[1].source
        assert code_of(notebook)[0].startswith(TITLE) == bool(address)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("page", CHAPTERS)
def test_the_zip_has_the_same_and_it_reads_without_an_extension(site, page, kind):
    notebook = from_zip(site, kind, page)
    assert notebook == nbformat.read(site / "editions" / kind / f"{page.removeprefix('book/')}.ipynb", as_version=4)
    found = RAW.search(prose_of(notebook))
    assert not found, prose_of(notebook)[found.start() - 40 : found.end() + 60]
    assert len(re.findall(r"^### Exercise \d\. ", prose_of(notebook), re.MULTILINE)) == 3


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_zip_holds_all_chapters_and_what_they_import(site, part, kind):
    with zipfile.ZipFile(site / "editions" / f"{part}-{kind}.zip") as archive:
        held = {name.split("/")[1] for name in archive.namelist()}
    chapters = {f"{page.split('/')[2]}.ipynb" for page in CHAPTERS if page.split("/")[1] == part}
    assert held == chapters | {path.name for path in (ROOT / "book" / part).glob("*.py")}


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_student_s_sheet_gives_no_solution_away(site, page):
    student, teacher, original = (
        from_zip(site, "student", page),
        from_zip(site, "teacher", page),
        ROOT / f"{page}.ipynb",
    )
    solutions = [
        cell.source
        for cell in nbformat.read(original, as_version=4).cells
        if "hide-cell" in cell.metadata.get("tags", [])
    ]
    assert len(solutions) >= 3
    for source in solutions:
        assert source in code_of(teacher) and source not in code_of(student)
    assert "Solution." not in prose_of(student) and "teacher" not in prose_of(student).lower().replace(
        "for teachers", ""
    )
    assert prose_of(teacher).count("**To mark.**") == 3 and "min to read.**" in prose_of(teacher)


def solutions_in(teacher):
    """The code of each exercise's solution, in the teacher's edition."""
    found, inside = [], False
    for cell in teacher.cells:
        if cell.cell_type == "markdown":
            # Where the value to compare with needs the solution's fit, exercise and solution share a cell.
            begins = re.search(r"^> \*\*Solution\.\*\*", cell.source, re.MULTILINE)
            inside = bool(begins) or (inside and not re.match(r"> \*\*The check|#", cell.source))
            if begins:
                found.append([])
        elif inside:
            found[-1].append(cell.source)
    return found


def filled(student, teacher):
    """A sheet in which each answer is first left open, then right, then wrong in each way that the check knows.

    A wrong answer is given to the check itself, so that it never reaches the exercises after it.
    """
    solutions, cells = iter(solutions_in(teacher)), []
    for cell in student.cells:
        cells.append(cell)
        if cell.cell_type == "code" and (asked := re.match(r"check_answer\((\w+)=\1\)$", cell.source)):
            name = asked[1]
            wrong = f"[[meaning, check_answer({name}=one).reply] for meaning, one in check_answer.answers[{name!r}].near.items()]"
            cells += [new_code_cell(source) for source in next(solutions)]
            cells += [
                new_code_cell(cell.source, metadata={"asked": name}),
                new_code_cell(wrong, metadata={"wrong": name}),
            ]
    assert next(solutions, None) is None
    return cells


def checks_of(sheet):
    """The sheet's own check, as its cell makes it."""
    [source] = [source for source in code_of(sheet) if "check_answer = Checks(" in source]
    return Checks(ast.parse(source).body[-1].value.args[0].value)


@pytest.mark.parametrize("page", CHAPTERS)
def test_the_checks_of_a_sheet_know_right_from_wrong(site, page):
    """That the solutions' own answers pass was seen when the page was run (`helpers.exercises.answer`)."""
    sheet = from_zip(site, "student", page)
    check = checks_of(sheet)
    asked = [found[1] for source in code_of(sheet) if (found := re.fullmatch(r"check_answer\((\w+)=\1\)", source))]
    assert sorted(asked) == sorted(check.answers) and len(asked) == 3
    for name, stated in check.answers.items():
        assert [source for source in code_of(sheet) if source.endswith(f"\n{name} = ...")]
        assert check(**{name: stated.right}).reply == "Right."
        assert "is still `...`" in check(**{name: ...}).reply
        for meaning, wrong in stated.near.items():
            assert check(**{name: wrong}).reply == f"Not yet: that is {meaning}."
        if not isinstance(stated.right, str):
            far = np.asarray(stated.right) + 7.3 * (stated.within or 1) + 0.01
            assert not check(**{name: far})


def test_the_quick_sheets_are_of_each_part():
    assert {page.split("/")[1] for page in RUN_WHOLE} == set(PARTS) and set(RUN_WHOLE) <= set(CHAPTERS)


@pytest.mark.parametrize("page", RUN_WHOLE)
def test_a_student_s_sheet_runs_and_its_checks_know_right_from_wrong(site, tmp_path, page):
    """The sheet from the zip, run from top to bottom with the teacher's answers put in below the open ones."""
    part = page.split("/")[1]
    with zipfile.ZipFile(site / "editions" / f"{part}-student.zip") as archive:
        archive.extractall(tmp_path)
    sheet = from_zip(site, "student", page)
    sheet.cells = filled(sheet, from_zip(site, "teacher", page))
    place = {"metadata": {"path": str(tmp_path / f"{part}-student")}}
    NotebookClient(sheet, timeout=600, resources=place, extra_arguments=["--log-level=ERROR"]).execute()

    printed = lambda cell: "".join(output["data"]["text/plain"] for output in cell.outputs if "data" in output)
    opened = [
        printed(cell)
        for cell in sheet.cells
        if cell.source.startswith("check_answer(") and "asked" not in cell.metadata
    ]
    right = {cell.metadata["asked"]: printed(cell) for cell in sheet.cells if "asked" in cell.metadata}
    wrong = [pair for cell in sheet.cells if "wrong" in cell.metadata for pair in ast.literal_eval(printed(cell))]
    assert len(opened) == len(right) == 3 and all("is still `...`" in reply for reply in opened), opened
    assert set(right.values()) == {"Right."}, right
    assert len(wrong) >= 3 and all(reply == f"Not yet: that is {meaning}." for meaning, reply in wrong), wrong
    # PyMC's notes on what it samples may stand on the error stream; a warning may not.
    for cell in sheet.cells:
        cell.metadata["tags"] = ["remove-stderr"]
    assert [text for cell in sheet.cells for text in warnings_of(cell)] == []
