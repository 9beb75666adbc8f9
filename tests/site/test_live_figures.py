"""The figures that answer, moved by keyboard and by mouse: picture, sentence, names, weight, and without scripts."""

import gzip
import json
import re

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from pages import NOTEBOOKS, ROOT

HEAVIEST = 12_000  # bytes of one figure, compressed
WITH_LIVE = [page for page in NOTEBOOKS if "live_figure(" in (ROOT / f"{page}.ipynb").read_text()]
DATA = re.compile(r'<script type="application/json">(.*?)</script>', re.DOTALL)
MOVE = """(control, place) => {
  control.value = place;
  control.dispatchEvent(new Event("input", { bubbles: true }));
}"""


def computed(page_name):
    """What the notebook computed for each of its live figures, from its outputs."""
    cells = nbformat.read(ROOT / "_build" / "source" / f"{page_name}.ipynb", as_version=4).cells
    shown = [output.get("data", {}).get("text/html", "") for cell in cells for output in cell.get("outputs", [])]
    return [json.loads(DATA.search(html)[1]) for html in shown if html.startswith('<div class="live-figure"')]


def test_at_least_five_chapters_have_one():
    assert len(WITH_LIVE) >= 5


@pytest.mark.parametrize("page_name", WITH_LIVE)
def test_each_place_of_the_control_shows_its_picture_and_says_its_numbers(open_page, page_name):
    page = open_page(f"{page_name}.html")
    figures, expected = page.locator(".live-figure"), computed(page_name)
    asked = len(page.requested)
    assert figures.count() == len(expected) > 0
    for number, data in enumerate(expected):
        figure = figures.nth(number)
        control, svg, said = figure.locator("input[type=range]"), figure.locator("svg"), figure.locator("output")
        start = int(control.input_value())
        first = svg.evaluate("svg => svg.outerHTML")
        assert said.inner_text() == data["said"][start]
        pictures = set()
        for place, sentence in enumerate(data["said"]):
            control.evaluate(MOVE, place)
            assert said.inner_text() == sentence
            assert control.get_attribute("aria-valuetext") == data["labels"][place]
            assert figure.locator(".live-value").inner_text() == data["labels"][place]
            pictures.add(svg.evaluate("svg => svg.outerHTML"))
            parts = figure.locator("[data-part]").evaluate_all("parts => parts.map(part => part.dataset.part)")
            assert sorted(map(int, parts)) == list(range(len(data["frames"][place])))
        assert len(pictures) == len({json.dumps(frame) for frame in data["frames"]}), "each is the one that was drawn"
        assert len(pictures) >= 5 and len(set(data["said"])) >= 5, "it answers"
        control.evaluate(MOVE, start)
        assert svg.evaluate("svg => svg.outerHTML") == first
    assert page.complaints == [] and len(page.requested) == asked


@pytest.mark.parametrize("page_name", WITH_LIVE)
def test_the_keyboard_moves_it_and_a_screen_reader_hears_it(open_page, page_name):
    page = open_page(f"{page_name}.html", theme="dark")
    for number, data in enumerate(computed(page_name)):
        figure = page.locator(".live-figure").nth(number)
        control = figure.locator("input[type=range]")
        control.focus()
        page.keyboard.press("Home")
        assert figure.locator("output").inner_text() == data["said"][0]
        page.keyboard.press("ArrowRight")
        assert figure.locator("output").inner_text() == data["said"][1]
        page.keyboard.press("End")
        assert figure.locator("output").inner_text() == data["said"][-1]
        assert control.evaluate("control => control.labels[0].innerText.trim()")
        # An output is a live region by its role: what changes in it is read out.
        assert figure.locator("output").evaluate("one => one.tagName") == "OUTPUT"
        assert len(figure.get_by_role("img").get_attribute("aria-label").split()) >= 8
    violations = Axe().run(page, context=".live-figure").response["violations"]
    assert [fault["id"] for fault in violations if fault["impact"] in {"serious", "critical"}] == []


@pytest.mark.parametrize("page_name", WITH_LIVE)
def test_without_scripts_the_picture_of_the_start_stands_there(browser, site, page_name):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.as_uri()}/{page_name}.html")
    for number, data in enumerate(computed(page_name)):
        figure = page.locator(".live-figure").nth(number)
        assert figure.locator("svg").bounding_box()["height"] > 150
        assert figure.locator("output").inner_text() in data["said"]
        assert not figure.locator(".live-control").is_visible()
    context.close()


@pytest.mark.parametrize("page_name", WITH_LIVE)
def test_the_output_alone_works_as_a_notebook_shows_it(browser, page_name):
    """Notebooks set an output's HTML and then run its scripts, one by one."""
    cells = nbformat.read(ROOT / "_build" / "source" / f"{page_name}.ipynb", as_version=4).cells
    shown = [output.get("data", {}).get("text/html", "") for cell in cells for output in cell.get("outputs", [])]
    page = browser.new_page()
    page.set_content("<main></main>")
    page.evaluate(
        """(outputs) => {
          document.querySelector("main").innerHTML = outputs.join("");
          for (const script of document.querySelectorAll("script")) {
            const running = document.createElement("script");
            for (const { name, value } of script.attributes) running.setAttribute(name, value);
            running.textContent = script.textContent;
            script.replaceWith(running);
          }
        }""",
        [html for html in shown if html.startswith('<div class="live-figure"')],
    )
    for number, data in enumerate(computed(page_name)):
        figure = page.locator(".live-figure").nth(number)
        figure.locator("input").focus()
        page.keyboard.press("End")
        assert figure.locator("output").inner_text() == data["said"][-1]
    page.close()


@pytest.mark.parametrize("page_name", WITH_LIVE)
def test_weighs_little(site, page_name):
    html = (site / f"{page_name}.html").read_text()
    figures = re.findall(r'<div class="live-figure">.*?</script></div>', html, re.DOTALL)
    weights = [len(gzip.compress(figure.encode())) for figure in figures]
    assert weights and max(weights) <= HEAVIEST, weights
