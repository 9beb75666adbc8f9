"""A company that advertises, as an empty model, and what is true of it: all that Part *Marketing* looks at.

Money is in thousand dollars a week, sales are in thousand units a week, searches in thousands a week.
"""

from difflib import get_close_matches
from typing import NamedTuple

import numpy as np
import pymc as pm
import xarray as xr
from media import LAGS, geometric_adstock, hill

LIST_PRICE = 20.0
"""Dollars for a unit when the price is neither cut nor raised."""
UNIT_COST = 10.0
"""Dollars that a unit costs to make."""

# What is true of each channel. Budget: median spend of an average week. Follow: how much the budget grows with demand.
# Retention and half: carry-over and saturation. Lift: points of awareness. Direct: units sold at once.
CHANNELS = {
    "tv": {"budget": 50.0, "follow": 0.3, "retention": 0.6, "half": 60.0, "lift": 4.0, "direct": 3.0},
    "social": {"budget": 15.0, "follow": 0.15, "retention": 0.3, "half": 20.0, "lift": 0.8, "direct": 5.0},
    "display": {"budget": 20.0, "follow": 0.5, "retention": 0.1, "half": 25.0, "lift": 0.1, "direct": 1.0},
}
TRUTH = {
    "season_swing": 1.0,
    "spread": 0.4,
    "awareness_sd": 0.2,
    "branded_base": np.log(7.0),
    "branded_awareness": 0.35,
    "branded_generic": 0.15,
    "branded_sd": 0.06,
    "ad_cost": 1.5,
    "ad_cost_sd": 0.15,
    "price_follow": 0.04,
    "price_sd": 0.05,
    "promo_base": -1.5,
    "promo_follow": -0.7,
    "sales_base": 20.0,
    "sales_generic": 3.0,
    "sales_branded": 0.8,
    "sales_ads": 0.05,
    "elasticity": -2.5,
    "promo_lift": 0.15,
    "sales_sd": 1.5,
}
# Who clicks last. Of those who typed the company's name, the part that clicks on the ad above the link;
# of all other buyers, the part that clicks on a banner or a post in a week of full pressure. Nobody clicks on TV.
CLICKS = {"search_ads": 0.7, "tv": 0.0, "social": 0.2, "display": 0.3}
FOLLOWING = ("follow", "price_follow", "promo_follow")
"""The parameters by which those who decide look at demand."""


class Company(NamedTuple):
    """An empty model, and a value for each of its parameters."""

    model: pm.Model
    truth: dict


def company(weeks=104, channels=tuple(CHANNELS), *, confounded=True):
    """Model a company whose ads make people search for its name, and some of them buy.

    Parameters
    ----------
    weeks : int
        Weeks of data. Seasons have 52.
    channels : sequence of str
        Paid channels, of "tv", "social" and "display". Ads on the company's own name in search are always there.
    confounded : bool
        Whether spend, price and promotions follow the demand of the week, as they do where people decide.
        With False they are set by lot.

    Returns
    -------
    Company
        ``model``, an empty `pymc.Model` with dims week and channel, and ``truth``, a dict for `helpers.simulate`.

    Raises
    ------
    TypeError, ValueError
        A number of weeks, a channel or a list of channels that the company can't have.
    """
    if not isinstance(weeks, int | np.integer) or isinstance(weeks, bool):
        raise TypeError(f"weeks must be a whole number, as 104; got {weeks!r}.")
    if weeks < 1:
        raise ValueError(f"weeks must be at least 1; got {weeks}.")
    channels = _known(channels)
    truth = {name: [CHANNELS[channel][name] for channel in channels] for name in CHANNELS["tv"]}
    truth = TRUTH | {name: xr.DataArray(values, {"channel": channels}, "channel") for name, values in truth.items()}
    if not confounded:
        truth = {name: value for name, value in truth.items() if name not in FOLLOWING}
    with pm.Model(coords={"week": np.arange(weeks), "channel": channels}) as model:
        generic = _demand(weeks)
        spend, price, promo = _decisions(generic, confounded)
        _sales(generic, spend, price, promo)
    return Company(model, truth)


def _known(channels):
    """The channels as a list, refused where one is unknown, named twice, or none is named."""
    if isinstance(channels, str):
        raise TypeError(f"channels must be a sequence of names, as [{channels!r}]; got the string {channels!r}.")
    channels = list(channels)
    for channel in channels:
        if channel not in CHANNELS:
            near = get_close_matches(str(channel), CHANNELS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"No channel {channel!r}; there are {', '.join(CHANNELS)}.{hint}")
    if not channels or len(set(channels)) < len(channels):
        raise ValueError(f"channels must name at least one channel, and each once; got {channels!r}.")
    return channels


def _demand(weeks):
    """People look for the kind of thing that the company sells: a standardized index of generic searches."""
    season = np.sin(2 * np.pi * np.arange(weeks) / 52)
    return pm.Normal("generic", pm.Normal("season_swing", 0, 1) * season, 1, dims="week")


def _decisions(generic, confounded):
    """Those who decide about spend, price and promotions look at demand, or draw lots."""
    spend_shift = price_shift = promo_shift = 0.0
    if confounded:
        spend_shift = pm.Normal("follow", 0, 0.5, dims="channel") * generic[:, None]
        price_shift = pm.Normal("price_follow", 0, 0.1) * generic
        promo_shift = pm.Normal("promo_follow", 0, 1) * generic
    budget = pm.LogNormal("budget", np.log(25), 0.7, dims="channel")
    spread = pm.HalfNormal("spread", 0.5)
    spend = pm.LogNormal("spend", np.log(budget) + spend_shift, spread, dims=("week", "channel"))
    price_sd = pm.HalfNormal("price_sd", 0.1)
    price = pm.LogNormal("price", np.log(LIST_PRICE) + price_shift, price_sd, dims="week")
    promo = pm.Bernoulli("promo", logit_p=pm.Normal("promo_base", -1, 1) + promo_shift, dims="week")
    return spend, price, promo


def _sales(generic, spend, price, promo):
    """Money works through awareness and searches for the company's name, and directly."""
    retention = pm.Beta("retention", 2, 2, dims="channel")
    half = pm.LogNormal("half", np.log(30), 0.5, dims="channel")
    pressure = pm.Deterministic("pressure", hill(geometric_adstock(spend, retention), half), dims=("week", "channel"))

    lift = pm.Normal("lift", 1, 2, dims="channel")
    awareness = pm.Normal("awareness", (lift * pressure).sum(1), pm.HalfNormal("awareness_sd", 0.5), dims="week")

    log_branded = pm.Normal("branded_base", 2, 0.5) + pm.Normal("branded_awareness", 0, 0.5) * awareness
    log_branded += pm.Normal("branded_generic", 0, 0.5) * generic
    branded = pm.LogNormal("branded", log_branded, pm.HalfNormal("branded_sd", 0.2), dims="week")

    # The company pays for each click on its own name, so this spend is an effect, not a decision.
    ad_cost = pm.HalfNormal("ad_cost", 2)
    search_ads = pm.LogNormal("search_ads", np.log(ad_cost * branded), pm.HalfNormal("ad_cost_sd", 0.2), dims="week")

    buyers = pm.Normal("sales_base", 20, 10) + pm.Normal("sales_generic", 0, 5) * generic
    buyers += pm.Normal("sales_branded", 0, 1) * branded + pm.Normal("sales_ads", 0, 0.3) * search_ads
    buyers += (pm.Normal("direct", 2, 4, dims="channel") * pressure).sum(1)
    log_price = np.log(price / LIST_PRICE)
    factor = pm.math.exp(pm.Normal("elasticity", -2, 1) * log_price + pm.Normal("promo_lift", 0, 0.3) * promo)
    sales_mu = pm.Deterministic("sales_mu", factor * buyers, dims="week")
    pm.Normal("sales", sales_mu, pm.HalfNormal("sales_sd", 3), dims="week")
    pm.Deterministic("profit", (price - UNIT_COST) * sales_mu - spend.sum(1) - search_ads, dims="week")


def expected(truth, data, *, spend=None, search_ads=True):
    """What the true company could expect in these weeks, had spend been set: a closed form, without PyMC.

    Demand, prices and promotions stay as they were. Awareness, searches and sales follow from the spend.

    Parameters
    ----------
    truth : dict
        From `company`.
    data : xarray.Dataset
        One data set of the company, with ``generic``, ``spend``, ``price`` and ``promo``.
    spend : xarray.DataArray, dims (week, channel), optional
        Money per week and channel. By default what was spent.
    search_ads : bool
        Whether ads on the company's own name run. They cost what the searches make them cost.

    Returns
    -------
    xarray.Dataset
        Dim week: ``sales`` in thousand units; ``cost`` of all ads and ``profit`` (margin times sales, less that cost)
        in thousand dollars; ``branded`` in thousand searches.

    Notes
    -----
    Exact, since noise enters awareness on the scale of log searches, where its mean is exp(variance / 2),
    and sales are linear in searches and in what ads on them cost.

    Searches are expectations given spend and demand, not those of the data. A contrast that only switches search ads
    off holds the searches at the data; their effect on sales differs from the one here by what chance did to them.
    """
    value = _values(truth, data)
    spend = _in_order_of(data, data["spend"] if spend is None else spend)
    generic = data["generic"].to_numpy()
    pressure = _pressure(value, spend)

    variance = (value["branded_awareness"] * value["awareness_sd"]) ** 2 + value["branded_sd"] ** 2
    log_branded = value["branded_base"] + value["branded_generic"] * generic + variance / 2
    branded = np.exp(log_branded + value["branded_awareness"] * (pressure @ value["lift"]))
    ads = value["ad_cost"] * branded * np.exp(value["ad_cost_sd"] ** 2 / 2) * search_ads

    buyers = value["sales_base"] + value["sales_generic"] * generic + pressure @ value["direct"]
    buyers += value["sales_branded"] * branded + value["sales_ads"] * ads
    sales = buyers * _factor(value, data)
    cost = spend.sum(axis=1) + ads
    profit = (data["price"].to_numpy() - UNIT_COST) * sales - cost
    rows = {"sales": sales, "cost": cost, "profit": profit, "branded": branded}
    return xr.Dataset({name: ("week", row) for name, row in rows.items()}, {"week": data["week"]})


def last_touch(truth, data):
    """What the company's web analytics report: sales credited to the ad that was clicked last before the purchase.

    Parameters
    ----------
    truth, data
        As for `expected`; the data with ``awareness``, ``branded`` and ``search_ads`` too.

    Returns
    -------
    xarray.DataArray, dims (week, touch)
        Credited sales in thousand units, for each paid channel and ``search_ads``.
        What is left of the sales came without a click.
    """
    value = _values(truth, data)
    factor = _factor(value, data)
    through_ads = (
        CLICKS["search_ads"] * value["sales_branded"] * data["branded"] + value["sales_ads"] * data["search_ads"]
    )
    through_ads = through_ads * factor
    spend = data["spend"].transpose("week", "channel")
    pressure = spend.copy(data=_pressure(value, _in_order_of(data, spend)))
    clicked = pressure * [CLICKS[channel] for channel in data["channel"].to_numpy()]
    others = (clicked * (data["sales"] - through_ads)).rename(channel="touch")
    return xr.concat([others, through_ads.expand_dims(touch=["search_ads"])], "touch").transpose("week", "touch")


def _values(truth, data):
    """The true numbers, those of channels in the order of the data."""
    labelled = {name: isinstance(number, xr.DataArray) for name, number in truth.items()}
    sorted_truth = {
        name: number.sel(channel=data["channel"].to_numpy()) if labelled[name] else number
        for name, number in truth.items()
    }
    return {name: np.asarray(number, dtype=float) for name, number in sorted_truth.items()}


def _in_order_of(data, spend):
    """Spend as an array of weeks and channels, in the order of the data."""
    for dim in ("week", "channel"):
        got, wanted = (each[dim].to_numpy().tolist() for each in (spend, data))
        if len(got) != len(wanted) or set(got) != set(wanted):
            raise ValueError(f"spend must have each {dim} of the data once: got {got}, expected {wanted}.")
    spend = spend.sel(week=data["week"].to_numpy(), channel=data["channel"].to_numpy())
    return spend.transpose("week", "channel").to_numpy()


def _pressure(value, spend):
    """The part of its largest effect that each channel has in each week."""
    working = _adstock_by_hand(spend, value["retention"])
    return working / (value["half"] + working)


def _factor(value, data):
    """What price and promotions make of the sales of a week at list price."""
    price, promo = data["price"].to_numpy(), data["promo"].to_numpy()
    return (price / LIST_PRICE) ** value["elasticity"] * np.exp(value["promo_lift"] * promo)


def _adstock_by_hand(spend, retention):
    """Geometric carry-over as a loop over weeks and lags."""
    weights = retention ** np.arange(LAGS)[:, None]
    weights = weights / weights.sum(axis=0)
    working = np.zeros_like(spend, dtype=float)
    for week in range(len(spend)):
        for lag in range(min(LAGS, week + 1)):
            working[week] += weights[lag] * spend[week - lag]
    return working
