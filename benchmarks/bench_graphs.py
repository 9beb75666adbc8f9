"""Time of each question about a graph: at 8, 14 and 40 nodes, and where a graph has 2^20 answers.

Random graphs of several densities, a fifth of their nodes latent. Prints the longest time of each function in seconds,
and fails when one is above its limit: 1 s up to 14 nodes, 2 s at 40 and at the limit of answers.
"""

import sys
import time
import warnings

import networkx as nx
import numpy as np

from helpers import adjustment_sets, frontdoor_sets, identifiable, implied_independences, instruments, paths

SEED, GRAPHS = 42, 20
DENSITIES = {8: (0.2, 0.5, 0.8), 14: (0.1, 0.3, 0.6, 0.9), 40: (0.04, 0.06, 0.08)}
LIMITS = {8: 1, 14: 1, 40: 2, "2^20": 2}
WITH_MANY_ANSWERS = {
    adjustment_sets: "z -> y; " + "; ".join(f"z <- a{k}; a{k} <- b{k}; b{k} -> y" for k in range(20)),
    frontdoor_sets: "z <-> y; " + "; ".join(f"z -> a{k}; a{k} -> b{k}; b{k} -> y" for k in range(20)),
    instruments: "z <-> y; i -> z; z -> y; " + "; ".join(f"i <- a{k}; a{k} <- b{k}; b{k} -> y" for k in range(20)),
    paths: "z -> a0; a21 -> y; " + "; ".join(f"a{k} -> a{n}" for n in range(22) for k in range(n)),
}


def random_question(size, density, rng):
    graph = nx.DiGraph()
    graph.add_nodes_from(range(size))
    graph.add_edges_from(np.argwhere(np.triu(rng.random((size, size)) < density, 1)).tolist())
    order = rng.permutation(size).tolist()
    latent, (treatment, outcome) = order[: size // 5], sorted(order[-2:])
    return graph, treatment, outcome, latent


def seconds(function, *arguments, **options):
    start = time.perf_counter()
    with warnings.catch_warnings():
        # A dense graph has more paths than the limit, and so have the graphs that are there to meet it.
        warnings.filterwarnings("ignore", "Stopped after")
        function(*arguments, **options)
    return time.perf_counter() - start


def longest(size, rng):
    found = {}
    for density in DENSITIES[size]:
        for _ in range(GRAPHS):
            graph, treatment, outcome, latent = random_question(size, density, rng)
            asked = [treatment, outcome]
            calls = {function: asked for function in (adjustment_sets, frontdoor_sets, instruments, identifiable)}
            for function, arguments in (calls | {implied_independences: []}).items():
                time_taken = seconds(function, graph, *arguments, latent=latent)
                found[function.__name__] = max(found.get(function.__name__, 0), time_taken)
            found["paths"] = max(found.get("paths", 0), seconds(paths, graph, *asked))
    return found


def main():
    rng = np.random.default_rng(SEED)
    results = {size: longest(size, rng) for size in DENSITIES}
    results["2^20"] = {
        function.__name__: seconds(function, text, "z", "y") for function, text in WITH_MANY_ANSWERS.items()
    }
    for size, times in results.items():
        print(
            f"{size:>5} nodes" if size != "2^20" else " 2^20 answers", {name: round(t, 4) for name, t in times.items()}
        )
    slow = {size: times for size, times in results.items() if max(times.values()) > LIMITS[size]}
    if slow:
        sys.exit(f"Above the limits {LIMITS}: {slow}")


if __name__ == "__main__":
    main()
