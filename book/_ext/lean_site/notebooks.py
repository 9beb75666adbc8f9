"""Notebooks to download: without outputs, and beginning with how to install what they import."""

from pathlib import Path

import nbformat

INTRODUCTION = (
    """> **To run this notebook**, install what it imports: `{command}`{place}. It needs Python 3.12 or later."""
)


def install_cell(repository_url):
    command, place = 'pip install -e ".[book]"', " in a clone of this book"
    if repository_url:
        command, place = f'pip install "do-and-observe[book] @ git+{repository_url}"', ""
    return nbformat.v4.new_markdown_cell(INTRODUCTION.format(command=command, place=place), id="install")


def as_download(notebook, repository_url):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.cells.insert(0, install_cell(repository_url))
    return notebook


def prepare_downloads(app, exception):
    if exception or app.builder.format != "html":
        return
    repository_url = app.config.html_theme_options.get("repository_url")
    for file in Path(app.outdir, "_sources").rglob("*.ipynb"):
        notebook = nbformat.read(file, as_version=4)
        nbformat.write(as_download(notebook, repository_url), file)


def setup(app):
    app.connect("build-finished", prepare_downloads)
