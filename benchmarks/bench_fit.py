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
WEEKS = {"equal length": 100, "half as long": 50, "twice as long": 200}


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
    first, by_pymc, later = ({name: [] for name in weeks} for _ in range(3))
    for _ in range(ROUNDS):
        model = empty_model()
        fit(model, first_weeks, seed=SEED)
        for name, data in weeks.items():
            later[name].append(seconds(fit, model, data, seed=SEED))
            first[name].append(seconds(fit, empty_model(), data, seed=SEED))
            by_pymc[name].append(seconds(bare, model, data))
    ratios = {}
    for name in weeks:
        one, other, again = (sum(times[name]) / ROUNDS for times in (first, by_pymc, later))
        ratios[name] = one / again
        print(
            f"  {name:14} first {one:5.2f} s   condition + pm.sample {other:5.2f} s   later {again:5.2f} s: {ratios[name]:.1f} times less"
        )
    short = {name: ratio for name, ratio in ratios.items() if ratio < LIMIT}
    if short:
        sys.exit(f"above a fifth of the first: {short}")


if __name__ == "__main__":
    main()
