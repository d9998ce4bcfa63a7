"""Where prices come from: each source turns a PriceRequest into a PriceSet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screener.model import PriceRequest, PriceSet

#: sources with a name of their own; any other word is a path to a file or folder
NAMES = ("auto", "yahoo", "store", "sample")


def load(source: str, request: PriceRequest) -> PriceSet:
    """Load prices from the named source, or from a file or folder of the user's."""
    if source in {"auto", "sample"}:
        from screener.sources import sample

        return sample.load(request)
    from screener.sources import files

    return files.load(request, Path(source).expanduser())
