"""Threads that ask for one security each, ask again where that helps, and can be left behind any time."""

from __future__ import annotations

import heapq
import itertools
import queue
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screener.sources.answer import Answer, FetchFault, RateLimited, Transient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from screener.sources.pace import FetchSettings, Gate
    from screener.sources.plan import Job

# a thread parses one answer while the slot it had carries the next request
_THREADS_PER_SLOT = 2
_TICK = 0.1


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one job."""

    job: Job
    outcome: Answer | FetchFault


class Pool:
    """Runs jobs in daemon threads, so that an interrupted program need not wait for a silent server."""

    def __init__(self, ask: Callable[[Job], Answer], gate: Gate, settings: FetchSettings) -> None:
        self._ask, self._gate, self._settings = ask, gate, settings
        self._ready = threading.Condition()
        self._waiting: list[tuple[float, int, int, Job]] = []
        self._order = itertools.count()
        self._results: queue.SimpleQueue[Result | BaseException] = queue.SimpleQueue()
        self._open = 0

    def add(self, jobs: Iterable[Job]) -> None:
        """Queue jobs; may be called while results are read."""
        for job in jobs:
            self._open += 1
            self._put(job, tries=0, delay=0.0)

    def results(self) -> Iterator[Result | None]:
        """Yield each result as it comes, and None now and then in between."""
        for _ in range(int(self._settings.pool * _THREADS_PER_SLOT)):
            threading.Thread(target=self._work, daemon=True, name="fetch").start()
        try:
            while self._open:
                try:
                    result = self._results.get(timeout=_TICK)
                except queue.Empty:
                    yield None
                    continue
                if isinstance(result, BaseException):
                    raise result
                self._open -= 1
                yield result
        finally:
            self._gate.stop()
            with self._ready:
                self._ready.notify_all()

    def _put(self, job: Job, *, tries: int, delay: float) -> None:
        with self._ready:
            heapq.heappush(self._waiting, (time.monotonic() + delay, next(self._order), tries, job))
            self._ready.notify()

    def _take(self) -> tuple[Job, int] | None:
        """Return the next job that is due; None when there will be none."""
        with self._ready:
            while True:
                left = self._waiting[0][0] - time.monotonic() if self._waiting else _TICK
                if self._waiting and (left <= 0 or self._gate.stopped):
                    _, _, tries, job = heapq.heappop(self._waiting)
                    return job, tries
                if self._gate.stopped:
                    return None
                self._ready.wait(min(max(left, 0.0), _TICK))

    def _work(self) -> None:
        try:
            while (taken := self._take()) is not None:
                self._try(*taken)
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that reads the results
            self._results.put(error)

    def _try(self, job: Job, tries: int) -> None:
        if not self._gate.wait():
            self._results.put(Result(job, self._gate.given_up or Transient("interrupted")))
            return
        try:
            outcome: Answer | FetchFault = self._ask(job)
        except RateLimited:
            self._put(job, tries=tries, delay=0.0)
            return
        except Transient as fault:
            if tries < self._settings.retries and not self._gate.stopped:
                self._put(job, tries=tries + 1, delay=self._settings.backoff * 2**tries)
                return
            outcome = self._gate.given_up or fault
        except FetchFault as fault:
            outcome = fault
        self._results.put(Result(job, outcome))
