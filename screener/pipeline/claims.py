"""Claims held against prices: each test's figure and verdict as of a day, and when a claim's verdict turned."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from screener.analytics.claims import first_true, one_figure, satisfies
from screener.pipeline.evidence import COUNTED, Evidence, Trial, trial_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from screener.analytics.panel import Panel
    from screener.columns import Kind
    from screener.model import Claim, ClaimTest, Theme
    from screener.pipeline.evidence import Measured

Verdict = Literal["holds", "refuted", "open", "untestable"]
VERDICTS: tuple[Verdict, ...] = ("holds", "refuted", "open", "untestable")
#: measures with a date of their own; the others belong to the last session
_DATED = {
    "base_close": "base_date",
    "event_return": "event_date",
    "fall": "trough_date",
    "trough_close": "trough_date",
    "sessions_to_trough": "trough_date",
    "sessions_to_recover": "recovered_on",
    "pre_high": "pre_high_date",
    "highest_close": "highest_date",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one test came to."""

    test: ClaimTest
    kind: Kind
    #: NaN for none
    value: float
    #: session of the figure
    on: date | None
    #: the threshold's number; NaN without one
    bound: float
    #: None where nothing is expected
    verdict: Verdict | None
    #: securities that count
    counted: tuple[str, ...]
    #: securities that do not, with the reason: a status, no_benchmark or no_value
    left_out: tuple[tuple[str, str], ...]
    #: those of them for want of which it cannot be tested
    lacking: tuple[tuple[str, str], ...]
    #: days that it held since the event session, for tests that hold until a close breaks them
    held_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What became of a claim."""

    claim: Claim
    verdict: Verdict
    #: day on which the verdict came to be what it is
    turned_on: date | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Ledger:
    """The claims of a theme before its prices; nothing after the day asked for enters an answer."""

    theme: Theme
    panels: Mapping[str, Panel]
    claims: tuple[Claim, ...]

    def judge(self, day: date) -> tuple[Judgement, ...]:
        """Judge every claim as of a day, in the order of the theme."""
        evidence = Evidence(self.panels)
        return tuple(
            _Case.of(claim, self.theme, evidence).judgement(np.datetime64(day)) for claim in self.claims
        )

    def history(self, days: Sequence[date]) -> dict[str, tuple[Verdict, ...]]:
        """Judge every claim as of each of several days: {claim id: verdicts}."""
        evidence = Evidence(self.panels)
        cases = [_Case.of(claim, self.theme, evidence) for claim in self.claims]
        return {case.claim.id: tuple(case.verdict(np.datetime64(day)) for day in days) for case in cases}


@dataclass(frozen=True, slots=True)
class _Case:
    """One claim with its tests read."""

    claim: Claim
    trials: tuple[Trial, ...]
    evidence: Evidence

    @classmethod
    def of(cls, claim: Claim, theme: Theme, evidence: Evidence) -> _Case:
        return cls(claim, tuple(trial_of(test, theme) for test in claim.tests), evidence)

    def judgement(self, day: np.datetime64) -> Judgement:
        verdict = self.verdict(day)
        findings = tuple(find(trial, self.evidence, day) for trial in self.trials)
        return Judgement(
            claim=self.claim, verdict=verdict, turned_on=self._turned_on(verdict, day), findings=findings
        )

    def verdict(self, day: np.datetime64) -> Verdict:
        """Refuted by one refuted test; holds where all hold."""
        found = {find(trial, self.evidence, day).verdict for trial in self._deciding()}
        order: tuple[Verdict, ...] = ("refuted", "untestable", "open")
        return next((verdict for verdict in order if verdict in found), "holds" if found else "untestable")

    def _deciding(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.threshold and trial.test.decides]

    def _turned_on(self, verdict: Verdict, day: np.datetime64) -> date | None:
        """Walk back to the first of the days on which the verdict was what it is."""
        turned = None
        if verdict in {"holds", "refuted"}:
            days = np.unique(np.concatenate([_turning_days(t, self.evidence, day) for t in self._deciding()]))
            for earlier in days[::-1]:
                if self.verdict(earlier) != verdict:
                    break
                turned = earlier
        return turned.item() if turned is not None else None


def find(trial: Trial, evidence: Evidence, day: np.datetime64) -> Finding:
    """Take the figure of a test as of a day; what an earlier session decided for good, as of that session."""
    settled = _settled_on(trial, evidence, day)
    finding = _find(trial, evidence, day if settled is None else settled)
    if settled is not None:
        finding = replace(finding, verdict=_compared(trial, finding.value, finding.bound))
    if trial.breakable and trial.end.open_ended and finding.verdict in {"holds", "refuted"}:
        last = day if settled is None else settled
        finding = replace(finding, held_days=int((last - evidence.days(trial, day)[0]).astype(int)))
    return finding


def _find(trial: Trial, evidence: Evidence, day: np.datetime64) -> Finding:
    of = trial.of
    if trial.test.best:
        of = evidence.best(of, trial.test.best, day) or of
    sides = [evidence.measured(of, trial.start, trial.end, day)]
    value = _figure(trial, sides[0])
    if trial.minus:
        sides.append(evidence.measured(trial.minus, trial.start, trial.end, day))
        value -= _figure(trial, sides[1])
    bound = _bound(trial, sides[0])
    name = trial.measure.name
    return Finding(
        test=trial.test,
        kind=trial.take.kind_of(trial.measure),
        value=value,
        on=None if np.isnan(value) else _on(trial, sides),
        bound=bound,
        verdict=_verdict(trial, sides, value, bound),
        counted=tuple(s for side in sides for s in _chosen(side.symbols, side.counted(name))),
        left_out=tuple(pair for side in sides for pair in _left_out(side, name)),
        lacking=tuple(pair for side in sides if not _usable(side, name) for pair in _left_out(side, name)),
        held_days=None,
    )


def _figure(trial: Trial, side: Measured) -> float:
    counted = side.counted(trial.measure.name)
    values = side.columns[trial.measure.name][counted]
    chosen = np.array([symbol == trial.take.symbol for symbol in _chosen(side.symbols, counted)], dtype=bool)
    if condition := trial.take.condition:
        chosen = satisfies(values, condition.sign, float(condition.bound))
    return one_figure(values, trial.take.kind, chosen)


def _bound(trial: Trial, side: Measured) -> float:
    """Return the threshold's number; a price word stands for that price of the one security."""
    if trial.threshold is None:
        return float("nan")
    bound = trial.threshold.bound
    return float(side.columns[bound][0]) if isinstance(bound, str) else bound


def _verdict(trial: Trial, sides: Sequence[Measured], value: float, bound: float) -> Verdict | None:
    if trial.threshold is None:
        return None
    if not all(_usable(side, trial.measure.name) for side in sides):
        return "untestable"
    if not all(side.begun and side.over for side in sides):
        return "open"
    return _compared(trial, value, bound)


def _usable(side: Measured, measure: str) -> bool:
    """Tell whether there is anything to measure, or will be once the start has passed."""
    return bool((side.counted(measure) if side.begun else np.isin(side.status, COUNTED)).any())


def _compared(trial: Trial, value: float, bound: float) -> Verdict:
    if trial.threshold is None or np.isnan(value):
        return "untestable"
    return "holds" if satisfies(value, trial.threshold.sign, bound) else "refuted"


def _settled_on(trial: Trial, evidence: Evidence, day: np.datetime64) -> np.datetime64 | None:
    """Return the session from which no later close can change the verdict, where there is one already."""
    days = evidence.days(trial, day)

    def is_final(row: int) -> bool:
        finding = _find(trial, evidence, days[row])
        verdict = _compared(trial, finding.value, finding.bound)
        return verdict == ("refuted" if trial.breakable else "holds")

    row = first_true(is_final, 0, len(days) - 1) if trial.steady else None
    return None if row is None else days[row]


def _turning_days(trial: Trial, evidence: Evidence, day: np.datetime64) -> NDArray[np.datetime64]:
    """Return every session on which this test's verdict can have turned, ascending."""
    days = evidence.days(trial, day)
    if not len(days) or (trial.end.open_ended and not trial.steady):
        return days
    settled = _settled_on(trial, evidence, day)
    return np.unique(np.array([days[0], days[-1], *([] if settled is None else [settled])]))


def _on(trial: Trial, sides: Sequence[Measured]) -> date | None:
    """Return the date of the figure: its own where there is one, else that of the last close in it."""
    name = trial.measure.name
    column = _DATED.get(name, "last_date") if trial.single or name == "event_return" else "last_date"
    dates = np.concatenate([side.columns[column][side.counted(name)] for side in sides])
    return dates.max().item() if len(dates) else None


def _left_out(side: Measured, measure: str) -> list[tuple[str, str]]:
    empty = "no_benchmark" if measure in {"benchmark_return", "excess_return"} else "no_value"
    rows = zip(side.symbols, side.status.tolist(), side.counted(measure), strict=True)
    return [
        (symbol, empty if status in COUNTED else status)
        for symbol, status, counts in rows
        if not counts and (side.begun or status not in COUNTED)
    ]


def _chosen(symbols: Sequence[str], mask: NDArray[np.bool_]) -> list[str]:
    return [symbol for symbol, chosen in zip(symbols, mask, strict=True) if chosen]
