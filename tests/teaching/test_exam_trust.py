"""Questions 7 to 9 of the exam: the tables run anew, the verdicts by closed forms."""

import math
import re

import numpy as np
import pytest
from exam_world import DATASETS, STRAIGHT_TRUTH
from scipy import stats
from teaching_texts import answer, bold, expected, number, numbers, part, question, rounded, rows

DRAWN = 20_000


def test_07_four_rows_run_anew(recovery_row):
    """Each row is run as the answer says it was, which no other row's numbers fit."""
    said = re.findall(r"\b([K-N]) (with|without) c, (\d+)", part(answer(7), "a"))
    few, many = sorted({int(units) for *_, units in said})
    assert f"an effect of {STRAIGHT_TRUTH['b_zy']}, {DATASETS} data sets each" in question(7)
    assert f"with {few} units or with {many}." in question(7) and many == 4 * few
    fresh = {name: recovery_row(how == "with", int(units)) for name, how, units in said}
    table = rows(question(7))
    assert [name for name, *_ in table] == sorted(fresh)
    for name, truth, bias, error, coverage, width in table:
        row = fresh[name]
        assert rounded(truth, row["truth"])
        # All fits have the same data sets, so the averages move by little; a bound passes the truth or doesn't, and
        # chance in the draws decides it in some three or four of 200.
        assert rounded(bias, row["bias"], 0.005) and rounded(error, row["bias_mcse"], 0.002), name
        assert rounded(width, row["width"], 0.02), name
        assert abs(float(coverage) - row["coverage"]) < 0.036, name
        assert math.isclose(200 * float(coverage) % 1, 0, abs_tol=1e-9), "a share of 200"
    assert [row["bias"] > 0.9 for _, row in sorted(fresh.items())] == [False, True, False, True]
    assert 1.8 < fresh["K"]["width"] / fresh["M"]["width"] < 2.2, "four times the units, half the width"
    assert fresh["L"]["coverage"] < fresh["N"]["coverage"] - 0.05 and fresh["N"]["coverage"] < 0.2
    assert 1.8 < fresh["N"]["width"] / fresh["L"]["width"] < 2.2 and abs(fresh["N"]["bias"] - fresh["L"]["bias"]) < 0.1


def test_07_the_error_of_a_coverage():
    coverage = {name: float(cells[3]) for name, *cells in rows(question(7))}
    error = math.sqrt(0.94 * 0.06 / DATASETS)
    assert f"a coverage of 0.94 in {DATASETS} data sets" in part(question(7), "d")
    assert "below 0.94," in part(answer(7), "d") and f"computed with {coverage['M']} " in answer(7)
    assert rounded(re.search(r"= (0\.\d+)\$", part(answer(7), "d"))[1], error)
    assert str(coverage["M"]) in part(answer(7), "d") and 0 < 0.94 - coverage["M"] < error
    other = math.sqrt(coverage["M"] * (1 - coverage["M"]) / 200)
    assert rounded(re.search(r"error computed with [\d.]+ \(([\d.]+)\)", answer(7))[1], other)
    assert 0.94 - coverage["M"] < other, "the verdict is the same"
    # By chance alone a method that keeps its promise covers as few or fewer as often as this.
    assert stats.binom.cdf(round(200 * coverage["M"]), 200, 0.94) > 0.2


def shares(truth_sd=1.0, prior_sd=1.0, shift=0.0, wider=1.0):
    """How ranks spread over fifths where the posterior has a closed form: y is the mean of ten, the prior normal."""
    rng = np.random.default_rng(4)
    mu = rng.normal(0, truth_sd, DRAWN)
    y = mu + rng.normal(0, math.sqrt(1 / 10), DRAWN) + shift
    precision = 10 + prior_sd**-2
    ranks = stats.norm.cdf((mu - 10 * y / precision) / (wider / math.sqrt(precision)))
    return np.histogram(ranks, np.linspace(0, 1, 6))[0] / DRAWN


def test_08_the_printed_ranks_are_those_of_a_forgotten_cause(ranks):
    """The histogram is a fresh run's but for chance, and most truths lie below most draws."""
    (label, *printed), fresh = rows(question(8))[0], np.histogram(ranks, np.linspace(0, 1, 6))[0]
    assert label == "data sets" and sum(map(int, printed)) == sum(fresh) == DATASETS
    assert f"For each of {DATASETS} data sets" in question(8)
    assert "| rank | 0 to 0.2 | 0.2 to 0.4 | 0.4 to 0.6 | 0.6 to 0.8 | 0.8 to 1 |" in question(8)
    for cell, count in zip(printed, fresh, strict=True):
        assert abs(int(cell) - count) <= 8
    assert fresh[0] > 100 and fresh[:2].sum() > 3 * fresh[3:].sum() and ranks.mean() < 0.3
    assert part(answer(8), "a").startswith("Too high")
    assert part(answer(8), "b").startswith("The common cause that was left out")


def test_08_what_each_of_the_three_faults_does_to_ranks():
    assert np.allclose(shares(), 0.2, atol=0.02), "no fault"
    narrow, left_out, wide = shares(prior_sd=0.2), shares(shift=0.4), shares(wider=2.0)
    assert narrow[0] > 0.3 and narrow[4] > 0.3, "too many at both ends"
    assert (np.diff(left_out) < 0).all() and left_out[0] > 0.4, "low ranks"
    assert wide[2] > max(wide[0], wide[4]), "too many in the middle"


def standard_error(n, p, r2, sigma):
    return math.sqrt(sigma**2 / (n * p * (1 - p)) / (1 - r2))


@pytest.fixture(scope="module")
def design():
    """What question 9 says of the noise, the error wanted, and the three designs."""
    text = question(9)
    (sigma,) = numbers(re.search(r"\\sigma = (\S+)\$", text)[1])
    wanted = number(text.split("A standard error of")[1])
    r2 = number(re.search(r"\$R\^2 = (0\.\d+)\$", part(text, "b"))[1])
    assert (
        "one day in ten" in part(text, "c")
        and "$p = 1/2$ and $R^2 = 0$" in part(text, "a")
        and "half of the days" in text
    )
    return sigma, wanted, {"a": (1 / 2, 0), "b": (1 / 2, r2), "c": (1 / 10, 0)}


def test_09_days_for_three_designs(design):
    sigma, wanted, designs = design
    for letter, (p, r2) in designs.items():
        (days,) = bold(part(answer(9), letter))
        assert standard_error(days, p, r2, sigma) < wanted + 1e-9 < standard_error(days - 1, p, r2, sigma), letter
    (a,), (b,) = bold(part(answer(9), "a")), bold(part(answer(9), "b"))
    assert math.isclose(expected(9, "c"), a / 2 / 0.1), "from the days with the sign alone"
    assert expected(9, "b") == round(a * a / b), "the factor on the wrong side"


def test_09_least_squares_scatter_as_the_formula_says(design):
    """Made days of the second design: the weather explains a part of the sign's variance."""
    sigma, wanted, designs = design
    (days,), (_, r2) = map(int, bold(part(answer(9), "b"))), designs["b"]
    rng = np.random.default_rng(5)
    estimates = []
    for _ in range(3000):
        weather = rng.integers(0, 2, days) * 2 - 1
        sign = rng.random(days) < (1 + math.sqrt(r2) * weather) / 2  # a correlation of the root of R²
        y = weather + sigma * rng.normal(size=days)
        x = np.column_stack([np.ones(days), weather, sign])
        estimates.append(np.linalg.solve(x.T @ x, x.T @ y)[2])
    assert abs(np.std(estimates) - wanted) < 0.015
