"""A value with labels is matched by label or refused, never by place; values without labels keep their rows."""

import numpy as np
import pandas as pd
import pymc as pm
import pytest
import xarray as xr
from conftest import SEED
from fits_by_hand import log_density, mean, multiplied, tree
from scipy.stats import norm

from helpers import condition, contrast, fit, intervene, recover, simulate

ORDER = [3, 0, 5, 1, 4, 2]  # of the rows after a shuffle
X, CODES = np.array([-1.0, 0.5, 2.0, -0.3, 1.1, 0.2]), np.array([0, 0, 1, 1, 2, 2])
ROWS = pd.DataFrame({"x": X, "g": CODES, "y": 1 + 2 * X, "v": CODES + 1.0})
SHUFFLED = ROWS.loc[ORDER]
OTHER_ORDER = r"labels of 'i' stand in another order in the data \(3, 0, 5, … \(6\)\) than in the model \(0, 1, 2"
BACKWARDS = pd.Series([3.0, 2.0, 1.0], index=list("cba"))
# Log density of slope_model at the truth, a = 1 and b = 2, without that of x.
LIKELY = norm(0, 10).logpdf([1, 2]).sum() + norm(0, 0.3).logpdf(np.zeros(6)).sum()
QUIET = {"seed": SEED, "draws": 200, "tune": 200, "chains": 2, "progressbar": False}


def slope_model(covariate, labels=range(6)):
    """y = a + b x; what the covariate holds is in the order of the shuffled rows."""
    with pm.Model(coords={"i": labels}) as model:
        a, b = pm.Normal("a", 0, 10), pm.Normal("b", 0, 10)
        x = SHUFFLED["x"].to_numpy()
        if covariate == "container":
            x = pm.Data("x", x, dims="i")
        elif covariate == "random":
            x = pm.Normal("x", dims="i")
        pm.Normal("y", a + b * x, 0.3, dims="i")
    return model


def codes_model(covariate):
    with pm.Model(coords={"i": range(6), "group": list("abc")}) as model:
        alpha = pm.Normal("alpha", 0, 10, dims="group")
        g = SHUFFLED["g"].to_numpy()
        pm.Normal("v", alpha[pm.Data("g", g, dims="i") if covariate == "container" else g], 0.3, dims="i")
    return model


def as_arrays(frame):
    return {name: xr.DataArray(frame[name].to_numpy(), {"i": frame.index}, ["i"]) for name in frame}


FORMS = {
    "frame": lambda frame: frame,
    "Dataset": lambda frame: xr.Dataset(as_arrays(frame)),
    "Series": lambda frame: {name: frame[name] for name in frame},
    "DataArrays": as_arrays,
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
class TestShuffledRows:
    @pytest.mark.parametrize(("covariate", "what"), [("container", "the container 'x'"), ("constant", "constants")])
    def test_do_not_go_under_a_covariate_without_labels(self, form, covariate, what):
        with pytest.raises(ValueError, match=rf"{OTHER_ORDER}.*no labels along it \({what}"):
            condition(slope_model(covariate), form(SHUFFLED[["y"]]))

    @pytest.mark.parametrize(("covariate", "what"), [("container", "the container 'g'"), ("constant", "constants")])
    def test_do_not_go_under_group_codes_without_labels(self, form, covariate, what):
        with pytest.raises(ValueError, match=rf"{OTHER_ORDER}.*\({what}.*same order, as coords="):
            condition(codes_model(covariate), form(SHUFFLED[["v"]]))

    @pytest.mark.parametrize("covariate", ["container", "random"])
    def test_go_with_a_covariate_that_is_given(self, form, covariate):
        conditioned = condition(slope_model(covariate), form(SHUFFLED[["x", "y"]]))
        assert list(conditioned.coords["i"]) == ORDER
        expected = LIKELY + (norm().logpdf(X).sum() if covariate == "random" else 0)
        assert log_density(conditioned, a=1, b=2) == pytest.approx(expected)

    def test_go_under_a_model_that_has_their_order(self, form):
        for covariate in ("container", "constant"):
            conditioned = condition(slope_model(covariate, ORDER), form(SHUFFLED[["y"]]))
            assert log_density(conditioned, a=1, b=2) == pytest.approx(LIKELY)


def test_fit_refuses_what_condition_refuses():
    with pytest.raises(ValueError, match=OTHER_ORDER):
        fit(slope_model("container"), SHUFFLED[["y"]], seed=SEED)


def test_labels_of_several_sources_are_matched():
    data = {"x": ROWS["x"], "y": SHUFFLED["y"]}
    conditioned = condition(slope_model("random", [0]), data)
    observed = {name: conditioned.rvs_to_values[conditioned[name]].eval() for name in "xy"}
    np.testing.assert_allclose(observed["y"], 1 + 2 * observed["x"])


def groups_model(order, codes="constant"):
    """Six units, two in each of the groups a, b and c."""
    with pm.Model(coords={"i": range(6), "group": list(order)}) as model:
        alpha, b = pm.Normal("alpha", 0, 10, dims="group"), pm.Normal("b")
        g = np.array([order.index(unit) for unit in "aabbcc"])
        z = pm.Normal("z", dims="i")
        mu = alpha[pm.Data("g", g, dims="i") if codes == "container" else g] + b * z
        pm.Normal("y", pm.Deterministic("mu", mu, dims="i"), 0.001, dims="i")
    return model


def groups_fit(constant=None):
    observed = {"z": ("i", np.zeros(6)), "y": ("i", CODES + 1.0)}
    return tree({"alpha": ("group", [1.0, 2, 3]), "b": 0.0}, observed, {"group": list("abc")}, constant)


class TestRebuiltGroups:
    @pytest.mark.parametrize("outcome", ["mu", "alpha"])
    @pytest.mark.parametrize(
        ("codes", "constant"), [("constant", None), ("container", None), ("container", {"g": ("i", CODES)})]
    )
    def test_in_another_order_than_their_codes(self, codes, constant, outcome):
        with pytest.raises(ValueError, match=r"'group' stand in another order in the fit \(a, b, c\) than in the mod"):
            intervene(groups_model("cba", codes), groups_fit(constant), {"z": 0}, outcome=outcome, seed=SEED)

    @pytest.mark.parametrize("codes", ["constant", "container"])
    def test_as_they_were_fitted(self, codes):
        draws = intervene(groups_model("abc", codes), groups_fit(), {"z": 0}, outcome="mu", seed=SEED)
        np.testing.assert_array_equal(mean(draws), [1, 1, 2, 2, 3, 3])

    def test_without_codes_they_are_matched(self):
        with pm.Model(coords={"group": list("cba"), "week": range(2)}) as model:
            alpha, z = pm.Normal("alpha", dims="group"), pm.Normal("z", dims="week")
            mu = pm.Deterministic("mu", alpha[:, None] + z, dims=("group", "week"))
            pm.Normal("y", mu, 1, dims=("group", "week"))
        observed = {"z": ("week", np.zeros(2)), "y": (("group", "week"), np.zeros((3, 2)))}
        idata = tree({"alpha": ("group", [1.0, 2, 3])}, observed, {"group": list("abc")})
        draws = mean(intervene(model, idata, {"z": 1}, outcome="mu", seed=SEED, unit_noise="keep"))
        np.testing.assert_array_equal(draws.sel(group=list("abc")), [[2, 2], [3, 3], [4, 4]])

    def test_latent_units_are_matched(self):
        with pm.Model(coords={"i": list("pqr")}) as model:
            u, z = pm.Normal("u", dims="i"), pm.Normal("z", dims="i")
            pm.Normal("y", pm.Deterministic("mu", u + z, dims="i"), 1, dims="i")
        observed = {"z": ("i", np.zeros(3)), "y": ("i", np.zeros(3))}
        idata = tree({"u": ("i", [3.0, 2, 1])}, observed, {"i": list("rqp")})
        draws = mean(intervene(model, idata, {"z": 0}, outcome="mu", seed=SEED, unit_noise="keep"))
        np.testing.assert_array_equal(draws.sel(i=list("pqr")), [1, 2, 3])

    def test_other_groups_than_the_fitted(self):
        idata = groups_fit()
        idata["posterior"] = xr.DataTree(idata["posterior"].to_dataset().assign_coords(group=list("abd")))
        with pytest.raises(
            ValueError, match="labels of 'group', a, b, c; the fit ha(s|ve) a, b, d: which belongs to wh"
        ):
            intervene(groups_model("abc"), idata, {"z": 0}, outcome="mu", seed=SEED)


class TestSeries:
    def test_data_beside_a_container(self):
        series = pd.Series(np.arange(5.0)[::-1], index=np.arange(5)[::-1])
        with pm.Model(coords={"i": range(5)}) as model:
            pm.Normal("y", pm.Data("x", np.arange(5.0), dims="i"), 1, dims="i")
        with pytest.raises(ValueError, match=r"another order in the data \(4, 3, 2.*the container 'x'"):
            condition(model, {"y": series})

    def test_truth_of_simulate(self):
        truth = {"alpha": BACKWARDS, "b": 0, "z": pd.Series(np.zeros(6), index=ORDER)}
        np.testing.assert_allclose(simulate(groups_model("abc"), truth, seed=SEED)["y"], CODES + 1, atol=0.01)

    def test_truth_of_recover(self):
        result = recover(groups_model("abc"), {"alpha": BACKWARDS, "b": 0}, datasets=2, **QUIET)["alpha"]
        for statistic in ("truth", "mean"):
            found = result.sel(statistic=statistic, group=list("abc"))
            np.testing.assert_allclose(found, [[1, 2, 3]] * 2, atol=0.01)

    @pytest.mark.parametrize("wrap", [lambda value: value, lambda value: lambda data: value], ids=["value", "policy"])
    def test_do(self, wrap):
        model, idata = multiplied()
        series = pd.Series(ORDER, index=ORDER)
        draws = intervene(model, idata, {"z": wrap(series)}, outcome="mu", seed=SEED)
        np.testing.assert_array_equal(mean(draws), np.arange(6.0) ** 2)
        with pytest.raises(ValueError, match=r"'z' has no value for 1 label\(s\) of 'i', the first 2"):
            intervene(model, idata, {"z": wrap(series.iloc[:-1])}, outcome="mu", seed=SEED)

    def test_over(self):
        model, idata = multiplied()
        last = pd.Series([1.0, 0, 0, 0, 0, 0], index=[5, 4, 3, 2, 1, 0])
        treated = (idata["observed_data"]["z"].to_series() == 1).iloc[::-1]
        for over, expected in ((last, 5), (treated, 4)):
            effect = contrast(model, idata, {"z": 1}, {"z": 0}, outcome="mu", over=over, seed=SEED)
            np.testing.assert_allclose(effect, np.full(effect.shape, expected), atol=1e-12)

    def test_wide_frame(self):
        with pm.Model(coords={"group": list("abc"), "week": range(2)}) as model:
            level = pm.Normal("level", dims=("group", "week"))
            pm.Normal("y", level, 0.001, dims=("group", "week"))
        wide = pd.DataFrame([[6, 5], [4, 3], [2, 1]], index=list("cba"), columns=[1, 0])
        for level in (wide, wide.rename_axis(index="group", columns="week").T):
            data = simulate(model, {"level": level}, seed=SEED, variables=["y"])
            np.testing.assert_allclose(data["y"], [[1, 2], [3, 4], [5, 6]], atol=0.01)


NAMES = [f"u{k}" for k in range(6)]


def named_model():
    with pm.Model(coords={"i": NAMES}) as model:
        pm.Normal("y", pm.Data("x", np.arange(6.0), dims="i") + pm.Normal("b", dims="i"), 0.001, dims="i")
    return model


class TestNoLabels:
    """Arrays, lists and the default index of pandas go by place, where the model's labels aren't numbers."""

    @pytest.mark.parametrize("values", [np.arange(6.0), list(range(6)), pd.Series(range(6))], ids=type)
    def test_the_models_labels_stay(self, values):
        conditioned = condition(named_model(), {"y": values})
        assert list(conditioned.coords["i"]) == NAMES
        np.testing.assert_array_equal(conditioned.rvs_to_values[conditioned["y"]].eval(), np.arange(6))
        data = simulate(named_model(), {"b": values}, seed=SEED, variables=["y"])
        np.testing.assert_allclose(data["y"], 2 * np.arange(6), atol=0.01)
        model, idata = multiplied(NAMES)
        draws = mean(intervene(model, idata, {"z": values}, outcome="mu", seed=SEED))
        np.testing.assert_array_equal(draws.sel(i=NAMES), np.arange(6.0) ** 2)

    def test_a_default_index_that_was_cut_is_one_of_labels(self):
        with pytest.raises(ValueError, match="'b' has no value for 6 label.* to match by place, pass .to_numpy"):
            simulate(named_model(), {"b": pd.Series(range(12)).iloc[6:]}, seed=SEED, variables=["y"])


class TestMixedMapping:
    def test_in_one_order(self):
        conditioned = condition(slope_model("random"), {"x": ROWS["x"], "y": ROWS["y"].to_numpy()})
        assert log_density(conditioned, a=1, b=2) == pytest.approx(LIKELY + norm().logpdf(X).sum())

    def test_in_another_order(self):
        with pytest.raises(ValueError, match="'x' has the labels of 'i' in another order.*'y' has none: which order"):
            condition(slope_model("random"), {"x": SHUFFLED["x"], "y": SHUFFLED["y"].to_numpy()})

    def test_labels_that_differ(self):
        model = slope_model("random", [0])
        moved = ROWS["y"].set_axis(range(1, 7))
        with pytest.raises(ValueError, match=r"'y' and 'x' have labels of 'i' that differ \(1, 2, 3, … \(6\) and 0, 1"):
            condition(model, {"x": ROWS["x"], "y": moved})


class TestNameOfTheIndex:
    def test_of_another_dim(self):
        for data in (ROWS[["v"]].rename_axis("group"), {"v": ROWS["v"].rename_axis("group")}):
            with pytest.raises(ValueError, match=r"'v' has an index of 'group'; the model gives it the dims \('i',\)"):
                condition(codes_model("constant"), data)

    @pytest.mark.parametrize("name", ["i", None, "shop"])
    def test_of_its_own_dim_or_of_none(self, name):
        conditioned = condition(slope_model("random", [0]), ROWS[["x", "y"]].set_axis(NAMES).rename_axis(name))
        assert list(conditioned.coords["i"]) == NAMES


TWICE = pd.Series([1.0] * 6, index=list("aabcde"))


@pytest.mark.parametrize("ask", ["frame", "Series", "truth", "do", "over"])
def test_refuses_labels_that_stand_twice(ask):
    model, idata = multiplied(list("abcdef"))
    options = {"outcome": "mu", "seed": SEED}
    asked = {
        "frame": lambda: condition(model, TWICE.to_frame("y")),
        "Series": lambda: condition(model, {"y": TWICE}),
        "truth": lambda: simulate(model, {"b": 1, "z": TWICE}, seed=SEED),
        "do": lambda: intervene(model, idata, {"z": TWICE}, **options),
        "over": lambda: intervene(model, idata, {"z": 1}, over=TWICE, **options),
    }
    with pytest.raises(ValueError, match="labels of 'i' are not unique: 'a' stands twice"):
        asked[ask]()
