"""Markets made up for tests: correlated random walks, with closes missing here and there."""

from __future__ import annotations

import numpy as np

from screener.analytics.event_study import MarketCloses
from tests.analytics.papers import Security


def simulated_market(
    seed: int, securities: int = 4, *, missing: float = 0.0, after: int = 15, start: str = "2024-01-01"
) -> MarketCloses:
    """131 closes before the event and `after` + 1 from it on; `missing` is the share of closes left out."""
    random = np.random.default_rng(seed)
    sessions = 132 + after
    index = random.normal(0.0005, 0.01, sessions)
    shared = random.normal(0.0, 0.01, (sessions, 1))
    own = random.normal(0.0, 0.02, (sessions, securities))
    beta = random.uniform(0.3, 2.0, securities)
    closes = 100.0 * np.cumprod(1.0 + beta * index[:, None] + shared + own, axis=0)
    benchmark = 1000.0 * np.cumprod(1.0 + index)
    closes[random.random(closes.shape) < missing] = np.nan
    benchmark[random.random(sessions) < missing / 10] = np.nan
    dates = np.datetime64(start) + np.cumsum(random.choice([1, 3], sessions, p=[0.8, 0.2]))
    return MarketCloses(dates=dates, closes=closes, benchmark=benchmark, event_row=131)


def securities_of(market: MarketCloses) -> list[Security]:
    """The same securities for the oracle, in plain lists."""
    plain = [None if np.isnan(value) else float(value) for value in market.benchmark]
    return [
        Security(
            [None if np.isnan(value) else float(value) for value in column],
            plain,
            market.event_row,
            list(market.dates),
        )
        for column in market.closes.T
    ]
