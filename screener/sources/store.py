"""The price store as a source: what is there already, without a lock and without the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screener.errors import ConfigError
from screener.model import Failure, PriceSet
from screener.sources import storefile

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import pandas as pd
    import pyarrow as pa

    from screener.markets import Markets
    from screener.model import PriceRequest
    from screener.sources.storefile import Known

SOURCE = "store"
#: what is measured; the rest of a bar is in the files for whoever wants it
_COLUMNS = ["date", "symbol", "close", "dividend", "split"]
#: what is said of a symbol that nobody has asked for yet
NOT_STORED = "not in the price store"


def load(request: PriceRequest, markets: Markets | None = None) -> PriceSet:
    """Return the final bars that the store has of the wanted symbols; each it lacks is a failure."""
    import pyarrow as pa

    by_market, failures = by_market_of(request.symbols, markets)
    tables, notices, known = [], [], {}
    for market_id, symbols in by_market.items():
        try:
            shelf = storefile.read(market_id, symbols, [*_COLUMNS, "final"])
        except storefile.UnreadableStoreError as error:
            notices.append(f"{error}; `screener fetch` puts it aside and gets its prices anew")
            continue
        known.update(shelf.known)
        tables.append(_wanted(shelf.bars, request))
    bars = _frame(pa.concat_tables(tables) if tables else storefile.schema().empty_table().select(_COLUMNS))
    present = set(bars["symbol"].unique())
    for symbol in sorted(symbol for symbols in by_market.values() for symbol in symbols):
        failures += _failure(symbol, known.get(symbol), present=symbol in present)
    return PriceSet(
        source=SOURCE,
        bars=bars,
        failures=tuple(failures),
        notices=tuple(notices),
        fetched_at=_fetched_at(known, request.symbols),
    )


def by_market_of(
    symbols: Iterable[str], markets: Markets | None = None
) -> tuple[dict[str, list[str]], list[Failure]]:
    """Sort symbols by the market they trade on; those without a market are failures."""
    if markets is None:
        from screener.markets import load_markets

        markets = load_markets()
    by_market: dict[str, list[str]] = {}
    failures: list[Failure] = []
    for symbol in dict.fromkeys(symbols):
        try:
            by_market.setdefault(markets.of(symbol).id, []).append(symbol)
        except ConfigError as error:
            failures.append(Failure(symbol, str(error).removeprefix(f"{symbol}: ")))
    return by_market, failures


def _wanted(table: pa.Table, request: PriceRequest) -> pa.Table:
    """Final bars within the wanted dates."""
    import pyarrow as pa
    import pyarrow.compute as pc

    day = table["date"].cast(pa.date32())
    keep = pc.and_(table["final"], pc.greater_equal(day, pa.scalar(request.start)))
    if request.end is not None:
        keep = pc.and_(keep, pc.less_equal(day, pa.scalar(request.end)))
    return table.filter(keep).select(_COLUMNS)


def _frame(table: pa.Table) -> pd.DataFrame:
    """Bars by symbol and date; each market's come sorted, but symbols of two markets interleave."""
    if table.num_rows:
        table = table.sort_by([("symbol", "ascending"), ("date", "ascending")])
    frame: pd.DataFrame = table.to_pandas(use_threads=False)
    return frame


def _failure(symbol: str, known: Known | None, *, present: bool) -> list[Failure]:
    if known is None:
        return [] if present else [Failure(symbol, NOT_STORED)]
    reasons = [known.last_error, *known.set_aside]
    said = "; ".join(reason for reason in reasons if reason)
    if not present and not said:
        said = "no prices on the dates asked for"
    return [Failure(symbol, said)] if said else []


def _fetched_at(known: dict[str, Known], symbols: Iterable[str]) -> datetime | None:
    stamps = [known[symbol].fetched_at for symbol in symbols if symbol in known]
    return max((stamp for stamp in stamps if stamp is not None), default=None)
