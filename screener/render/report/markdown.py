"""A report as Markdown, for a wiki, a repository or a chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screener.render.export import inert_markdown
from screener.render.report.sections import content_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from screener.labels import Labels
    from screener.pipeline.report import Report
    from screener.render.report.content import Cell, Grid, Section


def to_markdown(report: Report, labels: Labels) -> str:
    """Return the whole report as GitHub Markdown."""
    content = content_of(report, labels)
    parts = [
        f"# {inert_markdown(content.title)}",
        inert_markdown(" · ".join(content.subtitle)),
        inert_markdown(" ".join(content.verdict)),
    ]
    for section in content.sections:
        parts += _section(section)
    parts.append(inert_markdown(labels.of("report", "not_advice")))
    return "\n\n".join(parts) + "\n"


def _section(section: Section) -> Iterator[str]:
    yield f"## {inert_markdown(section.title)}"
    for line in section.lead:
        yield inert_markdown(line)
    for facts in section.facts:
        if facts.title:
            yield f"### {inert_markdown(facts.title)}"
        yield "\n".join(_fact(term, lines) for term, lines in facts.items)
    for grid in section.grids:
        if grid.title:
            yield f"### {inert_markdown(grid.title)}"
        yield _table(grid)


def _fact(term: str, lines: Sequence[str]) -> str:
    """Return an item of a list; several lines as a list of their own below it."""
    head, told = f"- **{inert_markdown(term)}**", [inert_markdown(line) for line in lines]
    return f"{head}: {told[0]}" if len(told) == 1 else "\n  - ".join((head, *told))


def _table(grid: Grid) -> str:
    # a path is for the eye only
    columns = [index for index, head in enumerate(grid.heads) if head.kind != "path"]
    lines = [
        _line([inert_markdown(grid.heads[index].text) for index in columns]),
        _line(["---" if grid.heads[index].kind == "text" else "---:" for index in columns]),
    ]
    for row in grid.rows:
        cells = [row.cells[index] for index in columns]
        lines.append(_line([_cell(cell) for cell in cells]))
    return "\n".join(lines)


def _cell(cell: Cell) -> str:
    return "<br>".join(inert_markdown(line) for line in (cell.text, *cell.under) if line)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
