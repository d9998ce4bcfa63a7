"""Rules of alerts: the shipped alerts.yaml and the user's, each rule a condition on rows or on a claim."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from screener.columns import BY_NAME
from screener.errors import UsageError, did_you_mean
from screener.pipeline.claims import VERDICTS
from screener.resources import bundled_config, user_config
from screener.typedyaml import Shape, convert
from screener.where import Expression, WhereError, parse
from screener.yamlrules import text_problems
from screener.yamltext import read_document, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from screener.typedyaml import Data, Problem, Steps
    from screener.yamltext import Document

ANY_CLAIM = "any"
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEntry:
    """A rule as its file writes it."""

    id: str
    title: str
    title_ko: str = ""
    where: str = ""
    show: tuple[str, ...] = ()
    claim: str = ""
    verdict: str = ""
    theme: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class RulesFile:
    """What an alerts.yaml says."""

    rules: tuple[RuleEntry, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule ready to be held against a screening."""

    entry: RuleEntry
    #: None for a rule on a claim
    where: Expression | None

    @property
    def id(self) -> str:
        """Its name in the output and on the command line."""
        return self.entry.id

    @property
    def condition(self) -> str:
        """What it waits for, in a line; a rule of another condition is another rule."""
        entry = self.entry
        return entry.where if self.where else f"claim {entry.claim} {entry.verdict}"

    @property
    def shown(self) -> tuple[str, ...]:
        """Columns told with an alert."""
        return self.entry.show or (self.where.columns if self.where else ())


def load_rules(theme: str, only: Iterable[str] = ()) -> tuple[Rule, ...]:
    """Return the rules in force for a theme, shipped ones first; with `only`, just those of these ids.

    Raises FaultyFileError with every fault of a file, and UsageError for an id that no rule in force has.
    """
    entries = _entries(user_config() / "alerts.yaml").values()
    rules = {
        entry.id: Rule(entry, parse(entry.where) if entry.where else None)
        for entry in entries
        if entry.enabled and entry.theme in {"", theme}
    }
    wanted = tuple(dict.fromkeys(only))
    for name in wanted:
        if name not in rules:
            near = did_you_mean(name, rules) or "."
            raise UsageError(f"--rule {name}: no such rule in force{near} Known: {', '.join(rules)}")
    return tuple(rules[name] for name in wanted or rules)


def read_rules(path: Path) -> tuple[RuleEntry, ...]:
    """Return the rules of one file. Raises FaultyFileError with all its faults."""
    return convert(read_document(path), _SHAPE).rules


def _entries(own: Path) -> dict[str, RuleEntry]:
    files = [bundled_config() / "alerts.yaml", *([own] if own.is_file() else [])]
    return {entry.id: entry for path in files for entry in read_rules(path)}


def _problems(document: Document) -> Iterator[Problem]:
    yield from text_problems(document.data)
    rules = document.data.get("rules")
    first: dict[str, int] = {}
    for number, rule in enumerate(rules if isinstance(rules, list) else []):
        if not isinstance(rule, dict):
            continue
        here: Steps = ("rules", number)
        yield from (((*here, *path), message) for path, message in _rule_problems(rule))
        name = rule.get("id")
        if isinstance(name, str):
            line = document.line((*here, "id"))
            if first.setdefault(name, line) != line:
                yield (*here, "id"), f"rule {name} stands already in line {first[name]}; keep one"


def _rule_problems(rule: Data) -> Iterator[Problem]:
    name = rule.get("id")
    if isinstance(name, str) and not _ID.fullmatch(name):
        yield (
            ("id",),
            f"{shown(name)} does not fit, expected small letters, digits, '-' and '_' such as new_low",
        )
    if bool(rule.get("where")) == bool(rule.get("claim")):
        yield (), "expected either where: (a condition on the columns) or claim: (with verdict:)"
    yield from _where_problems(rule.get("where"))
    yield from _claim_problems(rule)
    columns = rule.get("show")
    for number, column in enumerate(columns if isinstance(columns, list) else []):
        if isinstance(column, str) and column not in BY_NAME:
            near = did_you_mean(column, BY_NAME)
            yield ("show", number), f"no column {shown(column)}{near}; see `screener columns`"


def _where_problems(where: Any) -> Iterator[Problem]:
    if isinstance(where, str) and where:
        try:
            parse(where)
        except WhereError as error:
            yield ("where",), str(error)


def _claim_problems(rule: Data) -> Iterator[Problem]:
    verdict = rule.get("verdict")
    if rule.get("claim") and not verdict:
        yield ("verdict",), f"a claim needs the verdict to wait for: {', '.join(VERDICTS)}"
    if verdict and not rule.get("claim"):
        yield ("verdict",), "a verdict is of a claim; expected claim: as well"
    if isinstance(verdict, str) and verdict and verdict not in VERDICTS:
        near = did_you_mean(verdict, VERDICTS) or "."
        yield ("verdict",), f"unknown word {shown(verdict)}{near} Expected one of: {', '.join(VERDICTS)}"


_SHAPE = Shape(RulesFile, _problems)
