"""What is found wrong in the claims of a theme file, on which line, with which way out."""

from __future__ import annotations

import pytest

from screener.analytics.claims import claim_measures
from screener.errors import ConfigError, FaultyFileError
from screener.taxonomy import check_theme, find_theme, load_theme, new_theme_text
from screener.taxonomy.terms import MEASURES, Take, Threshold, end_of, start_of

WINNERS = "        of: winners\n        # the same"
WEEK = '        window: week\n        expect: "> 0"'
MINUS = "minus: losers"

#: what is replaced by what in the template, and what is said of it
ONE_FAULT = [
    ("id: nvda_fell", "id: NVDA fell", "claims[0].id: 'NVDA fell' does not fit"),
    ("id: winners_lead", "id: nvda_fell", "claims[1].id: the id nvda_fell stands already in line"),
    ("title: Nvidia falls", "titel: x\n    title: Nvidia falls", "titel: unknown key, did you mean title?"),
    (
        "measure: event_return",
        "measure: event_retrun",
        "no measure 'event_retrun', did you mean event_return?",
    ),
    ("measure: event_return", "measure: car", "no measure 'car'"),
    ("measure: event_return", "mesure: event_return", "mesure: unknown key, did you mean measure?"),
    ("of: NVDA", "of: hardwre", "no category 'hardwre', did you mean hardware?"),
    ("of: NVDA", "of: NVDA.XX", "claims[0].tests[0].of: NVDA.XX: no market has the suffix .XX"),
    ("of: NVDA", "of: [NVDA, ^KS12]", "claims[0].tests[0].of[1]: ^KS12: no market lists this index"),
    ("of: NVDA", "of: [NVDA, 5]", "claims[0].tests[0].of[1]: expected text, found the number 5"),
    ("of: NVDA", "of: {a: b}", "claims[0].tests[0].of: expected text or a list, found a mapping"),
    ("of: NVDA", "of: []", "claims[0].tests[0].of: names nothing"),
    ("of: NVDA", "of: NVDA/^KS11", "a ratio needs two symbols of one market"),
    (MINUS, "minus: loosers", "no category 'loosers', did you mean losers?"),
    (
        MINUS,
        "minus: losers\n        without: NET2",
        "NET2 is no member of the categories named, did you mean NET?",
    ),
    (MINUS, "minus: [NVDA]\n        market: KR", "winners: no member is left by market and without"),
    (MINUS, "minus: losers\n        market: XX", "market: unknown market 'XX'"),
    (MINUS, "minus: losers\n        best: 0", "best: 0 is too few"),
    (MINUS, "minus: losers\n        best: five", "best: expected a whole number or nothing, found text"),
    (MINUS, "minus: losers\n        measure: last_close", "last_close is a price; of several securities"),
    ("since: base", "since: bse", "since: 'bse': unknown, did you mean base?"),
    ("since: base", "since: 2025-02-30", "since: '2025-02-30': unknown; expected base, event or a date"),
    ("window: week", "window: weak", "window: 'weak': unknown, did you mean week?"),
    ("window: week", "window: 0 sessions", "window: '0 sessions': unknown"),
    (
        WEEK,
        WEEK.replace("window: week", "window: day").replace("expect", "decides: true\n        expect"),
        "",
    ),
    (
        'expect: "<= -10%"',
        'expect: "under -10%"',
        "expect: 'under -10%' is no threshold; expected one such as",
    ),
    ('expect: "<= -10%"', 'expect: "<= -10"', "the figure is a fraction; write -10%"),
    ('expect: "<= -10%"', 'expect: "<= pre_high"', "only a close can be held against another price"),
    ('expect: "<= -10%"', "expect: 5", "expect: expected text, found the number 5; put it in quotes"),
    ('expect: "<= -10%"', "decides: true", "claims[0].tests: no test decides"),
    ("take: share > 0", "take: meen", "take: 'meen': unknown, did you mean mean?"),
    ("take: share > 0", "take: share", "take: 'share': unknown, did you mean share?"),
    ("take: share > 0", "take: share > 5", "the figure is a fraction; write 5%"),
    ("label: share of winners that rose", "label_ko: 가", "label_ko: this key stands already in line"),
    ("decides: false", "decides: no", "decides: expected"),
    ("note: Other news", 'note: "a\\e[31m"  #', "claims[1].note: contains the hidden character U+001B"),
    ("label: mean return", 'label: "=1+1"  #', "begins with '=', so a spreadsheet would run it"),
]


def faults_of(tmp_path, *replacements):
    text = new_theme_text("mine")
    for old, new in replacements:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    faults = check_theme(path)
    if faults:
        with pytest.raises(FaultyFileError):
            load_theme(str(path))
    else:
        load_theme(str(path))
    return [str(fault).removeprefix(f"{path}:") for fault in faults], text


@pytest.mark.parametrize(("old", "new", "message"), ONE_FAULT, ids=[f"{c[1][:30]}" for c in ONE_FAULT])
def test_a_slip_in_a_claim_is_told_on_its_line(tmp_path, old, new, message):
    faults, text = faults_of(tmp_path, (old, new))
    if not message:
        assert faults == []
        return
    told = [fault for fault in faults if message in fault]
    assert told, faults
    start = text.rindex(new)
    first, last = (text.count("\n", 0, place) + 1 for place in (start, start + len(new)))
    # these two are told where the claim names what they are about
    if "no test decides" not in message and "no member is left" not in message:
        assert first <= int(told[0].split(":")[0]) <= last + 1


def test_a_window_that_ends_where_it_starts_is_told(tmp_path):
    faults, _ = faults_of(tmp_path, ("since: base", "since: event"), ("window: week", "window: day"))
    assert any("day ends before anything follows the close of event" in fault for fault in faults)
    faults, _ = faults_of(
        tmp_path, ("since: base", "since: 2025-02-10"), ("window: week", "window: 2025-02-03")
    )
    assert any("2025-02-03 ends before anything follows the close of 2025-02-10" in fault for fault in faults)


def test_the_clean_window_needs_its_end(tmp_path):
    faults, _ = faults_of(
        tmp_path, ("  clean_until: 2025-03-31", "  clean_until:"), ("window: week", "window: clean")
    )
    assert ["the theme has no clean window; give windows: clean_until" in fault for fault in faults] == [True]


def test_of_several_tests_each_needs_a_label(tmp_path):
    faults, _ = faults_of(tmp_path, ("label: share of winners that rose", "market: US"))
    assert ["claims[1].tests[1]: no label" in fault for fault in faults] == [True]


def test_claims_may_be_left_out(tmp_path):
    path = tmp_path / "mine.yaml"
    text = new_theme_text("mine")
    for rest in ("", "claims: []\n"):
        path.write_text(text[: text.index("claims:\n")] + rest, encoding="utf-8")
        assert load_theme(str(path)).claims == ()


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("<= -15%", "fraction", Threshold("<=", -0.15)),
        (">=2", "number", Threshold(">=", 2.0)),
        ("> 0", "fraction", Threshold(">", 0.0)),
        ("< -0.5%", "fraction", Threshold("<", -0.005)),
        ("<= pre_high", "price", Threshold("<=", "pre_high")),
        ("> 149.43", "price", Threshold(">", 149.43)),
    ],
)
def test_a_threshold_reads_as_it_is_written(text, kind, expected):
    assert Threshold.parse(text, kind) == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [("= 5", "number"), ("5", "number"), ("> 5%", "count"), ("> high", "price"), ("", "number")],
)
def test_what_is_no_threshold_is_refused(text, kind):
    with pytest.raises(ConfigError):
        Threshold.parse(text, kind)


def test_a_share_carries_its_condition_and_a_rank_its_symbol():
    assert Take.parse("share < -5%", "fraction") == Take("share", Threshold("<", -0.05))
    assert Take.parse("rank of 005930.KS", "fraction") == Take("rank", symbol="005930.KS")


def test_windows_and_starts_read_as_they_are_written():
    from datetime import date

    clean = date(2025, 3, 31)
    assert end_of("day", None).session == 0
    assert end_of("week", None).session == 4
    assert end_of("clean", clean).day == clean
    assert end_of("20 sessions", None).length == 20
    assert end_of("all", None).open_ended
    assert start_of("base").session == -1
    assert start_of("event").session == 0
    assert start_of("2025-02-05").day == date(2025, 2, 5)


def test_every_measure_that_a_claim_may_name_is_measured_and_no_other_figure_is_forgotten():
    import numpy as np

    dates = np.arange("2025-01-01", "2025-01-04", dtype="M8[D]")
    close = np.array([[100.0], [90.0], [95.0]])
    figures = {
        name for name, v in claim_measures(close, dates, 0, close[:, 0]).items() if v.dtype.kind == "f"
    }
    assert set(MEASURES) == figures


def test_the_claim_in_the_readme_is_without_fault(tmp_path):
    import re
    from pathlib import Path

    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    (example,) = re.findall(r"^```yaml\n(claims:\n.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    shipped = find_theme("deepseek-r1").path.read_text("utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(shipped[: shipped.index("\nclaims:\n") + 1] + example, "utf-8")
    assert check_theme(path) == ()
