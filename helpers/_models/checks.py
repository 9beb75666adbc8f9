"""Small checks that every function uses, so that each mistake reads the same everywhere."""

from collections.abc import Mapping
from difflib import get_close_matches

import numpy as np
import pymc as pm
import xarray as xr

LARGEST_SEED = 2**31


def closest(name, valid):
    """A hint naming the valid names, the nearest one first."""
    valid = sorted(map(str, valid))
    by_lower = {other.lower(): other for other in reversed(valid)}
    near = get_close_matches(str(name).lower(), by_lower, n=1, cutoff=0.5)
    hint = f" Did you mean {by_lower[near[0]]!r}?" if near else ""
    return f"{hint} Valid names: {', '.join(valid) or 'none'}."


def type_with_article(value):
    """Name of a value's type with its article: an int, a Dataset."""
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def check_names(names, valid, what):
    """Raise a KeyError that names the first unknown name and the nearest valid one."""
    valid = list(valid)
    for name in names:
        if name not in valid:
            raise KeyErrorWithMessage(f"{what} {name!r} is unknown.{closest(name, valid)}")


def as_names(names, what):
    """A sequence of names as a list; one name alone is a sequence of one."""
    if isinstance(names, str):
        return [names]
    if not hasattr(names, "__iter__"):
        raise TypeError(f"{what} is {type_with_article(names)}; expected a sequence of names.")
    return list(names)


def as_mapping(value, what, example):
    """A mapping from names as a dict, whatever kind it is: a pandas Series is one, too."""
    if isinstance(value, Mapping) or (hasattr(value, "keys") and hasattr(value, "__getitem__")):
        return {name: value[name] for name in value.keys()}  # noqa: SIM118 - a Series iterates over its values
    raise TypeError(f"{what} is {type_with_article(value)}; expected a mapping from names, for example {example}.")


def check_is_model(model, what="model"):
    """Raise a TypeError for what isn't a model."""
    if not isinstance(model, pm.Model):
        raise TypeError(f"{what} is {type_with_article(model)}; expected a pymc.Model.")


def check_model(model, what="model"):
    """Raise a TypeError for what isn't a model, and a ValueError for one that PyMC can't copy."""
    check_is_model(model, what)
    started = [rv.name for rv, value in model.rvs_to_initial_values.items() if value is not None]
    if started:
        raise ValueError(
            f"{', '.join(started)}: given initval=, and PyMC's do and observe can't copy such a model. "
            f"Leave it out there and say it when you sample: fit(..., initvals={{{started[0]!r}: ...}})."
        )


def check_fit(idata):
    """Raise for what isn't the result of a fit: a DataTree with posterior and observed_data."""
    if not isinstance(idata, xr.DataTree):
        raise TypeError(
            f"idata is {type_with_article(idata)}; expected the xarray.DataTree that fit or pm.sample gave."
        )
    for group in ("posterior", "observed_data"):
        if group not in idata.children:
            raise ValueError(
                f"idata has no group {group!r} (it has {', '.join(idata.children) or 'none'}): "
                "pass what fit or pm.sample gave."
            )
    lacking = [dim for dim in ("chain", "draw") if dim not in idata["posterior"].sizes]
    if lacking:
        raise ValueError(
            f"The posterior of idata has no dim {' and no '.join(map(repr, lacking))}: pass the fit as it came, "
            "not one chain or a summary of it."
        )


def as_seed(seed):
    """The seed as an int: itself, or the next number of a Generator.

    Drawn once, so that two worlds that are compared share their random numbers.
    """
    if isinstance(seed, np.random.Generator):
        return int(seed.integers(LARGEST_SEED))
    if isinstance(seed, (bool, np.bool_)) or not isinstance(seed, (int, np.integer)):
        raise TypeError(f"seed is {seed!r}; expected a whole number or a numpy.random.Generator.")
    if seed < 0:
        raise ValueError(f"seed is {seed}; expected a whole number of at least 0.")
    return int(seed)


class KeyErrorWithMessage(KeyError):
    """A KeyError whose text is shown as it is: KeyError itself shows the repr of its text."""

    def __str__(self):
        return self.args[0]
