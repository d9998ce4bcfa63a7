"""`screener fetch`: refresh the price store."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from screener.cli import complete
from screener.cli.help import examples
from screener.cli.options import (
    PRICES,
    CategoryOption,
    MarketOption,
    MaxAgeOption,
    Output,
    ThemeOption,
    iso_date,
    spread,
)
from screener.errors import EXIT_DONE, EXIT_NO_PRICES, EXIT_STRICT
from screener.model import DEFAULT_THEME

if TYPE_CHECKING:
    from screener.model import PriceRequest, Theme
    from screener.sources.outcome import FetchReport

EXAMPLES = examples(
    "screener fetch",
    "screener fetch --since 2023-01-01 NVDA 000660.KS",
    "screener fetch --status -f csv | grep -v fresh",
)


@dataclass(frozen=True, slots=True)
class Supply:
    """Which prices are fetched, and how."""

    theme: ThemeOption = DEFAULT_THEME
    category: CategoryOption = field(default_factory=list)
    market: MarketOption = field(default_factory=list)
    since: Annotated[
        date | None,
        typer.Option(
            "--since",
            parser=iso_date,
            help="From this date on; else what a screening of the theme looks back on.",
            metavar="DATE",
            rich_help_panel=PRICES,
        ),
    ] = None
    max_age: MaxAgeOption = timedelta(0)
    full: Annotated[
        bool,
        typer.Option(
            "--full", help="Fetch whole histories again and keep them as sent.", rich_help_panel=PRICES
        ),
    ] = False


@spread
def fetch(
    symbols: Annotated[
        list[str] | None,
        typer.Argument(
            help="Only these symbols, at once; - reads them from stdin.",
            metavar="SYMBOL|-",
            autocompletion=complete.symbols,
            show_default=False,
        ),
    ] = None,
    *,
    status: Annotated[
        bool, typer.Option("--status", help="Show what the store has and what is due; fetch nothing.")
    ] = False,
    wanted: Supply,
    output: Output,
) -> None:
    """Refresh the price store, benchmarks included."""
    from screener.cli.output import chosen_format, draw, emit, notices, texts
    from screener.cli.progress import fetching
    from screener.cli.screens import read_symbols, theme_of
    from screener.render.supply import supply, supply_text
    from screener.sources import fetch as source
    from screener.sources.plan import LASTING, FetchTerms

    form, labels, named = chosen_format(output), texts(output), read_symbols(symbols or ())
    theme = theme_of(wanted, output)
    request = _request(theme, wanted, named)
    terms = FetchTerms(
        max_age=wanted.max_age,
        whole=wanted.full,
        patient_with=frozenset() if named or wanted.full else LASTING,
        event=theme.event.moment.date(),
    )
    if status:
        report = source.standing(request, terms)
    else:
        with fetching(output, "Fetching prices") as progress:
            report = source.refresh(request, terms, progress=progress)
    notices(report.notices, output)
    if form == "table":
        draw(lambda _: supply(report, labels), output)
    else:
        emit(supply_text(report, form), output)
    raise typer.Exit(exit_code(report, output))


def exit_code(report: FetchReport, output: Output) -> int:
    """4 where the store has not one price of what was wanted; 3 with --strict where some are not as they should be."""
    if not any(outcome.last_date for outcome in report.outcomes):
        return EXIT_NO_PRICES
    return EXIT_STRICT if output.strict and report.failures else EXIT_DONE


def _request(theme: Theme, wanted: Supply, symbols: list[str]) -> PriceRequest:
    from screener.markets import load_markets
    from screener.pipeline.supply import price_request

    markets = load_markets()
    chosen = [market.id for word in wanted.market for market in markets.select(word)]
    return price_request(theme, symbols, wanted.category, chosen, wanted.since)
