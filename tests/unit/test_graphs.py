"""causal_graph gives back the graph that a model was built from, whatever lies between its data."""

import networkx as nx
import numpy as np
import pymc as pm
import pytest
from conftest import linear_model
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import causal_graph

NAMES = ["a", "b", "c", "d", "e"]
PAIRS = [(parent, child) for position, parent in enumerate(NAMES) for child in NAMES[position + 1 :]]
SIZE = 3

dags = st.lists(st.sampled_from(PAIRS), unique=True, max_size=len(PAIRS))
some_names = st.lists(st.sampled_from(NAMES), unique=True, max_size=len(NAMES) - 1)
# Compiling nothing, a model takes some 10 ms to build; the first one takes longer.
few = settings(max_examples=25, deadline=None)


def model_of(edges, with_deterministics):
    """A linear model of these edges, each with a coefficient; deterministics in between where told."""
    with pm.Model(coords={"i": range(SIZE)}) as model:
        nodes = {}
        for name in NAMES:
            parents = [parent for parent, child in edges if child == name]
            mean = sum((pm.Normal(f"beta_{parent}{name}") * nodes[parent] for parent in parents), start=0.0)
            if name in with_deterministics and parents:
                mean = pm.Deterministic(f"{name}_mu", mean, dims="i")
            nodes[name] = pm.Normal(name, mean, pm.HalfNormal(f"sigma_{name}"), dims="i")
    return model


def zeros(names):
    return {name: np.zeros(SIZE) for name in names}


@few
@given(edges=dags, with_deterministics=some_names)
def test_the_graph_is_the_one_the_model_was_built_from(edges, with_deterministics):
    graph = causal_graph(model_of(edges, with_deterministics))
    assert list(graph) == NAMES
    assert set(graph.edges) == set(edges)
    assert all(graph.nodes[name] == {"dims": ("i",), "observed": False, "intervened": False} for name in NAMES)


@few
@given(edges=dags, with_deterministics=some_names, observed=some_names)
def test_observing_changes_no_arrow(edges, with_deterministics, observed):
    model = pm.observe(model_of(edges, with_deterministics), zeros(observed))
    graph = causal_graph(model)
    assert set(graph.edges) == set(edges)
    assert {name for name in graph if graph.nodes[name]["observed"]} == set(observed)


@few
@given(edges=dags, with_deterministics=some_names, treated=some_names, observed=st.booleans())
def test_do_removes_the_arrows_into_the_treated_and_no_other(edges, with_deterministics, treated, observed):
    model = model_of(edges, with_deterministics)
    if observed:
        model = pm.observe(model, zeros(NAMES))
    graph = causal_graph(pm.do(model, zeros(treated)), do=treated)
    assert set(graph) == set(NAMES)
    assert set(graph.edges) == {(parent, child) for parent, child in edges if child not in treated}
    assert {name for name in graph if graph.nodes[name]["intervened"]} == set(treated)


@few
@given(edges=dags, chosen=some_names)
def test_variables_left_out_are_passed_through(edges, chosen):
    graph = causal_graph(model_of(edges, ()), variables=chosen)
    full = nx.DiGraph(edges)
    full.add_nodes_from(NAMES)
    assert set(graph) == set(chosen)
    for parent in chosen:
        for child in chosen:
            outside = full.subgraph(set(NAMES) - set(chosen) | {parent, child})
            expected = parent != child and nx.has_path(outside, parent, child)
            assert graph.has_edge(parent, child) == expected


def test_a_constant_intervention_is_seen_as_one():
    world = pm.do(linear_model(), {"z": np.ones(1, dtype="int64")}, make_interventions_shared=False)
    graph = causal_graph(world, do="z")
    assert graph.nodes["z"]["intervened"]
    assert set(graph.edges) == {("c", "y"), ("z", "y")}


def test_a_policy_keeps_the_arrow_by_which_it_decides():
    model = linear_model("continuous")
    graph = causal_graph(pm.do(model, {"z": 2 * model["c"]}), do="z")
    assert graph.nodes["z"]["intervened"]
    assert set(graph.edges) == {("c", "z"), ("c", "y"), ("z", "y")}


def test_a_stochastic_intervention_is_a_node_without_parents():
    model = linear_model("continuous")
    world = pm.do(model, {"z": pm.Normal.dist(shape=(1,)), "beta_cy": pm.Normal.dist()})
    for do in ((), "z"):
        graph = causal_graph(world, do=do)
        assert set(graph.edges) == {("c", "y"), ("z", "y")}
        assert list(graph) == ["c", "z", "y"]
    by_chance = pm.do(model, {"z": pm.Normal.dist(model["c"], 1)})
    assert set(causal_graph(by_chance).edges) == {("c", "z"), ("c", "y"), ("z", "y")}


def test_what_is_still_random_was_not_set():
    with pytest.raises(ValueError, match=r"z: still random in this model. Pass the model that pm.do made"):
        causal_graph(linear_model(), do="z")


def test_fixed_parameters_are_not_nodes():
    world = pm.do(linear_model(), {"beta_zy": 0.0, "sigma_y": 1.0})
    assert set(causal_graph(world)) == {"c", "z", "y"}


def test_a_data_container_with_the_dims_of_the_data_is_a_covariate():
    with pm.Model(coords={"i": range(SIZE)}) as model:
        x = pm.Data("x", np.zeros(SIZE), dims="i")
        values = pm.Data("y_values", np.zeros(SIZE), dims="i")
        pm.Data("price", 1.0)
        pm.Normal("y", x, dims="i", observed=values)
    graph = causal_graph(model)
    assert list(graph.edges) == [("x", "y")]
    assert set(graph) == {"x", "y"}
    assert graph.nodes["x"] == {"dims": ("i",), "observed": True, "intervened": False}


def test_a_hidden_confounder_without_dims_is_a_node_when_named():
    with pm.Model(coords={"i": range(SIZE)}) as model:
        u = pm.Normal("u", shape=SIZE)
        z = pm.Normal("z", u, dims="i")
        pm.Normal("y", z + u, dims="i")
    assert set(causal_graph(model).edges) == {("z", "y")}
    named = causal_graph(model, variables=["u", "z", "y"])
    assert set(named.edges) == {("u", "z"), ("u", "y"), ("z", "y")}
    assert named.nodes["u"]["dims"] == ()


def test_the_model_is_not_changed():
    model = linear_model()
    before = (list(model.named_vars), list(model.free_RVs), dict(model.coords))
    causal_graph(model)
    assert (list(model.named_vars), list(model.free_RVs), dict(model.coords)) == before


def test_an_unknown_variable_is_named_with_the_nearest():
    with pytest.raises(KeyError, match=r"Variable 'beta_yz' is unknown. Did you mean 'beta_"):
        causal_graph(linear_model(), variables=["z", "beta_yz"])


def test_something_else_than_a_model_is_refused():
    with pytest.raises(TypeError, match=r"model is a DiGraph; expected a pymc.Model"):
        causal_graph(nx.DiGraph())


def test_a_model_without_dims_asks_for_them():
    with pm.Model() as model:
        pm.Normal("y", pm.Normal("mu"))
    with pytest.raises(ValueError, match=r"variables=\["):
        causal_graph(model)
    assert list(causal_graph(model, variables=["mu", "y"]).edges) == [("mu", "y")]
