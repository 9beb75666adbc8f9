"""The pieces of a picture of a graph, on top of daft: arrows that bend, arrows that are cut.

All that helpers takes from inside daft is here.
"""

import io

import daft
import matplotlib as mpl
import numpy as np
from matplotlib.bezier import BezierSegment
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from matplotlib.path import Path

from helpers.drawing.labels import FONT_SIZE, PLATE_FONT_SIZE, RC
from helpers.drawing.layout import node_box
from helpers.style import INK, PAPER

CM_PER_INCH = 2.54
PADDING = 0.08
FADED = "#9aa1ad"
FAILED = "#c1121f"
HEAD = "-|>,head_length=0.45,head_width=0.22"


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

    def render(self, ctx):
        points = [ctx.convert(*point) for point in self.route]
        codes = [Path.MOVETO] + [Path.CURVE4] * (len(points) - 2) + [Path.LINETO]
        style = {"color": INK, "linewidth": 1.2, "zorder": 0.9, "arrowstyle": HEAD} | self.plot_params
        arrow = FancyArrowPatch(path=Path(points, codes), mutation_scale=14, **style)
        ctx.ax().add_artist(arrow)
        return arrow


class CutArrow(Arrow):
    """An arrow that an intervention removed: faded, dotted, with a gap and two bars across it."""

    def __init__(self, node1, node2, route, color, **options):
        options["plot_params"] = {"color": FADED, "linestyle": (0, (1.5, 2))} | options.get("plot_params", {})
        super().__init__(node1, node2, route, **options)
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
    dense = np.vstack([BezierSegment(curve)(np.linspace(0, 1, 40)) for curve in curves] + [points[-1]])
    length = np.r_[0, np.cumsum(np.hypot(*np.diff(dense, axis=0).T))]
    index = int(np.clip(np.searchsorted(length, length[-1] / 2), 1, len(dense) - 1))
    direction = dense[index] - dense[index - 1]
    return dense[index], direction / (np.hypot(*direction) or 1)


def draw(nodes, sizes, plate_labels, layout, lines):
    """The rendered picture of described nodes at their places; `lines` says how some arrows look."""
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
        look = {"plot_params": lines.get((parent, child), {})}
        cut = nodes[child]["cut"] and look["plot_params"].get("arrowstyle", HEAD) == HEAD
        pgm._edges.append(CutArrow(*ends, route, nodes[child]["color"]) if cut else Arrow(*ends, route, **look))
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
