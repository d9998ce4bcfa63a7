"""The bundled sample, against what its description says of it."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from screener import resources
from screener.model import PriceRequest
from screener.sources import sample

BENCHMARKS = {"SPY", "QQQ", "^KS11", "^KQ11"}


def load(*symbols):
    return sample.load(PriceRequest(symbols=symbols, start=date(2024, 10, 1)))


@pytest.fixture(scope="module")
def everything():
    with resources.bundled_sample().open(encoding="utf-8") as file:
        symbols = file.readline().strip().split(",")[1:]
    return load(*symbols)


def test_it_holds_46_members_and_4_benchmarks_in_7057_closes(everything):
    symbols = set(everything.bars["symbol"])
    assert len(symbols - BENCHMARKS) == 46
    assert symbols >= BENCHMARKS
    assert len(everything.bars) == 7057
    assert everything.failures == ()
    assert everything.source == "sample"


def test_bars_are_as_every_source_gives_them(everything):
    bars = everything.bars
    assert bars.columns.tolist() == ["date", "symbol", "close"]
    assert pd.api.types.is_datetime64_dtype(bars["date"])
    assert bars["close"].dtype == "float64"
    assert (bars["close"] > 0).all()
    assert not bars.duplicated(["symbol", "date"]).any()
    assert bars.equals(bars.sort_values(["symbol", "date"], ignore_index=True))


@pytest.mark.parametrize(
    ("symbol", "day", "close"),
    [
        # published: see the research's list of figures
        ("NVDA", "2025-01-06", 149.43),
        ("NVDA", "2025-01-24", 142.62),
        ("NVDA", "2025-01-27", 118.42),
        ("SPY", "2025-01-27", 599.37),
        ("000660.KS", "2025-01-31", 199200),
        ("^KS11", "2025-01-31", 2517.37),
        ("^KQ11", "2025-02-03", 703.8),
    ],
)
def test_closes_are_those_that_were_published(everything, symbol, day, close):
    bars = everything.bars
    assert bars[(bars["symbol"] == symbol) & (bars["date"] == day)]["close"].tolist() == [close]


def test_lg_cns_begins_with_its_listing():
    assert load("064400.KS").bars["date"].min() == pd.Timestamp("2025-02-05")


def test_what_it_does_not_have_is_a_failure_of_that_symbol_only():
    prices = load("NVDA", "TSM", "2330.TW")
    assert set(prices.bars["symbol"]) == {"NVDA"}
    assert [(failure.symbol, failure.reason) for failure in prices.failures] == [
        ("TSM", "not in the bundled sample"),
        ("2330.TW", "not in the bundled sample"),
    ]
