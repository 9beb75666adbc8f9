"""What a fit excludes a draw excludes, codes of groups exist, and seeds are what they seem."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest
from conftest import SEED
from fits_by_hand import log_density, mean, treated, tree
from pymc.distributions.transforms import log, ordered
from scipy.stats import norm

from helpers import InterventionWarning, condition, contrast, fit, intervene, recover, simulate

SHORT = {"seed": SEED, "draws": 200, "tune": 200, "chains": 2, "progressbar": False}


def ordered_model(gap=False):
    with pm.Model(coords={"i": [0], "cut": [0, 1]}) as model:
        if gap:
            first, gap = pm.Normal("first", -1, 1), pm.HalfNormal("gap", 2)
            cut = pm.Deterministic("cutpoints", pt.stack([first, first + gap]), dims="cut")
        else:
            cut = pm.Normal("cutpoints", [-0.1, 0.1], 1.5, transform=ordered, dims="cut")
        z = pm.Normal("z", dims="i")
        pm.OrderedLogistic("y", eta=pm.Normal("b") * z, cutpoints=cut, compute_p=False, dims="i")
    return model


def positive_model(sizes=1, **options):
    with pm.Model(coords={"i": range(sizes)}) as model:
        pm.Normal("y", pm.Normal("b", 0.5, 1, transform=log, **options), 1, dims="i")
    return model


class TestTransforms:
    @pytest.mark.parametrize("ask", [simulate, recover])
    @pytest.mark.parametrize(
        ("model", "truth", "message"),
        [
            (ordered_model(), {"cutpoints": [1, -1], "b": 1}, r"'cutpoints' can't be \[ 1., -1.\]: its transform, Ord"),
            (positive_model(), {"b": -1}, "'b' can't be -1.: its transform, LogTransform, excludes it from the fit"),
        ],
    )
    def test_refuses_a_truth_that_the_fit_excludes(self, ask, model, truth, message):
        options = SHORT | {"datasets": 1} if ask is recover else {"seed": SEED}
        with pytest.raises(ValueError, match=message):
            ask(model, truth, {"i": 20}, **options)

    @pytest.mark.parametrize("model", [ordered_model(), positive_model()], ids=["ordered", "log"])
    def test_refuses_to_draw_what_the_fit_excludes(self, model):
        with pytest.raises(
            ValueError, match="has the transform .*which excludes values from the fit.* or fix the varia"
        ):
            recover(model, sizes={"i": 20}, datasets=1, **SHORT)

    def test_refuses_to_draw_it_in_a_world(self):
        with pm.Model(coords={"i": range(4)}) as model:
            z, b = pm.Normal("z", dims="i"), pm.Normal("b")
            m = pm.Normal("m", z, 1, transform=log, dims="i")
            pm.Normal("y", pm.Deterministic("mu", b * m, dims="i"), 1, dims="i")
        idata = tree({"b": 1.0, "m": ("i", np.ones(4))}, {"z": ("i", np.ones(4)), "y": ("i", np.ones(4))})
        with pytest.raises(ValueError, match="'m' has the transform LogTransform, which excludes values from the fit"):
            intervene(model, idata, {"z": 1}, outcome="mu", seed=SEED, unit_noise="redraw")

    def test_accepts_a_truth_in_order(self):
        data = simulate(ordered_model(), {"cutpoints": [-1, 1], "b": 0}, {"i": 20_000}, seed=SEED)
        low = 1 / (1 + np.e)
        shares = np.bincount(data["y"], minlength=3) / 20_000
        np.testing.assert_allclose(shares, [low, 1 - 2 * low, low], atol=0.015)

    def test_recovers_cutpoints_in_either_spelling(self):
        fixed = {"cutpoints": [-1, 1]}
        result = recover(ordered_model(), fixed, {"i": 200}, datasets=2, **SHORT)
        np.testing.assert_array_equal(result["cutpoints"].sel(statistic="truth"), [[-1, 1]] * 2)
        np.testing.assert_allclose(result["cutpoints"].sel(statistic="mean"), [[-1, 1]] * 2, atol=0.6)
        result = recover(ordered_model(gap=True), {"first": -1, "gap": 2}, {"i": 200}, datasets=2, **SHORT)
        np.testing.assert_allclose(result["first"].sel(statistic="mean"), -1, atol=0.6)
        np.testing.assert_allclose(result["gap"].sel(statistic="mean"), 2, atol=0.6)

    def test_a_transform_that_excludes_nothing(self):
        with pm.Model(coords={"i": range(4)}) as model:
            pm.Normal("y", 0, pm.HalfNormal("sigma", transform=log), dims="i")
        assert simulate(model, {"sigma": 2}, seed=SEED).sizes["i"] == 4


def test_refuses_a_potential_on_what_is_drawn_again():
    with pm.Model(coords={"i": range(4)}) as model:
        b, z = pm.Normal("b"), pm.Normal("z", dims="i")
        m = pm.Normal("m", z, 1, dims="i")
        m_twice = pm.Deterministic("m_twice", 2 * m, dims="i")
        pm.Normal("y", pm.Deterministic("mu", b * m, dims="i"), 1, dims="i")
        pm.Potential("pull", -(m_twice**2))
    idata = tree({"b": 1.0}, {name: ("i", np.ones(4)) for name in "zmy"})
    with pytest.raises(ValueError, match="The potential 'pull' depends on m, which is drawn again here"):
        intervene(model, idata, {"z": 1}, outcome="mu", seed=SEED)


def coded():
    """Two units in each of three groups, with means 10, 20 and 30."""
    codes = np.array([0, 0, 1, 1, 2, 2])
    with pm.Model(coords={"i": range(6), "group": list("abc")}) as model:
        alpha = pm.Normal("alpha", 20, 10, dims="group")
        g = pm.Data("g", codes, dims="i")
        pm.Normal("y", pm.Deterministic("mu", alpha[g], dims="i"), 1, dims="i")
    posterior = {"alpha": ("group", [10.0, 20, 30])}
    return model, tree(posterior, {"y": ("i", np.zeros(6))}, {"group": list("abc")}, {"g": ("i", codes)})


BAD_CODES = [
    (5, "'g' holds the code 5, and 'alpha' has values for the codes 0 to 2 there.$"),
    (-1, "'g' holds the code -1, and 'alpha'.*A code of -1 is pandas' for missing"),
    ([1, 1, 2, 2, 3, 3], "'g' holds the code 3, and 'alpha' has values for the codes 0 to 2"),
    ([-1, -1, 1, 1, 2, 2], "'g' holds the code -1.*pandas' for missing"),
]


class TestCodes:
    @pytest.mark.parametrize(("codes", "message"), BAD_CODES)
    def test_refuses_codes_without_a_group(self, codes, message):
        model, idata = coded()
        many = np.broadcast_to(codes, 6)
        truth = {"alpha": [10, 20, 30], "g": many}
        for ask in (
            lambda: intervene(model, idata, {"g": codes}, outcome="mu", seed=SEED),
            lambda: condition(model, {"g": many, "y": np.zeros(6)}),
            lambda: simulate(model, truth, seed=SEED),
            lambda: recover(model, truth, datasets=1, **SHORT),
        ):
            with pytest.raises(ValueError, match=message):
                ask()

    def test_accepts_those_with_one(self):
        model, idata = coded()
        for codes, expected in ((2, [30] * 6), ([2, 1, 0, 0, 1, 2], [30, 20, 10, 10, 20, 30])):
            draws = intervene(model, idata, {"g": codes}, outcome="mu", seed=SEED)
            np.testing.assert_array_equal(mean(draws), expected)
        y = np.array([10.0, 10, 20, 20, 30, 30])
        conditioned = condition(model, {"g": [0, 0, 1, 1, 2, 2], "y": y})
        expected = norm(20, 10).logpdf([10, 20, 30]).sum() + 6 * norm().logpdf(0)
        assert log_density(conditioned, alpha=[10, 20, 30]) == pytest.approx(expected)


WRONG_SEEDS = [
    (None, TypeError, "seed is None; expected a whole number or a numpy.random.Generator"),
    ("42", TypeError, "seed is '42'; expected"),
    (1.5, TypeError, "seed is 1.5; expected"),
    (True, TypeError, "seed is True; expected"),
    (np.random.RandomState(42), TypeError, r"seed is RandomState\(MT19937\)"),
    ([1, 2], TypeError, r"seed is \[1, 2\]"),
    (-1, ValueError, "seed is -1; expected a whole number of at least 0"),
]


class TestSeeds:
    @pytest.mark.parametrize(("seed", "error", "message"), WRONG_SEEDS)
    def test_refuses_what_is_none(self, seed, error, message):
        model, idata = treated()
        options = {"outcome": "mu", "seed": seed}
        for ask in (
            lambda: intervene(model, idata, {"z": 1}, **options),
            lambda: contrast(model, idata, {"z": 1}, {"z": 0}, **options),
            lambda: simulate(model, {"a": 1, "b": 2}, seed=seed),
            lambda: fit(model, {"z": np.ones(6), "y": np.ones(6)}, seed=seed),
            lambda: recover(model, {"a": 1, "b": 2}, datasets=1, seed=seed),
        ):
            with pytest.raises(error, match=message):
                ask()

    @pytest.mark.parametrize(
        "seed", [42, np.int64(42), np.random.default_rng(42)], ids=lambda seed: type(seed).__name__
    )
    def test_both_worlds_share_their_random_numbers(self, seed):
        model, idata = treated(effect=lambda a, b, z: a + 0 * b * z)
        draws = contrast(model, idata, {"z": 1}, {"z": 0}, outcome="y", over="i", seed=seed)
        np.testing.assert_array_equal(draws, np.zeros((2, 50)))

    def test_a_generator_goes_on(self):
        model, idata = treated()
        first, second = np.random.default_rng(42), np.random.default_rng(42)
        for ask in (
            lambda rng: intervene(model, idata, {"z": 1}, outcome="y", seed=rng),
            lambda rng: simulate(model, {"a": 1, "b": 2}, seed=rng)["y"],
        ):
            one, other, again = ask(first), ask(first), ask(second)
            np.testing.assert_array_equal(one, again)
            assert float(abs(one - other).max()) > 0.1
            ask(second)

    def test_a_generator_in_fit_and_recover(self):
        model, _ = treated()
        options = {key: SHORT[key] for key in ("draws", "tune", "chains")}
        results = [
            recover(model, {"a": 1, "b": 2}, datasets=1, progressbar=False, **options, seed=np.random.default_rng(seed))
            for seed in (1, 1, 2)
        ]
        means = [float(result["b"].sel(statistic="mean")[0]) for result in results]
        assert means[0] == means[1] != means[2]


class TestNoiseInOneUnit:
    """What is drawn anew makes noise of a unit's contrast, whether or not it is the outcome itself."""

    @pytest.fixture
    def counted(self):
        with pm.Model(coords={"i": range(20)}) as model:
            a, b, z = pm.Normal("a"), pm.Normal("b"), pm.Normal("z", dims="i")
            m = pm.Poisson("m", pm.math.exp(a * z), dims="i")
            pm.Normal("y", pm.Deterministic("mu", b * m, dims="i"), 1, dims="i")
        observed = {"z": ("i", np.zeros(20)), "m": ("i", np.ones(20, dtype=int)), "y": ("i", np.ones(20))}
        return model, tree({"a": 1.0, "b": 1.0}, observed, draws=500)

    @pytest.mark.parametrize(("outcome", "named"), [("mu", "m: drawn anew"), ("y", "'y' is a random variable")])
    def test_is_said(self, counted, outcome, named):
        with pytest.warns(InterventionWarning, match=f"{named}.*difference in one unit holds noise.*over='i'"):
            draws = contrast(*counted, {"z": 1}, {"z": 0}, outcome=outcome, seed=SEED)
        # Without over the mean of 20,000 differences of counts with means e and 1.
        assert float(draws.mean()) == pytest.approx(np.e - 1, abs=0.08)

    def test_is_not_said_of_an_average(self, counted):
        draws = contrast(*counted, {"z": 1}, {"z": 0}, outcome="mu", seed=SEED, over="i")
        assert float(draws.mean()) == pytest.approx(np.e - 1, abs=0.08)

    def test_is_said_of_a_stochastic_intervention(self):
        with pytest.warns(InterventionWarning, match="z: drawn anew.*holds noise"):
            contrast(*treated(), {"z": pm.Normal.dist(1, 1)}, {"z": 0}, outcome="mu", seed=SEED)
