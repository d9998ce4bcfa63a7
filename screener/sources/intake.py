"""From an answer, or the lack of one, to the bars and the knowledge that the store keeps of a security."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from screener.sources import merge, plan
from screener.sources.answer import NoData, UnknownSymbol
from screener.sources.validate import Expected, check, summary

if TYPE_CHECKING:
    from datetime import date, datetime

    import pandas as pd

    from screener.sources.answer import Answer, FetchFault, Standing
    from screener.sources.pace import FetchSettings
    from screener.sources.plan import Horizon, Job
    from screener.sources.storefile import Known


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store has of a security before its answer comes in."""

    bars: pd.DataFrame
    known: Known


class Intake:
    """Judges answers as of one instant."""

    def __init__(self, now: datetime, settings: FetchSettings, *, lose: bool = False) -> None:
        self._now, self._settings = now, settings
        #: a new history may lack sessions that are stored
        self._lose = lose

    def take_in(self, job: Job, answer: Answer, stored: Stored) -> Stored:
        """Return what the store keeps from now on.

        Raises FetchFault where the old stays as it is, Rewritten where the whole window must be asked for.
        """
        checked = check(answer, self._expected(job))
        fresh = checked.bars.assign(symbol=job.symbol, fetched_at=self._now)
        bars = (
            merge.replaced(stored.bars, fresh, lose=self._lose)
            if job.whole
            else merge.added(stored.bars, fresh)
        )
        final = bars.loc[bars["final"].astype(bool), "date"]
        last = final.iloc[-1].date() if len(final) else None
        status, reason = _standing(job.horizon, last)
        known = replace(
            stored.known,
            status=status,
            currency=answer.currency or stored.known.currency,
            time_zone=answer.time_zone,
            listed=answer.listed,
            asked_from=job.start if job.whole else stored.known.asked_from,
            asked_through=job.horizon.last_final if status == "ok" else last,
            last_date=last,
            fetched_at=self._now,
            last_error=reason,
            set_aside=summary(checked.doubts, set(final.dt.date)),
            retry_after=plan.retry_after(status, self._now),
        )
        return Stored(bars, known)

    def note_fault(self, job: Job, fault: FetchFault, known: Known) -> Known:
        """Return what is known after a fault; bars and the dates that were asked for stay as they are."""
        status, reason = fault.status, str(fault)
        if known.last_date is not None and isinstance(fault, NoData | UnknownSymbol):
            status, _ = _standing(job.horizon, known.last_date)
            status = "behind" if status == "ok" else status
            reason = f"{reason}; kept its closes up to {known.last_date}"
        again = plan.retry_after(status, self._now)
        return replace(known, status=status, last_error=reason, retry_after=again)

    def _expected(self, job: Job) -> Expected:
        market = job.horizon.market
        return Expected(
            symbol=job.symbol,
            currency=market.currency,
            sessions=job.horizon.sessions.dates,
            final=job.horizon.final_dates,
            today=self._now.astimezone(ZoneInfo(market.time_zone)).date(),
            max_move=self._settings.max_move,
            max_dividend=self._settings.max_dividend,
        )


def _standing(horizon: Horizon, last: date | None) -> tuple[Standing, str]:
    """Tell a security that is up to date from one that lacks its last closes, and from one that ended."""
    if last is None:
        return "behind", "no final close yet"
    missing = horizon.missing_since(last)
    if missing == 0:
        return "ok", ""
    if missing <= plan.ENDED_AFTER:
        return "behind", f"no close of {horizon.last_final} yet; the last is of {last}"
    return "ended", f"no close since {last}: it seems to have stopped trading"
