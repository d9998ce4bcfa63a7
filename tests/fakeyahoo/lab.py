"""A fetcher, a store of its own and a fake Yahoo, under one frozen clock."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from screener.calendars import sessions_of
from screener.markets import load_markets
from screener.model import PriceRequest
from screener.sources import fetch, store, storefile
from screener.sources.pace import FetchSettings
from screener.sources.plan import FetchTerms
from tests.fakeyahoo.series import Series, random_series

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from screener.model import PriceSet
    from screener.sources.outcome import FetchReport
    from tests.fakeyahoo.server import FakeYahoo

#: a Friday long past, since yfinance asks up to the real present
DAY = date(2025, 2, 14)
#: every exchange's bar of that day is final by then
EVENING = "2025-02-14T23:00:00+00:00"
START = date(2024, 2, 1)
#: as fast as it goes, and impatient
QUICK = FetchSettings(rate=1e5, timeout=0.6, backoff=0.01, pauses=(0.05, 0.05))


def sessions(symbol: str, last: date = DAY, count: int = 280) -> list[date]:
    """The last sessions of a symbol's exchange."""
    dates = sessions_of(load_markets().of(symbol).calendar).dates.astype(object)
    return [day for day in dates if day <= last][-count:]


def universe(*symbols: str, last: date = DAY) -> dict[str, Series]:
    """A random walk for each symbol on its exchange's sessions."""
    return {symbol: random_series(symbol, sessions(symbol, last)) for symbol in symbols}


def names(count: int) -> tuple[str, ...]:
    """So many American symbols."""
    return tuple(f"S{chr(65 + at // 26)}{chr(65 + at % 26)}" for at in range(count))


@dataclass
class Lab:
    """What a test works with."""

    server: FakeYahoo
    cache: Path
    environment: pytest.MonkeyPatch

    def serve(self, *symbols: str) -> None:
        """Let the server know these symbols."""
        self.server.series.update(universe(*symbols))

    def at(self, moment: str) -> None:
        """Set the clock of the fetcher and of the server."""
        self.environment.setenv("SCREENER_NOW", moment)
        self.server.now = datetime.fromisoformat(moment).astimezone(UTC)

    def request(self, *symbols: str, start: date = START, **rest: Any) -> PriceRequest:
        """A request for these symbols, or for all that are served."""
        return PriceRequest(symbols=symbols or tuple(self.server.series), start=start, **rest)

    def refresh(
        self, *symbols: str, knobs: FetchSettings = QUICK, progress: Any = None, **terms: Any
    ) -> FetchReport:
        """Fetch, quickly."""
        return fetch.refresh(self.request(*symbols), FetchTerms(**terms), knobs=knobs, progress=progress)

    def stored(self, *symbols: str) -> PriceSet:
        """What the store answers."""
        return store.load(self.request(*symbols))

    def file(self, *markets: str) -> pd.DataFrame:
        """All columns of the store's files of these markets."""
        return pd.concat(pd.read_parquet(storefile.path_of(market)) for market in markets)

    def closes(self, symbol: str) -> dict[date, float]:
        """Stored final closes of a symbol."""
        bars = self.stored(symbol).bars
        return dict(zip(bars["date"].dt.date, bars["close"], strict=True))

    def truth(self, symbol: str, start: date = START) -> dict[date, float]:
        """What the server would answer, without faults."""
        first = date(start.year, 1, 1)
        rows = self.server.series[symbol].rows
        wanted = (row for row in rows if max(first, start) <= row.day <= self.server.now.date())
        return {row.day: row.close for row in wanted}

    def statuses(self, report: FetchReport) -> dict[str, str]:
        """Status by symbol."""
        return {outcome.symbol: outcome.status for outcome in report.outcomes}

    def forget(self) -> None:
        """Start with an empty store."""
        shutil.rmtree(self.cache / "prices", ignore_errors=True)
