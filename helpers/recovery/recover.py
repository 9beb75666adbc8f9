"""Many simulated data sets, each fitted: are the parameters and the effect found, with honest intervals?"""

import warnings
from concurrent.futures import BrokenExecutor, as_completed

import cloudpickle
import numpy as np
import xarray as xr
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from helpers.recovery.checkpoint import Checkpoint
from helpers.recovery.machine import TRIALS, Machine, failed_row, machine_for
from helpers.recovery.plan import make_plan
from helpers.recovery.statistics import STATISTICS, labels_from
from helpers.summary import PROB


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
        What both have in common by name is compared; its dims and labels must come in the same order.
    executor : concurrent.futures.Executor, optional
        Where to fit: threads, processes, or ``dask.distributed.Client().get_executor()``.
        By default in this process, on all its cores.
    checkpoint : str or path, optional
        A file to which each finished data set is appended.
        When it exists already, what it holds isn't fitted again, but for one data set: that it comes out as before
        shows that the file belongs to this recovery.
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
        ``chains`` (2), ``draws`` (1000), ``tune`` (300), ``cores`` (all, with an executor 1 for each data set) and
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
        As for `simulate`; also for a checkpoint of another recovery, for a generator with dims or labels in another
        order, for parameters that are discrete, which NUTS can't sample, and for parameters to be drawn whose
        transform (``ordered``) excludes from the fit what the prior draws.
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
    >>> recovery = recover(model, truth, {"i": 100}, seed=42, estimands=ate)
    >>> summarize_recovery(recovery)
    >>> recover(model, sizes={"i": 100}, seed=42, estimands=ate).sel(statistic="rank")
    """
    plan = make_plan(model, truth, sizes, seed, estimands, generator, executor, prob, variables, latent, options=sample)
    if isinstance(datasets, bool) or not isinstance(datasets, (int, np.integer)):
        raise TypeError(f"datasets is {datasets!r}; expected a whole number.")
    if datasets < 1:
        raise ValueError(f"datasets is {datasets}; expected at least 1.")
    store = Checkpoint(checkpoint)
    left = [index for index in range(datasets) if index not in store.rows]
    with _progress(progressbar) as progress:
        task = progress.add_task("Data sets", total=datasets, completed=datasets - len(left))
        try:
            for row in _trusted(_rows(plan, store.again, left, executor), store.rows, min(TRIALS, datasets)):
                if row["dataset"] in store.rows:
                    store.check(row)
                else:
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


def _rows(plan, again, left, executor):
    """The summary of each data set as they are done; first those that a checkpoint holds and that are made again."""
    if executor is None:
        yield from Machine(plan).rows([*again, *left])
        return
    payload = cloudpickle.dumps(plan)
    for indices in (again, left):
        yield from _submitted(plan, payload, indices, executor)


def _submitted(plan, payload, indices, executor):
    """The summaries of data sets that an executor fits, as they are done."""
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
    said = {"observed": ", ".join(plan.data_names), "latent": ", ".join(plan.latent or ())}
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
