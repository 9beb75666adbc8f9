"""Labels of nodes, as mathematics where the names are, and the room that they take."""

import math
import textwrap
from numbers import Integral, Real

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from helpers._models.internals import kind_of
from helpers.style import PAPER

FONT_SIZE = 14
PLATE_FONT_SIZE = 11
SMALLEST_NODE = 0.54
LONGEST_LINE = 9

RC = {
    "font.family": "DejaVu Sans",
    "mathtext.fontset": "cm",
    "figure.facecolor": PAPER,
    "figure.constrained_layout.use": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "helpers",
}

GREEK = frozenset(
    (
        *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda"),
        *("mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
        *("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"),
    )
)


def math_label(name):
    """Label of a variable: beta_zy and y_mu as Greek letters with an index, long names on several lines."""
    first, *rest = parts = str(name).split("_")
    if first in GREEK:
        return _symbol(rf"\{first}", rest)
    if len(parts) > 1 and parts[-1] in GREEK:
        return _symbol(rf"\{parts[-1]}", parts[:-1])
    if first[:1].isalpha() and first[:1].isascii() and (len(first) == 1 or first[1:].isdigit()) and len(rest) < 2:
        return _symbol(first[0], [first[1:], *rest])
    return _on_lines(_escape(str(name)).replace("_", " "))


def _escape(text):
    """The text with its dollar signs as they are: two of them would begin and end a formula."""
    return text.replace("$", r"\$")


def _symbol(letter, index):
    index = [part for part in index if part]
    words = [part if len(part) <= 2 else rf"\mathrm{{{part}}}" for part in index]
    return f"${letter}$" if not index else f"${letter}_{{{','.join(words)}}}$"


def _on_lines(text):
    return textwrap.fill(text, LONGEST_LINE, break_long_words=False, break_on_hyphens=False)


def do_label(label, value):
    """Label of a node under do, with what it is set to where that is one number, a word or a distribution."""
    distribution = kind_of(value) if hasattr(value, "owner") else None
    if distribution:
        return f"do({label} ~ {distribution})"
    if isinstance(value, np.ndarray | np.generic | xr.DataArray) and not np.ndim(value):
        value = value.item()
    if isinstance(value, str) and value.strip():
        said = _on_lines(_escape(value))
    elif isinstance(value, Integral):
        said = int(value)
    elif isinstance(value, Real):
        said = f"{value + 0:g}"  # no -0
    else:
        return f"do({label})"
    return f"do({label} = {said})"


def text_size(text, font_size=FONT_SIZE):
    """Width and height of a label in inches."""
    with mpl.rc_context(RC):
        font = FontProperties(family=RC["font.family"])
        extents = [TextPath((0, 0), line or " ", size=font_size, prop=font).get_extents() for line in text.split("\n")]
    height = extents[0].height + 1.25 * font_size * (len(extents) - 1)
    return max(extent.width for extent in extents) / 72, height / 72


def node_size(text, square):
    """Width and height (in inches) of the ellipse or rectangle that holds a label."""
    width, height = text_size(text)
    if square:
        return max(SMALLEST_NODE, width + 0.22), max(SMALLEST_NODE, height + 0.26)
    tall = max(SMALLEST_NODE, 1.45 * height + 0.1)
    return max(SMALLEST_NODE, width / math.sqrt(1 - (height / tall) ** 2) + 0.18), tall
