"""Latent variables of units are drawn with the data, hear the same data, and are kept from the fit."""

import numpy as np
import pymc as pm
import pytest
from conftest import SEED
from fits_by_hand import mediator_model

from helpers import recover, simulate

SHORT = {"seed": SEED, "draws": 200, "tune": 200, "chains": 2, "progressbar": False}


def unmeasured_model():
    """u -> z, u -> y, z -> y."""
    with pm.Model(coords={"i": range(60)}) as model:
        b, g = pm.Normal("b"), pm.Normal("g", 1, 0.25)
        u = pm.Normal("u", dims="i")
        z = pm.Normal("z", u, 1, dims="i")
        pm.Normal("y", pm.Deterministic("y_mu", b * z + g * u, dims="i"), 1, dims="i")
    return model


def test_no_word_on_what_is_measured_as_a_rule():
    data = simulate(unmeasured_model(), {"b": 0.5, "g": 1}, seed=SEED)
    assert data.attrs == {"observed": "u, z, y"}


def test_drawn_with_the_data():
    data = simulate(mediator_model(True), {"a": 2, "b": 1}, {"i": 20_000}, seed=SEED, latent=["m"])
    assert data.attrs == {"observed": "x, reading, y", "latent": "m"}
    # Both hear the same m, whose own noise of 0.5 they share: the covariance that x leaves is 0.25.
    left = {name: data[name] - 2 * data["x"] for name in ("reading", "y")}
    assert float((left["reading"] * left["y"]).mean()) == pytest.approx(0.25, abs=0.01)
    assert float(left["reading"].std()) == pytest.approx(np.hypot(0.5, 0.3), abs=0.02)


def test_an_unmeasured_confounder_leaves_the_effect_less_certain():
    model, sds = unmeasured_model(), []
    for latent in ([], ["u"]):
        truth = {"b": 0.5, "g": 1}
        result = recover(model, truth, datasets=2, latent=latent, **SHORT)
        assert result.attrs["observed"] == ("z, y" if latent else "u, z, y")
        sds.append(float(result["b"].sel(statistic="sd").mean()))
    assert 1.2 * sds[0] < sds[1]


def test_a_latent_mediator_hears_the_treatment_that_is_in_the_data():
    def own_noise(draws, data):
        return (draws["m"] - draws["a"] * data["x"]).std("i")

    def noise_of_the_reading(draws, data):
        return (data["reading"] - draws["m"]).std("i")

    def noise_of_the_outcome(draws, data):
        return (data["y"] - draws["b"] * draws["m"]).std("i")

    estimands = {"own": own_noise, "reading's": noise_of_the_reading, "outcome's": noise_of_the_outcome}
    model, truth = mediator_model(True), {"a": 2, "b": 0.5}
    result = recover(model, truth, {"i": 400}, datasets=2, latent=["m"], estimands=estimands, **SHORT)
    assert result.attrs["observed"] == "x, reading, y" and result.attrs["latent"] == "m"
    for name, expected in {"own": 0.5, "reading's": 0.3, "outcome's": 0.2}.items():
        # The standard error of a standard deviation of 400 values is 3.5 % of it.
        np.testing.assert_allclose(result[name].sel(statistic="truth"), expected, rtol=0.14)
    assert ((result["a"].sel(statistic="lower") < 2) & (result["a"].sel(statistic="upper") > 2)).all()
