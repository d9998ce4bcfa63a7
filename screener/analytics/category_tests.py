"""Tests of the mean abnormal return of a category, and of the difference between two.

All members share one event, so their abnormal returns are correlated and the classical tests reject far too
often; `kolari_pynnonen` and `portfolio` allow for it. Rates on real returns: python -m tests.calibration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from screener.analytics.cross_correlation import (
    by_date,
    correlation_factor,
    mean_correlation,
    residual_correlation,
    shared_sessions,
)
from screener.analytics.event_study import cumulate, student_p, window_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from screener.analytics.event_study import EventStudy, Floats, Ints, Window


@dataclass(frozen=True, slots=True)
class Statistic:
    """A test statistic and its two-sided p-value; NaN where it cannot be formed."""

    value: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryTest:
    """Tests of one category on one window; with fewer than two members measured all statistics are NaN."""

    window: Window
    #: members with a cumulative abnormal return on the window; only these count
    n: int
    #: mean cumulative abnormal return (the AAR where the window is one session), a fraction
    caar: float
    #: by the names in TESTS
    statistics: Mapping[str, Statistic]
    #: of the members' abnormal returns over the window, mean of all pairs
    mean_correlation: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CaarPath:
    """Mean cumulative abnormal return by event session, with a band for it; arrays [days]."""

    sessions: Ints
    caar: Floats
    low: Floats
    high: Floats
    #: members measured up to that session
    n: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Mean cumulative abnormal return of one set of securities less that of another."""

    window: Window
    n_first: int
    n_second: int
    caar_first: float
    caar_second: float
    difference: float
    sd: float
    test: Statistic


@dataclass(frozen=True, slots=True)
class _Sample:
    """The members that are measured on a window, and what the tests are formed from; arrays [n]."""

    study: EventStudy
    window: Window
    car: Floats
    scar: Floats
    market_deviation: Floats

    @property
    def n(self) -> int:
        return len(self.car)


def category_test(study: EventStudy, columns: Sequence[int] | Ints, window: Window) -> CategoryTest:
    """Test the mean abnormal return over a window of the securities in `columns` by every test in TESTS.

    Members without a cumulative abnormal return on the window are left out. Raises UsageError for a window
    that the study does not hold.
    """
    sample, _ = _measured(study, columns, window)
    enough = sample.n > 1
    nothing = Statistic(np.nan, np.nan)
    return CategoryTest(
        window=window,
        n=sample.n,
        caar=_mean(sample.car),
        statistics={name: test(sample) if enough else nothing for name, test in TESTS.items()},
        mean_correlation=mean_correlation(sample.study, window),
    )


def caar_path(
    study: EventStudy, columns: Sequence[int] | Ints, window: Window, level: float = 0.95
) -> CaarPath:
    """CAAR from window[0] to each session up to window[1], with a two-sided band of `level`.

    The band is the cross-sectional standard error, widened for the mean correlation over the whole window as
    Kolari & Pynnonen (2010) do, times Student's quantile with n - 1 degrees; NaN where n < 2.
    """
    from scipy.special import stdtrit

    chosen = study.select(columns)
    cumulative = cumulate(chosen, window)
    known = np.isfinite(cumulative.scaled)
    n = known.sum(axis=1)
    several = np.where(n > 1, n, np.nan)
    caar = np.where(known, cumulative.car, 0.0).sum(axis=1) / np.where(n > 0, n, np.nan)
    squares = np.where(known, (cumulative.car - caar[:, None]) ** 2, 0.0).sum(axis=1)
    naive = np.sqrt(squares / (several - 1.0) / several)
    error = naive / correlation_factor(several, mean_correlation(chosen, window))
    half = stdtrit(several - 1.0, (1.0 + level) / 2.0) * error
    return CaarPath(sessions=cumulative.sessions, caar=caar, low=caar - half, high=caar + half, n=n)


def spread(
    study: EventStudy, first: Sequence[int] | Ints, second: Sequence[int] | Ints, window: Window
) -> Spread:
    """Mean CAR of `first` less mean CAR of `second`, tested as a portfolio long the first, short the second.

    The variance is that of the portfolio's residuals in the estimation window (crude dependence adjustment,
    Brown & Warner, JFE 8, 1980) with the estimation error of the models in it, so that correlation within and
    between the sets is allowed for; an event that itself raises volatility is not. NaN where a set has no
    security measured.
    """
    one, kept = _measured(study, first, window)
    other, others = _measured(study, second, window)
    difference, sd, test = np.nan, np.nan, Statistic(np.nan, np.nan)
    if one.n and other.n:
        columns, place = np.unique(np.concatenate([kept, others]), return_inverse=True)
        weights = np.zeros(len(columns))
        np.add.at(weights, place, np.repeat([1.0 / one.n, -1.0 / other.n], [one.n, other.n]))
        difference, sd, test = _portfolio_test(_measured(study, columns, window)[0], weights)
    return Spread(
        window=window,
        n_first=one.n,
        n_second=other.n,
        caar_first=_mean(one.car),
        caar_second=_mean(other.car),
        difference=difference,
        sd=sd,
        test=test,
    )


def _cross_sectional(sample: _Sample) -> Statistic:
    """CAAR over its cross-sectional standard error; t with n - 1 degrees (BMP's "ordinary" method)."""
    return _student(_ratio(sample.car), sample.n - 1)


def _patell(sample: _Sample) -> Statistic:
    """Sum of SCARs over the sd of independent t variates; normal (Patell, JAR 14, 1976)."""
    degrees = sample.study.normal.degrees
    return _normal(sample.scar.sum() / np.sqrt((degrees / (degrees - 2.0)).sum()))


def _bmp(sample: _Sample) -> Statistic:
    """Mean SCAR over its cross-sectional standard error; t with n - 1 degrees.

    Boehmer, Musumeci & Poulsen, JFE 30, 1991.
    """
    return _student(_ratio(sample.scar), sample.n - 1)


def _kolari_pynnonen(sample: _Sample) -> Statistic:
    """BMP brought down for the mean correlation of the members (Kolari & Pynnonen, RFS 23, 2010).

    The paper's limit is normal; t with n - 1 degrees is exact for normal returns of equal correlation, and
    honest for the few members that a category has.
    """
    correlation = mean_correlation(sample.study, sample.window)
    factor = correlation_factor(np.array([float(sample.n)]), correlation)[0]
    return _student(_ratio(sample.scar) * factor, sample.n - 1)


def _portfolio(sample: _Sample) -> Statistic:
    """CAAR over the sd of an equal-weight portfolio's prediction error (Brown & Warner, JFE 8, 1980)."""
    return _portfolio_test(sample, np.full(sample.n, 1.0 / sample.n))[2]


def _corrado(sample: _Sample) -> Statistic:
    """Mean rank of the window's abnormal returns among all of a security's; normal (Corrado, JFE 23, 1989).

    Missing returns as Corrado & Zivney (JFQA 27, 1992): ranks over one more than their number, a session
    weighs as the root of its securities; several sessions as Cowan (RQFA 2, 1992). A return over a gap is
    ranked by its value over the root of its sessions.
    """
    import pandas as pd

    rows = window_rows(sample.study, sample.window)
    spans = np.maximum(sample.study.spans[rows], 1)
    residuals = sample.study.normal.residuals
    abnormal = np.concatenate([residuals, sample.study.abnormal_returns[rows] / np.sqrt(spans)])
    has = np.isfinite(abnormal)
    ranks = pd.DataFrame(abnormal).rank().to_numpy() / (1.0 + has.sum(axis=0))
    count = has.sum(axis=1)
    days = np.nansum(ranks - 0.5, axis=1)[count > 0] / np.sqrt(count[count > 0])
    in_window = int((count[len(residuals) :] > 0).sum())
    return _normal(days[-in_window:].sum() / np.sqrt(in_window) / np.sqrt((days**2).mean()))


def _generalised_sign(sample: _Sample) -> Statistic:
    """Number of positive CARs against the share of positive estimation residuals; normal (Cowan 1992)."""
    residuals = sample.study.normal.residuals
    share = ((residuals > 0).sum(axis=0) / np.isfinite(residuals).sum(axis=0)).mean()
    excess = (sample.car > 0).sum() - sample.n * share
    return _normal(excess / np.sqrt(sample.n * share * (1.0 - share)))


#: every test by its name
TESTS = {
    "cross_sectional": _cross_sectional,
    "patell": _patell,
    "bmp": _bmp,
    "kolari_pynnonen": _kolari_pynnonen,
    "portfolio": _portfolio,
    "corrado": _corrado,
    "generalised_sign": _generalised_sign,
}


def _measured(study: EventStudy, columns: Sequence[int] | Ints, window: Window) -> tuple[_Sample, Ints]:
    """The securities among `columns` with a CAR on the window, and their columns in the study."""
    chosen = np.asarray(columns, dtype=np.int64)
    selected = study.select(chosen)
    cumulative = cumulate(selected, window)
    known = np.flatnonzero(np.isfinite(cumulative.scaled[-1]))
    sample = _Sample(
        study=selected.select(known),
        window=window,
        car=cumulative.car[-1, known],
        scar=cumulative.scaled[-1, known],
        market_deviation=cumulative.market_deviation[-1, known],
    )
    return sample, chosen[known]


def _portfolio_test(sample: _Sample, weights: Floats) -> tuple[float, float, Statistic]:
    """Weighted sum of CARs, the sd of its prediction error, and its t test.

    A model's estimation error is a weighted sum of its residuals, so the covariance of two CARs is that of
    the residuals times (common window sessions + sum of the products of these weights on common dates). On
    the diagonal this is NormalReturns.prediction_variance.
    """
    normal = sample.study.normal
    length = sample.window[1] - sample.window[0] + 1
    slope_loads = sample.market_deviation * normal.slope_variance * normal.market_deviations
    loads = np.nan_to_num(by_date(length * normal.mean_variance + slope_loads, normal.dates))
    sessions = shared_sessions(sample.study, sample.window) + loads.T @ loads
    covariance = residual_correlation(normal) * np.outer(normal.residual_sd, normal.residual_sd)
    variance = float(weights @ (covariance * sessions) @ weights)
    sd = float(np.sqrt(variance)) if variance > 0 else np.nan
    total = float(weights @ sample.car)
    return total, sd, _student(total / sd, float(normal.degrees.min()))


def _ratio(values: Floats) -> float:
    """Mean over its standard error; NaN where all values are the same."""
    error = values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean() / error) if error > 0 else np.nan


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else np.nan


def _student(value: float, degrees: float) -> Statistic:
    return Statistic(float(value), float(student_p(value, degrees)))


def _normal(value: float) -> Statistic:
    return _student(value, np.inf)
