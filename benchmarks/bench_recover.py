"""Cost of a fit in `recover`, beside fitting each data set from scratch and beside simuk, in one run.

The first example: 100 weeks, 2 chains of 500 + 1,000 draws, 2 cores. Compilation is counted.
`recover` is timed twice: on equal work, and as it tunes by default.
Prints the ratios, how the cost grows with data sets, weeks and workers, what memory is taken, and where the
time goes. Fails when a ratio is below its limit.
"""

import concurrent.futures
import cProfile
import logging
import pstats
import resource
import sys
import time
import tracemalloc

import numpy as np
import nutpie
import pymc as pm
import simuk
from first_example import ATE, TRUTH, empty_model

from helpers import PROB, condition, contrast, fit, recover, simulate, summarize
from helpers.recovery.machine import Machine, arrays_of, seeds_of
from helpers.recovery.plan import TUNE, make_plan

SEED, WEEKS, LIMIT = 42, 100, 25
DRAWS = {"chains": 2, "tune": 500, "draws": 1000}
OPTIONS = {"seed": SEED, "estimands": ATE, "progressbar": False, **DRAWS}


def seconds(function, *arguments, **options):
    start = time.perf_counter()
    function(*arguments, **options)
    return time.perf_counter() - start


def one_by_one(datasets):
    """What one writes without recover: simulate, observe and sample anew, r-hat and ess checked as by default."""
    model = empty_model()
    for index in range(datasets):
        data = simulate(model, TRUTH, {"i": WEEKS}, seed=index)
        with condition(model, data):
            pm.sample(random_seed=SEED, cores=2, progressbar=False, quiet=True, **DRAWS)


def all_that_recover_does(datasets):
    """The same with the effect, its truth and the summary of each quantity; `fit` compiles the model once, as recover does."""
    model = empty_model()
    high, low, outcome = ATE["ATE"]
    for index in range(datasets):
        data = simulate(model, TRUTH, {"i": WEEKS}, seed=index)
        idata = fit(model, data, seed=SEED, cores=2, **DRAWS)
        effect = contrast(model, idata, high, low, outcome=outcome, over="i", seed=SEED)
        summarize(idata["posterior"].to_dataset()[list(TRUTH)].assign(ATE=effect))


def by_nutpie(datasets):
    """The same with the sampler that recover uses, compiled for each data set."""
    model = empty_model()
    for index in range(datasets):
        data = simulate(model, TRUTH, {"i": WEEKS}, seed=index)
        compiled = nutpie.compile_pymc_model(condition(model, data))
        nutpie.sample(compiled, seed=SEED, cores=2, progress_bar=False, **DRAWS)


def by_simuk(datasets):
    """Simulation-based calibration as simuk does it."""
    model = empty_model()
    observed = condition(model, simulate(model, TRUTH, {"i": WEEKS}, seed=SEED))
    options = {**DRAWS, "cores": 2, "progressbar": False, "quiet": True, "compute_convergence_checks": False}
    simuk.SBC(
        observed, num_simulations=datasets, sample_kwargs=options, seed=SEED, progress_bar=False
    ).run_simulations()


def by_recover(datasets, weeks=WEEKS, **options):
    recover(empty_model(), TRUTH, {"i": weeks}, datasets=datasets, **OPTIONS | options)


def ratios():
    """Seconds a fit of each way, taken in turns; the ratios to recover over 200 data sets."""
    ways = {
        "observe + pm.sample": one_by_one,
        "simuk": by_simuk,
        "nutpie alone, compiled each time": by_nutpie,
        "simulate + fit + contrast + summarize": all_that_recover_does,
    }
    turns = {name: [] for name in ways}
    ours, shorter = [], []
    for turn in range(3):
        for name, way in ways.items():
            turns[name].append(seconds(way, 4) / 4)
        ours.append(seconds(by_recover, 200) / 200)
        shorter.append(seconds(by_recover, 200, tune=TUNE) / 200)
        print(f"  turn {turn + 1} done", flush=True)
    fit = np.mean(ours)
    own = np.mean(shorter)
    print(
        f"  recover, 200 data sets, compilation counted   {fit:7.3f} s a fit, {own:.3f} with its own {TUNE} tuning draws"
    )
    results = {}
    for name, times in turns.items():
        results[name] = np.mean(times) / fit
        print(
            f"  {name:45} {np.mean(times):7.3f} s a fit   {results[name]:5.1f} times as long, "
            f"{np.mean(times) / own:5.1f} times with {TUNE}"
        )
    return results


def growth():
    print("Data sets (compilation is what the first column holds beside the second)")
    compilation = seconds(by_recover, 1)
    peaks = {}
    for datasets in (50, 400):
        spent = seconds(by_recover, datasets)
        tracemalloc.start()
        by_recover(datasets, tune=50, draws=100)
        peaks[datasets] = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        rest = (spent - compilation) / (datasets - 1)
        print(
            f"  {datasets:5d}   {spent / datasets:6.3f} s a fit with compilation   {rest:6.3f} s without   "
            f"peak {peaks[datasets]:.0f} MB, the largest of this process so far "
            f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB",
            flush=True,
        )
    print("Weeks in a data set, 20 data sets, without compilation")
    for weeks in (100, 1_000, 10_000):
        machine = Machine(plan_of(weeks))
        spent = seconds(lambda machine=machine: list(machine.rows(range(20))))
        print(f"  {weeks:6d}   {spent / 20:6.3f} s a fit", flush=True)
    print("Worker processes, 200 data sets, each worker's compilation counted")
    for workers in (1, 2):
        with concurrent.futures.ProcessPoolExecutor(workers) as pool:
            spent = seconds(by_recover, 200, executor=pool)
            again = seconds(by_recover, 200, executor=pool)
        print(f"  {workers}   {spent / 200:6.3f} s a fit   {again / 200:6.3f} in a second run", flush=True)


def plan_of(weeks):
    return make_plan(empty_model(), TRUTH, {"i": weeks}, SEED, ATE, None, None, PROB, None, None, DRAWS)


def where_the_time_goes():
    machine = Machine(plan_of(WEEKS))
    count = 100
    whole = seconds(lambda: list(machine.rows(range(count)))) / count
    seeds = [seeds_of(SEED, index) for index in range(count)]
    weeks = [arrays_of(machine.simulator(seed[0])[1]) for seed in seeds]
    alone = seconds(
        lambda: [
            machine.sampler.start(data, seed[1] % 2**31, DRAWS | {"cores": 2}).wait()
            for data, seed in zip(weeks, seeds)
        ]
    )
    print(
        f"Where it goes: a fit {1000 * whole:.0f} ms; the sampler alone, one fit after another {1000 * alone / count:.0f} ms"
    )
    print("  the rest is done while the next samplers run; the shares of one fit without that:")
    profile = cProfile.Profile()
    profile.enable()
    for index in range(count):
        machine.row(index)
    profile.disable()
    stats = pstats.Stats(profile).stats
    total = sum(entry[2] for entry in stats.values())
    shares = {}
    for (_, _, name), entry in stats.items():
        shares[name] = max(shares.get(name, 0), entry[3] / total)
    for name in ("wait", "summarize_draws", "posterior"):
        print(f"  {name:12} {100 * shares.get(name, 0):5.1f} % under the profiler")


def main():
    logging.getLogger("pymc").setLevel(logging.ERROR)
    print("Seconds a fit, first example")
    results = ratios()
    growth()
    where_the_time_goes()
    short = {name: results[name] for name in ("observe + pm.sample", "simuk") if results[name] < LIMIT}
    if short:
        sys.exit(f"below {LIMIT} times: {short}")


if __name__ == "__main__":
    main()
