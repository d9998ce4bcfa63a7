"""How the abnormal returns of one security came about: closes, market model, window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from screener.analytics.event_study import MIN_OBSERVATIONS, cumulate
from screener.analytics.explain import Derivation, Note, plain_close, unmeasured

if TYPE_CHECKING:
    from screener.analytics.event_study import EventStudy, NormalReturns, Window
    from screener.analytics.marks import Marks
    from screener.pipeline.profile import Profile

COLUMNS = ("abnormal_return", "car", "car_t")


@dataclass(frozen=True, slots=True)
class _Case:
    """One security's column of the study."""

    marks: Marks
    #: the study of this security alone
    study: EventStudy
    estimation: Window
    #: sessions of the cumulation so far; None where it has not begun
    window: Window | None

    @property
    def normal(self) -> NormalReturns:
        return self.study.normal

    def row(self, session: int) -> int:
        """Return the row of the marks of a relative session."""
        return self.marks.base_session + 1 + session


def derive_abnormal(name: str, profile: Profile) -> Derivation:
    """Derive one of COLUMNS, or say why it is empty."""
    study = profile.screening.study
    column = study.symbols.index(profile.symbol)
    window, car, _ = study.cumulated(profile.symbol, study.terms.window)
    case = _Case(profile.marks, study.returns.select([column]), study.terms.estimation, window)
    if not profile.marks.measured:
        return Derivation(notes=(unmeasured(profile.marks),))
    if not np.isfinite(case.normal.residual_sd[0]):
        return Derivation(notes=(_no_model(case),))
    if name == "abnormal_return":
        return _abnormal_return(case)
    if window is None or not np.isfinite(car):
        return Derivation(notes=(_note("no_window", case, case.window or (0, 0)),))
    return _car(case, window) if name == "car" else _car_t(case, window)


def _abnormal_return(case: _Case) -> Derivation:
    row = case.row(0)
    span = int(case.study.spans[case.study.sessions == 0][0, 0])
    if not span:
        return Derivation(notes=(_note("no_event_return", case, (0, 0)),))
    marks, since = case.marks, row - span
    own, benchmark = "P", marks.benchmark_symbol
    dates = [str(marks.dates[at]) for at in (row, since)]
    dated = (f"{own}({dates[0]}) / {own}({dates[1]})", f"{benchmark}({dates[0]}) / {benchmark}({dates[1]})")
    priced = tuple(
        f"{plain_close(closes[row])} / {plain_close(closes[since])}"
        for closes in (marks.close, marks.benchmark)
    )
    alpha, beta = _exact(case.normal.alpha[0]), _exact(case.normal.beta[0])
    template = _template(span, alone=case.study.model == "mean-adjusted")
    return Derivation(
        dated=template.format(*dated, alpha="alpha", beta="beta"),
        priced=template.format(*priced, alpha=alpha, beta=beta),
        notes=(_model(case),),
    )


def _template(span: int, *, alone: bool) -> str:
    """Return the formula of an abnormal return; `alone` where no benchmark is in it."""
    sessions = f"{span} * " if span > 1 else ""
    if alone:
        return f"({{0}} - 1) - {sessions}{{alpha}}"
    return f"({{0}} - 1) - ({sessions}{{alpha}} + {{beta}} * ({{1}} - 1))"


def _car(case: _Case, window: Window) -> Derivation:
    inside = (case.study.sessions >= window[0]) & (case.study.sessions <= window[1])
    returns, sessions = case.study.abnormal_returns[inside, 0], case.study.sessions[inside]
    terms = [
        (f"AR({case.marks.dates[case.row(int(session))]})", _exact(value))
        for session, value in zip(sessions, returns, strict=True)
        if np.isfinite(value)
    ]
    return Derivation(
        dated=" + ".join(day for day, _ in terms),
        priced=" + ".join(value for _, value in terms),
        notes=(_note("abnormal_window", case, window), _model(case)),
    )


def _car_t(case: _Case, window: Window) -> Derivation:
    """Put the terms of NormalReturns.prediction_variance in."""
    cumulative, normal = cumulate(case.study, window), case.normal
    length = len(cumulative.sessions)
    numbers = {
        "car": cumulative.car[-1, 0],
        "s": normal.residual_sd[0],
        "L": length,
        "m": normal.mean_variance[0],
        "D": cumulative.market_deviation[-1, 0],
        "v": np.ravel(normal.slope_variance)[0],
    }
    template = "{car} / ({s} * ({L} + {L} * {L} * {m} + {D} * {D} * {v}) ** 0.5)"
    return Derivation(
        dated=template.format(**{name: name for name in numbers}),
        priced=template.format(**{name: _exact(value) for name, value in numbers.items()}),
        notes=(_note("abnormal_window", case, window), _model(case), Note("prediction_error")),
    )


def _model(case: _Case) -> Note:
    values = {
        "alpha": _exact(case.normal.alpha[0]),
        "beta": _exact(case.normal.beta[0]),
        "count": int(case.normal.n_estimation[0]),
    }
    return _note(f"model_{case.study.model.replace('-', '_')}", case, case.estimation, values)


def _no_model(case: _Case) -> Note:
    count = int(case.normal.n_estimation[0])
    if count >= MIN_OBSERVATIONS:
        return Note("no_variation")
    return _note("too_few_returns", case, case.estimation, {"count": count, "least": MIN_OBSERVATIONS})


def _note(key: str, case: _Case, window: Window, values: dict[str, object] | None = None) -> Note:
    """Make a note of a window: its relative sessions and the dates there are."""
    rows = np.clip([case.row(session) for session in window], 0, len(case.marks.dates) - 1)
    start, end = (str(case.marks.dates[row]) for row in rows)
    return Note(key, {"first": window[0], "last": window[1], "start": start, "end": end, **(values or {})})


def _exact(value: float) -> str:
    """Return a number with all the digits that its figure rests on."""
    return f"{value:.10g}"
