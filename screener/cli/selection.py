"""Rows and columns as the options ask for them, and a table in the format asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from screener.cli.output import notices
from screener.columns import BY_NAME, NAMES
from screener.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from screener.cli.options import Output, Rows
    from screener.columns import Column
    from screener.labels import Labels
    from screener.model import Format
    from screener.pipeline.screening import Screening


def column_names(text: str | None) -> tuple[str, ...]:
    """Read --columns: names with commas, `all`, or nothing for the format's own choice."""
    if not text:
        return ()
    names = (
        NAMES if text.strip() == "all" else tuple(name.strip() for name in text.split(",") if name.strip())
    )
    for name in names:
        if name not in BY_NAME:
            raise UsageError(
                f"--columns: no column {name!r}{did_you_mean(name, BY_NAME)}; see `screener columns`"
            )
    return tuple(dict.fromkeys(names))


def selected(rows: Rows, output: Output) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Read --where, --sort and --top at once, so that a slip is told before prices are loaded."""
    from screener.pipeline.ranking import Order, narrowed, ranked

    order = Order.parse(rows.sort) if rows.sort else None
    where = None
    if rows.where:
        from screener.where import parse

        where = parse(rows.where)
        notices((f"--where: {hint}" for hint in where.hints), output)
    return lambda table: narrowed(ranked(table, order), where, rows.top)


def export(
    table: pd.DataFrame, form: Format, names: Sequence[str], screening: Screening, labels: Labels
) -> str | bytes:
    """Return the ranking in a format for programs: the columns asked for, or all of them."""
    from screener.render.caption import metadata

    return formatted(table[list(names or NAMES)], form, labels, screening, metadata(screening))


def formatted(
    table: pd.DataFrame,
    form: Format,
    labels: Labels,
    screening: Screening,
    meta: Mapping[str, Any],
    known: Mapping[str, Column] = BY_NAME,
) -> str | bytes:
    """Return a table of these known columns in a format for programs."""
    from screener.render import export as to

    match form:
        case "csv":
            return to.to_csv(table, known=known)
        case "tsv":
            return to.to_csv(table, "\t", known)
        case "json":
            return to.to_json(table, meta, known)
        case "jsonl":
            return to.to_jsonl(table, known)
        case "md":
            return to.to_markdown(table, labels, known)
        case "html":
            title = labels.pick(screening.theme.title, screening.theme.title_ko)
            return to.to_html(table, labels, f"{title} · {screening.as_of}", known)
        case "parquet":
            return to.to_parquet(table)
    raise AssertionError(form)
