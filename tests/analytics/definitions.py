"""The definitions of the measures in plain Python, one session at a time: slow, but plain.

Written from the definitions and not from the program, so that the two can be held against each other.
"""

from __future__ import annotations

import math
from datetime import timedelta

PATIENCE = 10
YEAR = 252


def measures_by_definition(close, dates, base, benchmark):
    """Lists over sessions in, None for no close; {column: value or None} out."""
    found = dict.fromkeys(COLUMNS)
    traded = [row for row, price in enumerate(close) if price is not None]
    before = [row for row in traded if row <= base]
    after = [row for row in traded if row > base]
    found["status"] = _status(close, traded, before, after, base)
    if traded:
        found |= {"last_date": dates[traded[-1]], "last_close": close[traded[-1]]}
    if not before or base - before[-1] > PATIENCE:
        return found
    b = close[before[-1]]
    found |= {"base_date": dates[before[-1]], "base_close": b}
    year = [row for row in before if row > base - YEAR]
    high = max(close[row] for row in year)
    found |= {"pre_high": high, "pre_high_date": next(dates[row] for row in year if close[row] == high)}
    if after:
        found |= _since(close, dates, base, b=b, high=high, after=after)
        found |= _against(benchmark, before[-1], traded[-1], found["return_since"])
    return found


def _status(close, traded, before, after, base):
    if not traded:
        return "no_prices"
    if not before:
        return "listed_later"
    if base - before[-1] > PATIENCE:
        return "no_base"
    if after and after[0] != base + 1:
        return "late"
    behind = len(close) - 1 - traded[-1]
    return "ok" if behind == 0 else "stale" if behind <= PATIENCE else "ended"


def _since(close, dates, base, *, b, high, after):
    last = close[after[-1]]
    trough_row = min(after, key=lambda row: (close[row], row))
    trough = close[trough_row]
    peak, drawdowns = b, [0.0]
    for row in after:
        peak = max(peak, close[row])
        drawdowns.append(close[row] / peak - 1)
    first_below = next((row for row in after if close[row] < b), None)
    back = [row for row in after if first_below is not None and row > first_below and close[row] >= b]
    return {
        "event_date": dates[after[0]],
        "event_return": close[after[0]] / b - 1,
        "trough_date": dates[trough_row],
        "trough_close": trough,
        "fall": trough / b - 1,
        "sessions_to_trough": trough_row - base,
        "max_drawdown": min(drawdowns),
        "drawdown": drawdowns[-1],
        "return_since": last / b - 1,
        "rebound": last / trough - 1,
        "recovery": (last - trough) / (b - trough) if trough < b else None,
        "recovered_on": dates[back[0]] if back else None,
        "sessions_to_recover": back[0] - base if back else None,
        "sessions_below_base": sum(close[row] < b for row in after),
        "from_pre_high": last / high - 1,
        "new_high_on": next((dates[row] for row in after if close[row] > high), None),
    }


def _against(benchmark, first, last, since):
    def known(row):
        near = [benchmark[at] for at in range(max(row - PATIENCE, 0), row + 1) if benchmark[at] is not None]
        return near[-1] if near else None

    start, end = known(first), known(last)
    if start is None or end is None:
        return {}
    return {"benchmark_return": end / start - 1, "excess_return": since - (end / start - 1)}


COLUMNS = (
    *("status", "base_date", "base_close", "event_date", "event_return", "fall", "trough_date"),
    *("trough_close", "sessions_to_trough", "max_drawdown", "drawdown", "return_since", "rebound"),
    *("recovery", "recovered_on", "sessions_to_recover", "sessions_below_base", "pre_high"),
    *("pre_high_date", "from_pre_high", "new_high_on", "benchmark_return", "excess_return"),
    *("last_date", "last_close"),
)


def plain(value):
    """A value as the program gives it (numpy) as the definitions do: None for none, dates as dates."""
    if isinstance(value, str):
        return value
    value = value.item()
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return value


def session_dates(first, sessions):
    """So many weekdays from the first."""
    days, day = [], first
    while len(days) < sessions:
        if day.weekday() < 5:
            days.append(day)
        day += timedelta(days=1)
    return days
