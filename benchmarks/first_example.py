"""The book's first example, which the benchmarks share."""

import pymc as pm

TRUTH = {"beta_z0": 0, "beta_cz": 1.5, "beta_y0": 0, "beta_zy": 0.5, "beta_cy": 1, "sigma_y": 0.2}
ATE = {"ATE": ({"z": 1}, {"z": 0}, "y_mu")}


def empty_model():
    """A new object each time, so that nothing compiled for another is found again."""
    with pm.Model(coords={"i": [0]}) as model:
        beta_z0, beta_cz = pm.Normal("beta_z0"), pm.Normal("beta_cz")
        beta_y0, beta_zy, beta_cy = pm.Normal("beta_y0"), pm.Normal("beta_zy"), pm.Normal("beta_cy")
        sigma_y = pm.HalfNormal("sigma_y")
        c = pm.Normal("c", dims="i")
        z = pm.Bernoulli("z", logit_p=beta_z0 + beta_cz * c, dims="i")
        y_mu = pm.Deterministic("y_mu", beta_y0 + beta_zy * z + beta_cy * c, dims="i")
        pm.Normal("y", y_mu, sigma_y, dims="i")
    return model
