"""Where things are kept and what time it is: the only place that asks the environment."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from screener.errors import UsageError

#: what the environment can set besides options and the knobs of the fetcher
VARIABLES = (
    "SCREENER_CACHE_DIR",
    "SCREENER_CONFIG_DIR",
    "SCREENER_NOW",
    "SCREENER_STATE_DIR",
    "SCREENER_TEST_DATA",
)


def cache_folder() -> Path:
    """Folder of what can be made again: sessions and the price store (`SCREENER_CACHE_DIR`)."""
    if folder := os.environ.get("SCREENER_CACHE_DIR"):
        return Path(folder).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("screener", appauthor=False)


def state_folder() -> Path:
    """Folder of what a later run looks back on (`SCREENER_STATE_DIR`)."""
    if folder := os.environ.get("SCREENER_STATE_DIR"):
        return Path(folder).expanduser()
    from platformdirs import user_state_path

    return user_state_path("screener", appauthor=False)


def now() -> datetime:
    """Return the present instant in UTC, or the one that `SCREENER_NOW` (ISO 8601) puts in its place."""
    text = os.environ.get("SCREENER_NOW")
    if not text:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"SCREENER_NOW: {text!r} is no ISO 8601 date-time; write for example 2025-02-14T21:30:00Z"
        ) from None
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
