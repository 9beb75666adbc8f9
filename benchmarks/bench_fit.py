"""What a second fit of one model costs beside the first, and beside `condition` with bare ``pm.sample``.

Both are timed in this process after a fit of another model, so that no import is counted. Prints seconds and ratios;
fails when a later fit, on data of equal or other length, costs more than a fifth of the first.
"""

import sys
import time

import pymc as pm
from first_example import TRUTH, empty_model

from helpers import condition, fit, simulate

SEED, ROUNDS, LIMIT = 42, 5, 5
WEEKS = {"equal length": 100, "half as long": 50, "nine times as long": 900}


def seconds(function, *arguments, **options):
    start = time.perf_counter()
    function(*arguments, **options)
    return time.perf_counter() - start


def bare(model, data):
    with condition(model, data):
        pm.sample(chains=4, random_seed=SEED, progressbar=False, quiet=True, compute_convergence_checks=False)


def main():
    weeks = {name: simulate(empty_model(), TRUTH, {"i": size}, seed=SEED + 1) for name, size in WEEKS.items()}
    first_weeks = simulate(empty_model(), TRUTH, {"i": 100}, seed=SEED)
    fit(empty_model(), first_weeks, seed=SEED)
    bare(empty_model(), first_weeks)
    first, by_pymc, later = [], [], {name: [] for name in weeks}
    for _ in range(ROUNDS):
        model = empty_model()
        first.append(seconds(fit, model, first_weeks, seed=SEED))
        by_pymc.append(seconds(bare, model, first_weeks))
        for name, data in weeks.items():
            later[name].append(seconds(fit, model, data, seed=SEED))
    whole = sum(first) / ROUNDS
    print(f"  first fit of a model            {whole:6.2f} s")
    print(f"  condition + pm.sample           {sum(by_pymc) / ROUNDS:6.2f} s, each time")
    ratios = {name: whole / (sum(times) / ROUNDS) for name, times in later.items()}
    for name, ratio in ratios.items():
        print(f"  later, {name:24} {sum(later[name]) / ROUNDS:6.2f} s   the first takes {ratio:5.1f} times as long")
    short = {name: ratio for name, ratio in ratios.items() if ratio < LIMIT}
    if short:
        sys.exit(f"above a fifth of the first: {short}")


if __name__ == "__main__":
    main()
