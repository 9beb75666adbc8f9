"""What may help where no adjustment does: the front door, and instruments."""

from collections import deque
from itertools import chain, combinations, islice

from helpers.graphs.questions import LIMIT, ask, at_most, descendants, in_order, reach, smallest_first
from helpers.graphs.separation import connected, minimal_separators

FEW = 12  # candidates of which all subsets are tried


def frontdoor_sets(graph, treatment, outcome, *, latent=(), limit=None):
    """All minimal sets of mediators that give the effect by the front door.

    Parameters
    ----------
    graph, treatment, outcome, latent, limit
        As for `adjustment_sets`.

    Returns
    -------
    list of frozenset
        Smallest first; empty when there is none, ``[frozenset()]`` when the treatment doesn't reach the outcome.

    Raises
    ------
    KeyError, TypeError, ValueError
        As for `adjustment_sets`.

    Notes
    -----
    A set passes if it meets every directed path from treatment to outcome, if no back-door path from the treatment to
    it is open, and if the treatment closes each back-door path from it to the outcome (Pearl 1995; for sets Jeong,
    Tian and Bareinboim 2022). Then ``P(y | do(z)) = Σ_m P(m | z) Σ_z′ P(y | m, z′) P(z′)``.

    Examples
    --------
    >>> frontdoor_sets("z -> m; m -> y; z <-> y", "z", "y")
    [frozenset({'m'})]
    """
    question = ask(graph, treatment, outcome, latent)
    return smallest_first(at_most(limit, _frontdoor(question), "minimal front-door sets"))


def _frontdoor(question):
    graph, treatment, outcome = question.graph, question.treatment, question.outcome
    candidates = question.observed - connected(graph, treatment, mute=treatment)

    def largest(pool):
        """The largest set in the pool that passes, which holds each smaller one; None where there is none."""
        while True:
            open_to = pool & connected(graph, outcome, treatment, mute=pool)
            if not open_to:
                break
            pool = pool - open_to
        return None if reach(graph.succ, treatment, pool) & outcome else pool

    def shrink(pool):
        for node in in_order(pool):
            smaller = largest(pool - {node})
            pool = pool if smaller is None else smaller
        return frozenset(pool)

    # Any other minimal set lacks a node of this one: leave out each in turn (a hitting-set tree, Reiter 1987).
    waiting, tried, found = deque([frozenset()]), set(), set()
    while waiting:
        left_out = waiting.popleft()
        pool = largest(candidates - left_out)
        if pool is None:
            continue
        smallest = shrink(pool)
        if smallest not in found:
            found.add(smallest)
            yield smallest
        following = [left_out | {node} for node in in_order(smallest)]
        waiting += [one for one in following if one not in tried]
        tried.update(following)


def instruments(graph, treatment, outcome, *, latent=(), limit=None):
    """All instruments for the effect of a treatment, each with a minimal set to hold beside it.

    Parameters
    ----------
    graph, outcome, latent, limit
        As for `adjustment_sets`.
    treatment : str
        One variable: several need an instrument each.

    Returns
    -------
    list of (str, frozenset)
        Instrument and set, smallest sets first.

    Raises
    ------
    KeyError, TypeError, ValueError
        As for `adjustment_sets`; also for several treatments.

    Notes
    -----
    A variable is an instrument, given the set, if an open path joins it to the treatment, if none joins it to the
    outcome once the treatment's causal arrows are gone (Brito and Pearl 2002), and if neither it nor the set is an
    effect of treatment or outcome. It gives the effect in a linear model, or where all units respond alike; where
    they don't, at best that on the units that it moves. With more than 12 candidates those instruments are left out which are
    joined to the treatment only by holding more than one of their first 1000 minimal separating sets.

    Examples
    --------
    >>> instruments("i -> z; z -> y; z <-> y; w -> i; w -> y", "z", "y")
    [('i', frozenset({'w'}))]
    """
    question = ask(graph, treatment, outcome, latent)
    if len(question.treatment) > 1:
        raise ValueError(f"treatment is {in_order(question.treatment)}; expected one variable: ask for each alone.")
    caused = descendants(question.graph, question.treatment | question.outcome)
    candidates = question.observed - question.forbidden - caused
    find = _of_all_subsets if len(candidates) <= FEW else _of_separators
    found = at_most(limit, find(question, candidates), "pairs of instrument and set")
    return sorted(found, key=lambda pair: (len(pair[1]), str(pair[0]), list(map(str, in_order(pair[1])))))


def _of_all_subsets(question, candidates):
    found = {node: [] for node in candidates}
    sizes = range(len(candidates))
    for held in map(frozenset, chain.from_iterable(combinations(in_order(candidates), size) for size in sizes)):
        separated = candidates - held - connected(question.back_door, question.outcome, held)
        for node in separated and separated & connected(question.graph, question.treatment, held):
            if not any(smaller < held for smaller in found[node]):
                found[node].append(held)
                yield node, held


def _of_separators(question, candidates):
    for node in in_order(candidates):
        sets = minimal_separators(question.back_door, {node}, question.outcome, candidates - {node})
        for held in islice(sets, LIMIT):
            if node in connected(question.graph, question.treatment, held):
                yield node, held
