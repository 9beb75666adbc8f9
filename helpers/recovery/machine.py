"""What `recover` compiles once and uses for each data set: a simulator, a sampler, the estimands."""

import hashlib
import threading
from collections import deque
from dataclasses import dataclass

import cloudpickle
import numpy as np
import xarray as xr

from helpers._models.sampler import Sampler, exact_arithmetic
from helpers._models.sized import Sized
from helpers._models.structure import Structure
from helpers.recovery.estimands import make_estimand
from helpers.recovery.simulator import Simulator, frozen
from helpers.recovery.statistics import summarize_draws

TRIALS = 5

_kept = threading.local()


def machine_for(payload):
    """The machine of a pickled plan, compiled once in each thread of each process."""
    key = hashlib.sha256(payload).digest()
    if getattr(_kept, "key", None) != key:
        _kept.machine = Machine(cloudpickle.loads(payload))
        _kept.key = key
    return _kept.machine


def arrays_of(dataset):
    """Arrays of a Dataset, by name."""
    return {name: array.to_numpy() for name, array in dataset.data_vars.items()}


def seeds_of(seed, index):
    """Seeds of one data set: for its truth and data, the sampler, the estimands and the ranks."""
    return [int(word) for word in np.random.SeedSequence(seed, spawn_key=(index,)).generate_state(4)]


class Machine:
    """Simulates, fits and summarizes one data set after another."""

    def __init__(self, plan):
        with exact_arithmetic():
            self.plan = plan
            self.simulator = Simulator(plan)
            _, data = self.simulator(0)
            sized = Sized.by_sizes(Structure(plan.model), plan.sizes)
            self.sampler = Sampler(sized, plan.parameters, plan.data_names, arrays_of(data))
            self.sampler.compile()
            self.constants = constants_of(plan)
            data = data.assign(self.constants)
            self.estimands = {name: make_estimand(plan, data, estimand) for name, estimand in plan.estimands.items()}
        for name, estimand in self.estimands.items():
            _check_works(name, estimand, self.simulator, self.constants)

    def row(self, index):
        """Summary of one data set, of plain numbers and lists; an error is recorded, not raised."""
        return self._finish(self._start(index))

    def rows(self, indices):
        """Summaries one after another; while one is made, the samplers of the next data sets run already."""
        chains, cores = self.plan.options["chains"], self.plan.options["cores"]
        # One whose summary is made, and enough to keep all cores busy meanwhile, though chains differ in length.
        at_once = 1 if cores == 1 else 2 + cores // chains
        started = deque()
        try:
            for index in indices:
                started.append(self._start(index))
                if len(started) >= at_once:
                    yield self._finish(started.popleft())
            while started:
                yield self._finish(started.popleft())
        finally:
            for fit in started:
                fit.cancel()

    def _start(self, index):
        seeds = seeds_of(self.plan.seed, index)
        fit = _Fit(index, seeds)
        try:
            fit.truth, fit.data = self.simulator(seeds[0])
            fit.sampling = self.sampler.start(arrays_of(fit.data), seeds[1] % 2**31, self.plan.options)
        except Exception as error:  # noqa: BLE001 - whatever one data set provokes must not cost the others.
            fit.error = error
        return fit

    def _finish(self, fit):
        _, _, for_estimands, for_ranks = fit.seeds
        try:
            if fit.error:
                raise fit.error
            draws, divergences = self.sampler.finish(fit.sampling)
            data = fit.data.assign(self.constants)
            # Dicts, not Datasets: a Dataset would align the labels of one quantity to those of another.
            found = {name: draws[name] for name in draws.data_vars if name in fit.truth}
            truths = {name: fit.truth[name] for name in found}
            for name, estimand in self.estimands.items():
                found[name] = estimand.posterior(draws, data, for_estimands)
                truths[name] = estimand.truth(fit.truth, data, for_estimands)
            quantities = summarize_draws(found, truths, self.plan.prob, for_ranks)
        except Exception as error:  # noqa: BLE001 - as above.
            return failed_row(self.plan, fit.index, error)
        finally:
            fit.cancel()
        return {
            "dataset": fit.index,
            "seed": fit.seeds[0],
            "error": "",
            "divergences": divergences,
            "quantities": quantities,
        }


@dataclass
class _Fit:
    """One data set under way."""

    index: int
    seeds: list
    truth: xr.Dataset = None
    data: xr.Dataset = None
    sampling: object = None
    error: Exception = None

    def cancel(self):
        """Stop the sampler's threads, if they still run."""
        if self.sampling is not None:
            self.sampling.cancel()


def failed_row(plan, index, error):
    """What is kept of a data set that could not be fitted."""
    return {
        "dataset": index,
        "seed": seeds_of(plan.seed, index)[0],
        "error": f"{type(error).__name__}: {error}".split("\n")[0],
        "divergences": -1,
    }


def constants_of(plan):
    """Containers that hold the same values in every data set, for estimands that look at them.

    Those to which the generator gives other values are left out: they would replace the generator's own.
    """
    structure = Structure(plan.model)
    values, others = (
        {name: variable.get_value() for name, variable in one.containers.items()}
        for one in (structure, Structure(plan.generator))
    )
    return {
        name: (structure.axes(name), frozen(value))
        for name, value in values.items()
        if name not in plan.truth and np.array_equal(value, others.get(name, value))
    }


def _check_works(name, estimand, simulator, constants):
    """Raise before anything is fitted when an estimand works on none of a few data sets."""
    errors = []
    for seed in range(TRIALS):
        try:
            truth, data = simulator(seed)
            estimand.truth(truth, data.assign(constants), 0)
        except Exception as error:  # noqa: BLE001 - it is raised below, unless another data set does better.
            errors.append(error)
    if len(errors) == TRIALS:
        raise ValueError(f"Estimand {name!r} fails on each of {TRIALS} data sets: {errors[0]!r}.") from errors[0]
