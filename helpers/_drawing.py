"""The pieces of a picture of a graph: labels, their sizes, arrows that bend, arrows that are cut."""

import io
import math
from numbers import Integral, Real

import daft
import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyArrowPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from pytensor.scalar import identity

from helpers._layout import node_box
from helpers.style import INK, PAPER

FONT_SIZE = 14
PLATE_FONT_SIZE = 11
SMALLEST_NODE = 0.54
LONGEST_LINE = 9
CM_PER_INCH = 2.54
PADDING = 0.08
FADED = "#9aa1ad"

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


class Drawing(daft.PGM):
    """A daft.PGM with known origin and shape, shown by a notebook as a vector picture."""

    def render(self, dpi=None):
        """Draw on a figure that pyplot doesn't know: a cell shows it once, and nothing has to be closed."""
        context = self._ctx
        with mpl.rc_context(RC):
            context._figure, context._ax = Figure(figsize=context.figsize, dpi=dpi), None
            for piece in (*self._plates, *self._edges, *self._nodes.values()):
                piece.render(context)
        return self.ax

    def __repr__(self):
        return f"<daft.PGM: {len(self._nodes)} nodes, {len(self._edges)} arrows, {len(self._plates)} plates>"

    def _repr_svg_(self):
        buffer = io.StringIO()
        with mpl.rc_context(RC):
            self.savefig(buffer, format="svg", bbox_inches=None, metadata={"Date": None})
        return buffer.getvalue()


class Arrow(daft.Edge):
    """An arrow along given control points (in model units) instead of a straight line."""

    def __init__(self, node1, node2, route, **options):
        super().__init__(node1, node2, **options)
        self.route = route
        self.cut = False

    def render(self, ctx):
        points = [ctx.convert(*point) for point in self.route]
        codes = [Path.MOVETO] + [Path.CURVE4] * (len(points) - 2) + [Path.LINETO]
        style = {"color": INK, "linewidth": 1.2, "zorder": 0.9} | self.plot_params
        arrow = FancyArrowPatch(
            path=Path(points, codes),
            arrowstyle="-|>,head_length=0.45,head_width=0.22",
            mutation_scale=14,
            **style,
        )
        ctx.ax().add_artist(arrow)
        return arrow


class CutArrow(Arrow):
    """An arrow that an intervention removed: faded, dotted, with a gap and two bars across it."""

    def __init__(self, node1, node2, route, color, **options):
        options["plot_params"] = {"color": FADED, "linestyle": (0, (1.5, 2))} | options.get("plot_params", {})
        super().__init__(node1, node2, route, **options)
        self.cut = True
        self.color = color

    def render(self, ctx):
        arrow = super().render(ctx)
        middle, direction = _middle([ctx.convert(*point) for point in self.route])
        across = np.array([-direction[1], direction[0]])
        gap, half = 0.09 * direction, 0.17 * across + 0.06 * direction
        axes = ctx.ax()
        axes.plot(*zip(middle - gap, middle + gap), color=PAPER, linewidth=5, solid_capstyle="butt", zorder=0.95)
        for side in (-gap, gap):
            axes.plot(*zip(middle + side - half, middle + side + half), color=self.color, linewidth=2, zorder=0.96)
        return arrow


def _middle(points):
    """Point and direction half way along a route."""
    curves = [points[start : start + 4] for start in range(0, len(points) - 4, 3)]
    t = np.linspace(0, 1, 40)[:, None]
    dense = np.vstack([_bezier(*curve, t) for curve in curves] + [points[-1]])
    length = np.r_[0, np.cumsum(np.hypot(*np.diff(dense, axis=0).T))]
    index = int(np.clip(np.searchsorted(length, length[-1] / 2), 1, len(dense) - 1))
    direction = dense[index] - dense[index - 1]
    return dense[index], direction / (np.hypot(*direction) or 1)


def _bezier(first, second, third, fourth, t):
    return (1 - t) ** 3 * first + 3 * t * (1 - t) ** 2 * second + 3 * t**2 * (1 - t) * third + t**3 * fourth


def math_label(name):
    """Label of a variable: beta_zy and y_mu as Greek letters with an index, long names on several lines."""
    first, *rest = parts = str(name).split("_")
    if first in GREEK:
        return _symbol(rf"\{first}", rest)
    if len(parts) > 1 and parts[-1] in GREEK:
        return _symbol(rf"\{parts[-1]}", parts[:-1])
    if first[:1].isalpha() and first[:1].isascii() and (len(first) == 1 or first[1:].isdigit()) and len(rest) < 2:
        return _symbol(first[0], [first[1:], *rest])
    return "\n".join(_lines(_escape(str(name)).split("_")))


def _escape(text):
    """The text with its dollar signs as they are: two of them would begin and end a formula."""
    return text.replace("$", r"\$")


def _symbol(letter, index):
    index = [part for part in index if part]
    words = [part if len(part) <= 2 else rf"\mathrm{{{part}}}" for part in index]
    return f"${letter}$" if not index else f"${letter}_{{{','.join(words)}}}$"


def _lines(words):
    lines = []
    for word in words:
        if lines and len(lines[-1]) + len(word) < LONGEST_LINE:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def do_label(label, value):
    """Label of a node under do, with what it is set to where that is one number, a word or a distribution."""
    distribution = _distribution(value)
    if distribution:
        return f"do({label} ~ {distribution})"
    if isinstance(value, np.ndarray | np.generic | xr.DataArray) and not np.ndim(value):
        value = value.item()
    if isinstance(value, str) and value.strip():
        said = "\n".join(_lines(_escape(value).split()))
    elif isinstance(value, Integral):
        said = int(value)
    elif isinstance(value, Real):
        said = f"{value + 0:g}"  # no -0
    else:
        return f"do({label})"
    return f"do({label} = {said})"


def _distribution(value):
    """Name of the distribution that a PyTensor variable is drawn from, None for anything else."""
    owner = getattr(value, "owner", None)
    # pm.do wraps a distribution in an identity, to give it the name of the variable that it replaces.
    if owner and getattr(owner.op, "scalar_op", None) == identity:
        owner = owner.inputs[0].owner
    return getattr(owner.op, "_print_name", (None,))[0] if owner else None


def single_value(variable):
    """What an intervention on a model gives to all units, one number or a distribution; None when there is neither."""
    if _distribution(variable):
        return variable
    values = variable.get_value() if hasattr(variable, "get_value") else getattr(variable, "data", ())
    values = np.ravel(values)
    return values[0] if values.size and (values == values[0]).all() else None


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


def draw(nodes, sizes, plate_labels, layout):
    """The rendered picture of described nodes at their places."""
    scale = layout.scale
    pgm = Drawing(
        **_frame(layout, sizes),
        grid_unit=CM_PER_INCH * scale,
        node_unit=CM_PER_INCH,
        alternate_style="outer",
    )
    for name, (left, bottom, right, top) in sorted(layout.plates.items(), key=lambda item: len(item[0])):
        pgm.add_plate(
            [left / scale, bottom / scale, (right - left) / scale, (top - bottom) / scale],
            label=plate_labels[name],
            position="bottom right",
            fontsize=PLATE_FONT_SIZE,
            rect_params={"ec": "#7b8494", "fc": "none", "lw": 1.0},
            # An arrow that runs through the label is hidden behind it.
            bbox={"fc": PAPER, "ec": "none", "pad": 1},
        )
    for name, node in nodes.items():
        x, y = layout.nodes[name]
        width, height = sizes[name]
        pgm.add_node(
            name,
            node["label"],
            x / scale,
            y / scale,
            scale=height,
            aspect=width / height,
            observed=node["observed"],
            alternate=node["alternate"],
            fontsize=FONT_SIZE,
            plot_params=node["style"],
            label_params={"color": INK, "linespacing": 1.1},
            shape="rectangle" if node["square"] else "ellipse",
        )
    for (parent, child), route in layout.edges.items():
        route = [(x / scale, y / scale) for x, y in route]
        ends = pgm._nodes[parent], pgm._nodes[child]
        cut = nodes[child]["cut"]
        pgm._edges.append(CutArrow(*ends, route, nodes[child]["color"]) if cut else Arrow(*ends, route))
    pgm.render()
    return pgm


def _frame(layout, sizes):
    """Origin and shape of the picture, in model units, with room around everything in it."""
    boxes = [node_box(center, sizes[name]) for name, center in layout.nodes.items()] + list(layout.plates.values())
    boxes += [(x, y, x, y) for route in layout.edges.values() for x, y in route]
    lefts, bottoms, rights, tops = zip(*boxes)
    origin = [(min(lefts) - PADDING) / layout.scale, (min(bottoms) - PADDING) / layout.scale]
    corner = [(max(rights) + PADDING) / layout.scale, (max(tops) + PADDING) / layout.scale]
    return {"origin": origin, "shape": [corner[0] - origin[0], corner[1] - origin[1]]}
