"""All that decides the numbers of one recovery, checked before anything is compiled."""

import os
from dataclasses import dataclass

import numpy as np
import pymc as pm

from helpers._models.checks import as_mapping, as_names, as_seed, check_names
from helpers._models.structure import Structure
from helpers._models.truth import check_no_potentials, warn_of_likely_latent
from helpers._models.values import few, same_labels, same_set
from helpers.summary import check_prob

COUNTS = ("divergences", "error", "seed")  # What is said once a data set, beside the quantities.
RESERVED = (*COUNTS, "dataset", "statistic")
TUNE = 300
EXAMPLES = {
    "truth": "{'beta': 0.5}",
    "sizes": "{'i': 100}",
    "estimands": "{'ATE': ({'z': 1}, {'z': 0}, 'y_mu')}",
}


@dataclass(frozen=True)
class Plan:
    """All that decides the numbers of one recovery."""

    model: pm.Model
    generator: pm.Model
    truth: dict
    sizes: dict
    parameters: list  # of the model that is fitted
    generated: list  # the generator's data variables
    latent: list | None  # the generator's variables of units that nobody measures, None where nothing was said
    data_names: list  # those of the generated that the model is fitted to
    estimands: dict
    prob: float
    options: dict  # of the sampler
    seed: int


def make_plan(model, truth, sizes, seed, estimands, generator, executor, prob, variables, latent, options):
    """All that a worker needs to know, checked; the arguments are those of `recover`."""
    check_prob(prob)
    seed = as_seed(seed)
    structure = source = Structure.of(model)
    if generator is not None and generator is not model:
        source = Structure.of(generator, "generator")
    for one in (structure, source):
        check_no_potentials(one)
    arguments = {"truth": truth, "sizes": sizes, "estimands": estimands}
    truth, sizes, estimands = (
        as_mapping({} if given is None else given, what, EXAMPLES[what]) for what, given in arguments.items()
    )
    data_names, generated, latent = _data_of(structure, source, variables, latent)
    check_names(truth, [*source.random, *source.containers], "Truth for")
    parameters = [rv.name for rv in model.free_RVs if rv.name not in data_names]
    _check_names_are_free(structure, parameters, estimands)
    if source is not structure:
        _check_generator(structure, source, parameters, data_names, estimands)
    _check_continuous(model, parameters)
    for name, estimand in estimands.items():
        _check_estimand(name, estimand, structure)
    # Workers of an executor share the cores among themselves.
    cores = (os.cpu_count() or 1) if executor is None else 1
    # Ranks are uniform with 500 and with 200 (benchmarks/bench_calibration.py); longer tuning mostly takes time.
    options = {"draws": 1000, "tune": TUNE, "chains": 2, "cores": cores, **options}
    return Plan(
        model, source.model, truth, sizes, parameters, generated, latent, data_names, estimands, prob, options, seed
    )


def _data_of(structure, source, variables, latent):
    """Names of the data that the model is fitted to, of all that the generator makes, and of what nobody measures."""
    known = set(source.random)
    hidden = as_names(latent or (), "latent")
    check_names(hidden, {*known, *structure.random}, "Latent variable")
    own_latent = None if latent is None else [name for name in hidden if name in structure.random]
    of_units = structure.measured(variables, own_latent)
    warn_of_likely_latent(structure, of_units, variables, latent)
    unmeasured = None if latent is None else [name for name in hidden if name in known]
    said = None if variables is None else [name for name in as_names(variables, "variables") if name in known]
    generated = source.measured(said, unmeasured)
    data_names = [name for name in of_units if name in generated]
    if not data_names:
        raise ValueError("The generator makes none of the model's data variables: nothing to fit.")
    return data_names, generated, unmeasured


def _check_continuous(model, parameters):
    discrete = [name for name in parameters if np.dtype(model[name].dtype).kind in "biu"]
    if discrete:
        raise TypeError(
            f"{', '.join(discrete)}: discrete parameter(s), which NUTS can't sample. "
            "Sum them out of the model, for example with pm.Mixture."
        )


def _check_names_are_free(structure, parameters, estimands):
    """Raise when two results would have one name."""
    taken = [name for name in estimands if name in {*structure.random, *structure.model.coords, *RESERVED}]
    if taken:
        raise ValueError(f"{', '.join(taken)}: an estimand needs a name that nothing in the model or the result has.")
    reserved = [name for name in [*parameters, *structure.model.coords] if name in RESERVED]
    if reserved:
        raise ValueError(f"{', '.join(reserved)}: recover uses this name itself; give the parameter or dim another.")


def _check_generator(structure, source, parameters, data_names, estimands):
    """Raise when there is nothing to compare, or what has one name isn't of one kind."""
    shared = [name for name in parameters if name in source.model.named_vars]
    if not shared and not estimands:
        raise ValueError(
            f"The generator has none of the fitted parameters ({', '.join(parameters)}), and there are no estimands: "
            "nothing to recover. Parameters are matched by name."
        )
    for name in [*shared, *data_names]:
        own, other = structure.axes(name), source.axes(name)
        if own != other:
            raise ValueError(f"{name!r} has the dims {own} in the model and {other} in the generator.")
    ours, theirs = structure.own_labels, source.own_labels
    for dim in ours.keys() & theirs.keys():
        if same_set(ours[dim], theirs[dim]) and not same_labels(ours[dim], theirs[dim]):
            raise ValueError(
                f"The generator has the labels of {dim!r} in another order ({few(theirs[dim])}) than the model "
                f"({few(ours[dim])}): give both the same."
            )


def _check_estimand(name, estimand, structure):
    if callable(estimand):
        return
    if not (isinstance(estimand, tuple) and len(estimand) == 3):
        raise TypeError(f"Estimand {name!r} is neither a callable nor a triple (high, low, outcome).")
    high, low, outcome = estimand
    for side in (high, low):
        as_mapping(side, f"An intervention of estimand {name!r}", "{'z': 1}")
    if outcome in {*high, *low}:
        raise ValueError(f"Estimand {name!r}: its outcome {outcome!r} is set by the intervention; nothing to learn.")
    check_names([outcome], structure.model.named_vars, f"Outcome of estimand {name!r}:")
    for side in (high, low):
        check_names(side, structure.settable, f"Treatment of estimand {name!r}:")
