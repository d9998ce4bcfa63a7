"""The default source: what it falls back on, and how it says so."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from screener.model import PriceRequest
from screener.sources import auto, yahoo
from tests.fakeyahoo.lab import DAY

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
MEMBERS = ("NVDA", "AVGO", "000660.KS", "SPY")


@pytest.fixture(autouse=True)
def fast(monkeypatch):
    monkeypatch.setenv("SCREENER_FETCH_RATE", "100000")
    monkeypatch.setenv("SCREENER_FETCH_TIMEOUT", "2")
    monkeypatch.setenv("SCREENER_FETCH_BACKOFF", "0.01")


@pytest.fixture
def no_network(monkeypatch):
    """A proxy that is not there; every other way out is blocked in the tests anyway."""
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")


def test_what_is_missing_is_fetched_and_then_comes_from_the_store(lab):
    lab.serve(*MEMBERS)
    seen = []
    prices = auto.load(lab.request(), progress=seen.append)
    assert (prices.source, prices.notices, prices.failures) == ("store", (), ())
    assert set(prices.bars["symbol"]) == set(MEMBERS)
    assert seen[-1].done == seen[-1].total == len(MEMBERS)
    lab.server.clear()
    again = auto.load(lab.request())
    assert lab.server.log == []
    assert again.bars.equals(prices.bars)
    assert again.fetched_at == prices.fetched_at == lab.server.now


def test_offline_asks_nothing_and_dates_the_stored_prices(lab):
    lab.serve(*MEMBERS)
    lab.at("2025-02-13T23:00:00+00:00")
    auto.load(lab.request())
    lab.server.clear()
    lab.at("2025-02-14T23:00:00+00:00")
    prices = auto.load(lab.request(offline=True))
    assert lab.server.log == []
    assert prices.notices == (
        "offline: prices are those of the store up to 2025-02-13, fetched 2025-02-13 23:00 UTC",
    )


def test_offline_with_a_fresh_store_has_nothing_to_say(lab):
    lab.serve(*MEMBERS)
    auto.load(lab.request())
    assert auto.load(lab.request(offline=True)).notices == ()


def test_without_a_network_the_store_answers_dated_and_within_three_seconds(lab, no_network):
    lab.serve(*MEMBERS)
    lab.environment.setenv("HTTPS_PROXY", lab.server.url)
    lab.environment.delenv("https_proxy")
    lab.at("2025-02-13T23:00:00+00:00")
    auto.load(lab.request())
    lab.environment.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    lab.at("2025-02-14T23:00:00+00:00")
    began = time.monotonic()
    prices = auto.load(lab.request())
    assert time.monotonic() - began < 3
    (notice,) = prices.notices
    assert notice.startswith("Yahoo cannot be reached: prices are those of the ")
    assert notice.endswith("store up to 2025-02-13, fetched 2025-02-13 23:00 UTC")


def test_without_a_network_or_a_store_the_sample_answers_and_says_so(price_cache, no_network):
    prices = auto.load(PriceRequest(symbols=MEMBERS, start=date(2024, 10, 1)))
    assert prices.source == "sample"
    (notice,) = prices.notices
    assert "Yahoo cannot be reached" in notice
    assert "prices are the bundled sample's, 2024-10-01 to 2025-04-30" in notice
    # NVDA's published close of 2025-01-27
    nvda = prices.bars[(prices.bars["symbol"] == "NVDA") & (prices.bars["date"] == "2025-01-27")]
    assert nvda["close"].tolist() == [118.42]


def test_offline_on_a_new_machine_is_the_sample(price_cache):
    prices = auto.load(PriceRequest(symbols=MEMBERS, start=date(2024, 10, 1), offline=True))
    assert prices.source == "sample"
    assert prices.notices[0].startswith("offline: ")


def test_securities_that_nobody_has_are_no_prices_with_their_reasons(price_cache, no_network):
    prices = auto.load(PriceRequest(symbols=("QQQQQ",), start=date(2024, 10, 1)))
    assert prices.bars.empty
    assert [failure.symbol for failure in prices.failures] == ["QQQQQ"]
    assert any("cannot be reached" in notice for notice in prices.notices)


def test_a_name_that_never_resolves_is_given_up_on_in_time(monkeypatch):
    monkeypatch.setattr(yahoo, "_connects", lambda _seconds: time.sleep(5))
    began = time.monotonic()
    assert not yahoo.reachable(0.2)
    assert time.monotonic() - began < 1


def test_somebody_who_waits_for_a_table_does_not_wait_for_a_rate_limit(lab):
    lab.serve(*MEMBERS)
    lab.server.fault("*", "429")
    began = time.monotonic()
    prices = auto.load(lab.request())
    assert time.monotonic() - began < 5
    assert prices.source == "sample"
    assert "rate limit" in prices.notices[0]


@pytest.mark.parametrize(
    "kind", ["a file in place of the cache folder", "a file in place of the store's folder"]
)
def test_a_folder_that_cannot_be_written_is_said_and_the_sample_answers(lab, kind):
    lab.serve(*MEMBERS)
    folder = lab.cache.parent / "blocked"
    if kind.startswith("a file in place of the cache"):
        folder.write_text("")
    else:
        folder.mkdir()
        (folder / "prices").write_text("")
    lab.environment.setenv("SCREENER_CACHE_DIR", str(folder))
    prices = auto.load(lab.request())
    assert prices.source == "sample"
    assert "cannot write the price store" in prices.notices[0]
    assert "SCREENER_CACHE_DIR" in prices.notices[0]


def test_a_store_that_cannot_be_written_any_more_still_answers(lab, monkeypatch):
    lab.serve(*MEMBERS)
    lab.at("2025-02-13T23:00:00+00:00")
    auto.load(lab.request())
    store = Path(lab.cache) / "prices"
    before = {path.name: path.read_bytes() for path in store.glob("*.parquet")}
    import pyarrow.parquet as pq

    def read_only(*_arguments, **_options):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(pq, "write_table", read_only)
    lab.at("2025-02-14T23:00:00+00:00")
    prices = auto.load(lab.request())
    assert prices.source == "store"
    assert "Read-only file system" in prices.notices[0]
    assert "up to 2025-02-13" in prices.notices[0]
    assert {path.name: path.read_bytes() for path in store.glob("*.parquet")} == before


def test_an_as_of_date_in_the_past_needs_no_fetch(lab):
    lab.serve(*MEMBERS)
    auto.load(lab.request())
    lab.server.clear()
    lab.at("2025-03-14T23:00:00+00:00")
    prices = auto.load(lab.request(end=DAY))
    assert lab.server.log == []
    assert prices.bars["date"].max().date() == DAY
