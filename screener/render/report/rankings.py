"""The ranked tables of a report: one a side, with recovery bars and paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from screener.columns import BY_NAME
from screener.model import SIDES
from screener.render.report.content import Cell, Grid, Head, Row, Section
from screener.render.values import EMPTY, human, inert, is_empty, percent, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from screener.analytics.measures import Floats
    from screener.labels import Labels
    from screener.pipeline.report import Report
    from screener.render.report.content import Kind

#: columns of a ranked table with their places in the queue for room; `path` is none of the result's
COLUMNS = {
    "rank": 4,
    "symbol": 0,
    "name": 1,
    "event_return": 2,
    "fall": 2,
    "trough_date": 6,
    "max_drawdown": 11,
    "rebound": 5,
    "recovery": 3,
    "return_since": 2,
    "excess_return": 7,
    "path": 8,
    "category": 9,
    "status": 6,
}
#: terminal cells of the narrowest name and category that can still be told apart
LEAST = {"name": 10, "category": 10}
#: gains and losses that are coloured: where a security stands now, not every figure on the way
TONED = {"return_since", "excess_return"}
#: points of a path that a reader can still tell apart in a table
PATH_POINTS = 60


def rankings(report: Report, labels: Labels) -> Section:
    """Return losers, winners and what stands outside the theme, each in its order."""
    table = report.screening.table
    measured = table[table["return_since"].notna() | table["base_close"].notna()]
    titles = {c.id: inert(labels.pick(c.title, c.title_ko)) for c in report.screening.theme.categories}
    grids = tuple(
        _grid(labels.of("sides", side), rows, titles, report.sparklines, labels)
        for side in (*SIDES, "")
        if len(rows := measured[measured["side"] == side])
    )
    return Section(
        "rankings", labels.of("report", "rankings"), (labels.of("report", "rankings_lead"),), grids
    )


def _grid(
    title: str,
    rows: pd.DataFrame,
    titles: Mapping[str, str],
    paths: Mapping[str, Floats],
    labels: Labels,
) -> Grid:
    names = [name for name in COLUMNS if name != "status" or (rows["status"] != "ok").any()]
    heads = tuple(_head(name, labels) for name in names)
    records = rows.to_dict("records")
    made = tuple(
        Row(tuple(_cell(name, record, titles, paths, labels) for name in names), _find(record, titles))
        for record in records
    )
    return Grid(f"{title} ({len(rows)})", heads, made, sortable=True)


def _head(name: str, labels: Labels) -> Head:
    if name == "path":
        return Head(labels.word("path"), "path", labels.of("report", "path_hint"), COLUMNS[name])
    kind: Kind = (
        "bar" if name == "recovery" else "text" if BY_NAME[name].kind in {"text", "date"} else "number"
    )
    column = "name_ko" if name == "name" and labels.lang == "ko" else name
    return Head(labels.head(column), kind, labels.meaning(column), COLUMNS[name], LEAST.get(name))


def _cell(
    name: str, row: Mapping[Any, Any], titles: Mapping[str, str], paths: Mapping[str, Floats], labels: Labels
) -> Cell:
    if name == "path":
        return Cell("", path=_thinned(paths.get(row["symbol"])))
    value = row[name]
    match name:
        case "name":
            text = inert(labels.pick(value, row["name_ko"]) or row["symbol"])
            return Cell(text, text.casefold())
        case "category":
            return Cell(titles.get(value, value))
        case "status":
            return Cell("" if value == "ok" else value)
        case "recovery":
            text = EMPTY if is_empty(value) else f"{value * 100:,.0f}%"
            return Cell(text, _key(name, value), bar=None if is_empty(value) else min(max(value, 0.0), 1.0))
    tone = "" if name not in TONED or is_empty(value) or value == 0 else "up" if value > 0 else "down"
    text = (
        percent(value)
        if BY_NAME[name].kind == "fraction" and not is_empty(value)
        else human(BY_NAME[name], value)
    )
    return Cell(text, _key(name, value), tone)  # type: ignore[arg-type]


def _key(name: str, value: Any) -> str:
    return plain(BY_NAME[name], value)


def _find(row: Mapping[Any, Any], titles: Mapping[str, str]) -> str:
    words = (
        row["symbol"], row["name"], row["name_ko"], titles.get(row["category"], ""), row["category"], row["market"],
        row["status"],
    )  # fmt: skip
    return inert(" ".join(filter(None, words))).casefold()


def _thinned(path: Floats | None) -> tuple[float, ...]:
    """Return at most PATH_POINTS values, the first and the last among them, without gaps."""
    if path is None:
        return ()
    known = path[np.isfinite(path)]
    if len(known) > PATH_POINTS:
        known = known[np.linspace(0, len(known) - 1, PATH_POINTS).round().astype(int)]
    return tuple(known.tolist())
