"""Checks of a vendor's bars before they may touch the store. Pure: no vendor, no network, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from screener.sources.answer import BadData, NoData

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd
    from numpy.typing import NDArray

    from screener.sources.answer import Answer

    Mask = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    #: bars as one array a column
    Columns = dict[str, NDArray[Any]]

# a close may lie so far outside its session's range: the closing auction is not always part of it
_RANGE_TOLERANCE = 0.01
# how exactly a jump must mirror a split to show that the history before it is not adjusted
_SPLIT_TOLERANCE = 0.2
_SPARSE = ("open", "high", "low", "dividend", "split")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is known of a security before its answer is read."""

    symbol: str
    currency: str
    #: sessions of its market, ascending
    sessions: NDArray[np.datetime64]
    #: sessions over for long enough
    final: NDArray[np.datetime64]
    #: last date that has begun
    today: date
    max_move: float
    max_dividend: float


@dataclass(frozen=True, slots=True)
class Doubt:
    """A bar, or a part of it, that was set aside."""

    date: date
    reason: str
    value: float


@dataclass(frozen=True, slots=True)
class Checked:
    """Bars that may be stored, with `final`, and what was set aside for which reason."""

    bars: pd.DataFrame
    doubts: tuple[Doubt, ...]


def check(answer: Answer, expected: Expected) -> Checked:
    """Return the bars that can be trusted. Raises BadData for an answer to refuse, NoData where none is left.

    A live quote in place of the last bar is kept as not final.
    """
    import pandas as pd

    _check_identity(answer, expected)
    bars = _readable(answer.bars, expected)
    _check_splits(bars)
    good, doubts = _sieve(bars, expected)
    final = _in(good["date"], expected.final)
    if answer.live_tail:
        final[-1:] = False
    return Checked(pd.DataFrame({**good, "final": final}, copy=False), tuple(doubts))


def summary(doubts: tuple[Doubt, ...], settled: set[date]) -> tuple[str, ...]:
    """Return a line for each reason, without the dates that are settled all the same."""
    by_reason: dict[str, list[Doubt]] = {}
    for doubt in doubts:
        if doubt.date not in settled:
            by_reason.setdefault(doubt.reason, []).append(doubt)
    lines = []
    for reason, group in by_reason.items():
        last = group[-1]
        more = f" and {len(group) - 1} before" if len(group) > 1 else ""
        lines.append(f"set aside: {reason}: {last.value:g} on {last.date}{more}")
    return tuple(lines)


def _check_identity(answer: Answer, expected: Expected) -> None:
    if answer.symbol.upper() != expected.symbol.upper():
        raise BadData(f"the answer is about {answer.symbol}")
    if answer.currency and answer.currency.upper() != expected.currency.upper():
        raise BadData(f"prices are in {answer.currency}, expected {expected.currency}")


def _readable(table: pd.DataFrame, expected: Expected) -> Columns:
    """Bars up to today that have a close, by date; what a vendor fills with zeros is left empty."""
    bars: Columns = {name: table[name].to_numpy() for name in table.columns}
    _, first = np.unique(bars["date"], return_index=True)
    bars = _take(bars, first)
    # vendors fill holidays with the close before and no volume: no bar, and nothing to complain of
    real = _in(bars["date"], expected.sessions) | (bars["volume"] > 0)
    past = bars["date"] <= np.datetime64(expected.today)
    bars = _take(bars, real & past & np.isfinite(bars["close"]) & (bars["close"] > 0))
    if not len(bars["date"]):
        raise NoData("Yahoo sent only empty rows")
    for name in _SPARSE:
        bars[name] = np.where(bars[name] > 0, bars[name], np.nan)
    # a range, but no volume: it was traded, and how much is not known
    bars["volume"] = np.where((bars["high"] > bars["low"]) & (bars["volume"] == 0), np.nan, bars["volume"])
    return bars


def _check_splits(bars: Columns) -> None:
    """Refuse a history whose closes before a split are still those of the old share."""
    close, split = bars["close"], bars["split"]
    for at in np.flatnonzero(split > 0):
        move = close[at] / close[at - 1] if at else 1.0
        if abs(move * split[at] - 1) < _SPLIT_TOLERANCE < abs(move - 1):
            day = bars["date"][at].astype("M8[D]")
            raise BadData(f"closes before {day} are not adjusted for its {split[at]:g}-for-1 split")


def _sieve(bars: Columns, expected: Expected) -> tuple[Columns, list[Doubt]]:
    """Part the good bars from the doubtful ones; of a dividend that cannot be, only the bar is good."""
    stray = ~_in(bars["date"], expected.sessions)
    outside = _out_of_range(bars) & ~stray
    jumps = _jumps(bars, ~(stray | outside), expected.max_move)
    before = np.concatenate((bars["close"][:1], bars["close"][:-1]))
    impossible = bars["dividend"] > expected.max_dividend * before
    doubts = [
        *_doubts(bars, stray, "no session of its exchange (else add it to calendars.yaml)"),
        *_doubts(bars, outside, "open or close outside the session's range"),
        *_doubts(bars, jumps, f"close over {expected.max_move:.0%} from the one before, without a split"),
        *_doubts(bars, impossible, f"dividend above {expected.max_dividend:.0%} of the close", "dividend"),
    ]
    bars["dividend"] = np.where(impossible, np.nan, bars["dividend"])
    return _take(bars, ~(stray | outside | jumps)), doubts


def _out_of_range(bars: Columns) -> Mask:
    """Where the range is known, open and close must lie in it."""
    low, high = bars["low"] * (1 - _RANGE_TOLERANCE), bars["high"] * (1 + _RANGE_TOLERANCE)
    outside = low > high
    for name in ("open", "close"):
        outside |= (bars[name] < low) | (bars[name] > high)
    return outside


def _jumps(bars: Columns, trusted: Mask, max_move: float) -> Mask:
    """Closes far from the trusted one before that no split explains and no later close confirms."""
    close, split = bars["close"], bars["split"] > 0
    mask = np.zeros(len(close), dtype=bool)
    rows = np.flatnonzero(trusted)
    if (_moved(close[rows[1:]], close[rows[:-1]], max_move) & ~split[rows[1:]]).any():
        mask[rows] = _unconfirmed(close[rows], split[rows], max_move)
    return mask


def _unconfirmed(close: Floats, split: Mask, max_move: float) -> Mask:
    """Walk along the closes, since each is held against the last that was good."""
    mask, last = np.zeros(len(close), dtype=bool), close[0]
    for at in range(1, len(close)):
        confirmed = at + 1 < len(close) and not _moved(close[at + 1], close[at], max_move)
        if _moved(close[at], last, max_move) and not split[at] and not confirmed:
            mask[at] = True
        else:
            last = close[at]
    return mask


def _moved(close: Floats | float, before: Floats | float, max_move: float) -> Mask:
    moved: Mask = np.abs(close / before - 1) > max_move
    return moved


def _in(days: NDArray[np.datetime64], sessions: NDArray[np.datetime64]) -> Mask:
    """Which days are among ascending sessions."""
    days = days.astype("M8[D]")
    near = np.minimum(np.searchsorted(sessions, days), len(sessions) - 1)
    found: Mask = sessions[near] == days
    return found


def _take(bars: Columns, rows: NDArray[Any]) -> Columns:
    return {name: column[rows] for name, column in bars.items()}


def _doubts(bars: Columns, mask: Mask, reason: str, column: str = "close") -> list[Doubt]:
    days = bars["date"].astype("M8[D]")
    return [Doubt(days[at].item(), reason, float(bars[column][at])) for at in np.flatnonzero(mask)]
