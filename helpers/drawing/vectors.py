"""Matplotlib's figures as small trees of SVG, and what changes from one to the next."""

import io
import re
from xml.etree import ElementTree

import matplotlib as mpl

NUMBER = re.compile(r"-?\d+\.\d+")
PLACED = ("d", "x", "y", "points", "transform")
POINTS_TO = re.compile(r"url\(#([^)]+)\)")


def rounded(number):
    """A number as readers see it, with a minus sign that is one."""
    return f"{float(number):.4g}".replace("-", "−")


def as_vectors(figure, name):
    """The figure as an SVG tree to stand inside a page: no ids but those in use, and those begin with the name."""
    stream = io.BytesIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "live"}):
        figure.savefig(stream, format="svg", metadata=nothing)
    root = ElementTree.fromstring(stream.getvalue())
    for parent in list(root.iter()):
        for child in list(parent):
            # A style sheet inside the picture would hold for the whole page.
            if child.tag.endswith(("}metadata", "}style")):
                parent.remove(child)
    used = {name for element in root.iter() for name in _targets(element)}
    for element in root.iter():
        _clean(element, name, used)
    for size in ("width", "height", "version"):
        root.attrib.pop(size, None)
    root.set("stroke-linejoin", "round")
    return root


def _targets(element):
    """The ids that an element refers to."""
    for key, value in element.attrib.items():
        yield from POINTS_TO.findall(value)
        if key.endswith("href"):
            yield value.removeprefix("#")


def _clean(element, name, used):
    element.tag = element.tag.split("}")[1]
    element.tail = None
    element.text = (element.text or "").strip() or None
    for key, value in list(element.attrib.items()):
        del element.attrib[key]
        short = key.split("}")[-1]
        if short == "id" and value not in used:
            continue
        if short == "id":
            value = f"{name}-{value}"
        elif short == "href":
            value = f"#{name}-{value[1:]}"
        elif short in PLACED:
            value = NUMBER.sub(_shorter, " ".join(value.split()))
        element.set(short, POINTS_TO.sub(rf"url(#{name}-\1)", value))


def _shorter(match):
    """A coordinate in points: a tenth of one is below what a screen shows, but not within a small marker."""
    number = float(match[0])
    return f"{number:.1f}".removesuffix(".0") if abs(number) >= 20 else f"{number:.2f}".rstrip("0").rstrip(".")


def write(tree):
    """The tree as text."""
    return ElementTree.tostring(tree, encoding="unicode")


def changing_parts(trees):
    """For each tree the text of its parts that aren't the same in all; the parts are numbered in the trees.

    A part is as small as can be: where only one line of a plot moves, it is that line.
    """
    found = []
    _collect(trees, found)
    for number, part in enumerate(found):
        for element in part:
            element.set("data-part", str(number))
    return [[write(element) for element in one_of_each] for one_of_each in zip(*found, strict=True)] or [
        [] for _ in trees
    ]


def _collect(elements, found):
    first = elements[0]
    text = write(first)
    if all(write(element) == text for element in elements):
        return
    own = [(element.tag, element.attrib, element.text, len(element)) for element in elements]
    if all(one == own[0] for one in own):
        for children in zip(*elements, strict=True):
            _collect(children, found)
    else:
        found.append(elements)
