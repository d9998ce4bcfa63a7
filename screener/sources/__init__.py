"""Where prices come from: each source turns a PriceRequest into a PriceSet."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from screener.model import PriceRequest, PriceSet
    from screener.sources.outcome import Progress

#: sources with a name of their own; any other word is a path to a file or folder
NAMES = ("auto", "yahoo", "store", "sample")


def load(
    source: str,
    request: PriceRequest,
    *,
    progress: Callable[[Progress], None] | None = None,
    max_age: timedelta = timedelta(0),
) -> PriceSet:
    """Load prices from the named source, or from a file or folder of the user's.

    `progress` is told how a fetch goes, where one is due; stored prices younger than `max_age` need none.
    """
    match source:
        case "auto" | "yahoo":
            from screener.sources import auto

            return auto.load(request, progress=progress, max_age=max_age, sample=source == "auto")
        case "store":
            from screener.sources import store

            return store.load(request)
        case "sample":
            from screener.sources import sample

            return sample.load(request)
    from screener.sources import files

    return files.load(request, Path(source).expanduser())
