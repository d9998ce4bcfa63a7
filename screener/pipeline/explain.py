"""Explain the figures of one security: where each comes from, for a reader with a pocket calculator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from screener import calendars
from screener.analytics.explain import DERIVED, Derivation, Note, derive
from screener.columns import BY_NAME, NAMES, Column
from screener.errors import UsageError, did_you_mean
from screener.pipeline import abnormal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from screener.pipeline.profile import Profile

#: columns that the theme gives its members
_OF_THEME = {"name", "name_ko", "side", "category", "basis", "confidence"}


@dataclass(frozen=True, slots=True)
class Explanation:
    """One column of one security: its value, and how that came about."""

    column: Column
    value: Any
    derivation: Derivation


def explained_columns(words: Iterable[str]) -> tuple[str, ...]:
    """Read the words of --explain: names of columns, also with commas between, or `all`."""
    names = [name.strip() for word in words for name in word.split(",") if name.strip()]
    for name in names:
        if name not in BY_NAME and name != "all":
            raise UsageError(
                f"--explain {name}: no such column{did_you_mean(name, BY_NAME)}; see `screener columns`"
            )
    return NAMES if "all" in names else tuple(dict.fromkeys(names))


def explain(profile: Profile, columns: Iterable[str] = NAMES) -> tuple[Explanation, ...]:
    """Explain these columns of a security, in the order given."""
    row = profile.row
    return tuple(Explanation(BY_NAME[name], row[name], _derivation(profile, name)) for name in columns)


def _derivation(profile: Profile, name: str) -> Derivation:
    if name in abnormal.COLUMNS:
        return abnormal.derive_abnormal(name, profile)
    if name in DERIVED:
        derivation = derive(name, profile.marks)
        notes = (*_found(profile, name), *derivation.notes)
        return replace(derivation, notes=notes)
    return Derivation(notes=(_origin(profile, name),))


def _found(profile: Profile, name: str) -> tuple[Note, ...]:
    """Say how the base and the event session follow from the event moment."""
    panel, marks = profile.panel, profile.marks
    wanted = {"base_date": panel.base, "event_date": panel.base + 1}
    if name not in wanted or not (marks.measured or (marks.based and name == "base_date")):
        return ()
    sessions = calendars.sessions_of(panel.market.calendar)
    session = panel.dates[wanted[name]]
    return (
        Note(
            f"{name}_found",
            {
                "moment": f"{profile.screening.theme.event.moment:%Y-%m-%dT%H:%MZ}",
                "calendar": panel.market.calendar,
                "session": str(session),
                "closed": f"{_closing(sessions, session)}Z",
            },
        ),
    )


def _closing(sessions: calendars.Sessions, day: np.datetime64) -> str:
    row = np.searchsorted(sessions.dates, day)
    return str(sessions.closes[row])[:16]


def _origin(profile: Profile, name: str) -> Note:
    """Say where a text comes from that no price decides."""
    screening, market = profile.screening, profile.panel.market
    if name in _OF_THEME:
        if profile.category is None:
            return Note("outside", {"theme": screening.theme.id})
        return Note("of_theme", {"theme": screening.theme.id, "category": profile.category.id})
    return {
        "rank": Note("only_one"),
        "symbol": Note("as_given"),
        "market": Note("of_symbol"),
        "currency": Note("of_market", {"market": market.id}),
        "benchmark": Note("of_market", {"market": market.id}),
        "price_source": Note("of_source"),
    }[name]
