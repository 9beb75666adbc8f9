"""Mends of the pages: what nobody uses goes, what a screen reader needs comes in."""

import re
from pathlib import Path

ICON_SCRIPT = re.compile(r"\s*<!-- So that users can add custom icons -->\s*<script[^>]*fontawesome\.js[^>]*></script>")

# The parts of a list are list items; the role that docutils gives them has been withdrawn.
BETTER_ROLES = {'role="doc-biblioentry"': 'role="listitem"'}


def leave_out_launch_buttons(app, config):
    """Without a repository there is nothing to launch."""
    options = config.html_theme_options
    if not options.get("repository_url"):
        options["launch_buttons"] = {}


def is_needed(asset):
    """No live-code machinery that is switched off here, nothing from another host."""
    name = str(asset.filename or asset.attributes.get("body", ""))
    return "thebe" not in name.lower() and not name.startswith("http")


def leave_out_unused_assets(app, pagename, templatename, context, doctree):
    for kind in ("script_files", "css_files"):
        context[kind] = [asset for asset in context[kind] if is_needed(asset)]


def mend_pages(app, exception):
    if exception or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        html = page.read_text()
        for theirs, ours in BETTER_ROLES.items():
            html = html.replace(theirs, ours)
        page.write_text(ICON_SCRIPT.sub("", html))
    # The theme's source maps, and templates of its own that it copies along.
    static = Path(app.outdir, "_static")
    for unused in [*static.rglob("*.map"), *static.glob("*.html")]:
        unused.unlink()


def setup(app):
    app.connect("config-inited", leave_out_launch_buttons)
    app.connect("html-page-context", leave_out_unused_assets, priority=900)
    app.connect("build-finished", mend_pages)
