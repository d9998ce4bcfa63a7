"""Records as the formats that programs read: JSON and CSV that steer neither a terminal nor a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any

from screener.render.values import inert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: signs at which spreadsheets take a cell for a formula
FORMULA_SIGNS = ("=", "+", "-", "@")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def json_text(value: Any) -> str:
    """Return JSON over several lines; what a terminal would act on is escaped, so that no text is lost."""
    return _escaped(json.dumps(value, ensure_ascii=False, indent=2, default=str)) + "\n"


def json_lines(records: Iterable[Any]) -> str:
    """Return a line of JSON a record, escaped likewise."""
    return "".join(_escaped(json.dumps(record, ensure_ascii=False)) + "\n" for record in records)


def csv_text(heads: Sequence[str], rows: Iterable[Sequence[Any]], separator: str = ",") -> str:
    """Return RFC 4180 text with a header.

    Text that a spreadsheet would take for a formula gets an apostrophe before it, as OWASP advises (CSV
    injection); what cannot be printed becomes a replacement character. Numbers stay as they are.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def csv_records(heads: Sequence[str], records: Iterable[Mapping[str, Any]], separator: str = ",") -> str:
    """Return records as CSV, each with a value for every head."""
    return csv_text(heads, ([record[head] for head in heads] for record in records), separator)


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value if value.isprintable() else inert(value, len(value))
    return f"'{text}" if text.startswith(FORMULA_SIGNS) and not _NUMBER.fullmatch(text) else text


def _escaped(text: str) -> str:
    """Escape what cannot be printed; in JSON such signs stand inside of strings only."""
    lines = (line if line.isprintable() else "".join(map(_sign, line)) for line in text.split("\n"))
    return "\n".join(lines)


def _sign(sign: str) -> str:
    return sign if sign.isprintable() else json.dumps(sign)[1:-1]
