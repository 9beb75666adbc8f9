"""The project: its code runs, what it says of the data sets is so, and its marks add up to a hundred."""

import re

import numpy as np
import pytest
from teaching_texts import CODE, PLANS, PROJECT, below, numbers, rows

from helpers import adjustment_sets, identifiable, instruments, is_adjustment_set, paths

A, B, C = (PROJECT.split(f"### {letter}. ")[1].split("\n### ")[0] for letter in "ABC")


@pytest.fixture(scope="module")
def tables():
    """What the three blocks leave behind."""
    space = {}
    for block in CODE.findall(PROJECT):
        exec(block, space)  # noqa: S102
    return space


def graph_in(text):
    return re.search(r"graph to argue about:\*\* `(.*?)`", text)[1]


def test_three_blocks_of_at_most_five_lines():
    blocks = CODE.findall(PROJECT)
    assert len(blocks) == 3 and PROJECT.count("```") == 6
    for text, block in zip((A, B, C), blocks, strict=True):
        assert block in text and sum(bool(line.strip()) for line in block.split("\n")) <= 5


def test_a_voucher_for_a_test_result(tables):
    people = tables["people"]
    drew = people["z"].notna()
    assert f"{len(people):,} rows, seven columns" in A and people.shape[1] == 7
    assert f"missing in {people['y'].isna().sum():,} rows and `z` (any voucher) in {people['z'].isna().sum():,}" in A
    assert f"Among the {drew.sum():,} who drew" in A and f"{drew.sum():,} rows aren't {drew.sum():,} villages" in A
    assert people.loc[drew, "y"].isna().any() and people["village"].nunique() < 200
    columns = {"y", "z", "d", "village", "tinc", "age", "hiv2004"}
    assert set(people.columns) == columns and "`tinc`" in A
    won = people.groupby(people["village"] >= 100)["z"].mean()
    assert "look at the share by village" in A and won[False] > won[True] + 0.2
    # The graph: the village to hold, and a path that opens where rows need an outcome.
    edges = graph_in(A)
    assert adjustment_sets(edges, "z", "y") == [frozenset("v")] and not is_adjustment_set(edges, "z", "y", ["s", "v"])
    assert any(path.open and path.nodes == ("z", "s", "g", "y") for path in paths(edges, "z", "y", "s"))


def test_a_young_child_and_work_for_pay(tables):
    women = tables["women"]
    assert f"{len(women)} rows, nothing missing" in B and not women.isna().any(axis=None)
    assert (len(women), "30 and 60") == (753, f"{women['age'].min():.0f} and {women['age'].max():.0f}")
    assert f"{len(women)} married white women between 30 and 60; {women['y'].sum()} of them worked for pay" in B
    assert f"{women['z'].sum()} had a child under six" in B
    assert {"k5", "lfp", "k618", "age", "wc", "hc", "inc", "lwg"} <= set(women.columns)
    assert women.loc[women["age"] > 50, "z"].mean() < 0.02 < women["z"].mean(), "count them by age"
    edges = graph_in(B)
    assert adjustment_sets(edges, "z", "y", latent="u") == [] and not identifiable(edges, "z", "y", latent="u")
    assert not is_adjustment_set(f"{edges}; z -> lwg; y -> lwg", "z", "y", ["x", "u", "lwg"]), "the trap"


def test_a_college_nearby(tables):
    men = tables["men"]
    assert C.split("\n\n")[1].startswith(f"{len(men):,} men") and f"{len(men):,} rows, eight columns" in C
    assert men.shape[1] == 8 and men.isna().sum().sum() == men["married"].isna().sum() == 7
    assert "`married` is missing in seven, and isn't yes or no" in C
    assert men["married"].dropna().nunique() == 6
    ages = men["exper"] + men["z"] + 6
    assert f"aged {ages.min():.0f} to {ages.max():.0f}" in C
    edges = graph_in(C)
    assert adjustment_sets(edges, "z", "y", latent="u") == []
    assert instruments(edges, "z", "y", latent="u") == [("w", frozenset("r"))], "valid where the place is held"
    assert not instruments(f"{edges}; w -> y", "z", "y", latent="u"), "the arrow of the prosecutor"


def test_marks_add_up_and_go_down():
    criteria = rows(below(PROJECT, "How it is marked"))
    marks = np.array([[int(cell.split(":")[0]) for cell in cells] for _, *cells in criteria])
    assert marks.shape == (8, 4) and marks[:, 0].sum() == 100 and "A hundred points." in PROJECT
    assert (np.diff(marks, axis=1) < 0).all() and (marks[:, -1] == 0).all()
    # A level is about three quarters of the full marks, the next two fifths.
    assert (np.abs(marks[:, 1] / marks[:, 0] - 0.75) <= 0.06).all()
    assert (np.abs(marks[:, 2] / marks[:, 0] - 0.4) <= 0.01).all()


def test_milestones_go_on_for_two_weeks():
    days = [int(day) for day, _ in rows(below(PROJECT, "Milestones"))]
    assert days == sorted(days) and days[-1] == 14 and "**Time:** two weeks" in PROJECT
    assert "agrees by day 2" in PROJECT and days[0] == 2
    assert len(re.findall(r"^\d+\. \*\*", below(PROJECT, "What to do"), re.MULTILINE)) == 10
    assert "It gives a hundred points" in PLANS and numbers(rows(below(PROJECT, "How it is marked"))[0][1])[0] == 15
