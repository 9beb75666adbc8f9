"""A Sphinx extension that makes the site light, self-contained and accessible."""

from sphinx.util.typing import ExtensionMetadata


def leave_out_launch_buttons(app, config):
    """Without a repository there is nothing to launch."""
    options = config.html_theme_options
    if not options.get("repository_url"):
        options["launch_buttons"] = {}


def setup(app) -> ExtensionMetadata:
    app.connect("config-inited", leave_out_launch_buttons)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
