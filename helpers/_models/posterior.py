"""The posterior of a conditioned model as ``pm.sample`` gives it, from a sampler that is compiled once for a model."""

import os
import time

import numpy as np
import pandas as pd
import pymc as pm
import xarray as xr

from helpers._models.internals import add_data_groups, is_for_nuts_alone, progress_bars
from helpers._models.sampler import Sampler

# The options of pm.sample that a kept sampler takes, too.
TAKEN = {"draws", "tune", "chains", "cores", "target_accept", "progressbar", "quiet"}


def sample_posterior(sized, values, conditioned, seed, options):
    """A DataTree with the groups of ``pm.sample``.

    Parameters
    ----------
    sized : Sized
        The model, with the dims of the data.
    values : mapping of str to array
        The data and containers, in the model's order.
    conditioned : pymc.Model
        The same model, conditioned on these data.
    seed : int
    options : dict
        As for ``pm.sample``.
    """
    sampler = _sampler(sized, values, conditioned, options)
    if sampler is None:
        with conditioned:
            return pm.sample(random_seed=seed, compute_convergence_checks=False, **options)
    options = {"draws": 1000, "tune": None, "cores": None, **options}
    chains, draws = options["chains"], options["draws"]
    nuts = {name: options[name] for name in ("draws", "chains", "target_accept") if name in options}
    nuts["tune"] = 1 if options["tune"] == 0 else options["tune"]  # nutpie can't do with none.
    nuts["cores"] = min(options["cores"] or min(4, os.cpu_count() or 1), chains)
    start = time.perf_counter()
    with progress_bars(chains, draws, options["progressbar"]) as bars:
        tree = sampler.sample(values, _first_seed(seed, chains), nuts | {"progress_callback": bars.update})
    _complete(tree, sampler, sized, values, conditioned)
    add_data_groups(tree, conditioned, sampling_time=time.perf_counter() - start)
    return tree


def _sampler(sized, values, conditioned, options):
    """A sampler that gives what ``pm.sample`` would, None where there is none."""
    drawn = any(sized.is_drawn_unnamed(variable.name) for variable in conditioned.deterministics)
    if drawn or options.keys() - TAKEN or options["chains"] is None:
        return None
    parameters = [rv.name for rv in conditioned.free_RVs]
    sampler = Sampler(sized, parameters, [name for name in values if name not in sized.containers], values)
    return sampler if sampler.is_compiled or is_for_nuts_alone(conditioned) else None


def _first_seed(seed, chains):
    """The number that ``pm.sample`` hands to the sampler, so that both follow the same path up to rounding."""
    return int(np.random.default_rng(seed).spawn(chains)[0].integers(2**30))


def _complete(tree, sampler, sized, values, conditioned):
    """Add the deterministics to the draws of the parameters, and the labels that the model has now."""
    draws = tree["posterior"].to_dataset()
    names = [variable.name for variable in conditioned.deterministics]
    for name, array in sampler.derive(values, draws, names).items():
        draws[name] = (("chain", "draw", *sized.axes(name)), array)
    labels = {dim: np.arange(size) for dim, size in draws.sizes.items()} | sized.labels
    indexes = {dim: pd.Index(labels[dim], tupleize_cols=False) for dim in draws.dims}
    tree["posterior"] = xr.DataTree(draws.assign_coords(indexes))
