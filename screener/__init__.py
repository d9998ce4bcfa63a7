"""Screen event shocks: who lost, who won, how deep, and how much came back.

>>> import screener
>>> theme = screener.load_theme("deepseek-r1")
>>> table = screener.screen(theme, as_of="2025-04-30", source="sample").table
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["__version__", "load_theme", "screen"]

if TYPE_CHECKING:
    from screener.api import load_theme, screen


def __getattr__(name: str) -> Any:
    """Import the library on first use, so that `screener --help` need not."""
    if name in {"load_theme", "screen"}:
        from screener import api

        return getattr(api, name)
    raise AttributeError(f"module 'screener' has no attribute {name!r}")
