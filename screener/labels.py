"""Texts of the output, from one data file a language."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screener.model import Lang

LANGUAGES: tuple[Lang, ...] = ("en", "ko")


@dataclass(frozen=True, slots=True)
class Labels:
    """All texts of one language."""

    lang: Lang
    columns: Mapping[str, tuple[str, str]]
    sections: Mapping[str, Mapping[str, str]]
    #: heads and meanings of the columns of other tables than the ranking, by table
    tables: Mapping[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)

    def for_table(self, name: str) -> Labels:
        """Return the same texts with the columns of another table before those of the ranking."""
        return replace(self, columns={**self.columns, **self.tables.get(name, {})})

    def head(self, column: str) -> str:
        """Short head of a column in tables."""
        return self.columns[column][0]

    def meaning(self, column: str) -> str:
        """What a column means, in a sentence."""
        return self.columns[column][1]

    def word(self, key: str, **values: object) -> str:
        """Return a word of the output with its values put in."""
        text = self.sections["words"][key]
        return text.format(**values) if values else text

    def of(self, section: str, key: str) -> str:
        """Return a text of another section: sides, kinds, statuses."""
        return self.sections[section][key]

    def pick(self, english: str, korean: str) -> str:
        """Return the text in this language, or the one there is."""
        return (korean or english) if self.lang == "ko" else (english or korean)


@cache
def labels(lang: Lang) -> Labels:
    """Read the texts of a language."""
    import yaml

    path = Path(__file__).parent / "lang" / f"{lang}.yaml"
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=loader)  # noqa: S506 - a safe loader, in C
    columns = _columns(data.pop("columns"))
    tables = {name: _columns(texts) for name, texts in data.pop("tables").items()}
    return Labels(lang, columns, data, tables)


def _columns(texts: Mapping[str, list[str]]) -> dict[str, tuple[str, str]]:
    return {name: (head, meaning) for name, (head, meaning) in texts.items()}


def default_language() -> Lang:
    """Korean where the locale is Korean, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "ko" if value.lower().startswith("ko") else "en"
    return "en"
