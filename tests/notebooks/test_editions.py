"""Editions of a small chapter: what is cut, what is kept, and how it reads without an extension."""

import ast
import copy
import zipfile

import nbformat
import pytest
from editions.cells import Chapter
from editions.citations import Citations
from editions.files import write_editions
from editions.install import TITLE
from editions.plain import Plain
from editions.slices import needed_of_hidden
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from pages import ROOT

BIBLIOGRAPHY = ROOT / "book" / "references.bib"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
CELLS = [
    new_markdown_cell("(small)=\n# A small chapter\n\nIt cites {cite:t}`pearl2018why`.\n% a note to the author"),
    new_markdown_cell("> **For the teacher.** Ask first.", metadata={"tags": ["teacher", "remove-cell"]}),
    new_code_cell("from IPython.display import Markdown\nSEED = 42"),
    new_markdown_cell("## Sums\n\nHold the {term}`confounders <confounder>`, as [page two](page-two) says."),
    new_code_cell("both = 1 + 1", metadata={"mystnb": {"figure": {"name": "fig-small", "caption": "A *sum*."}}}),
    new_code_cell("told = both\nassert told == 2", metadata={"tags": ["remove-cell"]}),
    new_code_cell("Markdown(f'It is {told}.')", metadata={"tags": ["remove-input"]}),
    new_markdown_cell("## Exercises\n\n```{exercise} Predict: more\n:label: ex-small-1\nAdd 2 and 3.\n```"),
    new_code_cell("Markdown(f'You should get {both + 3}.')", metadata={"tags": ["remove-input"]}),
    new_markdown_cell("```{solution} ex-small-1\n:class: dropdown\nCount on.\n```"),
    new_code_cell("more = both + 3\nmore", metadata={"tags": ["hide-cell"]}),
    new_code_cell("assert more == 5", metadata={"tags": ["remove-cell"]}),
    new_code_cell(
        "from helpers.exercises import answer\n\nanswer('more', 'the sum', more, near={'the first number': both})",
        metadata={"tags": ["answer", "remove-cell"]},
    ),
    new_markdown_cell("> **To mark.** The sum.", metadata={"tags": ["teacher", "remove-cell"]}),
    new_markdown_cell("## Quiz\n\n```{quiz} small.quiz.yml\n```"),
    new_markdown_cell("## Summary\n\nSums are sums."),
]
QUIZ = [
    {
        "question": "What is `1 + 1`?",
        "answers": [
            {"text": "Two.", "reply": "One more than one.", "right": True},
            {"text": "Eleven.", "reply": "That is text.", "right": False},
        ],
    }
]


@pytest.fixture(scope="module")
def chapter():
    notebook = new_notebook(cells=CELLS, metadata=KERNEL)
    NotebookClient(notebook, timeout=60, extra_arguments=["--log-level=ERROR"]).execute()
    return Chapter(notebook, BIBLIOGRAPHY, QUIZ, {"page-two": "The second page"})


def sources(chapter, kind):
    return [cell.source for cell in chapter.edition(kind, opening="> It runs.").cells]


def test_the_student_s_sheet_has_no_solution_and_a_check(chapter):
    text = "\n".join(sources(chapter, "student"))
    assert "# more: the sum\nmore = ..." in sources(chapter, "student")
    assert "check_answer(more=more)" in sources(chapter, "student")
    assert [one for one in sources(chapter, "student") if one.startswith("<details>") and "You should get 5." in one]
    assert "> You should get 5." in sources(chapter, "teacher")
    assert "Count on" not in text and "both + 3" not in text and "For the teacher" not in text and "To mark" not in text


def test_the_teacher_s_edition_has_solutions_minutes_and_notes(chapter):
    text = "\n".join(sources(chapter, "teacher"))
    for part in (
        "> **Solution.**\n> Count on.",
        "more = both + 3",
        "> **1 min to read.**",
        "**For the teacher.** Ask first.",
        "**To mark.**",
    ):
        assert part in text
    assert "takes `more` for right at 5. It knows as wrong: the first number (2)." in text
    assert "Solutions of 2 lines of code in all" in text


def test_the_reader_s_edition_has_solutions_and_no_notes(chapter):
    text = "\n".join(sources(chapter, "reader"))
    assert "more = both + 3" in text
    assert "teacher" not in text and "check" not in text


@pytest.mark.parametrize("kind", ["student", "teacher", "reader"])
def test_each_edition_runs_alone_and_reads_plainly(chapter, kind):
    edition = chapter.edition(kind, opening="> It runs.")
    nbformat.validate(edition)
    text = "\n".join(cell.source for cell in edition.cells if cell.cell_type == "markdown")
    assert "as *page two* (“The second page”) says" in text
    marked = "✓ " if kind == "teacher" else ""
    assert (
        f"**1.** What is `1 + 1`?\n\n<details>\n<summary>{marked}Two.</summary>\n\n**Right.** One more than one."
        in text
    )
    assert "<summary>Eleven.</summary>\n\n**Not quite.** That is text." in text
    assert "Hold the confounders" in text and "*Figure 1.* A *sum*." in text
    assert "Pearl and Mackenzie (2018)" in text and "- Judea Pearl and Dana Mackenzie." in text
    assert text.startswith("# A small chapter") and "{" not in text and "note to the author" not in text
    assert "assert" not in "\n".join(sources(chapter, kind))
    NotebookClient(edition, timeout=60, extra_arguments=["--log-level=ERROR"]).execute()
    assert [cell for cell in edition.cells if "It is 2." in str(cell.get("outputs"))]


PLAIN = {
    ":::{dropdown} Why does `do` cut?\nIt *does*.\n:::": "<details>\n<summary><b>Why does <code>do</code> cut?</b></summary>\n\nIt *does*.\n\n</details>",
    "```{admonition} The mistake\n:class: warning\nMore.\n\nAnd more.\n```": "> **The mistake**\n>\n> More.\n>\n> And more.",
    "```{admonition} Ask\n:class: dropdown\nNo.\n```": "<details>\n<summary><b>Ask</b></summary>\n\nNo.\n\n</details>",
    "```{note}\nSo.\n```": "> **Note.** So.",
    "See {numref}`fig-a`, {download}`company.py`, {doc}`this </book/a>`.": "See figure 3, `company.py`, this.",
    "As shown {cite:p}`pearl2018why,kruschke2013best`.": "As shown (Pearl and Mackenzie 2018; Kruschke 2013).",
    "[`recover`](helpers-api) and [a page](a-page), [out](https://example.org)": "`recover` (“The helpers module”) and *a page*, [out](https://example.org)",
    "```python\nx = {'a': [1](b)}\n```\n[a page](a-page)": "```python\nx = {'a': [1](b)}\n```\n*a page*",
    "`{term}` and $x_{i}$ stay": "`{term}` and $x_{i}$ stay",
}  # fmt: skip


@pytest.mark.parametrize(("written", "expected"), PLAIN.items())
def test_markdown_becomes_plain(written, expected):
    titles = {"helpers-api": "The helpers module", "a-page": "A page"}
    assert Plain(Citations(BIBLIOGRAPHY), {"fig-a": 3}, [], titles=titles)(written) == expected


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("```{tab-set}\nx\n```", "no plain form for the directive 'tab-set'"),
        ("{kbd}`x`", "no plain form for the role 'kbd'"),
        ("{cite:t}`nobody1900`", "no work 'nobody1900'"),
        (":::{note}\nnever closed", "not understood"),
    ],
)
def test_what_has_no_plain_form_is_an_error(written, message):
    with pytest.raises(ValueError, match=message):
        Plain(Citations(BIBLIOGRAPHY), {}, [])(written)


@pytest.mark.parametrize(
    ("hidden", "later", "expected"),
    [
        ("a = 1\nb = 2\nassert a", "print(b)", "b = 2"),
        ("a = 1\nb = a", "print(b)", "a = 1\nb = a"),
        ("k = 1\ndef f(x):\n    return x + k", "f(2)", "k = 1\ndef f(x):\n    return x + k"),
        ("for a in (1, 2):\n    assert a", "print(a)", None),
        ("table['new'] = 1", "print(table)", "table['new'] = 1"),
        ("a = 1", "a = 2\nprint(a)", None),
        ("import numpy as np", "np.pi", "import numpy as np"),
        ("total = 0\ntotal += 1", "print(total)", "total = 0\ntotal += 1"),
    ],
)
def test_of_hidden_code_what_is_needed_is_kept(hidden, later, expected):
    found = needed_of_hidden([new_code_cell(hidden), new_code_cell(later)], {0}, set())
    assert found.get(0) == expected
    ast.parse(found.get(0, ""))


def written(folder, notebook, out, **repository):
    """The editions of a part with one chapter and two modules beside it, of which one imports the other."""
    book = folder / "source" / "book"
    (book / "part").mkdir(parents=True, exist_ok=True)
    (book / "references.bib").write_bytes(BIBLIOGRAPHY.read_bytes())
    (book / "part" / "shop.py").write_text("import till\n")
    (book / "part" / "till.py").write_text("x = 1\n")
    nbformat.write(notebook, book / "part" / "01-small.ipynb")
    write_editions(book, folder / out, ["book/part/01-small"], **repository)
    return folder / out


def test_a_part_is_one_zip_an_edition_the_same_each_time(chapter, tmp_path):
    once, again = (written(tmp_path, chapter.notebook, out) for out in ("once", "again"))
    zips = sorted(path.name for path in once.glob("*.zip"))
    assert zips == ["part-reader.zip", "part-student.zip", "part-teacher.zip"]
    for name in zips:
        assert (once / name).read_bytes() == (again / name).read_bytes()
        held = zipfile.ZipFile(once / name).namelist()
        assert held == [f"{name.removesuffix('.zip')}/{file}" for file in ("01-small.ipynb", "shop.py", "till.py")]


@pytest.mark.parametrize("kind", ["student", "teacher", "reader"])
@pytest.mark.parametrize("url", ["", "https://example.org/book"])
def test_the_first_cell_installs_where_the_book_s_address_is_known(chapter, tmp_path, kind, url):
    notebook = copy.deepcopy(chapter.notebook)
    imports = next(cell for cell in notebook.cells if cell.cell_type == "code")
    imports.source = f"import shop\n{imports.source}"
    out = written(tmp_path, notebook, "out", url=url, branch="next")
    edition = nbformat.read(out / kind / "part" / "01-small.ipynb", as_version=4)
    note, code = edition.cells[1].source, [cell for cell in edition.cells if cell.cell_type == "code"]
    assert "`shop.py` and `till.py`" in note
    if url:
        first = code.pop(0)
        assert first == edition.cells[2] and first.source.startswith(TITLE) and first.metadata["cellView"] == "form"
        assert first.source.endswith(f'install_book("{url}", "next", ["book/part/shop.py", "book/part/till.py"])')
        assert f"The first cell of code installs the rest, with `shop.py` and `till.py`, from {url}" in note
    else:
        assert 'pip install -e ".[notebooks]"` in a clone' in note
    assert code[0].source == imports.source
    assert ("check_answer = Checks(" in code[1].source) == (kind == "student")
    assert not any("install_book" in cell.source for cell in code)
