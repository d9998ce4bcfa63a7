"""The prices that the fake Yahoo serves."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Exchange(NamedTuple):
    """How an exchange shows in Yahoo's answers."""

    time_zone: str
    short_zone: str
    currency: str
    code: str
    opens: tuple[int, int]
    closes: tuple[int, int]


EXCHANGES = {
    "": Exchange("America/New_York", "EST", "USD", "NMS", (9, 30), (16, 0)),
    ".KS": Exchange("Asia/Seoul", "KST", "KRW", "KSC", (9, 0), (15, 30)),
    ".KQ": Exchange("Asia/Seoul", "KST", "KRW", "KOE", (9, 0), (15, 30)),
    ".HK": Exchange("Asia/Hong_Kong", "HKT", "HKD", "HKG", (9, 30), (16, 0)),
    ".T": Exchange("Asia/Tokyo", "JST", "JPY", "JPX", (9, 0), (15, 30)),
    ".TW": Exchange("Asia/Taipei", "CST", "TWD", "TAI", (9, 0), (13, 30)),
}
INDICES = {
    "^GSPC": "",
    "^IXIC": "",
    "^KS11": ".KS",
    "^KQ11": ".KQ",
    "^HSI": ".HK",
    "^N225": ".T",
    "^TWII": ".TW",
}


def exchange_of(symbol: str) -> Exchange:
    """Exchange of a symbol by its ending."""
    dot = symbol.rfind(".")
    return EXCHANGES.get(INDICES.get(symbol, symbol[dot:] if dot > 0 else ""), EXCHANGES[""])


@dataclass
class Row:
    """One session as Yahoo serves it: prices adjusted for splits, not for dividends."""

    day: date
    open: float | None
    high: float | None
    low: float | None
    close: float | None
    volume: int | None


@dataclass
class Series:
    """One security's history with its events."""

    symbol: str
    rows: list[Row]
    dividends: dict[date, float] = field(default_factory=dict)
    splits: dict[date, tuple[float, float]] = field(default_factory=dict)

    def adjusted(self) -> list[float | None]:
        """Yahoo's Adj Close: each close before an ex-date times 1 - dividend / previous close."""
        out: list[float | None] = []
        factor, later = 1.0, None
        for row in reversed(self.rows):
            if later in self.dividends and row.close:
                factor *= 1 - self.dividends[later] / row.close
            out.append(None if row.close is None else row.close * factor)
            later = row.day
        return out[::-1]

    def until(self, last: date) -> Series:
        """The same history as it was on an earlier day."""
        rows = [row for row in self.rows if row.day <= last]
        return Series(self.symbol, rows, dict(self.dividends), dict(self.splits))

    def split(self, day: date, ratio: float) -> None:
        """Split the share: Yahoo divides every earlier price and dividend and multiplies the volumes."""
        for row in self.rows:
            if row.day < day:
                for name in ("open", "high", "low", "close"):
                    setattr(row, name, getattr(row, name) / ratio)
                row.volume = int(row.volume * ratio)
        self.dividends = {
            when: amount / ratio if when < day else amount for when, amount in self.dividends.items()
        }
        self.splits[day] = (ratio, 1.0)


def weekdays(last: date, count: int) -> list[date]:
    """So many weekdays up to a day, ascending: sessions of an exchange without holidays."""
    days, day = [], last
    while len(days) < count:
        if day.weekday() < 5:
            days.append(day)
        day -= timedelta(days=1)
    return days[::-1]


def random_series(symbol: str, days: Iterable[date], seed: int = 7) -> Series:
    """A random walk on the given sessions, the same for the same symbol and seed."""
    chance = random.Random(f"{seed}:{symbol}")  # noqa: S311 - prices, not secrets
    price = chance.uniform(20, 400) * (1000 if exchange_of(symbol).currency == "KRW" else 1)
    rows = []
    for day in days:
        first = price * math.exp(chance.gauss(0, 0.004))
        price = first * math.exp(chance.gauss(0.0003, 0.015))
        high = max(first, price) * (1 + abs(chance.gauss(0, 0.004)))
        low = min(first, price) * (1 - abs(chance.gauss(0, 0.004)))
        prices = (round(value, 4) for value in (first, high, low, price))
        rows.append(Row(day, *prices, chance.randrange(10_000, 9_000_000)))
    return Series(symbol, rows)
