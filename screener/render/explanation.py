"""How figures came about, as lines for a reader and as records for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from screener.errors import UsageError
from screener.render.caption import metadata, source_name
from screener.render.data import csv_records, json_text
from screener.render.values import human, is_empty, native, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from screener.analytics.explain import Note
    from screener.labels import Labels
    from screener.pipeline.explain import Explanation
    from screener.pipeline.profile import Profile

INDENT = 2
#: fields of a record; `dated` and `priced` are the formula with dates and with closes in it
FIELDS = ("column", "value", "meaning", "formula", "dated", "priced", "notes")


def explanation_page(
    profile: Profile, explanations: Sequence[Explanation], labels: Labels, width: int
) -> RenderableType:
    """Return every explanation for a terminal; an expression that is too wide breaks at its equals signs."""
    lines = _lines(profile, explanations, labels, width)
    return Group(*(Padding(text, (0, 0, 0, indent), expand=False) for indent, text in lines))


def explanation_plain(profile: Profile, explanations: Sequence[Explanation], labels: Labels) -> str:
    """Return every explanation as plain text, an expression on one line however long it is."""
    lines = _lines(profile, explanations, labels, width=None)
    return "".join(f"{' ' * indent}{text.plain}".rstrip() + "\n" for indent, text in lines)


def explanation_text(profile: Profile, explanations: Sequence[Explanation], form: str, labels: Labels) -> str:
    """Return the explanations as JSON or CSV."""
    records = [_record(explanation, labels) for explanation in explanations]
    if form == "json":
        meta = metadata(profile.screening) | {"symbol": profile.symbol}
        return json_text({"meta": meta, "explanations": records})
    if form != "csv":
        raise UsageError(f"--format {form}: not for explanations; expected table, csv or json")
    values = (plain(explanation.column, explanation.value) for explanation in explanations)
    flat = (
        record | {"value": value, "notes": "; ".join(record["notes"])}
        for record, value in zip(records, values, strict=True)
    )
    return csv_records(FIELDS, flat)


def note_text(note: Note, labels: Labels) -> str:
    """Return a note in the language of the labels."""
    return labels.of("explain", note.key).format(**note.values)


def _legend(profile: Profile, labels: Labels) -> str:
    """Return which dates the letters of the formulas stand for, and whose closes P are."""
    marks, screening = profile.marks, profile.screening
    letters = [profile.symbol]
    if marks.based:
        letters.append(f"b = {marks.dates[marks.base]}")
    if marks.measured:
        letters.append(f"e = {marks.dates[marks.event]}")
    letters.append(f"T = {marks.dates[marks.last]}")
    prices = f"P: {profile.panel.market.currency}, {source_name(screening, labels)}"
    if screening.price == "total-return":
        prices += f", {labels.word('total_return')}"
    return " · ".join([*letters, prices])


def _lines(
    profile: Profile, explanations: Sequence[Explanation], labels: Labels, width: int | None
) -> list[tuple[int, Text]]:
    """Return lines with their indents."""
    lines = [(0, Text(_legend(profile, labels), style="dim"))]
    for explanation in explanations:
        column = explanation.column
        head = Text.assemble((column.name, "bold"), f" · {labels.head(column.name)}")
        lines += [(0, Text()), (0, head), (INDENT, Text(labels.meaning(column.name), style="dim"))]
        if column.formula:
            lines.append((INDENT, Text(f"{labels.word('formula')}: {column.formula}", style="dim")))
        lines.append((INDENT, Text(_expression(explanation, width), style="cyan")))
        lines += [(INDENT, Text(note_text(note, labels))) for note in explanation.derivation.notes]
    return lines


def _expression(explanation: Explanation, width: int | None) -> str:
    """Return name = formula with dates = formula with closes = value, on a line or broken before each `=`."""
    derivation, name = explanation.derivation, explanation.column.name
    parts = dict.fromkeys((derivation.dated, derivation.priced, _result(explanation)))
    parts.pop("", None)
    line = f"{name} = {' = '.join(parts)}"
    if width is None or cell_len(line) + INDENT <= width:
        return line
    return f"{name} = " + f"\n{' ' * len(name)} = ".join(parts)


def _result(explanation: Explanation) -> str:
    column, value = explanation.column, explanation.value
    if is_empty(value):
        return human(column, value)
    text = plain(column, value)
    return f"{text} ({human(column, value)})" if column.kind == "fraction" else text


def _record(explanation: Explanation, labels: Labels) -> dict[str, Any]:
    column, derivation = explanation.column, explanation.derivation
    return {
        "column": column.name,
        "value": native(column, explanation.value),
        "meaning": labels.meaning(column.name),
        "formula": column.formula,
        "dated": derivation.dated,
        "priced": derivation.priced,
        "notes": [note_text(note, labels) for note in derivation.notes],
    }
