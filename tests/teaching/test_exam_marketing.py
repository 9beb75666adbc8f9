"""Questions 15 to 20 of the exam, on marketing and real data: each answer found a second way."""

import math
import re

import numpy as np
from teaching_texts import answer, bold, expected, number, numbers, part, question, rounded, rows

from helpers import adjustment_sets, is_adjustment_set


def lines_of_the_bakery():
    """The coefficients of question 15 as they are printed: effect and cause to a number."""
    formulas = re.findall(r"(\w) = ([^=]*?) \+ \\ldots", question(15))
    return {
        (effect, cause): float(value)
        for effect, terms in formulas
        for value, cause in re.findall(r"([\d.]+)\\,(\w)", terms)
    }


def test_15_posters():
    """Along the paths as in the answer, and by least squares on made weeks."""
    by = lines_of_the_bakery()
    edges = "; ".join(f"{cause} -> {effect}" for effect, cause in by)
    assert set(edges.split("; ")) == {"p -> s", "s -> k", "p -> y", "s -> y", "k -> y"}
    directly = by["y", "p"]
    searched, clicked = by["s", "p"] * by["y", "s"], by["s", "p"] * by["k", "s"] * by["y", "k"]
    (total,) = bold(part(answer(15), "a"))
    assert math.isclose(total, directly + searched + clicked)
    left_out = numbers(re.search(r"left out \((.*?)\)", answer(15))[1])
    assert np.allclose(left_out, [directly + searched, directly + clicked])
    assert f"{100 * total:.0f} cakes" in part(answer(15), "a")
    assert bold(part(answer(15), "b")) == [directly] and expected(15, "b") == total
    held = re.match(r"\{(\w)\}", part(answer(15), "c"))[1]
    assert adjustment_sets(edges, "k", "y") == [frozenset(held)]
    assert is_adjustment_set(edges, "k", "y", ["s", "p"]), "{s, p} works, and isn't smallest"
    assert not is_adjustment_set(edges, "k", "y", "p") and not is_adjustment_set(edges, "k", "y", [])

    rng = np.random.default_rng(7)
    p, a, b, c = rng.normal(size=(4, 200_000))
    s = by["s", "p"] * p + a
    k = by["k", "s"] * s + b
    y = by["y", "p"] * p + by["y", "s"] * s + by["y", "k"] * k + c
    found = [np.linalg.lstsq(np.column_stack(x), y, rcond=None)[0][0] for x in ([p], [p, s, k], [k, s], [k])]
    assert np.allclose(found[:3], [total, directly, by["y", "k"]], atol=0.02) and abs(found[3] - by["y", "k"]) > 0.1


def test_16_two_channels():
    """All five splits of the money, and the best four steps of ten thousand."""
    a, b = ([float(cell) for cell in cells] for _, *cells in rows(question(16)))
    assert "| spent (thousand) | 0 | 10 | 20 | 30 | 40 |" in question(16)
    today = [int(spent) // 10 for spent in re.search(r"Today (\d+) go to A and (\d+) to B", question(16)).groups()]
    plans = {(at, 4 - at): a[at] + b[4 - at] for at in range(5)}
    assert sum(today) == 4 and "How should the 40 be split" in question(16)
    assert f"= {plans[tuple(today)]:.0f}$ today" in part(answer(16), "c")
    means = re.findall(r"/\d+ = ([\d.]+)\$", part(answer(16), "a"))
    assert rounded(means[0], a[today[0]] / 10 / today[0]) and rounded(means[1], b[today[1]] / 10 / today[1])
    assert f"in proportion to {means[0]} and {means[1]}." in answer(16)
    last, following = map(float, re.findall(r"/10 = ([\d.]+)\$", part(answer(16), "b")))
    assert math.isclose(last, (a[3] - a[2]) / 10) and math.isclose(following, (b[2] - b[1]) / 10)
    best = max(plans, key=plans.get)
    assert best == (2, 2) and part(answer(16), "c").startswith("20 to each")
    assert sorted(plans.values())[-2] < plans[best], "no tie"
    assert bold(part(answer(16), "c")) == [plans[best] - plans[tuple(today)]]
    assert sum(sorted([*np.diff(a), *np.diff(b)], reverse=True)[:4]) == plans[best]
    # What the last part says: A's next dollars earn less than a dollar, those taken from B earned 1.8; so it loses.
    assert (a[4] - a[3]) / 10 < 1 < number(re.search(r"B earned (\S+)\.\n", answer(16))[1]) == b[1] / 10
    assert plans[4, 0] < plans[tuple(today)] and plans[4, 0] == number(answer(16).split('"all to A", which earns')[1])


def test_17_what_it_is_worth_to_know():
    """As in the answer, and as the regret that the choice by the mean has to expect."""
    gains = np.array([[number(cell) for cell in cells] for _, *cells in rows(question(17))])
    names = [name for name, *_ in rows(question(17))]
    means = gains.mean(1)
    chosen = int(means.argmax())
    said = part(answer(17), "a")
    assert said.lower().startswith(names[chosen]) and numbers(said) == sorted(means, reverse=True)[:2]
    (worth,) = bold(part(answer(17), "b"))
    assert math.isclose(worth, gains.max(0).mean() - means[chosen]) and f"less {means[chosen]} is" in answer(17)
    assert f"A point for {gains.max(0).mean()}." in answer(17) and f"already earns {means[chosen]}." in answer(17)
    assert f"{gains.max():.0f} less 6," in answer(17) and gains[chosen].max() == 6
    assert (gains[0] == 0).all() and (gains[1:, 3] == [-1, -6]).all() and "−1 or −6 in the place of 0" in answer(17)
    assert math.isclose(worth, (gains.max(0) - gains[chosen]).mean())
    assert numbers(part(answer(17), "b"))[:5] == [*gains.max(0), gains.max(0).mean()]
    assert number(re.search(r"Expect\*\* (\S+) as the answer to b", answer(17))[1]) == gains.max(0).mean()
    assert "costs two thousand" in part(question(17), "c") and worth < 2
    assert part(answer(17), "c").startswith("No:") and numbers(part(answer(17), "c"))[-1] == worth


def test_18_whom_the_effect_on_the_treated_is_about():
    """Kinds of people: a kind of which nobody applied has no say in it, and each kind of holder needs its like."""
    kinds = {"a": (30, 10, -20.0), "b": (10, 50, -5.0), "c": (0, 40, math.nan)}  # holders, others, effect if known
    effects = np.repeat([effect for *_, effect in kinds.values()], [holders for holders, *_ in kinds.values()])
    assert math.isclose(effects.mean(), (30 * -20 + 10 * -5) / 40), "known without c"
    everybody = np.repeat([effect for *_, effect in kinds.values()], [n + others for n, others, _ in kinds.values()])
    assert math.isnan(everybody.mean()), "the ATE isn't"
    assert "ATT" in part(answer(18), "b") and r"\mid z = 1" in part(answer(18), "a")
    assert part(answer(18), "c").startswith("The first: for each kind of pass holder similar people in the survey")
    assert "for each kind of pass holder similar people in the survey, or" in part(question(18), "c")


def test_19_bounds_of_what_is_missing():
    """Every way in which the missing can have done, tried."""
    table = {label: tuple(map(int, cells)) for label, *cells in rows(question(19))}
    (n1, k1, y1), (n0, k0, y0) = table["letter"], table["no letter"]
    among_known, worst, best = (bold(part(answer(19), letter))[0] for letter in "abc")
    assert math.isclose(y1 / k1 - y0 / k0, among_known)
    assert f"which {n1} of {n1 + n0} people" in question(19) and f"on the {n1 + n0} that" in question(19)
    assert f"among all {n1} with a letter, what among all {n0} without" in part(question(19), "b")
    assert f"None of the {n1 - k1} missing with a letter came, and all of the {n0 - k0} without" in answer(19)
    assert f"All of the {n1 - k1}, and none of the {n0 - k0}:" in part(answer(19), "c")
    assert f"{y1}/{k1} - {y0}/{k0} = " in part(answer(19), "a")
    every = [(y1 + i) / n1 - (y0 + j) / n0 for i in range(n1 - k1 + 1) for j in range(n0 - k0 + 1)]
    assert math.isclose(min(every), worst) and math.isclose(max(every), best)
    lines = {"b": (y1 / n1, (y0 + n0 - k0) / n0), "c": ((y1 + n1 - k1) / n1, y0 / n0)}
    for letter, found in lines.items():
        shares = re.search(r"= (0\.\d+) - (0\.\d+) =", part(answer(19), letter)).groups()
        assert np.allclose([float(share) for share in shares], found)
    assert f"Of these {n1 + n0}, between {100 * worst:.0f} and {100 * best:.0f} more in 100" in part(answer(19), "d")
    assert f"by {100 * worst:.0f} to {100 * best:.0f} in 100" in part(answer(19), "d")
    assert f"about {100 * among_known:.0f} in 100, since a coin decided" in answer(19)
    as_zeros = number(re.search(r"counted as not having come, (0\.\d+)", answer(19))[1])
    assert math.isclose(as_zeros, y1 / n1 - y0 / n0) and as_zeros not in (worst, best)


def test_20_a_lottery():
    """A million applicants of three kinds, in whom the answers' numbers come out, with the book and without."""
    text = question(20)
    won_took, lost_took = (share / 100 for share in numbers(re.search(r"Of the winners.*", text)[0])[::2])
    won_points, lost_points = numbers(re.search(r"winners had.*", text)[0])
    (effect,), (with_book,) = bold(part(answer(20), "a")), bold(part(answer(20), "c"))
    moved_share = won_took - lost_took
    assert "**half**" in part(answer(20), "b") and math.isclose(moved_share, 1 / 2)
    rng = np.random.default_rng(8)
    kind = rng.choice(["always", "never", "moved"], 1_000_000, p=[lost_took, 1 - won_took, moved_share])
    won = rng.integers(0, 2, len(kind)).astype(bool)
    took = (kind == "always") | ((kind == "moved") & won)
    assert abs(took[won].mean() - won_took) < 0.005 and abs(took[~won].mean() - lost_took) < 0.005
    base = np.select([kind == "always", kind == "never"], [55.0, 45.0], 47.0)
    others = np.select([kind == "always", kind == "never"], [3.0, 1.0], 0.0)  # an effect of their own, seen by nobody
    for gain, book in ((effect, 0), (with_book, 1)):
        points = base + np.where(kind == "moved", gain, others) * took + book * won
        seen = points[won].mean() - points[~won].mean()
        assert abs(seen - (won_points - lost_points)) < 0.06
        assert abs((seen - book) / moved_share - gain) < 0.12
    assert "too large" in part(answer(20), "c") and with_book < effect
    assert expected(20, "a") == won_points - lost_points and expected(20, "b") == 100 * won_took
    assert math.isclose(expected(20, "c"), effect - 1), "taken off after the division"
