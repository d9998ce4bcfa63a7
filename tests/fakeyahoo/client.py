"""Points the real yfinance at a FakeYahoo: real client code, real HTTP, one patched name."""

from __future__ import annotations

import types
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator


def rewriting_session(base: str) -> type:
    """A session class that sends https://*.yahoo.com/x as plain HTTP through BASE."""
    from curl_cffi import requests

    class Session(requests.Session):
        def request(self, method: str, url: str, **options: Any) -> Any:
            host = urlsplit(url).hostname or ""
            if not host.endswith("yahoo.com"):
                raise RuntimeError(f"a test tried to reach the network: {url}")
            options["proxies"] = {"http": base}
            return super().request(method, url.replace("https://", "http://", 1), **options)

    return Session


@contextmanager
def yfinance_at(base: str) -> Iterator[None]:
    """Send everything that yfinance opens to BASE; all of its state is put back afterwards."""
    import yfinance
    from yfinance import _http, cache
    from yfinance import base as ticker_base
    from yfinance.data import SingletonMeta, YfData

    def forget() -> None:
        SingletonMeta._instances.clear()
        YfData.cache_get.cache_clear()
        ticker_base._tz_info_fetch_ctr = 0
        cache._TzCacheManager._tz_cache = cache._CookieCacheManager._Cookie_cache = None
        cache._ISINCacheManager._isin_cache = None

    backend, folder = _http._backend, cache._TzDBManager.get_location()
    forget()
    _http._backend = types.SimpleNamespace(Session=rewriting_session(base))
    try:
        yield
    finally:
        _http._backend = backend
        forget()
        yfinance.set_tz_cache_location(folder)
