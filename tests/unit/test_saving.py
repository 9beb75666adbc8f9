"""A fit can be kept in a file: it comes back as it was."""

import numpy as np
import pymc as pm
import pytest
import xarray as xr


@pytest.fixture(scope="module")
def idata():
    with pm.Model(coords={"week": ["first", "second", "third"]}):
        mean = pm.Normal("mean")
        pm.Normal("sales", mean, observed=np.array([1.0, 2, 3]), dims="week")
        return pm.sample(
            chains=1, draws=50, tune=50, random_seed=42, progressbar=False, compute_convergence_checks=False
        )


def test_a_fit_is_the_same_after_a_file(idata, tmp_path):
    path = tmp_path / "fit.nc"
    idata.to_netcdf(path)
    with xr.open_datatree(path) as again:
        xr.testing.assert_identical(again.load(), idata)
        assert list(again["posterior"].data_vars) == ["mean"]
        assert again["posterior"].sizes == {"chain": 1, "draw": 50}
        assert again["observed_data"]["week"].values.tolist() == ["first", "second", "third"]
