"""Tables with a row for each combination of labels: spread by their index, or refused with the cure."""

import pandas as pd
import pymc as pm
import pytest
from fits_by_hand import log_density
from scipy.stats import norm

from helpers import condition

ORDER = [3, 0, 5, 1, 4, 2]  # of the rows after a shuffle


def panel_model():
    with pm.Model(coords={"geo": ["a", "b"], "week": range(3)}) as model:
        pm.Normal("y", pm.Normal("a", 0, 10, dims="geo")[:, None], 1, dims=("geo", "week"))
    return model


LONG = pd.DataFrame({"geo": list("aaabbb"), "week": [0, 1, 2] * 2, "y": [1.0, 2, 3, 5, 6, 7]}).iloc[ORDER]
INDEXED = LONG.set_index(["geo", "week"])


@pytest.mark.parametrize(
    ("data", "cure"),
    [
        (LONG[["y"]], r"'y' has 1 dimension\(s\); the model gives it 2.*frame.set_index\(\['geo', 'week'\]\).to_x"),
        (LONG, r"'geo', 'week': dims of the model, not variables.*frame.set_index\(\['geo', 'week'\]\).to_xarray"),
    ],
    ids=["values", "columns"],
)
def test_says_the_cure(data, cure):
    with pytest.raises(ValueError, match=cure):
        condition(panel_model(), data)


@pytest.mark.parametrize(
    "data",
    [INDEXED, {"y": INDEXED["y"]}, INDEXED.to_xarray(), INDEXED.swaplevel(), {"y": INDEXED["y"].unstack()}],
    ids=["frame", "Series", "Dataset", "other order of levels", "wide"],
)
def test_is_spread_by_its_labels(data):
    conditioned = condition(panel_model(), data)
    expected = norm(0, 10).logpdf([2, 6]).sum() + 2 * norm().logpdf([-1, 0, 1]).sum()
    assert log_density(conditioned, a=[2, 6]) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (pd.concat([INDEXED, INDEXED.iloc[:1]]), "'week'] are not unique: .*stands twice"),
        ({"y": pd.concat([INDEXED, INDEXED.iloc[:1]])["y"]}, "'week'] are not unique: .*stands twice"),
        (INDEXED.iloc[1:], r"'y' has 1 missing value\(s\)"),
        (INDEXED.rename_axis(["shop", "week"]), r"of the index are \['shop', 'week'\]; the columns have the dims"),
    ],
    ids=["twice", "twice in a Series", "a combination lacks", "other names"],
)
def test_refuses(data, message):
    with pytest.raises(ValueError, match=message):
        condition(panel_model(), data)
