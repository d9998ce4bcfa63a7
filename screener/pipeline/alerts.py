"""Alerts: rules that hold now of a security or claim of which they did not hold when last looked at."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from screener.columns import BY_NAME
from screener.errors import UsageError, did_you_mean
from screener.pipeline.alert_memory import Alert, Memory, RuleMemory, Seen
from screener.pipeline.alert_rules import ANY_CLAIM
from screener.pipeline.changes import scope_of
from screener.pipeline.ranking import ranked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    import pandas as pd

    from screener.model import Claim
    from screener.pipeline.alert_rules import Rule
    from screener.pipeline.screening import Screening, ScreenRequest

    #: verdict of each claim as of a date
    Judge = Callable[[date], Mapping[str, str]]


@dataclass(frozen=True)
class Look:
    """One screening as rules see it."""

    screening: Screening
    #: rows in ranked order by symbol
    rows: pd.DataFrame
    verdicts: Mapping[str, str]

    @classmethod
    def at(cls, screening: Screening, rules: Sequence[Rule], judge: Judge) -> Look:
        """Look at a screening; claims are judged only where a rule asks for them."""
        asked = screening.theme.claims and any(rule.where is None for rule in rules)
        judged = judge(screening.as_of) if asked else {}
        return cls(screening, ranked(screening.table).set_index("symbol", drop=False), judged)

    def holds(self, rule: Rule) -> dict[str, bool]:
        """Tell of each security, or of each claim of the rule, whether the rule holds."""
        if rule.where is not None:
            return dict(zip(self.rows["symbol"], rule.where.mask(self.rows).tolist(), strict=True))
        return {claim.id: self.verdicts[claim.id] == rule.entry.verdict for claim in self.claims(rule)}

    def claims(self, rule: Rule) -> tuple[Claim, ...]:
        """Return the claims that a rule is about. Raises UsageError where the theme has none of that id."""
        theme, wanted = self.screening.theme, rule.entry.claim
        found = tuple(claim for claim in theme.claims if wanted in {ANY_CLAIM, claim.id})
        if not found and wanted != ANY_CLAIM:
            near = did_you_mean(wanted, [claim.id for claim in theme.claims])
            raise UsageError(
                f"alert rule {rule.id}: theme {theme.id} has no claim {wanted!r}{near}; "
                "see `screener claims`, or name the theme that has it with theme:"
            )
        return found

    def day(self, subject: str) -> date:
        """Return the last close of a security; the as-of date where it has none, and for a claim."""
        last = self.rows["last_date"].get(subject)
        return self.screening.as_of if last is None or last != last else last.date()  # noqa: PLR0124 - NaT

    def alert(self, rule: Rule, subject: str) -> Alert:
        """Word what became true."""
        entry = rule.entry
        if rule.where is None:
            claim = next(claim for claim in self.claims(rule) if claim.id == subject)
            name, name_ko = claim.title, claim.title_ko
            about: dict[str, Any] = {"name": name, "name_ko": name_ko, "verdict": self.verdicts[subject]}
        else:
            row = self.rows.loc[subject]
            about = {name: row[name] for name in ("name", "name_ko", "side", "category", "market")}
            about["values"] = {name: _plain(name, row[name]) for name in rule.shown}
        return Alert(
            date=self.day(subject),
            rule=rule.id,
            title=entry.title,
            title_ko=entry.title_ko,
            subject=subject,
            **about,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What one run found, and what the next has to know."""

    alerts: tuple[Alert, ...]
    memory: Memory = field(default_factory=Memory)


def watch(
    rules: Sequence[Rule],
    screening: Screening,
    memory: Memory,
    earlier: Callable[[date], Screening],
    judge: Judge,
) -> Watch:
    """Find what became true since each security was last looked at, and what is still owed from then.

    Where nothing is remembered, or only something later than this screening, the session before it is looked at
    instead: `earlier` screens as of a date. What is remembered of other rules and securities is kept.
    """
    now, before = Look.at(screening, rules, judge), _Earlier(rules, screening, earlier, judge)
    fired: list[Alert] = []
    kept = dict(memory.rules)
    for rule in rules:
        key = _key(rule, screening)
        known = kept.get(key)
        seen = dict(known.seen) if known and known.condition == rule.condition else {}
        for subject, held in now.holds(rule).items():
            look = Seen(now.day(subject), screening.as_of, held)
            last = seen.get(subject)
            comparable = last is not None and last.day <= look.day
            if held and not (last.held if last and comparable else before.held(rule, subject)):
                fired.append(now.alert(rule, subject))
            if last is None or look[:2] >= last[:2]:
                seen[subject] = look
        kept[key] = RuleMemory(rule.condition, seen)
    return Watch(alerts=(*memory.owed, *_in_order(fired)), memory=replace(memory, rules=kept))


def since(rules: Sequence[Rule], screening: Screening, before: Screening, judge: Judge) -> tuple[Alert, ...]:
    """Find what holds in one screening and not in an earlier one."""
    now, then = Look.at(screening, rules, judge), Look.at(before, rules, judge)
    fired = []
    for rule in rules:
        held = then.holds(rule)
        fired += [
            now.alert(rule, subject)
            for subject, holds in now.holds(rule).items()
            if holds and not held.get(subject)
        ]
    return tuple(_in_order(fired))


class _Earlier:
    """The session before a screening's last, looked at only where something is not remembered."""

    def __init__(
        self,
        rules: Sequence[Rule],
        screening: Screening,
        screen: Callable[[date], Screening],
        judge: Judge,
    ) -> None:
        self._rules, self._screening, self._screen, self._judge = rules, screening, screen, judge

    @cached_property
    def _look(self) -> Look:
        return Look.at(self._screen(_session_before(self._screening)), self._rules, self._judge)

    @cached_property
    def _held(self) -> dict[str, dict[str, bool]]:
        return {rule.id: self._look.holds(rule) for rule in self._rules}

    def held(self, rule: Rule, subject: str) -> bool:
        """Tell whether a rule held then."""
        return self._held[rule.id].get(subject, False)


def _session_before(screening: Screening) -> date:
    """Return a date that leaves out the newest session, but none before there is anything to measure."""
    panels = screening.panels.values()
    newest: date = max(panel.dates[-1] for panel in panels).item()
    base: date = max(panel.dates[panel.base] for panel in panels).item()
    return max(newest - timedelta(days=1), base)


def _key(rule: Rule, screening: Screening) -> str:
    """Name a rule's memory; places in a ranking of some markets say nothing about those of another choice."""
    scope = scope_of(screening) if rule.where and "rank" in rule.where.columns else ""
    return f"{rule.id} @ {scope}" if scope else rule.id


def _in_order(alerts: list[Alert]) -> Iterator[Alert]:
    """Order by date, keeping the order of rules and securities within one."""
    return iter(sorted(alerts, key=lambda alert: alert.date))


def _plain(name: str, value: Any) -> float | str | None:
    if value is None or value != value:  # noqa: PLR0124 - NaN and NaT differ from themselves
        return None
    kind = BY_NAME[name].kind
    return str(value)[:10] if kind == "date" else str(value) if kind == "text" else float(value)


def verdicts(request: ScreenRequest) -> dict[str, str]:
    """Judge every claim of a theme on all of its securities, whatever part of them is screened otherwise."""
    from screener.pipeline.claims import Ledger
    from screener.pipeline.evidence import companions
    from screener.pipeline.screening import screen

    theme = request.theme
    whole = replace(request, symbols=(), sides=(), categories=(), markets=(), companions=companions(theme))
    screening = screen(whole)
    ledger = Ledger(theme, screening.panels, theme.claims)
    return {judged.claim.id: judged.verdict for judged in ledger.judge(screening.as_of)}
