"""What of a chapter's hidden code an edition needs.

A claim's cell is left out of the editions, since an assert would stop a student with another seed. Some of these cells compute
on the way what a later sentence prints; the statements that do are kept.
"""

import ast

SCOPES = ast.FunctionDef | ast.Lambda | ast.ListComp | ast.GeneratorExp | ast.DictComp | ast.SetComp
PERHAPS = ast.If | ast.For | ast.While | ast.Try


def needed_of_hidden(cells, hidden, left_out):
    """The statements of hidden cells that give later cells what they use.

    Parameters
    ----------
    cells : list of NotebookNode
    hidden, left_out : collections of int
        Places of the cells of which only what is needed is kept, and of those of which nothing is.

    Returns
    -------
    dict of int to str
        Code, keyed by the place of the hidden cell that it comes from.
    """
    needed, found = set(), {}
    for place in range(len(cells) - 1, -1, -1):
        if cells[place].cell_type != "code" or place in left_out:
            continue
        kept = []
        for statement in reversed(ast.parse(cells[place].source).body):
            bound = set(bound_by(statement))
            if place in hidden and (claims(statement) or not (bound | changed_by(statement)) & needed):
                continue
            kept.insert(0, ast.get_source_segment(cells[place].source, statement))
            if not isinstance(statement, PERHAPS):
                needed -= bound
            needed |= used_by(statement)
        if place in hidden and kept:
            found[place] = "\n".join(kept)
    return found


def claims(statement):
    """Whether a statement asserts something, itself or in a loop."""
    return any(isinstance(node, ast.Assert) for node in ast.walk(statement))


def bound_by(node):
    """Names that a statement binds, outside of the functions and comprehensions in it."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name).split(".")[0] for alias in node.names)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    if not isinstance(node, SCOPES):
        for child in ast.iter_child_nodes(node):
            yield from bound_by(child)


def used_by(statement):
    """Names that a statement reads, those inside of its functions too."""
    names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
    augmented = [node.target for node in ast.walk(statement) if isinstance(node, ast.AugAssign)]
    return {node.id for node in names if isinstance(node.ctx, ast.Load) or node in augmented}


def changed_by(statement):
    """Names of what a statement changes in place, as in ``table["column"] = 1``."""
    parts = [node for node in ast.walk(statement) if isinstance(node, ast.Subscript | ast.Attribute)]
    return {node.value.id for node in parts if isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name)}
