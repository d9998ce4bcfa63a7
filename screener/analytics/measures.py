"""Drawdowns and rebounds since the shock: every price measure of a market's securities in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

#: sessions that a last close may lie back and still stand for the present
PATIENCE = 10
#: sessions of the pre-event high
PRE_HIGH_SESSIONS = 252

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]
Dates = NDArray[np.datetime64]


def measure(close: Floats, dates: Dates, base: int, benchmark: Floats) -> dict[str, NDArray[Any]]:
    """Measure all securities of one market; definitions in `screener columns`.

    `close` is sessions x securities in local currency, NaN where there is no close, and ends with the as-of
    session; `dates` its sessions (datetime64[D]); `base` the row of the base session, one of these;
    `benchmark` the closes of the market's benchmark on the same sessions. Returns one array a column, in the
    order of the securities: fractions and prices as float with NaN for no value, dates as datetime64[D] with
    NaT, `status` as str.
    """
    rows = len(close)
    has = ~np.isnan(close)
    based, at_base = _last_true(has[: base + 1])
    traded, at_last = _last_true(has)
    post = close[base + 1 :]
    moved, at_event = _first_true(has[base + 1 :])
    usable = based & (base - at_base <= PATIENCE)
    measured = usable & moved
    base_close = np.where(usable, _pick(close, at_base), np.nan)
    start = np.where(measured, base_close, np.nan)
    last_close = np.where(traded, _pick(close, at_last), np.nan)
    since = last_close / start - 1
    bench = np.where(measured, _benchmark_return(benchmark, at_base, at_last), np.nan)
    return {
        "status": _status(
            traded=traded, based=based, usable=usable, late=moved & (at_event > 0), behind=rows - 1 - at_last
        ),
        "base_date": _dates(dates, at_base, usable),
        "base_close": base_close,
        "event_date": _dates(dates, at_event + base + 1, measured),
        "event_return": _pick(post, at_event) / start - 1,
        **_trough(post, dates[base + 1 :], start, last_close),
        **_drawdowns(post, start, last_close),
        "return_since": since,
        **_return_to_base(post, dates[base + 1 :], start),
        **_pre_high(close, dates, base, usable, np.where(measured, last_close, np.nan)),
        "benchmark_return": bench,
        "excess_return": since - bench,
        "last_date": _dates(dates, at_last, traded),
        "last_close": last_close,
    }


def _status(*, traded: Bools, based: Bools, usable: Bools, late: Bools, behind: Ints) -> NDArray[Any]:
    """Say of each security how far its measures can be used; the first that applies."""
    return np.select(
        [~traded, ~based, ~usable, late, behind > PATIENCE, behind > 0],
        ["no_prices", "listed_later", "no_base", "late", "ended", "stale"],
        default="ok",
    ).astype(object)


def _trough(post: Floats, dates: Dates, base_close: Floats, last_close: Floats) -> dict[str, NDArray[Any]]:
    measured = ~np.isnan(base_close)
    if len(post):
        at_trough = np.argmin(np.where(np.isnan(post), np.inf, post), axis=0)
    else:
        at_trough = np.zeros(len(base_close), dtype=np.intp)
    trough = np.where(measured, _pick(post, at_trough), np.nan)
    lost = np.where(trough < base_close, base_close - trough, np.nan)
    return {
        "fall": trough / base_close - 1,
        "trough_date": _dates(dates, at_trough, measured),
        "trough_close": trough,
        "sessions_to_trough": np.where(measured, at_trough + 1.0, np.nan),
        "rebound": last_close / trough - 1,
        "recovery": (last_close - trough) / lost,
    }


def _drawdowns(post: Floats, base_close: Floats, last_close: Floats) -> dict[str, NDArray[Any]]:
    """Return drawdowns from the running peak, the base being the first peak (halts keep the peak)."""
    if not len(post):
        nothing = np.full_like(base_close, np.nan)
        return {"max_drawdown": nothing, "drawdown": nothing.copy()}
    peaks = np.fmax.accumulate(np.vstack([base_close, post]), axis=0)[1:]
    deepest = np.fmin.reduce(post / peaks - 1, axis=0)
    measured = ~np.isnan(base_close)
    return {
        "max_drawdown": np.where(measured, deepest, np.nan),
        "drawdown": np.where(measured, last_close / peaks[-1] - 1, np.nan),
    }


def _return_to_base(post: Floats, dates: Dates, base_close: Floats) -> dict[str, NDArray[Any]]:
    below = post < base_close
    fell = np.logical_or.accumulate(below, axis=0) if len(post) else below
    back, at_back = _first_true(fell & (post >= base_close))
    return {
        "recovered_on": _dates(dates, at_back, back),
        "sessions_to_recover": np.where(back, at_back + 1.0, np.nan),
        "sessions_below_base": np.where(np.isnan(base_close), np.nan, below.sum(axis=0)),
    }


def _pre_high(
    close: Floats, dates: Dates, base: int, usable: Bools, last_close: Floats
) -> dict[str, NDArray[Any]]:
    start = max(base + 1 - PRE_HIGH_SESSIONS, 0)
    before = close[start : base + 1]
    at_high = np.argmax(np.where(np.isnan(before), -np.inf, before), axis=0)
    high = np.where(usable, _pick(before, at_high), np.nan)
    above, at_above = _first_true(close[base + 1 :] > high)
    return {
        "pre_high": high,
        "pre_high_date": _dates(dates, at_high + start, usable),
        "from_pre_high": last_close / high - 1,
        "new_high_on": _dates(dates, at_above + base + 1, above),
    }


def _benchmark_return(benchmark: Floats, at_base: Ints, at_last: Ints) -> Floats:
    """Return of the benchmark between the two rows of each security, NaN without a close near both.

    For a missing close the last one before it stands in, as long as PATIENCE allows.
    """
    row = np.arange(len(benchmark))
    known = np.maximum.accumulate(np.where(np.isnan(benchmark), 0, row))
    filled = np.where(row - known <= PATIENCE, benchmark[known], np.nan)
    result: Floats = filled[at_last] / filled[at_base] - 1
    return result


def _first_true(mask: Bools) -> tuple[Bools, Ints]:
    """Return whether a column has a True, and the row of its first (0 where it has none)."""
    if not len(mask):
        return np.zeros(mask.shape[1], dtype=bool), np.zeros(mask.shape[1], dtype=np.intp)
    return np.asarray(mask.any(axis=0)), mask.argmax(axis=0)


def _last_true(mask: Bools) -> tuple[Bools, Ints]:
    """Return whether a column has a True, and the row of its last (the last row where it has none)."""
    some, from_end = _first_true(mask[::-1])
    return some, len(mask) - 1 - from_end


def _pick(matrix: Floats, at: Ints) -> Floats:
    """Return one value a column, at the given rows."""
    if not len(matrix):
        return np.full(matrix.shape[1], np.nan)
    picked: Floats = matrix[at, np.arange(matrix.shape[1])]
    return picked


def _dates(dates: Dates, at: Ints, valid: Bools) -> Dates:
    """Return the dates of the given rows, NaT where not valid."""
    out = np.full(len(at), np.datetime64("NaT"), dtype="M8[D]")
    out[valid] = dates[at[valid]]
    return out
