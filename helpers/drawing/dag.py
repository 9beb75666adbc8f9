"""Pictures of causal graphs and of models."""

from itertools import pairwise

import networkx as nx
import pymc as pm

from helpers._models.checks import check_names, type_with_article
from helpers._models.structure import Structure
from helpers.drawing.labels import PLATE_FONT_SIZE, do_label, math_label, node_size, text_size
from helpers.drawing.layout import find_cycle, layout_by_hand, layout_by_itself, nest_plates
from helpers.drawing.pieces import FAILED, draw
from helpers.graphs import Path, causal_graph
from helpers.style import INK, PAPER, ROLE_COLORS, tint


def draw_dag(
    graph_or_model, *, do=(), latent=(), observed=(), roles=None, labels=None, positions=None, paths=(), failed=()
):
    """Picture of a causal graph, or of a whole model with its parameters.

    Observed nodes are shaded, latent ones dashed, deterministics have a double outline.
    Intervened nodes are square, and the arrows into them are drawn cut. Each set of dims is a plate.
    Open paths are bold: causal ones in the treatment's color, others in that of a confounder.

    Parameters
    ----------
    graph_or_model : networkx.DiGraph, pymc.Model or str
        A graph (as from `causal_graph`) whose nodes may have attributes ``dims``, ``observed``, ``intervened`` and
        ``latent``; edges as text, ``"c -> z; z -> y; z <-> y"``; or a model, of which all variables are drawn. It isn't
        changed.
    do : str, iterable of str or mapping of str to value, optional
        Nodes to mark as intervened on. In a model that ``pm.do`` made these are the variables that it set.
        What a mapping gives is said in the label where it is short: a number, ``do(z = 1)``; a word,
        ``do(z = coin)``; a distribution, ``do(z ~ Normal)``.
    latent, observed : iterable of str, optional
        Nodes to mark as never observed, and as observed.
    roles : mapping of str to str, optional
        Role of a node, which gives it its color: one of `ROLE_COLORS`.
    labels : mapping of str to str, optional
        Labels that differ from those made from the names (``beta_zy`` reads as a Greek letter with an index);
        Matplotlib's mathtext between dollar signs.
    positions : mapping of str to (float, float), optional
        Place of each node, in any unit: the picture is scaled so that nodes keep a distance.
        By default Graphviz places them.
    paths : iterable of Path, optional
        What the function `paths` gives: those of them that are open are colored.
    failed : iterable of (str, str) or pandas.DataFrame, optional
        Pairs that the graph claims to be independent and the data don't; or what `test_independences` gives. Each is
        joined by a dashed line.

    Returns
    -------
    daft.PGM
        Rendered. As the last expression of a cell it is shown; ``.savefig(path)`` writes it to a file.

    Raises
    ------
    KeyError
        A name that the graph lacks, or an unknown role.
    TypeError
        Neither a DiGraph nor a model nor text; paths that `paths` didn't give; or names of nodes that are no names.
    ValueError
        A graph with a cycle; text that doesn't parse; a path with arrows that the graph lacks; a failed pair that an
        arrow joins; `do` on a deterministic of a model, which may be the model's own or a policy; positions that miss a
        node, or put one into a plate that isn't its own.

    Notes
    -----
    By hand with daft::

        pgm = daft.PGM()
        pgm.add_node("z", "$z$", 0, 0)
        pgm.add_node("y", "$y$", 1, 0)
        pgm.add_edge("z", "y")
        pgm.render()

    For PyMC's own picture see ``pm.model_to_graphviz``.
    In a page of the book the cell ends with ``draw_dag(...)``; its caption and alt text are in the cell's metadata:
    ``"mystnb": {"image": {"alt": "…"}, "figure": {"caption": "…", "name": "fig-x"}}``.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph([("c", "z"), ("c", "y"), ("z", "y")])
    >>> draw_dag(graph, do={"z"}, roles={"c": "confounder", "z": "treatment", "y": "outcome"})
    <daft.PGM: 3 nodes, 3 arrows, 0 plates>
    """
    graph, sizes_of_dims = _as_graph(graph_or_model)
    for argument, value in {"roles": roles, "labels": labels, "positions": positions}.items():
        if value is not None and not hasattr(value, "keys"):
            raise TypeError(f"{argument} is {type_with_article(value)}; expected a mapping from names of nodes.")
    names = {"do": do, "latent": latent, "observed": observed, "roles": roles or {}, "labels": labels or {}}
    for argument, value in names.items():
        names[argument] = _as_names(argument, value)
        check_names(names[argument], graph, f"Node of {argument}=")
    check_names((roles or {}).values(), ROLE_COLORS, "Role")
    _check_policies(graph, names["do"])
    nodes = {name: _describe(name, graph, names) for name in graph}
    plates = nest_plates({name: tuple(graph.nodes[name].get("dims", ())) for name in graph})
    plate_labels = {name: _plate_label(name, plates[name][0], sizes_of_dims) for name in plates}
    sizes = {name: node_size(node["label"], node["square"]) for name, node in nodes.items()}
    shapes = {name: "box" if node["square"] else "ellipse" for name, node in nodes.items()}
    lines = _open_lines(paths, graph, nodes) | _failed_lines(failed, graph)
    graph = nx.DiGraph(graph)
    graph.add_edges_from((pair for pair in lines if pair not in graph.edges), is_arrow=False)
    if positions is None:
        label_sizes = {name: text_size(label, PLATE_FONT_SIZE) for name, label in plate_labels.items()}
        direction = "TB" if isinstance(graph_or_model, pm.Model) else "LR"
        layout = layout_by_itself(graph, sizes, shapes, plates, label_sizes, direction)
    else:
        _check_positions(positions, graph)
        layout = layout_by_hand(graph, sizes, shapes, plates, positions)
    return draw(nodes, sizes, plate_labels, layout, lines)


def _as_graph(graph_or_model):
    """Graph with the attributes that a picture needs, and the lengths of dims where they are known."""
    if isinstance(graph_or_model, pm.Model):
        structure = Structure(graph_or_model)
        graph = structure.graph
        for name in graph:
            graph.nodes[name].update(structure.attributes(name, ()), deterministic=name in structure.deterministics)
        used = {dim for name in graph for dim in structure.dims(name)}
        return graph, {dim: len(labels) for dim, labels in structure.own_labels.items() if dim in used}
    if isinstance(graph_or_model, str):
        graph_or_model = causal_graph(graph_or_model)
    if not isinstance(graph_or_model, nx.DiGraph):
        raise TypeError(
            f"Got {type_with_article(graph_or_model)}; expected a networkx.DiGraph, a pymc.Model, or edges as text."
        )
    if not len(graph_or_model):
        raise ValueError("The graph has no nodes: there is nothing to draw.")
    cycle = find_cycle(graph_or_model)
    if cycle:
        raise ValueError(f"The graph has a cycle, {' → '.join(map(str, cycle))}; a causal graph has none.")
    return graph_or_model, {}


def _as_names(argument, value):
    """Names of nodes as a list, or as a dict where each has a value."""
    if isinstance(value, str):
        return [value]
    if hasattr(value, "keys"):
        return dict(value)
    try:
        return list(value)
    except TypeError:
        raise TypeError(
            f"{argument} is {type_with_article(value)}; expected names of nodes, as {argument}={{'z'}}."
        ) from None


def _check_policies(graph, do):
    """Raise where arrows may be those that do removes, or those of a policy, which stay."""
    unclear = [name for name in do if graph.nodes[name].get("deterministic") and graph.in_degree(name)]
    if unclear:
        name = unclear[0]
        raise ValueError(
            f"{name!r} is a deterministic with causes: they are its own, which do cuts off, or those of a policy, which "
            f"stay. Say which by the graph: causal_graph(model, variables=[..., {name!r}]) for its own, "
            f"causal_graph(model, do={name!r}) for a policy."
        )


def _check_positions(positions, graph):
    check_names(positions, graph, "Node of positions=")
    missing = [str(name) for name in graph if name not in positions]
    if missing:
        raise ValueError(f"positions has no place for {', '.join(missing)}: give one to each node, or to none.")


def _open_lines(paths, graph, nodes):
    """How the arrows of open paths look. What do cuts isn't open any more."""
    lines = {}
    for path in paths:
        if not isinstance(path, Path):
            raise TypeError(f"paths has {type_with_article(path)}; expected what paths(graph, a, b) gives.")
        check_names(path.nodes, graph, "Node of paths=")
        steps = list(pairwise(path.nodes))
        causal = all(graph.has_edge(*step) for step in steps)
        arrows = [step if graph.has_edge(*step) else step[::-1] for step in steps]
        if not all(graph.has_edge(*arrow) for arrow in arrows):
            raise ValueError(
                f"paths has {path.text}, whose arrows this graph lacks: draw the graph that the paths were asked of, for "
                "a model draw_dag(causal_graph(model), paths=...)."
            )
        for arrow in arrows if path.open and not any(nodes[effect]["cut"] for _, effect in arrows) else ():
            # An arrow on paths of both kinds is one that misleads.
            if not (causal and arrow in lines):
                lines[arrow] = {"color": ROLE_COLORS["treatment" if causal else "confounder"], "linewidth": 2.8}
    return lines


def _failed_lines(failed, graph):
    """How a line looks between two variables that the graph wrongly claims to be independent."""
    if hasattr(failed, "itertuples"):
        failed = [(row.a, row.b) for row in failed.itertuples() if row.fails]
    lines = {}
    for pair in failed:
        check_names(pair, graph, "Node of failed=")
        if graph.has_edge(*pair) or graph.has_edge(*pair[::-1]):
            raise ValueError(
                f"failed has {pair}, which an arrow joins: the graph doesn't claim them to be independent."
            )
        lines[tuple(pair)] = {"color": FAILED, "linewidth": 2.2, "linestyle": (0, (3, 2)), "arrowstyle": "-"}
    return lines


def _describe(name, graph, names):
    """How a node looks: its label, shape, and daft's parameters."""
    attributes = graph.nodes[name]
    roles, labels = names["roles"], names["labels"]
    role = roles.get(name)
    square = name in names["do"] or attributes.get("intervened", False)
    latent = name in names["latent"] or role == "latent" or attributes.get("latent", False)
    observed = not square and not latent and (name in names["observed"] or attributes.get("observed", False))
    color = ROLE_COLORS[role] if role else INK
    label = labels.get(name, math_label(name))
    style = {"ec": color, "lw": 2.0 if role or square else 1.2, "fc": PAPER}
    if observed:
        style["fc"] = tint(color, 0.3 if role else 0.2)
    elif role and not latent:
        style["fc"] = tint(color, 0.1)
    if latent:
        style["ls"] = (0, (3, 2))
    if square:
        said = names["do"].get(name) if isinstance(names["do"], dict) else None
        label = do_label(label, said)
    return {
        "label": label,
        "square": square,
        "color": color,
        # The arrows that a model under do still has are those of its policy: they aren't cut.
        "cut": name in names["do"] and not attributes.get("intervened", False),
        "observed": observed,
        "alternate": not observed and attributes.get("deterministic", False),
        "style": style,
    }


def _plate_label(dims, outer, lengths):
    inner = [dim for dim in dims if dim not in (outer or ())]
    return " × ".join(f"{dim} ({lengths[dim]})" if dim in lengths else str(dim) for dim in inner)
