"""Formulas of probabilities: a tree that reads as words or as LaTeX, and that a table of probabilities evaluates."""

from dataclasses import dataclass
from math import prod

from helpers._models.checks import check_names
from helpers.graphs.questions import in_order


def latex_name(name):
    """A name as LaTeX: one letter in italics, a word upright, primes as they are."""
    word = name.rstrip("′")
    shown = word if len(word) == 1 else rf"\mathrm{{{word.replace('_', r'\_')}}}"
    return shown + "'" * (len(name) - len(word))


WORDS = {
    "name": str,
    "given": "P({} | {})",
    "times": " × ",
    "sum": "sum over {} of {}",
    "inner": "({})",
    "ratio": "({}) / ({})",
    "any": ", for any one value of {}",
}
LATEX = {
    "name": latex_name,
    "given": r"P({} \mid {})",
    "times": r" \, ",
    "sum": r"\sum_{{{}}} {}",
    "inner": r"\left({}\right)",
    "ratio": r"\frac{{{}}}{{{}}}",
    "any": r" \quad \text{{for any one value of }} {}",
}


@dataclass(frozen=True)
class Probability:
    """P(of | given), read off a table of all that is observed."""

    of: frozenset
    given: frozenset = frozenset()

    @property
    def free(self):
        return self.of | self.given

    def write(self, style, names):
        of, given = (
            ", ".join(style["name"](names[node]) for node in in_order(nodes)) for nodes in (self.of, self.given)
        )
        return style["given"].format(of, given) if given else f"P({of})"

    def evaluate(self, joint):
        check_names(in_order(self.free), joint.dims, "Dim of the table")
        both = joint.sum([dim for dim in joint.dims if dim not in self.free])
        return both / both.sum(self.of)


@dataclass(frozen=True)
class Product:
    """Factors one beside the other, over other ones where there are any."""

    factors: tuple
    below: tuple = ()

    @property
    def free(self):
        return frozenset().union(*(factor.free for factor in self.factors + self.below))

    def write(self, style, names):
        above, below = (self._beside(factors, style, names) for factors in (self.factors, self.below))
        return style["ratio"].format(above, below) if below else above

    @staticmethod
    def _beside(factors, style, names):
        alone = [factor.write(style, names) for factor in factors]
        inner = [style["inner"].format(text) if isinstance(one, Sum) else text for one, text in zip(factors, alone)]
        return style["times"].join(inner if len(inner) > 1 else alone)

    def evaluate(self, joint):
        above, below = (prod([one.evaluate(joint) for one in factors]) for factors in (self.factors, self.below))
        return above / below


@dataclass(frozen=True)
class Sum:
    """A sum over all values of some variables, which mean nothing outside it."""

    over: frozenset
    body: object

    @property
    def free(self):
        return self.body.free - self.over

    def write(self, style, names):
        inner = {}
        for node in self.over:
            inner[node] = str(node)
            # A name that stands for something else already gets a prime.
            while inner[node] in names.values():
                inner[node] += "′"
        over = ", ".join(style["name"](inner[node]) for node in in_order(inner))
        return style["sum"].format(over, self.body.write(style, names | inner))

    def evaluate(self, joint):
        # What can't be computed, because nobody has this combination, must not count as 0.
        return self.body.evaluate(joint).sum(self.over, skipna=False)
