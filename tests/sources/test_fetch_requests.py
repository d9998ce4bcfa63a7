"""How many requests a fetch costs, how fast it is, and when it costs none."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from screener.sources.plan import LASTING
from tests.fakeyahoo.lab import DAY, QUICK, names

# yfinance's own use of pandas; a filter set while another thread imports can be lost for a moment
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
THEME = (*names(100), *(f"{n:06}.KS" for n in range(1, 17)), "^GSPC", "^KS11", "^KQ11")


def test_119_securities_cost_at_most_1_1_requests_each(lab):
    lab.serve(*THEME)
    report = lab.refresh()
    assert set(lab.statuses(report).values()) == {"updated"}
    assert len(lab.server.log) <= 1.1 * len(THEME)
    assert report.requests == len(lab.server.log)


@pytest.mark.slow  # a figure of time: measured where nothing runs beside it
def test_119_securities_take_little_more_than_their_latency_shared_by_the_slots(lab):
    lab.serve(*THEME)
    lab.server.latency = 0.1
    # the fastest of some tries, since the machine may have other things to do
    for _ in range(4):
        lab.forget()
        lab.server.clear()
        lab.refresh(knobs=replace(QUICK, timeout=10))
        charts = [entry for entry in lab.server.log if entry["kind"] == "chart"]
        seconds = max(entry["t"] + entry["seconds"] for entry in charts) - charts[0]["t"]
        # the server counts until after its answer is read
        assert lab.server.max_inflight <= QUICK.pool + 1
        if seconds <= 1.3 * len(THEME) * 0.1 / QUICK.pool:
            return
    pytest.fail(f"{seconds:.2f} s for {len(THEME)} securities at 0.1 s, {QUICK.pool} at once")


def test_the_time_zone_is_never_asked_for(lab):
    lab.serve("AAPL", "005930.KS")
    lab.refresh()
    assert lab.server.counts() == {"cookie": 1, "crumb": 1, "chart": 2}


def test_a_second_run_on_the_same_day_asks_for_nothing(lab):
    lab.serve("AAPL", "005930.KS", "^KS11")
    lab.refresh()
    lab.server.clear()
    report = lab.refresh()
    assert lab.server.log == []
    assert set(lab.statuses(report).values()) == {"fresh"}


def test_a_run_with_nothing_due_imports_neither_yfinance_nor_a_lock_nor_a_calendar(lab):
    lab.serve("AAPL")
    lab.refresh()
    code = (
        "import sys, datetime; from screener.model import PriceRequest; from screener.sources import auto\n"
        "prices = auto.load(PriceRequest(symbols=('AAPL',), start=datetime.date(2024, 2, 1)))\n"
        "heavy = {'yfinance', 'exchange_calendars', 'scipy', 'filelock', 'curl_cffi', 'pyarrow.dataset'}\n"
        "print(len(prices.bars), sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ, capture_output=True, text=True, check=False
    )
    assert done.stdout == f"{len(lab.truth('AAPL'))} []\n", done.stderr


def test_a_day_later_each_security_costs_one_request_for_a_short_window(lab):
    lab.serve(*THEME)
    lab.at("2025-02-13T23:00:00+00:00")
    lab.refresh()
    lab.server.clear()
    lab.at("2025-02-14T23:00:00+00:00")
    report = lab.refresh()
    assert set(lab.statuses(report).values()) == {"updated"}
    assert len(lab.server.log) <= 1.05 * len(THEME)
    spans = [entry["query"]["period1"] for entry in lab.server.log if entry["kind"] == "chart"]
    # 10 sessions of overlap before Thursday the 13th begin on January 30 at the latest
    assert all(datetime.fromtimestamp(int(start), UTC).date() >= date(2025, 1, 22) for start in spans)
    assert all(lab.closes(symbol) == lab.truth(symbol) for symbol in ("SAA", "000001.KS", "^KQ11"))


def test_a_weekend_asks_for_nothing(lab):
    lab.serve("AAPL", "005930.KS")
    lab.refresh()
    lab.server.clear()
    lab.at("2025-02-16T23:00:00+00:00")
    lab.refresh()
    assert lab.server.log == []


def test_an_unfinished_session_is_not_due_and_its_bar_is_never_final(lab):
    lab.serve("AAPL")
    # 20:30 UTC is 15:30 in New York: half an hour before the close
    lab.at("2025-02-14T20:30:00+00:00")
    lab.refresh()
    assert max(lab.closes("AAPL")) == date(2025, 2, 13)
    lab.server.clear()
    # closed at 21:00, but for less than the hour after which a bar is taken as final
    lab.at("2025-02-14T21:59:00+00:00")
    lab.refresh()
    assert lab.server.log == []
    lab.at("2025-02-14T22:00:00+00:00")
    lab.refresh()
    assert lab.server.counts()["chart"] == 1
    assert max(lab.closes("AAPL")) == DAY


def test_an_earlier_start_fetches_the_whole_window_and_one_in_the_same_year_nothing(lab):
    from screener.sources import fetch

    lab.serve("AAPL")
    fetch.refresh(lab.request("AAPL", start=date(2024, 9, 2)), knobs=QUICK)
    lab.server.clear()
    fetch.refresh(lab.request("AAPL", start=date(2024, 2, 1)), knobs=QUICK)
    assert lab.server.log == []
    fetch.refresh(lab.request("AAPL", start=date(2023, 6, 1)), knobs=QUICK)
    assert lab.server.counts()["chart"] == 1
    assert lab.closes("AAPL") == lab.truth("AAPL")


def test_prices_younger_than_max_age_will_do(lab):
    lab.serve("AAPL")
    lab.at("2025-02-13T23:00:00+00:00")
    lab.refresh()
    lab.server.clear()
    lab.at("2025-02-14T23:00:00+00:00")
    lab.refresh(max_age=timedelta(days=2))
    assert lab.server.log == []
    lab.refresh(max_age=timedelta(hours=12))
    assert lab.server.counts()["chart"] == 1


def test_the_rate_holds_over_a_burst_of_as_many_requests_as_there_are_slots(lab):
    lab.serve(*names(18))
    began = time.monotonic()
    lab.refresh(knobs=replace(QUICK, rate=20, timeout=10))
    # 20 requests with cookie and crumb: 4 at once, the other 16 at 20 a second
    assert time.monotonic() - began >= 16 / 20


@pytest.mark.parametrize(
    ("status", "hours", "asked"), [("404", 24 * 6, 0), ("404", 24 * 8, 1), ("500", 0.1, 1)]
)
def test_an_unknown_symbol_is_asked_for_again_after_a_week_and_a_passing_fault_at_the_next_fetch(
    lab, status, hours, asked
):
    lab.serve("AAPL", "MSFT")
    lab.server.fault("MSFT", status)
    lab.refresh()
    lab.server.clear()
    lab.environment.setenv(
        "SCREENER_NOW", (lab.server.now + timedelta(hours=hours)).isoformat(timespec="seconds")
    )
    lab.refresh("MSFT", patient_with=LASTING)
    assert lab.server.counts()["chart"] == asked


def test_naming_a_symbol_asks_for_it_at_once(lab):
    lab.serve("AAPL", "MSFT")
    lab.server.fault("MSFT", "404")
    lab.refresh()
    lab.server.clear()
    assert lab.statuses(lab.refresh("MSFT", patient_with=frozenset())) == {"MSFT": "updated"}
