"""Every explained figure is recomputed from its printed text, as a reader with a pocket calculator would."""

from __future__ import annotations

import ast
import csv
import math
import operator
import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from statsmodels.api import OLS, add_constant

from screener import api
from screener.analytics.explain import DERIVED, derive
from screener.analytics.marks import Marks
from screener.analytics.measures import measure
from screener.columns import BY_NAME, NAMES
from screener.errors import NoPricesError, UsageError
from screener.labels import labels
from screener.pipeline.explain import explain, explained_columns
from screener.pipeline.profile import profile_of
from screener.pipeline.screening import ScreenRequest, screen
from screener.pipeline.study import StudyTerms
from screener.render.explanation import explanation_plain, note_text
from screener.render.values import is_empty, plain

SAMPLE = Path(__file__).parent.parent / "screener" / "data" / "closes.csv"
OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
#: columns with figures in them that are neither closes nor counts; a test of their own holds those
OF_THE_MODEL = {"abnormal_return", "car", "car_t"}
SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
CLOSE = re.compile(r"([A-Z^][\w^.-]*)\((\d{4}-\d\d-\d\d)\)")
STRETCH = re.compile(r"sessions\((\S+?)\.\.(\S+?)\)")
COMPARISON = re.compile(r"P\((\S+)\) ([<>]=?) P\((\S+)\): (\S+) ([<>]=?) (\S+)$")
#: half of the last printed decimal of a fraction
PRECISION = 5.1e-7


def arithmetic(text):
    """The value of numbers joined by + - * / ** and parentheses, and of nothing else."""

    def value(node):
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](value(node.left), value(node.right))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -value(node.operand)
        assert isinstance(node, ast.Constant), ast.dump(node)
        return node.value

    return value(ast.parse(text, mode="eval").body)


def put_in(dated, closes, sessions, symbol):
    """The text with every P(date) and every stretch of sessions replaced by what the data say."""

    def close(match):
        of = symbol if match[1] == "P" else match[1]
        return f"{closes[of][match[2]]:.10g}"

    def count(match):
        return str(sessions.index(match[2]) - sessions.index(match[1]) + 1)

    return CLOSE.sub(close, STRETCH.sub(count, dated))


def assert_true_comparisons(note, closes, symbol):
    """Hold a note's comparison against the data; give the first date in it."""
    found = COMPARISON.search(note)
    first, sign, second, one, again, other = found.groups()
    assert sign == again
    assert SIGNS[sign](float(one), float(other))
    assert (one, other) == (f"{closes[symbol][first]:.10g}", f"{closes[symbol][second]:.10g}")
    return first


@pytest.fixture(scope="module")
def sample_closes():
    """{symbol: {date: close}} of the bundled sample, read without the program."""
    with SAMPLE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        symbol: {row["date"]: float(row[symbol]) for row in rows if row[symbol]}
        for symbol in rows[0]
        if symbol != "date"
    }


@pytest.fixture
def screening():
    return api.screen(source="sample", as_of="2025-04-30")


@pytest.fixture
def nvda(screening):
    return profile_of(screening, "NVDA")


def lines(profile, *columns, lang="en"):
    """The explanation's lines from the first expression on, without their indent."""
    text = explanation_plain(profile, explain(profile, columns), labels(lang))
    return [line.strip() for line in text.splitlines()]


def expression(profile, column):
    return next(line for line in lines(profile, column) if line.startswith(f"{column} = "))


def test_event_return_is_explained_with_the_published_closes(nvda):
    # Nvidia closed at 142.62 on 2025-01-24 and at 118.42 on 2025-01-27
    assert expression(nvda, "event_return") == (
        "event_return = P(2025-01-27) / P(2025-01-24) - 1 = 118.42 / 142.62 - 1 = -0.169682 (-16.97%)"
    )


def test_max_drawdown_names_peak_and_trough(screening):
    nvda = profile_of(api.screen(source="sample", as_of="2025-02-10"), "NVDA")
    # as of 2025-02-10 the fall is from the base to 116.66 on 2025-02-03: 116.66 / 142.62 - 1
    assert "P(2025-02-03) / P(2025-01-24) - 1 = 116.66 / 142.62 - 1" in expression(nvda, "max_drawdown")
    palantir = profile_of(screening, "PLTR")
    # from a peak later than the base: 124.62 on 2025-02-18 down to 74.01 on 2025-04-04
    assert expression(palantir, "max_drawdown").split(" = ")[1:3] == [
        "P(2025-04-04) / P(2025-02-18) - 1",
        "74.01 / 124.62 - 1",
    ]


def test_excess_return_names_the_benchmarks_closes(nvda):
    assert "(SPY(2025-04-30) / SPY(2025-01-24) - 1)" in expression(nvda, "excess_return")


def test_a_base_not_yet_regained_says_so_with_the_nearest_close(nvda):
    told = lines(nvda, "recovered_on")
    assert "recovered_on = –" in told
    assert told[-1] == ("not yet; highest close since then: P(2025-02-20) < P(2025-01-24): 140.11 < 142.62")


def test_a_security_listed_later_has_no_figure_but_the_date_of_its_first_close(screening):
    profile = profile_of(screening, "064400.KS")
    for column in ("event_return", "base_close", "recovery", "sessions_below_base", "status"):
        assert lines(profile, column)[-1] == (
            "listed later: first close 2025-02-05, after the base session 2025-01-24"
        )


def test_base_and_event_date_say_when_the_sessions_ended(screening):
    korean = profile_of(screening, "000660.KS")
    # the Korean exchange closes at 15:30 Seoul time, which is 06:30 UTC
    assert "2025-01-24, at 2025-01-24T06:30Z" in lines(korean, "base_date")[-1]
    assert "2025-01-31, at 2025-01-31T06:30Z" in lines(korean, "event_date")[-1]


def test_texts_say_where_they_come_from(nvda):
    assert lines(nvda, "side")[-1] == "from the theme deepseek-r1, category nvda_amd_complex"
    outsider = profile_of(api.screen(source="sample", symbols=["SPY"]), "SPY")
    assert lines(outsider, "side")[-2:] == ["side = –", "not a member of the theme deepseek-r1"]


def test_every_column_is_explained_in_both_languages(nvda):
    for lang in ("en", "ko"):
        for explanation in explain(nvda):
            said = [note_text(note, labels(lang)) for note in explanation.derivation.notes]
            assert said or explanation.derivation.dated, explanation.column.name
            assert not any("{" in text for text in said)


def test_columns_come_as_words_with_commas_or_all():
    assert explained_columns(["fall,recovery", "fall"]) == ("fall", "recovery")
    assert explained_columns(["all"]) == NAMES
    with pytest.raises(UsageError, match=r"--explain recovry: no such column, did you mean recovery?"):
        explained_columns(["recovry"])


def test_a_security_without_prices_has_no_profile(screening):
    with pytest.raises(NoPricesError, match=r"^GOOG: not in the bundled sample"):
        profile_of(api.screen(source="sample", symbols=["NVDA", "GOOG"]), "GOOG")
    with pytest.raises(UsageError, match=r"NVDAA: not among the securities screened, did you mean NVDA?"):
        profile_of(screening, "NVDAA")


@pytest.mark.parametrize("as_of", ["2025-01-31", "2025-02-10", "2025-04-30"])
def test_each_printed_expression_of_the_sample_gives_the_printed_figure(as_of, sample_closes):
    screening, checked = api.screen(source="sample", as_of=as_of), 0
    measured = screening.table[screening.table["status"] != "no_prices"]
    for symbol in measured["symbol"]:
        profile = profile_of(screening, symbol)
        sessions = [str(day) for day in profile.panel.dates]
        for line in lines(profile, *NAMES):
            name, _, rest = line.partition(" = ")
            if name not in BY_NAME or BY_NAME[name].kind == "text" or "(" not in rest:
                continue
            dated, *priced, result = rest.split(" = ")
            if name in OF_THE_MODEL:
                text = priced[0]
            else:
                text = put_in(dated, sample_closes, sessions, symbol)
                assert text == (priced[0] if priced else result)
            assert arithmetic(text) == pytest.approx(float(result.split(" ")[0]), abs=PRECISION)
            checked += 1
    assert checked > 15 * (len(measured) - 1)


def test_the_market_model_in_an_explanation_is_that_of_ordinary_least_squares(nvda, sample_closes):
    days = sorted(sample_closes["SPY"])[: sorted(sample_closes["SPY"]).index("2025-01-27") - 10]
    own, market = (np.array([sample_closes[of][day] for day in days]) for of in ("NVDA", "SPY"))
    fitted = OLS(own[1:] / own[:-1] - 1, add_constant(market[1:] / market[:-1] - 1)).fit()
    note = lines(nvda, "abnormal_return")[-1]
    alpha, beta = (float(number) for number in re.search(r"alpha = (\S+), beta = (\S+), ", note).groups())
    assert (alpha, beta) == pytest.approx(tuple(fitted.params), rel=1e-7)
    assert f"on {len(days) - 1} returns" in note
    dated, priced = expression(nvda, "abnormal_return").split(" = ")[1:3]
    dated = dated.replace("alpha", f"{alpha:.10g}").replace("beta", f"{beta:.10g}")
    assert put_in(dated, sample_closes, days, "NVDA") == priced
    # s in the t statistic is the residual standard deviation of that fit
    s = float(re.search(r"/ \((\S+) \*", expression(nvda, "car_t").split(" = ")[2])[1])
    assert s == pytest.approx(math.sqrt(fitted.mse_resid), rel=1e-7)


@pytest.mark.parametrize("model", ["market", "market-adjusted", "mean-adjusted"])
@pytest.mark.parametrize("window", ["week", (-1, 1)])
def test_cumulated_abnormal_returns_of_any_window_and_model_add_up(model, window):
    terms = StudyTerms(window=window, model=model)
    request = ScreenRequest(theme=api.load_theme("deepseek-r1"), source="sample", study=terms)
    screening = screen(request)
    for symbol in ("NVDA", "000660.KS", "PLTR"):
        for found in explain(profile_of(screening, symbol), sorted(OF_THE_MODEL)):
            assert arithmetic(found.derivation.priced) == pytest.approx(found.value, abs=1e-8)


def test_too_few_returns_for_a_model_are_counted():
    # the sample of Korea begins on 2024-10-02 and 064400.KS on 2025-02-05; ask as if the event had come early
    terms = StudyTerms(estimation=(-130, -60))
    screening = screen(ScreenRequest(theme=api.load_theme("deepseek-r1"), source="sample", study=terms))
    told = lines(profile_of(screening, "NVDA"), "car")[-1]
    assert told.endswith("at least 60 are needed")
    assert told.startswith("19 returns with a benchmark")


ticks = st.integers(400, 1600).map(lambda tick: tick / 8)
FIRST = date(2025, 1, 6)


@st.composite
def security(draw):
    """Closes and benchmark on 2 to 40 sessions, some missing, and the row of the base session."""
    sessions = draw(st.integers(2, 40))
    column = st.lists(st.one_of(ticks, ticks, ticks, st.none()), min_size=sessions, max_size=sessions)
    close, benchmark = draw(column), draw(column)
    if draw(st.booleans()):  # a security that stopped trading, or started late
        at = draw(st.integers(0, sessions))
        close = close[:at] + [None] * (sessions - at) if draw(st.booleans()) else [None] * at + close[at:]
    return close, benchmark, draw(st.integers(0, sessions - 1))


def as_data(column, days):
    return {day: value for day, value in zip(days, column, strict=True) if value is not None}


#: the status that each note is the reason of
STATUS_NOTES = {
    "no_closes": "no_prices",
    "listed_later": "listed_later",
    "no_base": "no_base",
    "late": "late",
    "behind": "stale",
    "on_time": "ok",
    "waiting": "ok",
}


@hypothesis_settings(max_examples=600)
@given(security())
def test_each_derivation_gives_the_measured_value_or_says_why_there_is_none(drawn):
    close, benchmark, base = drawn
    matrix = np.array([[np.nan if value is None else value] for value in close])
    beside = np.array([np.nan if value is None else value for value in benchmark])
    dates = np.datetime64(FIRST) + np.arange(len(close))
    days = [str(day) for day in dates]
    closes = {"X": as_data(close, days), "SPY": as_data(benchmark, days)}
    marks = Marks(matrix[:, 0], dates, base, beside, "SPY")
    values = {name: column[0] for name, column in measure(matrix, dates, base, beside).items()}
    assert set(values) == set(DERIVED)
    assert STATUS_NOTES[derive("status", marks).notes[0].key] == values["status"].replace("ended", "stale")
    for name, value in values.items():
        derivation = derive(name, marks)
        said = [note_text(note, labels("en")) for note in derivation.notes]
        if is_empty(value):
            assert derivation.dated == ""
            assert said, name
        elif derivation.dated:
            text = put_in(derivation.dated, closes, days, "X")
            assert derivation.priced in {text, ""}
            assert math.isclose(arithmetic(text), value, abs_tol=1e-9), name
        assert_notes_hold(name, plain(BY_NAME[name], value), said, closes)


def assert_notes_hold(name, value, said, closes):
    """Every comparison is true of the data, and that of a date found is the comparison of that date."""
    compared = [assert_true_comparisons(note, closes, "X") for note in said if COMPARISON.search(note)]
    if name in {"recovered_on", "new_high_on"} and value:
        assert compared[-1] == value
    if name == "pre_high_date" and value:
        assert f"P({value}) = {closes['X'][value]:.10g}" in said[0]
    if name == "trough_date" and value:
        assert f"P({value}) = {min_since(said[0], closes):.10g}" in said[0]


def min_since(note, closes):
    start, end = re.search(r"(\S+)\.\.(\S+):", note).groups()
    inside = [close for day, close in closes["X"].items() if start <= day <= end]
    assert note.startswith(f"lowest of {len(inside)} closes")
    return min(inside)
