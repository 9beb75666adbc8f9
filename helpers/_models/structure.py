"""What a PyMC model says about itself: who depends on whom, which dims it has, and which variables are data."""

from dataclasses import dataclass
from functools import cached_property

import networkx as nx
import numpy as np
import pymc as pm
from pytensor.compile.mode import Mode
from pytensor.graph.basic import Variable
from pytensor.graph.traversal import ancestors
from pytensor.scalar import Mul, TrueDiv
from pytensor.tensor.basic import get_underlying_scalar_constant_value
from pytensor.tensor.random.op import RNGConsumerOp

from helpers._models.checks import as_names, check_model, check_names
from helpers._models.internals import parents_of, scales_up


@dataclass(frozen=True, eq=False)
class Structure:
    """A model, described once for all that asks about it. The model isn't changed."""

    model: pm.Model

    @classmethod
    def of(cls, model, what="model"):
        """The structure of what is known to be a model that PyMC can copy."""
        check_model(model, what)
        return cls(model)

    @cached_property
    def graph(self):
        """DiGraph of all named variables, parameters and deterministics included."""
        graph = nx.DiGraph()
        graph.add_nodes_from(self.model.named_vars)
        for child, parents in parents_of(self.model).items():
            graph.add_edges_from((parent, child) for parent in parents)
        return graph

    @cached_property
    def random(self):
        """Names of the random variables, observed or not, in the model's order."""
        return [rv.name for rv in self.model.basic_RVs]

    @property
    def containers(self):
        """The data containers, by name."""
        return {variable.name: variable for variable in self.model.data_vars}

    @property
    def deterministics(self):
        """Names of the deterministics."""
        return [variable.name for variable in self.model.deterministics]

    @property
    def settable(self):
        """Names of what an intervention may set: random variables, containers, deterministics."""
        return [*self.random, *self.containers, *self.deterministics]

    @cached_property
    def own_labels(self):
        """Labels of each dim as the model gives them, numbered from 0 where it gives none."""
        lengths = self.model.dim_lengths
        return {
            dim: np.arange(int(lengths[dim].eval())) if labels is None else labels
            for dim, labels in self.model.coords.items()
        }

    def dims(self, name):
        """Named dims of a variable, () when it has none."""
        return tuple(dim for dim in self.model.named_vars_to_dims.get(name) or () if dim is not None)

    def axes(self, name):
        """One dim for each axis of a variable; axes that the model gives no dim are numbered."""
        given = self.model.named_vars_to_dims.get(name) or ()
        return tuple(
            given[axis] if axis < len(given) and given[axis] is not None else f"{name}_dim_{axis}"
            for axis in range(self.model[name].ndim)
        )

    @cached_property
    def outcomes(self):
        """Names of the random variables that no other random variable depends on."""
        return [name for name in self.random if not nx.descendants(self.graph, name) & set(self.random)]

    @cached_property
    def of_units(self):
        """Names of the random variables of single units, in the model's order.

        These are the observed ones, and those with all the dims of an outcome: a random variable that no other
        random variable depends on.
        """
        outcome_dims = {frozenset(self.dims(name)) for name in self.outcomes} - {frozenset()}
        observed = {rv.name for rv in self.model.observed_RVs}
        if not outcome_dims and not observed:
            raise ValueError(
                f"Cannot tell data from parameters: none of the outcomes ({', '.join(self.outcomes)}) has dims. "
                "Give the data variables dims, for example pm.Normal('y', ..., dims='i'), "
                "or name them with variables=[...]."
            )
        return [
            name
            for name in self.random
            if name in observed or any(dims <= set(self.dims(name)) for dims in outcome_dims)
        ]

    def measured(self, variables=None, latent=None):
        """Names of the random variables that somebody measures, in the model's order.

        Where nobody says `variables`, these are the variables of single units. In a model in which something is
        observed already, what isn't is latent, unless it is an outcome. `latent` names others that nobody measures.
        """
        unmeasured = as_names(latent, "latent") if latent is not None else []
        check_names(unmeasured, self.random, "Latent variable")
        if variables is not None:
            chosen = as_names(variables, "variables")
            check_names(chosen, self.random, "Variable")
            both = [name for name in chosen if name in unmeasured]
            if both:
                raise ValueError(f"{', '.join(both)}: named both in variables= and in latent=; it is one or the other.")
            return [name for name in self.random if name in set(chosen)]
        found, observed = self.of_units, {rv.name for rv in self.model.observed_RVs}
        if observed:
            found = [name for name in found if name in observed or name in self.outcomes]
        found = [name for name in found if name not in unmeasured]
        if not found:
            raise ValueError(
                f"latent names every variable with the dims of the data ({', '.join(unmeasured)}): none left."
            )
        return found

    def likely_latent(self, data_names):
        """Names of data variables that look like random effects: nobody measures those, as a rule.

        No other data variable acts on such a variable, and it acts on one alone. Either its distribution has unknown
        parameters and it enters without a coefficient, as the true effects of the eight schools; or it is standard
        normal and scaled by a parameter that can't be negative, as their non-centered twins.
        """
        found, random = [], set(self.random)
        for name in data_names:
            variable = self.model[name]
            unknown = nx.ancestors(self.graph, name) & random
            acted_on = reached_first(self.graph, name, random)
            if unknown & set(data_names) or len(acted_on) != 1 or variable.dtype != "float64":
                continue
            scales = _scales(self.model, variable, self.model[acted_on.pop()])
            if (unknown and scales == []) or (not unknown and scales and _is_standard_normal(variable)):
                found.append(name)
        return found

    def is_drawn_unnamed(self, name):
        """Whether a deterministic draws by itself, as what ``pm.do`` sets to a distribution: it isn't only a function."""
        named, waiting = set(self.model.named_vars.values()), [self.model[name]]
        while waiting:
            variable = waiting.pop()
            if variable.owner is None:
                continue
            if isinstance(variable.owner.op, RNGConsumerOp):
                return True
            waiting += [one for one in variable.owner.inputs if one not in named]
        return False

    def attributes(self, name, done):
        """What a graph says of a variable: its dims, whether it was observed, whether it is one of those set by do."""
        given = {rv.name for rv in self.model.observed_RVs} | set(self.containers)
        return {
            "dims": self.dims(name),
            "observed": name in given and name not in done,
            "intervened": name in done,
        }


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


def lengths_of(variable):
    """Length of each of a variable's axes, without drawing it."""
    known = variable.type.shape
    # An unoptimized graph draws a variable, unseeded, to look at its shape; this mode asks its parameters' shapes.
    return known if None not in known else tuple(map(int, variable.shape.eval(mode=Mode(linker="py"))))
