"""A table of documented columns in the formats that programs read."""

from __future__ import annotations

import html
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from screener.columns import BY_NAME, Column
from screener.render.data import csv_text, json_lines, json_text
from screener.render.values import PROSE_LENGTH, human, inert, native, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd

    from screener.labels import Labels
    from screener.model import Format

#: columns by name: those of the ranking where no others are given
Known = Mapping[str, Column]
ENDINGS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".md": "md",
    ".html": "html",
    ".htm": "html",
    ".parquet": "parquet",
    ".txt": "table",
}


def to_csv(table: pd.DataFrame, separator: str = ",", known: Known = BY_NAME) -> str:
    """Return RFC 4180 text with a header; UTF-8 without a mark is up to the writer."""
    return csv_text(list(table.columns), _rows(table, plain, known), separator)


def to_json(table: pd.DataFrame, meta: Mapping[str, Any], known: Known = BY_NAME) -> str:
    """Return one object: what the figures rest on in `meta`, a row of the table each in `rows`."""
    rows = [dict(zip(table.columns, row, strict=True)) for row in _rows(table, native, known)]
    return json_text({"meta": meta, "rows": rows})


def to_jsonl(table: pd.DataFrame, known: Known = BY_NAME) -> str:
    """Return one JSON object a line."""
    return json_lines(dict(zip(table.columns, row, strict=True)) for row in _rows(table, native, known))


def to_markdown(table: pd.DataFrame, labels: Labels, known: Known = BY_NAME) -> str:
    """Return a GitHub table, numbers aligned to the right."""
    lines = [
        "| " + " | ".join(inert_markdown(labels.head(name)) for name in table.columns) + " |",
        "|"
        + "|".join("---" if known[name].kind in {"text", "date"} else "---:" for name in table.columns)
        + "|",
    ]
    lines += ["| " + " | ".join(map(inert_markdown, row)) + " |" for row in _rows(table, human, known)]
    return "\n".join(lines) + "\n"


def to_html(table: pd.DataFrame, labels: Labels, title: str, known: Known = BY_NAME) -> str:
    """Return a page of its own that loads nothing."""
    title = inert(title, PROSE_LENGTH)
    heads = "".join(f"<th>{html.escape(labels.head(name))}</th>" for name in table.columns)
    kinds = ["t" if known[name].kind in {"text", "date"} else "n" for name in table.columns]
    body = "\n".join(
        "<tr>"
        + "".join(f'<td class="{k}">{html.escape(v)}</td>' for k, v in zip(kinds, row, strict=True))
        + "</tr>"
        for row in _rows(table, human, known)
    )
    return (
        f'<!doctype html>\n<html lang="{labels.lang}"><head><meta charset="utf-8"><title>{html.escape(title)}</title>\n'
        "<style>:root{color-scheme:light dark}body{font:14px system-ui,sans-serif}table{border-collapse:collapse}"
        "th,td{padding:.2em .6em;border-bottom:1px solid #8884;text-align:left;white-space:nowrap}"
        ".n{text-align:right;font-variant-numeric:tabular-nums}</style></head>\n"
        f"<body><h1>{html.escape(title)}</h1>\n<table><thead><tr>{heads}</tr></thead><tbody>\n{body}\n"
        "</tbody></table></body></html>\n"
    )


def to_parquet(table: pd.DataFrame) -> bytes:
    """Return a Parquet file; dates stay dates, no value stays null."""
    out = io.BytesIO()
    table.to_parquet(out, index=False)
    return out.getvalue()


def _rows(table: pd.DataFrame, text: Callable[..., Any], known: Known) -> Iterator[Sequence[Any]]:
    """Yield rows of values as `text` gives them, a column at a time: that is what pandas is quick at."""
    columns = [[text(known[name], value) for value in table[name].tolist()] for name in table.columns]
    return zip(*columns, strict=True)


def inert_markdown(text: str) -> str:
    """Escape what Markdown or HTML inside it would act on."""
    escaped = html.escape(text, quote=False)
    return "".join(f"\\{sign}" if sign in r"\`*_[]|~" else sign for sign in escaped.replace("\n", " "))
