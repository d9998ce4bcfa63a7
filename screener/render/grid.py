"""Columns of a table for a terminal: as many as fit, the important ones whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

GAP = 1
#: columns later in the queue than this never shorten another
LAST_TO_SHORTEN = 14


@dataclass(frozen=True, slots=True)
class GridColumn:
    """One column made ready: its head, its cells, whether it holds figures, its place in the queue."""

    id: str
    head: str
    cells: list[Text]
    right: bool
    #: place in the queue for room; lower comes first
    priority: int = 0
    #: narrowest width that it can give way to; None for one that is shown whole or not at all
    least: int | None = None

    @property
    def width(self) -> int:
        """Terminal cells that it takes when whole."""
        return max(cell_len(self.head), *(cell.cell_len for cell in self.cells))

    @property
    def needed(self) -> int:
        """Terminal cells that it cannot do without."""
        return self.width if self.least is None else min(self.width, self.least)


def fitting(columns: Sequence[GridColumn], width: int) -> list[GridColumn]:
    """Keep columns in the order of their queue while they fit.

    What can be shortened gives way, but not to those after LAST_TO_SHORTEN; of these, the first that does not
    fit ends the queue.
    """
    room, kept = width + GAP, set()
    whole = sum(column.width - column.needed for column in columns)
    for column in sorted(columns, key=lambda column: column.priority):
        if column.priority > LAST_TO_SHORTEN:
            room, whole = room - whole, 0
        if column.needed + GAP <= room:
            kept.add(column.id)
            room -= column.needed + GAP
        elif column.priority > LAST_TO_SHORTEN:
            break
    return [column for column in columns if column.id in kept]


def grid(columns: Sequence[GridColumn], width: int) -> Table:
    """Return the table; what can be shortened takes the room that the others leave."""
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="dim")
    room = width + GAP - sum(column.needed + GAP for column in columns)
    for column in columns:
        cells = min(column.width, column.needed + max(room, 0))
        room -= cells - column.needed
        table.add_column(
            Text(column.head),
            justify="right" if column.right else "left",
            no_wrap=True,
            overflow="ellipsis",
            width=cells,
        )
    for row in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*row)
    return table
