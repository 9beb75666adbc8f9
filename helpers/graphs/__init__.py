"""Causal graphs: what they say, and what can be learned from data if they are right."""

from helpers.graphs.adjustment import adjustment_sets, is_adjustment_set
from helpers.graphs.alternatives import frontdoor_sets, instruments
from helpers.graphs.causal import causal_graph
from helpers.graphs.identification import Identification, identifiable
from helpers.graphs.independence import implied_independences, test_independences
from helpers.graphs.listing import Path, paths
from helpers.graphs.questions import GraphWarning

__all__ = [
    "GraphWarning",
    "Identification",
    "Path",
    "adjustment_sets",
    "causal_graph",
    "frontdoor_sets",
    "identifiable",
    "implied_independences",
    "instruments",
    "is_adjustment_set",
    "paths",
    "test_independences",
]
