"""What can be seen in the pages' files: figures, links, downloads, no trace of an error."""

import base64
import io
import re
from urllib.parse import unquote, urlsplit

import yaml
from fontTools.ttLib import TTFont
from pages import PAGES, ROOT

ERROR_TEXT = re.compile(r"Traceback \(most recent call last\)|\b[A-Z]\w*Warning:| at 0x[0-9a-f]{6,}>")


def test_figures_have_alt_text_and_caption(parsed, page_path):
    for image in parsed(page_path).select("main article img"):
        alt, name = image.get("alt", ""), image["src"].rsplit("/", 1)[-1]
        assert len(alt.split()) >= 3 and name not in alt, f"no alt text that says what to see: {name} ({alt!r})"
        figure = image.find_parent("figure")
        assert figure and figure.find("figcaption"), f"no caption: {alt}"


def test_captions_are_numbered(parsed, page_path):
    for caption in parsed(page_path).select("main article figcaption"):
        number = caption.select_one(".caption-number")
        assert number and re.match(r"Fig\. \d+", number.text), caption.text


def test_links_and_downloads_lead_somewhere(parsed, site, any_path):
    here = (site / any_path).parent
    for link in parsed(any_path).select("a[href]"):
        parts = urlsplit(link["href"])
        if parts.scheme or parts.netloc or link["href"] in {"#", ""}:
            continue
        target = (here / unquote(parts.path)).resolve() if parts.path else site / any_path
        assert target.is_file(), f"dead link: {link['href']}"
        if parts.fragment and target.suffix == ".html":
            page = parsed(str(target.relative_to(site)))
            assert page.find(id=unquote(parts.fragment)), f"no such place: {link['href']}"


def test_no_error_text_on_the_page(parsed, page_path):
    article = parsed(page_path).select_one("main article")
    outputs = " ".join(output.text for output in article.select(".cell_output"))
    assert not (found := ERROR_TEXT.search(outputs)), outputs[found.start() - 100 : found.end() + 100]
    assert not article.select(".stderr, .system-message, .problematic")


def test_code_can_be_copied(parsed, page_path):
    page = parsed(page_path)
    if page.select("div.highlight"):
        assert any("copybutton.js" in script["src"] for script in page.select("script[src]"))


def test_formulas_have_the_signs_that_are_drawn_without_being_written(site):
    style = (site / "_static" / "formulas.css").read_text()
    font = base64.b64decode(re.search(r"base64,([^\"]+)", style)[1])
    drawable = TTFont(io.BytesIO(font)).getBestCmap()
    assert {ord(sign) for sign in "√()[]|"} <= set(drawable)


def test_the_front_door_leads_home(parsed, site):
    refresh = parsed("index.html").select_one("meta[http-equiv='Refresh' i]")["content"]
    assert (site / refresh.split("url=")[1].strip("'\"")).resolve() == site / f"{PAGES[0]}.html"


def test_one_heading_of_the_first_level(parsed, page_path):
    assert len(parsed(page_path).select("main article h1")) == 1


def test_site_is_right_without_a_repository_address(parsed, page_path):
    address = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"]
    launch = parsed(page_path).select(".dropdown-launch-buttons")
    assert address or not launch
