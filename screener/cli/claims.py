"""`screener claims`: the article's statements, each held against prices."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from screener.cli import complete
from screener.cli.help import examples
from screener.cli.options import CHOICE, Choice, Output, Terms, spread

if TYPE_CHECKING:
    from screener.labels import Labels
    from screener.pipeline.claims import Ledger
    from screener.pipeline.screening import Screening

EXAMPLES = examples(
    "screener claims --as-of 2025-02-14 --verbose",
    "screener claims --claim nvda_no_new_high --history",
    "screener claims -f csv | csvcut -c claim,verdict,turned_on | uniq",
)


@spread
def claims(
    claim: Annotated[
        list[str] | None,
        typer.Option(
            "--claim",
            help="Only this claim; may be repeated.",
            metavar="ID",
            autocompletion=complete.claims,
            rich_help_panel=CHOICE,
        ),
    ] = None,
    history: Annotated[bool, typer.Option("--history", help="Show each verdict by month end.")] = False,
    *,
    terms: Terms,
    output: Output,
) -> None:
    """Hold the article's claims against prices: what holds, since when."""
    from screener.cli.output import chosen_format, emit, notices, texts
    from screener.cli.screens import screening_of, strict_code, theme_of
    from screener.pipeline.claims import Ledger
    from screener.pipeline.claimtable import chosen_claims

    wanted, labels = chosen_claims(theme_of(terms, output), claim or ()), texts(output)
    screening = screening_of(Choice(**asdict(terms)), output, claims=True)
    ledger = Ledger(screening.theme, screening.panels, wanted)
    nothing = labels.word("no_claims", theme=screening.theme.id)
    if not wanted and chosen_format(output) == "table":
        emit(f"{nothing}\n", output)
    else:
        notices([] if wanted else [nothing], output)
        (_show_history if history else _show_ledger)(ledger, screening, labels, output)
    raise typer.Exit(strict_code(screening, output))


def _show_ledger(ledger: Ledger, screening: Screening, labels: Labels, output: Output) -> None:
    from screener.cli.output import chosen_format, draw, emit
    from screener.cli.selection import formatted
    from screener.pipeline.claimtable import claim_table
    from screener.render import claims as render
    from screener.render.caption import metadata

    form, judgements = chosen_format(output), ledger.judge(screening.as_of)
    if form == "table":
        draw(lambda width: render.ledger(judgements, screening, labels, width, notes=output.verbose), output)
        return
    table, texts, known = claim_table(judgements), labels.for_table("claims"), render.KNOWN
    if form in {"md", "html"}:
        table, known = render.readable(table, judgements, labels), render.READABLE
    emit(formatted(table, form, texts, screening, metadata(screening), known), output)


def _show_history(ledger: Ledger, screening: Screening, labels: Labels, output: Output) -> None:
    from screener.cli.output import chosen_format, draw, emit
    from screener.cli.selection import formatted
    from screener.pipeline.claimtable import history_table, month_ends
    from screener.render import claims as render
    from screener.render.caption import metadata

    form, days = chosen_format(output), month_ends(screening)
    verdicts = ledger.history(days)
    if form == "table":
        draw(lambda width: render.history(ledger.claims, days, verdicts, screening, labels, width), output)
        return
    table, texts = history_table(ledger.claims, days, verdicts), labels.for_table("history")
    emit(formatted(table, form, texts, screening, metadata(screening), render.HISTORY_KNOWN), output)
