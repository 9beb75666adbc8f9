"""Matplotlib's figures as small trees of SVG, and what changes from one to the next."""

import io
import re
from xml.etree import ElementTree

import matplotlib as mpl

NUMBER = re.compile(r"-?\d+\.\d+")
PLACED = ("d", "x", "y", "points", "transform")
POINTS_TO = re.compile(r"url\(#([^)]+)\)")


def as_vectors(figures, name):
    """The figures as SVG trees to stand inside a page: no ids but those in use, and those begin with the name."""
    trees = [_read(figure) for figure in figures]
    used = dict.fromkeys(target for root in trees for element in root.iter() for target in _targets(element))
    short = {target: f"{name}-{number}" for number, target in enumerate(used)}
    for root in trees:
        for element in root.iter():
            _clean(element, short)
        for element in root.iter():
            _say_style_once(element)
        for size in ("width", "height", "version"):
            root.attrib.pop(size, None)
        root.set("stroke-linejoin", "round")
    return trees


def _read(figure):
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
    return root


def _targets(element):
    """The ids that an element refers to."""
    for key, value in element.attrib.items():
        yield from POINTS_TO.findall(value)
        if key.endswith("href"):
            yield value.removeprefix("#")


def _clean(element, short):
    """Take away what the page doesn't need: name spaces, ids that nobody uses, digits that nobody sees."""
    element.tag = element.tag.split("}")[1]
    element.tail = None
    element.text = (element.text or "").strip() or None
    given = {key.split("}")[-1]: value for key, value in element.attrib.items()}
    element.attrib.clear()
    for key, value in given.items():
        if key == "id" and value not in short:
            continue
        if key == "id":
            value = short[value]
        elif key == "href":
            value = f"#{short[value[1:]]}"
        elif key in PLACED:
            value = NUMBER.sub(_shorter, " ".join(value.split()))
        element.set(key, POINTS_TO.sub(lambda match: f"url(#{short[match[1]]})", value))


def _say_style_once(group):
    """The dots of a scatter plot share one style: say it for all of them."""
    styles = {dot.get("style") for dot in group}
    if len(group) > 1 and len(styles) == 1 and None not in styles and {dot.tag for dot in group} == {"use"}:
        group.set("style", styles.pop())
        for dot in group:
            del dot.attrib["style"]


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
