"""The worlds behind the exam's tables: models, and the runs that made the numbers of questions 5, 7, 8 and 13."""

from functools import cache

import pymc as pm

from helpers import contrast, fit, recover, simulate, summarize, summarize_recovery, test_independences

SEED = 7  # The exam's data sets are this seed's.
PEOPLE, DATASETS = 500, 200
MUSEUM_TRUTH = {"b_z0": -0.4, "b_cz": 1.2, "b_y0": 0.7, "b_zy": 1.1, "b_cy": 1.4}
STRAIGHT_TRUTH = {"b_z0": 0, "b_cz": 1.5, "b_y0": 0, "b_zy": 0.5, "b_cy": 1, "sigma": 1}
ATE = {"ATE": ({"z": 1}, {"z": 0}, "y_mu")}
# The exam's tables come from two chains of 500. One chain of 800 moves a bound as chance does, in half of the time.
QUICK = {"chains": 1, "cores": 1, "draws": 800, "tune": 200, "progressbar": False}


def museum_model():
    """Interest (c) decides who gets a letter (z) and who comes (y, yes or no)."""
    with pm.Model(coords={"i": [0]}) as model:
        b_z0, b_cz = pm.Normal("b_z0"), pm.Normal("b_cz")
        b_y0, b_zy, b_cy = pm.Normal("b_y0"), pm.Normal("b_zy"), pm.Normal("b_cy")
        c = pm.Normal("c", dims="i")
        z = pm.Bernoulli("z", logit_p=b_z0 + b_cz * c, dims="i")
        y_p = pm.Deterministic("y_p", pm.math.invlogit(b_y0 + b_zy * z + b_cy * c), dims="i")
        pm.Bernoulli("y", p=y_p, dims="i")
    return model


def museum_run():
    """Question 5: the data, a table of the four rows, and the mean gain of those whom the policy touches."""
    model = museum_model()
    data = simulate(model, MUSEUM_TRUTH, {"i": PEOPLE}, seed=SEED)
    idata = fit(model, data, seed=SEED, cores=1)
    gain = contrast(model, idata, {"z": 1}, {"z": 0}, outcome="y_p", seed=SEED)
    few = {"z": lambda d: (d["c"] < 0).astype(int)}
    draws = {
        "`b_zy`": idata["posterior"]["b_zy"],
        "ATE": gain.mean("i"),
        "ATT": gain.where(data["z"] == 1).mean("i"),
        "letter": contrast(model, idata, few, {"z": 0}, outcome="y_p", seed=SEED, over="i"),
        "touched": gain.where(data["c"] < 0).mean("i"),
    }
    return data, summarize(draws)


@cache
def straight_model(with_cause=True):
    """Straight lines from c and z to y, or without c; made once, since what is compiled is kept for a model."""
    with pm.Model(coords={"i": [0]}) as model:
        b_z0 = pm.Normal("b_z0", 0, 1)
        b_cz = pm.Normal("b_cz", 0, 1) if with_cause else 0
        b_y0 = pm.Normal("b_y0", 0, 1)
        b_zy = pm.Normal("b_zy", 0, 2)
        b_cy = pm.Normal("b_cy", 0, 1) if with_cause else 0
        sigma = pm.HalfNormal("sigma", 1)
        c = pm.Normal("c", 0, 1, dims="i") if with_cause else 0
        z = pm.Bernoulli("z", logit_p=b_z0 + b_cz * c, dims="i")
        y_mu = pm.Deterministic("y_mu", b_y0 + b_zy * z + b_cy * c, dims="i")
        pm.Normal("y", y_mu, sigma, dims="i")
    return model


def recovery_row(with_cause, units):
    """A row of question 7: bias, coverage and width over 200 data sets of one truth."""
    return summarize_recovery(_recover(with_cause, STRAIGHT_TRUTH, units)).loc["ATE"]


def ranks_without_cause():
    """Question 8: ranks of the effect where the common cause is left out, and the truth is drawn anew each time."""
    run = _recover(False, {"b_cz": 1.0, "b_cy": 0.3}, 60)
    return run["ATE"].sel(statistic="rank").values


def _recover(with_cause, truth, units):
    other = {} if with_cause else {"generator": straight_model()}
    sizes, model = {"i": units}, straight_model(with_cause)
    return recover(model, truth, sizes, datasets=DATASETS, seed=SEED, estimands=ATE, **QUICK, **other)


def market_claims(drawn, days):
    """Question 13: the claims of a graph that lacks the arrow from weather to takings, tried on made days."""
    with pm.Model(coords={"i": [0]}) as model:
        w = pm.Normal("w", dims="i")
        v = pm.Normal("v", 0.8 * w, 0.6, dims="i")
        u = pm.Normal("u", -0.7 * w, 0.7, dims="i")
        pm.Normal("y", 0.6 * v + 0.3 * u + 0.5 * w, 0.7, dims="i")
    columns = ["w", "v", "u", "y"]
    data = simulate(model, {}, {"i": days}, seed=SEED, variables=columns)
    return test_independences(drawn, data.to_dataframe()[columns])
