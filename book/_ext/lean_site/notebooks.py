"""Notebooks to download: the editions of a chapter, in place of the file that the page was made from."""

import shutil
from pathlib import Path

# Made by tools/editions before the site is built; html_extra_path copies what is in the folder "downloads".
EDITIONS = {
    "student": ("Student's sheet", "Solutions cut, answers checked (.ipynb)", "fas fa-pencil-alt"),
    "teacher": ("Teacher's edition", "With solutions, minutes and notes (.ipynb)", "fas fa-chalkboard-teacher"),
    "reader": ("Notebook", "This page as a notebook (.ipynb)", "fas fa-code"),
}
THEIRS = {"download-notebook-button", "download-source-button"}


def offer_editions(app, pagename, templatename, context, doctree):
    """Let the page's download menu list the editions."""
    if pagename not in app.env.found_docs or not str(app.env.doc2path(pagename)).endswith(".ipynb"):
        return
    for group in context.get("header_buttons", []):
        if group.get("label") != "download-buttons":
            continue
        others = [button for button in group["buttons"] if button["label"] not in THEIRS]
        group["buttons"] = [*editions_of(app, pagename, context["pathto"]), *others]


def editions_of(app, pagename, pathto):
    for kind, (text, tooltip, icon) in EDITIONS.items():
        file = f"editions/{kind}/{pagename.removeprefix('book/')}.ipynb"
        if Path(app.srcdir, "downloads", file).exists():
            yield {
                "type": "link",
                "url": pathto(file, 1),
                "text": text,
                "icon": icon,
                "tooltip": tooltip,
                "label": f"download-{kind}-button",
            }


def leave_out_sources(app, exception):
    """No page links to a copy of the notebook that it was made from."""
    if exception or app.builder.format != "html":
        return
    for file in Path(app.outdir, "_sources").rglob("*.ipynb"):
        file.unlink()
    for folder in sorted(Path(app.outdir, "_sources").rglob("*/"), reverse=True):
        if not any(folder.iterdir()):
            shutil.rmtree(folder)


def setup(app):
    app.connect("html-page-context", offer_editions, priority=900)
    app.connect("build-finished", leave_out_sources)
