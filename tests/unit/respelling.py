"""Many random models, each asked in several spellings of one meaning: do the helpers answer alike?

Run many at once, with a report: python tests/unit/respelling.py --models 5000 --seed 1
"""

import argparse
import re
import time
from collections import Counter, defaultdict

import numpy as np
import pytensor
from respelled_questions import CHEAP, NOT_ASKED, ask, expected
from respelled_specs import Spelling, random_spec

import helpers

CLOSE = {"rtol": 1e-6, "atol": 1e-6}  # Wider than what EPS and MANY leave to chance.
DATA = ("arrays", "series", "shuffled series", "frame", "shuffled frame", "plain frame", "shuffled dataset", "lists")
DO = (
    "array",
    "series",
    "shuffled series",
    "shuffled array with labels",
    "policy",
    "policy of series",
    "list",
    "scalar",
)
OVER = ("series", "shuffled series", "shuffled array with labels", "yes/no series")
# Changes after which even the warnings and the refusals must be the same.
EXACT = {"deterministic", "renamed", "definition order", "order of dims"}
MIXED = ("deterministic", "non-centered", "renamed", "definition order", "constant for pm.Data", "order of dims")
# As often as they are asked: a likelihood takes ten times as long as an answer under do.
QUESTIONS = ("intervene",) * 5 + ("contrast", "contrast", "simulate", "simulate", "condition", "condition", "recover")
ONLY = {"data": ["condition"], "values of do": ["intervene", "contrast"], "weights": ["contrast", "intervene"]}
ONLY |= {"generator as seed": ["intervene", "contrast", "simulate"]}
OFTEN = {
    "data": 6,
    "values of do": 3,
    "deterministic": 2,
    "permuted units": 2,
    "rows of a shuffled frame": 2,
    "weights": 2,
}
FAULTS = {"fault": "a library's error", "leak": "a library's warning"}


def changes(spec, about, pick):
    """Every change that applies to a spec, by kind: a function that picks one of its members."""

    def some(items):
        items = list(items)
        first = pick(len(items))
        return tuple(item for k, item in enumerate(items) if k == first or not pick(3))

    nodes = [node for node in spec.nodes if node.kind != "covariate"]
    free = [n for n in spec.parameters if n[0] != "s"]
    if "u" in spec.by_name:
        # In a simulation what it depends on is drawn, and with it what its offsets stand for.
        is_fixed = set(spec.by_name["u"].parents) <= set(spec.containers)
        # Under do the offsets of what the treatment moves ask about these very units, unless they are drawn anew.
        is_same = "u" not in spec.downstream or spec.unit_noise == "redraw"
        is_free = {"condition": True, "intervene": is_same, "contrast": is_same}.get(about, is_fixed)
        free += ["u"] * is_free
    sites = [f"{what} {node.name}" for node in nodes for what in ("intercept", "mean", "spread", "noise")]
    sites += [f"{what} {p} {node.name}" for node in nodes for p in node.parents for what in ("copy", "term")]
    sites += [f"group {node.name}" for node in nodes if node.grouped]
    dimmed = [n for n in spec.parameters if spec.dims(n)] + [node.name for node in spec.nodes]
    is_framed = len({spec.dims(n) for n in spec.measured}) == 1
    named = isinstance(spec.coords["i"][0], str) and spec.dims(spec.measured[0]) == ("i",)
    forms = [how for how in DATA if "frame" not in how or (is_framed and (named or how != "plain frame"))]
    wide = [node.name for node in spec.nodes if len(node.dims) == 2]
    found = {
        "deterministic": lambda: {"named": some(sites), "undimmed": pick(4) == 3},
        "non-centered": lambda: {"noncentered": some(free), "named": ("noise u",) * pick(2)},
        "shape for dims": lambda: {"shaped": some(dimmed)},
        "renamed": lambda: {"renamed": True},
        "definition order": lambda: {"backwards": 1 + pick(2)},
        "permuted units": lambda: {"order": (("i", spec.coords["i"][::-1]),)},
        "data": lambda: {"data": forms[pick(len(forms))]},
        "values of do": lambda: {"do": DO[pick(len(DO) - (not spec.alike))]},
        "generator as seed": lambda: {"generator": True},
    }
    if wide:
        found["order of dims"] = lambda: {"transposed": some(wide)}
        found["permuted times"] = lambda: {"order": (("t", spec.coords["t"][::-1]),)}
    numbered = spec.coords["i"] == tuple(range(len(spec.coords["i"])))
    # A long table says its labels itself; a frame of single units may only have been numbered.
    is_short = is_framed and spec.dims(spec.measured[0]) == ("i",)
    if numbered and (about in ("intervene", "contrast") or (about == "condition" and is_short)):
        found["rows of a shuffled frame"] = lambda: {"rows": spec.coords["i"][::-1], "data": "shuffled frame"}
    if "codes" in spec.containers:
        found["permuted groups"] = lambda: {"order": (("g", spec.coords["g"][::-1]),)}
    movable = [name for name in spec.containers if name not in spec.do]
    if movable:
        found["constant for pm.Data"] = lambda: {"moved": some(movable)}
    mixable = [kind for kind in MIXED if kind in found]
    found["several"] = lambda: {key: value for kind in some(mixable) for key, value in found[kind]().items()}
    if spec.over == "weights" and spec.dims(spec.outcome):
        found["weights"] = lambda: {"over": OVER[pick(len(OVER))]}
    return found


def against_numpy(base, right):
    """None where the first spelling is answered as NumPy does it, or refused, otherwise the kind of disagreement."""
    how, answer, _ = base
    if how != "answer":
        return FAULTS.get(how)
    if right is None:
        return "'keep' is answered for a centered mediator"
    return None if right is NOT_ASKED or np.allclose(answer, right, **CLOSE) else "not the answer of NumPy"


def compare(kind, base, other):
    """None where two spellings agree, or the second is refused, otherwise the kind of disagreement."""
    (how, answer, warned), (how_too, answer_too, warned_too) = base, other
    if how_too != "answer":
        return FAULTS.get(how_too)
    if how == "refusal":
        return "only one is refused" if kind in EXACT else None
    if how == "answer" and not np.allclose(answer, answer_too, **CLOSE):
        # A warning that another question is answered is an honest answer.
        return None if warned_too and not warned else "another answer"
    return "only one warns" if kind in EXACT and warned != warned_too else None


class Tally:
    """What happened to each model, kind of change and question."""

    def __init__(self):
        self.models, self.asked, self.refused, self.found = 0, Counter(), Counter(), defaultdict(list)

    def add(self, kind, about, spec, spelling, base, other, problem):
        self.asked[kind] += 1
        if other[0] == "refusal":
            self.refused[kind, about, re.sub(r"'[^']*'", "…", str(other[1]))[:60]] += 1
        if problem:
            self.found[kind, about, problem].append((len(repr((spec, spelling))), spec, spelling, base, other))

    def report(self):
        refused = Counter()
        for (kind, *_), times in self.refused.items():
            refused[kind] += times
        print(f"{self.models} models, {sum(self.asked.values())} comparisons, {sum(refused.values())} refusals")
        for kind, times in self.asked.most_common():
            print(f"  {kind}: {times} compared, {refused[kind]} refused")
        print("Refusals, the commonest first:")
        for (kind, about, text), times in self.refused.most_common(25):
            print(f"  {times} x {kind}, {about}: {text}")
        models = {id(example[1]) for examples in self.found.values() for example in examples}
        print(f"{len(models)} models with a disagreement")
        for key, examples in sorted(self.found.items(), key=lambda item: -len(item[1])):
            _, spec, spelling, base, other = min(examples, key=lambda example: example[0])
            print(f"\n{len(examples)} x {', '.join(key)}; the smallest:\n  {spec}\n  {spelling}\n  {base}\n  {other}")


def try_model(pick, tally):
    """One question to one random model in several spellings; what disagrees is returned and counted."""
    spec, about = random_spec(pick), QUESTIONS[pick(len(QUESTIONS))]
    apply = {kind: change for kind, change in changes(spec, about, pick).items() if about in ONLY.get(kind, QUESTIONS)}
    kinds = [kind for kind in apply for _ in range(OFTEN.get(kind, 1))]
    tally.models += 1
    found = []
    with pytensor.config.change_flags(mode=CHEAP, traceback__limit=0):
        base, right = ask(spec, Spelling(), about), expected(spec, about)
        asked = [("none", Spelling(), base, against_numpy(base, right))]
        for _ in range(1 + pick(2)):
            kind = kinds[pick(len(kinds))]
            spelling = Spelling(**apply[kind]())
            other = ask(spec, spelling, about)
            label = f"{kind}: {getattr(spelling, kind.split()[-1])}" if kind in ("data", "values of do") else kind
            asked.append((label, spelling, other, compare(kind, base, other)))
    for kind, spelling, other, problem in asked:
        tally.add(kind, about, spec, spelling, base if kind != "none" else right, other, problem)
        if problem:
            found.append(f"{about}, {kind}: {problem}\n{spec}\n{spelling}\n{base}\n{other}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(helpers.__file__)
    tally, start = Tally(), time.perf_counter()
    for index in range(options.models):
        rng = np.random.default_rng([options.seed, index])
        try_model(lambda n, rng=rng: int(rng.integers(n)), tally)
    tally.report()
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
