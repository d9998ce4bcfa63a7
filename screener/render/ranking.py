"""Ranked tables for a terminal: as many columns as fit, the important ones whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Group
from rich.text import Text

from screener.columns import BY_NAME, STUDIED
from screener.model import SIDES
from screener.render.caption import caption
from screener.render.grid import GridColumn, fitting, grid
from screener.render.values import EMPTY, bar, human, inert, is_empty, price, sparkline

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from rich.console import RenderableType

    from screener.labels import Labels
    from screener.pipeline.screening import Screening

BAR_CELLS = 6
SPARK_CELLS = 24
#: narrowest name that can still be told apart, in terminal cells
NAME_CELLS = 10

#: columns in the order in which they stand, with the place in the queue for room (lower comes first)
LAYOUT: tuple[tuple[str, int], ...] = (
    ("rank", 4),
    ("symbol", 0),
    ("name", 1),
    ("category", 9),
    ("market", 13),
    ("base", 10),
    ("event_return", 2),
    ("fall", 2),
    ("low_on", 6),
    ("max_drawdown", 11),
    ("rebound", 5),
    ("recovery", 3),
    ("recovered_on", 14),
    ("return_since", 2),
    ("excess_return", 7),
    ("abnormal_return", 15),
    ("car_t", 16),
    ("last", 12),
    ("spark", 8),
    ("status", 6),
)
COLOURED = {
    "event_return",
    "fall",
    "return_since",
    "excess_return",
    "rebound",
    "max_drawdown",
    "drawdown",
    "from_pre_high",
    "benchmark_return",
    "abnormal_return",
    "car",
}


def ranking(
    screening: Screening, rows: pd.DataFrame, labels: Labels, width: int, columns: Sequence[str] = ()
) -> RenderableType:
    """Return a table a side and the caption; with `columns`, exactly those columns whatever the width."""
    parts: list[RenderableType] = []
    studied = False
    shown = rows[rows["return_since"].notna() | rows["base_close"].notna()] if not columns else rows
    for side in (*SIDES, ""):
        part = shown[shown["side"] == side]
        if len(part):
            made = _columns(screening, part, labels, width, columns)
            studied |= bool(STUDIED & {column.id for column in made})
            title = f"{labels.of('sides', side)} ({len(part)})"
            parts += [Text(title, style="bold"), grid(made, width), Text()]
    if not parts:
        parts = [Text(labels.word("nothing")), Text()]
    return Group(*parts, caption(screening, rows, labels, studied=studied))


def _columns(
    screening: Screening, rows: pd.DataFrame, labels: Labels, width: int, columns: Sequence[str]
) -> list[GridColumn]:
    if columns:
        return [_plain_column(name, rows, labels, 0) for name in columns]
    made = [_column(name, priority, screening, rows, labels) for name, priority in LAYOUT]
    return fitting([column for column in made if _says_something(column)], width)


def _says_something(column: GridColumn) -> bool:
    return column.id not in {"status", "recovered_on"} or any(
        cell.plain not in {EMPTY, ""} for cell in column.cells
    )


def _column(name: str, priority: int, screening: Screening, rows: pd.DataFrame, labels: Labels) -> GridColumn:
    """Make a column of the layout; some of these join two columns of the result."""
    match name:
        case "name":
            pairs = zip(rows["name"].tolist(), rows["name_ko"].tolist(), strict=True)
            head = labels.head("name_ko" if labels.lang == "ko" else "name")
            cells = [Text(inert(labels.pick(en, ko))) for en, ko in pairs]
            return GridColumn(name, head, cells, False, priority, NAME_CELLS)
        case "base":
            return _joined(
                name, labels.head("base_close"), screening, rows, ("base_close", "base_date"), priority
            )
        case "last":
            return _joined(
                name, labels.head("last_close"), screening, rows, ("last_close", "last_date"), priority
            )
        case "low_on":
            cells = [
                Text(EMPTY if is_empty(day) else _day(day, screening), style="dim")
                for day in rows["trough_date"].tolist()
            ]
            return GridColumn(name, labels.head("trough_date"), cells, False, priority)
        case "recovery":
            return GridColumn(
                name, labels.head(name), [_recovery(v) for v in rows[name].tolist()], False, priority
            )
        case "spark":
            cells = [_spark(screening, row) for row in rows[["market", "symbol"]].itertuples(index=False)]
            return GridColumn(name, labels.word("path"), cells, False, priority)
        case "status":
            cells = [Text("" if status == "ok" else status, style="yellow") for status in rows[name].tolist()]
            return GridColumn(name, labels.head(name), cells, False, priority)
    return _plain_column(name, rows, labels, priority)


def _plain_column(name: str, rows: pd.DataFrame, labels: Labels, priority: int) -> GridColumn:
    column = BY_NAME[name]
    cells = [
        Text(human(column, value), style=value_style(name, value, labels)) for value in rows[name].tolist()
    ]
    return GridColumn(name, labels.head(name), cells, column.kind not in {"text", "date"}, priority)


def _joined(
    name: str, head: str, screening: Screening, rows: pd.DataFrame, columns: tuple[str, str], priority: int
) -> GridColumn:
    """Join a close and its date in one column."""
    closes, dates = (rows[column].tolist() for column in columns)
    cells = [
        Text(EMPTY) if is_empty(close) else Text.assemble(price(close), (f" {_day(day, screening)}", "dim"))
        for close, day in zip(closes, dates, strict=True)
    ]
    return GridColumn(name, head, cells, True, priority)


def _day(day: Any, screening: Screening) -> str:
    """Return month and day; the year too where the screen reaches beyond the year of the event."""
    return str(day)[0 if screening.as_of.year > screening.theme.event.moment.year else 5 : 10]


def _recovery(value: float) -> Text:
    if is_empty(value):
        return Text(EMPTY.rjust(BAR_CELLS + 6), style="dim")
    return Text.assemble((bar(value, BAR_CELLS), "cyan"), f"{value * 100:5.0f}%")


def _spark(screening: Screening, row: Any) -> Text:
    panel = screening.panels[row.market]
    return Text(sparkline(panel.closes(row.symbol)[panel.base :], SPARK_CELLS), style="cyan")


def value_style(name: str, value: Any, labels: Labels) -> str:
    """Colour gains and losses as readers of the language know them: in Korea red is up."""
    if is_empty(value):
        return "dim"
    if name not in COLOURED or not np.isfinite(value) or value == 0:
        return ""
    up, down = ("red", "blue") if labels.lang == "ko" else ("green", "red")
    return up if value > 0 else down
