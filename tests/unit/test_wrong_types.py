"""Arguments of the wrong type are refused by name, in the helpers' own words; healthy models hear no false alarm."""

import numpy as np
import pymc as pm
import pytest
import xarray as xr
from conftest import SEED
from fits_by_hand import mean, treated, tree

from helpers import condition, contrast, fit, intervene, recover, simulate, summarize

HIGH, LOW = {"z": 1}, {"z": 0}
MU = {"outcome": "mu", "seed": SEED}
TRUTH = {"a": 1, "b": 2}
SHORT = {"seed": SEED, "draws": 200, "tune": 200, "chains": 2, "progressbar": False}
MODEL, FIT = treated()
A_DO = r"expected a mapping from names, for example {'z': 1}"
A_FIT = "expected the xarray.DataTree that fit or pm.sample gave"
ESTIMANDS = r"expected a mapping from names, for example {'ATE': \({'z': 1}, {'z': 0}, 'y_mu'\)}"


class TestInterventions:
    @pytest.mark.parametrize(
        ("do", "error", "message"),
        [
            (3, TypeError, f"do is an int; {A_DO}"),
            ("z", TypeError, f"do is a str; {A_DO}"),
            (["z"], TypeError, f"do is a list; {A_DO}"),
            (("z", 1), TypeError, f"do is a tuple; {A_DO}"),
            (None, TypeError, f"do is a NoneType; {A_DO}"),
            ({"z": "high"}, TypeError, "'z' holds .* values; expected numbers. Code categories as 0, 1, 2"),
            ({"z": None}, TypeError, "'z' holds object values; expected numbers"),
            ({1: 1}, KeyError, "Treatment 1 is unknown. Valid names: a, b, mu, y, z"),
        ],
    )
    def test_refuses(self, do, error, message):
        with pytest.raises(error, match=message):
            intervene(MODEL, FIT, do, **MU)
        named = message.replace("do is", "high is")
        with pytest.raises(error, match=named):
            contrast(MODEL, FIT, do, LOW, **MU)
        with pytest.raises(error, match=named.replace("high is", "low is")):
            contrast(MODEL, FIT, HIGH, do, **MU)

    @pytest.mark.parametrize(
        ("idata", "error", "message"),
        [
            (FIT["posterior"].to_dataset(), TypeError, f"idata is a Dataset; {A_FIT}"),
            ("fit.nc", TypeError, f"idata is a str; {A_FIT}"),
            ({}, TypeError, f"idata is a dict; {A_FIT}"),
            (xr.DataTree(), ValueError, r"idata has no group 'posterior' \(it has none\): pass what fit or pm.sample"),
            (
                xr.DataTree.from_dict({"observed_data": FIT["observed_data"].to_dataset()}),
                ValueError,
                r"idata has no group 'posterior' \(it has observed_data\)",
            ),
        ],
        ids=["Dataset", "str", "dict", "empty", "no posterior"],
    )
    def test_refuses_a_fit(self, idata, error, message):
        with pytest.raises(error, match=message):
            intervene(MODEL, idata, HIGH, **MU)
        with pytest.raises(error, match=message):
            contrast(MODEL, idata, HIGH, LOW, **MU)

    def test_refuses_an_outcome(self):
        with pytest.raises(TypeError, match="outcome is a list; expected the name of a variable"):
            intervene(MODEL, FIT, HIGH, outcome=["mu"], seed=SEED)


@pytest.mark.parametrize("model", ["model", None, lambda: None], ids=["str", "None", "function"])
def test_refuses_a_model(model):
    kind = type(model).__name__
    for ask in (
        lambda: intervene(model, FIT, HIGH, **MU),
        lambda: contrast(model, FIT, HIGH, LOW, **MU),
        lambda: simulate(model, TRUTH, seed=SEED),
        lambda: condition(model, {"y": [1.0]}),
        lambda: fit(model, {"y": [1.0]}, seed=SEED),
        lambda: recover(model, TRUTH, datasets=1, **SHORT),
    ):
        with pytest.raises(TypeError, match=f"model is an? {kind}; expected a pymc.Model"):
            ask()
    if model is not None:
        with pytest.raises(TypeError, match=f"generator is an? {kind}; expected a pymc.Model"):
            recover(MODEL, TRUTH, datasets=1, generator=model, **SHORT)


class TestOthers:
    @pytest.mark.parametrize(
        ("estimands", "message"),
        [
            ([({"z": 1}, {"z": 0}, "mu")], f"estimands is a list; {ESTIMANDS}"),
            (({"z": 1}, {"z": 0}, "mu"), f"estimands is a tuple; {ESTIMANDS}"),
            ("mu", f"estimands is a str; {ESTIMANDS}"),
            ({"ATE": (1, 0, "mu")}, f"An intervention of estimand 'ATE' is an int; {A_DO}"),
            ({"ATE": ({"z": 1}, {"z": 0})}, r"'ATE' is neither a callable nor a triple \(high, low, outcome\)"),
        ],
    )
    def test_refuses_estimands(self, estimands, message):
        with pytest.raises(TypeError, match=message):
            recover(MODEL, TRUTH, {"i": 20}, datasets=1, estimands=estimands, **SHORT)

    @pytest.mark.parametrize(
        ("effect", "error", "message"),
        [
            ({}, ValueError, "effect is an empty dict; expected an xarray.DataArray with dims chain and draw"),
            (xr.Dataset(), ValueError, "effect is an empty Dataset; expected an xarray.DataArray"),
            (3, TypeError, "effect is an int; expected an xarray.DataArray with dims chain and draw"),
        ],
    )
    def test_refuses_an_effect(self, effect, error, message):
        with pytest.raises(error, match=message):
            summarize(effect)

    def test_refuses_truth_sizes_and_data(self):
        for ask in (lambda *given: simulate(MODEL, *given, seed=SEED), lambda *given: recover(MODEL, *given, **SHORT)):
            with pytest.raises(TypeError, match="truth is a list; expected a mapping from names.*{'beta': 0.5}"):
                ask([1, 2])
            with pytest.raises(TypeError, match="sizes is an int; expected a mapping from names.*{'i': 100}"):
                ask(TRUTH, 5)
        for data in (None, "frame", 3):
            with pytest.raises(
                TypeError, match=f"data is an? {type(data).__name__}; expected an xarray Dataset, a pandas"
            ):
                condition(MODEL, data)


def multilevel(kind):
    """Varying intercepts of three groups, 0, 1 and 2, and twelve units; b = 1."""
    codes = np.arange(12) % 3
    with pm.Model(coords={"i": range(12), "group": [0] if kind == "written with one group" else range(3)}) as model:
        m, tau, b = pm.Normal("m"), pm.HalfNormal("tau"), pm.Normal("b")
        center = {
            "group covariate": lambda: m + pm.Normal("w", dims="group"),
            "group container": lambda: m + pm.Data("w", np.zeros(3), dims="group"),
        }.get(kind, lambda: m)()
        alpha = pm.Normal("alpha", center, tau, dims="group")
        z = pm.Normal("z", dims="i")
        g = pm.Data("g", codes, dims="i") if kind == "codes container" else codes
        pm.Normal("y", pm.Deterministic("mu", alpha[g] + b * z, dims="i"), 1, dims="i")
    observed = {"z": ("i", np.zeros(12)), "y": ("i", np.zeros(12))}
    observed |= {"w": ("group", np.zeros(3))} if kind == "group covariate" else {}
    constant = {"codes container": {"g": ("i", codes)}, "group container": {"w": ("group", np.ones(3))}}.get(kind)
    posterior = {"m": 1.0, "tau": 1.0, "b": 1.0, "alpha": ("group", [0.0, 1, 2])}
    return model, tree(posterior, observed, constant=constant)


class TestHealthyMultilevelModels:
    """PyMC's ImplicitFreezeWarning, an error in these tests, would advise what is wrong here."""

    @pytest.mark.parametrize(
        "kind", ["plain", "written with one group", "group covariate", "group container", "codes container"]
    )
    def test_no_warning(self, kind):
        model, idata = multilevel(kind)
        np.testing.assert_allclose(mean(intervene(model, idata, HIGH, **MU)), 1 + np.arange(12) % 3)
        effect = contrast(model, idata, HIGH, LOW, over="i", **MU)
        np.testing.assert_allclose(effect, np.ones((2, 50)))

    def test_typical_and_new_groups(self):
        with pm.Model(coords={"i": range(6), "group": range(3)}) as model:
            m, tau = pm.Normal("m"), pm.HalfNormal("tau")
            offset = pm.Normal("offset", dims="group")
            pm.Normal("y", pm.Deterministic("mu", m + tau * offset[np.arange(6) % 3], dims="i"), 1, dims="i")
        idata = tree({"m": 1.0, "tau": 1.0, "offset": ("group", [-1.0, 0, 2])}, {"y": ("i", np.zeros(6))}, draws=1000)
        typical = intervene(model, idata, {"offset": 0}, over="i", **MU)
        np.testing.assert_array_equal(typical, np.ones((2, 1000)))
        new = intervene(model, idata, {"offset": pm.Normal.dist()}, over="i", **MU)
        assert float(new.mean()) == pytest.approx(1, abs=0.06)
        assert float(new.std()) == pytest.approx(3**-0.5, abs=0.04)


class TestReplication:
    """do={} draws the outcome again, with all else as it is."""

    @pytest.fixture(scope="class")
    @classmethod
    def halves(cls):
        c = np.arange(40) % 2
        with pm.Model(coords={"i": range(40)}) as model:
            a, b = pm.Normal("a"), pm.Normal("b")
            c_, z = pm.Bernoulli("c", 0.5, dims="i"), pm.Bernoulli("z", 0.5, dims="i")
            pm.Normal("y", pm.Deterministic("mu", a + b * c_ + 0 * z, dims="i"), 1, dims="i")
        return model, tree({"a": 0.0, "b": 3.0}, {"c": ("i", c), "z": ("i", c), "y": ("i", 3.0 * c)}, draws=500)

    @pytest.mark.parametrize(("outcome", "sd"), [("y", 1), ("mu", 0)])
    def test_keeps_covariates_at_their_data(self, halves, outcome, sd):
        draws = intervene(*halves, {}, outcome=outcome, seed=SEED)
        expected = np.where(np.arange(40) % 2, 3, 0)
        np.testing.assert_allclose(mean(draws), expected, atol=5 * sd / np.sqrt(1000))
        np.testing.assert_allclose(draws.std(("chain", "draw")), sd, atol=5 * sd / np.sqrt(2000))
        assert float(draws.mean("i").std()) == pytest.approx(sd / np.sqrt(40), rel=0.1)

    def test_a_count_is_less_certain_than_its_expectation(self):
        with pm.Model(coords={"i": range(40)}) as model:
            b, z = pm.Normal("b"), pm.Normal("z", dims="i")
            pm.Poisson("y", pm.Deterministic("mu", pm.math.exp(1 + b * z), dims="i"), dims="i")
        b = 0.5 + 0.08 * np.random.default_rng(0).normal(size=(2, 500))
        idata = tree({"b": ((), b)}, {"z": ("i", np.zeros(40)), "y": ("i", np.ones(40, dtype=int))})
        effects = [contrast(model, idata, HIGH, LOW, outcome=name, over="i", seed=SEED) for name in ("mu", "y")]
        np.testing.assert_allclose(effects[0], np.exp(1 + b) - np.e)
        assert float((effects[1] - effects[0]).mean()) == pytest.approx(0, abs=0.06)
        assert float(effects[1].std()) > 1.3 * float(effects[0].std())
