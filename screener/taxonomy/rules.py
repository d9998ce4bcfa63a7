"""What must hold in a theme beyond the types of its keys. Gets unchecked data: any type anywhere."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from screener.errors import did_you_mean
from screener.markets import load_markets
from screener.taxonomy.claimrules import claim_problems
from screener.taxonomy.symbols import symbol_problem
from screener.yamlrules import date_of, mapping_of, mappings_in, moment_of, text_problems, zone_problem
from screener.yamltext import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from screener.typedyaml import Data, Problem, Steps
    from screener.yamltext import Document

THEME_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_CATEGORY_ID = re.compile(r"[a-z0-9_]{1,64}")


def theme_problems(document: Document) -> Iterator[Problem]:
    """Everything wrong with a theme's values, each with its place."""
    data = document.data
    return chain(
        text_problems(data),
        _id_problems(data),
        _event_problems(data),
        _timeline_problems(data),
        _category_problems(document),
        _symbol_problems(document),
        _also_in_problems(data),
        claim_problems(document),
    )


def _id_problems(data: Data) -> Iterator[Problem]:
    name = data.get("id")
    if isinstance(name, str) and not THEME_ID.fullmatch(name):
        yield (
            ("id",),
            f"{shown(name)} does not fit, expected small letters, digits, '-' and '_' such as deepseek-r1",
        )


def _event_problems(data: Data) -> Iterator[Problem]:
    text = mapping_of(data.get("event")).get("moment")
    moment = moment_of(text)
    if isinstance(text, str) and moment is None:
        yield ("event", "moment"), f"{shown(text)} is no instant, expected one such as 2025-01-26T12:00Z"
    if moment is not None and moment.tzinfo is None:
        yield ("event", "moment"), f"{text} has no time zone; add Z for UTC or an offset such as +09:00"
    until = mapping_of(data.get("windows")).get("clean_until")
    last = date_of(until)
    if isinstance(until, str) and last is None:
        yield ("windows", "clean_until"), f"{shown(until)} is no date, expected YYYY-MM-DD"
    if last is not None and moment is not None and last < moment.date():
        yield ("windows", "clean_until"), f"{until} lies before the event ({moment.date()})"


def _timeline_problems(data: Data) -> Iterator[Problem]:
    known_good: set[str] = set()
    for path, milestone in mappings_in(mapping_of(data.get("event")).get("timeline"), ("event", "timeline")):
        day, zone = milestone.get("date"), milestone.get("time_zone")
        if isinstance(day, str) and date_of(day) is None:
            yield (*path, "date"), f"{shown(day)} is no date, expected YYYY-MM-DD"
        if isinstance(zone, str) and zone not in known_good:
            if message := zone_problem(zone):
                yield (*path, "time_zone"), message
            else:
                known_good.add(zone)


def _category_problems(document: Document) -> Iterator[Problem]:
    if document.data.get("categories") == []:
        yield ("categories",), "no categories; a theme needs at least one"
    first: dict[str, int] = {}
    for path, category in _categories(document.data):
        name = category.get("id")
        if isinstance(name, str):
            if not _CATEGORY_ID.fullmatch(name):
                yield (*path, "id"), f"{shown(name)} does not fit, expected small letters, digits and '_'"
            line = document.line((*path, "id"))
            if first.setdefault(name, line) != line:
                yield (*path, "id"), f"the id {name} stands already in line {first[name]}; ids must differ"
        if category.get("members") == []:
            yield (*path, "members"), "no members; a category needs at least one"


def _symbol_problems(document: Document) -> Iterator[Problem]:
    first: dict[str, int] = {}
    markets = load_markets()
    for path, member in _members(document.data):
        symbol = member.get("symbol")
        if isinstance(symbol, str):
            here = (*path, "symbol")
            if message := symbol_problem(symbol, markets):
                yield here, message
            line = document.line(here)
            if first.setdefault(symbol.upper(), line) != line:
                seen = first[symbol.upper()]
                yield here, f"{symbol} stands already in line {seen}; keep one, and name the other in also_in"


def _also_in_problems(data: Data) -> Iterator[Problem]:
    names = (category.get("id") for _, category in _categories(data))
    known = dict.fromkeys(name for name in names if isinstance(name, str))
    for path, member in _members(data):
        other = member.get("also_in")
        if isinstance(other, str) and other and other not in known:
            near = did_you_mean(other, known) or "."
            yield (*path, "also_in"), f"no category {shown(other)}{near} Known: {', '.join(known) or 'none'}"


def _categories(data: Data) -> Iterator[tuple[Steps, Data]]:
    return mappings_in(data.get("categories"), ("categories",))


def _members(data: Data) -> Iterator[tuple[Steps, Data]]:
    for path, category in _categories(data):
        yield from mappings_in(category.get("members"), (*path, "members"))
