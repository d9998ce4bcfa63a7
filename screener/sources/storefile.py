"""One market's Parquet file: bars as rows, and in its metadata what is known of each symbol.

Both live in one file, so that one rename changes both or neither.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date, datetime  # noqa: TC003 - msgspec reads the annotations of Known
from functools import cache
from typing import TYPE_CHECKING

from screener import settings
from screener.errors import ConfigError, ScreenerError
from screener.sources.answer import Standing  # noqa: TC001 - read by msgspec, too

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pyarrow as pa
    from pyarrow.parquet import FileMetaData, ParquetFile

SCHEMA_VERSION = 1
_VERSION_KEY = b"screener.schema"
_KNOWN_KEY = b"screener.known"
# few enough rows that one security of a large market is read without the rest of it
_GROUP_ROWS = 20_000


class StoreWriteError(ConfigError):
    """The store cannot be written; what it held is as it was."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(
            f"{path}: cannot write the price store: {error.strerror or error}; what it held is as it was. "
            "Free some space, or put another folder in SCREENER_CACHE_DIR"
        )


class UnreadableStoreError(ScreenerError):
    """A file of the store that is torn, foreign or of another version."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path.name} in the price store cannot be used ({reason})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store knows of one symbol besides its bars."""

    symbol: str
    status: Standing = "ok"
    currency: str = ""
    time_zone: str = ""
    #: first day on which the vendor says it traded
    listed: date | None = None
    #: the dates that have been asked for and answered, both included
    asked_from: date | None = None
    asked_through: date | None = None
    #: its last final bar
    last_date: date | None = None
    #: last time that the vendor answered with prices
    fetched_at: datetime | None = None
    last_error: str = ""
    #: what of the last answer was set aside, and why
    set_aside: tuple[str, ...] = ()
    #: not asked for again before
    retry_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """Bars and knowledge of one market as read from its file."""

    bars: pa.Table
    known: dict[str, Known] = field(default_factory=dict)


def folder() -> Path:
    """Folder of the price store."""
    return settings.cache_folder() / "prices"


def path_of(market_id: str) -> Path:
    """File of one market."""
    return folder() / f"{market_id}.parquet"


@cache
def schema() -> pa.Schema:
    """Columns of a store file."""
    import pyarrow as pa

    numbers = ("open", "high", "low", "close", "volume", "dividend", "split")
    return pa.schema(
        [
            ("date", pa.timestamp("ms")),
            ("symbol", pa.string()),
            *((name, pa.float64()) for name in numbers),
            ("final", pa.bool_()),
            ("fetched_at", pa.timestamp("ms", tz="UTC")),
        ]
    )


def read_known(market_id: str) -> dict[str, Known]:
    """What is known of each symbol of a market; empty without a file. Raises UnreadableStoreError."""
    opened = _open(path_of(market_id))
    return _known(opened, path_of(market_id)) if opened else {}


def read(market_id: str, symbols: Iterable[str] | None = None, columns: list[str] | None = None) -> Shelf:
    """Read bars of some symbols (all of them without `symbols`). Raises UnreadableStoreError."""
    import pyarrow as pa
    import pyarrow.compute as pc

    path = path_of(market_id)
    opened = _open(path)
    if opened is None:
        return Shelf(schema().empty_table().select(columns or schema().names))
    known = _known(opened, path)
    wanted = None if symbols is None else sorted(symbols)
    try:
        # threads cost more to start than a market takes to read
        table = opened.read_row_groups(_groups(opened.metadata, wanted), columns=columns, use_threads=False)
    except (OSError, pa.ArrowException) as error:
        raise UnreadableStoreError(path, _first_line(error)) from error
    if wanted is not None:
        table = table.filter(pc.is_in(table["symbol"], pa.array(wanted, pa.string())))
    return Shelf(table, known)


def write(market_id: str, shelf: Shelf) -> None:
    """Put a market's file in place in one step. The caller holds the store's lock. Raises StoreWriteError."""
    import msgspec

    path = path_of(market_id)
    metadata = {
        _VERSION_KEY: str(SCHEMA_VERSION).encode(),
        _KNOWN_KEY: msgspec.json.encode(sorted(shelf.known.values(), key=lambda known: known.symbol)),
    }
    table = shelf.bars.sort_by([("symbol", "ascending"), ("date", "ascending")])
    try:
        _replace(path, table.cast(schema()).replace_schema_metadata(metadata))
    except OSError as error:
        raise StoreWriteError(path, error) from error


def set_aside(error: UnreadableStoreError) -> str:
    """Move an unusable file out of the way, under the store's lock, and say where it is now."""
    stamp = settings.now().strftime("%Y%m%dT%H%M%SZ")
    target = error.path.with_name(f"{error.path.name}.unusable-{stamp}")
    error.path.replace(target)
    return f"{error}; it is kept as {target.name} and its prices are fetched anew"


def sweep() -> None:
    """Remove what killed writers left behind, under the store's lock."""
    for leftover in folder().glob("*.tmp"):
        leftover.unlink(missing_ok=True)


def _replace(path: Path, table: pa.Table) -> None:
    import pyarrow.parquet as pq

    temporary = path.with_name(f"{path.stem}-{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            pq.write_table(
                table,
                file,
                row_group_size=_GROUP_ROWS,
                compression="zstd",
                use_dictionary=["symbol"],
                write_page_checksum=True,
            )
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(where: Path) -> None:
    """Make the rename itself survive a power cut."""
    handle = os.open(where, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _open(path: Path) -> ParquetFile | None:
    """Return the opened file, None where there is none. Raises UnreadableStoreError."""
    try:
        if not path.exists():
            return None
    except OSError as error:
        raise UnreadableStoreError(path, error.strerror or str(error)) from error
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        opened = pq.ParquetFile(path, page_checksum_verification=True)
    except FileNotFoundError:
        return None
    except (OSError, pa.ArrowException) as error:
        raise UnreadableStoreError(path, _first_line(error)) from error
    version = (opened.metadata.metadata or {}).get(_VERSION_KEY, b"").decode(errors="replace")
    if version != str(SCHEMA_VERSION):
        says = (
            f"schema {version!r}, expected '{SCHEMA_VERSION}'" if version else "not written by the screener"
        )
        raise UnreadableStoreError(path, says)
    if not opened.schema_arrow.equals(schema(), check_metadata=False):
        raise UnreadableStoreError(path, "its columns are not those of the store")
    return opened


def _known(opened: ParquetFile, path: Path) -> dict[str, Known]:
    import msgspec

    try:
        found = msgspec.json.decode(opened.metadata.metadata.get(_KNOWN_KEY, b""), type=list[Known])
    except msgspec.MsgspecError as error:
        raise UnreadableStoreError(path, _first_line(error)) from error
    return {known.symbol: known for known in found}


def _groups(metadata: FileMetaData, wanted: list[str] | None) -> list[int]:
    """Row groups that can hold one of the wanted symbols, from the smallest and largest symbol in each."""
    everything = range(metadata.num_row_groups)
    if wanted is None:
        return list(everything)
    column = schema().get_field_index("symbol")
    found = []
    for group in everything:
        bounds = metadata.row_group(group).column(column).statistics
        if bounds is None or any(bounds.min <= symbol <= bounds.max for symbol in wanted):
            found.append(group)
    return found


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
