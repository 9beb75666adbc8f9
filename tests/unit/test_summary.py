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


def constant_draws(value=0.0, draws=50):
    return xr.DataArray(np.full((2, draws), value), dims=("chain", "draw"))


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

    def test_a_constant_has_no_spread_and_no_error(self):
        table = summarize({"none": constant_draws(), "a third": constant_draws(1 / 3), "many": constant_draws(-7)})
        np.testing.assert_array_equal(table["mean"], [0, 1 / 3, -7])
        np.testing.assert_array_equal(table[["sd", "mcse_mean"]], 0)
        np.testing.assert_array_equal(table["hdi_94_lower"], table["mean"])
        np.testing.assert_array_equal(table["hdi_94_upper"], table["mean"])
        np.testing.assert_array_equal(table["P(> 0)"], [0, 1, 0])

    def test_a_constant_unit_beside_one_that_varies(self):
        table = summarize(xr.concat([constant_draws(0.1, 5000), normal_draws().isel(chain=[0, 1])], "i"))
        assert table.loc["effect[0]", "sd"] == table.loc["effect[0]", "mcse_mean"] == 0
        assert table.loc["effect[1]", "sd"] == pytest.approx(2, abs=0.1)

    def test_the_mean_of_yes_and_no_is_a_probability(self):
        above = summarize(normal_draws() > 0).iloc[0]
        share = stats.norm(1, 2).sf(0)
        assert above["mean"] == above["P(> 0)"] == pytest.approx(share, abs=1e-3)
        assert above["sd"] == pytest.approx((share * (1 - share)) ** 0.5, abs=1e-3)
        assert (above["hdi_94_lower"], above["hdi_94_upper"]) == (0, 1)

    @pytest.mark.parametrize("kind", ["int64", "uint8", "float32"])
    def test_numbers_of_another_type(self, kind):
        values = np.random.default_rng(42).poisson(3, (4, 500))
        draws = xr.DataArray(values.astype(kind), dims=("chain", "draw"))
        row = summarize(draws).iloc[0]
        assert row["mean"] == pytest.approx(values.mean()) and row["sd"] == pytest.approx(values.std())
        assert row.equals(summarize(draws.astype(float)).iloc[0])

    def test_one_chain_is_enough(self):
        row = summarize(normal_draws().isel(chain=[0])).iloc[0]
        assert row["mcse_mean"] == pytest.approx(2 / 5000**0.5, rel=0.3)

    def test_a_group_of_a_fit(self):
        tree = xr.DataTree.from_dict({"posterior": xr.Dataset({"a": normal_draws()}), "prior": xr.Dataset()})
        assert summarize(tree["posterior"]).equals(summarize({"a": normal_draws()}))
        with pytest.raises(
            TypeError, match=r"with the groups posterior, prior; .* Pass one group: effect\['posterior'\]"
        ):
            summarize(tree)

    @pytest.mark.parametrize(
        ("effect", "error", "message"),
        [
            ({}, ValueError, "effect is an empty dict; expected an xarray.DataArray with dims chain and draw, or"),
            (xr.Dataset(), ValueError, "effect is an empty Dataset; expected"),
            (xr.DataTree(), ValueError, "effect is an empty DataTree; expected"),
            (None, TypeError, "effect is a NoneType; expected an xarray.DataArray"),
            ({"ATE": np.zeros((4, 10))}, TypeError, "'ATE' is a ndarray; expected an xarray.DataArray"),
            (constant_draws().to_pandas(), TypeError, "effect is a DataFrame; expected an xarray.DataArray"),
            (constant_draws().astype(str), TypeError, "'effect' holds <U32 values; expected numbers"),
            (constant_draws().astype(complex), TypeError, "'effect' holds complex128 values; expected numbers"),
            (constant_draws(np.inf), ValueError, "'effect' has 100 infinite draws of 100: it has no mean"),
            (constant_draws(draws=0), ValueError, "'effect' has nothing along 'draw'"),
            (constant_draws().expand_dims(i=[]), ValueError, "'effect' has nothing along 'i'"),
            (constant_draws(draws=3), ValueError, r"'effect' has 3 draw\(s\) in each of 2 .* at least 4 draws\.$"),
            (
                constant_draws().rename(chain="draw", draw="chain").isel(draw=[0]),
                ValueError,
                r"1 draw\(s\) in each of 50 chain\(s\); expected at least 4 draws. Were chain and draw swapped\?",
            ),
        ],
    )
    def test_says_what_it_expected(self, effect, error, message):
        with pytest.raises(error, match=message):
            summarize(effect)

    @pytest.mark.parametrize("prob", ["0.94", None, True, [0.94]])
    @pytest.mark.parametrize("function", [summarize, plot_effect])
    def test_a_probability_is_a_number(self, function, prob):
        kind = type(prob).__name__
        with pytest.raises(TypeError, match=f"prob is an? {kind}; expected a probability between 0 and 1"):
            function(normal_draws(), prob=prob)

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

    def test_picks_none_of_several(self, ax):
        with pytest.raises(
            TypeError, match=r"effect is a dict; expected an xarray.DataArray. Pick one, as effect\['ATT'\]"
        ):
            plot_effect({"ATT": normal_draws(), "ATE": normal_draws()}, ax=ax)

    @pytest.mark.parametrize(
        ("lines", "error", "message"),
        [
            ({"truth": "1"}, TypeError, "truth is '1'; expected a number"),
            ({"truth": np.zeros(2)}, TypeError, r"truth is an array of shape \(2,\); expected a number"),
            ({"reference": np.nan}, ValueError, "reference is nan; expected a finite number"),
        ],
    )
    def test_refuses_lines_that_are_no_number(self, ax, lines, error, message):
        with pytest.raises(error, match=message):
            plot_effect(normal_draws(), ax=ax, **lines)

    def test_draws_yes_and_no(self, ax):
        plot_effect(normal_draws() > 0, ax=ax)
        assert "94 % interval 0.00 to 1.00, mean 0.69" in {text.get_text() for text in ax.texts}


class TestPlotOfAConstant:
    """The effect on a variable that the treatment doesn't reach."""

    @staticmethod
    def lines(ax):
        return sorted({line.get_xdata()[0] for line in ax.lines if len(set(line.get_xdata())) == 1})

    @staticmethod
    def texts(ax):
        return {text.get_text().strip() for text in ax.texts}

    def test_is_one_line_beside_truth_and_reference(self, ax):
        plot_effect(constant_draws(1.5).rename("gain"), truth=-2, ax=ax)
        assert self.lines(ax) == [-2, 0, 1.5]
        assert self.texts(ax) == {"1.5 in every draw", "truth -2", "0"}
        assert not ax.collections and ax.get_xlabel() == "gain"

    @pytest.mark.parametrize("value", [0.0, -0.0, False, 0])
    def test_none_of_the_lines_hides_another(self, ax, value):
        plot_effect(constant_draws(value), truth=0, ax=ax)
        assert self.texts(ax) == {"0 in every draw", "truth 0", "0"}
        effect, reference, truth = sorted(ax.lines, key=lambda line: line.get_zorder())
        assert effect.get_linewidth() > 3 * max(reference.get_linewidth(), truth.get_linewidth())
        heights = [max(line.get_ydata()) for line in (effect, reference, truth)]
        assert heights == sorted(heights) and len(set(heights)) == 3

    @pytest.mark.parametrize("value", [0, 1e-6, 0.1, -4, 3e7])
    def test_every_line_is_within_the_picture(self, ax, value):
        plot_effect(constant_draws(float(value)), truth=2, ax=ax)
        left, right = ax.get_xlim()
        assert left < min(0, value) and max(2, value) < right

    def test_differences_of_rounding_are_none(self, ax):
        draws = constant_draws(0.3)
        draws[0, ::2] = 0.1 + 0.2
        plot_effect(draws, ax=ax)
        assert "0.3 in every draw" in self.texts(ax)
