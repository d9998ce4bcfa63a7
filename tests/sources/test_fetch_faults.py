"""Each way in which Yahoo fails, alone and all at once: the right status, and not a digit lost elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from tests.fakeyahoo.lab import DAY, QUICK, names
from tests.fakeyahoo.server import FAULTS

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
#: what becomes of a security that Yahoo spoils in this way at every request; 429 concerns all and is apart
STATUS = {
    "400": "no-data",
    "404": "unknown",
    "500": "network",
    "503html": "network",
    "dividend": "updated",
    "dup_last": "behind",
    "empty": "no-data",
    "emptyquote": "no-data",
    "hang": "network",
    "missing_last": "behind",
    "nan_last": "behind",
    "nan_middle": "updated",
    "no_adjclose": "updated",
    "no_meta_tz": "bad",
    "null": "no-data",
    "null_volume": "updated",
    "reset": "network",
    "shuffled": "updated",
    "slow": "updated",
    "split": "updated",
    "truncated": "bad",
    "wrong_symbol": "bad",
    "x100_last": "behind",
}
#: the last session's close is not there, or is not to be trusted
NO_LAST = {"dup_last", "missing_last", "nan_last", "x100_last"}
NO_MIDDLE = {"nan_middle"}
REASON = {
    "400": "no prices for these dates (Data doesn't exist",
    "404": "does not know it (No data found, symbol may be delisted)",
    "500": "answered 500",
    "503html": "answered 503",
    "dup_last": "no close of 2025-02-14 yet",
    "empty": "sent no prices",
    "emptyquote": "only empty rows",
    "hang": "did not answer within",
    "missing_last": "no close of 2025-02-14 yet",
    "nan_last": "no close of 2025-02-14 yet",
    "no_meta_tz": "cannot be understood",
    "null": "sent no prices",
    "reset": "no connection",
    "truncated": "cannot be understood",
    "wrong_symbol": "about WRONG",
    "x100_last": "set aside: close over 40% from the one before",
}


def test_every_fault_of_the_server_has_its_status():
    assert set(STATUS) | {"429"} == FAULTS


def expected(lab, symbol, fault):
    """The closes that should be stored of a security after a first fetch under a fault."""
    if STATUS[fault] in ("no-data", "unknown", "network", "bad"):
        return {}
    closes = lab.truth(symbol)
    if fault in NO_LAST:
        del closes[max(closes)]
    if fault in NO_MIDDLE:
        first = date(lab.request().start.year, 1, 1)
        days = [row.day for row in lab.server.series[symbol].rows if row.day >= first]
        closes.pop(days[len(days) // 2], None)
    return closes


@pytest.mark.parametrize("fault", sorted(STATUS))
def test_a_fault_of_one_security_is_told_and_touches_no_other(lab, fault):
    lab.server.slow = 0.2
    lab.serve("AAPL", "MSFT", "NVDA", "^GSPC")
    lab.server.fault("MSFT", fault)
    report = lab.refresh()
    statuses = lab.statuses(report)
    assert statuses.pop("MSFT") == STATUS[fault]
    assert set(statuses.values()) == {"updated"}
    assert all(lab.closes(symbol) == lab.truth(symbol) for symbol in statuses)
    assert lab.closes("MSFT") == expected(lab, "MSFT", fault)
    reason = next(outcome.reason for outcome in report.outcomes if outcome.symbol == "MSFT")
    assert REASON.get(fault, "") in reason


@pytest.mark.parametrize("fault", sorted(STATUS))
def test_a_fault_on_the_next_day_loses_no_stored_row_and_the_day_after_makes_it_good(lab, fault):
    lab.server.slow = 0.2
    lab.serve("AAPL", "MSFT", "NVDA", "^GSPC")
    lab.at("2025-02-12T23:00:00+00:00")
    lab.refresh()
    before = lab.closes("MSFT")
    lab.at("2025-02-13T23:00:00+00:00")
    lab.server.fault("MSFT", fault)
    lab.refresh()
    under = lab.closes("MSFT")
    assert before.items() <= under.items()
    assert under.items() <= lab.truth("MSFT").items()
    lab.server.clear()
    lab.at("2025-02-14T23:00:00+00:00")
    report = lab.refresh("MSFT", patient_with=frozenset())
    assert lab.statuses(report) == {"MSFT": "updated"}
    assert lab.closes("MSFT") == lab.truth("MSFT")


def test_all_faults_at_once_on_a_third_of_the_securities(lab):
    lab.server.slow = 0.2
    symbols = names(119)
    lab.serve(*symbols)
    spoiled = dict(zip(symbols[::3], sorted(STATUS) * 2, strict=False))
    for symbol, fault in spoiled.items():
        lab.server.fault(symbol, fault)
    report = lab.refresh(knobs=replace(QUICK, timeout=2.0))
    assert len(spoiled) == 40
    assert lab.statuses(report) == {
        symbol: STATUS[spoiled[symbol]] if symbol in spoiled else "updated" for symbol in symbols
    }
    bars = lab.stored().bars
    for symbol, own in bars.groupby("symbol"):
        closes = dict(zip(own["date"].dt.date, own["close"], strict=True))
        fault = spoiled.get(symbol)
        assert closes == (expected(lab, symbol, fault) if fault else lab.truth(symbol))
    lab.server.clear()
    report = lab.refresh(patient_with=frozenset())
    assert set(lab.statuses(report).values()) <= {"updated", "fresh"}
    # a hole in the middle of a first answer is no news to a later one, whose window is short
    holes = {symbol for symbol, fault in spoiled.items() if fault in NO_MIDDLE}
    healed = [symbol for symbol in symbols if symbol not in holes]
    assert all(lab.closes(symbol) == lab.truth(symbol) for symbol in healed)
    lab.refresh(*holes, whole=True)
    assert all(lab.closes(symbol) == lab.truth(symbol) for symbol in holes)


@pytest.mark.parametrize("endpoint", ["@crumb", "@cookie"])
@pytest.mark.parametrize("fault", ["500", "503html", "reset", "hang"])
def test_prices_come_without_a_cookie_and_without_a_crumb(lab, endpoint, fault):
    lab.serve("AAPL", "MSFT")
    lab.server.fault(endpoint, fault)
    assert set(lab.statuses(lab.refresh()).values()) == {"updated"}
    assert lab.server.counts()["chart"] == 2
    if fault == "hang":
        # each further try would cost the next security a wait
        assert lab.server.counts()[endpoint[1:]] == 1


def test_a_crumb_that_is_asked_for_is_sent(lab):
    lab.server.require_crumb = True
    lab.serve("AAPL", "MSFT")
    assert set(lab.statuses(lab.refresh()).values()) == {"updated"}


def test_a_passing_fault_is_asked_again_and_leaves_no_trace(lab):
    lab.serve("AAPL")
    lab.server.fault("AAPL", "500", times=2)
    assert lab.statuses(lab.refresh()) == {"AAPL": "updated"}
    assert lab.server.counts()["chart"] == 3
    assert lab.stored().failures == ()


def test_an_answer_without_volume_has_none_instead_of_zero(lab):
    lab.serve("AAPL")
    lab.server.fault("AAPL", "null_volume")
    lab.refresh()
    volume = lab.file("US")["volume"].to_numpy()
    assert np.isnan(volume[-1])
    assert np.isfinite(volume[:-1]).all()


def test_prices_in_another_currency_are_refused(lab):
    lab.serve("0700.HK")
    # what the server answers for a symbol without a suffix is in dollars
    lab.server.series["AAPL"] = lab.server.series["0700.HK"]
    report = lab.refresh("AAPL")
    assert [(outcome.status, outcome.reason) for outcome in report.outcomes] == [
        ("bad", "the answer is about 0700.HK")
    ]


def test_the_whole_history_in_another_unit_is_refused_and_the_store_kept(lab):
    lab.serve("AAPL")
    lab.at("2025-02-13T23:00:00+00:00")
    lab.refresh()
    before = lab.closes("AAPL")
    for row in lab.server.series["AAPL"].rows:
        row.open, row.high, row.low, row.close = (
            price * 100 for price in (row.open, row.high, row.low, row.close)
        )
    lab.at("2025-02-14T23:00:00+00:00")
    report = lab.refresh()
    assert [(outcome.status, outcome.reason) for outcome in report.outcomes] == [
        ("bad", "closes are 100 times the stored ones")
    ]
    assert lab.closes("AAPL") == before


def test_a_security_that_stopped_trading_is_told_from_an_unknown_one(lab):
    lab.serve("AAPL", "GONE", "LATE")
    gone = lab.server.series["GONE"]
    gone.rows = [row for row in gone.rows if row.day <= date(2025, 1, 10)]
    late = lab.server.series["LATE"]
    late.rows = [row for row in late.rows if row.day >= date(2025, 2, 5)]
    report = lab.refresh("AAPL", "GONE", "LATE", "NEVER", "X.ZZ")
    assert lab.statuses(report) == {
        "AAPL": "updated",
        "GONE": "ended",
        "LATE": "listed-later",
        "NEVER": "unknown",
        "X.ZZ": "no-market",
    }
    reasons = {outcome.symbol: outcome.reason for outcome in report.outcomes}
    assert reasons["GONE"] == "no close since 2025-01-10: it seems to have stopped trading"
    assert reasons["LATE"] == "listed 2025-02-05"
    lab.server.clear()
    lab.refresh("AAPL", "GONE", "LATE", "NEVER")
    assert lab.server.log == []


def test_a_stored_security_that_yahoo_forgets_keeps_its_closes(lab):
    lab.serve("AAPL")
    lab.at("2025-01-10T23:00:00+00:00")
    lab.refresh()
    before = lab.closes("AAPL")
    lab.server.fault("AAPL", "404")
    lab.at("2025-02-14T23:00:00+00:00")
    report = lab.refresh()
    assert lab.statuses(report) == {"AAPL": "ended"}
    assert "kept its closes up to 2025-01-10" in report.outcomes[0].reason
    assert lab.closes("AAPL") == before


def test_a_jump_of_the_last_close_waits_for_a_second_session(lab):
    lab.serve("AAPL")
    row = next(row for row in lab.server.series["AAPL"].rows if row.day == DAY)
    for name in ("open", "high", "low", "close"):
        setattr(row, name, getattr(row, name) * 1.8)
    assert lab.statuses(lab.refresh()) == {"AAPL": "behind"}
    assert DAY not in lab.closes("AAPL")
    (failure,) = lab.stored().failures
    assert f"{row.close:g} on 2025-02-14" in failure.reason
    next_row = replace(row, day=date(2025, 2, 18))
    lab.server.series["AAPL"].rows.append(next_row)
    lab.at("2025-02-18T23:00:00+00:00")
    assert lab.statuses(lab.refresh()) == {"AAPL": "updated"}
    assert lab.closes("AAPL") == lab.truth("AAPL")
    assert lab.stored().failures == ()


def test_a_dividend_that_cannot_be_is_left_out_and_its_bar_kept(lab):
    lab.serve("AAPL")
    row = lab.server.series["AAPL"].rows[-5]
    lab.server.series["AAPL"].dividends = {row.day: row.close * 1400}
    lab.refresh()
    bars = lab.stored().bars
    assert bars["dividend"].isna().all()
    assert lab.closes("AAPL") == lab.truth("AAPL")


def test_a_row_on_a_holiday_is_no_bar(lab):
    lab.serve("AAPL")
    rows = lab.server.series["AAPL"].rows
    # January 20 was Martin Luther King day
    at = next(at for at, row in enumerate(rows) if row.day > date(2025, 1, 20))
    rows.insert(at, replace(rows[at - 1], day=date(2025, 1, 20), volume=0))
    lab.refresh()
    assert pd.Timestamp("2025-01-20") not in set(lab.stored().bars["date"])
    assert lab.stored().failures == ()
