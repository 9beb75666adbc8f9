"""The company of part Marketing: its closed form against its model, and what its truth promises."""

import numpy as np
import pymc as pm
import pytest
import xarray as xr
from company import CHANNELS, CLICKS, UNIT_COST, company, expected, last_touch

from helpers import causal_graph, contrast, intervene, simulate

WEEKS, CHANGE = 60, 40
DRAWS = 2000


@pytest.fixture(scope="module")
def world():
    model, truth = company(WEEKS)
    data = simulate(model, truth, seed=3)
    draws = {name: np.broadcast_to(value, (1, DRAWS, *np.shape(value))) for name, value in truth.items()}
    dims = {name: ("chain", "draw", *(("channel",) if np.ndim(value) else ())) for name, value in truth.items()}
    posterior = xr.Dataset({name: (dims[name], draws[name]) for name in draws}, {"channel": list(CHANNELS)})
    return model, truth, data, xr.DataTree.from_dict({"posterior": posterior, "observed_data": data})


def schedules(spend):
    """A channel off, off from some week on, the same money in pulses, and moved to another channel."""
    late = spend["week"] >= CHANGE
    pulse = spend.where(spend["channel"] != "tv", spend.sel(channel="tv").sum() / 15 * (spend["week"] % 4 == 0))
    moved = spend.copy()
    moved.loc[{"channel": "social"}] += moved.sel(channel="tv")
    moved.loc[{"channel": "tv"}] = 0
    return {
        "off": spend.where(spend["channel"] != "tv", 0),
        "off late": spend.where((spend["channel"] != "tv") | ~late, 0),
        "pulse": pulse,
        "moved": moved,
    }


class TestExpected:
    @pytest.mark.parametrize("name", ["off", "off late", "pulse", "moved"])
    @pytest.mark.parametrize("outcome", ["sales", "profit"])
    def test_is_what_do_gives_under_the_truth(self, world, name, outcome):
        """Week by week, within the error of the draws; exact where nothing has changed yet."""
        model, truth, data, idata = world
        spend = schedules(data["spend"])[name]
        variable = {"sales": "sales_mu", "profit": "profit"}[outcome]
        draws = intervene(model, idata, {"spend": spend}, outcome=variable, seed=1)
        error = draws.std(("chain", "draw")) / np.sqrt(DRAWS)
        difference = draws.mean(("chain", "draw")) - expected(truth, data, spend=spend)[outcome]
        assert float(np.abs(difference / error).max()) < 5
        assert abs(float((difference / error).mean())) < 5 / np.sqrt(WEEKS) + 1

    def test_without_search_ads(self, world):
        model, truth, data, idata = world
        actions = {"spend": data["spend"]}, {"spend": data["spend"], "search_ads": 0}
        for outcome, variable in (("sales", "sales_mu"), ("profit", "profit")):
            draws = contrast(model, idata, *actions, outcome=variable, over="week", seed=1)
            by_hand = (expected(truth, data) - expected(truth, data, search_ads=False))[outcome].mean()
            assert abs(float(draws.mean() - by_hand)) < 5 * float(draws.std()) / np.sqrt(DRAWS)

    def test_a_change_works_from_its_week_on(self, world):
        _, truth, data, _ = world
        late = schedules(data["spend"])["off late"]
        difference = expected(truth, data)["sales"] - expected(truth, data, spend=late)["sales"]
        assert np.allclose(difference[:CHANGE], 0, atol=1e-12)
        assert (difference[CHANGE:] > 0.5).all()
        # Carry-over: the first week without TV still has some of what was spent before.
        whole_off = expected(truth, data, spend=schedules(data["spend"])["off"])["sales"]
        assert float(difference[CHANGE]) < 0.8 * float((expected(truth, data)["sales"] - whole_off)[CHANGE])

    def test_is_the_mean_of_what_is_simulated(self):
        model, truth = company(4)
        data = simulate(model, truth, seed=1)
        held = {name: data[name].to_numpy() for name in ("generic", "spend", "price", "promo")}
        names = ["sales", "search_ads", "branded"]
        sales, ads, branded = pm.draw([pm.do(model, truth | held)[name] for name in names], draws=20_000, random_seed=1)
        by_hand = expected(truth, data)
        for drawn, mean in (
            (sales, by_hand["sales"]),
            (branded, by_hand["branded"]),
            (ads + held["spend"].sum(axis=1), by_hand["cost"]),
        ):
            assert np.abs((drawn.mean(axis=0) - mean) / (drawn.std(axis=0) / np.sqrt(20_000))).max() < 5

    def test_channels_in_another_order_are_the_same_channels(self, world):
        _, truth, data, _ = world
        turned = data.isel(channel=[2, 0, 1])
        assert np.allclose(expected(truth, data)["profit"], expected(truth, turned)["profit"])
        assert np.allclose(expected(truth, data)["profit"], expected(truth, data, spend=turned["spend"])["profit"])
        here, there = last_touch(truth, data), last_touch(truth, turned)
        assert np.allclose(here, there.sel(touch=here["touch"]))

    def test_refuses_spend_of_other_weeks_or_channels(self, world):
        _, truth, data, _ = world
        with pytest.raises(ValueError, match=r"each channel of the data once: got \['tv', 'social'\]"):
            expected(truth, data, spend=data["spend"].isel(channel=[0, 1]))
        with pytest.raises(ValueError, match="each week of the data once"):
            expected(truth, data, spend=data["spend"].isel(week=slice(5)))


class TestCompany:
    def test_the_graph(self):
        model, _ = company()
        decided = {(follower, node) for follower in ["generic"] for node in ("spend", "price", "promo")}
        works = {("generic", "branded"), ("generic", "sales"), ("spend", "awareness"), ("spend", "sales")}
        works |= {("awareness", "branded"), ("branded", "search_ads"), ("branded", "sales"), ("search_ads", "sales")}
        works |= {("price", "sales"), ("promo", "sales")}
        assert set(causal_graph(model).edges) == decided | works
        assert set(causal_graph(company(confounded=False).model).edges) == works

    @pytest.mark.parametrize("confounded", [True, False])
    def test_decisions_follow_demand_or_a_lot(self, confounded):
        model, truth = company(2000, confounded=confounded)
        data = simulate(model, truth, seed=1)
        for name, sign in (("spend", 1), ("price", 1), ("promo", -1)):
            decided = np.log(data[name]) if name != "promo" else data[name].astype(float)
            correlation = np.atleast_1d(xr.corr(data["generic"], decided, "week"))
            assert (sign * correlation > 0.2).all() if confounded else (np.abs(correlation) < 0.1).all()

    def test_channels_keep_their_truth(self):
        model, truth = company(20, ["display", "tv"])
        assert list(model.coords["channel"]) == ["display", "tv"]
        for name, value in CHANNELS["tv"].items():
            assert float(truth[name].sel(channel="tv")) == value
        data = simulate(model, truth, seed=1)
        assert dict(data.sizes) == {"week": 20, "channel": 2}
        assert np.isfinite(expected(truth, data)["profit"]).all()

    def test_profit_is_margin_times_sales_less_all_ads(self, world):
        model, truth, data, _ = world
        fixed = truth | {name: data[name].to_numpy() for name in data}
        sales, profit = pm.draw([pm.do(model, fixed)[name] for name in ("sales_mu", "profit")])
        ads = data["spend"].sum("channel") + data["search_ads"]
        assert np.allclose(profit, (data["price"] - UNIT_COST) * sales - ads)

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ({"weeks": 10.0}, TypeError, r"a whole number, as 104; got 10\.0"),
            ({"weeks": True}, TypeError, "got True"),
            ({"weeks": 0}, ValueError, "at least 1; got 0"),
            ({"channels": "tv"}, TypeError, r"as \['tv'\]"),
            ({"channels": ["tv", "socials"]}, ValueError, "Did you mean 'social'"),
            ({"channels": []}, ValueError, "at least one channel"),
            ({"channels": ["tv", "tv"]}, ValueError, "each once"),
        ],
    )
    def test_refuses(self, arguments, error, message):
        with pytest.raises(error, match=message):
            company(**arguments)


def test_the_last_touch_credits_clicks_alone(world):
    _, truth, data, _ = world
    credited = last_touch(truth, data)
    assert credited.dims == ("week", "touch") and set(credited["touch"].values) == set(CLICKS)
    assert (credited.sel(touch="tv") == 0).all()
    assert (credited >= 0).all() and (credited.sum("touch") < data["sales"]).all()
    # The ad gets most of those who typed the name, whatever it does for them.
    twice = data.assign(branded=2 * data["branded"])
    more = last_touch(truth, twice).sel(touch="search_ads") - credited.sel(touch="search_ads")
    assert (more > 0).all() and more.mean() > 0.5 * data["branded"].mean()
