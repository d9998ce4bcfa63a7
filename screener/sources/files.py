"""Prices from the user's own CSV or Parquet: one file, or a folder of them, in place of Yahoo everywhere."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from screener import settings
from screener.errors import NoPricesError, UsageError
from screener.model import Failure, PriceRequest, PriceSet
from screener.sources import wide
from screener.sources.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

ENDINGS = (".csv", ".csv.gz", ".tsv", ".parquet", ".pq")
#: what others call our columns
ALIASES = {
    "datetime": "date",
    "timestamp": "date",
    "ticker": "symbol",
    "code": "symbol",
    "price": "close",
    "dividends": "dividend",
    "stock splits": "split",
    "splits": "split",
    "날짜": "date",
    "종목": "symbol",
    "종목코드": "symbol",
    "종가": "close",
}
BARS = {"date", "symbol", "close", "open", "high", "low", "volume", "dividend", "split"}


class _FileFault(Exception):
    """Why one file of many cannot be read."""


def load(request: PriceRequest, place: Path) -> PriceSet:
    """Read the wanted symbols from a file or from every price file of a folder.

    A file that cannot be read is one notice; rows that cannot be prices are set aside and said. A file is either
    long (`date, symbol, close[, open, high, low, volume, dividend, split]`), wide (`date` and one column a symbol),
    or of one security (`date, close, ...`), named by its symbol.
    """
    cleaned, notices = [], []
    for path in _files(place):
        try:
            frame = _read(path, request.symbols)
        except _FileFault as fault:
            notices.append(f"{path.name}: {fault}; file left out")
            continue
        notices += [f"{path.name}: {notice}" for notice in frame.attrs.get("notices", ())]
        cleaned.append(clean(frame[frame["symbol"].isin(request.symbols)], path.name, settings.now()))
        notices += cleaned[-1].notices
    if not cleaned:
        raise NoPricesError("\n".join((f"{place}: holds no prices that can be read", *notices)))
    merged = _merge(pd.concat([part.bars for part in cleaned], ignore_index=True), place, notices)
    failures = {failure.symbol: failure for part in cleaned for failure in part.failures}
    known = set(merged["symbol"].unique())
    missing = (
        failures.get(s, Failure(s, f"not in {place.name or place}"))
        for s in request.symbols
        if s not in known
    )
    return PriceSet(source=str(place), bars=merged, failures=tuple(missing), notices=tuple(notices))


def _files(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise UsageError(
            f"--source {place}: no such file or folder; expected auto, yahoo, store, sample, or a path to CSV or Parquet"
        )
    found = sorted(path for path in place.iterdir() if path.name.lower().endswith(ENDINGS))
    if not found:
        raise NoPricesError(f"--source {place}: no {', '.join(ENDINGS)} in this folder")
    return found


def _read(path: Path, symbols: Iterable[str]) -> pd.DataFrame:
    """Read one file as rows of date, symbol, close, ...; the index counts its lines."""
    frame = _read_parquet(path, symbols) if path.suffix.lower() in {".parquet", ".pq"} else _read_text(path)
    frame = _named(frame)
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise _FileFault(f"column {twice[0]!r} stands there twice; expected it once")
    if "date" not in frame.columns:
        raise _FileFault(f"no column 'date'; found {_shown(frame.columns)}")
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    return _long(frame, path)


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the columns our names; in a wide table only the date's, since LOW and OPEN are symbols there."""
    names = {name: _plain(name) for name in frame.columns}
    wide_table = not {"close", "symbol"} & set(names.values())
    return frame.rename(
        columns={name: plain for name, plain in names.items() if plain == "date" or not wide_table}
    )


def _plain(name: object) -> str:
    """Return our name of a column, or the name as it stands."""
    low = str(name).strip().lower()
    low = ALIASES.get(low, low)
    return low if low in BARS else str(name).strip()


def _long(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    if "symbol" in frame.columns and "close" in frame.columns:
        return frame
    if "close" in frame.columns:
        return frame.assign(symbol=path.name.removesuffix(".gz").rsplit(".", 1)[0])
    if "symbol" in frame.columns or not len(frame.columns) > 1:
        raise _FileFault(f"no column 'close'; found {_shown(frame.columns)}")
    lines = frame.index
    bars = wide.to_bars(frame.set_index("date"))
    bars.index = pd.Index(list(lines) * (len(frame.columns) - 1))
    return bars


def _read_parquet(path: Path, symbols: Iterable[str]) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names = pq.read_schema(path).names
        filters = [("symbol", "in", list(symbols))] if "symbol" in names else None
        frame = pq.read_table(path, filters=filters).to_pandas()
    except (pa.ArrowException, OSError) as error:
        raise _FileFault(f"no readable Parquet ({str(error).splitlines()[0]})") from None
    return frame if "date" in names else frame.reset_index(names="date")


def _read_text(path: Path) -> pd.DataFrame:
    try:
        raw = path.read_bytes()
        if path.suffix.lower() == ".gz":
            import gzip

            raw = gzip.decompress(raw)
    except (OSError, EOFError) as error:
        raise _FileFault(f"cannot be read ({error})") from None
    text = _decode(raw)
    if not text.strip():
        raise _FileFault("is empty; expected a header and lines of prices")
    separator = max(",;\t", key=text.partition("\n")[0].count)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            header = pd.read_csv(io.StringIO(text), sep=separator, nrows=0).columns
            dtype = {name: "str" for name in header if _plain(name) == "symbol"}
            frame = pd.read_csv(
                io.StringIO(text), sep=separator, dtype=dtype, on_bad_lines="warn", low_memory=False
            )
        except (pd.errors.ParserError, ValueError) as error:
            raise _FileFault(f"no readable CSV ({str(error).strip().splitlines()[0]})") from None
    skipped = [
        line
        for warning in caught
        for line in str(warning.message).splitlines()
        if line.startswith("Skipping")
    ]
    frame.attrs["notices"] = tuple(skipped)
    return frame


def _decode(raw: bytes) -> str:
    """Decode what spreadsheets write: UTF-8 with or without a mark, UTF-16, and Korean Windows."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp949")  # type: ignore[assignment]
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _FileFault("neither UTF-8, UTF-16 nor CP949 text; save it as UTF-8")


def _merge(bars: pd.DataFrame, place: Path, notices: list[str]) -> pd.DataFrame:
    """Sort the files' bars together; where two files disagree on a day, neither is believed."""
    bars = bars.sort_values(["symbol", "date"], kind="stable").drop_duplicates(["symbol", "date", "close"])
    twice = bars.duplicated(["symbol", "date"], keep=False)
    if twice.any():
        names = sorted(set(bars.loc[twice, "symbol"]))
        notices.append(
            f"{place}: files disagree on {int(twice.sum()) // 2} closes of {_shown(names)}; set aside"
        )
    return bars[~twice].reset_index(drop=True)


def _shown(names: Iterable[object], most: int = 6) -> str:
    words = [str(name) for name in names]
    return ", ".join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")
