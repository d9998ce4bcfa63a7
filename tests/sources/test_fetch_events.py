"""Splits, dividends and corrections between two runs: the store ends up as a fresh fetch would have it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from screener.analytics.adjust import total_return_factors
from tests.fakeyahoo.lab import DAY

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
THURSDAY = "2025-02-13T23:00:00+00:00"
FRIDAY = "2025-02-14T23:00:00+00:00"
VALUES = ["date", "symbol", "open", "high", "low", "close", "volume", "dividend", "split"]


def total_returns(bars):
    close, paid = (bars[name].to_numpy()[:, None] for name in ("close", "dividend"))
    return (close * total_return_factors(close, paid)).ravel()


def fresh(lab):
    """What a fetch into an empty store gives."""
    lab.forget()
    lab.refresh()
    return lab.file("US")[VALUES]


def test_a_split_and_a_dividend_between_two_runs_equal_a_fresh_fetch(lab):
    lab.serve("AAPL", "MSFT")
    series = lab.server.series["AAPL"]
    series.dividends = {date(2024, 11, 7): 1.25}
    lab.at(THURSDAY)
    lab.refresh()
    series.split(DAY, 4.0)
    series.dividends[DAY] = 0.8
    lab.server.clear()
    lab.at(FRIDAY)
    lab.refresh()
    # the overlap of one security shows the split: its whole window is asked for, and nobody else's
    assert [entry["symbol"] for entry in lab.server.log if entry["kind"] == "chart"].count("AAPL") == 2
    assert lab.server.counts()["chart"] == 3
    merged = lab.file("US")[VALUES]
    pd.testing.assert_frame_equal(merged, fresh(lab), check_exact=True)
    own = merged[merged["symbol"] == "AAPL"]
    assert own["split"].dropna().tolist() == [4.0]
    assert own["dividend"].dropna().tolist() == [1.25 / 4, 0.8]


def test_total_returns_from_the_store_are_yahoos_adjusted_closes(lab):
    lab.serve("AAPL")
    series = lab.server.series["AAPL"]
    series.dividends = {date(2024, 8, 9): 2.0, date(2024, 11, 7): 1.25, date(2025, 2, 10): 3.5}
    series.split(date(2024, 9, 3), 2.0)
    lab.refresh()
    adjusted = [
        close for row, close in zip(series.rows, series.adjusted(), strict=True) if row.day.year >= 2024
    ]
    wanted = [row.day for row in series.rows if row.day.year >= 2024]
    bars = lab.stored().bars
    adjusted = adjusted[len(wanted) - len(bars) :]
    np.testing.assert_allclose(total_returns(bars), adjusted, rtol=1e-13)


def test_a_correction_of_one_close_within_the_overlap_replaces_the_window(lab):
    lab.serve("AAPL")
    lab.at(THURSDAY)
    lab.refresh()
    row = lab.server.series["AAPL"].rows[-4]
    row.close = round((row.low + row.high) / 2, 4)
    lab.at(FRIDAY)
    lab.refresh()
    assert lab.closes("AAPL") == lab.truth("AAPL")


def test_a_bar_that_came_late_fills_its_hole(lab):
    lab.serve("AAPL")
    lab.at("2025-02-12T23:00:00+00:00")
    lab.server.fault("AAPL", "nan_last")
    assert lab.statuses(lab.refresh()) == {"AAPL": "behind"}
    lab.server.clear()
    lab.at(THURSDAY)
    assert lab.statuses(lab.refresh()) == {"AAPL": "updated"}
    assert lab.closes("AAPL") == lab.truth("AAPL")


def test_a_missing_last_close_is_asked_for_again_an_hour_later(lab):
    lab.serve("AAPL")
    lab.server.fault("AAPL", "nan_last")
    lab.refresh()
    lab.server.clear()
    lab.at("2025-02-14T23:30:00+00:00")
    lab.refresh()
    assert lab.server.log == []
    lab.at("2025-02-15T00:01:00+00:00")
    assert lab.statuses(lab.refresh()) == {"AAPL": "updated"}


def test_a_rewritten_history_with_holes_is_refused_until_somebody_insists(lab):
    lab.serve("AAPL")
    lab.at(THURSDAY)
    lab.refresh()
    before = lab.closes("AAPL")
    series = lab.server.series["AAPL"]
    series.split(DAY, 4.0)
    del series.rows[-40]
    lab.at(FRIDAY)
    report = lab.refresh()
    assert lab.statuses(report) == {"AAPL": "bad"}
    assert "1 stored sessions are missing from it" in report.outcomes[0].reason
    assert lab.closes("AAPL") == before
    lab.refresh(whole=True, patient_with=frozenset())
    assert lab.closes("AAPL") == lab.truth("AAPL")


def test_a_split_that_yahoo_announces_before_it_adjusts_its_history_is_refused(lab):
    lab.serve("AAPL")
    lab.at(THURSDAY)
    lab.refresh()
    before = lab.closes("AAPL")
    series = lab.server.series["AAPL"]
    last = series.rows[-1]
    last.open, last.high, last.low, last.close = (
        price / 4 for price in (last.open, last.high, last.low, last.close)
    )
    series.splits[DAY] = (4.0, 1.0)
    lab.at(FRIDAY)
    report = lab.refresh()
    assert report.outcomes[0].reason == "closes before 2025-02-14 are not adjusted for its 4-for-1 split"
    assert lab.closes("AAPL") == before


def test_a_replayed_earlier_day_takes_nothing_from_the_store_and_sees_nothing_later(lab):
    lab.serve("AAPL")
    lab.refresh()
    before = lab.closes("AAPL")
    lab.at("2025-02-12T23:00:00+00:00")
    lab.refresh(whole=False, patient_with=frozenset())
    assert lab.closes("AAPL") == before


def test_a_bar_of_the_future_is_not_stored(lab):
    lab.serve("AAPL")
    # the server's clock is a day ahead of ours
    lab.environment.setenv("SCREENER_NOW", THURSDAY)
    lab.refresh()
    assert max(lab.closes("AAPL")) == date(2025, 2, 13)
