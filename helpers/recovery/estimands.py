"""Causal estimands of `recover`: compiled once, for all draws of a fit at once."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import xarray as xr
from pytensor.graph.replace import graph_replace, vectorize_graph
from pytensor.graph.traversal import ancestors

from helpers._models.internals import change_dist_size, reseed_rngs, rvs_in_graph
from helpers._models.roles import UnitsOnly
from helpers._models.sized import Sized
from helpers._models.structure import Structure
from helpers._models.world import make_world

CELLS_AT_ONCE = 2_000_000
TRUTH_DRAWS = 500
NOISE_SHARE = 0.05  # What chance may add to the variance of a posterior expectation …
MOST_REPEATS, MOST_CELLS = 100, 5_000_000  # … as far as so many evaluations, or draws of single units, can do it.


def make_estimand(plan, data, estimand):
    """What gives an estimand's draws, and its truth, for one data set after another."""
    return _Function(estimand) if callable(estimand) else _Contrast(plan, data, *estimand)


class _Function:
    """An estimand that is a function of draws and data."""

    def __init__(self, function):
        self.function = function

    def posterior(self, draws, data, seed):
        value = self.function(draws, data)
        if not isinstance(value, xr.DataArray) or not {"chain", "draw"} <= set(value.dims):
            raise TypeError(f"expected an xarray.DataArray with dims chain and draw, got {value!r}")
        return value.transpose("chain", "draw", ...)

    def truth(self, truth, data, seed):
        return self.posterior(truth.expand_dims(chain=1, draw=1), data, seed).squeeze(("chain", "draw"), drop=True)


class _Contrast:
    """Average over units of the difference between two interventions, for many draws at once."""

    def __init__(self, plan, data, high, low, outcome):
        self.sides = [_Side(plan.model, plan, data, do, outcome) for do in (high, low)]
        is_other = plan.generator is not plan.model
        self.true_sides = (
            [_Side(plan.generator, plan, data, do, outcome) for do in (high, low)] if is_other else self.sides
        )

        self.is_random = any(side.is_random for side in self.sides)
        self.repeats = TRUTH_DRAWS

    def posterior(self, draws, data, seed):
        chains, count = draws.sizes["chain"], draws.sizes["draw"]
        flat = {name: array.to_numpy().reshape(chains * count, *array.shape[2:]) for name, array in draws.items()}
        values = self._expectation(lambda part: self._difference(self.sides, flat, chains * count, data, [seed, part]))
        return xr.DataArray(values.reshape(chains, count), dims=("chain", "draw"))

    def _expectation(self, evaluate):
        """Differences whose chance (a mediator drawn anew, say) is averaged out, draw by draw.

        Two evaluations tell the variance of that chance from the posterior's own, and so how many are needed.
        """
        first = evaluate(1)
        if not self.is_random:
            return first
        second = evaluate(2)
        noise, own = np.var(first - second) / 2, np.cov(first, second)[0, 1]
        most = max(MOST_REPEATS, MOST_CELLS // (first.size * self.sides[0].units))
        self.repeats = most if noise >= most * NOISE_SHARE * own else max(2, int(np.ceil(noise / NOISE_SHARE / own)))
        return (first + second + sum(evaluate(part) for part in range(3, self.repeats + 1))) / self.repeats

    def truth(self, truth, data, seed):
        # An expectation as well, from random numbers of its own, and averaged over as many as the posterior was:
        # then the truth is like one more draw, and its rank uniform, whatever chance is left in both.
        repeats = self.repeats if any(side.is_random for side in self.true_sides) else 1
        many = {name: np.broadcast_to(array, (repeats, *array.shape)) for name, array in truth.items()}
        return xr.DataArray(self._difference(self.true_sides, many, repeats, data, [seed, 0]).mean())

    @staticmethod
    def _difference(sides, draws, count, data, seed):
        high, low = (side(draws, count, data, seed) for side in sides)
        return high - low


class _Side:
    """Expected outcome under one intervention, averaged over units, as a function of parameters and data."""

    def __init__(self, model, plan, data, do, outcome):
        self.sized = Sized.by_sizes(Structure(model), plan.sizes)
        parameters = [name for name in self.sized.random if name not in data]
        self.world = make_world(self.sized, data, parameters, do, outcome, UnitsOnly(plan.latent))
        average = self.world.model[outcome].astype("float64").mean()
        self.function, self.rngs = _compiled(average, [self.world.model[name] for name in self.world.kept])
        self.is_random = bool(self.rngs)
        self.units = int(np.prod([len(self.sized.labels[dim]) for dim in self.sized.dims(outcome)] or [1]))
        self.data = None
        # What policies set is checked again only where it leaves what was seen: that costs as much as a fit.
        values = self.world.values(data)
        self.seen = {name: (values[name].min(), values[name].max()) for name, value in do.items() if callable(value)}

    def __call__(self, draws, count, data, seed):
        self._set_data(data)
        if self.is_random:
            reseed_rngs(self.rngs, seed)
        step = max(1, CELLS_AT_ONCE // self.units)
        parts = []
        for start in range(0, count, step):
            size = min(step, count - start)
            values = [draws[name][start : start + size] for name in self.world.kept]
            parts.append(np.broadcast_to(self.function(size, *values), (size,)))
        return np.concatenate(parts)

    def _set_data(self, data):
        """Put a data set into the world, unless it is there already: the truth asks after the posterior has."""
        if data is not self.data:
            values = self.world.values(data)
            for name, (least, most) in self.seen.items():
                if values[name].min() < least or values[name].max() > most:
                    self.world.check(values)
                    self.seen[name] = min(least, values[name].min()), max(most, values[name].max())
            for name, value in values.items():
                self.world.model[name].set_value(value)
            self.data = data


def _compiled(average, single):
    """A function of many draws of some variables, called with how many and with each one's draws; and its rngs."""
    count = pt.lscalar("number of draws")
    # By its type, since pt.tensor refuses names that are also those of dtypes, as half.
    many = [pt.TensorType(variable.dtype, (None, *variable.type.shape))(variable.name) for variable in single]
    try:
        batched = vectorize_graph(average, dict(zip(single, many)) | _once_a_draw(average, single, count))
    except (NotImplementedError, ValueError):
        # PyTensor can't draw mixtures (hurdles and zero inflation are some) for many parameters at once.
        one = [variable.type(variable.name) for variable in single]
        [alone] = graph_replace([average], dict(zip(single, one)), strict=False)
        function, updates = pm.compile(one, alone, on_unused_input="ignore", return_updates=True)
        return lambda size, *draws: np.array([function(*(each[i] for each in draws)) for i in range(size)]), list(
            updates
        )
    function, updates = pm.compile([count, *many], batched, on_unused_input="ignore", return_updates=True)
    return function, list(updates)


def _once_a_draw(average, parameters, count):
    """Replacements for random variables that depend on no parameter: they too are drawn anew for each draw."""
    # Those that a mixture keeps inside itself are no variables of the model.
    random = set(rvs_in_graph([average])) & set(ancestors([average])) | set(parameters)
    free = [v for v in random - set(parameters) if not (set(ancestors([v])) - {v}) & random]
    return {variable: change_dist_size(variable, (count,), expand=True) for variable in free}
