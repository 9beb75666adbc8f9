"""Questions 10 to 14 of the exam: asked of the helpers, then of numbers that straight lines give."""

import itertools
import math
import re

import networkx as nx
import numpy as np
import pytest
from exam_world import market_claims
from teaching_texts import answer, bold, expected, number, part, question, rounded, rows

from helpers import (
    adjustment_sets,
    frontdoor_sets,
    identifiable,
    implied_independences,
    instruments,
    is_adjustment_set,
    paths,
)


def graph_of(which):
    """The graph that stands alone in its paragraph of a question."""
    (edges,) = re.findall(r"^`(\w -> .*)`$", question(which), re.MULTILINE)
    return edges


def sets_in(text):
    return [frozenset(found.split(", ")) for found in re.findall(r"\{([a-z](?:, [a-z])*)\}", text)]


def covariance(edges):
    """Names and covariances where each arrow is worth one and each variable has noise of its own, of variance one."""
    graph = nx.DiGraph([edge.split(" -> ") for edge in edges.split("; ")])
    names = list(nx.topological_sort(graph))
    inverse = np.linalg.inv(np.eye(len(names)) - nx.to_numpy_array(graph, names).T)
    return names, inverse @ inverse.T


def slope(edges, *held):
    """Slope of y on z with others held, in endless rows, and its error times the root of the number of rows."""
    names, s = covariance(edges)
    inside = [names.index(name) for name in ("z", *held)]
    y = names.index("y")
    b = np.linalg.solve(s[np.ix_(inside, inside)], s[inside, y])
    rest = s[y, y] - b @ s[inside, y]
    return b[0], math.sqrt(rest * np.linalg.inv(s[np.ix_(inside, inside)])[0, 0])


def test_10_paths_and_the_smallest_sets():
    edges = graph_of(10)
    said = re.findall(r"(z [←→][^,;]* y), (open|closed)", part(answer(10), "a"))
    assert {path.text: path.open for path in paths(edges, "z", "y")} == {text: how == "open" for text, how in said}
    with_k = {path.text: path.open for path in paths(edges, "z", "y", "k")}
    assert [text for text, how in said if with_k[text] != (how == "open")] == [text for text, _ in said[1:]]
    assert not is_adjustment_set(edges, "z", "y", "k") and part(answer(10), "b").startswith("No:")
    *smallest, larger = sets_in(part(answer(10), "c"))
    assert len(smallest) == 2 and set(adjustment_sets(edges, "z", "y")) == set(smallest)
    assert is_adjustment_set(edges, "z", "y", larger) and any(one < larger for one in smallest)
    assert not is_adjustment_set(edges, "z", "y", ["e", "m"]), "m carries the effect"
    assert all(math.isclose(slope(edges, *one)[0], 1) for one in [*smallest, larger])
    assert all(abs(slope(edges, *held)[0] - 1) > 0.05 for held in ["k", ""])


def test_11_five_columns():
    """A set with the column is asked of the graph; how sharp the answer is comes from straight lines."""
    edges = graph_of(11)
    alone, error = slope(edges, "s")
    found = {"s": "must" if adjustment_sets(edges, "z", "y") == [frozenset("s")] else "may"}
    for column in "mhwr":
        with_it, its_error = slope(edges, "s", column)
        holds = bool(is_adjustment_set(edges, "z", "y", {"s", column}))
        assert holds == math.isclose(with_it, alone)
        found[column] = f"may, {'sharper' if its_error < error else 'blunter'}" if holds else "must not"
    assert math.isclose(alone, 1) and {column: verdict for column, verdict, _ in rows(answer(11))} == found


def test_12_what_graph_and_columns_give():
    graphs = dict(re.findall(r"^- ([A-E]): `(.*?)`$", question(12), re.MULTILINE))
    said = dict(re.findall(r"^- ([A-E]): (.*)$", answer(12), re.MULTILINE))
    assert list(graphs) == list(said) == list("ABCDE")
    for name, edges in graphs.items():
        assert bool(identifiable(edges, "z", "y", latent="u")) == said[name].startswith("yes"), name
    hold, door = re.search(r"hold (\w)\.", said["A"])[1], re.search(r"front door, (\w)\.", said["C"])[1]
    assert adjustment_sets(graphs["A"], "z", "y", latent="u") == [frozenset(hold)]
    assert frontdoor_sets(graphs["C"], "z", "y", latent="u") == [frozenset(door)]
    assert not adjustment_sets(graphs["C"], "z", "y", latent="u"), "no set to hold in C"
    assert not frontdoor_sets(graphs["D"], "z", "y", latent="u") and "z -> y" in graphs["D"]
    found = {name: instruments(edges, "z", "y", latent="u") for name, edges in graphs.items()}
    assert [name for name, some in found.items() if some] == ["E"]
    assert found["E"][0][0] == re.search(r"(\w) is an instrument", said["E"])[1]


@pytest.fixture(scope="module")
def claims():
    """The two claims that the answers name: a pair, and what is held."""
    found = re.findall(r"(\w) ⟂ (\w) given (\w(?: and \w)*)", part(answer(13), "a"))
    return [(frozenset([a, b]), frozenset(held.split(" and "))) for a, b, held in found]


def test_13_the_table_run_anew(claims):
    drawn = graph_of(13)
    assert {(frozenset(claim[:2]), frozenset(claim[2])) for claim in implied_independences(drawn)} == set(claims)
    days = int(number(re.search(r"on (\d+) days", question(13))[1]))
    fresh, printed = market_claims(drawn, days), rows(question(13))
    columns = ["correlation", "joint_94_lower", "joint_94_upper"]
    for (a, b, held, *cells), row, claim in zip(printed, fresh.itertuples(), claims, strict=True):
        assert (a, b) == (row.a, row.b) and frozenset(held.split(", ")) == frozenset(row.given) == claim[1]
        assert frozenset([a, b]) == claim[0]
        assert all(rounded(cell, getattr(row, column), 0.01) for cell, column in zip(cells, columns, strict=True))
    assert list(fresh["fails"]) == [False, True] and part(answer(13), "b").startswith("The second:")


def closed(edges, claim):
    pair, held = claim
    return not any(path.open for path in paths(edges, *sorted(pair), sorted(held)))


def single_changes(edges):
    """Every graph with one arrow or one hidden common cause more, or with one arrow turned, that has no cycle."""
    drawn = edges.split("; ")
    found = {f"{a} -> {b}": [*drawn, f"{a} -> {b}"] for a, b in itertools.permutations("wvuy", 2)}
    found |= {f"{a} <-> {b}": [*drawn, f"{a} <-> {b}"] for a, b in itertools.combinations("wvuy", 2)}
    found |= {
        f"{edge}, turned": [*(e for e in drawn if e != edge), " -> ".join(edge.split(" -> ")[::-1])] for edge in drawn
    }
    for name, changed in found.items():
        if nx.is_directed_acyclic_graph(nx.DiGraph([e.split(" -> ") for e in changed if " -> " in e])):
            yield name, "; ".join(changed)


def test_13_only_the_changes_named_explain_the_failure(claims):
    kept, failed = claims
    text = part(answer(13), "c")
    said = {re.search(r"an arrow `(\w -> \w)`", text)[1]}
    said |= {f"{a} <-> {b}" for a, b in re.findall(r"(?:common cause|one) of (\w) and (\w)\b", text)}
    changes = dict(single_changes(graph_of(13)))
    explain = {name for name, edges in changes.items() if closed(edges, kept) and not closed(edges, failed)}
    assert len(said) == 4 and explain == said
    # What the answers foretell: turned, v -> y opens a path from u to v through y; an arrow between the two is one.
    assert not closed(changes["v -> y, turned"], kept)
    assert "u → y → v" in [path.text for path in paths(changes["v -> y, turned"], "u", "v", "w") if path.open]
    assert not closed(changes["u -> v"], kept) and not closed(changes["v -> u"], kept)
    # Counted with error: t is what v counts, and nobody has it.
    counted = "w -> t; t -> v; t -> y; w -> u; u -> y"
    assert closed(counted, kept) and not closed(counted, failed), "full, too"


def test_14_a_cause_that_is_missing():
    text = question(14)
    said = re.search(r"plain answer is (\S+) points, with a 94 % interval from (\S+) to (\S+)\.\n", text).groups()
    plain, lower, upper = map(float, said)
    assert f"take all of the {said[0]} away" in text and f"the interval from {said[1]} to {said[2]}?" in text
    gamma, delta = (number(re.search(rf"\\{name} = (0\.\d+)", text)[1]) for name in ("gamma", "delta"))
    bias = gamma * delta
    assert math.isclose(bold(part(answer(14), "a"))[0], plain - bias)
    assert math.isclose(bold(part(answer(14), "b"))[0], plain - 2 * gamma * 2 * delta)
    assert rounded(re.search(r"as large, ([\d.]+), and", part(answer(14), "b"))[1], 4 * bias)
    assert rounded(re.search(r"\*\*([\d.]+)\*\*", part(answer(14), "c"))[1], math.sqrt(plain / bias))
    assert np.allclose(bold(part(answer(14), "d")), [lower - bias, upper - bias])
    assert math.isclose(expected(14, "b"), plain - 2 * bias), "with twice the bias"
    assert rounded("3.3", plain / bias) and expected(14, "c") == 3.3, "without the root"

    # The identity behind it, in made people: the plain slope is the effect, and gamma times delta.
    rng = np.random.default_rng(6)
    s, u = rng.normal(size=(2, 20_000))
    z = (s + u + rng.normal(size=20_000) > 0).astype(float)
    y = 1.26 * z + 0.5 * s + gamma * u + rng.normal(size=20_000)

    def least_squares(target, *columns):
        return np.linalg.lstsq(np.column_stack([np.ones(20_000), *columns]), target, rcond=None)[0]

    full, seen, ahead = least_squares(y, z, s, u), least_squares(y, z, s)[1], least_squares(u, z, s)[1]
    assert math.isclose(seen, full[1] + full[3] * ahead)
