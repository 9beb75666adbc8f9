"""The project's answers: each number from the tables themselves, and from models that are fitted anew."""

import re

import numpy as np
import pytest
from project_world import PLACE, att_by_weights, by_college, least_squares, men, people, villages_drawn_again, women
from teaching_texts import PROJECT_ANSWERS, number, rounded, rows

from helpers import adjustment_sets, instruments, is_adjustment_set

A, B, C = (PROJECT_ANSWERS.split(f"## {letter}. ")[1].split("\n## ")[0] for letter in "ABC")


def printed(text, label):
    """The cells of the row that begins with a label."""
    (cells,) = [cells for name, *cells in rows(text) if name.strip("*").startswith(label)]
    return cells


def agrees(cells, fresh, mean=0.2, bound=0.5):
    """Printed mean and interval are a fresh fit's but for chance, which is given in sds of the posterior."""
    parts = [cells[0], *cells[1].split(" to ")]
    values = [fresh["mean"], *fresh["bounds"]]
    return all(
        rounded(part, value, share * fresh["sd"]) for part, value, share in zip(parts, values, (mean, bound, bound))
    )


@pytest.fixture(scope="module")
def tokens():
    """Those who drew a token, and those of them whose outcome is known."""
    drew = people().dropna(subset=["z"])
    return drew, drew.dropna(subset=["y"])


def block_of(table):
    """Villages below 50, from 50 to 99, from 100 on."""
    return (table["village"] // 50).clip(upper=2)


def within(table, group, outcome):
    """Least squares on the voucher with a start for each group, and an error that allows for unequal noise."""
    x, y = (table[name] - table.groupby(group)[name].transform("mean") for name in ("z", outcome))
    slope = (x @ y) / (x @ x)
    return slope, np.sqrt(((x * (y - slope * x)) ** 2).sum()) / (x @ x)


def only_came():
    """Those whose outcome is known, and nothing of a voucher."""
    every = people()
    return every[every["z"].isna() & every["y"].notna()]


def test_a_counts(tokens):
    every, (drew, complete) = people(), tokens
    for value, label in ((0, "no voucher"), (1, "any voucher")):
        ours = [
            drew["z"].eq(value).sum(),
            complete["z"].eq(value).sum(),
            100 * complete.loc[complete["z"] == value, "y"].mean(),
        ]
        assert all(rounded(cell.rstrip(" %"), found) for cell, found in zip(printed(A, label), ours, strict=True))
    lost = drew["y"].isna().groupby(drew["z"]).agg(["sum", "mean"])
    neither = (every["z"].isna() & every["y"].isna()).sum()
    assert f"{len(every):,} rows: {len(complete):,} complete; {neither:,} with neither treatment nor outcome" in A
    assert f"{lost['sum'].sum()} with a treatment and no outcome, {lost['sum'][0]} of them without a voucher" in A
    assert f"and {lost['sum'][1]} with; and {len(only_came())} with an outcome and no treatment, all of whom came" in A
    assert only_came()["y"].eq(1).all() and f"worst and best case for the {lost['sum'].sum()}" in A
    assert f"({100 * lost['mean'][0]:.1f} % against {100 * lost['mean'][1]:.1f} %)" in A
    assert (every["y"].isna() == every["hiv2004"].isna()).all()
    assert f"The {len(complete):,} complete rows lie in {complete['village'].nunique()} villages, and four" in A
    assert complete["village"].isna().sum() == 4
    assert (complete["hiv2004"] == -1).sum() == number(A.split("a code −1 (")[1])


def test_a_differences_and_bounds(tokens):
    drew, complete = tokens
    share, size = (getattr(complete.groupby("z")["y"], what)() for what in ("mean", "size"))
    naive = share[1] - share[0]
    effect, errors = printed(A, "difference of shares")
    assert rounded(effect, naive)
    by_rows, by_villages = re.match(r"([\d.]+) \(rows\), ([\d.]+) \(villages drawn again\)", errors).groups()
    assert rounded(by_rows, np.sqrt((share * (1 - share) / size).sum()))
    assert rounded(by_villages, villages_drawn_again(complete.dropna(subset=["village"]), 4000), 0.001)
    came, asked = complete.groupby("z")["y"].sum(), drew.groupby("z").size()
    lost = drew["y"].isna().groupby(drew["z"]).sum()
    # The worst: those missing came if they had no voucher, and only then; the best is the other way around.
    worst, best = [(came[1] + n * lost[1]) / asked[1] - (came[0] + (1 - n) * lost[0]) / asked[0] for n in (0, 1)]
    cells = printed(A, "worst and best")
    assert all(rounded(cell, bound) for cell, bound in zip(cells[0].split(" to "), (worst, best), strict=True))
    n = len(only_came())
    worst = came[1] / asked[1] - (came[0] + lost[0] + n) / (asked[0] + n)
    best = (came[1] + lost[1] + n) / (asked[1] + n) - came[0] / asked[0]
    with_them = re.match(rf"the {n} left out; with them ([\d.]+) to ([\d.]+)", cells[1]).groups()
    assert all(rounded(cell, bound) for cell, bound in zip(with_them, (worst, best), strict=True))
    assert worst > 0.3, "nothing here turns it"
    as_come = came[1] / size[1] - (came[0] + lost[0]) / asked[0]
    said = re.search(r"count the (\d+) as having come \(the effect falls to about (0\.\d+)\)", A)
    assert int(said[1]) == lost[0] and rounded(said[2], as_come)


def test_a_the_bag_was_not_the_same_everywhere(tokens):
    """The share of vouchers by blocks of villages, and the effect within villages and within blocks."""
    drew, complete = tokens
    table = complete.dropna(subset=["village"])
    effect, error = printed(A, "within villages")
    assert rounded(effect, within(table, "village", "y")[0]) and rounded(error, within(table, "village", "y")[1])
    won = 100 * drew["z"].groupby(block_of(drew)).mean()
    said = re.search(r"(\d+) % won in villages numbered below 50, (\d+) % from 50 to 99, and (\d+) % from 100 on", A)
    assert all(rounded(cell, share) for cell, share in zip(said.groups(), won, strict=True))
    by = table.groupby([block_of(table), "z"])["y"].agg(["mean", "size"]).unstack()
    assert by["mean"][0].idxmin() == 2, "where fewer come anyway"
    gains, sizes = by["mean"][1] - by["mean"][0], by["size"].sum(axis=1)
    assert rounded(printed(A, "averaged over three blocks")[0], np.average(gains, weights=sizes))
    missing = drew[drew["y"].isna() & drew["z"].eq(0)]
    assert f"all {len(missing)} missing outcomes lie in the third block" in A.replace("that all", "all")
    assert (missing["village"] >= 100).all()
    graph = "v -> z; v -> y; z -> y"
    assert "`v -> z; v -> y`" in A and adjustment_sets(graph, "z", "y") == [frozenset("v")]


def test_a_age_and_the_amount(tokens):
    _, complete = tokens
    known = complete.dropna(subset=["age"])
    age = known.groupby("z")["age"]
    gap, error = age.mean()[1] - age.mean()[0], np.hypot(*age.sem())
    years, its_error = re.search(r"are ([\d.]+) years older \(error ([\d.]+)\)", A).groups()
    assert rounded(years, gap) and rounded(its_error, error) and gap > 2 * error
    assert 0 < within(known.dropna(subset=["village"]), "village", "age")[0] < gap, "a part of it is place"
    small = complete.loc[complete["tinc"].between(0, 0.5, inclusive="right"), "y"]
    large = complete.loc[complete["tinc"] > 1.5, "y"]
    said = re.search(
        r"half a dollar (\d+) % came \((\d+) people\), above a dollar and a half about (\d+) %", A
    ).groups()
    assert rounded(said[0], 100 * small.mean()) and int(said[1]) == len(small) and rounded(said[2], 100 * large.mean())


def test_a_models_fitted_anew(vouchers):
    assert agrees(printed(A, "model without villages"), vouchers["without"])
    assert agrees(printed(A, "model with a start"), vouchers["with"])
    spread = re.search(r"\(standard deviation ([\d.]+) in log odds, ([\d.]+) to ([\d.]+)\)", A).groups()
    distance = re.search(r"a kilometer takes ([\d.]+) off the log odds \(([\d.]+) to ([\d.]+)\)", A).groups()
    assert agrees([spread[0], f"{spread[1]} to {spread[2]}"], vouchers["spread"])
    less = {"mean": -vouchers["b_dy"]["mean"], "bounds": [-b for b in vouchers["b_dy"]["bounds"][::-1]]}
    assert agrees([distance[0], f"{distance[1]} to {distance[2]}"], less | {"sd": vouchers["b_dy"]["sd"]})
    slope, _ = within(people().dropna(subset=["z", "y", "village"]), "village", "y")
    assert slope < vouchers["with"]["mean"] < vouchers["without"]["mean"], "a part of the way"
    # Without villages the interval is narrower by a little: by too little for finite samples to show it each time.
    assert 0.97 < vouchers["with"]["sd"] / vouchers["without"]["sd"] < 1.2


def test_b_counts():
    table = women()
    child, others = table[table["z"] == 1], table[table["z"] == 0]
    shares = [100 * part["y"].mean() for part in (child, others)]
    assert f"{shares[0]:.0f} % of the women with a young child worked, and {shares[1]:.0f} % of the others" in B
    naive = (shares[0] - shares[1]) / 100
    assert rounded(printed(B, "naive difference")[0], naive)
    assert rounded(re.search(r"a difference of (−0\.\d+)\.\n", B)[1], naive)
    assert child["age"].mean() < others["age"].mean() - 5 and child["wc"].mean() > others["wc"].mean()
    by_college, by_age = others.groupby("wc")["y"].mean(), others.groupby(others["age"] < 40)["y"].mean()
    assert by_college[1] > by_college[0] and by_age[True] > by_age[False], "such women work more"
    old, oldest, young = table[table["age"] >= 45], table[table["age"] > 54], table[table["age"] < 40]
    assert f"Of {len(old)} women of 45 and over {old['z'].sum()} have a young child" in B
    assert f"none of the {len(oldest)} above 54" in B and oldest["z"].sum() == 0
    assert f"({young['z'].sum()} of {len(young)} with a young child)" in B
    kinds = table["k5"].value_counts()
    assert f"({kinds[1]} have one, {kinds[2]} two, {kinds[3]} three)" in B
    spread = table.groupby("y")["lwg"].std()
    assert f"is {spread[0]:.2f} among those who don't work and {spread[1]:.2f} among those who do" in B
    graph = "x -> z; x -> y; z -> y; z -> lwg; y -> lwg; x -> lwg"
    assert adjustment_sets(graph, "z", "y") == [frozenset("x")]
    assert not is_adjustment_set(graph, "z", "y", ["x", "lwg"]), "it stays out"


def test_b_models_fitted_anew(children):
    att, naive = children["ATT"]["mean"], number(printed(B, "naive difference")[0])
    for label, name in (
        ("ATT**: logistic model", "ATT"),
        ("ATT, women under 40", "under 40"),
        ("ATT without age", "without age"),
        ("ATT with `lwg`", "with lwg"),
    ):
        assert agrees(printed(B, label), children[name]), name
    ate = re.search(r"ATE over all 753 \((\S+) by the model\)", B)[1]
    assert rounded(ate, children["ATE"]["mean"], 0.2 * children["ATE"]["sd"])
    assert att < naive - 0.05, "a confounder hides a part of the effect"
    assert abs(children["with lwg"]["mean"] - att - 0.01) < 0.01, "holding lwg moves the answer by a hundredth"
    yardstick = children["without age"]["mean"] - att
    assert rounded(re.search(r"leaving age out moves the ATT by ([\d.]+);", B)[1], yardstick, 0.01)
    assert 3.5 < -att / yardstick < 5.5 and "four times as much" in B


def test_b_weights():
    effect, error = printed(B, "ATT by weights")
    att, again = att_by_weights(300)
    assert rounded(effect, att) and rounded(error.split()[0], again, 0.01)


@pytest.fixture(scope="module")
def ratios():
    """Each row of the table of C, computed: what is held, by its words in the answers."""
    table, place = men(), ["black", "south", "smsa"]
    return {
        "nothing": by_college(table, []),
        "age and its square": by_college(table, ["age", "age2"]),
        "age, its square": by_college(table, PLACE),
        "`exper`, `black`, `south`, `smsa`": by_college(table, ["exper", *place]),
        "`exper`, `black`, `south`, `married`": by_college(table.dropna(), ["exper", *place, "married"]),
    }


def test_c_least_squares_and_ratios(ratios):
    for label, found in ratios.items():
        plain, f, ratio = printed(C, label)
        for cell, (value, error) in ((plain, found["plain"]), (ratio, found["ratio"])):
            said, its_error = re.match(r"([\d.]+) \(([\d.]+)\)", cell).groups()
            assert rounded(said, value) and rounded(its_error, error), label
        assert rounded(f, found["F"]), label
    assert f"({len(men().dropna()):,} men)" in C
    # The two lessons.
    by_age, by_work = ratios["age, its square"], ratios["`exper`, `black`, `south`, `smsa`"]
    assert 1.8 < by_work["plain"][0] / by_age["plain"][0] < 2.3, "holding experience doubles it"
    assert f"**F of {ratios['nothing']['F']:.0f} is no comfort.**" in C and 8 < by_age["F"] < 12
    effect, error = by_age["ratio"]
    lower, upper = effect - 1.88 * error, effect + 1.88 * error
    assert abs(lower) < 0.01 and lower < by_age["plain"][0] < upper
    assert effect > by_age["plain"][0], "the larger one, which ability would not give"


def test_c_the_graph_and_what_goes_with_the_college():
    graph = "w -> z; a -> z; a -> y; r -> w; r -> z; r -> y; z -> y; u -> z; u -> y; z -> x; a -> x; x -> y"
    assert adjustment_sets(graph, "z", "y", latent="u") == []
    assert ("w", frozenset("r")) in instruments(graph, "z", "y", latent="u")
    table = men()
    assert (table["age"].min(), table["age"].max()) == (24, 34) and "runs from 24 to 34" in C
    assert sorted(table["married"].dropna().unique()) == [1, 2, 3, 4, 5, 6] and "the codes 1 to 6" in C
    assert least_squares(table["smsa"].to_numpy(), table["w"].to_numpy())[0][1] > 0.1, "colleges stand in cities"
    assert least_squares(table["y"].to_numpy(), table["smsa"].to_numpy())[0][1] > 0.1, "and cities pay more"


def test_c_models_fitted_anew(schooling):
    for prior, fresh in schooling.items():
        # A ridge: chance moves these by more than the others.
        assert agrees(printed(C, f"Normal(0, {prior})"), fresh, mean=0.25, bound=0.45), prior
    wide, narrow = schooling.values()
    assert narrow["mean"] < 0.7 * wide["mean"] and narrow["sd"] < 0.7 * wide["sd"], "the prior makes half of it"
    assert wide["bounds"][0] < 0.02 and abs(wide["bounds"][1] - 0.25) < 0.05, "between nothing and a quarter"
