"""What happens when we act: the outcome under do, and the difference between two actions."""

import warnings

import numpy as np

from helpers._models.checks import as_seed
from helpers._models.question import ask
from helpers._models.structure import Structure
from helpers._models.world import as_intervention


class InterventionWarning(UserWarning):
    """The answer may be to another question than the one that was meant."""


def intervene(model, idata, do, *, outcome, seed, over=None, unit_noise=None):
    """Outcome had the treatment been set from outside: draws from P(outcome | do(treatment), data).

    The population is the units of the data.
    What the treatment can't change is held at its data; what it can change is drawn again.

    Parameters
    ----------
    model : pymc.Model
        The generative model, empty or conditioned. It isn't changed.
    idata : xarray.DataTree
        A fit of that model: its ``posterior``, and its ``observed_data`` from which the data are read.
    do : mapping of str to scalar, array, pandas.Series, xarray.DataArray, distribution or callable
        A value for each treatment (a random variable, a data container or a deterministic), in its units.
        A scalar is given to all units, an array one by one in the order of the data, labelled values by label.
        A distribution (``pm.Normal.dist(2, 0.5)``) is a stochastic intervention, drawn afresh for each unit and draw.
        A callable is a policy: it is called with the observed data (a Dataset) and returns the values.
        With nothing in it, a random outcome is replicated: drawn again, all else held at data and posterior.
    outcome : str
        A deterministic (an expectation, as ``"y_mu"``) or a random variable (draws with their noise, as ``"y"``).
    seed : int or numpy.random.Generator
        The same int gives the same draws.
    over : str, sequence of str, xarray.DataArray, pandas.Series or array, optional
        Average over this dim (or these) within each draw; the array of draws and units is then never held.
        Numbers give each unit its weight: ``data["z"] == 1`` averages over the treated.
    unit_noise : {"keep", "redraw"} or sequence of str, optional
        What to do with latent variables of single units (their dims are among the units') that only the treatment's
        effects depend on, as the offsets of a non-centered mediator or the intercepts of a panel.
        ``"keep"`` asks about these very units (a rung-3 question), ``"redraw"`` about units like them (rung 2);
        a sequence names those to draw anew. Where it matters and nothing is said, they are kept, with a warning.
        A latent mediator in a centered spelling is drawn anew: its noise is no variable that could be kept.

    Returns
    -------
    xarray.DataArray
        Dims chain, draw and the outcome's own less `over`; in the outcome's units.

    Raises
    ------
    KeyError
        `do`, `outcome` or `over` has a name that the model lacks.
    TypeError, ValueError
        An argument of the wrong type; a value that doesn't fit its variable or lies outside the support of its
        distribution (its ends, as no spend under a log-normal, may be set); a code of a group that doesn't exist;
        a fit that lacks a variable of the model, or has its labels in an order that the model's unlabelled values
        (constants, group codes) don't share; ``unit_noise="keep"`` where the model has no such noise to keep.

    Warns
    -----
    InterventionWarning
        Unit noise about which nothing was said, or draws that aren't numbers, as the logarithm of no spend.

    Notes
    -----
    In bare PyMC, for an outcome that doesn't pass through a latent mediator::

        with pm.do(model, {"c": c_data, "z": np.ones(n, dtype="int64")}) as world:
            world.set_dim("i", n, coord_values=range(n))
            draws = pm.sample_posterior_predictive(idata, var_names=["y_mu"], random_seed=seed)

    Source: Pearl, Causality (2009), section 3.2 (truncated factorization).
    """
    structure = Structure.of(model)
    do = as_intervention(structure, do)
    question = ask(structure, idata, outcome, over)
    world = question.world(do, unit_noise)
    draws = question.draws(world, as_seed(seed))
    _warn([*world.notes, *_not_numbers(draws, do)])
    return draws


def contrast(model, idata, high, low, *, outcome, seed, over=None, unit_noise=None):
    """Difference that an action makes: outcome under do(high) less outcome under do(low), draw by draw.

    Averaged over the units it is the average treatment effect (ATE), over the treated the ATT.

    Parameters
    ----------
    model, idata, outcome, seed, over, unit_noise
        As for `intervene`.
    high, low : mapping
        Two interventions, each as `do` of `intervene`.

    Returns
    -------
    xarray.DataArray
        As from `intervene`; in the outcome's units.

    Warns
    -----
    InterventionWarning
        The outcome, or what it listens to, is drawn anew and nothing is averaged: see Notes. And as `intervene`.

    Notes
    -----
    Stands for ``intervene(model, idata, high, ...) - intervene(model, idata, low, ...)`` with one seed for both.
    Both worlds share each posterior draw and, as far as they draw the same variables, the random numbers: that takes
    noise out of the average.
    The difference of one unit's two noisy outcomes is not that unit's effect: sharing random numbers isn't abduction.
    Take an expectation as the outcome, or average over the units.

    Examples
    --------
    ATE, ATT and effect by group, from one array:

    >>> effect = contrast(model, idata, {"z": 1}, {"z": 0}, outcome="y_mu", seed=42)
    >>> ate, att = effect.mean("i"), effect.where(data["z"] == 1).mean("i")
    >>> ate.dims, effect.groupby(group).mean("i").dims
    (('chain', 'draw'), ('chain', 'draw', 'group'))
    """
    structure = Structure.of(model)
    high, low = as_intervention(structure, high, "high"), as_intervention(structure, low, "low")
    question = ask(structure, idata, outcome, over)
    worlds = [question.world(do, unit_noise) for do in (high, low)]
    seed = as_seed(seed)
    above, below = (question.draws(world, seed) for world in worlds)
    drawn = list(dict.fromkeys(name for world in worlds for name in world.drawn))
    dims = structure.axes(outcome)
    notes = [note for world in worlds for note in world.notes] + _not_numbers(above, high) + _not_numbers(below, low)
    if over is None and drawn and dims:
        notes.append(
            (f"{outcome!r} is a random variable: its" if outcome in drawn else f"{', '.join(drawn)}: drawn anew. The")
            + f" difference in one unit holds noise and is no individual effect. Average it (over={dims[0]!r}) or take "
            "an expectation as the outcome."
        )
    _warn(notes)
    return above - below


def _warn(notes):
    """Say each thing once, at the line that called intervene or contrast."""
    for note in dict.fromkeys(notes):
        warnings.warn(note, InterventionWarning, stacklevel=3)


def _not_numbers(draws, do):
    missing = int((~np.isfinite(draws)).sum())
    if not missing:
        return []
    where = f"{missing} of {draws.size} draws of {draws.name!r} aren't finite numbers under do({', '.join(do)})"
    return [f"{where}: the model computes something there that isn't defined, as the logarithm of 0."]
