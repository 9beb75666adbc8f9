"""Questions 1 to 6 of the exam: each answer found a second way."""

import math
import re

import networkx as nx
import numpy as np
import pymc as pm
import pytest
from teaching_texts import CODE, answer, bold, expected, number, numbers, part, question, rounded, rows

from helpers import causal_graph, contrast, fit, intervene

SAMPLE = {"seed": 1, "chains": 4, "cores": 1, "draws": 700, "tune": 500}


def rung(sentence):
    """By its words: another course for one and the same case, or an action on all, or what was."""
    if "this very" in sentence:
        return "imagining"
    return "doing" if sentence.startswith("If every") else "seeing"


def three_numbers():
    """Of one world: what is seen, what an action does, and what would have been for those who were late without it."""
    keen = {0: 0.2, 1: 0.8}  # keen readers (u) get a reminder (z) more often; luck (e) is a coin
    worlds = [
        (0.25 * (keen[u] if z else 1 - keen[u]), u, z, e, lambda at, u=u, e=e: u + at + e < 2)
        for u in (0, 1)
        for z in (0, 1)
        for e in (0, 1)
    ]

    def late(chosen, at):
        kept = [(p, is_late) for p, _, z, _, is_late in worlds if chosen(z, is_late)]
        return sum(p for p, is_late in kept if is_late(at)) / sum(p for p, _ in kept)

    def got(value):
        return lambda z, is_late: z == value

    seeing = late(got(1), 1) - late(got(0), 0)
    doing = late(lambda z, is_late: True, 1) - late(lambda z, is_late: True, 0)
    imagining = late(lambda z, is_late: z == 0 and is_late(0), 1) - 1
    return seeing, doing, imagining


def test_01_three_rungs():
    """The answer goes with the words, and no rung's number is another's, so no sentence stands on two of them."""
    said = dict(re.findall(r"\b([a-d]) (seeing|doing|imagining)\b", answer(1).split("\n\n")[1]))
    assert said == {letter: rung(part(question(1), letter)) for letter in "abcd"}
    assert set(said.values()) == {"seeing", "doing", "imagining"}
    assert len({round(value, 6) for value in three_numbers()}) == 3


def test_02_arrows_of_a_model_and_what_do_draws_again():
    space = {"pm": pm}
    exec(CODE.search(question(2))[1], space)  # noqa: S102
    model = space["model"]
    said = {tuple(arrow.split(" -> ")) for arrow in re.findall(r"\w -> \w", part(answer(2), "a").split("\n")[0])}
    graph = causal_graph(model)
    assert set(graph.edges) == said
    (missing,) = re.findall(r"(\w) -> (\w)", part(answer(2), "c"))
    assert missing not in said and list(nx.all_simple_paths(graph, *missing)) == [["z", "m", "y"]]

    rng = np.random.default_rng(1)
    r = rng.binomial(1, 0.3, 200)
    z = rng.binomial(1, 0.3 + 0.4 * r)
    m = 1.5 * z + rng.normal(size=200)
    data = {"r": r, "z": z, "m": m, "y": m + r + rng.normal(size=200)}
    idata = fit(model, data, **SAMPLE)
    keeps = re.search(r"(\w) keeps its recorded values", part(answer(2), "b"))[1]
    again = re.search(r"(\w) is drawn again", part(answer(2), "b"))[1]
    drawn = {name: intervene(model, idata, {"z": 1}, outcome=name, seed=1) for name in (keeps, again)}
    assert (drawn[keeps] == data[keeps]).all(), "the same in each draw"
    assert float(drawn[again].std(["chain", "draw"]).min()) > 0.3
    assert '`contrast(model, idata, {"z": 1}, {"z": 0}, outcome="y"' in question(2)
    effect = contrast(model, idata, {"z": 1}, {"z": 0}, outcome="y", seed=1, over="i")
    assert abs(float(effect.mean()) - 1.5) < 0.5, "through the guests: 1.5 times 1, from 200 days"


def test_03_a_line_that_takes_the_treatment_for_its_cause():
    """The wrong model answers with what is seen; the right one doesn't; the check of the answers tells them apart."""
    names = ["b_z0", "b_cz", "b_y0", "b_zy", "b_cy"]
    code = CODE.search(question(3))[1]
    wrong, right = re.search(r"`([^`]+)` should be `([^`]+)`", part(answer(3), "a")).groups()
    assert code.count(wrong) == 1
    models = []
    for text in (code, code.replace(wrong, right)):
        exec(text, space := {"pm": pm, "NAMES": names})  # noqa: S102
        models.append(space["model"])
    checks = re.findall(r"`(assert .+?)`", part(answer(3), "c"))
    assert len(checks) == 2
    for check in checks:
        with pytest.raises(AssertionError):
            exec(check, {"causal_graph": causal_graph, "model": models[0]})  # noqa: S102
        exec(check, {"causal_graph": causal_graph, "model": models[1]})  # noqa: S102

    rng = np.random.default_rng(2)
    c = rng.normal(size=200)
    z = rng.binomial(1, 1 / (1 + np.exp(-1.5 * c)))
    y = 0.5 * z + c + rng.normal(size=200)
    seen = y[z == 1].mean() - y[z == 0].mean()
    found = []
    for model in models:
        # Only the sum of two coefficients is known: a ridge, along which chains walk slowly.
        idata = fit(model, {"c": c, "z": z, "y": y}, seed=1, cores=1, draws=3000, tune=1000)
        found.append(float(contrast(model, idata, {"z": 1}, {"z": 0}, outcome="y_mu", seed=1, over="i").mean()))
    assert seen > 1.2 and abs(found[0] - seen) < 0.08, "how much more those earn who took it"
    assert abs(found[1] - 0.5) < 0.4, "what the course adds, from 200 people"


def test_04_a_table_of_beds():
    """By groups as in the answer, by weights, and by least squares with soil, compost and both together."""
    table = [(soil == "rich", compost == "yes", int(n), float(mean)) for soil, compost, n, mean in rows(question(4))]
    rich, z, y = np.array([(s, z, mean) for s, z, n, mean in table for _ in range(n)], float).T
    assert len(y) == number(question(4).split("garden has")[1])
    mean = {(soil, compost): value for soil, compost, _, value in table}
    gain = np.array([mean[bool(s), True] - mean[bool(s), False] for s in rich])
    on, off = z == 1, z == 0
    found = [y[on].mean() - y[off].mean(), gain.mean(), gain[on].mean()]
    assert np.allclose([bold(part(answer(4), letter))[0] for letter in "abc"], found)
    poor_gain, rich_gain = gain[rich == 0][0], gain[rich == 1][0]
    assert math.isclose((poor_gain + rich_gain) / 2, expected(4, "b"))
    assert f"adds {poor_gain:.0f} on poor soil and {rich_gain:.0f} on rich soil" in part(answer(4), "b")
    assert f"{(rich == 0).sum()} beds are poor and {rich.sum():.0f} rich" in part(answer(4), "b")
    assert f"Of the {on.sum()} beds with compost {(on & (rich == 0)).sum()} are poor" in part(answer(4), "c")
    share = np.array([z[rich == s].mean() for s in rich])
    weight = np.where(on, 1 / share, 1 / (1 - share))
    assert math.isclose(np.average(y[on], weights=weight[on]) - np.average(y[off], weights=weight[off]), found[1])
    b = np.linalg.lstsq(np.column_stack([np.ones(len(y)), rich, z, rich * z]), y, rcond=None)[0]
    assert math.isclose(b[2] + b[3] * rich.mean(), found[1])
    assert math.isclose(b[2] + b[3] * rich[on].mean(), found[2])


def test_05_the_letter_fitted_anew(museum):
    """The printed table is a fresh fit's but for chance, and what the answers say of it holds in that fit."""
    data, table = museum
    printed = rows(question(5))
    fresh = [table.loc[name.split()[0].rstrip(",")] for name, *_ in printed]
    for (name, *cells), row in zip(printed, fresh, strict=True):
        # Means of two such runs differ by some 0.03 of a posterior's sd, bounds by three times as much.
        for cell, column, chance in zip(
            cells, ["mean", "hdi_94_lower", "hdi_94_upper"], [0.12, 0.36, 0.36], strict=True
        ):
            assert rounded(cell, row[column], chance * row["sd"]), (name, column)
    touched, everybody, letters = int((data["c"] < 0).sum()), data.sizes["i"], int(data["z"].sum())
    assert f"to {letters} of {everybody} people" in question(5) and f"the {letters} who got it" in question(5)
    assert f"to the {touched} people with c below 0" in question(5) and f"mean over all {everybody}" in question(5)
    assert printed[1][0] == f"ATE over the {everybody}"
    assert f"The mean over all {everybody} counts {everybody - touched} people who get nothing" in answer(5)
    came = data["y"].groupby(data["z"]).mean()
    seen = float(came.sel(z=1) - came.sel(z=0))
    assert f"was {100 * seen:.0f} percentage points higher" in question(5)

    coefficient, ate, att, policy = (row["mean"] for row in fresh)
    in_100 = {name.split()[0]: [round(100 * float(cell)) for cell in cells] for name, *cells in printed}
    mean, lower, upper = in_100["ATE"]
    said = part(answer(5), "a")
    assert f"{everybody} people" in said and f"{mean} more in 100" in said and f"between {lower} and {upper}," in said
    assert f"coefficient is {printed[0][1]}," in question(5) and f"{printed[0][1]} is a difference" in answer(5)
    assert f"on that scale it is about {mean} in 100" in answer(5)
    assert f"more** than the {in_100['ATT,'][0]} in 100 (ATT)" in answer(5)
    assert f"{printed[3][1]} compared with {printed[2][1]}, hence" in answer(5)
    # No coefficient of log odds moves a probability by more than a quarter of itself.
    assert ate < coefficient / 4 and seen > ate + 0.1 and att < ate
    each = table.loc["touched", "mean"]
    assert math.isclose(each, policy * everybody / touched), "the sum of the answer, another way"
    from_table = float(printed[3][1]) * everybody / touched
    assert bold(part(answer(5), "d"))[0] == round(from_table, 2)
    assert f"so {100 * from_table:.0f} more in 100" in part(answer(5), "d")
    unrounded = re.search(r"it is (\d+\.\d) in 100; the fit itself, not rounded, gives (\d+\.\d)", answer(5))
    assert rounded(unrounded[1], 100 * from_table)
    assert rounded(unrounded[2], 100 * each, within=1)
    assert each > att + 0.05, "more than the ATT"


def test_06_a_training_that_does_nothing_makes_the_report():
    """Drive moves asking and sales; the report's numbers are seen, and its 94 % aren't a probability to work."""
    difference, level, lower, upper = numbers(question(6).split("Trainees sold")[1])[:4]
    assert level == 94
    rng = np.random.default_rng(3)
    drive = rng.normal(size=4000)
    z = rng.binomial(1, 1 / (1 + np.exp(-2 * drive)))
    y = 100 + difference * drive + rng.normal(0, 4, size=4000)
    seen = y[z == 1].mean() - y[z == 0].mean()
    error = np.sqrt(y[z == 1].var() / z.sum() + y[z == 0].var() / (1 - z).sum())
    assert seen - 1.88 * error > lower
    sd = (upper - lower) / 2 / 1.88
    assert 0.5 * math.erfc(-difference / sd / math.sqrt(2)) > 0.999, "above zero: nearly one, not 0.94"
    faults = re.findall(r"^\d\. ", part(answer(6), "a"), re.MULTILINE)
    assert len(faults) >= 6 and "Name four faults" in question(6)
    assert f"{difference:.0f} contracts a quarter more" in part(answer(6), "b")
    assert f"between {lower:.0f} and {upper:.0f}" in part(answer(6), "b")
