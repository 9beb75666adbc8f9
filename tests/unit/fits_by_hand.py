"""Fits written by hand: the posterior is known, so each answer is too, and nothing is sampled."""

import numpy as np
import pymc as pm
import xarray as xr
from pytensor.compile.mode import Mode

CHEAP = Mode(linker="py", optimizer=None)  # Each density is evaluated once: compiling would take longer.
CHAINS = 2


def tree(posterior, observed, labels=None, constant=None, draws=50):
    """A fit: each value is (dims, array), or a number; the same in every draw unless it has chain and draw.

    `labels` are those of dims that aren't numbered from 0.
    """
    arrays = {}
    for name, item in posterior.items():
        dims, value = item if isinstance(item, tuple) else ((), item)
        dims, value = [dims] if isinstance(dims, str) else list(dims), np.asarray(value)
        if value.ndim == len(dims):
            value = np.broadcast_to(value, (CHAINS, draws, *value.shape)).copy()
        arrays[name] = (["chain", "draw", *dims], value)
    groups = {}
    for group, content in {"posterior": arrays, "observed_data": observed, "constant_data": constant or {}}.items():
        dataset = xr.Dataset(content)
        coords = {dim: list((labels or {}).get(dim, range(size))) for dim, size in dataset.sizes.items()}
        groups[group] = dataset.assign_coords(coords)
    return xr.DataTree.from_dict(groups)


def mean(draws):
    """Mean over chains and draws; one number for each label of what is left."""
    return draws.astype(float).mean(("chain", "draw"))


def log_density(conditioned, **point):
    """Log density of a conditioned model at a point, of the parameters as they are and not as the sampler sees them."""
    total, values = conditioned.compile_logp(mode=CHEAP, jacobian=False), {}
    for name, value in point.items():
        rv = conditioned[name]
        transform = conditioned.rvs_to_transforms[rv]
        value = np.asarray(value, "float64")
        value = value if transform is None else transform.forward(value, *rv.owner.inputs).eval()
        values[conditioned.rvs_to_values[rv].name] = value
    return float(total(values))


def treated(kind="Normal", effect=None, units=6):
    """One treatment z of a kind, mu = 1 + 2 z (or another effect of a = 1, b = 2 and z), and y around it."""
    effect = effect or (lambda a, b, z: a + b * z)
    with pm.Model(coords={"i": range(units)}) as model:
        a, b = pm.Normal("a"), pm.Normal("b")
        z = {
            "HalfNormal": lambda: pm.HalfNormal("z", dims="i"),
            "Poisson": lambda: pm.Poisson("z", 2, dims="i"),
            "Bernoulli": lambda: pm.Bernoulli("z", 0.5, dims="i"),
            "LogNormal": lambda: pm.LogNormal("z", dims="i"),
            "Normal": lambda: pm.Normal("z", dims="i"),
        }[kind]()
        mu = pm.Deterministic("mu", effect(a, b, z), dims="i")
        pm.Normal("y", mu, 1, dims="i")
    ones = np.ones(units, dtype=int if kind in ("Poisson", "Bernoulli") else float)
    return model, tree({"a": 1.0, "b": 2.0}, {"z": ("i", ones), "y": ("i", np.ones(units))})


def multiplied(labels=range(6)):
    """Effect of z in unit i is x_i = i; the last three are treated."""
    labels = list(labels)
    with pm.Model(coords={"i": labels}) as model:
        b = pm.Normal("b")
        x, z = pm.Normal("x", dims="i"), pm.Normal("z", dims="i")
        pm.Normal("y", pm.Deterministic("mu", b * x * z, dims="i"), 1, dims="i")
    x = np.arange(6.0)
    observed = {"x": ("i", x), "z": ("i", (x >= 3).astype(float)), "y": ("i", np.zeros(6))}
    return model, tree({"b": 1.0}, observed, {"i": labels})


def mediator_model(centered, named=False):
    """x -> m -> y, and a reading of m."""
    with pm.Model(coords={"i": range(40)}) as model:
        a, b = pm.Normal("a", 0, 2), pm.Normal("b", 0, 2)
        x = pm.Normal("x", dims="i")
        mean_m = pm.Deterministic("m_mu", a * x, dims="i") if named else a * x
        if centered:
            m = pm.Normal("m", mean_m, 0.5, dims="i")
        else:
            m = pm.Deterministic("m", mean_m + 0.5 * pm.Normal("m_offset", dims="i"), dims="i")
        pm.Normal("reading", m, 0.3, dims="i")
        pm.Normal("y", pm.Deterministic("mu", b * m, dims="i"), 0.2, dims="i")
    return model
