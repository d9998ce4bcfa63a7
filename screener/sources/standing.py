"""How securities stand: what the store knows of them, and what a run learnt, in one report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screener.sources.outcome import GOOD, Outcome
from screener.sources.storefile import Known

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from screener.model import PriceRequest
    from screener.sources.answer import FetchFault
    from screener.sources.outcome import Status
    from screener.sources.survey import Survey


def outcomes(
    request: PriceRequest,
    found: Survey,
    event: date | None,
    known: Mapping[str, Known],
    faults: Mapping[str, FetchFault],
) -> tuple[Outcome, ...]:
    """Return how each wanted security stands, in the order asked for."""
    nowhere = {failure.symbol: failure.reason for failure in found.nowhere}
    told = []
    for symbol in dict.fromkeys(request.symbols):
        if symbol in nowhere:
            told.append(Outcome(symbol, "", "no-market", nowhere[symbol]))
            continue
        entry, asked = known.get(symbol) or Known(symbol=symbol), symbol in found.jobs
        status, reason = _standing(entry, faults.get(symbol), event or request.start, asked=asked)
        market = found.markets[symbol]
        told.append(Outcome(symbol, market, status, reason, entry.last_date, entry.fetched_at, asked))
    return tuple(told)


def due_since(outcome: Outcome) -> str:
    """Say what of a security is due."""
    if outcome.status not in GOOD:
        return outcome.reason
    return f"sessions after {outcome.last_date}" if outcome.last_date else "not in the price store"


def _standing(known: Known, fault: FetchFault | None, event: date, *, asked: bool) -> tuple[Status, str]:
    """Tell how a security stands after it was asked for, or without."""
    if fault is not None and known.status in ("ok", fault.status):
        return fault.status, str(fault)
    reasons = "; ".join(filter(None, (known.last_error, *known.set_aside)))
    if known.status != "ok":
        return known.status, reasons
    if known.listed and known.listed > event:
        return "listed-later", reasons or f"listed {known.listed}"
    return "updated" if asked else "fresh", reasons
