"""Adjustment: which variables to hold so that seeing the treatment is as good as setting it."""

from dataclasses import dataclass

import networkx as nx

from helpers.graphs.listing import kinds, path_text
from helpers.graphs.questions import as_nodes, ask, at_most, descendants, in_order, listed, smallest_first, without
from helpers.graphs.separation import minimal_separators, open_path


def adjustment_sets(graph, treatment, outcome, *, latent=(), limit=None):
    """All minimal sets of variables whose adjustment gives the effect of a treatment on an outcome.

    Parameters
    ----------
    graph : networkx.DiGraph, pymc.Model or str
        A causal graph, a model that has one (see `causal_graph`), or edges as text: ``"c -> z; z -> y; z <-> y"``,
        where ``<->`` is a latent common cause.
    treatment, outcome : str or sequence of str
        What is set, and what is asked for. With several treatments the effect is that of setting all of them.
    latent : str or sequence of str, optional
        Nodes that nobody recorded. Nodes with an attribute ``latent=True`` are latent, too, and so are the unobserved
        variables of a model in which others are observed.
    limit : int, optional
        Number of sets after which to stop with a `GraphWarning`; 1000 by default.

    Returns
    -------
    list of frozenset
        Smallest first. Empty when no adjustment gives the effect; ``[frozenset()]`` when nothing has to be held.

    Raises
    ------
    KeyError
        A name that the graph lacks.
    TypeError, ValueError
        `graph` is no graph, or has a cycle, or doesn't parse; treatment or outcome is latent, or both are the same.

    Notes
    -----
    A set is listed exactly if ``P(y | do(z)) = Σ P(y | z, set) P(set)`` in every distribution that the graph allows,
    and no part of it does the same: the complete criterion of Shpitser, VanderWeele and Robins (2010), for several
    treatments in the form of van der Zander, Liśkiewicz and Textor (2019).

    Examples
    --------
    >>> adjustment_sets("c -> z; c -> y; z -> m; m -> y", "z", "y")
    [frozenset({'c'})]
    >>> adjustment_sets("z -> y; z <-> y", "z", "y")
    []
    """
    question = ask(graph, treatment, outcome, latent)
    allowed = question.observed - question.forbidden
    found = minimal_separators(question.back_door, question.treatment, question.outcome, allowed)
    return smallest_first(at_most(limit, found, "minimal adjustment sets"))


@dataclass(frozen=True)
class Verdict:
    """True or false, with the reason in words."""

    holds: bool
    reason: str

    def __bool__(self):
        return self.holds

    def __str__(self):
        return f"{'Yes' if self.holds else 'No'}: {self.reason}."


def is_adjustment_set(graph, treatment, outcome, adjustment, *, latent=()):
    """Whether adjusting for a set of variables gives the effect, and if not, why.

    Parameters
    ----------
    graph, treatment, outcome, latent
        As for `adjustment_sets`.
    adjustment : str or sequence of str
        The variables that are held. The set need not be minimal.

    Returns
    -------
    Verdict
        True or false in a condition; its ``reason`` says why, and it prints both.

    Raises
    ------
    KeyError, TypeError, ValueError
        As for `adjustment_sets`.

    Examples
    --------
    >>> edges = "u -> z; u -> m; v -> m; v -> y; z -> y"
    >>> print(is_adjustment_set(edges, "z", "y", "m", latent=["u", "v"]))
    No: holding m opens the collider path z ← u → m ← v → y.
    """
    question = ask(graph, treatment, outcome, latent)
    held = as_nodes(adjustment, question.graph, "adjustment")
    why = _why_not(question, held)
    ends = f"{listed(question.treatment)} and {listed(question.outcome)}"
    return Verdict(not why, why or f"every path between {ends} that isn't causal is closed, and no causal one")


def _why_not(question, held):
    """What is wrong with an adjustment set; an empty string where nothing is."""
    graph = question.graph
    for what, names in {"the treatment": question.treatment, "the outcome": question.outcome}.items():
        if held & names:
            return f"{listed(held & names)} is {what} itself"
    if held & question.latent:
        return f"{listed(held & question.latent)} isn't observed"
    for node in in_order(held & question.forbidden):
        cause = next(one for one in in_order(question.causal) if one == node or nx.has_path(graph, one, node))
        if node in question.causal:
            return f"{node} lies on a causal path, {_causal_path(question, node)}"
        return f"{node} is an effect of {cause}, which lies on a causal path, {_causal_path(question, cause)}"
    path = open_path(question.back_door, question.treatment, question.outcome, held)
    if not path:
        return ""
    colliders = [node for node, kind in kinds(question.graph, path) if kind == "collider"]
    if not colliders:
        return f"the path {path_text(question.graph, path)} stays open"
    opening = held & descendants(question.graph, colliders)
    return f"holding {listed(opening)} opens the collider path {path_text(question.graph, path)}"


def _causal_path(question, node):
    """A causal path through a node, as text."""
    inside = without(question.graph, question.graph.in_edges(question.treatment))
    inside = inside.subgraph(question.causal | question.treatment)
    start = next(name for name in in_order(question.treatment) if nx.has_path(inside, name, node))
    end = next(name for name in in_order(question.outcome) if nx.has_path(inside, node, name))
    path = nx.shortest_path(inside, start, node) + nx.shortest_path(inside, node, end)[1:]
    return path_text(question.graph, path)
