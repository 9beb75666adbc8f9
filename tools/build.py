"""Run the chapters and build the site from what they printed.

The chapters are copied to ``_build/source``, executed there once, in parallel, by pytest with nbmake,
and the site is built from that copy without executing anything again: the pages that were tested are
the pages that are published.

    python tools/build.py                                  the whole site
    python tools/build.py --fresh                          … with no result of an earlier run
    python tools/build.py book/workflow/01-what-if.ipynb   a quick draft of some pages
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import distributions
from pathlib import Path
from xml.etree import ElementTree

import yaml
from browser import browser_path
from editions.files import write_editions
from editions.quizzes import add_quiz
from handouts.files import BOOK, print_book, print_sheets, write_decks
from pages import CHAPTERS, ROOT, TOC, pages_of, warnings_of
from status import write_status

BUILD = ROOT / "_build"
EXECUTED = BUILD / "executed"
# Every draft has them, so that terms and citations are there; links to other pages are not.
IN_EVERY_DRAFT = ["book/reference/glossary", "book/reference/bibliography"]
# What stands apart from the pages is for teachers alone: the exam, and what its answers are.
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*", "_apart")


def say(text):
    print(f"· {text}", flush=True)


def draft_toc(toc, wanted):
    """The table of contents cut down to some pages; the first of them is its root."""
    pages = [page for page in pages_of(toc) if page in wanted]
    pages += [page for page in IN_EVERY_DRAFT if page not in pages]
    if missing := set(wanted) - set(pages):
        sys.exit(f"Not in _toc.yml: {', '.join(sorted(missing))}. It has: {', '.join(pages_of(toc))}.")
    parts = [{"caption": "Draft", "chapters": [{"file": page} for page in pages[1:]]}]
    return {"format": toc["format"], "root": pages[0], "parts": parts if pages[1:] else []}


def copy_sources(folder, toc):
    """Copy what the site is made of, so that outputs never land in the chapters themselves."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "book", folder / "book", ignore=LEFT_OUT)
    shutil.copy(ROOT / "_config.yml", folder)
    toc = {key: value for key, value in toc.items() if value}
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc, sort_keys=False))


def fingerprint(notebook):
    """A hash of all that a chapter's results depend on: its text, modules beside it, helpers, packages, Python."""
    helpers = sorted(
        path for path in (ROOT / "helpers").rglob("*") if path.suffix in {".py", ".mplstyle", ".js", ".css"}
    )
    digest = hashlib.sha256(sys.version.encode())
    installed = sorted(f"{package.name} {package.version}" for package in distributions())
    digest.update("\n".join(installed).encode())
    for path in [notebook, *sorted(notebook.parent.glob("*.py")), *helpers]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def run_chapters(folder, pages, *, fresh):
    """Bring the results into the copied chapters; return the seconds that each took when it ran.

    A chapter whose text, helpers and packages are those of an earlier run keeps that run's results.
    """
    kept = {page: EXECUTED / fingerprint(folder / f"{page}.ipynb") for page in pages}
    to_run = [page for page in pages if fresh or not (kept[page] / "seconds").exists()]
    say(f"Chapters: {len(to_run)} to run, {len(pages) - len(to_run)} unchanged since they last ran")
    times, failures = execute(folder, to_run) if to_run else ({}, [])
    for page, seconds in times.items():
        kept[page].mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / f"{page}.ipynb", kept[page] / "chapter.ipynb")
        (kept[page] / "seconds").write_text(str(seconds))
    if failures:
        print("\n".join(failures))
        sys.exit(
            "A chapter failed; the lines above say where. The site was not built. What ran is kept for the next build."
        )
    for page in pages:
        shutil.copy(kept[page] / "chapter.ipynb", folder / f"{page}.ipynb")
    return {page: float((kept[page] / "seconds").read_text()) for page in pages}


def execute(folder, pages):
    """Execute the chapters in parallel on all cores, outputs kept in the copies.

    Return the seconds of those that passed, and a line on each that failed.
    """
    report = folder.parent / "chapters.xml"
    report.unlink(missing_ok=True)  # or an earlier run's would be read where this one can't begin
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "--nbmake", "--overwrite"]
    command += ["-o", "addopts=", "-v", "-n", "auto", "--dist", "worksteal", "--show-capture", "no"]
    command += ["-p", "no:cacheprovider", f"--junitxml={report}"]
    command += [f"{page}.ipynb" for page in pages]
    # The debugger's notice about frozen modules would end up in the pages.
    environment = os.environ | {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    # nbmake passes over whatever lies below a folder called _build.
    with tempfile.TemporaryDirectory(prefix="chapters-") as place:
        shutil.copytree(folder / "book", Path(place, "book"))
        command += ["--rootdir", place]
        failed = subprocess.run([str(part) for part in command], check=False, cwd=place, env=environment).returncode
        shutil.copytree(Path(place, "book"), folder / "book", dirs_exist_ok=True)
    cases = list(ElementTree.parse(report).iter("testcase")) if report.exists() else []
    passed = [case for case in cases if case.find("failure") is None and case.find("error") is None]
    failures = [*failures_in(cases)] or ["The chapters could not be run."] if failed else []
    return {page_of(case): float(case.get("time")) for case in passed}, failures


def page_of(case):
    """The chapter that a case of pytest's report ran."""
    return case.get("classname").removesuffix(".ipynb").replace(".", "/")


def failures_in(cases):
    """The last line of what each chapter raised that failed."""
    for case in cases:
        for failure in case.iter("failure"):
            lines = [line for line in re.sub(r"(\x1b|#x1B)\[[\d;]*m", "", failure.text).split("\n") if line.strip()]
            yield f"{page_of(case)}: {lines[-1] if lines else failure.get('message')}"


def warnings_in(folder, pages):
    """What the chapters' cells warned, as sentences."""
    found = []
    for page in pages:
        cells = json.loads((folder / f"{page}.ipynb").read_text())["cells"]
        for number, cell in enumerate(cells, start=1):
            found += [
                f"{page}, cell {number}: {text}"
                + ("" if "Warning" in text else "   (a note? tag the cell remove-stderr)")
                for text in warnings_of(cell)
            ]
    return found


def print_times(times):
    print("\nWall time of each chapter")
    for page, seconds in times.items():
        print(f"  {seconds:6.1f} s  {page}")
    print(f"  {sum(times.values()):6.1f} s  in all, one after the other\n", flush=True)


def build_site(folder, out, *, strict):
    """Build the pages; an earlier build is removed first, so that nothing stale passes for new."""
    for stale in (out / "html", out / ".doctrees"):
        shutil.rmtree(stale, ignore_errors=True)
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    command = [jupyter_book, "build", folder, "--path-output", out.parent, "-q"]
    if strict:
        command += ["-W", "-n", "--keep-going"]
    log = out / "site.log"
    with log.open("w") as stream:
        failed = subprocess.run(
            [str(part) for part in command], check=False, cwd=ROOT, stdout=stream, stderr=stream
        ).returncode
    lines = log.read_text().splitlines(keepends=True)
    warned = [line for line in lines if "WARNING" in line and (strict or "xref_missing" not in line)]
    print("".join(lines if failed else warned), end="")
    if failed:
        sys.exit("The site has warnings, and warnings are errors; the lines above name them.")


def has_browser():
    if not browser_path():
        say("No Chromium was found, so the sheets and the book are not printed (the rest is whole)")
    return bool(browser_path())


def write_downloads(folder, chapters, *, on_paper):
    """Beside the pages: the editions of the chapters, the slides, and on paper the sheets."""
    repository = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]
    book, downloads = folder / "book", folder / "downloads"
    write_editions(book, downloads / "editions", chapters, url=repository["url"], branch=repository["branch"])
    write_decks(book, downloads / "slides", chapters)
    if on_paper:
        say("Printing the student's sheets")
        print_sheets(book, downloads / "paper", chapters)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", type=Path, help="some pages only, for a draft in _build/draft")
    parser.add_argument("--fresh", action="store_true", help="run each chapter, changed or not")
    options = parser.parse_args()

    toc, pages, out = TOC, pages_of(TOC), BUILD
    if options.pages:
        pages = [str(page.with_suffix("")) for page in options.pages]
        out = BUILD / "draft" / pages[0].replace("/", "-") / "_build"
        toc = draft_toc(toc, pages)
    folder = out / "source"
    say("Copying the sources")
    copy_sources(folder, toc)
    chapters = [page for page in pages if (folder / f"{page}.ipynb").exists()]
    times = run_chapters(folder, chapters, fresh=options.fresh)
    if warned := warnings_in(folder, chapters):
        print("\n".join(warned))
        if not options.pages:
            sys.exit("A chapter printed a warning, and warnings are errors. The site was not built.")
    for page in chapters:
        add_quiz(folder / f"{page}.ipynb")
    on_paper = not options.pages and has_browser()
    write_downloads(folder, [page for page in chapters if page in CHAPTERS], on_paper=on_paper)
    write_status(folder, times)
    say(
        "Building the pages"
        + (
            " (draft: links to other pages are missing; tests/notebooks checks that they lead somewhere)"
            if options.pages
            else ""
        )
    )
    build_site(folder, out, strict=not options.pages)
    if on_paper:
        say("Printing the book")
        print_book(out / "html", out / "html" / "paper" / BOOK)
    print_times(times)
    home = f"{pages[0]}.html" if options.pages else "index.html"
    print(f"The {'draft' if options.pages else 'site'} is at {out / 'html' / home}")


if __name__ == "__main__":
    main()
