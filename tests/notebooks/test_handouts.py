"""Slides and a printed sheet of a small chapter: what is shown, what is said, what waits for the last page."""

import pytest
from bs4 import BeautifulSoup
from editions.cells import Chapter
from handouts.deck import write_deck
from handouts.markup import as_html, blocks_of, folded_parts
from handouts.sheets import PrintedSheet
from handouts.slides import LINES, pieces_of, slides_of
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from pages import ROOT

BIBLIOGRAPHY = ROOT / "book" / "references.bib"
FIGURE = {
    "figure": {"name": "fig-small", "caption": "A *line*."},
    "image": {"alt": "A line that rises from left to right."},
}
CELLS = [
    new_markdown_cell("(small)=\n# A small chapter\n\nA shop sells.\nIt asks why.\n\n> **In this chapter** you will\n> - add.\n>\n> **Time:** 1 minute."),
    new_markdown_cell("> **For the teacher.** Ask first.", metadata={"tags": ["teacher", "remove-cell"]}),
    new_code_cell("import matplotlib.pyplot as plt\nimport pandas as pd\nfrom IPython.display import Markdown\n\nSEED = 42"),
    new_markdown_cell("## Sums\n\nSums come first.\nThen the rest.\n\n**A sum** is commutative.\n\n$$\na + b = b + a\n$$"),
    new_code_cell("both = 1 + 1\nboth"),
    new_code_cell("plt.plot([0, 1]);", metadata={"tags": ["hide-input"], "mystnb": FIGURE}),
    new_code_cell("table = pd.DataFrame({'sum': [2, 3]})\ntable"),
    new_code_cell("Markdown(f'It is **{both}**.')", metadata={"tags": ["remove-input"]}),
    new_code_cell("assert both == 2", metadata={"tags": ["remove-cell"]}),
    new_markdown_cell(":::{admonition} The classic mistake: to forget\n:class: warning\nOne forgets.\n:::\n\n:::{dropdown} Check yourself: what is `1 + 1`?\nTwo.\n:::"),
    new_markdown_cell("## Exercises\n\n```{exercise} Predict: more\n:label: ex-small-1\nAdd 2 and 3.\n```"),
    new_code_cell("Markdown(f'You should get {both + 3}.')", metadata={"tags": ["remove-input"]}),
    new_markdown_cell("```{solution} ex-small-1\n:class: dropdown\nCount on.\n```"),
    new_code_cell("more = both + 3\nmore", metadata={"tags": ["hide-cell"]}),
    new_code_cell("from helpers.exercises import answer\n\nanswer('more', 'the sum', more, near={'the first number': both})", metadata={"tags": ["answer", "remove-cell"]}),
    new_markdown_cell("> **To mark.** The sum.", metadata={"tags": ["teacher", "remove-cell"]}),
    new_markdown_cell("## Quiz\n\n```{quiz} small.quiz.yml\n```"),
    new_markdown_cell("## Summary\n\nSums are sums.\n\n**What's next.** More."),
]  # fmt: skip
QUIZ = [
    {
        "question": "What is `1 + 1`?",
        "answers": [
            {"text": "Two.", "reply": "One more than one.", "right": True},
            {"text": "Eleven.", "reply": "That is text.", "right": False},
        ],
    }
]


@pytest.fixture(scope="module")
def notebook():
    made = new_notebook(cells=CELLS, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    NotebookClient(made, timeout=60, extra_arguments=["--log-level=ERROR"]).execute()
    return made


@pytest.fixture(scope="module")
def slides(notebook):
    return slides_of(Chapter(notebook, BIBLIOGRAPHY, QUIZ))


def words(html):
    return " ".join(BeautifulSoup(html, "html.parser").get_text(" ").split())


def test_what_a_room_sees_in_order(slides):
    assert [(slide.kind, words(slide.title)) for slide in slides] == [
        ("opening", "A small chapter"),
        ("box", "In this chapter you will"),
        ("points", "Sums"),
        ("formula", "Sums"),
        ("figure", "Sums"),
        ("table", "Sums"),
        ("box mistake", "The classic mistake: to forget"),
        ("question", "Check yourself"),
        ("exercise", "Exercise 1. Predict: more"),
        ("quiz", "Quiz, question 1"),
        ("points", "Summary"),
    ]
    opening, _, points, _, figure, table, *_ = slides
    assert words(opening.body) == "A shop sells. It asks why."
    assert words(points.body) == "A sum is commutative."
    assert 'alt="A line that rises' in figure.body and words(figure.body) == "A line ."
    assert words(table.body).endswith("It is 2 ."), "the sentence stands below the table that it reads"


def test_the_code_that_led_to_a_slide_stands_below_it(slides):
    below = [[words(one.body) for one in slide.below] for slide in slides]
    assert below[4] == ["both = 1 + 1 both 2"] and below[5] == ["table = pd . DataFrame ({ 'sum' : [ 2 , 3 ]}) table"]
    assert not any(text for at, text in enumerate(below) if at not in (4, 5)), "neither imports nor claims"


def test_what_is_said_to_a_slide(slides):
    notes = ["\n".join(slide.notes) for slide in slides]
    assert notes[1].endswith("**For the teacher.** Ask first.") and "Time" in notes[1]
    assert notes[2].startswith("Sums come first.\nThen the rest.")
    assert "One forgets." in notes[6]
    for part in ("To compare: You should get 5.", "**Solution.**\nCount on.", "**To mark.** The sum."):
        assert part in notes[8]
    assert "**A (right).** One more than one." in notes[9] and "**B.** That is text." in notes[9]
    assert "What's next" in notes[10] and "What's next" not in slides[10].body
    assert not any("assert" in slide.body or "Count on" in slide.body or "both + 3" in slide.body for slide in slides)


def test_a_deck_is_one_file_with_all_in_it(notebook, tmp_path):
    write_deck("Sums & more", "A book", {"small": Chapter(notebook, BIBLIOGRAPHY, QUIZ)}, tmp_path / "deck.html")
    page = BeautifulSoup((tmp_path / "deck.html").read_text(), "html.parser")
    assert page.title.text == "Sums & more · slides"
    assert not page.select("link, script[src], img:not([src^='data:'])")
    assert page.select_one("#small h1").text == "A small chapter"
    [image] = [out.data["image/png"] for cell in notebook.cells for out in cell.get("outputs", []) if "image/png" in out.get("data", {})]  # fmt: skip
    assert page.select_one("img")["src"] == "data:image/png;base64," + image.replace("\n", "")


def test_a_sheet_on_paper(notebook):
    sheet = PrintedSheet(notebook, BIBLIOGRAPHY, QUIZ).as_document()
    page = BeautifulSoup(sheet, "html.parser")
    text = words(sheet)
    assert "Count on" not in text and "both + 3" not in text and "assert" not in text and "For the teacher" not in text
    assert len(page.select(".write")) == 2 and "What you got: the sum" in text
    assert [item.text for item in page.select(".quiz ul li")] == ["Two.", "Eleven."] and "One more" not in text
    [compare] = page.select(".compare")
    kept = words(str(compare))
    assert kept == "To compare Check yourself, question 1 Two. Exercise 1 You should get 5."
    assert text.count("You should get 5.") == 1 and "Figure 1. A line ." in text


def test_long_code_is_cut_at_empty_lines():
    blocks = ["\n".join(f"line_{block}_{number}" for number in range(9)) for block in range(5)]
    pieces = pieces_of("\n\n".join(blocks))
    assert [piece.count("\n") + 1 for piece in pieces] == [19, 19, 9]
    assert "\n\n".join(pieces) == "\n\n".join(blocks)
    assert all(piece.count("\n") < LINES for piece in pieces_of("x\n" * 100))


def test_markdown_as_html_alone():
    html = as_html("Hold $x_1$, `do` and **z**.\n\n```python\nx = 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    page = BeautifulSoup(html, "html.parser")
    assert page.select_one("math msub") and page.select_one("div.code pre") and page.select_one("table td")
    assert "$" not in html


def test_blocks_of_folded_answers():
    text = "Before.\n\n<details>\n<summary><b>Why?</b></summary>\n\nOne.\n\nTwo.\n\n</details>\n\nAfter."
    assert [kind for kind, _ in blocks_of(text)] == ["paragraph", "details", "paragraph"]
    assert folded_parts(blocks_of(text)[1][1]) == ("Why?", "One.\n\nTwo.")
    with pytest.raises(ValueError, match="without an end"):
        blocks_of("<details>\n<summary>Why?</summary>\n\nOne.")
