"""What is due, by hand: sessions of New York and Seoul around the lunar new year of 2025."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from screener.markets import load_markets
from screener.sources import plan
from screener.sources.plan import FetchTerms, Wish, horizon_of, job_for
from screener.sources.storefile import Known

NOW = datetime(2025, 2, 14, 23, tzinfo=UTC)
START = date(2024, 3, 1)


def wish(start=START, end=None, now=NOW, **terms):
    return Wish(start=start, end=end, now=now, terms=FetchTerms(**({"patient_with": None} | terms)))


def known(**changes):
    friday = date(2025, 2, 14)
    entry = {
        "symbol": "AAPL",
        "asked_from": date(2024, 1, 1),
        "asked_through": friday,
        "last_date": friday,
        "fetched_at": NOW,
    }
    return Known(**(entry | changes))


@pytest.fixture
def us(cache_folder):
    return horizon_of(load_markets()["US"], NOW)


@pytest.mark.parametrize(
    ("market", "moment", "last"),
    [
        # New York closes at 21:00 UTC in winter, and a bar is final an hour later
        ("US", "2025-02-14T21:59:59", date(2025, 2, 13)),
        ("US", "2025-02-14T22:00:00", date(2025, 2, 14)),
        # at 20:00 UTC in summer
        ("US", "2025-07-01T21:00:00", date(2025, 7, 1)),
        # and at 18:00 on the half day after Thanksgiving
        ("US", "2024-11-29T19:00:00", date(2024, 11, 29)),
        # Seoul was shut from January 27 to 30
        ("KOSPI", "2025-01-30T23:00:00", date(2025, 1, 24)),
        # and closes at 06:30 UTC
        ("KOSPI", "2025-01-31T07:30:00", date(2025, 1, 31)),
        ("KOSPI", "2025-01-31T06:45:00", date(2025, 1, 24)),
    ],
)
def test_a_bar_is_final_some_time_after_the_close_of_its_session(market, moment, last):
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert horizon_of(load_markets()[market], now).last_final == last


def test_a_new_symbol_is_asked_for_from_the_start_of_its_year(us):
    job = job_for("AAPL", us, None, wish())
    assert (job.start, job.whole) == (date(2024, 1, 1), True)


def test_nothing_is_due_when_all_that_can_be_there_has_been_asked_for(us):
    assert job_for("AAPL", us, known(), wish()) is None


def test_a_later_session_is_asked_for_ten_sessions_back(us):
    # before February 13 lie 12, 11, 10, 7, 6, 5, 4, 3, January 31 and 30
    entry = known(asked_through=date(2025, 2, 13), last_date=date(2025, 2, 13))
    job = job_for("AAPL", us, entry, wish())
    assert (job.start, job.whole) == (date(2025, 1, 30), False)


def test_sessions_after_the_wanted_end_are_not_due(us):
    entry = known(asked_through=date(2025, 2, 12), last_date=date(2025, 2, 12))
    assert job_for("AAPL", us, entry, wish(end=date(2025, 2, 12))) is None
    assert job_for("AAPL", us, entry, wish(end=date(2025, 2, 13))) is not None


def test_an_end_on_a_weekend_means_the_friday_before(us):
    assert job_for("AAPL", us, known(), wish(end=date(2025, 2, 16))) is None


def test_an_earlier_start_is_a_whole_window(us):
    job = job_for("AAPL", us, known(), wish(start=date(2023, 7, 3)))
    assert (job.start, job.whole) == (date(2023, 1, 1), True)


def test_prices_younger_than_the_age_that_will_do_are_not_due(us):
    entry = known(asked_through=date(2025, 2, 13), fetched_at=NOW - timedelta(hours=20))
    assert job_for("AAPL", us, entry, wish(max_age=timedelta(hours=21))) is None
    assert job_for("AAPL", us, entry, wish(max_age=timedelta(hours=20))) is not None


def test_prices_fetched_in_the_future_are_no_reason_to_wait_for_it(us):
    entry = known(asked_through=date(2025, 2, 13), fetched_at=NOW + timedelta(days=300))
    assert job_for("AAPL", us, entry, wish()) is not None
    assert job_for("AAPL", us, entry, wish(max_age=timedelta(days=1))) is not None


@pytest.mark.parametrize(
    ("status", "patient_with", "due"),
    [
        ("unknown", plan.LASTING, False),
        ("unknown", frozenset(), True),
        ("rate-limited", plan.LASTING, True),
        ("rate-limited", None, False),
        ("network", None, False),
        ("network", plan.LASTING, True),
    ],
)
def test_who_asks_decides_whether_a_security_is_left_alone(us, status, patient_with, due):
    entry = Known(symbol="AAPL", status=status, retry_after=NOW + timedelta(seconds=1))
    assert (job_for("AAPL", us, entry, wish(patient_with=patient_with)) is not None) == due
    assert job_for("AAPL", us, entry, wish(patient_with=patient_with, now=entry.retry_after)) is not None


def test_insisting_on_everything_asks_for_the_whole_window_of_a_fresh_security(us):
    job = job_for("AAPL", us, known(), wish(whole=True))
    assert (job.start, job.whole) == (date(2024, 1, 1), True)
