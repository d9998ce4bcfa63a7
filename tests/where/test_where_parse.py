"""What an expression means: its tree, its columns, its hints."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date

import pytest

from screener.columns import BY_NAME, Column
from screener.where import parse
from screener.where.tree import (
    ColumnRef,
    Comparison,
    Conjunction,
    Constant,
    Containment,
    Emptiness,
    Membership,
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("not fall < 0 and rank < 3 or rank > 9", "((not fall < 0) and rank < 3) or rank > 9"),
        ("rank > 9 or rank < 3 and not fall < 0", "rank > 9 or (rank < 3 and (not (fall < 0)))"),
        ("not side = loser", "not (side = loser)"),
        ("not not side = loser", "side = loser"),
        ("! side = loser && rank < 3 || fall < 0", "not side = loser and rank < 3 or fall < 0"),
        (
            "NOT side = loser AND rank IN (3) OR fall Is Not Empty",
            "not side=loser and rank in(3) or fall is not empty",
        ),
        ("rank == 1 or rank <> 1", "rank = 1 or rank != 1"),
        ("-20% < fall < -10%", "-20% < fall and fall < -10%"),
        ("max_drawdown<=fall<=drawdown<0", "max_drawdown <= fall and fall <= drawdown and drawdown < 0"),
        ("not -20% < fall < -10%", "not (-20% < fall and fall < -10%)"),
        ("fall<-10%", "fall < -0.1"),
    ],
)
def test_two_spellings_have_one_tree(written: str, meant: str) -> None:
    assert parse(written) == parse(meant)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("rank < 3 or rank > 9 and fall < 0", "(rank < 3 or rank > 9) and fall < 0"),
        ("not rank < 3 and fall < 0", "not (rank < 3 and fall < 0)"),
        ("rank < 3", "3 < rank"),
    ],
)
def test_parentheses_and_sides_matter(one: str, other: str) -> None:
    assert parse(one) != parse(other)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1", 1.0),
        ("-0.5", -0.5),
        ("+.25", 0.25),
        ("1_000", 1000.0),
        ("1e-3", 0.001),
        ("2.5E2", 250.0),
        ("15%", 0.15),
        # 1.1 / 100 rounds twice, to 0.011000000000000001; the nearest float to 0.011 is meant
        ("1.1%", 0.011),
        ("-18.2 %", -0.182),
        ("1e2%", 1.0),
    ],
)
def test_numbers_and_percent_have_the_nearest_float(written: str, value: float) -> None:
    assert parse(f"fall = {written}").root == Comparison(ColumnRef("fall", "fraction"), "=", Constant(value))


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('"KOSPI"', "KOSPI"),
        ("'KOSPI'", "KOSPI"),
        ("KOSPI", "KOSPI"),
        ("000660.KS", "000660.KS"),
        ("BRK-B", "BRK-B"),
        ("^IXIC", "^IXIC"),
        ("삼성전자", "삼성전자"),
        (r'"say \"yes\""', 'say "yes"'),
        ('"say ""yes"""', 'say "yes"'),
        ("'it''s'", "it's"),
        (r"'it\'s'", "it's"),
        ("'two \"\" quotes'", 'two "" quotes'),
        (r'"a\\"', "a\\"),
        (r'"a\n"', r"a\n"),
        ('"not (a or b) < 15%"', "not (a or b) < 15%"),
        ('"2025-02-28"', "2025-02-28"),
        ('"empty"', "empty"),
    ],
)
def test_text_is_bare_or_quoted_with_escapes(written: str, text: str) -> None:
    assert parse(f"name = {written}").root == Comparison(ColumnRef("name", "text"), "=", Constant(text))


@pytest.mark.parametrize("written", ["2025-02-28", '"2025-02-28"', "'2025-02-28'"])
def test_a_date_may_be_quoted_against_a_date_column(written: str) -> None:
    column = ColumnRef("trough_date", "date")
    assert parse(f"trough_date <= {written}").root == Comparison(column, "<=", Constant(date(2025, 2, 28)))


def test_lists_substrings_and_emptiness_have_their_nodes() -> None:
    found = parse(
        "symbol in (NVDA, '000660.KS') and name not contains 삼성 and recovered_on is not empty"
    ).root
    assert found == Conjunction(
        (
            Membership(ColumnRef("symbol", "text"), (Constant("NVDA"), Constant("000660.KS"))),
            Containment(ColumnRef("name", "text"), "삼성", negated=True),
            Emptiness(ColumnRef("recovered_on", "date"), negated=True),
        )
    )


def test_a_column_name_in_a_list_or_after_contains_is_text() -> None:
    assert parse("basis in (category, named)") == parse('basis in ("category", "named")')
    assert parse("basis contains category") == parse('basis contains "category"')


def test_columns_are_named_once_in_the_order_of_first_use() -> None:
    assert parse("not (side = loser or fall < drawdown) and side != winner").columns == (
        "side",
        "fall",
        "drawdown",
    )


def test_other_columns_may_be_given() -> None:
    columns = {**BY_NAME, "close_at_alert": Column("close_at_alert", "price")}
    assert parse("last_close > close_at_alert", columns).columns == ("last_close", "close_at_alert")
    assert parse("close_at_alert > 3", {"close_at_alert": Column("close_at_alert", "price")}).hints == ()


def test_a_fraction_against_a_large_bare_number_gives_a_hint_with_the_percent_spelling() -> None:
    (hint,) = parse("recovery < 50").hints
    # 50 = 5000 percent
    assert "50 means 5,000 %" in hint
    assert "write 50%" in hint
    assert parse("-20 < fall < 3 and fall in (0.1, 7)").hints[2].endswith("write 7%")
    assert len(parse("fall < 20 or fall < 20").hints) == 1


@pytest.mark.parametrize(
    "text", ["recovery < 50%", "rebound > 1.5", "rebound > -1.5", "last_close > 50", "rank < 50"]
)
def test_what_is_plain_gives_no_hint(text: str) -> None:
    assert parse(text).hints == ()


def test_text_that_is_also_a_column_name_gives_a_hint() -> None:
    (hint,) = parse("basis == category").hints
    assert 'write "category"' in hint
    assert parse('basis == "category"').hints == ()


def test_parsing_imports_neither_pandas_nor_numpy() -> None:
    program = (
        "import json, sys; from screener.where import parse; parse('fall < -10% and name = x');"
        "print(json.dumps([name for name in ('pandas', 'numpy') if name in sys.modules]))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == []
