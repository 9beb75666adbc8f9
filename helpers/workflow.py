"""From an empty generative model to a fit: simulate, condition, fit."""

import warnings

import arviz as az
import numpy as np
import pymc as pm
import xarray as xr

from helpers._models.checks import as_mapping, as_names, as_seed, check_names
from helpers._models.posterior import sample_posterior
from helpers._models.sized import Sized
from helpers._models.structure import Structure
from helpers._models.support import check_codes, check_derived, check_draws, check_support
from helpers._models.truth import check_no_potentials, fixed_by_truth, warn_of_likely_latent
from helpers._models.values import as_dataset, check_complete

RHAT_LIMIT = 1.01
ESS_LIMIT_PER_CHAIN = 100


class SamplingWarning(UserWarning):
    """The sampler's own signs say that the draws can't be trusted yet."""


def simulate(model, truth, sizes=None, *, seed, variables=None, latent=None):
    """Draw one data set from a model whose parameters are fixed at known values.

    Parameters
    ----------
    model : pymc.Model
        An empty generative model: no variable is observed.
    truth : mapping of str to scalar, array, pandas.Series or xarray.DataArray
        A value for each parameter, that is, each random variable that isn't data.
        Data variables may be fixed too. What carries labels is matched by them.
    sizes : mapping of str to int, optional
        Length of dims, for example ``{"i": 100}``; labels are then 0, 1, 2, ….
        Dims that aren't named keep the model's own length.
    seed : int or numpy.random.Generator
        The same int gives the same data.
    variables : sequence of str, optional
        Names of the data variables, where dims don't tell them from parameters.
        By default those with the dims of the outcomes.
    latent : sequence of str, optional
        Variables of single units that nobody measures: drawn with the data, and left out of the result.
        An empty sequence says that there are none.

    Returns
    -------
    xarray.Dataset
        One variable for each data variable, in the model's units and dims.
        Its attributes say which variables were taken as ``observed``, and which as ``latent``.

    Raises
    ------
    KeyError
        `truth` or `sizes` has a name that the model lacks.
    TypeError
        An argument of the wrong type.
    ValueError
        A parameter has no value in `truth`; a value doesn't fit its variable or is impossible under its prior, given
        the others; a group code has no group; or the model has potentials, which no simulation knows of.

    Warns
    -----
    LatentWarning
        A variable looks like a random effect and nobody said whether it is latent.

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
    >>> weeks = simulate(model, truth, {"i": 100}, seed=42)
    >>> list(weeks.data_vars), weeks.sizes["i"], weeks.attrs["observed"]
    (['c', 'z', 'y'], 100, 'c, z, y')
    """
    structure = Structure.of(model)
    truth = as_mapping(truth, "truth", "{'beta': 0.5}")
    sizes = as_mapping({} if sizes is None else sizes, "sizes", "{'i': 100}")
    check_no_potentials(structure)
    seed = as_seed(seed)
    data_names = structure.measured(variables, latent)
    warn_of_likely_latent(structure, data_names, variables, latent)
    hidden = as_names(latent or (), "latent")
    unmeasured = [name for name in hidden if name not in truth]
    check_names(truth, [*structure.random, *structure.containers], "Truth for")
    missing = [name for name in structure.random if name not in {*truth, *data_names, *unmeasured}]
    if missing:
        raise ValueError(
            f"truth gives no value for {', '.join(missing)}: each must be fixed, or every data set "
            "would come from parameters of its own. (What differs from unit to unit and nobody measures, name in latent=.)"
        )
    sized = Sized.by_sizes(structure, sizes)
    fixed = fixed_by_truth(sized, truth, data_names, unmeasured)
    world = sized.give(pm.do(model, fixed))
    names = [name for name in structure.random if name in {*data_names, *unmeasured} and name not in truth]
    check_draws(world, names)
    drawn = dict(zip(names, pm.draw([world[name] for name in names], random_seed=seed))) if names else {}
    arrays = {name: drawn[name] if name in drawn else world[name].get_value() for name in data_names}
    dims = {name: structure.axes(name) for name in data_names}
    coords = {dim: list(labels) for dim, labels in sized.labels.items() if dim in set().union(*dims.values())}
    said = {"observed": ", ".join(data_names)} | ({"latent": ", ".join(hidden)} if hidden else {})
    return xr.Dataset({name: (dims[name], arrays[name]) for name in data_names}, coords, attrs=said)


def condition(model, data):
    """Observe data in an empty model: the same model, conditioned, with its dims sized by the data.

    Parameters
    ----------
    model : pymc.Model
        A generative model. It isn't changed.
    data : xarray.Dataset, pandas.DataFrame or mapping of str to array, pandas.Series or xarray.DataArray
        Values of random variables, of deterministics (PyMC derives their likelihood) or of ``pm.Data`` containers.
        Data variables of the model that aren't named stay latent.
        Rows stay in the data's order. An index (other than the default one of pandas) and coordinates are labels.
        A table that has a row for each pair of labels has them in its index: ``frame.set_index(["geo", "week"])``.

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
        Missing values, lengths or labels that disagree, values that the model holds to be impossible, codes of groups
        that don't exist, a deterministic whose likelihood PyMC can't derive; or rows in another order than the model's
        labels, where the model has values without labels (constants, group codes, containers that aren't given).

    Notes
    -----
    In bare PyMC::

        conditioned = pm.observe(model, {"c": c, "z": z, "y": y})
        conditioned.set_dim("i", len(y), coord_values=range(len(y)))
    """
    return _conditioned(model, data)[0]


def _conditioned(model, data):
    """The conditioned model; what it was conditioned on, sized and in the model's order."""
    structure = Structure.of(model)
    data = as_dataset(data, structure)
    check_names(data.data_vars, structure.settable, "Data variable")
    for name, array in data.data_vars.items():
        check_complete(name, array)
    empty = [name for name, array in data.data_vars.items() if not array.size]
    if empty or not data.data_vars:
        what = f"no rows for {', '.join(empty)}" if empty else "no variables"
        raise ValueError(f"data has {what}: the posterior would be the prior.")
    sized = Sized.by_data(structure, data)
    conditioned = sized.condition(data)
    given = sized.fill_all(data)
    values = {name: value for name, value in given.items() if name not in structure.containers}
    check_derived(model, conditioned, values)
    check_codes(conditioned, values)
    check_support(conditioned, values)
    return conditioned, sized, given


def fit(model, data, *, seed, **sample):
    """Condition a model on data and sample its posterior with NUTS.

    Parameters
    ----------
    model : pymc.Model
        A generative model. It isn't changed.
    data : xarray.Dataset, pandas.DataFrame or mapping
        As for `condition`.
    seed : int or numpy.random.Generator
        The same int gives the same draws.
    **sample
        As for ``pm.sample``; by default 4 chains, no progress bar.

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

    That compiles the model anew for each data set, which takes longer than sampling does.
    `fit` keeps what was compiled and feeds it with other data, also of another length, as long as the parameters keep
    their shapes. The same seed gives the same draws, in the first fit and in each later. They are those of ``pm.sample``
    but for rounding, which a long path may magnify: then both agree within Monte Carlo error.
    For discrete parameters, and options other than draws, tune, chains, cores, target_accept and progressbar, it calls
    ``pm.sample`` itself.
    """
    seed = as_seed(seed)
    if "random_seed" in sample or sample.get("return_inferencedata") is False:
        raise TypeError("fit takes seed= instead of random_seed=, and always gives back a DataTree.")
    conditioned, sized, values = _conditioned(model, data)
    if not conditioned.free_RVs:
        raise ValueError("Every random variable of the model is observed: nothing is left to learn.")
    options = {"chains": 4, "progressbar": False, "quiet": True, **sample}
    idata = sample_posterior(sized, values, conditioned, seed, options)
    problems = diagnose(idata, [rv.name for rv in conditioned.free_RVs])
    if problems:
        warnings.warn("; ".join(problems) + ".", SamplingWarning, stacklevel=2)
    return idata


def diagnose(idata, names):
    """Sentences about divergences, r-hat and effective sample size, none when all is well."""
    posterior = idata["posterior"].to_dataset()
    posterior = posterior[[name for name in names if name in posterior]]
    problems = []
    # Only NUTS says whether it diverged; discrete parameters are sampled by others.
    divergences = int(idata["sample_stats"]["diverging"].sum()) if "diverging" in idata["sample_stats"] else 0
    if divergences:
        problems.append(f"{divergences} divergence(s): raise target_accept, or write the model another way")
    chains = posterior.sizes["chain"]
    with np.errstate(invalid="ignore"):  # What is constant, as the zeros of a Cholesky factor, has no r-hat.
        rhat, ess = az.rhat(posterior) if chains > 1 else None, az.ess(posterior)
    if chains > 1:
        high = _beyond(rhat, lambda value: value > RHAT_LIMIT)
        if high:
            problems.append(
                f"r-hat above {RHAT_LIMIT} for {high}: the chains disagree; draw longer, or ask whether the data can tell "
                "these parameters apart"
            )
    low = _beyond(ess, lambda value: value < ESS_LIMIT_PER_CHAIN * chains)
    if low:
        problems.append(f"effective sample size below {ESS_LIMIT_PER_CHAIN * chains} for {low}: draw longer")
    return problems


def _beyond(statistic, is_bad):
    """Names of variables with a bad value anywhere, and the first bad value."""
    bad = {name: values.values[is_bad(values.values)] for name, values in statistic.data_vars.items()}
    return ", ".join(f"{name} ({values.flat[0]:.3g})" for name, values in bad.items() if values.size)
