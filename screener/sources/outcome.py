"""How a fetch goes and ends, security by security."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from screener.sources.answer import Standing

if TYPE_CHECKING:
    from datetime import date, datetime

Status = Standing | Literal["fresh", "updated", "listed-later", "due", "no-market"]
#: statuses of securities whose prices are as good as they can be
GOOD: frozenset[Status] = frozenset({"fresh", "updated", "listed-later"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one security stands after a fetch."""

    symbol: str
    market: str
    status: Status
    reason: str = ""
    #: its last final close in the store
    last_date: date | None = None
    fetched_at: datetime | None = None
    #: asked for in this run
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a running fetch stands."""

    done: int
    failed: int
    total: int
    #: securities a second
    rate: float
    seconds_left: float | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchReport:
    """What a fetch did, security by security, in the order asked for."""

    outcomes: tuple[Outcome, ...]
    notices: tuple[str, ...] = ()
    #: requests sent
    requests: int = 0
    seconds: float = 0.0

    @property
    def failures(self) -> tuple[Outcome, ...]:
        """Securities that are not as they should be."""
        return tuple(outcome for outcome in self.outcomes if outcome.status not in GOOD)
