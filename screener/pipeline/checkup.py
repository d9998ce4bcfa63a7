"""What of an installation works, and what to do about the rest. Changes nothing."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal

from screener import __version__, resources, settings
from screener.errors import ScreenerError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from screener.sources.storefile import Shelf

State = Literal["good", "warning", "fault"]
LIBRARIES = ("pandas", "numpy", "pyarrow", "yfinance", "exchange-calendars", "typer", "rich")
#: calendars that end sooner than this are told to be old
_AHEAD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    part: str
    state: State
    finding: str
    remedy: str = ""


def check_up(known_variables: Iterable[str], *, offline: bool = False) -> tuple[Check, ...]:
    """Look at versions, settings, folders, themes, calendars, store and network; each part on its own."""
    parts: list[tuple[str, Callable[[], Iterator[Check]]]] = [
        ("versions", _versions),
        ("settings", lambda: _settings(known_variables)),
        ("folders", _folders),
        ("themes", _themes),
        ("calendars", _calendars),
        ("store", _store),
        ("network", lambda: _network(offline=offline)),
    ]
    return tuple(check for name, look in parts for check in _survived(name, look))


def _survived(name: str, look: Callable[[], Iterator[Check]]) -> list[Check]:
    """A part that cannot even be looked at is a finding, and no reason not to look at the others."""
    try:
        return list(look())
    except (ScreenerError, OSError) as error:
        return [Check(name, "fault", str(error), "follow what the message says")]


def _versions() -> Iterator[Check]:
    python = ".".join(map(str, sys.version_info[:3]))
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    yield Check("versions", "good", f"screener {__version__}, Python {python}, {libraries}")


def _settings(known_variables: Iterable[str]) -> Iterator[Check]:
    from screener.sources.pace import FetchSettings

    known = {*settings.VARIABLES, *known_variables, *FetchSettings.variables()}
    given = sorted(name for name in os.environ if name.startswith("SCREENER_"))
    for name in given:
        if name not in known:
            yield Check(
                "settings",
                "warning",
                f"{name} is set, but nothing reads it{did_you_mean(name, known)}",
                f"unset {name}",
            )
    FetchSettings.from_env()
    if "SCREENER_NOW" in given:
        yield Check(
            "settings",
            "warning",
            f"the clock stands at {settings.now():%Y-%m-%d %H:%M} UTC (SCREENER_NOW)",
            "unset SCREENER_NOW to return to the present",
        )
    read = ", ".join(name for name in given if name in known) or "no SCREENER_ variable is set"
    yield Check("settings", "good", read)


def _folders() -> Iterator[Check]:
    own = resources.user_config()
    yield Check(
        "folders", "good", f"configuration: {own}" + ("" if own.exists() else " (not there, not needed)")
    )
    for what, folder, remedy in (
        ("cache", settings.cache_folder(), "SCREENER_CACHE_DIR"),
        ("state", settings.state_folder(), "SCREENER_STATE_DIR"),
    ):
        if _writable(folder):
            yield Check("folders", "good", f"{what}: {folder}")
        else:
            yield Check(
                "folders", "fault", f"{what}: {folder} cannot be written", f"put another folder in {remedy}"
            )


def _writable(folder: Path) -> bool:
    """Whether files can be made in a folder, or the folder itself."""
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)


def _themes() -> Iterator[Check]:
    from screener.markets import load_markets
    from screener.taxonomy import check_theme, list_themes

    files = list_themes()
    for file in files:
        faults = check_theme(file.path)
        if faults:
            yield Check(
                "themes",
                "fault",
                f"{file.path} has {len(faults)} faults; the first: {faults[0].message}",
                f"see `screener themes check {file.path}`",
            )
    yield Check("themes", "good", f"{len(files)} themes, {len(list(load_markets()))} markets")


def _calendars() -> Iterator[Check]:
    from screener.calendars import sessions_of
    from screener.markets import load_markets

    names = sorted({market.calendar for market in load_markets()})
    ends = {name: sessions_of(name).dates[-1].item() for name in names}
    for name, last in ends.items():
        if last < (settings.now() + _AHEAD).date():
            yield Check(
                "calendars",
                "warning",
                f"sessions of {name} are known to {last} only",
                "update exchange-calendars: pip install -U exchange-calendars",
            )
    yield Check("calendars", "good", f"{len(ends)} calendars, known to {min(ends.values())} at least")


def _store() -> Iterator[Check]:
    from screener.markets import load_markets
    from screener.sources import storefile

    folder, found = storefile.folder(), 0
    for market in load_markets():
        if not storefile.path_of(market.id).is_file():
            continue
        found += 1
        try:
            yield _shelf(market.id, storefile.read(market.id))
        except storefile.UnreadableStoreError as error:
            yield Check("store", "fault", str(error), "run `screener fetch`, which puts it aside")
    for aside in sorted(folder.glob("*.unusable-*")):
        yield Check("store", "warning", f"{aside} was put aside", "look at it or delete it; nothing reads it")
    if not found:
        yield Check("store", "warning", f"no prices in {folder}", "run `screener fetch`")


def _shelf(market: str, shelf: Shelf) -> Check:
    import pyarrow.compute as pc

    symbols = pc.count_distinct(shelf.bars["symbol"]).as_py()
    last = max((known.last_date for known in shelf.known.values() if known.last_date), default=None)
    poor = sum(known.status != "ok" for known in shelf.known.values())
    finding = f"{market}: {symbols} securities, {shelf.bars.num_rows} bars to {last}"
    if poor:
        return Check("store", "warning", f"{finding}; {poor} with a fault", "see `screener fetch --status`")
    return Check("store", "good", finding)


def _network(*, offline: bool) -> Iterator[Check]:
    from screener.sources import yahoo
    from screener.sources.pace import FetchSettings

    if offline:
        yield Check("network", "good", "not looked at (--offline)")
    elif yahoo.reachable(FetchSettings.from_env().reach):
        yield Check("network", "good", f"{yahoo.HOST} takes connections")
    else:
        yield Check(
            "network",
            "warning",
            f"{yahoo.HOST} cannot be reached",
            "check the connection, or HTTPS_PROXY where there is a proxy; the store and the sample work without",
        )
