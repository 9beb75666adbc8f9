"""What happens when we act: the outcome under do, and the difference between two actions."""

import logging
import warnings
from contextlib import contextmanager
from typing import NamedTuple

import networkx as nx
import numpy as np
import pymc as pm
import xarray as xr
from pymc.distributions.shape_utils import change_dist_size
from pymc.pytensorf import rvs_in_graph
from pytensor.graph.traversal import ancestors
from pytensor.tensor import TensorVariable

from helpers._checks import check_names
from helpers._model import dependency_graph, dims_of, random_variables
from helpers._values import fill
from helpers.workflow import coords_from, fixed_values, set_coords

UNIT_NOISE = ("keep", "redraw")


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
    do : mapping of str to scalar, array, xarray.DataArray, distribution or callable
        A value for each treatment, in the treatment's units. A scalar is given to all units, an array one by one.
        A distribution (``pm.Normal.dist(2, 0.5)``) is a stochastic intervention, drawn afresh for each unit and draw.
        A callable is a policy: it is called with the observed data (a Dataset) and returns the values.
    outcome : str
        A deterministic (an expectation, as ``"y_mu"``) or a random variable (draws with their noise, as ``"y"``).
    seed : int
        The same seed gives the same draws.
    over : str, sequence of str or xarray.DataArray, optional
        Average over this dim (or these) within each draw; the array of draws and units is then never held.
        A DataArray gives each unit its weight: ``data["z"] == 1`` averages over the treated.
    unit_noise : {"keep", "redraw"}, optional
        What to do with a latent variable of single units that only the treatment's effects depend on,
        as the offsets of a non-centered mediator. ``"keep"`` asks about these very units (a rung-3 question),
        ``"redraw"`` about units like them (rung 2). Where it matters and nothing is said, it is kept, with a warning.

    Returns
    -------
    xarray.DataArray
        Dims chain, draw and the outcome's own less `over`; in the outcome's units.

    Raises
    ------
    KeyError
        `do`, `outcome` or `over` has a name that the model lacks.
    TypeError, ValueError
        A value that doesn't fit its variable, or a fit that lacks a variable of the model.

    Warns
    -----
    InterventionWarning
        A value that the model holds to be impossible, or unit noise about which nothing was said.

    Notes
    -----
    In bare PyMC, for an outcome that doesn't pass through a latent mediator::

        with pm.do(model, {"c": c_data, "z": np.ones(n, dtype="int64")}) as world:
            world.set_dim("i", n, coord_values=range(n))
            draws = pm.sample_posterior_predictive(idata, var_names=["y_mu"], random_seed=seed)

    Source: Pearl, Causality (2009), section 3.2 (truncated factorization).
    """
    check_names([outcome], model.named_vars, "Outcome")
    settable = random_variables(model) + [data.name for data in model.data_vars]
    check_names(do, settable, "Treatment")
    if unit_noise not in (None, *UNIT_NOISE):
        raise ValueError(f"unit_noise is {unit_noise!r}; expected 'keep' or 'redraw'.")
    if outcome in do:
        raise ValueError(f"{outcome!r} is what the intervention sets: there is nothing to learn about it.")
    data, coords = _observed(model, idata)
    weights, dims = _averaging(over, outcome, dims_of(model, outcome), coords)
    roles = find_roles(model, idata, data, do, unit_noise)
    if outcome in roles.held:
        return _unchanged(data[outcome], idata, weights, dims)
    world = make_world(model, data, coords, do, roles)
    name = _add_average(world, outcome, weights, dims)
    kept = xr.DataTree.from_dict({"posterior": idata["posterior"].to_dataset()[roles.kept]})
    with world, _quiet():
        draws = pm.sample_posterior_predictive(
            kept, var_names=[name], random_seed=seed, progressbar=False, return_inferencedata=False
        )[name]
    left = [dim for dim in dims_of(model, outcome) if dim not in dims]
    return _label(draws, outcome, left, idata, coords)


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
        The outcome is a random variable and nothing is averaged: see Notes.

    Notes
    -----
    Stands for ``intervene(model, idata, high, ...) - intervene(model, idata, low, ...)`` with one seed for both.
    Both worlds share each posterior draw and the random numbers, which takes noise out of the average.
    The difference of one unit's two noisy outcomes is not that unit's effect: sharing random numbers isn't abduction.
    Take an expectation as the outcome, or average over the units.

    Examples
    --------
    ATE, ATT and effect by group, from one array:

    >>> effect = contrast(model, idata, {"z": 1}, {"z": 0}, outcome="y_mu", seed=42)  # doctest: +SKIP
    >>> effect.mean("i"), effect.where(data["z"] == 1).mean("i"), effect.groupby(group).mean("i")  # doctest: +SKIP
    """
    if over is None and outcome in random_variables(model) and dims_of(model, outcome):
        warnings.warn(
            f"{outcome!r} is a random variable: its difference in one unit holds noise and is no individual effect. "
            f"Average it (over={dims_of(model, outcome)[0]!r}) or take an expectation as the outcome.",
            InterventionWarning,
            stacklevel=2,
        )
    options = {"outcome": outcome, "seed": seed, "over": over, "unit_noise": unit_noise}
    return intervene(model, idata, high, **options) - intervene(model, idata, low, **options)


@contextmanager
def _quiet():
    """Hold back PyMC's note of what it samples: the caller has just said it."""
    logger = logging.getLogger("pymc.sampling.forward")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


class _Roles(NamedTuple):
    """What becomes of the variables that the treatment can't change."""

    held: list  # at their data
    kept: list  # at their posterior draws


def find_roles(model, idata, data, do, unit_noise):
    """Sort the variables that the treatment can't change into those held and those kept."""
    graph = dependency_graph(model)
    downstream = set().union(*(nx.descendants(graph, name) for name in do)) - set(do)
    posterior = set(idata["posterior"].data_vars)
    upstream = [name for name in random_variables(model) if name not in downstream and name not in do]
    held = [name for name in upstream if name in data]
    kept = [name for name in upstream if name not in data and name in posterior]
    lacking = [name for name in upstream if name not in data and name not in posterior]
    if lacking:
        raise ValueError(
            f"{', '.join(lacking)}: neither in the observed data nor in the posterior of idata. "
            "Is it a fit of this model? Nothing is drawn from its prior unasked."
        )
    noise = [name for name in kept if _is_unit_noise(model, graph, name, downstream)]
    if noise and unit_noise is None:
        warnings.warn(
            f"{', '.join(noise)}: latent, one value a unit, acting only on what {', '.join(do)} changes. "
            "It is kept at its posterior, which asks about these very units (rung 3). "
            "Say unit_noise='keep' if you mean that, or unit_noise='redraw' for units like them (rung 2).",
            InterventionWarning,
            stacklevel=3,
        )
    if unit_noise == "redraw":
        kept = [name for name in kept if name not in noise]
    return _Roles(held, kept)


def _is_unit_noise(model, graph, name, downstream):
    """Whether a kept latent variable has one value a unit and only affected variables depend on it.

    A latent confounder is none: the treatment depends on it too.
    """
    unit_dims = {dims_of(model, other) for other in downstream} - {()}
    return dims_of(model, name) in unit_dims and set(graph.successors(name)) <= downstream


def _observed(model, idata):
    """The data of a fit, and the labels of every dim of the model."""
    if "observed_data" not in idata.children:
        raise ValueError(
            f"idata has no group 'observed_data' (it has {', '.join(idata.children)}): pass what fit or pm.sample gave."
        )
    data = idata["observed_data"].to_dataset()
    containers = [variable.name for variable in model.data_vars]
    if containers and "constant_data" in idata.children:
        constants = idata["constant_data"].to_dataset()
        data = data.merge(constants[[name for name in containers if name in constants]])
    return data, coords_from(model, data, idata["posterior"].to_dataset())


def make_world(model, data, coords, do, roles):
    """The model under do, sized by the data, with all that the treatment can't change held at its data."""
    drawn = {
        name: _draw_per_unit(model, name, value, coords)
        for name, value in _values(model, do, data).items()
        if isinstance(value, TensorVariable)
    }
    values = world_values(model, data, coords, do, roles)
    world = pm.do(model, values | drawn)
    containers = {variable.name for variable in world.data_vars} & set(data.data_vars) - set(values) - set(do)
    set_coords(world, coords, fixed_values(world, {name: data[name] for name in containers}, coords))
    return world


def world_values(model, data, coords, do, roles):
    """Arrays for all variables of a world that are fixed: those held at their data, and those set."""
    values = _values(model, do, data)
    fixed = {name: value for name, value in values.items() if not isinstance(value, TensorVariable)}
    fixed = fixed_values(model, fixed, coords)
    for name, value in fixed.items():
        _check_yes_no(model[name], value)
    return fixed_values(model, {name: data[name] for name in roles.held}, coords) | fixed


def _values(model, do, data):
    return {name: _value(model, name, value, data) for name, value in do.items()}


def _check_yes_no(variable, value):
    """Raise for a yes/no treatment set to anything but 0 or 1."""
    is_yes_no = variable.owner is not None and getattr(variable.owner.op, "name", None) == "bernoulli"
    if is_yes_no and not np.isin(value, (0, 1)).all():
        wrong = value[~np.isin(value, (0, 1))].flat[0]
        raise ValueError(f"{variable.name!r} is yes or no (Bernoulli): it can be set to 0 or 1, not to {wrong}.")


def _value(model, name, value, data):
    """The value of an intervention: a policy called, an expression evaluated, a distribution left as it is."""
    value = value(data) if callable(value) else value
    if not isinstance(value, TensorVariable):
        return value
    if set(ancestors([value])) & set(model.named_vars.values()):
        raise ValueError(
            f"The value for {name!r} is an expression of the model's own variables, which do would draw again. "
            f"To shift the data, pass a callable of them: {{{name!r}: lambda data: data[{name!r}] + 1}}."
        )
    return value if rvs_in_graph([value]) else value.eval()


def _draw_per_unit(model, name, distribution, coords):
    """A distribution as a stochastic intervention: one independent draw for each unit."""
    variable = model[name]
    if not np.can_cast(distribution.dtype, variable.dtype):
        raise TypeError(
            f"{name!r} takes {variable.dtype}; the distribution for it draws {distribution.dtype}. "
            "Use a discrete distribution for a discrete variable."
        )
    if distribution.ndim < variable.ndim:
        shape = tuple(len(coords[dim]) for dim in dims_of(model, name))
        distribution = change_dist_size(distribution, shape[: variable.ndim - distribution.ndim])
    return distribution.astype(variable.dtype)


def _averaging(over, outcome, outcome_dims, coords):
    """Weights of the units (None for equal ones) and the dims to average over."""
    if over is None:
        return None, []
    weights = over if isinstance(over, xr.DataArray) else None
    dims = list(over.dims) if weights is not None else [over] if isinstance(over, str) else list(over)
    check_names(dims, outcome_dims, f"A dim of {outcome!r} to average over:")
    if weights is None:
        return None, dims
    sizes = {dim: len(coords[dim]) for dim in dims}
    values = fill("over", weights, dims, sizes, coords, "float64")
    if (values < 0).any() or not values.sum() > 0:
        raise ValueError("over gives negative weights, or none above zero: no unit is left to average over.")
    return xr.DataArray(values, dims=dims), dims


def _add_average(world, outcome, weights, dims):
    """Name of the variable to draw: the outcome, or a new one that averages it within each draw."""
    if not dims:
        return outcome
    variable = world[outcome]
    outcome_dims = dims_of(world, outcome)
    axes = [outcome_dims.index(dim) for dim in dims]
    if weights is None:
        average = variable.mean(axis=axes)
    else:
        shares = (weights / weights.sum()).transpose(*(dim for dim in outcome_dims if dim in dims))
        shape = [shares.sizes.get(dim, 1) for dim in outcome_dims]
        average = (variable * shares.to_numpy().reshape(shape)).sum(axis=axes)
    name = f"average of {outcome}"
    with world:
        pm.Deterministic(name, average, dims=[dim for dim in outcome_dims if dim not in dims] or None)
    return name


def _unchanged(data, idata, weights, dims):
    """Data that no treatment changes, the same in every draw."""
    posterior = idata["posterior"]
    data = data if not dims else data.mean(dims) if weights is None else data.weighted(weights).mean(dims)
    template = xr.DataArray(1.0, dims=("chain", "draw"), coords={dim: posterior[dim] for dim in ("chain", "draw")})
    return (template * data).rename(data.name)


def _label(draws, outcome, left, idata, coords):
    posterior = idata["posterior"]
    labels = {"chain": posterior["chain"].values, "draw": posterior["draw"].values}
    extra = draws.ndim - 2
    dims = left if len(left) == extra else [f"{outcome}_dim_{axis}" for axis in range(extra)]
    labels |= {dim: list(coords[dim]) for dim in left if coords.get(dim) is not None}
    return xr.DataArray(draws, dims=["chain", "draw", *dims], coords=labels, name=outcome)
