"""Checks of a vendor's bars before they may touch the store. Pure: no vendor, no network, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from screener.sources.answer import BadData, NoData

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd
    from numpy.typing import NDArray

    from screener.sources.answer import Answer

    Mask = NDArray[np.bool_]
    Floats = NDArray[np.float64]

# a close may lie so far outside its session's range: the closing auction is not always part of it
_RANGE_TOLERANCE = 0.01
# how exactly a jump must mirror a split to show that the history before it is not adjusted
_SPLIT_TOLERANCE = 0.2
_PRICES = ["open", "high", "low", "close"]


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
    _check_identity(answer, expected)
    bars = answer.bars.sort_values("date", kind="stable").drop_duplicates("date", ignore_index=True)
    close, volume = bars["close"], bars["volume"]
    session = np.isin(bars["date"].to_numpy().astype("M8[D]"), expected.sessions)
    # vendors fill holidays with the close before and no volume: no bar, and nothing to complain of
    bars = bars[(bars["date"] <= np.datetime64(expected.today)) & np.isfinite(close) & (close > 0)]
    bars = bars[session[bars.index] | (volume[bars.index] > 0)].reset_index(drop=True)
    if bars.empty:
        raise NoData("Yahoo sent only empty rows")
    _check_splits(bars)
    bars, doubts = _sieve(bars, expected)
    bars["final"] = np.isin(bars["date"].to_numpy().astype("M8[D]"), expected.final)
    if answer.live_tail and len(bars):
        bars.loc[bars.index[-1], "final"] = False
    return Checked(bars, tuple(doubts))


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


def _sieve(bars: pd.DataFrame, expected: Expected) -> tuple[pd.DataFrame, list[Doubt]]:
    """Part the good bars from the doubtful ones."""
    bars, doubts = _events(_blanks(bars), expected.max_dividend)
    stray = ~np.isin(bars["date"].to_numpy().astype("M8[D]"), expected.sessions)
    doubts += _doubts(bars, stray, "no session of its exchange (else add it to calendars.yaml)", "close")
    outside = _out_of_range(bars) & ~stray
    doubts += _doubts(bars, outside, "open or close outside the session's range", "close")
    jumps = _jumps(bars, ~(stray | outside), expected.max_move)
    said = f"close over {expected.max_move:.0%} from the one before, without a split or another close like it"
    doubts += _doubts(bars, jumps, said, "close")
    return bars[~(stray | outside | jumps)].reset_index(drop=True), doubts


def _check_identity(answer: Answer, expected: Expected) -> None:
    if answer.symbol.upper() != expected.symbol.upper():
        raise BadData(f"the answer is about {answer.symbol}")
    if answer.currency and answer.currency.upper() != expected.currency.upper():
        raise BadData(f"prices are in {answer.currency}, expected {expected.currency}")


def _check_splits(bars: pd.DataFrame) -> None:
    """Refuse a history whose closes before a split are still those of the old share."""
    close, split = bars["close"].to_numpy(), bars["split"].fillna(0).to_numpy()
    for at in np.flatnonzero((split > 0) & (split != 1)):
        move = close[at] / close[at - 1] if at else 1.0
        if abs(move * split[at] - 1) < _SPLIT_TOLERANCE < abs(move - 1):
            raise BadData(
                f"closes before {_day(bars, at)} are not adjusted for its {split[at]:g}-for-1 split"
            )


def _out_of_range(bars: pd.DataFrame) -> Mask:
    """Where the range is known, open and close must lie in it."""
    low, high = bars["low"].to_numpy(), bars["high"].to_numpy()
    known = (low > 0) & (high > 0)
    outside = known & (low > high * (1 + _RANGE_TOLERANCE))
    for name in ("open", "close"):
        price = bars[name].to_numpy()
        below, above = price < low * (1 - _RANGE_TOLERANCE), price > high * (1 + _RANGE_TOLERANCE)
        outside |= known & (price > 0) & (below | above)
    return outside


def _jumps(bars: pd.DataFrame, trusted: Mask, max_move: float) -> Mask:
    """Closes far from the trusted one before that no split explains and no later close confirms."""
    close, split = bars["close"].to_numpy(), bars["split"].fillna(0).to_numpy()
    mask = np.zeros(len(bars), dtype=bool)
    rows = np.flatnonzero(trusted)
    moves = _moved(close[rows[1:]], close[rows[:-1]], max_move) & (split[rows[1:]] == 0)
    if moves.any():
        mask[rows] = _unconfirmed(close[rows], split[rows] > 0, max_move)
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


def _blanks(bars: pd.DataFrame) -> pd.DataFrame:
    """Leave empty what a vendor fills with zeros: prices of halted sessions, volumes it does not know."""
    bars = bars.copy()
    for name in _PRICES[:3]:
        bars[name] = bars[name].where(bars[name] > 0)
    traded = bars["high"] > bars["low"]
    bars["volume"] = bars["volume"].where(~(traded & (bars["volume"] == 0)))
    for name in ("dividend", "split"):
        bars[name] = bars[name].where(bars[name] > 0)
    return bars


def _events(bars: pd.DataFrame, max_dividend: float) -> tuple[pd.DataFrame, list[Doubt]]:
    """Refuse dividends that cannot be; the bar itself stays."""
    before = bars["close"].shift().fillna(bars["close"])
    impossible = (bars["dividend"] > max_dividend * before).to_numpy()
    doubts = _doubts(bars, impossible, f"dividend above {max_dividend:.0%} of the close", "dividend")
    bars["dividend"] = bars["dividend"].where(~impossible)
    return bars, doubts


def _doubts(bars: pd.DataFrame, mask: Mask, reason: str, column: str) -> list[Doubt]:
    return [Doubt(row["date"].date(), reason, float(row[column])) for _, row in bars[mask].iterrows()]


def _day(bars: pd.DataFrame, at: int | np.intp) -> str:
    return str(bars["date"].to_numpy()[at].astype("M8[D]"))
