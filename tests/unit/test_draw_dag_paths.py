"""draw_dag shows which paths are open, and which claims of the graph the data contradict."""

import networkx as nx
import pandas as pd
import pytest

from helpers import ROLE_COLORS, causal_graph, draw_dag, paths
from helpers.drawing.pieces import FAILED, HEAD, Arrow, CutArrow

EDGES = "c -> z; c -> y; z -> m; m -> y; z <-> w; w -> y; i -> z"


def looks(pgm, color):
    """The arrows in a color."""
    return {(arrow.node1.name, arrow.node2.name) for arrow in pgm._edges if arrow.plot_params.get("color") == color}


def plain(pgm):
    return {(arrow.node1.name, arrow.node2.name): tuple(arrow.route) for arrow in pgm._edges if type(arrow) is Arrow}


def test_open_paths_have_the_color_of_what_they_carry():
    pgm = draw_dag(EDGES, paths=paths(EDGES, "z", "y"))
    assert looks(pgm, ROLE_COLORS["treatment"]) == {("z", "m"), ("m", "y")}
    assert looks(pgm, ROLE_COLORS["confounder"]) == {("c", "z"), ("c", "y"), ("u_wz", "z"), ("u_wz", "w"), ("w", "y")}
    held = draw_dag(EDGES, paths=paths(EDGES, "z", "y", given=["c", "w"]))
    assert not looks(held, ROLE_COLORS["confounder"])
    assert looks(held, ROLE_COLORS["treatment"]) == {("z", "m"), ("m", "y")}


def test_an_arrow_on_both_kinds_of_path_misleads():
    edges = "c -> z; c -> m; z -> m; m -> y"
    pgm = draw_dag(edges, paths=paths(edges, "z", "y"))
    assert looks(pgm, ROLE_COLORS["treatment"]) == {("z", "m")}
    assert looks(pgm, ROLE_COLORS["confounder"]) == {("c", "z"), ("c", "m"), ("m", "y")}


def test_what_do_cuts_is_open_no_more():
    pgm = draw_dag(EDGES, do="z", paths=paths(EDGES, "z", "y"))
    assert looks(pgm, ROLE_COLORS["treatment"]) == {("z", "m"), ("m", "y")}
    assert not looks(pgm, ROLE_COLORS["confounder"])
    cut = {(arrow.node1.name, arrow.node2.name) for arrow in pgm._edges if isinstance(arrow, CutArrow)}
    assert cut == {("c", "z"), ("u_wz", "z"), ("i", "z")}


@pytest.mark.parametrize(
    "failed",
    [
        [("i", "y")],
        {("i", "y")},
        pd.DataFrame({"a": ["i", "c"], "b": ["y", "m"], "fails": [True, False]}),
    ],
)
def test_what_failed_is_joined_without_an_arrow(failed):
    pgm = draw_dag(EDGES, do="y", failed=failed)
    (line,) = [arrow for arrow in pgm._edges if arrow.plot_params.get("color") == FAILED]
    assert (line.node1.name, line.node2.name) == ("i", "y")
    assert line.plot_params["arrowstyle"] == "-" != HEAD
    assert type(line) is Arrow
    assert len(pgm._edges) == causal_graph(EDGES).number_of_edges() + 1


def test_a_line_moves_no_node():
    without, with_line = draw_dag(EDGES), draw_dag(EDGES, failed=[("m", "i")])
    assert list(without._nodes) == list(with_line._nodes)
    for name, node in without._nodes.items():
        other = with_line._nodes[name]
        assert (other.x - node.x, other.y - node.y) == pytest.approx((0, 0), abs=0.5), name
    assert set(plain(without)) == set(plain(with_line)) - {("m", "i")}


def test_an_edge_string_is_drawn_as_its_graph():
    from_text, from_graph = draw_dag(EDGES), draw_dag(causal_graph(EDGES))
    assert plain(from_text) == plain(from_graph)
    assert from_text._nodes["u_wz"].plot_params["ls"] == (0, (3, 2))
    graph = nx.DiGraph([("a", "b")])
    draw_dag(graph, failed=[])
    assert list(graph.edges) == [("a", "b")]
