"""`screener columns`: what every column means."""

from __future__ import annotations

import typer

from screener.cli.help import examples
from screener.cli.options import Output, spread

EXAMPLES = examples(
    "screener columns --lang ko",
    "screener columns -f csv | grep recovery",
)


@spread
def columns(*, output: Output) -> None:
    """Explain every column: unit, meaning, formula."""
    from screener.cli.output import chosen_format, draw, emit, texts
    from screener.render.reference import reference, reference_text

    labels, form = texts(output), chosen_format(output)
    if form == "table":
        draw(lambda width: reference(labels, width), output)
    else:
        emit(reference_text(form, labels), output)
    raise typer.Exit
