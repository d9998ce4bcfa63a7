"""The shipped DeepSeek theme, held against the research table that it was made from and its own rules."""

from __future__ import annotations

import csv
import os
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from screener.markets import load_markets
from screener.taxonomy import check_theme, find_theme, list_themes, load_theme

EXTENSIONS = {"global_ai_power", "us_ai_software", "us_ai_cloud", "cn_ai_software_cloud", "cn_local_semis"}
HANGUL = range(0xAC00, 0xD7A4)


@pytest.fixture
def theme():
    return load_theme("deepseek-r1")


def research(name: str) -> list[dict[str, str]]:
    root = Path(__file__).resolve().parents[2]
    prices = Path(os.environ.get("SCREENER_TEST_DATA", root / "../shared/prices"))
    path = prices.parent / "research" / name
    if not path.is_file():
        pytest.skip(f"no research table {name} beside the test data (SCREENER_TEST_DATA)")
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def is_korean(text: str) -> bool:
    return any(ord(letter) in HANGUL for letter in text)


def test_no_shipped_theme_has_a_fault():
    assert {found.id: check_theme(found.path) for found in list_themes()} == {"deepseek-r1": ()}


def test_every_security_of_the_research_table_stands_in_its_category_on_its_side(theme):
    expected = [
        (
            row["category_id"],
            row["side"],
            row["yahoo_symbol"],
            row["name_en"],
            row["name_ko"],
            row["confidence"],
        )
        for row in research("taxonomy.csv")
    ]
    found = [
        (category.id, category.side, member.symbol, member.name, member.name_ko, member.confidence)
        for category, member in theme.members()
    ]
    assert found == expected
    assert len(found) == 110


def test_also_in_and_source_are_those_of_the_research_table(theme):
    expected = {row["yahoo_symbol"]: (row["also_in"], row["source"]) for row in research("taxonomy.csv")}
    assert {m.symbol: (m.also_in, m.source) for _, m in theme.members()} == expected


def test_the_market_of_each_symbol_is_the_exchange_of_the_research_table(theme):
    markets = load_markets()
    exchange = {"NASDAQ": "US", "NYSE": "US"}
    expected = {row["yahoo_symbol"]: (row["exchange"], row["currency"]) for row in research("taxonomy.csv")}
    for _, member in theme.members():
        market = markets.of(member.symbol)
        listed, currency = expected[member.symbol]
        assert (market.id, market.currency) == (exchange.get(listed, listed), currency)


def test_every_line_of_the_research_timeline_is_there_in_its_order(theme):
    expected = [(row["date"], row["time_zone"], row["kind"], row["title"]) for row in research("events.csv")]
    assert [(str(m.date), m.time_zone, m.kind, m.title) for m in theme.event.timeline] == expected


def test_the_event_was_known_on_sunday_noon_and_its_window_ends_before_the_tariffs(theme):
    assert theme.event.moment == datetime(2025, 1, 26, 12, tzinfo=UTC)
    assert theme.windows.clean_until == date(2025, 3, 31)


def test_thirteen_categories_say_how_far_the_article_carries_them(theme):
    assert {category.id: category.basis for category in theme.categories} == {
        "nvda_amd_complex": "stated",
        "kr_hbm_chain": "stated",
        "kr_power_equipment": "stated",
        "global_ai_power": "extension",
        "nvda_concentrated_supply": "stated",
        "us_model_incumbents": "inferred",
        "kr_ai_software": "stated",
        "kr_ai_cloud": "stated",
        "us_ai_software": "extension",
        "us_ai_cloud": "extension",
        "cn_ai_software_cloud": "extension",
        "china_export_semis": "stated",
        "cn_local_semis": "extension",
    }


def test_members_of_extended_categories_and_no_others_are_extensions(theme):
    found = {category.id for category, member in theme.members() if member.basis == "extension"}
    assert found == EXTENSIONS
    assert all(m.basis == "extension" for c, m in theme.members() if c.id in EXTENSIONS)
    assert [m.symbol for _, m in theme.members() if m.basis == "named"] == ["NVDA", "AMD", "MSFT", "META"]


def test_every_category_milestone_and_the_theme_itself_speak_korean(theme):
    texts = [theme.title_ko, theme.summary_ko, theme.event.summary_ko]
    texts += [text for c in theme.categories for text in (c.title_ko, c.thesis_ko)]
    texts += [milestone.title_ko for milestone in theme.event.timeline]
    assert [text for text in texts if not is_korean(text)] == []


def test_every_category_has_a_thesis_and_every_member_a_reason_a_source_and_a_korean_name(theme):
    assert all(category.thesis for category in theme.categories)
    assert all(member.why and member.source and member.name_ko for _, member in theme.members())


def test_every_claim_of_the_article_is_there_in_its_order(theme):
    claims = [
        "us_tech_rocked nvda_fell_15 tech_complex_fell rebound_then_pullback not_broad centred_on_chips",
        "nvda_no_new_high brake_on_nvda kr_hbm_hurt kr_power_hurt nvda_supply_hurt ai_software_gain ai_cloud_gain",
        "china_export_gain chips_split china_leads apps_over_infrastructure kospi_floor kosdaq_floor select_not_chase",
    ]
    assert [claim.id for claim in theme.claims] == " ".join(claims).split()


def test_every_claim_speaks_korean_and_no_extension_decides_one_that_the_article_states_of_korea(theme):
    for claim in theme.claims:
        texts = [claim.title_ko, *([claim.note_ko] if claim.note else [])]
        texts += [test.label_ko for test in claim.tests if test.label]
        assert [text for text in texts if not is_korean(text)] == [], claim.id
    stated = {"ai_software_gain", "ai_cloud_gain"}
    deciding = {test.of for c in theme.claims if c.id in stated for test in c.tests if test.decides}
    assert not deciding & EXTENSIONS


def test_what_the_press_got_wrong_is_nowhere_repeated(theme):
    text = find_theme("deepseek-r1").path.read_text(encoding="utf-8")
    assert "118.58" not in text
    for line in text.splitlines():
        assert not ("2.52" in line and ("Samsung" in line or "삼성" in line))
        assert "GPT-4" not in line or "not GPT-4" in line or "아니라" in line


def test_a_warm_load_takes_25_milliseconds_at_most():
    load_theme()
    best = min(_seconds_to_load() for _ in range(5))
    assert best < 0.025


def _seconds_to_load() -> float:
    # its own time, so that what else the machine does is not counted
    start = time.process_time()
    load_theme()
    return time.process_time() - start
