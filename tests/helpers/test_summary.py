"""summarize and plot_effect against known distributions, and what they refuse."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from scipy import stats

from helpers import ROLE_COLORS, plot_effect, summarize


def normal_draws(mean=1.0, sd=2.0, units=()):
    """Exact quantiles of a normal distribution, shuffled, as 4 chains of 5,000 draws."""
    shape = (4, 5000, *units)
    quantiles = stats.norm(mean, sd).ppf((np.arange(20_000) + 0.5) / 20_000)
    values = np.random.default_rng(42).permutation(quantiles).reshape(4, 5000)
    return xr.DataArray(
        np.broadcast_to(values.reshape(4, 5000, *[1] * len(units)), shape), dims=("chain", "draw", *"ij"[: len(units)])
    )


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


class TestSummarize:
    def test_normal_distribution(self):
        row = summarize(normal_draws().rename("effect")).loc["effect"]
        assert row["mean"] == pytest.approx(1)
        assert row["sd"] == pytest.approx(2, abs=0.01)
        # The shortest interval of a normal distribution is the central one.
        lower, upper = stats.norm(1, 2).interval(0.94)
        assert row["hdi_94_lower"] == pytest.approx(lower, abs=0.15)
        assert row["hdi_94_upper"] == pytest.approx(upper, abs=0.15)
        assert row["P(> 0)"] == pytest.approx(stats.norm(1, 2).sf(0), abs=1e-3)
        assert row["mcse_mean"] == pytest.approx(2 / 20_000**0.5, rel=0.2)

    def test_skewed_distribution_has_the_shortest_interval(self):
        draws = xr.DataArray(np.random.default_rng(42).exponential(size=(4, 5000)), dims=("chain", "draw"))
        row = summarize(draws, prob=0.9).iloc[0]
        assert row["hdi_90_lower"] == pytest.approx(0, abs=0.01)
        assert row["hdi_90_upper"] == pytest.approx(-np.log(0.1), abs=0.1)

    def test_units_get_a_row_each(self):
        draws = normal_draws(units=(3,)) + xr.DataArray([0, 10, 20], dims="i", coords={"i": ["a", "b", "c"]})
        table = summarize(draws.rename("effect"))
        assert list(table.index) == ["effect[a]", "effect[b]", "effect[c]"]
        np.testing.assert_allclose(table["mean"], [1, 11, 21])
        np.testing.assert_allclose(table["sd"], 2, atol=0.01)

    def test_mapping_gives_its_names(self):
        table = summarize({"ATE": normal_draws(), "ATT": normal_draws(3)})
        assert list(table.index) == ["ATE", "ATT"]

    def test_fits_of_different_lengths_are_summarized_each_by_itself(self):
        short = normal_draws(3).isel(draw=slice(0, 500))
        table = summarize({"long": normal_draws(), "short": short})
        assert table.loc["short", "mean"] == pytest.approx(float(short.mean()))
        assert table.notna().all(axis=None)

    @pytest.mark.parametrize(
        ("effect", "prob", "error", "message"),
        [
            (normal_draws().where(normal_draws() > 0), 0.94, ValueError, r"'effect' has \d+ missing draws of 20000"),
            (np.zeros((4, 10)), 0.94, TypeError, "effect is a ndarray; expected an xarray.DataArray"),
            (xr.DataArray(np.zeros(5), dims="draw"), 0.94, ValueError, "chain lacking. Pass draws, not a summary"),
            (normal_draws(), 94, ValueError, "prob is 94; expected a probability between 0 and 1"),
        ],
    )
    def test_refuses(self, effect, prob, error, message):
        with pytest.raises(error, match=message):
            summarize(effect, prob=prob)


class TestPlotEffect:
    def test_shows_interval_truth_and_reference(self, ax):
        draws = normal_draws()
        plot_effect(draws, truth=1.5, reference=0, ax=ax)
        assert {"truth 1.5", "0"} <= {text.get_text().strip() for text in ax.texts}
        verticals = {
            line.get_xdata()[0] for line in ax.lines if len(set(line.get_xdata())) == 1 and len(line.get_xdata()) == 2
        }
        assert verticals == {0, 1.5}
        row = summarize(draws).iloc[0]
        bars = [
            line.get_xdata()
            for line in ax.lines
            if len(line.get_xdata()) == 2 and line.get_color() == ROLE_COLORS["treatment"]
        ]
        np.testing.assert_allclose(bars[0], [row["hdi_94_lower"], row["hdi_94_upper"]])

    def test_reference_can_be_left_out(self, ax):
        plot_effect(normal_draws(), reference=None, ax=ax)
        assert not [text for text in ax.texts if text.get_text().strip() == "0"]

    def test_refuses_units(self, ax):
        with pytest.raises(ValueError, match=r"still has the dim\(s\) i: average over them"):
            plot_effect(normal_draws(units=(2,)), ax=ax)

    def test_refuses_what_has_no_labels(self, ax):
        with pytest.raises(TypeError, match="effect is a list; expected an xarray.DataArray"):
            plot_effect([1, 2], ax=ax)
