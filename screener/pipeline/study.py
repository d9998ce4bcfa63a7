"""The event study of a screening: securities of all its markets, lined up by sessions from their event."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from screener import calendars
from screener.analytics.event_study import (
    ESTIMATION_WINDOW,
    MIN_OBSERVATIONS,
    EventStudy,
    MarketCloses,
    align,
    cumulate,
    study_event,
)
from screener.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from screener.analytics.event_study import Bools, Floats, Ints, Window
    from screener.analytics.panel import Panel
    from screener.model import ReturnModel

#: windows with a name; `clean` and `all` end on another relative session at each exchange
WINDOWS = ("day", "week", "clean", "all")
_FIXED: dict[str, Window] = {"day": (0, 0), "week": (0, 4)}
_PAIR = re.compile(r"\s*\[?\s*(-?\d+)\s*,\s*(-?\d+)\s*\]?\s*")
#: statuses of securities that moved from a base close, and of those that count in category tests
MEASURED = ("ok", "late", "stale", "ended")
TESTED = ("ok", "stale", "ended")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyTerms:
    """What abnormal returns are estimated by and over which sessions they are cumulated."""

    #: one of WINDOWS, or first and last relative session
    window: str | Window = "day"
    model: ReturnModel = "market"
    estimation: Window = ESTIMATION_WINDOW

    def __post_init__(self) -> None:
        """Refuse windows on which nothing can be estimated or measured."""
        first, last = self.estimation
        if last >= 0 or last - first + 1 < MIN_OBSERVATIONS:
            raise UsageError(
                f"estimation window {named(self.estimation)}: expected at least {MIN_OBSERVATIONS} sessions "
                f"that end before the event session, for example {named(ESTIMATION_WINDOW)}"
            )
        if not isinstance(self.window, str) and self.window[0] <= last:
            raise UsageError(
                f"window {named(self.window)}: begins within the estimation window {named(self.estimation)}; "
                f"expected {last + 1} or later, or another estimation window"
            )


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a market's sessions reach, counted from its event session (0)."""

    #: the as-of session; -1 where the event session is still to come
    last: int
    #: last session that is not after the theme's clean_until; None without one
    clean: int | None

    def planned(self, window: str | Window) -> Window | None:
        """Return the sessions of a window, were all of it over; None for `clean` without a limit."""
        if not isinstance(window, str):
            return window
        if window in _FIXED:
            return _FIXED[window]
        end = self.clean if window == "clean" else self.last
        return None if end is None else (0, end)

    def so_far(self, window: str | Window) -> Window | None:
        """Return the sessions of a window up to the as-of session; None where it has not begun."""
        planned = self.planned(window)
        if planned is None or min(planned[1], self.last) < planned[0]:
            return None
        return planned[0], min(planned[1], self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Abnormal returns of every screened security around the event of its own market."""

    terms: StudyTerms
    #: a column a security
    returns: EventStudy
    symbols: tuple[str, ...]
    #: market id of each security
    markets: tuple[str, ...]
    #: by market id
    reaches: Mapping[str, Reach]
    #: has a base close and a later one
    measured: Bools
    #: has a model, and did not miss the event session: what category tests rest on
    tested: Bools

    def columns(self, symbols: Iterable[str]) -> Ints:
        """Return the columns of those of these securities that category tests rest on."""
        wanted = set(symbols)
        chosen = [symbol in wanted for symbol in self.symbols]
        return np.flatnonzero(np.array(chosen, dtype=bool) & self.tested)

    def common_window(self, window: str | Window, columns: Iterable[int]) -> Window | None:
        """Return the largest part of a window that every market concerned has behind it; None where none has.

        `clean` and `all` end on another relative session at each exchange, and so does a window that is not
        over: what the slowest has counts for all. A market in which the window has not begun does not hold
        the others up; its securities are not measured.
        """
        reaches = (self.reaches[name] for name in {self.markets[column] for column in columns})
        parts = [part for part in (reach.so_far(window) for reach in reaches) if part]
        return (parts[0][0], min(end for _, end in parts)) if parts else None

    def spans(self, window: str | Window) -> dict[str, Window | None]:
        """Return the sessions so far of a window by market with prices; None where it has not begun."""
        priced = {name for name, measured in zip(self.markets, self.measured, strict=True) if measured}
        return {name: reach.so_far(window) for name, reach in self.reaches.items() if name in priced}

    def unfinished(self, window: str | Window) -> bool:
        """Tell whether a window is not over in some market with prices."""
        return any(part != self.reaches[name].planned(window) for name, part in self.spans(window).items())

    def measures(self) -> dict[str, Floats]:
        """Return the columns abnormal_return, car and car_t: a value a security, NaN for no value."""
        event = self.returns.sessions == 0
        car, t = self._cumulated(self.terms.window)
        values = {"abnormal_return": self.returns.abnormal_returns[event][0], "car": car, "car_t": t}
        return {name: np.where(self.measured, value, np.nan) for name, value in values.items()}

    def cumulated(self, symbol: str, window: str | Window) -> tuple[Window | None, float, float]:
        """Return a security's window so far in its own market, its CAR there and the t statistic of it."""
        column = self.symbols.index(symbol)
        car, t = self._cumulated(window)
        known = self.measured[column]
        part = self.reaches[self.markets[column]].so_far(window)
        return part, float(car[column]) if known else np.nan, float(t[column]) if known else np.nan

    def short(self) -> Ints:
        """Return the number of estimation returns of each security that has a model from too few of them."""
        n = self.returns.normal.n_estimation
        short: Ints = n[self.measured & (n >= MIN_OBSERVATIONS) & (n < self.length)]
        return short

    def without_model(self) -> int:
        """Return the number of securities with too few estimation returns for a model."""
        n = self.returns.normal.n_estimation
        return int((self.measured & (n > 0) & (n < MIN_OBSERVATIONS)).sum())

    @property
    def length(self) -> int:
        """Sessions of the estimation window."""
        return self.terms.estimation[1] - self.terms.estimation[0] + 1

    def notices(self) -> list[str]:
        """Say in one line what rests on a short estimation window, and in one what has no model."""
        short, lacking = self.short(), self.without_model()
        said = []
        if len(short):
            said.append(
                f"event study: {_counted(len(short))} only {_span(short)} of {self.length} "
                "estimation returns; their abnormal returns are less certain"
            )
        if lacking:
            said.append(
                f"event study: {_counted(lacking)} fewer than {MIN_OBSERVATIONS} estimation returns; "
                "their abnormal returns are empty"
            )
        return said

    def _cumulated(self, window: str | Window) -> tuple[Floats, Floats]:
        """CAR and t of every security at the end of the window in its own market."""
        parts = [self.reaches[name].so_far(window) for name in self.markets]
        begun = np.array([part is not None for part in parts], dtype=bool)
        if not begun.any():
            return np.full(len(parts), np.nan), np.full(len(parts), np.nan)
        first, last = (reduce(part[end] for part in parts if part) for end, reduce in ((0, min), (1, max)))
        cumulative = cumulate(self.returns, (first, last))
        rows = np.array([part[1] - first if part else 0 for part in parts])
        at = rows, np.arange(len(parts))
        car, t = cumulative.car[at], cumulative.scaled[at]
        return np.where(begun, car, np.nan), np.where(begun, t, np.nan)


def study_panels(
    panels: Mapping[str, Panel],
    symbols: Mapping[str, Sequence[str]],
    statuses: Sequence[str],
    terms: StudyTerms,
    clean_until: date | None = None,
) -> Study:
    """Study the event of several markets at once.

    `symbols` are the securities by market id, `statuses` theirs in the same order. The benchmark is the
    market's; where it has no prices there is no model, save `mean-adjusted`, which needs none.
    """
    reaches = {name: _reach(panel, clean_until) for name, panel in panels.items()}
    last = max(0, *(reach.last for reach in reaches.values()))
    closes = [_closes(panel, symbols[name], terms.model) for name, panel in panels.items()]
    returns = study_event(align(closes, last, terms.estimation), terms.model)
    status = np.array(statuses, dtype=object)
    return Study(
        terms=terms,
        returns=returns,
        symbols=tuple(symbol for name in panels for symbol in symbols[name]),
        markets=tuple(name for name in panels for _ in symbols[name]),
        reaches=reaches,
        measured=np.isin(status, MEASURED),
        tested=np.isin(status, TESTED) & np.isfinite(returns.normal.residual_sd),
    )


def parse_window(text: str) -> str | Window:
    """Read day, week, clean, all, [a,b] or a,b: relative sessions, 0 being the event session."""
    word = text.strip().lower()
    if word in WINDOWS:
        return word
    pair = parse_sessions(text)
    if pair is None:
        near = did_you_mean(word, WINDOWS)
        raise UsageError(
            f"--window {text}: no such window{near}; expected {', '.join(WINDOWS)}, or first and last session "
            "from the event session 0: -1,1"
        )
    return pair


def parse_estimation(text: str) -> Window:
    """Read the estimation window: first and last session before the event."""
    pair = parse_sessions(text)
    if pair is None:
        raise UsageError(f"--estimation {text}: expected first and last session before the event: -130,-11")
    return pair


def parse_sessions(text: str) -> Window | None:
    """Read a,b or [a,b]; None where it is neither, or b comes before a."""
    found = _PAIR.fullmatch(text)
    if not found:
        return None
    first, last = int(found[1]), int(found[2])
    return (first, last) if first <= last else None


def named(window: str | Window) -> str:
    """Return a window as it is written: its name or [a,b]."""
    return window if isinstance(window, str) else f"[{window[0]},{window[1]}]"


def _reach(panel: Panel, clean_until: date | None) -> Reach:
    clean = None
    if clean_until:
        sessions = calendars.sessions_of(panel.market.calendar)
        event = int(np.searchsorted(sessions.dates, panel.dates[panel.base])) + 1
        clean = sessions.until(clean_until) - event
    return Reach(last=len(panel.dates) - 2 - panel.base, clean=clean)


def _closes(panel: Panel, symbols: Sequence[str], model: ReturnModel) -> MarketCloses:
    alone = model == "mean-adjusted"
    return MarketCloses(
        dates=panel.dates,
        closes=np.column_stack([panel.closes(symbol) for symbol in symbols]),
        benchmark=np.ones(len(panel.dates)) if alone else panel.closes(panel.market.benchmark),
        event_row=panel.base + 1,
    )


def _counted(n: int) -> str:
    return "1 security has" if n == 1 else f"{n} securities have"


def _span(counts: Ints) -> str:
    least, most = int(counts.min()), int(counts.max())
    return str(least) if least == most else f"{least} to {most}"
