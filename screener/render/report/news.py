"""What changed since an earlier report, in words."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from screener.render.report.content import Facts, Section
from screener.render.values import PROSE_LENGTH, inert, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screener.labels import Labels
    from screener.pipeline.changes import Change, Value
    from screener.pipeline.report import Comparison, Report

#: kinds whose figures are fractions
FRACTIONS = {"new_low", "base_lost", "base_regained", "new_high"}


def news(report: Report, comparison: Comparison, labels: Labels) -> Section:
    """Return what changed by kind; that nothing did, or that there is nothing to compare with, is said."""
    words = labels.sections["report"]
    if comparison.since is None:
        return Section("changes", words["changes"], (words["changes_first"],))
    if not comparison.changes:
        return Section("changes", words["changes"], (words["changes_none"].format(since=comparison.since),))
    names = _names(report, labels)
    items = []
    for kind, group in groupby(comparison.changes, key=lambda change: change.kind):
        lines = tuple(_line(change, names, labels) for change in group)
        items.append((f"{labels.of('changes', kind)} ({len(lines)})", lines))
    lead = words["changes_since"].format(since=comparison.since)
    return Section("changes", words["changes"], (lead,), facts=(Facts("", tuple(items)),))


def _line(change: Change, names: Mapping[str, str], labels: Labels) -> str:
    told = (_value(change, value, labels) for value in (change.before, change.after))
    moved = " → ".join(filter(None, told))
    return f"{names.get(change.subject, inert(change.subject))}: {moved} ({change.date})"


def _value(change: Change, value: Value, labels: Labels) -> str:
    if value is None:
        return ""
    if change.kind in FRACTIONS and not isinstance(value, str):
        return percent(value)
    if change.kind == "rank_move":
        return f"#{value}"
    if change.kind == "claim_turned":
        return labels.of("verdicts", str(value))
    return labels.sections["statuses"].get(str(value), str(value))


def _names(report: Report, labels: Labels) -> dict[str, str]:
    """Return what each subject of a change is called."""
    table = report.screening.table
    rows = zip(table["symbol"].tolist(), table["name"].tolist(), table["name_ko"].tolist(), strict=True)
    named = {symbol: inert(labels.pick(name, name_ko)) for symbol, name, name_ko in rows}
    claims = (judgement.claim for judgement in report.judgements)
    return {
        **{symbol: f"{name} ({symbol})" if name else symbol for symbol, name in named.items()},
        **{claim.id: inert(labels.pick(claim.title, claim.title_ko), PROSE_LENGTH) for claim in claims},
    }
