"""A checkpoint is taken up by the recovery that wrote it, however it is written again, and refused by any other."""

import functools
import sys

import numpy as np
import pandas as pd
import pymc as pm
import pytest
import xarray as xr
from conftest import SEED
from pymc.distributions import transforms

from helpers import recover

FACTOR = 1
SHORT = {"progressbar": False, "draws": 50, "tune": 50, "seed": SEED}


def mean_model(labels="ab", **options):
    with pm.Model(coords={"store": list(labels), "i": range(4)}) as model:
        mu = pm.Normal("mu", dims="store", **options)
        pm.Normal("y", mu[0], 1, dims="i")
    return model


def custom_model(precision):
    def dist(mu, size):
        return pm.Normal.dist(mu, precision**-0.5, size=size)

    with pm.Model(coords={"i": range(4)}) as model:
        pm.CustomDist("y", pm.Normal("mu"), dist=dist, dims="i")
    return model


def weighted_model():
    with pm.Model(coords={"i": range(3)}) as model:
        weight = pm.Data("weight", np.zeros(3000))
        pm.Normal("y", pm.Normal("mu") + weight.sum(), 1, dims="i")
    return model


def square_model():
    with pm.Model(coords={"a": [0, 1], "b": [0, 1], "i": range(3)}) as model:
        effect = pm.Normal("effect", dims=("a", "b"))
        pm.Normal("y", pm.Normal("mu") + effect[0, 1], 1, dims="i")
    return model


def times(factor):
    return lambda draws, data: factor * draws["mu"]


def times_by_keyword(draws, data, *, factor):
    return factor * draws["mu"]


class Times:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, draws, data):
        return self.factor * draws["mu"]


def by_policy(factor):
    return ({"mu": lambda data: np.array([factor, factor])}, {"mu": [0, 0]}, "y")


def one_differs():
    series = pd.Series(np.zeros(3000))
    series[1500] = 9
    return series


MATRIX = np.arange(4.0).reshape(2, 2)
DIFFERENT = {
    "labels": (mean_model("ab"), {}, mean_model("ba"), {}),
    "transform": (mean_model(), {}, mean_model(transform=transforms.Interval(-9, 9)), {}),
    "what a CustomDist draws from": (custom_model(1), {}, custom_model(9), {}),
    "one value of a long Series": (
        *(weighted_model(), {"truth": {"weight": pd.Series(np.zeros(3000))}}),
        *(weighted_model(), {"truth": {"weight": one_differs()}}),
    ),
    "dims of a DataArray": (
        *(square_model(), {"truth": {"effect": xr.DataArray(MATRIX, dims=("a", "b"))}}),
        *(square_model(), {"truth": {"effect": xr.DataArray(MATRIX, dims=("b", "a"))}}),
    ),
    "prob": (mean_model(), {"prob": 0.9}, mean_model(), {"prob": 0.94}),
    "a quantity more": (mean_model(), {}, mean_model(), {"estimands": {"e": times(1)}}),
}
ESTIMANDS = {
    "closure": times,
    "object": Times,
    "partial": lambda factor: functools.partial(times_by_keyword, factor=factor),
    "policy": by_policy,
}


def goes_on(path, model, **options):
    """Two data sets with a checkpoint that holds the first."""
    return recover(model, datasets=2, checkpoint=path, **SHORT | options)


@pytest.mark.parametrize("what", DIFFERENT)
def test_refused_where_the_model_or_the_call_differs(what, tmp_path):
    first, first_options, second, second_options = DIFFERENT[what]
    path = tmp_path / "kept"
    recover(first, datasets=1, checkpoint=path, **SHORT, **first_options)
    kept = path.read_text()
    with pytest.raises(ValueError, match="isn't the checkpoint of this recovery: its data set 0 was fitted again, and"):
        goes_on(path, second, **second_options)
    assert path.read_text() == kept


@pytest.mark.parametrize("make", ESTIMANDS.values(), ids=ESTIMANDS)
def test_refused_where_an_estimand_holds_something_else(make, tmp_path):
    path, model = tmp_path / "kept", mean_model()
    recover(model, datasets=1, checkpoint=path, estimands={"e": make(1)}, **SHORT)
    with pytest.raises(ValueError, match="and 'e' differs"):
        goes_on(path, model, estimands={"e": make(100)})
    assert goes_on(path, mean_model(), seed=np.int64(SEED), estimands={"e": make(1)}).sizes["dataset"] == 2


def test_refused_where_an_estimand_looks_something_else_up(monkeypatch, tmp_path):
    path, model, looks_up = tmp_path / "kept", mean_model(), {"e": lambda draws, data: FACTOR * draws["mu"]}
    recover(model, datasets=1, checkpoint=path, estimands=looks_up, **SHORT)
    monkeypatch.setattr(sys.modules[__name__], "FACTOR", 100)
    with pytest.raises(ValueError, match="and 'e' differs"):
        goes_on(path, model, estimands=looks_up)


def test_a_file_that_a_crash_left_without_a_whole_line_is_taken_up(tmp_path):
    path = tmp_path / "kept"
    recover(mean_model(), datasets=1, checkpoint=path, **SHORT)
    header, row, _ = path.read_text().split("\n")
    path.write_text(f"{header}\n{row[:30]}")
    goes_on(path, mean_model())
    lines = path.read_text().split("\n")
    assert lines[:2] == [header, row] and len(lines) == 4


def test_nothing_is_fitted_but_one_data_set_when_all_are_there(tmp_path):
    path, model, seen = tmp_path / "kept", mean_model(), []

    def counted(draws, data):
        if draws.sizes["draw"] > 1:
            seen.append(draws)
        return draws["mu"]

    options = {"datasets": 3, "checkpoint": path, "estimands": {"e": counted}, **SHORT}
    first = recover(model, **options)
    before = len(seen)
    xr.testing.assert_identical(recover(model, **options), first)
    assert (before, len(seen) - before) == (3, 1)
