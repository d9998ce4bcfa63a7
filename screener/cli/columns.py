"""`screener columns`: what every column means."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from screener.cli.help import examples
from screener.cli.options import Output, spread

EXAMPLES = examples(
    "screener columns --lang ko",
    "screener columns score",
    "screener columns -f csv | grep recovery",
)


@spread
def columns(
    table: Annotated[
        Literal["rank", "score", "path", "claims", "history"],
        typer.Argument(
            help="Which table's: of rank and show, of score and its --chart, of claims and their --history."
        ),
    ] = "rank",
    *,
    output: Output,
) -> None:
    """Explain every column: unit, meaning, formula."""
    from screener.cli.output import chosen_format, draw, emit, texts
    from screener.columns import TABLES
    from screener.render.reference import reference, reference_text

    labels, form, known = texts(output).for_table(table), chosen_format(output), TABLES[table]
    if form == "table":
        draw(lambda width: reference(labels, width, known), output)
    else:
        emit(reference_text(form, labels, known), output)
    raise typer.Exit
