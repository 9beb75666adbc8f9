"""Random small models, and the ways to spell them, as plain data."""

from dataclasses import dataclass, fields
from functools import cached_property

import networkx as nx

ARMS = 3
KINDS = ("normal", "bernoulli", "poisson", "category", "lognormal")


@dataclass(frozen=True, repr=False)
class Node:
    name: str
    kind: str  # one of KINDS, or "covariate"
    parents: tuple = ()
    dims: tuple = ("i",)
    latent: bool = False
    grouped: bool = False

    def __repr__(self):
        extra = f"{', latent' * self.latent}{', grouped' * self.grouped}"
        return f"<{self.name} ~ {self.kind}({', '.join(self.parents)}), {self.dims}{extra}>"


@dataclass(frozen=True)
class Spec:
    """A model, and a question to it, as plain data."""

    nodes: tuple  # in causal order
    labels: tuple  # pairs of a dim and its labels
    do: tuple  # what is set: variables, or their means
    outcome: str
    unit_noise: str | None
    over: str  # "nothing", "dim" or "weights"
    constant: frozenset  # covariates and codes that are numbers in the graph; the others lie in pm.Data
    alike: bool  # whether all units get one value under do
    given: bool  # whether the containers stand in the data, too
    seed: int

    @cached_property
    def by_name(self):
        return {node.name: node for node in self.nodes} | {"codes": Node("codes", "covariate")}

    @cached_property
    def coords(self):
        return dict(self.labels)

    @cached_property
    def parameters(self):
        """Dims of each parameter."""
        dims = {}
        for node in self.nodes:
            if node.kind != "covariate":
                dims[f"a_{node.name}"] = ()
                is_arm = {p: self.by_name[p].kind == "category" for p in node.parents}
                dims |= {f"b_{p}_{node.name}": ("arm",) if is_arm[p] else () for p in node.parents}
                dims |= {f"g_{node.name}": ("g",)} if node.grouped else {}
                dims |= {f"s_{node.name}": ()} if node.kind in ("normal", "lognormal") else {}
        return dims

    def dims(self, name):
        """Dims of a variable, a parameter or a mean."""
        if name in self.parameters:
            return self.parameters[name]
        if not name.endswith("_mu"):
            return self.by_name[name].dims
        node = self.by_name[name[:-3]]
        used = {dim for parent in node.parents for dim in self.by_name[parent].dims} | (
            {"i"} if node.grouped else set()
        )
        return tuple(dim for dim in node.dims if dim in used)

    @cached_property
    def containers(self):
        covariates = [node.name for node in self.nodes if node.kind == "covariate"]
        return covariates + ["codes"] * any(node.grouped for node in self.nodes)

    @cached_property
    def measured(self):
        """What the data hold."""
        measured = [node.name for node in self.nodes if node.kind != "covariate" and not node.latent]
        return measured + [name for name in self.containers if self.given and name not in self.constant]

    @cached_property
    def downstream(self):
        """Variables that the intervention may change."""
        graph = nx.DiGraph([(p, node.name) for node in self.nodes for p in node.parents])
        below = set().union(*(nx.descendants(graph, n) for n in self.do if n in graph))
        for name in (n[:-3] for n in self.do if n.endswith("_mu")):
            below |= {name} | (nx.descendants(graph, name) if name in graph else set())
        return below - set(self.do)

    @cached_property
    def acting(self):
        """Variables that still act on the outcome under the intervention."""
        last = self.outcome.removesuffix("_mu")
        set_ = {name.removesuffix("_mu") for name in self.do}
        arrows = [(p, node.name) for node in self.nodes for p in node.parents if node.name not in set_]
        graph = nx.DiGraph(arrows)
        return {last} | (nx.ancestors(graph, last) if last in graph else set())

    @cached_property
    def noise(self):
        """Latent variables of single units that only what the intervention changes depends on."""
        acts_on = [node.name for node in self.nodes if "u" in node.parents]
        affected = acts_on and all(name in self.downstream and f"{name}_mu" not in self.do for name in acts_on)
        return {"u"} - self.downstream if affected else set()


def random_spec(pick):
    """A spec; pick(n) chooses one of 0 … n - 1, 0 being the simplest."""
    every = ("i", "t") if pick(4) == 3 else ("i",)
    nodes, groups = [], pick(3) == 2
    if pick(2):
        nodes.append(Node("x", "covariate", dims=every if pick(3) < 2 else every[pick(len(every)) :][:1]))
    count, place = 2 + pick(3), pick(5)
    for k in range(count):
        if place == k + 1:
            dims = every if pick(2) else ("i",)
            seen = tuple(node.name for node in nodes if pick(2) and set(node.dims) <= set(dims))
            nodes.append(Node("u", "normal", seen, dims, latent=True))
        kind = KINDS[pick(len(KINDS))]
        parents = tuple(node.name for node in nodes if pick(2) or (node is nodes[-1] and k == count - 1))
        nodes.append(Node(f"v{k}", kind, parents, every, grouped=groups and bool(pick(2) or k == count - 1)))
    containers = [node.name for node in nodes if node.kind == "covariate"] + ["codes"] * groups
    constant = frozenset(name for name in containers if pick(2))
    settable = [f"v{k}" for k in range(count - 1)] + [n for n in containers if n not in constant and n != "codes"]
    do = [settable[pick(len(settable))] for _ in range(1 + (pick(4) == 3))]
    if pick(6) == 5 and do[0] != "x":
        do[0] += "_mu"
    last = f"v{count - 1 if pick(5) < 4 else pick(count)}"
    outcome = last if last not in do and pick(4) == 3 else f"{last}_mu"
    n, style = 2 + pick(4), pick(3)
    labels = [range(n), "dbaec"[:n], (30, 10, 50, 20, 40)[:n]][style]
    labels = {"i": labels, "t": ((2002, 2001, 2003), range(2))[pick(2)], "g": ("s", "r", "q")[: 2 + pick(2)]}
    labels |= {"arm": range(ARMS)}
    return Spec(
        nodes=tuple(nodes),
        labels=tuple((dim, tuple(values)) for dim, values in labels.items()),
        do=tuple(dict.fromkeys(do)),
        outcome=outcome if outcome not in do else last,
        unit_noise=(None, "redraw", "keep")[pick(3)],
        over=("nothing", "dim", "weights")[pick(3)],
        constant=constant,
        alike=not pick(2),
        given=bool(pick(2)),
        seed=pick(1000),
    )


@dataclass(frozen=True, repr=False)
class Spelling:
    """How a spec is written; each field is one change that keeps its meaning."""

    named: tuple = ()  # expressions that get a Deterministic of their own
    undimmed: bool = False  # whether those have no dims
    noncentered: tuple = ()
    shaped: tuple = ()  # with a shape instead of dims
    transposed: tuple = ()
    order: tuple = ()  # pairs of a dim and its labels in another order
    rows: tuple = ()  # labels of a shuffled frame, where the model only numbers the rows that it was written for
    renamed: bool = False
    moved: tuple = ()  # from pm.Data to a constant or back
    backwards: int = 0  # defined in another order
    data: str = "dataset"
    do: str = "arrays with labels"
    over: str = "array with labels"
    generator: bool = False

    def __repr__(self):
        changed = [f"{f.name}={getattr(self, f.name)!r}" for f in fields(self) if getattr(self, f.name) != f.default]
        return f"Spelling({', '.join(changed)})"
