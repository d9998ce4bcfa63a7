"""Sessions of each exchange: from exchange_calendars and our overrides, computed once and kept in the cache."""

from __future__ import annotations

import re
import tempfile
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from screener import resources, settings, yamltext
from screener.errors import ConfigError, FaultyFileError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from numpy.typing import NDArray

FIRST_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Sessions:
    """The trading sessions of one exchange calendar, ascending.

    `dates` are local session dates (datetime64[D]); `closes` the instants at which they end (datetime64[s], UTC).
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
    return _sessions(calendar, settings.now().year + 1, str(settings.cache_folder()))


@cache
def _sessions(calendar: str, last_year: int, folder: str) -> Sessions:
    overrides = _overrides().get(calendar, {})
    path = Path(folder) / "sessions" / f"{calendar}-{_fingerprint(overrides, last_year)}.npy"
    try:
        table = np.load(path, allow_pickle=False)
        return Sessions(calendar, table["date"], table["close"])
    except (OSError, ValueError, EOFError, KeyError, IndexError):
        # absent, torn or foreign: the cache is an optimisation and never stands in the way
        table = _compute(calendar, last_year, overrides)
    _keep(path, table)
    return Sessions(calendar, table["date"], table["close"])


def _fingerprint(overrides: Mapping[str, Any], last_year: int) -> str:
    """Change with whatever the sessions were computed from, so that a stale table is never read."""
    from importlib.util import find_spec

    spec = find_spec("exchange_calendars")
    # when it was installed stands for its version: asking for that would cost 10 ms at each start
    installed = Path(spec.origin).stat().st_mtime_ns if spec and spec.origin else 0
    source = f"{installed} {last_year} {sorted(overrides.items())}"
    return f"{zlib.crc32(source.encode()):08x}"


def _compute(calendar: str, last_year: int, overrides: Mapping[str, Any]) -> NDArray[Any]:
    import pandas as pd
    from exchange_calendars import calendar_utils, get_calendar

    factories = calendar_utils.global_calendar_dispatcher._calendar_factories  # noqa: SLF001 - bounds have no public door
    if calendar not in factories:
        raise ConfigError(
            f"markets.yaml: calendar: {calendar!r} is no calendar of exchange-calendars{did_you_mean(calendar, factories)}"
        )
    first, last = factories[calendar].bound_min(), factories[calendar].bound_max()
    start = max(filter(None, (pd.Timestamp(FIRST_YEAR, 1, 1), first)))
    end = min(filter(None, (pd.Timestamp(last_year, 12, 31), last)))
    closes = get_calendar(calendar, start=start, end=end).closes
    closes = closes.drop(pd.DatetimeIndex(overrides.get("closed", ())).intersection(closes.index))
    zone = factories[calendar].tz
    for day, at in overrides.get("open", {}).items():
        closes[pd.Timestamp(day)] = pd.Timestamp(f"{day} {at}", tz=zone).tz_convert("UTC")
    closes = closes.sort_index()
    table = np.empty(len(closes), dtype=[("date", "M8[D]"), ("close", "M8[s]")])
    table["date"] = closes.index.to_numpy()
    table["close"] = closes.dt.tz_localize(None).to_numpy()
    return table


def _keep(path: Path, table: NDArray[Any]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
            np.save(file, table)
        Path(file.name).replace(path)
    except OSError:
        # a folder that cannot be written costs a second at each run; `screener doctor` tells
        if "file" in locals():
            Path(file.name).unlink(missing_ok=True)


def _overrides() -> dict[str, dict[str, Any]]:
    """Read the shipped calendars.yaml and the user's: {calendar: {"closed": [...], "open": {...}}}."""
    merged: dict[str, dict[str, Any]] = {}
    for folder in (resources.bundled_config(), resources.user_config()):
        if (folder / "calendars.yaml").exists():
            for calendar, days in _read_overrides(folder / "calendars.yaml").items():
                merged.setdefault(calendar, {"closed": [], "open": {}})["closed"].extend(
                    days.get("closed") or ()
                )
                merged[calendar]["open"].update(days.get("open") or {})
    return merged


def _read_overrides(path: Path) -> dict[str, dict[str, Any]]:
    document = yamltext.read_document(path)
    faults = list(document.faults)
    for calendar, days in document.data.items():
        if not isinstance(days, dict) or set(days) - {"closed", "open"}:
            faults.append(
                document.fault(
                    (calendar,), "expected `closed:` (a list of dates) and `open:` (date: 'HH:MM')"
                )
            )
            continue
        faults += [
            document.fault((calendar, "closed", at), f"{day!r} is no date; expected YYYY-MM-DD")
            for at, day in enumerate(days.get("closed") or ())
            if not re.fullmatch(r"\d{4}-\d\d-\d\d", str(day))
        ]
        faults += [
            document.fault(
                (calendar, "open", day), "expected a date and its local closing time, 2025-01-27: '15:30'"
            )
            for day, at in (days.get("open") or {}).items()
            if not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", f"{day} {at}")
        ]
    if faults:
        raise FaultyFileError(faults)
    return document.data


def _utc_seconds(moment: datetime) -> np.datetime64:
    return np.datetime64(int(moment.timestamp()), "s")
