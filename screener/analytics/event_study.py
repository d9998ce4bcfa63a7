"""Event study of many securities at once, lined up by event time (DESIGN.md, section 4).

Closes of every market become returns on relative sessions (0 = the event session of that market); a model
of normal returns is estimated per security before the event, and what departs from it afterwards is abnormal.
Formulas: Campbell, Lo & MacKinlay, The Econometrics of Financial Markets (1997), ch. 4 ("CLM").

A security does not close on every session. Over a gap the return runs from the last close to the next and is
held against the market's return over the same gap (trade-to-trade: Maynes & Rumsey, JBF 17, 1993), so that a
resumption, where halted news lands, is neither lost nor counted as 0. The estimation leaves such returns out.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from screener.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screener.model import ReturnModel

#: relative sessions on which normal returns are estimated, where no others are asked for
ESTIMATION_WINDOW = (-130, -11)
#: fewer estimation returns give no model
MIN_OBSERVATIONS = 60
#: a residual sd no larger than this is rounding: the security has no price of its own
_ROUNDING = 1e-12

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Dates = NDArray[np.datetime64]
Window = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketCloses:
    """Closes of one market on its own sessions; the event session may lie past the last of them."""

    #: [sessions] datetime64[D]
    dates: Dates
    #: [sessions x securities], NaN where there is none
    closes: Floats
    #: [sessions]; a session without it counts for no security
    benchmark: Floats
    event_row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTimeReturns:
    """Simple returns in event time; columns are the securities of all markets, in the order given."""

    #: [rows] relative sessions, from the first of the estimation window on; 0 = event session
    sessions: Ints
    #: [rows x securities] since the security's last close; NaN on a session without one
    returns: Floats
    #: [rows x securities] of the benchmark since that same close
    market_returns: Floats
    #: [rows x securities] sessions that the return covers; 0 where there is none
    spans: Ints
    #: [rows x securities] calendar date of the session on the security's exchange, NaT beyond its data
    dates: Dates
    #: relative sessions on which normal returns are estimated
    estimation: Window = ESTIMATION_WINDOW


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalReturns:
    """Model of normal returns of each security, from its estimation window; NaN where there is no model."""

    alpha: Floats
    beta: Floats
    #: standard errors; NaN for what the model does not estimate
    alpha_se: Floats
    beta_se: Floats
    #: sd of the residuals, with `degrees` of freedom
    residual_sd: Floats
    degrees: Floats
    #: returns used, also where they are too few for a model
    n_estimation: Ints
    market_mean: Floats
    #: variance of the estimated mean and slope over residual_sd ** 2; 0 for what is not estimated
    mean_variance: Floats
    slope_variance: Floats
    #: [estimation sessions x securities] abnormal returns, NaN where not used
    residuals: Floats
    #: [estimation sessions x securities] benchmark return less its mean, NaN where not used
    market_deviations: Floats
    #: [estimation sessions x securities]
    dates: Dates

    def prediction_variance(self, length: Ints, market_deviation: Floats) -> Floats:
        """Variance of the summed prediction error of `length` sessions (CLM 1997, section 4.4).

        s2 (L + L2 / n + D2 / Sxx), where `market_deviation` D is the summed benchmark return less L times its
        estimation mean: the error of the estimate is shared by all sessions and so grows with L2.
        """
        factor = length + length**2 * self.mean_variance + market_deviation**2 * self.slope_variance
        variance: Floats = self.residual_sd**2 * factor
        return variance


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStudy:
    """Normal and abnormal returns of securities around their event; NaN where there is no model or close."""

    model: ReturnModel
    normal: NormalReturns
    #: [days] relative sessions after the estimation window
    sessions: Ints
    #: [days x securities] AR, each over `spans` sessions
    abnormal_returns: Floats
    #: [days x securities] SAR: in units of the prediction sd
    standardised: Floats
    #: [days x securities]
    market_returns: Floats
    #: [days x securities]
    spans: Ints
    #: [days x securities]
    dates: Dates

    def select(self, columns: Sequence[int] | Ints) -> EventStudy:
        """The same study of some of the securities."""
        normal = replace(self.normal, **_take(self.normal, columns))
        return replace(self, normal=normal, **_take(self, columns))


@dataclass(frozen=True, slots=True, kw_only=True)
class CumulativeReturns:
    """Abnormal returns cumulated from the first session of a window to each of its sessions.

    NaN where a security has no close right before the window or on the session itself: its move is not known.
    """

    #: [days]
    sessions: Ints
    #: [days x securities] sum of abnormal returns
    car: Floats
    #: [days x securities] sd of its prediction error
    sd: Floats
    #: [days x securities] summed benchmark return less as many times its estimation mean
    market_deviation: Floats

    @property
    def scaled(self) -> Floats:
        """[days x securities] SCAR, the t statistic of each security: `car` over `sd`."""
        return self.car / self.sd


def align(
    markets: Sequence[MarketCloses], last: int, estimation: Window = ESTIMATION_WINDOW
) -> EventTimeReturns:
    """Line securities of several markets up: row t holds the t-th session from each market's own event.

    Rows run from the start of the estimation window to `last`; sessions beyond a market's data are NaN.
    """
    sessions = np.arange(estimation[0], last + 1)
    parts = [_trade_to_trade(market, sessions) for market in markets]
    returns, market_returns, spans, dates = (
        np.concatenate(part, axis=1) for part in zip(*parts, strict=True)
    )
    return EventTimeReturns(
        sessions=sessions,
        returns=returns,
        market_returns=market_returns,
        spans=spans,
        dates=dates,
        estimation=estimation,
    )


def study_event(
    data: EventTimeReturns, model: ReturnModel = "market", minimum: int = MIN_OBSERVATIONS
) -> EventStudy:
    """Estimate normal returns on the estimation window and take them from the returns that follow.

    `market`: a + b r_m by OLS; `market-adjusted`: r_m, sd about the mean; `mean-adjusted`: its own mean
    (Brown & Warner, JFE 14, 1985). No model (NaN) with fewer than `minimum` one-session returns, or where the
    residuals do not vary.
    """
    start, end = (int(np.searchsorted(data.sessions, edge)) for edge in data.estimation)
    days = slice(end + 1, None)
    normal = _estimate(data, slice(start, end + 1), model, minimum)
    spans, market = data.spans[days], data.market_returns[days]
    abnormal = data.returns[days] - spans * normal.alpha - normal.beta * market
    variance = normal.prediction_variance(spans, market - spans * normal.market_mean)
    return EventStudy(
        model=model,
        normal=normal,
        sessions=data.sessions[days],
        abnormal_returns=abnormal,
        standardised=abnormal / np.sqrt(variance),
        market_returns=market,
        spans=spans,
        dates=data.dates[days],
    )


def cumulate(study: EventStudy, window: Window) -> CumulativeReturns:
    """Cumulate abnormal returns from session window[0] to every session up to window[1].

    Raises UsageError for a window that the study does not hold.
    """
    rows = window_rows(study, window)
    abnormal, market = study.abnormal_returns[rows], study.market_returns[rows]
    present = np.isfinite(abnormal)
    length = np.arange(1, len(abnormal) + 1)[:, None]
    covered = np.cumsum(np.where(present, study.spans[rows], 0), axis=0)
    known = present & (covered == length)
    market_sum = np.cumsum(np.where(present, market, 0.0), axis=0)
    deviation = np.where(known, market_sum - length * study.normal.market_mean, np.nan)
    return CumulativeReturns(
        sessions=study.sessions[rows],
        car=np.where(known, np.cumsum(np.where(present, abnormal, 0.0), axis=0), np.nan),
        sd=np.sqrt(study.normal.prediction_variance(length, deviation)),
        market_deviation=deviation,
    )


def window_rows(study: EventStudy, window: Window) -> slice:
    """Rows of `study.sessions` in a window; raises UsageError where the study does not hold all of it."""
    first, last = int(study.sessions[0]), int(study.sessions[-1])
    if not first <= window[0] <= window[1] <= last:
        raise UsageError(
            f"event window [{window[0]},{window[1]}] cannot be measured: expected two relative sessions,"
            f" earlier one first, within [{first},{last}]"
        )
    return slice(window[0] - first, window[1] - first + 1)


def student_p(t: Floats | float, degrees: Floats | float) -> Floats:
    """Two-sided p-values of t statistics with the given degrees of freedom; NaN where either is NaN."""
    from scipy.special import stdtr

    return np.asarray(2.0 * stdtr(degrees, -np.abs(t)), dtype=np.float64)


def _trade_to_trade(market: MarketCloses, sessions: Ints) -> tuple[Floats, Floats, Ints, Dates]:
    """Returns, benchmark returns, spans and dates of one market on these relative sessions."""
    rows = market.event_row + np.arange(sessions[0] - 1, sessions[-1] + 1)
    inside = (rows >= 0) & (rows < len(market.dates))
    rows = rows.clip(0, len(market.dates) - 1)
    benchmark = np.where(inside, market.benchmark[rows], np.nan)
    usable = np.isfinite(market.closes[rows]) & np.isfinite(benchmark)[:, None]
    row = np.arange(len(rows))[:, None]
    before = np.maximum.accumulate(np.where(usable, row, -1), axis=0)[:-1]
    traded = usable[1:] & (before >= 0)
    start = before.clip(0)
    closes = np.where(usable, market.closes[rows], np.nan)
    dates = np.where(inside, market.dates[rows].astype("M8[D]"), np.datetime64("NaT", "D"))
    return (
        np.where(traded, closes[1:] / np.take_along_axis(closes, start, axis=0) - 1.0, np.nan),
        np.where(traded, benchmark[1:, None] / benchmark[start] - 1.0, np.nan),
        np.where(traded, row[1:] - before, 0),
        np.repeat(dates[1:, None], closes.shape[1], axis=1),
    )


def _estimate(data: EventTimeReturns, window: slice, model: ReturnModel, minimum: int) -> NormalReturns:
    """Fit the model to the one-session returns of the window, column by column."""
    returns, market, used = data.returns[window], data.market_returns[window], data.spans[window] == 1
    count = used.sum(axis=0)
    n = np.where(count >= minimum, count, np.nan)
    market_mean, mean = (np.where(used, values, 0.0).sum(axis=0) / n for values in (market, returns))
    deviations = np.where(used, market - market_mean, np.nan)
    has_mean, has_slope = float(model != "market-adjusted"), float(model == "market")
    sxx = _positive(np.nansum(deviations**2, axis=0), 0.0) if has_slope else np.ones_like(n)
    slope = np.nansum(deviations * (returns - mean), axis=0) / sxx
    beta = slope if has_slope else np.where(np.isfinite(n), 1.0 - has_mean, np.nan)
    alpha = has_mean * (mean - beta * market_mean)
    residuals = np.where(used, returns - alpha - beta * market, np.nan)
    degrees = n - 1.0 - has_slope
    centred = residuals - (mean - alpha - beta * market_mean)
    residual_sd = _positive(np.sqrt(np.nansum(centred**2, axis=0) / degrees), _ROUNDING)
    mean_variance, slope_variance = has_mean / n, has_slope / sxx
    alpha_se = residual_sd * np.sqrt(mean_variance + slope_variance * market_mean**2)
    return NormalReturns(
        alpha=alpha,
        beta=beta,
        alpha_se=alpha_se if has_mean else np.full_like(n, np.nan),
        beta_se=residual_sd * np.sqrt(slope_variance) if has_slope else np.full_like(n, np.nan),
        residual_sd=residual_sd,
        degrees=degrees,
        n_estimation=count,
        market_mean=market_mean,
        mean_variance=mean_variance,
        slope_variance=slope_variance,
        residuals=residuals,
        market_deviations=deviations,
        dates=data.dates[window],
    )


def _positive(values: Floats, least: float) -> Floats:
    return np.where(values > least, values, np.nan)


def _take(record: EventStudy | NormalReturns, columns: Sequence[int] | Ints) -> dict[str, Any]:
    """Fields of a record that have a value per security, for some of the securities."""
    chosen = np.asarray(columns, dtype=np.intp)
    arrays = {field.name: getattr(record, field.name) for field in fields(record) if field.name != "sessions"}
    return {name: array[..., chosen] for name, array in arrays.items() if isinstance(array, np.ndarray)}
