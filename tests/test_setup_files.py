"""pyproject.toml, requirements.txt and environment.yml say the same."""

import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from pages import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINS = (ROOT / "requirements.txt").read_text()
EXTRAS = PROJECT["optional-dependencies"]


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned():
    lines = (Requirement(line) for line in PINS.splitlines() if line and not line.startswith("#"))
    return {canonical(line.name): line for line in lines}


@pytest.mark.parametrize("wanted", [*PROJECT["dependencies"], *(line for extra in EXTRAS.values() for line in extra)])
def test_each_dependency_is_pinned_to_a_version_it_allows(wanted):
    wanted = Requirement(wanted)
    pin = pinned().get(canonical(wanted.name))
    assert pin, f"{wanted.name} is in pyproject.toml and not in requirements.txt"
    (only,) = pin.specifier
    assert only.operator == "==" and wanted.specifier.contains(only.version), f"{wanted} against {pin}"


def test_pins_carry_no_address():
    assert "://" not in PINS and "--" not in PINS


def test_the_promised_versions():
    promised = {
        "pymc": ">=6.4,<7",
        "arviz": ">=1.3,<2",
        "jupyter-book": ">=1.0.4.post1,<2",
    }
    said = {canonical(r.name): r.specifier for r in map(Requirement, [*PROJECT["dependencies"], *EXTRAS["book"]])}
    assert {name: said[name] for name in promised} == {name: SpecifierSet(text) for name, text in promised.items()}


def test_conda_environment_installs_the_same():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    *conda, by_pip = environment["dependencies"]
    names = [re.split(r"[=<>]", package)[0] for package in conda]
    assert names == ["python", "pip", "make"]
    # As repo2docker 2026.4.0 reads them, both are local (its `is_local_pip_requirement`), in this long form too.
    # Otherwise it would make the environment before the repository is there.
    assert by_pip == {"pip": ["--requirement requirements.txt", "--editable ."]}
    # It knows a Python by major and minor version after one equals sign, or two.
    python = conda[0].partition("=")[2]
    assert re.fullmatch(r"3\.\d+", python)
    assert SpecifierSet(PROJECT["requires-python"]).contains(python)
