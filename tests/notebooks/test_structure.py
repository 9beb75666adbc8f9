"""The anatomy that each chapter has, so that a reader finds the same things in the same places."""

import ast
import builtins
import re
from collections import Counter
from difflib import get_close_matches

import claims
import minutes
import nbformat
import pytest
from pages import NOTEBOOKS, PAGES, ROOT

CHAPTERS = sorted(str(path.relative_to(ROOT).with_suffix("")) for path in ROOT.glob("book/*/[0-9]*.ipynb"))
TEMPLATE = "book/_template"  # What one copies to write a chapter is a chapter itself.
EVERY_NOTEBOOK = [*dict.fromkeys([*NOTEBOOKS, *CHAPTERS]), TEMPLATE]
PLOTS = re.compile(r"\bplot_\w+\(|\bplt\.(?!style|rcParams)|\bsns\.|\bdraw_dag\(")
DECIMAL = re.compile(r"(?<![\w.$\\{])-?\d+\.\d+(?![\w.}])")
NETWORK = re.compile(r"https?://|urllib|requests\.|read_csv\(['\"]http")
# What the first cell is made of, in this order.
OPENING = {
    "a label, a title and opening sentences": r"\([a-z0-9-]+\)=\n# .+\n\n([^>\n].*\n+)+",
    "'> **In this chapter** you will'": r"> \*\*In this chapter\*\* you will\n",
    "three to five objectives, '> - verb …,', a full stop after the last": r"(> - [a-z].*,\n){2,4}> - [a-z].*\.\n",
    "a line '>' below the objectives": r">\n",
    "'> **Time:** N minutes to read, … to run.'": r"> \*\*Time:\*\* \d+ minutes to read, .+ to run\.\n",
    "'> **Know first:** ….', with a link or a term": r"> \*\*Know first:\*\* .*(\]\(|\{term\}).*\.\n",
    "'> **Rung of the ladder:** ….' as the last line of the box": r"> \*\*Rung of the ladder:\*\* .+\.(\n\n|\Z)",
}


@pytest.fixture(scope="module")
def read():
    return lambda page: nbformat.read(ROOT / f"{page}.ipynb", as_version=4)


def labels_of_the_book():
    """Labels of pages, sections, figures and exercises, of the chapters and of the reference pages."""
    notebooks = [nbformat.read(ROOT / f"{page}.ipynb", as_version=4) for page in EVERY_NOTEBOOK]
    others = [(ROOT / f"{page}.md").read_text() for page in PAGES if page not in NOTEBOOKS]
    found = [label for notebook in notebooks for label in labels_in(notebook)]
    return found + [label for text in others for label in re.findall(r"^\(([\w-]+)\)=", text, re.MULTILINE)]


def check_known(what, names, valid):
    """Fail for the first name that nothing has, with the nearest that something has."""
    for name in names:
        near = get_close_matches(name, valid, n=1, cutoff=0.3)
        assert name in valid, f"no {what} {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")


def tags(cell):
    return cell.metadata.get("tags", [])


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def labels_in(notebook):
    """Labels of the title, the exercises and the figures."""
    form = re.compile(r"^(?:\((?=[\w-]+\)=$)|:label: )([\w-]+)", re.MULTILINE)
    found = [label for text in prose(notebook) for label in form.findall(text)]
    return found + [cell.metadata["mystnb"]["figure"]["name"] for cell in code(notebook) if "mystnb" in cell.metadata]


def without_code(text):
    """Markdown without code blocks, formulas and literals."""
    text = re.sub(r"^(```|~~~)\w*\n.*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    # The fences of directives, whose three backticks would pair up with those of literals.
    text = re.sub(r"^(```|~~~|:::).*$", "", text, flags=re.MULTILINE)
    return re.sub(r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`", "", text, flags=re.DOTALL)


def names_in(source):
    """The names that a cell's code uses, and those that it or an import in it binds."""
    nodes = list(ast.walk(ast.parse(source)))
    used = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    bound = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    bound |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    bound |= {node.name for node in nodes if isinstance(node, ast.ExceptHandler) and node.name}
    bound |= {
        (alias.asname or alias.name).split(".")[0]
        for node in nodes
        for alias in getattr(node, "names", ())
        if isinstance(alias, ast.alias)
    }
    return used, bound


LABELS = labels_of_the_book()
GLOSSARY = (ROOT / "book/reference/glossary.md").read_text().lower()
TERMS = set(re.findall(r"^(\S.*)\n(?=  )", GLOSSARY, re.MULTILINE))
KEYS = set(re.findall(r"^@\w+\{([^,]+),", (ROOT / "book/references.bib").read_text(), re.MULTILINE))


@pytest.mark.parametrize("page", CHAPTERS)
def test_is_in_the_table_of_contents(page):
    assert page in PAGES, f"add '- file: {page}' to its part in _toc.yml"


def test_every_page_of_the_table_of_contents_is_written():
    missing = [page for page in PAGES if not any((ROOT / f"{page}.{kind}").exists() for kind in ("ipynb", "md"))]
    assert missing == []


def test_each_label_is_given_once():
    twice = [label for label, count in Counter(LABELS).items() if count > 1]
    assert twice == []


def test_the_template_runs_and_its_claims_hold():
    result = claims.run(ROOT / f"{TEMPLATE}.ipynb", 42)
    assert result["claims"] and not result["failed"], result["failed"]


@pytest.mark.parametrize("page", EVERY_NOTEBOOK)
class TestNotebook:
    def test_is_valid_and_runs_with_any_python_3(self, read, page):
        notebook = read(page)
        nbformat.validate(notebook)
        assert notebook.metadata.kernelspec.name == "python3"

    def test_begins_with_a_label_and_its_only_title(self, read, page):
        first, *rest = prose(read(page))
        assert re.match(r"\([a-z0-9-]+\)=\n# \S", first), first[:80]
        titles = [line for text in [first, *rest] for line in without_code(text).split("\n") if line.startswith("# ")]
        assert len(titles) == 1, titles

    def test_stores_no_outputs(self, read, page):
        run = [cell.source[:60] for cell in code(read(page)) if cell.outputs or cell.execution_count]
        assert run == [], "clear them: .venv/bin/nbstripout --keep-id book/*/*.ipynb"

    def test_sets_the_seed_where_it_imports(self, read, page):
        """Once a notebook, or once in each of several versions of the same code side by side."""
        seeded = [cell for cell in code(read(page)) if re.search(r"^SEED = 42$", cell.source, re.MULTILINE)]
        assert seeded, "no cell says SEED = 42"
        assert all(re.match(r"(#[^\n]*\n)*(import|from) ", cell.source) for cell in seeded)

    def test_filters_no_warnings(self, read, page):
        assert not any(re.search(r"warnings\.|filterwarnings", cell.source) for cell in code(read(page)))

    def test_asserts_its_claims_out_of_sight(self, read, page):
        claims_of = [cell for cell in code(read(page)) if "remove-cell" in tags(cell) and "assert " in cell.source]
        assert claims_of, "no cell tagged remove-cell asserts anything"

    def test_figures_have_alt_text_caption_and_name(self, read, page):
        for cell in code(read(page)):
            if {"remove-cell", "remove-output"} & set(tags(cell)) or not PLOTS.search(cell.source):
                continue
            settings = cell.metadata.get("mystnb", {})
            start = cell.source.split("\n")[0]
            assert len(settings.get("image", {}).get("alt", "").split()) >= 4, f"no alt text: {start}"
            figure = settings.get("figure", {})
            assert figure.get("caption") and figure.get("name"), f"no caption or name: {start}"

    def test_live_figures_have_alt_text_caption_and_name(self, read, page):
        for cell in code(read(page)):
            calls = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call)]
            for call in calls:
                if getattr(call.func, "id", None) != "live_figure":
                    continue
                alt = next(ast.literal_eval(given.value) for given in call.keywords if given.arg == "alt")
                assert len(alt.split()) >= 8, f"alt text of a live figure says what there is to see: {alt}"
                figure = cell.metadata.get("mystnb", {}).get("figure", {})
                assert figure.get("caption") and figure.get("name"), f"no caption or name: {alt}"

    def test_prose_holds_no_typed_result(self, read, page):
        typed = [number for text in prose(read(page)) for number in DECIMAL.findall(without_code(text))]
        assert typed == [], "numbers in sentences are printed by the cell that computed them"

    def test_links_by_label(self, read, page):
        links = [target for text in prose(read(page)) for target in re.findall(r"\]\(([^)]+)\)", text)]
        files = [target for target in links if re.search(r"\.(ipynb|md|html)\b", target)]
        assert files == [], "link by label, so that a moved page takes its links along"

    def test_what_it_refers_to_exists(self, read, page):
        text = "\n".join(prose(read(page)))
        labels = re.findall(r"\]\(([\w-]+)\)|\{(?:ref|numref)\}`(?:[^`<]*<)?([\w-]+)>?`", text)
        terms = [re.sub(r".*<(.*)>", r"\1", term).lower() for term in re.findall(r"\{term\}`([^`]+)`", text)]
        keys = [key.strip() for some in re.findall(r"\{cite:\w+\}`([^`]+)`", text) for key in some.split(",")]
        check_known("label", ["".join(pair) for pair in labels], LABELS)
        check_known("term of the glossary", terms, TERMS)
        check_known("key of references.bib", keys, KEYS)

    def test_what_is_shown_needs_nothing_that_is_hidden(self, read, page):
        """Else a reader who copies the cells of a page gets a NameError."""
        known = set(dir(builtins))
        for cell in code(read(page)):
            if {"remove-cell", "remove-input"} & set(tags(cell)):
                continue
            used, bound = names_in(cell.source)
            assert used <= known | bound, f"{used - known - bound} in: {cell.source[:80]}"
            known |= bound

    def test_needs_no_network(self, read, page):
        asking = [cell.source for cell in code(read(page)) if NETWORK.search(cell.source)]
        assert asking == []


@pytest.mark.parametrize("page", CHAPTERS)
def test_nothing_of_the_template_is_left(read, page):
    lines = [line for text in prose(read(page)) for line in text.split("\n") if re.match(r"%( |$)", line)]
    assert lines == [], "instructions to the author, to be deleted"
    both = {*labels_in(read(page))} & {*labels_in(read(TEMPLATE))}
    assert not both, "labels of the template, which other chapters were copied from too"


@pytest.mark.parametrize("page", [*CHAPTERS, TEMPLATE])
class TestChapter:
    def test_says_in_a_box_below_its_opening_what_one_will_do(self, read, page):
        rest = read(page).cells[0].source
        for part, form in OPENING.items():
            found = re.match(form, rest)
            assert found, f"the first cell lacks {part}; it has there: {rest[:160]}"
            rest = rest[found.end() :]
        assert "\n".join(prose(read(page))).count("**In this chapter**") == 1, "more than one box"

    def test_its_box_says_how_long_one_reads(self, read, page):
        counted, said = minutes.minutes_of(read(page)), minutes.said_in(read(page))
        assert abs(counted - said) <= 2, f"the box says {said} minutes; tools/minutes.py counts {counted}"

    def test_ends_with_a_summary(self, read, page):
        text = "\n".join(prose(read(page)))
        assert re.search(r"^## Summary", text, re.MULTILINE), "no summary"

    def test_has_three_exercises_each_with_a_solution_that_runs(self, read, page):
        notebook = read(page)
        text = "\n".join(prose(notebook))
        labels = re.findall(r"\{exercise\}[^\n]*\n:label: ([\w-]+)", text)
        assert len(labels) == 3 == len(set(labels)), labels
        assert re.findall(r"\{solution\} ([\w-]+)", text) == labels
        for label in labels:
            place = next(i for i, cell in enumerate(notebook.cells) if f"{{solution}} {label}" in cell.source)
            after = notebook.cells[place + 1]
            assert after.cell_type == "code", f"no executed solution after {label}"


@pytest.mark.parametrize("page", EVERY_NOTEBOOK)
def test_a_printed_sentence_is_plain_markdown(read, page):
    """In a downloaded notebook nothing turns a role or a link to a label into words."""
    for cell in read(page).cells:
        if cell.cell_type == "code" and "Markdown(" in cell.source:
            found = re.search(
                r"\{?\{(term|ref|numref|doc|download|math|cite:[tp])\}\}?`[^`]+`|\]\([a-z0-9-]+\)", cell.source
            )
            assert not found, found[0]
