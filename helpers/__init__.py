"""Do and observe: short, safe functions for causal analysis with PyMC.

To read the code, begin with these four; each can be read on its own::

    workflow.py        simulate · condition · fit          from an empty model to a posterior
    interventions.py   intervene · contrast                what happens when we act
    summary.py         summarize · plot_effect             the answer, in a row and in a picture
    style.py           ROLE_COLORS                         one color a causal role

Around them are three wings, which the four never import: ``graphs``, ``drawing`` above it, ``recovery``. ``exercises`` stands
by itself: it checks answers in students' sheets. Below all lies ``_models``, private: what a model's variables, dims, supports and worlds are. Its files, from the ground up: checks,
internals, structure, values, order, sized, then sampler and support, truth and roles, world, question.
"""

from helpers._models.truth import LatentWarning
from helpers.drawing import draw_dag, live_figure
from helpers.graphs import (
    GraphWarning,
    adjustment_sets,
    causal_graph,
    frontdoor_sets,
    identifiable,
    implied_independences,
    instruments,
    is_adjustment_set,
    paths,
    test_independences,
)
from helpers.interventions import InterventionWarning, contrast, intervene
from helpers.recovery import RecoveryWarning, plot_recovery, recover, summarize_recovery
from helpers.style import ROLE_COLORS
from helpers.summary import PROB, plot_effect, summarize
from helpers.workflow import SamplingWarning, condition, fit, simulate

# fmt: off
__all__ = [
    "PROB", "ROLE_COLORS", "GraphWarning", "InterventionWarning", "LatentWarning", "RecoveryWarning",
    "SamplingWarning", "adjustment_sets", "causal_graph", "condition", "contrast", "draw_dag", "fit",
    "frontdoor_sets", "identifiable", "implied_independences", "instruments", "intervene", "is_adjustment_set",
    "live_figure", "paths", "plot_effect", "plot_recovery", "recover", "simulate", "summarize", "summarize_recovery",
    "test_independences",
]
# fmt: on
