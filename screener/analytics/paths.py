"""Paths of groups of securities since the base, session by session from the event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from screener.analytics.measures import PATIENCE

if TYPE_CHECKING:
    from screener.analytics.measures import Floats

#: of so large a part of a group a value must be known, so that its median does not jump with its membership
QUORUM = 0.5


def returns_since(close: Floats, base_close: Floats) -> Floats:
    """Return P(d) / P(b) - 1 from the base on, the first row being the base itself.

    `close` is [sessions x securities] from the base session on, `base_close` [securities]. A session without
    a close has the value of the last one before it, for at most PATIENCE sessions, then NaN; a security
    without a base close is NaN throughout.
    """
    start = np.vstack([base_close, close[1:]]) if len(close) else close
    row = np.arange(len(start))[:, None]
    known = np.maximum.accumulate(np.where(np.isnan(start), 0, row), axis=0)
    filled = np.take_along_axis(start, known, axis=0)
    result: Floats = np.where(row - known <= PATIENCE, filled, np.nan) / base_close - 1
    return result


def recovery_path(since: Floats) -> Floats:
    """Return `recovery` (DESIGN.md, section 3) of every session, as if that session were the last.

    `since` are returns since the base as `returns_since` gives them; NaN where a security has not been below
    its base so far, where it has no value, and at the base itself.
    """
    low = np.fmin.accumulate(since[1:], axis=0) if len(since) > 1 else since[1:]
    lost = np.where(low < 0, -low, np.nan)
    return np.vstack([np.full((1, since.shape[1]), np.nan), (since[1:] - low) / lost])


def group_median(values: Floats, quorum: float = QUORUM) -> Floats:
    """Return the median over a group's securities of every session; `values` is [sessions x securities].

    NaN where fewer than `quorum` of the securities have a value.
    """
    enough = np.isfinite(values).sum(axis=1) >= max(quorum * values.shape[1], 1)
    result = np.full(len(values), np.nan)
    if enough.any():
        result[enough] = np.nanmedian(values[enough], axis=1)
    return result


def side_by_side(blocks: list[Floats]) -> Floats:
    """Return matrices of different lengths next to each other, the shorter ones ending in NaN."""
    longest = max((len(block) for block in blocks), default=0)
    padded = [np.pad(block, ((0, longest - len(block)), (0, 0)), constant_values=np.nan) for block in blocks]
    return np.hstack(padded) if padded else np.empty((0, 0))
