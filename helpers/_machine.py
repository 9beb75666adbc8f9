"""What `recover` compiles once and uses for each data set: a simulator, a sampler, the estimands."""

import hashlib
import threading
from typing import NamedTuple

import arviz as az
import cloudpickle
import numpy as np
import nutpie
import pyarrow
import pymc as pm
import pytensor
import pytensor.tensor as pt
import xarray as xr
from pymc.pytensorf import compile as compile_graph
from pymc.pytensorf import find_rng_nodes, reseed_rngs
from pytensor.graph.replace import vectorize_graph

from helpers._model import dims_of, random_variables
from helpers.interventions import find_roles, make_world, world_values
from helpers.workflow import fixed_values, resized_coords, set_coords

STATISTICS = ("truth", "mean", "sd", "lower", "upper", "rank", "r_hat", "ess")
RANK_DRAWS = 200
CELLS_AT_ONCE = 2_000_000
TRUTH_DRAWS = 500


class Plan(NamedTuple):
    """All that decides the numbers of one recovery."""

    model: pm.Model
    generator: pm.Model
    truth: dict
    sizes: dict
    parameters: list
    data_names: list
    estimands: dict
    prob: float
    options: dict
    seed: int


_machines = threading.local()


def machine_for(payload):
    """The machine of a pickled plan, compiled once in each thread of each process."""
    key = hashlib.sha256(payload).digest()
    if getattr(_machines, "key", None) != key:
        _machines.machine = Machine(cloudpickle.loads(payload))
        _machines.key = key
    return _machines.machine


class Machine:
    """Simulates, fits and summarizes one data set after another."""

    def __init__(self, plan):
        self.plan = plan
        self.simulator = _Simulator(plan)
        _, data = self.simulator(0)
        self.sampler = _Sampler(plan, data)
        self.estimands = {name: _estimand(plan, data, estimand) for name, estimand in plan.estimands.items()}

    def row(self, index):
        """Summary of one data set, of plain numbers and lists; an error is recorded, not raised."""
        seeds = np.random.SeedSequence(self.plan.seed, spawn_key=(index,)).generate_state(3)
        truth, data = self.simulator(int(seeds[0]))
        try:
            draws, divergences = self.sampler(data, int(seeds[1]) % 2**31)
            truths = truth
            for name, estimand in self.estimands.items():
                draws = draws.assign({name: estimand.posterior(draws, data, int(seeds[2]))})
                truths = truths.assign({name: estimand.truth(truth, data, int(seeds[2]))})
        except (RuntimeError, ValueError, FloatingPointError, np.linalg.LinAlgError) as error:
            return {"dataset": index, "error": f"{type(error).__name__}: {error}".split("\n")[0], "divergences": -1}
        shared = [name for name in draws.data_vars if name in truths]
        return {
            "dataset": index,
            "error": "",
            "divergences": divergences,
            "quantities": _summaries(draws[shared], truths, self.plan.prob),
        }


class _Simulator:
    """Draws parameters that aren't fixed, and data, from the generator."""

    def __init__(self, plan):
        generator = plan.generator
        coords = resized_coords(generator, plan.sizes)
        self.world = pm.do(generator, fixed_values(generator, plan.truth, coords))
        set_coords(self.world, coords)
        self.names = random_variables(self.world)
        self.coords = coords
        self.data_names = plan.data_names
        self.containers = [variable.name for variable in generator.data_vars if variable.name in plan.truth]
        outputs = [self.world[name] for name in self.names]
        self.function = compile_graph([], outputs)
        self.rngs = [rng for rng in self.function.get_shared() if rng in find_rng_nodes(outputs)]
        self.fixed = {name: self.world[name].get_value() for name in plan.truth}

    def __call__(self, seed):
        reseed_rngs(self.rngs, seed)
        values = self.fixed | dict(zip(self.names, self.function()))
        arrays = {name: (dims_of(self.world, name), value) for name, value in values.items()}
        used = {dim for dims, _ in arrays.values() for dim in dims}
        everything = xr.Dataset(arrays, {dim: list(self.coords[dim]) for dim in used})
        data = self.data_names + self.containers
        return everything.drop_vars(data), everything[data]


class _Sampler:
    """NUTS, compiled once, fed with one data set after another."""

    def __init__(self, plan, data):
        self.options = {"progress_bar": False, "save_warmup": False, **plan.options}
        self.names, self.data_names = plan.parameters, plan.data_names
        shared = {name: pytensor.shared(data[name].to_numpy(), name=_fed(name)) for name in plan.data_names}
        conditioned = pm.observe(plan.model, shared)
        containers = {variable.name for variable in conditioned.data_vars} & set(data.data_vars)
        set_coords(
            conditioned, resized_coords(plan.model, plan.sizes), {name: data[name].to_numpy() for name in containers}
        )
        self.compiled = nutpie.compile_pymc_model(conditioned, var_names=self.names)

        self.dims = {name: dims_of(plan.model, name) for name in self.names}
        self.coords = {dim: list(labels) for dim, labels in conditioned.coords.items() if labels is not None}

    def __call__(self, data, seed):
        fed = self.compiled.with_data(**{_fed(name): data[name].to_numpy() for name in self.data_names})
        batches, stats = nutpie.sample(fed, seed=seed, return_raw_trace=True, **self.options).get_arrow_trace()
        tuned = [~pyarrow.array(stat.column("tuning")).to_numpy(False) for stat in stats]
        diverging = [pyarrow.array(stat.column("diverging")).to_numpy(False)[keep] for stat, keep in zip(stats, tuned)]
        draws = xr.Dataset({name: self._array(name, batches, tuned) for name in self.names})
        return draws, int(np.sum(diverging))

    def _array(self, name, batches, tuned):
        """Draws of one parameter; read from the trace as it is, since labelling all of it costs as much as a fit."""
        columns = [pyarrow.array(batch.column(name)) for batch in batches]
        flat = [column.flatten() if hasattr(column, "flatten") else column for column in columns]
        chains = [values.to_numpy(False).reshape(len(keep), -1)[keep] for values, keep in zip(flat, tuned)]
        dims = self.dims[name]
        coords = {dim: self.coords[dim] for dim in dims}
        shape = [len(labels) for labels in coords.values()]
        stacked = np.stack(chains)
        return xr.DataArray(stacked.reshape(*stacked.shape[:2], *shape), dims=("chain", "draw", *dims), coords=coords)


def _fed(name):
    return f"data of {name}"


def _estimand(plan, data, estimand):
    return _Function(estimand) if callable(estimand) else _Contrast(plan, data, *estimand)


class _Function:
    """An estimand that is a function of draws and data."""

    def __init__(self, function):
        self.function = function

    def posterior(self, draws, data, seed):
        return self.function(draws, data)

    def truth(self, truth, data, seed):
        return self.function(truth.expand_dims(chain=1, draw=1), data).squeeze(("chain", "draw"), drop=True)


class _Contrast:
    """Average over units of the difference between two interventions, for many draws at once."""

    def __init__(self, plan, data, high, low, outcome):
        self.sides = [_Side(plan.model, plan, data, do, outcome) for do in (high, low)]
        is_other = plan.generator is not plan.model
        self.true_sides = (
            [_Side(plan.generator, plan, data, do, outcome) for do in (high, low)] if is_other else self.sides
        )

    def posterior(self, draws, data, seed):
        flat = draws.stack(sample=("chain", "draw")).transpose("sample", ...)
        values = self._difference(self.sides, flat, flat.sizes["sample"], data, seed)
        shape = (draws.sizes["chain"], draws.sizes["draw"])
        return xr.DataArray(values.reshape(shape), dims=("chain", "draw"))

    def truth(self, truth, data, seed):
        # Where a mediator is drawn its noise is averaged away.
        repeats = TRUTH_DRAWS if self.true_sides[0].is_random else 1
        many = truth.expand_dims(sample=repeats)
        return xr.DataArray(self._difference(self.true_sides, many, repeats, data, seed).mean())

    @staticmethod
    def _difference(sides, draws, count, data, seed):
        high, low = (side(draws, count, data, seed) for side in sides)
        return high - low


class _Side:
    """Expected outcome under one intervention, averaged over units, as a function of parameters and data."""

    def __init__(self, model, plan, data, do, outcome):
        self.model, self.do, self.coords = model, do, resized_coords(model, plan.sizes)
        parameters = [name for name in random_variables(model) if name not in data]
        posterior = xr.Dataset({name: (("chain", "draw"), [[0.0]]) for name in parameters})
        template = xr.DataTree.from_dict({"posterior": posterior})
        self.roles = find_roles(model, template, data, do, "redraw")
        self.world = make_world(model, data, self.coords, do, self.roles)
        average = self.world[outcome].mean()
        single = [self.world[name] for name in self.roles.kept]
        many = [pt.tensor(name, dtype=v.dtype, shape=(None, *v.type.shape)) for name, v in zip(self.roles.kept, single)]
        batched = vectorize_graph(average, dict(zip(single, many)))
        self.function = compile_graph(many, batched, on_unused_input="ignore")
        self.rngs = [rng for rng in self.function.get_shared() if rng in find_rng_nodes([batched])]
        self.is_random = bool(self.rngs)
        self.units = int(np.prod([len(self.coords[dim]) for dim in dims_of(model, outcome)] or [1]))

    def __call__(self, draws, count, data, seed):
        for name, value in world_values(self.model, data, self.coords, self.do, self.roles).items():
            self.world[name].set_value(value)
        reseed_rngs(self.rngs, seed)
        step = max(1, CELLS_AT_ONCE // self.units)
        parts = []
        for start in range(0, count, step):
            chunk = draws.isel(sample=slice(start, start + step))
            values = [chunk[name].transpose("sample", ...).to_numpy() for name in self.roles.kept]
            size = chunk.sizes["sample"]
            parts.append(np.broadcast_to(self.function(*values), (size,)))
        return np.concatenate(parts)


def _summaries(draws, truths, prob):
    """Statistics of each quantity, as nested lists in the order of STATISTICS."""
    # All quantities side by side: one call of each statistic instead of one a quantity.
    columns = [
        array.to_numpy().reshape(array.sizes["chain"], array.sizes["draw"], -1) for array in draws.data_vars.values()
    ]
    table = xr.DataArray(np.concatenate(columns, axis=2), dims=("chain", "draw", "quantity"))
    truth = np.concatenate([_like(truths[name], array) for name, array in draws.data_vars.items()])
    interval = az.hdi(table, prob=prob)
    statistics = np.array(
        [
            truth,
            table.mean(("chain", "draw")),
            table.std(("chain", "draw"), ddof=1),
            interval.sel(ci_bound="lower"),
            interval.sel(ci_bound="upper"),
            (table.isel(draw=_thinning(table)) < truth).mean(("chain", "draw")),
            az.rhat(table),
            az.ess(table),
        ]
    )
    summaries, start = {}, 0
    for (name, array), column in zip(draws.data_vars.items(), columns):
        dims, stop = array.dims[2:], start + column.shape[2]
        values = statistics[:, start:stop].reshape(len(STATISTICS), *array.shape[2:])
        coords = {dim: array[dim].values.tolist() for dim in dims if dim in array.coords}
        summaries[name] = {"dims": list(dims), "coords": coords, "values": values.tolist()}
        start = stop
    return summaries


def _like(truth, draws):
    """The truth flat, in the order of the draws' own dims."""
    return truth.transpose(*draws.dims[2:]).to_numpy().reshape(-1)


def _thinning(draws):
    """Draws so far apart that ranks among them are nearly those among independent ones."""
    step = max(1, draws.sizes["chain"] * draws.sizes["draw"] // RANK_DRAWS)
    return slice(step - 1, None, step)
