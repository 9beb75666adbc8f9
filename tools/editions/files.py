"""The editions as files: each chapter's, and a zip a part."""

import re
import zipfile

import nbformat
from quiz_files import quiz_of, read_quiz

from editions.cells import EDITIONS, Chapter
from editions.install import install_cell, opening

# Of a zip's files, so that the same chapters give the same zip.
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def write_editions(book, out, pages, *, url="", branch="main"):
    """Write the editions of chapters that were run.

    Parameters
    ----------
    book : Path
        The folder `book` with the chapters, outputs in them.
    out : Path
        Where to write ``student/PART/NAME.ipynb`` (teacher, reader) and ``PART-student.zip``.
    pages : list of str
        The chapters, like ``book/PART/NAME``.
    url, branch : str
        Of the book's repository. Without an address, the editions have no cell that installs what they need.
    """
    titles = titles_in(book)
    for page in pages:
        path = book.parent / f"{page}.ipynb"
        chapter = read_chapter(book, page, titles)
        modules = [module.relative_to(book.parent).as_posix() for module in imported_by(path, chapter.notebook)]
        needs = {"opening": opening(url, modules), "install": install_cell(url, branch, modules)}
        for kind in EDITIONS:
            made = out / kind / path.relative_to(book)
            made.parent.mkdir(parents=True, exist_ok=True)
            try:
                edition = chapter.edition(kind, **needs)
            except (KeyError, ValueError) as problem:
                raise ValueError(f"{page}, {EDITIONS[kind]}: {problem}") from problem
            nbformat.write(edition, made)
    for part in sorted({page.split("/")[1] for page in pages}):
        for kind in EDITIONS:
            zip_part(out / kind / part, modules_of(book / part), out / f"{part}-{kind}.zip")


def read_chapter(book, page, titles, kind=Chapter):
    """A chapter that was run, ``book/PART/NAME``, with the quiz beside it."""
    path = book.parent / f"{page}.ipynb"
    quiz = read_quiz(quiz_of(path)) if quiz_of(path).exists() else []
    return kind(nbformat.read(path, as_version=4), book / "references.bib", quiz, titles)


def titles_in(book):
    """Titles of pages and sections, by the label above them."""
    texts = [path.read_text() for path in book.rglob("*.md")]
    for path in book.rglob("*.ipynb"):
        texts += [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    return dict(found for text in texts for found in re.findall(r"^\(([\w-]+)\)=\n#+ (.+)$", text, re.MULTILINE))


def modules_of(folder):
    return sorted(folder.glob("*.py"))


def imported_by(path, notebook):
    """The modules beside a chapter that it imports, or that one of these does."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    found = []
    while new := [module for module in modules_of(path.parent) if module not in found and is_imported(module, code)]:
        found += new
        code += [module.read_text() for module in new]
    return sorted(found)


def is_imported(module, code):
    line = re.compile(rf"^(from|import) {module.stem}\b", re.MULTILINE)
    return any(line.search(source) for source in code)


def zip_part(folder, modules, target):
    """All notebooks of a part and the modules beside them, in one folder."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in [*sorted(folder.glob("*.ipynb")), *modules]:
            entry = zipfile.ZipInfo(f"{target.stem}/{path.name}", LONG_AGO)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, path.read_bytes())
