"""Texts of a theme that try to act on a browser, a terminal, a spreadsheet or a reader come out as mere texts.

Theme files with such texts are refused; these are built in memory, as a program that uses the library can do.
"""

import base64
import csv
import hashlib
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from rich.console import Console

from screener.api import load_theme, screen
from screener.columns import NAMES
from screener.labels import labels

ESCAPE, BELL, CSI, TURN, BACK = "\x1b[31mred\x1b[0m", "\x07", "\x9b2J", "\u202eesrever\u2066", "\b\b\r"
HOSTILE = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "attribute": '" onmouseover="alert(3)" x=\'',
    "rich": "[bold red]loud[/] [link=http://example.org]here[/link]",
    "terminal": f"{ESCAPE}{BELL}{CSI}{BACK}",
    "turned": TURN,
    "formula": '=HYPERLINK("http://example.org","click")',
    "dde": "@SUM(1+1)*cmd|' /C calc'!A0",
    "markdown": "[click](http://example.org) `code` **bold** | cell\n# heading",
    "math": "$\\frac{1}{0}$ {member} {0} %s",
    "long": "A" * 10_000,
}
#: members of the bundled sample that get the names, in the order above
VICTIMS = ("NVDA", "MRVL", "AVGO", "VRT", "000660.KS", "042700.KS", "PLTR", "NET", "035420.KS", "SMCI")


def hostile_theme():
    """The shipped theme, with every text of one category and of some members in the enemy's hand."""
    theme = load_theme("deepseek-r1")
    names = dict(zip(VICTIMS, HOSTILE.values(), strict=True))
    everything = " ".join(text for key, text in HOSTILE.items() if key != "long")

    def member(old):
        name = names.get(old.symbol)
        return replace(old, name=name, name_ko=name, why=everything, source=name, note=name) if name else old

    categories = [
        replace(category, members=tuple(map(member, category.members))) for category in theme.categories
    ]
    categories[0] = replace(categories[0], title=everything, title_ko=everything, thesis=everything)
    claims = tuple(
        replace(claim, title=everything, title_ko=everything, note=everything) for claim in theme.claims
    )
    return replace(
        theme,
        title=everything,
        title_ko=everything,
        summary=everything,
        categories=tuple(categories),
        claims=claims,
    )


@pytest.fixture(scope="module")
def screening(module_environment):
    return screen(hostile_theme(), source="sample", as_of="2025-04-30")


@pytest.fixture(scope="module")
def report(screening, module_environment):
    from screener.pipeline.report import compared, report_of

    before = report_of(screen(hostile_theme(), source="sample", as_of="2025-04-04")).snapshot
    return compared(report_of(screening), before)


@pytest.fixture(scope="module")
def module_environment(cache_folder, empty_config):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCREENER_CACHE_DIR", str(cache_folder))
        patch.setenv("SCREENER_CONFIG_DIR", str(empty_config))
        yield


def drawn(renderable, width=200):
    """What stands on a terminal, without the styles that are rich's own."""
    console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False)
    console.print(renderable)
    return console.file.getvalue()


def assert_inert(text, separator=""):
    """Nothing in it steers a terminal or turns the direction of writing."""
    bad = {sign for sign in text if not sign.isprintable() and sign not in {"\n", separator}}
    assert not bad, sorted(map(hex, map(ord, bad)))


# terminal


def terminal_views(screening):
    from screener.pipeline.claims import Ledger
    from screener.pipeline.explain import explain
    from screener.pipeline.profile import profile_of
    from screener.pipeline.score import score
    from screener.render.claims import ledger
    from screener.render.explanation import explanation_page
    from screener.render.ranking import ranking
    from screener.render.score import scorecard
    from screener.render.security import page
    from screener.render.theme import tree

    english = labels("en")
    yield "rank", lambda: ranking(screening, screening.table, english, 200)
    yield "rank --columns", lambda: ranking(screening, screening.table, english, 200, ("symbol", "name"))
    yield "score", lambda: scorecard(score(screening), english, 200, tests=True)
    judged = Ledger(screening.theme, screening.panels, screening.theme.claims).judge(screening.as_of)
    yield "claims", lambda: ledger(judged, screening, english, 200, notes=True)
    yield "themes", lambda: tree(screening.theme, english)
    for symbol in VICTIMS:
        profile = profile_of(screening, symbol)
        yield f"show {symbol}", lambda profile=profile: page(profile, english, 200)
    yield "explain", lambda: explanation_page(profile, explain(profile), english, 200)


VIEWS = ["rank", "rank --columns", "score", "claims", "themes", *(f"show {s}" for s in VICTIMS), "explain"]


@pytest.mark.parametrize("view", VIEWS)
def test_on_a_terminal_they_are_mere_letters(screening, view):
    text = drawn(dict(terminal_views(screening))[view]())
    assert_inert(text)
    assert "A" * 300 not in text.replace("\n", "")


def test_markup_of_rich_is_printed_as_it_is_written(screening):
    text = drawn(dict(terminal_views(screening))["rank --columns"]())
    assert HOSTILE["rich"] in text


# programs


@pytest.mark.parametrize("separator", [",", "\t"])
def test_in_csv_no_cell_is_a_formula_and_numbers_stay_numbers(screening, separator):
    from screener.render.export import to_csv

    text = to_csv(screening.table[list(NAMES)], separator)
    assert_inert(text, separator)
    rows = {row["symbol"]: row for row in csv.DictReader(io.StringIO(text), delimiter=separator)}
    names = {symbol: rows[symbol]["name"] for symbol in VICTIMS}
    by_kind = dict(zip(HOSTILE, names.values(), strict=True))
    assert by_kind["formula"] == f"'{HOSTILE['formula']}"
    assert by_kind["dde"] == f"'{HOSTILE['dde']}"
    assert by_kind["long"] == HOSTILE["long"]
    assert by_kind["script"] == HOSTILE["script"]
    # 118.42 after 142.62
    assert rows["NVDA"]["event_return"] == f"{118.42 / 142.62 - 1:.6f}"


def test_in_csv_of_a_theme_no_cell_is_a_formula(screening):
    from screener.render.theme import theme_text

    text = theme_text(screening.theme, "csv")
    assert_inert(text)
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def json_texts(screening):
    from screener.pipeline.profile import profile_of
    from screener.render.caption import metadata
    from screener.render.export import to_json, to_jsonl
    from screener.render.record import security_text
    from screener.render.theme import theme_text

    yield "rank", to_json(screening.table, metadata(screening))
    yield "rank, jsonl", to_jsonl(screening.table)
    yield "show", security_text(profile_of(screening, VICTIMS[3]), "json", labels("en"))
    yield "themes", theme_text(screening.theme, "json")


def test_in_json_they_are_escaped_and_come_back_whole(screening):
    for view, text in json_texts(screening):
        assert_inert(text)
        for line in text.splitlines() if view == "rank, jsonl" else [text]:
            json.loads(line)
    theme = json.loads(dict(json_texts(screening))["themes"])
    names = {member["symbol"]: member["name"] for c in theme["categories"] for member in c["members"]}
    assert [names[symbol] for symbol in VICTIMS] == list(HOSTILE.values())


# pages


class Elements(HTMLParser):
    """Collect what a browser would take for elements and attributes, and the texts between them."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.texts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.texts.append(data)


def pages(screening, report):
    from screener.render.export import to_html
    from screener.render.report import page

    for lang in ("en", "ko"):
        yield f"report {lang}", page.to_html(report, labels(lang)), 1
        yield f"rank {lang}", to_html(screening.table, labels(lang), screening.theme.title), 0


def test_in_html_they_are_neither_elements_nor_attributes(screening, report):
    for view, text, scripts in pages(screening, report):
        found = Elements(text)
        assert found.tags.count("script") == scripts, view
        assert "img" not in found.tags, view
        assert not [name for name, _ in found.attributes if name.startswith("on")], view
        assert not [
            value for name, value in found.attributes if name in {"href", "src"} and "://" in value
        ], view
        assert_inert(text)
        assert any("<script>alert(1)</script>" in told for told in found.texts), view
        assert "A" * 300 not in text, view


def test_the_page_allows_no_script_but_its_own(report):
    from screener.render.report.page import to_html

    text = to_html(report, labels("en"))
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    attributes = Elements(text).attributes
    policies = [value for name, value in attributes if name == "content" and "default-src" in value]
    assert policies == [
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:"
    ]


def test_in_markdown_they_are_neither_html_nor_links_nor_cells(screening, report):
    from screener.render.export import to_markdown
    from screener.render.report.markdown import to_markdown as report_markdown

    for text in (
        to_markdown(screening.table[list(NAMES)], labels("en")),
        report_markdown(report, labels("en")),
    ):
        assert_inert(text)
        assert "<script" not in text
        assert not re.search(r"(?<!\\)\]\(http", text)
        assert "\n# heading" not in text
        for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
            assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1
        assert "A" * 300 not in text


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_in_mail_they_are_mere_letters_in_lines_of_a_width(report, lang):
    from rich.cells import cell_len

    from screener.render.report.text import to_text

    text = to_text(report, labels(lang), 78)
    assert_inert(text)
    assert max(map(cell_len, text.splitlines())) <= 78
    assert "[bold red]loud[/]" in text.replace("\n", " ")
