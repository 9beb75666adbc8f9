"""summarize_recovery and plot_recovery: the numbers are those of a hand count, the picture shows each interval."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from helpers import plot_recovery, summarize_recovery

STATISTICS = ["truth", "mean", "sd", "lower", "upper", "rank", "r_hat", "ess"]


def recovery(rows, errors=None, **more):
    values = np.column_stack([np.array(rows, float), np.full((len(rows), 3), 0.5)])
    data = {"ATE": (("dataset", "statistic"), values)} | more
    data |= {
        "divergences": ("dataset", [0] * len(rows)),
        "error": ("dataset", errors or [""] * len(rows)),
        "seed": ("dataset", range(len(rows))),
    }
    return xr.Dataset(data, {"statistic": STATISTICS, "dataset": range(len(rows))}, attrs={"prob": 0.9, "seed": 1})


ROWS = [
    # truth, mean, sd, lower, upper
    (1, 1.2, 0.1, 0.9, 1.5),
    (1, 0.8, 0.3, -0.1, 1.7),
    (1, 1.6, 0.2, 1.2, 2.0),
    (1, 1.0, 0.2, 0.6, 1.4),
]


def test_counts_by_hand():
    row = summarize_recovery(recovery(ROWS)).loc["ATE"]
    assert row["truth"] == 1 and row["truth_sd"] == 0 and row["fits"] == 4
    np.testing.assert_allclose(row["bias"], 0.15)
    np.testing.assert_allclose(row["bias_mcse"], np.std([1.2, 0.8, 1.6, 1.0], ddof=1) / 2)
    np.testing.assert_allclose(row["rmse"], ((0.04 + 0.04 + 0.36) / 4) ** 0.5)
    np.testing.assert_allclose([row["sd"], row["width"]], [0.2, 1.0])
    np.testing.assert_allclose([row["coverage"], row["excludes"]], [0.75, 0.75])
    np.testing.assert_allclose(row[["coverage_mcse", "excludes_mcse"]].astype(float), (5 / 8 * 3 / 8 / 8) ** 0.5)


def test_reference_and_differing_truths():
    rows = [*ROWS[:3], (2, 2.0, 0.1, 1.9, 2.1)]
    row = summarize_recovery(recovery(rows), reference=1.8).loc["ATE"]
    assert row["truth"] == 1.25 and np.isclose(row["truth_sd"], np.std([1, 1, 1, 2])) and row["excludes"] == 0.75


def test_truths_that_differ_in_their_last_digit_are_one():
    rows = [(0.1 + 0.2, *ROWS[0][1:]), (0.3, *ROWS[1][1:])]
    assert summarize_recovery(recovery(rows)).loc["ATE", "truth_sd"] == 0


def test_failed_fits_are_left_out_and_counted():
    failed = (np.nan,) * 5
    row = summarize_recovery(recovery([*ROWS, failed], ["", "", "", "", "ValueError: no"])).loc["ATE"]
    assert row["fits"] == 4 and row["coverage"] == 0.75
    with pytest.raises(ValueError, match="No fit of this recovery succeeded"):
        summarize_recovery(recovery([failed], ["ValueError: no"]))


def test_a_row_for_each_label():
    values = np.ones((2, 4, 8))
    values[1] = 3
    level = (("store", "dataset", "statistic"), values)
    table = summarize_recovery(recovery(ROWS, level=level).assign_coords(store=["a", "b"]))
    assert list(table.index) == ["ATE", "level[a]", "level[b]"]
    assert table.loc["level[b]", "truth"] == 3
    with pytest.raises(ValueError, match=r"'level' has the dim\(s\) store: select one label"):
        plot_recovery(recovery(ROWS, level=level).assign_coords(store=["a", "b"]), "level")


class TestWhatWasObserved:
    """The table says which variables were taken as observed, and everything else about it stays as it was."""

    @pytest.fixture
    def table(self):
        return summarize_recovery(recovery(ROWS).assign_attrs(observed="c, z, y", latent=""))

    def test_is_said_in_print_and_in_a_notebook(self, table):
        assert "observed: c, z, y" in str(table) and "observed: c, z, y" in table._repr_html_()
        assert table.attrs == {"observed": "c, z, y"}

    def test_latent_ones_too(self):
        table = summarize_recovery(recovery(ROWS).assign_attrs(observed="y", latent="u, v"))
        assert table.index.name == "observed: y; latent: u, v"
        assert table.attrs == {"observed": "y", "latent": "u, v"}

    def test_many_are_cut_short_in_the_corner_only(self):
        names = ", ".join(f"x{number}" for number in range(30))
        table = summarize_recovery(recovery(ROWS).assign_attrs(observed=names, latent=""))
        assert table.index.name == "observed: x0, x1, x2, x3, x4, x5, x6, … (30)"
        assert table.attrs["observed"] == names

    def test_a_recovery_of_an_older_version_says_nothing(self):
        table = summarize_recovery(recovery(ROWS))
        assert table.index.name is None and table.attrs == {}
        plain = summarize_recovery(recovery(ROWS).drop_attrs())
        pd.testing.assert_frame_equal(plain, table)

    def test_rows_and_columns_are_as_without(self, table):
        plain = summarize_recovery(recovery(ROWS))
        pd.testing.assert_series_equal(table.loc["ATE"], plain.loc["ATE"])
        pd.testing.assert_frame_equal(table, plain, check_names=False)

    def test_what_pages_do_with_a_table(self, table):
        shown = ["bias", "coverage"]
        assert table.loc[["ATE"], shown].round(3).loc["ATE", "bias"] == 0.15
        assert "0.150" in table[shown].assign(p="0.31").style.format(precision=3, subset=shown).to_html()
        side_by_side = pd.DataFrame({name: table.loc["ATE", shown] for name in ("one", "other")}).T.astype(float)
        assert side_by_side.shape == (2, 2)
        several = pd.concat({key: table.loc["ATE"] for key in ("one", "other")}).unstack().astype(float).round(3)
        assert list(several["bias"]) == [0.15, 0.15]
        other = summarize_recovery(recovery(ROWS).assign_attrs(observed="z, y"))
        assert list(pd.concat([table, other]).index) == ["ATE", "ATE"]
        assert list(table.reset_index()["observed: c, z, y"]) == ["ATE"]


class TestPicture:
    def test_one_truth(self):
        ax = plot_recovery(recovery(ROWS), "ATE", label="effect (units of sales)")
        assert ax.get_title(loc="left") == "90 % intervals: 75 % of 4 hold the truth\nbias 0.15 ± 0.17"
        drawn = [line for lines in ax.collections for line in lines.get_segments()]
        # In the order of their means, those that miss the truth last.
        assert [segment[:, 0].round(9).tolist() for segment in drawn] == [[-0.1, 1.7], [0.6, 1.4], [0.9, 1.5], [1.2, 2]]
        assert ax.get_xlabel() == "effect (units of sales)"
        plt.close(ax.figure)

    def test_one_data_set(self):
        ax = plot_recovery(recovery(ROWS).isel(dataset=[0]), "ATE")
        assert ax.get_title(loc="left") == "90 % intervals: 100 % of 1 hold the truth\nbias 0.200"
        plt.close(ax.figure)

    def test_without_its_attributes(self):
        ax = plot_recovery(recovery(ROWS).drop_attrs(), "ATE")
        assert ax.get_title(loc="left") == "Intervals: 75 % of 4 hold the truth\nbias 0.15 ± 0.17"
        plt.close(ax.figure)

    def test_a_truth_for_each(self):
        rows = [(truth, truth + 0.1, 0.1, truth - 0.1, truth + 0.3) for truth in (-1, 0, 2)]
        ax = plot_recovery(recovery(rows), "ATE")
        drawn = [line for lines in ax.collections for line in lines.get_segments()]
        assert sorted(float(segment[0, 0]) for segment in drawn) == [-1, 0, 2]
        assert ax.get_xlabel() == "true ATE"
        plt.close(ax.figure)


def test_misuse():
    with pytest.raises(KeyError, match="Quantity 'ATT' is unknown. Did you mean 'ATE'"):
        plot_recovery(recovery(ROWS), "ATT")
    with pytest.raises(TypeError, match="recovery is a DataFrame; expected the Dataset that recover gave back"):
        summarize_recovery(recovery(ROWS)["ATE"].to_pandas())


@pytest.mark.parametrize("function", [summarize_recovery, lambda recovery: plot_recovery(recovery, "ATE")])
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda _: None, TypeError, "recovery is a NoneType; expected the Dataset that recover gave back"),
        (lambda result: {"a": result}, TypeError, "recovery is a dict; expected the Dataset"),
        (xr.DataTree, TypeError, "recovery is a DataTree; expected the Dataset"),
        (lambda result: result["ATE"], TypeError, "recovery is a DataArray; expected the Dataset"),
        (lambda _: xr.Dataset(), TypeError, "recovery is a Dataset without statistic, error; expected the Dataset"),
        (lambda result: result.drop_vars("error"), TypeError, "recovery is a Dataset without error; expected"),
        (lambda result: result.isel(dataset=0), ValueError, r"one data set of several; .* isel\(dataset=\[0\]\)"),
        (lambda result: result.isel(dataset=[]), ValueError, "No fit of this recovery succeeded"),
        (lambda result: result.sel(statistic="rank"), ValueError, "recovery has only the statistics rank; expected"),
        (
            lambda result: result.sel(statistic=["mean"]),
            ValueError,
            "only the statistics mean; .* with truth, mean, sd",
        ),
        (lambda result: result.drop_vars("ATE"), ValueError, "recovery holds no parameter and no estimand, only"),
    ],
)
def test_what_is_no_recovery(function, change, error, message):
    with pytest.raises(error, match=message):
        function(change(recovery(ROWS)))


@pytest.mark.parametrize(
    ("reference", "error"), [("0", TypeError), (None, TypeError), ([0, 1], TypeError), (np.nan, ValueError)]
)
def test_a_reference_is_a_number(reference, error):
    with pytest.raises(error, match="reference is .*; expected a (finite )?number"):
        summarize_recovery(recovery(ROWS), reference=reference)


def test_the_statistics_that_are_needed_are_enough():
    needed = recovery(ROWS).sel(statistic=["mean", "truth", "sd", "upper", "lower"])
    pd.testing.assert_frame_equal(summarize_recovery(needed), summarize_recovery(recovery(ROWS)))
