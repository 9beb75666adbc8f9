"""The cheat sheet's code runs as printed, in order, without a warning, and both ways give the same effect."""

import re
import warnings

import pytest
from pages import ROOT

SHEET = ROOT / "book/reference/cheat-sheet.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MOST = 75  # lines of code and rows of tables: one printed page


@pytest.fixture(scope="module")
def sheet():
    return SHEET.read_text()


@pytest.fixture(scope="module")
def names(sheet):
    """What the blocks leave behind, run one after the other in one namespace."""
    namespace = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for number, block in enumerate(BLOCK.findall(sheet), start=1):
            exec(compile(block, f"{SHEET.name}, block {number}", "exec"), namespace)  # noqa: S102
    return namespace


def test_has_blocks_of_code_and_every_fence_is_python(sheet):
    fences = re.findall(r"^```(\S*)$", sheet, re.MULTILINE)
    assert len(BLOCK.findall(sheet)) >= 5
    assert set(fences) == {"python", ""} and fences.count("python") == fences.count("")


def test_fits_a_printed_page(sheet):
    code = [line for block in BLOCK.findall(sheet) for line in block.split("\n") if line.strip()]
    tables = re.findall(r"(?:^\|.*\n)+", sheet, re.MULTILINE)
    rows = sum(len(table.strip().split("\n")) - 2 for table in tables)  # less the head and the rule
    assert len(code) + rows <= MOST, (len(code), rows)
    assert max(map(len, code)) <= 85  # columns of a printed page at small print


def test_runs_in_order_without_a_warning_and_finds_the_truth(names):
    ate, truth = names["ate"], names["TRUTH"]["beta_zy"]
    assert ate.dims == ("chain", "draw")
    assert abs(float(ate.mean()) - truth) < 4 * float(ate.std())


def test_helpers_and_bare_pymc_agree(names):
    ate, bare = names["ate"], names["ate_bare"]
    # The bare data are the helpers' data, so only the chance of the draws is left.
    assert all((draw == names["data"][name].values).all() for name, draw in zip("czy", names["draws"], strict=True))
    assert abs(float(ate.mean() - bare.mean())) < float(ate.std()) / 7


def test_the_estimands_are_those_that_are_named(names):
    # One effect for all units, so that all averages agree; a quarter of TV's slope for the dose.
    for name in ("att", "cate"):
        assert abs(names[name] - names["ate"]).max() < 1e-9
    slope = names["idata"]["posterior"]["beta_cy"]
    assert abs(names["dose"] - 0.25 * slope).max() < 1e-9
