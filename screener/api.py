"""The library under the command line: load a theme, screen it, get a pandas DataFrame."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from screener.model import DEFAULT_THEME
from screener.taxonomy import load_theme

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from screener.analytics.event_study import Window
    from screener.model import PriceBasis, ReturnModel, Side, Theme
    from screener.pipeline.screening import Screening

__all__ = ["load_theme", "screen"]


def screen(
    theme: Theme | str = DEFAULT_THEME,
    *,
    as_of: date | str | None = None,
    source: str | PathLike[str] = "auto",
    symbols: Iterable[str] = (),
    side: Side | None = None,
    categories: Iterable[str] = (),
    markets: Iterable[str] = (),
    price: PriceBasis = "close",
    offline: bool = False,
    window: str | Window = "day",
    model: ReturnModel = "market",
    estimation: Window = (-130, -11),
) -> Screening:
    """Measure every security of a theme as of a date; the figures are in `.table`.

    `theme` is a Theme, or its name or path; `as_of` a date or ISO text, None for the newest close; `source` one
    of auto, yahoo, store, sample, or a CSV or Parquet file or folder; `markets` are ids or country codes;
    `window` (day, week, clean, all, or first and last session), `model` and `estimation` those of the event study.
    `.table` has one row a security in ranked order, with the columns that `screener columns` documents: fractions
    and prices as float64 with NaN for no value, dates as datetime64 with NaT. Securities that could not be
    measured are rows with a `status` other than ok. Raises the errors of `screener.errors`, NoPricesError where
    not one has a price.
    """
    from dataclasses import replace

    from screener.markets import load_markets
    from screener.pipeline.ranking import ranked
    from screener.pipeline.screening import ScreenRequest
    from screener.pipeline.screening import screen as screen_request
    from screener.pipeline.study import StudyTerms, parse_window

    known = load_markets()
    request = ScreenRequest(
        theme=load_theme(theme) if isinstance(theme, str) else theme,
        symbols=tuple(symbols),
        sides=(side,) if side else (),
        categories=tuple(categories),
        markets=tuple(market.id for word in markets for market in known.select(word)),
        as_of=date.fromisoformat(as_of) if isinstance(as_of, str) else as_of,
        source=str(source),
        price=price,
        offline=offline,
        study=StudyTerms(
            window=parse_window(window) if isinstance(window, str) else window,
            model=model,
            estimation=estimation,
        ),
    )
    screening = screen_request(request)
    return replace(screening, table=ranked(screening.table))
