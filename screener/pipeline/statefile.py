"""Files of state: JSON with a version, written in one step, set aside where they cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from screener.errors import ConfigError
from screener.wholefile import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")


class StateWriteError(ConfigError):
    """What a later run would look back on cannot be kept; what was kept before is as it was."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(
            f"{path}: cannot keep what the next run looks back on: {error.strerror or error}. "
            "Free some space, or put another folder in SCREENER_STATE_DIR"
        )


def write_state(path: Path, kind: str, version: int, value: Any) -> None:
    """Write a value whole or not at all. Raises StateWriteError, and leaves what was there."""
    data = msgspec.json.format(msgspec.json.encode({"kind": kind, "version": version, "value": value}))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data + b"\n")
    except OSError as error:
        raise StateWriteError(path, error) from None


def read_state(path: Path, kind: str, version: int, type_: type[T], say: Callable[[str], object]) -> T | None:
    """Read a value; None where there is none. A torn or foreign file is renamed, and that is said."""
    try:
        found = msgspec.json.decode(path.read_bytes())
        if not isinstance(found, dict) or (found.get("kind"), found.get("version")) != (kind, version):
            _set_aside(path, f"not version {version} of a {kind}", say)
            return None
        return msgspec.convert(found.get("value"), type_)
    except FileNotFoundError:
        return None
    except OSError as error:
        say(f"{path}: cannot be read ({error.strerror or error}); going on as if it were not there")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _set_aside(path, str(error), say)
    return None


def _set_aside(path: Path, reason: str, say: Callable[[str], object]) -> None:
    aside = path.with_name(f"{path.name}.unreadable")
    try:
        path.replace(aside)
        what = f"set aside as {aside.name}"
    except OSError as error:
        what = f"cannot be set aside either ({error.strerror or error})"
    say(f"{path}: not usable ({reason}); {what}, going on without it")
