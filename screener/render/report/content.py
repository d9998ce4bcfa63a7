"""What a report says, in one language, before it takes the shape of a page, of Markdown or of text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: how the cells of a column are set: words, figures, a bar with its figure, a line
Kind = Literal["text", "number", "bar", "path"]


@dataclass(frozen=True, slots=True)
class Head:
    """Head of a column; `hint` says what the column means."""

    text: str
    kind: Kind = "text"
    hint: str = ""
    #: place in the queue for room where there is little; lower comes first
    priority: int = 0
    #: terminal cells down to which it can be cut; None for one that is shown whole or not at all
    least: int | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, and what it is sorted by where that is not the text."""

    text: str
    key: str = ""
    #: up or down where the figure is a gain or a loss; yes, no or quiet where it is a verdict
    tone: Literal["", "up", "down", "yes", "no", "quiet"] = ""
    #: part of the bar that is filled, 0 to 1
    bar: float | None = None
    #: returns since the base, session by session
    path: tuple[float, ...] = ()
    #: further lines, quieter
    under: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `find` is what a filter looks in."""

    cells: tuple[Cell, ...]
    find: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; `sortable` where its order is the reader's to change, `prose` where its cells are sentences."""

    title: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    sortable: bool = False
    prose: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Terms and what is to be said of each."""

    title: str
    items: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a report: a lead, tables, lists of facts."""

    id: str
    title: str
    lead: tuple[str, ...] = ()
    grids: tuple[Grid, ...] = ()
    facts: tuple[Facts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A whole report in the order in which it is read."""

    lang: str
    title: str
    #: as-of date, prices, what was measured
    subtitle: tuple[str, ...]
    verdict: tuple[str, ...]
    sections: tuple[Section, ...]
