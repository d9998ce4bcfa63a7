"""What the tests of the fetcher share."""

from __future__ import annotations

from datetime import datetime

import pytest

from screener.calendars import sessions_of
from tests.fakeyahoo.client import yfinance_at
from tests.fakeyahoo.lab import EVENING, Lab
from tests.fakeyahoo.server import FakeYahoo


@pytest.fixture
def price_cache(tmp_path, monkeypatch, cache_folder):
    """A cache folder of the test's own that shares the run's exchange calendars."""
    sessions_of("XNYS"), sessions_of("XKRX")
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "sessions").symlink_to(cache_folder / "sessions")
    monkeypatch.setenv("SCREENER_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("SCREENER_NOW", EVENING)
    return tmp_path / "cache"


@pytest.fixture
def lab(price_cache, monkeypatch):
    """The real yfinance against a fake Yahoo, in this process."""
    for name in ("HTTP_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with FakeYahoo({}, now=datetime.fromisoformat(EVENING)) as server, yfinance_at(server.url):
        # what is asked first is whether Yahoo, or the proxy before it, can be reached
        monkeypatch.setenv("HTTPS_PROXY", server.url)
        yield Lab(server, price_cache, monkeypatch)
