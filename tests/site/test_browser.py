"""What a reader's browser does with the pages: requests, weight, accessibility, narrow screens, search."""

import gzip
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

HEAVIEST_PAGE = 300_000  # bytes, compressed, without figures
FIGURES = {".png", ".svg", ".jpg", ".jpeg", ".gif", ".webp"}
PHONE = 390
# Faults of the theme that a page cannot mend; each with its reason.
THEME_FAULTS = {}


def compressed(path):
    content = path.read_bytes()
    return len(content) if path.suffix in {".woff", ".woff2"} else len(gzip.compress(content))


def test_asks_no_other_host_from_a_folder(open_page, any_path):
    page = open_page(any_path)
    elsewhere = [url for url in page.requested if urlsplit(url).scheme not in {"file", "data", "blob"}]
    assert elsewhere == []
    assert page.complaints == []


def test_asks_no_other_host_when_served(open_page, server, any_path):
    page = open_page(any_path, base=server)
    elsewhere = [url for url in page.requested if not url.startswith((server, "data:", "blob:"))]
    assert elsewhere == []
    assert page.complaints == []


def test_weighs_little(open_page, any_path):
    page = open_page(any_path)
    loaded = {Path(unquote(urlsplit(url).path)) for url in page.requested if url.startswith("file:")}
    weights = {path.name: compressed(path) for path in loaded if path.suffix not in FIGURES}
    assert sum(weights.values()) <= HEAVIEST_PAGE, sorted(weights.items(), key=lambda item: -item[1])[:8]


# Axe looks at each word of code. Of words with one class on one background a first few tell all; the others become text.
ONE_OF_EACH_TOKEN = """() => {
  const seen = {};
  const background = (node) => {
    const color = getComputedStyle(node).backgroundColor;
    return node.parentElement && /, 0\\)$|transparent/.test(color) ? background(node.parentElement) : color;
  };
  for (const token of document.querySelectorAll(".highlight pre span[class]")) {
    const kind = token.className + getComputedStyle(token).color + background(token);
    seen[kind] = (seen[kind] || 0) + 1;
    if (seen[kind] > 3 && !token.children.length) token.replaceWith(token.textContent);
  }
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_serious_accessibility_fault(open_page, any_path, theme):
    page = open_page(any_path, theme=theme)
    page.wait_for_timeout(200)
    page.evaluate(ONE_OF_EACH_TOKEN)
    violations = Axe().run(page).response["violations"]
    faults = [
        f"{fault['id']}: {node['html'][:150]} ({node['failureSummary'][:300]})"
        for fault in violations
        if fault["impact"] in {"serious", "critical"} and fault["id"] not in THEME_FAULTS
        for node in fault["nodes"]
    ]
    assert faults == []


def test_fits_a_phone(open_page, any_path):
    page = open_page(any_path, width=PHONE)
    page.wait_for_timeout(200)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE, f"{width - PHONE} pixels too wide"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_follows_the_reader_s_theme(open_page, page_path, theme):
    page = open_page(page_path, theme=theme)
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    red = page.evaluate("Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])")
    assert (red > 200) == (theme == "light")


def test_figures_are_light_cards_on_dark_pages(open_page, page_path):
    page = open_page(page_path, theme="dark")
    styles = page.eval_on_selector_all(
        "main article figure img",
        "images => images.map(i => [getComputedStyle(i).filter, getComputedStyle(i).backgroundColor])",
    )
    assert all(style == ["none", "rgb(255, 255, 255)"] for style in styles), styles


def test_icons_are_drawn(open_page, page_path):
    """Each icon has a character and a size, and the font that holds the characters has been loaded."""
    page = open_page(page_path)
    icons = page.evaluate("""() => [...document.querySelectorAll("[class*='fa-solid'], .fas, .far, .fab")]
        .filter(icon => icon.checkVisibility())
        .map(icon => [icon.className, getComputedStyle(icon, '::before').content, icon.getBoundingClientRect().width])""")
    assert icons
    assert all(content not in {"none", "normal", '""'} and width > 4 for _, content, width in icons), icons
    fonts = "() => [...document.fonts].filter(font => font.family.includes('Awesome')).map(font => font.status)"
    assert "loaded" in page.evaluate(fonts)


def test_theme_switch_changes_its_icon(open_page):
    page = open_page("search.html")
    content = """() => [...document.querySelectorAll('.theme-switch-button .theme-switch')]
        .filter(icon => icon.checkVisibility()).map(icon => getComputedStyle(icon, '::before').content)"""
    before = page.evaluate(content)
    page.locator(".theme-switch-button").last.click()
    assert page.evaluate(content) != before


def test_formulas_are_drawn_in_the_book_s_font(open_page, page_path):
    page = open_page(page_path)
    sizes = page.eval_on_selector_all("math", "all => all.map(one => one.getBoundingClientRect().width)")
    if sizes:
        page.evaluate("document.fonts.ready")
        assert page.evaluate("document.fonts.check('16px \"Book Math\"')")


def test_search_finds_a_word(open_page):
    page = open_page("search.html?q=confounder")
    page.wait_for_selector("#search-results li a", timeout=10_000)
    assert page.locator("#search-results li a").count() >= 1


def test_copy_buttons_are_there(open_page, page_path):
    page = open_page(page_path)
    if page.locator("div.cell_input div.highlight").count():
        page.wait_for_selector("button.copybtn", state="attached", timeout=5_000)
