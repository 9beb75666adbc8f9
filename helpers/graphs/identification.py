"""Identification: whether any data on the observed variables could tell an effect, and by which formula."""

from dataclasses import dataclass

import networkx as nx
import xarray as xr

from helpers._models.checks import type_with_article
from helpers.graphs.formula import LATEX, WORDS, Probability, Product, Sum
from helpers.graphs.questions import ancestors, ask, in_order, listed, smallest_first


@dataclass(frozen=True)
class Identification:
    """Whether an effect is identified: true or false in a condition.

    Attributes
    ----------
    treatment, outcome : frozenset
        What is set, and what is asked for.
    estimand : formula or None
        The effect as a tree of probabilities of observed variables, for `evaluate`.
    hedge : (frozenset, frozenset) or None
        Two sets of variables, one within the other: latent causes hold each of them together, and only the larger one
        has a treatment in it. None where the effect is identified.
    """

    treatment: frozenset
    outcome: frozenset
    estimand: object = None
    hedge: tuple | None = None

    def __bool__(self):
        return self.estimand is not None

    @property
    def formula(self):
        """The effect's formula in words; None where it isn't identified."""
        return self._written(WORDS, "P({} | do({})) = {}")

    @property
    def latex(self):
        """The effect's formula in LaTeX; None where it isn't identified."""
        return self._written(LATEX, r"P({} \mid do({})) = {}")

    def _written(self, style, whole):
        if not self:
            return None
        names = {node: str(node) for node in self.treatment | self.outcome | self.estimand.free}
        ends, others = [self.outcome, self.treatment], self.estimand.free - self.treatment - self.outcome
        shown = [", ".join(style["name"](str(node)) for node in in_order(nodes)) for nodes in (*ends, others)]
        text = whole.format(*shown[:2], self.estimand.write(style, names))
        return text + (style["any"].format(shown[2]) if others else "")

    def __str__(self):
        if self:
            return self.formula
        large, small = self.hedge
        return (
            f"The effect of {listed(self.treatment)} on {listed(self.outcome)} isn't identified: latent causes tie "
            f"{listed(large)} together, and the effect of {listed(large - small)} on {listed(small)} can't be told "
            "from theirs."
        )

    def _repr_markdown_(self):
        return f"${self.latex}$" if self else str(self)

    def evaluate(self, joint):
        """P(outcome | do(treatment)) from a table.

        Parameters
        ----------
        joint : xarray.DataArray
            Probabilities (or counts) of all combinations of the observed variables, one dim a variable.

        Returns
        -------
        xarray.DataArray
            Dims are those of outcome and treatment, without a treatment that doesn't matter. NaN where a combination
            that the formula needs has probability 0.

        Raises
        ------
        KeyError, TypeError, ValueError
            A variable that the formula needs is no dim of `joint`; `joint` is no DataArray; there is no formula.
        """
        if not self:
            raise ValueError(f"{self} No table tells it.")
        if not isinstance(joint, xr.DataArray):
            raise TypeError(f"joint is {type_with_article(joint)}; expected an xarray.DataArray, one dim a variable.")
        effect = self.estimand.evaluate(joint)
        # Any value of what else the formula mentions gives the same.
        return effect.isel({dim: 0 for dim in effect.dims if dim not in self.treatment | self.outcome}, drop=True)


def identifiable(graph, treatment, outcome, *, latent=()):
    """Whether data on the observed variables, as many as you like, tell the effect of a treatment on an outcome.

    Parameters
    ----------
    graph, treatment, outcome, latent
        As for `adjustment_sets`.

    Returns
    -------
    Identification
        True or false in a condition. Its ``formula`` and ``latex`` say the effect in probabilities of what is
        observed, ``evaluate`` computes it from a table; where there is no formula, ``hedge`` names why.

    Raises
    ------
    KeyError, TypeError, ValueError
        As for `adjustment_sets`.

    Notes
    -----
    The complete algorithm of Tian and Pearl (2002), in the form of Huang and Valtorta (2006) and Shpitser and Pearl
    (2006). It allows any functions and any latent causes: a linear model may tell more (see `instruments`).

    Examples
    --------
    >>> print(identifiable("z -> m; m -> y; z <-> y", "z", "y"))
    P(y | do(z)) = sum over m of P(m | z) × (sum over z′ of P(z′) × P(y | m, z′))
    >>> bool(identifiable("z -> y; z <-> y", "z", "y"))
    False
    """
    question = ask(graph, treatment, outcome, latent)
    arrows, ties = _project(question)
    # Nothing but causes of the outcome matters.
    arrows = arrows.subgraph(ancestors(arrows, question.outcome))
    wanted = ancestors(arrows.subgraph(set(arrows) - question.treatment), question.outcome)
    factors = _factors(arrows, ties)
    terms = []
    for target in smallest_first(nx.connected_components(ties.subgraph(wanted))):
        found = _narrow(arrows, ties, target, factors)
        if isinstance(found, tuple):
            return Identification(question.treatment, question.outcome, hedge=found)
        terms.append(found)
    return Identification(question.treatment, question.outcome, _sum(wanted - question.outcome, terms))


def _project(question):
    """What a graph says of the observed nodes, in causal order: arrows, and ties of those with a latent common cause.

    An arrow may pass through latent nodes (latent projection, Verma and Pearl 1990).
    """
    graph, latent = question.graph, question.latent
    order = [node for node in nx.lexicographical_topological_sort(graph, key=str) if node not in latent]
    arrows, ties = nx.DiGraph(), nx.Graph()
    arrows.add_nodes_from(order)
    ties.add_nodes_from(order)
    behind = {node: ancestors(graph.subgraph(latent | {node}), [node]) for node in order}
    for node, unseen in behind.items():
        arrows.add_edges_from((cause, node) for cause, _ in graph.in_edges(unseen) if cause not in latent)
        ties.add_edges_from((node, other) for other in order if other != node and unseen & behind[other])
    return arrows, ties


def _factors(arrows, ties):
    """P(node | what matters of those before it), for each node in causal order (Tian and Pearl 2002)."""
    chain, before = {}, set()
    for node in nx.lexicographical_topological_sort(arrows, key=str):
        before.add(node)
        tied = nx.node_connected_component(ties.subgraph(before), node)
        around = tied.union(*(arrows.predecessors(other) for other in tied))
        chain[node] = Probability(frozenset([node]), frozenset(around - {node}))
    return chain


def _narrow(arrows, ties, target, factors):
    """What the target does when all else is set, or the hedge that hides it.

    The factors are a chain of conditional probabilities for nodes one of whose ties is the target; other causes are set.
    """
    district = nx.node_connected_component(ties.subgraph(factors), next(iter(target)))
    factors = {node: factor for node, factor in factors.items() if node in district}
    causes = ancestors(arrows.subgraph(district), target)
    if causes == target:
        return _margin(factors, target)
    if causes == district:
        return frozenset(district), frozenset(target)
    kept = [node for node in factors if node in causes]
    chain = {node: _conditional(factors, node, set(kept[:position])) for position, node in enumerate(kept)}
    return _narrow(arrows, ties, target, chain)


def _conditional(factors, node, before):
    """The factor of a node given those before it, once what isn't kept is summed out."""
    dropped = set(factors) - before - {node}
    if not any(factors[other].free & dropped for other in before | {node}):
        return factors[node]
    return Product((_margin(factors, before | {node}),), (_margin(factors, before),) if before else ())


def _margin(factors, kept):
    """The product of a chain of factors, summed over what isn't kept."""
    chain = dict(factors)
    for node in reversed(factors):
        # The last factor sums to 1 over its own variable.
        if node not in kept and not any(node in factor.free for other, factor in chain.items() if other != node):
            del chain[node]
    return _sum(set(chain) - kept, chain.values())


def _sum(over, factors):
    """A sum of a product, as plain as it can be written."""
    first, *others = factors = tuple(factors)
    body = Product(factors) if others else first
    return Sum(frozenset(over), body) if over else body
