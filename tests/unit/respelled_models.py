"""The numbers that belong to a spec, and the model of a spec written in a spelling.

All that is drawn has a tiny spread (EPS), while data and latent values lie anywhere: so each answer under do is one
number, whatever the random streams, and what is held, kept or drawn anew shows in it.
"""

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import xarray as xr
from respelled_specs import ARMS

EPS = 1e-9
MANY = 10**15  # A count of so many units spreads by less than EPS ** 0.8 of itself, and is still exact as a float.
SHARPEST = 25  # A chance of e^-25 never happens here, and its logarithm is still finite.
DRAWS = 3


def align(value, have, want):
    """An array, of NumPy or PyTensor, with its axes in the order of `want`, of length 1 where it lacks one."""
    value = value.transpose(*(have.index(dim) for dim in want if dim in have)) if len(have) > 1 else value
    return value[tuple(slice(None) if dim in have else None for dim in want)] if want and have else value


class _Language:
    """A mean is written once, with operators that NumPy and PyTensor share."""

    def __init__(self, spec, eps, unit):
        self.spec, self.eps, self.unit = spec, eps, unit

    def dims(self, name):
        return self.spec.dims(name)

    def named(self, site, value, dims):
        return value

    def mean(self, node):
        """Expected value of a variable on its own scale."""
        want, name = self.dims(f"{node.name}_mu"), node.name
        total = self.named(f"intercept {name}", self.get(f"a_{name}"), ())
        for parent in (self.spec.by_name[p] for p in node.parents):
            dims = self.dims(parent.name)
            value = self.named(f"copy {parent.name} {name}", self.get(parent.name), dims)
            slope = self.get(f"b_{parent.name}_{name}")
            scaled = {"lognormal": self.xp.log, "poisson": lambda count: self.xp.log1p(count / self.unit)}.get(
                parent.kind, lambda x: x
            )
            term = slope[value] if parent.kind == "category" else slope * scaled(value)
            total = total + align(self.named(f"term {parent.name} {name}", term, dims), dims, want)
        if node.grouped:
            term = self.named(f"group {name}", self.get(f"g_{name}")[self.get("codes")], ("i",))
            total = total + align(term, ("i",), want)
        if node.kind == "bernoulli":
            return 1 / (1 + self.xp.exp(-total))
        return self.xp.exp(total) if node.kind in ("poisson", "lognormal") else total


class Numbers(_Language):
    """Draws of the parameters and latent variables, data, values of do, and the answer, all without PyMC."""

    xp = np

    def __init__(self, spec, eps=EPS, unit=MANY):
        super().__init__(spec, eps, unit)
        self.rng = np.random.default_rng(spec.seed)
        self.draws = {name: self._array(name, self._parameter, (DRAWS,)) for name in spec.parameters}
        self.data = {}
        for node in spec.nodes:
            into = self.draws if node.latent else self.data
            into[node.name] = self._array(node.name, self._drawer(node.kind), (DRAWS,) * node.latent)
        if "codes" in spec.containers:
            self.data["codes"] = self._array(
                "codes", lambda name, size: self.rng.integers(len(spec.coords["g"]), size=size)
            )
        self.sides = [{name: self._value(name) for name in spec.do} for _ in range(2)]
        weights = self._array(spec.outcome, lambda name, size: self.rng.integers(2, size=size).astype(float))
        self.weights = weights if weights.any() else weights + 1

    def _array(self, name, draw, first=()):
        dims = self.spec.dims(name)
        shape = (*first, *(len(self.spec.coords[dim]) for dim in dims))
        coords = {dim: list(self.spec.coords[dim]) for dim in dims}
        return xr.DataArray(draw(name, shape), coords, ("draw",) * len(first) + dims)

    def _parameter(self, name, size):
        sign = self.rng.choice((-1, 1), size)
        return self.rng.uniform(0.5, 1, size) * (1 if name[0] == "s" else sign)

    def _drawer(self, kind):
        rng = self.rng
        return {
            "bernoulli": lambda name, size: rng.integers(2, size=size),
            "poisson": lambda name, size: rng.integers(5, size=size) * self.unit,
            "category": lambda name, size: rng.integers(ARMS, size=size),
            "lognormal": lambda name, size: np.exp(rng.normal(0, 0.5, size)),
            "bernoulli_mu": lambda name, size: rng.uniform(0.1, 0.9, size),
            "poisson_mu": lambda name, size: rng.uniform(0.5, 2, size),
            "lognormal_mu": lambda name, size: rng.uniform(0.5, 2, size),
        }.get(kind, lambda name, size: rng.normal(size=size))

    def _value(self, name):
        is_mean = name.endswith("_mu")
        kind = self.spec.by_name[name.removesuffix("_mu")].kind + "_mu" * is_mean
        value = self._array(name, self._drawer(kind))
        return value.copy(data=np.full_like(value, value.values.flat[0])) if self.spec.alike else value

    def scale(self, name):
        """The unit of a variable: answers in it can be compared whatever they are of."""
        return self.unit if name in self.spec.by_name and self.spec.by_name[name].kind == "poisson" else 1

    def get(self, name):
        return self.now[name]

    def offsets(self, name):
        """The standardized draws of a parameter or latent variable."""
        if name != "u":
            return self.draws[name] / 2
        found = self.draws["u"].copy()
        for draw in range(DRAWS):
            self.now = self._at(draw)
            middle = align(np.asarray(self.mean(self.spec.by_name["u"])), self.dims("u_mu"), self.dims("u"))
            found[draw] = (found[draw] - middle) / (self.eps * self.now["s_u"])
        return found

    def _at(self, draw):
        now = {name: array.values[draw] for name, array in self.draws.items()}
        return now | {name: array.values for name, array in self.data.items()}

    def answer(self, do):
        """Outcome under do: dims draw and the outcome's own."""
        found = self._array(self.spec.outcome, lambda name, size: np.zeros(size), (DRAWS,))
        for draw in range(DRAWS):
            found[draw] = self._under(do, self._at(draw))[self.spec.outcome]
        return found

    def _under(self, do, now):
        spec, self.now = self.spec, now
        for node in spec.nodes:
            if node.kind != "covariate":
                name = f"{node.name}_mu"
                now[name] = do[name].values if name in do else np.asarray(self.mean(node))
            if node.name in do:
                now[node.name] = do[node.name].values
            elif node.name in spec.downstream or (node.name in spec.noise and spec.unit_noise == "redraw"):
                shape = [len(spec.coords[dim]) for dim in node.dims]
                now[node.name] = np.broadcast_to(
                    align(self._settled(node, now[name]), self.dims(name), node.dims), shape
                )
        return now

    def _settled(self, node, mean):
        """What is drawn about a mean when nothing spreads."""
        if node.kind == "category":
            return np.where(mean > 0, 1, 2)
        return {"bernoulli": lambda: (mean > 0.5) * 1, "poisson": lambda: mean * self.unit}.get(
            node.kind, lambda: mean
        )()


class Writer(_Language):
    """Writes the model of a spec in a spelling."""

    xp = pt

    def __init__(self, spec, spelling, numbers):
        super().__init__(spec, numbers.eps, numbers.unit)
        self.spelling, self.numbers, self.made = spelling, numbers, {}
        self.coords = spec.coords | dict(spelling.order)

    def name(self, name):
        return f"r_{name[::-1]}" if self.spelling.renamed else name

    def dims(self, name):
        dims = self.spec.dims(name)
        return dims[::-1] if name.removesuffix("_mu") in self.spelling.transposed else dims

    def model(self):
        names = [*self.spec.containers, *(node.name for node in self.spec.nodes)]
        if self.spelling.backwards:
            # What a variable needs is defined on the way to it: each order is a possible one.
            names = [*reversed(self.spec.parameters), *names] if self.spelling.backwards == 1 else names[::-1]
        with pm.Model(coords={dim: list(labels) for dim, labels in self.coords.items()}) as model:
            for name in names:
                self.get(name)
        return model

    def get(self, name):
        if name not in self.made:
            node = self.spec.by_name.get(name)
            make = self._parameter if node is None else self._container if node.kind == "covariate" else self._variable
            self.made[name] = make(name)
        return self.made[name]

    def named(self, site, value, dims):
        if site not in self.spelling.named:
            return value
        dims = None if self.spelling.undimmed or dims is None else dims
        return pm.Deterministic(self.name(site.replace(" ", "_")), pt.as_tensor(value), dims=dims)

    def coded(self, name):
        """Data whose codes count the labels in the model's order."""
        array = self.numbers.data[name]
        if name == "codes":
            array = array.copy(data=[self.coords["g"].index(self.spec.coords["g"][code]) for code in array.values])
        return array

    def ordered(self, name):
        """Data in the order of the model's labels."""
        order = self.coords | ({"i": self.spelling.rows} if self.spelling.rows else {})
        array = self.coded(name).sel({dim: list(order[dim]) for dim in self.spec.dims(name)})
        return array.transpose(*self.dims(name)).values

    def is_constant(self, name):
        return (name in self.spec.constant) != (name in self.spelling.moved)

    def _container(self, name):
        if self.is_constant(name):
            return pt.as_tensor(self.ordered(name))
        return pm.Data(
            self.name(name), self.ordered(name), **({} if self._is_shaped(name) else {"dims": self.dims(name)})
        )

    def _is_shaped(self, name):
        return name in self.spelling.shaped

    def _draw(self, distribution, name, *args, suffix="", **options):
        dims = self.dims(name)
        shape = tuple(len(self.coords[dim]) for dim in dims)
        size = {"shape": shape} if self._is_shaped(name) else {"dims": dims or None}
        return distribution(self.name(name) + suffix, *args, **options, **size)

    def _parameter(self, name):
        if name[0] == "s":
            return self._draw(pm.HalfNormal, name)
        if name not in self.spelling.noncentered:
            return self._draw(pm.Normal, name, 0, 2)
        return pm.Deterministic(
            self.name(name), 2 * self._draw(pm.Normal, name, suffix="_o"), dims=self.dims(name) or None
        )

    def _variable(self, name):
        node = self.spec.by_name[name]
        mean, have, dims = self.mean(node), self.dims(f"{name}_mu"), self.dims(name)
        if f"{name}_mu" in (self.spec.outcome, *self.spec.do) or f"mean {name}" in self.spelling.named:
            without = self.spelling.undimmed and f"mean {name}" in self.spelling.named
            mean = pm.Deterministic(self.name(f"{name}_mu"), mean, dims=None if without else have or None)
        mean = align(mean, have, dims)
        return getattr(self, f"_{node.kind}")(name, mean, dims)

    def _normal(self, name, mean, dims, distribution=pm.Normal):
        spread = self.named(f"spread {name}", self.eps * self.get(f"s_{name}"), ())
        if name not in self.spelling.noncentered:
            return self._draw(distribution, name, mean, spread)
        noise = self.named(f"noise {name}", spread * self._draw(pm.Normal, name, suffix="_o"), dims)
        return pm.Deterministic(self.name(name), mean + noise, dims=dims)

    def _lognormal(self, name, mean, dims):
        return self._normal(name, pt.log(mean), dims, pm.LogNormal)

    def _sharp(self, value):
        return pt.clip(value / self.eps, -SHARPEST, SHARPEST)

    def _bernoulli(self, name, mean, dims):
        return self._draw(pm.Bernoulli, name, logit_p=self._sharp(pt.log(mean / (1 - mean))))

    def _category(self, name, mean, dims):
        logits = self._sharp(mean)
        logits = self.named(f"spread {name}", pt.stack([pt.zeros_like(logits), logits, -logits], axis=-1), None)
        return self._draw(pm.Categorical, name, logit_p=logits)

    def _poisson(self, name, mean, dims):
        return self._draw(pm.Poisson, name, mean * self.unit)
