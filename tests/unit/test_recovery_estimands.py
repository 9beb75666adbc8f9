"""recover's estimands: expectations on both sides, and ranks that are uniform whatever they are made of."""

import numpy as np
import pymc as pm
import pytest
import xarray as xr
from conftest import SEED
from scipy import special, stats

from helpers import plot_recovery, recover, simulate, summarize_recovery

QUIET = {"progressbar": False}
SHORT = {**QUIET, "draws": 500, "tune": 200, "seed": SEED}


def mean_model(units=4, **options):
    """Normal mean with known noise."""
    with pm.Model(coords={"i": range(units)}) as model:
        mu = pm.Normal("mu", 0, 1, **options)
        pm.Normal("y", mu, 1, dims="i")
    return model


def store_model(stores=("a", "b", "c"), transposed=False):
    """A level for each store; what is sold on five days, one row a store or one column."""
    with pm.Model(coords={"store": list(stores), "day": range(5)}) as model:
        level = pm.Normal("level", 0, 5, dims="store")
        if transposed:
            pm.Normal("sold", level[None, :], 0.1, dims=("day", "store"))
        else:
            pm.Normal("sold", level[:, None], 0.1, dims=("store", "day"))
    return model


MEAN, STORES = mean_model(), store_model()


@pytest.fixture(scope="module")
def mediated():
    """A treatment that works through a mediator, yes or no, which is drawn anew under do."""
    with pm.Model(coords={"i": range(20)}) as model:
        a = pm.Normal("a", 0, 0.3)
        x = pm.Normal("x", 0, 1, dims="i")
        m = pm.Bernoulli("m", logit_p=a + x, dims="i")
        y_mu = pm.Deterministic("y_mu", 2 * m, dims="i")
        pm.Normal("y", y_mu, 1, dims="i")

    def formula(draws, data):
        return 2 * (special.expit(draws["a"] + 1) - special.expit(draws["a"] - 1))

    estimands = {"ATE": ({"x": 1}, {"x": -1}, "y_mu"), "formula": formula}
    return recover(model, datasets=150, estimands=estimands, **SHORT)


@pytest.fixture(scope="module")
def tied():
    estimands = {
        "clipped": lambda draws, data: draws["mu"].clip(0),
        "positive": lambda draws, data: draws["mu"] > 0,
        "of the data": lambda draws, data: xr.zeros_like(draws["mu"]) + data["y"].mean(),
    }
    return recover(MEAN, datasets=150, estimands=estimands, **SHORT)


@pytest.fixture(scope="module")
def sometimes_undefined():
    with pm.Model(coords={"i": range(4)}) as model:
        b = pm.Normal("b")
        t = pm.Bernoulli("t", 0.3, dims="i")
        pm.Normal("y", b * t, 1, dims="i")

    def effect_on_the_treated(draws, data):
        return draws["b"] * xr.where(data["t"] == 1, 1.0, np.nan).mean("i")

    estimands = {"ATT": effect_on_the_treated, "inverse": lambda draws, data: 1 / (draws["b"] - draws["b"])}
    return recover(model, {"b": 0.5}, datasets=40, estimands=estimands, **SHORT)


class TestChanceIsAveragedOut:
    def test_ranks_are_uniform(self, mediated):
        assert stats.kstest(mediated["ATE"].sel(statistic="rank"), "uniform").pvalue > 0.001

    def test_the_posterior_is_that_of_the_expectation(self, mediated):
        ate, formula = mediated["ATE"], mediated["formula"]
        # A single draw of twenty mediators has a standard deviation of 0.2, ten times the posterior's own.
        error = ate.sel(statistic="mean") - formula.sel(statistic="mean")
        assert abs(error).max() < 0.005
        ratio = float(ate.sel(statistic="sd").mean() / formula.sel(statistic="sd").mean())
        assert 1 < ratio < 1.25

    def test_a_stochastic_intervention(self):
        with pm.Model(coords={"i": range(4)}) as model:
            beta = pm.Normal("beta", 1, 0.5)
            h = pm.Normal("h", 0, 1, dims="i")
            y_mu = pm.Deterministic("y_mu", beta * h, dims="i")
            pm.Normal("y", y_mu, 1, dims="i")
        spread = {"spread": ({"h": pm.Normal.dist(2, 0.5)}, {"h": 0}, "y_mu")}
        result = recover(model, {"beta": 1}, datasets=3, estimands=spread, **SHORT)
        sd = result["spread"].sel(statistic="sd") / (2 * result["beta"].sel(statistic="sd"))
        # A twentieth of the variance may be left of the chance, and the two variances are estimates.
        assert ((sd > 0.97) & (sd < 1.05)).all()
        np.testing.assert_allclose(result["spread"].sel(statistic="truth"), 2, atol=0.5)


class TestTies:
    @pytest.mark.parametrize("name", ["mu", "clipped", "positive", "of the data"])
    def test_ranks_are_uniform(self, tied, name):
        assert stats.kstest(tied[name].sel(statistic="rank"), "uniform").pvalue > 0.001

    def test_an_interval_holds_its_ends(self, tied):
        coverage = summarize_recovery(tied)["coverage"]
        assert coverage["of the data"] == 1
        assert (coverage > 0.94 - 4 * (0.94 * 0.06 / 150) ** 0.5).all()


class TestMissingValues:
    def test_what_is_undefined_counts_nowhere(self, sometimes_undefined):
        defined = sometimes_undefined["ATT"].sel(statistic="mean").notnull()
        assert 0 < int(defined.sum()) < 40
        assert (sometimes_undefined["ATT"].sel(statistic="rank").notnull() == defined).all()
        row = summarize_recovery(sometimes_undefined).loc["ATT"]
        lower, upper = (sometimes_undefined["ATT"].sel(statistic=end)[defined] for end in ("lower", "upper"))
        assert row["fits"] == int(defined.sum()) and row["truth"] == 0.5
        assert row["coverage"] == float(((lower <= 0.5) & (0.5 <= upper)).mean())
        assert plot_recovery(sometimes_undefined, "ATT").get_title(loc="left").endswith(f"± {row['bias_mcse']:.2g}")

    def test_infinite_everywhere(self, sometimes_undefined):
        row = summarize_recovery(sometimes_undefined).loc["inverse"]
        assert row["fits"] == 0 and np.isnan(row["coverage"])
        with pytest.raises(ValueError, match="'inverse' is a finite number in no data set"):
            plot_recovery(sometimes_undefined, "inverse")


class TestLabels:
    def test_each_estimand_keeps_its_own(self):
        estimands = {
            "two": lambda draws, data: draws["level"].sel(store=["b", "a"]),
            "steps": lambda draws, data: draws["level"].diff("store"),
        }
        result = recover(STORES, {"level": [1, 2, 4]}, datasets=2, estimands=estimands, **SHORT).isel(dataset=0)
        truth = result.sel(statistic="truth")
        np.testing.assert_array_equal(truth["two"].sel(store=["a", "b", "c"]), [1, 2, np.nan])
        np.testing.assert_array_equal(truth["steps"].sel(store=["b", "c"]), [1, 2])

    def test_labels_that_differ_between_data_sets(self):
        def highest(draws, data):
            place = [int(data["y"].values.argmax())]
            return draws["mu"] + xr.DataArray([0.0], {"unit": place}, ["unit"])

        result = recover(MEAN, {"mu": 0.5}, datasets=6, estimands={"highest": highest}, **SHORT)
        for index in range(6):
            data = simulate(MEAN, {"mu": 0.5}, seed=int(result["seed"][index]))
            found = result["highest"].sel(dataset=index, statistic="truth").dropna("unit")
            assert found["unit"].values.tolist() == [int(data["y"].values.argmax())] and float(found[0]) == 0.5

    def test_dates_go_through_a_checkpoint(self, tmp_path):
        days = np.array(["2024-01-01", "2024-01-02"], dtype="datetime64[ns]")
        with pm.Model(coords={"day": days, "i": range(10)}) as model:
            level = pm.Normal("level", dims="day")
            pm.Normal("y", level[0], 1, dims="i")
        options = {"datasets": 1, "checkpoint": tmp_path / "days", "variables": ["y"], **SHORT}
        first = recover(model, **options)
        assert (first["day"].values == days).all()
        xr.testing.assert_identical(recover(model, **options), first)

    def test_a_parameter_with_the_name_of_a_dtype(self):
        with pm.Model(coords={"i": range(20)}) as model:
            half, x = pm.Normal("half"), pm.Normal("x", dims="i")
            y_mu = pm.Deterministic("y_mu", half * x, dims="i")
            pm.Normal("y", y_mu, 1, dims="i")
        estimands = {"effect": ({"x": 1}, {"x": 0}, "y_mu")}
        found = recover(model, {"half": 0.5}, datasets=2, estimands=estimands, **SHORT)
        same = ["truth", "mean", "sd", "lower", "upper"]  # Ranks break ties by chance.
        assert np.allclose(found["effect"].sel(statistic=same), found["half"].sel(statistic=same))

    def test_parameters_and_data_with_a_shape_instead_of_dims(self):
        with pm.Model() as model:
            level = pm.Normal("level", 0, 1, shape=3)
            pm.Normal("y", level.sum(), 1, shape=8)
        result = recover(model, {"level": [1, 0, -1]}, datasets=1, variables=["y"], **SHORT)
        np.testing.assert_array_equal(result["level"].sel(statistic="truth")[0], [1, 0, -1])

    def test_dims_that_only_a_container_has(self):
        with pm.Model() as model:
            weight = pm.Data("weight", np.arange(5.0), dims="i")
            slope = pm.Normal("slope")
            y_mu = pm.Deterministic("y_mu", slope * weight, dims="i")
            pm.Normal("y", y_mu, 1, dims="i")
        estimands = {"total": lambda draws, data: draws["slope"] * data["weight"].sum()}
        result = recover(model, {"slope": 2}, datasets=1, estimands=estimands, **SHORT)
        assert float(result["total"].sel(statistic="truth")[0]) == 20


class TestGenerator:
    @pytest.mark.parametrize("generator", [store_model("cba"), store_model(transposed=True)])
    def test_refuses_dims_and_labels_in_another_order(self, generator):
        with pytest.raises(ValueError, match=r"in another order|'sold' has the dims"):
            recover(STORES, generator=generator, datasets=1, **SHORT)

    def test_refuses_what_has_other_dims(self):
        with pm.Model(coords={"store": ["a", "b", "c"], "day": range(5)}) as generator:
            level = pm.Normal("level", 0, 5)
            pm.Normal("sold", level, 0.1, dims=("store", "day"))
        with pytest.raises(ValueError, match=r"'level' has the dims \('store',\) in the model and \(\) in"):
            recover(STORES, generator=generator, datasets=1, **SHORT)

    def test_refuses_when_nothing_is_shared(self):
        with pm.Model(coords={"i": range(4)}) as generator:
            pm.Normal("y", 0, 1, dims="i")
        with pytest.raises(ValueError, match=r"none of the fitted parameters \(mu\)"):
            recover(MEAN, generator=generator, datasets=1, **SHORT)


class TestMisuse:
    def test_an_estimand_may_not_change_the_data(self):
        def spoils(draws, data):
            data["y"].values[:] = 0
            return draws["mu"]

        with pytest.raises(ValueError, match=r"'spoils' fails on each of 5 data sets.*read-only"):
            recover(MEAN, datasets=1, estimands={"spoils": spoils}, **SHORT)

    def test_a_wrong_option_is_the_calls_fault(self, tmp_path):
        path = tmp_path / "kept"
        with pytest.raises(RuntimeError, match="The first 5 fits failed with the same error: AttributeError.*acept"):
            recover(MEAN, datasets=20, target_acept=0.9, checkpoint=path, **SHORT)
        assert len(path.read_text().splitlines()) == 1, "no failure is kept"

    @pytest.mark.parametrize(
        ("change", "error", "message"),
        [
            ({"estimands": {"A": ({"y": 1}, {"y": 0}, "y")}}, ValueError, "its outcome 'y' is set by the intervention"),
            ({"estimands": {"i": lambda draws, data: draws["mu"]}}, ValueError, "i: an estimand needs a name"),
            ({"seed": None}, TypeError, "seed is None; expected a whole number"),
        ],
    )
    def test_refuses(self, change, error, message):
        with pytest.raises(error, match=message):
            recover(MEAN, **({"datasets": 1, **SHORT} | change))

    def test_refuses_potentials_and_names_of_its_own(self):
        with mean_model() as model:
            pm.Potential("pull", -(model["mu"] ** 2))
        with pytest.raises(ValueError, match=r"The model has potentials \(pull\)"):
            recover(model, datasets=1, **SHORT)
        with pm.Model(coords={"i": range(3)}) as model:
            pm.Normal("y", pm.Normal("statistic"), 1, dims="i")
        with pytest.raises(ValueError, match="statistic: recover uses this name itself"):
            recover(model, datasets=1, **SHORT)
