"""The quizzes beside the chapters: whole, of one form, and no place where the right answer always stands."""

from collections import Counter

import pytest
import yaml
from pages import ROOT
from quiz_files import quiz_of, read_quiz
from test_structure import CHAPTERS

LONGEST = {"question": 60, "text": 25, "reply": 50}  # words


def words(text):
    return len(text.split())


@pytest.mark.parametrize("page", CHAPTERS)
def test_each_chapter_has_a_quiz(page):
    path = quiz_of(ROOT / page)
    assert path.exists(), f"write {path.relative_to(ROOT)}"
    questions = read_quiz(path)
    assert 3 <= len(questions) <= 5
    for one in questions:
        assert 3 <= len(one["answers"]) <= 5, one["question"]
        assert len({answer["text"] for answer in one["answers"]}) == len(one["answers"])
        assert len({answer["reply"] for answer in one["answers"]}) == len(one["answers"]), "each has a reply of its own"
        assert words(one["question"]) <= LONGEST["question"], one["question"]
        for answer in one["answers"]:
            assert words(answer["text"]) <= LONGEST["text"], answer["text"]
            assert words(answer["reply"]) <= LONGEST["reply"], answer["reply"]


def test_the_right_answer_stands_nowhere_in_particular():
    questions = [one for page in CHAPTERS for one in read_quiz(quiz_of(ROOT / page))]
    places = Counter([answer["right"] for answer in one["answers"]].index(True) for one in questions)
    assert max(places.values()) < 0.5 * len(questions), places
    longest = [max(one["answers"], key=lambda answer: len(answer["text"]))["right"] for one in questions]
    assert sum(longest) < 0.6 * len(questions), "the right answer is too often the longest"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ([], "expected a list of questions"),
        ([{"question": "Q?"}], "expected 'question' and 'answers', got ['question']"),
        ([{"question": "Q?", "answers": [{"text": "a", "reply": "b"}]}], "question 1: expected one right answer, got 0"),
        ([{"question": "Q?", "answers": [{"text": "a", "right": True}]}], "an answer has 'text', 'reply'"),
        ([{"question": "Q?", "answers": [{"text": "a", "reply": "b", "rihgt": True}]}], "got ['reply', 'rihgt', 'text']"),
    ],
)  # fmt: skip
def test_a_slip_in_the_file_is_named(tmp_path, written, message):
    path = tmp_path / "a.quiz.yml"
    path.write_text(yaml.safe_dump(written))
    with pytest.raises(ValueError) as error:
        read_quiz(path)
    assert message in str(error.value)
