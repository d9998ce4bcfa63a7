"""Screen a theme: choose securities, load prices, measure each from its own exchange's base session."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from screener import calendars, settings, sources
from screener.analytics.measures import measure
from screener.analytics.panel import Panel, build_panel
from screener.columns import COLUMNS
from screener.errors import NoPricesError, UsageError
from screener.model import Failure, PriceBasis, PriceRequest, Theme
from screener.pipeline.study import Study, StudyTerms, study_panels
from screener.pipeline.universe import Security, choose, outsider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from screener.calendars import Sessions
    from screener.model import Market, PriceSet
    from screener.sources.outcome import Progress

#: calendar days that hold the sessions before the base that any measure looks at (252, and 130 of an event study)
LOOKBACK = timedelta(days=400)
#: calendar days that hold a session, holidays included
DAYS_A_SESSION = 1.6
#: no exchange's date is further ahead
AHEAD_OF_UTC = timedelta(hours=14)
#: so many symbols are named in an error, more are only counted
NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenRequest:
    """What to screen, as of when, from which prices."""

    theme: Theme
    #: symbols to screen, of the theme or not; empty for all members
    symbols: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    #: market ids
    markets: tuple[str, ...] = ()
    #: None for the newest close that the source has
    as_of: date | None = None
    source: str = "auto"
    offline: bool = False
    #: stored prices younger than this will do
    max_age: timedelta = timedelta(0)
    #: told how a fetch goes, where one is due
    progress: Callable[[Progress], None] | None = None
    price: PriceBasis = "close"
    study: StudyTerms = field(default_factory=StudyTerms)
    #: symbols that are loaded beside the screened ones, to hold these against
    companions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """Every security measured: one row each in `table`, with the columns of `screener columns`."""

    theme: Theme
    as_of: date
    price: PriceBasis
    source: str
    table: pd.DataFrame
    #: the closes behind the table, by market id
    panels: Mapping[str, Panel]
    #: abnormal returns of every security around its event
    study: Study
    failures: tuple[Failure, ...] = ()
    notices: tuple[str, ...] = ()
    fetched_at: datetime | None = None
    #: newest close among the screened securities
    last_date: date | None = field(default=None)


def screen(request: ScreenRequest) -> Screening:
    """Measure every chosen security; raises NoPricesError where not one has a usable price."""
    securities = choose(request.theme, request.symbols, request.sides, request.categories, request.markets)
    by_market = _by_market(securities)
    loaded = _by_market((*securities, *map(outsider, request.companions)))
    sessions = {market: calendars.sessions_of(group[0].market.calendar) for market, group in loaded.items()}
    bases = {market: _base(table, request.theme.event.moment) for market, table in sessions.items()}
    prices = _load(request, securities, loaded, min(bases.values()))
    as_of = _as_of(request, prices, bases)
    panels = {
        market: _panel(bars, loaded[market][0].market, sessions[market], bases[market], as_of, request.price)
        for market, bars in _bars_by_market(prices, loaded).items()
    }
    screened = {market: panels[market] for market in by_market}
    columns = _joined([_measured(by_market[market], panel, prices) for market, panel in screened.items()])
    study = _study(request, by_market, screened, columns["status"].tolist())
    columns |= study.measures()
    order = np.argsort(columns["symbol"])
    table = pd.DataFrame({column.name: columns[column.name][order] for column in COLUMNS})
    return Screening(
        theme=request.theme,
        as_of=as_of,
        price=request.price,
        source=prices.source,
        table=table,
        panels=panels,
        study=study,
        failures=_failures(prices, loaded),
        notices=(*prices.notices, *_notices(prices, panels, sessions, as_of, request.study)),
        fetched_at=prices.fetched_at,
        last_date=_newest(table["last_date"]),
    )


def _by_market(securities: Sequence[Security]) -> dict[str, list[Security]]:
    groups: dict[str, list[Security]] = defaultdict(list)
    for security in securities:
        groups[security.market.id].append(security)
    return dict(groups)


def _base(sessions: Sessions, moment: datetime) -> date:
    if moment > settings.now():
        raise UsageError(
            f"event: moment: {moment:%Y-%m-%d %H:%M %Z} lies in the future; nothing to measure yet"
        )
    position = sessions.base(moment)
    if position < 0:
        raise UsageError(
            f"event: moment: {moment:%Y-%m-%d} lies before the sessions known of {sessions.calendar}, "
            f"which begin on {sessions.dates[0]}"
        )
    base: date = sessions.dates[position].item()
    return base


def _load(
    request: ScreenRequest,
    securities: Sequence[Security],
    loaded: Mapping[str, Sequence[Security]],
    first_base: date,
) -> PriceSet:
    symbols = {security.symbol: None for group in loaded.values() for security in group}
    symbols |= {group[0].market.benchmark: None for group in loaded.values()}
    before = max(LOOKBACK, timedelta(days=-request.study.estimation[0] * DAYS_A_SESSION))
    wanted = PriceRequest(
        symbols=tuple(symbols), start=first_base - before, end=request.as_of, offline=request.offline
    )
    prices = sources.load(request.source, wanted, progress=request.progress, max_age=request.max_age)
    if request.price == "total-return" and "dividend" not in prices.bars:
        raise UsageError(
            f"--price total-return: {prices.source} has no dividends; "
            "expected a column 'dividend', or use --price close"
        )
    if not prices.bars["symbol"].isin([security.symbol for security in securities]).any():
        raise NoPricesError(_nothing(prices, [security.symbol for security in securities]))
    return prices


def _as_of(request: ScreenRequest, prices: PriceSet, bases: Mapping[str, date]) -> date:
    """Return the as-of date asked for, or the newest close there is; never one in the future."""
    newest = (settings.now() + AHEAD_OF_UTC).date()
    as_of = request.as_of or min(prices.bars["date"].max().date(), newest)
    if as_of > newest:
        raise UsageError(f"--as-of {as_of}: lies in the future; expected {newest} or earlier")
    for market, base in bases.items():
        if request.as_of and as_of < base:
            raise UsageError(
                f"--as-of {as_of}: lies before the base session of {market}, {base}; nothing to measure yet, "
                f"expected {max(bases.values())} or later"
            )
    return max(as_of, *bases.values())


def _bars_by_market(prices: PriceSet, loaded: Mapping[str, Sequence[Security]]) -> dict[str, pd.DataFrame]:
    """Part the bars by market, benchmarks included, in one pass over them."""
    markets = {security.symbol: at for at, group in enumerate(loaded.values()) for security in group}
    markets |= {group[0].market.benchmark: at for at, group in enumerate(loaded.values())}
    codes, symbols = pd.factorize(prices.bars["symbol"])
    at = np.array([markets.get(symbol, -1) for symbol in symbols], dtype=np.intp)[codes]
    return {market: prices.bars[at == number] for number, market in enumerate(loaded)}


def _panel(
    bars: pd.DataFrame, market: Market, sessions: Sessions, base: date, as_of: date, price: PriceBasis
) -> Panel:
    """Build the panel up to the last session of this exchange that is not after the as-of date and has ended."""
    last = min(sessions.until(as_of), sessions.base(settings.now()))
    return build_panel(bars, market, sessions.dates[: last + 1], np.datetime64(base), price)


def _measured(group: Sequence[Security], panel: Panel, prices: PriceSet) -> dict[str, NDArray[Any]]:
    """Measure the screened securities of one market: an array a column, in the order of the group."""
    close = np.column_stack([panel.closes(security.symbol) for security in group])
    about = ("symbol", "name", "name_ko", "side", "category", "basis", "confidence")
    shared = {
        "market": panel.market.id,
        "currency": panel.market.currency,
        "benchmark": panel.market.benchmark,
        "price_source": prices.source,
    }
    return {
        "rank": np.zeros(len(group), dtype=np.int64),
        **{name: np.array([getattr(security, name) for security in group], dtype=object) for name in about},
        **{name: np.full(len(group), value, dtype=object) for name, value in shared.items()},
        **measure(close, panel.dates, panel.base, panel.closes(panel.market.benchmark)),
    }


def _joined(parts: Sequence[Mapping[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _study(
    request: ScreenRequest,
    by_market: Mapping[str, Sequence[Security]],
    panels: Mapping[str, Panel],
    statuses: Sequence[str],
) -> Study:
    clean_until = request.theme.windows.clean_until
    if request.study.window == "clean" and clean_until is None:
        raise UsageError(
            f"--window clean: theme {request.theme.id} sets no windows: clean_until; expected day, week, all "
            "or first and last session"
        )
    symbols = {market: [security.symbol for security in by_market[market]] for market in panels}
    return study_panels(panels, symbols, statuses, request.study, clean_until)


def _failures(prices: PriceSet, loaded: Mapping[str, Sequence[Security]]) -> tuple[Failure, ...]:
    wanted = {security.symbol for group in loaded.values() for security in group}
    return tuple(failure for failure in prices.failures if failure.symbol in wanted)


def _notices(
    prices: PriceSet,
    panels: Mapping[str, Panel],
    sessions: Mapping[str, Sessions],
    as_of: date,
    terms: StudyTerms,
) -> Iterator[str]:
    lost = {failure.symbol for failure in prices.failures}
    without = "excess returns" if terms.model == "mean-adjusted" else "excess and abnormal returns"
    for name, panel in panels.items():
        benchmark, calendar = panel.market.benchmark, panel.market.calendar
        if benchmark in lost and np.isfinite(panel.close[panel.base :]).any():
            yield f"{name}: no prices of its benchmark {benchmark}; {without} are empty"
        if panel.unscheduled:
            yield (
                f"{name}: {panel.unscheduled} closes on days without a session left out; "
                f"if {calendar} did trade, say so in calendars.yaml"
            )
        known = sessions[name].dates
        if panel.base + 1 == len(panel.dates):
            event = known[np.searchsorted(known, panel.dates[-1]) + 1]
            yield f"{name}: its event session {event} comes later; nothing to measure yet"
        if known[-1] < np.datetime64(as_of):
            yield (
                f"{name}: the sessions of {calendar} are known to {known[-1]} only, and nothing later is measured; "
                "a newer exchange-calendars knows more"
            )


def _newest(dates: pd.Series) -> date | None:
    newest = dates.max()
    return None if pd.isna(newest) else newest.date()


def _nothing(prices: PriceSet, symbols: Sequence[str]) -> str:
    named = ", ".join(symbols[:NAMED]) + (f" and {len(symbols) - NAMED} more" if len(symbols) > NAMED else "")
    hint = "try `screener fetch`, or give a file or folder with --source"
    return "\n".join((*prices.notices, f"no usable price of {named} in {prices.source}; {hint}"))
