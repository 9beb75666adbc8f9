"""A model under do: what is held at its data, what is kept from the posterior, what is drawn again."""

from dataclasses import dataclass

import numpy as np
import pymc as pm
from pytensor.graph.traversal import ancestors
from pytensor.tensor import TensorVariable
from pytensor.tensor.random.op import RNGConsumerOp

from helpers._models.checks import as_mapping, check_names
from helpers._models.internals import change_dist_size, rvs_in_graph
from helpers._models.order import UNOPTIMIZED
from helpers._models.roles import find_roles
from helpers._models.sized import Sized
from helpers._models.support import check_codes, check_drawn_as_fitted, first_impossible

DRAWS = 200


@dataclass(frozen=True)
class World:
    """A sized model under do. `model` is the copy that is drawn from; nothing else is changed by it."""

    sized: Sized
    do: dict
    model: pm.Model
    held: tuple  # random variables at their data
    kept: tuple  # random variables at their posterior draws
    drawn: tuple  # what is drawn anew and changes the outcome
    notes: tuple  # on what the answer is about

    def values(self, data):
        """Arrays for all that is fixed, in the world of these data: what is held, and what is set."""
        fixed, _ = do_values(self.sized, data, self.do)
        return self.sized.fill_all({name: data[name] for name in self.held}) | fixed

    def check(self, values):
        """Raise where a policy sets what its treatment's distribution holds to be impossible."""
        containers = {name: value for name, value in values.items() if name in self.sized.containers}
        held = {name: values[name] for name in self.held}
        natural = self.sized.give(pm.do(self.sized.model, held), containers)
        fixed = {name: value for name, value in values.items() if name in self.do}
        _check_set(natural, fixed, {}, lambda _: self.sized.give(pm.do(self.sized.model, held | fixed)))


def make_world(sized, data, posterior, do, outcome, unit_noise):
    """The world of an intervention, once everything in it is known to be possible.

    Parameters
    ----------
    sized : Sized
    data : xarray.Dataset
        Observed values, and those of containers.
    posterior : iterable of str
        Names of which there are posterior draws.
    do, outcome, unit_noise
        As for `intervene`.
    """
    model = sized.model
    fixed, random = do_values(sized, data, do)
    roles = find_roles(sized, set(data.data_vars), set(posterior), set(do), outcome, unit_noise)
    held = sized.fill_all({name: data[name] for name in roles.held})
    containers = sized.fill_all({name: data[name] for name in sized.containers if name in data and name not in do})
    natural = sized.give(
        pm.do(model, held), containers | {name: fixed[name] for name in sized.containers if name in fixed}
    )
    _check_set(natural, fixed, random, lambda values: sized.give(pm.do(model, held | fixed | values), containers))
    check_drawn_as_fitted(natural, [name for name in roles.drawn if name not in data and name not in random])
    world = sized.give(pm.do(model, held | fixed | random), containers)
    _check_potentials(sized, roles.drawn)
    # They have done their part in the fit: nothing that is drawn here depends on them.
    world.potentials.clear()
    drawn = [*roles.drawn, *(name for name in random if name == outcome or name in roles.relevant)]
    return World(sized, dict(do), world, tuple(roles.held), tuple(roles.kept), tuple(drawn), tuple(roles.notes))


def as_intervention(structure, do, what="do"):
    """An intervention as a dict, once it is known that the model has what it sets."""
    do = as_mapping(do, what, "{'z': 1}")
    check_names(do, structure.settable, "Treatment")
    return do


def do_values(sized, data, do):
    """Arrays for what is set to values, and distributions of one draw a unit for what is set by chance."""
    values = {name: _value(sized, name, value, data) for name, value in do.items()}
    random = {name: value for name, value in values.items() if isinstance(value, TensorVariable)}
    fixed = {name: sized.fill(name, value) for name, value in values.items() if name not in random}
    return fixed, {name: _one_a_unit(sized, name, value) for name, value in random.items()}


def _value(sized, name, value, data):
    """The value of an intervention: a policy called, an expression evaluated, a distribution left as it is."""
    value = value(data) if callable(value) else value
    if not isinstance(value, TensorVariable):
        return value
    if set(ancestors([value])) & set(sized.model.named_vars.values()):
        raise ValueError(
            f"The value for {name!r} is an expression of the model's own variables, which do would draw again. "
            f"To shift the data, pass a callable of them: {{{name!r}: lambda data: data[{name!r}] + 1}}."
        )
    return value if rvs_in_graph([value]) else value.eval()


def _one_a_unit(sized, name, distribution):
    """A distribution as a stochastic intervention: one independent draw for each unit."""
    variable = sized.model[name]
    discrete = all(np.dtype(one.dtype).kind in "biu" for one in (distribution, variable))
    if not discrete and not np.can_cast(distribution.dtype, variable.dtype):
        raise TypeError(
            f"{name!r} takes {variable.dtype}; the distribution for it draws {distribution.dtype}. "
            "Use a discrete distribution for a discrete variable."
        )
    shape = sized.fill(name, 0).shape
    given = tuple(length if length is not None else want for length, want in zip(distribution.type.shape, shape))
    if distribution.ndim == variable.ndim and given != shape:
        raise ValueError(f"The distribution for {name!r} has the shape {given}; expected {shape}, or none.")
    if distribution.ndim < variable.ndim and not isinstance(distribution.owner.op, RNGConsumerOp):
        raise ValueError(
            f"The value for {name!r} is computed from a distribution that is drawn once. Give the distribution the shape "
            f"{shape}, as pm.Normal.dist(shape={shape}), to draw it for each unit."
        )
    if distribution.ndim < variable.ndim:
        distribution = change_dist_size(distribution, shape[: variable.ndim - distribution.ndim])
    if variable.dtype == "bool":
        return distribution > 0
    return distribution.astype(variable.dtype)


def _check_set(natural, fixed, random, world):
    """Raise for values that the treatment's own distribution holds to be impossible, drawn ones included.

    `natural` is the model before the treatment is set; `world` makes that in which it is set to some values.
    """
    drawn = {name: pm.draw(value, DRAWS, random_seed=0, mode=UNOPTIMIZED) for name, value in random.items()}
    extremes = [{name: end(axis=0)} for name, draws in drawn.items() for end in (draws.min, draws.max)]
    for values in (fixed, *extremes):
        wrong = first_impossible(natural, values, fixed, closed=True)
        if wrong:
            how = "drawn as" if wrong.name in random else "set to"
            raise ValueError(
                f"{wrong.name!r} can't be {how} {wrong.value}: it lies outside the support of its distribution, "
                f"{wrong.kind}."
            )
        check_codes(world(values))


def _check_potentials(sized, drawn):
    for potential in sized.model.potentials:
        moved = {name for name in drawn if sized.model[name] in ancestors([potential])}
        if moved:
            raise ValueError(
                f"The potential {potential.name!r} depends on {', '.join(sorted(moved))}, which is drawn again here: "
                "the fit knew of the potential, the draw doesn't. Write it as a distribution."
            )
