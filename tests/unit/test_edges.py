"""Edges of the libraries: what works bare works here, and what can't be is refused in the helpers' own words."""

import arviz as az
import networkx as nx
import numpy as np
import pandas as pd
import pymc as pm
import pytensor
import pytest
import xarray as xr
from conftest import SEED
from fits_by_hand import CHEAP, mean, multiplied, treated, tree
from scipy.stats import norm

from helpers import (
    condition,
    contrast,
    draw_dag,
    fit,
    intervene,
    plot_effect,
    recover,
    simulate,
    summarize,
)
from helpers._models.structure import lengths_of

HIGH, LOW = {"z": 1}, {"z": 0}
MU = {"outcome": "mu", "seed": SEED}
SHORT = {"seed": SEED, "draws": 200, "tune": 200, "chains": 2, "progressbar": False}


class TestConstantEffects:
    def test_on_what_the_treatment_does_not_reach(self):
        model, idata = multiplied()
        for outcome, over in (("x", "i"), ("x", None)):
            effect = contrast(model, idata, HIGH, LOW, outcome=outcome, over=over, seed=SEED)
            np.testing.assert_array_equal(effect, np.zeros(effect.shape))
        effect = effect.mean("i")
        assert "0" in [text.get_text().strip() for text in plot_effect(effect).texts]
        row = summarize(effect).iloc[0]
        assert row["mean"] == row["sd"] == row["mcse_mean"] == 0

    def test_beside_its_truth(self):
        ax = plot_effect(xr.DataArray(np.zeros((2, 300)), dims=("chain", "draw")), truth=0)
        assert any("truth 0" in text.get_text() for text in ax.texts)


class TestYesNoOutcome:
    @pytest.fixture
    def threshold(self):
        """Above 0.5 or not, of a + z, where a is normal with a standard deviation of 0.5."""
        with pm.Model(coords={"i": range(6)}) as model:
            a, z = pm.Normal("a"), pm.Normal("z", dims="i")
            mu = pm.Deterministic("mu", a + z, dims="i")
            pm.Deterministic("above", mu > 0.5, dims="i")
            pm.Normal("y", mu, 1, dims="i")
        grid = norm(0, 0.5).ppf((np.arange(1000) + 0.5) / 1000).reshape(2, 500)
        return model, tree({"a": ((), grid)}, {"z": ("i", np.zeros(6)), "y": ("i", np.zeros(6))})

    def test_is_counted(self, threshold):
        share = norm.cdf(1)
        draws = intervene(*threshold, HIGH, outcome="above", seed=SEED)
        np.testing.assert_allclose(mean(draws), share, atol=1e-3)
        np.testing.assert_allclose(summarize(draws)["mean"], share, atol=1e-3)
        for over in (None, "i"):
            effect = contrast(*threshold, HIGH, LOW, outcome="above", seed=SEED, over=over)
            np.testing.assert_allclose(mean(effect), 2 * share - 1, atol=2e-3)
        assert plot_effect(draws[:, :, 0]).texts


class TestFewParameters:
    def test_fit_without_nuts(self):
        with pm.Model(coords={"i": [0]}) as model:
            pm.Normal("y", pm.Bernoulli("k", 0.5), 1, dims="i")
        idata = fit(
            model, {"y": np.full(4, 0.6)}, seed=np.random.default_rng(SEED), cores=1, draws=1000, tune=100, chains=2
        )
        odds = np.exp(norm(1, 1).logpdf(0.6) * 4 - norm(0, 1).logpdf(0.6) * 4)
        assert float(idata["posterior"]["k"].mean()) == pytest.approx(odds / (1 + odds), abs=0.05)

    def test_do_on_the_only_parameter(self):
        with pm.Model(coords={"i": range(3)}) as model:
            a = pm.Normal("a")
            c = pm.Deterministic("c", 3 * pm.Deterministic("b", a + 10))
            pm.Normal("y", c, 1, dims="i")
        idata = tree({"a": 0.0}, {"y": ("i", np.zeros(3))})
        draws = intervene(model, idata, {"a": -100}, outcome="c", seed=SEED)
        np.testing.assert_array_equal(draws, np.full((2, 50), -270))
        effect = contrast(model, idata, {"a": 1}, {"a": 0}, outcome="y", over="i", seed=SEED)
        np.testing.assert_allclose(effect, np.full((2, 50), 3))

    def test_no_parameter_at_all(self):
        with pm.Model(coords={"i": range(50)}) as model:
            x = pm.Normal("x", dims="i")
            pm.Normal("z", pm.Normal("y", x, 1, dims="i"), 1, dims="i")
        zeros = ("i", np.zeros(50))
        idata = tree({"y": zeros}, {"x": zeros, "z": zeros})
        draws = intervene(model, idata, {"x": 2}, outcome="z", over="i", seed=SEED, unit_noise="redraw")
        assert float(draws.mean()) == pytest.approx(2, abs=4 * np.sqrt(2 / 5000))

    def test_outcomes_that_no_draw_is_needed_for(self):
        """A parameter is at its posterior, and a container at its value."""
        with pm.Model(coords={"i": range(3)}) as model:
            a, z = pm.Normal("a"), pm.Normal("z", dims="i")
            x = pm.Data("x", [1.0, 2, 6], dims="i")
            pm.Normal("y", a + z + x, 1, dims="i")
        a = np.random.default_rng(0).normal(size=(2, 50))
        idata = tree({"a": ((), a)}, {"z": ("i", np.zeros(3)), "y": ("i", np.zeros(3))})
        np.testing.assert_array_equal(intervene(model, idata, HIGH, outcome="a", seed=SEED), a)
        np.testing.assert_array_equal(contrast(model, idata, HIGH, LOW, outcome="a", seed=SEED), 0 * a)
        idata["constant_data"] = xr.DataTree(xr.Dataset({"x": ("i", [1.0, 2, 9])}, {"i": range(3)}))
        draws = intervene(model, idata, HIGH, outcome="x", seed=SEED)
        np.testing.assert_array_equal(mean(draws), [1, 2, 9])
        averaged = intervene(model, idata, HIGH, outcome="x", seed=SEED, over=[True, False, True])
        np.testing.assert_array_equal(averaged, np.full((2, 50), 5))


def test_as_many_units_as_draws():
    """Nothing goes by length: PyMC broadcasts what it takes for a batch."""
    model, idata = treated(units=50)
    values = np.arange(50.0)
    draws = intervene(model, idata, {"z": values}, **MU)
    np.testing.assert_array_equal(mean(draws), 1 + 2 * values)
    np.testing.assert_array_equal(intervene(model, idata, {"z": values}, over="i", **MU), np.full((2, 50), 50))


class TestPictures:
    @pytest.mark.parametrize(
        ("do", "shown"),
        [
            ({"z": pm.Normal.dist()}, "do($z$ ~ Normal)"),
            ({"z": lambda data: data["z"]}, "do($z$)"),
            ({"z": np.arange(3)}, "do($z$)"),
        ],
    )
    def test_of_a_world(self, do, shown):
        graph = nx.DiGraph([("c", "z"), ("c", "y"), ("z", "y")])
        assert shown in [node.content for node in draw_dag(graph, do=do)._nodes.values()]

    def test_refuses(self):
        with pytest.raises(TypeError, match="do is an int; expected names of nodes, as do={'z'}"):
            draw_dag(nx.DiGraph([("c", "z")]), do=3)


def dose_model(prescribed_only=False):
    with pm.Model(coords={"i": range(5)}) as model:
        b, prescribed = pm.Normal("b"), pm.Normal("prescribed", dims="i")
        offset = 1 if prescribed_only else pm.Normal("offset", dims="i")
        dose = pm.Deterministic("dose", prescribed + offset, dims="i")
        pm.Normal("y", pm.Deterministic("mu", b * dose, dims="i"), 1, dims="i")
    return model


class TestDoOnADeterministic:
    @pytest.fixture(params=[True, False], ids=["dose in the posterior", "not"])
    def idata(self, request):
        x = np.arange(5.0)
        observed = {"prescribed": ("i", x), "offset": ("i", 0 * x), "y": ("i", 2 * x)}
        return tree({"b": 2.0} | ({"dose": ("i", x)} if request.param else {}), observed)

    @pytest.mark.parametrize(
        ("do", "expected"),
        [
            ({"dose": 3}, [6] * 5),
            ({"dose": np.arange(5.0)}, [0, 2, 4, 6, 8]),
            ({"dose": pd.Series([0, 1, 2, 3, 4], index=[4, 3, 2, 1, 0])}, [8, 6, 4, 2, 0]),
            ({"dose": lambda data: data["prescribed"] + 1}, [2, 4, 6, 8, 10]),
            ({"prescribed": 3}, [6] * 5),
            ({"prescribed": 7, "dose": 3}, [6] * 5),
        ],
    )
    def test_cuts_it_from_its_causes(self, idata, do, expected):
        np.testing.assert_array_equal(mean(intervene(dose_model(), idata, do, **MU)), expected)

    def test_by_chance(self, idata):
        draws = intervene(dose_model(), idata, {"dose": pm.Normal.dist(3, 0.1)}, **MU)
        np.testing.assert_allclose(mean(draws), [6] * 5, atol=5 * 0.2 / 10)
        assert float(draws.std()) == pytest.approx(0.2, rel=0.2)

    def test_in_a_contrast(self):
        x = ("i", np.arange(5.0))
        idata = tree({"b": 2.0}, {"prescribed": x, "y": x})
        effect = contrast(dose_model(True), idata, {"dose": 3}, {"dose": 1}, outcome="y", over="i", seed=SEED)
        np.testing.assert_allclose(effect, np.full((2, 50), 4))

    def test_in_recover(self):
        estimands = {"effect": ({"dose": 3}, {"dose": 1}, "mu")}
        result = recover(dose_model(), {"b": 2}, {"i": 20}, datasets=2, estimands=estimands, **SHORT)
        np.testing.assert_allclose(result["effect"].sel(statistic="truth"), 4)
        means = [result[name].sel(statistic="mean") for name in ("effect", "b")]
        np.testing.assert_allclose(means[0], 2 * means[1], rtol=1e-9)


class TestOver:
    """The effect of unit i is i, and the last three are treated."""

    @pytest.mark.parametrize(
        "over",
        [
            lambda data: data["z"] == 1,
            lambda data: data["z"].to_series() == 1,
            lambda data: data["z"].to_numpy() == 1,
            lambda data: (data["z"].to_numpy() == 1).tolist(),
            lambda data: data["z"].to_numpy(),
        ],
        ids=["DataArray", "Series", "array", "list", "weights"],
    )
    def test_the_treated(self, over):
        model, idata = multiplied()
        over = over(idata["observed_data"])
        np.testing.assert_allclose(contrast(model, idata, HIGH, LOW, over=over, **MU), np.full((2, 50), 4))

    @pytest.mark.parametrize(
        ("over", "error", "message"),
        [
            (np.array([True, False]), ValueError, r"'over' got an array of shape \(2,\); expected \(i: 6\)"),
            ([True, False], ValueError, r"'over' got an array of shape \(2,\)"),
            (np.array([1.0, 0, 0, 0, 0, np.nan]), ValueError, r"'over' has 1 missing value"),
            (np.array([1.0, 0, 0, 0, 0, -1]), ValueError, "over gives negative weights"),
            (3, TypeError, "over is an int; expected a dim, several, or a weight for each unit"),
        ],
    )
    def test_refuses(self, over, error, message):
        with pytest.raises(error, match=message):
            contrast(*multiplied(), HIGH, LOW, over=over, **MU)


class TestPolicies:
    """Called once in each world, with the data."""

    def test_in_intervene_and_contrast(self):
        model, idata = treated()
        seen = []

        def policy(data):
            seen.append(sorted(data.data_vars))
            return data["z"] + 1

        np.testing.assert_array_equal(intervene(model, idata, {"z": policy}, over="i", **MU), np.full((2, 50), 5))
        assert seen == [["y", "z"]]
        effect = contrast(model, idata, {"z": policy}, LOW, over="i", **MU)
        np.testing.assert_array_equal(effect, np.full((2, 50), 4))
        assert len(seen) == 2


class TestFiles:
    def test_a_fit_is_read_back(self, tmp_path):
        model, idata = treated()
        idata.to_netcdf(tmp_path / "fit.nc")
        back = az.from_netcdf(tmp_path / "fit.nc")
        xr.testing.assert_equal(intervene(model, back, HIGH, **MU), intervene(model, idata, HIGH, **MU))


class TestDerivedLikelihoods:
    def test_says_what_to_observe_instead(self):
        with pm.Model(coords={"i": [0]}) as model:
            log_income = pm.Normal("log_income", pm.Normal("m"), 1, dims="i")
            pm.Deterministic("income", pm.math.exp(log_income), dims="i")
        message = r"'income' is a deterministic, and PyMC can't derive.*instead \(m, log_income\).*as its logarithm"
        with pytest.raises(ValueError, match=message):
            condition(model, {"income": np.array([1.0, 2, 3])})
        assert [rv.name for rv in condition(model, {"log_income": np.zeros(3)}).observed_RVs] == ["log_income"]


class TestInitval:
    def test_refused_with_the_way_out(self):
        with pm.Model(coords={"i": range(6)}) as model:
            b, z = pm.Normal("b", initval=0.5), pm.Normal("z", dims="i")
            pm.Normal("y", pm.Deterministic("mu", b * z, dims="i"), 1, dims="i")
        data = {"z": np.zeros(6), "y": np.zeros(6)}
        for ask in (
            lambda: simulate(model, {"b": 1}, seed=SEED),
            lambda: condition(model, data),
            lambda: fit(model, data, seed=SEED),
            lambda: recover(model, {"b": 1}, datasets=1, **SHORT),
            lambda: intervene(model, treated()[1], HIGH, **MU),
            lambda: contrast(model, treated()[1], HIGH, LOW, **MU),
        ):
            with pytest.raises(ValueError, match=r"b: given initval=.*fit\(..., initvals={'b': ...}\)"):
                ask()


@pytest.mark.parametrize("symbolic", [False, True])
def test_a_length_is_found_without_a_draw(symbolic):
    """A rate that numpy can't draw from: looking at the shape alone must not ask it to."""
    with pm.Model(coords={"i": [0]}) as model:
        length = model.dim_lengths["i"] if symbolic else 3
        y = pm.Poisson("y", np.full(1, 1e300), shape=(length,))
    with pytensor.config.change_flags(mode=CHEAP):
        assert lengths_of(y) == (1 if symbolic else 3,)
