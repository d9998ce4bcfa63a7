"""What we rely on at the real Yahoo: `pytest tests/live -m live --force-enable-socket`. Never part of the suite."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from screener.analytics.adjust import total_return_factors
from screener.model import PriceRequest
from screener.sources import fetch, store, yahoo
from screener.sources.answer import NoData, UnknownSymbol
from screener.sources.pace import FetchSettings, Gate

pytestmark = [pytest.mark.live, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
START = date(2024, 12, 2)


@pytest.fixture(scope="module")
def vendor(request, tmp_path_factory):
    if not request.config.getoption("--force-enable-socket"):
        pytest.skip("the network is shut; run pytest tests/live -m live --force-enable-socket")
    if not yahoo.reachable(5.0):
        pytest.skip("Yahoo cannot be reached from here")
    settings = FetchSettings()
    return yahoo.Yahoo(Gate(settings), settings, tmp_path_factory.mktemp("yfinance"))


@pytest.fixture
def own_store(vendor, tmp_path, monkeypatch):
    """A fetch of our own, into a store of our own."""
    monkeypatch.setenv("SCREENER_CACHE_DIR", str(tmp_path))
    return tmp_path


def closes(answer):
    return dict(zip(answer.bars["date"].dt.date, answer.bars["close"], strict=True))


@pytest.mark.parametrize(
    ("symbol", "currency", "time_zone", "day", "published"),
    [
        # closes that the press printed, adjusted for later splits by Yahoo alone
        ("NVDA", "USD", "America/New_York", date(2025, 1, 27), 118.42),
        ("000660.KS", "KRW", "Asia/Seoul", date(2025, 1, 31), 199200.0),
        ("^KS11", "KRW", "Asia/Seoul", date(2025, 1, 31), 2517.37),
        ("2330.TW", "TWD", "Asia/Taipei", date(2025, 2, 3), 1070.0),
    ],
)
def test_closes_are_those_that_were_published(vendor, symbol, currency, time_zone, day, published):
    answer = vendor.history(symbol, START, time_zone)
    assert (answer.symbol, answer.currency, answer.time_zone) == (symbol, currency, time_zone)
    splits = answer.bars.loc[answer.bars["date"].dt.date > day, "split"]
    factor = float(np.prod(splits[splits > 0]))
    assert closes(answer)[day] * factor == pytest.approx(published, rel=1e-4)


def test_the_time_zone_given_beforehand_spares_a_request(vendor):
    before = vendor._gate.sent
    vendor.history("AMD", START, "America/New_York")
    assert vendor._gate.sent - before <= 1


def test_a_symbol_that_nobody_has_is_unknown(vendor):
    with pytest.raises(UnknownSymbol):
        vendor.history("ZZZZQQ9", START, "America/New_York")


def test_a_window_before_the_first_session_is_no_data_or_begins_with_the_listing(vendor):
    # LG CNS was listed on 2025-02-05
    try:
        answer = vendor.history("064400.KS", START, "Asia/Seoul")
    except NoData:
        pytest.fail("the window contains the listing")
    assert answer.bars["date"].min().date() == date(2025, 2, 5)
    assert answer.listed == date(2025, 2, 5)


def test_our_total_return_is_yahoos_adjusted_close(vendor):
    ticker = vendor._yfinance.Ticker("JNJ", session=vendor._session)
    table = ticker.history(start=START, auto_adjust=False, actions=True)
    close, paid = (table[name].to_numpy(dtype=float)[:, None] for name in ("Close", "Dividends"))
    ours = (close * total_return_factors(close, paid)).ravel()
    np.testing.assert_allclose(ours, table["Adj Close"].to_numpy(), rtol=2e-4)


def test_a_fetch_fills_the_store_and_a_second_one_asks_for_nothing(own_store):
    request = PriceRequest(symbols=("NVDA", "005930.KS", "SPY", "^KS11"), start=START)
    report = fetch.refresh(request)
    assert report.failures == ()
    assert set(store.load(request).bars["symbol"]) == set(request.symbols)
    assert fetch.refresh(request).requests == 0
