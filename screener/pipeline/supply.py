"""Which prices a theme needs, so that a fetch brings what a screening of it will ask for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from screener.model import PriceRequest
from screener.pipeline.universe import choose

if TYPE_CHECKING:
    from collections.abc import Iterable

    from screener.model import Theme

#: calendar days before the event: more than any measure looks back
LOOKBACK = timedelta(days=430)


def price_request(
    theme: Theme,
    symbols: Iterable[str] = (),
    categories: Iterable[str] = (),
    markets: Iterable[str] = (),
    since: date | None = None,
) -> PriceRequest:
    """Return the request for the chosen securities and the benchmarks of their markets."""
    chosen = choose(theme, symbols, (), categories, markets)
    benchmarks = (security.market.benchmark for security in chosen)
    wanted = dict.fromkeys([*(security.symbol for security in chosen), *benchmarks])
    return PriceRequest(symbols=tuple(wanted), start=since or theme.event.moment.date() - LOOKBACK)
