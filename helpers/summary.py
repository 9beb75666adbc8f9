"""An effect in one row, and in one picture beside its truth."""

from collections.abc import Mapping
from itertools import product
from numbers import Real

import arviz as az
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr

from helpers._models.checks import type_with_article
from helpers.style import PAPER, ROLE_COLORS

PROB = 0.94  # the book's intervals: 94 % highest density, set here and nowhere else
SAMPLE = ("chain", "draw")
EQUAL = 1e-12  # relative distance at which numbers that are computed in different ways count as equal
FEWEST_DRAWS = 4  # in a chain: with fewer, ArviZ gives no Monte Carlo error


def summarize(effect, *, prob=PROB):
    """Posterior mean, spread and highest density interval of an effect, one row a quantity.

    Parameters
    ----------
    effect : xarray.DataArray, xarray.Dataset or mapping of str to xarray.DataArray
        Draws with dims chain and draw. Any other dim gives one row a label: units are never
        mixed into the uncertainty, average them first if their mean is meant.
        Yes/no draws count as 1 and 0, so that their mean is a probability.
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
        `effect` is empty, isn't labelled, lacks chain and draw, has fewer than four draws a chain or draws that
        aren't finite numbers; or `prob` isn't between 0 and 1.

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
    # Rounding gives a constant other than 0 a tiny spread.
    first, varies = draws.isel(chain=0, draw=0, drop=True), draws.max(SAMPLE) > draws.min(SAMPLE)
    columns = {
        "mean": draws.mean(SAMPLE).where(varies, first),
        "sd": draws.std(SAMPLE).where(varies, 0),
        f"hdi_{percent}_lower": interval.sel(ci_bound="lower", drop=True),
        f"hdi_{percent}_upper": interval.sel(ci_bound="upper", drop=True),
        "mcse_mean": az.mcse(draws).where(varies, 0),
        "P(> 0)": (draws > 0).mean(SAMPLE),
    }
    dims = [dim for dim in draws.dims if dim not in SAMPLE]
    labels = [draws[dim].values for dim in dims]
    names = [f"{name}[{', '.join(map(str, label))}]" for label in product(*labels)] if dims else [name]
    values = {column: array.transpose(*dims).to_numpy().reshape(-1) for column, array in columns.items()}
    return pd.DataFrame(values, index=names)


def plot_effect(effect, *, truth=None, reference=0.0, prob=PROB, label=None, ax=None):
    """Posterior density of one effect with its interval, beside the truth and a reference value.

    An effect that is the same in every draw, as that on a variable which the treatment doesn't reach, has no density:
    it is drawn as one line.

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
        hint = f" Pick one, as effect[{next(iter(effect))!r}]." if isinstance(effect, Mapping) and len(effect) else ""
        raise TypeError(f"effect is {type_with_article(effect)}; expected an xarray.DataArray.{hint}")
    draws = _as_draws(effect.name or "effect", effect)
    extra = [dim for dim in draws.dims if dim not in SAMPLE]
    if extra:
        raise ValueError(f"effect still has the dim(s) {', '.join(extra)}: average over them, or select one label.")
    truth = None if truth is None else as_number("truth", truth)
    reference = None if reference is None else as_number("reference", reference)
    ax = plt.subplots(figsize=(7, 3))[1] if ax is None else ax
    values = draws.to_numpy().ravel()
    constant = np.ptp(values) <= EQUAL * abs(values).max()
    peak = 1.0 if constant else _draw_density(ax, draws, prob)
    if reference is not None:
        _line(ax, reference, f"{reference:g}", ROLE_COLORS["other"], ":", 1.06 * peak)
    if truth is not None:
        _line(ax, truth, f"truth {truth:.4g}", ROLE_COLORS["truth"], "-", 1.2 * peak)
    if constant:
        _draw_value(ax, values[0], [line for line in (truth, reference) if line is not None])
    else:
        _say_interval(ax, draws, prob, peak)
    ax.set(xlabel=label or effect.name or "effect", yticks=[], ylim=(-0.3 * peak, 1.35 * peak))
    ax.spines["left"].set_visible(False)
    ax.grid(visible=False)
    return ax


def _draw_density(ax, draws, prob):
    """Density, interval and mean; returns the density's height."""
    grid, density = map(np.asarray, az.kde(draws.to_numpy().ravel())[:2])
    lower, upper = az.hdi(draws, prob=prob).to_numpy()
    color, peak = ROLE_COLORS["treatment"], density.max()
    ax.plot(grid, density, color=color)
    inside = (grid >= lower) & (grid <= upper)
    ax.fill_between(grid[inside], density[inside], color=color, alpha=0.25, linewidth=0)
    # The interval lies below the density, where no line can cross its label.
    ax.plot([lower, upper], [-0.06 * peak] * 2, color=color, linewidth=5, solid_capstyle="butt")
    ax.plot(float(draws.mean()), -0.06 * peak, "o", color=PAPER, markersize=4)
    return peak


def _say_interval(ax, draws, prob, peak):
    """Interval and mean in words, where the picture's width is known."""
    sd = float(draws.std())
    lower, upper = az.hdi(draws, prob=prob).to_numpy()
    low, high, mean = (format_to_error(value, sd) for value in (lower, upper, float(draws.mean())))
    # At the picture's edge the label starts or ends with the interval, so that it isn't cut off.
    left, right = ax.get_xlim()
    place = ((lower + upper) / 2 - left) / (right - left)
    side, x = ("left", lower) if place < 0.3 else ("right", upper) if place > 0.7 else ("center", (lower + upper) / 2)
    text = f"{100 * prob:g} % interval {low} to {high}, mean {mean}"
    ax.text(x, -0.13 * peak, text, color=ROLE_COLORS["treatment"], ha=side, va="top")


def _draw_value(ax, value, others):
    """An effect without spread: one line, so broad that the truth on top of it doesn't hide it."""
    color = ROLE_COLORS["treatment"]
    ax.plot([value, value], [0, 1], color=color, linewidth=6, solid_capstyle="butt", alpha=0.5, zorder=1.5)
    # Without a spread nothing sets the scale but the distance to the other lines.
    room = 0.6 * (max([value, *others]) - min([value, *others])) or abs(value) or 1
    ax.set_xlim(min([value, *others]) - room, max([value, *others]) + room)
    text = f"{value + 0:.4g} in every draw".replace("-", "\N{MINUS SIGN}")
    ax.text(value, -0.06, text, color=color, ha="center", va="top")


def _line(ax, value, text, color, style, height):
    ax.plot([value, value], [0, height], color=color, linestyle=style)
    ax.text(value, height, f" {text}", color=color, va="center", ha="left")


def format_to_error(value, sd):
    """The value to two digits of its uncertainty, with a true minus sign."""
    decimals = max(0, 1 - int(np.floor(np.log10(sd)))) if sd > 0 else 3
    return f"{value:,.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def check_prob(prob):
    if isinstance(prob, bool) or not isinstance(prob, Real):
        raise TypeError(f"prob is {type_with_article(prob)}; expected a probability between 0 and 1, for example 0.94.")
    if not 0 < prob < 1:
        raise ValueError(f"prob is {prob}; expected a probability between 0 and 1, for example 0.94.")


def as_number(argument, value):
    """The value as a float; anything that isn't one finite number is refused."""
    number = np.asarray(value)
    if number.ndim or number.dtype.kind not in "biuf":
        got = f"an array of shape {number.shape}" if number.ndim else repr(value)
        raise TypeError(f"{argument} is {got}; expected a number.")
    if not np.isfinite(number):
        raise ValueError(f"{argument} is {value}; expected a finite number.")
    return float(number)


def _quantities(effect):
    """Draws by name, each with its own dims and number of draws."""
    expected = "expected an xarray.DataArray with dims chain and draw, or several by name"
    if isinstance(effect, xr.DataArray):
        effect = {effect.name or "effect": effect}
    elif not isinstance(effect, Mapping):
        raise TypeError(f"effect is {type_with_article(effect)}; {expected}.")
    elif isinstance(effect, xr.DataTree) and effect.children:
        groups = list(effect.children)
        nearest = "posterior" if "posterior" in groups else groups[0]
        raise TypeError(
            f"effect is a DataTree with the groups {', '.join(groups)}; {expected}. Pass one group: effect[{nearest!r}]."
        )
    if not len(effect):
        raise ValueError(f"effect is an empty {type(effect).__name__}; {expected}.")
    return {name: _as_draws(name, draws) for name, draws in effect.items()}


def _as_draws(name, draws):
    """The draws as floats, or an error that says why they can't be summarized."""
    if not isinstance(draws, xr.DataArray):
        raise TypeError(
            f"{name!r} is {type_with_article(draws)}; expected an xarray.DataArray with dims chain and draw."
        )
    lacking = [dim for dim in SAMPLE if dim not in draws.dims]
    if lacking:
        raise ValueError(f"{name!r} has dims {draws.dims}: {' and '.join(lacking)} lacking. Pass draws, not a summary.")
    if draws.dtype.kind not in "biuf":
        raise TypeError(f"{name!r} holds {draws.dtype} values; expected numbers.")
    _check_sizes(name, draws)
    missing, infinite = int(draws.isnull().sum()), int(np.isinf(draws).sum())
    if missing:
        raise ValueError(
            f"{name!r} has {missing} missing draws of {draws.size}. Were draws of different fits aligned, "
            "or was a variable set to a value that the model can't take (a negative number under a logarithm)?"
        )
    if infinite:
        raise ValueError(
            f"{name!r} has {infinite} infinite draws of {draws.size}: it has no mean. Was it divided by 0?"
        )
    return draws.astype(float)


def _check_sizes(name, draws):
    empty = [dim for dim, length in draws.sizes.items() if not length]
    if empty:
        raise ValueError(f"{name!r} has nothing along {', '.join(map(repr, empty))}: there is nothing to summarize.")
    if draws.sizes["draw"] < FEWEST_DRAWS:
        chains, count = draws.sizes["chain"], draws.sizes["draw"]
        hint = " Were chain and draw swapped?" if chains >= FEWEST_DRAWS else ""
        raise ValueError(
            f"{name!r} has {count} draw(s) in each of {chains} chain(s); expected at least {FEWEST_DRAWS} draws.{hint}"
        )
