"""From an empty generative model to a fit: simulate, condition, fit."""

import warnings

import arviz as az
import numpy as np
import pymc as pm
import pytensor.tensor as pt
import xarray as xr
from pymc.pytensorf import rvs_in_graph
from pytensor.compile.mode import Mode
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.replace import graph_replace

from helpers._checks import check_names
from helpers._model import data_variables, dims_of, labels_of, random_variables
from helpers._values import as_dataset, check_complete, check_labels, check_lengths, fill

RHAT_LIMIT = 1.01
ESS_LIMIT_PER_CHAIN = 100
UNOPTIMIZED = Mode(linker="py", optimizer=None)  # For what is computed once: compiling would take longer.


class SamplingWarning(UserWarning):
    """The sampler's own signs say that the draws can't be trusted yet."""


def simulate(model, truth, sizes=None, *, seed, variables=None):
    """Draw one data set from a model whose parameters are fixed at known values.

    Parameters
    ----------
    model : pymc.Model
        An empty generative model: no variable is observed.
    truth : mapping of str to scalar, array or xarray.DataArray
        A value for each parameter, that is, each random variable that isn't data.
        Data variables may be fixed too.
    sizes : mapping of str to int, optional
        Length of dims, for example ``{"i": 100}``; labels are then 0, 1, 2, ….
        Dims that aren't named keep the model's own length.
    seed : int
        The same seed gives the same data.
    variables : sequence of str, optional
        Names of the data variables, where dims don't tell them from parameters.

    Returns
    -------
    xarray.Dataset
        One variable for each data variable, in the model's units and dims.

    Raises
    ------
    KeyError
        `truth` or `sizes` has a name that the model lacks.
    ValueError
        A parameter has no value in `truth`, a value doesn't fit its variable or is impossible under its prior,
        or the model has potentials, which no simulation knows of.

    Notes
    -----
    In bare PyMC::

        world = pm.do(model, truth)
        world.set_dim("i", 100, coord_values=range(100))
        c, z, y = pm.draw([world["c"], world["z"], world["y"]], random_seed=seed)

    Each unit is drawn once from one world.
    A parameter left out of `truth` would be drawn too, which is why that is refused.

    Examples
    --------
    >>> truth = {"beta_z0": 0, "beta_y0": 0, "beta_cz": 1.5, "beta_zy": 0, "beta_cy": 1, "sigma_y": 0.2}
    >>> simulate(model, truth, {"i": 100}, seed=42)  # doctest: +SKIP
    """
    check_no_potentials(model)
    data_names = data_variables(model, variables)
    settable = random_variables(model) + [data.name for data in model.data_vars]
    check_names(truth, settable, "Truth for")
    missing = [name for name in random_variables(model) if name not in truth and name not in data_names]
    if missing:
        raise ValueError(
            f"truth gives no value for {', '.join(missing)}: each must be fixed, or every data set "
            "would come from parameters of its own."
        )
    coords = resized_coords(model, sizes or {})
    check_containers(model, coords, truth)
    fixed = fixed_values(model, truth, coords)
    check_possible(model, {name: value for name, value in fixed.items() if name not in data_names})
    world = pm.do(model, fixed)
    set_coords(world, coords)
    names = [name for name in data_names if name not in truth]
    values = pm.draw([world[name] for name in names], random_seed=seed) if names else []
    arrays = dict(zip(names, values)) | {name: world[name].get_value() for name in data_names if name in truth}
    return as_dataset({name: arrays[name] for name in data_names}, model).assign_coords(
        {dim: list(labels) for dim, labels in coords.items() if dim in set().union(*_dims(model, data_names))}
    )


def condition(model, data):
    """Observe data in an empty model: the same model, conditioned, with its dims sized by the data.

    Parameters
    ----------
    model : pymc.Model
        A generative model. It isn't changed.
    data : xarray.Dataset, pandas.DataFrame or mapping of str to array
        Values of random variables, of deterministics (PyMC derives their likelihood) or of ``pm.Data`` containers.
        Data variables of the model that aren't named stay latent.

    Returns
    -------
    pymc.Model
        A new model in which the named variables are observed.

    Raises
    ------
    KeyError
        `data` has a name that the model lacks.
    TypeError
        Values that aren't numbers, or that aren't whole for a discrete variable.
    ValueError
        Missing values, lengths that disagree, or values that the model holds to be impossible.

    Notes
    -----
    In bare PyMC::

        conditioned = pm.observe(model, {"c": c, "z": z, "y": y})
        conditioned.set_dim("i", len(y), coord_values=range(len(y)))
    """
    data = as_dataset(data, model)
    containers = {variable.name for variable in model.data_vars}
    valid = random_variables(model) + [variable.name for variable in model.deterministics] + sorted(containers)
    check_names(data.data_vars, valid, "Data variable")
    for name, array in data.data_vars.items():
        check_complete(name, array)
    check_lengths(data.data_vars)
    check_labels(data)
    coords = coords_from(model, data)
    _check_container_labels(model, data, coords)
    values = {name: _fill(model, name, data[name], coords) for name in data.data_vars}
    conditioned = pm.observe(model, {name: value for name, value in values.items() if name not in containers})
    set_coords(conditioned, coords, {name: values[name] for name in values if name in containers})
    _check_support(conditioned, values)
    return conditioned


def fit(model, data, *, seed, **sample):
    """Condition a model on data and sample its posterior with NUTS.

    Parameters
    ----------
    model : pymc.Model
        A generative model. It isn't changed.
    data : xarray.Dataset, pandas.DataFrame or mapping of str to array
        As for `condition`.
    seed : int
        The same seed gives the same draws.
    **sample
        Passed on to ``pm.sample``; by default 4 chains, no progress bar.

    Returns
    -------
    xarray.DataTree
        With groups ``posterior``, ``sample_stats`` and ``observed_data``: what `intervene` needs.

    Warns
    -----
    SamplingWarning
        One warning that names divergences, r-hat above 1.01 and effective sample sizes below 100 a chain
        (the limits of Vehtari et al., 2021).

    Notes
    -----
    In bare PyMC::

        with condition(model, data):
            idata = pm.sample(chains=4, random_seed=seed)
    """
    conditioned = condition(model, data)
    options = {"chains": 4, "progressbar": False, "quiet": True, **sample}
    with conditioned:
        idata = pm.sample(random_seed=seed, compute_convergence_checks=False, **options)
    problems = diagnose(idata, [rv.name for rv in conditioned.free_RVs])
    if problems:
        warnings.warn("; ".join(problems) + ".", SamplingWarning, stacklevel=2)
    return idata


def diagnose(idata, names):
    """Sentences about divergences, r-hat and effective sample size, none when all is well."""
    posterior = idata["posterior"].to_dataset()[names]
    problems = []
    divergences = int(idata["sample_stats"]["diverging"].sum())
    if divergences:
        problems.append(f"{divergences} divergence(s): raise target_accept, or write the model another way")
    chains = posterior.sizes["chain"]
    if chains > 1:
        high = _beyond(az.rhat(posterior), lambda value: value > RHAT_LIMIT)
        if high:
            problems.append(f"r-hat above {RHAT_LIMIT} for {high}: the chains disagree, draw longer")
    low = _beyond(az.ess(posterior), lambda value: value < ESS_LIMIT_PER_CHAIN * chains)
    if low:
        problems.append(f"effective sample size below {ESS_LIMIT_PER_CHAIN * chains} for {low}: draw longer")
    return problems


def _beyond(statistic, is_bad):
    """Names of variables with a bad value anywhere, and the first bad value."""
    bad = {name: values.values[is_bad(values.values)] for name, values in statistic.data_vars.items()}
    return ", ".join(f"{name} ({values.flat[0]:.3g})" for name, values in bad.items() if values.size)


def coords_from(model, *datasets):
    """Labels for each of the model's dims: those of the first dataset that has it, else the model's own.

    The same labels in another order are the model's: its containers and priors have their order.
    """
    own = labels_of(model)
    coords = dict(own)
    for data in reversed(datasets):
        for dim in set(data.sizes) & set(coords):
            labels = data.indexes[dim].to_numpy() if dim in data.indexes else np.arange(data.sizes[dim])
            coords[dim] = own[dim] if _same_set(own[dim], labels) else labels
    return coords


def set_coords(model, coords, containers=None):
    """Give a model new labels on its dims and new values in its data containers."""
    for dim, labels in coords.items():
        follows_a_container = not isinstance(model.dim_lengths[dim], SharedVariable)
        if not follows_a_container and not _same_labels(model.coords.get(dim), labels):
            model.set_dim(dim, len(labels), coord_values=labels)
    for name, value in (containers or {}).items():
        model[name].set_value(value)


def fixed_values(model, values, coords):
    """Values for ``pm.do``, each filling its variable's dims."""
    return {name: _fill(model, name, value, coords) for name, value in values.items()}


def _fill(model, name, value, coords):
    dims = dims_of(model, name)
    sizes = {dim: len(coords[dim]) if coords.get(dim) is not None else model.dim_lengths[dim].eval() for dim in dims}
    variable = model[name]
    if not dims and variable.ndim:
        return _fill_without_dims(name, value, variable)
    return fill(name, value, dims, sizes, coords, variable.dtype)


def _fill_without_dims(name, value, variable):
    """A variable given a shape instead of dims: the shape is the model's."""
    dims = tuple(f"{name}_dim_{axis}" for axis in range(variable.ndim))
    sizes = dict(zip(dims, variable.shape.eval()))
    value = value.to_numpy() if isinstance(value, xr.DataArray) else value
    return fill(name, value, dims, sizes, {}, variable.dtype)


def resized_coords(model, sizes):
    """Labels for each of the model's dims, numbered from 0 for those whose size is given."""
    check_names(sizes, model.coords, "Dim")
    wrong = {dim: size for dim, size in sizes.items() if size != int(size) or size < 1}
    if wrong:
        raise ValueError(f"sizes must be whole numbers of at least 1; got {wrong}.")
    return labels_of(model) | {dim: np.arange(size) for dim, size in sizes.items()}


def check_containers(model, coords, truth):
    """Data containers can't be drawn: when their dims change the caller must say their values."""
    for container in model.data_vars:
        shape = container.get_value().shape
        for dim, length in zip(dims_of(model, container.name), shape):
            if coords.get(dim) is not None and len(coords[dim]) != length and container.name not in truth:
                raise ValueError(
                    f"The data container {container.name!r} has {length} values along {dim!r}, "
                    f"which is to have {len(coords[dim])}: give {container.name!r} a value in truth."
                )


def check_possible(model, truth):
    """Raise for parameters fixed at a value that their prior holds to be impossible, given the others."""
    fixed = {model[name]: pt.constant(value) for name, value in truth.items() if model[name] in model.free_RVs}
    for rv, value in fixed.items():
        try:
            logp = graph_replace(pm.logp(rv, value), {k: v for k, v in fixed.items() if k is not rv}, strict=False)
        except NotImplementedError:
            continue  # A distribution that can only be drawn from; whether the value is possible isn't known.
        if rvs_in_graph([logp]):
            continue  # It depends on a parameter that is drawn.
        impossible = ~np.isfinite(logp.eval(mode=UNOPTIMIZED))
        if impossible.any():
            kind = getattr(rv.owner.op, "_print_name", ("its distribution",))[0]
            wrong = np.broadcast_to(value.data, impossible.shape)[impossible].flat[0]
            raise ValueError(f"{rv.name!r} can't be {wrong}: it lies outside the support of its prior, {kind}.")


def check_no_potentials(model):
    """Raise for a model that isn't generative: what a potential adds, no simulation knows of."""
    if model.potentials:
        names = ", ".join(potential.name for potential in model.potentials)
        raise ValueError(
            f"The model has potentials ({names}). They count when it is fitted and not when data are drawn from it, "
            "so no truth would be recovered. Write them as distributions."
        )


def _check_container_labels(model, data, coords):
    """Values in a container belong to the model's labels: for other labels the data must bring others."""
    own = labels_of(model)
    for container in model.data_vars:
        for dim in set(dims_of(model, container.name)) if container.name not in data else ():
            if not _same_labels(own[dim], coords[dim]):
                raise ValueError(
                    f"The data container {container.name!r} has values for the model's labels of {dim!r}, "
                    f"{_few(own[dim])}; the data have {_few(coords[dim])}. Give {container.name!r} in the data, too."
                )


def _few(labels):
    shown = ", ".join(map(str, labels[:3]))
    return f"{shown}, … ({len(labels)})" if len(labels) > 3 else shown


def _check_support(model, values):
    """Raise when an observed value is impossible at the model's starting point."""
    observed = [rv for rv in model.observed_RVs if rv.name in values]
    if not observed:
        return
    logp = model.compile_fn(
        model.logp(vars=observed, sum=False), inputs=model.value_vars, on_unused_input="ignore", mode="FAST_COMPILE"
    )
    logps = logp(model.initial_point())
    for rv, logp in zip(observed, logps):
        impossible = int((~np.isfinite(logp)).sum())
        if impossible:
            kind = getattr(rv.owner.op, "_print_name", ("its distribution",))[0]
            raise ValueError(
                f"{rv.name!r} has {impossible} value(s) of {np.size(logp)} outside the support of {kind} "
                f"(range of the data: {np.min(values[rv.name])} to {np.max(values[rv.name])})."
            )


def _same_labels(old, new):
    return old is not None and len(old) == len(new) and all(a == b for a, b in zip(old, new))


def _same_set(old, new):
    return len(old) == len(new) and set(old) == set(new)


def _dims(model, names):
    return [dims_of(model, name) for name in names]
