"""What a faulty expression is answered with, and where the caret stands."""

from __future__ import annotations

import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from screener.columns import BY_NAME, Column
from screener.errors import EXIT_USAGE, UsageError
from screener.where import MAX_DEPTH, MAX_LENGTH, WhereError, parse
from screener.where.error import display_width


def fault(text: str) -> WhereError:
    with pytest.raises(WhereError) as caught:
        parse(text)
    return caught.value


#: expression with « before the character at fault, and a part of the problem
POINTED = [
    ("«recovry < 50%", "no column recovry, did you mean recovery?"),
    ("«Recovery < 50%", "did you mean recovery?"),
    ("«price > 3", "no column price; `screener columns` lists them"),
    ("0.05 < «recovry", "did you mean recovery?"),
    ("fall < «max_drawdwn", "did you mean max_drawdown?"),
    ("-20% < «fal < -10%", "did you mean fall?"),
    ("«KOSPI == market", "no column KOSPI"),
    ("«nowhere is empty", "no column nowhere"),
    ("name = «3", 'name is text: write "3" in quotes'),
    ("symbol in (NVDA, «005930)", 'write "005930" in quotes'),
    ("name = «2025-02-28", "name is text"),
    ("market «< KOSPI", "market is text"),
    ('"A" «< market', "market is text"),
    ("base_date > «20250228", "base_date is a date"),
    ("base_date > «2025-2-8", "write 2025-02-28"),
    ("base_date > «yesterday", "base_date is a date"),
    ("base_date in (2025-01-24, «'soon')", "base_date is a date"),
    ("base_date > «2025-02-30", "not a date of the calendar"),
    ("base_date > «'2025-02-30'", "base_date is a date"),
    ("base_date > «0000-01-01", "not a date of the calendar"),
    ("fall < «2025-01-01", "fall is a fraction"),
    ("fall < «'15%'", "fall is a fraction"),
    ("fall < «KOSPI", "fall is a fraction"),
    ("last_close > «5%", "percent stands against fractions only"),
    ("sessions_to_trough < «5%", "percent stands against fractions only"),
    ("«5% < rank", "percent stands against fractions only"),
    ("fall < «last_close", "own kind"),
    ("rank = «sessions_to_trough", "own kind"),
    ("market = «fall", 'for the text, write "fall"'),
    ("«fall contains 'x'", "contains is for text"),
    ("name contains «3", "name is text"),
    ("name = «''", "is empty, or is not empty"),
    ('name contains «""', "is empty, or is not empty"),
    ("recovered_on = «empty", "write is empty"),
    ("side = «in", 'write "in"'),
    ("«1 < 2", "must be a column"),
    ("«1 in (fall)", "expected a column here"),
    ("fall < 0.1 «> drawdown", "chain one way"),
    ("rank = 1 «= rank", "chain one way"),
    ("rank not «< 3", "expected in or contains"),
    ("rank is «3", "expected empty after is"),
    ("rank is not «3", "expected empty after is not"),
    ("rank in «3", "expected ( after in"),
    ("rank in («)", "expected a value"),
    ("rank in «(3", "list is never closed"),
    ("rank in (3 «4)", "expected , or )"),
    ("last_close > 1«,000", "1_000"),
    ("name = Samsung «Electronics", '"quotes"'),
    ("fall < 0 «fall > 1", "expected and, or, or the end"),
    ("(fall < 0 «rank", "expected and, or, or the end"),
    ("«(fall < 0", "never closed"),
    ("fall < 0«)", "never opened"),
    ("(fall«) < 0", "expected a comparison"),
    ("fall«", "fall is not empty"),
    ("fall <«", "the end of the expression"),
    ("fall < 0 and«  ", "the end of the expression"),
    ("not«", "the end of the expression"),
    ("«and fall < 0", 'not "and"'),
    ("«", "the expression is empty"),
    ("«  \n ", "the expression is empty"),
    ('name = «"Samsung', "no end"),
    ("name = «'it''s", "no end"),
    ('name = «"say ""yes', "no end"),
    (r'name = «"a\"', "no end"),
    ("fall < 0 «& rank < 3", "write &&"),
    ("fall < 0 «| rank < 3", "write ||"),
    ("name = «“삼성”", 'in "quotes"'),
    ("base_date > «2025/02/28", "dates as 2025-02-28"),
    ("fall < «10%%", "cannot read 10%%"),
    ("fall < «- 10%", "cannot read -"),
    ("fall < «1e999", "too large"),
    ("fall «; import os", "cannot read ;"),
]


@pytest.mark.parametrize(("marked", "problem"), POINTED)
def test_the_error_points_at_the_character_and_says_what_is_wrong(marked: str, problem: str) -> None:
    at = marked.index("«")
    error = fault(marked.replace("«", ""))
    assert (error.at, problem in error.problem) == (at, True), error


def test_the_message_is_the_problem_the_expression_and_a_caret() -> None:
    assert str(fault("recovery < 50% and recovry > 3")).splitlines() == [
        "no column recovry, did you mean recovery?",
        "  recovery < 50% and recovry > 3",
        "                     ^",
    ]


def test_the_caret_stands_under_its_character_behind_wide_korean_text() -> None:
    # before the caret: margin 2, `name_ko = "` 11, four wide characters 8, `" and ` 6
    lines = str(fault('name_ko = "삼성전자" and recovry < 3')).splitlines()
    assert lines[1] == '  name_ko = "삼성전자" and recovry < 3'
    assert lines[2] == " " * 27 + "^"


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("NVDA", 4),
        ("삼성", 4),
        ("\u1109\u1161\u11b7\u1109\u1165\u11bc", 4),  # the same, decomposed as macOS writes it
        ("e\u0301", 1),  # e and a combining accent
        ("ＡＢ", 4),  # full-width Latin
        ("ｶﾅ", 2),  # half-width kana
        ("東京", 4),
        ("", 0),
    ],
)
def test_display_width_counts_terminal_cells(text: str, cells: int) -> None:
    assert display_width(text) == cells


def test_only_the_line_at_fault_is_shown() -> None:
    assert str(fault("fall < 0\n  and recovry > 3\nor rank = 1")).splitlines()[1:] == [
        "    and recovry > 3",
        "        ^",
    ]


def test_a_long_line_is_cut_around_the_caret() -> None:
    text = " or ".join(["rank = 1"] * 200 + ["oops = 1"] + ["rank = 1"] * 200)
    _, line, caret = str(fault(text)).splitlines()
    assert len(line) < 110
    assert line.startswith("  …")
    assert line.endswith("…")
    assert line[caret.index("^") :].startswith("oops = 1")


def test_characters_that_cannot_be_printed_are_replaced() -> None:
    message = str(fault("fall < \x1b[31m\udcff\u200b"))
    assert all(char.isprintable() for char in message.replace("\n", ""))


def test_a_faulty_expression_is_wrong_use() -> None:
    error = fault("fall")
    assert isinstance(error, UsageError)
    assert error.exit_code == EXIT_USAGE


def test_an_unknown_column_is_looked_for_among_the_columns_given() -> None:
    with pytest.raises(WhereError, match="did you mean close_at_alert"):
        parse("close_at_alrt > 3", {"close_at_alert": Column("close_at_alert", "price")})
    with pytest.raises(WhereError, match="no column fall"):
        parse("fall < 3", {"close_at_alert": BY_NAME["last_close"]})


def test_an_expression_may_have_ten_thousand_characters_and_no_more() -> None:
    condition = "fall < 0"
    assert parse(condition.ljust(MAX_LENGTH)).columns == ("fall",)
    error = fault(condition.ljust(MAX_LENGTH + 1))
    assert "10,001 characters" in error.problem
    assert error.at == MAX_LENGTH


def test_parentheses_may_nest_a_hundred_deep_and_no_deeper() -> None:
    def nested(depth: int) -> str:
        return "not (" * depth + "fall < 0" + ")" * depth

    assert parse(nested(MAX_DEPTH)).columns == ("fall",)
    error = fault(nested(MAX_DEPTH + 1))
    assert "deeper than 100" in error.problem
    # 100 times "not (" has 500 characters; the parenthesis too many stands behind "not "
    assert error.at == 504


def test_parentheses_side_by_side_do_not_nest() -> None:
    assert parse(" or ".join(["(fall < 0)"] * (MAX_DEPTH + 50))).columns == ("fall",)


@pytest.mark.parametrize(
    "text", ["not " * 2400 + "fall < 0", "!" * 9000 + "fall < 0", " and ".join(["fall<0"] * 900)]
)
def test_the_longest_expressions_do_not_end_pythons_stack(text: str) -> None:
    depth, frame = 0, sys._getframe()
    while frame.f_back:
        depth, frame = depth + 1, frame.f_back
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + 100)
    try:
        assert parse(text).columns == ("fall",)
    finally:
        sys.setrecursionlimit(limit)


FRAGMENTS = st.sampled_from(
    [
        *("fall", "name", "base_date", "rank", "last_close", "market", "KOSPI", "삼성", "000660.KS", "^IXIC"),
        *(
            "1",
            "-0.5",
            "15%",
            " %",
            "1e3",
            "1e400",
            "2025-02-28",
            "2025-02-30",
            '"x"',
            "'x'",
            '"',
            "'",
            "\\",
            '""',
        ),
        *("(", ")", ",", "=", "==", "!=", "<>", "<", "<=", ">", ">=", "&&", "||", "!", "&", "|", "%", "-"),
        *(" and ", " or ", " not ", " in ", " contains ", " is ", " empty ", " ", "\n", "\u3000", "\x00"),
    ]
)


@given(st.text())
@example("\ud800")
@example("(" * 5000)
@example('"' + "\\" * 9000)
@example("fall<" + "9" * 9000)
@example("fall < " + "1e" + "9" * 5000)
def test_any_text_is_read_or_refused(text: str) -> None:
    _read_or_refuse(text)


@given(st.lists(FRAGMENTS, max_size=25).map("".join))
def test_any_mixture_of_the_languages_words_is_read_or_refused(text: str) -> None:
    _read_or_refuse(text)


def _read_or_refuse(text: str) -> None:
    try:
        expression = parse(text)
    except WhereError as error:
        problem, line, caret = str(error).split("\n")
        assert problem
        assert 0 <= error.at <= len(text)
        assert caret.strip() == "^"
        assert display_width(caret) <= display_width(line) + 1
    else:
        assert expression.columns
        assert set(expression.columns) <= set(BY_NAME)
