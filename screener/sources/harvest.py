"""One run over everything that is due: answers come in, are checked, and are committed as they come."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from screener.sources import plan
from screener.sources.answer import FetchFault, Unreachable
from screener.sources.intake import Intake
from screener.sources.ledger import Ledger
from screener.sources.merge import Rewritten
from screener.sources.outcome import Progress
from screener.sources.pace import Gate
from screener.sources.pool import Pool
from screener.sources.yahoo import Yahoo

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from screener.sources.pace import FetchSettings
    from screener.sources.plan import Wish
    from screener.sources.pool import Result
    from screener.sources.storefile import Known
    from screener.sources.survey import Survey


class Harvest:
    """Asks for each due security and keeps what passes; the caller holds the store's lock."""

    def __init__(self, due: Survey, wish: Wish, settings: FetchSettings, folder: Path) -> None:
        self._due, self._settings = due, settings
        self._ledgers = {market: Ledger(market, symbols) for market, symbols in due.by_market().items()}
        self._gate = Gate(settings)
        vendor = Yahoo(self._gate, settings, folder)
        self._intake = Intake(wish.now, settings, lose=wish.terms.whole)
        self._pool = Pool(vendor.ask, self._gate, settings)
        self._began = time.monotonic()
        self._committed = self._began
        self._done = 0
        #: why a security was not brought up to date in this run
        self.faults: dict[str, FetchFault] = {}

    @property
    def requests(self) -> int:
        """Requests sent so far."""
        return self._gate.sent

    @property
    def notices(self) -> tuple[str, ...]:
        """What was put aside, and why the run ended before its time."""
        gave_up = self._gate.given_up
        said = [ledger.notice for ledger in self._ledgers.values()]
        return tuple(filter(None, [*said, f"gave up: {gave_up}" if gave_up else ""]))

    def known(self) -> dict[str, Known]:
        """Return what is known of each symbol by now."""
        return {symbol: known for ledger in self._ledgers.values() for symbol, known in ledger.known.items()}

    def run(self, progress: Callable[[Progress], None]) -> None:
        """Work until all is done, given up or interrupted; what is complete is committed in each case."""
        self._pool.add(self._due.jobs.values())
        try:
            for result in self._pool.results():
                if result is not None:
                    self._absorb(result)
                progress(self._progress())
                if time.monotonic() - self._committed > self._settings.commit:
                    self._commit()
        finally:
            self._gate.stop()
            self._commit()

    def _absorb(self, result: Result) -> None:
        job = result.job
        ledger = self._ledgers[job.horizon.market.id]
        stored = ledger.stored(job.symbol)
        try:
            if isinstance(result.outcome, FetchFault):
                raise result.outcome
            kept = self._intake.take_in(job, result.outcome, stored)
        except Rewritten:
            self._pool.add([plan.whole(job, stored.known)])
            return
        except FetchFault as fault:
            self.faults[job.symbol] = fault
            # a network that is not there tells nothing about a security
            if not isinstance(fault, Unreachable):
                ledger.note(self._intake.note_fault(job, fault, stored.known))
        else:
            ledger.put(kept)
        self._done += 1

    def _commit(self) -> None:
        for ledger in self._ledgers.values():
            ledger.commit()
        self._committed = time.monotonic()

    def _progress(self) -> Progress:
        total, seconds = len(self._due.jobs), time.monotonic() - self._began
        rate = self._done / seconds if seconds else 0.0
        paused = self._gate.paused_for()
        left = paused + (total - self._done) / rate if rate else None
        note = f"rate-limited, asking again in {paused:.0f} s" if paused else ""
        return Progress(self._done, len(self.faults), total, rate, left, note)
