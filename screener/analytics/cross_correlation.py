"""Correlation between securities, by calendar date, of what a model of normal returns leaves unexplained.

Securities of several exchanges line up by event time, yet the same event session may be another calendar
date. Two abnormal returns are taken as correlated only in so far as their windows hold the same dates, and as
strongly as their estimation residuals of common dates. With one exchange this is what the papers do. What
exchanges share with a day's delay, since they close at other hours, is not seen here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from screener.analytics.event_study import window_rows

if TYPE_CHECKING:
    from screener.analytics.event_study import Dates, EventStudy, Floats, NormalReturns, Window

#: fewer common dates give no correlation of two securities
MIN_COMMON = 30


def residual_correlation(normal: NormalReturns) -> Floats:
    """[securities x securities] Pearson correlation of estimation residuals on each pair's common dates.

    NaN with fewer than MIN_COMMON of these.
    """
    residuals = by_date(normal.residuals, normal.dates)
    has = np.isfinite(residuals).astype(np.float64)
    filled = np.where(has > 0, residuals, 0.0)
    common = has.T @ has
    common = np.where(common >= MIN_COMMON, common, np.nan)
    sums, squares = filled.T @ has, (filled**2).T @ has
    covariance = filled.T @ filled - sums * sums.T / common
    variance = squares - sums**2 / common
    product = variance * variance.T
    return np.clip(covariance / np.sqrt(np.where(product > 0, product, np.nan)), -1.0, 1.0)


def shared_sessions(study: EventStudy, window: Window) -> Floats:
    """[securities x securities] number of calendar dates on which both have a session of the window."""
    dates = study.dates[window_rows(study, window)]
    held = np.nan_to_num(by_date(np.where(np.isnat(dates), np.nan, 1.0), dates))
    shared: Floats = held.T @ held
    return shared


def mean_correlation(study: EventStudy, window: Window) -> float:
    """Mean over pairs of residual correlation times the share of the window on common dates."""
    share = shared_sessions(study, window) / (window[1] - window[0] + 1)
    pairs = (residual_correlation(study.normal) * share)[np.triu_indices(len(share), k=1)]
    known = pairs[np.isfinite(pairs)]
    return float(known.mean()) if len(known) else np.nan


def correlation_factor(n: Floats, correlation: float) -> Floats:
    """What correlation leaves of a mean over its standard error (Kolari & Pynnonen, RFS 23, 2010).

    sqrt((1 - r) / (1 + (n - 1) r)) for n members of mean correlation r; NaN where that has no root.
    """
    inflation = 1.0 + (n - 1.0) * correlation
    factor: Floats = np.sqrt((1.0 - correlation) / np.where(inflation > 0, inflation, np.nan))
    return factor


def by_date(values: Floats, dates: Dates) -> Floats:
    """Lay [sessions x securities] values, each at its own date, out on the union of dates; NaN elsewhere."""
    union, row = np.unique(dates, return_inverse=True)
    laid = np.full((len(union), dates.shape[1]), np.nan)
    laid[row.reshape(dates.shape), np.arange(dates.shape[1])] = values
    return laid
