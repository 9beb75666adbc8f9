"""Graphs as text: ``"c -> z; c -> y; z -> y; z <-> y"``."""

import re

import networkx as nx

ARROWS = {"→": "->", "←": "<-", "↔": "<->"}
NAME = re.compile(r"\w[\w.:]*")


def parse_edges(text):
    """Directed graph of an edge string; ``a <-> b`` adds a node ``u_ab``, a latent cause of both."""
    for sign, arrow in ARROWS.items():
        text = text.replace(sign, arrow)
    graph, latents = nx.DiGraph(), {}
    for part in filter(None, map(str.strip, re.split(r"[;\n]", text))):
        first, *rest = re.split(r"(<->|->|<-)", part)
        names = [_name(name, part) for name in (first, *rest[1::2])]
        graph.add_nodes_from(names)
        for left, arrow, right in zip(names, rest[::2], names[1:]):
            if left == right:
                raise ValueError(f"{part!r}: {left} is an effect of itself there; a causal graph has no such arrow.")
            if arrow == "<->":
                latents[frozenset((left, right))] = None
            else:
                graph.add_edge(*((left, right) if arrow == "->" else (right, left)))
    if not graph:
        raise ValueError(f"The edge string {text!r} names nothing; expected edges as in 'c -> z; c -> y; z -> y'.")
    for pair in latents:
        left, right = sorted(pair)
        name = f"u_{left}{right}" if len(left) == len(right) == 1 else f"u_{left}_{right}"
        while name in graph:
            name += "_"
        graph.add_node(name, latent=True)
        graph.add_edges_from([(name, left), (name, right)])
    return graph


def _name(text, part):
    name = text.strip()
    if not NAME.fullmatch(name):
        raise ValueError(
            f"{part!r} is no edge: {name!r} is no name. Write edges as in 'c -> z; z <- c; z <-> y', with ';' or a new "
            "line between them. Names with spaces or other signs need a networkx.DiGraph."
        )
    return name
