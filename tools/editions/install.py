"""What an edition needs to run: a note that says so, and, where the book's address is known, a cell that installs it.

The cell is the text of `install_book` and a call of it, so what it needs is imported inside. It is written in the
Python of 3.8 (`per-file-target-version` in pyproject.toml): a kernel that is too old has to parse the sentence that
says so.
"""

import inspect
import json
from pathlib import Path

NEEDS = "> **To run this notebook** you need Python 3.12 or later"
BY_HAND = ', and `pip install -e ".[notebooks]"` in a clone of this book.'
BY_CELL = ". The first cell of code installs {what} from {url}, unless it is there already."
TITLE = "# @title Installs what this notebook imports, where it isn't there yet"


def install_book(url, branch, beside):
    import importlib.util
    import os
    import shutil
    import subprocess
    import sys
    import tempfile

    def place_of(module):
        return getattr(importlib.util.find_spec(module), "origin", None)

    def run(*command):
        environment = dict(os.environ, GIT_TERMINAL_PROMPT="0")  # git would wait for a password
        output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        done = subprocess.run(command, check=False, env=environment, stdin=subprocess.DEVNULL, **output)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}")

    def in_use():  # versions, on disk, of the packages that this session has loaded
        found = importlib.metadata.packages_distributions()
        names = {name for module in found if module in sys.modules for name in found[module]}
        return {name: importlib.metadata.version(name) for name in names}

    helpers, missing = place_of("helpers"), [path for path in beside if not place_of(os.path.basename(path)[:-3])]
    if helpers and not os.path.exists(os.path.join(os.path.dirname(helpers), "interventions.py")):
        raise RuntimeError(f"{helpers} hides the book's module of that name. Rename it, or move this notebook.")
    if helpers and not missing:
        return
    if sys.version_info < (3, 12):
        got = "This is Python {}.{}, and the book needs 3.12 or later.".format(*sys.version_info)
        raise RuntimeError(f"{got} Choose a newer kernel or runtime, or install Python 3.12 and start Jupyter from it.")
    import importlib.metadata

    print("Fetching the book. This is needed once, and takes some minutes.")
    before = in_use()
    with tempfile.TemporaryDirectory() as clone:
        run("git", "clone", "--depth", "1", "--branch", branch, url, clone)
        for path in missing:
            shutil.copy(os.path.join(clone, path), os.getcwd())
        if not helpers:
            run(sys.executable, "-m", "pip", "install", f"{clone}[notebooks]")
    importlib.invalidate_caches()
    after = in_use()
    changed = sorted(name for name in before if before[name] != after.get(name))
    if changed or not place_of("helpers"):
        why = f" It still uses the former {', '.join(changed)}." if changed else ""
        raise RuntimeError(f"The book is installed. Restart the session, then run from here.{why}")


def opening(url, modules):
    """The note; `url` may be empty, `modules` are paths in the book's repository of files that the notebook expects."""
    files = " and ".join(f"`{Path(path).name}`" for path in modules)
    if url:
        return NEEDS + BY_CELL.format(what=f"the rest, with {files}," if files else "the rest", url=url)
    return NEEDS + BY_HAND + (f" Put {files} beside it: the part's zip has them." if files else "")


def install_cell(url, branch, modules):
    """The cell's source; none without an address."""
    values = ", ".join(json.dumps(value) for value in (url, branch, modules))
    return f"{TITLE}\n{inspect.getsource(install_book)}\n\ninstall_book({values})" if url else ""
