"""Brings the price store up to date and reports on every security."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from screener import settings
from screener.markets import load_markets
from screener.sources import storefile
from screener.sources.outcome import FetchReport, Progress
from screener.sources.pace import FetchSettings
from screener.sources.plan import FetchTerms
from screener.sources.standing import due_since, outcomes
from screener.sources.survey import survey, wish_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from screener.markets import Markets
    from screener.model import PriceRequest
    from screener.sources.plan import Wish
    from screener.sources.survey import Survey

DEFAULT_TERMS = FetchTerms()
UNREACHABLE = "Yahoo cannot be reached"
WAITING = "another fetch is running, waiting for it to end"
_LOCK_POLL = 0.1


def refresh(
    request: PriceRequest,
    terms: FetchTerms = DEFAULT_TERMS,
    *,
    progress: Callable[[Progress], None] | None = None,
    knobs: FetchSettings | None = None,
    markets: Markets | None = None,
) -> FetchReport:
    """Ask Yahoo for what is due and store what passes the checks; a failed security never stops the others.

    Raises StoreWriteError; on KeyboardInterrupt what is complete stays.
    """
    markets = markets or load_markets()
    wish = wish_for(request, terms)
    found = survey(request.symbols, wish, markets)
    if found.jobs:
        with _locked(progress):
            # another process may have fetched all this while we waited for the lock
            found = survey(request.symbols, wish, markets)
            if found.jobs:
                return _fetch(request, found, wish, progress or _unwatched, knobs or FetchSettings.from_env())
    return FetchReport(outcomes=outcomes(request, found, terms.event, found.known, {}))


def standing(
    request: PriceRequest, terms: FetchTerms = DEFAULT_TERMS, *, markets: Markets | None = None
) -> FetchReport:
    """Report how each security stands without asking anybody; `due` is what `refresh` would ask for."""
    found = survey(request.symbols, wish_for(request, terms), markets or load_markets())
    told = outcomes(request, found, terms.event, found.known, {})
    due = (
        replace(outcome, status="due", reason=due_since(outcome), asked=False) if outcome.asked else outcome
        for outcome in told
    )
    return FetchReport(outcomes=tuple(due))


def _fetch(
    request: PriceRequest, due: Survey, wish: Wish, progress: Callable[[Progress], None], knobs: FetchSettings
) -> FetchReport:
    from screener.sources import yahoo
    from screener.sources.answer import Unreachable

    storefile.sweep()
    began, event = time.monotonic(), wish.terms.event
    if not yahoo.reachable(knobs.reach):
        silence = dict.fromkeys(due.jobs, Unreachable(UNREACHABLE))
        told = outcomes(request, due, event, due.known, silence)
        return FetchReport(outcomes=told, notices=(UNREACHABLE,))
    from screener.sources.harvest import Harvest

    harvest = Harvest(due, wish, knobs, settings.cache_folder() / "yfinance")
    harvest.run(progress)
    return FetchReport(
        outcomes=outcomes(request, due, event, due.known | harvest.known(), harvest.faults),
        notices=harvest.notices,
        requests=harvest.requests,
        seconds=time.monotonic() - began,
    )


@contextmanager
def _locked(progress: Callable[[Progress], None] | None) -> Iterator[None]:
    """Hold the store's lock for writing; says so where another process has it."""
    from filelock import FileLock, Timeout

    path = storefile.folder() / ".lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            (progress or _unwatched)(Progress(0, 0, 0, 0.0, None, WAITING))
            lock.acquire(poll_interval=_LOCK_POLL)
    except OSError as error:
        raise storefile.StoreWriteError(path.parent, error) from error
    try:
        yield
    finally:
        lock.release()


def _unwatched(progress: Progress) -> None:
    """Nobody wants to know."""
