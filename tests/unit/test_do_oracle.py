"""intervene and contrast against brute force, for a table of outcome families times graph shapes.

The posterior is written by hand, so nothing is sampled and each mistake is the helpers' own.
"""

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest
import xarray as xr
from do_oracle import FAMILIES, outcome_under, predictor
from respelled_questions import CHEAP, true_effect

from helpers import contrast, intervene

SETS, COPIES, ERRORS = 2, 150, 6  # Draws of parameters, how often each stands in the posterior, standard errors.
UNMOVED = {"default_transform": None}  # PyMC knows no transform for a hurdle, and an outcome needs none.

WRITTEN = {
    "Normal": lambda name, e, **to: pm.Normal(name, e, 0.5, **to),
    "StudentT": lambda name, e, **to: pm.StudentT(name, nu=8, mu=e, sigma=0.5, **to),
    "Laplace": lambda name, e, **to: pm.Laplace(name, e, 0.5, **to),
    "LogNormal": lambda name, e, **to: pm.LogNormal(name, e, 0.2, **to),
    "Gamma": lambda name, e, **to: pm.Gamma(name, alpha=3, beta=3 * pt.exp(-e), **to),
    "Exponential": lambda name, e, **to: pm.Exponential(name, scale=pt.exp(e), **to),
    "Beta": lambda name, e, **to: pm.Beta(name, mu=pm.math.sigmoid(e), nu=6, **to),
    "Bernoulli": lambda name, e, **to: pm.Bernoulli(name, logit_p=e, **to),
    "Binomial": lambda name, e, **to: pm.Binomial(name, n=7, logit_p=e, **to),
    "Geometric": lambda name, e, **to: pm.Geometric(name, p=pm.math.sigmoid(e), **to),
    "Poisson": lambda name, e, **to: pm.Poisson(name, pt.exp(e), **to),
    "NegativeBinomial": lambda name, e, **to: pm.NegativeBinomial(name, mu=pt.exp(e), alpha=2, **to),
    "ZeroInflatedPoisson": lambda name, e, **to: pm.ZeroInflatedPoisson(name, psi=0.7, mu=pt.exp(e), **to),
    "HurdleGamma": lambda name, e, **to: pm.HurdleGamma(name, psi=0.7, alpha=3, beta=3 * pt.exp(-e), **to | UNMOVED),
    "Mixture": lambda name, e, **to: pm.NormalMixture(name, w=[0.3, 0.7], mu=pt.stack([e, e + 2], -1), sigma=0.5, **to),
}
MEANS = {
    "LogNormal": lambda e: pt.exp(e + 0.02),
    "Beta": pm.math.sigmoid,
    "Bernoulli": pm.math.sigmoid,
    "Binomial": lambda e: 7 * pm.math.sigmoid(e),
    "Geometric": lambda e: 1 / pm.math.sigmoid(e),
    "ZeroInflatedPoisson": lambda e: 0.7 * pt.exp(e),
    "HurdleGamma": lambda e: 0.7 * pt.exp(e),
    "Mixture": lambda e: e + 1.4,
} | dict.fromkeys(("Gamma", "Exponential", "Poisson", "NegativeBinomial"), pt.exp)

# Each shape: its variables in causal order with family and parents, the treatments, the dims of all variables.
C, Z = ("Normal", ()), ("Bernoulli", ("c",))
SHAPES = {
    "confounder": ({"c": C, "z": Z, "y": (None, ("c", "z"))}, "z", "i"),
    "mediator": ({"c": C, "z": Z, "m": ("Poisson", ("z",)), "y": (None, ("c", "z", "m"))}, "z", "i"),
    "chain": ({"z": ("Normal", ()), "m": ("Bernoulli", ("z",)), "k": ("Gamma", ("m",)), "y": (None, ("k",))}, "z", "i"),
    "two treatments": ({"c": C, "z": Z, "x": ("Poisson", ("z",)), "y": (None, ("c", "z", "x"))}, "zx", "i"),
    "treatment of a treatment": (
        {"z": C, "m": ("Normal", ("z",)), "x": ("Normal", ("m",)), "y": (None, ("m", "x"))},
        "zx",
        "i",
    ),
    "non-descendant": ({"c": C, "y": (None, ("c",)), "z": ("Bernoulli", ("c", "y"))}, "z", "i"),
    "collider": ({"c": C, "z": Z, "y": (None, ("c", "z")), "k": ("Normal", ("z", "y"))}, "z", "i"),
    "panel": ({"c": C, "z": Z, "m": ("Normal", ("c", "z")), "y": (None, ("z", "m"))}, "z", "it"),
    "groups": ({"c": C, "z": Z, "y": (None, ("c", "z"))}, "z", "i"),
}
LENGTHS = {"i": ["d", "b", "a", "c"], "t": [2001, 2003], "g": ["q", "p", "r"]}


class Case:
    """One family in one shape: the model, a fit of it, and the numbers in both."""

    def __init__(self, family, shape):
        graph, self.treatments, self.dims = SHAPES[shape]
        self.graph = {name: (kind or family, parents) for name, (kind, parents) in graph.items()}
        # The order of the data is their own: a value matched by position would show.
        self.rng = np.random.default_rng([*(family + shape).encode()])
        size = [len(LENGTHS[dim]) for dim in self.dims]
        self.parameters = {f"a_{name}": () for name in graph}
        self.parameters |= {f"b_{p}_{name}": () for name, (_, parents) in graph.items() for p in parents}
        self.parameters |= {"group": ("g",)} if shape == "groups" else {}
        self.sets = [
            {
                name: self.rng.uniform(-0.5, 0.5, [len(LENGTHS[dim]) for dim in dims])
                for name, dims in self.parameters.items()
            }
            for _ in range(SETS)
        ]
        self.data = {"codes": self.rng.integers(3, size=size)}
        for name, (kind, parents) in self.graph.items():
            eta = predictor(parents, self.sets[0], name, self.data, self.data)
            self.data[name] = FAMILIES[kind][1](self.rng, np.broadcast_to(eta, size))
        self.high, self.low = ({name: self._values(name, side) for name in self.treatments} for side in (1, 0))

    def _values(self, name, side):
        """A value for each unit, so that two units confused give another answer."""
        if self.graph[name][0] == "Bernoulli":
            return np.full(self.data[name].shape, side)
        return self.rng.permuted(self.data[name]) + side

    def model(self):
        dims = tuple(self.dims)
        with pm.Model(coords=LENGTHS) as model:
            values = {name: pm.Normal(name, dims=of or None) for name, of in self.parameters.items()}
            codes = pm.Data("codes", self.data["codes"], dims=dims) if "group" in self.parameters else None
            for name, (family, parents) in self.graph.items():
                eta = predictor(parents, values, name, values, {"codes": codes})
                eta = pm.Deterministic(f"{name}_eta", eta + pt.zeros([len(LENGTHS[dim]) for dim in dims]), dims=dims)
                pm.Deterministic(f"{name}_mean", MEANS.get(family, lambda e: e)(eta), dims=dims)
                values[name] = WRITTEN[family](name, eta, dims=dims)
        return model

    def fit(self):
        coords = {dim: LENGTHS[dim] for dim in self.dims}
        posterior = {
            name: (("chain", "draw", *dims), np.stack([one[name] for one in self.sets for _ in range(COPIES)])[None])
            for name, dims in self.parameters.items()
        }
        data = xr.Dataset({name: (tuple(self.dims), values) for name, values in self.data.items()}, coords)
        labels = {"chain": [0], "draw": range(SETS * COPIES), "g": LENGTHS["g"]}
        return xr.DataTree.from_dict(
            {
                "posterior": xr.Dataset(
                    posterior, {k: v for k, v in labels.items() if k != "g" or "group" in posterior}
                ),
                "observed_data": data[list(self.graph)],
                "constant_data": data[["codes"]],
            }
        )

    def expected(self, do):
        found = [outcome_under(self.graph, do, draw, self.data, "y", self.rng) for draw in self.sets]
        return np.stack([mean for mean, _ in found]), np.stack([error for _, error in found])


def averaged(draws, case):
    """Mean over the copies of each draw of the parameters, and its Monte Carlo error."""
    values = draws.transpose("chain", "draw", *case.dims).values.reshape(SETS, COPIES, *draws.shape[2:])
    return values.mean(axis=1), values.std(axis=1) / np.sqrt(COPIES)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("family", FAMILIES)
# That single units' differences hold noise is right, and not the question here.
@pytest.mark.filterwarnings("ignore::helpers.InterventionWarning")
def test_do_is_what_brute_force_says(family, shape):
    case = Case(family, shape)
    model, idata = case.model(), case.fit()
    high, high_error = case.expected(case.high)
    low, low_error = case.expected(case.low)
    labelled = [
        {name: xr.DataArray(v, {d: LENGTHS[d] for d in case.dims}, tuple(case.dims)) for name, v in side.items()}
        for side in (case.high, case.low)
    ]
    with pytensor.config.change_flags(mode=CHEAP):
        means, error = averaged(intervene(model, idata, labelled[0], outcome="y_mean", seed=1), case)
        np.testing.assert_array_less(abs(means - high), ERRORS * np.hypot(error, high_error) + 1e-8)
        difference, error = averaged(contrast(model, idata, *labelled, outcome="y_mean", seed=1), case)
        bound = ERRORS * np.sqrt(error**2 + high_error**2 + low_error**2) + 1e-8
        np.testing.assert_array_less(abs(difference - (high - low)), bound)
        drawn = intervene(model, idata, labelled[0], outcome="y", seed=1)
    if shape == "non-descendant":
        # What the treatment can't move stays at its data, noise and all.
        np.testing.assert_allclose(drawn.isel(chain=0, draw=0), case.data["y"])
    else:
        means, error = averaged(drawn, case)
        np.testing.assert_array_less(abs(means - high), ERRORS * np.hypot(error, high_error) + 1e-8)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_truth_in_recover_is_what_brute_force_says(family):
    case = Case(family, "confounder")
    model, truth = case.model(), {name: float(value) for name, value in case.sets[0].items()}
    with pytensor.config.change_flags(mode=CHEAP):
        effect, data = true_effect(model, truth, ({"z": 1}, {"z": 0}, "y_mean"))
        drawn, _ = true_effect(model, truth, ({"z": 1}, {"z": 0}, "y"))
    case.data = {name: data[name].values for name in case.graph}
    high, low = (outcome_under(case.graph, {"z": z}, case.sets[0], case.data, "y", case.rng)[0] for z in (1, 0))
    np.testing.assert_allclose(effect, (high - low).mean(), atol=1e-8)
    # Of the outcome itself it is an average over at least a hundred drawn anew in each of two worlds.
    spread = np.std(FAMILIES[family][1](case.rng, np.full(10_000, 1.5)))
    assert abs(drawn - effect) < ERRORS * spread * np.sqrt(2 / 400)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_oracle_knows_the_mean_of_what_it_draws(family):
    mean, draw = FAMILIES[family]
    eta = np.array([-0.7, 0.1, 0.8])
    draws = draw(np.random.default_rng(1), np.broadcast_to(eta, (40_000, 3)))
    np.testing.assert_array_less(abs(draws.mean(axis=0) - mean(eta)), ERRORS * draws.std(axis=0) / 200)
