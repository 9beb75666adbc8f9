"""Carry-over and saturation against loops and convolutions in NumPy."""

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from media import LAGS, carry_over, delayed_adstock, geometric_adstock, hill

MONEY = st.floats(0, 1e4)
SCHEDULES = st.integers(1, 30).flatmap(lambda weeks: arrays(float, (weeks, 3), elements=MONEY))
RETENTIONS = arrays(float, 3, elements=st.floats(0, 0.95))
DELAYS = arrays(float, 3, elements=st.floats(0, 5))


# Compiled once, for all examples.
matrix, row, other, weights_in = pt.dmatrix(), pt.dvector(), pt.dvector(), pt.matrix(shape=(5, 3))
CARRY_OVER = pytensor.function([matrix, weights_in], carry_over(matrix, weights_in))
GEOMETRIC = pytensor.function([matrix, row], geometric_adstock(matrix, row))
DELAYED = pytensor.function([matrix, row, other], delayed_adstock(matrix, row, other))
HILL = pytensor.function([row, *(scalars := pt.dscalars("half", "slope"))], hill(row, *scalars))


def by_hand(spend, weights):
    """Each week's spend is carried over to the weeks after it, one lag after another."""
    working = np.zeros_like(spend)
    for week, money in enumerate(spend):
        for lag, weight in enumerate(weights):
            if week + lag < len(spend):
                working[week + lag] += weight * money
    return working


def normalized(weights):
    return weights / weights.sum(axis=0)


@settings(deadline=None)  # The first call warms up.
@given(SCHEDULES, arrays(float, (5, 3), elements=st.floats(0, 1)))
def test_carry_over_is_a_convolution(spend, weights):
    whole = [np.convolve(spend[:, one], weights[:, one])[: len(spend)] for one in range(3)]
    assert np.allclose(CARRY_OVER(spend, weights), np.transpose(whole), rtol=1e-12, atol=1e-8)


@settings(deadline=None)  # The first call warms up.
@given(SCHEDULES, RETENTIONS)
def test_geometric_adstock(spend, retention):
    weights = normalized(retention ** np.arange(LAGS)[:, None])
    assert np.allclose(GEOMETRIC(spend, retention), by_hand(spend, weights), rtol=1e-12, atol=1e-8)


@settings(deadline=None)  # The first call warms up.
@given(SCHEDULES, RETENTIONS.map(lambda values: values + 0.01), DELAYS)
def test_delayed_adstock(spend, retention, delay):
    weights = normalized(retention ** ((np.arange(LAGS)[:, None] - delay) ** 2))
    found = DELAYED(spend, retention, delay)
    assert np.allclose(found, by_hand(spend, weights), rtol=1e-12, atol=1e-8)


def test_one_number_stands_for_all_channels():
    spend = np.random.default_rng(1).exponential(10, (20, 3))
    assert np.allclose(geometric_adstock(spend, 0.4).eval(), geometric_adstock(spend, np.full(3, 0.4)).eval())
    alike = [
        delayed_adstock(spend, *parameters).eval()
        for parameters in ((0.4, 2), (np.full(3, 0.4), 2), (0.4, np.full(3, 2)), (np.full(3, 0.4), np.full(3, 2)))
    ]
    assert all(np.allclose(alike[0], other) for other in alike)
    assert np.allclose(geometric_adstock(spend, 0.4).eval()[:, 1], geometric_adstock(spend[:, 1], 0.4).eval())


def test_money_is_moved_and_not_made():
    spend = np.zeros((40, 1))
    spend[3], spend[10] = 100, 50
    for moved in (geometric_adstock(spend, 0.7), delayed_adstock(spend, 0.7, 3), geometric_adstock(spend, 0.0)):
        assert np.isclose(moved.eval().sum(), 150)
    assert np.allclose(geometric_adstock(spend, 0.0).eval(), spend)


@settings(deadline=None)  # The first call warms up.
@given(arrays(float, 6, elements=MONEY), st.floats(0.1, 1e3), st.floats(0.3, 4))
def test_hill(spend, half, slope):
    found = HILL(spend, half, slope)
    assert np.allclose(found, spend**slope / (half**slope + spend**slope), rtol=1e-9)
    assert np.isclose(HILL([half], half, slope), 0.5)


@pytest.mark.parametrize("slope", [0.5, 1.0, 3.0])
def test_weeks_without_spend_have_gradients(slope):
    half, steep = pt.dscalar(), pt.dscalar()
    total = hill(geometric_adstock([0.0, 0, 5, 0], 0.5, lags=2), half, steep).sum()
    gradients = [float(one.eval({half: 3.0, steep: slope})) for one in pt.grad(total, [half, steep])]
    # Against differences of the formula.
    working = np.array([0, 0, 10 / 3, 5 / 3])

    def formula(h, s):
        return (working**s / (h**s + working**s)).sum()

    step = 1e-6
    expected = [
        (formula(3 + step, slope) - formula(3 - step, slope)) / (2 * step),
        (formula(3, slope + step) - formula(3, slope - step)) / (2 * step),
    ]
    assert np.allclose(gradients, expected, rtol=1e-5)


def test_they_take_a_models_variables():
    with pm.Model(coords={"week": range(10), "channel": ["tv", "social"]}) as model:
        spend = pm.LogNormal("spend", dims=("week", "channel"))
        retention = pm.Beta("retention", 2, 2, dims="channel")
        pm.Deterministic("working", geometric_adstock(spend, retention), dims=("week", "channel"))
    spent, kept, working = pm.draw([model[name] for name in ("spend", "retention", "working")], random_seed=1)
    assert np.allclose(working, by_hand(spent, normalized(kept ** np.arange(LAGS)[:, None])))


@pytest.mark.parametrize("lags", [0, -1, 2.0, None])
def test_refuses_lags_that_are_no_number_of_weeks(lags):
    for function in (
        lambda: geometric_adstock([1.0], 0.5, lags=lags),
        lambda: delayed_adstock([1.0], 0.5, 1, lags=lags),
    ):
        with pytest.raises(ValueError, match=r"at least 1 \(the week of the spend\)"):
            function()


def test_refuses_weights_of_unknown_length():
    with pytest.raises(ValueError, match="a known number of lags"):
        carry_over([1.0, 2.0], pt.dvector())
