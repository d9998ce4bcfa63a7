"""The default source: the store where fresh, else Yahoo, else the store as it is, else the bundled sample."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from screener.errors import ScreenerError
from screener.sources import store
from screener.sources.plan import FetchTerms
from screener.sources.survey import survey, wish_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from screener.markets import Markets
    from screener.model import PriceRequest, PriceSet
    from screener.sources.outcome import FetchReport, Progress

_MINUTE = "%Y-%m-%d %H:%M UTC"


def load(
    request: PriceRequest,
    *,
    progress: Callable[[Progress], None] | None = None,
    max_age: timedelta = timedelta(0),
    sample: bool = True,
    markets: Markets | None = None,
) -> PriceSet:
    """Return the best prices that can be had now, and say in `notices` what they are not.

    Never raises for want of a network or of a folder that can be written: prices are then as old as they are.
    Without `sample` the bundled sample does not stand in for a store that has none of the securities.
    """
    if markets is None:
        from screener.markets import load_markets

        markets = load_markets()
    # who waits for a table leaves alone what failed a moment ago
    terms = FetchTerms(max_age=max_age, patient_with=None)
    said: tuple[str, ...] = ()
    if survey(request.symbols, wish_for(request, terms), markets).jobs:
        said = ("offline",) if request.offline else _refreshed(request, terms, progress, markets)
    prices = store.load(request, markets)
    if prices.bars.empty:
        return (
            _sampled(request, prices, said) if sample else replace(prices, notices=(*prices.notices, *said))
        )
    return replace(prices, notices=(*prices.notices, *_dated(prices, said)))


def _refreshed(
    request: PriceRequest,
    terms: FetchTerms,
    progress: Callable[[Progress], None] | None,
    markets: Markets,
) -> tuple[str, ...]:
    """Fetch what is due without long waits; return why that did not bring everything up to date."""
    # imported where something is due: planning that nothing is needs none of it
    from screener.sources import fetch
    from screener.sources.pace import FetchSettings

    # nor sits out a rate limit: `screener fetch` has the patience
    knobs = replace(FetchSettings.from_env(), pauses=())
    try:
        report = fetch.refresh(request, terms, progress=progress, knobs=knobs, markets=markets)
    except ScreenerError as error:
        return (str(error),)
    return report.notices or _behind(report)


def _behind(report: FetchReport) -> tuple[str, ...]:
    late = [outcome for outcome in report.failures if outcome.status in ("network", "rate-limited")]
    return (f"{len(late)} of {len(report.outcomes)} securities were not brought up to date",) if late else ()


def _dated(prices: PriceSet, said: tuple[str, ...]) -> tuple[str, ...]:
    """Say how old the stored prices are, where they are not what was wished for."""
    if not said:
        return ()
    fetched = f", fetched {prices.fetched_at:{_MINUTE}}" if prices.fetched_at else ""
    last = prices.bars["date"].max().date()
    return (f"{'; '.join(said)}: prices are those of the store up to {last}{fetched}",)


def _sampled(request: PriceRequest, stored: PriceSet, said: tuple[str, ...]) -> PriceSet:
    from screener.sources import sample

    prices = sample.load(request)
    why = "; ".join((*stored.notices, *said)) or "the price store has none of these securities"
    if prices.bars.empty:
        return replace(stored, notices=(*stored.notices, *said))
    first, last = prices.bars["date"].min().date(), prices.bars["date"].max().date()
    return replace(prices, notices=(f"{why}: prices are the bundled sample's, {first} to {last}",))
