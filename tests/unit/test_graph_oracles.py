"""What helpers.graphs says of random graphs, beside linear algebra and tables of probabilities that share no code.

Many more graphs, new ones at each seed: GRAPHS=5000 pytest tests/unit/test_graph_oracles.py --hypothesis-seed=7
"""

import os
from dataclasses import dataclass
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
import xarray as xr
from graph_oracle import CLOSE, Discrete, Linear, frontdoor, is_unbiased, minimal, subsets, wald_ratio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers import (
    adjustment_sets,
    frontdoor_sets,
    identifiable,
    implied_independences,
    instruments,
    is_adjustment_set,
    paths,
)

MANY = int(os.environ.get("GRAPHS", "0"))
# The same graphs in each run of the tests: among new ones a number may be nearly 0 by chance.
random_graphs = settings(
    max_examples=MANY or 100,
    derandomize=not MANY,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Case:
    """A graph as a matrix of arrows in causal order, and as a DiGraph whose names and order tell nothing."""

    arrows: np.ndarray
    latent: list
    treatment: list
    outcome: list
    names: list
    rng: np.random.Generator

    @property
    def observed(self):
        return [node for node in range(len(self.arrows)) if node not in self.latent]

    @property
    def free(self):
        return set(self.observed) - {*self.treatment, *self.outcome}

    def named(self, nodes):
        return frozenset(self.names[node] for node in nodes)

    def question(self):
        graph = nx.DiGraph()
        graph.add_nodes_from(sorted(self.names))
        graph.add_edges_from((self.names[cause], self.names[effect]) for cause, effect in np.argwhere(self.arrows))
        return graph, self.named(self.treatment), self.named(self.outcome)

    def latents(self):
        return {"latent": self.named(self.latent)}


@st.composite
def cases(draw, several=True, nodes=6):
    """Any graph, any of its nodes latent."""
    size = draw(st.integers(3, nodes))
    pairs = list(combinations(range(size), 2))
    latent = draw(st.sets(st.integers(0, size - 1), max_size=size - 2))
    return _case(draw, size, draw(st.sets(st.sampled_from(pairs))), sorted(latent), several)


@st.composite
def tied_cases(draw):
    """Graphs whose latent nodes are common causes of two observed ones: those that are hard to identify."""
    size = draw(st.integers(3, 5))
    pairs = list(combinations(range(size), 2))
    ties = sorted(draw(st.sets(st.sampled_from(pairs), min_size=1, max_size=4)))
    arrows = {(cause + len(ties), effect + len(ties)) for cause, effect in draw(st.sets(st.sampled_from(pairs)))}
    arrows |= {(tie, node + len(ties)) for tie, pair in enumerate(ties) for node in pair}
    return _case(draw, size + len(ties), arrows, list(range(len(ties))), True)


def _case(draw, size, arrows, latent, several):
    matrix = np.zeros((size, size))
    for cause, effect in arrows:
        matrix[cause, effect] = 1
    observed = draw(st.permutations([node for node in range(size) if node not in latent]))
    treatments = draw(st.integers(1, min(2, len(observed) - 1))) if several else 1
    names = draw(st.permutations([chr(ord("a") + node) for node in range(size)]))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    treatment, outcome = sorted(observed[:treatments]), [observed[treatments]]
    return Case(matrix, latent, treatment, outcome, names, rng)


@random_graphs
@given(case=cases())
def test_a_regression_is_unbiased_exactly_where_a_set_is_valid(case):
    model = Linear.random(case.arrows, case.rng)
    unbiased = {held for held in subsets(case.free) if is_unbiased(model, case.treatment, case.outcome, held)}
    found = adjustment_sets(*case.question(), **case.latents())
    assert len(set(found)) == len(found)
    assert set(found) == {case.named(held) for held in minimal(unbiased)}
    for held in subsets(case.free):
        verdict = is_adjustment_set(*case.question(), case.named(held), **case.latents())
        assert bool(verdict) == (held in unbiased), str(verdict)


@random_graphs
@given(case=cases())
def test_front_door_sets_are_those_that_pass_its_conditions(case):
    model = Linear.random(case.arrows, case.rng)
    passing = minimal(held for held in subsets(case.free) if frontdoor(model, case.treatment, case.outcome, held))
    found = frontdoor_sets(*case.question(), **case.latents())
    assert len(set(found)) == len(found)
    assert set(found) == {case.named(held) for held in passing}
    for held in map(sorted, passing):
        there = model.regression(case.treatment, held, [])
        on = model.regression(held, case.outcome, case.treatment)
        np.testing.assert_allclose(there @ on, model.effect(case.treatment, case.outcome), atol=CLOSE)


@random_graphs
@given(case=cases(several=False))
def test_instruments_are_those_whose_ratio_gives_the_effect(case):
    model = Linear.random(case.arrows, case.rng)
    (treatment,), (outcome,) = case.treatment, case.outcome
    candidates = case.free - model.caused(case.treatment) - model.caused(case.outcome)
    truth = model.effect(case.treatment, case.outcome)[0, 0]
    right = set()
    for node in candidates:
        ratios = {held: wald_ratio(model, treatment, outcome, node, held) for held in subsets(candidates - {node})}
        exact = minimal(held for held, ratio in ratios.items() if ratio is not None and abs(ratio - truth) < CLOSE)
        right |= {(case.names[node], case.named(held)) for held in exact}
    graph, (treatment,), (outcome,) = case.question()
    assert set(instruments(graph, treatment, outcome, **case.latents())) == right


@random_graphs
@given(case=cases(nodes=7))
def test_claims_are_one_for_each_pair_that_something_separates(case):
    model = Linear.random(case.arrows, case.rng)
    claims = {frozenset((a, b)): given for a, b, given in implied_independences(case.question()[0], **case.latents())}
    for a, b in combinations(case.observed, 2):
        others = set(case.observed) - {a, b}
        separating = minimal(held for held in subsets(others) if model.independent([a], [b], held))
        claim = claims.pop(case.named([a, b]), None)
        assert (claim in {case.named(held) for held in separating}) if separating else claim is None
    assert not claims


@random_graphs
@given(case=cases(), held=st.sets(st.integers(0, 5)))
def test_a_path_is_open_exactly_where_two_variables_are_dependent(case, held):
    model = Linear.random(case.arrows, case.rng)
    (a, *_), (b,) = case.treatment, case.outcome
    held = {node for node in held if node < len(case.arrows)} - {a, b}
    found = paths(case.question()[0], case.names[a], case.names[b], case.named(held))
    assert any(path.open for path in found) != model.independent([a], [b], held)
    undirected = case.question()[0].to_undirected()
    assert {path.nodes for path in found} == set(
        map(tuple, nx.all_simple_paths(undirected, *case.named([a]), *case.named([b])))
    )


def check_formula(case):
    model = Discrete(case.arrows, case.latent, case.rng)
    answer = identifiable(*case.question(), **case.latents())
    assert bool(answer) == model.is_identified(case.treatment, case.outcome)
    if not answer:
        check_hedge(case, *answer.hedge)
        return
    joint = xr.DataArray(model.joint(), dims=[case.names[node] for node in case.observed])
    ends = sorted([*case.treatment, *case.outcome])
    truth = xr.DataArray(model.effect(case.treatment, case.outcome), dims=[case.names[node] for node in ends])
    xr.testing.assert_allclose(*xr.broadcast(answer.evaluate(joint) + 0 * truth, truth), atol=1e-9)
    xr.testing.assert_allclose(answer.evaluate(1000 * joint), answer.evaluate(joint))


def check_hedge(case, large, small):
    """Two sets, one in the other, each held together by latent causes; the smaller one leads on to the outcome."""
    assert small < large and large & case.named(case.treatment) and not small & case.named(case.treatment)
    graph = case.question()[0]
    hidden = case.named(case.latent)
    for nodes in (large, small):
        tied = nx.Graph()
        tied.add_nodes_from(nodes)
        sources = {node: nx.ancestors(graph.subgraph(hidden | {node}), node) for node in nodes}
        tied.add_edges_from((a, b) for a, b in combinations(nodes, 2) if sources[a] & sources[b])
        assert nx.is_connected(tied)
    uncut = graph.copy()
    uncut.remove_edges_from(list(graph.in_edges(case.named(case.treatment))))
    (outcome,) = case.named(case.outcome)
    assert small <= nx.ancestors(uncut, outcome) | {outcome}


@random_graphs
@given(case=cases(nodes=5))
def test_a_formula_gives_the_effect_and_a_hedge_hides_it(case):
    check_formula(case)


@random_graphs
@given(case=tied_cases())
def test_a_formula_gives_the_effect_and_a_hedge_hides_it_among_ties(case):
    check_formula(case)


@pytest.mark.parametrize("seed", range(3))
def test_a_formula_with_a_ratio(seed):
    """The napkin graph (Pearl and Mackenzie 2018): any value of what lies before the treatment will do."""
    arrows = np.zeros((6, 6))
    for cause, effect in [(0, 2), (0, 4), (1, 2), (1, 5), (2, 3), (3, 4), (4, 5)]:
        arrows[cause, effect] = 1
    case = Case(arrows, [0, 1], [4], [5], list("uvwqzy"), np.random.default_rng(seed))
    check_formula(case)
    assert "any one value of q" in identifiable(*case.question(), **case.latents()).formula
