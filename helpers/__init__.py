"""Do and observe: short, safe functions for causal analysis with PyMC."""

from helpers._truth import LatentWarning
from helpers.graphs import causal_graph, draw_dag
from helpers.interventions import InterventionWarning, contrast, intervene
from helpers.recovery import RecoveryWarning, recover
from helpers.recovery_summary import plot_recovery, summarize_recovery
from helpers.style import ROLE_COLORS
from helpers.summary import PROB, plot_effect, summarize
from helpers.workflow import SamplingWarning, condition, fit, simulate

__all__ = [
    "PROB",
    "ROLE_COLORS",
    "InterventionWarning",
    "LatentWarning",
    "RecoveryWarning",
    "SamplingWarning",
    "causal_graph",
    "condition",
    "contrast",
    "draw_dag",
    "fit",
    "intervene",
    "plot_effect",
    "plot_recovery",
    "recover",
    "simulate",
    "summarize",
    "summarize_recovery",
]
