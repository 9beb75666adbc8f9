"""Values on their way into a model: named, cast without loss, broadcast to dims, free of holes."""

import numpy as np
import pandas as pd
import xarray as xr

from helpers._checks import check_names
from helpers._model import dims_of


def as_dataset(data, model):
    """Data frame, mapping or Dataset as one Dataset whose dims are the model's.

    The index of a data frame labels the units; arrays without labels are numbered from 0.
    """
    if isinstance(data, xr.Dataset):
        return data
    if isinstance(data, pd.DataFrame):
        columns = {name: data[name].to_numpy() for name in data.columns}
        labels = data.index.to_numpy()
    elif hasattr(data, "items"):
        columns, labels = dict(data), None
    else:
        raise TypeError(
            f"data is a {type(data).__name__}; expected an xarray Dataset, a pandas DataFrame or a mapping."
        )
    check_names(columns, model.named_vars, "Data variable")
    arrays = {}
    for name, value in columns.items():
        if isinstance(value, xr.DataArray):
            arrays[name] = value
            continue
        value = np.asarray(value)
        dims = dims_of(model, name) or tuple(f"{name}_dim_{axis}" for axis in range(value.ndim))
        if len(dims) != value.ndim:
            raise ValueError(f"{name!r} has {value.ndim} dimension(s); the model gives it {len(dims)}: {dims}.")
        coords = {dim: labels for dim in dims if labels is not None and len(dims) == 1}
        arrays[name] = xr.DataArray(value, dims=dims, coords=coords)
    check_lengths(arrays)
    return xr.Dataset(arrays)


def check_lengths(arrays):
    """Raise when two arrays disagree on the length of a dim they share."""
    first = {}
    for name, array in arrays.items():
        for dim, length in array.sizes.items():
            other, expected = first.setdefault(dim, (name, length))
            if length != expected:
                raise ValueError(
                    f"{name!r} has {length} values along {dim!r}, {other!r} has {expected}: all data must agree on it."
                )


def check_labels(data):
    """Raise when two units share a label: values could not be matched to them."""
    for dim, index in data.indexes.items():
        if not index.is_unique:
            twice = index[index.duplicated()][0]
            raise ValueError(f"The labels of {dim!r} are not unique: {twice!r} stands twice. Number the units instead.")


def check_complete(name, value):
    """Raise when a numeric array holds NaN: neither do nor observe can use it."""
    value = np.asarray(value)
    if value.dtype.kind not in "biuf":
        raise TypeError(f"{name!r} holds {value.dtype} values; expected numbers. Code categories as 0, 1, 2, ….")
    missing = int(np.isnan(value).sum()) if value.dtype.kind == "f" else 0
    if missing:
        raise ValueError(
            f"{name!r} has {missing} missing value(s) (NaN) of {value.size}. "
            "Drop these units or model the missingness; neither is done silently."
        )
    return value


def cast(name, value, dtype):
    """The value in the variable's dtype, or a TypeError if that would change it."""
    value = check_complete(name, value)
    with np.errstate(invalid="ignore"):
        converted = value.astype(dtype)
    if not np.array_equal(converted, value) and np.dtype(dtype).kind in "biu":
        wrong = value[converted != value].flat[0]
        raise TypeError(f"{name!r} takes whole numbers ({dtype}); got {wrong}, which would be rounded.")
    return converted


def fill(name, value, variable_dims, sizes, coords, dtype):
    """The value as an array that fills the variable's dims, matched by label where it has labels.

    Scalars are broadcast; an array must have the variable's shape; a DataArray is aligned by name
    and, where it carries labels, by label.
    """
    shape = tuple(sizes[dim] for dim in variable_dims)
    if isinstance(value, xr.DataArray):
        value = _align(name, value, variable_dims, coords)
    value = cast(name, value, dtype)
    if value.ndim and value.shape != shape:
        expected = ", ".join(f"{dim}: {length}" for dim, length in zip(variable_dims, shape)) or "a scalar"
        raise ValueError(f"{name!r} got an array of shape {value.shape}; expected ({expected}), or a scalar for all.")
    return np.broadcast_to(value, shape).copy()


def _align(name, value, variable_dims, coords):
    unknown = [dim for dim in value.dims if dim not in variable_dims]
    if unknown:
        raise ValueError(f"{name!r} got dims {value.dims}; the model gives it {tuple(variable_dims)}.")
    for dim in value.dims:
        labels = pd.Index(coords[dim]) if coords.get(dim) is not None else None
        if dim not in value.indexes or labels is None:
            continue
        lacking = labels.difference(value.indexes[dim])
        if len(lacking):
            raise ValueError(f"{name!r} has no value for {len(lacking)} label(s) of {dim!r}, the first {lacking[0]!r}.")
        value = value.sel({dim: labels})
    template = {dim: len(coords[dim]) for dim in variable_dims if coords.get(dim) is not None}
    value = value.expand_dims({dim: n for dim, n in template.items() if dim not in value.dims})
    return value.transpose(*variable_dims).to_numpy()
