"""`screener show`: one security, and how its figures came about."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from screener.cli import complete
from screener.cli.help import examples
from screener.cli.options import Choice, Output, Study, Terms, spread

if TYPE_CHECKING:
    from screener.labels import Labels
    from screener.pipeline.profile import Profile

EXAMPLES = examples(
    "screener show NVDA",
    "screener show 000660.KS --as-of 2025-02-14 --lang ko",
    "screener show NVDA --explain event_return --explain max_drawdown",
    "screener show NVDA -f json | jq '.episodes[0]'",
)


@spread
def show(
    symbol: Annotated[
        str,
        typer.Argument(
            help="A symbol, of the theme or not.", metavar="SYMBOL", autocompletion=complete.symbols
        ),
    ],
    explain: Annotated[
        list[str] | None,
        typer.Option(
            "--explain",
            help="Show how this column came about, with its dates and closes; may be repeated.",
            metavar="COLUMN|all",
            autocompletion=complete.columns,
        ),
    ] = None,
    episodes: Annotated[
        int, typer.Option("--episodes", min=0, metavar="N", help="Show the N deepest drawdowns.")
    ] = 3,
    *,
    terms: Terms,
    study: Study,
    output: Output,
) -> None:
    """Show one security: chart, measures, drawdowns, why it is there."""
    from screener.cli.output import chosen_format, draw, emit, texts
    from screener.cli.screens import screening_of
    from screener.pipeline.explain import explained_columns
    from screener.pipeline.profile import profile_of

    form, labels, columns = chosen_format(output), texts(output), explained_columns(explain or ())
    wanted = symbol.strip().upper()
    profile = profile_of(screening_of(Choice(**asdict(terms)), output, [wanted], study), wanted, episodes)
    if columns:
        _explain(profile, columns, labels, output)
    elif form == "table":
        from screener.render.security import page

        draw(lambda width: page(profile, labels, width), output)
    else:
        from screener.render.record import security_text

        emit(security_text(profile, form, labels), output)


def _explain(profile: Profile, columns: tuple[str, ...], labels: Labels, output: Output) -> None:
    """Explain columns; without a format as text even in a pipe, each expression on a line of its own."""
    from screener.cli.output import chosen_format, draw, emit
    from screener.pipeline.explain import explain
    from screener.render.explanation import explanation_page, explanation_plain, explanation_text

    explanations = explain(profile, columns)
    if (output.format or output.output) and chosen_format(output) != "table":
        emit(explanation_text(profile, explanations, chosen_format(output), labels), output)
    elif sys.stdout.isatty() and not output.output:
        draw(lambda width: explanation_page(profile, explanations, labels, width), output)
    else:
        emit(explanation_plain(profile, explanations, labels), output)
