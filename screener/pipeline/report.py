"""Everything that a report says, before it is written in any format or language."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from screener.model import SIDES
from screener.pipeline.changes import Change, Snapshot, changes, snapshot_of
from screener.pipeline.claims import Judgement, Ledger
from screener.pipeline.paths import CategoryPath, category_paths, security_paths
from screener.pipeline.ranking import ranked
from screener.pipeline.score import Scorecard, score

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pandas as pd

    from screener.analytics.measures import Floats
    from screener.model import Side
    from screener.pipeline.screening import Screening


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A side in a few figures; medians are over the members that have the figure, NaN where none has."""

    side: Side
    measured: int
    #: moved on the event session as the article expects: down for losers, up for winners
    as_expected: int
    event_return: float
    #: close at the base or above now
    at_base: int
    #: have closed below the base since, and of those how many have regained it at least once
    fell: int
    regained: int
    recovery: float
    return_since: float
    excess_return: float
    #: the row that stands first in the side's order: the deepest loser, the best winner
    first: pd.Series


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What changed against an earlier report; `since` is its as-of date, None where there is no earlier one."""

    since: date | None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One screening made ready to be told."""

    screening: Screening
    #: what a later report will compare itself with
    snapshot: Snapshot
    #: None where no comparison was asked for
    comparison: Comparison | None = None
    tallies: tuple[Tally, ...]
    scorecard: Scorecard
    #: the theme's claims; none where only a part of its members was screened
    judgements: tuple[Judgement, ...]
    paths: tuple[CategoryPath, ...]
    #: returns since the base of each measured security, session by session
    sparklines: Mapping[str, Floats]


def report_of(screening: Screening) -> Report:
    """Make a screening ready to be told, without a look back."""
    screening = replace(screening, table=ranked(screening.table))
    table = screening.table
    sides = [(side, table[(table["side"] == side) & table["return_since"].notna()]) for side in SIDES]
    judgements = _judgements(screening)
    return Report(
        screening=screening,
        snapshot=snapshot_of(screening, {found.claim.id: found.verdict for found in judgements}),
        tallies=tuple(_tally(side, rows) for side, rows in sides if len(rows)),
        scorecard=score(screening),
        judgements=judgements,
        paths=category_paths(screening),
        sparklines=security_paths(screening),
    )


def compared(report: Report, before: Snapshot | None) -> Report:
    """Return the report with what changed since an earlier snapshot; None where there is no earlier one."""
    if before is None:
        return replace(report, comparison=Comparison(since=None))
    found = Comparison(since=before.as_of, changes=changes(before, report.snapshot))
    return replace(report, comparison=found)


def _judgements(screening: Screening) -> tuple[Judgement, ...]:
    """Judge the claims of a theme that was screened whole; of a part of it they would be untestable."""
    theme = screening.theme
    if not {member.symbol for _, member in theme.members()} <= set(screening.table["symbol"]):
        return ()
    return Ledger(theme, screening.panels, theme.claims).judge(screening.as_of)


def _tally(side: Side, rows: pd.DataFrame) -> Tally:
    expected = rows["event_return"] < 0 if side == "loser" else rows["event_return"] > 0
    return Tally(
        side=side,
        measured=len(rows),
        as_expected=int(expected.sum()),
        event_return=_median(rows["event_return"]),
        at_base=int((rows["return_since"] >= 0).sum()),
        fell=int((rows["sessions_below_base"] > 0).sum()),
        regained=int(rows["recovered_on"].notna().sum()),
        recovery=_median(rows["recovery"]),
        return_since=_median(rows["return_since"]),
        excess_return=_median(rows["excess_return"]),
        first=rows.iloc[0],
    )


def _median(values: pd.Series) -> float:
    known = values.to_numpy(dtype="float64")
    known = known[np.isfinite(known)]
    return float(np.median(known)) if len(known) else float("nan")
