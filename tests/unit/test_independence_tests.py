"""test_independences: its numbers beside closed forms, its error rates over many data sets, its spellings."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from scipy.stats import binom

from helpers import GraphWarning, implied_independences, test_independences

PROB = 0.94
DATASETS = 200
UNLIKELY = 1e-4  # a test of a rate fails by chance this often
LOWER, UPPER = "joint_94_lower", "joint_94_upper"


def straight(rng, rows):
    c = rng.normal(size=rows)
    return pd.DataFrame({"c": c, "z": c + rng.normal(size=rows), "y": -c + rng.normal(size=rows)})


def crooked(rng, rows):
    """Nothing straight, nothing normal: a yes/no treatment, a count, unequal spread, a category."""
    c, d = rng.normal(size=rows), rng.choice(list("uvw"), size=rows)
    return pd.DataFrame(
        {
            "c": c,
            "d": d,
            "z": rng.random(rows) < expit(2 * c - (d == "u")),
            "y": rng.poisson(np.exp(0.5 * c - 0.3 * c**2 + 0.5 * (d == "v"))),
            "w": c**2 + np.abs(c) * rng.normal(size=rows),
        }
    )


def linked(rng, rows):
    """Two strong causes of two yes/no variables, through a link that products and curves of each can't follow."""
    c, d = rng.normal(size=rows), rng.exponential(size=rows)
    z, y = rng.random((2, rows)) < expit(2 * (c + d - 1))
    return pd.DataFrame({"c": c, "d": d, "z": z, "y": y})


def rare(rng, rows):
    """Four treated in a hundred, five events in a hundred."""
    c = rng.normal(size=rows)
    return pd.DataFrame({"c": c, "z": rng.random(rows) < 0.08 * expit(c), "y": rng.random(rows) < 0.1 * expit(-c)})


@pytest.mark.parametrize(
    ("draw", "graph"),
    [
        (straight, "c -> z; c -> y"),
        (crooked, "c -> z; c -> y; c -> w; d -> z; d -> y"),
        (linked, "c -> z; c -> y; d -> z; d -> y"),
        (rare, "c -> z; c -> y"),
    ],
)
@pytest.mark.parametrize("rows", [300, 2000])
def test_a_right_graph_seldom_fails(draw, graph, rows):
    rng = np.random.default_rng(rows)
    failing = sum(test_independences(graph, draw(rng, rows)).fails.any() for _ in range(DATASETS))
    assert failing <= binom.isf(UNLIKELY, DATASETS, 1 - PROB)


def test_a_wrong_graph_fails():
    rng = np.random.default_rng(3)
    data = straight(rng, 500).assign(y=lambda frame: frame.y + 0.8 * frame.z)
    assert test_independences("c -> z; c -> y", data).fails.all()
    # Two causes of one effect look the same as a chain until the middle is held.
    assert test_independences("z -> c; y -> c", data).fails.all()


def test_intervals_hold_the_partial_correlation():
    """Of z and y given c: in the covariance's inverse, minus an element over the root of two of its diagonal."""
    rng = np.random.default_rng(4)
    slope = 0.4
    truth = slope / np.sqrt(1 + slope**2)
    held = 0
    for _ in range(DATASETS):
        data = straight(rng, 400).assign(y=lambda frame: frame.y + slope * (frame.z - frame.c))
        (row,) = test_independences("c -> z; c -> y", data).itertuples()
        held += getattr(row, LOWER) < truth < getattr(row, UPPER)
    assert binom.ppf(UNLIKELY, DATASETS, PROB) <= held <= binom.isf(UNLIKELY, DATASETS, PROB)


def test_without_anything_held_it_is_the_correlation():
    data = straight(np.random.default_rng(5), 200)
    (row,) = test_independences("z; y", data).itertuples()
    assert row.correlation == pytest.approx(np.corrcoef(data.z, data.y)[0, 1])
    assert row.Index == "y ⟂ z"
    assert (row.a, row.b, row.given) == ("y", "z", frozenset())


def test_more_claims_need_wider_intervals():
    data = straight(np.random.default_rng(6), 400)
    one = test_independences("z -> c; y -> c", data[["z", "y", "c"]])
    three = test_independences("z; y; c", data)
    row = one.index[0]
    assert three.loc[row, LOWER] < one.loc[row, LOWER] < one.loc[row, UPPER] < three.loc[row, UPPER]
    assert three.loc[row, "p_adjusted"] == pytest.approx(min(1, 3 * one.loc[row, "p_adjusted"]))
    both = test_independences("z; y; c", data, prob=0.5)
    assert list(both.columns[4:6]) == ["joint_50_lower", "joint_50_upper"]
    assert (both["joint_50_lower"] > three[LOWER]).all()


def test_the_same_data_in_other_words():
    graph = "c -> z; c -> y; c -> w; d -> z; d -> y"
    data = crooked(np.random.default_rng(7), 500)
    wanted = test_independences(graph, data)
    numbers = wanted.columns[3:]
    shuffled = data.sample(frac=1, random_state=8)[list("wydzc")]
    for other in (
        shuffled,
        shuffled.assign(another=1.0),
        data.to_xarray(),
        data.astype({"z": int, "d": "category"}),
        data.astype({"c": object, "y": object}),
        data.assign(c=1000 * data.c - 7, w=data.w / 1e6),
        data.set_index("c", drop=False),
    ):
        pd.testing.assert_frame_equal(test_independences(graph, other)[numbers], wanted[numbers], rtol=1e-6)
    # Two categories and a yes/no column say the same.
    said = test_independences(graph, data.assign(z=np.where(data.z, "treated", "control")))
    np.testing.assert_allclose(said[numbers[:3]].to_numpy(), wanted[numbers[:3]].to_numpy(), rtol=1e-6)


def test_each_category_of_an_end_has_its_row():
    table = test_independences("c; d", crooked(np.random.default_rng(9), 300)[["c", "d"]])
    assert list(table.index) == ["c ⟂ d=u", "c ⟂ d=v", "c ⟂ d=w"]
    assert set(zip(table.a, table.b)) == {("c", "d")}


def test_what_is_wholly_explained_is_said():
    data = straight(np.random.default_rng(10), 200).assign(y=lambda frame: 2 * frame.c)
    with pytest.warns(GraphWarning, match=r"y ⟂ z \| c: what is held explains one of the two wholly"):
        table = test_independences("c -> z; c -> y", data)
    assert table.correlation.isna().all()
    assert not table.fails.any()


def test_two_columns_that_are_the_same():
    data = straight(np.random.default_rng(12), 200).assign(y=lambda frame: -frame.z)
    (row,) = test_independences("c -> z; c -> y", data).itertuples()
    assert row.correlation == pytest.approx(-1)
    assert row.fails


def test_a_graph_without_claims_has_an_empty_table():
    data = straight(np.random.default_rng(11), 100)
    table = test_independences("c -> z; c -> y; z -> y", data)
    assert table.empty
    assert {"correlation", LOWER, UPPER, "fails"} <= set(table.columns)
    assert implied_independences("c -> z; c -> y; z -> y") == []
    assert len(test_independences("c -> z; c -> y; z -> m; m -> y; y -> m2", data, latent=["m", "m2"])) == 0
