"""Small models with known answers, and fits of them that the tests share.

Each model is made once: helpers change none, and keep what they compiled for it.
"""

from functools import cache

import numpy as np
import pymc as pm
import pytest

from helpers import fit, simulate

SEED = 42
LINEAR_TRUTH = {"beta_z0": 0, "beta_y0": 0, "beta_cz": 1.5, "beta_zy": 0.5, "beta_cy": 1, "sigma_y": 0.2}


@cache
def linear_model(treatment="yes-no"):
    """The book's first example: c -> z, c -> y, z -> y."""
    with pm.Model(coords={"i": [0]}) as model:
        beta_z0, beta_cz = pm.Normal("beta_z0"), pm.Normal("beta_cz")
        beta_y0, beta_zy, beta_cy = pm.Normal("beta_y0"), pm.Normal("beta_zy"), pm.Normal("beta_cy")
        sigma_y = pm.HalfNormal("sigma_y")
        c = pm.Normal("c", dims="i")
        if treatment == "yes-no":
            z = pm.Bernoulli("z", logit_p=beta_z0 + beta_cz * c, dims="i")
        else:
            z = pm.Normal("z", beta_z0 + beta_cz * c, 1, dims="i")
        y_mu = pm.Deterministic("y_mu", beta_y0 + beta_zy * z + beta_cy * c, dims="i")
        pm.Normal("y", y_mu, sigma_y, dims="i")
    return model


@cache
def logistic_model():
    """A yes/no outcome: no coefficient is the effect on the scale of probabilities."""
    with pm.Model(coords={"i": [0]}) as model:
        beta_zy, beta_cy = pm.Normal("beta_zy"), pm.Normal("beta_cy")
        c = pm.Normal("c", dims="i")
        z = pm.Bernoulli("z", logit_p=c, dims="i")
        y_p = pm.Deterministic("y_p", pm.math.sigmoid(beta_zy * z + beta_cy * c), dims="i")
        pm.Bernoulli("y", p=y_p, dims="i")
    return model


@cache
def mediated_model(centered=True):
    """x -> m -> y with the mediator m never observed; its scale is fixed by a second, observed reading of it."""
    with pm.Model(coords={"i": [0]}) as model:
        a, b = pm.Normal("a", 0, 2), pm.Normal("b", 0, 2)
        x = pm.Normal("x", dims="i")
        if centered:
            m = pm.Normal("m", a * x, 0.5, dims="i")
        else:
            m_offset = pm.Normal("m_offset", dims="i")
            m = pm.Deterministic("m", a * x + 0.5 * m_offset, dims="i")
        pm.Normal("reading", m, 0.3, dims="i")
        y_mu = pm.Deterministic("y_mu", b * m, dims="i")
        pm.Normal("y", y_mu, 0.2, dims="i")
    return model


def product_model():
    """An outcome that no treatment's coefficient describes: the confounder multiplies the effect of h."""
    with pm.Model(coords={"i": [0]}) as model:
        beta = pm.Normal("beta", 0, 2)
        x = pm.Normal("x", 1, 1, dims="i")
        h = pm.Normal("h", x, 1, dims="i")
        y_mu = pm.Deterministic("y_mu", beta * x * h, dims="i")
        pm.Normal("y", y_mu, 0.1, dims="i")
    return model


@pytest.fixture(scope="session")
def linear():
    model = linear_model()
    data = simulate(model, LINEAR_TRUTH, {"i": 60}, seed=SEED)
    return model, data, fit(model, data, seed=SEED)


@pytest.fixture(scope="session")
def logistic():
    model = logistic_model()
    data = simulate(model, {"beta_zy": 1, "beta_cy": 0.5}, {"i": 80}, seed=SEED)
    return model, data, fit(model, data, seed=SEED)


@pytest.fixture(scope="session")
def mediated():
    model = mediated_model()
    data = simulate(model, {"a": 2, "b": 0.5}, {"i": 60}, seed=SEED)
    return model, data, fit(model, data[["x", "reading", "y"]], seed=SEED)


@pytest.fixture(scope="session")
def product():
    model = product_model()
    data = simulate(model, {"beta": 1}, {"i": 60}, seed=SEED)
    # Units unlike those that the model would draw: mean of x about 3, not 1.
    data = data.assign(x=data["x"] + 2)
    data = data.assign(y=data["x"] * data["h"] + 0.1 * np.sin(data["i"]))
    return model, data, fit(model, data, seed=SEED)
