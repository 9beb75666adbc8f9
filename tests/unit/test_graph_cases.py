"""Graphs from the literature, with the answers that were published for them."""

import re
import runpy

import networkx as nx
import numpy as np
import pymc as pm
import pytest
from pages import ROOT

from helpers import (
    adjustment_sets,
    causal_graph,
    frontdoor_sets,
    identifiable,
    implied_independences,
    instruments,
    is_adjustment_set,
    paths,
)

FRONT_DOOR = "x -> m; m -> y; x <-> y"
M_BIAS = "u -> z; u -> m; v -> m; v -> y; z -> y"
BUTTERFLY = "a -> z; a -> m; b -> m; b -> y; m -> z; m -> y; z -> y"
# Cinelli, Forney and Pearl (2024), by the number of their models: x treatment, y outcome, z the control in question.
CRASH_COURSE = {
    "1": ("z -> x; z -> y; x -> y", True),
    "2": ("z -> x; u -> z; u -> y; x -> y", True),
    "3": ("u -> x; u -> z; z -> y; x -> y", True),
    "4": ("z -> x; z -> m; x -> m; m -> y", True),
    "5": ("u -> x; u -> z; z -> m; x -> m; m -> y", True),
    "6": ("z -> x; u -> z; u -> m; x -> m; m -> y", True),
    "7": ("u -> x; u -> z; v -> z; v -> y; x -> y", False),
    "8": ("z -> y; x -> y", True),
    "9": ("z -> x; x -> y", True),
    "10": ("z -> x; u -> x; u -> y; x -> y", False),
    "11": ("x -> z; z -> y", False),
    "12": ("x -> m; m -> y; m -> z", False),
    "13": ("x -> m; z -> m; m -> y", True),
    "14": ("x -> z; x -> y", True),
    "15": ("x -> z; z -> w; u -> w; u -> y; x -> y", True),
    "16": ("x -> z; u -> z; u -> y; x -> y", False),
    "17": ("x -> z; y -> z; x -> y", False),
    "18": ("x -> y; y -> z", False),
}
# Figures 3 and 4 of Shpitser and Pearl (2006), and others of their kind: not identified, identified.
UNIDENTIFIED = {
    "bow": "x -> y; x <-> y",
    "confounded mediator": "x -> m; m -> y; x <-> m",
    "mediator tied to both": "x -> m; m -> y; x <-> m; m <-> y",
    "back door tied to both": "w -> x; x -> y; w <-> x; w <-> y",
    "confounded instrument": "i -> x; x -> y; x <-> y",
    "front door tied to the outcome": "x -> m; m -> y; x <-> y; m <-> y",
}
IDENTIFIED = {
    "front door": FRONT_DOOR,
    "two front doors in a row": "x -> a; a -> b; b -> y; x <-> y; x <-> b",
    "Verma": "x -> a; a -> b; b -> y; a <-> y",
    "napkin": "w -> q; q -> x; x -> y; w <-> x; w <-> y",
    "confounder on the way to the mediator": "c -> x; c -> y; x -> m; m -> y; x <-> y; c <-> m",
}


def sets(*texts):
    return [frozenset(text.split()) for text in texts]


@pytest.mark.parametrize("number", CRASH_COURSE)
def test_good_and_bad_controls(number):
    edges, is_good = CRASH_COURSE[number]
    graph = causal_graph(edges)
    latent = {"u", "v"} & set(graph)
    assert bool(is_adjustment_set(graph, "x", "y", "z", latent=latent)) == is_good
    assert bool(is_adjustment_set(graph, "x", "y", [], latent=latent)) == (number not in {*"123456", "10"})


@pytest.mark.parametrize("name", UNIDENTIFIED)
def test_effects_that_no_data_tell(name):
    answer = identifiable(UNIDENTIFIED[name], "x", "y")
    assert not answer
    assert answer.formula is answer.latex is None
    with pytest.raises(ValueError, match=r"x on y isn't identified.*No table"):
        answer.evaluate(None)
    assert not adjustment_sets(UNIDENTIFIED[name], "x", "y")


@pytest.mark.parametrize("name", IDENTIFIED)
def test_effects_that_data_tell(name):
    assert identifiable(IDENTIFIED[name], "x", "y")


def test_formulas_as_the_books_have_them():
    assert identifiable("c -> x; c -> y; x -> y", "x", "y").formula == "P(y | do(x)) = sum over c of P(c) × P(y | c, x)"
    assert identifiable("x -> y; x -> w", "x", "y").formula == "P(y | do(x)) = P(y | x)"
    assert identifiable("y -> x", "x", "y").formula == "P(y | do(x)) = P(y)"
    front = identifiable(FRONT_DOOR, "x", "y")
    assert front.formula == "P(y | do(x)) = sum over m of P(m | x) × (sum over x′ of P(x′) × P(y | m, x′))"
    assert front.latex == (r"P(y \mid do(x)) = \sum_{m} P(m \mid x) \, \left(\sum_{x'} P(x') \, P(y \mid m, x')\right)")
    words = identifiable("ad_spend -> sales", "ad_spend", "sales").latex
    assert words == r"P(\mathrm{sales} \mid do(\mathrm{ad\_spend})) = P(\mathrm{sales} \mid \mathrm{ad\_spend})"


def test_adjustment_sets_of_well_known_graphs():
    assert adjustment_sets(M_BIAS, "z", "y") == sets("")
    assert adjustment_sets(BUTTERFLY, "z", "y") == sets("a m", "b m")
    assert adjustment_sets(BUTTERFLY, "z", "y", latent=["a", "b"]) == []
    assert adjustment_sets("z -> m; m -> y; c -> m; c -> z", "z", "y") == sets("c")
    # Pearl (2009), figure 3.4: {x3, x4} and {x4, x5} are admissible, {x4} alone isn't.
    pearl = "x1 -> x3; x1 -> x4; x2 -> x4; x2 -> x5; x3 -> xi; x4 -> xi; x4 -> xj; x5 -> xj; xi -> x6; x6 -> xj"
    assert adjustment_sets(pearl, "xi", "xj") == sets("x1 x4", "x2 x4", "x3 x4", "x4 x5")
    assert not is_adjustment_set(pearl, "xi", "xj", "x4")
    # Van der Zander, Liśkiewicz and Textor (2019): the back door fails where a child of a treatment must be held.
    assert is_adjustment_set("x1 -> z; z -> x2; z -> y; x2 -> y; x1 <-> x2", ["x2"], "y", "z")
    assert adjustment_sets("x1 -> x2; x2 -> y; x1 -> y; c -> x2; c -> y", ["x1", "x2"], "y") == sets("c")
    # What was a confounder of the second treatment is a mediator of the first: no adjustment for both.
    assert adjustment_sets("x1 -> c; c -> x2; c -> y; x2 -> y; x1 -> y", ["x1", "x2"], "y") == []


def test_reasons_name_the_path():
    def reason(edges, held, **latent):
        return is_adjustment_set(edges, "z", "y", held, **latent).reason

    assert reason("c -> z; c -> y; z -> y", []) == "the path z ← c → y stays open"
    assert reason(M_BIAS, "m") == "holding m opens the collider path z ← u → m ← v → y"
    assert reason(M_BIAS + "; m -> d", "d") == "holding d opens the collider path z ← u → m ← v → y"
    assert reason("z -> m; m -> y", "m") == "m lies on a causal path, z → m → y"
    assert reason("z -> m; m -> y; m -> d", "d") == "d is an effect of m, which lies on a causal path, z → m → y"
    assert reason("z -> y", "z") == "z is the treatment itself"
    assert reason("z -> y; y -> s", "y") == "y is the outcome itself"
    assert reason("c -> z; c -> y", "c", latent="c") == "c isn't observed"
    verdict = is_adjustment_set("c -> z; c -> y; z -> y", "z", "y", "c")
    assert verdict
    assert str(verdict).startswith("Yes: ")


def test_front_door_sets_of_well_known_graphs():
    assert frontdoor_sets(FRONT_DOOR, "x", "y") == sets("m")
    assert frontdoor_sets("x -> a; a -> b; b -> y; x <-> y", "x", "y") == sets("a", "b")
    assert frontdoor_sets("x -> a; a -> y; x -> b; b -> y; x <-> y", "x", "y") == sets("a b")
    assert frontdoor_sets(FRONT_DOOR + "; x -> y", "x", "y") == []
    assert frontdoor_sets(FRONT_DOOR, "x", "y", latent="m") == []


def test_instruments_of_well_known_graphs():
    assert instruments("i -> x; x -> y; x <-> y", "x", "y") == [("i", frozenset())]
    assert instruments("i -> x; x -> y; x <-> y; i -> y", "x", "y") == []
    assert instruments("i -> x; x -> y; x <-> y; w -> i; w -> y", "x", "y") == [("i", frozenset({"w"}))]
    # A proxy of an instrument that nobody recorded.
    assert instruments("i -> x; i -> p; x -> y; x <-> y", "x", "y", latent="i") == [("p", frozenset())]
    # Brito and Pearl (2002): relevant only once a common effect is held.
    assert instruments("i -> c; t -> c; t -> x; x -> y; x <-> y", "x", "y") == [
        ("c", frozenset()),
        ("t", frozenset()),
        ("i", frozenset({"c"})),
    ]


def test_implications_of_well_known_graphs():
    assert [str(claim) for claim in implied_independences("a -> b; b -> c")] == ["a ⟂ c | b"]
    assert [str(claim) for claim in implied_independences("a -> b; c -> b")] == ["a ⟂ c"]
    # Verma's graph constrains the joint distribution by no independence of a pair but that of x and b.
    assert [str(claim) for claim in implied_independences(IDENTIFIED["Verma"])] == ["b ⟂ x | a"]
    assert implied_independences("x -> y; x <-> y") == []


def test_paths_say_why():
    found = paths(M_BIAS + "; m -> d", "z", "y", given="d")
    assert [str(path) for path in found] == [
        "z → y: open, nothing on it is held",
        "z ← u → m ← v → y: open, d, caused by the collider m, is held",
    ]
    assert [path.why for path in paths(M_BIAS, "z", "y", given=["m", "u"])][1] == "the fork u is held"
    below = "; m -> d; m -> e"
    assert paths(M_BIAS + below, "z", "y", given="m")[1].why == "the collider m is held"
    assert paths(M_BIAS + below, "z", "y", given=["d", "e"])[1].why.endswith("caused by the collider m, are held")


@pytest.mark.parametrize("function", [adjustment_sets, frontdoor_sets, instruments, identifiable])
def test_a_graph_may_be_spelled_in_many_ways(function):
    with pm.Model(coords={"unit": range(4)}) as model:
        u, i = (pm.Normal(name, dims="unit") for name in "ui")
        c = pm.Normal("c", u, dims="unit")
        z = pm.Normal("z", pm.Normal("beta") * c + i + u, dims="unit")
        y = pm.Normal("y", z + c, dims="unit")
    edges = "u -> c; u -> z; c -> z; i -> z; z -> y; c -> y"
    wanted = str(function(edges, "z", "y", latent="u"))
    numbers = {name: position for position, name in enumerate("yzciu")}
    marked = causal_graph(edges)
    marked.nodes["u"]["latent"] = True
    zeros = {name: np.zeros(4) for name in "izcy"}
    for graph, latent in [
        ("u → c\nu → z\ny ← c → z\ny ← z ← i", ["u"]),
        ("z -> y; i -> z; c -> y; c -> z; z <-> c", ()),
        (nx.DiGraph(list(causal_graph(edges).edges)[::-1]), {"u"}),
        (nx.MultiDiGraph(causal_graph(edges)), ("u",)),
        (marked, ()),
        (model, "u"),
        (pm.observe(model, zeros), ()),
        (causal_graph(pm.observe(model, zeros)), ()),
    ]:
        assert str(function(graph, "z", "y", latent=latent)) == wanted
        assert str(function(graph, ["z"], ("y",), latent=latent)) == wanted
    del y
    by_number = nx.relabel_nodes(causal_graph(edges), numbers)
    assert bool(function(by_number, numbers["z"], numbers["y"], latent=numbers["u"])) == bool(
        function(edges, "z", "y", latent="u")
    )


def test_an_edge_string_makes_a_graph():
    graph = causal_graph("a -> b <- c; d; b <-> d; d ↔ b")
    assert set(graph.edges) == {("a", "b"), ("c", "b"), ("u_bd", "b"), ("u_bd", "d")}
    assert dict(graph.nodes(data="latent")) == {"a": None, "b": None, "c": None, "d": None, "u_bd": True}
    assert set(causal_graph("u_ab -> a; a <-> b").nodes) == {"u_ab", "u_ab_", "a", "b"}
    assert set(causal_graph("price <-> sales").nodes) == {"price", "sales", "u_price_sales"}


def test_the_way_from_a_graph_to_a_model_in_the_reference_runs(tmp_path):
    page = (ROOT / "book" / "reference" / "helpers.md").read_text()
    (code,) = [block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "edges = " in block]
    assert "assert causal_graph(model).edges == causal_graph(edges).edges" in code
    script = tmp_path / "graph_to_model.py"
    script.write_text(code)
    runpy.run_path(script, {"pm": pm, "causal_graph": causal_graph})
    script.write_text(code.replace("beta_cy * c + ", ""))
    with pytest.raises(AssertionError):
        runpy.run_path(script, {"pm": pm, "causal_graph": causal_graph})
