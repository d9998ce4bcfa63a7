"""Every column a result can have: its kind, its formula, and which way it is sorted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "date", "price", "fraction", "count", "number", "probability"]


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
            "probability": "probability (0 to 1)",
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

# a category's members measured are those with a model and a close on the event session; CAR as above
SCORE_COLUMNS: tuple[Column, ...] = (
    Column("kind", "text", "category, or spread: the mean CAR of winners less that of losers"),
    Column("category", "text"),
    Column("side", "text"),
    Column("basis", "text"),
    Column("members", "number", "securities screened"),
    Column("n", "number", "members with a CAR on the window"),
    Column("median_event_return", "fraction", "median of event_return"),
    Column("share_expected", "fraction", "members whose CAR has the sign of the side / n"),
    Column("aar", "fraction", "mean abnormal_return on the event session"),
    Column("caar_week", "fraction", "mean CAR of [0, week_end]"),
    Column("week_end", "count", "4, or the last session so far in every market of the category"),
    Column("caar_clean", "fraction", "mean CAR of [0, clean_end]"),
    Column("clean_end", "count", "last session not after clean_until in every market of the category"),
    Column("window", "text", "sessions tested (--window), as far as every market of the category has them"),
    Column("caar", "fraction", "mean CAR on the window"),
    Column("correlation", "number", "mean over pairs of the correlation of estimation residuals, same dates"),
    Column("test", "text", "kolari_pynnonen of a category, portfolio of a spread"),
    Column("statistic", "number"),
    Column("p", "probability", "two-sided, t with n - 1 degrees of freedom (spread: of the estimation)"),
    Column("verdict", "text", "p < 0.05 and the sign of statistic and CAAR against the side, else undecided"),
    Column(
        "reservation",
        "text",
        "few: n < 5; single: n = 1; none: n = 0; untested: no p; mixed: signs differ",
    ),
)
#: every test side by side (--tests): statistic and p of each
TEST_NAMES = (
    "cross_sectional",
    "patell",
    "bmp",
    "kolari_pynnonen",
    "portfolio",
    "corrado",
    "generalised_sign",
)
TEST_COLUMNS: tuple[Column, ...] = tuple(
    column
    for name in TEST_NAMES
    for column in (Column(name, "number"), Column(f"{name}_p", "probability", f"p of {name}, two-sided"))
)
PATH_COLUMNS: tuple[Column, ...] = (
    Column("session", "number", "sessions from the event session, 0"),
    Column("caar", "fraction", "mean CAR from the first session of the window"),
    Column("low", "fraction", "lower end of the 95 % band"),
    Column("high", "fraction", "upper end of the 95 % band"),
    Column("n", "number", "members measured up to that session"),
)
# a line a test: what is measured of whom, from which close to which, against which threshold
CLAIM_COLUMNS: tuple[Column, ...] = (
    Column("claim", "text"),
    Column("title", "text"),
    Column("title_ko", "text"),
    Column("verdict", "text", "holds where all deciding tests hold; refuted where one is"),
    Column("turned_on", "date", "first session as of which the verdict was what it is; empty while open"),
    Column("test", "number"),
    Column("label", "text"),
    Column("label_ko", "text"),
    Column("decides", "text"),
    Column("measure", "text"),
    Column("value", "number", "mean, median, share or rank of the measure, less that of minus"),
    Column("value_on", "date"),
    Column("expect", "text"),
    Column("bound", "number"),
    Column(
        "test_verdict", "text", "value against bound; open until the window is over or nothing can change it"
    ),
    Column(
        "held_days", "number", "calendar days from the event session to the close that broke it, else as-of"
    ),
    Column("n", "number"),
    Column("left_out", "text"),
    Column("note", "text"),
    Column("note_ko", "text"),
)
HISTORY_COLUMNS: tuple[Column, ...] = (
    Column("claim", "text"),
    Column("title", "text"),
    Column("title_ko", "text"),
    Column("as_of", "date", "month ends since the event, and the as-of date"),
    Column("verdict", "text"),
)
#: columns of every documented table, by its name
TABLES: dict[str, tuple[Column, ...]] = {
    "rank": COLUMNS,
    "score": (*SCORE_COLUMNS, *TEST_COLUMNS),
    "path": PATH_COLUMNS,
    "claims": CLAIM_COLUMNS,
    "history": HISTORY_COLUMNS,
}
