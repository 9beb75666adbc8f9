"""The quizzes on the pages, answered by mouse and by keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from pages import CHAPTERS, ROOT
from quiz_files import quiz_of, read_quiz

SEEN = "question => [...question.querySelectorAll('.quiz-reply')].map(reply => reply.checkVisibility())"


@pytest.mark.parametrize("page_name", CHAPTERS)
def test_each_answer_gets_its_own_reply(open_page, page_name):
    page = open_page(f"{page_name}.html")
    shown = page.locator("fieldset.quiz-question")
    questions = read_quiz(quiz_of(ROOT / page_name))
    assert shown.count() == len(questions)
    for number, one in enumerate(questions):
        question = shown.nth(number)
        assert question.evaluate(SEEN) == [False] * len(one["answers"]), "a reply before any answer"
        for place, answer in enumerate(one["answers"]):
            question.locator("label").nth(place).click()
            assert question.evaluate(SEEN) == [at == place for at in range(len(one["answers"]))]
            reply = question.locator(".quiz-reply").nth(place).inner_text()
            assert reply.startswith("Right." if answer["right"] else "Not quite.")
            assert len(reply) > 20
    # The replies are open now: their colors and names are looked at too.
    faults = [
        fault
        for fault in Axe().run(page, context=".quiz").response["violations"]
        if fault["impact"] in {"serious", "critical"}
    ]
    assert faults == []


@pytest.mark.parametrize("page_name", CHAPTERS[:1])
def test_a_quiz_is_answered_by_keyboard_and_said_by_a_screen_reader(open_page, page_name):
    page = open_page(f"{page_name}.html")
    questions = page.locator("fieldset.quiz-question")
    for number in range(questions.count()):
        question = questions.nth(number)
        question.locator("input").first.focus()
        page.keyboard.press("Space")
        assert question.evaluate(SEEN)[:2] == [True, False]
        page.keyboard.press("ArrowDown")
        assert question.evaluate(SEEN)[:2] == [False, True]
        page.keyboard.press("Tab")
        inside = (
            "document.activeElement.closest('fieldset') === document.querySelectorAll('fieldset.quiz-question')[%d]"
        )
        assert not page.evaluate(inside % number), "one stop of the Tab key a question, as radio buttons have"
        replies = question.locator(".quiz-replies")
        assert replies.get_attribute("aria-live") == "polite"
        assert question.locator("legend").inner_text().strip()
    names = page.eval_on_selector_all(
        "fieldset.quiz-question input", "all => all.map(one => one.labels[0].innerText.trim())"
    )
    assert all(names)


@pytest.mark.parametrize("page_name", CHAPTERS[:1])
def test_a_printed_quiz_shows_no_reply(open_page, page_name):
    page = open_page(f"{page_name}.html")
    page.locator("fieldset.quiz-question label").first.click()
    page.emulate_media(media="print")
    assert not any(page.locator("fieldset.quiz-question").first.evaluate(SEEN))
