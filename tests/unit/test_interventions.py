"""intervene and contrast against closed forms, hand-written do, and each known trap."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest
import xarray as xr
from conftest import SEED, linear_model, mediated_model
from scipy.special import expit

from helpers import InterventionWarning, contrast, fit, intervene, simulate

HIGH, LOW = {"z": 1}, {"z": 0}


def by_hand(model, idata, values, outcome):
    n = idata["observed_data"].sizes["i"]
    with pm.do(model, values) as world:
        world.set_dim("i", n, coord_values=idata["observed_data"]["i"].values)
        draws = pm.sample_posterior_predictive(idata, var_names=[outcome], random_seed=SEED, progressbar=False)
    return draws["posterior_predictive"][outcome]


class TestOracles:
    def test_linear_contrast_is_the_coefficient_draw_by_draw(self, linear):
        model, _, idata = linear
        effect = contrast(model, idata, HIGH, LOW, outcome="y_mu", seed=SEED)
        np.testing.assert_allclose(effect, idata["posterior"]["beta_zy"].broadcast_like(effect), atol=1e-12)

    @pytest.mark.parametrize("outcome", ["y_mu", "y"])
    def test_equals_hand_written_do_bit_by_bit(self, linear, outcome):
        model, data, idata = linear
        expected = by_hand(model, idata, {"c": data["c"].values, "z": np.ones(60, dtype="int64")}, outcome)
        np.testing.assert_array_equal(intervene(model, idata, HIGH, outcome=outcome, seed=SEED), expected)

    def test_yes_no_outcome_equals_the_closed_form_averaged_over_units(self, logistic):
        model, data, idata = logistic
        beta_zy, beta_cy = idata["posterior"]["beta_zy"], idata["posterior"]["beta_cy"]
        closed = (expit(beta_zy + beta_cy * data["c"]) - expit(beta_cy * data["c"])).mean("i")
        effect = contrast(model, idata, HIGH, LOW, outcome="y_p", seed=SEED)
        np.testing.assert_allclose(effect.mean("i"), closed, atol=1e-12)

    def test_latent_mediator_gives_the_total_effect(self, mediated):
        model, _, idata = mediated
        effect = contrast(model, idata, {"x": 1}, {"x": 0}, outcome="y_mu", seed=SEED, over="i", unit_noise="redraw")
        total = idata["posterior"]["a"] * idata["posterior"]["b"]
        np.testing.assert_allclose(effect, total, atol=1e-10)

    def test_observed_confounder_is_held_at_its_data(self, product):
        model, data, idata = product
        effect = contrast(model, idata, {"h": 1}, {"h": 0}, outcome="y_mu", seed=SEED, over="i")
        held = idata["posterior"]["beta"] * float(data["x"].mean())
        np.testing.assert_allclose(effect, held, atol=1e-12)
        # Not what a model that draws its own x would say.
        assert abs(float(effect.mean()) - 1) > 1

    def test_several_treatments_add_up(self):
        model = linear_model("continuous")
        truth = {"beta_z0": 0, "beta_cz": 1, "beta_y0": 0, "beta_zy": 2, "beta_cy": -1, "sigma_y": 1}
        data = simulate(model, truth, {"i": 40}, seed=SEED)
        idata = fit(model, data, seed=SEED)
        effect = contrast(model, idata, {"z": 3, "c": 1}, {"z": 1, "c": 0}, outcome="y_mu", seed=SEED, over="i")
        expected = 2 * idata["posterior"]["beta_zy"] + idata["posterior"]["beta_cy"]
        np.testing.assert_allclose(effect, expected, atol=1e-12)

    def test_total_effect_of_a_cause_passes_through_what_it_moves(self):
        model = linear_model("continuous")
        truth = {"beta_z0": 0, "beta_cz": 1, "beta_y0": 0, "beta_zy": 2, "beta_cy": -1, "sigma_y": 1}
        data = simulate(model, truth, {"i": 40}, seed=SEED)
        idata = fit(model, data, seed=SEED)
        effect = contrast(model, idata, {"c": 1}, {"c": 0}, outcome="y_mu", seed=SEED, over="i")
        posterior = idata["posterior"]
        np.testing.assert_allclose(
            effect, posterior["beta_cy"] + posterior["beta_zy"] * posterior["beta_cz"], atol=1e-10
        )

    def test_an_effect_does_not_change_its_cause(self, linear):
        model, data, idata = linear
        ads = intervene(model, idata, {"y": 5}, outcome="z", seed=SEED)
        np.testing.assert_array_equal(ads.isel(chain=0, draw=0), data["z"])


class TestValues:
    def test_scalar_array_and_labelled_array_agree(self, linear):
        model, data, idata = linear
        options = {"outcome": "y", "seed": SEED}
        scalar = intervene(model, idata, HIGH, **options)
        shuffled = xr.ones_like(data["z"]).isel(i=np.random.default_rng(SEED).permutation(60))
        narrow = pt.switch(pt.constant(2.0) > 0, 1.0, 0.0)
        for value in (np.ones(60), [True] * 60, 1.0, narrow, shuffled, lambda units: units["z"] * 0 + 1):
            xr.testing.assert_equal(intervene(model, idata, {"z": value}, **options), scalar)

    def test_labels_decide_not_positions(self, linear):
        model, data, idata = linear
        policy = (data["c"] > 0).astype(int)
        straight = intervene(model, idata, {"z": policy}, outcome="y_mu", seed=SEED)
        turned = intervene(model, idata, {"z": policy.isel(i=slice(None, None, -1))}, outcome="y_mu", seed=SEED)
        xr.testing.assert_equal(straight, turned)
        called = intervene(model, idata, {"z": lambda units: units["c"] > 0}, outcome="y_mu", seed=SEED)
        xr.testing.assert_equal(straight, called)

    def test_relabelled_units_change_nothing_but_labels(self, linear):
        model, data, idata = linear
        named = data.assign_coords(i=[f"shop {i}" for i in range(60)])
        refit = fit(model, named, seed=SEED)
        effect = contrast(model, refit, HIGH, LOW, outcome="y_mu", seed=SEED)
        assert effect["i"].values[3] == "shop 3"
        np.testing.assert_array_equal(effect, contrast(model, idata, HIGH, LOW, outcome="y_mu", seed=SEED))

    def test_distribution_is_drawn_afresh_for_each_unit_and_draw(self, linear):
        model, _, idata = linear
        ads = {"z": pm.Bernoulli.dist(0.25)}
        mixed = intervene(model, idata, ads, outcome="y_mu", seed=SEED)
        on, off = (intervene(model, idata, {"z": z}, outcome="y_mu", seed=SEED) for z in (1, 0))
        is_on = np.isclose(mixed, on) & ~np.isclose(mixed, off)
        assert 0.24 < is_on.mean() < 0.26
        assert is_on.mean(axis=(0, 1)).std() < 0.02 and is_on.mean(axis=2).std() < 0.08

    def test_shift_by_a_callable_of_the_data(self):
        model = linear_model("continuous")
        truth = {"beta_z0": 0, "beta_cz": 1, "beta_y0": 0, "beta_zy": 2, "beta_cy": -1, "sigma_y": 1}
        data = simulate(model, truth, {"i": 40}, seed=SEED)
        idata = fit(model, data, seed=SEED)
        effect = contrast(
            model,
            idata,
            {"z": lambda units: units["z"] + 1},
            {"z": lambda units: units["z"]},
            outcome="y_mu",
            seed=SEED,
        )
        np.testing.assert_allclose(effect, idata["posterior"]["beta_zy"].broadcast_like(effect), atol=1e-12)

    def test_data_container_as_treatment(self):
        with pm.Model(coords={"i": [0]}) as model:
            x = pm.Data("x", [0.0], dims="i")
            slope = pm.Normal("slope")
            y_mu = pm.Deterministic("y_mu", slope * x, dims="i")
            pm.Normal("y", y_mu, 1, dims="i")
        idata = fit(model, {"x": np.arange(5.0), "y": np.arange(5.0)}, seed=SEED)
        effect = contrast(model, idata, {"x": 2}, {"x": 0}, outcome="y_mu", seed=SEED, over="i")
        np.testing.assert_allclose(effect, 2 * idata["posterior"]["slope"], atol=1e-12)
        np.testing.assert_array_equal(model["x"].get_value(), [0])


class TestAveraging:
    @pytest.mark.parametrize("outcome", ["y_mu", "y"])
    def test_over_a_dim_is_the_mean_of_the_units(self, linear, outcome):
        model, _, idata = linear
        units = intervene(model, idata, HIGH, outcome=outcome, seed=SEED)
        averaged = intervene(model, idata, HIGH, outcome=outcome, seed=SEED, over="i")
        xr.testing.assert_allclose(averaged, units.mean("i"), atol=1e-12)

    def test_over_weights_is_the_weighted_mean(self, logistic):
        model, data, idata = logistic
        units = contrast(model, idata, HIGH, LOW, outcome="y_p", seed=SEED)
        treated = contrast(model, idata, HIGH, LOW, outcome="y_p", seed=SEED, over=data["z"] == 1)
        xr.testing.assert_allclose(treated, units.where(data["z"] == 1).mean("i"), atol=1e-12)
        shuffled = (data["z"] == 1).isel(i=slice(None, None, -1))
        again = contrast(model, idata, HIGH, LOW, outcome="y_p", seed=SEED, over=shuffled)
        xr.testing.assert_equal(treated, again)

    def test_no_unit_left(self, linear):
        model, data, idata = linear
        with pytest.raises(ValueError, match="no unit is left to average over"):
            intervene(model, idata, HIGH, outcome="y", seed=SEED, over=data["z"] > 5)


class TestNothingIsChanged:
    def test_model_fit_and_values_stay_as_they_were(self, linear):
        model, data, idata = linear
        before_data, before_posterior = data.copy(deep=True), idata["posterior"].to_dataset().copy(deep=True)
        names, coords, values = list(model.named_vars), dict(model.coords), np.ones(60)
        contrast(model, idata, {"z": values}, LOW, outcome="y_mu", seed=SEED, over="i")
        xr.testing.assert_identical(idata["posterior"].to_dataset(), before_posterior)
        xr.testing.assert_identical(data, before_data)
        assert list(model.named_vars) == names and dict(model.coords) == coords and (values == 1).all()

    def test_a_conditioned_model_gives_the_same_answer_as_an_empty_one(self, linear):
        model, data, idata = linear
        observed = pm.observe(model, {name: data[name].values for name in "czy"})
        xr.testing.assert_equal(
            intervene(observed, idata, HIGH, outcome="y", seed=SEED),
            intervene(model, idata, HIGH, outcome="y", seed=SEED),
        )


@pytest.fixture(scope="module")
def non_centered():
    model = mediated_model(centered=False)
    data = simulate(model, {"a": 2, "b": 0.5}, {"i": 30}, seed=SEED)
    return model, fit(model, data[["x", "reading", "y"]], seed=SEED)


class TestUnitNoise:
    def test_says_which_question_is_answered(self, non_centered):
        model, idata = non_centered
        with pytest.warns(InterventionWarning, match=r"m_offset: latent, one value a unit.*rung 3.*'redraw'"):
            intervene(model, idata, {"x": 1}, outcome="y_mu", seed=SEED)

    def test_kept_noise_is_these_units_and_redrawn_noise_is_units_like_them(self, non_centered):
        model, idata = non_centered
        kept, redrawn = (
            intervene(model, idata, {"x": 1}, outcome="y_mu", seed=SEED, unit_noise=choice)
            for choice in ("keep", "redraw")
        )
        posterior = idata["posterior"]
        expected = posterior["b"] * (posterior["a"] + 0.5 * posterior["m_offset"])
        xr.testing.assert_allclose(kept, expected.transpose(*kept.dims).rename("y_mu"), atol=1e-12)
        # Units like them differ from draw to draw by the noise's own spread, 0.5 b = 0.25.
        assert float(redrawn.std(("chain", "draw")).mean()) == pytest.approx(0.25, abs=0.02)
        assert float(redrawn.mean(("chain", "draw")).std()) < 0.02 < float(kept.mean(("chain", "draw")).std())

    def test_unknown_choice(self, non_centered):
        with pytest.raises(ValueError, match="unit_noise is 'fresh'; expected 'keep' or 'redraw'"):
            intervene(*non_centered, {"x": 1}, outcome="y_mu", seed=SEED, unit_noise="fresh")

    def test_a_latent_confounder_is_kept_without_a_word(self):
        with pm.Model(coords={"i": [0]}) as model:
            slope = pm.Normal("slope")
            u = pm.Normal("u", dims="i")
            pm.Normal("proxy", u, 0.5, dims="i")
            z = pm.Bernoulli("z", logit_p=u, dims="i")
            y_mu = pm.Deterministic("y_mu", slope * z + u, dims="i")
            pm.Normal("y", y_mu, 0.5, dims="i")
        data = simulate(model, {"slope": 1}, {"i": 30}, seed=SEED)
        idata = fit(model, data[["proxy", "z", "y"]], seed=SEED)
        off = intervene(model, idata, LOW, outcome="y_mu", seed=SEED)
        np.testing.assert_allclose(off, idata["posterior"]["u"], atol=1e-12)


class TestMisuse:
    @pytest.mark.parametrize(
        ("do", "error", "message"),
        [
            ({"zz": 1}, KeyError, "Treatment 'zz' is unknown. Did you mean 'z'"),
            ({"z": 0.5}, TypeError, "'z' takes whole numbers .* got 0.5"),
            ({"z": 2}, ValueError, "'z' can't be set to 2: .* support of its distribution, Bernoulli"),
            ({"z": np.nan}, ValueError, r"'z' has 1 missing value"),
            ({"z": [0, 1]}, ValueError, r"'z' got an array of shape \(2,\); expected \(i: 60\)"),
            ({"z": pm.Normal.dist()}, TypeError, "'z' takes int64; the distribution for it draws float64"),
            ({"z": xr.DataArray([1], dims="shop")}, ValueError, r"'z' got dims \('shop',\)"),
            ({"z": xr.DataArray([1], dims="i", coords={"i": [0]})}, ValueError, r"no value for 59 label\(s\) of 'i'"),
            ({"y_nu": 0, "z": 1}, KeyError, "'y_nu' is unknown. Did you mean 'y_mu'"),
        ],
    )
    def test_refuses_a_value_that_does_not_fit(self, linear, do, error, message):
        model, _, idata = linear
        with pytest.raises(error, match=message):
            intervene(model, idata, do, outcome="y", seed=SEED)

    def test_refuses_an_expression_of_the_model_itself(self, linear):
        model, _, idata = linear
        with pytest.raises(ValueError, match=r"pass a callable of them: \{'c': lambda data: data\['c'\] \+ 1\}"):
            intervene(model, idata, {"c": model["c"] + 1}, outcome="y", seed=SEED)

    def test_refuses_unknown_outcome_and_dim(self, linear):
        model, _, idata = linear
        with pytest.raises(KeyError, match="Outcome 'ymu' is unknown. Did you mean 'y_mu'"):
            intervene(model, idata, HIGH, outcome="ymu", seed=SEED)
        with pytest.raises(KeyError, match="'j' is unknown. Valid names: i"):
            intervene(model, idata, HIGH, outcome="y", seed=SEED, over="j")
        with pytest.raises(ValueError, match="'z' is what the intervention sets"):
            intervene(model, idata, HIGH, outcome="z", seed=SEED)

    def test_refuses_a_fit_of_another_model(self, linear):
        model, _, idata = linear
        lacking = idata.copy()
        lacking["posterior"] = xr.DataTree(idata["posterior"].to_dataset().drop_vars("beta_cy"))
        with pytest.raises(ValueError, match="beta_cy: neither in the observed data nor in the posterior"):
            intervene(model, lacking, HIGH, outcome="y", seed=SEED)

    def test_refuses_a_fit_without_data(self, linear):
        model, _, idata = linear
        with pytest.raises(ValueError, match="idata has no group 'observed_data'"):
            intervene(
                model, xr.DataTree.from_dict({"posterior": idata["posterior"].to_dataset()}), HIGH, outcome="y", seed=1
            )

    def test_warns_of_noise_that_looks_like_an_individual_effect(self, linear):
        model, _, idata = linear
        with pytest.warns(InterventionWarning, match="no individual effect"):
            contrast(model, idata, HIGH, LOW, outcome="y", seed=SEED)
