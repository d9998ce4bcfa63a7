"""What changed between two screenings of a theme, each of them reduced to a snapshot that can be kept."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import date  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from screener.model import PriceBasis  # noqa: TC001 - msgspec reads the annotation
from screener.pipeline.ranking import ranked
from screener.pipeline.universe import choose

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from screener.pipeline.screening import Screening

Kind = Literal[
    "new_low",
    "base_lost",
    "base_regained",
    "new_high",
    "rank_move",
    "claim_turned",
    "prices_lost",
    "prices_gained",
    "listed",
    "ended",
]
#: the order in which changes are told
KINDS: tuple[Kind, ...] = get_args(Kind)
#: a move of so many places is told, and any move into or out of so many at the top of a side
NOTABLE_PLACES = 5
TOP_PLACES = 5

Value: TypeAlias = float | int | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityState:
    """What a later run looks back on of one security; None where there is no such figure."""

    rank: int
    side: str
    status: str
    base_close: float | None = None
    last_close: float | None = None
    last_date: date | None = None
    fall: float | None = None
    trough_date: date | None = None
    trough_close: float | None = None
    recovered_on: date | None = None
    new_high_on: date | None = None

    @property
    def measured(self) -> bool:
        """Whether it had a close after the event."""
        return self.fall is not None

    @property
    def return_since(self) -> float | None:
        """Last close against the base; None where nothing is measured."""
        if not self.measured or self.base_close is None or self.last_close is None:
            return None
        return self.last_close / self.base_close - 1

    @property
    def below_base(self) -> bool:
        """Whether it is measured and last closed below its base."""
        if not self.measured or self.base_close is None or self.last_close is None:
            return False
        return self.last_close < self.base_close


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A theme as of a date: of each security what can change, and the verdict of each claim."""

    theme: str
    as_of: date
    price: PriceBasis
    #: what of the theme was screened: '' for all of it on closes, see `scope_of`
    scope: str = ""
    securities: dict[str, SecurityState] = field(default_factory=dict)
    #: claim id -> verdict
    verdicts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was.

    `before` and `after` are of a kind: `fall` for new_low; return since the base for base_lost, base_regained
    and new_high; places for rank_move; verdicts for claim_turned; statuses for the rest. `date` is the session
    that prices show it on; where they show none (ranks, claims, statuses), the later as-of date.
    """

    kind: Kind
    #: a symbol, or the id of a claim
    subject: str
    date: date
    before: Value
    after: Value


def snapshot_of(screening: Screening, verdicts: Mapping[str, str] | None = None) -> Snapshot:
    """Reduce a screening, and the verdicts of its claims, to what a later run compares itself with."""
    names = [name for name in SecurityState.__dataclass_fields__ if name != "rank"]
    rows = ranked(screening.table)[["symbol", "rank", *names]].to_dict("records")
    return Snapshot(
        theme=screening.theme.id,
        as_of=screening.as_of,
        price=screening.price,
        scope=scope_of(screening),
        securities={
            row["symbol"]: SecurityState(rank=int(row["rank"]), **{name: _kept(row[name]) for name in names})
            for row in sorted(rows, key=lambda row: row["symbol"])
        },
        verdicts=dict(sorted((verdicts or {}).items())),
    )


def scope_of(screening: Screening) -> str:
    """Name what of its theme was screened and on which prices, fit for a file; '' for all of it on closes.

    Ranks and counts of one scope say nothing about another, so a run is compared with runs of its own scope.
    """
    shown = set(screening.table["symbol"])
    markets = sorted(set(screening.table["market"]))
    everything = choose(screening.theme)
    if shown == {security.symbol for security in everything}:
        part = ""
    elif shown == {security.symbol for security in everything if security.market.id in markets}:
        part = "+".join(markets)
    else:
        part = f"symbols-{zlib.crc32(' '.join(sorted(shown)).encode()):08x}"
    return " ".join(filter(None, (part, "" if screening.price == "close" else screening.price)))


def changes(before: Snapshot, after: Snapshot) -> tuple[Change, ...]:
    """Return what changed from one snapshot to a later one, by kind, date and subject."""
    found = [*_claims_turned(before, after)]
    for symbol, now in after.securities.items():
        then = before.securities.get(symbol)
        if then is not None:
            found += _security_changes(symbol, then, now, after.as_of)
            if before.scope == after.scope:
                found += _rank_move(symbol, then, now, after.as_of)
    return tuple(sorted(found, key=lambda change: (KINDS.index(change.kind), change.date, change.subject)))


def _claims_turned(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    for claim, verdict in after.verdicts.items():
        was = before.verdicts.get(claim, verdict)
        if was != verdict:
            yield Change("claim_turned", claim, after.as_of, was, verdict)


def _security_changes(symbol: str, then: SecurityState, now: SecurityState, as_of: date) -> Iterator[Change]:
    if kind := _status_change(then, now):
        yield Change(kind, symbol, as_of, then.status, now.status)
    if now.trough_date and _is_new_low(then, now):
        yield Change("new_low", symbol, now.trough_date, then.fall, now.fall)
    since, until = then.return_since, now.return_since
    first_regained = now.recovered_on if then.recovered_on is None else None
    if now.last_date and now.below_base and (first_regained or (then.measured and not then.below_base)):
        yield Change("base_lost", symbol, now.last_date, since, until)
    back = now.last_date if then.below_base and now.measured and not now.below_base else None
    if regained := first_regained or back:
        yield Change("base_regained", symbol, regained, since, until)
    if now.new_high_on and then.new_high_on is None:
        yield Change("new_high", symbol, now.new_high_on, since, until)


def _is_new_low(then: SecurityState, now: SecurityState) -> bool:
    """Whether the low lies later than it did; the first one counts where it is below the base."""
    if then.trough_date is None:
        return now.fall is not None and now.fall < 0
    # an earlier low than the one known is a corrected price, not news
    return now.trough_date is not None and now.trough_date > then.trough_date


def _status_change(then: SecurityState, now: SecurityState) -> Kind | None:
    """Say what became of a security's prices; a session without a close (stale) is no news yet."""
    if now.status == then.status:
        return None
    if now.status == "no_prices":
        return "prices_lost"
    if now.status == "ended":
        return "ended"
    if now.status == "listed_later" and then.status == "no_prices":
        return "listed"
    return "prices_gained" if then.status in {"no_prices", "ended"} else None


def _rank_move(symbol: str, then: SecurityState, now: SecurityState, as_of: date) -> Iterator[Change]:
    if not (then.measured and now.measured) or then.side != now.side:
        return
    crossed = (then.rank <= TOP_PLACES) != (now.rank <= TOP_PLACES)
    if crossed or abs(then.rank - now.rank) >= NOTABLE_PLACES:
        yield Change("rank_move", symbol, as_of, then.rank, now.rank)


def _kept(value: Any) -> Any:
    """Return a cell as it is kept: dates as dates, None for no value."""
    if value is None or value != value:  # noqa: PLR0124 - NaN and NaT differ from themselves
        return None
    return value.date() if hasattr(value, "date") else value
