"""Closes of one market as one matrix of its own sessions by securities."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from screener.model import Market, PriceBasis


@dataclass(frozen=True, slots=True)
class Panel:
    """Sessions by securities of one market, ending with the as-of session.

    `close` holds local-currency closes (float64, NaN where there is none); rows are `dates` (datetime64[D],
    sessions of this exchange only, so that no other market's holiday looks like a missing price).
    """

    market: Market
    dates: NDArray[np.datetime64]
    #: ascending
    symbols: tuple[str, ...]
    close: NDArray[np.float64]
    #: row of the base session
    base: int
    #: closes given for days on which this exchange had no session
    unscheduled: int = 0

    def closes(self, symbol: str) -> NDArray[np.float64]:
        """Closes of one security on all sessions; all NaN where the panel does not have it."""
        at = bisect_left(self.symbols, symbol)
        if self.symbols[at : at + 1] != (symbol,):
            return np.full(len(self.dates), np.nan)
        column: NDArray[np.float64] = self.close[:, at]
        return column


def build_panel(
    bars: pd.DataFrame,
    market: Market,
    dates: NDArray[np.datetime64],
    base: np.datetime64,
    price: PriceBasis = "close",
) -> Panel:
    """Lay the bars of a market's securities out on its sessions.

    `bars` as in PriceSet, only of securities of this market; `dates` its sessions up to the as-of session;
    `base` the date of the base session. Bars after the last session are not looked at. With `total-return`
    the closes are adjusted backwards for the dividends in `bars`.
    """
    days = bars["date"].to_numpy().astype("M8[D]")
    first = min(days.min(), base) if len(days) else base
    dates = dates[np.searchsorted(dates, first) :]
    symbols, column = np.unique(bars["symbol"].to_numpy(dtype=object).astype(str), return_inverse=True)
    row = np.searchsorted(dates, days)
    known = days <= dates[-1]
    on_session = known & (dates[np.minimum(row, len(dates) - 1)] == days)
    close = _scatter(bars["close"], row, column, on_session, (len(dates), len(symbols)), np.nan)
    if price == "total-return" and "dividend" in bars:
        from screener.analytics.adjust import total_return_factors

        close = close * total_return_factors(
            close, _scatter(bars["dividend"].fillna(0.0), row, column, on_session, close.shape, 0.0)
        )
    return Panel(
        market=market,
        dates=dates,
        symbols=tuple(symbols.tolist()),
        close=close,
        base=int(np.searchsorted(dates, base)),
        unscheduled=int((known & ~on_session).sum()),
    )


def _scatter(
    values: pd.Series,
    row: NDArray[np.intp],
    column: NDArray[np.intp],
    valid: NDArray[np.bool_],
    shape: tuple[int, int],
    empty: float,
) -> NDArray[np.float64]:
    matrix = np.full(shape, empty)
    matrix[row[valid], column[valid]] = values.to_numpy(dtype="float64")[valid]
    return matrix
