"""The findings of a check-up, as a table or as data."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from screener.errors import UsageError
from screener.render.data import csv_records, json_lines, json_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from screener.labels import Labels
    from screener.pipeline.checkup import Check

FIELDS = ("part", "state", "finding", "remedy")
_STYLES = {"good": "green", "warning": "yellow", "fault": "red"}


def checkup(checks: Sequence[Check], labels: Labels) -> RenderableType:
    """Return a line a finding, with what to do under it."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in ("state", "part", "finding"):
        table.add_column(labels.of("checkup", name), no_wrap=name != "finding", overflow="fold")
    for check in checks:
        told = Text(check.finding)
        if check.remedy:
            told.append(f"\n→ {check.remedy}", style="cyan")
        state = Text(labels.of("checkup", check.state), style=_STYLES[check.state])
        table.add_row(state, check.part, told)
    return table


def checkup_text(checks: Sequence[Check], form: str) -> str:
    """Return a row a finding as csv, tsv, json or jsonl."""
    rows = [asdict(check) for check in checks]
    match form:
        case "csv" | "tsv":
            return csv_records(FIELDS, rows, "," if form == "csv" else "\t")
        case "json":
            return json_text(rows)
        case "jsonl":
            return json_lines(rows)
    raise UsageError(f"--format {form}: not for a check-up; expected table, csv, tsv, json or jsonl")
