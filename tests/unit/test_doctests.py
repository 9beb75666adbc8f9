"""The examples in docstrings run as they stand, those of helpers in a small world of the book's first example."""

import doctest
import importlib
import pkgutil
from functools import partial

import matplotlib.pyplot as plt
import media
import numpy as np
import pymc as pm
import pytest
import xarray as xr
from conftest import LINEAR_TRUTH

import helpers

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
MODULES = [
    helpers,
    media,
    *(importlib.import_module(module.name) for module in pkgutil.walk_packages(helpers.__path__, "helpers.")),
]
DOCSTRINGS = {
    test.name: test for module in MODULES for test in doctest.DocTestFinder().find(module) if test.docstring.strip()
}
WITH_EXAMPLES = {name: test for name, test in DOCSTRINGS.items() if test.examples}


class Checker(doctest.OutputChecker):
    """An example that shows no output is run, and what it gives isn't looked at."""

    def check_output(self, want, got, optionflags):
        return not want or super().check_output(want, got, optionflags)


@pytest.fixture(scope="module")
def world(linear):
    model, data, idata = linear
    return {name: getattr(helpers, name) for name in helpers.__all__} | {
        "np": np,
        "xr": xr,
        "pm": pm,
        "model": model,
        "truth": dict(LINEAR_TRUTH),
        "data": data,
        "idata": idata,
        "group": xr.DataArray(np.where(data["i"] % 2, "odd", "even"), {"i": data["i"]}, name="group"),
        # What an example leaves at its default would take a minute.
        "recover": partial(helpers.recover, datasets=4, draws=200, tune=200, progressbar=False),
    }


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples(world, name):
    test = WITH_EXAMPLES[name]
    # A reader has what helpers gives out; the examples of a private function, or of a file that lies beside a
    # chapter, may use their module.
    own = not name.startswith("helpers") or any(part.startswith("_") for part in name.split("."))
    test.globs = (test.globs if own else {}) | world
    for example in test.examples:
        example.options.pop(doctest.SKIP, None)
    said = []
    result = doctest.DocTestRunner(Checker(), optionflags=FLAGS).run(test, out=said.append, clear_globs=False)
    plt.close("all")
    assert not result.failed, "".join(said)
    assert result.attempted == len(test.examples)


def test_there_are_examples():
    assert {"helpers.graphs.causal.causal_graph", "helpers.workflow.simulate"} <= set(WITH_EXAMPLES)


def test_no_example_is_skipped():
    assert not [name for name, test in DOCSTRINGS.items() if "+SKIP" in test.docstring]
