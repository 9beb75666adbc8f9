"""NUTS, compiled once for a model and fed with one data set after another: the only file that knows nutpie."""

import hashlib
import threading

import networkx as nx
import numpy as np
import nutpie
import pyarrow
import pymc as pm
import pytensor
import xarray as xr
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.traversal import ancestors

from helpers._models.structure import lengths_of

SAMPLERS_KEPT = 8
_kept = threading.local()


class Sampler:
    """NUTS for the parameters of a sized model, given its data.

    Parameters
    ----------
    sized : Sized
    parameters, data_names : sequence of str
        What is sampled, and what is conditioned on.
    data : xarray.Dataset
        One data set, for shapes and dtypes; also the values of containers that all data sets share.
    options : dict
        As for ``nutpie.sample``.
    """

    def __init__(self, sized, parameters, data_names, data, options):
        labels = sized.labels
        cores = min(options["cores"], options["chains"])
        self.options = {"progress_bar": False, "save_warmup": False, **options, "cores": cores, "blocking": False}
        self.dims = {name: sized.axes(name) for name in parameters}
        self.coords = {dim: list(values) for dim, values in labels.items()}
        self.shapes = {name: _shape(sized, name) for name in parameters}
        # Data that no parameter decides add a constant to the log posterior. They are set instead of observed, which
        # gives the same posterior and spares the sampler that constant at each step.
        observed = [name for name in data_names if nx.ancestors(sized.graph, name) & set(parameters)]
        shared_name = {name: f"data of {name}" if name in observed else name for name in data_names}
        compiled = _compiled(sized, list(parameters), shared_name, data, self.shapes)
        known = {variable.name for variable in compiled.shared_var_keys}
        self.shared_name = {name: shared for name, shared in shared_name.items() if shared in known}
        values = {dim: len(some) for dim, some in labels.items()}
        for name, container in sized.containers.items():
            values[name] = data[name].to_numpy() if name in data else container.get_value()
        self.compiled = compiled.with_data(**{name: value for name, value in values.items() if name in known})

    def start(self, data, seed):
        """The sampler at work on one data set, in threads of its own."""
        values = {shared: data[name].to_numpy() for name, shared in self.shared_name.items()}
        return nutpie.sample(self.compiled.with_data(**values), seed=seed, return_raw_trace=True, **self.options)

    def finish(self, sampling):
        """Its draws, and the number of divergences.

        An interrupt is passed on: nutpie's own blocking call would give back the draws so far, and a torn fit
        would count as whole.
        """
        batches, stats = sampling.wait().get_arrow_trace()
        tuned = [~pyarrow.array(stat.column("tuning")).to_numpy(False) for stat in stats]
        diverging = [pyarrow.array(stat.column("diverging")).to_numpy(False)[keep] for stat, keep in zip(stats, tuned)]
        draws = xr.Dataset({name: self._array(name, batches, tuned) for name in self.dims})
        return draws, int(np.sum(diverging))

    def _array(self, name, batches, tuned):
        """Draws of one parameter; read from the trace as it is, since labelling all of it costs as much as a fit."""
        columns = [pyarrow.array(batch.column(name)) for batch in batches]
        flat = [column.flatten() if hasattr(column, "flatten") else column for column in columns]
        chains = np.stack([values.to_numpy(False).reshape(len(keep), -1)[keep] for values, keep in zip(flat, tuned)])
        coords = {dim: self.coords[dim] for dim in self.dims[name] if dim in self.coords}
        return xr.DataArray(
            chains.reshape(*chains.shape[:2], *self.shapes[name]), coords, ("chain", "draw", *self.dims[name])
        )


def _shape(sized, name):
    """Lengths of a parameter's axes: those of its dims, or where it has none the model's own."""
    labels, variable = sized.labels, sized.model[name]
    return [
        len(labels[dim]) if dim in labels else lengths_of(variable)[axis] for axis, dim in enumerate(sized.axes(name))
    ]


def _compiled(sized, parameters, shared_name, data, shapes):
    """The compiled sampler of a model; kept, since compiling takes longer than a hundred fits.

    Another truth, generator or number of units needs no other sampler, as long as the parameters keep their shapes.
    """
    model, samplers = sized.model, _kept.__dict__.setdefault("samplers", {})
    key = repr([id(model), _identity(model), sorted(shared_name.items()), parameters, shapes])
    if key not in samplers:
        values = {name: data[name].to_numpy() for name in shared_name}
        observed = {
            name: pytensor.shared(values.pop(name), name=shared)
            for name, shared in shared_name.items()
            if shared != name
        }
        conditioned = pm.do(pm.observe(model, observed), values)
        sized.give(conditioned, {name: data[name].to_numpy() for name in sized.containers if name in data})
        # The model is kept too: an id may be given again to another once its owner is gone.
        samplers[key] = model, nutpie.compile_pymc_model(conditioned, var_names=parameters)
        while len(samplers) > SAMPLERS_KEPT:
            del samplers[next(iter(samplers))]
    return samplers[key][1]


def _identity(model):
    """What may change in a model that stays the same object, apart from its lengths and containers."""
    parts = [*model.named_vars.values(), *model.potentials, *model.rvs_to_transforms.values()]
    given = {*model.data_vars, *model.dim_lengths.values()}
    bare = [one for one in ancestors(list(model.named_vars.values())) if isinstance(one, SharedVariable)]
    # Shared variables that aren't the model's own, other than random number generators, which are seeded anew.
    values = [np.asarray(one.get_value()) for one in bare if one not in given and hasattr(one.type, "dtype")]
    return [list(map(id, parts)), [hashlib.sha256(np.ascontiguousarray(value)).hexdigest() for value in values]]
