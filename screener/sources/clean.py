"""Rows that cannot be prices are set aside, said once a kind, and cost only their own security."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from screener.markets import load_markets
from screener.model import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from numpy.typing import NDArray

    Rows = NDArray[np.bool_]

VALUES = ("close", "open", "high", "low", "volume", "dividend", "split")
#: hours by which some exchange's date may be ahead of UTC
AHEAD = pd.Timedelta(hours=14)
#: closes that differ by less are one close, written with more or fewer digits
SAME_CLOSE = 1e-6

_UTC = r"\d[T ]\d\d:\d\d.*(?:Z|[+-]00:?00)$"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Bars fit for measuring, and what was set aside."""

    bars: pd.DataFrame
    notices: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()


def clean(raw: pd.DataFrame, place: str, now: datetime) -> Cleaned:
    """Turn rows of `date, symbol, close, ...` as they were read into bars; `place` names the file in notices.

    The frame's index holds the line numbers, 0 for none. A row is set aside where its date cannot be read or
    lies after `now`, its close is no number or not above zero, or another row of the same day has a different
    close. A day without open, high, low and volume is a halt whose close was only carried along: it counts as
    no close.
    """
    bars = _bars(raw)
    wrong = _wrong(raw, bars, now)
    unfit = np.logical_or.reduce([bars["close"].isna().to_numpy(), _halted(bars), *wrong.values()])
    kept, apart = one_close_a_day(bars[~unfit])
    wrong["the day stands there twice with different closes"] = bars.index.isin(apart.index)
    lines = raw.index.to_numpy()
    notices = tuple(_said(place, lines, bars["symbol"], wrong))
    lost = sorted(set(bars["symbol"]) - set(kept["symbol"]) - {""})
    failures = tuple(Failure(symbol, f"no usable close in {place}") for symbol in lost)
    return Cleaned(kept, notices, failures)


def one_close_a_day(bars: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return bars by symbol and date, one a day; and apart those of days whose closes differ."""
    bars = bars.sort_values(["symbol", "date"], kind="stable")
    twice = bars.duplicated(["symbol", "date"], keep=False)
    closes = bars[twice].groupby(["symbol", "date"])["close"]
    differ = closes.transform("max") / closes.transform("min") - 1 > SAME_CLOSE
    apart = bars[twice][differ]
    return bars.drop(apart.index).drop_duplicates(["symbol", "date"]).reset_index(drop=True), apart


def _bars(raw: pd.DataFrame) -> pd.DataFrame:
    """Give every column its type; what cannot be read is empty."""
    symbol = raw["symbol"].reset_index(drop=True)
    bars = pd.DataFrame({"date": _dates(raw["date"].reset_index(drop=True), symbol), "symbol": symbol})
    for column in VALUES:
        if column in raw:
            numbers = pd.to_numeric(raw[column].reset_index(drop=True), errors="coerce")
            bars[column] = numbers.astype("float64").replace([np.inf, -np.inf], np.nan)
    return bars


def _wrong(raw: pd.DataFrame, bars: pd.DataFrame, now: datetime) -> dict[str, Rows]:
    """Reason -> the rows for which it holds."""
    latest = (pd.Timestamp(now).tz_localize(None) + AHEAD).normalize()
    close = raw["close"].reset_index(drop=True)
    given = close.notna()
    if not pd.api.types.is_numeric_dtype(close):
        given &= close.astype(str).str.strip() != ""
    return {
        "the date cannot be read (expected YYYY-MM-DD)": bars["date"].isna().to_numpy(),
        "the symbol is empty": (bars["symbol"] == "").to_numpy(),
        "the date lies in the future": (bars["date"] > latest).to_numpy(),
        "the close is no number": (bars["close"].isna() & given).to_numpy(),
        "the close is not above zero": (bars["close"] <= 0).to_numpy(),
    }


def _halted(bars: pd.DataFrame) -> Rows:
    """Tell the days on which nothing was traded although a close is given."""
    if not {"open", "high", "low", "volume"} <= set(bars.columns):
        return np.zeros(len(bars), dtype=bool)
    quoted = bars[["open", "high", "low"]].fillna(0).to_numpy() != 0
    halted: Rows = (bars["volume"] == 0).to_numpy() & ~np.logical_or.reduce(quoted, axis=1)
    return halted


def _said(place: str, lines: NDArray[np.int64], symbols: pd.Series, wrong: dict[str, Rows]) -> Iterator[str]:
    for reason, mask in wrong.items():
        if mask.any():
            first = int(mask.argmax())
            where = f"{place}:{lines[first]}" if lines[first] else place
            rows, securities = int(mask.sum()), symbols[mask].nunique()
            named = f", first {symbols[first]}" if symbols[first] else ""
            yield (
                f"{where}: {reason}: {rows} row{'s' * (rows > 1)} of {securities} "
                f"securit{'ies' if securities > 1 else 'y'} set aside{named}"
            )


def _dates(column: pd.Series, symbols: pd.Series) -> pd.Series:
    """Read dates as session dates: local times lose the time of day, instants in UTC are put in local time."""
    if isinstance(column.dtype, pd.DatetimeTZDtype) and str(column.dtype.tz) == "UTC":
        return _session_dates(column, symbols)
    if pd.api.types.is_datetime64_any_dtype(column):
        local: pd.Series = column.dt.tz_localize(None).dt.normalize()
        return local
    texts = column.astype(str).str.strip()
    days = pd.to_datetime(
        texts.str.slice(0, 10).str.replace(r"[./]", "-", regex=True), format="%Y-%m-%d", errors="coerce"
    )
    compact = texts.where(texts.str.fullmatch(r"\d{8}(?:\D.*)?")).str.slice(0, 8)
    days = days.fillna(pd.to_datetime(compact, format="%Y%m%d", errors="coerce"))
    instants = texts.str.contains(_UTC, regex=True)
    if instants.any():
        utc = pd.to_datetime(texts[instants], utc=True, errors="coerce", format="ISO8601")
        days[instants] = _session_dates(utc, symbols[instants])
    return days


def _session_dates(utc: pd.Series, symbols: pd.Series) -> pd.Series:
    """Dates at the exchanges of instants in UTC; midnight itself stands for a date without a time of day."""
    dates: pd.Series = utc.dt.tz_localize(None)
    timed = dates.notna() & (dates != dates.dt.normalize()) & (symbols != "")
    zones = symbols[timed].map({name: load_markets().of(name).time_zone for name in symbols[timed].unique()})
    for zone, rows in utc[timed].groupby(zones):
        dates[rows.index] = rows.dt.tz_convert(zone).dt.tz_localize(None)
    days: pd.Series = dates.dt.normalize()
    return days
