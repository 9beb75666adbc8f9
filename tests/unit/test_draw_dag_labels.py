"""draw_dag: the label of an intervened node says what it is set to, whatever do is given; wrong types are refused."""

from fractions import Fraction

import networkx as nx
import numpy as np
import pandas as pd
import pymc as pm
import pytest
import xarray as xr

from helpers import draw_dag


@pytest.fixture
def triangle():
    return nx.DiGraph([("c", "z"), ("c", "y"), ("z", "y")])


def label(graph, **options):
    pgm = draw_dag(graph, **options)
    # A label that Matplotlib can't set would fail here only.
    assert pgm._repr_svg_().startswith("<?xml")
    return pgm._nodes["z"].content


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1, "do($z$ = 1)"),
        (-2.5, "do($z$ = -2.5)"),
        (-0.0, "do($z$ = 0)"),
        (1234567, "do($z$ = 1234567)"),
        (Fraction(1, 4), "do($z$ = 0.25)"),
        (np.int64(3), "do($z$ = 3)"),
        (np.float32(0.25), "do($z$ = 0.25)"),
        (np.array(1.5), "do($z$ = 1.5)"),
        (xr.DataArray(2), "do($z$ = 2)"),
        # As the model's variable has it.
        (True, "do($z$ = 1)"),
        (np.False_, "do($z$ = 0)"),
    ],
)
def test_a_number_is_said(triangle, value, said):
    assert label(triangle, do={"z": value}) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("coin", "do($z$ = coin)"),
        (np.str_("coin"), "do($z$ = coin)"),
        ("a coin of the shop", "do($z$ = a coin of\nthe shop)"),
        ("5 $ or 6 $", "do($z$ = 5 \\$ or 6\n\\$)"),
    ],
)
def test_a_word_is_said(triangle, value, said):
    assert label(triangle, do={"z": value}) == said


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (pm.Normal.dist, "do($z$ ~ Normal)"),
        (lambda: pm.Bernoulli.dist(0.5, shape=3), "do($z$ ~ Bernoulli)"),
        (lambda: pm.Truncated.dist(pm.Gamma.dist(1, 1), lower=1), "do($z$ ~ TruncatedGamma)"),
        (lambda: pm.ZeroInflatedPoisson.dist(0.5, 2), "do($z$ ~ Mixture)"),
    ],
)
def test_a_distribution_is_named(triangle, make, said):
    assert label(triangle, do={"z": make()}) == said


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        np.array([1, 2]),
        np.array([1]),
        [0, 1],
        xr.DataArray([0, 1], dims="i"),
        pd.Series([0, 1]),
        np.datetime64("2026-11-25"),
        lambda c: c > 0,
        {"a": 1},
    ],
)
def test_what_is_not_short_is_not_said(triangle, value):
    assert label(triangle, do={"z": value}) == "do($z$)"


def test_an_expression_is_no_distribution(triangle):
    assert label(triangle, do={"z": pm.Normal.dist() + 1}) == "do($z$)"
    assert label(triangle, do={"z": pm.math.exp(pm.Normal.dist())}) == "do($z$)"


@pytest.mark.parametrize("do", [pd.Series({"z": 1}), xr.Dataset({"z": 1})])
def test_a_mapping_of_another_library(triangle, do):
    assert label(triangle, do=do) == "do($z$ = 1)"


@pytest.mark.parametrize("do", ["z", {"z"}, ("z",), iter(["z"]), np.array(["z"]), pd.Index(["z"])])
def test_names_alone(triangle, do):
    assert label(triangle, do=do) == "do($z$)"


@pytest.mark.parametrize("argument", ["do", "latent", "observed"])
@pytest.mark.parametrize("value", [3, 1.5, True, None, object()])
def test_names_that_are_none_are_refused(triangle, argument, value):
    kind = type(value).__name__
    with pytest.raises(TypeError, match=f"{argument} is an? {kind}; expected names of nodes, as {argument}="):
        draw_dag(triangle, **{argument: value})


def test_a_number_among_the_names_is_refused(triangle):
    with pytest.raises(KeyError, match="Node of do= 3 is unknown. Valid names: c, y, z"):
        draw_dag(triangle, do=["z", 3])


@pytest.mark.parametrize("wrong", [nx.Graph(), [("a", "b")], None])
def test_something_else_than_a_graph_is_refused(wrong):
    with pytest.raises(
        TypeError, match=rf"Got an? {type(wrong).__name__}; expected a networkx.DiGraph, a pymc.Model, or edges as text"
    ):
        draw_dag(wrong)


def test_an_empty_graph_is_refused():
    with pytest.raises(ValueError, match="no nodes"):
        draw_dag(nx.DiGraph())


def test_roles_must_be_a_mapping(triangle):
    with pytest.raises(TypeError, match="roles is a list; expected a mapping"):
        draw_dag(triangle, roles=["treatment"])
