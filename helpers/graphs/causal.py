"""The causal graph of a model."""

import networkx as nx

from helpers._models.checks import as_names, check_is_model, check_names
from helpers._models.structure import Structure, reached_first
from helpers.graphs.edges import parse_edges


def causal_graph(model, *, variables=None, do=()):
    """Data-level causal graph of a model: which variable of a unit listens to which.

    Parameters and deterministics are passed through: a path z → y_mu → y is an arrow z → y.
    What ``pm.do`` set to numbers or to a distribution stays a node; of a policy see Notes.

    Parameters
    ----------
    model : pymc.Model or str
        Empty, conditioned (``pm.observe``) or intervened on (``pm.do``); it isn't changed. Or edges as text,
        ``"c -> z; z -> y; z <-> y"``, separated by ``;`` or new lines: then the graph is that of these edges, and
        ``<->`` gives a node ``u_yz``, marked ``latent=True``, that causes both.
    variables : sequence of str, optional
        Names of the nodes, where dims don't tell data from parameters.
        By default the observed variables, those with the dims of the data, and the data containers with these dims.
    do : str or sequence of str, optional
        Names of the variables that ``pm.do`` has set in this model. PyMC keeps no record of it.

    Returns
    -------
    networkx.DiGraph
        Nodes are names, in the model's order, with attributes
        ``dims`` (tuple of str), ``observed`` (bool) and ``intervened`` (bool).

    Raises
    ------
    KeyError
        `variables` or `do` has a name that the model lacks.
    TypeError
        `model` is neither a ``pymc.Model`` nor text.
    ValueError
        The text doesn't parse.
        `do` names a variable that is still random; or nothing is observed and no variable has dims: data can't be
        told from parameters.

    Notes
    -----
    In bare PyMC, the graph with parameters and deterministics still in it::

        graph = pm.model_to_networkx(model)

    An unobserved confounder without the data's dims is not a node unless `variables` names it.
    A policy (a value computed from other variables) leaves its own arrows into the intervened node. It is a
    deterministic, so it is passed through unless `do` or `variables` names it.

    Examples
    --------
    >>> import pymc as pm
    >>> with pm.Model(coords={"i": [0]}) as model:
    ...     beta = pm.Normal("beta")
    ...     z = pm.Normal("z", dims="i")
    ...     y = pm.Normal("y", beta * z, dims="i")
    >>> list(causal_graph(model).edges)
    [('z', 'y')]
    """
    if isinstance(model, str):
        if variables is not None or as_names(do, "do"):
            raise ValueError("variables= and do= go with a model; a graph of edges has all its nodes, and says no do.")
        return parse_edges(model)
    check_is_model(model)
    structure = Structure(model)
    full, done = structure.graph, _done(structure, do)
    if variables is None:
        nodes = _data_level(structure, done)
    else:
        variables = as_names(variables, "variables")
        check_names(variables, full, "Variable")
        nodes = [name for name in full if name in set(variables)]
    graph = nx.DiGraph()
    graph.add_nodes_from((name, structure.attributes(name, done)) for name in nodes)
    for name in nodes:
        # Read backward, what is reached first are the nearest causes.
        parents = reached_first(full.reverse(copy=False), name, set(nodes))
        graph.add_edges_from((parent, name) for parent in full if parent in parents)
    return graph


def _done(structure, do):
    """Names of what is set, once it is known that the model may have set them."""
    names = as_names(do, "do")
    check_names(names, structure.graph, "Variable of do=")
    random = [name for name in names if name in structure.random]
    if random:
        raise ValueError(
            f"{', '.join(random)}: still random in this model. Pass the model that pm.do made; or leave do= out here and "
            "say it to draw_dag, which cuts the arrows."
        )
    return names


def _data_level(structure, done):
    levels = {frozenset(structure.dims(name)) for name in structure.of_units} - {frozenset()}
    # A container with parents holds the observed values of a variable: it is that variable once more.
    given = [name for name in structure.containers if not structure.graph.in_degree(name)]
    # A distribution that do gave to a variable makes a deterministic of it, and no function of other variables.
    given += [name for name in structure.deterministics if structure.is_drawn_unnamed(name)] + done
    nodes = {*structure.of_units, *(name for name in given if frozenset(structure.dims(name)) in levels)}
    return [name for name in structure.model.named_vars if name in nodes]
