"""What a page offers to download: the editions of its chapter and what was printed, in place of the file it was made from."""

import shutil
from pathlib import Path

# Made by tools/editions and tools/handouts; html_extra_path copies what is in the folder "downloads". Of each file: where
# it is, what it is called, what a pointer over it says, its icon.
EDITIONS = {
    "student": (
        "editions/student/{}.ipynb",
        "Student's sheet",
        "Solutions cut, answers checked (.ipynb)",
        "pencil-alt",
    ),
    "teacher": (
        "editions/teacher/{}.ipynb",
        "Teacher's edition",
        "With solutions, minutes and notes (.ipynb)",
        "chalkboard-teacher",
    ),
    "reader": ("editions/reader/{}.ipynb", "Notebook", "This page as a notebook (.ipynb)", "code"),
    "paper": ("paper/{}.pdf", "Sheet on paper", "The student's sheet with room to write (.pdf)", "file-alt"),
}
# Printed once the site is built, wherever the sheets were.
BOOK = ("paper/do-and-observe.pdf", "The book", "All pages on paper (.pdf)", "book")
THEIRS = {"download-notebook-button", "download-source-button"}


def offer_editions(app, pagename, templatename, context, doctree):
    """Let the page's download menu list them."""
    for group in context.get("header_buttons", []):
        if group.get("label") != "download-buttons":
            continue
        kept = group["buttons"]
        if pagename in app.env.found_docs and str(app.env.doc2path(pagename)).endswith(".ipynb"):
            kept = [button for button in kept if button["label"] not in THEIRS]
        for button in kept:
            if button.get("label") == "download-pdf-button":  # the theme calls it ".pdf", and opens the print dialog
                button["text"] = "Print this page"
        group["buttons"] = [*downloads_of(app, pagename, context["pathto"]), *kept]


def downloads_of(app, pagename, pathto):
    downloads = Path(app.srcdir, "downloads")
    for kind, (place, *named) in EDITIONS.items():
        file = place.format(pagename.removeprefix("book/"))
        if (downloads / file).exists():
            yield as_button(kind, pathto(file, 1), *named)
    file, *named = BOOK
    if (downloads / file).parent.exists():
        yield as_button("book", pathto(file, 1), *named)


def as_button(kind, url, text, tooltip, icon):
    label, icon = f"download-{kind}-button", f"fas fa-{icon}"
    return {"type": "link", "url": url, "text": text, "icon": icon, "tooltip": tooltip, "label": label}


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
