"""The body of a chart answer, right or wrong in one of the ways seen at Yahoo."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.fakeyahoo.series import Series, exchange_of

if TYPE_CHECKING:
    from tests.fakeyahoo.series import Row

PRICES = ("open", "high", "low", "close")
#: faults that this module makes; the transport's own are in the server
FAULTS = frozenset(
    {
        "400",
        "empty",
        "emptyquote",
        "nan_last",
        "nan_middle",
        "null_volume",
        "split",
        "dividend",
        "dup_last",
        "shuffled",
        "missing_last",
        "x100_last",
        "no_meta_tz",
        "no_adjclose",
        "wrong_symbol",
    }
)


class NoBars(Exception):  # noqa: N818 - an answer, for the server to send
    """Yahoo's 400 for a window without bars."""


@dataclass
class Columns:
    """The arrays of an answer while it is spoiled."""

    stamps: list[int]
    values: dict[str, list[Any]]
    adjusted: list[Any]

    def blank(self, at: int) -> None:
        """Empty one row's prices."""
        for name in PRICES:
            self.values[name][at] = None
        self.adjusted[at] = None


def body(series: Series, query: dict[str, str], now: datetime, faults: set[str]) -> dict[str, Any]:
    """Answer a chart request. Raises NoBars."""
    picked, low, high = _window(series, query, now)
    meta = _meta(series, query, now)
    if "wrong_symbol" in faults:
        meta["symbol"] = "WRONG"
    if "no_meta_tz" in faults:
        del meta["exchangeTimezoneName"]
    if "empty" in faults:
        return _result({"meta": meta, "indicators": {"quote": [{}], "adjclose": [{}]}})
    if "missing_last" in faults:
        picked = picked[:-1]
    if "400" in faults or (not picked and "period1" in query):
        raise NoBars(f"Data doesn't exist for startDate = {low}, endDate = {high}")
    columns = _columns(series, picked)
    _spoil(columns, faults)
    result: dict[str, Any] = {
        "meta": meta,
        "timestamp": columns.stamps,
        "indicators": {"quote": [columns.values], "adjclose": [{"adjclose": columns.adjusted}]},
    }
    if "no_adjclose" in faults:
        del result["indicators"]["adjclose"]
    events = _events(series, picked, faults)
    if events and "events" in query:
        result["events"] = events
    return _result(result)


def _result(result: dict[str, Any]) -> dict[str, Any]:
    return {"chart": {"result": [result], "error": None}}


def _stamp(series: Series, day: date, time: tuple[int, int] | None = None) -> int:
    exchange = exchange_of(series.symbol)
    zone = ZoneInfo(exchange.time_zone)
    return int(datetime(day.year, day.month, day.day, *(time or exchange.opens), tzinfo=zone).timestamp())


def _window(series: Series, query: dict[str, str], now: datetime) -> tuple[list[tuple[int, Row]], int, int]:
    """Rows between both ends; a time stamp is the opening of its session."""
    present = int(now.timestamp())
    if "period1" in query:
        low, high = int(float(query["period1"])), min(int(float(query["period2"])), present)
    else:
        days = {"1d": 1, "5d": 7, "1mo": 31}.get(query.get("range", "1mo"), 99 * 366)
        low, high = int((now - timedelta(days=days)).timestamp()), present
    stamped = [(_stamp(series, row.day), row) for row in series.rows]
    return [(stamp, row) for stamp, row in stamped if low <= stamp < high], low, high


def _meta(series: Series, query: dict[str, str], now: datetime) -> dict[str, Any]:
    exchange = exchange_of(series.symbol)
    local = now.astimezone(ZoneInfo(exchange.time_zone))
    offset = int(local.utcoffset().total_seconds())
    day = local.date()
    period = {
        "timezone": exchange.short_zone,
        "start": _stamp(series, day),
        "end": _stamp(series, day, exchange.closes),
        "gmtoffset": offset,
    }
    last = [row for row in series.rows if row.close is not None][-1]
    return {
        "currency": exchange.currency,
        "symbol": series.symbol,
        "exchangeName": exchange.code,
        "fullExchangeName": exchange.code,
        "instrumentType": "INDEX" if series.symbol.startswith("^") else "EQUITY",
        "firstTradeDate": _stamp(series, series.rows[0].day),
        "regularMarketTime": min(_stamp(series, last.day, exchange.closes), int(now.timestamp())),
        "hasPrePostMarketData": exchange.currency == "USD",
        "gmtoffset": offset,
        "timezone": exchange.short_zone,
        "exchangeTimezoneName": exchange.time_zone,
        "regularMarketPrice": last.close,
        "priceHint": 2,
        "currentTradingPeriod": {name: dict(period) for name in ("pre", "regular", "post")},
        "dataGranularity": "1d",
        "range": query.get("range", ""),
        "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
    }


def _columns(series: Series, picked: list[tuple[int, Row]]) -> Columns:
    adjusted = dict(zip((row.day for row in series.rows), series.adjusted(), strict=True))
    values = {name: [getattr(row, name) for _, row in picked] for name in (*PRICES, "volume")}
    return Columns([stamp for stamp, _ in picked], values, [adjusted[row.day] for _, row in picked])


def _spoil(columns: Columns, faults: set[str]) -> None:
    count = len(columns.stamps)
    if not count:
        return
    if "emptyquote" in faults:
        columns.values = {name: [None] * count for name in columns.values}
        columns.adjusted = [None] * count
    if "nan_last" in faults:
        columns.blank(-1)
    if "nan_middle" in faults:
        columns.blank(count // 2)
        columns.values["volume"][count // 2] = None
    if "null_volume" in faults:
        columns.values["volume"][-1] = None
    if "x100_last" in faults:
        for name in PRICES:
            columns.values[name][-1] *= 100
    if "dup_last" in faults:
        _add_live_quote(columns)
    if "shuffled" in faults:
        _shuffle(columns)


def _add_live_quote(columns: Columns) -> None:
    """The quote of the moment as a row of its own after the session's bar, 1 % off."""
    columns.stamps.append(columns.stamps[-1] + 6 * 3600 + 1801)
    for values in columns.values.values():
        values.append(values[-1])
    columns.values["volume"][-1] = (columns.values["volume"][-1] or 0) + 1234
    columns.values["close"][-1] = round(columns.values["close"][-1] * 1.01, 4)
    columns.adjusted.append(columns.values["close"][-1])


def _shuffle(columns: Columns) -> None:
    order = list(range(len(columns.stamps)))
    random.Random(1).shuffle(order)  # noqa: S311 - a mess, not a secret
    columns.stamps = [columns.stamps[at] for at in order]
    columns.adjusted = [columns.adjusted[at] for at in order]
    columns.values = {name: [values[at] for at in order] for name, values in columns.values.items()}


def _events(series: Series, picked: list[tuple[int, Row]], faults: set[str]) -> dict[str, Any]:
    dividends, splits = dict(series.dividends), dict(series.splits)
    if picked and "dividend" in faults:
        dividends[picked[len(picked) // 2][1].day] = round(picked[0][1].close * 0.01, 4)
    if picked and "split" in faults:
        splits[picked[len(picked) // 2][1].day] = (4, 1)
    found: dict[str, Any] = {"dividends": {}, "splits": {}}
    for stamp, row in picked:
        if row.day in dividends:
            found["dividends"][str(stamp)] = {"amount": dividends[row.day], "date": stamp}
        if row.day in splits:
            new, old = splits[row.day]
            found["splits"][str(stamp)] = {
                "date": stamp,
                "numerator": new,
                "denominator": old,
                "splitRatio": f"{new:g}:{old:g}",
            }
    return {kind: events for kind, events in found.items() if events}
