"""Fetches that are killed, interrupted, run at the same time, or have nowhere to write."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time

import pytest

from screener.sources import storefile
from tests.fakeyahoo.lab import EVENING, Lab, names, universe
from tests.fakeyahoo.server import FakeYahoo

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
SYMBOLS = (*names(24), "005930.KS", "000660.KS", "^KS11", "^GSPC")
PRELUDE = """
import datetime, hashlib, sys
from screener.model import PriceRequest
from screener.sources import auto, fetch, store
request = PriceRequest(symbols=tuple(sys.argv[1:]), start=datetime.date(2024, 2, 1))
def show():
    print(hashlib.sha256(store.load(request).bars.to_csv().encode()).hexdigest())
"""


@pytest.fixture
def yahoo(lab):
    """A fake Yahoo behind TLS, for programs that nobody has patched."""
    with FakeYahoo(universe(*SYMBOLS), now=lab.server.now, tls=True) as server:
        yield server


@pytest.fixture
def environment(lab, yahoo):
    kept = {name: value for name, value in os.environ.items() if name.lower() != "https_proxy"}
    return (
        kept
        | yahoo.env()
        | {
            "SCREENER_FETCH_RATE": "100000",
            "SCREENER_FETCH_BACKOFF": "0.01",
            "SCREENER_NOW": EVENING,
        }
    )


def start(code, environment, *symbols, **rest):
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + code, *(symbols or SYMBOLS)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **rest,
    )


def kill_loop(server, count, seed, *symbols):
    arguments = [sys.executable, "-m", "tests.sources.kill_loop", server.url, str(count), str(seed), *symbols]
    return subprocess.run(arguments, env=os.environ, capture_output=True, text=True, check=False)


def survive(lab: Lab, count: int) -> None:
    symbols = (*names(40), "005930.KS", "000660.KS", "^KS11")
    lab.serve(*symbols)
    lab.server.latency = 0.01
    done = kill_loop(lab.server, count, 7, *symbols)
    assert done.returncode == 0, done.stderr
    struck, grown = map(int, done.stdout.split())
    assert struck >= count
    assert grown >= count / 5
    lab.server.latency = 0.0
    report = lab.refresh()
    assert report.failures == ()
    assert all(lab.closes(symbol) == lab.truth(symbol) for symbol in symbols)
    assert not list(storefile.folder().glob("*.tmp"))


def test_ten_kills_lose_nothing_and_the_next_run_completes_the_store(lab):
    survive(lab, 10)


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing_and_the_next_run_completes_the_store(lab):
    survive(lab, 200)


def test_eight_processes_fetching_and_reading_agree_and_ask_once(lab, yahoo, environment):
    codes = ["fetch.refresh(request); show()", "auto.load(request); show()"] * 4
    running = [start(code, environment) for code in codes]
    answers = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0] * 8, answers
    assert {error for _, error in answers} == {""}
    assert len({answer for answer, _ in answers}) == 1
    assert yahoo.counts()["chart"] == len(SYMBOLS)
    assert all(lab.closes(symbol) for symbol in SYMBOLS)


def test_an_unpatched_program_stores_what_yahoo_sent(lab, yahoo, environment):
    process = start("print(fetch.refresh(request).failures)", environment)
    assert process.communicate(timeout=60) == ("()\n", "")
    lab.server.series = yahoo.series
    assert all(lab.closes(symbol) == lab.truth(symbol) for symbol in SYMBOLS)
    assert {entry["host"] for entry in yahoo.log} <= {
        "fc.yahoo.com",
        "query1.finance.yahoo.com",
        "query2.finance.yahoo.com",
    }


def test_an_interrupt_ends_within_a_second_and_keeps_what_was_complete(lab, yahoo, environment):
    hanging = SYMBOLS[20:]
    for symbol in hanging:
        yahoo.fault(symbol, "hang")
    code = "signal = fetch.refresh(request, progress=lambda p: print(p.done, flush=True))"
    process = start(code, environment)
    for line in process.stdout:
        if int(line) == 20:
            break
    time.sleep(0.2)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=20)
    assert time.monotonic() - began < 1.0
    assert "KeyboardInterrupt" in error
    lab.server.series = yahoo.series
    assert all(lab.closes(symbol) == lab.truth(symbol) for symbol in SYMBOLS[:20])
    yahoo.clear()
    process = start("print(fetch.refresh(request).failures)", environment)
    assert process.communicate(timeout=60) == ("()\n", "")
    assert yahoo.counts()["chart"] == len(hanging)


def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_192, 8_192))


def test_a_disk_that_takes_no_more_is_said_and_the_store_is_as_it_was(lab, yahoo, environment):
    process = start("fetch.refresh(request); show()", environment | {"SCREENER_NOW": "2025-02-13T23:00:00Z"})
    shown, _ = process.communicate(timeout=60)
    before = {path.name: path.read_bytes() for path in storefile.folder().glob("*.parquet")}
    assert len(before) == 2
    process = start("fetch.refresh(request)", environment, preexec_fn=limit_files)
    _, error = process.communicate(timeout=60)
    last = error.strip().splitlines()[-1]
    assert "StoreWriteError" in last
    assert "cannot write the price store: File too large; what it held is as it was" in last
    assert {path.name: path.read_bytes() for path in storefile.folder().glob("*.parquet")} == before
    assert not list(storefile.folder().glob("*.tmp"))
    process = start("print(auto.load(request).notices[0][-70:]); show()", environment, preexec_fn=limit_files)
    answer, error = process.communicate(timeout=60)
    assert answer.splitlines()[0].endswith("store up to 2025-02-13, fetched 2025-02-13 23:00 UTC"), error
    assert answer.splitlines()[1] == shown.strip()
