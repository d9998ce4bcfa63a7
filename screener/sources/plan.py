"""What can exist and is missing, told from sessions and the store alone: no vendor, no network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from screener.calendars import sessions_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from screener.calendars import Sessions
    from screener.model import Market
    from screener.sources.storefile import Known

#: statuses whose `retry_after` also holds for an explicit fetch; that of the others spares implicit ones
LASTING = frozenset({"unknown", "ended", "no-data", "behind", "bad"})
#: sessions asked for again, so that splits, corrections and late bars show
OVERLAP = 10
#: sessions without a bar after which a security counts as ended
ENDED_AFTER = 10
_NONE = timedelta(0)
_RETRY = {
    "unknown": timedelta(days=7),
    "ended": timedelta(days=7),
    "no-data": timedelta(hours=1),
    "behind": timedelta(hours=1),
    "bad": timedelta(hours=1),
    "network": timedelta(minutes=15),
    "rate-limited": timedelta(minutes=15),
}


@dataclass(frozen=True, slots=True)
class Horizon:
    """Which sessions of a market have final bars at an instant."""

    market: Market
    sessions: Sessions
    #: how many sessions are over for long enough
    count: int

    @property
    def last_final(self) -> date:
        """Last session whose bar is final."""
        return _date(self.sessions.dates[self.count - 1])

    @property
    def final_dates(self) -> NDArray[np.datetime64]:
        """Sessions whose bars are final, ascending."""
        return self.sessions.dates[: self.count]

    def at_most(self, day: date | None) -> date:
        """Last final session on or before a day."""
        if day is None:
            return self.last_final
        return _date(self.final_dates[max(0, self._until(day) - 1)])

    def before(self, day: date, sessions: int) -> date:
        """Session so many before the last one on or before a day."""
        return _date(self.sessions.dates[max(0, self._until(day) - 1 - sessions)])

    def missing_since(self, last: date | None) -> int:
        """Count final sessions after a day; all of them for None."""
        return self.count if last is None else self.count - self._until(last)

    def _until(self, day: date) -> int:
        return int(np.searchsorted(self.final_dates, np.datetime64(day), side="right"))


@dataclass(frozen=True, slots=True)
class Job:
    """One security to ask for."""

    symbol: str
    horizon: Horizon
    start: date
    #: the answer replaces what is stored instead of adding to it
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchTerms:
    """How badly prices are wanted."""

    #: prices fetched less than this ago will do
    max_age: timedelta = _NONE
    #: statuses whose `retry_after` is kept to; None for all of them
    patient_with: frozenset[str] | None = LASTING
    #: ask for whole histories again, and take them as they come
    whole: bool = False
    #: what was listed later is told; None for the first wanted session
    event: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the store should hold."""

    start: date
    end: date | None
    now: datetime
    terms: FetchTerms


def horizon_of(market: Market, now: datetime) -> Horizon:
    """Sessions of a market whose bars are final at `now`: closed for `final_after_minutes`."""
    sessions = sessions_of(market.calendar)
    settled = now - timedelta(minutes=market.final_after_minutes)
    return Horizon(market, sessions, max(1, sessions.base(settled) + 1))


def job_for(symbol: str, horizon: Horizon, known: Known | None, wish: Wish) -> Job | None:
    """Return what to ask for a symbol so that the wish comes true; None where nothing is due."""
    if known is not None and _deferred(known, wish):
        return None
    if wish.terms.whole or known is None or known.asked_from is None or known.asked_from > wish.start:
        return Job(symbol, horizon, _window_start(wish.start, known), whole=True)
    if known.asked_through is None or known.last_date is None:
        return Job(symbol, horizon, known.asked_from, whole=True)
    # a negative age is a clock that was set back, and no reason to trust
    young = known.fetched_at is not None and _NONE <= wish.now - known.fetched_at < wish.terms.max_age
    if young or known.asked_through >= horizon.at_most(wish.end):
        return None
    overlapped = horizon.before(min(known.asked_through, known.last_date), OVERLAP)
    return Job(symbol, horizon, max(known.asked_from, overlapped), whole=False)


def whole(job: Job, known: Known) -> Job:
    """Return the job that asks for the whole window anew."""
    return Job(job.symbol, job.horizon, known.asked_from or job.start, whole=True)


def retry_after(status: str, now: datetime) -> datetime | None:
    """When a security of this status is worth asking for again; None for at once."""
    pause = _RETRY.get(status)
    return None if pause is None else now + pause


def _deferred(known: Known, wish: Wish) -> bool:
    if known.retry_after is None or known.retry_after <= wish.now:
        return False
    return wish.terms.patient_with is None or known.status in wish.terms.patient_with


def _window_start(start: date, known: Known | None) -> date:
    """The start of the wanted year, so that a slightly earlier wish later on is no new fetch."""
    first = date(start.year, 1, 1)
    return min(first, known.asked_from) if known is not None and known.asked_from else first


def _date(day: np.datetime64) -> date:
    found: date = day.astype("M8[D]").item()
    return found
