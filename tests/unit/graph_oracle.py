"""What graphs say, computed without any code of `helpers`: by linear algebra and by tables of probabilities.

A graph is a strictly upper triangular matrix of arrows, nodes in causal order; the last ones may be latent.
Parameters are drawn at random, so that an equality which holds holds because of the graph.
"""

from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np

CLOSE = 1e-6  # numbers nearer to each other than this count as equal; random ones rarely are
LATENT_VALUES = 4  # of a latent node; observed ones have two


def subsets(items):
    """All subsets, small ones first."""
    return map(frozenset, chain.from_iterable(combinations(sorted(items), size) for size in range(len(items) + 1)))


def minimal(sets):
    """Those of some sets that contain no other of them."""
    sets = set(sets)
    return {one for one in sets if not any(other < one for other in sets)}


@dataclass(frozen=True)
class Linear:
    """A linear model with standard normal errors: coefficients[cause, effect]."""

    coefficients: np.ndarray

    @classmethod
    def random(cls, arrows, rng):
        size = rng.uniform(0.4, 1.3, arrows.shape) * rng.choice([-1, 1], arrows.shape)
        return cls(arrows * size)

    def cut(self, into=(), out_of=(), arrows=()):
        """The model without the arrows into some nodes, out of some, and without single ones."""
        coefficients = self.coefficients.copy()
        coefficients[:, list(into)] = 0
        coefficients[list(out_of)] = 0
        for cause, effect in arrows:
            coefficients[cause, effect] = 0
        return Linear(coefficients)

    def total(self):
        """Total effects, summed over all directed paths."""
        return np.linalg.inv(np.eye(len(self.coefficients)) - self.coefficients)

    def covariance(self):
        return self.total().T @ self.total()

    def effect(self, treatment, outcome):
        """Effects of each treatment on each outcome when all treatments are set."""
        return self.cut(into=treatment).total()[np.ix_(treatment, outcome)]

    def regression(self, treatment, outcome, held):
        """Coefficients of the treatments when the outcomes are regressed on them and on what is held."""
        covariance = self.covariance()
        columns = [*treatment, *held]
        solved = np.linalg.solve(covariance[np.ix_(columns, columns)], covariance[np.ix_(columns, outcome)])
        return solved[: len(treatment)]

    def partial(self, left, right, held):
        """Covariances of two sets of variables, given those held."""
        covariance, held = self.covariance(), list(held)
        both = covariance[np.ix_(left, right)]
        if held:
            middle = np.linalg.solve(covariance[np.ix_(held, held)], covariance[np.ix_(held, right)])
            both = both - covariance[np.ix_(left, held)] @ middle
        return both

    def independent(self, left, right, held):
        return np.abs(self.partial(list(left), list(right), held)).max(initial=0) < CLOSE

    def caused(self, nodes):
        """What some nodes cause, and they themselves: random total effects are 0 only where no path leads."""
        reached = np.abs(self.total()[list(nodes)]).max(axis=0, initial=0) > CLOSE
        return {int(node) for node in np.flatnonzero(reached)} | set(nodes)


def is_unbiased(model, treatment, outcome, held):
    """Whether a regression gives the effect."""
    return np.allclose(
        model.regression(treatment, outcome, sorted(held)), model.effect(treatment, outcome), atol=CLOSE, rtol=0
    )


def frontdoor(model, treatment, outcome, held):
    """Whether a set passes the three conditions of the front door."""
    held = sorted(held)
    around = model.cut(into=held, out_of=held)
    return (
        not around.caused(treatment) & set(outcome)
        and model.cut(out_of=treatment).independent(treatment, held, ())
        and model.cut(out_of=held).independent(held, outcome, treatment)
    )


def wald_ratio(model, treatment, outcome, instrument, held):
    """The instrument's covariance with the outcome over that with the treatment; None where the latter is 0."""
    below = model.partial([instrument], [treatment], sorted(held))[0, 0]
    return None if abs(below) < CLOSE else model.partial([instrument], [outcome], sorted(held))[0, 0] / below


class Discrete:
    """A model of nodes with few values: a table of probabilities for each node, given its causes."""

    def __init__(self, arrows, latent, rng):
        self.arrows, self.latent = arrows, latent
        self.values = [LATENT_VALUES if node in latent else 2 for node in range(len(arrows))]
        # Logits, so that any change of them is a model again.
        self.logits = [rng.normal(0, 1, self._shape(node)) for node in range(len(arrows))]
        self.splits = np.cumsum([table.size for table in self.logits])

    def _causes(self, node):
        return [int(cause) for cause in np.flatnonzero(self.arrows[:, node])]

    def _shape(self, node):
        return [self.values[one] for one in (*self._causes(node), node)]

    def vector(self):
        return np.concatenate([table.ravel() for table in self.logits])

    def joint(self, vector=None, do=()):
        """Table of what is observed: the product of all tables but those of what is set, summed over what is latent."""
        vector = self.vector() if vector is None else vector
        operands = []
        for node, logits in enumerate(np.split(vector, self.splits[:-1])):
            if node not in do:
                table = np.exp(logits.reshape(self._shape(node)))
                operands += [table / table.sum(axis=-1, keepdims=True), [*self._causes(node), node]]
        for node in do:
            operands += [np.ones(2), [node]]
        observed = [node for node in range(len(self.arrows)) if node not in self.latent]
        return np.einsum(*operands, observed, optimize="greedy")

    def effect(self, treatment, outcome, vector=None):
        """P(outcome | do(treatment)) for all values, dims in causal order."""
        observed = [node for node in range(len(self.arrows)) if node not in self.latent]
        axes = tuple(at for at, node in enumerate(observed) if node not in {*treatment, *outcome})
        return self.joint(vector, do=treatment).sum(axis=axes)

    def is_identified(self, treatment, outcome):
        """Whether no small change of the tables leaves what is observed as it is and changes the effect.

        The derivatives of the effect must be combinations of those of the observed table.
        """
        start, step = self.vector(), 1e-30
        seen, done = [], []
        for at in range(len(start)):
            moved = start.astype(complex)
            moved[at] += 1j * step
            seen.append(self.joint(moved).imag.ravel() / step)
            done.append(self.effect(treatment, outcome, moved).imag.ravel() / step)
        seen, done = np.array(seen), np.array(done)
        fitted = seen @ np.linalg.lstsq(seen, done, rcond=1e-9)[0]
        return np.abs(done - fitted).max() < CLOSE * np.abs(done).max(initial=1e-12)
