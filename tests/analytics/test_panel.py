"""How bars are laid out on the sessions of one exchange."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.analytics.panel import build_panel
from screener.model import Market

KOREA = Market(
    id="KOSPI",
    country="KR",
    title="Korea",
    suffixes=(".KS",),
    calendar="XKRX",
    time_zone="Asia/Seoul",
    currency="KRW",
    benchmark="^KS11",
)
# the Korean sessions around Lunar New Year 2025: nothing between 01-24 and 01-31
SESSIONS = np.array(
    ["2025-01-22", "2025-01-23", "2025-01-24", "2025-01-31", "2025-02-03", "2025-02-04"], dtype="M8[D]"
)
BASE = np.datetime64("2025-01-24")


def bars(*rows, **columns):
    table = pd.DataFrame(rows, columns=["date", "symbol", "close"]).assign(**columns)
    return table.assign(date=pd.to_datetime(table["date"]))


def panel(*rows, dates=SESSIONS, price="close", **columns):
    return build_panel(bars(*rows, **columns), KOREA, dates, BASE, price)


def test_only_sessions_of_this_exchange_are_rows_so_that_its_holidays_are_no_missing_prices():
    built = panel(("2025-01-23", "A.KS", 10.0), ("2025-01-24", "A.KS", 11.0), ("2025-01-31", "A.KS", 9.0))
    assert built.dates.astype(str).tolist() == [
        "2025-01-23",
        "2025-01-24",
        "2025-01-31",
        "2025-02-03",
        "2025-02-04",
    ]
    np.testing.assert_array_equal(built.closes("A.KS"), [10, 11, 9, np.nan, np.nan])
    assert built.dates[built.base] == BASE


def test_securities_are_columns_each_with_its_own_closes():
    built = panel(
        ("2025-01-24", "B.KS", 20.0),
        ("2025-01-24", "A.KS", 10.0),
        ("2025-01-31", "B.KS", 21.0),
        dates=SESSIONS[:4],
    )
    assert built.symbols == ("A.KS", "B.KS")
    np.testing.assert_array_equal(built.close, [[10, 20], [np.nan, 21]])


def test_a_security_that_it_does_not_have_has_no_close():
    built = panel(("2025-01-24", "B.KS", 20.0))
    for symbol in ("A.KS", "C.KS", "B.K", ""):
        assert np.isnan(built.closes(symbol)).all()
        assert len(built.closes(symbol)) == len(built.dates)


def test_closes_after_the_last_session_are_not_looked_at():
    built = panel(("2025-01-24", "A.KS", 10.0), ("2025-02-04", "A.KS", 99.0), dates=SESSIONS[:4])
    assert built.close.tolist() == [[10.0], [pytest.approx(np.nan, nan_ok=True)]]
    assert built.unscheduled == 0


def test_closes_on_days_without_a_session_are_left_out_and_counted():
    built = panel(("2025-01-24", "A.KS", 10.0), ("2025-01-27", "A.KS", 9.0), ("2025-01-28", "A.KS", 8.0))
    assert built.unscheduled == 2
    assert np.nansum(built.close) == 10.0


def test_the_base_session_is_a_row_even_where_all_closes_come_later():
    built = panel(("2025-02-03", "A.KS", 10.0))
    assert built.dates[built.base] == BASE
    np.testing.assert_array_equal(built.closes("A.KS"), [np.nan, np.nan, 10, np.nan])


def test_without_one_bar_there_are_rows_and_no_columns():
    built = panel()
    assert built.close.shape == (4, 0)
    assert np.isnan(built.closes("A.KS")).all()


@given(st.permutations(range(12)))
def test_the_order_of_the_bars_does_not_matter(order):
    rows = [(str(day), symbol, 10.0 + at) for at, day in enumerate(SESSIONS) for symbol in ("A.KS", "B.KS")]
    shuffled = panel(*(rows[at] for at in order))
    np.testing.assert_array_equal(shuffled.close, np.repeat(10.0 + np.arange(6), 2).reshape(6, 2))


class TestTotalReturn:
    def test_a_dividend_puts_back_what_the_ex_date_took_away(self):
        # 100 before, 5 paid, 95 on the ex-date: the holder has lost nothing; 1 - 5 / 100 = 0.95 before it
        rows = [("2025-01-23", "A.KS", 110.0), ("2025-01-24", "A.KS", 100.0), ("2025-01-31", "A.KS", 95.0)]
        built = panel(*rows, dates=SESSIONS[:4], price="total-return", dividend=[0.0, 0.0, 5.0])
        np.testing.assert_allclose(built.closes("A.KS"), [110 * 0.95, 95, 95])

    def test_by_close_the_dividend_is_not_looked_at(self):
        rows = [("2025-01-24", "A.KS", 100.0), ("2025-01-31", "A.KS", 95.0)]
        built = panel(*rows, dates=SESSIONS[:4], dividend=[0.0, 5.0])
        np.testing.assert_array_equal(built.closes("A.KS"), [100, 95])

    def test_a_dividend_after_the_as_of_session_is_not_yet_known(self):
        rows = [("2025-01-24", "A.KS", 100.0), ("2025-01-31", "A.KS", 95.0), ("2025-02-03", "A.KS", 90.0)]
        built = panel(*rows, dates=SESSIONS[:4], price="total-return", dividend=[0.0, np.nan, 4.0])
        np.testing.assert_array_equal(built.closes("A.KS"), [100, 95])
