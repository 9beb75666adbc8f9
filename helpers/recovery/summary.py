"""What many data sets say of a method: bias, coverage and power."""

from itertools import product

import numpy as np
import pandas as pd
import xarray as xr

from helpers._models.checks import type_with_article
from helpers.recovery.plan import COUNTS
from helpers.summary import EQUAL, as_number

NEEDED = ("truth", "mean", "sd", "lower", "upper")
MOST_NAMES = 8  # in the table's corner, which is as wide as what stands in it


def summarize_recovery(recovery, *, reference=0.0):
    """How well parameters and estimands are found over many data sets, one row a quantity.

    The population is the data sets that the generator makes under the recovery's truths.
    Fits that failed are left out and counted.

    Parameters
    ----------
    recovery : xarray.Dataset
        The result of `recover`.
    reference : float, default 0
        The value against which `excludes` is counted, in the quantities' units.

    Returns
    -------
    pandas.DataFrame
        With the columns, in the quantities' own units:

        - truth: mean of the true values; truth_sd: their standard deviation, 0 where all data sets have one truth
          (an average over units differs where their covariates do, a parameter where it is drawn from its prior),
        - bias: mean over data sets of the posterior mean less the truth; bias_mcse: its Monte Carlo standard error,
        - rmse: root of the mean squared error of the posterior mean,
        - sd: mean posterior standard deviation,
        - width: mean width of the intervals,
        - coverage: share of the intervals that hold the truth; coverage_mcse: its Monte Carlo standard error,
        - excludes: share of the intervals that don't hold `reference`: the power, or where the truth is the
          reference the rate of false alarms; excludes_mcse: its Monte Carlo standard error,
        - fits: number of fits that these are averages over: those in which the quantity and its truth are finite.

        The name of its index and its ``attrs`` say which variables were taken as observed, and which as latent.

    Raises
    ------
    TypeError, ValueError
        `recovery` isn't a result of `recover`, with all its data sets and statistics, or no fit in it succeeded;
        `reference` isn't a finite number.

    Notes
    -----
    In xarray, for one quantity::

        error = recovery["ATE"].sel(statistic="mean") - recovery["ATE"].sel(statistic="truth")
        bias, bias_mcse = error.mean("dataset"), error.std("dataset", ddof=1) / n**0.5

    The standard errors of the two shares are those of Agresti and Coull (1998), not 0 when all intervals hold.
    Source: Morris, White and Crowther (2019), table 6.
    """
    check_recovery(recovery)
    reference = as_number("reference", reference)
    good = recovery.where(recovery["error"] == "", drop=True)
    if not good.sizes["dataset"]:
        raise ValueError("No fit of this recovery succeeded: recovery['error'] says what happened to each.")
    table = pd.concat([_rows(name, good[name], reference) for name in quantities(recovery)])
    # A recovery that an older version saved doesn't know them.
    said = {kind: str(recovery.attrs[kind]) for kind in ("observed", "latent") if recovery.attrs.get(kind)}
    table.index.name = "; ".join(f"{kind}: {_shorten(names)}" for kind, names in said.items()) or None
    table.attrs.update(said)
    return table


def _shorten(names):
    """The first of the names that a string holds, and how many there are if that isn't all."""
    names = names.split(", ")
    return ", ".join(names) if len(names) <= MOST_NAMES else f"{', '.join(names[: MOST_NAMES - 1])}, … ({len(names)})"


def _rows(name, quantity, reference):
    """Summary of one quantity, a row for each label of its own dims."""
    quantity = quantity.where(np.isfinite(quantity))
    truth, mean, sd, lower, upper = (quantity.sel(statistic=statistic, drop=True) for statistic in NEEDED)
    defined = mean.notnull() & truth.notnull()
    count = defined.sum("dataset")
    error, spread = mean - truth, truth.where(defined).std("dataset")
    coverage, coverage_mcse = _share(holds(lower, truth, upper), defined)
    excludes, excludes_mcse = _share((lower > reference) | (upper < reference), defined)
    columns = {
        "truth": truth.where(defined).mean("dataset"),
        # An estimand's truth is computed data set by data set, so equal truths may differ in the last digit.
        "truth_sd": spread.where(spread > 1e-12 + 1e-9 * abs(truth).max("dataset"), 0.0).where(count > 0),
        "bias": error.mean("dataset"),
        "bias_mcse": (error.var("dataset") / (count - 1).where(count > 1)) ** 0.5,
        "rmse": (error**2).mean("dataset") ** 0.5,
        "sd": sd.mean("dataset"),
        "width": (upper - lower).mean("dataset"),
        "coverage": coverage,
        "coverage_mcse": coverage_mcse,
        "excludes": excludes,
        "excludes_mcse": excludes_mcse,
        "fits": count,
    }
    dims = [dim for dim in quantity.dims if dim not in ("dataset", "statistic")]
    labels = product(*(quantity[dim].values for dim in dims))
    names = [f"{name}[{', '.join(map(str, label))}]" for label in labels] if dims else [name]
    values = {column: array.transpose(*dims).to_numpy().reshape(-1) for column, array in columns.items()}
    return pd.DataFrame(values, index=names)


def holds(lower, truth, upper):
    """Whether an interval holds the truth, its ends included: a statistic of the data alone is one point."""
    slack = EQUAL * abs(truth)
    return (lower - slack <= truth) & (truth <= upper + slack)


def _share(happened, defined):
    """Share of the data sets in which something happened, and its Monte Carlo standard error."""
    count, hits = defined.sum("dataset"), (happened & defined).sum("dataset")
    nearer = (hits + 2) / (count + 4)
    return (hits / count.where(count > 0)), ((nearer * (1 - nearer) / (count + 4)) ** 0.5).where(count > 0)


def quantities(recovery):
    """Names of the parameters and estimands of a recovery."""
    return [name for name in recovery.data_vars if name not in COUNTS]


def check_recovery(recovery):
    """Raise for what isn't a whole result of `recover`."""
    expected = "expected the Dataset that recover gave back"
    if not isinstance(recovery, xr.Dataset):
        raise TypeError(f"recovery is {type_with_article(recovery)}; {expected}.")
    lacking = [name for name in ("statistic", "error") if name not in recovery.variables]
    if lacking:
        raise TypeError(f"recovery is a Dataset without {', '.join(lacking)}; {expected}.")
    kept = np.atleast_1d(recovery["statistic"].values)
    if "statistic" not in recovery.dims or not set(NEEDED) <= set(kept):
        raise ValueError(f"recovery has only the statistics {', '.join(kept)}; {expected}, with {', '.join(NEEDED)}.")
    if "dataset" not in recovery.dims:
        raise ValueError(f"recovery is one data set of several; {expected}, or keep the dim: isel(dataset=[0]).")
    if not quantities(recovery):
        raise ValueError(
            f"recovery holds no parameter and no estimand, only {', '.join(recovery.data_vars)}; {expected}."
        )
