"""simulate, condition and fit: what they give, and what they refuse."""

import numpy as np
import pandas as pd
import pymc as pm
import pytest
import xarray as xr
from conftest import LINEAR_TRUTH, SEED, linear_model, mediated_model

from helpers import SamplingWarning, condition, fit, simulate

SIZES = {"i": 50}


def without(mapping, key):
    return {name: value for name, value in mapping.items() if name != key}


def priced_model():
    """A container whose values belong to the labels of two stores."""
    with pm.Model(coords={"store": ["a", "b"], "week": range(4)}) as model:
        price = pm.Data("price", [1.0, 2.0], dims="store")
        slope = pm.Normal("slope", 0, 5)
        pm.Normal("y", slope * price[:, None], 0.1, dims=("store", "week"))
    return model


class TestSimulate:
    def test_equals_hand_written_do(self):
        model = linear_model()
        data = simulate(model, LINEAR_TRUTH, SIZES, seed=SEED)
        world = pm.do(model, LINEAR_TRUTH)
        world.set_dim("i", 50, coord_values=range(50))
        for name, values in zip("czy", pm.draw([world[name] for name in "czy"], random_seed=SEED)):
            np.testing.assert_array_equal(data[name], values)

    def test_large_sample_has_the_moments_of_the_truth(self):
        data = simulate(linear_model(), LINEAR_TRUTH, {"i": 200_000}, seed=SEED)
        # y = 0.5 z + c + noise, so this difference is what noise alone leaves.
        noise = data["y"] - 0.5 * data["z"] - data["c"]
        assert abs(float(noise.mean())) < 0.002
        assert abs(float(noise.std()) - 0.2) < 0.002
        assert abs(float(data["z"].mean()) - 0.5) < 0.005

    def test_labels_dims_and_leaves_the_model_alone(self):
        model = linear_model()
        data = simulate(model, LINEAR_TRUTH, SIZES, seed=SEED)
        assert list(data.data_vars) == ["c", "z", "y"]
        assert data.sizes == SIZES and list(data.indexes["i"]) == list(range(50))
        assert model.coords["i"] == (0,) and len(model.free_RVs) == 9

    def test_a_data_variable_may_be_fixed_too(self):
        data = simulate(linear_model(), LINEAR_TRUTH | {"z": 1}, SIZES, seed=SEED)
        assert (data["z"] == 1).all()

    def test_parameters_with_dims_are_parameters(self):
        with pm.Model(coords={"store": ["a", "b"], "i": [0, 1]}) as model:
            level = pm.Normal("level", dims="store")
            store = pm.Data("store_of", [0, 1], dims="i")
            pm.Normal("y", level[store], 0.001, dims="i")
        truth = {"level": xr.DataArray([9.0, 1.0], dims="store", coords={"store": ["b", "a"]})}
        data = simulate(model, truth, seed=SEED)
        np.testing.assert_allclose(data["y"], [1, 9], atol=0.01)
        with pytest.raises(ValueError, match="no value for level"):
            simulate(model, {}, seed=SEED)
        with pytest.raises(ValueError, match="'store_of' has 2 values along 'i', which is to have 4"):
            simulate(model, truth, {"i": 4}, seed=SEED)
        data = simulate(model, truth | {"store_of": [1, 1, 0, 0]}, {"i": 4}, seed=SEED)
        np.testing.assert_allclose(data["y"], [9, 9, 1, 1], atol=0.01)

    @pytest.mark.parametrize(
        ("truth", "sizes", "error", "message"),
        [
            (without(LINEAR_TRUTH, "sigma_y"), SIZES, ValueError, "no value for sigma_y: each must be fixed"),
            (LINEAR_TRUTH | {"beta_zz": 1}, SIZES, KeyError, "'beta_zz' is unknown. Did you mean 'beta_zy'"),
            (LINEAR_TRUTH, {"j": 5}, KeyError, "Dim 'j' is unknown"),
            (LINEAR_TRUTH, {"i": 0}, ValueError, "at least 1; got {'i': 0}"),
            (LINEAR_TRUTH | {"sigma_y": np.nan}, SIZES, ValueError, "'sigma_y' has 1 missing value"),
            (
                LINEAR_TRUTH | {"beta_zy": [1, 2]},
                SIZES,
                ValueError,
                r"'beta_zy' got an array of shape \(2,\); expected",
            ),
            (LINEAR_TRUTH | {"z": 0.5}, SIZES, TypeError, "'z' takes whole numbers .* got 0.5"),
        ],
    )
    def test_refuses(self, truth, sizes, error, message):
        with pytest.raises(error, match=message):
            simulate(linear_model(), truth, sizes, seed=SEED)

    @pytest.mark.parametrize(("name", "value"), [("sd", -1), ("share", 1.7)])
    def test_refuses_a_truth_that_its_prior_holds_to_be_impossible(self, name, value):
        with pm.Model(coords={"i": range(3)}) as model:
            sd, share = pm.HalfNormal("sd"), pm.Beta("share", 2, 2)
            pm.Normal("y", share, sd, dims="i")
        with pytest.raises(ValueError, match=f"'{name}' can't be {value}.*outside the support of its prior"):
            simulate(model, {"sd": 1, "share": 0.5} | {name: value}, seed=SEED)

    def test_a_prior_within_another_truth(self):
        with pm.Model(coords={"i": range(3)}) as model:
            top = pm.HalfNormal("top")
            pm.Normal("y", pm.Uniform("level", 0, top), 1, dims="i")
        assert simulate(model, {"top": 5, "level": 4}, seed=SEED).sizes["i"] == 3
        with pytest.raises(ValueError, match="'level' can't be 6.*prior, Uniform"):
            simulate(model, {"top": 5, "level": 6}, seed=SEED)

    def test_refuses_potentials(self):
        with pm.Model(coords={"i": range(3)}) as model:
            mu = pm.Normal("mu")
            pm.Normal("y", mu, 1, dims="i")
            pm.Potential("pull", -(mu**2))
        with pytest.raises(ValueError, match=r"The model has potentials \(pull\)"):
            simulate(model, {"mu": 1}, seed=SEED)

    def test_without_dims_the_data_must_be_named(self):
        with pm.Model() as model:
            mu = pm.Normal("mu")
            pm.Normal("y", mu, 1, shape=3)
        with pytest.raises(ValueError, match="Cannot tell data from parameters"):
            simulate(model, {"mu": 0}, seed=SEED)
        assert simulate(model, {"mu": 0}, seed=SEED, variables=["y"])["y"].size == 3


class TestCondition:
    def test_same_log_probability_as_hand_written_observe(self, linear):
        model, data, _ = linear
        conditioned = condition(model, data)
        by_hand = pm.observe(model, {name: data[name].to_numpy() for name in "czy"})
        point = by_hand.initial_point()
        assert conditioned.compile_logp()(point) == by_hand.compile_logp()(point)
        assert conditioned.coords["i"] == tuple(range(60))

    def test_data_frame_mapping_and_dataset_agree(self, linear):
        model, data, _ = linear
        frame = data.to_dataframe().set_index(pd.Index([f"week {i}" for i in range(60)], name="i"))
        labelled = condition(model, frame)
        assert labelled.coords["i"][0] == "week 0"
        mapping = condition(model, {name: data[name].to_numpy() for name in "czy"})
        point = labelled.initial_point()
        assert labelled.compile_logp()(point) == mapping.compile_logp()(point)

    def test_unnamed_data_variables_stay_latent(self, linear):
        model, data, _ = linear
        assert "c" in [rv.name for rv in condition(model, data[["z", "y"]]).free_RVs]

    def test_data_containers_are_set(self):
        with pm.Model(coords={"i": [0]}) as model:
            x = pm.Data("x", [0.0], dims="i")
            slope = pm.Normal("slope")
            pm.Normal("y", slope * x, 1, dims="i")
        conditioned = condition(model, {"x": [1.0, 2, 3], "y": [1.0, 2, 3]})
        np.testing.assert_array_equal(conditioned["x"].get_value(), [1, 2, 3])
        np.testing.assert_array_equal(model["x"].get_value(), [0])

    def test_labels_in_another_order_are_matched_where_nothing_is_without_labels(self):
        y = xr.DataArray([[3.0] * 4, [6.0] * 4], {"store": ["a", "b"]}, ["store", "week"])
        price = xr.DataArray([1.0, 2.0], {"store": ["a", "b"]}, ["store"])
        densities = []
        for order in (["a", "b"], ["b", "a"]):
            data = xr.Dataset({"y": y, "price": price}).sel(store=order)
            conditioned = condition(priced_model(), data)
            assert list(conditioned.coords["store"]) == order, "rows stay in the data's order"
            densities.append(conditioned.compile_logp()({"slope": 3.0}))
        assert densities[0] == densities[1]
        with pytest.raises(ValueError, match=r"'store' stand in another order in the data \(b, a\).*container 'price'"):
            condition(priced_model(), xr.Dataset({"y": y.sel(store=["b", "a"])}))

    @pytest.mark.parametrize("stores", [["a", "c"], ["a", "b", "c"]])
    def test_other_labels_need_other_values_in_containers(self, stores):
        y = xr.DataArray(np.ones((len(stores), 4)), {"store": stores}, ["store", "week"])
        with pytest.raises(ValueError, match=r"'price' has values for the model's labels of 'store', a, b; the data"):
            condition(priced_model(), xr.Dataset({"y": y}))
        price = ("store", np.ones(len(stores)))
        assert condition(priced_model(), xr.Dataset({"y": y, "price": price}))["price"].eval().sum() == len(stores)

    def test_a_dim_that_only_a_container_has(self):
        with pm.Model() as model:
            x = pm.Data("x", np.arange(3.0), dims="i")
            pm.Normal("y", pm.Normal("slope") * x, 1, dims="i")
        conditioned = condition(model, {"y": np.arange(5.0), "x": np.ones(5)})
        assert conditioned["y"].shape.eval() == 5

    def test_observes_a_deterministic_with_explicit_noise(self):
        with pm.Model(coords={"i": [0]}) as model:
            slope = pm.Normal("slope")
            noise = pm.Normal.dist(shape=(model.dim_lengths["i"],))
            pm.Deterministic("y", slope + noise, dims="i")
        with pm.Model() as direct:
            slope = pm.Normal("slope")
            pm.Normal("y", slope, 1, observed=[0.0, 1.0])
        point = direct.initial_point()
        assert condition(model, {"y": [0.0, 1.0]}).compile_logp()(point) == pytest.approx(direct.compile_logp()(point))

    @pytest.mark.parametrize(
        ("change", "error", "message"),
        [
            ({"treat": 1}, KeyError, "'treat' is unknown"),
            ({"Z": 1}, KeyError, "'Z' is unknown. Did you mean 'z'"),
            ({"z": 0.5}, TypeError, "'z' takes whole numbers"),
            ({"z": 7}, ValueError, r"'z' has 60 value\(s\) of 60 outside the support of Bernoulli"),
            ({"y": np.nan}, ValueError, r"'y' has 60 missing value\(s\)"),
            ({"y": "high"}, TypeError, "expected numbers"),
        ],
    )
    def test_refuses(self, linear, change, error, message):
        model, data, _ = linear
        changed = data.assign({name: ("i", np.repeat(value, 60)) for name, value in change.items()})
        with pytest.raises(error, match=message):
            condition(model, changed)

    def test_refuses_lengths_that_disagree(self, linear):
        with pytest.raises(ValueError, match="'z' has 2 values along 'i', 'c' has 3"):
            condition(linear[0], {"c": [0.0, 0, 0], "z": [0, 1], "y": [0.0, 0, 0]})

    def test_refuses_labels_that_stand_twice(self, linear):
        model, data, _ = linear
        with pytest.raises(ValueError, match="labels of 'i' are not unique: 'a' stands twice"):
            condition(model, data.to_dataframe().set_axis(["a"] * 60))

    def test_refuses_what_is_no_table(self, linear):
        with pytest.raises(TypeError, match="data is a ndarray; expected an xarray Dataset"):
            condition(linear[0], np.zeros((3, 3)))


class TestFit:
    def test_recovers_a_conjugate_posterior(self):
        y = np.array([1.0, 2.0, 3.0, 4.0])
        with pm.Model(coords={"i": [0]}) as model:
            mu = pm.Normal("mu", 0, 2)
            pm.Normal("y", mu, 1, dims="i")
        posterior = fit(model, {"y": y}, seed=SEED)["posterior"]["mu"]
        precision = 1 / 4 + len(y)
        assert float(posterior.mean()) == pytest.approx(y.sum() / precision, abs=0.05)
        assert float(posterior.std()) == pytest.approx(precision**-0.5, abs=0.03)

    def test_same_seed_same_draws_and_all_groups(self, linear):
        model, data, idata = linear
        again = fit(model, data, seed=SEED)
        xr.testing.assert_equal(again["posterior"].to_dataset(), idata["posterior"].to_dataset())
        assert {"posterior", "sample_stats", "observed_data"} <= set(idata.children)
        assert idata["posterior"].sizes["chain"] == 4

    def test_names_what_went_wrong_in_one_warning(self):
        # Neither the sign of a nor that of b is determined, so the chains disagree.
        model = mediated_model()
        data = simulate(model, {"a": 2, "b": 1}, {"i": 30}, seed=SEED)
        with pytest.warns(SamplingWarning) as caught:
            fit(model, data[["x", "y"]], seed=SEED, draws=200, tune=200)
        assert len(caught) == 1
        assert "r-hat above 1.01 for" in str(caught[0].message) and "effective sample size below 400" in str(
            caught[0].message
        )
