"""Values on their way into a model: labelled where they carry labels, cast without loss, free of holes."""

from datetime import date

import numpy as np
import pandas as pd
import xarray as xr

from helpers._models.checks import check_names, type_with_article


def as_dataset(data, structure):
    """Data frame, mapping or Dataset as one Dataset whose dims are the model's, in the data's own order.

    Arrays have no labels, and the default index of pandas is none where the model's labels aren't numbers.
    """
    model, own = structure.model, structure.own_labels
    if isinstance(data, xr.DataTree):
        data = data.to_dataset()
    if isinstance(data, xr.Dataset):
        check_labels(data)
        return data
    if isinstance(data, pd.Series) and data.name in model.named_vars:
        data = {data.name: data}
    if isinstance(data, pd.DataFrame):
        data = _columns(data, structure)
    elif isinstance(data, (str, bytes, pd.Series)) or not (hasattr(data, "keys") and hasattr(data, "__getitem__")):
        raise TypeError(
            f"data is {type_with_article(data)}; expected an xarray Dataset, a pandas DataFrame or a mapping."
        )
    check_variables(data, model)
    arrays = {name: as_array(name, data[name], structure.dims(name), own) for name in data}
    for name, array in arrays.items():
        if array.ndim != model[name].ndim:
            raise ValueError(
                f"{name!r} has {array.ndim} dimension(s); the model gives it {model[name].ndim}: "
                f"{structure.dims(name) or 'without names'}.{_long_table(structure.dims(name))}"
            )
    check_lengths(arrays)
    return xr.Dataset(_in_one_order(arrays, own))


def check_variables(names, model):
    """Raise for names that aren't variables of the model, with a cure for a long table's columns of labels."""
    dims = [name for name in names if name in model.coords and name not in model.named_vars]
    if dims:
        raise ValueError(
            f"{', '.join(map(repr, dims))}: dims of the model, not variables. Where they label the rows, put these columns "
            f"into the index, frame.set_index({dims}){'.to_xarray()' if len(dims) > 1 else ''}; else leave them out."
        )
    check_names(names, model.named_vars, "Data variable")


def _columns(frame, structure):
    """A frame's columns as Series, or, where its index is that of a long table, as arrays with several dims."""
    check_variables(frame.columns, structure.model)
    if isinstance(frame.index, pd.MultiIndex):
        return _from_long(frame, structure)
    dims = {structure.dims(name) for name in frame.columns if len(structure.dims(name)) == 1}
    if len(dims) > 1:
        raise ValueError(
            f"The columns of the data frame have different dims in the model, {', '.join(d for (d,) in dims)}, and a "
            "frame has one index. Give a Dataset, or a mapping of Series."
        )
    return {name: frame[name] for name in frame.columns}


def _from_long(table, structure):
    """A table whose index has a level for each dim, as arrays over these dims."""
    names = list(table.index.names)
    wanted = {dim for column in table.columns for dim in structure.dims(column)}
    if not set(names) <= wanted:
        raise ValueError(
            f"The levels of the index are {names}; the columns have the dims {sorted(wanted)} in the model. Name the "
            "levels after these, or give the rows one label each (frame.reset_index(drop=True))."
        )
    return _spread(table)


def _spread(table):
    """A table with a row for each combination of labels as arrays with a dim for each."""
    if not table.index.is_unique:
        twice = ", ".join(map(str, table.index[table.index.duplicated()][0]))
        raise ValueError(f"The labels of {list(table.index.names)} are not unique: ({twice}) stands twice.")
    return table.to_xarray()


def _long_table(dims):
    """What to do with a table that has a row for each pair of labels."""
    if len(dims) < 2:
        return ""
    return (
        f" A long table goes in as frame.set_index({list(dims)}).to_xarray(), "
        "with one column for the labels of each dim."
    )


def as_array(name, value, dims, own):
    """A value as a DataArray: with the labels of its index where it comes from pandas, with none from an array."""
    if isinstance(value, xr.DataArray):
        return value
    if isinstance(value, xr.Variable):
        return xr.DataArray(value)
    if isinstance(value, pd.DataFrame) and isinstance(value.index, pd.MultiIndex) and len(value.columns) == 1:
        value = value.iloc[:, 0]
    if isinstance(value, pd.Series) and isinstance(value.index, pd.MultiIndex):
        return _spread(value)
    if isinstance(value, (pd.Series, pd.DataFrame)):
        return _from_pandas(name, value, dims, own)
    values = np.asarray(value)
    named = dims if len(dims) == values.ndim else [f"{name}_dim_{axis}" for axis in range(values.ndim)]
    return xr.DataArray(values, dims=named)


def _from_pandas(name, value, dims, own):
    """A Series or a wide frame: its index and columns are the labels of the variable's dims, in this order."""
    axes = value.axes
    named = dims if len(dims) == len(axes) else [f"{name}_dim_{axis}" for axis in range(len(axes))]
    said = [axis.name for axis in axes]
    if set(said) == set(named):
        named = said
    wrong = [other for other, dim in zip(said, named) if other in own and other != dim]
    if wrong:
        raise ValueError(f"{name!r} has an index of {wrong[0]!r}; the model gives it the dims {tuple(dims)}.")
    labels = {dim: axis for dim, axis in zip(named, axes) if counts_as_labels(axis, own.get(dim)) and dim in own}
    array = xr.DataArray(_numbers(value), dims=named)
    return array.assign_coords({dim: axis.to_numpy() for dim, axis in labels.items()})


def _numbers(value):
    """Values of a Series or frame; the nullable numbers of pandas as floats, with NaN for what is missing."""
    columns = [value.dtype] if isinstance(value, pd.Series) else value.dtypes
    nullable = any(pd.api.types.is_extension_array_dtype(dtype) for dtype in columns)
    if nullable and all(pd.api.types.is_numeric_dtype(dtype) for dtype in columns):
        return value.to_numpy("float64", na_value=np.nan)
    return value.to_numpy()


def counts_as_labels(index, own):
    """Whether an index says which unit a value belongs to: the default index of pandas does so only for numbers."""
    default = isinstance(index, pd.RangeIndex) and (index.start, index.step) == (0, 1)
    return not default or own is None or pd.Index(own).dtype.kind in "iu"


def _in_one_order(arrays, own):
    """Values of several sources, those with labels in the order of the first; refused where that can't be told."""
    for dim in own:
        labelled = {name: array for name, array in arrays.items() if dim in array.indexes}
        bare = [name for name, array in arrays.items() if dim in array.dims and name not in labelled]
        for name, array in labelled.items():
            _check_unique(dim, array.indexes[dim])
        if not labelled:
            continue
        first, *others = labelled
        labels = labelled[first].indexes[dim]
        for name in others:
            index = labelled[name].indexes[dim]
            if same_labels(index, labels):
                continue
            if bare or not same_set(index, labels):
                raise ValueError(
                    f"{name!r} and {first!r} have labels of {dim!r} that differ ({few(index)} and {few(labels)})"
                    + (f", and {bare[0]!r} has none to tell which it goes with." if bare else ".")
                )
            arrays[name] = array_in_order(labelled[name], dim, labels)
        if bare and len(own[dim]) == len(labels) and same_set(own[dim], labels) and not same_labels(labels, own[dim]):
            raise ValueError(
                f"{first!r} has the labels of {dim!r} in another order than the model, and {bare[0]!r} has none: "
                f"which order are its values in? Give it labels, too."
            )
    return arrays


def as_index(labels):
    """Labels as an index that can be compared: dates are dates, whether written as such or as text."""
    index = pd.Index(labels)
    if index.nlevels == 1 and len(index) and all(isinstance(label, (str, date)) for label in index):
        dates = pd.to_datetime(index, format="ISO8601", errors="coerce")
        if not dates.hasnans and dates.nunique() == index.nunique():
            return dates
    return index


def array_in_order(array, dim, labels):
    """A labelled array with its labels in another order."""
    return array.isel({dim: as_index(array.indexes[dim]).get_indexer(as_index(labels))})


def same_set(first, second):
    """Whether two sequences hold the same labels, in whatever order."""
    return len(first) == len(second) and set(as_index(first)) == set(as_index(second))


def same_labels(first, second):
    """Whether two sequences hold the same labels in the same order."""
    return first is not None and len(first) == len(second) and list(as_index(first)) == list(as_index(second))


def few(labels):
    """The first labels, and how many there are."""
    shown = ", ".join(map(str, labels[:3]))
    return f"{shown}, … ({len(labels)})" if len(labels) > 3 else shown


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
        _check_unique(dim, index)


def _check_unique(dim, index):
    if not index.is_unique:
        twice = index[index.duplicated()][0]
        raise ValueError(f"The labels of {dim!r} are not unique: {twice!r} stands twice. Number the units instead.")


def check_complete(name, value):
    """Raise when a numeric array holds NaN: neither do nor observe can use it."""
    value = np.asarray(value)
    if value.dtype == object:
        # Numbers that a table kept as objects are numbers all the same.
        value = np.asarray(value.tolist())
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
        why = "would be rounded" if wrong != np.round(wrong) else "it can't hold"
        raise TypeError(f"{name!r} takes whole numbers ({dtype}); got {wrong}, which {why}.")
    return converted


def fill(name, value, dims, own, dtype):
    """The value as an array that fills the variable's dims, matched by label where it has labels.

    Scalars are broadcast; an array must have the variable's shape; what carries labels is aligned by name and label.
    """
    shape = tuple(len(own[dim]) for dim in dims)
    if isinstance(value, (xr.DataArray, pd.Series, pd.DataFrame)):
        value = _align(name, as_array(name, value, dims, own), dims, own)
    value = cast(name, value, dtype)
    if value.ndim and value.shape != shape:
        expected = ", ".join(f"{dim}: {length}" for dim, length in zip(dims, shape)) or "a scalar"
        raise ValueError(f"{name!r} got an array of shape {value.shape}; expected ({expected}), or a scalar for all.")
    return np.broadcast_to(value, shape).copy()


def _align(name, value, dims, own):
    unknown = [dim for dim in value.dims if dim not in dims]
    if unknown:
        raise ValueError(f"{name!r} got dims {value.dims}; the model gives it {tuple(dims)}.")
    for dim in set(value.dims) & set(value.indexes):
        _check_unique(dim, value.indexes[dim])
        place = as_index(value.indexes[dim]).get_indexer(as_index(own[dim]))
        if (place < 0).any():
            first = own[dim][int(np.argmax(place < 0))]
            raise ValueError(
                f"{name!r} has no value for {int((place < 0).sum())} label(s) of {dim!r}, the first {first!r}. "
                "It has labels, so it is matched by them; to match by place, pass .to_numpy()."
            )
        value = value.isel({dim: place})
    value = value.expand_dims({dim: len(own[dim]) for dim in dims if dim not in value.dims})
    return value.transpose(*dims).to_numpy()
