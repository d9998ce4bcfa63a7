"""`screener rank`: the main job."""

from __future__ import annotations

from typing import Annotated

import typer

from screener.cli import complete
from screener.cli.help import examples
from screener.cli.options import Choice, Output, Rows, Study, spread

EXAMPLES = examples(
    "screener rank --where 'recovery < 50%' --sort fall --top 5",
    "screener rank --market KR --as-of 2025-02-14 -f csv | csvcut -c symbol,fall",
)


@spread
def rank(
    symbols: Annotated[
        list[str] | None,
        typer.Argument(
            help="Only these symbols, of the theme or not; - reads them from stdin.",
            metavar="SYMBOL|-",
            autocompletion=complete.symbols,
            show_default=False,
        ),
    ] = None,
    *,
    choice: Choice,
    rows: Rows,
    study: Study,
    output: Output,
) -> None:
    """Rank losers and winners since the shock: fall, rebound, recovery."""
    from screener.cli.output import chosen_format, draw, emit, texts
    from screener.cli.screens import read_symbols, screening_of, strict_code, tell_study
    from screener.cli.selection import column_names, export, selected

    form, names, labels = chosen_format(output), column_names(rows.columns), texts(output)
    narrow = selected(rows, output)
    screening = screening_of(choice, output, read_symbols(symbols or ()), study)
    table = narrow(screening.table)
    if form == "table":
        from screener.render.ranking import ranking

        draw(lambda width: ranking(screening, table, labels, width, names), output)
    else:
        tell_study(screening, names, output)
        emit(export(table, form, names, screening, labels), output)
    raise typer.Exit(strict_code(screening, output))
