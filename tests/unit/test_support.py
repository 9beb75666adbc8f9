"""What a model holds to be impossible is refused alike, by whatever function and in whatever form it is set."""

import numpy as np
import pymc as pm
import pytest
from conftest import SEED
from fits_by_hand import log_density, mean, treated, tree
from scipy.stats import norm

from helpers import InterventionWarning, condition, contrast, intervene, recover, simulate, summarize

SHORT = {"seed": SEED, "draws": 200, "tune": 200, "chains": 2, "progressbar": False}
REFUSED = "(can't be set to|can't be drawn as|holds the code)"
MU = {"outcome": "mu", "seed": SEED}


def set_to(kind, value, effect=None):
    model, idata = treated(kind, effect)
    return intervene(model, idata, {"z": value}, over="i", **MU)


def with_log(a, b, z):
    return a + b * pm.math.log(z)


def arms_model():
    """Three arms with means 10, 20 and 30, and z the index of each unit's arm."""
    with pm.Model(coords={"i": range(9), "arm": ["placebo", "low", "high"]}) as model:
        alpha = pm.Normal("alpha", 20, 10, dims="arm")
        z = pm.Categorical("z", p=np.ones(3) / 3, dims="i")
        pm.Normal("y", pm.Deterministic("mu", alpha[z], dims="i"), 1, dims="i")
    return model


ARMS = arms_model()
ARMS_FIT = tree(
    {"alpha": ("arm", [10.0, 20, 30])},
    {"z": ("i", np.arange(9) % 3), "y": ("i", np.zeros(9))},
    {"arm": ["placebo", "low", "high"]},
)


class TestValues:
    @pytest.mark.parametrize(
        ("kind", "value", "shown"),
        [("HalfNormal", -5, "-5.0"), ("Poisson", -3, "-3"), ("Bernoulli", 2, "2"), ("LogNormal", -1, "-1.0")],
    )
    @pytest.mark.parametrize("form", ["scalar", "array", "policy"])
    def test_outside(self, kind, value, shown, form):
        given = {"scalar": value, "array": [1, 1, 1, 1, 1, value], "policy": lambda data: 0 * data["z"] + value}[form]
        message = f"'z' can't be set to {shown}: it lies outside the support of its distribution, {kind}"
        with pytest.raises(ValueError, match=message):
            set_to(kind, given)

    def test_in_either_world_of_a_contrast(self):
        model, idata = treated("HalfNormal")
        for high, low in ((-5, 1), (1, -5)):
            with pytest.raises(ValueError, match="'z' can't be set to -5.0.*HalfNormal"):
                contrast(model, idata, {"z": high}, {"z": low}, **MU)

    def test_as_the_truth_of_data(self):
        with pytest.raises(
            ValueError, match="'z' can't be -5.0: it lies outside the support of its distribution, Half"
        ):
            simulate(treated("HalfNormal")[0], {"a": 1, "b": 2, "z": -5}, seed=SEED)

    @pytest.mark.parametrize("kind", ["HalfNormal", "Bernoulli", "Poisson", "Normal", "LogNormal"])
    def test_inside(self, kind):
        np.testing.assert_array_equal(set_to(kind, 1), np.full((2, 50), 3))

    @pytest.mark.parametrize("kind", ["HalfNormal", "LogNormal"])
    def test_ends_of_a_support_may_be_set(self, kind):
        np.testing.assert_array_equal(set_to(kind, 0), np.full((2, 50), 1))
        data = simulate(treated(kind)[0], {"a": 1, "b": 2, "z": 0}, seed=SEED)
        np.testing.assert_array_equal(data["z"], np.zeros(6))

    def test_ends_may_not_be_observed(self):
        with pytest.raises(ValueError, match=r"'z' has 1 value\(s\) of 6 outside the support of LogNormal"):
            condition(treated("LogNormal")[0], {"z": [0.0, 1, 1, 1, 1, 1], "y": np.ones(6)})

    def test_what_is_no_number_there_is_said(self):
        with pytest.warns(InterventionWarning, match=r"100 of 100 draws of 'mu' aren't finite numbers under do\(z\)"):
            draws = set_to("LogNormal", 0, with_log)
        with pytest.raises(ValueError, match="'mu' has 100 infinite draws of 100"):
            summarize(draws)
        with pytest.raises(ValueError, match="'z' can't be set to -1.0"):
            set_to("LogNormal", -1, with_log)

    def test_a_support_that_depends_on_the_fit_and_on_data(self):
        with pm.Model(coords={"i": range(3)}) as model:
            top = pm.HalfNormal("top")
            most = pm.Data("most", [1.0, 2.0, 3.0], dims="i")
            z, w = pm.Uniform("z", 0, most, dims="i"), pm.Uniform("w", 0, top, dims="i")
            pm.Normal("y", pm.Deterministic("mu", z + w, dims="i"), 1, dims="i")
        observed = {"z": ("i", np.full(3, 0.5)), "w": ("i", np.full(3, 0.5)), "y": ("i", np.zeros(3))}
        idata = tree({"top": 1.0}, observed, constant={"most": ("i", [1.0, 2, 3])})
        for allowed in ({"z": [1, 2, 3], "w": 0}, {"z": 0, "w": [1, 2, 3]}):
            np.testing.assert_array_equal(mean(intervene(model, idata, allowed, **MU)), [1, 2, 3])
        with pytest.raises(ValueError, match="'z' can't be set to 1.5.*Uniform"):
            intervene(model, idata, {"z": 1.5}, **MU)
        np.testing.assert_array_equal(mean(intervene(model, idata, {"most": 2, "z": 1.5, "w": 0}, **MU)), [1.5] * 3)


class TestDistributions:
    @pytest.mark.parametrize(
        ("kind", "drawn", "shown"),
        [
            ("Bernoulli", pm.Poisson.dist(2), r"\d"),
            ("HalfNormal", pm.Normal.dist(), r"-\d"),
            ("Poisson", pm.DiscreteUniform.dist(-3, 3), r"-3"),
        ],
    )
    def test_outside(self, kind, drawn, shown):
        message = f"'z' can't be drawn as {shown}.*: it lies outside the support of its distribution, {kind}"
        with pytest.raises(ValueError, match=message):
            set_to(kind, drawn)

    def test_inside(self):
        # The mean of 600 yes/no draws has a standard error of 0.019, times 2.
        assert float(set_to("Bernoulli", pm.Bernoulli.dist(0.3)).mean()) == pytest.approx(1.6, abs=0.15)
        assert float(set_to("LogNormal", pm.HalfNormal.dist(1e-9)).mean()) == pytest.approx(1)


class TestCategories:
    def test_inside(self):
        for z, expected in ((0, 10), (1, 20), (2, 30)):
            draws = intervene(ARMS, ARMS_FIT, {"z": z}, **MU)
            np.testing.assert_array_equal(draws, np.full((2, 50, 9), expected))

    @pytest.mark.parametrize("z", [3, 4, 100, -1])
    def test_outside(self, z):
        message = f"'z' {REFUSED} {z}\\b"
        with pytest.raises(ValueError, match=message):
            intervene(ARMS, ARMS_FIT, {"z": z}, **MU)
        with pytest.raises(ValueError, match=message):
            contrast(ARMS, ARMS_FIT, {"z": 0}, {"z": z}, **MU)

    def test_a_distribution_that_reaches_outside(self):
        with pytest.raises(ValueError, match=f"'z' {REFUSED} 5"):
            intervene(ARMS, ARMS_FIT, {"z": pm.DiscreteUniform.dist(0, 5)}, **MU)


class TestRecover:
    @pytest.mark.parametrize(
        ("high", "message"),
        [
            (3, f"'z' {REFUSED} 3"),
            (pm.DiscreteUniform.dist(0, 5), f"'z' {REFUSED} 5"),
            (lambda data: 0 * data["z"] - 1, f"'z' {REFUSED} -1"),
        ],
        ids=["value", "distribution", "policy"],
    )
    def test_estimands_outside(self, high, message):
        estimands = {"ATE": ({"z": high}, {"z": 0}, "mu")}
        with pytest.raises(ValueError, match=message):
            recover(ARMS, {"alpha": [10, 20, 30]}, {"i": 30}, datasets=2, estimands=estimands, **SHORT)

    def test_estimands_inside(self):
        estimands = {
            "ATE": ({"z": 2}, {"z": 0}, "mu"),
            "policy": ({"z": lambda data: 2 - data["z"]}, {"z": lambda data: data["z"]}, "mu"),
        }
        result = recover(ARMS, {"alpha": [10, 20, 30]}, {"i": 30}, datasets=2, estimands=estimands, **SHORT)
        np.testing.assert_allclose(result["ATE"].sel(statistic="truth"), 20)
        for index in range(2):
            z = simulate(ARMS, {"alpha": [10, 20, 30]}, {"i": 30}, seed=int(result["seed"][index]))["z"]
            expected = 10 * float((2 - 2 * z).mean())
            assert float(result["policy"].sel(statistic="truth")[index]) == pytest.approx(expected)


class TestObserved:
    def test_possible_for_some_parameters(self):
        with pm.Model(coords={"i": [0]}) as model:
            pm.Uniform("y", 0, pm.HalfNormal("theta", 10), dims="i")
        conditioned = condition(model, {"y": [1.0, 12, 30]})
        expected = np.log(2) + norm(0, 10).logpdf(40) - 3 * np.log(40)
        assert log_density(conditioned, theta=40) == pytest.approx(expected)
        with pytest.raises(
            ValueError, match=r"'y' has 1 value\(s\) of 2 outside the support of Uniform \(range .*: -1"
        ):
            condition(model, {"y": [0.5, -1]})

    def test_a_saturated_probability(self):
        with pm.Model(coords={"i": [0]}) as model:
            b, x = pm.Normal("b", 5, 1), pm.Normal("x", 0, 1000, dims="i")
            pm.Bernoulli("y", p=pm.math.sigmoid(b * x), dims="i")
        x, y = np.array([1000.0, -1000, 3]), np.array([0, 1, 1])
        conditioned = condition(model, {"x": x, "y": y})
        expected = norm(5, 1).logpdf(0) + norm(0, 1000).logpdf(x).sum() - 3 * np.log(2)
        assert log_density(conditioned, b=0) == pytest.approx(expected)

    def test_impossible_for_all_parameters(self):
        with pm.Model(coords={"i": [0]}) as model:
            pm.HalfNormal("y", pm.HalfNormal("theta"), dims="i")
        with pytest.raises(ValueError, match=r"'y' has 1 value\(s\) of 2 outside the support of HalfNormal"):
            condition(model, {"y": [1.0, -1]})
