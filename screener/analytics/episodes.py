"""Drawdown episodes: each fall from a running peak, from the peak to the session that regains it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from screener.analytics.measures import Dates, Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One fall from a running peak; counts are of sessions, those without a close included."""

    #: last session that closed at the peak before the fall
    begin: np.datetime64
    #: earliest session with the lowest close
    trough: np.datetime64
    #: first session that closed at the peak or above again; None while it has not
    end: np.datetime64 | None
    peak_close: float
    trough_close: float
    #: trough_close / peak_close - 1, a negative fraction
    depth: float
    #: sessions from the peak to the end, or to the last close where there is no end yet
    sessions: int
    sessions_to_trough: int


def drawdown_episodes(close: Floats, dates: Dates) -> tuple[Episode, ...]:
    """Return the drawdown episodes of one series in the order of time.

    `close` is one security's closes on the sessions `dates`, the first close being the first peak; NaN is a
    session without a close: it neither ends an episode nor moves its peak. An equal close regains the peak.
    The last episode may be open, which is not the same as one that ended on the last session. A series
    without a close has none. The deepest depth is the column `max_drawdown`.
    """
    rows = np.flatnonzero(~np.isnan(close))
    closes, days = close[rows], dates[rows]
    under = closes < np.maximum.accumulate(closes)
    edges = np.flatnonzero(np.diff(under.astype(np.int8))) + 1
    starts, ends = edges[::2].tolist(), edges[1::2].tolist()
    still_open = [None] * (len(starts) - len(ends))
    return tuple(
        _episode(closes, days, rows, start - 1, end)
        for start, end in zip(starts, [*ends, *still_open], strict=True)
    )


def _episode(closes: Floats, days: Dates, rows: Ints, peak: int, end: int | None) -> Episode:
    last = len(closes) - 1 if end is None else end
    trough = peak + int(np.argmin(closes[peak : last + 1]))
    return Episode(
        begin=days[peak],
        trough=days[trough],
        end=None if end is None else days[end],
        peak_close=float(closes[peak]),
        trough_close=float(closes[trough]),
        depth=float(closes[trough] / closes[peak] - 1),
        sessions=int(rows[last] - rows[peak]),
        sessions_to_trough=int(rows[trough] - rows[peak]),
    )


def deepest(episodes: Iterable[Episode], most: int) -> tuple[Episode, ...]:
    """Return at most so many episodes, the deepest first; of equal ones the earliest."""
    return tuple(sorted(episodes, key=lambda episode: (episode.depth, episode.begin))[:most])
