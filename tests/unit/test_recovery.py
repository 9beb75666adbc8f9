"""recover: the same numbers as the plain loop, honest intervals, nothing lost, whatever the executor."""

import concurrent.futures

import numpy as np
import nutpie
import pymc as pm
import pytest
import xarray as xr
from conftest import LINEAR_TRUTH, SEED, linear_model, logistic_model
from scipy import special, stats

from helpers import RecoveryWarning, recover, simulate

ATE = {"ATE": ({"z": 1}, {"z": 0}, "y_mu")}
QUIET = {"progressbar": False}


def conjugate_model(prior_sd=1.0):
    """Normal mean with known noise: its posterior is known exactly."""
    with pm.Model(coords={"i": range(4)}) as model:
        mu = pm.Normal("mu", 0, prior_sd)
        pm.Normal("y", mu, 1, dims="i")
    return model


def container_model():
    """Each unit has a weight that is data, not drawn."""
    with pm.Model(coords={"i": [0]}) as model:
        weight = pm.Data("weight", [1.0], dims="i")
        slope = pm.Normal("slope")
        pm.Normal("y", slope * weight, 1, dims="i")
    return model


def _logistic_effect(beta_zy, beta_cy, c):
    return (special.expit(beta_zy + beta_cy * c) - special.expit(beta_cy * c)).mean()


# One object each, so that what recover compiled for one test serves the others.
CONJUGATE, LINEAR = conjugate_model(), linear_model()


@pytest.fixture(scope="module")
def linear_recovery():
    return recover(LINEAR, LINEAR_TRUTH, {"i": 60}, datasets=12, seed=SEED, estimands=ATE, **QUIET)


@pytest.fixture(scope="module")
def conjugate_recovery():
    return recover(CONJUGATE, datasets=300, seed=SEED, **QUIET)


class TestNumbers:
    def test_effect_is_the_coefficient_in_a_linear_model(self, linear_recovery):
        # r-hat and ess rank the draws, so a rounding error may change them a little.
        numbers = linear_recovery.sel(statistic=["truth", "mean", "sd", "lower", "upper"])
        np.testing.assert_allclose(numbers["ATE"], numbers["beta_zy"], atol=1e-10)
        np.testing.assert_allclose(linear_recovery["ATE"].sel(statistic="truth"), 0.5)

    def test_fixed_truths_are_recorded(self, linear_recovery):
        for name, value in LINEAR_TRUTH.items():
            assert (linear_recovery[name].sel(statistic="truth") == value).all()
        assert linear_recovery.sizes["dataset"] == 12 and (linear_recovery["error"] == "").all()

    def test_estimates_are_near_the_truth(self, linear_recovery):
        error = linear_recovery["beta_cy"].sel(statistic="mean") - 1
        assert abs(float(error.mean())) < 0.05

    def test_posterior_is_the_conjugate_one(self, conjugate_recovery):
        sd = conjugate_recovery["mu"].sel(statistic="sd")
        np.testing.assert_allclose(sd, 5**-0.5, rtol=0.15)

    def test_ranks_are_uniform_when_truths_come_from_the_prior(self, conjugate_recovery):
        ranks = conjugate_recovery["mu"].sel(statistic="rank")
        assert stats.kstest(ranks, "uniform").pvalue > 0.001
        assert ((ranks > 0) & (ranks < 1)).all()

    def test_arviz_finds_the_ranks_uniform(self, conjugate_recovery):
        ranks = conjugate_recovery[["mu"]].sel(statistic="rank")
        p_value, *_ = ranks.azstats.uniformity_test(dim="dataset")
        assert float(p_value["mu"]) > 0.001

    def test_intervals_cover_as_often_as_they_promise(self, conjugate_recovery):
        mu = conjugate_recovery["mu"]
        truth = mu.sel(statistic="truth")
        covered = float(((mu.sel(statistic="lower") < truth) & (truth < mu.sel(statistic="upper"))).mean())
        # Four standard errors of 300 yes/no answers with probability 0.94.
        assert abs(covered - 0.94) < 4 * (0.94 * 0.06 / 300) ** 0.5

    def test_a_planted_error_shows_in_the_ranks(self):
        wrong = recover(conjugate_model(0.2), generator=conjugate_model(2.0), datasets=60, seed=SEED, **QUIET)
        assert stats.kstest(wrong["mu"].sel(statistic="rank"), "uniform").pvalue < 1e-6

    def test_a_forgotten_confounder_is_biased(self):
        with pm.Model(coords={"i": [0]}) as forgetful:
            beta_y0, beta_zy = pm.Normal("beta_y0"), pm.Normal("beta_zy")
            sigma_y = pm.HalfNormal("sigma_y")
            z = pm.Bernoulli("z", 0.5, dims="i")
            y_mu = pm.Deterministic("y_mu", beta_y0 + beta_zy * z, dims="i")
            pm.Normal("y", y_mu, sigma_y, dims="i")
        result = recover(
            forgetful, LINEAR_TRUTH, {"i": 200}, generator=LINEAR, datasets=8, seed=SEED, estimands=ATE, **QUIET
        )
        ate = result["ATE"]
        assert float((ate.sel(statistic="mean") - ate.sel(statistic="truth")).min()) > 0.5
        assert "beta_cy" not in result

    def test_callable_estimand(self):
        ratio = {"ratio": lambda draws, data: draws["beta_zy"] / draws["beta_cy"]}
        result = recover(LINEAR, LINEAR_TRUTH, {"i": 60}, datasets=2, seed=SEED, estimands=ratio, **QUIET)
        assert (result["ratio"].sel(statistic="truth") == 0.5).all()

    @pytest.mark.parametrize("truth", [LINEAR_TRUTH, {"beta_cz": 0}])
    def test_a_data_set_can_be_made_again_from_its_seed(self, truth):
        total = {"total": lambda draws, data: xr.zeros_like(draws["beta_zy"]) + data["y"].sum()}
        result = recover(LINEAR, truth, {"i": 30}, datasets=2, seed=SEED, estimands=total, **QUIET)
        truths = {name: float(result[name].sel(statistic="truth")[1]) for name in LINEAR_TRUTH}
        again = simulate(LINEAR, truths, {"i": 30}, seed=int(result["seed"][1]))
        np.testing.assert_allclose(again["y"].sum(), result["total"].sel(statistic="truth")[1], rtol=1e-12)
        assert result["total"].sel(statistic=["r_hat", "ess"]).isnull().all(), "a constant has no convergence"

    def test_another_size_needs_no_other_compilation_and_gives_the_same_numbers(self, monkeypatch):
        compiled = []
        compile_model = nutpie.compile_pymc_model
        monkeypatch.setattr(
            nutpie, "compile_pymc_model", lambda *args, **options: compiled.append(1) or compile_model(*args, **options)
        )
        options = {"datasets": 2, "seed": SEED, **QUIET}
        model = container_model()
        recover(model, sizes={"i": 10}, truth={"weight": np.ones(10)}, **options)
        reused = recover(model, sizes={"i": 25}, truth={"weight": np.linspace(0, 2, 25)}, **options)
        assert len(compiled) == 1
        fresh = recover(container_model(), sizes={"i": 25}, truth={"weight": np.linspace(0, 2, 25)}, **options)
        assert len(compiled) == 2
        xr.testing.assert_identical(reused, fresh)

    def test_containers_of_another_length_need_values(self):
        with pytest.raises(ValueError, match="'weight' has 1 values along 'i', which is to have 10"):
            recover(container_model(), sizes={"i": 10}, datasets=1, seed=SEED, **QUIET)

    def test_effect_on_a_yes_no_outcome_is_the_closed_form_over_the_units(self):
        ate = {"ATE": ({"z": 1}, {"z": 0}, "y_p")}
        closed_form = {
            "closed form": lambda draws, data: xr.zeros_like(draws["beta_zy"]) + _logistic_effect(1, 0.5, data["c"])
        }
        result = recover(
            logistic_model(),
            {"beta_zy": 1, "beta_cy": 0.5},
            {"i": 40},
            datasets=3,
            seed=SEED,
            estimands=ate | closed_form,
            **QUIET,
        )
        truth = result.sel(statistic="truth")
        np.testing.assert_allclose(truth["ATE"], truth["closed form"], rtol=1e-12)
        assert truth["ATE"].std() > 0, "its population is the units of each data set"

    def test_one_chain(self):
        result = recover(CONJUGATE, datasets=2, seed=SEED, chains=1, **QUIET)
        assert (result["error"] == "").all() and result["mu"].sel(statistic="mean").notnull().all()

    def test_several_outcomes_of_different_kinds(self):
        with pm.Model(coords={"i": range(80), "item": ["a", "b"]}) as model:
            level, share = pm.Normal("level", 1, 0.3, dims="item"), pm.Beta("share", 2, 2)
            pm.Poisson("count", pm.math.exp(level), dims=("i", "item"))
            pm.Bernoulli("bought", share, dims="i")
        result = recover(model, datasets=4, seed=SEED, variables=["count", "bought"], **QUIET)
        truth, mean, sd = (result.sel(statistic=name) for name in ("truth", "mean", "sd"))
        assert set(truth.data_vars) - {"divergences", "error", "seed"} == {"level", "share"}
        for name in ("level", "share"):
            assert (abs(mean[name] - truth[name]) < 5 * sd[name]).all()

    def test_parameters_with_dims_and_counts(self):
        with pm.Model(coords={"store": ["a", "b"], "i": range(30)}) as model:
            store = pm.Data("store_of", np.arange(30) % 2, dims="i")
            level = pm.Normal("level", 2, 0.5, dims="store")
            pm.Poisson("sales", pm.math.exp(level[store]), dims="i")
        result = recover(model, datasets=3, seed=SEED, **QUIET)
        assert result["level"].dims == ("dataset", "statistic", "store")
        truth, mean = (result["level"].sel(statistic=name) for name in ("truth", "mean"))
        np.testing.assert_allclose(mean, truth, atol=0.5)
        assert list(result["store"].values) == ["a", "b"]


class TestNothingIsLost:
    def test_same_numbers_from_threads_and_processes(self, linear_recovery):
        options = {"datasets": 4, "seed": SEED, "estimands": ATE, **QUIET}
        first = linear_recovery.isel(dataset=slice(4))
        with concurrent.futures.ThreadPoolExecutor(2) as threads:
            xr.testing.assert_equal(recover(LINEAR, LINEAR_TRUTH, {"i": 60}, executor=threads, **options), first)
        with concurrent.futures.ProcessPoolExecutor(2) as processes:
            xr.testing.assert_equal(recover(LINEAR, LINEAR_TRUTH, {"i": 60}, executor=processes, **options), first)

    def test_goes_on_from_a_checkpoint_with_a_torn_last_line(self, conjugate_recovery, tmp_path):
        path = tmp_path / "recovery.jsonl"
        recover(CONJUGATE, datasets=5, seed=SEED, checkpoint=path, **QUIET)
        lines = path.read_text().split("\n")
        path.write_text("\n".join(lines[:4]) + "\n" + lines[4][:20])
        resumed = recover(CONJUGATE, datasets=8, seed=SEED, checkpoint=path, **QUIET)
        xr.testing.assert_equal(resumed, conjugate_recovery.isel(dataset=slice(8)))
        assert len(path.read_text().strip().split("\n")) == 9

    @pytest.mark.parametrize("text", ['{"recover": "another"}\n', "dataset,mean\n0,1\n", "\n"])
    def test_refuses_a_file_that_is_no_checkpoint(self, text, tmp_path):
        path = tmp_path / "recovery.jsonl"
        path.write_text(text)
        with pytest.raises(ValueError, match="isn't a checkpoint of this version of recover"):
            recover(CONJUGATE, datasets=5, seed=SEED, checkpoint=path, **QUIET)

    @pytest.mark.parametrize(
        "change",
        [
            {"model": conjugate_model(2.0)},
            {"truth": {"mu": 1}},
            {"seed": 1},
            {"draws": 400},
            {"estimands": {"twice": lambda draws, data: 2 * draws["mu"]}},
        ],
    )
    def test_refuses_a_checkpoint_whose_numbers_would_differ(self, change, tmp_path):
        path = tmp_path / "recovery.jsonl"
        options = {"model": CONJUGATE, "datasets": 1, "seed": SEED, "checkpoint": path, **QUIET}
        recover(**options)
        kept = path.read_text()
        with pytest.raises(ValueError, match="isn't the checkpoint of this recovery"):
            recover(**options | change)
        assert path.read_text() == kept

    def test_what_a_lost_worker_took_with_it_is_fitted_again(self, conjugate_recovery, tmp_path):
        class Loses(concurrent.futures.ThreadPoolExecutor):
            """Gives two results, then loses its workers."""

            def submit(self, function, payload, index):
                return super().submit(function if index < 2 else self.lose, payload, index)

            @staticmethod
            def lose(payload, index):
                raise ConnectionError("the worker is gone")

        options = {"datasets": 4, "seed": SEED, "checkpoint": tmp_path / "kept", **QUIET}
        with Loses(1) as executor, pytest.warns(RecoveryWarning, match=r"2 of 4 fits failed \(data set 2, 3\)"):
            first = recover(CONJUGATE, executor=executor, **options)
        assert [error != "" for error in first["error"].values] == [False, False, True, True]
        xr.testing.assert_equal(recover(CONJUGATE, **options), conjugate_recovery.isel(dataset=slice(4)))

    def test_a_failing_fit_is_recorded_and_named(self):
        def fragile(draws, data):
            if float(data["y"].mean()) > 0:
                raise ValueError("no sales to divide by")
            return draws["mu"]

        with pytest.warns(
            RecoveryWarning, match=r"of 6 fits failed \(data set [\d, ]+\), the first with ValueError: no sales"
        ):
            result = recover(CONJUGATE, datasets=6, seed=SEED, estimands={"share": fragile}, **QUIET)
        failed = result["error"] != ""
        assert 0 < int(failed.sum()) < 6
        np.testing.assert_array_equal(result["mu"].sel(statistic="mean").isnull(), failed)


class TestMisuse:
    @pytest.mark.parametrize(
        ("change", "error", "message"),
        [
            ({"truth": {"nu": 1}}, KeyError, "Truth for 'nu' is unknown. Did you mean 'mu'"),
            ({"datasets": 0}, ValueError, "datasets is 0; expected at least 1"),
            ({"prob": 94}, ValueError, "prob is 94"),
            ({"estimands": {"ATE": "mu"}}, TypeError, "'ATE' is neither a callable nor a triple"),
            ({"sizes": {"j": 3}}, KeyError, "Dim 'j' is unknown"),
            ({"estimands": {"mu": lambda draws, data: draws["mu"]}}, ValueError, "mu: an estimand needs a name"),
            ({"estimands": {"A": ({"y": 1}, {"x": 0}, "mu")}}, KeyError, "Treatment of estimand 'A': 'x' is unknown"),
            ({"estimands": {"A": ({"y": 1}, {"y": 0}, "nu")}}, KeyError, "'nu' is unknown. Did you mean 'mu'"),
            ({"estimands": {"A": lambda draws, data: draws["nu"]}}, ValueError, "'A' fails on each of 5 data sets"),
            ({"estimands": {"A": lambda draws, data: 1.0}}, ValueError, "expected an xarray.DataArray with dims chain"),
        ],
    )
    def test_refuses(self, change, error, message):
        with pytest.raises(error, match=message):
            recover(CONJUGATE, **({"datasets": 2, "seed": SEED, **QUIET} | change))

    def test_refuses_discrete_parameters(self):
        with pm.Model(coords={"i": range(3)}) as model:
            k = pm.Poisson("k", 3)
            pm.Normal("y", k, 1, dims="i")
        with pytest.raises(TypeError, match=r"k: discrete parameter\(s\), which NUTS can't sample"):
            recover(model, datasets=2, seed=SEED, **QUIET)
