"""Lines in the terminal: closes with base and event session marked, and means with the band around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from screener.render.values import price

if TYPE_CHECKING:
    from screener.analytics.measures import Dates, Floats, Ints

ROWS = 15
#: distances of labelled fractions to choose from, and how many labels there are at most
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
TICKS = 8
#: terminal cells of a date with a gap, and from one to the last, which stands flush with the right edge
DATE_CELLS, LAST_DATE_CELLS = 13, 17
#: about so many prices stand beside the chart
PRICES = 5


def price_chart(closes: Floats, dates: Dates, event: int | None, base_close: float, width: int) -> str:
    """Return a chart of `width` cells as text with ANSI colours.

    A session without a close is a gap in the line. `event` is the row of the event session, None where it has
    not come; `base_close` is NaN where there is none.
    """
    import plotext

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.limit_size(False, False)
    plotext.plot_size(width, ROWS)
    for rows in _stretches(closes):
        plotext.plot(rows.tolist(), closes[rows].tolist(), marker="braille", color="cyan")
    if event is not None:
        plotext.vline(event, color="yellow")
    if np.isfinite(base_close):
        plotext.hline(base_close, color="gray")
    prices = _price_ticks(closes, base_close)
    labels = [f"{value:,.0f}" if value.is_integer() else price(value) for value in prices]
    plotext.yticks(prices, labels)
    ticks = _date_ticks(dates, event, width - max(map(len, labels)) - 2)
    plotext.xticks(ticks, [str(dates[row]) for row in ticks])
    plotext.xlim(0, max(len(closes) - 1, 1))
    chart: str = plotext.build()
    plotext.clear_figure()
    return chart


def band_chart(sessions: Ints, middle: Floats, low: Floats, high: Floats, width: int) -> str:
    """Return a line with the band around it, by session, as text with ANSI colours; fractions in percent."""
    import plotext

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.limit_size(False, False)
    plotext.plot_size(width, ROWS)
    for values, marker, color in ((low, "dot", "gray"), (high, "dot", "gray"), (middle, "braille", "cyan")):
        for rows in _stretches(values):
            plotext.plot(sessions[rows].tolist(), values[rows].tolist(), marker=marker, color=color)
    plotext.hline(0.0, color="yellow")
    shown = np.concatenate([low, middle, high, [0.0]])
    ticks = _round_ticks(float(np.nanmin(shown)), float(np.nanmax(shown)))
    plotext.yticks(ticks, [f"{value * 100:+.0f}%" if value else "0%" for value in ticks])
    first, last = int(sessions[0]), int(sessions[-1])
    step = max(round((last - first) / 8), 1)
    days = [day for day in range(first, last + 1) if day % step == 0]
    plotext.xticks(days, [str(day) for day in days])
    plotext.xlim(first, max(last, first + 1))
    chart: str = plotext.build()
    plotext.clear_figure()
    return chart


def _round_ticks(low: float, high: float) -> list[float]:
    """Return round fractions from low to high, zero among them, about TICKS at most."""
    step = next((size for size in STEPS if (high - low) / size <= TICKS), STEPS[-1])
    return [step * at for at in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]


def _stretches(closes: Floats) -> list[np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """Return the rows of each stretch of closes without a gap."""
    rows = np.flatnonzero(~np.isnan(closes))
    return [part for part in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1) if len(part)]


def _date_ticks(dates: Dates, event: int | None, cells: int) -> list[int]:
    """Return the rows whose dates fit: the event session's, the ends', then first sessions of months."""
    last = len(dates) - 1
    months = np.flatnonzero(np.diff(dates.astype("M8[M]")).astype(int)) + 1
    chosen: list[int] = []
    for row in [*([] if event is None else [event]), last, 0, *months.tolist()]:
        gaps = (
            (abs(row - other), LAST_DATE_CELLS if last in {row, other} else DATE_CELLS) for other in chosen
        )
        if all(sessions * cells >= needed * max(last, 1) for sessions, needed in gaps):
            chosen.append(row)
    return chosen


def _price_ticks(closes: Floats, base_close: float) -> list[float]:
    """Return the base close and round prices that keep a row clear of it."""
    low, high = float(np.nanmin(closes)), float(np.nanmax(closes))
    if low == high:
        return [low]
    rough = (high - low) / PRICES
    unit = 10.0 ** np.floor(np.log10(rough))
    step = unit * next(factor for factor in (1, 2, 5, 10) if factor * unit >= rough)
    clear = 2 * (high - low) / ROWS
    steps = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    based = bool(np.isfinite(base_close))
    rounds = [value for value in steps.tolist() if not (based and abs(value - base_close) < clear)]
    return [*([base_close] if based else []), *rounds]
