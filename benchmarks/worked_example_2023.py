"""The steps of the 2023 worked example on today's libraries, as one script: the unit of time for chapters."""

import arviz as az
import matplotlib
import numpy as np
import pymc as pm
import seaborn as sns

matplotlib.use("Agg")
SEED, N = 42, 100
TRUTH = {"beta_z0": 0, "beta_y0": 0, "beta_cz": 1.5, "beta_zy": 0, "beta_cy": 1, "sigma_y": 0.2}

with pm.Model(coords={"i": [0]}) as model:
    beta_z0, beta_cz = pm.Normal("beta_z0"), pm.Normal("beta_cz")
    beta_y0, beta_zy, beta_cy = pm.Normal("beta_y0"), pm.Normal("beta_zy"), pm.Normal("beta_cy")
    sigma_y = pm.HalfNormal("sigma_y")
    c = pm.Normal("c", dims="i")
    z = pm.Bernoulli("z", logit_p=beta_z0 + beta_cz * c, dims="i")
    y_mu = pm.Deterministic("y_mu", beta_y0 + beta_zy * z + beta_cy * c, dims="i")
    pm.Normal("y", y_mu, sigma_y, dims="i")
pm.model_to_networkx(model)

# Simulate with a known truth.
with pm.do(model, TRUTH) as world:
    world.set_dim("i", N, coord_values=range(N))
    data = pm.sample_prior_predictive(draws=1, random_seed=SEED)["prior"].to_dataset().squeeze(drop=True)

# Look naively.
sns.histplot(x=data["y"].values, hue=data["z"].values)

# Observe, infer, compare with the truth.
conditioned = pm.observe(model, {name: data[name].values for name in "czy"})
conditioned.set_dim("i", N, coord_values=range(N))
with conditioned:
    idata = pm.sample(random_seed=SEED, chains=4, progressbar=False)
names = list(TRUTH)
az.summary(idata, var_names=names)
collection = az.plot_dist(idata, var_names=names)
az.add_lines(collection, values={name: float(value) for name, value in TRUTH.items()})

# Intervene: hold c at its data, set z to 0 and to 1.
expected = {}
for value in (0, 1):
    world = pm.do(model, {"c": data["c"].values, "z": np.full(N, value)})
    world.set_dim("i", N, coord_values=range(N))
    pm.model_to_networkx(world)
    with world:
        drawn = pm.sample_posterior_predictive(idata, var_names=["y_mu"], random_seed=SEED, progressbar=False)
    expected[value] = drawn["posterior_predictive"]["y_mu"]
ate = (expected[1] - expected[0]).mean("i")
az.plot_dist(ate.to_dataset(name="ate"))
print(float(ate.mean()), az.hdi(ate, prob=0.94).values)
