"""The check of an exercise's answer: what means the same is right, a likely wrong answer is named, all else is refused."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from helpers.exercises import Answer, Checks, answer

difference = answer("difference", "sales on less off", 0.5, within=0.2, near={"what you see": 1.3})
both = answer("both", "a list: seeing, then doing", [1.3, 0.5], within=0.2, near={"turned round": [0.5, 1.3]})
sets = answer(
    "sets", "a list of sets", [frozenset("ac"), frozenset("b")], near={"no set": [], "the empty set": [set()]}
)
arrows = answer(
    "arrows", "a list of arrows", [("c", "z"), ("c", "y")], near={"one too many": [("c", "z"), ("c", "y"), ("z", "y")]}
)
helps = answer("helps", "yes or no", True, near={"what the plain comparison says": False})

AS_A_NUMBER = [
    float, np.float64, np.float32, np.array, xr.DataArray, lambda x: np.array([[x]]), lambda x: [x],
    lambda x: pd.Series([x], index=["ATE"]),
]  # fmt: skip


@given(st.floats(0.31, 0.69), st.sampled_from(AS_A_NUMBER))
def test_a_number_within_the_tolerance_is_right_however_it_is_wrapped(number, wrap):
    assert difference.check(wrap(number)).reply == "Right."


@given(st.floats(allow_nan=False, allow_infinity=False, width=32).filter(lambda x: abs(x - 0.5) > 0.21))
def test_a_number_beyond_the_tolerance_is_not(number):
    verdict = difference.check(number)
    assert not verdict
    known = {"that is what you see": 1.3, "the sign of": -0.5, "looks like a percentage": 50}
    tolerance = {"looks like a percentage": 20}
    expected = [reply for reply, near in known.items() if abs(number - near) <= tolerance.get(reply, 0.2) + 1e-9]
    assert (expected or ["too large" if number > 0.5 else "too small"])[0] in verdict.reply


@given(st.permutations([["a", "c"], ["b"]]), st.sampled_from([list, tuple, set, frozenset, np.array]), st.booleans())
def test_sets_are_equal_in_any_order_and_kind(found, wrap, turn):
    assert sets.check([wrap(one[::-1] if turn else one) for one in found])
    assert sets.check(tuple(wrap(one) for one in found))


@given(st.permutations([["c", "z"], ["c", "y"]]), st.sampled_from([list, tuple]), st.sampled_from([list, tuple]))
def test_arrows_are_equal_in_any_order_and_kind(found, inner, outer):
    assert arrows.check(outer(inner(one) for one in found))
    assert not arrows.check(outer(inner(one[::-1]) for one in found))


def test_an_arrow_turned_round_is_another_arrow():
    assert arrows.check({("c", "y"), ("c", "z")})
    assert not arrows.check({("y", "c"), ("c", "z")})
    assert not arrows.check([{"c", "y"}, {"c", "z"}]), "a set doesn't say which way an arrow points"
    assert arrows.check([("c", "z"), ("c", "y"), ("z", "y")]).reply == "Not yet: that is one too many."


def test_yes_and_no():
    for true in (True, np.bool_(True), np.array(True), xr.DataArray(True), "True", "yes"):
        assert helps.check(true)
    assert helps.check(False).reply == "Not yet: that is what the plain comparison says."
    for other in (1, None, [], "perhaps"):
        assert (
            helps.check(other).reply == f"Not yet: `helps` should be yes or no. Got {other!r}, expected True or False."
        )


@pytest.mark.parametrize("one", [difference, both, sets, arrows, helps])
def test_what_nobody_has_touched_is_not_yet_right(one):
    assert one.check(...).reply.startswith(f"Not yet: `{one.name}` is still `...`")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("0.5", "Got '0.5', expected a number"),
        (True, "Got True, expected a number"),
        (None, "Got None, expected a number"),
        (np.nan, "Got nan, expected a finite number"),
        ([np.inf], "Got inf, expected a finite number"),
        ([0.5, 0.5], "Got 2 numbers, expected 1."),
        (xr.DataArray(np.full((4, 500), 0.5)), "Got 2000 numbers, expected 1; did you mean their mean?"),
        ({"difference": 0.5}, "Got a dict, whose numbers have names"),
        ([], "Got 0 numbers"),
        (print, "expected a number"),
    ],
)
def test_what_is_no_number_is_refused_with_a_sentence(given, expected):
    reply = difference.check(given).reply
    assert reply.startswith("Not yet: `difference` should be sales on less off. ")
    assert expected in reply


def test_several_numbers_go_by_their_order_and_never_by_names():
    assert both.check((1.2, np.float64(0.6)))
    assert both.check([0.5, 1.3]).reply == "Not yet: that is turned round."
    assert both.check([1.3, 0.9]).reply == "Not yet: the second number, 0.9, is too large."
    assert both.check([-1.3, 0.5]).reply == "Not yet: the sign of the first number, -1.3, is turned around."
    assert both.check([130, 50]).reply.startswith("Not yet: the first number, 130, looks like a percentage")
    assert (
        both.check("both").reply
        == "Not yet: `both` should be a list: seeing, then doing. Got 'both', expected a number."
    )
    assert both.check(1.3).reply.endswith("Got 1 number, expected 2.")
    unforeseen = answer("unforeseen", "a list of two", [1, 3], near={"far away": [7, 7]})
    assert unforeseen.check([3, 1]).reply == "Not yet: these are the right numbers in another order."
    for named in ({"doing": 0.5, "seeing": 1.3}, pd.Series({"seeing": 1.3, "doing": 0.5}), xr.DataArray([1.3, 0.5])):
        assert "whose numbers have names; give a plain list, in that order" in both.check(named).reply
    assert not both.check({1.3, 0.5}), "a set has no order"


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({"name": "two words"}, "a variable's name"),
        ({"near": {}}, "`near` is empty"),
        ({"near": {"close by": 0.55}}, "close by, is taken for another. Right."),
        ({"near": {"one": 1.3, "another": 1.35}}, "another, is taken for another. Not yet: that is one."),
    ],
)
def test_an_author_s_slip_is_an_error(stated, message):
    with pytest.raises(ValueError, match=message.replace(".", r"\.")):
        answer(**{"name": "x", "what": "a number", "right": 0.5, "within": 0.2, "near": {"far": 3}} | stated)


def test_the_solution_s_own_answer_must_pass():
    scope = {"answer": answer, "slope": 1.4}
    state = "answer('slope', 'a slope', 1, near={'its sign turned': -1}, within=0.3)"
    with pytest.raises(ValueError, match="slope: the solution's answer, 1.4, is refused. Not yet: 1.4 is too large"):
        eval(state, scope)
    assert eval(state, scope | {"slope": 1.2}).right == 1


def test_an_answer_survives_its_text():
    for one in (difference, both, sets, arrows, helps):
        assert Answer(**json.loads(repr(one))) == one


def test_packed_answers_reply_by_name():
    packed = Checks.pack([difference, helps])
    assert packed.isascii() and not set("\\\"'\n") & set(packed), "it stands in a string literal"
    assert "difference" not in packed
    check = Checks(packed)
    assert check(difference=0.4) and not check(helps=False)
    with pytest.raises(ValueError, match="did you mean 'difference'"):
        check(differs=0.4)
    for call in (lambda: check(difference=0.4, helps=True), lambda: check(0.4), lambda: check()):
        with pytest.raises(
            TypeError, match=r"Give one answer, by its name, as in check_answer\(difference=difference\)"
        ):
            call()
