"""The exchanges the screener knows: whose a symbol is, when it trades, what it is held against."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from screener.errors import ConfigError, Fault, FaultyFileError, UsageError, did_you_mean
from screener.model import Market  # noqa: TC001 - msgspec reads the annotation
from screener.resources import bundled_config, user_config
from screener.typedyaml import Shape, convert
from screener.yamlrules import text_problems, zone_problem
from screener.yamltext import read_document, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from screener.typedyaml import Data, Problem, Steps
    from screener.yamltext import Document

_DAY_MINUTES = 24 * 60
# letters first, so that neither 005930 nor ^SOX nor KRW=X is taken for an American share
_STOCK = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_SUFFIX = re.compile(r"(?:\.[A-Z]{1,4})?")
_PATTERNS = {
    "id": (re.compile(r"[A-Z][A-Z0-9_]{0,15}"), "capital letters and digits such as KOSDAQ"),
    "country": (re.compile(r"[A-Z]{2}"), "a country code of two capital letters such as KR"),
    "currency": (re.compile(r"[A-Z]{3}"), "a currency code of three capital letters such as KRW"),
}


@dataclass(frozen=True, slots=True)
class MarketsFile:
    """What a markets.yaml says."""

    markets: tuple[Market, ...]


@dataclass(frozen=True, slots=True)
class Markets:
    """Every known market, in the order of the files."""

    by_id: dict[str, Market]
    _by_index: dict[str, Market] = field(init=False, repr=False, compare=False)
    _by_suffix: dict[str, Market] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_index = {index: market for market in self for index in (market.benchmark, *market.indices)}
        by_suffix = {suffix: market for market in self for suffix in market.suffixes}
        object.__setattr__(self, "_by_index", by_index)
        object.__setattr__(self, "_by_suffix", by_suffix)

    def __iter__(self) -> Iterator[Market]:
        return iter(self.by_id.values())

    def __getitem__(self, market_id: str) -> Market:
        return self.by_id[market_id]

    def of(self, symbol: str) -> Market:
        """Market of a symbol in Yahoo's writing: an index by name, else by suffix. Raises ConfigError."""
        index = self._by_index.get(symbol)
        if index is not None:
            return index
        suffix = symbol[symbol.rfind(".") :] if "." in symbol else ""
        market = self._by_suffix.get(suffix)
        if market is None or (not suffix and not _STOCK.fullmatch(symbol)):
            raise ConfigError(f"{symbol}: {self._why_none(symbol, suffix)}")
        return market

    def _why_none(self, symbol: str, suffix: str) -> str:
        known = [known for known in self._by_suffix if known]
        if symbol.startswith("^"):
            near = did_you_mean(symbol, self._by_index)
            return f"no market lists this index{near or ';'} add it to a market's indices in markets.yaml"
        if symbol.isdigit():
            return f"a number needs its market's suffix, such as {symbol}{known[0] if known else '.KS'}"
        if len(suffix) == len(".B"):
            stem, letter = symbol[: -len(suffix)], suffix[1:]
            return f"no market has the suffix {suffix}; Yahoo writes a share class as {stem}-{letter}"
        if not suffix:
            return "no market trades this; expected a share such as NVDA or 005930.KS, or a listed index"
        return (
            f"no market has the suffix {suffix}{did_you_mean(suffix, known) or '.'} Known: {', '.join(known)}"
        )

    def select(self, word: str) -> tuple[Market, ...]:
        """Markets by id (KOSPI) or country (KR), whatever the case. Raises UsageError for an unknown word."""
        wanted = word.strip().upper()
        by_id = tuple(market for market in self if market.id.upper() == wanted)
        found = by_id or tuple(market for market in self if market.country.upper() == wanted)
        if not found:
            known = list(dict.fromkeys(name for market in self for name in (market.id, market.country)))
            near = did_you_mean(wanted, known)
            raise UsageError(f"unknown market {word!r}{near or '.'} Known: {', '.join(known)}")
        return found


def load_markets() -> Markets:
    """The bundled markets, with those of the user's markets.yaml added or in their place."""
    return _load(user_config() / "markets.yaml")


@cache
def _load(own: Path) -> Markets:
    files = [bundled_config() / "markets.yaml", *([own] if own.is_file() else [])]
    found = {market.id: market for path in files for market in read_markets(path)}
    owners: dict[str, str] = {}
    for market in found.values():
        for suffix in market.suffixes:
            other = owners.setdefault(suffix, market.id)
            if other != market.id:
                message = f"markets {other} and {market.id} both claim the suffix {suffix!r}"
                raise FaultyFileError([Fault(str(files[-1]), 0, "suffixes", message)])
    return Markets(found)


def read_markets(path: Path) -> tuple[Market, ...]:
    """The markets of one file. Raises FaultyFileError with all its faults."""
    return convert(read_document(path), _SHAPE).markets


def _problems(document: Document) -> Iterator[Problem]:
    yield from text_problems(document.data)
    markets = document.data.get("markets")
    first: dict[str, int] = {}
    for number, market in enumerate(markets if isinstance(markets, list) else []):
        if not isinstance(market, dict):
            continue
        here: Steps = ("markets", number)
        yield from (((*here, key), message) for key, message in _market_problems(market))
        name = market.get("id")
        if isinstance(name, str):
            line = document.line((*here, "id"))
            if first.setdefault(name, line) != line:
                yield (*here, "id"), f"market {name} stands already in line {first[name]}; keep one"


def _market_problems(market: Data) -> Iterator[tuple[str, str]]:
    for key, (pattern, expected) in _PATTERNS.items():
        text = market.get(key)
        if isinstance(text, str) and not pattern.fullmatch(text):
            yield key, f"{shown(text)} does not fit, expected {expected}"
    if message := zone_problem(market.get("time_zone")):
        yield "time_zone", message
    suffixes = market.get("suffixes")
    for suffix in suffixes if isinstance(suffixes, list) else []:
        if isinstance(suffix, str) and not _SUFFIX.fullmatch(suffix):
            yield "suffixes", f'{shown(suffix)} does not fit, expected a dot and letters such as .KS, or ""'
    minutes = market.get("final_after_minutes")
    if isinstance(minutes, int) and not 0 <= minutes <= _DAY_MINUTES:
        yield "final_after_minutes", f"{minutes} is out of range, expected 0 to {_DAY_MINUTES}"


_SHAPE = Shape(MarketsFile, _problems)
