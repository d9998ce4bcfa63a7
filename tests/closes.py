"""The bundled sample in plain arithmetic, apart from the program: what closes show of one security on one day."""

import csv
from datetime import date

from screener.resources import bundled_sample

#: base session of the two countries that the sample has
BASE = date(2025, 1, 24)


def closes():
    """The sample as {symbol: [(date, close), ...]}."""
    with bundled_sample().open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    symbols = [name for name in rows[0] if name != "date"]
    return {
        symbol: [(date.fromisoformat(row["date"]), float(row[symbol])) for row in rows if row[symbol]]
        for symbol in symbols
    }


class Day:
    """One security on one day, in plain arithmetic."""

    def __init__(self, series, day):
        known = [(at, close) for at, close in series if at <= day]
        before = [close for at, close in known if at <= BASE]
        self.listed_later = bool(known) and not before
        self.base = before[-1] if before else None
        self.path = [(at, close) for at, close in known if at > BASE] if before else []
        self.high = max(before[-252:], default=None)
        self.last_date = known[-1][0] if known else None

    @property
    def low(self):
        return min(self.path, key=lambda point: (point[1], point[0])) if self.path else None

    @property
    def below(self):
        return bool(self.path) and self.path[-1][1] < self.base

    @property
    def regained(self):
        fell = False
        for at, close in self.path:
            if close < self.base:
                fell = True
            elif fell:
                return at
        return None

    @property
    def new_high(self):
        return next((at for at, close in self.path if close > self.high), None)

    @property
    def deepest(self):
        peak, worst = self.base, 0.0
        for _, close in self.path:
            peak = max(peak, close)
            worst = min(worst, close / peak - 1)
        return worst
