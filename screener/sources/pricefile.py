"""One CSV or Parquet file of prices as rows of date, symbol, close, ...: long, wide or of one security."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from screener.sources import csvtext, wide
from screener.sources.csvtext import FileFault

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

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
    "일자": "date",
    "종목": "symbol",
    "종목코드": "symbol",
    "종가": "close",
}
BARS = {"date", "symbol", "close", "open", "high", "low", "volume", "dividend", "split"}
PARQUET = {".parquet", ".pq"}


@dataclass(frozen=True, slots=True)
class PriceRows:
    """Rows as they stand in a file, their line numbers as the index (0 where there are no lines)."""

    rows: pd.DataFrame
    notices: tuple[str, ...] = ()


def read(path: Path, symbols: Collection[str]) -> PriceRows:
    """Read the rows of the wanted symbols, and those without a symbol. Raises FileFault."""
    if path.suffix.lower() in PARQUET:
        table = csvtext.CsvTable(_read_parquet(path, symbols))
    else:
        table = csvtext.read(path, text_columns=_is_text)
    frame = _named(table.frame)
    # two columns of one security are two closes a day, and dealt with as such
    if twice := sorted(BARS & set(frame.columns[frame.columns.duplicated()])):
        raise FileFault(f"column {twice[0]!r} stands there twice; expected it once")
    if "date" not in frame.columns:
        raise FileFault(f"no column 'date'; found {listed(frame.columns)}")
    rows = _long(frame, path, symbols)
    rows["symbol"] = _stripped(rows["symbol"])
    return PriceRows(rows[rows["symbol"].isin({*symbols, ""})], table.notices)


def listed(names: Iterable[object], most: int = 6) -> str:
    """A few names, and how many more there are."""
    words = [str(name) for name in names]
    return ", ".join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")


def _is_text(name: str) -> bool:
    return _plain(name) in {"date", "symbol"}


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the columns our names; in a wide table only the date's, since LOW and OPEN are symbols there."""
    plain = [_plain(name) for name in frame.columns]
    if not {"close", "symbol"} & set(plain):
        plain = [
            name if name == "date" else str(given) for name, given in zip(plain, frame.columns, strict=True)
        ]
    return frame.set_axis(plain, axis=1)


def _plain(name: object) -> str:
    """Return our name of a column, or the name as it stands."""
    text = str(name).strip()
    low = ALIASES.get(text.lower(), text.lower())
    return low if low in BARS else text


def _long(frame: pd.DataFrame, path: Path, symbols: Collection[str]) -> pd.DataFrame:
    if {"symbol", "close"} <= set(frame.columns):
        return frame.copy()
    if "close" in frame.columns:
        return frame.assign(symbol=path.name.removesuffix(".gz").rsplit(".", 1)[0])
    quotes = {_plain(name) for name in frame.columns} <= BARS and not set(symbols) & set(frame.columns)
    if "symbol" in frame.columns or quotes:
        raise FileFault(f"no column 'close'; found {listed(frame.columns)}")
    wanted = frame.columns.isin(list(symbols))
    bars = wide.to_bars(frame.set_index("date").loc[:, wanted[frame.columns != "date"]])
    bars.index = pd.Index(np.tile(frame.index.to_numpy(), int(wanted.sum())))
    return bars


def _stripped(symbols: pd.Series) -> pd.Series:
    """Symbols without blanks around them; "" for none."""
    codes, names = pd.factorize(symbols)
    texts = np.array([*(str(name).strip() for name in names), ""], dtype=object)
    return pd.Series(texts[codes], index=symbols.index, dtype="str")


def _read_parquet(path: Path, symbols: Collection[str]) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names = pq.read_schema(path).names
        filters = [("symbol", "in", list(symbols))] if "symbol" in names else None
        # the index of whoever wrote it comes back as a plain column
        frame: pd.DataFrame = pq.read_table(path, filters=filters).to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError) as error:
        raise FileFault(f"no readable Parquet ({str(error).strip().splitlines()[0]})") from None
    if "date" not in {_plain(name) for name in names}:
        frame = frame.rename(columns={"__index_level_0__": "date"})
    frame.index = pd.Index(np.zeros(len(frame), dtype=int))
    return frame
