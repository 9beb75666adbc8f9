"""A compiled sampler is kept for a model, and never taken for one that has changed since."""

import numpy as np
import pymc as pm
import pytensor
import pytest
import xarray as xr
from conftest import SEED

from helpers import recover
from helpers._models import sampler

SHORT = {"datasets": 2, "seed": SEED, "progressbar": False, "draws": 100, "tune": 100}


class Shifted:
    """A mean plus a shift, which is held by a container, by a shared variable of no model, or by a length."""

    def __init__(self, shift=0.0, units=3):
        self.shared = pytensor.shared(np.full(2, shift))
        with pm.Model(coords={"i": range(units)}) as self.model:
            held = pm.Data("held", shift)
            mu = pm.Normal("mu", 0, 1)
            pm.Normal("y", mu + held + self.shared.sum(), 1, dims="i")


def compilations(monkeypatch):
    """How often nutpie compiles from here on."""
    count, compile_model = [], sampler.nutpie.compile_pymc_model
    monkeypatch.setattr(
        sampler.nutpie, "compile_pymc_model", lambda *args, **kw: count.append(1) or compile_model(*args, **kw)
    )
    return count


CHANGES = {
    "container": (lambda one: one.model.set_data("held", 3.0), 0),
    "shared variable": (lambda one: one.shared.set_value(np.full(2, 3.0)), 1),
    "length": (lambda one: one.model.set_dim("i", 5, coord_values=range(5)), 0),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_model_that_changed_is_fitted_as_it_is_now(what, monkeypatch):
    change, expected = CHANGES[what]
    one, other = Shifted(), Shifted()
    count = compilations(monkeypatch)
    recover(one.model, **SHORT)
    change(one)
    again = recover(one.model, **SHORT)
    assert sum(count) == 1 + expected
    change(other)
    xr.testing.assert_identical(recover(other.model, **SHORT), again)
    assert sum(count) == 2 + expected


def test_the_same_model_is_compiled_once(monkeypatch):
    one, count = Shifted(), compilations(monkeypatch)
    first = recover(one.model, {"mu": 1}, **SHORT)
    xr.testing.assert_identical(recover(one.model, {"mu": 1}, **SHORT), first)
    recover(one.model, sizes={"i": 9}, **SHORT)
    assert sum(count) == 1


def test_a_variable_more_is_another_model(monkeypatch):
    one, count = Shifted(), compilations(monkeypatch)
    recover(one.model, **SHORT)
    with one.model:
        pm.Normal("x", pm.Normal("nu"), 1, dims="i")
    assert {"mu", "nu"} <= set(recover(one.model, **SHORT).data_vars)
    assert sum(count) == 2
