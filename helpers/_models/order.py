"""Whether a model goes by the place of a unit, not by its label: through constants, group codes, or walks."""

import numpy as np
from pytensor.compile.mode import Mode
from pytensor.graph.basic import Constant
from pytensor.graph.traversal import ancestors, apply_ancestors
from pytensor.tensor.random.op import RandomVariable
from pytensor.tensor.shape import Shape
from pytensor.tensor.subtensor import AdvancedSubtensor, Subtensor, indices_from_subtensor

from helpers._models.values import as_index

UNOPTIMIZED = Mode(linker="py", optimizer=None)  # For what is computed once: compiling would take longer.
SCALES = (0.1, 1, 3, 10)


def order_matters(here, there, data):
    """Whether a model says something else of the same units when they stand in another order.

    Constants along a dim and codes that point into it settle it. Else both orders (two `Sized` of one model) are tried:
    at several points, turned likewise, the log density and all deterministics must agree.
    """
    place = {
        dim: as_index(labels).get_indexer(as_index(there.labels[dim]))
        for dim, labels in here.labels.items()
        if len(labels) == len(there.labels[dim])
    }
    moved = [dim for dim, order in place.items() if (order != np.arange(len(order))).any()]
    if any(constants_along(here, dim, len(here.labels[dim])) or read_by_place(here, dim) for dim in moved):
        return True
    straight, turned = (sized.condition(data) for sized in (here, there))
    functions, known = [_function(one) for one in (straight, turned)], False
    for point in _points(straight):
        values = {
            straight.rvs_to_values[rv].name: _turned(point[straight.rvs_to_values[rv].name], here.axes(rv.name), place)
            for rv in straight.free_RVs
        }
        if any(value is None for value in values.values()):
            return True
        first, second = (function(at) for function, at in zip(functions, (point, values)))
        if not all(np.isfinite(value).all() for value in first.values()):
            continue
        known = True
        for name, value in first.items():
            value = _turned(value, here.axes(name) if name else (), place)
            if value is None or not np.allclose(value, second[name], rtol=1e-9, atol=1e-9):
                return True
    return not known


def _points(model):
    """Places in the sampler's space, near its start and far from it: near one of them a model may be flat."""
    rng, start = np.random.default_rng(0), model.initial_point()
    for scale in SCALES:
        yield {
            name: value + scale * rng.standard_normal(value.shape) if value.dtype.kind == "f" else value
            for name, value in start.items()
        }


def _turned(value, dims, place):
    """A value with its axes in another order; None when its axes aren't the variable's, as after some transforms."""
    if value.ndim != len(dims):
        return None
    for axis, dim in enumerate(dims):
        if dim in place:
            if value.shape[axis] != len(place[dim]):
                return None
            value = value.take(place[dim], axis=axis)
    return value


def _function(model):
    """The log density (named "") and all deterministics, as a function of a point."""
    names = [variable.name for variable in model.deterministics]
    outputs = [model.logp(), *model.replace_rvs_by_values([model[name] for name in names])]
    function = model.compile_fn(outputs, inputs=model.value_vars, on_unused_input="ignore", mode=UNOPTIMIZED)
    return lambda point: dict(zip(["", *names], map(np.asarray, function(point))))


def constants_along(structure, dim, length):
    """Whether a constant with a value of its own for each label goes into a variable with this dim."""
    named = {variable: name for name, variable in structure.model.named_vars.items()}
    waiting = [variable for variable, name in named.items() if dim in structure.dims(name)]
    seen = set()
    while waiting:
        variable = waiting.pop()
        # What another variable makes of its constants is along its own dims.
        if variable in seen or (
            variable in named and structure.dims(named[variable]) and dim not in structure.dims(named[variable])
        ):
            continue
        seen.add(variable)
        if isinstance(variable, Constant):
            values = variable.data if isinstance(variable.data, np.ndarray) else np.empty(0)
            axes = [axis for axis, size in enumerate(values.shape) if size == length > 1]
            if any(np.any(values != values.take([0], axis=axis)) for axis in axes):
                return True
        elif variable.owner is not None:
            inputs = variable.owner.inputs
            # The shape that is asked of a random variable, and its generator, are no values of units; nor are places.
            if isinstance(variable.owner.op, RandomVariable):
                inputs = inputs[2:]
            waiting.extend(inputs)
    return False


def read_by_place(structure, dim):
    """Whether a variable with this dim is read at places along it: by codes of groups, or by slices as in a lag."""
    return any(dim in dims for dims, _ in _reads(structure))


def read_by_codes(structure, dim, length, given):
    """Whether a variable with this dim is read by codes that aren't given with the data; one label is no order."""
    brought = {structure.model[name] for name in given}
    return length > 1 and any(
        dim in dims and not isinstance(index, slice) and not brought & set(ancestors([index]))
        for dims, index in _reads(structure)
    )


def _reads(structure):
    """For each place at which variables are read: the dims that it may be along, and the index."""
    named = {variable: name for name, variable in structure.model.named_vars.items()}
    for node in apply_ancestors(list(structure.model.named_vars.values())):
        if not isinstance(node.op, (Subtensor, AdvancedSubtensor)):
            continue
        variable = node.inputs[0]
        if variable.owner is not None and isinstance(variable.owner.op, Shape):
            continue  # A length, not a value.
        behind = {dim for one in ancestors([variable]) if one in named for dim in structure.dims(named[one])}
        for axis, index in enumerate(indices_from_subtensor(node.inputs[1:], node.op.idx_list)):
            if isinstance(index, slice) and index == slice(None):
                continue
            # Of a variable's own axes the dim is known; of an expression's it may be any that goes into it.
            yield ({structure.axes(named[variable])[axis]} if variable in named else behind), index
