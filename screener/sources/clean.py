"""Rows that cannot be prices are set aside, said once a kind, and cost only their own security."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from screener.model import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

VALUES = ("close", "open", "high", "low", "volume", "dividend", "split")
#: hours by which some exchange's date may be ahead of UTC
AHEAD = pd.Timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Bars fit for measuring, and what was set aside."""

    bars: pd.DataFrame
    notices: tuple[str, ...]
    failures: tuple[Failure, ...]


def clean(raw: pd.DataFrame, place: str, now: datetime) -> Cleaned:
    """Turn rows of `date, symbol, close, ...` as they were read into bars; `place` names the file in notices.

    The frame's index holds the line numbers. A row is set aside where its date cannot be read or lies after
    `now`, its close is no number or not above zero, or another row of the same day has a different close. A day
    without open, high, low and volume is a halt whose close was only carried along: it counts as no close.
    """
    if raw.empty:
        return Cleaned(_empty(), (), ())
    symbol = raw["symbol"].astype(str).str.strip()
    bars = pd.DataFrame({"date": _dates(raw["date"]), "symbol": symbol}, index=raw.index)
    empty_close = raw["close"].isna() | (raw["close"].astype(str).str.strip() == "")
    for column in VALUES:
        if column in raw:
            bars[column] = (
                pd.to_numeric(raw[column], errors="coerce").astype("float64").replace(np.inf, np.nan)
            )
    wrong = {
        "the date cannot be read (expected YYYY-MM-DD)": bars["date"].isna(),
        "the symbol is empty": (symbol == "") | raw["symbol"].isna(),
        "the date lies in the future": bars["date"]
        > (pd.Timestamp(now).tz_localize(None) + AHEAD).normalize(),
        "the close is no number": bars["close"].isna() & ~empty_close,
        "the close is not above zero": bars["close"] <= 0,
    }
    bars["line"] = bars.index
    kept = bars[~np.logical_or.reduce([mask.to_numpy() for mask in wrong.values()])]
    kept = kept[kept["close"].notna() & ~_halted(kept)].sort_values(["symbol", "date"], kind="stable")
    kept = kept.drop_duplicates(["symbol", "date", "close"])
    twice = kept.duplicated(["symbol", "date"], keep=False)
    wrong["the day stands there twice with different closes"] = twice.reindex(bars.index, fill_value=False)
    notices = tuple(_said(place, bars, wrong))
    kept = kept[~twice].drop(columns="line").reset_index(drop=True)
    lost = sorted(set(symbol[symbol != ""]) - set(kept["symbol"]))
    return Cleaned(kept, notices, tuple(Failure(name, f"no usable close in {place}") for name in lost))


def _said(place: str, bars: pd.DataFrame, wrong: dict[str, pd.Series]) -> Iterator[str]:
    for reason, mask in wrong.items():
        if mask.any():
            first = bars[mask].iloc[0]
            rows, securities = int(mask.sum()), bars.loc[mask, "symbol"].nunique()
            yield (
                f"{place}:{first['line']}: {reason}: {rows} row{'s' * (rows > 1)} of {securities} "
                f"securit{'ies' if securities > 1 else 'y'} set aside, first {first['symbol']}"
            )


def _dates(column: pd.Series) -> pd.Series:
    """Read dates as local session dates; a time of day or a zone behind them is dropped."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.dt.tz_localize(None).dt.normalize()
    days = column.astype(str).str.strip().str.slice(0, 10)
    return pd.to_datetime(days, format="%Y-%m-%d", errors="coerce").fillna(
        pd.to_datetime(days.str.slice(0, 8), format="%Y%m%d", errors="coerce")
    )


def _halted(bars: pd.DataFrame) -> pd.Series:
    """Tell the days on which nothing was traded although a close is given."""
    if not {"open", "high", "low", "volume"} <= set(bars.columns):
        return pd.Series(False, index=bars.index)
    quoted = bars[["open", "high", "low"]].fillna(0).to_numpy().any(axis=1)
    return (bars["volume"] == 0) & ~quoted


def _empty() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "date": pd.Series(dtype="M8[s]"),
            "symbol": pd.Series(dtype="str"),
            "close": pd.Series(dtype="float64"),
        }
    )
