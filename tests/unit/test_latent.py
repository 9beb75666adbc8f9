"""Who says what is measured: latent= in simulate and recover, what is stored, and when a word is due."""

import numpy as np
import pymc as pm
import pytest
from conftest import SEED

from helpers import LatentWarning, recover, simulate

SHORT = {"seed": SEED, "draws": 200, "tune": 200, "chains": 2, "progressbar": False}
Y = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
ERRORS = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])
PRIOR = {"mu": 5, "tau": 5}


def schools(centered=True, observed=False, scaled=True):
    with pm.Model(coords={"school": list("ABCDEFGH")}) as model:
        mu, tau = pm.Normal("mu", 0, 5), pm.HalfNormal("tau", 5)
        if centered:
            theta = pm.Normal("theta", mu, tau, dims="school")
        else:
            theta = mu + tau * pm.Normal("theta_raw", dims="school")
            theta = pm.Deterministic("theta", theta, dims="school") if scaled else theta
        pm.Normal("y", theta, ERRORS, dims="school", observed=Y if observed else None)
    return model


# Samplers are kept for a model as long as it is the same object.
SCHOOLS = schools()


class TestSimulate:
    @pytest.mark.parametrize(
        ("model", "name"),
        [
            (schools(), "theta"),
            (schools(centered=False), "theta_raw"),
            (schools(centered=False, scaled=False), "theta_raw"),
        ],
    )
    def test_warns_of_what_looks_latent(self, model, name):
        with pytest.warns(LatentWarning, match=rf"^{name}: taken as measured.*say latent=\['{name}'\];.*latent=\[\]"):
            data = simulate(model, PRIOR, seed=SEED)
        assert list(data.data_vars) == [name, "y"] and data.attrs == {"observed": f"{name}, y"}

    @pytest.mark.parametrize(("centered", "name"), [(True, "theta"), (False, "theta_raw")])
    def test_the_caller_says_what_is_latent(self, centered, name):
        model = schools(centered)
        measured = simulate(model, PRIOR, seed=SEED, latent=[])
        assert measured.attrs == {"observed": f"{name}, y"}
        for latent in ([name], name, (name,)):
            data = simulate(model, PRIOR, seed=SEED, latent=latent)
            assert list(data.data_vars) == ["y"] and data.attrs == {"observed": "y", "latent": name}
            np.testing.assert_array_equal(data["y"], measured["y"])

    def test_a_latent_variable_may_have_a_truth(self):
        data = simulate(schools(), PRIOR | {"theta": 1000}, seed=SEED, latent=["theta"])
        assert list(data.data_vars) == ["y"] and float(abs(data["y"] - 1000).max()) < 4 * ERRORS.max()

    def test_what_is_observed_in_the_model_is_data(self):
        model = schools(observed=True)
        with pytest.raises(ValueError, match="truth gives no value for theta: each must be fixed.*name in latent="):
            simulate(model, PRIOR, seed=SEED)
        assert simulate(model, PRIOR, seed=SEED, latent=["theta"]).attrs == {"observed": "y", "latent": "theta"}

    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            ({"latent": ["thta"]}, KeyError, "Latent variable 'thta' is unknown. Did you mean 'theta'"),
            ({"latent": ["theta", "y"]}, ValueError, r"latent names every variable .* \(theta, y\): none left"),
            ({"latent": ["theta"], "variables": ["theta", "y"]}, ValueError, "theta: named both in variables= and in"),
            ({"latent": 3}, TypeError, "latent is an int; expected a sequence of names"),
        ],
    )
    def test_refuses(self, options, error, message):
        with pytest.raises(error, match=message):
            simulate(schools(), PRIOR, seed=SEED, **options)


class TestRecover:
    @pytest.mark.parametrize(("centered", "name"), [(True, "theta"), (False, "theta_raw")])
    def test_warns_of_what_looks_latent(self, centered, name):
        # Warnings are errors here, so nothing is compiled.
        with pytest.raises(LatentWarning, match=rf"^{name}: taken as measured.*latent=\['{name}'\]"):
            recover(schools(centered), datasets=2, **SHORT)

    def test_unknown_effects_leave_more_unknown(self):
        sds = {}
        for label, options in {"measured": {"latent": []}, "latent": {"latent": ["theta"]}}.items():
            result = recover(SCHOOLS, PRIOR, datasets=3, target_accept=0.95, **options, **SHORT)
            taken = ("theta, y", "") if label == "measured" else ("y", "theta")
            assert (result.attrs["observed"], result.attrs["latent"]) == taken
            sds[label] = float(result["mu"].sel(statistic="sd").mean())
        assert dict(result["theta"].sizes) == {"dataset": 3, "statistic": 8, "school": 8}
        # With eight known effects the sd of mu is that of their mean, about tau / sqrt(8) = 1.8, and 3.3 without.
        assert sds["measured"] < 2.4 and 2.8 < sds["latent"] < 4

    @pytest.mark.parametrize("options", [{"variables": ["y"]}, {"latent": "theta"}])
    def test_says_what_was_observed(self, options):
        result = recover(SCHOOLS, PRIOR, datasets=2, **options, **SHORT)
        assert result.attrs["observed"] == "y" and result.attrs["latent"] == options.get("latent", "")

    def test_observed_in_the_model(self):
        result = recover(schools(observed=True), datasets=2, target_accept=0.95, **SHORT)
        assert result.attrs["observed"] == "y" and set(result.data_vars) >= {"mu", "tau", "theta"}
