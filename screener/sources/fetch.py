"""Brings the price store up to date and reports on every security."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from screener import settings
from screener.markets import load_markets
from screener.sources import plan, storefile
from screener.sources.outcome import FetchReport, Outcome, Progress
from screener.sources.pace import FetchSettings
from screener.sources.storefile import Known
from screener.sources.survey import survey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from screener.markets import Markets
    from screener.model import PriceRequest
    from screener.sources.answer import FetchFault
    from screener.sources.outcome import Status
    from screener.sources.plan import Wish
    from screener.sources.survey import Survey

UNREACHABLE = "Yahoo cannot be reached"
WAITING = "another fetch is running, waiting for it to end"
_LOCK_POLL = 0.1


def refresh(
    request: PriceRequest,
    *,
    progress: Callable[[Progress], None] | None = None,
    max_age: timedelta = timedelta(0),
    whole: bool = False,
    patient_with: frozenset[str] | None = plan.LASTING,
    knobs: FetchSettings | None = None,
    markets: Markets | None = None,
) -> FetchReport:
    """Ask Yahoo for what is due and store what passes the checks; a failed security never stops the others.

    `whole` asks for the whole window again and takes it as it comes; `patient_with` names the statuses whose
    `retry_after` is kept to (None: all). Raises StoreWriteError; on KeyboardInterrupt what is complete stays.
    """
    markets = markets or load_markets()
    wish = wish_for(request, max_age=max_age, whole=whole, patient_with=patient_with)
    found = survey(request.symbols, wish, markets)
    if not found.jobs:
        return _report(request, found, found.known, {})
    with _locked(progress):
        # another process may have fetched all this while we waited for the lock
        found = survey(request.symbols, wish, markets)
        if not found.jobs:
            return _report(request, found, found.known, {})
        return _fetch(request, found, wish, progress or _unwatched, knobs or FetchSettings.from_env())


def standing(request: PriceRequest, markets: Markets | None = None) -> FetchReport:
    """Report how each security stands in the store, without asking anybody; `due` is what a fetch would ask for."""
    markets = markets or load_markets()
    found = survey(request.symbols, wish_for(request, patient_with=plan.LASTING), markets)
    report = _report(request, found, found.known, {})
    outcomes = (
        replace(outcome, status="due", reason=outcome.reason or _due_since(outcome))
        if outcome.asked
        else outcome
        for outcome in report.outcomes
    )
    return replace(report, outcomes=tuple(replace(outcome, asked=False) for outcome in outcomes))


def _due_since(outcome: Outcome) -> str:
    return f"sessions after {outcome.last_date}" if outcome.last_date else "not in the price store"


def wish_for(
    request: PriceRequest,
    *,
    max_age: timedelta = timedelta(0),
    whole: bool = False,
    patient_with: frozenset[str] | None = None,
) -> Wish:
    """Return what the store should hold for a request, as of now."""
    return plan.Wish(
        start=request.start,
        end=request.end,
        now=settings.now(),
        max_age=max_age,
        whole=whole,
        patient_with=patient_with,
    )


def _fetch(
    request: PriceRequest, due: Survey, wish: Wish, progress: Callable[[Progress], None], knobs: FetchSettings
) -> FetchReport:
    from screener.sources import yahoo
    from screener.sources.answer import Unreachable

    storefile.sweep()
    began = time.monotonic()
    if not yahoo.reachable(knobs.reach):
        silence = dict.fromkeys(due.jobs, Unreachable(UNREACHABLE))
        return _report(request, due, due.known, silence, notices=(UNREACHABLE,))
    from screener.sources.harvest import Harvest

    harvest = Harvest(due, wish, knobs, settings.cache_folder() / "yfinance")
    harvest.run(progress)
    return _report(
        request,
        due,
        due.known | harvest.known(),
        harvest.faults,
        notices=harvest.notices,
        requests=harvest.requests,
        seconds=time.monotonic() - began,
    )


def _report(
    request: PriceRequest,
    due: Survey,
    known: Mapping[str, Known],
    faults: Mapping[str, FetchFault],
    **totals: object,
) -> FetchReport:
    lost = {
        failure.symbol: Outcome(failure.symbol, "", "no-market", failure.reason) for failure in due.nowhere
    }
    outcomes = []
    for symbol, market in due.markets.items():
        entry = known.get(symbol) or Known(symbol=symbol)
        status, reason = _standing(request, entry, faults.get(symbol), asked=symbol in due.jobs)
        found = Outcome(symbol, market, status, reason, entry.last_date, entry.fetched_at, symbol in due.jobs)
        outcomes.append(found)
    order = {symbol: at for at, symbol in enumerate(request.symbols)}
    outcomes = sorted([*lost.values(), *outcomes], key=lambda outcome: order[outcome.symbol])
    return FetchReport(outcomes=tuple(outcomes), **totals)  # type: ignore[arg-type]


def _standing(
    request: PriceRequest, known: Known, fault: FetchFault | None, *, asked: bool
) -> tuple[Status, str]:
    """Tell how a security stands after it was asked for, or without."""
    if fault is not None and known.status in ("ok", fault.status):
        return fault.status, str(fault)
    reasons = "; ".join(filter(None, (known.last_error, *known.set_aside)))
    if known.status != "ok":
        return known.status, reasons
    if known.listed and known.listed > request.start:
        return "listed-later", reasons or f"listed {known.listed}"
    return "updated" if asked else "fresh", reasons


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
