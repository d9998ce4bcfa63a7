"""What holds for texts in every configuration file: nothing hidden, nothing that a spreadsheet runs."""

from __future__ import annotations

import re
import zoneinfo
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from screener.errors import did_you_mean
from screener.yamltext import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from screener.typedyaml import Data, Problem, Steps

LONGEST_NAME = 200
#: keys of short texts, which go into cells and headings
NAMES = frozenset({"title", "title_ko", "name", "name_ko", "label", "label_ko"})
#: keys of texts that may run over several lines
PARAGRAPHS = frozenset({"summary", "summary_ko", "thesis", "thesis_ko"})

# C0, C1, and the format characters of Unicode: bidi marks and overrides, zero-width, tags
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def text_problems(value: object, path: Steps = ()) -> Iterator[Problem]:
    """Faults of every text in a value, however deep it lies."""
    if isinstance(value, str):
        yield from ((path, message) for message in _faults_of_text(value, path[-1] if path else ""))
    elif isinstance(value, dict):
        for key, item in value.items():
            if _HIDDEN.search(key):
                yield (*path, key), "a key with a hidden character; delete it"
            yield from text_problems(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from text_problems(item, (*path, number))


def _faults_of_text(text: str, key: str | int) -> Iterator[str]:
    line = text.replace("\n", " ") if key in PARAGRAPHS else text
    # whatever is hidden is not printable; the search only has to tell what it is, and costs ten times as much
    hidden = None if line.isprintable() else _HIDDEN.search(line)
    if hidden:
        what = (
            "a line break"
            if hidden.group() in "\r\n"
            else f"the hidden character U+{ord(hidden.group()):04X}"
        )
        yield f"contains {what}; delete it"
    if key in NAMES:
        if not text.strip():
            yield "is empty; write it, or leave the key out if it is optional"
        if text.startswith(_FORMULA):
            yield f"begins with {text[0]!r}, so a spreadsheet would run it as a formula; begin with a letter"
        if len(text) > LONGEST_NAME:
            yield f"is {len(text)} characters long, at most {LONGEST_NAME} are accepted"


def zone_problem(name: object) -> str:
    """What is wrong with an IANA time zone; empty if nothing, or if it is no text at all."""
    if not isinstance(name, str):
        return ""
    try:
        zoneinfo.ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        near = did_you_mean(name, _zones())
        return f"unknown time zone {shown(name)}{near or '.'} Expected an IANA name such as Asia/Seoul"
    return ""


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def date_of(text: object) -> date | None:
    """A date written YYYY-MM-DD, or None for anything else."""
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def moment_of(text: object) -> datetime | None:
    """An instant written 2025-01-26T12:00Z, seconds optional, naive ones included; None for anything else."""
    if not isinstance(text, str) or not _DATE.match(text):
        return None
    try:
        return datetime.fromisoformat(text) if len(text) > len("2025-01-26") else None
    except ValueError:
        return None


def mappings_in(items: object, path: Steps) -> Iterator[tuple[Steps, Data]]:
    """Mappings of a list with their places; none for anything else."""
    for number, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, dict):
            yield (*path, number), item


def mapping_of(value: object) -> dict[str, Any]:
    """Return a mapping as it is, and an empty one for anything else."""
    return value if isinstance(value, dict) else {}
