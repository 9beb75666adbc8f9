"""What a PyMC model says about itself: who depends on whom, and which variables are data."""

import networkx as nx
import numpy as np
from pymc.model_graph import ModelGraph

from helpers._checks import check_names


def dependency_graph(model):
    """DiGraph of all named variables of a model, parameters and deterministics included."""
    graph = nx.DiGraph()
    graph.add_nodes_from(model.named_vars)
    for child, parents in ModelGraph(model).make_compute_graph().items():
        graph.add_edges_from((parent, child) for parent in parents)
    return graph


def random_variables(model):
    """Names of the random variables, observed or not, in the model's order."""
    return [rv.name for rv in model.basic_RVs]


def data_variables(model, variables=None):
    """Names of the random variables that are data, in the model's order.

    These are the observed ones, and those with all the dims of an outcome (a random variable that
    no other random variable depends on). Where dims don't tell, `variables` names them.
    """
    names = random_variables(model)
    if variables is not None:
        check_names(variables, names, "Variable")
        return [name for name in names if name in set(variables)]
    graph = dependency_graph(model)
    outcomes = [name for name in names if not nx.descendants(graph, name) & set(names)]
    outcome_dims = {frozenset(dims_of(model, name)) for name in outcomes} - {frozenset()}
    observed = {rv.name for rv in model.observed_RVs}
    if not outcome_dims and not observed:
        raise ValueError(
            f"Cannot tell data from parameters: none of the outcomes ({', '.join(outcomes)}) has dims. "
            "Give the data variables dims, for example pm.Normal('y', ..., dims='i'), "
            "or name them with variables=[...]."
        )
    return [
        name for name in names if name in observed or any(dims <= set(dims_of(model, name)) for dims in outcome_dims)
    ]


def dims_of(model, name):
    """Named dims of a variable, () when it has none."""
    return tuple(dim for dim in model.named_vars_to_dims.get(name) or () if dim is not None)


def all_dims(model, name):
    """One dim for each axis of a variable; axes that the model gives no dim are numbered."""
    given = model.named_vars_to_dims.get(name) or ()
    return tuple(
        given[axis] if axis < len(given) and given[axis] is not None else f"{name}_dim_{axis}"
        for axis in range(model[name].ndim)
    )


def labels_of(model):
    """Labels of each dim of a model, numbered from 0 where it gives none."""
    lengths = model.dim_lengths
    return {
        dim: np.arange(int(lengths[dim].eval())) if labels is None else labels for dim, labels in model.coords.items()
    }
