"""Prices from the user's own CSV or Parquet: one file, or a folder of them, in place of Yahoo everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from screener import settings
from screener.errors import NoPricesError, UsageError
from screener.model import Failure, PriceRequest, PriceSet
from screener.sources import pricefile
from screener.sources.clean import clean, one_close_a_day
from screener.sources.csvtext import FileFault
from screener.sources.pricefile import listed

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from screener.sources.clean import Cleaned

ENDINGS = (".csv", ".csv.gz", ".tsv", ".parquet", ".pq")


def load(request: PriceRequest, place: Path) -> PriceSet:
    """Read the wanted symbols from a file or from every price file of a folder.

    A file that cannot be read is one notice; rows that cannot be prices are set aside and said. A file is
    either long (`date, symbol, close[, open, high, low, volume, dividend, split]`), wide (`date` and one
    column a symbol), or of one security (`date, close, ...`), named by its symbol.
    """
    # numbers without their market's suffix are looked for as well, only to be told
    numbers = {symbol.partition(".")[0]: symbol for symbol in request.symbols if symbol[:1].isdigit()}
    parts, notices, known = _read_all(place, request.symbols, numbers)
    if not parts:
        raise NoPricesError("\n".join((f"{place}: holds no prices that can be read", *notices)))
    bars = pd.concat([part.bars for part in parts], ignore_index=True)
    bars, apart = one_close_a_day(bars)
    if len(apart):
        days = len(apart.drop_duplicates(["symbol", "date"]))
        names = listed(sorted(set(apart["symbol"])))
        notices.append(f"{place}: files disagree on {days} closes of {names}; set aside")
    reasons = {failure.symbol: failure.reason for part in parts for failure in part.failures} | {
        symbol: f"{place.name} has {number} without its suffix; expected {symbol}"
        for number, symbol in numbers.items()
        if number in known and symbol not in known
    }
    missing = set(request.symbols) - set(bars["symbol"].unique())
    failures = (Failure(symbol, reasons.get(symbol, f"not in {place.name or place}")) for symbol in missing)
    return PriceSet(
        source=str(place), bars=bars, failures=tuple(sorted(failures, key=_symbol)), notices=tuple(notices)
    )


def _read_all(
    place: Path, symbols: Collection[str], numbers: Collection[str]
) -> tuple[list[Cleaned], list[str], set[str]]:
    """Read every file; return the parts that could be, what is to be said, and the symbols that were seen."""
    parts: list[Cleaned] = []
    notices: list[str] = []
    known: set[str] = set()
    for path in _files(place):
        try:
            found = pricefile.read(path, {*symbols, *numbers})
        except FileFault as fault:
            notices.append(f"{path.name}: {fault}; file left out")
            continue
        wanted = found.rows[found.rows["symbol"].isin({*symbols, ""})]
        part = clean(wanted, path.name, settings.now())
        notices += [*(f"{path.name}: {notice}" for notice in found.notices), *part.notices]
        known |= set(found.rows["symbol"].unique())
        parts.append(part)
    return parts, notices, known


def _files(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise UsageError(
            f"--source {place}: no such file or folder; "
            "expected auto, yahoo, store, sample, or a path to CSV or Parquet"
        )
    found = sorted(
        path
        for path in place.iterdir()
        if path.name.lower().endswith(ENDINGS) and not path.name.startswith(".")
    )
    if not found:
        raise NoPricesError(f"--source {place}: no {', '.join(ENDINGS)} in this folder")
    return found


def _symbol(failure: Failure) -> str:
    return failure.symbol
