"""`screener fetch`, `rank` with live prices, and `screener doctor`, against a fake Yahoo."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import time
from datetime import date

import pytest

from screener.cli.progress import bar, line
from screener.sources import storefile
from screener.sources.outcome import Progress
from screener.taxonomy import load_theme
from tests.fakeyahoo.lab import EVENING, names, universe
from tests.fakeyahoo.server import FakeYahoo
from tests.sources.conftest import lab, price_cache  # noqa: F401 - fixtures

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
THEME = tuple(member.symbol for _, member in load_theme("deepseek-r1").members())
BENCHMARKS = ("SPY", "^KS11", "^KQ11", "^N225", "^TWII", "^HSI", "000001.SS", "399001.SZ")


@pytest.fixture(autouse=True)
def fast(monkeypatch):
    monkeypatch.setenv("SCREENER_FETCH_RATE", "100000")
    monkeypatch.setenv("SCREENER_FETCH_BACKOFF", "0.01")
    monkeypatch.setenv("SCREENER_FETCH_PAUSES", "0.05,0.05")


def rows(text):
    return {row["symbol"]: row for row in csv.DictReader(io.StringIO(text))}


def test_the_named_symbols_and_their_benchmarks_are_fetched(lab, run):  # noqa: F811
    lab.serve("NVDA", "000660.KS", "SPY", "^KS11")
    result = run("fetch", "nvda", "000660.KS")
    assert result.code == 0
    found = rows(result.out)
    assert list(found) == ["NVDA", "000660.KS", "SPY", "^KS11"]
    assert found["NVDA"] == {
        "symbol": "NVDA",
        "market": "US",
        "status": "updated",
        "last_date": "2025-02-14",
        "fetched_at": "2025-02-14T23:00:00Z",
        "reason": "",
    }
    assert "screener: fetch: 4/4 securities" in result.err
    assert lab.closes("NVDA") == lab.truth("NVDA")


def test_what_was_listed_after_the_event_is_told(lab, run):  # noqa: F811
    lab.serve("NVDA", "SPY")
    series = lab.server.series["NVDA"]
    series.rows = [row for row in series.rows if row.day >= date(2025, 2, 5)]
    found = rows(run("fetch", "NVDA").out)["NVDA"]
    assert (found["status"], found["reason"]) == ("listed-later", "listed 2025-02-05")


def test_since_asks_for_an_earlier_window(lab, run):  # noqa: F811
    lab.serve("NVDA", "SPY")
    run("fetch", "NVDA", "--since", "2019-05-01", "-q")
    starts = {
        date.fromtimestamp(int(entry["query"]["period1"])).year  # noqa: DTZ012 - the year is far from its ends
        for entry in lab.server.log
        if entry["kind"] == "chart"
    }
    assert starts <= {2018, 2019}


def test_status_asks_nobody_and_says_what_is_due(lab, run):  # noqa: F811
    lab.serve("NVDA", "AMD", "SPY")
    lab.at("2025-02-13T23:00:00+00:00")
    run("fetch", "NVDA", "-q")
    lab.server.clear()
    lab.at("2025-02-14T23:00:00+00:00")
    result = run("fetch", "--status", "NVDA", "AMD")
    assert lab.server.log == []
    found = rows(result.out)
    assert (found["NVDA"]["status"], found["NVDA"]["reason"]) == ("due", "sessions after 2025-02-13")
    assert (found["AMD"]["status"], found["AMD"]["reason"]) == ("due", "not in the price store")


def test_json_says_what_the_fetch_cost(lab, run):  # noqa: F811
    lab.serve("NVDA", "SPY")
    result = run("fetch", "NVDA", "QQQQQ", "-f", "json", "-q")
    answer = json.loads(result.out)
    assert answer["meta"]["securities"] == 3
    assert answer["meta"]["failures"] == 1
    assert answer["meta"]["requests"] == len(lab.server.log)
    assert answer["rows"][1]["status"] == "unknown"
    assert result.err == ""


@pytest.mark.parametrize(
    ("fault", "strict", "code"),
    [(None, True, 0), ("404", False, 0), ("404", True, 3), ("500", True, 3)],
)
def test_strict_tells_failures_by_the_exit_code(lab, run, fault, strict, code):  # noqa: F811
    lab.serve("NVDA", "SPY")
    if fault:
        lab.server.fault("NVDA", fault)
    assert run("fetch", "NVDA", "-q", *(["--strict"] if strict else [])).code == code


def test_without_a_single_price_the_exit_code_is_4(lab, run):  # noqa: F811
    lab.serve("NVDA", "SPY")
    lab.server.fault("*", "429")
    result = run("fetch", "NVDA")
    assert result.code == 4
    assert "screener: gave up: the vendor's rate limit holds on" in result.err
    assert "fetch: 0/2 securities, rate-limited, asking again in" in result.err


def test_a_folder_that_cannot_be_written_is_a_clear_error(lab, run):  # noqa: F811
    blocked = lab.cache.parent / "blocked"
    blocked.write_text("")
    result = run("fetch", "NVDA", env={"SCREENER_CACHE_DIR": str(blocked)})
    assert result.code == 2
    assert result.out == ""
    (said,) = result.err.splitlines()
    assert said.startswith(f"screener: {blocked / 'prices'}: cannot write the price store: ")
    assert said.endswith("or put another folder in SCREENER_CACHE_DIR")


def test_the_table_counts_by_market_and_lists_what_failed(lab, run):  # noqa: F811
    lab.serve("NVDA", "SPY", "000660.KS", "^KS11")
    lab.server.fault("000660.KS", "wrong_symbol")
    result = run("fetch", "NVDA", "000660.KS", "-f", "table", "-q")
    lines = [" ".join(text.split()) for text in result.out.splitlines()]
    assert "US 2/2 2025-02-14 2025-02-14 23:00Z" in lines
    assert "KOSPI 1/2 2025-02-14 2025-02-14 23:00Z" in lines
    assert "000660.KS refused the answer is about WRONG" in lines


def test_rank_fetches_what_is_missing_and_then_gives_the_same_bytes_again(lab, run):  # noqa: F811
    lab.serve("NVDA", "AMD", "SPY")
    first = run("rank", "NVDA", "AMD", "-f", "csv")
    assert "screener: fetch: 3/3 securities" in first.err
    lab.server.clear()
    second = run("rank", "NVDA", "AMD", "-f", "csv")
    assert lab.server.log == []
    assert second.out == first.out
    closes = lab.truth("NVDA")
    row = rows(second.out)["NVDA"]
    assert row["price_source"] == "store"
    expected = closes[date(2025, 1, 27)] / closes[date(2025, 1, 24)] - 1
    assert float(row["event_return"]) == pytest.approx(expected, abs=5e-7)
    assert "yfinance" not in second.err


def test_rank_can_be_told_to_ask_nothing(lab, run):  # noqa: F811
    lab.serve("NVDA", "SPY")
    result = run("rank", "NVDA", "--offline", "-f", "csv")
    assert lab.server.log == []
    assert rows(result.out)["NVDA"]["price_source"] == "sample"
    assert "offline: prices are the bundled sample's" in result.err


def test_max_age_lets_rank_do_with_older_prices(lab, run):  # noqa: F811
    lab.serve("NVDA", "SPY")
    lab.at("2025-02-13T23:00:00+00:00")
    run("rank", "NVDA", "-q")
    lab.server.clear()
    lab.at("2025-02-14T23:00:00+00:00")
    assert run("rank", "NVDA", "-q", "--max-age", "2d").code == 0
    assert lab.server.log == []
    assert run("rank", "NVDA", "-q", "--max-age", "12h").code == 0
    assert lab.server.counts()["chart"] == 2


@pytest.mark.parametrize("text", ["", "2", "d", "1w", "-1d", "1.5h", "99999d"])
def test_an_age_that_is_none_is_refused(run, text):
    result = run("rank", "--max-age", text or " ")
    assert result.code == 2
    assert "90m, 12h or 2d" in result.err


def test_dividends_of_the_store_enter_total_returns(lab, run):  # noqa: F811
    lab.serve("NVDA", "SPY")
    series = lab.server.series["NVDA"]
    series.dividends = {date(2025, 2, 5): 5.0}
    raw = float(rows(run("rank", "NVDA", "-q", "-f", "csv").out)["NVDA"]["return_since"])
    total = float(
        rows(run("rank", "NVDA", "-q", "-f", "csv", "--price", "total-return").out)["NVDA"]["return_since"]
    )
    before = lab.truth("NVDA")[date(2025, 2, 4)]
    assert 1 + total == pytest.approx((1 + raw) / (1 - 5.0 / before), abs=2e-6)


def test_the_whole_theme_over_tls_without_a_patch(lab, tmp_path):  # noqa: F811
    symbols = tuple(dict.fromkeys((*THEME, *BENCHMARKS, *names(3))))
    environment = {name: value for name, value in os.environ.items() if name.lower() != "https_proxy"}
    command = [sys.executable, "-m", "screener", "fetch", "-f", "csv"]
    with FakeYahoo(universe(*symbols), now=lab.server.now, tls=True) as server:
        environment |= server.env() | {"SCREENER_NOW": EVENING}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert {row["status"] for row in rows(done.stdout).values()} == {"updated"}
        assert server.counts()["chart"] == len(rows(done.stdout))
        assert len(server.log) <= 1.1 * len(rows(done.stdout))
        server.clear()
        command = [sys.executable, "-X", "importtime", "-m", "screener", "rank", "-f", "csv"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert server.log == []
    imported = {text.rsplit("|", 1)[-1].strip() for text in done.stderr.splitlines()}
    assert not imported & {"yfinance", "exchange_calendars", "scipy", "matplotlib", "curl_cffi", "filelock"}
    assert len(rows(done.stdout)) == len(THEME)


def test_an_interrupted_fetch_exits_with_130_within_a_second(lab):  # noqa: F811
    environment = {name: value for name, value in os.environ.items() if name.lower() != "https_proxy"}
    with FakeYahoo(universe("NVDA", "SPY"), now=lab.server.now, tls=True) as server:
        server.fault("NVDA", "hang")
        environment |= server.env() | {"SCREENER_NOW": EVENING}
        command = [sys.executable, "-m", "screener", "fetch", "NVDA"]
        process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        while server.counts()["chart"] < 2:
            time.sleep(0.02)
        time.sleep(0.2)
        began = time.monotonic()
        process.send_signal(2)
        _, error = process.communicate(timeout=20)
        assert time.monotonic() - began < 1.0
    assert process.returncode == 130
    assert "Traceback" not in error
    assert storefile.read("US").bars["symbol"].unique().to_pylist() == ["SPY"]


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress(0, 0, 119, 0.0, None), "0/119 securities"),
        (Progress(40, 2, 119, 2.5, 31.6), "40/119 securities, 2 failed, 2.5/s, 32 s left"),
        (Progress(1, 0, 119, 0.5, 236.0), "1/119 securities, 0.5/s, 3 min 56 s left"),
        (Progress(119, 0, 119, 2.5, 0.0), "119/119 securities, 2.5/s"),
        (Progress(0, 0, 0, 0.0, None, "another fetch is running"), "another fetch is running"),
    ],
)
def test_progress_is_done_failed_rate_and_time_left(progress, text):
    assert line(progress) == text


def test_the_bar_is_as_full_as_the_work_is_done():
    assert bar(Progress(0, 0, 119, 0.0, None)).count("█") == 0
    assert bar(Progress(60, 0, 120, 1.0, 1.0)).count("█") == 12
    assert bar(Progress(120, 0, 120, 1.0, 0.0)) == "█" * 24


def test_the_doctor_finds_a_healthy_machine(lab, run):  # noqa: F811
    lab.serve("NVDA", "SPY")
    run("fetch", "NVDA", "-q")
    result = run("doctor")
    assert result.code == 0
    states = {(row["part"], row["state"]) for row in csv.DictReader(io.StringIO(result.out))}
    assert states >= {(part, "good") for part in ("versions", "folders", "themes", "store", "network")}
    assert "US: 2 securities," in result.out
    assert "(SCREENER_NOW)" in result.out


def test_the_doctor_names_each_fault_and_what_to_do(lab, run):  # noqa: F811
    lab.serve("NVDA", "SPY")
    run("fetch", "NVDA", "-q")
    storefile.path_of("US").write_bytes(b"torn")
    (storefile.folder() / "KOSPI.parquet.unusable-20250101T000000Z").write_bytes(b"")
    result = run(
        "doctor",
        "--offline",
        "-f",
        "json",
        env={"SCREENER_TEHME": "x", "SCREENER_STATE_DIR": "/dev/null/state"},
    )
    assert result.code == 2
    found = {(check["part"], check["state"]): check for check in json.loads(result.out)}
    assert "US.parquet in the price store cannot be used" in found["store", "fault"]["finding"]
    assert found["store", "fault"]["remedy"] == "run `screener fetch`, which puts it aside"
    assert "unusable-20250101T000000Z was put aside" in found["store", "warning"]["finding"]
    assert "/dev/null/state cannot be written" in found["folders", "fault"]["finding"]
    assert "not looked at" in found["network", "good"]["finding"]
    settings = [check for check in json.loads(result.out) if check["part"] == "settings"]
    assert (
        settings[0]["finding"] == "SCREENER_TEHME is set, but nothing reads it, did you mean SCREENER_THEME?"
    )


def test_the_doctor_tells_a_missing_network(lab, run):  # noqa: F811
    result = run("doctor", env={"HTTPS_PROXY": "http://127.0.0.1:9"})
    assert result.code == 0
    assert "cannot be reached" in result.out
    assert "HTTPS_PROXY" in result.out


def test_a_knob_turned_too_far_is_a_fault_of_the_settings_and_of_the_fetch(lab, run):  # noqa: F811
    lab.serve("NVDA", "SPY")
    given = {"SCREENER_FETCH_POOL": "many"}
    assert run("fetch", "NVDA", env=given).err == (
        "screener: SCREENER_FETCH_POOL='many': expected `int`, got `str`\n"
    )
    result = run("doctor", env=given)
    assert result.code == 2
    assert "SCREENER_FETCH_POOL='many'" in result.out
