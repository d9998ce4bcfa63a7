"""How often each category test rejects on real returns where nothing happened, and where something was added.

Pseudo-events: a random session, and a basket of a random security with the names whose returns go most with
its own, as the members of a category do. There is no event, so a test at 5 % should reject in 5 % of them.
`spread` holds the basket against that of another random security.

By default the basket is chosen on the sessions outside the estimation and the event window, as a category is
chosen for its business and not for how it moved in either. Chosen in the estimation window itself
(`estimation`), a basket's correlation there is the highest of many and falls back afterwards, so that tests
which allow for correlation allow for too much.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from screener.analytics.category_tests import TESTS, category_test, spread
from screener.analytics.event_study import ESTIMATION_WINDOW, MarketCloses, align, study_event

if TYPE_CHECKING:
    from screener.analytics.event_study import EventStudy

Benchmark = Literal["index", "equal-weight"]
Membership = Literal["outside", "estimation"]
SIZES = (5, 10, 20)
WINDOWS = ((0, 0), (0, 4))
LAST = max(window[1] for window in WINDOWS)
#: added to every member's return on the event session
EFFECTS = (0.0, 0.01, 0.02, 0.03)
LEVEL = 0.05
COLUMNS = [*TESTS, "spread"]
MOST_TRADED = 720
INDICES = {".KS": "^KS11", ".KQ": "^KQ11"}
DATA = Path(os.environ.get("SCREENER_TEST_DATA", Path(__file__).parents[2].parent / "shared" / "prices"))


@dataclass(frozen=True)
class Exchange:
    """Closes of one market's most traded securities with a close on every session, and of its benchmark."""

    dates: np.ndarray
    closes: np.ndarray
    benchmark: np.ndarray


def load_exchanges(folder: Path = DATA, benchmark: Benchmark = "index") -> list[Exchange]:
    """KOSPI and KOSDAQ: together the MOST_TRADED by median daily turnover, of those with a full history."""
    bars = pd.read_parquet(folder / "krx-all.parquet", columns=["date", "symbol", "close", "volume"])
    bars["turnover"] = bars["close"] * bars["volume"]
    closes = bars.pivot_table(index="date", columns="symbol", values="close", observed=True).dropna(axis=1)
    turnover = bars.groupby("symbol", observed=True)["turnover"].median()[closes.columns]
    chosen = closes[sorted(turnover.nlargest(MOST_TRADED).index)].astype(float)
    return [
        Exchange(
            dates=chosen.index.to_numpy().astype("M8[D]"),
            closes=chosen.filter(regex=f"\\{suffix}$").to_numpy(),
            benchmark=_benchmark(folder, chosen, index, benchmark),
        )
        for suffix, index in INDICES.items()
    ]


def simulate(
    exchanges: list[Exchange], events: int, seed: int, membership: Membership = "outside"
) -> pd.DataFrame:
    """A row per pseudo-event, basket size, effect and window: 1 or 0 per test, and the mean correlation."""
    random = np.random.default_rng(seed)
    closes = np.concatenate([exchange.closes for exchange in exchanges], axis=1)
    first, last = 1 - ESTIMATION_WINDOW[0], len(closes) - 1 - LAST
    rows = np.sort(random.integers(first, last + 1, events))
    picked = random.integers(0, closes.shape[1], (events, 2))
    results = []
    for row in np.unique(rows):
        markets = [MarketCloses(event_row=int(row), **vars(exchange)) for exchange in exchanges]
        study = study_event(align(markets, last=LAST))
        returns = membership_returns(closes, int(row), membership)
        for pair in picked[rows == row]:
            basket, other = (nearest(returns, int(security)) for security in pair)
            results += [
                {"row": int(row), "size": size, **outcome}
                for size in SIZES
                for outcome in _outcomes(study.select([*basket[:size], *other[:size]]), size)
            ]
    return pd.DataFrame(results)


def membership_returns(closes: np.ndarray, row: int, membership: Membership) -> np.ndarray:
    """The returns on which the basket of a pseudo-event in `row` is chosen."""
    session = np.arange(1, len(closes)) - row
    if membership == "estimation":
        chosen = (session >= ESTIMATION_WINDOW[0]) & (session <= ESTIMATION_WINDOW[1])
    else:
        chosen = (session < ESTIMATION_WINDOW[0]) | (session > LAST)
    return (closes[1:] / closes[:-1] - 1.0)[chosen]


def nearest(returns: np.ndarray, security: int) -> np.ndarray:
    """Columns in the order of their correlation with one of them, itself first."""
    centred = returns - returns.mean(axis=0)
    norms = np.sqrt((centred**2).sum(axis=0))
    correlation = centred.T @ centred[:, security] / np.where(norms > 0, norms, np.inf)
    return np.argsort(-correlation, kind="stable")


def rejection_rates(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Percent of pseudo-events rejected at LEVEL: a row per effect, size and window; a column per test."""
    keys = ["effect", "size", "window"]
    return 100.0 * outcomes.groupby(keys)[COLUMNS].mean()


def standard_errors(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Of the rejection rates, in percent; pseudo-events of the same session count as one cluster."""
    keys = ["effect", "size", "window"]
    centred = outcomes[COLUMNS] - outcomes.groupby(keys)[COLUMNS].transform("mean")
    sums = centred.groupby([*(outcomes[key] for key in keys), outcomes["row"]]).sum()
    return 100.0 * np.sqrt((sums**2).groupby(keys).sum()).div(outcomes.groupby(keys).size(), axis=0)


def _outcomes(study: EventStudy, size: int) -> list[dict[str, object]]:
    """Of the first `size` securities, and of their spread over the rest, per effect and window."""
    basket, other = np.arange(size), np.arange(size, 2 * size)
    struck = (study.sessions == 0)[:, None] & np.isin(np.arange(2 * size), basket)
    outcomes: list[dict[str, object]] = []
    for effect in EFFECTS:
        shocked = replace(study, abnormal_returns=study.abnormal_returns + effect * struck)
        for window in WINDOWS:
            result = category_test(shocked, basket, window)
            tests = {**result.statistics, "spread": spread(shocked, basket, other, window).test}
            rejected = {name: float(statistic.p < LEVEL) for name, statistic in tests.items()}
            row = {"effect": effect, "window": window, "correlation": result.mean_correlation}
            outcomes.append({**row, **rejected})
    return outcomes


def _benchmark(folder: Path, closes: pd.DataFrame, index: str, benchmark: Benchmark) -> np.ndarray:
    if benchmark == "equal-weight":
        return (1.0 + closes.pct_change().mean(axis=1)).fillna(1.0).cumprod().to_numpy()
    bars = pd.read_parquet(folder / "theme-ohlcv.parquet", columns=["date", "symbol", "close"])
    return bars[bars["symbol"] == index].set_index("date")["close"].reindex(closes.index).to_numpy()
