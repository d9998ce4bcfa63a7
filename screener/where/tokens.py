"""The words of an expression, each with the place at which it stands."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from screener.where.error import WhereError, shown

TokenKind = Literal["word", "text", "number", "percent", "date", "sign", "end"]

RESERVED = frozenset({"and", "or", "not", "in", "contains", "is", "empty"})
_SPELLINGS = {"==": "=", "<>": "!=", "&&": "and", "||": "or", "!": "not"}

_SPACE = re.compile(r"\s*")
_SIGN = re.compile(r"==|=|!=|<>|<=|>=|<|>|&&|\|\||!|\(|\)|,")
_QUOTED = re.compile(
    r"""
      "(?P<double>(?:[^"\\]|\\.|"")*+)"
    | '(?P<single>(?:[^'\\]|\\.|'')*+)'
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"""\\(["'\\])|(")"|(')'""")
_RUN = re.compile(r"""[^\s()<>=!,&|"']+(?:\s+%(?![^\s()<>=!,&|"']))?""")
_NUMBER = re.compile(
    r"""
    (?P<mantissa>[+-]?(?:[0-9](?:_?[0-9])*(?:\.[0-9]+)?|\.[0-9]+))
    (?:[eE](?P<exponent>[+-]?[0-9]{1,4}))?
    (?P<percent>\s*%)?
    """,
    re.VERBOSE,
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORD = re.compile(r"\^?\w[\w.\-]*")


@dataclass(frozen=True, slots=True)
class Token:
    """One word, literal or sign; words of the language and their synonyms are signs in one spelling."""

    kind: TokenKind
    #: as written; for a sign, its one spelling
    text: str
    #: what it stands for; for a sign, as written
    value: str | float | date
    at: int

    def is_sign(self, *signs: str) -> bool:
        """Tell whether this is one of the signs."""
        return self.kind == "sign" and self.text in signs


def tokenize(text: str) -> tuple[Token, ...]:
    """Return the tokens of `text`, closed by one of kind `end`; raise WhereError at what is none."""
    tokens: list[Token] = []
    end = len(text.rstrip())
    at = _skip(text, 0)
    while at < end:
        token, at = _next(text, at)
        tokens.append(token)
        at = _skip(text, at)
    return (*tokens, Token("end", "", "", end))


def iso_date(text: str) -> date | None:
    """Return the date that `text` writes as 2025-02-28, or None where it is no date of the calendar."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _next(text: str, at: int) -> tuple[Token, int]:
    if found := _SIGN.match(text, at):
        sign = _SPELLINGS.get(found[0], found[0])
        return Token("sign", sign, found[0], at), found.end()
    if text[at] in "\"'":
        return _quoted(text, at)
    if found := _RUN.match(text, at):
        return _run(text, found[0], at)
    raise WhereError(f"a single {text[at]} means nothing here: write {text[at] * 2}", text, at)


def _quoted(text: str, at: int) -> tuple[Token, int]:
    found = _QUOTED.match(text, at)
    if not found:
        raise WhereError(f"this quote has no end: close the text with {text[at]}", text, at)
    own = text[at]
    # a doubled quote of the other sort stands for itself: 'say ""' has two
    value = _ESCAPED.sub(
        lambda e: e[1] or (own if e[0] == own * 2 else e[0]), found["double"] or found["single"] or ""
    )
    return Token("text", found[0], value, at), found.end()


def _run(text: str, run: str, at: int) -> tuple[Token, int]:
    end = at + len(run)
    if run.casefold() in RESERVED:
        return Token("sign", run.casefold(), run, at), end
    if number := _NUMBER.fullmatch(run):
        return _number(text, number, at), end
    if _DATE.fullmatch(run):
        day = iso_date(run)
        if day is None:
            raise WhereError(f"{run} is not a date of the calendar", text, at)
        return Token("date", run, day, at), end
    if _WORD.fullmatch(run):
        return Token("word", run, run, at), end
    expected = 'write text in "quotes", numbers as -0.5 or 15%, dates as 2025-02-28'
    raise WhereError(f"cannot read {shown(run)}: {expected}", text, at)


def _number(text: str, number: re.Match[str], at: int) -> Token:
    mantissa = number["mantissa"].replace("_", "")
    exponent = int(number["exponent"] or 0) - (2 if number["percent"] else 0)
    # the percent goes into the exponent: 1.1 / 100 would round twice
    value = float(f"{mantissa}e{exponent}")
    if math.isinf(value):
        raise WhereError("this number is too large", text, at)
    return Token("percent" if number["percent"] else "number", number[0], value, at)
