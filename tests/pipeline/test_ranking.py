"""The order of the rows, and which of them are shown."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from screener.errors import UsageError
from screener.pipeline.ranking import Order, narrowed, ranked
from screener.where import parse


def table(*rows):
    """Rows of symbol, side, max_drawdown, return_since."""
    return pd.DataFrame(rows, columns=["symbol", "side", "max_drawdown", "return_since"])


def symbols(frame):
    return frame["symbol"].tolist()


MIXED = table(
    ("WIN2", "winner", -0.5, 0.1),
    ("OUT1", "", -0.9, 0.0),
    ("LOSE2", "loser", -0.1, 0.9),
    ("WIN1", "winner", -0.1, 0.4),
    ("LOSE1", "loser", -0.3, 0.0),
    ("OUT2", "", -0.1, 0.2),
)


def test_losers_come_deepest_first_then_winners_best_first_then_the_rest():
    assert symbols(ranked(MIXED)) == ["LOSE1", "LOSE2", "WIN1", "WIN2", "OUT2", "OUT1"]


def test_ranks_count_within_each_side():
    assert ranked(MIXED)["rank"].tolist() == [1, 2, 1, 2, 1, 2]


def test_rows_without_the_figure_come_last_whatever_the_direction():
    rows = table(("A", "loser", np.nan, 0.3), ("B", "loser", -0.1, np.nan), ("C", "loser", -0.2, 0.1))
    assert symbols(ranked(rows)) == ["C", "B", "A"]
    assert symbols(ranked(rows, Order.parse("max_drawdown:desc"))) == ["B", "C", "A"]
    assert symbols(ranked(rows, Order.parse("return_since"))) == ["A", "C", "B"]
    assert symbols(ranked(rows, Order.parse("return_since:asc"))) == ["C", "A", "B"]


@pytest.mark.parametrize("order", ["return_since:asc", "return_since:desc"])
def test_ties_stand_by_symbol_in_both_directions(order):
    names = ["D", "A", "C", "B"] * 25
    rows = table(*((f"{name}{at:03}", "loser", -0.1, 0.1) for at, name in enumerate(names)))
    result = symbols(ranked(rows, Order.parse(order)))
    assert result == sorted(result)


def test_the_order_of_the_rows_that_come_in_does_not_matter():
    pd.testing.assert_frame_equal(ranked(MIXED), ranked(MIXED[::-1]))


def test_text_dates_and_symbols_can_be_sorted_by():
    rows = table(("B", "loser", 0, 0), ("A", "loser", 0, 0), ("C", "loser", 0, 0)).assign(
        name=["beta", "", "alpha"],
        trough_date=pd.to_datetime([date(2025, 4, 4), None, date(2025, 2, 3)]),
    )
    assert symbols(ranked(rows, Order.parse("name"))) == ["C", "B", "A"]  # no name comes last
    assert symbols(ranked(rows, Order.parse("name:desc"))) == ["B", "C", "A"]
    assert symbols(ranked(rows, Order.parse("trough_date"))) == ["C", "B", "A"]
    assert symbols(ranked(rows, Order.parse("symbol"))) == ["A", "B", "C"]
    assert symbols(ranked(rows, Order.parse("symbol:desc"))) == ["C", "B", "A"]


def test_by_rank_is_the_default_order_either_way_round():
    assert symbols(ranked(MIXED, Order.parse("rank"))) == symbols(ranked(MIXED))
    assert symbols(ranked(MIXED, Order.parse("rank:desc"))) == [
        "LOSE2",
        "LOSE1",
        "WIN2",
        "WIN1",
        "OUT1",
        "OUT2",
    ]


@pytest.mark.parametrize(
    ("text", "descending"),
    [
        ("return_since", True),  # the best first
        ("fall", False),  # the deepest first
        ("symbol", False),
        ("fall:desc", True),
        ("return_since:asc", False),
    ],
)
def test_a_column_has_a_direction_of_its_own_unless_one_is_given(text, descending):
    assert Order.parse(text) == Order(text.partition(":")[0], descending)


@pytest.mark.parametrize(
    ("text", "said"),
    [("fal", "did you mean fall"), ("fall:down", "expected asc or desc"), ("", "no column ''")],
)
def test_a_wrong_order_is_told_with_what_was_meant(text, said):
    with pytest.raises(UsageError, match=said):
        Order.parse(text)


def test_top_takes_so_many_of_each_side_and_keeps_their_ranks():
    best = narrowed(ranked(MIXED), top=1)
    assert symbols(best) == ["LOSE1", "WIN1", "OUT2"]
    assert best["rank"].tolist() == [1, 1, 1]


def test_a_condition_is_held_before_the_top_is_taken_and_ranks_stay():
    shown = narrowed(ranked(MIXED), parse("return_since < 0.3"), top=1)
    assert symbols(shown) == ["LOSE1", "WIN2", "OUT2"]
    assert shown["rank"].tolist() == [1, 2, 1]


def test_a_condition_that_nothing_fulfils_leaves_no_row_and_all_columns():
    nothing = narrowed(ranked(MIXED), parse("return_since > 100"), top=3)
    assert nothing.empty
    assert list(nothing.columns) == list(ranked(MIXED).columns)
