"""A report as plain text, for mail and for a terminal."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from screener.render.grid import GridColumn, fitting
from screener.render.grid import grid as drawn
from screener.render.report.sections import content_of
from screener.render.values import bar, sparkline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from screener.labels import Labels
    from screener.pipeline.report import Report
    from screener.render.report.content import Cell, Content, Grid, Head, Section

BAR_CELLS, PATH_CELLS = 6, 16
INDENT = 2


def to_text(report: Report, labels: Labels, width: int) -> str:
    """Return the whole report in lines of at most `width` cells."""
    console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False, emoji=False)
    for part in _parts(content_of(report, labels), labels, width):
        console.print(part)
    written: str = console.file.getvalue()  # type: ignore[attr-defined]
    return "".join(f"{line.rstrip()}\n" for line in written.splitlines())


def _parts(content: Content, labels: Labels, width: int) -> Iterator[RenderableType]:
    yield from _headed(content.title, "=")
    yield Text(" · ".join(content.subtitle))
    yield Text()
    yield Text(" ".join(content.verdict))
    for section in content.sections:
        yield Text()
        yield Text()
        yield from _section(section, width)
    yield Text()
    yield Text(labels.of("report", "not_advice"))


def _headed(title: str, sign: str) -> Iterator[RenderableType]:
    yield Text(title)
    yield Text(sign * cell_len(title))


def _section(section: Section, width: int) -> Iterator[RenderableType]:
    yield from _headed(section.title, "-")
    for line in section.lead:
        yield Text(line)
    for facts in section.facts:
        yield Text()
        if facts.title:
            yield Text(f"{facts.title}:")
        for term, lines in facts.items:
            yield Text(f"{term}: {lines[0]}" if len(lines) == 1 else f"{term}:")
            for line in lines[1:] and lines:
                yield Padding(Text(line), (0, 0, 0, INDENT))
    for grid in section.grids:
        yield Text()
        if grid.title:
            yield Text(grid.title)
        if grid.prose:
            yield from _records(grid)
        else:
            yield _table(grid, width)


def _table(grid: Grid, width: int) -> RenderableType:
    """Return a table of a line a row, with as many of its columns as fit."""
    columns = [
        GridColumn(
            id=str(index),
            head=head.text,
            cells=[Text(_plain(row.cells[index], head)) for row in grid.rows],
            right=head.kind in {"number", "bar"},
            priority=head.priority,
            least=head.least,
        )
        for index, head in enumerate(grid.heads)
    ]
    return drawn(fitting(columns, width), width)


def _records(grid: Grid) -> Iterator[RenderableType]:
    """Yield each row as a paragraph: its first cell, then the others below it, the short ones on one line."""
    for row in grid.rows:
        first, *middle, last = row.cells
        yield Text(first.text)
        below = [*first.under, " · ".join(cell.text for cell in middle), last.text, *last.under]
        for line in filter(None, below):
            yield Padding(Text(line), (0, 0, 0, INDENT))


def _plain(cell: Cell, head: Head) -> str:
    match head.kind:
        case "bar":
            return f"{bar(cell.bar if cell.bar is not None else float('nan'), BAR_CELLS)} {cell.text:>5}"
        case "path":
            return sparkline(cell.path, PATH_CELLS)
    return cell.text
