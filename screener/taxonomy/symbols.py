"""Which texts are symbols: of a form that no program runs, and of a market that is known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from screener.errors import ConfigError
from screener.yamltext import shown

if TYPE_CHECKING:
    from screener.markets import Markets

# no "=" or "-" in front: a spreadsheet would run it
_SYMBOL = re.compile(r"[A-Za-z0-9^][A-Za-z0-9.^=-]{0,23}")


def symbol_problem(symbol: str, markets: Markets) -> str:
    """Return what is wrong with a symbol; empty if nothing."""
    if not _SYMBOL.fullmatch(symbol):
        wanted = "at most 24 letters, digits and . - = ^ in Yahoo's writing, such as NVDA or 005930.KS"
        return f"{shown(symbol)} is no symbol; expected {wanted}"
    try:
        markets.of(symbol)
    except ConfigError as error:
        return str(error)
    return ""
