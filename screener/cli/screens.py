"""From options to a screening: what every command that screens does first."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from screener.cli.output import notices, tell
from screener.cli.progress import fetching
from screener.errors import EXIT_STRICT, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from screener.cli.options import Choice, Output, Study
    from screener.model import Theme
    from screener.pipeline.screening import Screening
    from screener.pipeline.study import StudyTerms

#: heads under which files of symbols list them
HEADS = {"SYMBOL", "SYMBOLS", "TICKER", "TICKERS", "CODE"}


class Themed(Protocol):
    """Options that name a theme."""

    @property
    def theme(self) -> str:
        """Name or file of the theme."""


def theme_of(choice: Themed, output: Output) -> Theme:
    """Load the theme; say where a user's own file stands in for a bundled one."""
    from screener.taxonomy import find_theme, read_theme

    found = find_theme(choice.theme)
    if found.shadows_bundled:
        notices([f"theme {found.id}: your {found.path} stands in for the bundled one"], output)
    return read_theme(found)


def screening_of(
    choice: Choice,
    output: Output,
    symbols: Iterable[str] = (),
    study: Study | None = None,
    *,
    claims: bool = False,
) -> Screening:
    """Screen what the options say, and say what went wrong on the way; `claims` loads what these name too."""
    terms, theme = study_terms(study), theme_of(choice, output)
    from screener.markets import load_markets
    from screener.pipeline.screening import ScreenRequest, screen

    markets = load_markets()
    request = ScreenRequest(
        theme=theme,
        symbols=tuple(symbols),
        sides=(choice.side,) if choice.side else (),
        categories=tuple(choice.category),
        markets=tuple(market.id for word in choice.market for market in markets.select(word)),
        as_of=choice.as_of,
        source=choice.source,
        offline=choice.offline,
        max_age=choice.max_age,
        price=choice.price,
        study=terms,
    )
    if claims:
        from screener.pipeline.evidence import companions

        request = replace(request, companions=companions(theme))
    with fetching(output, "Screening") as progress:
        screening = screen(replace(request, progress=progress))
    tell(screening, output)
    return screening


def study_terms(study: Study | None) -> StudyTerms:
    """Read the options of the event study; a command without them takes what they are by default."""
    from screener.pipeline.study import StudyTerms, parse_estimation, parse_window

    if study is None:
        return StudyTerms()
    return StudyTerms(
        window=parse_window(study.window), model=study.model, estimation=parse_estimation(study.estimation)
    )


def tell_study(screening: Screening, names: Collection[str], output: Output) -> None:
    """Say what abnormal returns rest on where the answer has them and no caption to say it."""
    from screener.columns import STUDIED

    if not names or STUDIED & set(names):
        notices(screening.study.notices(), output)


def read_symbols(words: Iterable[str]) -> list[str]:
    """Return the symbols given as arguments; `-` stands for those on stdin, the first field of each line."""
    symbols: list[str] = []
    for word in words:
        symbols += _from_stdin() if word == "-" else [word.strip().upper()]
    return list(dict.fromkeys(symbols))


def strict_code(screening: Screening, output: Output) -> int:
    """Return the exit code of --strict: 3 where some securities have no usable prices."""
    return EXIT_STRICT if output.strict and (screening.table["status"] == "no_prices").any() else 0


def _from_stdin() -> list[str]:
    fields = (line.replace("\t", ",").partition(",")[0].strip().strip('"').upper() for line in sys.stdin)
    symbols = [field for field in fields if field and not field.startswith("#") and field not in HEADS]
    if not symbols:
        raise UsageError("-: no symbols on stdin; expected one a line, or CSV with the symbol first")
    return symbols
