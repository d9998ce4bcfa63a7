"""A rate limit stops the requests at once, for as long as it should, and never costs what is stored."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakeyahoo.lab import QUICK, names

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
PATIENT = replace(QUICK, pauses=(0.8, 1.2), timeout=10)


def refusals(server):
    """When each 429 was sent, on the clock of the log."""
    return sorted(entry["t"] + entry["seconds"] for entry in server.log if entry.get("status") == 429)


def sent_between(server, start, end):
    return sum(start < entry["t"] < end for entry in server.log)


def test_after_the_first_429_hardly_anything_is_asked_until_the_pause_ends(lab):
    lab.serve(*names(40))
    lab.server.latency = 0.02
    lab.server.fault("*", "429")
    report = lab.refresh(knobs=PATIENT)
    first = refusals(lab.server)[0]
    # the server allows its own Retry-After of a second, which is longer than the first pause
    assert sent_between(lab.server, first, first + 1.0) <= 3
    assert set(lab.statuses(report).values()) == {"rate-limited"}
    assert "rate limit" in report.notices[0]
    # three rounds of at most a pool each, with cookie and crumb
    assert len(lab.server.log) <= 3 * QUICK.pool + 2


def test_a_limit_that_ends_costs_a_pause_and_no_security(lab):
    lab.serve(*names(30))
    lab.server.latency = 0.02
    lab.server.fault("SAK", "429", times=1)
    seen = []
    report = lab.refresh(knobs=PATIENT, progress=seen.append)
    assert set(lab.statuses(report).values()) == {"updated"}
    assert len(lab.server.log) <= 30 + 2 + 4
    assert any("rate-limited, asking again in" in progress.note for progress in seen)
    assert all(lab.closes(symbol) == lab.truth(symbol) for symbol in lab.server.series)


def test_what_came_before_the_limit_is_kept_and_the_next_run_completes_it(lab):
    lab.serve(*names(30))
    lab.server.latency = 0.02
    lab.server.limit_per_s = 12
    report = lab.refresh(knobs=replace(PATIENT, pauses=()))
    statuses = list(lab.statuses(report).values())
    assert 0 < statuses.count("updated") < 30
    assert statuses.count("updated") + statuses.count("rate-limited") == 30
    assert lab.stored().bars["symbol"].nunique() == statuses.count("updated")
    lab.server.limit_per_s = None
    report = lab.refresh()
    assert set(lab.statuses(report).values()) <= {"updated", "fresh"}


def test_a_429_for_the_crumb_counts_and_the_prices_come_without_one_afterwards(lab):
    lab.serve("AAPL", "MSFT")
    lab.server.fault("@crumb", "429")
    report = lab.refresh(knobs=PATIENT)
    assert set(lab.statuses(report).values()) == {"updated"}
    first = refusals(lab.server)[0]
    assert sent_between(lab.server, first, first + 1.0) == 0
    assert lab.server.counts()["crumb"] == 1


def test_an_implicit_fetch_leaves_a_limited_security_alone_for_a_while(lab):
    lab.serve("AAPL")
    lab.server.fault("*", "429")
    lab.refresh(knobs=replace(PATIENT, pauses=()))
    lab.server.clear()
    lab.refresh(patient_with=None)
    assert lab.server.log == []
    assert lab.statuses(lab.refresh()) == {"AAPL": "updated"}


def test_a_rate_that_yahoo_bears_is_kept_to(lab):
    lab.serve(*names(30))
    lab.server.limit_per_s = 14
    report = lab.refresh(knobs=replace(PATIENT, rate=10))
    assert set(lab.statuses(report).values()) == {"updated"}
    assert refusals(lab.server) == []
