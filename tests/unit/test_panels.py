"""What panels and groups bring: some of the labels, dates in two spellings, lags, random slopes, long tables."""

import numpy as np
import pandas as pd
import pymc as pm
import pytensor.tensor as pt
import pytest
import xarray as xr
from conftest import SEED
from fits_by_hand import mean, tree

from helpers import InterventionWarning, condition, intervene, simulate

WEEKS = pd.date_range("2024-01-01", periods=6, freq="W")


def grouped(own, codes):
    """Units whose mean is that of their group, by codes that are a constant."""
    with pm.Model(coords={"i": range(4), "group": list(own)}) as model:
        alpha, z = pm.Normal("alpha", dims="group"), pm.Normal("z", dims="i")
        pm.Normal("y", pm.Deterministic("mu", alpha[np.array(codes)] + 0 * z, dims="i"), 1, dims="i")
    return model


class TestOtherGroups:
    """Group codes count places among the model's labels; a fit of more or fewer groups has other places."""

    @pytest.mark.parametrize(("own", "fitted", "codes"), [("abcd", "acd", [0, 2, 2, 0]), ("bc", "abc", [0, 1, 1, 0])])
    def test_of_a_fit(self, own, fitted, codes):
        seen = {"z": ("i", np.zeros(4)), "y": ("i", np.zeros(4))}
        idata = tree({"alpha": ("group", [1.0, 2, 3])}, seen, {"group": list(fitted)})
        with pytest.raises(ValueError, match="codes that point to places, for the model's labels of 'group'"):
            intervene(grouped(own, codes), idata, {"z": 0}, outcome="mu", seed=SEED)

    @pytest.mark.parametrize("given", [False, True])
    def test_of_data(self, given):
        with pm.Model(coords={"i": range(4), "g": list("abc")}) as model:
            size = pm.Normal("size", dims="g")
            codes = pm.Data("codes", [0, 1, 2, 0], dims="i")
            pm.Normal("y", size[codes], 1, dims="i")
        data = {"size": pd.Series([2.0, 3, 1, 4], index=list("bcad")), "y": np.zeros(4)}
        if given:
            assert list(condition(model, data | {"codes": [2, 0, 1, 3]}).coords["g"]) == list("bcad")
            return
        with pytest.raises(ValueError, match="codes that point to places, for the model's labels of 'g', a, b, c"):
            condition(model, data)


class TestDates:
    @pytest.mark.parametrize("spelled", [lambda day: day, lambda day: day.date(), lambda day: str(day.date())])
    def test_are_dates_however_they_are_written(self, spelled):
        with pm.Model(coords={"week": list(map(spelled, WEEKS))}) as model:
            walk = pm.GaussianRandomWalk("walk", sigma=1, init_dist=pm.Normal.dist(), dims="week")
            pm.Normal("y", walk + pm.Data("x", np.zeros(6), dims="week"), 1, dims="week")
        sales = pd.Series(np.arange(6.0), index=WEEKS)
        assert len(condition(model, {"y": sales}).coords["week"]) == 6, "a container needs no other values"
        with pytest.raises(ValueError, match="'week' stand in another order"):
            condition(model, {"y": sales.sample(frac=1, random_state=2)})


@pytest.mark.parametrize("lag", [False, True])
def test_units_may_be_turned_where_only_time_has_an_order(lag):
    units = list("pqrs")
    with pm.Model(coords={"unit": units, "time": range(6)}) as model:
        alpha, x = pm.Normal("alpha", dims="unit"), pm.Normal("x", dims=("unit", "time"))
        before = pt.concatenate([pt.zeros((4, 1)), 0.5 * x[:, :-1]], axis=1) if lag else 0.1 * np.arange(6)
        pm.Normal("y", alpha[:, None] + x + before, 1, dims=("unit", "time"))
    values = np.random.default_rng(SEED).normal(size=(4, 6))
    data = xr.Dataset({name: (("unit", "time"), values) for name in "xy"}, {"unit": units, "time": range(6)})
    straight, turned = (condition(model, data.sel(unit=order)) for order in (units, units[::-1]))
    level = np.arange(4.0)
    density = straight.compile_logp()({"alpha": level})
    np.testing.assert_allclose(turned.compile_logp()({"alpha": level[::-1]}), density)
    with pytest.raises(ValueError, match="'time' stand in another order"):
        condition(model, data.sel(time=range(5, -1, -1)))


class TestUnitNoise:
    """With b = s = 1 the mean is e for these units, whose noise is 0, and e^1.5 = 4.48 for units like them."""

    def test_of_an_outcome_without_dims(self):
        with pm.Model(coords={"i": range(50)}) as model:
            b, z, o = pm.Normal("b"), pm.Bernoulli("z", 0.5, dims="i"), pm.Normal("o", dims="i")
            pm.Normal("y", pm.Deterministic("mu", pm.math.exp(b * z + o), dims="i"), 0.1)
        seen = {"z": ("i", np.arange(50) % 2), "y": ("y_dim_0", np.ones(50))}
        idata = tree({"b": 1.0, "o": ("i", np.zeros(50))}, seen, draws=1000)
        redrawn = intervene(model, idata, {"z": 1}, outcome="mu", seed=SEED, unit_noise="redraw")
        assert float(redrawn.mean()) == pytest.approx(np.exp(1.5), abs=0.15)
        with pytest.warns(InterventionWarning, match="o: latent, one value a unit"):
            intervene(model, idata, {"z": 1}, outcome="mu", seed=SEED)

    def test_of_a_long_panel_is_named(self):
        with pm.Model(coords={"obs": range(50), "unit": range(10)}) as model:
            b, z, u = pm.Normal("b"), pm.Bernoulli("z", 0.5, dims="obs"), pm.Normal("u", dims="unit")
            mu = pm.Deterministic("mu", pm.math.exp(b * z + u[np.repeat(np.arange(10), 5)]), dims="obs")
            pm.Normal("y", mu, 0.1, dims="obs")
        seen = {"z": ("obs", np.arange(50) % 2), "y": ("obs", np.ones(50))}
        idata = tree({"b": 1.0, "u": ("unit", np.zeros(10))}, seen, draws=1000)
        with pytest.warns(InterventionWarning, match=r"u: kept at the posterior.*unit_noise=\['u'\]"):
            kept = intervene(model, idata, {"z": 1}, outcome="mu", seed=SEED, unit_noise="redraw")
        redrawn = intervene(model, idata, {"z": 1}, outcome="mu", seed=SEED, unit_noise=["u"])
        assert float(kept.mean()) == pytest.approx(np.e)
        assert float(redrawn.mean()) == pytest.approx(np.exp(1.5), abs=0.3)

    def test_of_intercepts_and_slopes(self):
        with pm.Model(coords={"unit": range(20), "time": range(3), "coef": ["level", "slope"]}) as model:
            b, z = pm.Normal("b"), pm.Bernoulli("z", 0.5, dims=("unit", "time"))
            u = pm.Normal("u", dims=("unit", "coef"))
            mu = pm.Deterministic("mu", pm.math.exp(b * z + u[:, 0][:, None]), dims=("unit", "time"))
            pm.Normal("y", mu, 0.1, dims=("unit", "time"))
        seen = {"z": (("unit", "time"), np.zeros((20, 3))), "y": (("unit", "time"), np.ones((20, 3)))}
        latent = {"b": 1.0, "u": (("unit", "coef"), np.zeros((20, 2)))}
        idata = tree(latent, seen, {"coef": ["level", "slope"]}, draws=1000)
        redrawn = intervene(model, idata, {"z": 1}, outcome="mu", seed=SEED, unit_noise="redraw")
        assert float(redrawn.mean()) == pytest.approx(np.exp(1.5), abs=0.2)


def test_constants_of_another_length_are_named():
    with pm.Model(coords={"i": range(6)}) as model:
        pm.Normal("y", pm.Normal("b") * np.arange(6), 1, dims="i")
    with pytest.raises(ValueError, match="The model holds constants.*the model's labels of 'i', 0, 1, 2, … "):
        condition(model, {"y": np.zeros(4)})
    with pytest.raises(ValueError, match="constants with 6 values along 'i', which is to have 4"):
        simulate(model, {"b": 1}, {"i": 4}, seed=SEED)


def test_weights_of_a_latent_variable():
    seen = {"z": ("i", np.zeros(4)), "y": ("i", np.zeros(4))}
    idata = tree({"alpha": ("group", [1.0, 2, 3])}, seen, {"group": list("abc")})
    options = {"outcome": "alpha", "seed": SEED, "over": np.array([0, 1.0, 1])}
    assert mean(intervene(grouped("abc", [0, 1, 2, 0]), idata, {"z": 1}, **options)) == 2.5
