"""Figures that answer when they are touched: one picture for each value of a slider, or of a few buttons."""

import hashlib
import html
import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from helpers._models.checks import closest, type_with_article
from helpers.drawing.vectors import as_vectors, changing_parts, write

SCRIPT, STYLE = (Path(__file__).with_name(f"live.{kind}").read_text() for kind in ("js", "css"))


class LiveFigure:
    """Pictures with a control, and the sentence that belongs to each.

    Attributes
    ----------
    said : dict
        What `draw` returned at each value, or beside each label.
    """

    def __init__(self, said, page):
        self.said = said
        self._page = page

    def _repr_html_(self):
        return self._page

    def __repr__(self):
        return f"LiveFigure with {len(self.said)} pictures; Jupyter shows it as the last expression of a cell."


def live_figure(draw, control, values, *, start=None, alt, figsize=None):
    """Figure with a slider or buttons, drawn beforehand, once for each value.

    Nothing is computed while a reader moves the slider: all pictures and sentences are in the page. So it works in a
    notebook and on a page without a kernel, and where scripts are off the picture of `start` stands there.

    Parameters
    ----------
    draw : callable
        ``draw(ax, value)`` draws on the Matplotlib axes and returns the sentence that stands below the picture.
        Set the axes' limits in it, so that the pictures can be compared (and share what they have in common).
    control : str
        What the slider sets, as the reader sees it, with its unit.
    values : sequence of numbers or of str, or mapping of str to anything
        Numbers, in rising or falling order, make a slider; words make buttons. Of a mapping, the keys are on the buttons and
        `draw` gets the values.
    start : number or str, optional
        Where the control stands at first: one of the values or labels, by default the first.
    alt : str
        The picture in words, for those who don't see it; the sentence below is read to them anyway.
    figsize : (float, float), optional
        Width and height in inches.

    Returns
    -------
    LiveFigure
        As the last expression of a cell it is shown.

    Raises
    ------
    TypeError
        `draw` isn't callable or returns no sentence; values that are neither numbers nor words.
    ValueError
        Fewer than two values, two that look the same, numbers out of order, a `start` that isn't among them, no alt text,
        or a `draw` that leaves its axes empty.

    Notes
    -----
    The pictures are Matplotlib's own, as vectors. Of all but the first only the parts that change are kept.

    Examples
    --------
    >>> def parabola(ax, power):
    ...     x = np.linspace(0, 2, 20)
    ...     ax.plot(x, x**power)
    ...     ax.set(xlim=(0, 2), ylim=(0, 8))
    ...     return f"At 2 it is {2**power:g}."
    >>> figure = live_figure(parabola, "power", [1, 2, 3], start=2, alt="A curve that bends more the higher its power.")
    >>> figure.said[3]
    'At 2 it is 8.'
    """
    if not callable(draw):
        raise TypeError(f"draw is {type_with_article(draw)}; expected a function draw(ax, value).")
    for what, text in (("control", control), ("alt", alt)):
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{what} is {text!r}; expected words: {what} is what a reader sees or hears.")
    choice = _choice(values)
    first = _place_of(start, choice)
    pictures, sentences = zip(*(_frame(draw, value, figsize) for value in choice.values), strict=True)
    name = "live-" + hashlib.sha256(f"{control} {alt} {choice.labels}".encode()).hexdigest()[:8]
    trees = as_vectors(pictures, name)
    frames = changing_parts(trees)
    trees[first].set("role", "img")
    trees[first].set("aria-label", alt)
    controls = (_slider if choice.is_slider else _buttons)(name, control, choice.labels, first)
    page = _page(
        trees[first], controls, sentences[first], {"frames": frames, "said": sentences, "labels": choice.labels}
    )
    keys = choice.values if choice.is_slider else choice.labels
    return LiveFigure(dict(zip(keys, sentences, strict=True)), page)


class _Choice(NamedTuple):
    labels: list
    values: list
    is_slider: bool


def _choice(values):
    """What can be chosen: numbers make a slider, words and what a mapping names make buttons."""
    if isinstance(values, Mapping):
        found = _Choice(list(values), list(values.values()), is_slider=False)
        for label in found.labels:
            if not isinstance(label, str):
                raise TypeError(f"The label {label!r} is {type_with_article(label)}; expected a str.")
    else:
        if isinstance(values, str) or not hasattr(values, "__iter__"):
            raise TypeError(f"values is {type_with_article(values)}; expected a sequence of numbers or of words.")
        found = _from_sequence([value.item() if hasattr(value, "item") else value for value in values])
    if len(found.values) < 2:
        raise ValueError(f"values has {len(found.values)} value(s); expected at least two to choose from.")
    return found


def _from_sequence(values):
    words = [isinstance(value, str) for value in values]
    numbers = [isinstance(value, (int, float)) and not isinstance(value, bool) for value in values]
    if not all(words) and not all(numbers):
        odd = values[numbers.index(False)]
        raise TypeError(f"values holds {odd!r}; expected numbers only, words only, or a mapping of words to anything.")
    if all(numbers):
        steps = np.diff(values)
        if not (np.isfinite(values).all() and ((steps > 0).all() or (steps < 0).all())):
            raise ValueError(f"values is {values}; expected finite numbers in rising or falling order, none twice.")
    labels = [_as_read(value) if all(numbers) else value for value in values]
    if len(set(labels)) < len(labels):
        raise ValueError(f"values has two that look the same to a reader: {', '.join(labels)}.")
    return _Choice(labels, values, is_slider=all(numbers))


def _as_read(number):
    """A number as it stands on the control: no power of ten, and a minus sign that is one."""
    whole = abs(number) >= 1000 or number == round(number)
    return (f"{number:.0f}" if whole else f"{number:.4g}").replace("-", "−")


def _place_of(start, choice):
    if start is None:
        return 0
    offered = choice.values if choice.is_slider else choice.labels
    for place, value in enumerate(offered):
        if isinstance(start, str) == isinstance(value, str) and np.all(value == start):
            return place
    raise ValueError(f"start is {start!r}, which is none of the values.{closest(start, choice.labels)}")


def _frame(draw, value, figsize):
    """One picture, and the sentence below it."""
    figure = Figure(figsize=figsize)
    ax = figure.subplots()
    said = draw(ax, value)
    if not isinstance(said, str) or not said.strip():
        raise TypeError(f"draw returned {said!r} at {value!r}; expected the sentence that stands below the picture.")
    if not (ax.has_data() or ax.texts or ax.artists):
        raise ValueError(f"draw left its axes empty at {value!r}: draw on what it is given, ax.plot and not plt.plot.")
    return figure, said.strip()


def _page(picture, controls, sentence, changes):
    """The figure as HTML that stands alone: style, picture, control, sentence, what changes, and the script."""
    # What a browser could take for the end of the script, or for a comment in it, is written another way.
    data = json.dumps(changes, ensure_ascii=False).replace("</", r"<\/").replace("<!--", r"\u003c!--")
    return (
        f'<div class="live-figure"><style>{STYLE}</style>\n'
        f'<div class="live-picture">{write(picture)}</div>\n{controls}\n'
        f'<output class="live-said">{html.escape(sentence)}</output>\n'
        f'<script type="application/json">{data}</script>\n<script>{SCRIPT}</script></div>'
    )


def _slider(name, control, labels, first):
    return (
        f'<div class="live-control" hidden><label for="{name}">{html.escape(control)}</label>'
        f'<span class="live-value" aria-hidden="true">{labels[first]}</span>'
        f'<input type="range" id="{name}" min="0" max="{len(labels) - 1}" value="{first}" step="1" autocomplete="off" '
        f'aria-valuetext="{labels[first]}"></div>'
    )


def _buttons(name, control, labels, first):
    choices = "".join(
        f'<label for="{name}-{place}"><input type="radio" id="{name}-{place}" name="{name}" value="{place}" '
        f'autocomplete="off"{" checked" if place == first else ""}><span>{html.escape(label)}</span></label>'
        for place, label in enumerate(labels)
    )
    return f'<fieldset class="live-control" hidden><legend>{html.escape(control)}</legend>{choices}</fieldset>'
