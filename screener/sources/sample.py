"""The bundled sample: real published closes of 46 members and 4 benchmarks, 2024-10-01 to 2025-04-30."""

from __future__ import annotations

from screener import resources
from screener.model import Failure, PriceRequest, PriceSet
from screener.sources import wide


def load(request: PriceRequest) -> PriceSet:
    """Return what the sample has of the wanted symbols; the others are failures."""
    bars = wide.read(resources.bundled_sample())
    bars = bars[bars["symbol"].isin(request.symbols)]
    known = set(bars["symbol"].unique())
    missing = tuple(
        Failure(symbol, "not in the bundled sample") for symbol in request.symbols if symbol not in known
    )
    return PriceSet(source="sample", bars=bars, failures=missing)
