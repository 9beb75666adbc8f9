"""summarize_recovery and plot_recovery: the numbers are those of a hand count, the picture shows each interval."""

import matplotlib.pyplot as plt
import numpy as np
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
    assert row["truth"] == 1 and row["fits"] == 4
    np.testing.assert_allclose(row["bias"], 0.15)
    np.testing.assert_allclose(row["bias_mcse"], np.std([1.2, 0.8, 1.6, 1.0], ddof=1) / 2)
    np.testing.assert_allclose(row["rmse"], ((0.04 + 0.04 + 0.36) / 4) ** 0.5)
    np.testing.assert_allclose([row["sd"], row["width"]], [0.2, 1.0])
    np.testing.assert_allclose([row["coverage"], row["excludes"]], [0.75, 0.75])
    np.testing.assert_allclose(row[["coverage_mcse", "excludes_mcse"]].astype(float), (5 / 8 * 3 / 8 / 8) ** 0.5)


def test_reference_and_differing_truths():
    rows = [*ROWS[:3], (2, 2.0, 0.1, 1.9, 2.1)]
    row = summarize_recovery(recovery(rows), reference=1.8).loc["ATE"]
    assert np.isnan(row["truth"]) and row["excludes"] == 0.75


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


class TestPicture:
    def test_one_truth(self):
        ax = plot_recovery(recovery(ROWS), "ATE", label="effect (units of sales)")
        assert ax.get_title(loc="left") == "90 % intervals: 75 % of 4 hold the truth\nbias 0.15 ± 0.17"
        drawn = [line for lines in ax.collections for line in lines.get_segments()]
        # In the order of their means, those that miss the truth last.
        assert [segment[:, 0].round(9).tolist() for segment in drawn] == [[-0.1, 1.7], [0.6, 1.4], [0.9, 1.5], [1.2, 2]]
        assert ax.get_xlabel() == "effect (units of sales)"
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
