"""Where nodes, arrows and plates go: Graphviz does the work, all lengths are in inches."""

from dataclasses import dataclass

import networkx as nx
import numpy as np
import pygraphviz

POINTS = 72.0
GAP = 0.35
PLATE_MARGIN = 0.17
PLATE_LABEL = 0.22


@dataclass(frozen=True)
class Layout:
    """Centers of nodes, control points of arrows, and boxes (left, bottom, right, top) of plates."""

    nodes: dict
    edges: dict
    plates: dict
    scale: float = 1.0


def nest_plates(dims):
    """Plate of each set of dims, with the plate that encloses it and the nodes that it holds itself.

    A plate lies inside another when it has all its dims and more, and no third plate makes that ambiguous.

    Parameters
    ----------
    dims : mapping of node to tuple of str

    Returns
    -------
    dict
        Maps the dims of a plate to (dims of the enclosing plate or None, list of nodes).
    """
    groups = {}
    for node, names in dims.items():
        if names and frozenset(names) not in map(frozenset, groups):
            groups[tuple(names)] = []
    for node, names in dims.items():
        for group, members in groups.items():
            if set(group) == set(names):
                members.append(node)
    return {group: (_enclosing(group, groups), members) for group, members in groups.items()}


def _enclosing(group, groups):
    smaller = [other for other in groups if set(other) < set(group)]
    largest = [other for other in smaller if not any(set(other) < set(third) for third in smaller)]
    # Two candidates (unit and time for unit x time) would have to cross: then the plate stands alone.
    return largest[0] if len(largest) == 1 else None


def members_of(plate, plates):
    """All nodes inside a plate, those of the plates inside it included."""
    inner = [name for name, (outer, _) in plates.items() if outer == plate]
    return plates[plate][1] + [node for name in inner for node in members_of(name, plates)]


def layout_by_itself(graph, sizes, shapes, plates, plate_label_sizes, direction):
    """Layout by Graphviz's dot, plates as its clusters, so that no foreign node lies in a plate."""
    drawn, ids = _graphviz(graph, sizes, shapes)
    drawn.graph_attr.update(rankdir=direction, nodesep="0.3", ranksep="0.5", splines="true")
    clusters = {}
    for name in sorted(plates, key=len):
        outer, _ = plates[name]
        clusters[name] = clusters.get(outer, drawn).add_subgraph(
            [ids[node] for node in members_of(name, plates)],
            name=f"cluster_{len(clusters)}",
            label=_blank(plate_label_sizes[name]),
            labelloc="b",
            labeljust="r",
            margin=str(POINTS * PLATE_MARGIN),
        )
    drawn.layout(prog="dot")
    boxes = {name: _numbers(cluster.graph_attr["bb"]) for name, cluster in clusters.items()}
    return Layout(_positions(drawn, ids), _routes(drawn, graph, ids), boxes)


def layout_by_hand(graph, sizes, shapes, plates, positions):
    """Layout with given positions: scaled so that nodes keep a distance, arrows led around nodes."""
    scale = _scale(positions, sizes)
    drawn, ids = _graphviz(graph, sizes, shapes)
    drawn.graph_attr.update(splines="true", esep="+4")
    for node, (x, y) in positions.items():
        drawn.get_node(ids[node]).attr["pos"] = f"{x * scale * POINTS},{y * scale * POINTS}"
    drawn.layout(prog="nop")
    centers = {node: (float(x) * scale, float(y) * scale) for node, (x, y) in positions.items()}
    boxes = {}
    for name in sorted(plates, key=len, reverse=True):
        boxes[name] = _box_around(name, plates, centers, sizes, boxes)
    for name, box in boxes.items():
        _refuse_strangers(name, box, members_of(name, plates), centers, sizes)
    # Graphviz moves the whole picture to its own origin: the routes are moved back.
    moved = _positions(drawn, ids)
    shift_x, shift_y = (np.mean([centers[node][axis] - moved[node][axis] for node in centers]) for axis in (0, 1))
    routes = {
        edge: [(x + shift_x, y + shift_y) for x, y in route] for edge, route in _routes(drawn, graph, ids).items()
    }
    return Layout(centers, routes, boxes, scale)


def _blank(size):
    """Room for a label. Graphviz sees no text, so it needs no fonts of the reader's machine."""
    width, height = (round(length * POINTS) for length in size)
    return (
        f'<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0" FIXEDSIZE="TRUE" '
        f'WIDTH="{width}" HEIGHT="{height}"><TR><TD></TD></TR></TABLE>>'
    )


def _graphviz(graph, sizes, shapes):
    drawn = pygraphviz.AGraph(directed=True, strict=True)
    # Names are replaced by numbers: Graphviz would read some of them as markup.
    ids = {node: f"n{number}" for number, node in enumerate(graph)}
    for node, identifier in ids.items():
        width, height = sizes[node]
        drawn.add_node(
            identifier,
            label="",
            fixedsize="true",
            width=f"{width:.4f}",
            height=f"{height:.4f}",
            shape=shapes[node],
        )
    for parent, child, is_arrow in graph.edges(data="is_arrow", default=True):
        drawn.add_edge(ids[parent], ids[child], constraint=str(is_arrow).lower())
    return drawn, ids


def _positions(drawn, ids):
    return {node: tuple(_numbers(drawn.get_node(name).attr["pos"])) for node, name in ids.items()}


def _routes(drawn, graph, ids):
    """Control points of each arrow: a start, then three points for each cubic curve, then the tip."""
    routes = {}
    for parent, child in graph.edges:
        text = drawn.get_edge(ids[parent], ids[child]).attr["pos"]
        tip, *points = text.replace("\\\n", "").replace("e,", "").split()
        points = [tuple(_numbers(point)) for point in points]
        routes[parent, child] = [*points, tuple(_numbers(tip))]
    return routes


def _numbers(text):
    return [float(number) / POINTS for number in text.split(",")]


def _scale(positions, sizes):
    """Inches for one unit of the given positions, so that the two nearest nodes keep a gap."""
    scale = 0.0
    nodes = list(positions)
    for index, first in enumerate(nodes):
        for second in nodes[:index]:
            needed = []
            for axis in (0, 1):
                distance = abs(positions[first][axis] - positions[second][axis])
                room = (sizes[first][axis] + sizes[second][axis]) / 2 + GAP
                needed.append(room / distance if distance else float("inf"))
            if min(needed) == float("inf"):
                raise ValueError(f"positions puts {first!r} and {second!r} at the same place, {positions[first]}.")
            scale = max(scale, min(needed))
    return scale or 1.0


def _box_around(plate, plates, centers, sizes, boxes):
    inner = [boxes[name] for name, (outer, _) in plates.items() if outer == plate]
    own = [node_box(centers[node], sizes[node]) for node in plates[plate][1]]
    lefts, bottoms, rights, tops = zip(*inner, *own)
    return [
        min(lefts) - PLATE_MARGIN,
        min(bottoms) - PLATE_MARGIN - PLATE_LABEL,
        max(rights) + PLATE_MARGIN,
        max(tops) + PLATE_MARGIN,
    ]


def node_box(center, size):
    """Left, bottom, right and top of a node."""
    return center[0] - size[0] / 2, center[1] - size[1] / 2, center[0] + size[0] / 2, center[1] + size[1] / 2


def boxes_overlap(first, second):
    """Whether two boxes (left, bottom, right, top) share an area."""
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]


def _refuse_strangers(plate, box, members, centers, sizes):
    for node, center in centers.items():
        if node not in members and boxes_overlap(box, node_box(center, sizes[node])):
            raise ValueError(
                f"positions puts {node!r} into the plate of {' × '.join(plate)}, whose dims it lacks: "
                "move it out of the rectangle around " + ", ".join(map(str, members)) + "."
            )


def find_cycle(graph):
    """Nodes along a cycle, the first one repeated at the end; empty when there is none."""
    try:
        edges = nx.find_cycle(graph)
    except nx.NetworkXNoCycle:
        return []
    return [edges[0][0], *(child for _, child, *_ in edges)]
