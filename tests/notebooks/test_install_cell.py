"""The cell that installs what an edition imports, run in Pythons of its own: bare ones, and one that is too old.

None of it needs a network: the repository lies on this computer, and what pip would fetch is there already.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from editions.install import install_cell
from pages import ROOT

MODULES = ["book/marketing/company.py", "book/marketing/media.py"]
# pip reads the value of an option that says "no" as what it does without: 0 is no isolation.
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_CONFIG_FILE": os.devnull}
NEITHER_MINE_NOR_TRANSLATED = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
SMALL = '[project]\nname = "small"\nversion = "1"\n[project.optional-dependencies]\nnotebooks = ["worn>=2"]\n'


def run(*command, fails=False, **options):
    environment = os.environ | OFFLINE | NEITHER_MINE_NOR_TRANSLATED | options.pop("env", {})
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, **options)
    assert bool(done.returncode) == fails, done.stdout + done.stderr
    return done.stderr if fails else done.stdout


def repository(folder, files):
    """The address of a repository that has these files, keyed by where they lie."""
    for name, source in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if isinstance(source, Path):
            shutil.copy(source, folder / name)
        else:
            (folder / name).write_text(source)
    run("git", "init", "--quiet", "--initial-branch", "main", cwd=folder)
    run("git", "add", ".", cwd=folder)
    run("git", "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", "The book", cwd=folder)
    return folder.as_uri()


def environment(folder, packages):
    """A Python that finds what lies in a folder, and in which nothing is installed."""
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "elsewhere.pth").write_text(f"{packages}\n")
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """All that is installed here but the book: pip would take that for the same, installed already."""
    folder = tmp_path_factory.mktemp("packages")
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if "do_and_observe" not in path.name:
            (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture
def bare(packages, tmp_path):
    return environment(tmp_path / "python", packages)


@pytest.fixture
def place(tmp_path):
    """Where the notebook lies."""
    (tmp_path / "place").mkdir()
    return tmp_path / "place"


def pythons_too_old():
    """One or none: the oldest on this computer on which the book doesn't run."""
    roots = [Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")]
    for minor in range(8, 12):
        named = f"python3.{minor}"
        candidates = [shutil.which(named), *(path for root in roots for path in root.glob(f"3.{minor}.*/bin/{named}"))]
        for candidate in filter(None, candidates):
            # A version manager's shim may be there for a Python that isn't active.
            if not subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode:
                return [str(candidate)]
    return []


# Whether or not there is one, a Python that takes itself for old is asked too; -S, since it would find helpers.
PRETENDS = "import sys\nsys.version_info = (3, 11, 9, 'final', 0)\n"


@pytest.mark.parametrize(
    ("command", "before"),
    [([sys.executable, "-S"], PRETENDS), *(([path], "") for path in pythons_too_old())],
    ids=lambda value: Path(value[0]).name if isinstance(value, list) else "",
)
def test_a_python_that_is_too_old_is_told_so(place, command, before):
    cell = install_cell("https://example.org/never-asked", "main", MODULES)
    ast.parse(cell, feature_version=(3, 8))
    said = run(*command, "-W", "error", "-c", before + cell, cwd=place, fails=True)
    assert re.search(r"RuntimeError: This is Python 3\.\d+, and the book needs 3\.12 or later\. Choose a newer", said)


def test_installs_the_book_once(bare, place, tmp_path):
    names = ["pyproject.toml", "README.md", "LICENSE", "LICENSE-PROSE", *MODULES]
    names += [str(path.relative_to(ROOT)) for path in (ROOT / "helpers").rglob("*.*") if path.suffix != ".pyc"]
    url = repository(tmp_path / "book", {name: ROOT / name for name in names})
    cell = install_cell(url, "main", MODULES)
    asks = "\nimport helpers, company\nprint(helpers.__file__, company.__file__)"
    announced, found = run(bare, "-W", "error", "-c", cell + asks, cwd=place).splitlines()
    assert announced.startswith("Fetching the book.")
    helpers, company = map(Path, found.split())
    assert helpers.is_relative_to(bare.parents[1]) and company == place / "company.py"
    assert sorted(path.name for path in place.glob("*.py")) == ["company.py", "media.py"]

    # A notebook of another folder: the module is fetched, and pip has no part in it.
    (place / "media.py").unlink()
    run(bare, "-W", "error", "-c", cell, cwd=place, env={"PIP_REQUIRE_VIRTUALENV": "no such value"})
    assert (place / "media.py").exists()

    shutil.rmtree(tmp_path / "book")
    assert run(bare, "-W", "error", "-c", cell, cwd=place) == ""


def wheel(folder, version):
    """A package of one module that has been imported before it is upgraded."""
    about = f"worn-{version}.dist-info"
    with zipfile.ZipFile(folder / f"worn-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr("worn.py", f"version = {version}\n")
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: worn\nVersion: {version}\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "".join(f"{name},,\n" for name in archive.namelist()))
    return archive.filename


@pytest.fixture
def small(tmp_path):
    """The address of a book whose notebooks need the second version of a package."""
    files = {"pyproject.toml": SMALL, "helpers/__init__.py": "", "helpers/interventions.py": ""}
    return repository(tmp_path / "small", files)


def test_a_package_in_use_that_was_upgraded_asks_for_a_restart(bare, place, tmp_path, small):
    (tmp_path / "wheels").mkdir()
    run(bare, "-m", "pip", "install", "--quiet", wheel(tmp_path / "wheels", 1))
    wheel(tmp_path / "wheels", 2)
    session = f"import worn\n{install_cell(small, 'main', [])}\nimport helpers\nprint(worn.version)"
    offered = {"PIP_FIND_LINKS": str(tmp_path / "wheels")}
    said = run(bare, "-W", "error", "-c", session, cwd=place, env=offered, fails=True)
    assert said.endswith("Restart the session, then run from here. It still uses the former worn.\n")
    assert run(bare, "-W", "error", "-c", session, cwd=place) == "2\n"


def test_what_fails_is_said_in_its_own_words(bare, place, tmp_path, small):
    nowhere = (tmp_path / "nowhere").as_uri()
    said = run(bare, "-c", install_cell(nowhere, "main", []), cwd=place, fails=True)
    assert "RuntimeError: git clone" in said and "nowhere' does not appear to be a git repository" in said
    said = run(bare, "-c", install_cell(small, "other", []), cwd=place, fails=True)
    assert "Remote branch other not found" in said
    said = run(bare, "-c", install_cell(small, "main", []), cwd=place, fails=True)
    assert "No matching distribution found for worn>=2" in said
    (place / "helpers.py").write_text("")
    said = run(bare, "-c", install_cell(small, "main", []), cwd=place, fails=True)
    assert f"{place / 'helpers.py'} hides the book's module of that name." in said
