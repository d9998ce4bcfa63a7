"""JSON Schema of a theme file, for editors that complete and check while one types."""

from __future__ import annotations

from typing import Any

from screener.model import Theme
from screener.taxonomy.terms import MEASURES
from screener.typedyaml import schema_of
from screener.yamlrules import LONGEST_NAME, NAMES

_DESCRIPTIONS: dict[str, dict[str, str]] = {
    "Theme": {
        "id": "Short name: small letters, digits, - and _.",
        "title": "Name of the theme.",
        "title_ko": "Name of the theme in Korean.",
        "summary": "What happened and what is expected, in a few sentences.",
        "summary_ko": "The summary in Korean.",
        "event": "The news, and what happened around it.",
        "windows": "Where the event's own window ends.",
        "categories": "Groups of securities, each with the side it is expected on. At least one.",
        "claims": "Statements that prices can hold or refute, for `screener claims`.",
    },
    "Event": {
        "moment": "Instant at which the news became known, with a time zone: 2025-01-26T12:00Z.",
        "summary": "How the news broke.",
        "summary_ko": "The same in Korean.",
        "timeline": "Dated lines: what set it off, what followed, what else moved prices.",
    },
    "Milestone": {
        "date": "Local date, YYYY-MM-DD.",
        "time_zone": "IANA time zone of the date, such as Asia/Seoul.",
        "kind": "What sort of line this is.",
        "title": "What happened.",
        "title_ko": "The same in Korean.",
        "why": "Why it matters to prices.",
        "source": "Where it can be read: an address, or words.",
        "status": "How sure it is.",
    },
    "Windows": {"clean_until": "Last date before something else moved the market, YYYY-MM-DD."},
    "Category": {
        "id": "Short name: small letters, digits and _.",
        "side": "Whether prices are expected to fall (loser) or rise (winner) against their market.",
        "title": "Name of the category.",
        "title_ko": "Name of the category in Korean.",
        "basis": "Whether the article states it, leaves it to be inferred, or is carried further here.",
        "thesis": "Why the category should move to its side.",
        "thesis_ko": "The thesis in Korean.",
        "members": "Securities of the category. At least one.",
    },
    "Member": {
        "symbol": "Symbol in Yahoo's writing: NVDA, BRK-B, 005930.KS. Once in the whole file.",
        "name": "Name of the security.",
        "name_ko": "Name of the security in Korean.",
        "basis": "Named in the article, there by its category, or an extension of what the article says.",
        "why": "Why it belongs to the category.",
        "confidence": "How sure the placing is.",
        "source": "Where that can be read: an address, or words.",
        "also_in": "Id of another category that could be argued for; it counts in its own only.",
        "note": "What else to know when reading its figures.",
    },
    "Claim": {
        "id": "Short name: small letters, digits and _.",
        "title": "What is claimed, in a short sentence.",
        "title_ko": "The same in Korean.",
        "note": "What else moved these prices, and how far the tests carry.",
        "note_ko": "The note in Korean.",
        "tests": "Figures that the claim is held against; it holds when all that decide do. At least one.",
    },
    "ClaimTest": {
        "label": "What the figure is; needed where a claim has several tests.",
        "label_ko": "The label in Korean.",
        "of": "What is measured: symbols, categories, or losers, winners, members. A/B is a ratio of symbols.",
        "minus": "What the same figure is taken off of: symbols or categories.",
        "without": "Members to leave out of the categories of `of` and `minus`.",
        "market": "Market or country that those categories are cut down to: KOSPI, KR.",
        "best": "Keep only so many of `of`, those with the best event_return.",
        "measure": f"One of {', '.join(MEASURES)}.",
        "take": "How the figures of several become one: mean, median, share < -5%, rank of SYMBOL.",
        "since": "Close from which is measured: base, event (that of the event session) or a date.",
        "window": "Up to where: day, week, clean, all (the as-of date), a length as in 5 sessions, or a date.",
        "expect": "Threshold such as '<= -15%', '>= 2', '<= pre_high'; without one the figure is only shown.",
        "decides": "Whether the claim's verdict rests on this test.",
    },
}


def theme_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a theme file; `screener themes check` finds more than it can say."""
    schema = schema_of(Theme)
    schema["title"] = "Theme of the shock screener"
    for name, definition in schema["$defs"].items():
        for key, value in definition["properties"].items():
            value["description"] = _DESCRIPTIONS[name][key]
            if key in NAMES:
                value["maxLength"] = LONGEST_NAME
            if key in {"categories", "members", "tests"}:
                value["minItems"] = 1
    return schema
