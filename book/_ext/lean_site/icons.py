"""The icons that the pages use, and no others.

The theme sends a script that draws all two thousand Font Awesome icons (540 kB compressed) and fonts that
hold them again. Here the finished pages are asked which icons they, the scripts and the style sheets name;
the theme's own font, cut down to those, draws them through the theme's own style sheet.
"""

import re
import shutil
from pathlib import Path

from lean_site.fonts import subset_as_data_uri

NAME = re.compile(r"\bfa-[a-z0-9-]+")
ICON_RULE = re.compile(r'((?:\.fa-[a-z0-9-]+:{1,2}before,?)+)\{content:"[^"]*"\}')
PRIVATE_USE = re.compile(r"\\([ef][0-9a-f]{3})(?![0-9a-f])|([\ue000-\uf8ff])")
FONT_FILES = re.compile(
    r'url\(\.\./(vendor/fontawesome/webfonts/[\w-]+)\.woff2\)\s*format\("woff2"\),url\([^)]*\)\s*format\("truetype"\)'
)


def names_in_use(static):
    """Icon names in the pages, and in the scripts that add icons later."""
    files = [*static.parent.rglob("*.html"), *static.rglob("*.js")]
    return {name for file in files for name in NAME.findall(file.read_text())}


def without_unused_icons(style, names):
    """The style sheet without the rules of icons that nobody names."""

    def keep(rule):
        return rule.group() if names & set(NAME.findall(rule.group(1))) else ""

    return ICON_RULE.sub(keep, style)


def characters_in_use(styles):
    """The icon characters that style sheets draw, written out or by their number."""
    found = PRIVATE_USE.findall("".join(styles))
    return {chr(int(number, 16)) if number else character for number, character in found}


def keep_icons_in_use(app, exception):
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    for file in (static / "scripts").glob("fontawesome.js*"):
        file.unlink()
    theme_style = static / "styles" / "pydata-sphinx-theme.css"
    style = without_unused_icons(theme_style.read_text(), names_in_use(static))
    others = [file.read_text() for file in static.rglob("*.css") if file != theme_style]
    characters = characters_in_use([style, *others])

    def font(match):
        return f'url({subset_as_data_uri(static / f"{match.group(1)}.ttf", characters)}) format("woff2")'

    theme_style.write_text(FONT_FILES.sub(font, style))
    shutil.rmtree(static / "vendor" / "fontawesome")


def setup(app):
    app.connect("build-finished", keep_icons_in_use)
