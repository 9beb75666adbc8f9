"""Neighboring code cells whose tags begin with ``tab:`` become tabs, so that a tab shows code that was run.

Two cells in a row tagged ``tab:PyMC`` and ``tab:helpers`` make one set of two tabs; a label that comes
again begins the next set. Choosing a label in one set chooses it in all sets of the site.
"""

from docutils import nodes
from sphinx_design.shared import create_component

PREFIX = "tag_tab:"


def label_of(node):
    """The label of a tagged cell's tab, None for anything else."""
    classes = node.get("classes", []) if isinstance(node, nodes.Element) else []
    return next((name.removeprefix(PREFIX) for name in classes if name.startswith(PREFIX)), None)


def runs_of_cells(siblings):
    """Lists of neighboring tagged cells, each label at most once in a list."""
    run = []
    for node in siblings:
        label = label_of(node)
        if run and label in {None, *map(label_of, run)}:
            yield run
            run = []
        if label:
            run.append(node)
    if run:
        yield run


def tab(cell):
    label = label_of(cell)
    title = nodes.rubric(label, "", nodes.Text(label), classes=["sd-tab-label"])
    title.update_all_atts({"sync_id": label, "sync_group": "cells"})
    content = create_component("tab-content", classes=["sd-tab-content"], children=[cell])
    return create_component("tab-item", classes=["sd-tab-item"], selected=False, children=[title, content])


def make_tabs(app, doctree):
    parents = {id(node.parent): node.parent for node in doctree.findall(label_of)}
    for parent in parents.values():
        for cells in list(runs_of_cells(parent.children)):
            place = parent.index(cells[0])
            for cell in cells:
                parent.remove(cell)
            parent.insert(place, create_component("tab-set", classes=["sd-tab-set"], children=list(map(tab, cells))))


def setup(app):
    app.connect("doctree-read", make_tabs)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
