"""What isn't a graph, or no question about one, gets a message that says what was expected."""

import inspect

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import helpers
from helpers import (
    GraphWarning,
    adjustment_sets,
    causal_graph,
    draw_dag,
    frontdoor_sets,
    identifiable,
    implied_independences,
    instruments,
    is_adjustment_set,
    paths,
    test_independences,
)

EDGES = "c -> z; c -> y; z -> y"
ASKED = [adjustment_sets, frontdoor_sets, instruments, identifiable]
TWICE = "; ".join(f"z <- a{k}; a{k} <- b{k}; b{k} -> y" for k in range(20))
IN_A_ROW = "; ".join(f"z -> a{k}; a{k} -> b{k}; b{k} -> y" for k in range(20))


@pytest.mark.parametrize("function", ASKED)
@pytest.mark.parametrize(
    ("graph", "treatment", "outcome", "error", "message"),
    [
        (EDGES, "x", "y", KeyError, "Node of treatment= 'x' is unknown. Valid names: c, y, z"),
        (EDGES, "Z", "y", KeyError, "Did you mean 'z'"),
        (EDGES, "z", "w", KeyError, "Node of outcome= 'w'"),
        (EDGES, "z", "z", ValueError, "z is the treatment and the outcome; expected two variables"),
        (EDGES, [], "y", ValueError, "treatment names no node"),
        ("z -> y; y -> w; w -> z", "z", "y", ValueError, "cycle, z → y → w → z"),
        ("z -> z; z -> y", "z", "y", ValueError, "z is an effect of itself"),
        (nx.DiGraph([("z", "z"), ("z", "y")]), "z", "y", ValueError, "cycle, z → z"),
        ("z <-> z; z -> y", "z", "y", ValueError, "'z <-> z': z is an effect of itself"),
        ("z => y", "z", "y", ValueError, "'z => y' is no edge"),
        ("z -> y, c -> y", "z", "y", ValueError, "with ';' or a new line between them"),
        ("z -> c z -> y", "z", "y", ValueError, "'c z' is no name"),
        ("z -> ", "z", "y", ValueError, "'' is no name"),
        ("dag { z -> y }", "z", "y", ValueError, "'dag { z' is no name"),
        ("", "z", "y", ValueError, "names nothing; expected edges as in"),
        (nx.Graph([("z", "y")]), "z", "y", TypeError, "graph is a Graph; expected a networkx.DiGraph, a pymc.Model"),
        ({"z": "y"}, "z", "y", TypeError, "graph is a dict"),
    ],
)
def test_questions_that_are_none(function, graph, treatment, outcome, error, message):
    with pytest.raises(error) as raised:
        function(graph, treatment, outcome)
    assert message in str(raised.value)


@pytest.mark.parametrize("function", ASKED)
def test_latent_ends(function):
    with pytest.raises(ValueError, match="The treatment z is latent"):
        function(EDGES, "z", "y", latent="z")
    with pytest.raises(ValueError, match="The outcome y is latent"):
        function(EDGES, "z", "y", latent={"c", "y"})
    with pytest.raises(KeyError, match="Node of latent= 'u' is unknown"):
        function(EDGES, "z", "y", latent="u")


def test_other_questions_that_are_none():
    with pytest.raises(KeyError, match="Node of adjustment= 'd'"):
        is_adjustment_set(EDGES, "z", "y", "d")
    answer, table = identifiable(EDGES, "z", "y"), np.full((2, 2, 2), 1 / 8)
    with pytest.raises(TypeError, match="joint is a ndarray; expected an xarray.DataArray"):
        answer.evaluate(table)
    with pytest.raises(KeyError, match="Dim of the table 'c' is unknown. Valid names: w, y, z"):
        answer.evaluate(xr.DataArray(table, dims=list("wyz")))
    with pytest.raises(ValueError, match="expected one variable"):
        instruments(EDGES, ["z", "c"], "y")
    with pytest.raises(ValueError, match="two ends, neither of them held"):
        paths(EDGES, "z", "y", given="z")
    with pytest.raises(ValueError, match="two ends"):
        paths(EDGES, "z", "z")
    with pytest.raises(KeyError, match="Node of given= 'd'"):
        paths(EDGES, "z", "y", given="d")
    for limit in (0, -1, 1.5, True, "all"):
        with pytest.raises(ValueError, match="limit is .* expected a whole number"):
            adjustment_sets(EDGES, "z", "y", limit=limit)


@pytest.mark.parametrize(
    ("function", "edges"),
    [
        (adjustment_sets, "z -> y; " + TWICE),
        (frontdoor_sets, "z <-> y; " + IN_A_ROW),
        (instruments, "z <-> y; i -> z; z -> y; " + TWICE.replace("z <- a", "i <- a")),
        (paths, "; ".join(f"a{k} -> a{n}" for n in range(20) for k in range(n)) + "; z -> a0; a19 -> y"),
    ],
)
def test_a_million_answers_stop_at_the_limit(function, edges):
    with pytest.warns(GraphWarning, match="Stopped after 1000 .* there are more"):
        assert len(function(edges, "z", "y")) == 1000
    with pytest.warns(GraphWarning, match="Stopped after 7 .* there are more"):
        assert len(function(edges, "z", "y", limit=7)) == 7


def test_a_limit_that_is_just_enough_says_nothing():
    assert len(adjustment_sets("z <- a; a <- b; b -> y; z -> y", "z", "y", limit=2)) == 2


def columns(rows=100):
    rng = np.random.default_rng(1)
    return pd.DataFrame(rng.normal(size=(rows, 3)), columns=list("abc"))


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (columns().drop(columns="c"), KeyError, "Say latent= for a node that isn't recorded. Column of data, 'c'"),
        (columns().rename(columns={"c": "C"}), KeyError, "Did you mean 'C'"),
        (columns().mask(lambda frame: frame > 2), ValueError, "values are missing or infinite"),
        (columns().replace({"b": {columns()["b"][0]: np.inf}}), ValueError, "b: values are missing or infinite"),
        (columns().assign(b=pd.array([None, *range(99)], dtype="Int64")), ValueError, "b: values are missing"),
        (columns(20), ValueError, "20 rows of data; expected more than 30"),
        (columns(0), ValueError, "0 rows of data; expected more than 30"),
        (columns(32), ValueError, "32 rows of data; its regression needs 3"),
        (columns().assign(b=list(map(str, range(100)))), ValueError, "100 rows of data; its regression needs"),
        (columns().assign(b=pd.date_range("2020", periods=100)), TypeError, "b has values of type datetime64"),
        (pd.concat([columns(), columns()[["b"]]], axis=1), ValueError, "b: the name of more than one column"),
        (columns().to_numpy(), TypeError, "data is a ndarray; expected a pandas.DataFrame or an xarray.Dataset"),
        (columns().to_xarray().isel(index=0), ValueError, "expected the same for all, with one row a unit"),
        (
            columns().to_xarray().assign(a=("j", np.zeros(5))),
            ValueError,
            "expected the same for all, with one row a unit",
        ),
    ],
)
def test_data_that_are_none(data, error, message):
    with pytest.raises(error) as raised:
        test_independences("a -> b; b -> c", data)
    assert message in str(raised.value)


def test_draw_dag_refuses_what_it_cannot_draw():
    with pytest.raises(TypeError, match="paths has a str; expected what paths"):
        draw_dag(EDGES, paths=["z"])
    with pytest.raises(ValueError, match="which an arrow joins"):
        draw_dag(EDGES, failed=[("y", "z")])
    with pytest.raises(KeyError, match="Node of failed= 'w'"):
        draw_dag(EDGES, failed=[("w", "z")])
    with pytest.raises(KeyError, match="Node of paths= 'm'"):
        draw_dag(EDGES, paths=paths("z -> m; m -> y", "z", "y"))
    with pytest.raises(ValueError, match="z → y, whose arrows this graph lacks"):
        draw_dag("z -> m; m -> y", paths=paths("z -> y", "z", "y"))
    with pytest.raises(ValueError, match="is no edge"):
        draw_dag("z => y")


def test_every_function_of_graphs_takes_what_the_others_take():
    """One name for one thing: the first parameter is the graph, limits and latent nodes are said by keyword."""
    for function in (*ASKED, is_adjustment_set, implied_independences, test_independences, paths):
        parameters = inspect.signature(function).parameters
        assert next(iter(parameters)) == "graph"
        for name in {"latent", "limit", "prob"} & set(parameters):
            assert parameters[name].kind is inspect.Parameter.KEYWORD_ONLY
        assert function.__name__ in helpers.__all__
    with pytest.raises(ValueError, match="go with a model"):
        causal_graph(EDGES, do="z")
