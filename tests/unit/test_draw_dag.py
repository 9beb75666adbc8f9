"""draw_dag: everything is in the picture, at a place where it can be read, and cut where do cuts."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import pymc as pm
import pytest
from conftest import linear_model
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import causal_graph, draw_dag
from helpers.drawing.labels import math_label
from helpers.drawing.layout import boxes_overlap, node_box
from helpers.drawing.pieces import CutArrow
from helpers.style import ROLE_COLORS

TRIANGLE = [("c", "z"), ("c", "y"), ("z", "y")]
ROLES = {"c": "confounder", "z": "treatment", "y": "outcome"}
NAMES = ["c", "z", "y", "beta_zy", "a_rather_long_name", "u_1"]
PAIRS = [(parent, child) for position, parent in enumerate(NAMES) for child in NAMES[position + 1 :]]
DIMS = [(), ("unit",), ("time",), ("unit", "time")]
few = settings(max_examples=30, deadline=None)


@pytest.fixture
def triangle():
    return nx.DiGraph(TRIANGLE)


@st.composite
def graphs(draw):
    graph = nx.DiGraph()
    graph.add_nodes_from((name, {"dims": draw(st.sampled_from(DIMS))}) for name in NAMES)
    graph.add_edges_from(draw(st.lists(st.sampled_from(PAIRS), unique=True)))
    return graph


def hierarchical_model():
    with pm.Model(coords={"school": range(4), "student": range(9)}) as model:
        mu, tau, sigma = pm.Normal("mu"), pm.HalfNormal("tau"), pm.HalfNormal("sigma")
        alpha = pm.Normal("alpha", mu, tau, dims="school")
        pm.Normal("y", alpha[np.zeros(9, dtype=int)], sigma, dims="student")
    return model


def box(node):
    """Left, bottom, right and top of a drawn node in model units, one of which is an inch here."""
    return node_box((node.x, node.y), (node.scale * node.aspect, node.scale))


def plate_box(plate):
    left, bottom, width, height = plate.rect
    return left, bottom, left + width, bottom + height


def inside(inner, outer):
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def arrows(pgm):
    return {(edge.node1.name, edge.node2.name): edge for edge in pgm._edges}


def cut(pgm):
    return {ends for ends, edge in arrows(pgm).items() if isinstance(edge, CutArrow)}


@few
@given(graph=graphs())
def test_every_node_arrow_and_plate_is_drawn_and_none_overlaps(graph):
    pgm = draw_dag(graph)
    assert set(pgm._nodes) == set(graph)
    assert set(arrows(pgm)) == set(graph.edges)
    used = {frozenset(dims) for _, dims in graph.nodes(data="dims") if dims}
    assert len(pgm._plates) == len(used)
    boxes = [box(node) for node in pgm._nodes.values()]
    assert not any(boxes_overlap(one, other) for at, one in enumerate(boxes) for other in boxes[:at])
    for name, node in pgm._nodes.items():
        around = [inside(box(node), plate_box(plate)) for plate in pgm._plates]
        touched = [boxes_overlap(box(node), plate_box(plate)) for plate in pgm._plates]
        assert around == touched, f"{name} lies across the border of a plate"
        assert any(around) == bool(graph.nodes[name]["dims"]), (
            f"{name} is in a plate without its dims, or out of its own"
        )


def test_plates_of_a_hierarchical_model_hold_their_members_only():
    pgm = draw_dag(hierarchical_model())
    members = {
        plate.label: {name for name, node in pgm._nodes.items() if boxes_overlap(box(node), plate_box(plate))}
        for plate in pgm._plates
    }
    assert members == {"school (4)": {"alpha"}, "student (9)": {"y"}}


def test_a_plate_with_more_dims_lies_inside():
    graph = nx.DiGraph([("a", "y")])
    nx.set_node_attributes(graph, {"a": ("unit",), "y": ("unit", "time")}, "dims")
    outer, inner = draw_dag(graph)._plates
    assert (outer.label, inner.label) == ("unit", "time")
    assert inside(plate_box(inner), plate_box(outer))


def test_arrows_into_intervened_nodes_are_cut_and_still_drawn(triangle):
    pgm = draw_dag(triangle, do={"z"}, roles=ROLES)
    assert set(arrows(pgm)) == set(TRIANGLE)
    assert cut(pgm) == {("c", "z")}
    assert pgm._nodes["z"].shape == "rectangle"
    assert pgm._nodes["z"].content == "do($z$)"


def test_do_may_say_the_value(triangle):
    assert draw_dag(triangle, do={"z": 1})._nodes["z"].content == "do($z$ = 1)"
    assert draw_dag(triangle, do={"z": 0})._nodes["z"].content == "do($z$ = 0)"
    assert draw_dag(triangle, do={"z": np.arange(3)})._nodes["z"].content == "do($z$)"


def test_do_on_a_model_cuts_the_arrows_of_parameters_too():
    pgm = draw_dag(linear_model(), do="z")
    assert cut(pgm) == {("c", "z"), ("beta_z0", "z"), ("beta_cz", "z")}


def test_a_model_under_do_marks_what_was_set():
    z = {"z": np.ones((), dtype="int64")}
    pgm = draw_dag(pm.do(linear_model(), {"z": np.ones(1, dtype="int64")}), do=z)
    assert pgm._nodes["z"].content == "do($z$ = 1)"
    assert pgm._nodes["z"].shape == "rectangle"
    assert not [ends for ends in arrows(pgm) if ends[1] == "z"]
    assert cut(pgm) == set()


def test_the_arrow_of_a_policy_is_not_cut():
    model = linear_model("continuous")
    world = pm.do(model, {"z": 2 * model["c"]})
    pgm = draw_dag(causal_graph(world, do="z"))
    assert pgm._nodes["z"].content == "do($z$)"
    assert ("c", "z") in arrows(pgm)
    assert cut(pgm) == set()


def test_a_deterministic_may_be_a_policy_or_the_models_own():
    model = linear_model("continuous")
    for some, name in ((pm.do(model, {"z": 2 * model["c"]}), "z"), (model, "y_mu")):
        with pytest.raises(ValueError, match=f"'{name}' is a deterministic with causes"):
            draw_dag(some, do=name)
    own = causal_graph(model, variables=["c", "z", "y_mu", "y"])
    assert cut(draw_dag(own, do="y_mu")) == {("c", "y_mu"), ("z", "y_mu")}
    world = pm.do(model, {"z": pm.Normal.dist(shape=(1,))})
    assert draw_dag(world, do="z")._nodes["z"].shape == "rectangle"


def test_observed_latent_and_deterministic_nodes_look_different():
    model = pm.observe(linear_model(), {"z": np.zeros(1, dtype="int64"), "y": np.zeros(1)})
    nodes = draw_dag(model, latent={"c"})._nodes
    assert {name for name, node in nodes.items() if node.observed} == {"z", "y"}
    assert {name for name, node in nodes.items() if node.alternate} == {"y_mu"}
    assert {name for name, node in nodes.items() if "ls" in node.plot_params} == {"c"}
    faces = {nodes[name].plot_params["fc"] for name in ("z", "c")}
    assert len(faces) == 2


def test_roles_give_their_color(triangle):
    nodes = draw_dag(triangle, roles=ROLES, observed=["z", "y"])._nodes
    for name, role in ROLES.items():
        assert nodes[name].plot_params["ec"] == ROLE_COLORS[role]
    assert nodes["z"].plot_params["fc"] != nodes["c"].plot_params["fc"] != "#ffffff"


def test_given_positions_are_kept(triangle):
    positions = {"c": (1, 1), "z": (0, 0), "y": (2, 0)}
    for factor in (0.01, 1, 100):
        scaled = {name: (factor * x, factor * y) for name, (x, y) in positions.items()}
        pgm = draw_dag(triangle, positions=scaled)
        for name, node in pgm._nodes.items():
            assert (node.x, node.y) == pytest.approx(scaled[name])


@pytest.mark.parametrize("positions", [None, {"c": (1, 1), "z": (0, 0), "y": (2, 0)}])
def test_arrows_run_from_the_border_of_one_node_to_the_border_of_the_other(triangle, positions):
    pgm = draw_dag(triangle, positions=positions)
    inches = pgm._ctx.grid_unit / 2.54
    for edge in pgm._edges:
        for node, (x, y) in ((edge.node1, edge.route[0]), (edge.node2, edge.route[-1])):
            distance = inches * np.hypot(x - node.x, y - node.y)
            assert distance == pytest.approx(node.scale / 2, abs=0.05)


@pytest.mark.parametrize("options", [{}, {"positions": {"long_name_of_a_variable": (0, 0), "y": (9, 4)}}])
def test_no_label_is_clipped_by_its_node_or_by_the_picture(options):
    graph = nx.DiGraph([("long_name_of_a_variable", "y")])
    nx.set_node_attributes(graph, ("a_dimension_with_a_long_name",), "dims")
    pgm = draw_dag(graph, do={"long_name_of_a_variable": 0.25}, **options)
    renderer = mpl.backends.backend_agg.FigureCanvasAgg(pgm.figure).get_renderer()
    page = pgm.figure.bbox
    texts = {text.get_text(): text.get_window_extent(renderer) for text in pgm.ax.texts}
    for extent in texts.values():
        assert page.x0 <= extent.x0 and page.y0 <= extent.y0 and extent.x1 <= page.x1 and extent.y1 <= page.y1
    for node in pgm._nodes.values():
        left, bottom, right, top = node_box(
            pgm._ctx.convert(node.x, node.y), (node.scale * node.aspect * 2.54, node.scale * 2.54)
        )
        (x0, y0), (x1, y1) = pgm.ax.transData.transform([(left, bottom), (right, top)])
        extent = texts[node.content]
        assert x0 <= extent.x0 and y0 <= extent.y0 and extent.x1 <= x1 and extent.y1 <= y1


def test_nothing_passed_in_is_changed(triangle):
    nx.set_node_attributes(triangle, ("i",), "dims")
    before = triangle.copy()
    roles, labels, positions = dict(ROLES), {"z": "ads"}, {"c": (1, 1), "z": (0, 0), "y": (2, 0)}
    draw_dag(triangle, do=("z",), roles=roles, labels=labels, positions=positions)
    assert nx.utils.graphs_equal(triangle, before)
    assert (roles, labels) == (ROLES, {"z": "ads"})
    assert positions == {"c": (1, 1), "z": (0, 0), "y": (2, 0)}


def test_other_figures_and_settings_are_left_alone(triangle):
    settings_before, open_before = dict(mpl.rcParams), plt.get_fignums()
    draw_dag(triangle)._repr_svg_()
    assert (dict(mpl.rcParams), plt.get_fignums()) == (settings_before, open_before)


def test_the_picture_shows_itself_and_is_the_same_each_time(triangle, tmp_path):
    pictures = [draw_dag(triangle, do={"z"})._repr_svg_() for _ in range(2)]
    assert pictures[0] == pictures[1]
    assert pictures[0].startswith("<?xml")
    path = tmp_path / "graph.png"
    draw_dag(triangle).savefig(path)
    assert path.stat().st_size > 1000


def test_labels_can_be_given(triangle):
    nodes = draw_dag(triangle, labels={"z": "search ads"})._nodes
    assert nodes["z"].content == "search ads"
    assert nodes["y"].content == "$y$"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("z", "$z$"),
        ("x1", "$x_{1}$"),
        ("x_1", "$x_{1}$"),
        ("beta_zy", r"$\beta_{zy}$"),
        ("y_mu", r"$\mu_{y}$"),
        ("sigma", r"$\sigma$"),
        ("alpha_school", r"$\alpha_{\mathrm{school}}$"),
        ("sales", "sales"),
        ("paid_search", "paid\nsearch"),
    ],
)
def test_names_read_as_mathematics(name, label):
    assert math_label(name) == label


def test_a_graph_from_a_model_is_drawn_with_what_it_says():
    model = pm.observe(linear_model(), {"y": np.zeros(1)})
    pgm = draw_dag(causal_graph(model))
    assert {name for name, node in pgm._nodes.items() if node.observed} == {"y"}
    assert [plate.label for plate in pgm._plates] == ["i"]


@pytest.mark.parametrize("argument", ["do", "latent", "observed"])
def test_an_unknown_name_is_named_with_the_nearest(argument):
    graph = nx.DiGraph([("price", "sales")])
    with pytest.raises(KeyError, match=rf"Node of {argument}= 'prise' is unknown. Did you mean 'price'"):
        draw_dag(graph, **{argument: ["prise"]})
    for mapping in (
        {"roles": {"prise": "treatment"}},
        {"labels": {"prise": "p"}},
        {"positions": {"prise": (0, 0)}},
    ):
        with pytest.raises(KeyError, match="Did you mean 'price'"):
            draw_dag(graph, **mapping)


def test_an_unknown_role_is_named_with_the_nearest(triangle):
    with pytest.raises(KeyError, match="Role 'confounders' is unknown. Did you mean 'confounder'"):
        draw_dag(triangle, roles={"c": "confounders"})


def test_a_cycle_is_shown():
    with pytest.raises(ValueError, match="cycle, a → b → a"):
        draw_dag(nx.DiGraph([("a", "b"), ("b", "a")]))


def test_positions_must_be_complete_and_apart(triangle):
    with pytest.raises(ValueError, match="no place for z, y"):
        draw_dag(triangle, positions={"c": (0, 0)})
    with pytest.raises(ValueError, match="'z' and 'c' at the same place"):
        draw_dag(triangle, positions={"c": (0, 0), "z": (0, 0), "y": (1, 0)})


def test_positions_that_put_a_stranger_into_a_plate_are_refused(triangle):
    nx.set_node_attributes(triangle, {"c": ("i",), "y": ("i",)}, "dims")
    with pytest.raises(ValueError, match="'z' into the plate of i"):
        draw_dag(triangle, positions={"c": (0, 0), "z": (1, 0), "y": (2, 0)})
