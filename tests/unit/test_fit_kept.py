"""A fit with a sampler that was compiled for other data is the fit that a new model would get, and pm.sample's."""

import numpy as np
import pandas as pd
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest
import xarray as xr
from conftest import LINEAR_TRUTH, SEED, linear_model, mediated_model
from test_sampler_kept import CHANGES, Shifted, compilations

from helpers import condition, fit, simulate

# Too few draws for an answer, enough to compare two samplers.
pytestmark = pytest.mark.filterwarnings("ignore::helpers.workflow.SamplingWarning")
SHORT = {"chains": 2, "draws": 200, "tune": 300, "seed": SEED}
RNG = np.random.default_rng(SEED)


def table(units, **columns):
    """Data of the units 0, 1, 2, …"""
    return pd.DataFrame({name: draw(units) for name, draw in columns.items()}, index=[f"u{k}" for k in range(units)])


def normal(units):
    return RNG.normal(size=units).round(2)


def counts(units):
    return RNG.poisson(3, size=units)


def grades(units):
    return np.arange(units) % 3


def counted():
    """Group effects along a dim of their own, picked by codes in a container; a potential; a vector without dims."""
    with pm.Model(coords={"i": ["u0"], "g": ["a", "b", "c"]}) as model:
        code, x = pm.Data("code", np.array([0]), dims="i"), pm.Normal("x", dims="i")
        b, spread = pm.Normal("b", shape=2), pm.HalfNormal("spread")
        effect = pm.Deterministic("effect", spread * pm.Normal("offset", dims="g"), dims="g")
        rate = pm.Deterministic("rate", pt.exp(b[0] + b[1] * x + effect[code]), dims="i")
        pm.Potential("pull", -((b[0] - 1) ** 2))
        pm.NegativeBinomial("y", mu=rate, alpha=pm.Exponential("alpha", 1), dims="i")
    return model, {"code": grades, "x": normal, "y": counts}


def graded():
    """Parameters that the sampler moves in other spaces, one of them with an element less."""
    with pm.Model(coords={"i": ["u0"]}) as model:
        share, step = pm.Dirichlet("share", np.ones(3)), pm.HalfNormal("step", shape=1)
        x = pm.Categorical("x", share, dims="i")
        cut = pm.Deterministic("cut", pt.concatenate([[-1.0], -1.0 + step.cumsum()]))
        pm.OrderedLogistic("y", eta=pm.Normal("b") * x, cutpoints=cut, dims="i", compute_p=False)
    return model, {"x": grades, "y": grades}


def derived():
    """The likelihood is that of a deterministic, around a walk in time."""
    with pm.Model(coords={"i": ["u0"], "t": range(4)}) as model:
        level = pm.GaussianRandomWalk("level", 0, 1, init_dist=pm.Normal.dist(), dims="t")
        noise = pm.Normal.dist(0, 1, shape=model.dim_lengths["i"])
        pm.Deterministic("y", level.mean() + 2 * noise, dims="i")
    return model, {"y": normal}


MODELS = [counted, graded, derived]


def form(tree):
    """What a fit consists of, but for the numbers and the times."""
    return {
        group: (
            {name: (array.dims, array.dtype, tuple(array.coords)) for name, array in node.dataset.data_vars.items()},
            list(node.dataset.data_vars),
            {name: one.values.tolist() for name, one in node.dataset.coords.items()},
            sorted(node.attrs),
        )
        for group, node in tree.children.items()
    }


def numbers(tree):
    """Draws and data, without the times of day in their attributes."""
    return xr.merge([tree["posterior"].dataset, tree["observed_data"].dataset]).drop_attrs()


@pytest.mark.parametrize("write", MODELS, ids=lambda write: write.__name__)
def test_a_fed_sampler_is_a_new_one_and_pymcs(write, monkeypatch):
    (model, columns), (new, _) = write(), write()
    data, other = table(7, **columns), table(12, **columns)
    count = compilations(monkeypatch)
    first = fit(model, data, **SHORT)
    fed = fit(model, other, **SHORT)
    xr.testing.assert_identical(numbers(fit(model, data, **SHORT)), numbers(first))
    assert sum(count) == 1
    xr.testing.assert_identical(numbers(fit(new, other, **SHORT)), numbers(fed))
    with condition(model, other):
        by_pymc = pm.sample(
            200, tune=300, chains=2, random_seed=SEED, progressbar=False, quiet=True, compute_convergence_checks=False
        )
    assert form(fed) == form(by_pymc)
    for name, array in fed["posterior"].data_vars.items():
        mine, other = (one.mean(("chain", "draw")) for one in (array, by_pymc["posterior"][name]))
        np.testing.assert_allclose(mine, other, atol=0.3 * float(array.std()) + 1e-9)


def test_latent_values_of_units_need_a_sampler_for_each_length(monkeypatch):
    model, count = mediated_model(), compilations(monkeypatch)
    long = simulate(model, {"a": 2, "b": 0.5}, {"i": 20}, seed=SEED)[["x", "reading", "y"]]
    short = long.isel(i=slice(8))
    first = fit(model, short, **SHORT)
    fit(model, long, **SHORT)
    xr.testing.assert_identical(numbers(fit(model, short, **SHORT)), numbers(first))
    assert sum(count) == 2


@pytest.mark.parametrize("what", CHANGES)
def test_a_model_that_changed_is_fitted_as_it_is_now(what, monkeypatch):
    change, expected = CHANGES[what]
    one, other = Shifted(), Shifted()
    units = 5 if what == "length" else 3
    count = compilations(monkeypatch)
    fit(one.model, {"y": np.zeros(3)}, **SHORT)
    change(one)
    again = fit(one.model, {"y": np.zeros(units)}, **SHORT)
    assert sum(count) == 1 + expected
    change(other)
    xr.testing.assert_identical(numbers(fit(other.model, {"y": np.zeros(units)}, **SHORT)), numbers(again))


@pytest.mark.parametrize("symbolic", [False, True])
def test_a_density_that_is_a_function_is_asked_each_time(symbolic):
    settings = {"shift": 0.0}

    def logp(value, mu):
        return pm.logp(pm.Normal.dist(mu + settings["shift"], 1), value)

    def dist(mu, size):
        return pm.Normal.dist(mu, 1, size=size)

    with pm.Model(coords={"i": range(3)}) as model:
        pm.CustomDist("y", pm.Normal("mu", 0, 10), logp=logp, dims="i", **({"dist": dist} if symbolic else {}))
    for settings["shift"] in (0.0, 5.0):
        mu = fit(model, {"y": np.zeros(3)}, **SHORT)["posterior"]["mu"]
        assert abs(float(mu.mean()) + settings["shift"]) < 0.5


def test_a_shared_variable_with_the_name_of_a_dim_keeps_its_value():
    with pm.Model(coords={"i": range(3)}) as model:
        pm.Normal("y", pm.Normal("mu", 0, 10) + pytensor.shared(7.0, name="i"), 1, dims="i")
    for units in (3, 20):
        assert abs(float(fit(model, {"y": np.full(units, 7.0)}, **SHORT)["posterior"]["mu"].mean())) < 0.5


@pytest.mark.parametrize(
    "labels", [pd.date_range("2026-01-05", periods=4, freq="W"), list("abcd"), range(2, 6)], ids=type
)
def test_labels_are_of_the_type_that_pymc_gives(labels):
    with pm.Model(coords={"week": labels}) as model:
        pm.Normal("y", pm.Normal("mu", dims="week"), 1, dims="week")
    frame = pd.DataFrame({"y": np.zeros(4)}, index=pd.Index(labels))
    with condition(model, frame):
        by_pymc = pm.sample(
            20, tune=50, chains=1, random_seed=SEED, progressbar=False, quiet=True, compute_convergence_checks=False
        )
    ours = fit(model, frame, **SHORT)["posterior"]
    assert ours["week"].dtype == by_pymc["posterior"]["week"].dtype
    assert ours["week"].values.tolist() == by_pymc["posterior"]["week"].values.tolist()


def test_labels_are_those_of_the_data_that_are_fitted():
    with pm.Model(coords={"g": ["a", "b"]}) as model:
        pm.Normal("y", pm.Normal("mu", dims="g"), 1, dims="g")
    frame = pd.DataFrame({"y": [0.0, 5.0]}, index=["a", "b"])
    fit(model, frame, **SHORT)
    for labels in (["c", "d"], ["d", "c"]):
        means = fit(model, frame.set_index(pd.Index(labels)), **SHORT)["posterior"]["mu"].mean(("chain", "draw"))
        assert list(means["g"].values) == labels
        assert means.sel(g=labels[0]) < means.sel(g=labels[1])


def test_which_columns_are_observed_makes_another_posterior():
    model = linear_model()
    data = simulate(model, LINEAR_TRUTH, {"i": 30}, seed=SEED)
    fit(model, data, **SHORT)
    without_y = fit(model, data[["c", "z"]], **{**SHORT, "draws": 2000, "tune": 1000})
    assert abs(float(without_y["posterior"]["beta_zy"].std()) - 1) < 0.1  # Its prior.
    assert "y" in without_y["posterior"] and "y" not in without_y["observed_data"]


@pytest.mark.parametrize(
    ("options", "compiled"),
    [({"target_accept": 0.95, "cores": 1}, 1), ({"nuts_sampler": "pymc"}, 0), ({"init": "adapt_diag"}, 0)],
    ids=str,
)
def test_options(options, compiled, monkeypatch):
    model, count = Shifted().model, compilations(monkeypatch)
    found = fit(model, {"y": np.full(3, 4.0)}, **SHORT, **options)["posterior"]["mu"]
    assert sum(count) == compiled
    assert abs(float(found.mean()) - 3) < 0.25  # 3/4 of the data's mean.


def test_discrete_parameters_are_sampled_by_pymc(monkeypatch):
    with pm.Model(coords={"i": [0]}) as model:
        pm.Normal("y", 4 * pm.Bernoulli("on", 0.5), 1, dims="i")
    count = compilations(monkeypatch)
    assert float(fit(model, {"y": np.full(3, 4.0)}, **SHORT)["posterior"]["on"].mean()) > 0.99
    assert not count
