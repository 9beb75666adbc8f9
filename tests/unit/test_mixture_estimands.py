"""Estimands of recover on mixtures, which PyTensor can't draw for many parameters at once."""

import numpy as np
import pymc as pm
import pytest
from conftest import SEED

from helpers import recover

SHORT = {"seed": SEED, "draws": 200, "tune": 200, "chains": 2, "progressbar": False}
CLOSED = {
    "zero-inflated": lambda e: 0.7 * np.exp(e),
    "hurdle": lambda e: 0.7 * np.exp(e) / -np.expm1(-np.exp(e)),
    "mixture": lambda e: 1.7 * e,
}


def closed_form(mean):
    return lambda draws, data: mean(draws["b"]) - mean(0 * draws["b"])


@pytest.fixture(scope="module")
def recovered():
    """Three outcomes of one model, in which z varies so little that chance is small beside what is unknown of b."""
    with pm.Model(coords={"i": range(400)}) as model:
        b, z = pm.Normal("b", 0, 0.5), pm.Normal("z", 0, 0.1, dims="i")
        rate = pm.math.exp(b * z)
        pm.ZeroInflatedPoisson("zero-inflated", 0.7, rate, dims="i")
        pm.HurdlePoisson("hurdle", 0.7, rate, dims="i")
        pm.Mixture("mixture", [0.3, 0.7], [pm.Normal.dist(b * z, 1), pm.Normal.dist(2 * b * z, 1)], dims="i")
    drawn = {f"drawn {name}": ({"z": 1}, {"z": 0}, name) for name in CLOSED}
    closed = {f"closed {name}": closed_form(mean) for name, mean in CLOSED.items()}
    return recover(model, {"b": 0.5}, datasets=1, estimands=drawn | closed, **SHORT)


@pytest.mark.parametrize("outcome", CLOSED)
def test_equals_the_closed_form(recovered, outcome):
    drawn, closed = recovered[f"drawn {outcome}"], recovered[f"closed {outcome}"]
    # Under one truth the difference of 800 units has a standard error of about 0.06; 400 draws average it further.
    for statistic, tolerance in (("truth", 0.25), ("mean", 0.03)):
        np.testing.assert_allclose(drawn.sel(statistic=statistic), closed.sel(statistic=statistic), atol=tolerance)
    # Chance may add a twentieth to the posterior's variance, and the noise it is told from is an estimate.
    assert (drawn.sel(statistic="sd") < 1.2 * closed.sel(statistic="sd")).all()
