"""`screener cron`: lines for those who let it run by itself; nothing is installed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from screener.cli import complete
from screener.cli.help import examples
from screener.cli.options import ThemeOption
from screener.errors import UsageError, did_you_mean
from screener.model import DEFAULT_THEME

EXAMPLES = examples(
    "screener cron",
    "screener cron alerts --market KR",
    "screener cron --systemd report -o ~/shock.html",
    "screener cron rank --market US -o ~/us.csv -w 'recovery < 50%'",
)
SETTINGS = {"ignore_unknown_options": True}
JOBS = ("report", "rank", "alerts", "fetch")


def cron(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help=f"What to run: {', '.join(JOBS)} (report if none is named), with its options.",
            metavar="[JOB] [OPTIONS]",
            show_default=False,
        ),
    ] = None,
    *,
    systemd: Annotated[bool, typer.Option("--systemd", help="Print units and timers of systemd.")] = False,
    theme: ThemeOption = DEFAULT_THEME,
    market: Annotated[
        list[str] | None,
        typer.Option(
            "--market",
            "-m",
            help="Only this market or country; else every country of the theme.",
            metavar="ID",
            autocompletion=complete.markets,
        ),
    ] = None,
    source: Annotated[
        str,
        typer.Option(
            "--source",
            "-s",
            envvar="SCREENER_SOURCE",
            help="Prices, as of the job; those of Yahoo are fetched first.",
            metavar="SOURCE",
            autocompletion=complete.sources,
        ),
    ] = "auto",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="File that the job writes; with several countries, -KR and so on goes before its ending.",
            metavar="FILE",
        ),
    ] = None,
) -> None:
    """Print crontab lines or systemd units that run a job."""
    from screener.cli.jobs import Plan
    from screener.pipeline.schedule import schedules
    from screener.render import cron as to
    from screener.taxonomy import find_theme, read_theme

    command, options = _command(words or [])
    found = find_theme(theme)
    loaded = read_theme(found)
    plan = Plan(
        command=command,
        options=tuple(options),
        theme=loaded.id,
        theme_word=str(found.path.absolute()) if found.origin == "path" else theme,
        source=source,
        output=output,
    )
    times = schedules(loaded, market or ())
    jobs = [plan.job(schedule, alone=len(times) == 1) for schedule in times]
    sys.stdout.write(to.systemd(jobs) if systemd else to.crontab(jobs))


def _command(words: list[str]) -> tuple[str, list[str]]:
    """Split off the command; options alone are those of a report."""
    if not words or words[0].startswith("-"):
        return JOBS[0], words
    if words[0] not in JOBS:
        raise UsageError(
            f"{words[0]}: no job{did_you_mean(words[0], JOBS)}; expected one of {', '.join(JOBS)}"
        )
    return words[0], words[1:]
