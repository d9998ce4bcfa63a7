"""`screener report`: the whole picture in one file, for cron, for mail, for a browser."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from screener.cli.help import examples
from screener.cli.options import (
    CHOICE,
    OUTPUT,
    Choice,
    LangOption,
    Output,
    QuietOption,
    StrictOption,
    VerboseOption,
    spread,
)
from screener.errors import UsageError

if TYPE_CHECKING:
    from screener.labels import Labels
    from screener.pipeline.changes import Snapshot
    from screener.pipeline.report import Report

Form = Literal["html", "md", "txt"]
ENDINGS: dict[str, Form] = {".html": "html", ".htm": "html", ".md": "md", ".txt": "txt"}
#: cells of a line of text where COLUMNS does not say otherwise: what mail programs show unbroken
MAIL_WIDTH = 78
EXAMPLES = examples(
    "screener report -o report.html",
    "screener report --stdout --market KR --lang ko -q | mail -s 'Shock screener' me@example.org",
)


@dataclass(frozen=True, slots=True)
class Paper:
    """Where a report goes and what it looks like."""

    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Write to this file: .html, .md or .txt.",
            metavar="FILE",
            dir_okay=False,
            rich_help_panel=OUTPUT,
        ),
    ] = None
    stdout: Annotated[
        bool, typer.Option("--stdout", help="Write to stdout, as for mail.", rich_help_panel=OUTPUT)
    ] = False
    format: Annotated[
        Form | None,
        typer.Option(
            "--format", "-f", help="Without it: by the file's ending; txt on stdout.", rich_help_panel=OUTPUT
        ),
    ] = None
    lang: LangOption = None
    strict: StrictOption = False
    quiet: QuietOption = False
    verbose: VerboseOption = False

    @property
    def form(self) -> Form:
        """The format asked for, else that of the file's ending, else text."""
        if bool(self.output) == self.stdout:
            raise UsageError("report: expected either -o FILE (.html, .md or .txt) or --stdout")
        if self.format or not self.output:
            return self.format or "txt"
        ending = self.output.suffix.lower()
        if ending not in ENDINGS:
            raise UsageError(
                f"--output {self.output}: no report has the ending {ending or '(none)'!r}; "
                f"expected {', '.join(ENDINGS)}, or give --format html, md or txt"
            )
        return ENDINGS[ending]

    @property
    def manner(self) -> Output:
        """The same as options of the other commands."""
        return Output(
            output=self.output, lang=self.lang, strict=self.strict, quiet=self.quiet, verbose=self.verbose
        )


@spread
def report(
    since: Annotated[
        str,
        typer.Option(
            "--since",
            help="Tell what changed since a date, since the last report, or not at all.",
            metavar="DATE|last|none",
            rich_help_panel=CHOICE,
        ),
    ] = "last",
    *,
    choice: Choice,
    paper: Paper,
) -> None:
    """Write a report: verdict, rankings, charts, what changed."""
    from screener.cli.output import emit, texts
    from screener.cli.screens import screening_of, strict_code
    from screener.pipeline import state
    from screener.pipeline.report import compared, report_of

    form, output, word = paper.form, paper.manner, _since(since)
    screening = screening_of(choice, output, claims=True)
    made = report_of(screening)
    if word != "none":
        made = compared(made, _before(made, word, choice, output))
    emit(_written(made, form, texts(output)), output)
    state.keep(made.snapshot)
    raise typer.Exit(strict_code(screening, output))


def _since(text: str) -> Literal["last", "none"] | date:
    """Read --since: a date, last or none."""
    match text:
        case "last" | "none":
            return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--since {text}: expected a date as YYYY-MM-DD, last or none") from None


def _before(made: Report, since: date | Literal["last"], choice: Choice, output: Output) -> Snapshot | None:
    """Return what to compare with: the last report kept, or the same screening as of an earlier date."""
    from screener.cli.output import notices
    from screener.cli.screens import screening_of
    from screener.pipeline import state
    from screener.pipeline.report import report_of

    now = made.snapshot
    if since == "last":
        return state.latest_before(now.theme, now.as_of, now.scope, lambda line: notices([line], output))
    if since >= now.as_of:
        raise UsageError(f"--since {since}: the report is as of {now.as_of}; expected an earlier date")
    return report_of(
        screening_of(replace(choice, as_of=since), replace(output, quiet=True), claims=True)
    ).snapshot


def _written(made: Report, form: Form, labels: Labels) -> str:
    """Return the report in its format."""
    if form == "html":
        from screener.render.report.page import to_html

        return to_html(made, labels)
    if form == "md":
        from screener.render.report.markdown import to_markdown

        return to_markdown(made, labels)
    from screener.cli.output import terminal_columns
    from screener.render.report.text import to_text

    return to_text(made, labels, terminal_columns(MAIL_WIDTH))
