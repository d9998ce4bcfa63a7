"""Yahoo Finance through yfinance: the only module that knows either. Importing it imports neither.

Every request passes our gate. Refusals are told apart here, before yfinance repeats them without waiting or
turns them into "possibly delisted".
"""

from __future__ import annotations

import json
import logging
import threading
import warnings
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

from screener.sources.answer import (
    Answer,
    FetchFault,
    Malformed,
    NoData,
    RateLimited,
    Transient,
    UnknownSymbol,
    Unreachable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import ModuleType

    import pandas as pd

    from screener.sources.pace import FetchSettings, Gate
    from screener.sources.plan import Job

HOST = "query2.finance.yahoo.com"
_CHART = "/v8/finance/chart/"
_COLUMNS = {
    "Open": "open",
    "High": "high",
    "Low": "low",
    "Close": "close",
    "Volume": "volume",
    "Dividends": "dividend",
    "Stock Splits": "split",
}
# curl's own default
_PROXY_PORT = 1080
# libcurl: proxy not resolved, host not resolved, no connection
_NO_CONNECTION = {5, 6, 7}
_TOO_MANY, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _BAD_REQUEST, _SERVER_ERROR = 429, 401, 403, 404, 400, 500


class _Response(Protocol):
    status_code: int
    text: str
    headers: Mapping[str, str]


class Yahoo:
    """Asks for the daily history of one security at a time; may be called from several threads."""

    def __init__(self, gate: Gate, settings: FetchSettings, folder: Path) -> None:
        self._yfinance = _import(folder)
        self._gate, self._settings = gate, settings
        #: cookie and crumb failed once; the chart does without, and asking again costs each security a wait
        self._bare = False
        self._session = self._yfinance.data.new_session()
        self._session.request = self._guarded(self._session.request)

    def ask(self, job: Job) -> Answer:
        """Answer a job: see `history`."""
        return self.history(job.symbol, job.start, job.horizon.market.time_zone)

    def history(self, symbol: str, start: date, time_zone: str) -> Answer:
        """Return the bars from `start` on. Raises a FetchFault that says why there are none."""
        ticker = self._yfinance.Ticker(symbol, session=self._session)
        # known beforehand, which spares a request a security; without the attribute yfinance asks
        ticker._tz = time_zone
        faults = self._yfinance.exceptions
        try:
            # without an `end`: ranges that end in the past come from a cache that also keeps failures
            table = ticker.history(start=start, auto_adjust=False, actions=True, keepna=True)
            return _translate(table, ticker.history_metadata)
        except faults.YFRateLimitError as error:
            # not seen at the gate: a refusal that came with another status
            self._gate.trip(self._gate.trips)
            raise RateLimited(str(error)) from error
        except faults.YFPricesMissingError as error:
            raise NoData("Yahoo sent no prices") from error
        except faults.YFException as error:
            raise Transient(str(error)) from error
        except OSError as error:
            raise self._silence(error) from error
        except FetchFault:
            raise
        except Exception as error:
            # what yfinance cannot read, and what its own caches run into, surfaces as anything at all
            raise Malformed(
                f"Yahoo's answer cannot be understood ({type(error).__name__}: {error})"
            ) from error

    def _guarded(self, request: Callable[..., _Response]) -> Callable[..., _Response]:
        def send(method: str, url: str, **options: object) -> _Response:
            chart = _CHART in url
            if self._bare and not chart:
                raise ConnectionError("cookie and crumb are not asked for again")
            options["timeout"] = self._settings.timeout
            with self._gate.turn() as trips:
                try:
                    response = request(method=method, url=url, **options)
                except OSError:
                    self._bare = self._bare or not chart
                    raise
                self._gate.answered()
                if response.status_code == _TOO_MANY:
                    self._bare = self._bare or not chart
                    self._gate.trip(trips, _seconds(response.headers.get("Retry-After")))
                    raise RateLimited("Yahoo answered 429, too many requests")
            if chart:
                _raise_for(response)
            return response

        return send

    def _silence(self, error: OSError) -> Transient:
        """No answer came: tell a missing network from a passing fault, and a time-out from a reset."""
        if "Timeout" in type(error).__name__:
            reason = f"Yahoo did not answer within {self._settings.timeout:g} s"
        else:
            reason = f"no connection to Yahoo ({_plain(error)})"
        self._gate.unanswered(reason)
        return Unreachable(reason) if getattr(error, "code", None) in _NO_CONNECTION else Transient(reason)


def reachable(seconds: float) -> bool:
    """Whether Yahoo, or the proxy on the way to it, takes a connection within so many seconds."""
    answers: list[bool] = []
    # in a thread of its own, since resolving a name has no time-out
    probe = threading.Thread(target=lambda: answers.append(_connects(seconds)), daemon=True)
    probe.start()
    probe.join(seconds)
    return any(answers)


def _connects(seconds: float) -> bool:
    import socket
    from urllib.parse import urlsplit
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    proxy = None if proxy_bypass(HOST) else proxies.get("https") or proxies.get("all")
    target: tuple[str, int] = (HOST, 443)
    if proxy:
        parts = urlsplit(proxy if "//" in proxy else f"//{proxy}")
        target = (parts.hostname or "", parts.port or _PROXY_PORT)
    try:
        with socket.create_connection(target, timeout=seconds):
            return True
    except OSError:
        return False


def _import(folder: Path) -> ModuleType:
    """Import yfinance, quiet, honest about errors, with its caches in a folder of ours."""
    with warnings.catch_warnings():
        # it switches the warnings of its dependencies back on, for the whole program
        warnings.simplefilter("ignore")
        import yfinance
        import yfinance.data
        import yfinance.exceptions
    warnings.filterwarnings("ignore", module=r"yfinance(\.|$)")
    logging.getLogger("yfinance").setLevel(logging.CRITICAL + 1)
    yfinance.config.debug.hide_exceptions = False
    yfinance.set_tz_cache_location(str(folder))
    module: ModuleType = yfinance
    return module


def _raise_for(response: _Response) -> None:
    """Turn a refusal of the chart into its fault, before yfinance asks again with another cookie."""
    status = response.status_code
    if status < _BAD_REQUEST or status in (_UNAUTHORIZED, _FORBIDDEN):
        return
    said = _description(response.text)
    if status == _NOT_FOUND and said:
        raise UnknownSymbol(f"Yahoo does not know it ({said})")
    if status == _BAD_REQUEST and said:
        raise NoData(f"Yahoo has no prices for these dates ({said})")
    raise Transient(f"Yahoo answered {status}" + (f" ({said})" if said else ""))


def _description(text: str) -> str:
    """What the chart's own error says; nothing where the answer comes from somewhere else on the way."""
    try:
        return str(json.loads(text)["chart"]["error"]["description"])
    except (ValueError, KeyError, TypeError):
        return ""


def _translate(table: pd.DataFrame, meta: Mapping[str, Any]) -> Answer:
    import pandas as pd

    bars = table.rename(columns=_COLUMNS)[list(_COLUMNS.values())].astype("float64")
    local = pd.DatetimeIndex(table.index).tz_localize(None)
    bars.insert(0, "date", local.normalize().astype("datetime64[ms]"))
    return Answer(
        bars=bars.reset_index(drop=True),
        symbol=str(meta["symbol"]),
        currency=str(meta.get("currency") or ""),
        time_zone=str(meta["exchangeTimezoneName"]),
        listed=_day(meta.get("firstTradeDate")),
        live_tail="lastTrade" in meta,
    )


def _day(moment: object) -> date | None:
    return moment.date() if isinstance(moment, datetime) else None


def _seconds(retry_after: str | None) -> float:
    """Read Retry-After where it is a number of seconds; the pauses of ours stand in for its other form."""
    return float(retry_after) if retry_after and retry_after.isdigit() else 0.0


def _plain(error: OSError) -> str:
    """The fault without curl's advertisement of its documentation."""
    return str(error).split(" See https", maxsplit=1)[0].rstrip(".")
