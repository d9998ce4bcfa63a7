"""Where the files lie that ship with the program, and where the user keeps their own."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def bundled_config() -> Path:
    """Folder of the shipped themes and markets: inside the package in a wheel, beside it in a checkout."""
    packaged = _PACKAGE / "config"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "config"


def bundled_sample() -> Path:
    """The CSV file of real daily closes with which the program runs without a network."""
    return _PACKAGE / "data" / "closes.csv"


def user_config() -> Path:
    """Folder of the user's own themes and markets; SCREENER_CONFIG_DIR moves it. It need not exist."""
    chosen = os.environ.get("SCREENER_CONFIG_DIR", "").strip()
    if chosen:
        return expanded(chosen)
    import platformdirs

    return platformdirs.user_config_path("screener")


def expanded(text: str) -> Path:
    """A path as people write it, with ~ for their home folder."""
    return Path(os.path.expanduser(text))  # noqa: PTH111 - Path.expanduser raises for an unknown user
