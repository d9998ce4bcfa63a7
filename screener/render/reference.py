"""The reference of the columns, as a table or as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from screener.columns import COLUMNS, Column
from screener.errors import UsageError
from screener.render.data import csv_text, json_lines, json_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from screener.labels import Labels

FIELDS = ("column", "unit", "meaning", "formula")


def rows(labels: Labels, columns: Iterable[Column] = COLUMNS) -> list[tuple[str, str, str, str]]:
    """Return (column, unit, meaning, formula) of every column."""
    return [(c.name, labels.of("kinds", c.kind), labels.meaning(c.name), c.formula) for c in columns]


def reference(labels: Labels, width: int, columns: Iterable[Column] = COLUMNS) -> RenderableType:
    """Return the reference for a terminal; a narrow one gets the formula under the meaning."""
    wide = width >= 140  # noqa: PLR2004 - below, four columns of prose are too narrow to read
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in FIELDS if wide else ("column", "meaning"):
        table.add_column(labels.word(name))
    for name, unit, meaning, formula in rows(labels, columns):
        if wide:
            table.add_row(Text(name, style="bold"), Text(unit), Text(meaning), Text(formula, style="cyan"))
        else:
            told = Text.assemble(f"{meaning} ", (f"[{unit}]", "dim"))
            if formula:
                told.append(f"\n{formula}", style="cyan")
            table.add_row(Text(name, style="bold"), told)
    return table


def reference_text(form: str, labels: Labels, columns: Iterable[Column] = COLUMNS) -> str:
    """Return the reference as CSV, TSV, JSON, JSONL or Markdown."""
    told = rows(labels, columns)
    records = [dict(zip(FIELDS, row, strict=True)) for row in told]
    match form:
        case "csv" | "tsv":
            return csv_text(FIELDS, told, "," if form == "csv" else "\t")
        case "json":
            return json_text(records)
        case "jsonl":
            return json_lines(records)
        case "md":
            lines = [
                " | ".join(f"`{row[0]}`" if not i else text for i, text in enumerate(row)) for row in told
            ]
            return f"| {' | '.join(FIELDS)} |\n|---|---|---|---|\n" + "".join(
                f"| {line} |\n" for line in lines
            )
    raise UsageError(
        f"--format {form}: not for the reference of the columns; expected table, csv, tsv, json, jsonl, md"
    )
