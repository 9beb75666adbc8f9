"""Plain Markdown, code and outputs as HTML that needs no other file, and no script for its formulas."""

import base64
import html

from editions.cells import tags
from lean_site.formulas import characters_in, style_with_font, to_mathml
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

FORMATTER = HtmlFormatter(style="a11y-high-contrast-light", cssclass="code")
WIDEST = 100  # columns of text output; what stands beyond is cut
IMAGES = {"image/svg+xml": str.encode, "image/png": base64.b64decode}


def code_as_html(source, language="python"):
    return highlight(source, get_lexer_by_name(language or "text"), FORMATTER)


def _fence(renderer, tokens, place, options, env):
    return code_as_html(tokens[place].content, tokens[place].info.strip())


def _formula(source, options):
    return to_mathml(source.strip(), display=options["display_mode"])


def _reader():
    reader = MarkdownIt("commonmark", {"html": True}).enable("table").use(dollarmath_plugin, renderer=_formula)
    reader.add_render_rule("fence", _fence)
    return reader


READER = _reader()


def as_html(text):
    """Plain Markdown, as the editions have it, as HTML."""
    return READER.render(text)


def line_as_html(text):
    """Markdown without paragraphs, for a title or an item."""
    return READER.renderInline(" ".join(text.split()))


def blocks_of(text):
    """Pairs of a kind (paragraph, heading, blockquote, details, …) and the Markdown of each block of a text."""
    lines, found, begun = text.split("\n"), [], None
    for token in READER.parse(text):
        if token.level or token.map is None:
            continue
        kind, block = token.type.removesuffix("_open"), "\n".join(lines[slice(*token.map)]).strip("\n")
        if begun is None and block.startswith("<details>"):
            begun = token.map[0]
        if begun is None:
            found.append((kind, block))
        elif "</details>" in block:
            found.append(("details", "\n".join(lines[begun : token.map[1]])))
            begun = None
    if begun is not None:
        raise ValueError(f"<details> without an end: {text[:80]}")
    return found


def folded_parts(block):
    """The summary of a <details> and what it folds."""
    inside = block.removeprefix("<details>").strip().removesuffix("</details>")
    summary, body = inside.removeprefix("<summary>").split("</summary>", 1)
    return summary.removeprefix("<b>").removesuffix("</b>"), body.strip()


def output_as_html(cell, convert):
    """What a cell that was run shows: figures, tables, text; "" where it shows nothing.

    `convert` turns the book's Markdown, which a cell may print, into plain Markdown.
    """
    alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
    return "\n".join(filter(None, (_one_output(output, alt, convert) for output in cell.outputs)))


def _one_output(output, alt, convert):
    if output.output_type == "stream":  # what PyMC notes on the error stream is not for a room
        return _text(output.text) if output.name == "stdout" else ""
    data = output.get("data", {})
    for kind, read in IMAGES.items():
        if kind in data:
            packed = base64.b64encode(read("".join(data[kind]))).decode()
            return f'<img src="data:{kind};base64,{packed}" alt="{html.escape(alt)}">'
    # xarray's boxes unfold by click; its text is what a room or paper can show.
    if "text/html" in data and "xr-wrap" not in data["text/html"]:
        return f'<div class="output">{data["text/html"]}</div>'
    if "text/markdown" in data:
        return as_html(convert(data["text/markdown"]))
    return _text(data["text/plain"]) if "text/plain" in data else ""


def _text(text):
    shown = [line if len(line) <= WIDEST else f"{line[: WIDEST - 1]}…" for line in text.split("\n")]
    return f'<pre class="output">{html.escape(chr(10).join(shown).strip())}</pre>'


def is_figure(cell):
    return "figure" in cell.metadata.get("mystnb", {})


def is_shown(cell):
    """Whether the page shows a cell's code."""
    return not tags(cell) & {"remove-cell", "remove-input", "hide-input", "hide-cell", "answer"}


def styles_of(document):
    """Colors of the code and a font of the formulas' characters, as a style sheet for this document."""
    return FORMATTER.get_style_defs(".code") + "\n" + style_with_font(characters_in(document))
