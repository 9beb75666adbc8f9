"""Causal graphs."""

from helpers.graphs.causal import causal_graph

__all__ = ["causal_graph"]
