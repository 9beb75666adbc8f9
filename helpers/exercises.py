"""Answers to exercises: what an author expects, and what a student's sheet replies.

An author writes, in a hidden cell below a solution that assigns ``difference``::

    answer(
        "difference", "sales with ads, less sales without", difference,
        within=0.1, near={"what you see, not what you cause": seen},
    )

A student's sheet holds all of these packed as one text, and says of each answer whether it is right::

    check_answer = Checks("c-l0…")
    check_answer(difference=0.02)
"""

import base64
import inspect
import json
import math
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from numbers import Integral, Real

import numpy as np

ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth"]
YES_OR_NO = {"yes", "no"}
ROUNDING = 1e-9  # relative distance at which numbers count as equal where no tolerance is given


@dataclass(frozen=True)
class Verdict:
    """A reply to an answer; true where the answer is right, and shown as its sentence."""

    right: bool
    reply: str

    def __bool__(self):
        return self.right

    def __repr__(self):
        return self.reply


@dataclass(frozen=True, repr=False)
class Answer:
    """What an exercise expects.

    Attributes
    ----------
    name : str
        The variable that the student assigns.
    what : str
        What it is, and in which unit.
    right : float, list of float, or str
        The right number; several numbers in the order that `what` says; or, for what is no number
        (sets, words, yes and no), its spelling by `spelled`.
    within : float
        How far a number may be from the right one, so that another seed's answer counts as right too.
    near : dict of str to (float, list of float or str)
        Wrong answers that one may well get, keyed by what they are. The reply to such an answer names it.
    """

    name: str
    what: str
    right: float | list | str
    within: float = 0.0
    near: dict = field(default_factory=dict)

    def __repr__(self):
        """As JSON, so that the answer can be read from the output of the cell that gave it."""
        return json.dumps(asdict(self), ensure_ascii=False)

    def check(self, given):
        """Reply to the answer that was given.

        Parameters
        ----------
        given : object
            What the student assigned. An array with one value counts as a number.

        Returns
        -------
        Verdict
        """
        if given is ...:
            return Verdict(
                False, f"Not yet: `{self.name}` is still `...`. Assign your answer, then run this cell again."
            )
        try:
            found = words_in(given, self.right) if isinstance(self.right, str) else numbers_in(given, self.right)
        except (TypeError, ValueError) as problem:
            return Verdict(False, f"Not yet: `{self.name}` should be {self.what}. {problem}")
        if self._equal(found, self.right):
            return Verdict(True, "Right.")
        for meaning, wrong in self.near.items():
            if self._equal(found, wrong):
                return Verdict(False, f"Not yet: that is {meaning}.")
        return Verdict(False, f"Not yet: {self._how_wrong(found)}.")

    def _equal(self, found, expected):
        if isinstance(expected, str):
            return expected in found
        pairs = zip(np.atleast_1d(found), np.atleast_1d(expected), strict=True)
        return all(abs(one - other) <= self.within + ROUNDING * abs(other) for one, other in pairs)

    def _how_wrong(self, found):
        """What can be said of a wrong answer that nobody foresaw."""
        if isinstance(self.right, str):
            return "that isn't it"
        found, right = np.atleast_1d(found), np.atleast_1d(self.right)
        wrong = [place for place in range(len(right)) if not self._equal(found[place], right[place])]
        if len(right) > 1 and self._equal(np.sort(found), np.sort(right)):
            return "these are the right numbers in another order"
        if all(self._equal(-found[place], right[place]) for place in wrong):
            return f"the sign of {' and '.join(self._named(place, found) for place in wrong)} is turned around"
        if all(self._equal(found[place] / 100, right[place]) and found[place] > 1 for place in wrong):
            return f"{self._named(wrong[0], found)} looks like a percentage; write it as a share, between 0 and 1"
        return f"{self._named(wrong[0], found)} is too {'large' if found[wrong[0]] > right[wrong[0]] else 'small'}"

    @staticmethod
    def _named(place, found):
        return f"the {ORDINALS[place]} number, {found[place]:.4g}," if len(found) > 1 else f"{found[place]:.4g}"


def answer(name, what, right, *, near, within=0.0):
    """State the answer that an exercise expects, and see that the check tells it from wrong ones.

    The variable `name`, where the caller has one, is the solution's answer: it must pass the check.

    Parameters
    ----------
    name : str
        The variable that the solution assigns and the student is asked for.
    what : str
        What it is, and in which unit: completes "`name` should be …".
    right : number, sequence of numbers, or anything that `spelled` can spell
        The solution's value.
    near : mapping of str to the same kind of value
        Wrong answers that one may well get, keyed by what they are: completes "Not yet: that is …".
    within : float, default 0
        How far a number may be from the right one.

    Returns
    -------
    Answer
        Shown as JSON.

    Raises
    ------
    ValueError
        `name` is no variable's name, `near` is empty, a wrong answer would count as right, or the solution's wouldn't.
    """
    if not str(name).isidentifier():
        raise ValueError(f"The name of an answer is a variable's name; got {name!r}.")
    if not near:
        raise ValueError(f"{name}: `near` is empty. Give at least one wrong answer, keyed by what it is.")
    spell = plain_numbers if _is_numeric(right) else spelled
    stated = Answer(name, what, spell(right), float(within), {meaning: spell(wrong) for meaning, wrong in near.items()})
    solution = inspect.currentframe().f_back.f_globals.get(name, right)
    if not (verdict := stated.check(solution)):
        raise ValueError(f"{name}: the solution's answer, {solution!r}, is refused. {verdict}")
    for meaning, wrong in near.items():
        verdict = stated.check(wrong)
        if verdict or meaning not in verdict.reply:
            raise ValueError(f"{name}: the wrong answer {wrong!r}, {meaning}, is taken for another. {verdict}")
    return stated


class Checks:
    """The answers of a sheet, packed as one text so that nobody reads them by accident.

    Parameters
    ----------
    packed : str
        From `Checks.pack`.
    """

    def __init__(self, packed):
        read = json.loads(zlib.decompress(base64.b85decode(packed)))
        self.answers = {one["name"]: Answer(**one) for one in read}

    @staticmethod
    def pack(answers):
        """The text for several `Answer`."""
        text = json.dumps([asdict(one) for one in answers], ensure_ascii=False)
        return base64.b85encode(zlib.compress(text.encode(), 9)).decode()

    def __call__(self, *unnamed, **given):
        """Reply to one answer, given by its name, as in ``check_answer(difference=difference)``."""
        if unnamed or len(given) != 1:
            name = next(iter(given or self.answers))
            raise TypeError(f"Give one answer, by its name, as in check_answer({name}={name}).")
        [(name, value)] = given.items()
        if name not in self.answers:
            near = get_close_matches(name, self.answers, n=1, cutoff=0)
            raise ValueError(f"No exercise of this sheet asks for {name!r}; did you mean {near[0]!r}?")
        return self.answers[name].check(value)


def _is_numeric(value):
    if isinstance(value, bool | np.bool_ | str | set | frozenset):
        return False
    try:
        return np.asarray(plain_numbers(value), dtype=float).size > 0
    except (TypeError, ValueError):
        return False


def plain_numbers(value):
    """A number, or a list of numbers, as plain floats."""
    array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"Got {value!r}, expected a number.")
    if not np.isfinite(array).all():
        raise ValueError(f"Got {array[~np.isfinite(array)].flat[0]}, expected a finite number.")
    return float(array.item()) if array.size == 1 else array.astype(float).ravel().tolist()


def numbers_in(given, expected):
    """The numbers that were given, as many as are expected."""
    wanted = np.size(expected)
    # What has names may have them in another order than the one that was asked for.
    if isinstance(given, Mapping) or (wanted > 1 and hasattr(given, "to_dict")):
        raise TypeError(f"Got a {type(given).__name__}, whose numbers have names; give a plain list, in that order.")
    found = plain_numbers(given)
    if (count := np.size(found)) != wanted:
        mean = "; did you mean their mean?" if wanted == 1 and count > 20 else "."
        raise ValueError(f"Got {count} number{'s' * (count != 1)}, expected {wanted}{mean}")
    return found


def words_in(given, expected):
    """Spellings of an answer: as it is, with its tuples as lists, and with the lists inside of it as tuples."""
    try:
        found = {spelled(given)}
    except TypeError:
        found = set()
    if expected in YES_OR_NO and not found & YES_OR_NO:
        raise TypeError(f"Got {given!r}, expected True or False.")
    if not found:
        raise TypeError(f"Got {given!r}, expected words, or a set or list of them.")
    if isinstance(given, list | tuple | set | frozenset):
        found |= {spelled(_with(tuple, list, given)), spelled([_with(list, tuple, one) for one in given])}
    return found


def _with(kind, other, value):
    """The value with all that is of one kind, at any depth, made into another."""
    if not isinstance(value, list | tuple | set | frozenset):
        return value
    parts = [_with(kind, other, one) for one in value]
    keeps_order = (other if isinstance(value, kind) else type(value)) is tuple
    return tuple(parts) if keeps_order else parts


def spelled(value):
    """One spelling for what means the same: sets and lists in any order, words in any case.

    A tuple keeps its order, as an arrow does.
    """
    if getattr(value, "ndim", None) == 0:
        value = value.item()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return {"true": "yes", "false": "no"}.get(value.strip().casefold(), value.strip().casefold())
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Real) and math.isfinite(value):
        return f"{value:.10g}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(sorted(f"{spelled(key)}: {spelled(one)}" for key, one in value.items())) + "}"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(spelled, value)) + ")"
    if isinstance(value, Iterable):
        return "[" + ", ".join(sorted(map(spelled, value))) + "]"
    raise TypeError(f"There is no one spelling for {value!r}.")
