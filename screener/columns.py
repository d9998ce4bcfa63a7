"""Every column a result can have: its kind, its formula, and which way it is sorted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "date", "price", "fraction", "count", "number"]


@dataclass(frozen=True, slots=True)
class Column:
    """One documented column. Its head and meaning stand in the language files."""

    name: str
    kind: Kind
    formula: str = ""
    #: sorted with the largest value first where no direction is given
    descending: bool = False

    @property
    def unit(self) -> str:
        """What a value counts, for people and for `screener columns`."""
        return {
            "text": "text",
            "date": "ISO date",
            "price": "local currency",
            "fraction": "fraction (0.05 = 5 %)",
            "count": "sessions",
            "number": "number",
        }[self.kind]


# P = close, b = base session, e = event session, T = last session <= as-of that has a close
COLUMNS: tuple[Column, ...] = (
    Column("rank", "number", "position within the side, in the order asked for"),
    Column("symbol", "text"),
    Column("name", "text"),
    Column("name_ko", "text"),
    Column("side", "text"),
    Column("category", "text"),
    Column("basis", "text"),
    Column("confidence", "text"),
    Column("market", "text"),
    Column("currency", "text"),
    Column("status", "text"),
    Column("base_date", "date", "b: last session closed at the event moment; at most 10 sessions earlier"),
    Column("base_close", "price", "P(b)"),
    Column(
        "event_date", "date", "e: first session that ends after the event moment; first later close if halted"
    ),
    Column("event_return", "fraction", "P(e) / P(b) - 1", descending=True),
    Column("fall", "fraction", "P(trough) / P(b) - 1"),
    Column("trough_date", "date", "first session with the lowest close in e..T"),
    Column("trough_close", "price", "min P(d), d in e..T"),
    Column("sessions_to_trough", "count", "sessions from b to the trough; e counts 1"),
    Column("max_drawdown", "fraction", "min over d in b..T of P(d) / max P(b..d) - 1"),
    Column("drawdown", "fraction", "P(T) / max P(b..T) - 1"),
    Column("return_since", "fraction", "P(T) / P(b) - 1", descending=True),
    Column("rebound", "fraction", "P(T) / P(trough) - 1", descending=True),
    Column("recovery", "fraction", "(P(T) - P(trough)) / (P(b) - P(trough))", descending=True),
    Column("recovered_on", "date", "first session after the first close below P(b) with close >= P(b)"),
    Column("sessions_to_recover", "count", "number of that session, counted from e = 1"),
    Column("sessions_below_base", "count", "sessions d in e..T with P(d) < P(b)", descending=True),
    Column("pre_high", "price", "max P(d) over the 252 sessions ending at b"),
    Column("pre_high_date", "date", "first session with that close"),
    Column("from_pre_high", "fraction", "P(T) / pre_high - 1", descending=True),
    Column("new_high_on", "date", "first session d >= e with P(d) > pre_high"),
    Column("benchmark", "text"),
    Column(
        "benchmark_return",
        "fraction",
        "benchmark's P(T) / P(b) - 1 on the security's b and T",
        descending=True,
    ),
    Column("excess_return", "fraction", "return_since - benchmark_return", descending=True),
    Column(
        "abnormal_return",
        "fraction",
        "R(e) - (alpha + beta * R_benchmark(e)), alpha and beta by OLS on sessions [-130,-11], e = 0",
        descending=True,
    ),
    Column("car", "fraction", "sum of abnormal returns over the window (--window)", descending=True),
    Column(
        "car_t", "number", "car / sd of its prediction error (Campbell, Lo, MacKinlay 1997)", descending=True
    ),
    Column("last_date", "date", "T: last session <= as-of that has a close"),
    Column("last_close", "price", "P(T)"),
    Column("price_source", "text"),
)
BY_NAME: dict[str, Column] = {column.name: column for column in COLUMNS}
NAMES: tuple[str, ...] = tuple(BY_NAME)
#: columns of the event study
STUDIED = frozenset({"abnormal_return", "car", "car_t"})
