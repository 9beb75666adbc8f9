"""The paths between two variables, one by one."""

from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from helpers.graphs.questions import as_nodes, at_most, descendants, listed, read_graph


@dataclass(frozen=True)
class Path:
    """One path: its nodes, how it reads, whether it is open, and why."""

    nodes: tuple
    text: str
    open: bool
    why: str

    def __str__(self):
        return f"{self.text}: {'open' if self.open else 'closed'}, {self.why}"


def paths(graph, a, b, given=(), *, limit=None):
    """Each path between two variables, whether it is open when some variables are held, and why.

    Parameters
    ----------
    graph
        As for `adjustment_sets`.
    a, b : str
        The two ends.
    given : str or sequence of str, optional
        What is held.
    limit : int, optional
        Number of paths after which to stop with a `GraphWarning`; 1000 by default.

    Returns
    -------
    list of Path
        Shortest first; ``pandas.DataFrame(paths(...))`` is a table of them, and `draw_dag` colors the open ones.

    Raises
    ------
    KeyError, TypeError, ValueError
        As for `adjustment_sets`; also when both ends are the same, or one of them is held.

    Notes
    -----
    A path is closed by each chain or fork on it that is held, and by each collider that isn't held, and of which no
    effect is held (Pearl 1988).

    Examples
    --------
    >>> for path in paths("c -> z; c -> y; z -> m; y -> m", "z", "y", given="c"):
    ...     print(path)
    z ← c → y: closed, the fork c is held
    z → m ← y: closed, the collider m isn't held, nor an effect of it
    """
    graph, _ = read_graph(graph)
    (start,), (end,) = as_nodes([a], graph, "a"), as_nodes([b], graph, "b")
    held = as_nodes(given, graph, "given")
    if start == end or {start, end} & held:
        raise ValueError(
            f"Paths from {start} to {end} given {listed(held) if held else 'nothing'}: expected two ends, "
            "neither of them held."
        )
    undirected = graph.to_undirected()
    found = nx.shortest_simple_paths(undirected, start, end) if nx.has_path(undirected, start, end) else ()
    found = sorted(at_most(limit, found, "paths"), key=lambda path: (len(path), list(map(str, path))))
    return [_describe(graph, path, held) for path in found]


def _describe(graph, path, held):
    closed, opened = [], []
    for node, kind in kinds(graph, path):
        opening = held & descendants(graph, [node]) if kind == "collider" else ()
        if kind != "collider" and node in held:
            closed.append(f"the {kind} {node} is held")
        elif kind == "collider" and not opening:
            closed.append(f"the collider {node} isn't held, nor an effect of it")
        elif kind == "collider":
            below = f"{listed(opening)}, caused by the collider {node}, {'is' if len(opening) == 1 else 'are'} held"
            opened.append(f"the collider {node} is held" if node in opening else below)
    why = closed or opened or ["nothing on it is held"]
    return Path(tuple(path), path_text(graph, path), not closed, "; ".join(why))


def kinds(graph, path):
    """What each inner node of a path is on it: a collider, a fork or a link of a chain."""
    for before, node, after in zip(path, path[1:], path[2:]):
        into = graph.has_edge(before, node) + graph.has_edge(after, node)
        yield node, ("fork", "chain", "collider")[into]


def path_text(graph, path):
    """A path with its arrows: z ← c → y."""
    steps = [f"{'→' if graph.has_edge(one, other) else '←'} {other}" for one, other in pairwise(path)]
    return " ".join([str(path[0]), *steps])
