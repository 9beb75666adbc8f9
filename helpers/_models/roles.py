"""What becomes of each random variable under an intervention, told by the graph, by dims, and by the caller."""

from typing import NamedTuple

import networkx as nx

from helpers._models.checks import as_names, check_names
from helpers._models.order import read_by_codes
from helpers._models.structure import reached_first


class UnitsOnly(NamedTuple):
    """For `recover`: redraw what has one value for each unit, keep what has one for several."""

    latent: list | None  # what the caller says is latent, None where nothing was said


class Roles(NamedTuple):
    """Names of random variables by what becomes of them."""

    held: list  # at their data
    kept: list  # at their posterior draws
    drawn: list  # drawn anew, and the outcome listens to them
    relevant: set  # all that the outcome listens to
    notes: list  # on what the answer is about


def find_roles(sized, data, posterior, do, outcome, unit_noise):
    """Sort the random variables of a model under an intervention.

    Parameters
    ----------
    sized : Sized
    data, posterior, do : set of str
        Names of which there are data, of which there are draws, and which are set.
    outcome : str
    unit_noise : {None, "keep", "redraw"} or sequence of str
        As for `intervene`.
    """
    graph, names = sized.graph, sized.random
    downstream = set().union(*(nx.descendants(graph, name) for name in do)) - do
    if not do and (outcome in data or outcome not in posterior):
        # Nothing is done: an outcome that was seen is replicated, all else stays as it was.
        downstream = {outcome}
    cut = graph.edge_subgraph([edge for edge in graph.edges if edge[1] not in do]).copy()
    relevant = {outcome} | (nx.ancestors(cut, outcome) if outcome in cut else set())
    upstream = [name for name in names if name not in downstream | do]
    held = [name for name in upstream if name in data]
    kept = [name for name in upstream if name not in data and name in posterior]
    lacking = [name for name in upstream if name in relevant and name not in data and name not in posterior]
    if lacking:
        raise ValueError(
            f"{', '.join(lacking)}: neither in the observed data nor in the posterior of idata. "
            "Is it a fit of this model? Nothing is drawn from its prior unasked."
        )
    noise, unclear, mediators, grouped = [], [], [], []
    if do:
        noise = [name for name in _noise(sized, kept, downstream, do) if name in relevant]
        units = _unit_axes(sized, downstream)
        unclear = [name for name in noise if not any(_shares_a_dim(_axes(sized, name), unit) for unit in units)]
        mediators = [name for name in names if name in downstream & relevant & posterior and name not in data]
    if isinstance(unit_noise, UnitsOnly):
        said = unit_noise.latent
        noise = [
            name for name in noise if name in (said or ()) or (name not in unclear and _axes(sized, name) in units)
        ]
        unclear, unit_noise = ([] if said is not None else unclear), "redraw"
    else:
        others = [name for name in kept if name in relevant and name not in noise]
        grouped = _grouped(sized, others, downstream, do)
    again, notes = _choice(unit_noise, noise, unclear, mediators, kept, do)
    if grouped and isinstance(unit_noise, str) and unit_noise == "redraw":
        notes.append(
            f"{', '.join(grouped)}: kept at the posterior, one value for each of the groups that units are assigned to by "
            f"codes. If these groups are the units, name what is to be drawn anew: unit_noise={[*noise, *grouped]}."
        )
    drawn = [name for name in names if name in relevant and (name in downstream or name in again)]
    return Roles(held, [name for name in kept if name not in again], drawn, relevant, notes)


def _choice(unit_noise, noise, unclear, mediators, kept, do):
    """Which latent variables of units are drawn anew, and what must be said about it."""
    treatment = ", ".join(sorted(do))
    if isinstance(unit_noise, str) and unit_noise == "redraw":
        if unclear:
            raise ValueError(
                f"{', '.join(unclear)}: as long as there are units, and without dims, so it may have one value a unit "
                f"or be a parameter. Give it dims, or say what is to be drawn anew: unit_noise={unclear} (in recover "
                f"latent={unclear}, or latent=[] for parameters)."
            )
        return noise, []
    if isinstance(unit_noise, str) and unit_noise == "keep":
        if mediators:
            raise ValueError(
                f"{', '.join(mediators)}: latent, and changed by {treatment}. unit_noise='keep' asks about these very "
                "units (rung 3), and the noise in which they differ is no variable of the model in this spelling. "
                "Write it non-centered, as a mean plus a scale times an offset, or say unit_noise='redraw'."
            )
        return [], []
    if unit_noise is not None:
        if isinstance(unit_noise, str):
            raise ValueError(
                f"unit_noise is {unit_noise!r}; expected 'keep' or 'redraw', or a list of the latent variables to redraw."
            )
        chosen = as_names(unit_noise, "unit_noise")
        # A mediator is drawn anew in any case; who names it means just that.
        check_names(chosen, [*kept, *mediators], "unit_noise:")
        return chosen, []
    notes = []
    if noise:
        notes.append(
            f"{', '.join(noise)}: latent, one value a unit, acting only on what {treatment} changes. "
            "It is kept at its posterior, which asks about these very units (rung 3). "
            "Say unit_noise='keep' if you mean that, or unit_noise='redraw' for units like them (rung 2)."
        )
    if mediators:
        notes.append(
            f"{', '.join(mediators)}: latent, and changed by {treatment}. It is drawn anew given its causes, which asks "
            "about units like these (rung 2). Say unit_noise='redraw' if you mean that; for these very units (rung 3) "
            "write it non-centered, as a mean plus a scale times an offset, and say unit_noise='keep'."
        )
    return [], notes


def _noise(sized, kept, downstream, do):
    """Latent variables with one value a unit, on which only what the treatment changes depends.

    Deterministics are passed through. A latent confounder is no noise: the treatment listens to it, too. What acts only
    through noise is noise.
    """
    units = _unit_axes(sized, downstream)
    stops = set(sized.random) | do
    reached = {name: reached_first(sized.graph, name, stops) for name in kept}
    acting = [name for name in kept if reached[name] or nx.descendants(sized.graph, name) & downstream]
    of_units = [name for name in acting if any(_within(_axes(sized, name), unit) for unit in units)]
    noise, before = set(), None
    while noise != before:
        before = set(noise)
        noise |= {name for name in of_units if reached[name] <= downstream | noise}
    return [name for name in kept if name in noise]


def _grouped(sized, kept, downstream, do):
    """Latent variables of groups that are read by codes, on which only what the treatment changes depends."""
    stops, found = set(sized.random) | do, []
    for name in kept:
        reached = reached_first(sized.graph, name, stops)
        by_codes = any(read_by_codes(sized, dim, len(sized.labels[dim]), ()) for dim in sized.dims(name))
        if by_codes and reached <= downstream and (reached or nx.descendants(sized.graph, name) & downstream):
            found.append(name)
    return found


def _unit_axes(sized, downstream):
    """The axes of the random variables that the treatment changes; of all that it changes, where they have no dims."""
    random = [name for name in sized.random if name in downstream]
    bare = not any(sized.dims(name) for name in random)
    return [_axes(sized, name) for name in (downstream if bare else random)]


def _axes(sized, name):
    """The axes of a variable with their lengths: named after its dims, or None where it was given a shape instead."""
    dims = sized.model.named_vars_to_dims.get(name) or [None] * sized.model[name].ndim
    shape = sized.model[name].type.shape
    return frozenset((dim, len(sized.labels[dim]) if dim is not None else length) for dim, length in zip(dims, shape))


def _within(axes, unit):
    """Whether a variable has a value of its own for a unit, or for some: it shares a dim with it, or has its lengths."""
    lengths = {length for _, length in unit if length != 1}
    bare = any(dim is None for dim, _ in axes | unit)
    return _shares_a_dim(axes, unit) or (bare and bool(axes) and all(length in lengths for _, length in axes))


def _shares_a_dim(axes, unit):
    return bool({dim for dim, _ in axes & unit} - {None})
