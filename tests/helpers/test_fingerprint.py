"""A checkpoint's fingerprint differs where numbers would, and only there, in each process."""

import functools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pymc as pm
import pytest
import xarray as xr
from pymc.distributions import transforms

from helpers._fingerprint import fingerprint
from helpers.recovery import make_plan

FACTOR = 1


def mean_model(labels="ab", **options):
    with pm.Model(coords={"store": list(labels), "i": range(4)}) as model:
        mu = pm.Normal("mu", dims="store", **options)
        pm.Normal("y", mu[0], 1, dims="i")
    return model


def custom_model(precision):
    def logp(value, mu):
        return -precision * (value - mu) ** 2

    def random(mu, rng=None, size=None):
        return rng.normal(mu, 1, size)

    with pm.Model(coords={"i": range(4)}) as model:
        pm.CustomDist("y", pm.Normal("mu"), logp=logp, random=random, dims="i")
    return model


def container_model():
    with pm.Model(coords={"i": range(3)}) as model:
        weight = pm.Data("weight", np.zeros(3000))
        pm.Normal("y", pm.Normal("mu") + weight.sum(), 1, dims="i")
    return model


def square_model():
    with pm.Model(coords={"a": [0, 1], "b": [0, 1], "i": range(3)}) as model:
        mu = pm.Normal("mu", dims=("a", "b"))
        pm.Normal("y", mu[0, 1], 1, dims="i")
    return model


def of(model, **options):
    return fingerprint(make_plan(model, **({"seed": 1} | options)))


def estimand(value):
    return {"e": value}


def times(factor):
    return lambda draws, data: factor * draws["mu"]


def times_by_default(factor):
    def scaled(draws, data, factor=factor):
        return factor * draws["mu"]

    return scaled


def times_by_keyword(draws, data, *, factor):
    return factor * draws["mu"]


class Times:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, draws, data):
        return self.factor * draws["mu"]


def by_policy(factor):
    return ({"mu": lambda data: factor}, {"mu": 0}, "y")


def one_differs():
    series = pd.Series(np.zeros(3000))
    series[1500] = 9
    return series


MATRIX = np.arange(4.0).reshape(2, 2)
DIFFERENT = {
    "labels": ((mean_model("ab"), {}), (mean_model("ba"), {})),
    "transform": ((mean_model(), {}), (mean_model(transform=transforms.ordered), {})),
    "logp of a CustomDist": ((custom_model(1), {}), (custom_model(9), {})),
    "variables": ((square_model(), {"variables": ["y"]}), (square_model(), {"variables": ["mu", "y"]})),
    "one value of a long Series": (
        (container_model(), {"truth": {"weight": pd.Series(np.zeros(3000))}}),
        (container_model(), {"truth": {"weight": one_differs()}}),
    ),
    "dims of a DataArray": (
        (square_model(), {"truth": {"mu": xr.DataArray(MATRIX, dims=("a", "b"))}}),
        (square_model(), {"truth": {"mu": xr.DataArray(MATRIX, dims=("b", "a"))}}),
    ),
}


@pytest.mark.parametrize("what", DIFFERENT)
def test_differs_with_the_model_and_the_truth(what):
    (first, first_options), (second, second_options) = DIFFERENT[what]
    assert of(first, **first_options) != of(second, **second_options)


@pytest.mark.parametrize(
    "make",
    [
        times,
        times_by_default,
        Times,
        by_policy,
        lambda factor: functools.partial(times_by_keyword, factor=factor),
        lambda factor: times(np.array([1, factor])),
        lambda factor: times(pd.DataFrame({"factor": [factor]})),
    ],
)
def test_differs_with_what_an_estimand_holds(make):
    model = mean_model()
    first, again, second = (of(model, estimands=estimand(make(factor))) for factor in (1, 1, 100))
    assert first == again != second


def test_differs_with_a_value_that_an_estimand_looks_up(monkeypatch):
    model, scaled = mean_model(), estimand(lambda draws, data: FACTOR * draws["mu"])
    first = of(model, estimands=scaled)
    monkeypatch.setattr(sys.modules[__name__], "FACTOR", 100)
    assert of(model, estimands=scaled) != first


def test_is_the_same_for_a_numpy_seed_and_a_model_written_again():
    assert of(mean_model(), seed=np.int64(1)) == of(mean_model(), seed=1)


def test_is_the_same_in_each_process():
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_fingerprint as test\n"
        "chosen = lambda draws, data: draws['mu'] * ('y' in {'x', 'y', 'z', 'w'})\n"
        "print(test.of(test.mean_model(), estimands={'e': chosen, 'p': test.by_policy(2)}))"
    )
    folder = str(Path(__file__).parent)
    found = {
        subprocess.run(
            [sys.executable, "-c", script, folder],
            env=os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(Path(folder).parents[1])},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(found) == 1
