"""Pictures of graphs, and figures with a slider."""

from helpers.drawing.dag import draw_dag
from helpers.drawing.live import live_figure

__all__ = ["draw_dag", "live_figure"]
