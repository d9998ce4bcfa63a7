"""What of an answer may be stored."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from screener.sources.answer import Answer, BadData, NoData
from screener.sources.validate import Doubt, Expected, check, summary

DAYS = np.array(["2025-02-10", "2025-02-11", "2025-02-12", "2025-02-13", "2025-02-14"], dtype="M8[D]")
NAN = float("nan")


def answer(close, **changes):
    close = np.array(close, dtype=float)
    bars = {
        "date": DAYS[: len(close)].astype("M8[ms]"),
        "open": close,
        "high": close * 1.005,
        "low": close * 0.995,
        "close": close,
        "volume": np.full(len(close), 10.0),
        "dividend": np.zeros(len(close)),
        "split": np.zeros(len(close)),
    }
    own = {name: changes.pop(name) for name in list(changes) if name in bars}
    fields = {"symbol": "AAPL", "currency": "USD", "time_zone": "America/New_York"} | changes
    return Answer(bars=pd.DataFrame(bars | own), **fields)


def expected(**changes):
    fields = {
        "symbol": "AAPL",
        "currency": "USD",
        "sessions": DAYS,
        "final": DAYS,
        "today": date(2025, 2, 14),
        "max_move": 0.4,
        "max_dividend": 0.3,
    }
    return Expected(**(fields | changes))


def doubted(checked):
    return [(doubt.date.day, doubt.reason.split(",")[0]) for doubt in checked.doubts]


JUMP = "close over 40% from the one before"


@pytest.mark.parametrize(
    ("close", "kept", "jumps"),
    [
        ([10, 11, 12, 13, 14], [10, 11, 12, 13, 14], []),
        ([10, 10, 10, 10, 15], [10, 10, 10, 10], [14]),
        ([10, 10, 10, 10, 5], [10, 10, 10, 10], [14]),
        ([10, 10, 10, 10, 14], [10, 10, 10, 10, 14], []),
        # a second close at the new level confirms it
        ([10, 10, 10, 16, 15], [10, 10, 10, 16, 15], []),
        # one bar in another unit, and the way back
        ([10, 10, 1000, 10, 10], [10, 10, 10, 10], [12]),
        ([10, 10, 0.1, 10, 10], [10, 10, 10, 10], [12]),
    ],
)
def test_a_close_far_from_the_one_before_needs_a_second_one(close, kept, jumps):
    checked = check(answer(close), expected())
    assert checked.bars["close"].tolist() == kept
    assert doubted(checked) == [(day, JUMP) for day in jumps]


def test_a_split_explains_a_jump_whose_history_is_adjusted():
    # a fall of 45 % on the day of a 4-for-1 split; not adjusted, it would be one of about 75 %
    checked = check(answer([10, 10, 10, 10, 5.5], split=[0, 0, 0, 0, 4]), expected())
    assert checked.bars["close"].tolist() == [10, 10, 10, 10, 5.5]


@pytest.mark.parametrize("ratio", [4.0, 2.0, 0.1])
def test_a_history_not_adjusted_for_its_split_is_refused(ratio):
    with pytest.raises(
        BadData, match=f"closes before 2025-02-14 are not adjusted for its {ratio:g}-for-1 split"
    ):
        check(answer([10, 10, 10, 10, 10 / ratio], split=[0, 0, 0, 0, ratio]), expected())


@pytest.mark.parametrize("field", ["open", "close"])
def test_a_price_outside_the_range_of_its_session_is_set_aside(field):
    prices = [100.0, 100.0, 103.0, 100.0, 100.0]
    odd = answer([100.0] * 5, high=[101.0] * 5, low=[99.0] * 5)
    odd.bars[field] = prices
    checked = check(odd, expected())
    assert doubted(checked) == [(12, "open or close outside the session's range")]
    assert checked.bars["date"].dt.day.tolist() == [10, 11, 13, 14]


def test_a_price_outside_the_range_by_rounding_is_kept():
    checked = check(answer([100.0] * 5, high=[99.5] * 5, low=[99.0] * 5), expected())
    assert len(checked.bars) == 5


def test_a_halted_session_keeps_its_close_and_has_no_other_price():
    zeros = [10, 10, 0, 10, 10]
    checked = check(answer([10.0] * 5, open=zeros, high=zeros, low=zeros, volume=zeros), expected())
    assert checked.bars["close"].tolist() == [10.0] * 5
    assert checked.bars["open"].isna().tolist() == [False, False, True, False, False]
    assert checked.bars["volume"].tolist() == [10, 10, 0, 10, 10]


def test_closes_that_are_no_prices_are_no_bars():
    checked = check(answer([10, NAN, 0, -1, 10]), expected())
    assert checked.bars["date"].dt.day.tolist() == [10, 14]
    assert checked.doubts == ()


def test_an_answer_without_a_single_close_is_no_data():
    with pytest.raises(NoData, match="empty rows"):
        check(answer([NAN] * 5), expected())


def test_a_traded_bar_on_a_day_without_session_is_set_aside():
    checked = check(answer([10.0] * 5), expected(sessions=np.delete(DAYS, 2)))
    assert doubted(checked) == [(12, "no session of its exchange (else add it to calendars.yaml)")]


def test_bars_after_today_are_dropped():
    checked = check(answer([10.0] * 5), expected(today=date(2025, 2, 12)))
    assert checked.bars["date"].dt.day.tolist() == [10, 11, 12]


def test_only_bars_of_sessions_that_are_over_are_final():
    checked = check(answer([10.0] * 5), expected(final=DAYS[:4]))
    assert checked.bars["final"].tolist() == [True, True, True, True, False]


def test_a_live_quote_is_not_final_though_its_session_is_over():
    checked = check(answer([10.0] * 5, live_tail=True), expected())
    assert checked.bars["final"].tolist() == [True, True, True, True, False]


def test_rows_are_put_in_order_and_a_repeated_date_counts_once():
    shuffled = answer([1.0, 1.1, 1.2, 1.3, 1.4])
    bars = pd.concat([shuffled.bars.iloc[[3, 0, 4, 2, 1]], shuffled.bars.iloc[[4]]])
    checked = check(Answer(bars=bars, symbol="AAPL"), expected())
    assert checked.bars["close"].tolist() == [1.0, 1.1, 1.2, 1.3, 1.4]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"symbol": "MSFT"}, "the answer is about MSFT"),
        ({"currency": "EUR"}, "prices are in EUR, expected USD"),
    ],
)
def test_an_answer_about_something_else_is_refused(changes, message):
    with pytest.raises(BadData, match=message):
        check(answer([10.0] * 5, **changes), expected())


def test_pence_are_accepted_where_the_market_trades_in_pounds():
    assert len(check(answer([10.0] * 5, currency="GBp"), expected(currency="GBP")).bars) == 5


def test_a_dividend_above_its_limit_is_left_out_and_the_bar_kept():
    # 30 % of the close before is 3
    checked = check(answer([10.0] * 5, dividend=[0, 3.0, 0, 3.01, 0]), expected())
    assert checked.bars["dividend"].dropna().tolist() == [3.0]
    assert doubted(checked) == [(13, "dividend above 30% of the close")]
    assert len(checked.bars) == 5


def test_a_summary_says_each_reason_once_and_leaves_out_what_the_store_has():
    doubts = tuple(Doubt(date(2025, 2, day), "odd", float(day)) for day in (10, 11, 12))
    assert summary(doubts, set()) == ("set aside: odd: 12 on 2025-02-12 and 2 before",)
    assert summary(doubts, {date(2025, 2, 12)}) == ("set aside: odd: 11 on 2025-02-11 and 1 before",)
    assert summary(doubts, {doubt.date for doubt in doubts}) == ()
