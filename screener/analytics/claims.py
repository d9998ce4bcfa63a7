"""Figures that claims are held against: measures from any close to any other, and one figure of several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from screener.analytics.measures import measure

if TYPE_CHECKING:
    from collections.abc import Callable

#: sessions before the start that `move_ratio` compares with
CALM_SESSIONS = 60

Floats = NDArray[np.float64]
Dates = NDArray[np.datetime64]


def claim_measures(close: Floats, dates: Dates, base: int, benchmark: Floats) -> dict[str, NDArray[Any]]:
    """Measure securities from row `base` to the last row.

    Arguments and result as of `measures.measure`, and besides `highest_close` with `highest_date` (highest close
    after the base and its first session), `below_base` (share of the closes after the base that lie below it) and
    `move_ratio` (mean absolute daily return after the base over its mean in the 60 sessions up to the base; NaN
    with fewer sessions than that).
    """
    found = measure(close, dates, base, benchmark)
    post = close[base + 1 :]
    closes = (~np.isnan(post)).sum(axis=0).astype(float)
    some = ~np.isnan(found["event_return"])
    raised = np.where(np.isnan(post), -np.inf, post)
    at_highest = raised.argmax(axis=0) if len(post) else np.zeros(close.shape[1], dtype=np.intp)
    highest = raised.max(axis=0, initial=-np.inf)
    days = np.full(close.shape[1], np.datetime64("NaT"), dtype="M8[D]")
    days[some] = dates[base + 1 + at_highest[some]]
    return found | {
        "highest_close": np.where(some, highest, np.nan),
        "highest_date": days,
        "below_base": found["sessions_below_base"] / np.where(some, closes, np.nan),
        "move_ratio": _move_ratio(close, base),
    }


def one_figure(
    values: Floats, take: Literal["mean", "median", "share", "rank"], chosen: NDArray[np.bool_]
) -> float:
    """Make one figure of several securities'; NaN where there is none, or none is chosen for a rank.

    `values` without NaN. `chosen` marks the securities counted by `share`, and the one ranked by `rank` (1 is the
    lowest; of equals all have the best rank).
    """
    if not len(values):
        return float("nan")
    match take:
        case "mean":
            return float(values.mean())
        case "median":
            return float(np.median(values))
        case "share":
            return float(chosen.mean())
        case "rank":
            return float((values < values[chosen][0]).sum() + 1) if chosen.any() else float("nan")


def satisfies(values: Any, sign: str, bound: float) -> Any:
    """Hold values against a bound; NaN satisfies nothing."""
    compare: Callable[[Any, float], Any] = {
        "<": np.less,
        "<=": np.less_equal,
        ">": np.greater,
        ">=": np.greater_equal,
    }[sign]
    return compare(values, bound)


def first_true(holds: Callable[[int], bool], first: int, last: int) -> int | None:
    """Return the first of the rows first..last for which `holds`, which once true stays so; None where never."""
    if first > last or not holds(last):
        return None
    while first < last:
        middle = (first + last) // 2
        if holds(middle):
            last = middle
        else:
            first = middle + 1
    return first


def _move_ratio(close: Floats, base: int) -> Floats:
    """Return ratio of mean absolute simple returns; a return needs a close on both of two adjacent sessions."""
    size = np.abs(close[1:] / close[:-1] - 1)
    calm = size[max(base - CALM_SESSIONS, 0) : base]
    if base < CALM_SESSIONS:
        return np.full(close.shape[1], np.nan)
    before = _mean(calm)
    return _mean(size[base:]) / np.where(before > 0, before, np.nan)


def _mean(values: Floats) -> Floats:
    """Return the mean of each column without its NaN; NaN where nothing is left."""
    count = (~np.isnan(values)).sum(axis=0)
    mean: Floats = np.nansum(values, axis=0) / np.where(count > 0, count, np.nan)
    return mean
