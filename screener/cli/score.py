"""`screener score`: did each category go the way that the article expects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from screener.cli import complete
from screener.cli.help import examples
from screener.cli.options import Choice, Output, Study, spread

if TYPE_CHECKING:
    from screener.labels import Labels
    from screener.pipeline.screening import Screening

EXAMPLES = examples(
    "screener score --window week",
    "screener score --market KR --tests",
    "screener score --chart kr_hbm_chain --window clean",
    "screener score -f csv | csvcut -c category,aar,p,verdict",
)


@spread
def score(
    chart: Annotated[
        str | None,
        typer.Option(
            "--chart",
            metavar="CATEGORY",
            help="Draw its cumulated abnormal return with a 95 % band.",
            autocompletion=complete.categories,
        ),
    ] = None,
    tests: Annotated[bool, typer.Option("--tests", help="Show every test side by side.")] = False,
    *,
    choice: Choice,
    study: Study,
    output: Output,
) -> None:
    """Score each category: as expected or not, and how surely."""
    from screener.cli.output import chosen_format, draw, emit, texts
    from screener.cli.screens import screening_of, strict_code, tell_study
    from screener.cli.selection import formatted
    from screener.pipeline.score import score as score_screening
    from screener.render.score import KNOWN, score_metadata, scorecard

    form, labels = chosen_format(output), texts(output)
    screening = screening_of(choice, output, study=study)
    if form != "table":
        tell_study(screening, (), output)
    if chart:
        _chart(screening, chart, labels, output)
        raise typer.Exit(strict_code(screening, output))
    card = score_screening(screening)
    if form == "table":
        draw(lambda width: scorecard(card, labels, width, tests=tests), output)
    else:
        table = card.table if tests else card.table[list(_plain_names())]
        meta = score_metadata(card)
        emit(formatted(table, form, labels.for_table("score"), screening, meta, KNOWN), output)
    raise typer.Exit(strict_code(screening, output))


def _plain_names() -> tuple[str, ...]:
    from screener.columns import SCORE_COLUMNS

    return tuple(column.name for column in SCORE_COLUMNS)


def _chart(screening: Screening, category: str, labels: Labels, output: Output) -> None:
    """Draw the path of a category, or give its figures; a window of one session is no path."""
    from screener.cli.output import chosen_format, draw, emit
    from screener.cli.selection import formatted
    from screener.columns import TABLES
    from screener.pipeline.score import path_of, path_table, path_window
    from screener.render.caption import metadata
    from screener.render.score import caar_chart

    form, path = chosen_format(output), path_of(screening, category, path_window(screening))
    if form == "table":
        draw(lambda width: caar_chart(screening, category, path, labels, width), output)
        return
    known = {column.name: column for column in TABLES["path"]}
    meta = {**metadata(screening), "category": category}
    emit(formatted(path_table(path), form, labels.for_table("path"), screening, meta, known), output)
