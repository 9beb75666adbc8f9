"""What a truth fixes before anything is drawn from it, and what must hold for it."""

import warnings

import pymc as pm

from helpers._models.support import check_codes, check_drawn_as_fitted, first_impossible


class LatentWarning(UserWarning):
    """A variable is taken as measured that looks like one nobody can measure."""


def fixed_by_truth(sized, truth, data_names, unmeasured):
    """Arrays for what a truth fixes, once it is known that the model holds them to be possible."""
    sized.check_containers(truth)
    fixed = sized.fill_all(truth)
    containers = {name: fixed[name] for name in fixed if name not in sized.random}
    copy = sized.give(pm.do(sized.model, {}), containers)
    check_codes(copy, fixed)
    parameters = {name: value for name, value in fixed.items() if name not in data_names}
    data = {name: value for name, value in fixed.items() if name in data_names}
    wrong = first_impossible(copy, parameters, fixed) or first_impossible(copy, data, fixed, closed=True)
    if wrong:
        what = "prior" if wrong.name in parameters else "distribution"
        raise ValueError(
            f"{wrong.name!r} can't be {wrong.value}: it lies outside the support of its {what}, {wrong.kind}."
        )
    check_drawn_as_fitted(copy, unmeasured)
    return fixed


def warn_of_likely_latent(structure, data_names, variables, latent):
    """Warn of variables that look like random effects, unless the caller has said what is measured."""
    found = structure.likely_latent(data_names) if variables is None and latent is None else []
    if found:
        warnings.warn(
            f"{', '.join(found)}: taken as measured, since it has the dims of the data, and yet it looks like a random "
            f"effect. If nobody measures it, say latent={found}; if somebody does, latent=[].",
            LatentWarning,
            stacklevel=3,
        )


def check_no_potentials(structure):
    """Raise for a model that isn't generative: what a potential adds, no simulation knows of."""
    if structure.model.potentials:
        names = ", ".join(potential.name for potential in structure.model.potentials)
        raise ValueError(
            f"The model has potentials ({names}). They count when it is fitted and not when data are drawn from it, "
            "so no truth would be recovered. Write them as distributions."
        )
