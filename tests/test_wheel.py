"""What somebody else installs: the wheel holds all of helpers, and the README's example runs with it as it stands."""

import os
import re
import subprocess
import sys
import zipfile

import pytest
from pages import ROOT

SHIPPED = {".py", ".mplstyle", ".js", ".css"}


def run(*command, **options):
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Warning" not in done.stderr, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of a copy of the project: setuptools leaves what it builds beside the sources."""
    place = tmp_path_factory.mktemp("project")
    for name in ("helpers", "pyproject.toml", "README.md", "LICENSE", "LICENSE-PROSE"):
        (place / name).symlink_to(ROOT / name)
    run("-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", place / "dist", place)
    (built,) = (place / "dist").glob("*.whl")
    return built


def test_holds_every_file_of_helpers_and_nothing_else(wheel):
    sources = {path for path in (ROOT / "helpers").rglob("*") if path.suffix in SHIPPED}
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert packed == {str(path.relative_to(ROOT)) for path in sources}


def test_the_readmes_example_runs_where_only_the_wheel_is(wheel, tmp_path):
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    elsewhere = tmp_path / "installed"
    run("-m", "pip", "install", "--quiet", "--no-deps", "--target", elsewhere, wheel)
    script = tmp_path / "example.py"
    script.write_text(example + "\nimport helpers\nprint(helpers.__file__)\n")
    said = run(script, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(elsewhere)})
    assert said.strip().endswith(str(elsewhere / "helpers" / "__init__.py")), said
    assert re.search(r"^ATE +-?0\.\d", said, re.MULTILINE) and "coverage" in said, said
