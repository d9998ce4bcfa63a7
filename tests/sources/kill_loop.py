"""Kills a fetch at random moments, again and again, and looks at the store after each time.

Run as `python -m tests.sources.kill_loop URL COUNT SEED SYMBOL...`. The children are forks of a process that has
everything imported, so that a kill strikes the fetch and not the start of Python.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from datetime import UTC, date, datetime, timedelta

from screener.markets import load_markets
from screener.model import PriceRequest
from screener.sources import fetch, harvest, storefile  # noqa: F401 - imported before the forks
from screener.sources.pace import FetchSettings
from tests.fakeyahoo.client import yfinance_at

START = date(2024, 2, 1)
KNOBS = FetchSettings(rate=1e5, commit=0.02, backoff=0.01)


def stored(markets: list[str]) -> dict[tuple[str, object], float]:
    """Every row of the store; fails where a file does not open."""
    rows = {}
    for market in markets:
        bars = storefile.read(market).bars
        keys = zip(bars["symbol"].to_pylist(), bars["date"].to_pylist(), strict=True)
        rows.update(zip(keys, bars["close"].to_pylist(), strict=True))
    return rows


def killed(request: PriceRequest, seconds: float) -> bool:
    """Fetch in a child and kill it after a while; whether it was still at work."""
    child = os.fork()
    if not child:
        fetch.refresh(request, knobs=KNOBS)
        os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def main(url: str, count: int, seed: int, symbols: list[str]) -> None:
    """Kill so often, and print how often that struck and how often the store had grown."""
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    request = PriceRequest(symbols=tuple(symbols), start=START)
    markets = sorted({load_markets().of(symbol).id for symbol in symbols})
    struck = grown = 0
    moment = datetime(2025, 1, 6, 23, tzinfo=UTC)
    with yfinance_at(url):
        before = stored(markets)
        # on a slow machine most kills come before anything is stored: go on until enough have come after
        while struck < count or (grown < count / 5 and struck < 20 * count):
            os.environ["SCREENER_NOW"] = moment.isoformat()
            if killed(request, chance.uniform(0.02, 0.9)):
                struck += 1
            elif moment < datetime(2025, 2, 14, 23, tzinfo=UTC):
                moment += timedelta(days=1)
            else:
                storefile.path_of(chance.choice(markets)).unlink(missing_ok=True)
                before = stored(markets)
            after = stored(markets)
            lost = before.items() - after.items()
            assert not lost, f"{len(lost)} rows lost: {sorted(map(str, lost))[:3]}"
            grown += len(after) > len(before)
            before = after
    print(struck, grown)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
