"""How the code of helpers is laid out: what imports what, and how much there is to read."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from pages import ROOT

HELPERS = ROOT / "helpers"
CORE = [HELPERS / f"{name}.py" for name in ("__init__", "workflow", "interventions", "summary", "style")]
BESIDE_CHAPTERS = sorted(ROOT.glob("book/*/*.py"))
FILES = sorted(
    [*HELPERS.rglob("*.py"), *BESIDE_CHAPTERS, *(ROOT / "tools").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
)
LONGEST_FILE, LONGEST_CORE, LONGEST_FUNCTION = 300, 750, 60


def length(path):
    return len(path.read_text().splitlines())


def test_nothing_imports_what_lies_above_it():
    """The contracts stand in pyproject.toml."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_core_is_read_in_half_an_hour():
    lengths = {path.name: length(path) for path in CORE}
    assert sum(lengths.values()) <= LONGEST_CORE, lengths


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_long(path):
    assert length(path) <= LONGEST_FILE


@pytest.mark.parametrize(
    "path", [*sorted(HELPERS.rglob("*.py")), *BESIDE_CHAPTERS], ids=lambda path: str(path.relative_to(ROOT))
)
def test_no_function_needs_a_scroll(path):
    """Counted without its docstring."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.FunctionDef):
            continue
        body = node.body[1:] if ast.get_docstring(node) else node.body
        lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
        assert lines <= LONGEST_FUNCTION, f"{node.name} has {lines} lines"
