"""The gate in front of a vendor, and its knobs."""

from __future__ import annotations

import threading
import time

import pytest

from screener.errors import UsageError
from screener.sources.answer import RateLimited, Transient
from screener.sources.pace import FetchSettings, Gate

FAST = FetchSettings(rate=1e5, pauses=(0.2, 0.3))


def test_the_environment_sets_each_knob():
    chosen = FetchSettings.from_env(
        {"SCREENER_FETCH_POOL": "8", "SCREENER_FETCH_RATE": "1.5", "SCREENER_FETCH_PAUSES": "30, 90,300"}
    )
    assert chosen == FetchSettings(pool=8, rate=1.5, pauses=(30.0, 90.0, 300.0))
    assert FetchSettings.from_env({}) == FetchSettings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POOL", "0"),
        ("POOL", "four"),
        ("RATE", "0"),
        ("RATE", "nan"),
        ("TIMEOUT", "-1"),
        ("PAUSES", "60;300"),
    ],
)
def test_a_knob_turned_too_far_is_named_with_its_value(name, value):
    with pytest.raises(UsageError, match=rf"SCREENER_FETCH_{name}='{value}': expected"):
        FetchSettings.from_env({f"SCREENER_FETCH_{name}": value})


def test_no_more_requests_are_under_way_than_there_are_slots():
    gate, most, now, lock = Gate(FAST), 0, 0, threading.Lock()

    def request():
        nonlocal most, now
        with gate.turn():
            with lock:
                now += 1
                most = max(most, now)
            time.sleep(0.02)
            with lock:
                now -= 1

    threads = [threading.Thread(target=request) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 4
    assert gate.sent == 12


def test_after_a_burst_the_rate_holds():
    gate, began = Gate(FetchSettings(rate=50)), time.monotonic()
    for _ in range(14):
        with gate.turn():
            pass
    # 4 at once, 10 more at 50 a second
    assert 0.19 <= time.monotonic() - began < 1.0


def test_a_rate_limit_lets_nobody_through_until_its_pause_ends():
    gate = Gate(FAST)
    with gate.turn() as trips:
        gate.trip(trips)
    with pytest.raises(RateLimited), gate.turn():
        raise AssertionError
    began = time.monotonic()
    assert gate.wait()
    assert 0.15 <= time.monotonic() - began < 1.0
    with gate.turn():
        assert gate.sent == 2


def test_refusals_of_requests_sent_together_are_one():
    gate = Gate(FAST)
    for _ in range(4):
        gate.trip(0)
    assert gate.given_up is None
    assert gate.paused_for() <= 0.2


def test_after_the_last_pause_it_gives_up():
    gate = Gate(FAST)
    for trips in range(3):
        gate.trip(trips)
    assert isinstance(gate.given_up, RateLimited)
    assert not gate.wait()
    with pytest.raises(RateLimited), gate.turn():
        raise AssertionError


def test_the_vendor_can_ask_for_a_longer_pause():
    gate = Gate(FAST)
    gate.trip(0, retry_after=30)
    assert gate.paused_for() > 29


def test_a_vendor_who_wants_to_be_left_alone_for_long_is():
    gate = Gate(FAST)
    gate.trip(0, retry_after=86_400)
    assert isinstance(gate.given_up, RateLimited)


def test_nobody_waits_once_it_is_stopped():
    gate = Gate(FAST)
    gate.trip(0, retry_after=30)
    threading.Timer(0.05, gate.stop).start()
    began = time.monotonic()
    assert not gate.wait()
    assert time.monotonic() - began < 1.0


def test_silence_from_the_start_means_that_there_is_no_network():
    gate = Gate(FAST)
    for _ in range(3):
        gate.unanswered("no route")
    assert gate.given_up is None
    gate.unanswered("no route")
    assert isinstance(gate.given_up, Transient)


def test_silence_after_an_answer_is_borne_for_longer():
    gate = Gate(FAST)
    gate.answered()
    for _ in range(19):
        gate.unanswered("no route")
    assert gate.given_up is None
    gate.unanswered("no route")
    assert gate.given_up is not None
