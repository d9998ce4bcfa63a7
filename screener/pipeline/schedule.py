"""When the day's bars of a theme's markets are final: the time at which a job that runs by itself should start."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from screener import calendars, settings
from screener.errors import UsageError
from screener.markets import load_markets
from screener.pipeline.universe import choose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screener.model import Market, Theme

#: allowed for vendors that are late and clocks that differ
MARGIN_MINUTES = 15
#: sessions from which the usual close is taken: a year, so that half days are the exception
RECENT = 250
#: a weekday with fewer of these sessions has none as a rule (a year has 52 of each)
FEWEST = 26
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a job of one country's markets starts, in their own time zone."""

    #: what `--market` selects them by: a country, or markets where only some of its are wanted
    words: tuple[str, ...]
    markets: tuple[str, ...]
    time_zone: str
    #: minutes from midnight of the session's date to its usual close, the latest of the markets
    close: int
    #: the same to the start of the job; a day or more where it falls past midnight
    start: int
    #: weekdays of its sessions, Monday 0
    sessions: tuple[int, ...]

    @property
    def name(self) -> str:
        """Short name, fit for a file."""
        return "-".join(self.words)

    @property
    def weekdays(self) -> tuple[int, ...]:
        """Weekdays on which the job starts, Monday 0."""
        return tuple(sorted((day + self.start // DAY_MINUTES) % 7 for day in self.sessions))

    @property
    def time(self) -> tuple[int, int]:
        """Hour and minute at which it starts."""
        return divmod(self.start % DAY_MINUTES, 60)


def schedules(theme: Theme, words: Sequence[str] = ()) -> tuple[Schedule, ...]:
    """Return a schedule for each country of a theme's markets, or of those chosen, in the order of the theme.

    Raises UsageError for a market that is unknown or has no security in the theme.
    """
    present = {security.market.id: security.market for security in choose(theme)}
    wanted = present
    if words:
        chosen = [market for word in words for market in load_markets().select(word)]
        wanted = {market.id: market for market in chosen if market.id in present}
        if not wanted:
            raise UsageError(
                f"--market {' '.join(words)}: theme {theme.id} has no security there; "
                f"expected some of {', '.join(present)}"
            )
    groups: dict[tuple[str, str], list[Market]] = defaultdict(list)
    for market in wanted.values():
        groups[market.country, market.time_zone].append(market)
    return tuple(_schedule(group, list(present.values())) for group in groups.values())


def _schedule(markets: Sequence[Market], present: Sequence[Market]) -> Schedule:
    country = markets[0].country
    whole = [market.id for market in present if market.country == country]
    names = tuple(market.id for market in markets)
    closes, weekdays = zip(*map(_usual, markets), strict=True)
    settled = (close + market.final_after_minutes for close, market in zip(closes, markets, strict=True))
    return Schedule(
        words=(country,) if set(names) == set(whole) else names,
        markets=names,
        time_zone=markets[0].time_zone,
        close=max(closes),
        start=max(settled) + MARGIN_MINUTES,
        sessions=tuple(sorted(set().union(*weekdays))),
    )


def _usual(market: Market) -> tuple[int, set[int]]:
    """Return the usual close, in minutes from midnight of the session's date, and the usual weekdays."""
    sessions = calendars.sessions_of(market.calendar)
    until = sessions.base(settings.now()) + 1
    zone, minutes, weekdays = ZoneInfo(market.time_zone), Counter[int](), Counter[int]()
    for day, close in zip(
        sessions.dates[max(0, until - RECENT) : until].tolist(),
        sessions.closes[max(0, until - RECENT) : until].tolist(),
        strict=True,
    ):
        local = close.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
        minutes[(local - datetime(day.year, day.month, day.day)) // timedelta(minutes=1)] += 1  # noqa: DTZ001
        weekdays[day.weekday()] += 1
    if not minutes:
        raise UsageError(f"{market.id}: calendar {market.calendar} has had no session yet")
    return minutes.most_common(1)[0][0], {day for day, count in weekdays.items() if count >= FEWEST}
