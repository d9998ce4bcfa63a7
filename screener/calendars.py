"""Sessions of each exchange: from exchange_calendars and our overrides, computed once and kept."""

from __future__ import annotations

import io
import warnings
import zlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from screener import resources, settings, yamltext
from screener.errors import ConfigError, FaultyFileError, did_you_mean
from screener.markets import load_markets
from screener.wholefile import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, tzinfo

    from numpy.typing import NDArray

FIRST_YEAR = 2000

_OVERRIDES = {"closed", "open"}
_TABLE = np.dtype([("date", "M8[D]"), ("close", "M8[s]")])


@dataclass(frozen=True, slots=True)
class Sessions:
    """The trading sessions of one exchange calendar, ascending.

    `dates` are local session dates (datetime64[D]); `closes` the instants at which they end (datetime64[s],
    UTC).
    """

    calendar: str
    dates: NDArray[np.datetime64]
    closes: NDArray[np.datetime64]

    def base(self, moment: datetime) -> int:
        """Position of the last session that had closed at `moment`; -1 where the calendar starts later."""
        return int(np.searchsorted(self.closes, _utc_seconds(moment), side="right")) - 1

    def event(self, moment: datetime) -> int:
        """Position of the first session that ends after `moment`: the one after the base session."""
        return self.base(moment) + 1

    def until(self, as_of: date) -> int:
        """Position of the last session on or before `as_of`; -1 where there is none."""
        return int(np.searchsorted(self.dates, np.datetime64(as_of), side="right")) - 1


def sessions_of(calendar: str) -> Sessions:
    """Return the sessions of a calendar, from the cache where they were computed before."""
    last_year = settings.now().year + 1
    return _sessions(calendar, last_year, settings.cache_folder(), resources.user_config())


@cache
def _sessions(calendar: str, last_year: int, cache_folder: Path, own_config: Path) -> Sessions:
    overrides = _overrides(own_config).get(calendar, {})
    path = cache_folder / "sessions" / f"{calendar}-{_fingerprint(overrides, last_year)}.npy"
    table = _kept(path)
    if table is None:
        table = _compute(calendar, last_year, overrides)
        _keep(path, table)
    return Sessions(calendar, table["date"], table["close"])


def _kept(path: Path) -> NDArray[Any] | None:
    """Read a table kept before; None where it is absent, torn or foreign: a cache never stands in the way."""
    try:
        with path.open("rb") as file:
            table: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    except (OSError, ValueError):
        return None
    sound = table.dtype == _TABLE and table.ndim == 1 and len(table) > 0
    return table if sound and bool((np.diff(table["date"]) > np.timedelta64(0)).all()) else None


def _fingerprint(overrides: Mapping[str, Any], last_year: int) -> str:
    """Change with whatever the sessions were computed from, so that a stale table is never read."""
    from importlib.util import find_spec

    spec = find_spec("exchange_calendars")
    # when it was installed stands for its version: asking for that would cost 10 ms at each start
    installed = Path(spec.origin).stat().st_mtime_ns if spec and spec.origin else 0
    source = f"{installed} {last_year} {sorted(overrides.items())}"
    return f"{zlib.crc32(source.encode()):08x}"


def _compute(calendar: str, last_year: int, overrides: Mapping[str, Any]) -> NDArray[Any]:
    """Sessions of the library, less the closed days, with the extra ones in place of others."""
    table, zone = _library_sessions(calendar, last_year)
    opened = overrides.get("open", {})
    other = np.array([*overrides.get("closed", ()), *opened], dtype="M8[D]")
    extra = [
        (day, _utc_seconds(datetime.fromisoformat(f"{day} {at}").replace(tzinfo=zone)))
        for day, at in opened.items()
    ]
    table = np.concatenate([table[~np.isin(table["date"], other)], np.array(extra, dtype=_TABLE)])
    table.sort(order="date")
    return table


def _library_sessions(calendar: str, last_year: int) -> tuple[NDArray[Any], tzinfo]:
    """Sessions as far as the library knows them, and the exchange's time zone."""
    import pandas as pd
    from exchange_calendars import calendar_utils, get_calendar

    # the bounds of a calendar have no public door
    factories = calendar_utils.global_calendar_dispatcher._calendar_factories
    if calendar not in factories:
        near = did_you_mean(calendar, factories)
        raise ConfigError(f"markets.yaml: calendar: {calendar!r} is none of exchange-calendars{near}")
    first, last = factories[calendar].bound_min(), factories[calendar].bound_max()
    start = max(filter(None, (pd.Timestamp(FIRST_YEAR, 1, 1), first)))
    end = min(filter(None, (pd.Timestamp(last_year, 12, 31), last)))
    with warnings.catch_warnings():
        # what pandas deprecates in the library's own code is no news to our users
        warnings.simplefilter("ignore", DeprecationWarning)
        closes = get_calendar(calendar, start=start, end=end).closes
    table = np.empty(len(closes), dtype=_TABLE)
    table["date"] = closes.index.to_numpy()
    table["close"] = closes.dt.tz_localize(None).to_numpy()
    return table, factories[calendar].tz


def _keep(path: Path, table: NDArray[Any]) -> None:
    """Keep a table; in a folder that cannot be written, each run computes it anew (see `screener doctor`)."""
    content = io.BytesIO()
    np.save(content, table)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content.getvalue())


@cache
def _overrides(own_config: Path) -> dict[str, dict[str, Any]]:
    """Read the shipped calendars.yaml and the user's: {calendar: {"closed": [...], "open": {...}}}."""
    merged: dict[str, dict[str, Any]] = {}
    for folder in (resources.bundled_config(), own_config):
        if (folder / "calendars.yaml").exists():
            for calendar, days in _read_overrides(folder / "calendars.yaml").items():
                kept = merged.setdefault(calendar, {"closed": [], "open": {}})
                kept["closed"].extend(days.get("closed") or ())
                kept["open"].update(days.get("open") or {})
    return merged


def _read_overrides(path: Path) -> dict[str, dict[str, Any]]:
    document = yamltext.read_document(path)
    faults = list(document.faults)
    for calendar, days in document.data.items():
        faults += [
            document.fault((calendar, *steps), message) for steps, message in _problems(calendar, days)
        ]
    if faults:
        raise FaultyFileError(faults)
    return document.data


def _problems(calendar: str, days: object) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Everything wrong with the overrides of one calendar, with the steps to where it stands."""
    known = {market.calendar for market in load_markets()}
    if calendar not in known:
        yield (), f"no market has this calendar{did_you_mean(calendar, known)}"
    if not isinstance(days, dict):
        yield (), "expected `closed:` (a list of dates) and `open:` (date: 'HH:MM')"
        return
    for key in days.keys() - _OVERRIDES:
        yield (key,), f"unknown key{did_you_mean(key, _OVERRIDES)}; expected closed or open"
    closed, opened = days.get("closed") or [], days.get("open") or {}
    if not isinstance(closed, list):
        yield ("closed",), "expected a list of dates, a line each: - 2025-01-27"
    elif wrong := [(number, day) for number, day in enumerate(closed) if not _is_time(str(day), "%Y-%m-%d")]:
        yield from ((("closed", number), f"{day!r} is no date; expected YYYY-MM-DD") for number, day in wrong)
    if not isinstance(opened, dict):
        yield ("open",), "expected dates with their local closing time, a line each: 2025-01-27: '15:30'"
        return
    for day, at in opened.items():
        if not _is_time(f"{day} {at}", "%Y-%m-%d %H:%M"):
            yield ("open", day), f"{at!r}: expected a date and its local closing time, 2025-01-27: '15:30'"


def _is_time(text: str, form: str) -> bool:
    try:
        return f"{datetime.strptime(text, form):{form}}" == text  # noqa: DTZ007 - a local date, without a zone
    except ValueError:
        return False


def _utc_seconds(moment: datetime) -> np.datetime64:
    return np.datetime64(int(moment.timestamp()), "s")
