"""A question to a fit: an outcome, in whatever world, averaged or not."""

import logging
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import pandas as pd
import pymc as pm
import xarray as xr

from helpers._models.checks import check_fit, check_names, type_with_article
from helpers._models.sized import Sized, in_order_of
from helpers._models.support import check_draws
from helpers._models.values import as_array, fill
from helpers._models.world import make_world


class Question(NamedTuple):
    """What is asked of a fit, whatever the world."""

    sized: Sized
    data: xr.Dataset
    posterior: xr.Dataset  # of the latent variables, chain and draw first
    outcome: str
    weights: xr.DataArray | None
    dims: tuple  # to average over

    def world(self, do, unit_noise):
        """The world of an intervention."""
        if self.outcome in do:
            raise ValueError(f"{self.outcome!r} is what the intervention sets: there is nothing to learn about it.")
        world = make_world(self.sized, self.data, self.posterior.data_vars, do, self.outcome, unit_noise)
        drawn = [name for name in world.drawn if world.model[name] in world.model.basic_RVs]
        for end in (0, -1) if drawn else ():
            kept = {name: self.posterior[name].isel(chain=end, draw=end).to_numpy() for name in world.kept}
            check_draws(world.model, drawn, kept, "intervention")
        return world

    def draws(self, world, seed):
        """Draws of the outcome, averaged where that was asked for."""
        if self.outcome in world.held or self.outcome in self.sized.containers:
            own = self.outcome not in self.data
            return self._constant(self.sized.model[self.outcome].get_value() if own else self.data[self.outcome])
        if self.outcome in world.kept:
            return self._averaged(self.posterior[self.outcome])
        name = _add_average(self.sized, world.model, self.outcome, self.weights, self.dims)
        kept = self.posterior[list(world.kept)]
        # PyMC takes the numbers of chains and draws from the first variable, so there must be one.
        chains, count = (self.posterior.sizes[dim] for dim in ("chain", "draw"))
        kept = kept if kept.data_vars else xr.Dataset({"nothing": (("chain", "draw"), np.zeros((chains, count)))})
        with world.model, _quiet():
            draws = pm.sample_posterior_predictive(
                xr.DataTree.from_dict({"posterior": kept}),
                var_names=[name],
                freeze_vars=list(world.kept),
                random_seed=seed,
                progressbar=False,
                return_inferencedata=False,
            )[name]
        return self._labelled(draws)

    def _labelled(self, draws):
        dims = [dim for dim in self.sized.axes(self.outcome) if dim not in self.dims]
        labels = {dim: self.posterior[dim].values for dim in ("chain", "draw")}
        labels |= {dim: list(self.sized.labels[dim]) for dim in dims if dim in self.sized.labels}
        draws = np.asarray(draws)
        draws = draws.astype("int64") if draws.dtype == bool else draws
        return xr.DataArray(draws, dims=["chain", "draw", *dims], coords=labels, name=self.outcome)

    def _constant(self, data):
        """Data that no treatment changes, the same in every draw."""
        values = self.sized.fill(self.outcome, data)
        chains, count = (self.posterior.sizes[dim] for dim in ("chain", "draw"))
        return self._averaged(
            xr.DataArray(
                np.broadcast_to(values, (chains, count, *values.shape)),
                dims=["chain", "draw", *self.sized.axes(self.outcome)],
            )
        )

    def _averaged(self, draws):
        """Draws that need no sampling."""
        if self.weights is not None:
            draws = draws.drop_vars(list(draws.indexes)).weighted(self.weights).mean(self.dims)
        elif self.dims:
            draws = draws.mean(self.dims)
        return self._labelled(draws.to_numpy())


def ask(structure, idata, outcome, over):
    """What is asked, with everything in the fit's order."""
    model, containers = structure.model, structure.containers
    check_fit(idata)
    if not isinstance(outcome, str):
        raise TypeError(f"outcome is {type_with_article(outcome)}; expected the name of a variable.")
    check_names([outcome], model.named_vars, "Outcome")
    data = idata["observed_data"].to_dataset()
    if containers and "constant_data" in idata.children:
        constants = idata["constant_data"].to_dataset()
        for name in [name for name in containers if name in constants]:
            data[name] = in_order_of(name, constants[name], data.indexes, "container")
    data = data[[name for name in data.data_vars if name in model.named_vars]]
    sized, posterior = Sized.by_fit(structure, data, idata["posterior"].to_dataset().transpose("chain", "draw", ...))
    # What a policy looks at may be a container of which the fit keeps no values: then it is the model's own.
    lacking = {name: one.get_value() for name, one in containers.items() if name not in data}
    data = data.assign(
        {name: (sized.axes(name), value) for name, value in lacking.items() if _fits(sized, name, value)}
    )
    weights, dims = _averaging(over, sized, outcome)
    return Question(sized, data, posterior, outcome, weights, tuple(dims))


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


def _fits(sized, name, value):
    return all(len(sized.labels[dim]) == length for dim, length in zip(sized.dims(name), value.shape))


def _averaging(over, sized, outcome):
    """Weights of the units (None for equal ones) and the dims to average over."""
    if over is None:
        return None, []
    own = sized.axes(outcome)
    if not _are_weights(over):
        dims = [over] if isinstance(over, str) else list(over)
        check_names(dims, own, f"A dim of {outcome!r} to average over:")
        return None, dims
    dims = [over.index.name] if isinstance(over, pd.Series) and over.index.name in own else own
    weights = as_array("over", over, dims, sized.labels)
    if not isinstance(over, xr.DataArray) and weights.ndim != len(dims):
        raise ValueError(
            f"over has {weights.ndim} dimension(s), and {outcome!r} has the dims {own}. Give a DataArray with the names "
            "of its dims, or a Series whose index has the name of one."
        )
    check_names(weights.dims, own, f"A dim of {outcome!r} to average over:")
    if not set(weights.dims) <= set(sized.labels):
        raise ValueError(
            f"{outcome!r} has no dims, so its units are known by place alone: give it dims to weight them."
        )
    values = fill("over", weights, weights.dims, sized.labels, "float64")
    if (values < 0).any() or not values.sum() > 0:
        raise ValueError("over gives negative weights, or none above zero: no unit is left to average over.")
    return xr.DataArray(values, dims=weights.dims), list(weights.dims)


def _are_weights(over):
    """Whether `over` holds a number for each unit, and not the names of dims."""
    if isinstance(over, (xr.DataArray, pd.Series, pd.DataFrame, np.ndarray)):
        return True
    if isinstance(over, str) or not hasattr(over, "__iter__"):
        if not isinstance(over, str):
            raise TypeError(f"over is {type_with_article(over)}; expected a dim, several, or a weight for each unit.")
        return False
    return not all(isinstance(one, str) for one in over)


def _add_average(sized, world, outcome, weights, dims):
    """Name of the variable to draw: the outcome, or a new one that averages it within each draw."""
    if not dims:
        return outcome
    variable = world[outcome]
    outcome_dims = sized.axes(outcome)
    axes = [outcome_dims.index(dim) for dim in dims]
    if weights is None:
        average = variable.mean(axis=axes)
    else:
        shares = (weights / weights.sum()).transpose(*(dim for dim in outcome_dims if dim in dims))
        shape = [shares.sizes.get(dim, 1) for dim in outcome_dims]
        average = (variable * shares.to_numpy().reshape(shape)).sum(axis=axes)
    name = f"average of {outcome}"
    left = [dim for dim in sized.dims(outcome) if dim not in dims]
    with world:
        pm.Deterministic(name, average, dims=left or None)
    return name
