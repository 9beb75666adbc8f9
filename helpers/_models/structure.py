"""What a PyMC model says about itself: who depends on whom, and which variables are data."""

import networkx as nx
import numpy as np
from pytensor.compile.mode import Mode
from pytensor.graph.basic import Variable
from pytensor.graph.traversal import ancestors
from pytensor.scalar import Mul, TrueDiv
from pytensor.tensor.basic import get_underlying_scalar_constant_value

from helpers._models.checks import as_names, check_names
from helpers._models.internals import parents_of, scales_up


def dependency_graph(model):
    """DiGraph of all named variables of a model, parameters and deterministics included."""
    graph = nx.DiGraph()
    graph.add_nodes_from(model.named_vars)
    for child, parents in parents_of(model).items():
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
    unmeasured = as_names(latent, "latent") if latent is not None else []
    check_names(unmeasured, names, "Latent variable")
    if variables is not None:
        chosen = as_names(variables, "variables")
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


def likely_latent(model, data_names):
    """Names of data variables that look like random effects: nobody measures those, as a rule.

    No other data variable acts on such a variable, and it acts on one alone. Either its distribution has unknown
    parameters and it enters without a coefficient, as the true effects of the eight schools; or it is standard normal
    and scaled by a parameter that can't be negative, as their non-centered twins.
    """
    graph, found, names = dependency_graph(model), [], set(data_names)
    for name in data_names:
        variable = model[name]
        unknown = nx.ancestors(graph, name) & set(random_variables(model))
        acted_on = reached_first(graph, name, set(random_variables(model)))
        if unknown & names or len(acted_on) != 1 or variable.dtype != "float64":
            continue
        scales = _scales(model, variable, model[acted_on.pop()])
        if (unknown and scales == []) or (not unknown and scales and _is_standard_normal(variable)):
            found.append(name)
    return found


def _scales(model, cause, effect):
    """What multiplies a variable on its way to another's parameters; None where something of either sign does."""
    waiting, random = [(one, []) for one in effect.owner.inputs], set(model.basic_RVs)
    seen = set()
    while waiting:
        variable, scales = waiting.pop()
        if (variable, *scales) in seen:
            continue
        seen.add((variable, *scales))
        if variable is cause:
            positive = all(scales_up(model.rvs_to_transforms.get(one)) for one in scales)
            return scales if positive else None
        if variable.owner is None or variable in random:
            continue
        inputs = variable.owner.inputs
        if isinstance(getattr(variable.owner.op, "scalar_op", None), (Mul, TrueDiv)):
            waiting += [
                (one, scales + [v for other in inputs if other is not one for v in random & set(ancestors([other]))])
                for one in inputs
            ]
        else:
            waiting += [(one, scales) for one in inputs]
    return None


def _is_standard_normal(variable):
    if variable.owner.op.name != "normal":
        return False
    parameters = [
        get_underlying_scalar_constant_value(one, raise_not_constant=False) for one in variable.owner.inputs[2:]
    ]
    return [np.ndim(one) == 0 and not isinstance(one, Variable) and float(one) for one in parameters] == [0, 1]


def dims_of(model, name):
    """Named dims of a variable, () when it has none."""
    return tuple(dim for dim in model.named_vars_to_dims.get(name) or () if dim is not None)


def attributes_of(model, name, done):
    """What a graph says of a variable: its dims, whether it was observed, whether it is one of those set by do."""
    given = {rv.name for rv in model.observed_RVs} | {data.name for data in model.data_vars}
    return {
        "dims": dims_of(model, name),
        "observed": name in given and name not in done,
        "intervened": name in done,
    }


def all_dims(model, name):
    """One dim for each axis of a variable; axes that the model gives no dim are numbered."""
    given = model.named_vars_to_dims.get(name) or ()
    return tuple(
        given[axis] if axis < len(given) and given[axis] is not None else f"{name}_dim_{axis}"
        for axis in range(model[name].ndim)
    )


def lengths_of(variable):
    """Length of each of a variable's axes, without drawing it."""
    known = variable.type.shape
    # An unoptimized graph draws a variable, unseeded, to look at its shape; this mode asks its parameters' shapes.
    return known if None not in known else tuple(map(int, variable.shape.eval(mode=Mode(linker="py"))))


def labels_of(model):
    """Labels of each dim of a model, numbered from 0 where it gives none."""
    lengths = model.dim_lengths
    return {
        dim: np.arange(int(lengths[dim].eval())) if labels is None else labels for dim, labels in model.coords.items()
    }
