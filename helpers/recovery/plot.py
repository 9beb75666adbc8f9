"""One quantity over many data sets, in a picture."""

import matplotlib.pyplot as plt
import numpy as np

from helpers._models.checks import check_names
from helpers.recovery.summary import check_recovery, holds, quantities, summarize_recovery
from helpers.style import INK, PAPER, ROLE_COLORS
from helpers.summary import format_to_error

HIT, MISS = ROLE_COLORS["treatment"], ROLE_COLORS["outcome"]


def plot_recovery(recovery, name, *, label=None, ax=None):
    """Interval of one quantity in each data set, beside the truth; the line above says coverage and bias.

    Where all data sets have one truth, the intervals lie above one another in the order of their means.
    Where each has its own, they stand at their truth, and a diagonal shows where the two agree.

    Parameters
    ----------
    recovery : xarray.Dataset
        The result of `recover`.
    name : str
        A parameter or estimand in it.
    label : str, optional
        What to call it, with its units; by default its name.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    KeyError
        `recovery` has no quantity of that name.
    TypeError, ValueError
        As for `summarize_recovery`; also when the quantity has dims of its own: select one label first.
    """
    check_recovery(recovery)
    check_names([name], quantities(recovery), "Quantity")
    extra = [dim for dim in recovery[name].dims if dim not in ("dataset", "statistic")]
    if extra:
        raise ValueError(
            f"{name!r} has the dim(s) {', '.join(extra)}: select one label, as recovery.sel({extra[0]}=…)."
        )
    row = summarize_recovery(recovery[[name, "error"]]).loc[name]
    table = recovery[name].where(recovery["error"] == "", drop=True).to_pandas().dropna(subset=["mean", "truth"])
    if table.empty:
        raise ValueError(f"{name!r} is a finite number in no data set: nothing to plot.")
    held = holds(table["lower"], table["truth"], table["upper"])
    ax = plt.subplots(figsize=(7, 4))[1] if ax is None else ax
    if row["truth_sd"] == 0:
        _beside_one_truth(ax, table, held, label or name)
    else:
        _along_the_truths(ax, table, held, label or name)
    ax.set_title(_caption(row, recovery.attrs.get("prob")), loc="left", fontsize="medium", fontweight="normal")
    return ax


def _beside_one_truth(ax, table, held, label):
    order = table["mean"].argsort().to_numpy()
    places = np.arange(1, len(table) + 1)
    width = float(np.clip(150 / len(table), 0.6, 2.5))
    table, held = table.iloc[order], held.to_numpy()[order]
    for which, color, style, face in ((held, HIT, "-", HIT), (~held, MISS, (0, (3, 1)), PAPER)):
        ax.hlines(places[which], table["lower"][which], table["upper"][which], color=color, ls=style, lw=width)
        ax.plot(table["mean"][which], places[which], "o", color=color, mfc=face, ms=1 + width, lw=0)
    truth = table["truth"].iloc[0]
    ax.axvline(truth, color=ROLE_COLORS["truth"], linewidth=1.5)
    ax.annotate(
        f" truth {truth:.4g}", (truth, 1), xycoords=("data", "axes fraction"), va="top", color=INK, fontsize="small"
    )
    ax.set(xlabel=label, ylabel="data sets, by mean", yticks=[], ylim=(0, 1.06 * len(table) + 1))


def _along_the_truths(ax, table, held, label):
    width = float(np.clip(150 / len(table), 0.6, 2.5))
    ends = [table["truth"].min(), table["truth"].max()]
    for which, color, style, face in ((held, HIT, "-", HIT), (~held, MISS, (0, (3, 1)), PAPER)):
        some = table[which]
        ax.vlines(some["truth"], some["lower"], some["upper"], color=color, ls=style, lw=width, alpha=0.8)
        ax.plot(some["truth"], some["mean"], "o", color=color, mfc=face, ms=1 + width, lw=0)
    ax.plot(ends, ends, color=ROLE_COLORS["truth"], linewidth=1.5)
    ax.set(xlabel=f"true {label}", ylabel=f"estimated {label}")


def _caption(row, prob):
    bias, mcse = row["bias"], row["bias_mcse"]
    # One data set alone has no Monte Carlo error.
    error = f" ± {format_to_error(mcse, mcse)}" if np.isfinite(mcse) else ""
    kind = f"{100 * prob:g} % intervals" if prob is not None else "Intervals"
    return (
        f"{kind}: {100 * row['coverage']:.0f} % of {row['fits']:.0f} hold the truth\n"
        f"bias {format_to_error(bias, mcse)}{error}"
    )
