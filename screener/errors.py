"""The exception tree. Each error builds its own message: the value, the place, the next step.

Exit codes live here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

EXIT_DONE = 0
EXIT_FAULT = 1
EXIT_USAGE = 2
EXIT_STRICT = 3
EXIT_NO_PRICES = 4
EXIT_ALERT = 5
EXIT_INTERRUPTED = 130


class ScreenerError(Exception):
    """Root of everything that the screener raises on purpose; shown as its message, never as a traceback."""

    exit_code = EXIT_FAULT


class UsageError(ScreenerError):
    """A wrong option, argument or expression."""

    exit_code = EXIT_USAGE


class ConfigError(UsageError):
    """A configuration file that cannot be used."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong in a file, with where it stands."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        """As compilers print it: file:line: key: message."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class FaultyFileError(ConfigError):
    """A file with one or more faults; the message lists all of them, a line each."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))


class NoPricesError(ScreenerError):
    """Not one security has a usable price."""

    exit_code = EXIT_NO_PRICES


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ', did you mean X?' for the nearest known word, or nothing."""
    import difflib

    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f", did you mean {near[0]}?" if near else ""
