"""The slides of a part as one HTML file: reveal.js, figures, styles and notes inside, so that it opens from anywhere."""

import html
from importlib.resources import files
from pathlib import Path

from handouts.markup import as_html, styles_of
from handouts.slides import slides_of

# sphinx-revealjs carries reveal.js (MIT license) in its wheel; nothing else of it is used.
REVEAL = files("sphinx_revealjs").joinpath("_static/revealjs")
HERE = Path(__file__).parent
DECK = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · slides</title>
<style>{style}</style>
</head>
<body>
<div class="reveal"><div class="slides">
{slides}
</div></div>
{scripts}
</body>
</html>
"""
OPENING = """<section id="start"><section class="opening"><h1>{part}</h1>
<p>{book}</p>
<ol class="chapters">{chapters}</ol>
<p class="keys">→ next · ↓ the code that led here · S what to say · Esc all slides · F full screen</p>
<aside class="notes">{notes}</aside></section></section>"""
HOW_TO = """Press S: this window opens, with the notes, a clock and the next slide.
Go right for what a room should see; go down where you want to show the code that led to it.
In the quiz, the next key marks the right answer. The notes have what to reply to each of the others."""


def write_deck(part, book, chapters, target):
    """Write the deck of a part.

    Parameters
    ----------
    part, book : str
        Titles.
    chapters : dict of str to Chapter
        By label, in order.
    target : Path
    """
    entries, pages = [], []
    for label, chapter in chapters.items():
        slides = slides_of(chapter)
        entries.append(f'<li><a href="#/{label}">{slides[0].title}</a></li>')
        where = f"{html.escape(part)} · {slides[0].title}"
        pages += [_column(slide, where, f' id="{label}"' if not at else "") for at, slide in enumerate(slides)]
    opening = OPENING.format(part=html.escape(part), book=html.escape(book), chapters="".join(entries), notes=HOW_TO)
    shown = "\n".join([opening, *pages])
    style = [REVEAL.joinpath(f"dist/{name}.css").read_text() for name in ("reset", "reveal")]
    style += [(HERE / "deck.css").read_text(), styles_of(shown)]
    scripts = [REVEAL.joinpath("dist/reveal.js"), REVEAL.joinpath("plugin/notes/notes.js"), HERE / "deck.js"]
    # A script inside of a page ends at the first closing tag, also within its own strings.
    inside = [f"<script>{path.read_text().replace('</script', '<\\/script')}</script>" for path in scripts]
    written = DECK.format(title=html.escape(part), style="\n".join(style), slides=shown, scripts="\n".join(inside))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(written)


def _column(slide, where, mark):
    inside = [_section(one, where, level) for level, one in enumerate([slide, *slide.below])]
    return f"<section{mark}>{''.join(inside)}</section>"


def _section(slide, where, level):
    heading = "h1" if slide.kind == "opening" else "h2"
    notes = as_html("\n\n".join(slide.notes)) if slide.notes else ""
    return (
        f'<section class="{slide.kind}"><{heading}>{slide.title}</{heading}>'
        f'<div class="body">{slide.body}</div><p class="where">{where}{" · code" if level else ""}</p>'
        f'<aside class="notes">{notes}</aside></section>\n'
    )
