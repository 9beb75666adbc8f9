"""Which paths of a graph are open, and which sets close them all."""

from collections import deque
from itertools import combinations

import networkx as nx

from helpers.graphs.questions import ancestors, in_order, reach


def connected(graph, starts, given=(), mute=frozenset()):
    """Nodes that an open path joins to the starts, given what is held (Bayes ball, Shachter 1998).

    The arrows out of nodes that are mute don't count.
    """
    return {node for node, _ in _walk(graph, starts, given, mute)} - set(given)


def open_path(graph, starts, ends, given=()):
    """A shortest open path, as a list of nodes; None where all are closed."""
    before = _walk(graph, starts, given)
    reached = next((state for state in before if state[0] in ends), None)
    path = []
    while reached:
        path.append(reached[0])
        reached = before[reached]
    return path[::-1] or None


def _walk(graph, starts, given, mute=frozenset()):
    """Breadth first, each state (node, whether it was entered along an arrow) with the state before it."""
    given = set(given)
    opening = reach(graph.pred, given, mute)
    before = {(node, False): None for node in in_order(set(starts) - given)}
    waiting = deque(before)
    while waiting:
        state = waiting.popleft()
        node, along = state
        following = []
        if node not in given and node not in mute:
            following += [(child, True) for child in graph.succ[node]]
        if node in opening if along else node not in given:
            following += [(parent, False) for parent in graph.pred[node] if parent not in mute]
        for other in following:
            if other not in before:
                before[other] = state
                waiting.append(other)
    return before


def minimal_separators(graph, starts, ends, allowed):
    """All minimal sets of allowed nodes that close every path between starts and ends, one by one.

    Minimal separators of a directed graph are those of the moral graph of the ancestors (van der Zander et al. 2019),
    in which what must not be held is eliminated. The nearest one is found first; from each, moving one of its nodes to
    the near side and taking the nearest one again leads to the others (Takata 2010).
    """
    neighbors = _moral(graph, starts, ends, allowed)
    near, far = "near", "far"
    if far in neighbors[near]:
        return

    def nearest(side):
        cut = _border(neighbors, side)
        return frozenset(_border(neighbors, reach(neighbors, [far], cut)))

    waiting = deque([nearest({near})])
    seen = set(waiting)
    while waiting:
        separator = waiting.popleft()
        yield frozenset(node for _, node in separator)
        side = reach(neighbors, [near], separator)
        for node in sorted(separator, key=lambda pair: str(pair[1])):
            if far not in neighbors[node]:
                following = nearest(side | {node})
                if following not in seen:
                    seen.add(following)
                    waiting.append(following)


def _moral(graph, starts, ends, allowed):
    """Neighbors in the moral graph of the ancestors; starts and ends are one node each, others are pairs."""
    ends_of = {**dict.fromkeys(starts, "near"), **dict.fromkeys(ends, "far")}
    relevant = ancestors(graph, {*starts, *ends})
    moral = nx.moral_graph(graph.subgraph(relevant))
    neighbors = {"near": set(), "far": set()}
    for one, other in moral.edges:
        one, other = (ends_of.get(node, ("node", node)) for node in (one, other))
        if one != other:
            neighbors.setdefault(one, set()).add(other)
            neighbors.setdefault(other, set()).add(one)
    for node in [pair for pair in neighbors if isinstance(pair, tuple) and pair[1] not in allowed]:
        around = neighbors.pop(node)
        for one in around:
            neighbors[one].discard(node)
        for one, other in combinations(around, 2):
            neighbors[one].add(other)
            neighbors[other].add(one)
    return neighbors


def _border(neighbors, side):
    return set().union(*(neighbors[node] for node in side)) - side
