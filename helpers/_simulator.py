"""The data sets of `recover`: truths where none is given, then data."""

import networkx as nx
import numpy as np
import pymc as pm
import xarray as xr
from pymc.pytensorf import compile as compile_graph
from pymc.pytensorf import reseed_rngs

from helpers._model import all_dims, dependency_graph, random_variables
from helpers._sized import Sized
from helpers._support import check_draws
from helpers._truth import fixed_by_truth


class Simulator:
    """Draws parameters that aren't fixed, then data: `simulate` with the same truth and seed gives the same data."""

    def __init__(self, plan):
        generator = plan.generator
        self.sized = Sized.by_sizes(generator, plan.sizes)
        self.data_names = plan.data_names
        self.containers = [variable.name for variable in generator.data_vars if variable.name in plan.truth]
        names = random_variables(generator)
        # Latent variables of units come with the data: those that listen to data must hear the same ones.
        graph = dependency_graph(generator)
        of_units = {name for name in names if name in (plan.latent or ()) or nx.ancestors(graph, name) & set(plan.made)}
        self.made = [name for name in names if name in {*plan.made, *of_units} and name not in plan.truth]
        self.drawn = [name for name in names if name not in {*plan.truth, *self.made}]
        self.fixed = fixed_by_truth(
            self.sized, plan.truth, plan.made, [*self.drawn, *(set(self.made) - set(plan.made))]
        )
        self.draw_truth = self._drawing(generator, self.fixed, self.drawn)
        values = self.fixed | dict(zip(self.drawn, self.draw_truth(0)))
        if not self.drawn:
            check_draws(self.sized.give(pm.do(generator, values)), self.made)
        self.draw_data = self._drawing(generator, values, self.made)
        self.wanted = _wanted(plan) if generator is not plan.model else {}

    def _drawing(self, generator, values, names):
        """A function that draws some variables in a world where others are fixed at values, given by name later."""
        world = self.sized.give(pm.do(generator, values))
        function, updates = compile_graph([], [world[name] for name in names], return_updates=True)
        self.dims = {name: all_dims(world, name) for name in world.named_vars}

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
        values = self.fixed | truth | dict(zip(self.made, self.draw_data(seed, **truth)))
        data = {name: values.pop(name) for name in self.data_names + self.containers}
        return self._as_dataset(values), self._as_dataset(data)

    def _as_dataset(self, values):
        used = {dim for name in values for dim in self.dims[name]} & set(self.sized.labels)
        arrays = {name: (self.dims[name], frozen(value)) for name, value in values.items()}
        dataset = xr.Dataset(arrays, {dim: list(self.sized.labels[dim]) for dim in used})
        for name, (dims, labels) in self.wanted.items():
            if name in dataset:
                dataset[name] = dataset[name].transpose(*dims)
                dataset = dataset.sel({dim: label for dim, label in labels.items() if dim in dataset[name].dims})
        return dataset


def _wanted(plan):
    """Dims, and the order of the labels, that the fitted model gives to what it shares with the generator."""
    own, other = (Sized.by_sizes(model, plan.sizes).labels for model in (plan.model, plan.generator))
    labels = {dim: list(own[dim]) for dim in own if dim in other and set(own[dim]) == set(other[dim])}
    shared = [name for name in plan.model.named_vars if name in plan.generator.named_vars]
    return {name: (all_dims(plan.model, name), labels) for name in shared}


def frozen(array):
    """The array, which nobody may change: all estimands look at the same one."""
    array = np.asarray(array)
    array.flags.writeable = False
    return array
