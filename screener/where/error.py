"""What a faulty expression is answered with: the problem, the line, a caret under the character."""

from __future__ import annotations

import unicodedata

from screener.errors import UsageError

_BEFORE, _AFTER = 60, 40
_LONGEST_WORD = 40
#: vowels and finals of decomposed Hangul: drawn into the syllable that the initial has made room for
_JOINING_JAMO = range(0x1160, 0x1200)


class WhereError(UsageError):
    """An expression that cannot be read; its message is the problem, the line at fault and a caret."""

    def __init__(self, problem: str, text: str, at: int) -> None:
        self.problem = problem
        self.text = text
        #: index in `text` of the character at fault; one past the last character where something is missing
        self.at = at
        super().__init__(f"{problem}\n{_pointed(text, at)}")


def shown(word: str) -> str:
    """Return `word` fit for one line of a message: unprintable characters replaced, long ones cut."""
    cut = word if len(word) <= _LONGEST_WORD else word[:_LONGEST_WORD] + "…"
    return "".join(_visible(char) for char in cut)


def display_width(text: str) -> int:
    """Return how many terminal cells `text` takes: wide East Asian characters two, combining ones none."""
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me"} or ord(char) in _JOINING_JAMO:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def _visible(char: str) -> str:
    if char.isprintable():
        return char
    return " " if char.isspace() else "\N{REPLACEMENT CHARACTER}"


def _pointed(text: str, at: int) -> str:
    """Return the line of `text` that holds `at`, cut around it where long, and a caret below."""
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    first, last = max(start, at - _BEFORE), min(end, at + _AFTER)
    before = ("…" if first > start else "") + "".join(_visible(char) for char in text[first:at])
    after = "".join(_visible(char) for char in text[at:last]) + ("…" if last < end else "")
    return f"  {before}{after}\n  {' ' * display_width(before)}^"
