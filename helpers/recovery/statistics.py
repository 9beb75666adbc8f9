"""What `recover` keeps of one fit: a few numbers for each quantity."""

import numpy as np
from arviz_stats.base import array_stats

from helpers.summary import EQUAL

STATISTICS = ("truth", "mean", "sd", "lower", "upper", "rank", "r_hat", "ess")
RANK_DRAWS = 200


def summarize_draws(draws, truths, prob, seed):
    """Statistics of each quantity, as nested lists in the order of STATISTICS."""
    # All quantities side by side, as (quantity, chain, draw): one call of each statistic instead of one a quantity.
    columns = [array.to_numpy().reshape(*array.shape[:2], -1) for array in draws.values()]
    table = np.ascontiguousarray(np.moveaxis(np.concatenate(columns, axis=2), 2, 0), dtype=float)
    truth = np.concatenate([_like(truths[name], array) for name, array in draws.items()]).astype(float)
    defined = np.isfinite(table).all((1, 2)) & np.isfinite(truth)
    statistics = np.full((len(STATISTICS), len(table)), np.nan)
    statistics[0] = truth
    if defined.any():
        statistics[1:, defined] = _statistics(table[defined], truth[defined], prob, seed)
    summaries, start = {}, 0
    for (name, array), column in zip(draws.items(), columns):
        dims, stop = array.dims[2:], start + column.shape[2]
        values = statistics[:, start:stop].reshape(len(STATISTICS), *array.shape[2:])
        labels = {dim: described_labels(array[dim].values) for dim in dims}
        summaries[name] = {"dims": list(dims), "coords": labels, "values": values.tolist()}
        start = stop
    return summaries


def _statistics(table, truth, prob, seed):
    """All of STATISTICS but the truth, for quantities given as (quantity, chain, draw)."""
    lower, upper = array_stats.hdi(table, prob=prob, axis=(1, 2)).T
    # A quantity of the data alone is the same in all draws, and has no convergence to judge.
    varying = np.flatnonzero(np.ptp(table, axis=(1, 2)) > 0)
    r_hat, ess = np.full((2, len(table)), np.nan)
    r_hat[varying] = array_stats.rhat(table[varying], chain_axis=-2, draw_axis=-1)
    ess[varying] = array_stats.ess(table[varying], chain_axis=-2, draw_axis=-1)
    mean, sd = table.mean((1, 2)), table.std((1, 2), ddof=1)
    return np.array([mean, sd, lower, upper, _ranks(table, truth, seed), r_hat, ess])


def _like(truth, draws):
    """The truth flat, in the order of the draws' own dims."""
    return truth.transpose(*draws.dims[2:]).to_numpy().reshape(-1)


def _ranks(draws, truth, seed):
    """Rank of each truth among thinned draws, as a share in (0, 1).

    Draws are thinned so far that they are nearly independent. The place within a step, and among draws equal to
    the truth, is drawn at random: then the rank of a calibrated posterior is uniform exactly, and never 0 or 1,
    where tests of uniformity break down.
    """
    _, chains, count = draws.shape
    step = max(1, -(-chains * count // RANK_DRAWS))
    thinned = draws[:, :, step - 1 :: step]
    aim = truth[:, None, None]
    equal = np.isclose(thinned, aim, rtol=EQUAL, atol=0)
    below = ((thinned < aim) & ~equal).sum((1, 2))
    within = np.random.default_rng(seed).uniform(size=below.shape) * (equal.sum((1, 2)) + 1)
    return (below + within) / (chains * thinned.shape[2] + 1)


def described_labels(labels):
    """Labels as a dtype and a list, for a line of JSON."""
    values = labels.tolist() if labels.dtype.kind in "biufUO" else labels.astype(str).tolist()
    return {"dtype": str(labels.dtype), "values": values}


def labels_from(description):
    """What `described_labels` described."""
    return np.array(description["values"], dtype=description["dtype"])
