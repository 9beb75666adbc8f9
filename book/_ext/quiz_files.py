"""Quizzes as data: NAME.quiz.yml beside a chapter NAME.ipynb.

The file is a list of questions. A question has a text and answers; an answer has a text, a reply and perhaps ``right: true``.
"""

from pathlib import Path

import yaml


def read_quiz(path):
    """The questions in a file, checked.

    Returns
    -------
    list of dict
        Each with ``question``, a text, and ``answers``, a list of dicts with ``text``, ``reply`` and ``right``.

    Raises
    ------
    ValueError
        The file isn't of this form, or a question has not exactly one right answer.
    """
    questions = yaml.safe_load(Path(path).read_text())
    if not isinstance(questions, list) or not questions:
        raise ValueError(f"{path}: expected a list of questions, got {type(questions).__name__}")
    for number, one in enumerate(questions, start=1):
        place = f"{path}, question {number}"
        if set(one) != {"question", "answers"}:
            raise ValueError(f"{place}: expected 'question' and 'answers', got {sorted(one)}")
        for answer in one["answers"]:
            if not {"text", "reply"} <= set(answer) <= {"text", "reply", "right"}:
                raise ValueError(f"{place}: an answer has 'text', 'reply' and perhaps 'right', got {sorted(answer)}")
            answer["right"] = answer.get("right", False) is True
            answer["text"], answer["reply"] = (" ".join(str(answer[part]).split()) for part in ("text", "reply"))
        one["question"] = " ".join(one["question"].split())
        if (count := sum(answer["right"] for answer in one["answers"])) != 1:
            raise ValueError(f"{place}: expected one right answer, got {count}")
    return questions


def quiz_of(chapter):
    """The path of the quiz beside a chapter."""
    return Path(chapter).with_suffix(".quiz.yml")
