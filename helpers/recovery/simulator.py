"""The data sets of `recover`: truths where none is given, then data."""

import networkx as nx
import numpy as np
import pymc as pm
import xarray as xr

from helpers._models.internals import reseed_rngs
from helpers._models.sized import Sized
from helpers._models.structure import Structure
from helpers._models.support import check_draws
from helpers._models.truth import fixed_by_truth


class Simulator:
    """Draws parameters that aren't fixed, then data: `simulate` with the same truth and seed gives the same data."""

    def __init__(self, plan):
        generator = plan.generator
        self.sized = Sized.by_sizes(Structure(generator), plan.sizes)
        self.data_names = plan.data_names
        self.containers = [name for name in self.sized.containers if name in plan.truth]
        names = self.sized.random
        # Latent variables of units come with the data: those that listen to data must hear the same ones.
        of_units = {
            name
            for name in names
            if name in (plan.latent or ()) or nx.ancestors(self.sized.graph, name) & set(plan.generated)
        }
        self.generated = [name for name in names if name in {*plan.generated, *of_units} and name not in plan.truth]
        self.drawn = [name for name in names if name not in {*plan.truth, *self.generated}]
        self.fixed = fixed_by_truth(
            self.sized, plan.truth, plan.generated, [*self.drawn, *(set(self.generated) - set(plan.generated))]
        )
        self.draw_truth = self._drawing(self.fixed, self.drawn)
        values = self.fixed | dict(zip(self.drawn, self.draw_truth(0)))
        if not self.drawn:
            check_draws(self.sized.give(pm.do(generator, values)), self.generated)
        self.draw_data = self._drawing(values, self.generated)

    def _drawing(self, values, names):
        """A function that draws some variables in a world where others are fixed at values, given by name later."""
        world = self.sized.give(pm.do(self.sized.model, values))
        function, updates = pm.compile([], [world[name] for name in names], return_updates=True)
        self.dims = {name: self.sized.axes(name) for name in world.named_vars}

        def draw(seed, **values):
            for name, value in values.items():
                world[name].set_value(value)
            if updates:
                reseed_rngs(list(updates), seed)
            return function()

        return draw

    def __call__(self, seed):
        # Two streams from one seed: otherwise the first parameter and the first datum would use the same numbers.
        truth = dict(zip(self.drawn, self.draw_truth([seed, 1])))
        values = self.fixed | truth | dict(zip(self.generated, self.draw_data(seed, **truth)))
        data = {name: values.pop(name) for name in self.data_names + self.containers}
        return self._as_dataset(values), self._as_dataset(data)

    def _as_dataset(self, values):
        used = {dim for name in values for dim in self.dims[name]} & set(self.sized.labels)
        arrays = {name: (self.dims[name], frozen(value)) for name, value in values.items()}
        return xr.Dataset(arrays, {dim: list(self.sized.labels[dim]) for dim in used})


def frozen(array):
    """The array, which nobody may change: all estimands look at the same one."""
    array = np.asarray(array)
    array.flags.writeable = False
    return array
