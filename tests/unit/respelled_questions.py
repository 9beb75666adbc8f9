"""What the helpers are asked about a model in one spelling, and what becomes of the question."""

import inspect
import traceback
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytensor
import xarray as xr
from pytensor.compile.mode import Mode
from respelled_models import Numbers, Writer

import helpers
from helpers import PROB, InterventionWarning, condition, contrast, intervene, recover, simulate
from helpers.recovery.estimands import make_estimand
from helpers.recovery.machine import constants_of
from helpers.recovery.plan import make_plan
from helpers.recovery.simulator import Simulator

CHEAP = Mode(linker="py", optimizer=None)  # Each graph is evaluated once: compiling would take longer.
NOT_ASKED = "NumPy is not asked"
HOME = Path(helpers.__file__).parent


def given(value, how, order=(), dims=None):
    """Values with labels, as somebody else would hand them over."""
    plain = value.sel({dim: list(labels) for dim, labels in order if dim in value.dims})
    plain = plain.transpose(*dims) if dims else plain
    if how in ("array", "arrays"):
        return plain.to_numpy()
    if how in ("list", "lists"):
        return plain.to_numpy().tolist()
    if how == "scalar" or (not value.ndim and "series" in how):
        return value.to_numpy().flat[0].item()
    if how in ("shuffled array with labels", "shuffled dataset"):
        return value.isel({dim: slice(None, None, -1) for dim in value.dims})
    if how.startswith("policy"):
        handed = given(value, "series" if "series" in how else "")
        return lambda data: handed
    if "series" in how:
        series = value.rename("value").to_series()
        series = series.astype(bool) if how == "yes/no series" else series
        return series[::-1] if "shuffled" in how else series
    return value


class Question:
    """A spec in one spelling, and what the helpers are asked about it."""

    def __init__(self, spec, spelling, about):
        self.spec, self.spelling = spec, spelling
        # A likelihood needs spread; an answer that is a number needs none.
        self.numbers = Numbers(spec, 1, 1) if about == "condition" else Numbers(spec)
        self.writer = Writer(spec, spelling, self.numbers)
        self.model = self.writer.model()
        self.seed = np.random.default_rng(3) if spelling.generator else 3

    def _plain(self, name, array):
        """Without dims in the model, an array has none of the model's labels anywhere."""
        array = array.transpose(..., *self.writer.dims(name))
        if self.spelling.rows and "i" in array.dims:
            array = array.sel(i=list(self.spelling.rows))
        if name not in self.spelling.shaped:
            return array
        own = {dim: f"{self.writer.name(name)}_dim_{axis}" for axis, dim in enumerate(self.writer.dims(name))}
        return array.drop_vars(own).rename(own)

    def draws(self):
        """Posterior draws of all that is latent, with the offsets of what isn't centered."""
        found = {self.writer.name(n): self._plain(n, array) for n, array in self.numbers.draws.items()}
        offsets = {n: self.numbers.offsets(n) for n in self.spelling.noncentered}
        return found | {f"{self.writer.name(n)}_o": self._plain(n, array) for n, array in offsets.items()}

    def fit(self):
        data = {n: self._plain(n, array) for n, array in self.numbers.data.items()}
        containers = [n for n in self.spec.containers if not self.writer.is_constant(n)]
        observed = {self.writer.name(n): array for n, array in data.items() if n not in self.spec.containers}
        groups = {
            "posterior": xr.Dataset(self.draws()).expand_dims(chain=1).assign_coords(chain=[0], draw=range(3)),
            "observed_data": xr.Dataset(observed),
            "constant_data": xr.Dataset({self.writer.name(n): data[n] for n in containers}),
        }
        return xr.DataTree.from_dict({name: group for name, group in groups.items() if group})

    def side(self, values):
        how = {n: "array" if n in self.spelling.shaped else self.spelling.do for n in values}
        return {
            self.writer.name(n): given(value, how[n], self.spelling.order, self.writer.dims(n))
            for n, value in values.items()
        }

    def options(self):
        spec, over = self.spec, None
        if spec.dims(spec.outcome) and spec.over != "nothing":
            over = "i" if spec.over == "dim" else given(self.numbers.weights, self.spelling.over)
        outcome = self.writer.name(spec.outcome)
        return {"outcome": outcome, "seed": self.seed, "over": over, "unit_noise": spec.unit_noise}

    def intervene(self):
        side = self.side(self.numbers.sides[0])
        return self.by_label(self.spec.outcome, intervene(self.model, self.fit(), side, **self.options()))

    def contrast(self):
        sides = [self.side(values) for values in self.numbers.sides]
        return self.by_label(self.spec.outcome, contrast(self.model, self.fit(), *sides, **self.options()))

    def by_label(self, name, array):
        """An array with the dims, the labels and the order of the spec itself."""
        array = array.squeeze("chain", drop=True) if "chain" in array.dims else array
        axes = [dim for dim in array.dims if dim != "draw"]
        if not set(axes) <= set(self.spec.coords):
            array = array.rename(dict(zip(axes, self.writer.dims(name), strict=True)))
            array = array.assign_coords({dim: list(self.writer.coords[dim]) for dim in self.writer.dims(name)})
        dims = [dim for dim in self.spec.dims(name) if dim in array.dims]
        array = array.sel({dim: list(self.spec.coords[dim]) for dim in dims}).transpose(..., *dims)
        return array.values / self.numbers.scale(name)

    def truth(self):
        """The first draw, as the truth of a simulation."""
        known = self.draws()
        for n in self.spelling.noncentered:
            del known[self.writer.name(n)]
        one = {n: array.isel(draw=0, drop=True) for n, array in known.items()}
        return {n: array if array.ndim else float(array) for n, array in one.items()}

    def measured(self, function):
        """What tells data from latent variables: as few words as the spelling needs."""
        measured = [node.name for node in self.spec.nodes if not node.latent and node.kind != "covariate"]
        can_say = "latent" in inspect.signature(function).parameters
        if "u" not in self.spec.by_name and not self.spelling.shaped:
            return {}
        if can_say and not self.spelling.shaped and "u" not in self.spelling.noncentered:
            return {"latent": [self.writer.name("u")]}
        return {"variables": [self.writer.name(n) for n in measured]}

    def simulate(self):
        data = simulate(self.model, self.truth(), seed=self.seed, **self.measured(simulate))
        names = [node.name for node in self.spec.nodes if not node.latent and node.kind != "covariate"]
        return np.concatenate([np.ravel(self.by_label(n, data[self.writer.name(n)])) for n in names])

    def recover(self):
        estimand = (*(self.side(values) for values in self.numbers.sides), self.writer.name(self.spec.outcome))
        effect, _ = true_effect(self.model, self.truth(), estimand, **self.measured(recover))
        return effect / self.numbers.scale(self.spec.outcome)

    def data(self):
        """The data in the form of the spelling."""
        how = self.spelling.data
        names = [n for n in self.spec.measured if n not in self.spec.containers or not self.writer.is_constant(n)]
        arrays = {n: self.writer.coded(n) for n in names}
        if "frame" in how:
            frame = pd.DataFrame({self.writer.name(n): given(array, "series") for n, array in arrays.items()})
            frame = frame[::-1] if "shuffled" in how else frame
            return frame.reset_index(drop=True) if how == "plain frame" else frame
        handed = {
            # One of two is shuffled, so that they disagree on the order.
            self.writer.name(n): given(
                self._plain(n, array), how.removeprefix("shuffled " * (k % 2)), self.spelling.order
            )
            for k, (n, array) in enumerate(arrays.items())
        }
        return xr.Dataset(handed) if "dataset" in how else handed

    def condition(self):
        conditioned = condition(self.model, self.data())
        point = {}
        for rv in conditioned.free_RVs:
            array = self.draws()[rv.name].isel(draw=0)
            labels = {dim: conditioned.coords.get(dim) for dim in array.dims}
            order = {dim: list(own) for dim, own in labels.items() if own and dim in array.indexes}
            order = {
                d: own if set(own) == set(self.spec.coords[d]) else list(self.writer.coords[d])
                for d, own in order.items()
            }
            value = array.sel(order).values
            transform = conditioned.rvs_to_transforms[rv]
            point[conditioned.rvs_to_values[rv]] = value if transform is None else np.log(value)
        total = pytensor.function(list(point), conditioned.logp(jacobian=False), mode=CHEAP, on_unused_input="ignore")
        return float(total(*point.values())) - self._stretched()

    def _stretched(self):
        """What the scale of offsets adds to the log density of what they stand for."""
        scales = {n: np.log(2 if n != "u" else float(self.numbers.draws["s_u"][0])) for n in self.spelling.noncentered}
        return sum(self.numbers.draws[n][0].size * scale for n, scale in scales.items())


def true_effect(model, truth, estimand, **measured):
    """The truth of an estimand in recover, and the data for which it holds, without a fit, which takes seconds."""
    variables, latent = measured.get("variables"), measured.get("latent")
    plan = make_plan(model, truth, None, 3, {"effect": estimand}, None, None, PROB, variables, latent, {})
    known, data = Simulator(plan)(3)
    data = data.assign(constants_of(plan))
    return float(make_estimand(plan, data, estimand).truth(known, data, 3)), data


def expected(spec, about):
    """The answer by NumPy alone, where there is one; None where another question would have to be answered."""
    if about not in ("intervene", "contrast"):
        return NOT_ASKED
    if spec.unit_noise == "keep" and "u" in spec.downstream & spec.acting:
        return None
    numbers = Numbers(spec)
    high, low = (numbers.answer(values) for values in numbers.sides)
    found, dims = high if about == "intervene" else high - low, spec.dims(spec.outcome)
    if dims and spec.over != "nothing":
        found = found.mean("i") if spec.over == "dim" else found.weighted(numbers.weights).mean(dims)
    return found.values / numbers.scale(spec.outcome)


def ask(spec, spelling, about):
    """What became of a question: an answer, a refusal or a fault, with its text, and whether there was a warning."""
    question = Question(spec, spelling, about)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            answer, how = getattr(question, about)(), "answer"
        except Exception as error:
            frames = [Path(frame.filename) for frame in traceback.extract_tb(error.__traceback__)]
            if not any(HOME in path.parents for path in frames):
                raise  # A fault of these tests.
            inside, last = HOME in frames[-1].parents, frames[-1].name
            answer, how = (
                f"{type(error).__name__}: {str(error)[:300]} ({last})",
                "refusal" if inside else "fault",
            )
    meant = [w for w in caught if issubclass(w.category, InterventionWarning)]
    leaked = [w for w in caught if w not in meant and HOME not in Path(w.filename).parents]
    if how == "answer" and leaked:
        answer, how = f"{leaked[0].category.__name__}: {leaked[0].message}", "leak"
    return how, answer, bool(meant)
