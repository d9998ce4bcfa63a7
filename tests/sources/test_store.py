"""The price store: what it reads, how it heals, and that others read it, too."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime

import pandas as pd
import pyarrow.parquet as pq
import pytest

from screener.sources import store, storefile
from screener.sources.storefile import Known, Shelf, StoreWriteError, UnreadableStoreError
from tests.fakeyahoo.lab import DAY

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
NOW = datetime(2025, 2, 14, 23, tzinfo=UTC)


def table(*symbols, days=("2025-02-13", "2025-02-14"), final=True):
    rows = [
        {
            "date": datetime.fromisoformat(day),
            "symbol": symbol,
            "open": 1.0,
            "high": 1.0,
            "low": 1.0,
            "close": 1.0 + at,
            "volume": 5.0,
            "dividend": None,
            "split": None,
            "final": final,
            "fetched_at": NOW,
        }
        for symbol in symbols
        for at, day in enumerate(days)
    ]
    return storefile.schema().empty_table().from_pylist(rows, schema=storefile.schema())


@pytest.fixture
def prices(price_cache):
    (price_cache / "prices").mkdir()
    return price_cache / "prices"


def test_what_is_written_is_read(prices):
    known = Known(symbol="AAPL", currency="USD", listed=date(1980, 12, 12), fetched_at=NOW, retry_after=NOW)
    storefile.write("US", Shelf(table("AAPL", "MSFT"), {"AAPL": known}))
    shelf = storefile.read("US")
    assert shelf.bars.to_pylist() == table("AAPL", "MSFT").to_pylist()
    assert shelf.known == {"AAPL": known}
    assert storefile.read_known("US") == {"AAPL": known}
    assert [path.name for path in prices.iterdir()] == ["US.parquet"]


def test_the_same_content_makes_the_same_bytes(prices):
    storefile.write("US", Shelf(table("AAPL", "MSFT"), {"AAPL": Known(symbol="AAPL")}))
    first = (prices / "US.parquet").read_bytes()
    storefile.write("US", Shelf(table("MSFT", "AAPL"), {"AAPL": Known(symbol="AAPL")}))
    assert (prices / "US.parquet").read_bytes() == first


def test_one_symbol_is_read_from_its_own_part_of_a_large_file(prices, monkeypatch):
    monkeypatch.setattr(storefile, "_GROUP_ROWS", 2)
    storefile.write("US", Shelf(table("AAPL", "MSFT", "NVDA")))
    opened = pq.ParquetFile(prices / "US.parquet")
    assert opened.metadata.num_row_groups == 3
    assert storefile._groups(opened.metadata, ["MSFT"]) == [1]
    assert storefile.read("US", ["MSFT"]).bars["symbol"].unique().to_pylist() == ["MSFT"]


def test_the_bars_asked_for_are_final_within_the_dates_and_sorted(lab):
    storefile.folder().mkdir()
    storefile.write("KOSPI", Shelf(table("005930.KS")))
    storefile.write("US", Shelf(table("ZZZ", "AAPL", "NVDA")))
    prices = store.load(lab.request("ZZZ", "005930.KS", "AAPL", start=DAY))
    assert prices.bars[["symbol", "close"]].to_numpy().tolist() == [
        ["005930.KS", 2.0],
        ["AAPL", 2.0],
        ["ZZZ", 2.0],
    ]
    prices = store.load(lab.request("AAPL", end=date(2025, 2, 13)))
    assert prices.bars["close"].tolist() == [1.0]
    storefile.write("US", Shelf(table("AAPL", final=False)))
    assert store.load(lab.request("AAPL")).bars.empty


def test_the_frame_has_the_types_of_the_price_model(lab):
    lab.serve("AAPL")
    lab.refresh()
    bars = lab.stored().bars
    assert str(bars["date"].dtype).startswith("datetime64")
    assert bars["date"].dt.tz is None
    assert (bars["date"] == bars["date"].dt.normalize()).all()
    assert all(isinstance(symbol, str) for symbol in bars["symbol"])
    assert bars["close"].dtype == "float64"


def test_an_empty_store_says_so_for_each_symbol(lab):
    prices = store.load(lab.request("AAPL", "X.ZZ"))
    assert prices.bars.empty
    reasons = {failure.symbol: failure.reason for failure in prices.failures}
    assert reasons["AAPL"] == "not in the price store"
    assert "no market has the suffix .ZZ" in reasons["X.ZZ"]
    assert prices.fetched_at is None


TORN = {
    "cut in half": lambda raw: raw[: len(raw) // 2],
    "empty": lambda _: b"",
    "zeros": lambda raw: bytes(len(raw)),
    "foreign": lambda _: b"date,symbol,close\n2025-02-14,AAPL,1\n",
    "a flipped bit in a page": lambda raw: raw[:80] + bytes([raw[80] ^ 255]) + raw[81:],
}


@pytest.mark.parametrize("kind", TORN)
def test_a_torn_file_is_said_by_readers_and_put_aside_and_fetched_anew_by_the_writer(lab, kind):
    lab.serve("AAPL", "005930.KS")
    lab.refresh()
    path = storefile.path_of("US")
    whole = path.read_bytes()
    torn = TORN[kind](whole)
    path.write_bytes(torn)
    prices = lab.stored()
    assert len(prices.notices) == 1
    assert "US.parquet" in prices.notices[0]
    assert set(prices.bars["symbol"]) == {"005930.KS"}
    report = lab.refresh(whole=True)
    assert set(lab.statuses(report).values()) == {"updated"}
    assert "kept as US.parquet.unusable-20250214T230000Z" in report.notices[0]
    assert path.with_name("US.parquet.unusable-20250214T230000Z").read_bytes() == torn
    assert lab.closes("AAPL") == lab.truth("AAPL")
    assert lab.stored().notices == ()


@pytest.mark.parametrize(
    "kind", ["another schema version", "a Parquet file of somebody else", "other columns"]
)
def test_a_file_of_another_make_is_unusable_with_its_reason(prices, kind):
    storefile.write("US", Shelf(table("AAPL")))
    path = prices / "US.parquet"
    read = pq.read_table(path)
    metadata = dict(read.schema.metadata)
    if kind == "another schema version":
        pq.write_table(read.replace_schema_metadata({**metadata, b"screener.schema": b"99"}), path)
        reason = "schema '99', expected '1'"
    elif kind == "other columns":
        pq.write_table(read.drop_columns(["split"]).replace_schema_metadata(metadata), path)
        reason = "its columns are not those of the store"
    else:
        pq.write_table(read.replace_schema_metadata({}), path)
        reason = "not written by the screener"
    with pytest.raises(UnreadableStoreError, match=reason):
        storefile.read("US")


def test_pandas_reads_it_as_it_is(lab):
    lab.serve("AAPL")
    lab.refresh()
    frame = pd.read_parquet(storefile.path_of("US"))
    assert list(frame.columns) == storefile.schema().names
    assert frame.loc[frame["date"] >= "2025-02-14", "close"].tolist() == [lab.truth("AAPL")[DAY]]


DUCKDB = "import duckdb; print(duckdb.sql(\"select close from '{path}' where date = '2025-02-14'\").fetchall()[0][0])"
POLARS = (
    "import datetime, polars as pl\n"
    "print(pl.read_parquet('{path}').filter(pl.col('date') == datetime.date(2025, 2, 14))['close'].item())"
)


@pytest.mark.parametrize(("library", "code"), [("duckdb", DUCKDB), ("polars", POLARS)])
def test_other_libraries_read_it_as_it_is(lab, library, code):
    pytest.importorskip(library)
    lab.serve("AAPL")
    lab.refresh()
    code = code.format(path=storefile.path_of("US"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) == lab.truth("AAPL")[DAY]


def test_the_store_is_as_readable_as_any_new_file(prices):
    storefile.write("US", Shelf(table("AAPL")))
    (prices / "other").touch()
    assert (prices / "US.parquet").stat().st_mode == (prices / "other").stat().st_mode


def test_leftovers_of_killed_writers_are_swept_up(lab):
    lab.serve("AAPL")
    storefile.folder().mkdir()
    leftover = storefile.folder() / "US-abc.tmp"
    leftover.write_bytes(b"half a file")
    lab.refresh()
    assert not leftover.exists()


def test_a_full_disk_leaves_the_old_file_and_no_other(prices, monkeypatch):
    storefile.write("US", Shelf(table("AAPL")))
    before = (prices / "US.parquet").read_bytes()

    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(StoreWriteError, match="No space left on device; what it held is as it was"):
        storefile.write("US", Shelf(table("MSFT")))
    assert (prices / "US.parquet").read_bytes() == before
    assert [path.name for path in prices.iterdir()] == ["US.parquet"]


def test_the_store_is_flushed_to_the_disk_before_it_takes_its_name(prices, monkeypatch):
    order = []
    import os
    from pathlib import Path

    sync, rename = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (order.append("sync"), sync(handle)))
    monkeypatch.setattr(
        Path, "replace", lambda self, target: (order.append("rename"), rename(self, target))[1]
    )
    storefile.write("US", Shelf(table("AAPL")))
    assert order == ["sync", "rename", "sync"]
