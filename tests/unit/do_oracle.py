"""A brute-force oracle of do, in NumPy alone: cut the arrows, set the values, draw what they move, average."""

import numpy as np


def expit(x):
    return 1 / (1 + np.exp(-x))


# For each family its mean, and draws of it, as functions of a linear predictor.
FAMILIES = {
    "Normal": (lambda e: e, lambda r, e: r.normal(e, 0.5)),
    "StudentT": (lambda e: e, lambda r, e: e + 0.5 * r.standard_t(8, np.shape(e))),
    "Laplace": (lambda e: e, lambda r, e: r.laplace(e, 0.5)),
    "LogNormal": (lambda e: np.exp(e + 0.02), lambda r, e: np.exp(r.normal(e, 0.2))),
    "Gamma": (np.exp, lambda r, e: r.gamma(3, np.exp(e) / 3)),
    "Exponential": (np.exp, lambda r, e: r.exponential(np.exp(e))),
    "Beta": (expit, lambda r, e: r.beta(6 * expit(e), 6 * expit(-e))),
    "Bernoulli": (expit, lambda r, e: r.binomial(1, expit(e))),
    "Binomial": (lambda e: 7 * expit(e), lambda r, e: r.binomial(7, expit(e))),
    "Geometric": (lambda e: 1 / expit(e), lambda r, e: r.geometric(expit(e))),
    "Poisson": (np.exp, lambda r, e: r.poisson(np.exp(e))),
    "NegativeBinomial": (np.exp, lambda r, e: r.poisson(r.gamma(2, np.exp(e) / 2))),
    "ZeroInflatedPoisson": (
        lambda e: 0.7 * np.exp(e),
        lambda r, e: r.binomial(1, 0.7, np.shape(e)) * r.poisson(np.exp(e)),
    ),
    "HurdleGamma": (
        lambda e: 0.7 * np.exp(e),
        lambda r, e: r.binomial(1, 0.7, np.shape(e)) * r.gamma(3, np.exp(e) / 3),
    ),
    "Mixture": (lambda e: 0.3 * e + 0.7 * (e + 2), lambda r, e: r.normal(e + 2 * r.binomial(1, 0.7, np.shape(e)), 0.5)),
}


def predictor(parents, draw, name, values, data):
    """Linear predictor of a variable from its parents, and from its group where it has one."""
    eta = draw[f"a_{name}"] + sum((draw[f"b_{parent}_{name}"] * values[parent] for parent in parents), 0.0)
    return eta + (draw["group"][data["codes"]] if "group" in draw and name == "y" else 0.0)


def outcome_under(graph, do, draw, data, outcome, rng, repeats=20_000):
    """Expected outcome of each unit under do for one draw of the parameters, and its Monte Carlo error.

    `graph` maps each variable, in causal order, to its family and its parents.
    """
    values, moved = {}, set()
    for name, (family, parents) in graph.items():
        eta = predictor(parents, draw, name, values, data) + np.zeros((1, *data[outcome].shape))
        mean, draws = FAMILIES[family]
        if name == outcome:
            means = mean(eta)
            return means.mean(axis=0), means.std(axis=0) / np.sqrt(len(means))
        if name in do:
            values[name], moved = do[name] + 0 * data[name], moved | {name}
        elif moved & set(parents):
            values[name] = draws(rng, np.broadcast_to(eta, (repeats, *eta.shape[1:])))
            moved |= {name}
        else:
            values[name] = data[name]
    raise KeyError(outcome)
