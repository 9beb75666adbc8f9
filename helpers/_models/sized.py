"""A model whose dims are sized and labelled: what a value has to fill, and in which order."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pymc as pm
import xarray as xr
from pytensor.compile.sharedvalue import SharedVariable

from helpers._models.checks import check_names
from helpers._models.order import constants_along, order_matters, read_by_codes
from helpers._models.structure import Structure, lengths_of
from helpers._models.values import array_in_order, check_lengths, few, fill, same_labels, same_set


@dataclass(frozen=True, eq=False)
class Sized(Structure):
    """A model and the labels of its dims. Neither is changed: `give` labels a copy."""

    labels: dict

    @classmethod
    def by_sizes(cls, structure, sizes):
        """Dims whose size is given are numbered from 0, the others keep the model's labels."""
        model, own = structure.model, structure.own_labels
        check_names(sizes, model.coords, "Dim")
        wrong = {dim: size for dim, size in sizes.items() if not _is_length(size)}
        if wrong:
            raise ValueError(f"sizes must be whole numbers of at least 1; got {wrong}.")
        for dim, labels in own.items():
            if sizes.get(dim, len(labels)) != len(labels) and constants_along(structure, dim, len(labels)):
                raise ValueError(
                    f"The model holds constants with {len(labels)} values along {dim!r}, which is to have {sizes[dim]}: "
                    "put them into a pm.Data, and give it a value in truth."
                )
        return cls(model, own | {dim: np.arange(int(size)) for dim, size in sizes.items()})

    @classmethod
    def by_data(cls, structure, data):
        """Dims have the labels of the data, in the data's order; the model's where the data have none."""
        own = structure.own_labels
        sized = cls(structure.model, own | {dim: _labels(data, dim, own) for dim in own if dim in data.sizes})
        _check_rows(sized, data, "the data")
        return sized

    @classmethod
    def by_fit(cls, structure, data, posterior):
        """Dims have the labels of the fit, and the posterior has them in the same order."""
        own = structure.own_labels
        names = [name for name in structure.random if name in posterior and name not in data]
        posterior = posterior[names]
        labels = own | {dim: _labels(posterior, dim, own) for dim in own if dim in posterior.sizes}
        labels |= {dim: _labels(data, dim, labels) for dim in own if dim in data.sizes}
        for name, array in posterior.items():
            posterior[name] = in_order_of(name, _with_dims_of(structure, name, array), labels, "posterior")
        sized = cls(structure.model, labels)
        _check_rows(sized, data, "the fit")
        return sized, posterior

    def fill(self, name, value):
        """A value as an array of the variable's shape and dtype, matched by label where it has labels."""
        variable, dims = self.model[name], self.dims(name)
        if dims or not variable.ndim:
            return fill(name, value, dims, self.labels, variable.dtype)
        # A variable given a shape instead of dims has no labels: the shape is the model's, the order the value's.
        axes = [f"{name}_dim_{axis}" for axis in range(variable.ndim)]
        lengths = dict(zip(axes, map(np.arange, lengths_of(variable))))
        value = value.to_numpy() if isinstance(value, (xr.DataArray, pd.Series, pd.DataFrame)) else value
        return fill(name, value, axes, lengths, variable.dtype)

    def fill_all(self, values):
        """Arrays for several variables, by name."""
        return {name: self.fill(name, values[name]) for name in values}

    def give(self, copy, containers=None):
        """Label the dims of a copy of the model, set its containers, and give it back."""
        for dim, labels in self.labels.items():
            follows_a_container = not isinstance(copy.dim_lengths[dim], SharedVariable)
            if not follows_a_container and not same_labels(copy.coords.get(dim), labels):
                copy.set_dim(dim, len(labels), coord_values=labels)
        for name, value in (containers or {}).items():
            copy[name].set_value(value)
        return copy

    def condition(self, data):
        """A copy of the model in which data are observed, and containers set."""
        values = self.fill_all(data)
        containers = self.containers.keys() & set(values)
        observed = pm.observe(self.model, {name: value for name, value in values.items() if name not in containers})
        return self.give(observed, {name: values[name] for name in containers})

    def check_containers(self, truth):
        """Data containers can't be drawn: when their dims change the caller must say their values."""
        for name, container in self.containers.items():
            for dim, length in zip(self.dims(name), container.get_value().shape):
                if len(self.labels[dim]) != length and name not in truth:
                    raise ValueError(
                        f"The data container {name!r} has {length} values along {dim!r}, "
                        f"which is to have {len(self.labels[dim])}: give {name!r} a value in truth."
                    )


def _is_length(size):
    return isinstance(size, (int, float, np.number)) and not isinstance(size, bool) and size >= 1 and size == int(size)


def _labels(data, dim, own):
    """Labels of a dim of the data, in the data's order."""
    if dim not in data.indexes:
        return own[dim] if data.sizes[dim] == len(own[dim]) else np.arange(data.sizes[dim])
    return own[dim] if same_labels(own[dim], data.indexes[dim]) else data.indexes[dim].to_numpy()


def _with_dims_of(structure, name, array):
    """Posterior draws of one variable with their dims in the model's order."""
    dims = structure.axes(name)
    if set(array.dims[2:]) == set(dims):
        return array.transpose("chain", "draw", *dims)
    if structure.dims(name) or array.ndim - 2 != len(dims):
        raise ValueError(
            f"The posterior of {name!r} has the dims {array.dims[2:]}; the model gives it {dims}. "
            "Is it a fit of this model?"
        )
    # A variable given a shape instead of dims is known by place alone.
    return array.drop_vars(list(array.indexes.keys() - {"chain", "draw"})).rename(dict(zip(array.dims[2:], dims)))


def in_order_of(name, array, labels, whose):
    """Values of one variable with their labels in the order that is wanted."""
    for dim in set(array.indexes) & set(labels):
        if same_labels(labels[dim], array.indexes[dim]):
            continue
        if not same_set(labels[dim], array.indexes[dim]):
            raise ValueError(
                f"The {whose} of {name!r} has the labels {few(array.indexes[dim])} of {dim!r}, "
                f"the observed data have {few(labels[dim])}: values for these units are lacking."
            )
        array = array_in_order(array, dim, pd.Index(labels[dim]))
    return array


def _check_rows(sized, data, whose):
    """Raise where rows would be put under values of the model that have no labels."""
    own = sized.own_labels
    changed = {dim for dim in own if not same_labels(own[dim], sized.labels[dim])}
    check_lengths(data.data_vars)
    permuted = {dim for dim in changed if same_set(own[dim], sized.labels[dim])}
    for dim in changed - permuted:
        has = "have" if whose == "the data" else "has"
        said = f"the model's labels of {dim!r}, {few(own[dim])}; {whose} {has} {few(sized.labels[dim])}"
        for name in sized.containers:
            if dim in sized.dims(name) and name not in data:
                raise ValueError(f"The data container {name!r} has values for {said}. Give {name!r} in the data, too.")
        if constants_along(sized, dim, len(own[dim])) or read_by_codes(sized, dim, len(own[dim]), data.data_vars):
            raise ValueError(
                f"The model holds constants, or codes that point to places, for {said}: which belongs to which? Give "
                f"the model the labels of {whose}, as coords={{{dim!r}: ...}}, or put these values into a pm.Data and "
                "give them with the data."
            )
    if permuted and order_matters(Sized(sized.model, sized.labels | {dim: own[dim] for dim in permuted}), sized, data):
        dim = min(permuted)
        names = [name for name in sized.containers if name not in data and permuted & set(sized.dims(name))]
        what = (
            f"the container {names[0]!r}" if names else "constants, group codes, or an order of its own, as in a walk"
        )
        raise ValueError(
            f"The labels of {dim!r} stand in another order in {whose} ({few(sized.labels[dim])}) than in the model "
            f"({few(own[dim])}), and the model holds what has no labels along it ({what}): it would go to other rows. "
            f"Give the model the same order, as coords={{{dim!r}: ...}}"
            + (f", or give {names[0]!r} in the data, too." if names else ".")
        )
