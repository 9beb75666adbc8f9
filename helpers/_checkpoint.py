"""A file that keeps the finished data sets of one recovery, line by line, so that a crash loses none."""

import hashlib
import json
import os
import re
from pathlib import Path
from types import CodeType

import numpy as np
import xarray as xr
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Constant, Variable
from pytensor.graph.op import HasInnerGraph
from pytensor.graph.traversal import ancestors

ADDRESS = re.compile(r" at 0x[0-9a-f]+")


class Checkpoint:
    """Finished rows, in memory and, where a path is given, in a file of JSON lines."""

    def __init__(self, path, plan):
        self.path = None if path is None else Path(path)
        self.rows = {}
        if self.path is None:
            return
        header = json.dumps({"recover": fingerprint(plan)})
        if self.path.exists() and self.path.stat().st_size:
            self._read(header)
        else:
            self.path.write_text(header + "\n")

    def _read(self, header):
        first, *lines = self.path.read_text().split("\n")
        if first != header:
            raise ValueError(
                f"{self.path} isn't the checkpoint of this recovery: its model, truth, sizes, estimands, seed or "
                "options differ, or it is another kind of file. Give another path; nothing was changed."
            )
        # What follows the last line break was being written when the process died.
        whole = lines[:-1]
        self.rows = {row["dataset"]: row for row in map(json.loads, whole)}
        mended = self.path.with_name(self.path.name + ".mended")
        mended.write_text("\n".join([first, *whole]) + "\n")
        os.replace(mended, self.path)

    def add(self, row):
        """Keep one finished row."""
        self.rows[row["dataset"]] = row
        if self.path is not None:
            with self.path.open("a") as stream:
                stream.write(json.dumps(row) + "\n")


def fingerprint(plan):
    """A hash of all that decides the numbers; how many data sets, workers and cores there are isn't part of it."""
    parts = [
        *(described_model(model) for model in (plan.model, plan.generator)),
        _described(plan.truth),
        _described(plan.sizes),
        _described(plan.estimands),
        _described({name: value for name, value in plan.options.items() if name != "cores"}),
        plan.prob,
        plan.seed,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def described_model(model):
    """A model's variables with their dims, and the computations behind them."""
    names = [[name, list(map(str, model.named_vars_to_dims.get(name) or ()))] for name in model.named_vars]
    return [names, _graph(list(model.named_vars.values()))]


def _graph(outputs):
    """Operations, constants and data of a graph, in an order that depends on the graph alone."""
    numbers, lines = {}, []
    for variable in reversed(list(ancestors(outputs))):
        numbers[variable] = len(numbers)
        if isinstance(variable, Constant):
            lines.append(_described(variable.data))
        elif isinstance(variable, SharedVariable):
            value = variable.get_value(borrow=True)
            # The state of a random number generator decides nothing: it is seeded anew.
            lines.append(str(variable.type) if isinstance(value, np.random.Generator) else _described(value))
        else:
            lines.append([str(variable.type), variable.name])
    arrows = [
        [numbers[variable], _operation(variable.owner.op), [numbers[parent] for parent in variable.owner.inputs]]
        for variable in numbers
        if variable.owner is not None
    ]
    return [lines, arrows]


def _operation(op):
    """An operation by its name and, where it has one, by the graph inside it (as that of a CustomDist)."""
    inner = _graph(op.inner_outputs) if isinstance(op, HasInnerGraph) else None
    return [ADDRESS.sub("", str(op)), inner]


def _described(value):
    """A value in terms of JSON, the same in each process."""
    if isinstance(value, dict):
        return [[name, _described(value[name])] for name in sorted(value, key=str)]
    if isinstance(value, (list, tuple)):
        return [_described(item) for item in value]
    if isinstance(value, Variable):
        return _graph([value])
    if isinstance(value, xr.DataArray):
        return [_described(value.to_numpy()), _described({dim: value[dim].values.tolist() for dim in value.coords})]
    if isinstance(value, (np.ndarray, np.generic)):
        return [str(value.dtype), list(value.shape), hashlib.sha256(np.ascontiguousarray(value)).hexdigest()]
    if isinstance(value, (int, float)):
        return float(value)
    if callable(value):
        code = getattr(value, "__code__", None)
        return _code(code) if code else f"{type(value).__module__}.{type(value).__qualname__}"
    return str(value)


def _code(code):
    """A function's instructions and constants; not the line that it stands on."""
    constants = [_code(item) if isinstance(item, CodeType) else str(item) for item in code.co_consts]
    return [code.co_code.hex(), list(code.co_names), constants]
