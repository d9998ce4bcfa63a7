"""What must hold in the claims of a theme beyond the types of their keys. Gets unchecked data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from screener.errors import UsageError, did_you_mean
from screener.markets import load_markets
from screener.model import SIDES
from screener.taxonomy.symbols import symbol_problem
from screener.taxonomy.terms import GROUPS, Take, Threshold, end_of, measure_of, start_of
from screener.yamlrules import date_of, mapping_of, mappings_in
from screener.yamltext import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from screener.markets import Markets
    from screener.typedyaml import Data, Problem, Steps
    from screener.yamltext import Document

_CLAIM_ID = re.compile(r"[a-z0-9_]{1,64}")
_LOWER = re.compile(r"[a-z]")

T = TypeVar("T")


def claim_problems(document: Document) -> Iterator[Problem]:
    """Everything wrong with the claims' values, each with its place."""
    known = _members_by_name(document.data)
    until = date_of(mapping_of(document.data.get("windows")).get("clean_until"))
    markets = load_markets()
    first: dict[str, int] = {}
    for path, claim in mappings_in(document.data.get("claims"), ("claims",)):
        name = claim.get("id")
        if isinstance(name, str):
            if not _CLAIM_ID.fullmatch(name):
                yield (*path, "id"), f"{shown(name)} does not fit, expected small letters, digits and '_'"
            line = document.line((*path, "id"))
            if first.setdefault(name, line) != line:
                yield (*path, "id"), f"the id {name} stands already in line {first[name]}; ids must differ"
        yield from _tests_problems(claim.get("tests"), (*path, "tests"))
        for where, test in mappings_in(claim.get("tests"), (*path, "tests")):
            yield from _Test(where, test, known, until, markets).problems()


def _tests_problems(tests: object, path: Steps) -> Iterator[Problem]:
    if not isinstance(tests, list):
        return
    if not any(isinstance(test, dict) and test.get("expect") and test.get("decides", True) for test in tests):
        yield path, "no test decides; at least one needs expect: with a threshold such as '<= -15%'"
    if len(tests) > 1:
        for number, test in enumerate(tests):
            if isinstance(test, dict) and not test.get("label"):
                yield (*path, number), "no label; where a claim has several tests, each needs one"


@dataclass(frozen=True, slots=True)
class _Test:
    """One test of a claim, as it stands in the file."""

    path: Steps
    data: Data
    #: category or group -> its members' symbols
    members: dict[str, list[str]]
    clean_until: date | None
    markets: Markets

    def problems(self) -> Iterator[Problem]:
        yield from self._name_problems("of")
        yield from self._name_problems("minus")
        yield from self._without_problems()
        yield from self._market_problems()
        yield from self._window_problems()
        yield from self._figure_problems()

    def _text(self, key: str, default: str = "") -> str:
        value = self.data.get(key, default)
        return value if isinstance(value, str) else default

    def _names(self, key: str) -> list[tuple[Steps, str]]:
        value = self.data.get(key)
        if isinstance(value, list):
            return [((*self.path, key, n), name) for n, name in enumerate(value) if isinstance(name, str)]
        return [((*self.path, key), value)] if isinstance(value, str) else []

    def _name_problems(self, key: str) -> Iterator[Problem]:
        if self.data.get(key) in ([], ""):
            yield (*self.path, key), "names nothing; expected a symbol, a category or a list of these"
            return
        for path, name in self._names(key):
            if message := self._name_problem(name):
                yield path, message

    def _name_problem(self, name: str) -> str:
        if name in self.members:
            return self._emptied(name)
        if _LOWER.search(name):
            near = did_you_mean(name, self.members) or "."
            known = ", ".join(self.members)
            return f"no category {shown(name)}{near} Known: {known}; symbols are in capital letters"
        parts = name.split("/", maxsplit=1)
        problems = [message for part in parts if (message := symbol_problem(part, self.markets))]
        if not problems and len({self.markets.of(part).id for part in parts}) > 1:
            return f"{name}: a ratio needs two symbols of one market, since others trade on other days"
        return problems[0] if problems else ""

    def _emptied(self, name: str) -> str:
        """Say where `market` and `without` leave nothing of a category; empty where one is left."""
        without = {symbol for _, symbol in self._names("without")}
        word = self._text("market")
        chosen = _tried(self.markets.select, word)[0] if word else tuple(self.markets)
        if chosen is None:
            return ""
        for symbol in self.members[name]:
            market, _ = _tried(self.markets.of, symbol)
            if symbol not in without and (market is None or market in chosen):
                return ""
        return f"{name}: no member is left by market and without"

    def _named_members(self) -> list[str]:
        names = (name for key in ("of", "minus") for _, name in self._names(key))
        return [symbol for name in names for symbol in self.members.get(name, ())]

    def _without_problems(self) -> Iterator[Problem]:
        members = self._named_members()
        for path, name in self._names("without"):
            if name not in members:
                near = did_you_mean(name, members) or ";"
                yield path, f"{name} is no member of the categories named{near} nothing would be left out"

    def _market_problems(self) -> Iterator[Problem]:
        if word := self._text("market"):
            _, fault = _tried(self.markets.select, word)
            yield from self._fault("market", fault)

    def _window_problems(self) -> Iterator[Problem]:
        since, window = self._text("since", "base"), self._text("window", "all")
        start, fault = _tried(start_of, since)
        yield from self._fault("since", fault)
        end, fault = _tried(end_of, window, self.clean_until)
        yield from self._fault("window", fault)
        if start and end:
            dated = start.day and end.day and start.day >= end.day
            if dated or (since == "event" and window == "day"):
                yield from self._fault(
                    "window", f"{window} ends before anything follows the close of {since}"
                )

    def _figure_problems(self) -> Iterator[Problem]:
        best = self.data.get("best")
        if isinstance(best, int) and best < 1:
            yield from self._fault("best", f"{best} is too few, expected 1 or more")
        measure, fault = _tried(measure_of, self._text("measure", "return_since"))
        yield from self._fault("measure", fault)
        if measure is None:
            return
        if measure.kind == "price" and (self._many() or self._names("minus")):
            several = f"{measure.name} is a price; of several securities expected a fraction or a number"
            yield from self._fault("measure", several)
        take, fault = _tried(Take.parse, self._text("take", "mean"), measure.kind)
        yield from self._fault("take", fault)
        if take is None:
            return
        yield from self._rank_problems(take)
        if expect := self._text("expect"):
            yield from self._fault("expect", _tried(Threshold.parse, expect, take.kind_of(measure))[1])

    def _rank_problems(self, take: Take) -> Iterator[Problem]:
        members = [*self._named_members(), *(name for _, name in self._names("of"))]
        if take.symbol and (take.symbol not in members or self._names("minus")):
            near = did_you_mean(take.symbol, members) or ";"
            yield from self._fault(
                "take", f"{take.symbol}{near} expected a member of what of: names, and no minus"
            )

    def _many(self) -> bool:
        names = [name for _, name in self._names("of")]
        return len(names) > 1 or any(name in self.members for name in names)

    def _fault(self, key: str, message: str) -> Iterator[Problem]:
        if message:
            yield (*self.path, key), message


def _tried(read: Callable[..., T], *given: object) -> tuple[T | None, str]:
    """Return what was read, or what is wrong with it."""
    try:
        return read(*given), ""
    except UsageError as error:
        return None, str(error)


def _members_by_name(data: Data) -> dict[str, list[str]]:
    """Return the symbols behind every category and group, categories before groups of their name."""
    found: dict[str, list[str]] = {}
    groups: dict[str, list[str]] = {name: [] for name in GROUPS}
    for _, category in mappings_in(data.get("categories"), ()):
        members = mappings_in(category.get("members"), ())
        symbols = [m["symbol"] for _, m in members if isinstance(m.get("symbol"), str)]
        if isinstance(category.get("id"), str):
            found[category["id"]] = symbols
        side = category.get("side")
        for name, sides in GROUPS.items():
            # one whose side is itself a fault may belong to any group
            groups[name] += symbols if side in sides or side not in SIDES else []
    return groups | found
