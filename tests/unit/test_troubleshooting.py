"""The page on messages has the words that `helpers` says: a message that changes is found here."""

import ast
import re

import numpy as np
import pymc as pm
import pytest
import xarray as xr
from pages import ROOT

from helpers import adjustment_sets, condition, contrast, simulate, summarize
from helpers.exercises import answer

PAGE = (ROOT / "book/reference/troubleshooting.md").read_text()
# Below the heading a comment: `% helpers` where all messages in it are helpers' own, `% helpers last` where the last is.
MARKED = re.findall(r"^### (.+)\n% helpers( last)?$", PAGE, re.MULTILINE)
OWN = [words for heading, last in MARKED for words in re.findall("`([^`]+)`", heading)[-1 if last else 0 :]]


def parts(words):
    """The fixed parts of a message; … stands for what varies."""
    return [part.strip() for part in words.split("…")]


def stands_on_the_page(message):
    return any(re.search(".*".join(map(re.escape, parts(words))), message) for words in OWN)


def said_in(source):
    """The texts of a file, with … for each value; docstrings are left out, as nobody is shown them."""
    tree, pieces = ast.parse(source), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            pieces.add(node.value)
        elif isinstance(node, ast.JoinedStr) and node not in pieces:
            yield "".join(piece.value if isinstance(piece, ast.Constant) else "…" for piece in node.values)
            pieces.update(node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in pieces:
            yield node.value


SAID = [text for path in sorted((ROOT / "helpers").rglob("*.py")) for text in said_in(path.read_text())]


@pytest.mark.parametrize("part", [part for words in OWN for part in parts(words)])
def test_helpers_says_these_words(part):
    assert len(part) > 5, "too short to be found by"
    assert any(part in text for text in SAID), f"no message of helpers has {part!r} any more"


with pm.Model(coords={"i": range(4)}) as MODEL:
    z = pm.Bernoulli("z", logit_p=pm.Normal("habit"), dims="i")
    pm.Normal("y", z, pm.HalfNormal("noise"), dims="i")

DATA = {"z": np.array([0, 1, 0, 1]), "y": np.zeros(4)}
DRAWS = xr.Dataset({name: (("chain", "draw"), np.full((2, 4), 0.5)) for name in ("habit", "noise")})
FIT = xr.DataTree.from_dict({"posterior": DRAWS, "observed_data": xr.Dataset({n: ("i", v) for n, v in DATA.items()})})


@pytest.mark.parametrize(
    "call",
    [
        lambda: simulate(MODEL, {"habit": 0, "noise": -1}, seed=1),
        lambda: condition(MODEL, DATA | {"sales": np.zeros(4)}),
        lambda: condition(MODEL, DATA | {"y": np.array([0, 1, np.nan, 1])}),
        lambda: contrast(MODEL, FIT, {"z": 1}, {"z": 0}, outcome="y", seed=1),
        lambda: summarize(DRAWS["habit"].mean(("chain", "draw"))),
        lambda: adjustment_sets("c -> z, c -> y", "z", "y"),
    ],
)
def test_the_page_has_the_words_that_a_reader_sees(call):
    with pytest.raises((KeyError, TypeError, ValueError, UserWarning)) as seen:
        call()
    assert stands_on_the_page(str(seen.value)), seen.value


@pytest.mark.parametrize("given", [..., np.zeros(4000)])
def test_the_page_has_the_words_of_a_check(given):
    assert stands_on_the_page(answer("effect", "the effect", 0.5, near={"seeing": 1.3}).check(given).reply)
