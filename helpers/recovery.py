"""Many simulated data sets, each fitted: are the parameters and the effect found, with honest intervals?"""

import os
import warnings
from concurrent.futures import BrokenExecutor, as_completed

import cloudpickle
import numpy as np
import xarray as xr
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from helpers._checkpoint import Checkpoint
from helpers._checks import as_seed, check_mapping, check_model, check_names
from helpers._machine import TRIALS, Machine, Plan, failed_row, machine_for
from helpers._model import all_dims, data_variables, random_variables, settable
from helpers._statistics import STATISTICS, labels_from
from helpers.summary import PROB, check_prob
from helpers.workflow import check_no_potentials, warn_of_likely_latent

COUNTS = ("divergences", "error", "seed")  # What is said once a data set, beside the quantities.
RESERVED = (*COUNTS, "dataset", "statistic")
EXAMPLES = {
    "truth": "{'beta': 0.5}",
    "sizes": "{'i': 100}",
    "estimands": "{'ATE': ({'z': 1}, {'z': 0}, 'y_mu')}",
}


class RecoveryWarning(UserWarning):
    """Some data sets could not be fitted, or were not reached."""


def recover(
    model,
    truth=None,
    sizes=None,
    *,
    datasets=200,
    seed,
    estimands=None,
    generator=None,
    executor=None,
    checkpoint=None,
    prob=PROB,
    progressbar=True,
    variables=None,
    latent=None,
    **sample,
):
    """Simulate many data sets from known truths and fit each: bias, coverage, power and calibration.

    Everything is compiled once; each data set is then drawn, fitted and summarized, and its draws are dropped.

    Parameters
    ----------
    model : pymc.Model
        The empty generative model that is fitted. It isn't changed.
    truth : mapping of str to value, optional
        Parameters that have the same true value in every data set.
        All others are drawn from their prior anew for each data set, as simulation-based calibration asks for.
    sizes : mapping of str to int, optional
        Length of dims, as for `simulate`.
    datasets : int, default 200
        How many data sets.
    seed : int or numpy.random.Generator
        The same int gives the same result, whatever the executor and however often it was interrupted.
    estimands : mapping of str to (high, low, outcome) or callable, optional
        Causal estimands to recover beside the parameters.
        A triple is the contrast of two interventions averaged over the units of each data set; its truth is
        the same contrast under the true parameters.
        What chance remains under them (a mediator that is drawn, a stochastic intervention) is averaged out of
        both, until it adds less than a twentieth to the posterior's variance or a hundred repetitions are done
        (more where units are few): the estimand is an expectation.
        A callable takes draws (a Dataset with dims chain and draw) and the data (a Dataset) and returns draws.
        Its truth is what it returns for the true parameters; for a statistic of the data alone, that statistic.
    generator : pymc.Model, optional
        The model that makes the data, where it isn't the one that is fitted: a planted error.
        What both have in common by name is compared; dims and labels may come in another order.
    executor : concurrent.futures.Executor, optional
        Where to fit: threads, processes, or ``dask.distributed.Client().get_executor()``.
        By default in this process, on all its cores.
    checkpoint : str or path, optional
        A file to which each finished data set is appended.
        When it exists already, what it holds isn't fitted again.
    prob : float, default 0.94
        Probability of the highest density intervals.
    progressbar : bool, default True
        Show how many are done and how long the rest will take.
    variables : sequence of str, optional
        Names of the data variables, where dims don't tell them from parameters.
    latent : sequence of str, optional
        Variables of single units that nobody measures: drawn anew with each data set, and kept from the fit.
        An empty sequence says that there are none.
    **sample
        ``chains`` (2), ``draws`` (1000), ``tune`` (500), ``cores`` (all, with an executor 1 for each data set) and
        whatever else ``nutpie.sample`` takes.

    Returns
    -------
    xarray.Dataset
        One variable for each parameter and estimand, with dims dataset, statistic and its own.
        The statistics are truth, mean, sd, lower and upper bound, rank, r_hat and ess.
        The rank is the share of draws below the truth, among at most 200 draws thinned to be nearly independent;
        its place within a step is drawn at random, so that the ranks of a calibrated posterior are uniform in (0, 1).
        Besides, for each data set, the number of divergences, the error of a failed fit ("" for none), and the seed
        with which `simulate` makes the data set again from its truth, up to rounding (where the generator has
        parameters of its own, from theirs too).
        What isn't a finite number in a data set, as an effect on the treated where nobody is, is missing there.
        In each quantity's own units. Its attributes say which variables were taken as ``observed`` and as ``latent``.

    Raises
    ------
    KeyError, ValueError, TypeError
        As for `simulate`; also for parameters that are discrete, which NUTS can't sample, and for parameters to be
        drawn whose transform (``ordered``) excludes from the fit what the prior draws.
    RuntimeError
        The first fits all failed with one and the same error: it is the call's fault, not the data's.

    Warns
    -----
    RecoveryWarning
        Fits that failed, each recorded as missing values, or data sets not reached before an interrupt.
    LatentWarning
        A variable looks like a random effect and nobody said whether it is latent.

    Notes
    -----
    Stands for a loop of `simulate`, `fit`, `contrast` and `summarize`, without compiling anew for each data set::

        compiled = nutpie.compile_pymc_model(pm.observe(model, {name: pytensor.shared(...)}))
        for ...: nutpie.sample(compiled.with_data(...))

    A compiled sampler is kept: the same model object with another truth, generator or number of units needs no
    other compilation.

    Source: Talts et al. (2018) for ranks; Vehtari et al. (2021) for r-hat and ess.

    Examples
    --------
    Bias, coverage and power at one truth; then ranks for simulation-based calibration:

    >>> ate = {"ATE": ({"z": 1}, {"z": 0}, "y_mu")}
    >>> recovery = recover(model, truth, {"i": 100}, seed=42, estimands=ate)  # doctest: +SKIP
    >>> summarize_recovery(recovery)  # doctest: +SKIP
    >>> recover(model, sizes={"i": 100}, seed=42, estimands=ate).sel(statistic="rank")  # doctest: +SKIP
    """
    plan = make_plan(
        model,
        truth,
        sizes,
        seed=seed,
        estimands=estimands,
        generator=generator,
        executor=executor,
        prob=prob,
        variables=variables,
        latent=latent,
        **sample,
    )
    if datasets < 1:
        raise ValueError(f"datasets is {datasets}; expected at least 1.")
    store = Checkpoint(checkpoint, plan)
    left = [index for index in range(datasets) if index not in store.rows]
    with _progress(progressbar) as progress:
        task = progress.add_task("Data sets", total=datasets, completed=datasets - len(left))
        try:
            for row in _trusted(_rows(plan, left, executor), store.rows, min(TRIALS, datasets)):
                store.add(row)
                progress.advance(task)
        except (KeyboardInterrupt, BrokenExecutor) as stop:
            cause = "Interrupted" if isinstance(stop, KeyboardInterrupt) else "A worker died"
            warnings.warn(
                f"{cause}: {len(store.rows)} of {datasets} data sets are done. "
                + ("Give a checkpoint to go on from them." if checkpoint is None else f"Go on from {checkpoint}."),
                RecoveryWarning,
                stacklevel=2,
            )
    rows = [store.rows[index] for index in sorted(store.rows) if index < datasets]
    _name_failures(rows)
    return _as_dataset(rows, plan)


def make_plan(
    model,
    truth=None,
    sizes=None,
    *,
    seed,
    estimands=None,
    generator=None,
    executor=None,
    prob=PROB,
    variables=None,
    latent=None,
    **sample,
):
    """All that a worker needs to know, checked."""
    check_prob(prob)
    seed = as_seed(seed)
    source = generator if generator is not None else model
    for one, what in ((model, "model"), (source, "generator")):
        check_model(one, what)
        check_no_potentials(one)
    arguments = {"truth": truth, "sizes": sizes, "estimands": estimands}
    for what, given in arguments.items():
        check_mapping(given or {}, what, EXAMPLES[what])
    truth, sizes, estimands = (dict(given or {}) for given in arguments.values())
    known = set(random_variables(source))
    of_units = data_variables(model, variables, latent)
    warn_of_likely_latent(model, of_units, variables, latent)
    unmeasured, said = ([name for name in names or () if name in known] for names in (latent, variables))
    made = data_variables(source, None if variables is None else said, None if latent is None else unmeasured)
    data_names = [name for name in of_units if name in made]
    if not data_names:
        raise ValueError("The generator makes none of the model's data variables: nothing to fit.")
    check_names(truth, random_variables(source) + [data.name for data in source.data_vars], "Truth for")
    parameters = [rv.name for rv in model.free_RVs if rv.name not in data_names]
    _check_names_are_free(model, parameters, estimands)
    if source is not model:
        _check_generator(model, source, parameters, data_names, estimands)
    discrete = [name for name in parameters if np.dtype(model[name].dtype).kind in "biu"]
    if discrete:
        raise TypeError(
            f"{', '.join(discrete)}: discrete parameter(s), which NUTS can't sample. "
            "Sum them out of the model, for example with pm.Mixture."
        )
    for name, estimand in estimands.items():
        _check_estimand(name, estimand, model)
    # Workers of an executor share the cores among themselves.
    cores = (os.cpu_count() or 1) if executor is None else 1
    options = {"draws": 1000, "tune": 500, "chains": 2, "cores": cores, **sample}
    return Plan(model, source, truth, sizes, parameters, made, unmeasured, data_names, estimands, prob, options, seed)


def _check_names_are_free(model, parameters, estimands):
    """Raise when two results would have one name."""
    taken = [name for name in estimands if name in {*random_variables(model), *model.coords, *RESERVED}]
    if taken:
        raise ValueError(f"{', '.join(taken)}: an estimand needs a name that nothing in the model or the result has.")
    reserved = [name for name in [*parameters, *model.coords] if name in RESERVED]
    if reserved:
        raise ValueError(f"{', '.join(reserved)}: recover uses this name itself; give the parameter or dim another.")


def _check_generator(model, generator, parameters, data_names, estimands):
    """Raise when there is nothing to compare, or what has one name isn't of one kind."""
    shared = [name for name in parameters if name in generator.named_vars]
    if not shared and not estimands:
        raise ValueError(
            f"The generator has none of the fitted parameters ({', '.join(parameters)}), and there are no estimands: "
            "nothing to recover. Parameters are matched by name."
        )
    for name in [*shared, *data_names]:
        own, other = all_dims(model, name), all_dims(generator, name)
        if set(own) != set(other):
            raise ValueError(f"{name!r} has the dims {own} in the model and {other} in the generator.")


def _check_estimand(name, estimand, model):
    if callable(estimand):
        return
    if not (isinstance(estimand, tuple) and len(estimand) == 3):
        raise TypeError(f"Estimand {name!r} is neither a callable nor a triple (high, low, outcome).")
    high, low, outcome = estimand
    for side in (high, low):
        check_mapping(side, f"An intervention of estimand {name!r}", "{'z': 1}")
    if outcome in {*high, *low}:
        raise ValueError(f"Estimand {name!r}: its outcome {outcome!r} is set by the intervention; nothing to learn.")
    check_names([outcome], model.named_vars, f"Outcome of estimand {name!r}:")
    for side in (high, low):
        check_names(side, settable(model), f"Treatment of estimand {name!r}:")


def _rows(plan, indices, executor):
    """The summary of each data set, as they are done."""
    if executor is None:
        yield from Machine(plan).rows(indices)
        return
    payload = cloudpickle.dumps(plan)
    futures = {executor.submit(work, payload, index): index for index in indices}
    succeeded = False
    try:
        for future in as_completed(futures):
            try:
                row = future.result()
            except BrokenExecutor:
                raise
            except Exception as error:
                # Before any fit has succeeded it is the model's or the executor's fault, not one data set's.
                if not succeeded:
                    raise
                # What a data set provokes, work has caught itself: this row was lost on its way.
                row = failed_row(plan, futures[future], error) | {"lost": True}
            succeeded = succeeded or not row["error"]
            yield row
    finally:
        for future in futures:
            future.cancel()


def _trusted(rows, before, trials):
    """Rows as they come; failures are held back until a fit succeeds, and raised when the first all fail alike."""
    held, succeeded = [], any(not row["error"] for row in before.values())
    for row in rows:
        succeeded = succeeded or not row["error"]
        held.append(row)
        if succeeded:
            yield from held
            held = []
        elif len(held) == trials and len({row["error"] for row in held}) == 1:
            raise RuntimeError(f"The first {trials} fits failed with the same error: {held[0]['error']}")
    yield from held


def work(payload, index):
    """Fit one data set in a worker, which compiles once and keeps what it compiled."""
    return machine_for(payload).row(index)


def _progress(shown):
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, disable=not shown)


def _name_failures(rows):
    failed = [row for row in rows if row["error"]]
    if failed:
        indices = ", ".join(str(row["dataset"]) for row in failed[:10]) + (", …" if len(failed) > 10 else "")
        warnings.warn(
            f"{len(failed)} of {len(rows)} fits failed (data set {indices}), the first with {failed[0]['error']}. "
            "Their results are missing values; the variable 'error' says what happened to each.",
            RecoveryWarning,
            stacklevel=3,
        )


def _as_dataset(rows, plan):
    """Rows as one labelled Dataset."""
    good = [row for row in rows if not row["error"]]
    variables = {name: _stacked(rows, name) for name in (good[0]["quantities"] if good else ())}
    variables["divergences"] = ("dataset", [row["divergences"] for row in rows])
    variables["error"] = ("dataset", [row["error"] for row in rows])
    variables["seed"] = ("dataset", [row["seed"] for row in rows])
    coords = {"dataset": [row["dataset"] for row in rows], "statistic": list(STATISTICS)}
    said = {"observed": ", ".join(plan.data_names), "latent": ", ".join(plan.latent)}
    return xr.Dataset(variables, coords, attrs={"prob": plan.prob, "seed": plan.seed, **said})


def _stacked(rows, name):
    """One quantity over the data sets, missing where the fit failed or a label has no value."""
    found = {row["dataset"]: row["quantities"][name] for row in rows if not row["error"]}
    first, *others = found.values()
    labels = {dim: labels_from(description) for dim, description in first["coords"].items()}
    dims, coords = ["dataset", "statistic", *first["dims"]], {"statistic": list(STATISTICS), **labels}
    if all(other["coords"] == first["coords"] for other in others):
        values = np.array([item["values"] for item in found.values()], dtype=float)
        stacked = xr.DataArray(values, {"dataset": list(found), **coords}, dims)
    else:
        parts = [
            xr.DataArray(
                np.array(item["values"], dtype=float),
                coords | {dim: labels_from(description) for dim, description in item["coords"].items()},
                ["statistic", *item["dims"]],
            )
            for item in found.values()
        ]
        stacked = xr.concat(parts, xr.IndexVariable("dataset", list(found)), join="outer")
    return stacked.reindex(dataset=[row["dataset"] for row in rows])
