"""What is noise, mediator, data or latent: told by graph, dims and caller, however the model is spelled."""

import numpy as np
import pymc as pm
import pytest
from conftest import SEED
from fits_by_hand import mean, mediator_model, tree

from helpers import InterventionWarning, contrast, intervene

UNITS = 50
KEPT, REDRAWN = np.exp(1), np.exp(1.5)  # Of exp(z + o) under do(z=1): at o = 0, and averaged over a standard normal.


def noise_inline(b, s, z):
    return pm.math.exp(b * z + s * pm.Normal("o", dims="i"))


def noise_named(b, s, z):
    return pm.math.exp(b * z + pm.Deterministic("so", s * pm.Normal("o", dims="i"), dims="i"))


def noise_named_twice(b, s, z):
    so = pm.Deterministic("so", s * pm.Normal("o", dims="i"), dims="i")
    return pm.math.exp(b * z + pm.Deterministic("again", so + 0, dims="i"))


def noise_named_without_dims(b, s, z):
    return pm.math.exp(b * z + pm.Deterministic("so", s * pm.Normal("o", dims="i")))


def noise_beside_the_treatment(b, s, z):
    eta = pm.Deterministic("eta", b * z + s * pm.Normal("o", dims="i"), dims="i")
    return pm.math.exp(eta)


def noise_centered(b, s, z):
    return pm.math.exp(b * z + pm.Normal("o", 0, s, dims="i"))


def noise_of_noise(b, s, z):
    """The scale of the noise differs between units, too, but is one here."""
    return pm.math.exp(b * z + pm.Deterministic("so", s * pm.Normal("o", 0 * pm.Normal("p", dims="i"), dims="i")))


def noise_with_a_shape(b, s, z):
    return pm.math.exp(b * z + s * pm.Normal("o", shape=UNITS))


SPELLINGS = [
    noise_inline,
    noise_named,
    noise_named_twice,
    noise_named_without_dims,
    noise_beside_the_treatment,
    noise_centered,
    noise_of_noise,
    noise_with_a_shape,
]


def noisy(spelling):
    """Outcome exp(b z + s o), b = s = 1, with the noise o of each unit 0 in the posterior."""
    with pm.Model(coords={"i": range(UNITS)}) as model:
        b, s = pm.Normal("b"), pm.HalfNormal("s")
        z = pm.Bernoulli("z", 0.5, dims="i")
        pm.Normal("y", pm.Deterministic("mu", spelling(b, s, z), dims="i"), 0.1, dims="i")
    dim = "o_dim_0" if spelling is noise_with_a_shape else "i"
    posterior = {"b": 1.0, "s": 1.0, "o": (dim, np.zeros(UNITS)), "p": ("i", np.zeros(UNITS))}
    posterior = {name: value for name, value in posterior.items() if name in model.named_vars}
    idata = tree(posterior, {"z": ("i", np.arange(UNITS) % 2), "y": ("i", np.ones(UNITS))}, draws=500)
    return model, idata


def average(model, idata, unit_noise=None, do=None):
    draws = intervene(
        model, idata, do or {"z": 1}, outcome="mu", seed=SEED, over=model_dims(model), unit_noise=unit_noise
    )
    return float(draws.mean())


def model_dims(model):
    return list(model.named_vars_to_dims["mu"])


@pytest.mark.parametrize("spelling", SPELLINGS, ids=lambda spelling: spelling.__name__)
class TestUnitNoise:
    def test_kept_or_redrawn(self, spelling):
        model, idata = noisy(spelling)
        assert average(model, idata, "keep") == pytest.approx(KEPT)
        if spelling is noise_with_a_shape:
            assert average(model, idata, ["o"]) == pytest.approx(REDRAWN, abs=0.15)
            with pytest.raises(
                ValueError, match=r"o: as long as there are units, and without dims.*unit_noise=\['o'\]"
            ):
                average(model, idata, "redraw")
        else:
            assert average(model, idata, "redraw") == pytest.approx(REDRAWN, abs=0.15)

    def test_says_so_where_nothing_is_said(self, spelling):
        model, idata = noisy(spelling)
        with pytest.warns(
            InterventionWarning, match=r"o(, p)?: latent, one value a unit, acting only on what z changes"
        ):
            assert average(model, idata) == pytest.approx(KEPT)


def mediated(centered, named=False):
    """a = 2, b = 0.5, and each unit's own noise is +1, times 0.5."""
    x = np.linspace(-1, 1, 40)
    m = 2 * x + 0.5
    posterior = {"a": 2.0, "b": 0.5, "m": ("i", m)} | ({} if centered else {"m_offset": ("i", np.ones(40))})
    observed = {"x": ("i", x), "reading": ("i", m), "y": ("i", 0.5 * m)}
    return mediator_model(centered, named), tree(posterior, observed, draws=500)


@pytest.mark.parametrize("named", [False, True])
class TestLatentMediator:
    @pytest.mark.parametrize(("centered", "own"), [(False, "m_offset"), (True, "m")])
    def test_redrawn_alike_in_both_spellings(self, centered, own, named):
        for unit_noise in ("redraw", [own]):
            found = average(*mediated(centered, named), unit_noise, {"x": 1})
            assert found == pytest.approx(1, abs=4 * 0.25 / np.sqrt(40_000))

    def test_kept_only_where_its_noise_has_a_name(self, named):
        assert average(*mediated(False, named), "keep", {"x": 1}) == pytest.approx(1.25)
        with pytest.raises(ValueError, match=r"m: latent, and changed by x. unit_noise='keep'.*Write it non-centered"):
            average(*mediated(True, named), "keep", {"x": 1})

    def test_says_which_question_it_answers(self, named):
        with pytest.warns(InterventionWarning, match=r"m_offset: latent, one value a unit.*\(rung 3\)"):
            assert average(*mediated(False, named), do={"x": 1}) == pytest.approx(1.25)
        with pytest.warns(InterventionWarning, match=r"m: latent, and changed by x. It is drawn anew.*\(rung 2\)"):
            assert average(*mediated(True, named), do={"x": 1}) == pytest.approx(1, abs=0.01)

    def test_a_name_that_is_none_of_theirs(self, named):
        with pytest.raises(KeyError, match="unit_noise: 'reading' is unknown. Valid names: a, b, m"):
            average(*mediated(True, named), ["reading"], {"x": 1})


@pytest.fixture(scope="module", params=["unit", "time"])
def panel(request):
    """A random intercept has some of the outcome's dims, and one value for several of its cells."""
    with pm.Model(coords={"unit": range(30), "time": range(30)}) as model:
        b, s = pm.Normal("b"), pm.HalfNormal("s")
        u = pm.Normal("u", dims=request.param)
        z = pm.Bernoulli("z", 0.5, dims=("unit", "time"))
        intercept = u[:, None] if request.param == "unit" else u
        mu = pm.Deterministic("mu", pm.math.exp(b * z + s * intercept), dims=("unit", "time"))
        pm.Normal("y", mu, 0.1, dims=("unit", "time"))
    observed = {
        name: (("unit", "time"), np.zeros((30, 30), dtype=kind)) for name, kind in {"z": int, "y": float}.items()
    }
    return model, tree({"b": 1.0, "s": 1.0, "u": (request.param, np.zeros(30))}, observed, draws=500)


class TestPanel:
    @pytest.mark.parametrize(("unit_noise", "expected"), [("keep", KEPT), ("redraw", REDRAWN), (["u"], REDRAWN)])
    def test_kept_or_redrawn(self, panel, unit_noise, expected):
        assert average(*panel, unit_noise) == pytest.approx(expected, abs=0.15)

    def test_says_so_where_nothing_is_said(self, panel):
        with pytest.warns(InterventionWarning, match="u: latent, one value a unit, acting only on what z changes"):
            assert average(*panel) == pytest.approx(KEPT)


class TestNoNoise:
    def test_nothing_is_said_of_groups_within_the_units(self):
        with pm.Model(coords={"i": range(6), "group": list("abc")}) as model:
            alpha, b = pm.Normal("alpha", dims="group"), pm.Normal("b")
            z = pm.Normal("z", dims="i")
            pm.Normal("y", pm.Deterministic("mu", alpha[[0, 0, 1, 1, 2, 2]] + b * z, dims="i"), 1, dims="i")
        idata = tree(
            {"b": 1.0, "alpha": ("group", [1.0, 2, 3])},
            {"z": ("i", np.zeros(6)), "y": ("i", np.zeros(6))},
            {"group": list("abc")},
        )
        draws = intervene(model, idata, {"z": 1}, outcome="mu", seed=SEED)
        np.testing.assert_array_equal(mean(draws), [2, 2, 3, 3, 4, 4])
        np.testing.assert_array_equal(draws, intervene(model, idata, {"z": 1}, outcome="mu", seed=SEED))

    def test_a_contrast_in_which_noise_cancels_is_the_same_either_way(self):
        model, idata = mediated(False)
        effects = [
            contrast(model, idata, {"x": 1}, {"x": 0}, outcome="mu", seed=SEED, over="i", unit_noise=choice)
            for choice in ("keep", "redraw")
        ]
        for effect in effects:
            np.testing.assert_allclose(effect, np.ones(effect.shape), atol=1e-10)


def test_a_confounder_of_one_of_two_treatments_is_kept_in_either_spelling():
    """x and z are set; u moves z and y. A Deterministic on the way from u and x to z is no effect of the treatment."""
    answers = []
    for named in (False, True):
        with pm.Model(coords={"i": range(5)}) as model:
            x, u = pm.Normal("x", dims="i"), pm.Normal("u", dims="i")
            z_mu = pm.Deterministic("z_mu", x + u, dims="i") if named else x + u
            z = pm.Normal("z", z_mu, 1, dims="i")
            pm.Normal("y", pm.Deterministic("mu", x + z + u, dims="i"), 1, dims="i")
        seen = {name: ("i", np.zeros(5)) for name in "xzy"}
        idata = tree({"u": ("i", np.arange(5.0))}, seen)
        answers.append(mean(intervene(model, idata, {"x": 1, "z": 1}, outcome="mu", seed=SEED, unit_noise="redraw")))
    for answer in answers:
        np.testing.assert_array_equal(answer, 2 + np.arange(5))
