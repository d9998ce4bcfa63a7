"""One value as text: exact for programs, rounded for people."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from screener.columns import Column

#: what stands in a table where there is no value
EMPTY = "–"
FRACTION_DECIMALS = 6
#: smaller probabilities are only said to be smaller
LEAST_P = 0.001
#: fractions that are parts of a whole and get no sign
UNSIGNED = {"recovery", "share_expected"}
#: prices from here on are shown without decimals, as Korean and Japanese ones are quoted
WHOLE_PRICES = 1000
#: longer names are cut off where people read them, longer prose too
NAME_LENGTH, PROSE_LENGTH = 80, 2000
PROSE = {"title", "title_ko", "label", "label_ko", "note", "note_ko"}


def is_empty(value: Any) -> bool:
    """Tell None, NaN, NaT and empty text."""
    # comparing a date with text is slow; NaN and NaT differ from themselves
    return value is None or (not value if isinstance(value, str) else value != value)  # noqa: PLR0124


def inert(text: str, length: int = NAME_LENGTH) -> str:
    """Return text on one line that steers no terminal, turns no direction of writing, and is no longer than that.

    What cannot be printed (escapes, other control characters, marks of direction) becomes a replacement character.
    """
    if not text.isprintable():
        spaced = " ".join(text.split())
        text = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in spaced)
    return text if len(text) <= length else f"{text[: length - 1]}…"


def plain(column: Column, value: Any) -> str:
    """Return a value for programs: decimal point, ISO dates, fractions of 6 decimals, '' for no value."""
    if is_empty(value):
        return ""
    if column.kind == "date":
        return str(value)[:10]
    if column.kind == "text":
        return inert(str(value), sys.maxsize)
    return number(column, value)


def number(column: Column, value: Any) -> str:
    """Return a number in its shortest plain form, never as -0."""
    if column.kind == "price":
        return f"{value:.10g}"
    if column.kind == "probability":
        return f"{value:.6g}"
    text = f"{round(float(value), FRACTION_DECIMALS):.{FRACTION_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def native(column: Column, value: Any) -> Any:
    """Return a value for JSON: numbers as numbers, dates as ISO text, None for no value."""
    if is_empty(value):
        return None
    if column.kind in {"text", "date"}:
        return plain(column, value)
    text = number(column, value)
    return float(text) if any(sign in text for sign in ".en") else int(text)


def human(column: Column, value: Any) -> str:
    """Return a value for people: percent with sign, thousands marked, a dash for no value."""
    if is_empty(value):
        return EMPTY
    match column.kind:
        case "fraction":
            return percent(value, signed=column.name not in UNSIGNED)
        case "price":
            return price(value)
        case "count":
            return f"{value:.0f}"
        case "number":
            return f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}"
        case "probability":
            return f"{value:.3f}" if value >= LEAST_P else f"<{LEAST_P}"
        case "text":
            return inert(str(value), PROSE_LENGTH if column.name in PROSE else NAME_LENGTH)
    return plain(column, value)


def percent(value: float, *, signed: bool = True) -> str:
    """Return a fraction as percent of two decimals; of none where it takes six digits."""
    decimals = 2 if abs(value) < 10 else 0  # noqa: PLR2004 - +1,000 %
    return f"{value * 100:{'+' if signed else ''},.{decimals}f}%"


def price(value: float) -> str:
    """Return a price with the decimals in which such prices are quoted."""
    return f"{value:,.0f}" if abs(value) >= WHOLE_PRICES and float(value).is_integer() else f"{value:,.2f}"


def bar(fraction: float, width: int) -> str:
    """Return a bar of `width` cells, filled to the fraction in eighths of a cell."""
    if is_empty(fraction):
        return " " * width
    eighths = math.floor(min(max(fraction, 0.0), 1.0) * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")).ljust(width, "·")


def sparkline(closes: Any, width: int) -> str:
    """Return closes as a line of at most `width` blocks from the lowest to the highest; gaps stay blank."""
    import numpy as np

    values = np.asarray(closes, dtype="float64")
    if len(values) > width:
        values = values[np.linspace(0, len(values) - 1, width).round().astype(int)]
    if not np.isfinite(values).any():
        return ""
    low, high = np.nanmin(values), np.nanmax(values)
    steps = (values - low) / ((high - low) or 1.0) * 7
    return "".join(" " if math.isnan(step) else "▁▂▃▄▅▆▇█"[round(step)] for step in steps)
