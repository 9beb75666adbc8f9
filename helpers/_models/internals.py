"""All that helpers takes from inside PyMC: nothing of this is promised by its documentation.

Each has a test in ``tests/unit/test_internals.py`` that says what is lost when a new version moves it.
"""

import pymc as pm
from pymc.backends.arviz import patch_nutpie_idata
from pymc.distributions.custom import CustomDistRV, CustomSymbolicDistRV
from pymc.distributions.shape_utils import change_dist_size
from pymc.distributions.transforms import _default_transform
from pymc.logprob.transforms import LogTransform
from pymc.model_graph import ModelGraph
from pymc.progress_bar.progress import NutpieProgressBarManager
from pymc.pytensorf import reseed_rngs, rvs_in_graph
from pymc.sampling.mcmc import assign_step_methods
from pytensor.scalar import identity

__all__ = [
    "add_data_groups",
    "calls_for_density",
    "change_dist_size",
    "default_transform",
    "is_for_nuts_alone",
    "kind_of",
    "parents_of",
    "progress_bars",
    "reseed_rngs",
    "rvs_in_graph",
    "scales_up",
]


def parents_of(model):
    """The named variables that each named variable is computed from.

    ``pm.model_to_networkx`` gives the same, with other names where one has a colon, and evaluates all lengths for it.
    """
    return ModelGraph(model).make_compute_graph()


def kind_of(variable):
    """Name of the distribution that a variable is drawn from, None for what isn't drawn."""
    owner = variable.owner
    # pm.do wraps a distribution in an identity, to give it the name of the variable that it replaces.
    if owner and getattr(owner.op, "scalar_op", None) == identity:
        owner = owner.inputs[0].owner
    return getattr(owner.op, "_print_name", (None,))[0] if owner else None


def calls_for_density(variable):
    """Whether the density is a function of the caller's, which is asked anew whenever PyMC writes the log density."""
    op = variable.owner.op
    return isinstance(op, CustomDistRV) or (isinstance(op, CustomSymbolicDistRV) and not op.inline_logprob)


def default_transform(variable):
    """The transform that PyMC gives a random variable when nobody chooses one."""
    return _default_transform(variable.owner.op, variable)


def scales_up(transform):
    """Whether a transform is the logarithm, so that its variable can't be negative."""
    return isinstance(transform, LogTransform)


def is_for_nuts_alone(model):
    """Whether ``pm.sample`` leaves all parameters of a model to NUTS: they are continuous, and have gradients."""
    _, chosen = assign_step_methods(model)
    return len(chosen) == 1 and issubclass(next(iter(chosen)), pm.NUTS)


def progress_bars(chains, draws, shown):
    """A context with the progress bars of ``pm.sample``; its method `update` is a callback for nutpie."""
    return NutpieProgressBarManager(chains=chains, draws=draws, progressbar=shown)


def add_data_groups(tree, model, sampling_time):
    """Add to what nutpie gives what ``pm.sample`` adds: the groups of the data, and attributes of the posterior."""
    patch_nutpie_idata(tree, model, sampling_time=sampling_time)
