"""What the short texts of a claim's tests mean: measures, thresholds, statistics, starts and windows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from screener.columns import BY_NAME, Column
from screener.errors import ConfigError, did_you_mean
from screener.yamlrules import date_of
from screener.yamltext import shown

if TYPE_CHECKING:
    from datetime import date

    from screener.columns import Kind

Sign = Literal["<=", ">=", "<", ">"]

#: columns that are measured on prices from a start to an end, so that any window can cut them
_MEASURED = (
    "base_close",
    "event_return",
    "fall",
    "trough_close",
    "sessions_to_trough",
    "max_drawdown",
    "drawdown",
    "return_since",
    "rebound",
    "recovery",
    "sessions_to_recover",
    "sessions_below_base",
    "pre_high",
    "from_pre_high",
    "benchmark_return",
    "excess_return",
    "last_close",
)
#: measures that only claims have
OWN_MEASURES = (
    Column("highest_close", "price", "max P(d), d in e..T"),
    Column("below_base", "fraction", "sessions_below_base / sessions in e..T with a close"),
    Column("move_ratio", "number", "mean |P(d) / P(d-1) - 1| in e..T, over its mean in the 60 sessions to b"),
)
MEASURES: dict[str, Column] = {name: BY_NAME[name] for name in _MEASURED} | {
    column.name: column for column in OWN_MEASURES
}
#: prices that a threshold may name in place of a number
PRICE_WORDS = ("base_close", "pre_high")
#: groups of categories, by the side that these are on
GROUPS = {"losers": ("loser",), "winners": ("winner",), "members": ("loser", "winner")}
#: measures that can only fall or only rise while a window goes on, so that some thresholds are decided early
FALLING = frozenset({"fall", "trough_close", "max_drawdown"})
RISING = frozenset({"highest_close", "sessions_below_base"})

_THRESHOLD = re.compile(r"(<=|>=|<|>)\s*(?:([+-]?[0-9]+(?:\.[0-9]+)?)\s*(%?)|([a-z_]+))")
_TAKE = re.compile(r"(mean|median)|share\s+(.+)|rank\s+of\s+(\S+)")
_LENGTH = re.compile(r"([1-9][0-9]{0,3}) sessions?")
#: last session of the windows that are counted from the event session
_EVENT_WINDOWS = {"day": 0, "week": 4}


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a figure is held against."""

    sign: Sign
    #: a number, or one of PRICE_WORDS
    bound: float | str

    @property
    def wants_low(self) -> bool:
        """Whether low figures satisfy it."""
        return self.sign in {"<", "<="}

    @classmethod
    def parse(cls, text: str, kind: Kind) -> Threshold:
        """Read '<= -15%' for a figure of this kind. Raises ConfigError."""
        found = _THRESHOLD.fullmatch(text.strip())
        if found is None:
            raise ConfigError(f"{shown(text)} is no threshold; expected one such as '<= -15%', '>= 2', '> 0'")
        sign, number, percent, word = found.groups()
        if word:
            return cls(sign, _price_word(word, kind))  # type: ignore[arg-type]
        value = float(number)
        if percent and kind != "fraction":
            raise ConfigError(f"{shown(text)}: the figure is no fraction; write the number without %")
        if kind == "fraction" and not percent and abs(value) > 1:
            raise ConfigError(f"{shown(text)}: the figure is a fraction; write {number}%")
        return cls(sign, value / 100 if percent else value)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Take:
    """How the figures of several securities become one."""

    kind: Literal["mean", "median", "share", "rank"]
    #: what the counted share satisfies
    condition: Threshold | None = None
    #: whose rank is taken, 1 being the lowest figure
    symbol: str = ""

    @classmethod
    def parse(cls, text: str, kind: Kind) -> Take:
        """Read mean, median, 'share < -5%' or 'rank of NVDA' for a measure of this kind. Raises ConfigError."""
        found = _TAKE.fullmatch(text.strip())
        if found is None:
            near = did_you_mean(text.split(" ", maxsplit=1)[0], ("mean", "median", "share", "rank"))
            raise ConfigError(
                f"{shown(text)}: unknown{near or ';'} expected mean, median, share < -5% or rank of SYMBOL"
            )
        plain, condition, symbol = found.groups()
        if plain:
            return cls(plain)  # type: ignore[arg-type]
        if symbol:
            return cls("rank", symbol=symbol)
        return cls("share", Threshold.parse(condition, "number" if kind == "price" else kind))

    def kind_of(self, measure: Column) -> Kind:
        """Kind of the figure that comes out."""
        return {"share": "fraction", "rank": "count"}.get(self.kind, measure.kind)  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a window begins or ends; all empty for the as-of date."""

    #: session counted from the event session; -1 is the base
    session: int | None = None
    #: sessions after the start
    length: int | None = None
    #: last session not after this date
    day: date | None = None

    @property
    def open_ended(self) -> bool:
        """Whether the window ends with the as-of date, whatever that is."""
        return self.session is None and self.length is None and self.day is None


def start_of(text: str) -> Edge:
    """Read base, event or a date. Raises ConfigError."""
    if text in {"base", "event"}:
        return Edge(session=-1 if text == "base" else 0)
    if day := date_of(text):
        return Edge(day=day)
    near = did_you_mean(text, ("base", "event"))
    raise ConfigError(f"{shown(text)}: unknown{near or ';'} expected base, event or a date YYYY-MM-DD")


def end_of(text: str, clean_until: date | None) -> Edge:
    """Read day, week, clean, all, '5 sessions' or a date. Raises ConfigError."""
    if text == "all":
        return Edge()
    if text in _EVENT_WINDOWS:
        return Edge(session=_EVENT_WINDOWS[text])
    if text == "clean":
        if clean_until is None:
            raise ConfigError(
                "the theme has no clean window; give windows: clean_until, or write all or a date"
            )
        return Edge(day=clean_until)
    if found := _LENGTH.fullmatch(text):
        return Edge(length=int(found.group(1)))
    if day := date_of(text):
        return Edge(day=day)
    near = did_you_mean(text, ("day", "week", "clean", "all", "sessions"))
    expected = "expected day, week, clean, all, a length such as '5 sessions', or a date YYYY-MM-DD"
    raise ConfigError(f"{shown(text)}: unknown{near or ';'} {expected}")


def measure_of(name: str) -> Column:
    """Return the measure of this name. Raises ConfigError."""
    if name not in MEASURES:
        near = did_you_mean(name, MEASURES) or "."
        raise ConfigError(f"no measure {shown(name)}{near} Known: {', '.join(MEASURES)}")
    return MEASURES[name]


def names_in(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return one name or several as several."""
    return (value,) if isinstance(value, str) else tuple(value)


def _price_word(word: str, kind: Kind) -> str:
    if kind != "price":
        raise ConfigError(f"{shown(word)}: expected a number; only a close can be held against another price")
    if word not in PRICE_WORDS:
        near = did_you_mean(word, PRICE_WORDS) or ";"
        raise ConfigError(f"{shown(word)}: no such price{near} expected a number, {' or '.join(PRICE_WORDS)}")
    return word
