"""What decides the numbers of a recovery, in terms that are the same in each process: so that a checkpoint is
never taken for another's."""

import functools
import hashlib
import json
import re
import sysconfig
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType

import cloudpickle
import numpy as np
import pandas as pd
import pymc as pm
import xarray as xr
from pymc.distributions.custom import CustomDistRV, CustomSymbolicDistRV
from pymc.logprob.abstract import _logprob
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Constant, Variable
from pytensor.graph.op import HasInnerGraph
from pytensor.graph.traversal import ancestors

ADDRESS = re.compile(r" at 0x[0-9a-f]+")
# Functions of installed packages are known by their name; all others by what they do.
INSTALLED = tuple({sysconfig.get_path(kind) for kind in ("stdlib", "purelib", "platlib")})


def fingerprint(plan):
    """A hash of all that decides the numbers; how many data sets, workers and cores there are isn't part of it."""
    parts = [
        *(described_model(model) for model in (plan.model, plan.generator)),
        [plan.parameters, plan.made, plan.data_names, plan.latent],
        described(plan.truth),
        described(plan.sizes),
        described(plan.estimands),
        described({name: value for name, value in plan.options.items() if name != "cores"}),
        plan.prob,
        plan.seed,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def described_model(model):
    """A model's variables with their dims and labels, their transforms, and the computations behind them."""
    names = [[name, list(map(str, model.named_vars_to_dims.get(name) or ()))] for name in model.named_vars]
    transforms = {rv.name: transform for rv, transform in model.rvs_to_transforms.items()}
    graph = _graph(list(model.named_vars.values()))
    return [names, described(dict(model.coords)), described(transforms), graph]


def _graph(outputs):
    """Operations, constants and data of a graph, in an order that depends on the graph alone."""
    numbers, lines = {}, []
    for variable in reversed(list(ancestors(outputs))):
        numbers[variable] = len(numbers)
        if isinstance(variable, Constant):
            lines.append(described(variable.data))
        elif isinstance(variable, SharedVariable):
            value = variable.get_value(borrow=True)
            # The state of a random number generator decides nothing: it is seeded anew.
            lines.append(str(variable.type) if isinstance(value, np.random.Generator) else described(value))
        else:
            lines.append([str(variable.type), variable.name])
    arrows = [
        [numbers[variable], _operation(variable.owner.op), [numbers[parent] for parent in variable.owner.inputs]]
        for variable in numbers
        if variable.owner is not None
    ]
    return [lines, arrows]


def _operation(op):
    """An operation by its name, by the graph inside it, and where the user wrote it by the user's functions."""
    inner = _graph(op.inner_outputs) if isinstance(op, HasInnerGraph) else None
    own = None
    if isinstance(op, (CustomDistRV, CustomSymbolicDistRV)):
        own = described([getattr(op, "_random_fn", None), _logprob.dispatch(type(op))])
    return [ADDRESS.sub("", str(op)), inner, own]


def described(value, seen=None):
    """A value in terms of JSON; what is met again is named by its number."""
    if value is None or isinstance(value, (bool, str)):
        return [type(value).__name__, value]
    if isinstance(value, (int, float)):
        return float(value)
    seen = {} if seen is None else seen
    if id(value) in seen:
        return ["seen", seen[id(value)][0]]
    seen[id(value)] = len(seen), value  # Kept, or its id might be given to another.
    if isinstance(value, dict):
        return [[str(name), described(value[name], seen)] for name in sorted(value, key=str)]
    if isinstance(value, (list, tuple)):
        return [described(item, seen) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(json.dumps(described(item, seen)) for item in value)
    if isinstance(value, (Variable, pm.Model)):
        return _graph([value]) if isinstance(value, Variable) else described_model(value)
    if isinstance(value, (np.ndarray, np.generic, xr.DataArray, xr.Dataset, pd.DataFrame, pd.Series, pd.Index)):
        return _described_data(value, seen)
    return _described_object(value, seen)


def _described_data(value, seen):
    """Arrays and tables by their values, labels and dims."""
    if isinstance(value, (pd.DataFrame, pd.Series, pd.Index)):
        columns = list(map(str, getattr(value, "columns", [])))
        return [columns, described(pd.util.hash_pandas_object(value).to_numpy())]
    if isinstance(value, xr.Dataset):
        return described({name: value[name] for name in value.variables}, seen)
    if isinstance(value, xr.DataArray):
        labels = {dim: value.indexes[dim] for dim in value.indexes}
        return [list(map(str, value.dims)), described(value.to_numpy()), described(labels, seen)]
    array = np.asarray(value)
    if array.dtype.hasobject:
        return described(array.tolist(), seen)
    return [str(array.dtype), list(array.shape), hashlib.sha256(np.ascontiguousarray(array)).hexdigest()]


def _described_object(value, seen):
    """Functions by what they do and refer to, other objects by their attributes."""
    if isinstance(value, FunctionType):
        return _function(value, seen)
    if isinstance(value, functools.partial):
        return described([value.func, value.args, value.keywords], seen)
    if isinstance(value, MethodType):
        return described([value.__func__, value.__self__], seen)
    if isinstance(value, type):
        own = {name: item for name, item in vars(value).items() if isinstance(item, FunctionType)}
        return [value.__module__, value.__qualname__, described(own, seen)]
    if isinstance(value, (ModuleType, BuiltinFunctionType, np.ufunc)):
        return str(value) if isinstance(value, np.ufunc) else [getattr(value, "__module__", None), value.__name__]
    kind = type(value)
    if hasattr(value, "__dict__"):
        return [kind.__module__, kind.__qualname__, described(vars(value), seen), described(kind, seen)]
    return [kind.__module__, kind.__qualname__, hashlib.sha256(cloudpickle.dumps(value)).hexdigest()]


def _function(function, seen):
    """A function's instructions, and the values that it takes from its defaults, its closure and its module."""
    taken = [function.__defaults__, function.__kwdefaults__]
    taken += [cell.cell_contents for cell in function.__closure__ or ()]
    if function.__code__.co_filename.startswith(INSTALLED) or function.__module__.split(".")[0] == __package__:
        return [function.__module__, function.__qualname__, described(taken, seen)]
    names = sorted(_names(function.__code__) & set(function.__globals__))
    taken += [function.__globals__[name] for name in names]
    return [_code(function.__code__), names, described(taken, seen)]


def _names(code):
    """Names that a function and those written inside it look up."""
    inner = [_names(item) for item in code.co_consts if isinstance(item, CodeType)]
    return set(code.co_names).union(*inner)


def _code(code):
    """A function's instructions and constants; not the line that it stands on."""
    constants = [_code(item) if isinstance(item, CodeType) else described(item) for item in code.co_consts]
    return [code.co_code.hex(), list(code.co_names), constants]
