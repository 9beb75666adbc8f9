"""Simulation-based calibration of the first example, and three planted errors that it must catch.

500 data sets with truths from the prior: ranks uniform for each parameter and for the ATE, 90 % intervals
that hold the truth in 90 ± 3 % of the data sets. Then the same with a wrong prior, a forgotten confounder and
a wrong link in what is fitted. Fails when one isn't so.
"""

import sys

import numpy as np
import pymc as pm
from arviz_stats.ecdf_utils import ecdf_pit
from first_example import ATE

from helpers import recover, summarize_recovery

SEED, DATASETS, ALPHA = 42, 500, 0.01
OPTIONS = {"seed": SEED, "estimands": ATE, "progressbar": False}


def world(*, prior_sd=1, confounded=True, link=pm.math.sigmoid):
    """The first example, or what is left of it with one thing changed."""
    with pm.Model(coords={"i": [0]}) as model:
        beta_z0, beta_y0 = pm.Normal("beta_z0"), pm.Normal("beta_y0")
        beta_zy = pm.Normal("beta_zy", 0, prior_sd)
        sigma_y = pm.HalfNormal("sigma_y")
        if confounded:
            beta_cz, beta_cy = pm.Normal("beta_cz"), pm.Normal("beta_cy")
            c = pm.Normal("c", dims="i")
        z = pm.Bernoulli("z", p=link(beta_z0 + (beta_cz * c if confounded else 0)), dims="i")
        y_mu = pm.Deterministic("y_mu", beta_y0 + beta_zy * z + (beta_cy * c if confounded else 0), dims="i")
        pm.Normal("y", y_mu, sigma_y, dims="i")
    return model


def probit(x):
    return 0.5 * (1 + pm.math.erf(x / np.sqrt(2)))


def p_values(recovery):
    """ArviZ's test of uniformity for each quantity's ranks."""
    names = [name for name in recovery.data_vars if "statistic" in recovery[name].dims]
    tested, *_ = recovery[names].sel(statistic="rank", drop=True).azstats.uniformity_test(dim="dataset")
    return {name: float(tested[name]) for name in names}


def outside_band(ranks):
    """Whether the ECDF leaves its simultaneous 95 % band anywhere."""
    _, ecdf, lower, upper = ecdf_pit(ranks, ci_prob=0.95, n_simulations=1000, rng=np.random.default_rng(SEED))
    return bool(((ecdf < lower) | (ecdf > upper)).any())


def sound():
    recovery = recover(world(), sizes={"i": 100}, datasets=DATASETS, prob=0.9, **OPTIONS)
    table = summarize_recovery(recovery)[["coverage", "coverage_mcse"]].assign(p_value=p_values(recovery))
    table["leaves the band"] = [outside_band(recovery[name].sel(statistic="rank").to_numpy()) for name in table.index]
    print(f"Sound: {DATASETS} data sets, {int((recovery['divergences'] > 0).sum())} of them with divergences")
    print(table.round(3).to_string(), "\n", flush=True)
    wide = abs(table["coverage"] - 0.9).max()
    return [] if wide <= 0.03 and table["p_value"].min() > ALPHA and not table["leaves the band"].any() else ["sound"]


def planted():
    errors = {
        "prior of beta_zy too narrow": (world(prior_sd=0.25), world()),
        "confounder forgotten": (world(confounded=False), world()),
        "logit fitted, probit true": (world(), world(link=probit)),
    }
    missed = []
    for name, (fitted, generator) in errors.items():
        recovery = recover(fitted, sizes={"i": 100}, datasets=DATASETS // 2, generator=generator, **OPTIONS)
        tested = p_values(recovery)
        worst = min(tested, key=tested.get)
        print(f"{name}: p = {tested[worst]:.2g} for {worst}; ATE {tested['ATE']:.2g}", flush=True)
        if tested[worst] > ALPHA / len(tested):
            missed.append(name)
    return missed


def main():
    failed = sound() + planted()
    if failed:
        sys.exit(f"not as it should be: {failed}")


if __name__ == "__main__":
    main()
