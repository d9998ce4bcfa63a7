"""`screener alerts`: what newly became true, and nothing else."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from screener.cli.help import examples
from screener.cli.options import CHOICE, Choice, Output, iso_date, spread
from screener.errors import EXIT_ALERT, EXIT_FAULT, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screener.cli.notify import Address
    from screener.pipeline.alert_memory import Alert, Memory
    from screener.pipeline.alert_rules import Rule
    from screener.pipeline.screening import Screening

#: formats that alerts have; in a file with the ending .txt they stand as lines
FORMATS = ("table", "csv", "tsv", "json", "jsonl")
EXAMPLES = examples(
    "screener alerts --source sample --as-of 2025-04-04 --since 2025-04-03",
    "screener alerts --rule base_regained --rule new_high --notify mailto://user:password@example.org",
    "screener alerts --market KR -q --exit-code || echo look",
    "screener alerts --list",
)


@spread
def alerts(
    rule: Annotated[
        list[str] | None, typer.Option("--rule", "-r", help="Only this rule; may be repeated.", metavar="ID")
    ] = None,
    since: Annotated[
        date | None,
        typer.Option(
            "--since",
            parser=iso_date,
            help="Tell what became true since this date, and remember nothing.",
            metavar="DATE",
            rich_help_panel=CHOICE,
        ),
    ] = None,
    notify: Annotated[
        list[str] | None,
        typer.Option(
            "--notify",
            envvar="SCREENER_NOTIFY",
            help="Send it there as well, through apprise; may be repeated.",
            metavar="URL",
        ),
    ] = None,
    *,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 5 if something is told.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remember nothing, send nothing.")] = False,
    list_rules: Annotated[bool, typer.Option("--list", help="Show the rules in force.")] = False,
    choice: Choice,
    output: Output,
) -> None:
    """Tell what newly became true; stay quiet otherwise."""
    from screener.cli.notify import addresses
    from screener.cli.screens import screening_of, strict_code, theme_of
    from screener.pipeline.alert_memory import held
    from screener.pipeline.alert_rules import load_rules

    rules = load_rules(theme_of(choice, replace(output, quiet=True)).id, rule or ())
    if list_rules:
        _show_rules(rules, output)
        return
    run = _Run(rules, addresses(notify or ()), choice, output, since)
    form, screening = run.form, screening_of(choice, output)
    with nullcontext() if dry_run or since else held(screening.theme.id):
        found, memory = run.found(screening)
        run.show(found, form, screening)
        failed = not dry_run and run.deliver(found, memory, screening)
    code = EXIT_ALERT if exit_code and found else strict_code(screening, output)
    raise typer.Exit(EXIT_FAULT if failed else code)


@dataclass(frozen=True, slots=True)
class _Run:
    """What one call asks for."""

    rules: Sequence[Rule]
    targets: Sequence[Address]
    choice: Choice
    output: Output
    since: date | None

    @property
    def form(self) -> str:
        """Lines where no format is asked for, on a terminal as in a pipe."""
        from screener.cli.output import chosen_format

        asked = self.output.format or (self.output.output and chosen_format(self.output))
        if asked not in {None, *FORMATS} and not (asked == "table" and self.output.output):
            raise UsageError(f"--format {asked}: not for alerts; expected {', '.join(FORMATS)}")
        return asked or "lines"

    def found(self, screening: Screening) -> tuple[tuple[Alert, ...], Memory]:
        """Find what is to be told, and what is to be remembered of it."""
        from screener.cli.output import notices
        from screener.pipeline.alert_memory import Memory, recall
        from screener.pipeline.alerts import since, watch

        if self.since:
            if self.since >= screening.as_of:
                raise UsageError(
                    f"--since {self.since}: expected a date before {screening.as_of}, the as-of date"
                )
            return since(self.rules, screening, self._earlier(self.since), self._judge), Memory()
        memory = recall(screening.theme.id, screening.price, lambda line: notices([line], self.output))
        watched = watch(self.rules, screening, memory, self._earlier, self._judge)
        return watched.alerts, watched.memory

    def show(self, found: Sequence[Alert], form: str, screening: Screening) -> None:
        """Print them; nothing at all where there is none, but in CSV its head and in JSON its frame."""
        from screener.cli.output import draw, emit, texts
        from screener.render.alerts import alert_lines, alert_table, alert_text
        from screener.render.caption import metadata

        labels = texts(self.output)
        if form == "table" and not self.output.output:
            if found:
                draw(lambda _: alert_table(found, labels), self.output)
        elif form in {"lines", "table"}:
            emit(alert_lines(found, labels), self.output)
        else:
            emit(alert_text(found, form, metadata(screening) | {"since": _text(self.since)}), self.output)

    def deliver(self, found: Sequence[Alert], memory: Memory, screening: Screening) -> bool:
        """Send them to every address, remember them, and tell whether some did not get there."""
        from screener.cli.output import notices, texts
        from screener.pipeline.alert_memory import remember, settled
        from screener.render.alerts import alert_lines, message_title

        labels, theme = texts(self.output), screening.theme
        title = labels.pick(theme.title, theme.title_ko)
        missed: dict[str, tuple[Alert, ...]] = {}
        for target in self.targets:
            due = memory.due(target.fingerprint, found)
            reason = due and target.send(message_title(due, title, labels), alert_lines(due, labels))
            if reason:
                notices([f"--notify {target.shown}: not delivered ({reason})"], self.output, always=True)
            missed[target.fingerprint] = due if reason else ()
        if not self.since:
            remember(theme.id, screening.price, settled(memory, found, missed))
        return any(missed.values())

    def _earlier(self, day: date) -> Screening:
        from screener.cli.screens import screening_of

        return screening_of(replace(self.choice, as_of=day), replace(self.output, quiet=True, verbose=False))

    def _judge(self, day: date) -> dict[str, str]:
        from screener.cli.screens import theme_of
        from screener.pipeline.alerts import verdicts
        from screener.pipeline.screening import ScreenRequest

        choice = self.choice
        request = ScreenRequest(
            theme=theme_of(choice, replace(self.output, quiet=True)),
            as_of=day,
            source=choice.source,
            offline=choice.offline,
            max_age=choice.max_age,
            price=choice.price,
        )
        return verdicts(request)


def _show_rules(rules: Sequence[Rule], output: Output) -> None:
    from screener.cli.output import chosen_format, draw, emit, texts
    from screener.render.alerts import rule_table, rule_text

    form, labels = chosen_format(output) if output.format or output.output else "table", texts(output)
    if form == "table":
        draw(lambda _: rule_table(rules, labels), output)
    else:
        emit(rule_text(rules, form), output)


def _text(day: date | None) -> str | None:
    return str(day) if day else None
