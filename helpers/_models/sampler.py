"""NUTS, compiled once for a model and fed with one data set after another: the only file that knows nutpie."""

import hashlib
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from uuid import uuid4

import networkx as nx
import numpy as np
import nutpie
import pyarrow
import pymc as pm
import pytensor
import xarray as xr
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.replace import graph_replace
from pytensor.graph.traversal import ancestors

from helpers._models.internals import calls_for_density
from helpers._models.structure import lengths_of

SAMPLERS_KEPT = 8
MANY = 1000  # Whole numbers of one variable, from which on they have an array of their own.
_kept = threading.local()
_compiling = threading.RLock()


@contextmanager
def exact_arithmetic():
    """A context, for one thread at a time, in which what is compiled may not reorder sums or fuse steps.

    Where it may, the last digits depend on which parts were compiled before and lie in PyTensor's cache, and a
    sampler's path magnifies them. This way one seed gives one result in each process, and costs nothing.
    PyTensor's flags are those of all threads, and its rewrites aren't made for two at once.
    """
    with _compiling, pytensor.config.change_flags(numba__fastmath=False):
        yield


class Sampler:
    """NUTS for the parameters of a sized model, given its data.

    Parameters
    ----------
    sized : Sized
    parameters, data_names : sequence of str
        What is sampled, and what is conditioned on.
    values : mapping of str to array
        One data set, in the model's order, for shapes and dtypes; also the values of containers that aren't the
        model's own.
    """

    def __init__(self, sized, parameters, data_names, values):
        self.labels = sized.labels
        self.axes = {name: sized.axes(name) for name in parameters}
        self.shapes = {name: _shape(sized, name) for name in parameters}
        # Data that no parameter decides add a constant to the log posterior. They are set instead of observed, which
        # gives the same posterior and spares the sampler that constant at each step.
        observed = [name for name in data_names if nx.ancestors(sized.graph, name) & set(parameters)]
        # What lies along the same dims is handed over as one array, since compiling takes as long as there are arrays.
        # Many whole numbers have one of their own: to turn them back from floats at each step would take longer.
        self.stacks = {}
        for name in data_names:
            kind = str(values[name].dtype) if np.size(values[name]) > MANY else "all"
            self.stacks.setdefault((kind, *sized.axes(name)), []).append(name)
        self.sized, self.values, self.observed = sized, values, observed
        self.key = repr([id(sized.model), _identity(sized.model), self.stacks, observed, sorted(self.shapes.items())])
        self.given = {dim: len(some) for dim, some in self.labels.items()}
        for name, container in sized.containers.items():
            self.given[name] = values[name] if name in values else container.get_value()

    @property
    def is_compiled(self):
        """Whether a sampler is kept that serves."""
        return self.key in _samplers()

    @cached_property
    def kept(self):
        """What is compiled for the model; kept, since compiling takes longer than a hundred fits.

        Other data, another truth, generator or number of units need no other, as long as the parameters keep their
        shapes.
        """
        samplers = _samplers()
        if not self.is_compiled:
            samplers[self.key] = _compiled(self.sized, list(self.shapes), self.stacks, self.observed, self.values)
            while len(samplers) > SAMPLERS_KEPT:
                del samplers[next(iter(samplers))]
        return samplers[self.key]

    def compile(self):
        """Compile now, where nothing serves yet, and not with the first data set."""
        return self.kept

    def start(self, values, seed, options):
        """The sampler at work on one data set, in threads of its own; `options` as for ``nutpie.sample``."""
        options = {"progress_bar": False, "save_warmup": False, **options, "blocking": False}
        options["cores"] = min(options["cores"], options["chains"])
        return nutpie.sample(self._fed(values), seed=seed, return_raw_trace=True, **options)

    def finish(self, sampling):
        """Its draws, and the number of divergences.

        An interrupt is passed on: nutpie's own blocking call would give back the draws so far, and a torn fit
        would count as whole.
        """
        batches, stats = sampling.wait().get_arrow_trace()
        tuned = [~pyarrow.array(stat.column("tuning")).to_numpy(False) for stat in stats]
        diverging = [pyarrow.array(stat.column("diverging")).to_numpy(False)[keep] for stat, keep in zip(stats, tuned)]
        draws = xr.Dataset({name: self._array(name, batches, tuned) for name in self.axes})
        return draws, int(np.sum(diverging))

    def _array(self, name, batches, tuned):
        """Draws of one parameter; read from the trace as it is, since labelling all of it costs as much as a fit."""
        columns = [pyarrow.array(batch.column(name)) for batch in batches]
        flat = [column.flatten() if hasattr(column, "flatten") else column for column in columns]
        chains = np.stack([values.to_numpy(False).reshape(len(keep), -1)[keep] for values, keep in zip(flat, tuned)])
        coords = {dim: list(self.labels[dim]) for dim in self.axes[name] if dim in self.labels}
        return xr.DataArray(
            chains.reshape(*chains.shape[:2], *self.shapes[name]), coords, ("chain", "draw", *self.axes[name])
        )

    def sample(self, values, seed, options):
        """What ``nutpie.sample`` itself gives: a DataTree, whose labels are those the model had when it was compiled."""
        return nutpie.sample(self._fed(values), seed=seed, progress_bar=False, save_warmup=False, **options)

    def derive(self, values, draws, names):
        """Arrays of deterministics, by name, for draws of all parameters (a Dataset with chain and draw first)."""
        if not names:
            return {}
        function, given = self.kept.function_of(names), self._given(values)
        for variable in self.kept.own_of(function.get_shared()):
            variable.set_value(np.asarray(given[variable.name], variable.dtype))
        columns = [
            draws[rv.name].to_numpy().reshape(-1, *self.shapes[rv.name]).astype(rv.dtype)
            for rv in self.kept.conditioned.free_RVs
        ]
        rows = [function(*[column[row, ...] for column in columns]) for row in range(len(columns[0]))]
        sizes = draws.sizes["chain"], draws.sizes["draw"]
        stacked = {name: np.stack(column).astype(float) for name, column in zip(names, zip(*rows))}
        return {name: array.reshape(*sizes, *array.shape[1:]) for name, array in stacked.items()}

    def _given(self, values):
        return self.given | {_name(which): _stack(values, names) for which, names in self.stacks.items()}

    def _fed(self, values):
        given = self._given(values)
        known = [variable.name for variable in self.kept.own_of(self.kept.compiled.shared_var_keys)]
        return self.kept.compiled.with_data(**{name: given[name] for name in known})


@dataclass(frozen=True)
class _Kept:
    """What was compiled for a model: a sampler and, where asked for, functions that compute deterministics."""

    model: pm.Model  # Kept because an id may be given again to another once its owner is gone.
    conditioned: pm.Model
    own: dict  # shared variables of the conditioned model, by name
    compiled: object
    functions: dict = field(default_factory=dict)

    def own_of(self, variables):
        """Those that hold the data, and not a value of the caller's that happens to have such a name."""
        return [variable for variable in variables if self.own.get(variable.name) is variable]

    def function_of(self, names):
        """A function of all parameters that computes deterministics."""
        key = tuple(names)
        if key not in self.functions:
            conditioned = self.conditioned
            data = {rv: conditioned.rvs_to_values[rv] for rv in conditioned.observed_RVs}
            wanted = graph_replace([conditioned[name] for name in names], data, strict=False)
            inputs = conditioned.free_RVs
            with exact_arithmetic():
                function = pm.compile(inputs, wanted, on_unused_input="ignore", mode="NUMBA")
            function.trust_input = True  # Checking each row takes longer than the row.
            self.functions[key] = function
        return self.functions[key]


def _shape(sized, name):
    """Lengths of a parameter's axes: those of its dims, or where it has none the model's own."""
    labels, variable = sized.labels, sized.model[name]
    return [
        len(labels[dim]) if dim in labels else lengths_of(variable)[axis] for axis, dim in enumerate(sized.axes(name))
    ]


def _samplers():
    return _kept.__dict__.setdefault("samplers", {})


def _name(stack):
    return f"data: {', '.join(stack)}"


def _stack(values, names):
    kinds = {values[name].dtype for name in names}
    return np.stack([values[name] for name in names]).astype("float64" if len(kinds) > 1 else kinds.pop())


def _compiled(sized, parameters, stacks, observed, values):
    shared = {
        _name(stack): pytensor.shared(_stack(values, names), name=_name(stack)) for stack, names in stacks.items()
    }

    def rows(chosen):
        return {
            name: shared[_name(stack)][place].astype(sized.model[name].dtype)
            for stack, names in stacks.items()
            for place, name in enumerate(names)
            if (name in observed) == chosen
        }

    conditioned = pm.observe(sized.model, rows(True))
    # PyMC copies what it is given: what holds the data is looked up in its copy, and the rest gets it from there.
    shared |= _shared_below(conditioned)
    conditioned = pm.do(conditioned, rows(False))
    sized.give(conditioned, {name: values[name] for name in sized.containers if name in values})
    own = {variable.name: variable for variable in [*conditioned.data_vars, *conditioned.dim_lengths.values()]}
    own |= _shared_below(conditioned)
    with exact_arithmetic():
        compiled = nutpie.compile_pymc_model(conditioned, var_names=parameters)
    return _Kept(sized.model, conditioned, own, compiled)


def _shared_below(model):
    """The arrays that hold the data of a conditioned model, by name."""
    graphs = [*model.rvs_to_values.values(), *model.named_vars.values()]
    found = [variable for variable in ancestors(graphs) if isinstance(variable, SharedVariable) and variable.name]
    return {variable.name: variable for variable in found if variable.name.startswith(_name([]))}


def _identity(model):
    """What may change in a model that stays the same object, apart from its lengths and containers."""
    parts = [*model.named_vars.values(), *model.potentials, *model.rvs_to_transforms.values()]
    given = {*model.data_vars, *model.dim_lengths.values()}
    bare = [one for one in ancestors(list(model.named_vars.values())) if isinstance(one, SharedVariable)]
    # Shared variables that aren't the model's own, other than random number generators, which are seeded anew.
    values = [np.asarray(one.get_value()) for one in bare if one not in given and hasattr(one.type, "dtype")]
    # What a caller's own function looks at isn't known here: such a model is compiled for each call.
    values += [np.frombuffer(uuid4().bytes) for _ in filter(calls_for_density, model.basic_RVs)]
    return [list(map(id, parts)), [hashlib.sha256(np.ascontiguousarray(value)).hexdigest() for value in values]]
