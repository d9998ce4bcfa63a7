"""What a vendor answers about one security, and the ways in which it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

#: how a security stands in the store
Standing = Literal["ok", "behind", "ended", "unknown", "no-data", "bad", "network", "rate-limited"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Daily bars of one security as the vendor sent them, not yet checked.

    `bars` has `date` (datetime64, midnight, no zone), `open`, `high`, `low`, `close`, `volume`, `dividend`,
    `split`.
    """

    bars: pd.DataFrame
    #: whose prices the vendor says these are
    symbol: str
    currency: str = ""
    time_zone: str = ""
    listed: date | None = None
    #: the last bar is a live quote put in place of the session's bar
    live_tail: bool = False


class FetchFault(Exception):  # noqa: N818 - the vendor's fault is not always an error of ours
    """Why one security was not answered; `status` is what the store remembers it as."""

    status: Standing = "bad"


class RateLimited(FetchFault):
    """The vendor wants no requests for a while."""

    status: Standing = "rate-limited"


class Transient(FetchFault):
    """Worth asking again in a moment: a time-out, a reset, a fault of the server."""

    status: Standing = "network"


class Unreachable(Transient):
    """Not even a connection came about."""


class Malformed(Transient):
    """An answer that cannot be understood."""

    status: Standing = "bad"


class NoData(FetchFault):
    """The vendor knows the security, but has no prices for these dates."""

    status: Standing = "no-data"


class UnknownSymbol(FetchFault):
    """The vendor does not know the security."""

    status: Standing = "unknown"


class BadData(FetchFault):
    """An answer that contradicts itself or the store."""
