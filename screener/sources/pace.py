"""How fast a vendor may be asked: slots, a rate, and a circuit breaker that a rate limit opens."""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated

import msgspec

from screener.errors import UsageError
from screener.sources.answer import RateLimited, Transient, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PREFIX = "SCREENER_FETCH_"
#: a vendor who wants more seconds of silence is left alone instead
_LONGEST_PAUSE = 900.0
Count = Annotated[int, msgspec.Meta(ge=1, le=32)]
Times = Annotated[int, msgspec.Meta(ge=0, le=10)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=86_400)]
Some = Annotated[float, msgspec.Meta(gt=0, le=1e6)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """Knobs of the fetcher; each can be set as `SCREENER_FETCH_<NAME>` in the environment."""

    #: requests under way at the same time
    pool: Count = 4
    #: requests a second over a longer time
    rate: Some = 2.5
    #: seconds until an answer must be complete
    timeout: Some = 10.0
    #: seconds until it must be clear whether there is a network
    reach: Some = 1.5
    #: how often a passing fault is asked again
    retries: Times = 2
    #: seconds before the first of these, doubled each time
    backoff: Seconds = 1.0
    #: seconds of silence after the first, second … rate limit; after the last of them it gives up
    pauses: tuple[Seconds, ...] = (60.0, 300.0)
    #: a close further than this from the one before waits for a second session or a split
    max_move: Some = 0.4
    #: a larger dividend than this part of the close is refused
    max_dividend: Some = 0.3
    #: seconds between two writes of the store while fetching
    commit: Seconds = 5.0

    @classmethod
    def variables(cls) -> tuple[str, ...]:
        """Return the names of the environment variables that set the knobs."""
        return tuple(_PREFIX + knob.name.upper() for knob in fields(cls))

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None) -> FetchSettings:
        """Return the defaults with what the environment sets. Raises UsageError naming the variable."""
        environment = os.environ if environment is None else environment
        texts = {knob.name: environment.get(_PREFIX + knob.name.upper(), "") for knob in fields(cls)}
        chosen: dict[str, object] = {name: text for name, text in texts.items() if text}
        if "pauses" in chosen:
            chosen["pauses"] = [part.strip() for part in texts["pauses"].split(",")]
        try:
            return msgspec.convert(chosen, cls, strict=False)
        except msgspec.ValidationError as error:
            what, _, where = str(error).partition(" - at `$.")
            name = where.strip("`").split("[", maxsplit=1)[0]
            raise UsageError(f"{_PREFIX}{name.upper()}={texts[name]!r}: {what.lower()}") from None


class Gate:
    """Every request passes here: at most `pool` at once, `rate` a second, none while the breaker is open."""

    def __init__(self, settings: FetchSettings) -> None:
        self._settings = settings
        self._slots = threading.BoundedSemaphore(settings.pool)
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._next = 0.0
        self._resume = 0.0
        self._trips = 0
        self._answered = False
        self._unanswered = 0
        #: requests sent
        self.sent = 0
        #: why nothing is asked any more, once that is so
        self.given_up: RateLimited | Unreachable | None = None

    @property
    def stopped(self) -> bool:
        """Whether no further request will be sent."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Wake whoever waits and let nobody through any more."""
        self._stopped.set()

    def paused_for(self) -> float:
        """Seconds until the breaker closes again; 0 while it is closed."""
        return max(0.0, self._resume - time.monotonic())

    def wait(self, seconds: float = 0.0) -> bool:
        """Wait so long, and until the breaker is closed; False when nothing may be asked any more."""
        self._stopped.wait(seconds)
        while not self.stopped and (left := self.paused_for()) > 0:
            self._stopped.wait(left)
        return not self.stopped

    @contextmanager
    def turn(self) -> Iterator[int]:
        """Hold a slot for one request, when its turn has come; yields the breaker's count for `trip`."""
        with self._slots:
            self._stopped.wait(self._delay())
            with self._lock:
                if self.stopped:
                    raise self.given_up or Transient("interrupted")
                if self.paused_for():
                    raise RateLimited("waiting for the vendor's rate limit to end")
                self.sent += 1
                trips = self._trips
            yield trips

    @property
    def trips(self) -> int:
        """How many pauses a rate limit has cost so far."""
        return self._trips

    def answered(self) -> None:
        """Note that the vendor answered something."""
        self._answered, self._unanswered = True, 0

    def unanswered(self, reason: str) -> None:
        """Note a request without any answer; too many in a row mean that there is no network."""
        with self._lock:
            self._unanswered += 1
            patience = 5 * self._settings.pool if self._answered else self._settings.pool
            if self._unanswered >= patience:
                self._give_up(Unreachable(reason))

    def trip(self, trips: int, retry_after: float = 0.0) -> None:
        """Open the breaker after a rate limit, once for all requests that were under way together."""
        with self._lock:
            if trips != self._trips or self.stopped:
                return
            if self._trips >= len(self._settings.pauses) or retry_after > _LONGEST_PAUSE:
                self._give_up(RateLimited("the vendor's rate limit holds on"))
                return
            pause = max(self._settings.pauses[self._trips], retry_after)
            self._trips += 1
            self._resume = time.monotonic() + pause

    def _give_up(self, fault: RateLimited | Unreachable) -> None:
        self.given_up = fault
        self._stopped.set()

    def _delay(self) -> float:
        """Seconds until the rate allows one more, after a burst of at most `pool`."""
        with self._lock:
            now, step = time.monotonic(), 1 / self._settings.rate
            self._next = max(self._next, now - (self._settings.pool - 1) * step)
            delay = self._next - now
            self._next += step
            return max(0.0, delay)
