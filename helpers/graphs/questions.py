"""What the functions of this folder are asked: a graph, what of it is latent, a treatment and an outcome."""

import warnings
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from numbers import Integral

import networkx as nx
import pymc as pm

from helpers._models.checks import check_names, type_with_article
from helpers.graphs.causal import causal_graph

LIMIT = 1000  # answers of one call, unless the caller says another number


class GraphWarning(UserWarning):
    """An answer about a graph isn't complete."""


def read_graph(graph, latent=()):
    """A graph, a model or an edge string as an acyclic DiGraph, and the set of its latent nodes."""
    if isinstance(graph, str | pm.Model):
        graph = causal_graph(graph)
    if not isinstance(graph, nx.DiGraph):
        raise TypeError(
            f"graph is {type_with_article(graph)}; expected a networkx.DiGraph, a pymc.Model, or edges as in "
            "'c -> z; c -> y; z -> y'."
        )
    if not nx.is_directed_acyclic_graph(graph):
        nodes = [start for start, *_ in nx.find_cycle(graph)]
        cycle = " → ".join(map(str, [*nodes, nodes[0]]))
        raise ValueError(f"The graph has a cycle, {cycle}; a causal graph has none.")
    # What a model that was conditioned on data leaves out of them wasn't observed.
    told = any(graph.nodes[name].get("observed") for name in graph)
    unseen = {
        name
        for name, said in graph.nodes(data=True)
        if said.get("latent") or (told and said.get("observed") is False and not said.get("intervened"))
    }
    # In the order of the names, so that the same graph gets the same answer however it is written.
    ordered = nx.DiGraph()
    ordered.add_nodes_from(in_order(graph))
    ordered.add_edges_from(sorted(graph.edges(), key=lambda edge: list(map(str, edge))))
    return ordered, frozenset(unseen | as_nodes(latent, graph, "latent"))


def as_nodes(names, graph, what):
    """One node or several as a frozenset, all of them in the graph."""
    if isinstance(names, str) or not hasattr(names, "__iter__") or (isinstance(names, tuple) and names in graph):
        names = [names]
    names = list(names)
    check_names(names, graph, f"Node of {what}=")
    return frozenset(names)


def in_order(names):
    """Nodes in the order of their names, so that the same set always reads the same."""
    return sorted(names, key=str)


def smallest_first(sets):
    """Sets by size, then by the names in them."""
    return sorted(sets, key=lambda nodes: (len(nodes), list(map(str, in_order(nodes)))))


def listed(names):
    """Nodes as they stand in a sentence: a, b and c."""
    *others, last = map(str, in_order(names))
    return f"{', '.join(others)} and {last}" if others else last


def at_most(limit, found, what):
    """The first results, and a warning that says so where there are more."""
    limit = LIMIT if limit is None else limit
    if isinstance(limit, bool) or not isinstance(limit, Integral) or limit < 1:
        raise ValueError(f"limit is {limit!r}; expected a whole number of at least 1.")
    results = list(islice(found, limit + 1))
    if len(results) > limit:
        warnings.warn(
            f"Stopped after {limit} {what}; there are more. Pass limit= for another number.", GraphWarning, stacklevel=3
        )
    return results[:limit]


def reach(neighbors, starts, stops=frozenset()):
    """The starts and all that is reached from them, step by step, without setting foot on the stops."""
    found, waiting = set(starts), list(starts)
    while waiting:
        new = set(neighbors[waiting.pop()]) - found - stops
        found |= new
        waiting += new
    return found


def ancestors(graph, nodes):
    """The nodes and all that causes them."""
    return reach(graph.pred, nodes)


def descendants(graph, nodes):
    """The nodes and all that they cause."""
    return reach(graph.succ, nodes)


def without(graph, edges):
    """Copy of a graph without some arrows."""
    copy = graph.copy()
    copy.remove_edges_from(list(edges))
    return copy


@dataclass(frozen=True)
class Question:
    """The effect of a treatment on an outcome in a graph."""

    graph: nx.DiGraph
    latent: frozenset
    treatment: frozenset
    outcome: frozenset

    @cached_property
    def observed(self):
        """Nodes that may be held: neither latent nor part of the question."""
        return set(self.graph) - self.latent - self.treatment - self.outcome

    @cached_property
    def causal(self):
        """Nodes on proper causal paths, which leave the treatment and don't come back to it."""
        into, out_of = self.graph.in_edges(self.treatment), self.graph.out_edges(self.treatment)
        caused = descendants(without(self.graph, into), self.treatment) - self.treatment
        return caused & ancestors(without(self.graph, out_of), self.outcome)

    @cached_property
    def forbidden(self):
        """Nodes that no adjustment may hold: those on causal paths, and what they cause."""
        return descendants(self.graph, self.causal)

    @cached_property
    def back_door(self):
        """Proper back-door graph: without the first arrow of each proper causal path."""
        out_of = self.graph.out_edges(self.treatment)
        return without(self.graph, [(cause, effect) for cause, effect in out_of if effect in self.causal])


def ask(graph, treatment, outcome, latent):
    """The question, once it is known to be one."""
    graph, latent = read_graph(graph, latent)
    treatment, outcome = as_nodes(treatment, graph, "treatment"), as_nodes(outcome, graph, "outcome")
    for what, names in {"treatment": treatment, "outcome": outcome}.items():
        if not names:
            raise ValueError(f"{what} names no node of the graph.")
        if names & latent:
            raise ValueError(f"The {what} {listed(names & latent)} is latent: its effect can't be asked of the data.")
    if treatment & outcome:
        raise ValueError(f"{listed(treatment & outcome)} is the treatment and the outcome; expected two variables.")
    return Question(graph, latent, treatment, outcome)
