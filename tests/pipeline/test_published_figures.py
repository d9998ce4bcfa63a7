"""Every published close and one-day move of the research, held against the real prices through our panels."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from screener.analytics.panel import build_panel
from screener.calendars import sessions_of
from screener.markets import load_markets
from screener.model import PriceRequest
from screener.sources import files

#: in the order in which they are asked: official and raw before dividend-adjusted
PRICES = ("theme-ohlcv.parquet", "krx-all.parquet", "us-all-close.parquet")
FIGURES = {"close", "close_split_adjusted", "pct_move_1d"}
BASE = np.datetime64("2025-01-24")

ONE_VENUE = "the file's closes of US small caps are the last trade of one venue, not the official close"
TAIWAN = "the file's Taiwan closes are dividend-adjusted"
SHARES = "the file is back-adjusted for the rights issue of 2025"
FUND = "only us-all-close.parquet has it, dividend-adjusted"
#: (date, symbol, figure): why the file does not say what was printed
DISAGREEING = {
    ("2025-01-27", "DOCN", "close"): ONE_VENUE,
    ("2025-01-27", "HUBS", "close"): ONE_VENUE,
    ("2025-02-10", "HUBS", "close"): ONE_VENUE,
    ("2025-01-27", "SMCI", "pct_move_1d"): "33.27 to 29.07 is -12.62 % in two files; -12.5 was printed early",
    ("2025-01-28", "9888.HK", "pct_move_1d"): "half day: the file has 87.70 without volume, +3.6 % is 87.80",
    ("2025-02-03", "2330.TW", "close"): TAIWAN,
    ("2025-02-04", "2330.TW", "close"): TAIWAN,
    ("2025-01-31", "012450.KS", "close"): SHARES,
    ("2025-06-18", "035420.KS", "close"): "the file's Korean prices end on 2025-06-16",
    ("2025-01-27", "IWM", "close"): FUND,
    ("2025-01-28", "IWM", "close"): FUND,
    ("2025-01-30", "IWM", "close"): FUND,
    ("2025-01-31", "IWM", "close"): FUND,
}
#: figures of securities that no file has
WITHOUT_PRICES = {
    "000688.SS": 1,
    "1810.HK": 1,
    "2454.TW": 1,
    "HSTECH": 1,
    "^HSI": 4,
    "^N225": 2,
    "^RUT": 1,
    "^SOX": 2,
    "^TWII": 1,
}


@pytest.fixture(scope="module")
def published(prices_folder):
    path = prices_folder.parent / "research" / "published-figures.csv"
    if not path.is_file():
        pytest.skip(f"no published figures in {path}")
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["figure"] in FIGURES]
    return [row for row in rows if row["note"] != "dividend-adjusted"]


@pytest.fixture
def panels(published, prices_folder, monkeypatch):
    """A panel of each published security, from the first file that has it."""
    monkeypatch.setenv("SCREENER_NOW", "2026-08-22T12:00:00Z")
    missing = dict.fromkeys(row["yahoo_symbol"] for row in published)
    found = {}
    for name in PRICES:
        request = PriceRequest(symbols=tuple(missing), start=date(2024, 1, 1))
        for symbol, bars in files.load(request, prices_folder / name).bars.groupby("symbol"):
            market = load_markets().of(symbol)
            found[symbol] = build_panel(bars, market, sessions_of(market.calendar).dates, BASE)
            del missing[symbol]
    return found


def agrees(row, panel):
    """Whether the file says the figure to the last digit in which it was printed."""
    close = panel.closes(row["yahoo_symbol"])
    at = int(np.searchsorted(panel.dates, np.datetime64(row["date"])))
    assert panel.dates[at] == np.datetime64(row["date"]), "printed for a day without a session"
    found = 100 * (close[at] / close[at - 1] - 1) if row["figure"] == "pct_move_1d" else close[at]
    last_digit = 10.0 ** Decimal(row["value"]).as_tuple().exponent
    return abs(found - float(row["value"])) <= last_digit / 2 + 1e-6


def test_every_published_figure_agrees_but_those_with_a_known_reason(published, panels):
    rows = [row for row in published if row["yahoo_symbol"] in panels]
    disagreeing = {
        (row["date"], row["yahoo_symbol"], row["figure"])
        for row in rows
        if not agrees(row, panels[row["yahoo_symbol"]])
    }
    assert disagreeing == set(DISAGREEING)
    assert len(rows) > 100


def test_the_securities_that_no_file_has_are_known(published, panels):
    without = [row["yahoo_symbol"] for row in published if row["yahoo_symbol"] not in panels]
    assert {symbol: without.count(symbol) for symbol in without} == WITHOUT_PRICES
