"""Figures with a slider: what is in the page is what was drawn, and bad input says what is wrong."""

import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from helpers import live_figure


def line_at(ax, value):
    ax.axvline(value, gid="line")
    ax.set(xlim=(-2, 2), ylim=(0, 1), title="Where is it?", xlabel="x < 1 & more")
    return f"It is at {value:.2f}."


def data_of(figure):
    found = re.search(r'<script type="application/json">(.*?)</script>', figure._repr_html_(), re.DOTALL)
    return json.loads(found[1])


def picture_of(figure):
    return re.search(r"<svg.*?</svg>", figure._repr_html_(), re.DOTALL)[0]


def test_only_what_moves_is_kept_and_it_is_where_it_was_drawn():
    values = np.linspace(-2, 2, 9)
    figure = live_figure(line_at, "place", values, start=1, alt="A line that moves")
    data = data_of(figure)
    assert [len(frame) for frame in data["frames"]] == [1] * 9
    across = [float(re.search(r'd="M ([\d.]+) ', frame[0])[1]) for frame in data["frames"]]
    # Evenly spaced values lie evenly across the picture, up to a tenth of a point.
    assert np.allclose(np.diff(across), (across[-1] - across[0]) / 8, atol=0.11) and across[-1] - across[0] > 300
    assert data["frames"][6][0] in picture_of(figure), "the picture that stands there at first is that of start"
    assert data["said"] == [f"It is at {value:.2f}." for value in values] == list(figure.said.values())
    assert data["labels"][0] == "−2" and figure.said[1.0] == "It is at 1.00."


def test_the_picture_is_one_tree_that_brings_nothing_into_the_page():
    svg = picture_of(live_figure(line_at, "place", [0, 1], alt='A "line" that moves <here>'))
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img" and root.get("aria-label") == 'A "line" that moves <here>'
    assert not {"style", "metadata", "script"} & {element.tag for element in root.iter()}
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids)) and all(one.startswith("live-") for one in ids)
    used = set(re.findall(r'(?:url\(|href=")#([\w-]+)', svg))
    assert used == set(ids)
    assert "x &lt; 1 &amp; more" in svg


def test_two_figures_share_no_ids():
    one, two = (
        set(re.findall(r'id="([^"]+)"', live_figure(line_at, name, [0, 1], alt="A line")._repr_html_()))
        for name in "ab"
    )
    assert one and two and not one & two


def test_the_same_figure_is_the_same_page():
    pages = {live_figure(line_at, "place", [0, 0.5], alt="A line")._repr_html_() for _ in range(2)}
    assert len(pages) == 1


def test_parts_that_appear_and_vanish_are_kept_whole():
    def dots(ax, number):
        ax.plot(range(number), range(number), "o")
        ax.set(xlim=(-1, 9), ylim=(-1, 9))
        return f"{number} dots"

    data = data_of(live_figure(dots, "dots", [1, 5, 9], alt="Dots in a row"))
    assert [sum(part.count("<use") for part in frame) for frame in data["frames"]] == [1, 5, 9]


@pytest.mark.parametrize(
    ("values", "buttons"),
    [
        ([1, 2], 0),
        ((2.5, 1.5, 0.5), 0),
        (np.array([1, 2]), 0),
        (range(3), 0),
        (["none", "half"], 2),
        ({"1": 1, "2": 2}, 2),
        (np.array(["a", "b"]), 2),
    ],
)
def test_numbers_make_a_slider_and_words_buttons(values, buttons):
    seen = []

    def draw(ax, value):
        seen.append(value)
        ax.axvline(len(str(value)))
        return f"{value}"

    page = live_figure(draw, "which", values, alt="A line")._repr_html_()
    assert page.count('<input type="radio"') == buttons and page.count('<input type="range"') == (not buttons)
    assert seen == (list(values.values()) if isinstance(values, dict) else list(values))


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([20_000, 1_000_000], ["20000", "1000000"]),
        ([-1.5, 0.1 + 0.2, 1 / 3], ["−1.5", "0.3", "0.3333"]),
        ([0, 1.0], ["0", "1"]),
    ],
)
def test_numbers_stand_on_the_control_as_one_reads_them(values, labels):
    def draw(ax, value):
        ax.axhline(0)
        return str(value)

    assert data_of(live_figure(draw, "weeks", values, alt="A line"))["labels"] == labels


def test_a_sentence_can_hold_any_sign():
    def draw(ax, value):
        ax.axvline(value)
        return f"{value} < 3 & </script><b> <!-- <script>"

    figure = live_figure(draw, "<x>", [1, 2], alt="A line")
    assert data_of(figure)["said"][0] == "1 < 3 & </script><b> <!-- <script>"
    assert (
        '<output class="live-said">1 &lt; 3 &amp; &lt;/script&gt;&lt;b&gt; &lt;!-- &lt;script&gt;</output>'
        in figure._repr_html_()
    )
    assert figure._repr_html_().count("</script>") == 2


MISUSE = {
    "no function": ({"draw": "plot"}, TypeError, "draw is a str; expected a function"),
    "no sentence": ({"draw": lambda ax, value: ax.axvline(value)}, TypeError, "expected the sentence"),
    "nothing drawn": ({"draw": lambda ax, value: "Said."}, ValueError, "not plt.plot"),
    "no alt text": ({"alt": " "}, ValueError, "alt is ' '; expected words"),
    "no name": ({"control": None}, ValueError, "control is None; expected words"),
    "one value": ({"values": [1]}, ValueError, "at least two"),
    "no values": ({"values": []}, ValueError, "at least two"),
    "a word": ({"values": "ab"}, TypeError, "values is a str"),
    "a number": ({"values": 3}, TypeError, "values is an int"),
    "mixed": ({"values": [1, "two"]}, TypeError, "values holds 'two'"),
    "yes and no": ({"values": [True, False]}, TypeError, "values holds True"),
    "twice": ({"values": [1, 1]}, ValueError, "none twice"),
    "shuffled": ({"values": [1, 3, 2]}, ValueError, "rising or falling"),
    "not a number": ({"values": [1, float("nan")]}, ValueError, "finite"),
    "look the same": ({"values": [1, 1.00001]}, ValueError, "look the same"),
    "same words": ({"values": ["a", "a"]}, ValueError, "look the same"),
    "another label": ({"values": {1: 2, 2: 3}}, TypeError, "The label 1 is an int"),
    "start elsewhere": ({"values": ["none", "half"], "start": "hlaf"}, ValueError, "Did you mean 'half'"),
    "start between": ({"values": [1, 2], "start": 1.5}, ValueError, "start is 1.5"),
}


@pytest.mark.parametrize("case", MISUSE)
def test_misuse_says_what_is_wrong(case):
    changed, error, words = MISUSE[case]
    given = {"draw": line_at, "control": "place", "values": [0, 1], "start": None, "alt": "A line"} | changed
    with pytest.raises(error, match=re.escape(words)):
        live_figure(given.pop("draw"), given.pop("control"), given.pop("values"), **given)
