"""A Sphinx extension that makes the site light, self-contained and accessible.

- ``formulas``: mathematics as MathML, which browsers draw by themselves, in place of a script.
- ``pages``: mends of the pages (assets that nothing uses, names for screen readers).
- ``icons``: the few icons that the pages use, in place of a script and fonts that hold all of them.
- ``notebooks``: downloads without outputs that say first how to install what they import.

Each has its own ``setup``. What works on the finished site runs in the order in which it is called here.
"""

from lean_site import formulas, icons, notebooks, pages


def setup(app):
    for part in (formulas, pages, icons, notebooks):
        part.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
