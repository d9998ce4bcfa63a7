"""Point the real yfinance at a FakeYahoo: real client code, real HTTP, one patched name."""

import types
from contextlib import contextmanager
from urllib.parse import urlsplit

from curl_cffi import requests as _cr


def rewriting_session(base):
    """A curl_cffi Session class sending https://*.yahoo.com/x as plain HTTP through BASE."""

    class Session(_cr.Session):
        def request(self, method, url, **kw):
            host = urlsplit(url).hostname or ""
            if not host.endswith("yahoo.com"):
                raise RuntimeError(f"a test tried to reach the network: {url}")
            kw["proxies"] = {"http": base}
            return super().request(method, url.replace("https://", "http://", 1), **kw)

    return Session


@contextmanager
def yfinance_at(base, cache_dir):
    """Everything that yfinance opens goes to BASE; a fresh disk cache; all state put back."""
    import yfinance as yf
    from yfinance import _http, cache
    from yfinance import base as yfbase
    from yfinance.data import SingletonMeta, YfData

    def fresh():
        SingletonMeta._instances.clear()  # cookie, crumb, strategy, session
        YfData.cache_get.cache_clear()  # in-process lru_cache of responses
        yfbase._tz_info_fetch_ctr = 0
        cache._TzCacheManager._tz_cache = cache._CookieCacheManager._Cookie_cache = None
        cache._ISINCacheManager._isin_cache = None

    backend, old_dir = _http._backend, cache._TzDBManager.get_location()
    fresh()
    yf.set_tz_cache_location(str(cache_dir))
    _http._backend = types.SimpleNamespace(Session=rewriting_session(base))  # new_session() reads this
    try:
        yield yf
    finally:
        _http._backend = backend
        fresh()
        yf.set_tz_cache_location(old_dir)
