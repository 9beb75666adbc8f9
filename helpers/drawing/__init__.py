"""Pictures of graphs."""

from helpers.drawing.dag import draw_dag

__all__ = ["draw_dag"]
