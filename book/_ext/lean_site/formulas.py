"""Mathematics as MathML, written when the site is built.

MathJax in the page weighs 260 kB compressed, its fonts come on top, and a browser may refuse fonts to a
page that was opened from a folder. So MathJax runs here, once, and the pages carry the MathML that it
writes: no script, next to no weight, and screen readers read it. It is drawn with STIX Two Math (under the
SIL Open Font License), of which only the characters in use are sent along, inside the style sheet.
"""

import json
import unicodedata
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import quickjs
from docutils import nodes
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from lean_site.fonts import subset_as_data_uri

logger = logging.getLogger(__name__)

MATHML = "http://www.w3.org/1998/Math/MathML"
STYLE_SHEET = "formulas.css"
STYLE = """@font-face {{ font-family: "Book Math"; src: url("{font}") format("woff2"); }}
math {{ font-family: "Book Math", math; }}
"""
MATHJAX_SCRIPT = """
const adaptor = MathJax._.adaptors.liteAdaptor.liteAdaptor();
MathJax._.handlers.html_ts.RegisterHTMLHandler(adaptor);
const tex = new MathJax._.input.tex_ts.TeX({
  packages: ["base", "ams", "boldsymbol", "cancel", "color", "mathtools", "newcommand", "textmacros"],
  formatError(jax, error) { throw new Error(error.message); },
});
const page = MathJax._.mathjax.mathjax.document("", {InputJax: tex});
const writer = new MathJax._.core.MmlTree.SerializedMmlVisitor.SerializedMmlVisitor();
const end = MathJax._.core.MathItem.STATE.CONVERT;
// JSON, since it comes back as one flat string.
function mathml(source, display) { return JSON.stringify(writer.visitTree(page.convert(source, {display, end}))); }
"""
# TeX's names of alphabets, and Unicode's, for browsers know the letters but not the attribute.
ALPHABETS = {
    "bold": "BOLD",
    "bold-italic": "BOLD ITALIC",
    "double-struck": "DOUBLE-STRUCK",
    "script": "SCRIPT",
    "-tex-calligraphic": "SCRIPT",
    "fraktur": "FRAKTUR",
    "sans-serif": "SANS-SERIF",
    "monospace": "MONOSPACE",
}


@cache
def mathjax():
    """MathJax's own function from TeX to MathML, in a small JavaScript engine."""
    # The distribution's folder has a hyphen in its name, so it cannot be imported.
    folder = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
    context = quickjs.Context()
    context.eval("var global = globalThis, window = undefined, MathJax = {};")
    for part in ("loader", "core", "adaptors/liteDOM", "input/tex-full"):
        context.eval((folder / f"{part}.js").read_text())
    context.eval(MATHJAX_SCRIPT)
    return context.get("mathml")


def in_alphabet(letter, alphabet):
    """The letter as Unicode has it in one of the mathematical alphabets, else the letter."""
    kind = "SMALL" if letter.islower() else "CAPITAL"
    kind, name = ("DIGIT", unicodedata.name(letter)[6:]) if letter.isdigit() else (kind, letter.upper())
    if not letter.isascii():
        name = unicodedata.name(letter).split()[-1]
    for prefix in ("MATHEMATICAL ", ""):
        try:
            return unicodedata.lookup(f"{prefix}{alphabet} {kind} {name}")
        except KeyError:
            continue
    return letter


def mend(tree):
    """Say in today's MathML (Core) what MathJax says in MathML 3."""
    for element in tree.iter():
        element.attrib.pop("data-mjx-texclass", None)
        alphabet = ALPHABETS.get(element.get("mathvariant"))
        if alphabet and element.text:
            del element.attrib["mathvariant"]
            element.text = "".join(in_alphabet(c, alphabet) if c.isalnum() else c for c in element.text)
        if element.tag == f"{{{MATHML}}}mtable":
            align_columns(element)
    return tree


def align_columns(table):
    """Alignment and spacing by style, cell by cell: browsers pass over the attributes of the table."""
    sides = table.attrib.pop("columnalign", "center").split()
    gaps = table.attrib.pop("columnspacing", "1em").split()
    table.attrib.pop("rowspacing", None)
    for row in table:
        for place, cell in enumerate(row):
            side = sides[min(place, len(sides) - 1)]
            gap = gaps[min(place, len(gaps) - 1)] if place < len(row) - 1 else "0"
            cell.set("style", f"text-align: {side}; padding: 0.2em {gap} 0.2em 0")


def to_mathml(source, *, display):
    """MathML for a formula in TeX; an error in the TeX is raised with MathJax's own words."""
    if display and r"\\" in source and not source.startswith(r"\begin"):
        source = rf"\begin{{split}}{source}\end{{split}}"
    ElementTree.register_namespace("", MATHML)
    written = json.loads(mathjax()(source, display))
    tree = mend(ElementTree.fromstring(written))
    for element in tree.iter():
        element.tail = None
        if len(element):
            element.text = None
    return ElementTree.tostring(tree, encoding="unicode", short_empty_elements=False)


def write_formula(translator, node, *, display):
    source = node.astext().strip()
    try:
        return to_mathml(source, display=display)
    except quickjs.JSException as error:
        reason = str(error).splitlines()[0].removeprefix("Error: ")
        logger.warning("This formula cannot be read (%s): %s", reason, source, location=node)
        return f"<code>{translator.encode(source)}</code>"


def visit_inline(translator, node):
    translator.body.append(translator.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    translator.body.append(write_formula(translator, node, display=False) + "</span>")
    raise nodes.SkipNode


def visit_block(translator, node):
    translator.body.append(translator.starttag(node, "div", CLASS="math notranslate nohighlight"))
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append(write_formula(translator, node, display=True) + "</div>\n")
    raise nodes.SkipNode


def characters_in(html):
    """The characters that the formulas of a page are drawn with; a browser slants single letters itself."""
    drawn = set()
    for piece in html.split("<math")[1:]:
        formula = ElementTree.fromstring("<math" + piece.split("</math>")[0] + "</math>")
        drawn.update("".join(formula.itertext()))
    return drawn | {in_alphabet(c, "ITALIC") for c in drawn if c.isalpha()}


def style_with_font(drawn):
    """A style sheet with the formulas' font, cut down to the characters that they draw."""
    # Some signs are drawn without being written: brackets that grow, the sign of a root.
    font = files("ziamath.fonts").joinpath("STIXTwoMath-Regular.ttf")
    return STYLE.format(font=subset_as_data_uri(font, drawn | set("()[]{}|=+-,√")))


def style_pages_with_formulas(app, pagename, templatename, context, doctree):
    if "<math" in context.get("body", ""):
        app.add_css_file(STYLE_SHEET)


def write_style_sheet(app, exception):
    """Once all pages are written: the font, cut down to what they draw."""
    if exception or app.builder.format != "html":
        return
    pages = Path(app.outdir).rglob("*.html")
    drawn = set().union(*(characters_in(page.read_text()) for page in pages))
    Path(app.outdir, "_static", STYLE_SHEET).write_text(style_with_font(drawn))


def setup(app):
    app.add_html_math_renderer("mathml", inline_renderers=(visit_inline, None), block_renderers=(visit_block, None))
    app.connect("html-page-context", style_pages_with_formulas)
    app.connect("build-finished", write_style_sheet)
