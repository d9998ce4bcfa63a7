"""Total return from raw closes and dividends, computed on read: adjusted history stored would go stale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]


def total_return_factors(close: Matrix, dividends: Matrix) -> Matrix:
    """Return the factors that turn split-adjusted closes into dividend-adjusted ones (sessions x securities).

    Going back in time, each ex-date multiplies the closes before it by 1 - D / P, with P the last close
    before the ex-date: Yahoo's and CRSP's way of reinvesting. The last session's factor is 1. A dividend
    that is NaN, zero, or without a close before it changes nothing; before one not below P the factor is NaN.
    """
    step = np.ones_like(close, dtype=float)
    before = _last_close(close)[:-1]
    paid = dividends[1:]
    with np.errstate(invalid="ignore", divide="ignore"):
        step[1:] = np.where((paid > 0) & np.isfinite(before), 1 - paid / before, 1.0)
    step[step <= 0] = np.nan
    factors = np.ones_like(step)
    # a session's own dividend is in its close already; it adjusts what lies before
    factors[:-1] = np.cumprod(step[:0:-1], axis=0)[::-1]
    return factors


def _last_close(close: Matrix) -> Matrix:
    """Each session's close, or the last one before where it has none; NaN before the first."""
    rows = np.where(np.isfinite(close), np.arange(len(close))[:, None], -1)
    last = np.maximum.accumulate(rows, axis=0)
    return np.where(last >= 0, np.take_along_axis(close, np.maximum(last, 0), axis=0), np.nan)
