"""An effect in one row, and in one picture beside its truth."""

from itertools import product

import arviz as az
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr

from helpers.style import PAPER, ROLE_COLORS

PROB = 0.94  # the book's intervals: 94 % highest density, set here and nowhere else


def summarize(effect, *, prob=PROB):
    """Posterior mean, spread and highest density interval of an effect, one row a quantity.

    Parameters
    ----------
    effect : xarray.DataArray, xarray.Dataset or mapping of str to xarray.DataArray
        Draws with dims chain and draw. Any other dim gives one row a label: units are never
        mixed into the uncertainty, average them first if their mean is meant.
    prob : float, default 0.94
        Probability of the interval, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        Columns mean, sd, the interval's lower and upper bound (named after their probability), the
        Monte Carlo standard error of the mean, and the posterior probability that the effect is above 0.
        In the effect's units.

    Raises
    ------
    TypeError, ValueError
        `effect` isn't labelled, lacks chain and draw, or `prob` isn't between 0 and 1.

    Notes
    -----
    Stands for ``effect.mean(("chain", "draw"))``, ``effect.std(...)``, ``az.hdi(effect, prob=prob)``
    and ``az.mcse(effect)``.
    """
    check_prob(prob)
    return pd.concat([_rows(name, draws, prob) for name, draws in _quantities(effect).items()])


def _rows(name, draws, prob):
    """Summary of one quantity, a row for each label of its dims besides chain and draw."""
    percent = f"{100 * prob:g}"
    interval = az.hdi(draws, prob=prob)
    columns = {
        "mean": draws.mean(("chain", "draw")),
        "sd": draws.std(("chain", "draw")),
        f"hdi_{percent}_lower": interval.sel(ci_bound="lower", drop=True),
        f"hdi_{percent}_upper": interval.sel(ci_bound="upper", drop=True),
        "mcse_mean": az.mcse(draws),
        "P(> 0)": (draws > 0).mean(("chain", "draw")),
    }
    dims = [dim for dim in draws.dims if dim not in ("chain", "draw")]
    labels = [draws[dim].values for dim in dims]
    names = [f"{name}[{', '.join(map(str, label))}]" for label in product(*labels)] if dims else [name]
    values = {column: array.transpose(*dims).to_numpy().reshape(-1) for column, array in columns.items()}
    return pd.DataFrame(values, index=names)


def plot_effect(effect, *, truth=None, reference=0.0, prob=PROB, label=None, ax=None):
    """Posterior density of one effect with its interval, beside the truth and a reference value.

    Parameters
    ----------
    effect : xarray.DataArray
        Draws with dims chain and draw only.
    truth : float, optional
        The known true effect, drawn as a line.
    reference : float or None, default 0
        A value to compare with, for example no effect; None for none.
    prob : float, default 0.94
        Probability of the highest density interval.
    label : str, optional
        Label of the horizontal axis; by default the effect's name.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        As for `summarize`; also when the effect has dims besides chain and draw.

    Notes
    -----
    The density is ``az.kde(effect)``, the interval ``az.hdi(effect, prob=prob)``.
    """
    check_prob(prob)
    if not isinstance(effect, xr.DataArray):
        raise TypeError(f"effect is a {type(effect).__name__}; expected an xarray.DataArray.")
    extra = [dim for dim in effect.dims if dim not in ("chain", "draw")]
    if extra:
        raise ValueError(f"effect still has the dim(s) {', '.join(extra)}: average over them, or select one label.")
    _check_draws(effect.name or "effect", effect)
    lower, upper = az.hdi(effect, prob=prob).to_numpy()
    ax = plt.subplots(figsize=(7, 3))[1] if ax is None else ax
    grid, density = _density(effect)
    mean, sd = float(effect.mean()), float(effect.std())
    color, peak = ROLE_COLORS["treatment"], density.max()
    ax.plot(grid, density, color=color)
    inside = (grid >= lower) & (grid <= upper)
    ax.fill_between(grid[inside], density[inside], color=color, alpha=0.25, linewidth=0)
    # The interval lies below the density, where no line can cross its label.
    ax.plot([lower, upper], [-0.06 * peak] * 2, color=color, linewidth=5, solid_capstyle="butt")
    ax.plot(mean, -0.06 * peak, "o", color=PAPER, markersize=4)
    text = f"{100 * prob:g} % interval {format_to_error(lower, sd)} to {format_to_error(upper, sd)}, mean {format_to_error(mean, sd)}"
    if reference is not None:
        _line(ax, reference, f"{reference:g}", ROLE_COLORS["other"], ":", 1.06 * peak)
    if truth is not None:
        _line(ax, truth, f"truth {truth:.4g}", ROLE_COLORS["truth"], "-", 1.2 * peak)
    ax.set(xlabel=label or effect.name or "effect", yticks=[], ylim=(-0.3 * peak, 1.35 * peak))
    # At the picture's edge the label starts or ends with the interval, so that it isn't cut off.
    left, right = ax.get_xlim()
    place = ((lower + upper) / 2 - left) / (right - left)
    side, x = ("left", lower) if place < 0.3 else ("right", upper) if place > 0.7 else ("center", (lower + upper) / 2)
    ax.text(x, -0.13 * peak, text, color=color, ha=side, va="top")
    ax.spines["left"].set_visible(False)
    ax.grid(visible=False)
    return ax


def _density(effect):
    """Grid and height of the posterior density."""
    curve = az.kde(effect.to_numpy().ravel())
    return np.asarray(curve[0]), np.asarray(curve[1])


def _line(ax, value, text, color, style, height):
    ax.plot([value, value], [0, height], color=color, linestyle=style)
    ax.text(value, height, f" {text}", color=color, va="center", ha="left")


def format_to_error(value, sd):
    """The value to two digits of its uncertainty, with a true minus sign."""
    decimals = max(0, 1 - int(np.floor(np.log10(sd)))) if sd > 0 else 3
    return f"{value:,.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def check_prob(prob):
    if not 0 < prob < 1:
        raise ValueError(f"prob is {prob}; expected a probability between 0 and 1, for example 0.94.")


def _quantities(effect):
    """Draws by name, each with its own dims and number of draws."""
    if isinstance(effect, xr.DataArray):
        effect = {effect.name or "effect": effect}
    elif not hasattr(effect, "items"):
        raise TypeError(
            f"effect is a {type(effect).__name__}; expected an xarray.DataArray with dims chain and draw, or several by name."
        )
    quantities = dict(effect.items())
    for name, draws in quantities.items():
        _check_draws(name, draws)
    return quantities


def _check_draws(name, draws):
    if not isinstance(draws, xr.DataArray):
        raise TypeError(f"{name!r} is a {type(draws).__name__}; expected an xarray.DataArray with dims chain and draw.")
    lacking = [dim for dim in ("chain", "draw") if dim not in draws.dims]
    if lacking:
        raise ValueError(f"{name!r} has dims {draws.dims}: {' and '.join(lacking)} lacking. Pass draws, not a summary.")
    missing = int(draws.isnull().sum())
    if missing:
        raise ValueError(f"{name!r} has {missing} missing draws of {draws.size}. Were draws of different fits aligned?")
