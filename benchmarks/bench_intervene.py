"""What intervene costs beside bare do + sample_posterior_predictive, in time and in memory.

Prints ratios from one run; exits with 1 when intervene costs more than 1.2 times the bare calls,
or when averaging over units holds the array of draws and units.
"""

import sys
import time
import tracemalloc

import numpy as np
import pymc as pm
import xarray as xr
from first_example import empty_model

from helpers import contrast, intervene

SEED, CHAINS, DRAWS, ROUNDS = 42, 4, 1000, 5
TIME_LIMIT = 1.2


def fit_of(units, draws=DRAWS):
    """Draws and data of the shape that a fit has; their values don't matter for the cost."""
    rng = np.random.default_rng(SEED)
    names = ["beta_z0", "beta_cz", "beta_y0", "beta_zy", "beta_cy", "sigma_y"]
    posterior = {name: (("chain", "draw"), np.abs(rng.normal(size=(CHAINS, draws)))) for name in names}
    coords = {"chain": range(CHAINS), "draw": range(draws)}
    c = rng.normal(size=units)
    data = {"c": ("i", c), "z": ("i", (c > 0).astype("int64")), "y": ("i", c)}
    return xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset(posterior, coords),
            "observed_data": xr.Dataset(data, {"i": np.arange(units)}),
        }
    )


def bare(model, idata, outcome):
    data = idata["observed_data"]
    units = data.sizes["i"]
    with pm.do(model, {"c": data["c"].values, "z": np.ones(units, dtype="int64")}) as world:
        world.set_dim("i", units, coord_values=data["i"].values)
        drawn = pm.sample_posterior_predictive(idata, var_names=[outcome], random_seed=SEED, progressbar=False)
    return drawn["posterior_predictive"][outcome]


def helped(model, idata, outcome):
    return intervene(model, idata, {"z": 1}, outcome=outcome, seed=SEED)


def seconds(function, *arguments):
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def time_ratio(model, idata, outcome):
    """Median time of intervene over that of the bare calls, taken in turns; both are warmed up first."""
    np.testing.assert_array_equal(bare(model, idata, outcome), helped(model, idata, outcome))
    turns = [(seconds(bare, model, idata, outcome), seconds(helped, model, idata, outcome)) for _ in range(ROUNDS)]
    alone, ours = np.median(turns, axis=0)
    print(f"  outcome {outcome:5}  bare {alone:6.2f} s   intervene {ours:6.2f} s   ratio {ours / alone:5.2f}")
    return ours / alone


def peak_megabytes(function):
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def memory(model, units, draws):
    idata = fit_of(units, draws)
    options = {"outcome": "y_mu", "seed": SEED}
    contrast(model, fit_of(10, 2), {"z": 1}, {"z": 0}, over="i", **options)
    averaged = peak_megabytes(lambda: contrast(model, idata, {"z": 1}, {"z": 0}, over="i", **options))
    array = CHAINS * draws * units * 8 / 1e6
    print(
        f"  {units:,} units x {CHAINS * draws:,} draws: peak {averaged:,.0f} MB; the array alone would be {array:,.0f} MB"
    )
    return averaged / array


def main():
    model = empty_model()
    print("Time, 1,000 units and 4,000 draws, median of 5 turns")
    ratios = [time_ratio(model, fit_of(1000), outcome) for outcome in ("y_mu", "y")]
    print("Memory of contrast(..., over='i')")
    share = memory(model, 100_000, DRAWS)
    if max(ratios) > TIME_LIMIT or share > 0.1:
        sys.exit(f"too dear: time ratio {max(ratios):.2f} (limit {TIME_LIMIT}), memory share {share:.3f} (limit 0.1)")


if __name__ == "__main__":
    main()
