"""The store while it is written: what it has of the securities in hand, and what waits for a commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from screener.sources import storefile
from screener.sources.intake import Stored
from screener.sources.storefile import Known, Shelf

if TYPE_CHECKING:
    from collections.abc import Iterable


class Ledger:
    """One market's file, opened for writing under the store's lock."""

    def __init__(self, market_id: str, symbols: Iterable[str]) -> None:
        self._market_id = market_id
        #: what was found unusable and put aside
        self.notice = ""
        symbols = list(symbols)
        try:
            shelf = storefile.read(market_id, symbols)
        except storefile.UnreadableStoreError as error:
            self.notice = storefile.set_aside(error)
            shelf = storefile.read(market_id, symbols)
        self.known: dict[str, Known] = shelf.known
        self._empty = shelf.bars.slice(0, 0).to_pandas()
        self._bars = {
            str(symbol): bars.reset_index(drop=True)
            for symbol, bars in shelf.bars.to_pandas().groupby("symbol")
        }
        self._changed: dict[str, Stored] = {}

    def stored(self, symbol: str) -> Stored:
        """Return what there is of a symbol: nothing at all for a new one."""
        return Stored(self._bars.get(symbol, self._empty), self.known.get(symbol) or Known(symbol=symbol))

    def put(self, stored: Stored) -> None:
        """Hold new bars and knowledge for the next commit."""
        symbol = stored.known.symbol
        self._bars[symbol], self.known[symbol] = stored.bars, stored.known
        self._changed[symbol] = stored

    def note(self, known: Known) -> None:
        """Hold new knowledge of a symbol; its bars stay as they are."""
        self.put(Stored(self.stored(known.symbol).bars, known))

    def commit(self) -> None:
        """Write what has changed since the last commit. Raises StoreWriteError."""
        if not self._changed:
            return
        storefile.write(self._market_id, self._updated(storefile.read(self._market_id)))
        self._changed.clear()

    def _updated(self, shelf: Shelf) -> Shelf:
        gone = pa.array(list(self._changed), pa.string())
        tables = [shelf.bars.filter(pc.invert(pc.is_in(shelf.bars["symbol"], gone)))]
        tables.append(_table(pd.concat([stored.bars for stored in self._changed.values()])))
        known = shelf.known | {symbol: stored.known for symbol, stored in self._changed.items()}
        return Shelf(pa.concat_tables(tables), known)


def _table(bars: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(
        bars[storefile.schema().names], schema=storefile.schema(), preserve_index=False
    )
