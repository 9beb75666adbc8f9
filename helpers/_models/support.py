"""What a model holds to be possible: values within a support, codes within their range, draws as the fit has them."""

from typing import NamedTuple

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pytensor.graph.basic import Constant
from pytensor.graph.replace import graph_replace
from pytensor.graph.traversal import ancestors, apply_ancestors
from pytensor.tensor.subtensor import (
    AdvancedIncSubtensor,
    AdvancedSubtensor,
    IncSubtensor,
    Subtensor,
    indices_from_subtensor,
)

from helpers._models.internals import default_transform, kind_of, rvs_in_graph
from helpers._models.order import UNOPTIMIZED

TRIALS = 100  # How many values of what isn't fixed are tried before a value counts as impossible.
DRAWS = 200
SCALES = (0.1, 1, 3, 10)  # How far the sampler's space is searched, in its own units.
NEAR = 1e-6
READS, WRITES = (Subtensor, AdvancedSubtensor), (IncSubtensor, AdvancedIncSubtensor)


class Impossible(NamedTuple):
    """A value outside a support, with what a message needs."""

    name: str
    kind: str  # of distribution
    value: object
    count: int
    size: int


def first_impossible(model, values, given=None, *, closed=False):
    """The first variable fixed at what its distribution holds to be impossible, None where there is none.

    A value is impossible when it is so for every value tried of what isn't fixed: draws from the prior, and points of
    the space in which the sampler moves.

    Parameters
    ----------
    model : pymc.Model
        Sized, with its containers set.
    values : mapping of str to array
        What is looked at. Names that aren't random variables pass.
    given : mapping of str to array, optional
        What else is fixed.
    closed : bool
        Whether the ends of a support count as possible: no spend under a log-normal. They do for what is set from
        outside, not for what is observed.
    """
    fixed = _constants(model, {**(given or {}), **values})
    for name, value in values.items():
        rv = model[name]
        if rv not in model.basic_RVs:
            continue
        others = {variable: constant for variable, constant in fixed.items() if variable is not rv}
        with np.errstate(all="ignore"):
            wrong = _impossible(model, rv, np.asarray(value), others, closed)
            seen = wrong.any() or rv not in model.free_RVs or _passes_transform(model, rv, value, others)
        if wrong.any():
            one = np.asarray(value)[wrong].flat[0] if wrong.shape == np.shape(value) else _shown(value)
            return Impossible(name, kind_of(rv) or "its distribution", one, int(wrong.sum()), wrong.size)
        if not seen:
            kind = type(model.rvs_to_transforms[rv]).__name__
            raise ValueError(f"{name!r} can't be {_shown(value)}: its transform, {kind}, excludes it from the fit.")
    return None


def check_derived(model, conditioned, values):
    """Raise for an observed deterministic whose likelihood PyMC can't derive."""
    for name in values:
        if model[name] not in model.deterministics:
            continue
        try:
            conditioned.logp(vars=[conditioned[name]])
        except (NotImplementedError, RuntimeError, ValueError) as error:
            behind = [rv.name for rv in model.basic_RVs if rv in ancestors([model[name]])]
            raise ValueError(
                f"{name!r} is a deterministic, and PyMC can't derive its likelihood. Observe the random variable behind "
                f"it instead ({', '.join(behind) or 'it has none'}), with values computed from your data, as its logarithm."
            ) from error


def check_support(conditioned, values):
    """Raise for observed values that the model holds to be impossible."""
    wrong = first_impossible(conditioned, values)
    if wrong:
        data = values[wrong.name]
        raise ValueError(
            f"{wrong.name!r} has {wrong.count} value(s) of {wrong.size} outside the support of {wrong.kind} "
            f"(range of the data: {np.min(data)} to {np.max(data)})."
        )


def _constants(model, values):
    """What replaces random variables and deterministics that are fixed; containers hold their values themselves."""
    replaced = {variable.name for variable in (*model.basic_RVs, *model.deterministics)}
    return {model[name]: pt.constant(value) for name, value in values.items() if name in replaced}


def _impossible(model, rv, value, others, closed):
    """Which elements of a value are impossible for all that is tried of what isn't fixed."""
    given = pt.constant(value).type("value")
    try:
        logp = pm.logp(rv, given, warn_rvs=False)
    except NotImplementedError:
        return np.array(False)  # A distribution that can only be drawn from; whether a value is possible isn't known.
    [logp] = graph_replace([logp], others, strict=False)
    wrong = _in_all(_densities(model, given, logp), value)
    if closed and value.dtype.kind == "f" and wrong.any():
        step = NEAR * (1 + abs(value))
        for neighbor in (value + step, value - step):
            wrong = wrong & _in_all(_densities(model, given, logp), neighbor)
    return wrong


def _densities(model, given, logp):
    """Functions of a value that give its log density, at one after another of what isn't fixed."""
    function = pm.compile([given], logp, mode=UNOPTIMIZED, random_seed=0, on_unused_input="ignore")
    if not rvs_in_graph([logp]):
        yield function
        return
    for _ in range(TRIALS):
        yield function
    [logp] = model.replace_rvs_by_values([logp])
    start, rng = model.initial_point(), np.random.default_rng(0)
    by_name = {variable.name: variable for variable in model.value_vars}
    inputs = [by_name[name] for name in start]
    function = pm.compile([given, *inputs], logp, mode=UNOPTIMIZED, random_seed=0, on_unused_input="ignore")
    for trial in range(TRIALS):
        scale = SCALES[trial % len(SCALES)]
        noise = [scale * rng.standard_normal(v.shape) if v.dtype.kind == "f" else 0 for v in start.values()]
        point = [np.asarray(v + one, dtype=v.dtype) for v, one in zip(start.values(), noise)]
        yield lambda value, point=point: function(value, *point)


def _in_all(densities, value):
    """Which elements have no density in any of the functions that can be evaluated."""
    wrong = None
    for density in densities:
        try:
            now = ~(density(value) > -np.inf)
        except ValueError:
            continue  # These parameters are themselves impossible, as a negative standard deviation.
        wrong = now if wrong is None else wrong & now
        if not wrong.any():
            break
    return np.array(False) if wrong is None else wrong


def _there_and_back(model, rv, value):
    """A value after it went to the space in which the sampler moves, and came back; None where that changes nothing."""
    transform = model.rvs_to_transforms.get(rv)
    if transform is None or transform is default_transform(rv):
        return None
    return transform.backward(transform.forward(value, *rv.owner.inputs), *rv.owner.inputs)


def _passes_transform(model, rv, value, others):
    """Whether the fit can see a value, so far as what isn't fixed lets it be known."""
    back = _there_and_back(model, rv, pt.constant(value))
    if back is None:
        return True
    back = graph_replace([back], others, strict=False)[0]
    return bool(rvs_in_graph([back])) or _equal(pm.compile([], back, mode=UNOPTIMIZED)(), value)


def _equal(back, value):
    return bool(np.allclose(back, value, rtol=1e-6, atol=1e-9))


def check_drawn_as_fitted(model, names):
    """Raise for variables that are to be drawn though their transform excludes from the fit what would be drawn."""
    for name in names:
        rv = model[name]
        back = _there_and_back(model, rv, rv) if rv in model.free_RVs else None
        if back is None:
            continue
        draw = pm.compile([], [rv, back], mode=UNOPTIMIZED, random_seed=0)
        with np.errstate(all="ignore"):
            pairs = [draw() for _ in range(DRAWS)]
        if not all(_equal(back, value) for value, back in pairs):
            kind = type(model.rvs_to_transforms[rv]).__name__
            raise ValueError(
                f"{name!r} has the transform {kind}, which excludes values from the fit and not from the draw: what is "
                "drawn would come from another prior than the fitted one. Write the constraint into the distributions "
                "(ordered values as a first one plus a cumulative sum of positive steps), or fix the variable."
            )


def check_draws(model, names, kept=None, what="truth"):
    """Raise where what is drawn has impossible parameters, which a fit would exclude: a negative standard deviation.

    Each variable is drawn, and its log density at the draw must be a number.
    """
    known, densities = _constants(model, kept or {}), {}
    values = {name: model[name].type(name) for name in names}
    for name, value in values.items():
        try:
            densities[name] = pm.logp(model[name], value, warn_rvs=False)
        except NotImplementedError:
            continue  # A distribution that can only be drawn from.
    if not densities:
        return
    drawn = graph_replace([model[name] for name in names], known, strict=False)
    logps = graph_replace(
        list(densities.values()), known | {model[name]: value for name, value in values.items()}, strict=False
    )
    draw = pm.compile([], drawn, mode=UNOPTIMIZED, random_seed=0)
    density = pm.compile(list(values.values()), logps, mode=UNOPTIMIZED, on_unused_input="ignore", random_seed=0)
    try:
        with np.errstate(all="ignore"):
            found = dict(zip(densities, density(*draw())))
    except ValueError as error:
        reason = str(error).split("\n")[0]
        raise ValueError(f"The {what} leads to impossible parameters of one of {', '.join(names)}: {reason}.") from None
    wrong = [
        f"{name!r} ({kind_of(model[name]) or 'its distribution'})"
        for name, logp in found.items()
        if not (logp > -np.inf).all()
    ]
    if wrong:
        raise ValueError(f"The {what} leads to impossible parameters of {', '.join(wrong)}.")


def check_codes(model, given=None):
    """Raise where a variable is read at a place that it hasn't got: what is there is other memory, or the last value.

    Looked at are constants, containers, what `given` fixes, and draws of what is drawn.
    """
    fixed = _constants(model, given or {})
    named = {variable: name for name, variable in model.named_vars.items()}
    for node in apply_ancestors([*model.named_vars.values(), *model.potentials]):
        if not isinstance(node.op, READS + WRITES):
            continue
        indices = node.inputs[1:] if isinstance(node.op, READS) else node.inputs[2:]
        for axis, index in enumerate(indices_from_subtensor(indices, node.op.idx_list)):
            if _is_a_place(index):
                _check_range(index, node.inputs[0], axis, fixed, named)


def _is_a_place(index):
    literal = isinstance(index, Constant) and np.ndim(index.data) == 0
    return not isinstance(index, slice) and not literal and getattr(index.type, "dtype", "bool") != "bool"


def _check_range(index, variable, axis, fixed, named):
    source = next((repr(named[one]) for one in ancestors([index]) if one in named), "A constant")
    index, length = graph_replace([pt.as_tensor(index), variable.shape[axis]], fixed, strict=False)
    draw = pm.compile([], index, mode=UNOPTIMIZED, random_seed=0)
    places = _draws(draw) if rvs_in_graph([index]) else draw()
    length = int(pm.compile([], length, mode=UNOPTIMIZED, random_seed=0)())
    if places.size and (places.min() < 0 or places.max() >= length):
        wrong = places.min() if places.min() < 0 else places.max()
        read = next((repr(named[one]) for one in ancestors([variable]) if one in named), "what is read")
        raise ValueError(
            f"{source} holds the code {wrong}, and {read} has values for the "
            f"codes 0 to {length - 1} there." + (" A code of -1 is pandas' for missing." if wrong == -1 else "")
        )


def _draws(draw):
    """Many draws of a place that is drawn, where its parameters allow it."""
    drawn = []
    for _ in range(DRAWS):
        try:
            drawn.append(np.ravel(draw()))
        except ValueError:
            continue  # These parameters are themselves impossible.
    return np.concatenate(drawn) if drawn else np.empty(0)


def _shown(value):
    text = np.array2string(np.asarray(value), threshold=6, edgeitems=3, separator=", ")
    return text if len(text) < 80 else text[:77] + "..."
