"""Prices for claims: who a test names, from which session to which, and what was measured there by a day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from screener import calendars
from screener.analytics.claims import claim_measures
from screener.markets import load_markets
from screener.taxonomy.terms import (
    FALLING,
    GROUPS,
    RISING,
    Edge,
    Take,
    Threshold,
    end_of,
    measure_of,
    names_in,
    start_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from screener.analytics.panel import Panel
    from screener.columns import Column
    from screener.markets import Markets
    from screener.model import ClaimTest, Theme

#: statuses with which a security counts
COUNTED = ("ok", "stale")
_BASE, _EVENT_SESSION = Edge(session=-1), Edge(session=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A test with its texts read and its names resolved to symbols."""

    test: ClaimTest
    measure: Column
    take: Take
    threshold: Threshold | None
    start: Edge
    end: Edge
    of: tuple[str, ...]
    minus: tuple[str, ...]

    @property
    def single(self) -> bool:
        """Whether it is about one security alone."""
        return len(self.of) == 1 and not self.minus and not self.test.best

    @property
    def steady(self) -> bool:
        """Whether its figure can only fall or only rise, so that a session before the end may decide it."""
        moves = self.measure.name in FALLING | RISING and self.take.kind in {"mean", "median"}
        return self.single and moves and self.threshold is not None

    @property
    def breakable(self) -> bool:
        """Whether it holds until a session breaks it; other steady ones are unmet until one meets them."""
        wants_low = self.threshold is not None and self.threshold.wants_low
        return self.steady and (self.measure.name in FALLING) != wants_low


def trial_of(test: ClaimTest, theme: Theme) -> Trial:
    """Read a test of a theme without faults."""
    measure = measure_of(test.measure)
    take = Take.parse(test.take, measure.kind)
    return Trial(
        test=test,
        measure=measure,
        take=take,
        threshold=Threshold.parse(test.expect, take.kind_of(measure)) if test.expect else None,
        start=start_of(test.since),
        # whatever follows changes nothing about the move of the first session
        end=Edge(length=1)
        if measure.name == "event_return"
        else end_of(test.window, theme.windows.clean_until),
        of=_symbols(test.of, test, theme),
        minus=_symbols(test.minus, test, theme),
    )


def companions(theme: Theme) -> tuple[str, ...]:
    """Symbols that the claims of a theme name beside its members."""
    named = (
        name for c in theme.claims for test in c.tests for name in (*names_in(test.of), *names_in(test.minus))
    )
    known = {category.id for category in theme.categories} | set(GROUPS)
    return tuple(dict.fromkeys(part for name in named if name not in known for part in name.split("/")))


def _symbols(names: str | tuple[str, ...], test: ClaimTest, theme: Theme) -> tuple[str, ...]:
    """Resolve names to symbols; only what a category brought in is cut down by `market` and `without`."""
    markets = load_markets()
    wanted = {market.id for market in markets.select(test.market)} if test.market else set()
    found: dict[str, None] = {}
    for name in names_in(names):
        sides = GROUPS.get(name, ())
        groups = [c for c in theme.categories if c.id == name] or [
            c for c in theme.categories if c.side in sides
        ]
        members = [member.symbol for category in groups for member in category.members]
        kept = (s for s in members if not wanted or markets.of(s).id in wanted)
        found |= dict.fromkeys(s for s in kept if s not in names_in(test.without)) if groups else {name: None}
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was measured of securities by a day; all arrays in the order of `symbols`."""

    symbols: tuple[str, ...]
    #: as in `screener columns`
    status: NDArray[Any]
    columns: Mapping[str, NDArray[Any]]
    #: sessions have followed the start, in every market
    begun: bool
    #: the window's last session has closed, in every market
    over: bool

    def counted(self, measure: str) -> NDArray[np.bool_]:
        """Mask of the securities that have this measure."""
        mask: NDArray[np.bool_] = np.isin(self.status, COUNTED) & ~np.isnan(self.columns[measure])
        return mask


@dataclass(frozen=True)
class Evidence:
    """The closes of every market, cut to a window and to a day whenever they are measured."""

    panels: Mapping[str, Panel]

    def measured(self, symbols: Sequence[str], start: Edge, end: Edge, day: np.datetime64) -> Measured:
        """Measure securities from the close at `start` to that at `end`, or at `day` where that comes first."""
        by_market: dict[str, list[str]] = {}
        for symbol in symbols:
            by_market.setdefault(self._market_of(symbol), []).append(symbol)
        parts = [self._of_market(name, group, start, end, day) for name, group in by_market.items()]
        return Measured(
            symbols=tuple(symbol for part in parts for symbol in part.symbols),
            status=np.concatenate([part.status for part in parts]),
            columns={
                name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns
            },
            begun=all(part.begun for part in parts),
            over=all(part.over for part in parts),
        )

    def best(self, symbols: Sequence[str], count: int, day: np.datetime64) -> tuple[str, ...]:
        """Return the securities that did best on their event session, best first; ties by symbol."""
        found = self.measured(symbols, _BASE, _EVENT_SESSION, day)
        counted, returns = found.counted("event_return"), found.columns["event_return"]
        order = sorted((-returns[i], symbol) for i, symbol in enumerate(found.symbols) if counted[i])
        return tuple(symbol for _, symbol in order[:count])

    def days(self, trial: Trial, day: np.datetime64) -> NDArray[np.datetime64]:
        """Sessions of the trial's markets after its start, to its end and not after `day`; ascending."""
        found = []
        for name in {self._market_of(symbol) for symbol in (*trial.of, *trial.minus)}:
            first, last, now = self._rows(name, trial.start, trial.end, day)
            found.append(self.panels[name].dates[first + 1 : min(last, now) + 1])
        return np.unique(np.concatenate(found))

    def _of_market(
        self, name: str, symbols: Sequence[str], start: Edge, end: Edge, day: np.datetime64
    ) -> Measured:
        panel = self.panels[name]
        first, last, now = self._rows(name, start, end, day)
        cut = min(last, now)
        close = np.column_stack([_closes(panel, symbol) for symbol in symbols])[: now + 1]
        listed_since = np.isnan(close[: cut + 1]).all(axis=0) & ~np.isnan(close).all(axis=0)
        close, dates = close[: cut + 1], panel.dates[: cut + 1]
        benchmark = panel.closes(panel.market.benchmark)[: cut + 1]
        columns = claim_measures(close, dates, max(min(first, cut), 0), benchmark)
        status = np.where(listed_since, "listed_later", columns["status"])
        if start != _BASE:
            # what had no close on the event session did not react with the others, wherever one starts
            since_base = claim_measures(close, dates, min(panel.base, cut), benchmark)["status"]
            status = np.where(since_base == "late", "late", np.where(status == "late", "ok", status))
        if first < 0:
            status = np.full(len(symbols), "no_base", dtype=object)
        return Measured(
            symbols=tuple(symbols), status=status, columns=columns, begun=cut > first, over=last <= now
        )

    def _rows(self, name: str, start: Edge, end: Edge, day: np.datetime64) -> tuple[int, int, int]:
        """Rows of the start, of the end and of `day` in a market's panel; the end may lie past its last row."""
        panel = self.panels[name]
        now = int(np.searchsorted(panel.dates, day, side="right")) - 1
        first = self._row(name, start, now)
        last = first + end.length if end.length is not None else self._row(name, end, now)
        return first, last, now

    def _row(self, name: str, edge: Edge, now: int) -> int:
        panel = self.panels[name]
        if edge.session is not None:
            return panel.base + 1 + edge.session
        if edge.day is None:
            return now
        known, until = self._calendars[name], np.datetime64(edge.day)
        return int(np.searchsorted(known, until, side="right") - np.searchsorted(known, panel.dates[0])) - 1

    def _market_of(self, symbol: str) -> str:
        """Return the market id of a security, or of the first one of a ratio."""
        return self._markets.of(symbol.partition("/")[0]).id

    @cached_property
    def _markets(self) -> Markets:
        return load_markets()

    @cached_property
    def _calendars(self) -> dict[str, NDArray[np.datetime64]]:
        """Sessions of each market, those to come included."""
        return {name: calendars.sessions_of(p.market.calendar).dates for name, p in self.panels.items()}


def _closes(panel: Panel, symbol: str) -> NDArray[np.float64]:
    """Closes of a security, or of the ratio A/B on the sessions on which both have one."""
    first, _, second = symbol.partition("/")
    return panel.closes(first) / panel.closes(second) if second else panel.closes(first)
