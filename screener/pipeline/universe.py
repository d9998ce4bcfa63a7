"""Which securities are screened: members of the theme, symbols from outside it, or a selection of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from screener.errors import UsageError, did_you_mean
from screener.markets import load_markets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from screener.model import Market, Theme


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """One line of the screen; side, category, basis and confidence are empty outside the theme."""

    symbol: str
    name: str = ""
    name_ko: str = ""
    side: str = ""
    category: str = ""
    basis: str = ""
    confidence: str = ""
    market: Market


def choose(
    theme: Theme,
    symbols: Iterable[str] = (),
    sides: Iterable[str] = (),
    categories: Iterable[str] = (),
    markets: Iterable[str] = (),
) -> tuple[Security, ...]:
    """Choose the securities to screen; every argument that is empty leaves all in.

    Raises UsageError for an unknown category, for a symbol of no market, and where nothing is left.
    """
    sides, categories, markets = set(sides), set(categories), set(markets)
    known = [category.id for category in theme.categories]
    for name in sorted(categories - set(known)):
        raise UsageError(
            f"--category {name}: theme {theme.id} has no such category{did_you_mean(name, known)}"
        )
    members = _members(theme)
    wanted = list(dict.fromkeys(symbols)) or list(members)
    chosen = tuple(
        security
        for security in (members.get(symbol) or outsider(symbol) for symbol in wanted)
        if (not sides or security.side in sides)
        and (not categories or security.category in categories)
        and (not markets or security.market.id in markets)
    )
    if not chosen:
        raise UsageError("no security is left by this choice of side, category, market and symbols")
    return chosen


def _members(theme: Theme) -> dict[str, Security]:
    markets = load_markets()
    return {
        member.symbol: Security(
            symbol=member.symbol,
            name=member.name,
            name_ko=member.name_ko,
            side=category.side,
            category=category.id,
            basis=member.basis,
            confidence=member.confidence,
            market=markets.of(member.symbol),
        )
        for category, member in theme.members()
    }


def outsider(symbol: str) -> Security:
    """Return a security of no theme. Raises ConfigError for a symbol of no market."""
    return Security(symbol=symbol, market=load_markets().of(symbol))
