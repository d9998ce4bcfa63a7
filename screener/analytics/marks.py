"""Where one security's measures are taken: the rows of base, event, trough and last session."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from screener.analytics.episodes import Episode, deepest, drawdown_episodes
from screener.analytics.measures import PATIENCE, PRE_HIGH_SESSIONS

if TYPE_CHECKING:
    from screener.analytics.measures import Bools, Dates, Floats, Ints


@dataclass(frozen=True)
class Marks:
    """One security's closes on its sessions, and the rows at which its measures are taken.

    `close` and `benchmark` hold closes on `dates` (NaN where there is none), which end with the as-of
    session; `base_session` is the row of the base session. A session that need not exist is None where it
    does not; the rows of the measures exist where `measured` holds, and raise an IndexError elsewhere.
    """

    close: Floats
    dates: Dates
    base_session: int
    benchmark: Floats
    benchmark_symbol: str

    @cached_property
    def traded(self) -> Ints:
        """Rows that have a close."""
        return np.flatnonzero(~np.isnan(self.close))

    @cached_property
    def before(self) -> int | None:
        """Row of the last close at or before the base session, however old."""
        return _last(self.traded[self.traded <= self.base_session])

    @property
    def based(self) -> bool:
        """Whether that close is recent enough to be the base."""
        return self.before is not None and self.base_session - self.before <= PATIENCE

    @property
    def base(self) -> int:
        """Row of the base close."""
        return _there(self.before)

    @cached_property
    def since(self) -> Ints:
        """Rows after the base session that have a close."""
        return self.traded[self.traded > self.base_session]

    @property
    def measured(self) -> bool:
        """Whether there are a base close and a close after it."""
        return self.based and len(self.since) > 0

    @property
    def event(self) -> int:
        """Row of the first close after the base session."""
        return _there(_first(self.since))

    @property
    def last(self) -> int:
        """Row of the last close."""
        return _there(_last(self.traded))

    @cached_property
    def trough(self) -> int:
        """Row of the earliest lowest close since the event."""
        return int(self.since[np.argmin(self.close[self.since])])

    @cached_property
    def running_high(self) -> int:
        """Row of the last session with the highest close since the base."""
        rows = self.traded[self.traded >= self.base]
        return int(rows[::-1][np.argmax(self.close[rows[::-1]])])

    @cached_property
    def window(self) -> Ints:
        """Rows with a close among the sessions of the pre-event high."""
        first = self.base_session + 1 - PRE_HIGH_SESSIONS
        return self.traded[(self.traded >= first) & (self.traded <= self.base_session)]

    @cached_property
    def pre_high(self) -> int:
        """Row of the first session with the highest close before the event."""
        return int(self.window[np.argmax(self.close[self.window])])

    @cached_property
    def below(self) -> Ints:
        """Rows since the event that close below the base."""
        return self._since(self.close < self.close[self.base])

    @cached_property
    def recovered(self) -> int | None:
        """Row of the first session that regained the base after having closed below it."""
        if not len(self.below):
            return None
        back = self._since(self.close >= self.close[self.base])
        return _first(back[back > self.below[0]])

    @cached_property
    def new_high(self) -> int | None:
        """Row of the first session since the event that closed above the pre-event high."""
        return _first(self._since(self.close > self.close[self.pre_high]))

    @cached_property
    def episodes(self) -> tuple[Episode, ...]:
        """Drawdown episodes from the base on, in the order of time; none where nothing is measured."""
        if not self.measured:
            return ()
        return drawdown_episodes(self.close[self.base :], self.dates[self.base :])

    @property
    def deepest_episode(self) -> Episode | None:
        """The episode with the maximum drawdown."""
        return next(iter(deepest(self.episodes, 1)), None)

    def benchmark_row(self, row: int) -> int | None:
        """Return the row of the benchmark's last close at or before a row; None where that is too old."""
        known = _last(np.flatnonzero(~np.isnan(self.benchmark[: row + 1])))
        return known if known is not None and row - known <= PATIENCE else None

    def highest(self, rows: Ints) -> int:
        """Return the first of these rows with the highest close."""
        return int(rows[np.argmax(self.close[rows])])

    def _since(self, mask: Bools) -> Ints:
        return self.since[mask[self.since]]


def _first(rows: Ints) -> int | None:
    return int(rows[0]) if len(rows) else None


def _last(rows: Ints) -> int | None:
    return int(rows[-1]) if len(rows) else None


def _there(row: int | None) -> int:
    if row is None:
        raise IndexError("no such close: ask `based` or `measured` first")
    return row
