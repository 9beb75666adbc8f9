"""What the fit excludes isn't drawn either: a negative standard deviation, a probability of two."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest
from conftest import SEED
from fits_by_hand import tree

from helpers import condition, intervene, simulate

OUTCOMES = {
    "Normal": lambda value: pm.Normal("y", 0, value, dims="i"),
    "Exponential": lambda value: pm.Exponential("y", value, dims="i"),
    "Poisson": lambda value: pm.Poisson("y", value, dims="i"),
    "Beta": lambda value: pm.Beta("y", value, 1, dims="i"),
    "Bernoulli": lambda value: pm.Bernoulli("y", value + 5, dims="i"),
    "Binomial": lambda value: pm.Binomial("y", 10, value + 5, dims="i"),
    "Gamma": lambda value: pm.Gamma("y", value, 1, dims="i"),
    "Uniform": lambda value: pm.Uniform("y", 0, value, dims="i"),
    "Categorical": lambda value: pm.Categorical("y", p=pt.stack([value, 1 - value], axis=-1), dims="i"),
}


@pytest.mark.parametrize("family", OUTCOMES)
def test_parameters_of_a_simulation(family):
    with pm.Model(coords={"i": range(20)}) as model:
        a, b = pm.Normal("a"), pm.Normal("b")
        z = pm.Normal("z", dims="i")
        OUTCOMES[family](a + b * z)
    with pytest.raises(ValueError, match="The truth leads to impossible parameters of .*y"):
        simulate(model, {"a": 0.2, "b": 1, "z": -3}, seed=SEED)


def probability_model():
    with pm.Model(coords={"i": range(6)}) as model:
        a, z = pm.Normal("a"), pm.Normal("z", dims="i")
        p = pm.Deterministic("p", pm.math.sigmoid(a * z), dims="i")
        pm.Bernoulli("y", p, dims="i")
    return model, tree({"a": 1.0}, {"z": ("i", np.zeros(6)), "y": ("i", np.zeros(6))}, draws=500)


@pytest.mark.parametrize("value", [1.5, -0.2])
def test_parameters_under_an_intervention(value):
    model, idata = probability_model()
    with pytest.raises(ValueError, match="The intervention leads to impossible parameters of .*y"):
        intervene(model, idata, {"p": value}, outcome="y", seed=SEED)


def test_a_deterministic_probability_may_be_set():
    model, idata = probability_model()
    share = intervene(model, idata, {"p": 0.25}, outcome="y", seed=SEED, over="i")
    assert float(share.mean()) == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("treatment", [2 + pm.Normal.dist(), pm.Normal.dist(shape=4)])
def test_distributions_of_another_shape(treatment):
    with pm.Model(coords={"i": range(6)}) as model:
        a, z = pm.Normal("a"), pm.Normal("z", dims="i")
        pm.Normal("y", pm.Deterministic("mu", a * z, dims="i"), 1, dims="i")
    idata = tree({"a": 1.0}, {"z": ("i", np.zeros(6)), "y": ("i", np.zeros(6))}, draws=500)
    with pytest.raises(ValueError, match=r"for 'z'.*shape.*\(6,\)"):
        intervene(model, idata, {"z": treatment}, outcome="mu", seed=SEED)
    moved = intervene(model, idata, {"z": 2 + pm.Normal.dist(shape=6)}, outcome="mu", seed=SEED)
    assert float(moved.mean()) == pytest.approx(2, abs=0.1)


def test_totals_by_a_code_that_is_missing():
    with pm.Model(coords={"i": range(4), "group": range(3)}) as model:
        b, z = pm.Normal("b"), pm.Normal("z", dims="i")
        codes = pm.Data("codes", [0, 1, 2, -1], dims="i")
        pm.Normal("y", pt.inc_subtensor(pt.zeros(3)[codes], b * z), 1, dims="group")
    with pytest.raises(ValueError, match="'codes' holds the code -1"):
        condition(model, {"z": np.ones(4), "y": np.zeros(3)})
