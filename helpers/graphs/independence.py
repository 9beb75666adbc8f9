"""What a graph claims that data can contradict."""

import warnings
from itertools import combinations, product
from typing import NamedTuple

import networkx as nx
import numpy as np
import pandas as pd
import xarray as xr
from scipy.interpolate import BSpline
from scipy.stats import norm

from helpers._models.checks import check_names, type_with_article
from helpers.graphs.questions import GraphWarning, ancestors, in_order, listed, read_graph
from helpers.summary import PROB, check_prob

KNOTS = (0, 0.25, 0.5, 0.75, 1)  # of the curves that what is held may follow, as quantiles
TINY = 1e-8  # share of a column that counts as wholly explained
FEWEST_SPARE = 30  # rows beyond the columns of a regression, for intervals of a normal approximation


class Independence(NamedTuple):
    """Two variables that a graph claims to be independent, given others."""

    a: str
    b: str
    given: frozenset

    def __str__(self):
        return f"{self.a} ⟂ {self.b}" + (f" | {', '.join(map(str, in_order(self.given)))}" if self.given else "")


def implied_independences(graph, *, latent=()):
    """One independence for each pair of observed variables that a graph claims to be independent, given some others.

    Parameters
    ----------
    graph, latent
        As for `adjustment_sets`.

    Returns
    -------
    list of Independence
        Tuples (a, b, given) in the order of the names. What is held is a smallest of two minimal sets, that nearest to
        a and that nearest to b. Empty when nothing that the graph says can be tested this way.

    Raises
    ------
    KeyError, TypeError, ValueError
        As for `adjustment_sets`.

    Notes
    -----
    Other sets that separate the same pair make claims of their own, which these needn't imply. With latent nodes a graph
    may also constrain functions of the joint distribution, which no independence says (Verma and Pearl 1990).

    Examples
    --------
    >>> [str(claim) for claim in implied_independences("a -> b; b -> c; b -> d")]
    ['a ⟂ c | b', 'a ⟂ d | b', 'c ⟂ d | b']
    """
    graph, latent = read_graph(graph, latent)
    claims = []
    for a, b in combinations(in_order(set(graph) - latent), 2):
        allowed = ancestors(graph, [a, b]) - latent - {a, b}
        nearest = [nx.find_minimal_d_separator(graph, *pair, restricted=allowed) for pair in ((a, b), (b, a))]
        if nearest[0] is not None:
            claims.append(Independence(a, b, frozenset(min(nearest, key=len))))
    return claims


def test_independences(graph, data, *, latent=(), prob=PROB):
    """How far data are from each independence that a graph implies: an effect size with its interval.

    Parameters
    ----------
    graph, latent
        As for `adjustment_sets`.
    data : pandas.DataFrame or xarray.Dataset
        A column for each observed node, a row for each independent unit, nothing missing. Columns that aren't numbers
        are categories; where one with more than two is an end of an independence, each category has a row of its own.
    prob : float, default 0.94
        Probability with which all intervals together hold their truths.

    Returns
    -------
    pandas.DataFrame
        One row a claim: a, b, given; the ``correlation`` of what is left of a and b once the others have explained
        what they can; bounds (named after `prob`), a p-value multiplied by the number of rows, and ``fails``, true
        where the interval excludes 0. A right graph has no failing row at all with probability `prob`.

    Raises
    ------
    KeyError, TypeError, ValueError
        As for `adjustment_sets`; also when a node has no column, data are missing, or there are too few rows.

    Notes
    -----
    The generalized covariance measure of Shah and Peters (2020). The others explain by smooth curves (cubic splines)
    of each, by products of two, and by curves of the best straight prediction, which take in links such as logit and
    log. What bends more may leave a correlation in a graph that is right. Dependence without correlation isn't seen.
    A row that doesn't fail isn't proof: read its interval.

    Examples
    --------
    >>> test_independences("c -> z; c -> y; z -> y", data).empty
    True
    """
    check_prob(prob)
    read, unseen = read_graph(graph, latent)
    data = _as_columns(data, in_order(set(read) - unseen))
    rows = []
    for claim in implied_independences(read, latent=unseen):
        straight = _straight(data[in_order(claim.given)])
        design = _design(straight)
        if len(data) < design.shape[1] + FEWEST_SPARE:
            raise ValueError(
                f"{claim}: {len(data)} rows of data; its regression needs {design.shape[1] + FEWEST_SPARE} or more."
            )
        for (a, left), (b, right) in product(_ends(data[claim.a]), _ends(data[claim.b])):
            text = str(Independence(a, b, claim.given))
            rows.append((text, claim, *_correlation(straight, design, left, right)))
    return _table(rows, prob)


test_independences.__test__ = False  # not a test of pytest's, wherever it is imported


def _as_columns(data, names):
    """The columns of these nodes, once it is known that they are there and whole."""
    if isinstance(data, xr.Dataset):
        check_names(names, data.variables, "Column of data,")
        dims = {name: data[name].dims for name in names}
        if len(set(dims.values())) > 1 or () in dims.values():
            raise ValueError(f"The variables of data have dims {dims}; expected the same for all, with one row a unit.")
        data = data[names].to_dataframe().reset_index(drop=True)[names]
    if not isinstance(data, pd.DataFrame):
        raise TypeError(f"data is {type_with_article(data)}; expected a pandas.DataFrame or an xarray.Dataset.")
    absent = [name for name in names if name not in data.columns]
    if absent:
        check_names(absent[:1], data.columns, "Say latent= for a node that isn't recorded. Column of data,")
    data = data[names].infer_objects()
    if not data.columns.is_unique:
        raise ValueError(
            f"{listed(data.columns[data.columns.duplicated()])}: the name of more than one column of data."
        )
    missing = data.columns[(data.isna() | data.isin([np.inf, -np.inf])).any()]
    if len(missing):
        raise ValueError(
            f"{listed(missing)}: values are missing or infinite. Who is missing is part of the graph: decide which rows "
            "to leave out."
        )
    if len(data) <= FEWEST_SPARE:
        raise ValueError(f"{len(data)} rows of data; expected more than {FEWEST_SPARE}.")
    odd = [name for name in names if data[name].dtype.kind in "cmM"]
    if odd:
        raise TypeError(f"{odd[0]} has values of type {data[odd[0]].dtype}; expected numbers, yes/no or categories.")
    return data


def _ends(column):
    """What is correlated of a column: itself, or an indicator for each of its categories."""
    if pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy(float)
        return [(column.name, values / (np.abs(values).max() or 1))]  # no square of it overflows
    values = in_order(column.unique())
    shown = values if len(values) > 2 else values[1:]
    return [(f"{column.name}={value}", (column == value).to_numpy(float)) for value in shown]


def _straight(held):
    """What is held as columns of numbers, one beside the other: the categories of a category, all else as it is."""
    columns = [values for name in held for _, values in _ends(held[name])]
    return np.column_stack([np.ones(len(held)), *columns])


def _curves(values):
    """Columns of which a smooth curve of some values can be made; with few values one for each."""
    found, knots = np.unique(values), np.unique(np.quantile(values, KNOTS))
    if len(found) <= max(len(knots), 2):
        return (values[:, None] == found[1:]).astype(float)
    padded = np.r_[[knots[0]] * 3, knots, [knots[-1]] * 3]
    return BSpline.design_matrix(values, padded, 3).toarray()[:, 1:]


def _design(straight):
    """Columns that explain: curves of each that is held, products of two."""
    centered = straight[:, 1:] - straight[:, 1:].mean(axis=0)
    products = [(one * other)[:, None] for one, other in combinations(centered.T, 2)]
    return np.hstack([straight[:, :1], *map(_curves, straight[:, 1:].T), *products])


def _correlation(straight, design, left, right):
    """Correlation of what is left of two columns, and its standard error, both on Fisher's scale."""
    both = np.column_stack([left, right])
    if straight.shape[1] > 2:
        # A link, logit or log, bends the sum of what is held: a curve of each column's straight prediction.
        predicted = straight @ np.linalg.lstsq(straight, both)[0]
        design = np.hstack([design, *map(_curves, predicted.T)])
    fitted, _, rank, _ = np.linalg.lstsq(design, both)
    rest = both - design @ fitted
    spread = np.sqrt((rest**2).sum(axis=0))
    if np.any(spread <= TINY * np.sqrt((both**2).sum(axis=0))):
        return np.nan, np.nan
    one, other = (rest / spread * np.sqrt(len(rest))).T
    r = np.clip(np.mean(one * other), TINY - 1, 1 - TINY)
    # The influence of each row on r, for residuals of unequal spread; with few events it looks too certain, so the
    # error is at least that of normal ones.
    influence = one * other - r / 2 * (one**2 + other**2)
    error = np.sqrt(max(np.mean(influence**2), (1 - r**2) ** 2) / (len(rest) - rank))
    return np.arctanh(r), error / (1 - r**2)


def _table(rows, prob):
    texts, claims = [text for text, *_ in rows], [claim for _, claim, *_ in rows]
    z, error = np.array([numbers for _, _, *numbers in rows], dtype=float).reshape(-1, 2).T
    empty = [text for text, value in zip(texts, z) if np.isnan(value)]
    if empty:
        warnings.warn(
            f"{'; '.join(empty)}: what is held explains one of the two wholly, so nothing is left to compare.",
            GraphWarning,
            stacklevel=3,
        )
    reach = norm.isf((1 - prob) / 2 / max(len(rows), 1)) * error
    percent = f"{100 * prob:g}"
    columns = {
        "a": [claim.a for claim in claims],
        "b": [claim.b for claim in claims],
        "given": [claim.given for claim in claims],
        "correlation": np.tanh(z),
        f"joint_{percent}_lower": np.tanh(z - reach),
        f"joint_{percent}_upper": np.tanh(z + reach),
        "p_adjusted": np.minimum(1, len(rows) * 2 * norm.sf(np.abs(z) / error)),
        "fails": np.abs(z) > reach,
    }
    return pd.DataFrame(columns, index=texts)
