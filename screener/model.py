"""The words of the field as frozen dataclasses: themes, markets, prices. No files, no network, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Side = Literal["loser", "winner"]
Lang = Literal["en", "ko"]
PriceBasis = Literal["close", "total-return"]
ReturnModel = Literal["market", "market-adjusted", "mean-adjusted"]
Format = Literal["table", "csv", "tsv", "json", "jsonl", "md", "html", "parquet"]
SIDES: tuple[Side, ...] = ("loser", "winner")
#: the theme where none is named
DEFAULT_THEME = "deepseek-r1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A security in a category, placed there beforehand and never moved by its prices."""

    symbol: str
    name: str
    name_ko: str = ""
    #: named in the article, there by its category, or an extension of what the article says
    basis: Literal["named", "category", "extension"] = "category"
    why: str = ""
    confidence: Literal["high", "medium", "low"] = "medium"
    source: str = ""
    #: another category that could be argued for; it counts in its own only
    also_in: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A group of securities that the article expects to move to one side."""

    id: str
    side: Side
    title: str
    title_ko: str = ""
    basis: Literal["stated", "inferred", "extension"] = "stated"
    thesis: str = ""
    thesis_ko: str = ""
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """One dated line of an event's timeline, on the local date of its time zone."""

    date: date
    time_zone: str
    kind: Literal[
        "trigger",
        "reaction",
        "claim",
        "policy",
        "confounder",
        "capex",
        "earnings",
        "calendar",
        "reference",
        "article",
    ]
    title: str
    title_ko: str = ""
    why: str = ""
    source: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The news: the instant at which it became known and what happened around it."""

    #: aware instant; base and event session of every exchange follow from it
    moment: datetime
    summary: str = ""
    summary_ko: str = ""
    timeline: tuple[Milestone, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Where the event's own window ends."""

    #: last date before something else moved the market
    clean_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTest:
    """One figure that a claim is held against; what its texts may say stands in taxonomy/terms.py."""

    label: str = ""
    label_ko: str = ""
    #: symbols, categories, or losers, winners, members; A/B is the ratio of two symbols
    of: str | tuple[str, ...]
    #: the same figure of these is taken off
    minus: str | tuple[str, ...] = ()
    #: members left out of the categories of `of` and `minus`
    without: str | tuple[str, ...] = ()
    #: market or country that the categories of `of` and `minus` are cut down to
    market: str = ""
    #: only so many of `of`, those with the best event_return
    best: int | None = None
    measure: str = "return_since"
    #: mean, median, share < -5%, rank of SYMBOL
    take: str = "mean"
    #: close from which is measured: base, event, or a date
    since: str = "base"
    #: up to where: day, week, clean, all, 5 sessions, or a date
    window: str = "all"
    #: threshold such as "<= -15%"; without one the figure is only shown
    expect: str = ""
    #: whether the claim's verdict rests on it
    decides: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A statement of the article that prices can hold or refute; it holds when all deciding tests do."""

    id: str
    title: str
    title_ko: str = ""
    #: what else moved these prices, and how far the test carries
    note: str = ""
    note_ko: str = ""
    tests: tuple[ClaimTest, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """One event with its categories and claims: what a theme file says."""

    id: str
    title: str
    title_ko: str = ""
    summary: str = ""
    summary_ko: str = ""
    event: Event
    windows: Windows = field(default_factory=Windows)
    categories: tuple[Category, ...]
    claims: tuple[Claim, ...] = ()

    def members(self) -> tuple[tuple[Category, Member], ...]:
        """Every (category, member) pair in the order of the file."""
        return tuple((category, member) for category in self.categories for member in category.members)


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """An exchange segment: how its symbols look, when it trades, what it is held against."""

    id: str
    #: ISO 3166 alpha-2
    country: str
    title: str
    title_ko: str = ""
    #: endings of its symbols, dot included; "" for symbols without one
    suffixes: tuple[str, ...]
    #: name of the calendar in exchange_calendars
    calendar: str
    time_zone: str
    #: ISO 4217
    currency: str
    benchmark: str
    #: index symbols (^...) that trade on this market's sessions, benchmark included
    indices: tuple[str, ...] = ()
    #: a daily bar is final so many minutes after the session's close
    final_after_minutes: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRequest:
    """Which daily prices are wanted, from whichever source."""

    #: securities and benchmarks
    symbols: tuple[str, ...]
    #: first session date that matters
    start: date
    #: last date that may matter; None for everything there is
    end: date | None = None
    #: nothing may be asked of the network
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a security has no usable prices, or lost some."""

    symbol: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSet:
    """What a price source gave: bars as they are, and what went wrong on the way.

    `bars` has one row a session and security: `date` (datetime64, midnight, no zone), `symbol` (str),
    `close` (float, split-adjusted, local currency) and, where the source has them, `open`, `high`, `low`,
    `volume`, `dividend`, `split`; sorted by symbol and date, no duplicates, every close finite and > 0.
    """

    source: str
    bars: pd.DataFrame
    failures: tuple[Failure, ...] = ()
    notices: tuple[str, ...] = ()
    fetched_at: datetime | None = None
