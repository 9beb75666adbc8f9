"""The pages of the site as one document for paper: a title, a table of contents, the parts, links that stay inside."""

import html
import os
from pathlib import PurePosixPath

from bs4 import BeautifulSoup
from pages import TOC, pages_of

from handouts.paper import DOCUMENT, HERE

# What answers to a click, or stands for a page that one leafs through on a screen.
ON_SCREEN = ".headerlink, .copybtn, button, script, style.live, .live-control, .quiz-reply, .tag_hide-input .above-input, .tag_hide-input > details"
NAMING = ["id", "for", "aria-labelledby", "aria-describedby", "aria-controls"]
TITLE = """<header class="front"><h1 class="book-title">{title}</h1><p>{author}</p></header>
<nav class="book-contents"><h1>Contents</h1>{entries}</nav>"""
ENTRY = '<p><a href="#{name}">{title}</a> <span class="page-of" data-of="{name}">000</span></p>'


def bound(site, title, author):
    """One HTML document of all pages.

    Parameters
    ----------
    site : Path
        The folder with the built pages.
    title, author : str
    """
    index = BeautifulSoup((site / f"{TOC['root']}.html").read_text(), "html.parser")
    head = "".join(_styles(index, site, TOC["root"])) + f"<style>{(HERE / 'bound.css').read_text()}</style>"
    body, entries = [_chapter(site, TOC["root"])[1]], []
    for part in TOC["parts"]:
        entries.append(f"<h2>{html.escape(part['caption'])}</h2>")
        body.append(f'<h1 class="part">{html.escape(part["caption"])}</h1>')
        for chapter in part["chapters"]:
            name, text = _chapter(site, chapter["file"])
            entries.append(ENTRY.format(name=_name(chapter["file"]), title=html.escape(name)))
            body.append(text)
    front = TITLE.format(title=html.escape(title), author=html.escape(author), entries="".join(entries))
    pages = "\n".join(body)
    return DOCUMENT.format(
        title=html.escape(title),
        head=head,
        body=f'{front}<main class="bd-content"><article class="bd-article">{pages}</article></main>',
    )


def _styles(page, site, path):
    """The site's own style sheets, by their place on this computer."""
    for link in page.select("link[rel=stylesheet], link[rel='preload stylesheet']"):
        file = (site / path).parent / link["href"].split("?")[0]
        yield f'<link rel="stylesheet" href="{file.resolve().as_uri()}">'


def _name(page, mark=""):
    """What an element is called in the whole document."""
    return f"{page.removeprefix('book/').replace('/', '-')}{'--' + mark if mark else ''}"


def _chapter(site, page):
    """The title of a page, and its text for the whole document."""
    article = BeautifulSoup((site / f"{page}.html").read_text(), "html.parser").select_one("article.bd-article")
    for element in article.select(ON_SCREEN):
        element.decompose()
    for folded in article.select("details"):
        folded["open"] = ""
    for code in article.select(".highlight pre"):
        code.string = code.get_text()  # each colored word would be a tag of its own in the PDF, and most of its weight
    _lay_out_tabs(article)
    for element in article.find_all(True):
        _rename(element, page)
    for image in article.select("img[src]"):
        if not image["src"].startswith("data:"):
            image["src"] = ((site / page).parent / image["src"]).resolve().as_uri()
    for link in article.select("a[href]"):
        _lead_inside(link, page)
    title = article.select_one("h1").get_text().strip()
    for level in range(5, 0, -1):
        for heading in article.select(f"h{level}"):
            heading.name = f"h{level + 1}"
    return title, f'<section class="page" id="{_name(page)}">{article.decode_contents()}</section>'


def _lay_out_tabs(article):
    """Tabs below each other, each with its label."""
    for element in article.select(".sd-tab-set > input"):
        element.decompose()
    for label in article.select(".sd-tab-set > label"):
        label.name, label.attrs = "p", {"class": "tab-label"}
    for content in article.select(".sd-tab-content"):
        content["class"] = "tab"
    for tabs in article.select(".sd-tab-set"):
        tabs["class"] = "tabs"


def _rename(element, page):
    """Names are of one page only; those within a picture stay, since its own parts refer to them."""
    if element.name == "svg" or element.find_parent("svg"):
        return
    for kind in NAMING:
        if kind in element.attrs:
            words = element[kind] if isinstance(element[kind], list) else element[kind].split()
            element[kind] = " ".join(_name(page, word) for word in words)


def _lead_inside(link, page):
    """A link to a page of the book leads to it in this document; one to a file has nowhere to lead."""
    href = link["href"]
    if href.startswith(("http", "mailto")):
        return
    path, _, mark = href.partition("#")
    target = page if not path else os.path.normpath(PurePosixPath(page).parent / path).removesuffix(".html")
    if target in pages_of(TOC):
        link["href"] = "#" + _name(target, mark)
    else:
        link.unwrap()
