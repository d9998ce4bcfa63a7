"""Judged claims as tables for programs: a line a test, and a line a claim and month end."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from screener.columns import CLAIM_COLUMNS, HISTORY_COLUMNS
from screener.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from screener.model import Claim, Theme
    from screener.pipeline.claims import Finding, Judgement, Verdict
    from screener.pipeline.screening import Screening


def chosen_claims(theme: Theme, names: Sequence[str]) -> tuple[Claim, ...]:
    """Return the claims of these names in the order of the theme, all without a name. Raises UsageError."""
    known = {claim.id: claim for claim in theme.claims}
    for name in names:
        if name not in known:
            raise UsageError(f"--claim {name}: theme {theme.id} has no such claim{did_you_mean(name, known)}")
    return tuple(claim for claim in theme.claims if not names or claim.id in names)


def claim_table(judgements: Iterable[Judgement]) -> pd.DataFrame:
    """Return a line a test with the columns of `screener columns claims`."""
    rows = [
        _row(judgement, number, finding)
        for judgement in judgements
        for number, finding in enumerate(judgement.findings, 1)
    ]
    table = pd.DataFrame(rows, columns=[column.name for column in CLAIM_COLUMNS])
    dates = {
        column.name: pd.to_datetime(table[column.name]) for column in CLAIM_COLUMNS if column.kind == "date"
    }
    return table.assign(**dates)


def history_table(
    claims: Iterable[Claim], days: Sequence[date], history: Mapping[str, Sequence[Verdict]]
) -> pd.DataFrame:
    """Return a line a claim and day with the columns of `screener columns history`."""
    rows = [
        (claim.id, claim.title, claim.title_ko, day, verdict)
        for claim in claims
        for day, verdict in zip(days, history[claim.id], strict=True)
    ]
    table = pd.DataFrame(rows, columns=[column.name for column in HISTORY_COLUMNS])
    return table.assign(as_of=pd.to_datetime(table["as_of"]))


def month_ends(screening: Screening) -> tuple[date, ...]:
    """Return the last day of each month since the event, and the as-of date."""
    events = (
        panel.dates[panel.base + 1]
        for panel in screening.panels.values()
        if panel.base + 1 < len(panel.dates)
    )
    day = min((event.item() for event in events), default=screening.as_of)
    days = []
    while (end := day.replace(day=monthrange(day.year, day.month)[1])) < screening.as_of:
        days.append(end)
        day = end + timedelta(days=1)
    return (*days, screening.as_of)


def _row(judgement: Judgement, number: int, finding: Finding) -> dict[str, Any]:
    claim, test = judgement.claim, finding.test
    return {
        "claim": claim.id,
        "title": claim.title,
        "title_ko": claim.title_ko,
        "verdict": judgement.verdict,
        "turned_on": judgement.turned_on,
        "test": number,
        "label": test.label,
        "label_ko": test.label_ko,
        "decides": "yes" if finding.verdict and test.decides else "no",
        "measure": test.measure,
        "value": finding.value,
        "value_on": finding.on,
        "expect": test.expect,
        "bound": finding.bound,
        "test_verdict": finding.verdict or "",
        "held_days": finding.held_days if finding.held_days is not None else float("nan"),
        "n": len(finding.counted),
        "left_out": "; ".join(f"{symbol} {reason}" for symbol, reason in finding.left_out),
        "note": claim.note,
        "note_ko": claim.note_ko,
    }
