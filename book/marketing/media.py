"""What happens to money on its way to people: carry-over and saturation, as PyTensor functions.

They work in a PyMC model, on numbers and on random variables alike. Weeks lie on the first axis.
"""

import numpy as np
import pytensor.tensor as pt

LAGS = 8
"""Weeks over which spend works, the week of the spend among them."""


def carry_over(spend, weights):
    """Spread each week's spend over that week and the weeks after it.

    Before the first week nothing was spent, and what would fall beyond the last week is cut off.

    Parameters
    ----------
    spend : tensor, shape (week,) or (week, channel)
        Money per week.
    weights : tensor, shape (lag,) or (lag, channel)
        The part of the spend that works in its own week, a week later, and so on.
        The number of lags is fixed when the model is written.

    Returns
    -------
    tensor, shape of `spend`
        Money at work in each week, in the unit of `spend`.

    Raises
    ------
    ValueError
        The number of lags isn't known, or is zero.

    Examples
    --------
    >>> carry_over([8.0, 0, 0, 0], [0.5, 0.25]).eval()
    array([4., 2., 0., 0.])
    """
    spend, weights = pt.as_tensor(spend), pt.as_tensor(weights)
    lags = weights.type.shape[0]
    if not lags:
        raise ValueError(f"weights must have a known number of lags, at least one; got shape {weights.type.shape}.")
    weeks = spend.shape[0]
    nothing = pt.zeros((lags - 1, *spend.shape[1:]), dtype=spend.dtype)
    padded = pt.concatenate([nothing, spend])
    return sum(weights[lag] * padded[lags - 1 - lag : lags - 1 - lag + weeks] for lag in range(lags))


def geometric_adstock(spend, retention, *, lags=LAGS):
    """Money at work when each week keeps the same part of what worked in the week before.

    Parameters
    ----------
    spend : tensor, shape (week,) or (week, channel)
        Money per week.
    retention : tensor, shape () or (channel,)
        The part that is kept from week to week, from 0 (no carry-over) to below 1.
    lags : int
        Weeks over which the spend of one week works, its own among them.

    Returns
    -------
    tensor, shape of `spend`
        Money at work, in the unit of `spend`. The weights of the lags sum to one, so money is moved, not made.

    Notes
    -----
    Weights are retention**lag over their sum. Source: Jin, Wang, Sun, Chan and Koehler (2017), section 2.1.

    Examples
    --------
    >>> geometric_adstock([7.0, 0, 0, 0], 0.5, lags=3).eval()
    array([4., 2., 1., 0.])
    """
    return _adstock(spend, retention, np.arange(_at_least_one(lags)))


def delayed_adstock(spend, retention, delay, *, lags=LAGS):
    """Money at work when spend works most some weeks later, and less and less before and after that.

    Parameters
    ----------
    spend, lags
        As for `geometric_adstock`.
    retention : tensor, shape () or (channel,)
        How slowly it fades around its strongest week, from 0 to below 1.
    delay : tensor, shape () or (channel,)
        Weeks until it is strongest; 0 for the week of the spend.

    Returns
    -------
    tensor, shape of `spend`
        Money at work, in the unit of `spend`. The weights of the lags sum to one.

    Notes
    -----
    Weights are retention**((lag - delay)**2) over their sum. Source: Jin and others (2017), section 2.1.

    Examples
    --------
    >>> delayed_adstock([4.0, 0, 0, 0], 0.5, 1, lags=3).eval()
    array([1., 2., 1., 0.])
    """
    lag = np.arange(_at_least_one(lags))
    distance = (lag[:, None] if pt.as_tensor(delay).ndim else lag) - pt.as_tensor(delay)
    return _adstock(spend, retention, distance**2)


def _adstock(spend, retention, power):
    """Carry over with weights retention**power, which are made to sum to one."""
    retention, power = pt.as_tensor(retention), pt.as_tensor(power)
    weights = retention ** (power[:, None] if retention.ndim and power.ndim == 1 else power)
    return carry_over(spend, weights / weights.sum(axis=0))


def _at_least_one(lags):
    if not isinstance(lags, int | np.integer) or lags < 1:
        raise ValueError(f"lags must be a whole number of weeks, at least 1 (the week of the spend); got {lags!r}.")
    return lags


def hill(spend, half, slope=1.0):
    """Saturation: the part of a channel's largest effect that this much money buys.

    Parameters
    ----------
    spend : tensor
        Money at work, zero or more.
    half : tensor
        The money that buys half of the largest effect, in the unit of `spend`.
    slope : tensor, optional
        How steep the curve is at half. With 1 each dollar buys less than the one before; above 1 it is an S.

    Returns
    -------
    tensor
        From 0 (no money) to 1 (never reached).

    Notes
    -----
    spend**slope / (half**slope + spend**slope). Source: Jin and others (2017), section 2.2.

    Examples
    --------
    >>> hill([0.0, 10.0, 30.0], half=10.0).eval()
    array([0.  , 0.5 , 0.75])
    """
    spend = pt.as_tensor(spend)
    # The slope's gradient takes the logarithm of the spend, which weeks without any don't have.
    some = pt.switch(spend > 0, spend, 1.0)
    return pt.switch(spend > 0, 1 / (1 + (half / some) ** slope), 0.0)
