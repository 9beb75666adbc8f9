"""The three data sets of the project, and the analyses whose numbers the teacher's answers print."""

import numpy as np
import pymc as pm
from causaldata import Mroz, close_college, thornton_hiv

from helpers import contrast, fit, summarize

SEED = 42
HELD = ["age", "age2", "k618", "wc", "hc", "inc"]
PLACE = ["age", "age2", "black", "south", "smsa"]


def summary(draws):
    """Mean, bounds and sd of a quantity's draws."""
    row = summarize({"x": draws}).iloc[0]
    return {"mean": row["mean"], "bounds": list(row.filter(like="hdi")), "sd": row["sd"]}


def people():
    """A: who was offered a voucher (z), and who came for the result (y)."""
    names = {"any": "z", "got": "y", "villnum": "village"}
    return thornton_hiv.load_pandas().data.rename(columns=names)


def women():
    """B: a child under six (z), and work for pay (y)."""
    table = Mroz.load_pandas().data.drop(columns="Unnamed: 0").astype(float)
    age2 = ((table["age"] - 42.5) / 8) ** 2
    return table.assign(z=(table["k5"] > 0).astype(int), y=table["lfp"].astype(int), age2=age2)


def men():
    """C: a college nearby (w), schooling (z), log wage (y)."""
    table = close_college.load_pandas().data.astype(float)
    table = table.rename(columns={"educ": "z", "nearc4": "w", "lwage": "y"})
    table = table.assign(age=table["exper"] + table["z"] + 6)
    return table.assign(age2=(table["age"] - 28) ** 2)


def voucher_model(villages=0):
    """Whether somebody comes, by voucher and distance; with a start for each village where there are any."""
    with pm.Model(coords={"i": [0], "village": range(villages)}) as model:
        far = pm.Data("far", np.zeros(1), dims="i")
        b_y0, b_zy = pm.Normal("b_y0", 0, 1.5), pm.Normal("b_zy", 0, 1.5)
        line = b_y0 + pm.Normal("b_dy", 0, 1) * far
        if villages:
            where = pm.Data("where", np.zeros(1, dtype="int64"), dims="i")
            line = line + pm.HalfNormal("spread", 1) * pm.Normal("offset", 0, 1, dims="village")[where]
        z = pm.Bernoulli("z", 0.78, dims="i")
        y_p = pm.Deterministic("y_p", pm.math.invlogit(line + b_zy * z), dims="i")
        pm.Bernoulli("y", p=y_p, dims="i")
    return model


def vouchers():
    """Effects by the model with villages and without, the spread of villages and what a kilometer does."""
    table = people().dropna(subset=["z", "y", "village"]).reset_index(drop=True)
    codes, villages = table["village"].factorize()
    data = {"far": table["distvct"] - table["distvct"].mean(), "z": table["z"].astype(int), "y": table["y"].astype(int)}
    found = {}
    # Starts of 119 villages need more draws, so that no r-hat among them is high by chance.
    for name, model, draws in (
        ("without", voucher_model(), {"draws": 1200, "tune": 400}),
        ("with", voucher_model(len(villages)), {"draws": 1200, "tune": 600}),
    ):
        ours = data if name == "without" else data | {"where": codes}
        idata = fit(model, ours, seed=SEED, cores=1, **draws)
        effect = contrast(model, idata, {"z": 1}, {"z": 0}, outcome="y_p", seed=SEED, over="i")
        found[name] = summary(effect)
    return found | {name: summary(idata["posterior"][name]) for name in ("spread", "b_dy")}


def villages_drawn_again(table, times, seed=SEED):
    """Standard error of the difference of shares where whole villages are drawn again."""
    rng = np.random.default_rng(seed)
    counts = table.groupby(["village", "z"])["y"].agg(["sum", "size"]).unstack(fill_value=0)
    came, asked = counts["sum"].to_numpy(), counts["size"].to_numpy()
    drawn = rng.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=times)
    share = (drawn @ came) / (drawn @ asked)
    return float(np.std(share[:, 1] - share[:, 0]))


def child_model():
    """One model for all that may be held: a column of zeros holds nothing, and one model is compiled once."""
    names = [*HELD, "lwg"]
    with pm.Model(coords={"i": [0], "column": names}) as model:
        x = pm.Data("x", np.zeros((1, len(names))), dims=("i", "column"))
        b_z0, b_xz = pm.Normal("b_z0", 0, 1.5), pm.Normal("b_xz", 0, 1, dims="column")
        b_y0, b_xy = pm.Normal("b_y0", 0, 1.5), pm.Normal("b_xy", 0, 1, dims="column")
        b_zy = pm.Normal("b_zy", 0, 1.5)
        z = pm.Bernoulli("z", logit_p=b_z0 + x @ b_xz, dims="i")
        y_p = pm.Deterministic("y_p", pm.math.invlogit(b_y0 + x @ b_xy + b_zy * z), dims="i")
        pm.Bernoulli("y", p=y_p, dims="i")
    return model, names


def standardized(table, names, held):
    """Columns of mean zero and sd one, and zeros for those that aren't held."""
    x = table[names]
    return ((x - x.mean()) / x.std()).mul([name in held for name in names]).to_numpy()


def children():
    """ATT with what is held, with `lwg` too, without age, and of the women under 40; and the ATE."""
    model, names = child_model()
    every = women()
    young = every[every["age"] < 40].reset_index(drop=True)
    found = {}
    for name, table, held in (
        ("ATT", every, HELD),
        ("with lwg", every, names),
        ("without age", every, [name for name in HELD if "age" not in name]),
        ("under 40", young, HELD),
    ):
        data = {"x": standardized(table, names, held), "z": table["z"].to_numpy(), "y": table["y"].to_numpy()}
        idata = fit(model, data, seed=SEED, chains=2, cores=1, draws=1500, tune=500)
        effect = contrast(model, idata, {"z": 1}, {"z": 0}, outcome="y_p", seed=SEED)
        found[name] = summary(effect.isel(i=np.flatnonzero(data["z"] == 1)).mean("i"))
        found.setdefault("ATE", summary(effect.mean("i")))
    return found


def odds_weights(x, z, y):
    """ATT by weights: the mean of the treated less that of the others, weighed by the odds of the treatment."""
    b = np.zeros(x.shape[1])
    for _ in range(10):  # Newton's steps, of which six are enough
        p = 1 / (1 + np.exp(-x @ b))
        b += np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x, x.T @ (z - p))
    return y[z == 1].mean() - np.average(y[z == 0], weights=(p / (1 - p))[z == 0])


def att_by_weights(times, seed=SEED):
    """The ATT by weights, and its standard error by rows that are drawn again."""
    table, rng = women(), np.random.default_rng(seed)
    x = np.column_stack([np.ones(len(table)), standardized(table, HELD, HELD)])
    z, y = table["z"].to_numpy(), table["y"].to_numpy()
    again = rng.integers(len(z), size=(times, len(z)))
    return odds_weights(x, z, y), float(np.std([odds_weights(x[rows], z[rows], y[rows]) for rows in again]))


def least_squares(y, *columns):
    """Coefficients and their standard errors."""
    x = np.column_stack([np.ones(len(y)), *columns])
    b = np.linalg.lstsq(x, y, rcond=None)[0]
    rest = y - x @ b
    return b, np.sqrt(np.diag(np.linalg.inv(x.T @ x)) * (rest @ rest) / (len(y) - x.shape[1]))


def by_college(table, names):
    """Slope of log wage on schooling by least squares and by the ratio, with their errors, and F of the first stage."""
    held = table[names].to_numpy()
    y, z, w = (table[name].to_numpy() for name in "yzw")
    plain, plain_se = least_squares(y, z, held)
    first, first_se = least_squares(z, w, held)
    inside, outside = (np.column_stack([np.ones(len(y)), one, held]) for one in (w, z))
    b = np.linalg.solve(inside.T @ outside, inside.T @ y)
    rest = y - outside @ b
    inverse = np.linalg.inv(inside.T @ outside)
    se = np.sqrt((inverse @ (inside.T @ inside) @ inverse.T)[1, 1] * (rest @ rest) / (len(y) - outside.shape[1]))
    return {"plain": (plain[1], plain_se[1]), "F": (first[1] / first_se[1]) ** 2, "ratio": (b[1], se)}


def schooling_model():
    """An unseen cause taken out by algebra: what the instrument moves has the effect, the rest carries news of u."""
    with pm.Model(coords={"i": [0], "column": PLACE}) as model:
        x = pm.Data("x", np.zeros((1, len(PLACE))), dims=("i", "column"))
        w, assumed = pm.Data("w", np.zeros(1), dims="i"), pm.Data("assumed", 0.3)
        b_z0, b_wz, b_xz = pm.Normal("b_z0", 0, 2), pm.Normal("b_wz", 0, 1), pm.Normal("b_xz", 0, 1, dims="column")
        b_zy, slope = pm.Normal("b_zy", 0, assumed), pm.Normal("slope", 0, 0.3)
        # What goes past z has priors Normal(6, 1) and Normal(0, 0.5). Drawn with what goes through z added, which the
        # data know well, it leaves no ridge on which chains walk slowly.
        b_y0 = pm.Normal("b_y0", 6 + b_zy * b_z0, 1)
        b_xy = pm.Normal("b_xy", b_zy * b_xz, 0.5, dims="column")
        sigma_z, sigma_y = pm.HalfNormal("sigma_z", 3), pm.HalfNormal("sigma_y", 1)
        z_mu = b_z0 + b_wz * w + x @ b_xz
        z = pm.Normal("z", z_mu, sigma_z, dims="i")
        pm.Normal("y", b_y0 + b_zy * b_wz * w + x @ b_xy + slope * (z - z_mu), sigma_y, dims="i")
    return model


def schooling(priors=(0.3, 0.05)):
    """The effect of a year of schooling under priors of several widths."""
    table, model = men(), schooling_model()
    x = table[PLACE]
    data = {name: table[name] - table[name].mean() for name in "wz"}
    data |= {"x": ((x - x.mean()) / x.std()).to_numpy(), "y": table["y"]}
    found = {}
    for assumed in priors:
        ours = data | {"assumed": assumed}
        idata = fit(model, ours, seed=SEED, cores=1, draws=1500, tune=700, target_accept=0.95)
        found[assumed] = summary(idata["posterior"]["b_zy"])
    return found
