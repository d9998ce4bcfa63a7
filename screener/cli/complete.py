"""What the shell offers behind Tab: themes, categories, markets, columns, sources, symbols."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer  # noqa: TC002 - typer reads the annotations of these functions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from screener.model import Theme

Offer = tuple[str, str]


def themes(incomplete: str) -> list[str]:
    """Offer the names of themes."""
    from screener.taxonomy import list_themes

    return [theme.id for theme in list_themes() if theme.id.startswith(incomplete)]


def categories(ctx: typer.Context, incomplete: str) -> list[Offer]:
    """Offer the categories of the theme named so far."""
    return _starting(incomplete, ((category.id, category.title) for category in _theme(ctx).categories))


def claims(ctx: typer.Context, incomplete: str) -> list[Offer]:
    """Offer the claims of the theme named so far."""
    return _starting(incomplete, ((claim.id, claim.title) for claim in _theme(ctx).claims))


def symbols(ctx: typer.Context, incomplete: str) -> list[Offer]:
    """Offer the theme's members, by symbol."""
    return _starting(
        incomplete.upper(), ((member.symbol, member.name) for _, member in _theme(ctx).members())
    )


def markets(incomplete: str) -> list[Offer]:
    """Offer market ids and countries."""
    from screener.markets import load_markets

    found = [(market.id, market.title) for market in load_markets()]
    countries = dict.fromkeys(market.country for market in load_markets())
    return _starting(incomplete.upper(), [*found, *((code, "all its markets") for code in countries)])


def columns(incomplete: str) -> list[Offer]:
    """Offer column names with what they mean."""
    from screener.columns import NAMES
    from screener.labels import labels

    return _starting(incomplete, ((name, labels("en").meaning(name)) for name in NAMES))


def column_list(incomplete: str) -> list[str]:
    """Offer the next column of a list with commas."""
    from screener.columns import NAMES

    done, comma, last = incomplete.rpartition(",")
    return [f"{done}{comma}{name}" for name in ("all", *NAMES) if name.startswith(last)]


def windows(incomplete: str) -> list[Offer]:
    """Offer the windows that have names."""
    named = {
        "day": "the event session",
        "week": "the event session and the four after it",
        "clean": "to the date from which something else moves the market",
        "all": "to the as-of date",
    }
    return _starting(incomplete, named.items())


def sources(incomplete: str) -> list[str]:
    """Offer the sources that have names."""
    from screener.sources import NAMES

    return [name for name in NAMES if name.startswith(incomplete)]


def _theme(ctx: typer.Context) -> Theme:
    from screener.model import DEFAULT_THEME
    from screener.taxonomy import load_theme

    return load_theme(ctx.params.get("theme") or DEFAULT_THEME)


def _starting(incomplete: str, offers: Iterable[Offer] | Iterator[Offer]) -> list[Offer]:
    return [(word, text) for word, text in offers if word.startswith(incomplete)]
