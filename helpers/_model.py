"""What a PyMC model says about itself: who depends on whom, and which variables are data."""

import networkx as nx
import numpy as np
from pymc.model_graph import ModelGraph
from pymc.pytensorf import rvs_in_graph
from pytensor.scalar import Mul, TrueDiv

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


def settable(model):
    """Names of what an intervention may set: random variables, containers, deterministics."""
    return [variable.name for variable in (*model.basic_RVs, *model.data_vars, *model.deterministics)]


def reached_first(graph, name, stops):
    """The first of `stops` on each path that leaves a variable: deterministics are passed through."""
    found, seen, waiting = set(), set(), list(graph.successors(name))
    while waiting:
        other = waiting.pop()
        if other in stops:
            found.add(other)
        elif other not in seen:
            seen.add(other)
            waiting.extend(graph.successors(other))
    return found


def unit_variables(model):
    """Names of the random variables of single units, in the model's order.

    These are the observed ones, and those with all the dims of an outcome: a random variable that no other
    random variable depends on.
    """
    names, outcome_dims = random_variables(model), _outcome_dims(model)
    observed = {rv.name for rv in model.observed_RVs}
    if not outcome_dims and not observed:
        raise ValueError(
            f"Cannot tell data from parameters: none of the outcomes ({', '.join(outcomes(model))}) has dims. "
            "Give the data variables dims, for example pm.Normal('y', ..., dims='i'), "
            "or name them with variables=[...]."
        )
    return [
        name for name in names if name in observed or any(dims <= set(dims_of(model, name)) for dims in outcome_dims)
    ]


def outcomes(model):
    """Names of the random variables that no other random variable depends on."""
    graph, names = dependency_graph(model), random_variables(model)
    return [name for name in names if not nx.descendants(graph, name) & set(names)]


def _outcome_dims(model):
    return {frozenset(dims_of(model, name)) for name in outcomes(model)} - {frozenset()}


def data_variables(model, variables=None, latent=None):
    """Names of the random variables that somebody measures, in the model's order.

    Where nobody says `variables`, these are the variables of single units. In a model in which something is
    observed already, what isn't is latent, unless it is an outcome. `latent` names others that nobody measures.
    """
    names = random_variables(model)
    unmeasured = _as_names(latent, "latent") if latent is not None else []
    check_names(unmeasured, names, "Latent variable")
    if variables is not None:
        chosen = _as_names(variables, "variables")
        check_names(chosen, names, "Variable")
        both = [name for name in chosen if name in unmeasured]
        if both:
            raise ValueError(f"{', '.join(both)}: named both in variables= and in latent=; it is one or the other.")
        return [name for name in names if name in set(chosen)]
    found = unit_variables(model)
    observed = {rv.name for rv in model.observed_RVs}
    if observed:
        found = [name for name in found if name in observed or name in outcomes(model)]
    found = [name for name in found if name not in unmeasured]
    if not found:
        raise ValueError(f"latent names every variable with the dims of the data ({', '.join(unmeasured)}): none left.")
    return found


def _as_names(names, what):
    if isinstance(names, str):
        return [names]
    if not hasattr(names, "__iter__"):
        raise TypeError(f"{what} is a {type(names).__name__}; expected a sequence of names.")
    return list(names)


def likely_latent(model, data_names):
    """Names of data variables that look like random effects: nobody measures those, as a rule.

    Such a variable is continuous, its distribution has unknown parameters, no other data variable acts on it, and
    it acts on one alone, without a coefficient. The true effects of the eight schools are of this kind.
    """
    graph, found, names = dependency_graph(model), [], set(data_names)
    parameters = set(random_variables(model)) - names
    for name in data_names:
        ancestors_of_it = nx.ancestors(graph, name)
        if not ancestors_of_it & parameters or ancestors_of_it & names or model[name].dtype != "float64":
            continue
        acted_on = reached_first(graph, name, set(random_variables(model)))
        if len(acted_on) == 1 and _enters_unscaled(model[name], model[acted_on.pop()], set(model.basic_RVs)):
            found.append(name)
    return found


def _enters_unscaled(cause, effect, others):
    """Whether a path leads from one random variable to another's parameters on which nothing random multiplies it."""
    waiting = list(effect.owner.inputs)
    while waiting:
        variable = waiting.pop()
        if variable is cause:
            return True
        if variable.owner is None or variable in others:
            continue
        inputs = variable.owner.inputs
        if isinstance(getattr(variable.owner.op, "scalar_op", None), (Mul, TrueDiv)):
            random = [one for one in inputs if rvs_in_graph([one])]
            inputs = random if len(random) == 1 else []
        waiting.extend(inputs)
    return False


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
