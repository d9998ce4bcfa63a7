"""Snapshots of earlier screenings, one file an as-of date, so that a report can say what changed since the last."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from screener import settings
from screener.pipeline.changes import Snapshot
from screener.pipeline.statefile import read_state, write_state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

VERSION = 1
_KIND = "snapshot"


def _say_nothing(_: str) -> None:
    """Stand in where nobody listens."""


def keep(snapshot: Snapshot) -> None:
    """Keep a snapshot in place of any other of its theme, scope and as-of date. Raises StateWriteError."""
    write_state(_path(snapshot.theme, snapshot.scope, snapshot.as_of), _KIND, VERSION, snapshot)


def latest_before(
    theme_id: str, as_of: date, scope: str = "", say: Callable[[str], object] = _say_nothing
) -> Snapshot | None:
    """Return the newest snapshot of a theme and scope with an as-of date before this one, if any.

    One of the same as-of date is no earlier one, so that a run repeated finds the same changes. What cannot be
    read is set aside and handed to `say`, and the next older one is taken.
    """
    earlier = sorted((day for day in _dates(_folder(theme_id, scope), say) if day < as_of), reverse=True)
    found = (of_date(theme_id, day, scope, say) for day in earlier)
    return next((snapshot for snapshot in found if snapshot is not None), None)


def of_date(
    theme_id: str, as_of: date, scope: str = "", say: Callable[[str], object] = _say_nothing
) -> Snapshot | None:
    """Return the snapshot of a theme and scope with exactly this as-of date, if any."""
    return read_state(_path(theme_id, scope, as_of), _KIND, VERSION, Snapshot, say)


def _folder(theme_id: str, scope: str) -> Path:
    folder = settings.state_folder() / "reports" / theme_id
    return folder / scope if scope else folder


def _path(theme_id: str, scope: str, as_of: date) -> Path:
    return _folder(theme_id, scope) / f"{as_of}.json"


def _dates(folder: Path, say: Callable[[str], object]) -> Iterator[date]:
    try:
        names = [path.stem for path in folder.iterdir() if path.suffix == ".json"]
    except FileNotFoundError:
        return
    except OSError as error:
        say(f"{folder}: cannot be read ({error.strerror or error}); going on as if it were empty")
        return
    for name in names:
        try:
            yield date.fromisoformat(name)
        except ValueError:  # a file of somebody else's
            continue
