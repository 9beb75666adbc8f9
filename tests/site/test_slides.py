"""The decks: whole, readable from the last row, with something to say, and the same figures as the pages."""

import re
from collections import Counter

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from pages import CHAPTERS, HTML

PARTS = sorted({page.split("/")[1] for page in CHAPTERS})
SMALLEST = 18  # pixels of 720, a fortieth of the height
SOURCES = HTML.parent / "source"
# Goes to each slide, and tells of it what is cut off, and how small its smallest text is.
WALK = """() => Reveal.getSlides().map((slide) => {
  const at = Reveal.getIndices(slide);
  Reveal.slide(at.h, at.v);
  const body = slide.querySelector(":scope > .body");
  const sizes = [];
  const texts = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const around = texts.currentNode.parentElement;
    if (texts.currentNode.textContent.trim() && !around.closest(".where, .notes, svg, style, script, math, [hidden]"))
      sizes.push(parseFloat(getComputedStyle(around).fontSize));
  }
  const right = Math.max(0, ...[...(body?.querySelectorAll("*") ?? [])].map((one) => one.getBoundingClientRect().right));
  const box = body?.getBoundingClientRect();
  return {
    title: slide.querySelector("h1, h2").innerText, kind: slide.className.split(" ")[0], smallest: Math.min(...sizes),
    cut: body ? body.scrollHeight > body.clientHeight + 1 || body.scrollWidth > body.clientWidth + 1 : false,
    wide: box ? right > box.right + 1 : false, notes: slide.querySelector("aside.notes").innerText.trim().length,
    code: slide.querySelector(".where")?.innerText.endsWith("code") ?? false,
  };
})"""


@pytest.fixture
def open_deck(open_page):
    def open_deck(part):
        page = open_page(f"slides/{part}.html", width=1280)
        page.set_viewport_size({"width": 1280, "height": 720})
        page.wait_for_function("Reveal.isReady()")
        return page

    return open_deck


def chapters_of(part):
    return [nbformat.read(SOURCES / f"{page}.ipynb", as_version=4) for page in CHAPTERS if page.split("/")[1] == part]


@pytest.mark.parametrize("part", PARTS)
def test_each_slide_can_be_read_from_the_last_row(open_deck, part):
    page = open_deck(part)
    slides = page.evaluate(WALK)
    assert len(slides) > 40
    assert [slide for slide in slides if slide["cut"] or slide["wide"]] == []
    assert [slide for slide in slides if slide["smallest"] < SMALLEST] == []
    assert page.complaints == []
    assert [url for url in page.requested if not url.startswith("data:")] == [page.url.split("#")[0]]


@pytest.mark.parametrize("part", PARTS)
def test_there_is_something_to_say(open_deck, part):
    slides = [slide for slide in open_deck(part).evaluate(WALK) if not slide["code"]]
    kinds = Counter(slide["kind"] for slide in slides)
    chapters = chapters_of(part)
    assert kinds["exercise"] == 3 * len(chapters) and kinds["quiz"] >= 3 * len(chapters)
    assert kinds["opening"] == len(chapters) + 1
    silent = [slide for slide in slides if not slide["notes"]]
    assert len(silent) < len(slides) / 4, [slide["title"] for slide in silent]
    assert not [slide for slide in slides if slide["kind"] in ("exercise", "quiz") and not slide["notes"]]


@pytest.mark.parametrize("part", PARTS)
def test_the_figures_are_those_of_the_pages(open_deck, part):
    """Each figure of each chapter, and the same bytes."""
    shown = open_deck(part).eval_on_selector_all(".picture img", "all => all.map((one) => one.src.split(',')[1])")
    alive = open_deck(part).eval_on_selector_all(".picture .live-figure", "all => all.length")
    pictures, live = set(), 0
    for notebook in chapters_of(part):
        for cell in notebook.cells:
            if "figure" not in cell.metadata.get("mystnb", {}) or "hide-cell" in cell.metadata.get("tags", []):
                continue
            data = [output.data for output in cell.outputs if "data" in output]
            pictures |= {one["image/png"].replace("\n", "") for one in data if "image/png" in one}
            live += sum("live-figure" in one.get("text/html", "") for one in data)
    assert pictures <= set(shown) and live == alive
    assert len(shown) + alive >= len(chapters_of(part))


def test_the_speaker_sees_the_notes(open_deck):
    page = open_deck("workflow")
    page.evaluate("Reveal.slide(2, 0)")
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    speaker = opened.value
    speaker.wait_for_function("document.querySelector('.speaker-controls-notes .value')?.innerText.trim()")
    said = speaker.locator(".speaker-controls-notes .value").inner_text()
    notes = page.locator("section.present > section.present > aside.notes").evaluate("one => one.textContent")
    assert len(said) > 100 and said.split()[:60] == notes.split()[:60]


def test_the_next_key_marks_the_right_answer(open_deck):
    page = open_deck("graphs")
    page.evaluate("const quiz = document.querySelector('section.quiz'); const at = Reveal.getIndices(quiz); Reveal.slide(at.h, at.v)")  # fmt: skip
    quiz = page.locator("section.quiz.present")
    mark = quiz.locator("li .fragment")
    assert quiz.locator("li").count() >= 3 and mark.count() == 1
    assert mark.evaluate("one => getComputedStyle(one).visibility") == "hidden"
    page.keyboard.press("ArrowRight")
    assert mark.evaluate("one => getComputedStyle(one).visibility") == "visible"


def test_a_slider_moves_its_figure_and_not_the_slides(open_deck):
    page = open_deck("trust")
    page.evaluate("const at = Reveal.getIndices(document.querySelector('.live-figure').closest('section')); Reveal.slide(at.h, at.v)")  # fmt: skip
    figure = page.locator("section.present .live-figure")
    before, slide = figure.locator("output").inner_text(), page.evaluate("Reveal.getState()")
    assert figure.locator("svg").bounding_box()["height"] > 250
    figure.locator("input").focus()
    page.keyboard.press("ArrowRight")
    assert figure.locator("output").inner_text() != before and page.evaluate("Reveal.getState()") == slide


def test_the_code_stands_below(open_deck):
    page = open_deck("workflow")
    page.evaluate("Reveal.slide(Reveal.getIndices(document.querySelector('section.figure')).h, 0)")
    page.keyboard.press("ArrowDown")
    assert page.locator("section.code.present .body pre").first.is_visible()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices().v") == 0


@pytest.mark.parametrize("part", PARTS)
def test_a_deck_has_no_serious_accessibility_fault(open_deck, part):
    page = open_deck(part)
    for kind in ("opening", "figure", "table", "quiz", "code"):
        page.evaluate("kind => { const at = Reveal.getIndices(document.querySelector(`section.${kind}`)); Reveal.slide(at.h, at.v); }", kind)  # fmt: skip
        found = Axe().run(page, context="section.present > section.present").response["violations"]
        assert [fault["id"] for fault in found if fault["impact"] in ("serious", "critical")] == [], kind


def test_for_teachers_leads_to_each_deck(parsed):
    links = [link["href"] for link in parsed("book/teaching/for-teachers.html").select("article a[href]")]
    assert {found[1] for link in links if (found := re.search(r"slides/([\w-]+)\.html$", link))} == set(PARTS)
