"""Models of normal returns and abnormal returns, held against statsmodels, plain loops and published closes."""

from __future__ import annotations

import statistics
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from screener.analytics.event_study import MarketCloses, align, cumulate, student_p, study_event
from screener.errors import UsageError
from tests.analytics.simulated import securities_of, simulated_market

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import statsmodels.api as sm

WINDOWS = [(0, 0), (-1, 1), (0, 4), (0, 10), (-10, 12)]
ESTIMATED = ["alpha", "beta", "alpha_se", "beta_se", "residual_sd"]


@pytest.fixture(scope="module")
def us_closes(prices_folder):
    """Published closes of US members and benchmarks, sessions x symbols."""
    bars = pd.read_parquet(prices_folder / "theme-ohlcv.parquet", columns=["date", "symbol", "close"])
    bars = bars[(bars["date"] >= "2024-06-01") & (bars["date"] < "2025-04-01")]
    closes = bars.astype({"symbol": str}).pivot_table(index="date", columns="symbol", values="close")
    us = [symbol for symbol in closes if "." not in symbol and symbol not in {"^KS11", "^KQ11"}]
    return closes[us].dropna(subset=["NVDA"]).dropna(axis=1)


def market_of(closes: pd.DataFrame, symbols: list[str], benchmark: str) -> MarketCloses:
    return MarketCloses(
        dates=closes.index.to_numpy().astype("M8[D]"),
        closes=closes[symbols].to_numpy(),
        benchmark=closes[benchmark].to_numpy(),
        event_row=closes.index.get_loc("2025-01-27"),
    )


def walk(*closes: float) -> np.ndarray:
    """A column of closes whose first 131 swing by 1 % and 2 % in turn, and which then goes on as given."""
    swings = np.cumprod(np.where(np.arange(131) % 2 == 0, 1.01, 0.98))
    return np.concatenate([swings / swings[-1] * 100.0, closes])[:, None]


def by_statsmodels(market: MarketCloses, column: int):
    returns = pd.DataFrame({"y": market.closes[:, column], "x": market.benchmark}).pct_change().to_numpy()
    at = market.event_row
    fit = sm.OLS(returns[at - 130 : at - 10, 0], sm.add_constant(returns[at - 130 : at - 10, 1])).fit()
    return fit, returns


def test_another_estimation_window_is_a_regression_on_its_sessions(us_closes):
    market = market_of(us_closes, ["NVDA"], "SPY")
    study = study_event(align([market], last=5, estimation=(-90, -6)))
    returns = us_closes[["NVDA", "SPY"]].pct_change().to_numpy()
    rows = slice(market.event_row - 90, market.event_row - 5)
    fit = sm.OLS(returns[rows, 0], sm.add_constant(returns[rows, 1])).fit()
    assert study.normal.n_estimation.tolist() == [85]
    assert [study.normal.alpha[0], study.normal.beta[0]] == pytest.approx(fit.params.tolist(), rel=1e-9)
    assert study.sessions[0] == -5


def test_nvidia_against_the_nasdaq_gives_the_figures_found_independently(us_closes):
    study = study_event(align([market_of(us_closes, ["NVDA"], "^IXIC")], last=10))
    assert study.normal.n_estimation.tolist() == [120]
    assert study.normal.beta[0] == pytest.approx(2.049, abs=5e-4)
    for window, expected in [((0, 0), -0.1069), ((-1, 1), -0.0805), ((0, 10), -0.0199)]:
        assert cumulate(study, window).car[-1, 0] == pytest.approx(expected, abs=6e-5)


def test_the_market_model_is_that_of_statsmodels_on_published_closes(us_closes):
    symbols = [symbol for symbol in us_closes if symbol != "SPY"]
    market = market_of(us_closes, symbols, "SPY")
    study = study_event(align([market], last=20))
    assert len(symbols) > 40
    for column in range(len(symbols)):
        fit, returns = by_statsmodels(market, column)
        expected = [*fit.params, *fit.bse, np.sqrt(fit.mse_resid)]
        found = [getattr(study.normal, name)[column] for name in ESTIMATED]
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-14)
        after = returns[market.event_row - 10 : market.event_row + 21]
        prediction = fit.get_prediction(sm.add_constant(after[:, 1]))
        abnormal = after[:, 0] - prediction.predicted_mean
        assert study.abnormal_returns[:, column] == pytest.approx(abnormal, rel=1e-9, abs=1e-14)
        assert study.standardised[:, column] == pytest.approx(
            abnormal / prediction.se_obs, rel=1e-9, abs=1e-11
        )


@pytest.mark.parametrize("window", WINDOWS)
def test_the_variance_of_a_cumulated_return_holds_the_covariance_of_its_sessions(us_closes, window):
    market = market_of(us_closes, ["NVDA", "ORCL", "CEG", "MSFT"], "SPY")
    found = cumulate(study_event(align([market], last=20)), window)
    for column in range(4):
        fit, returns = by_statsmodels(market, column)
        rows = market.event_row + np.arange(window[0], window[1] + 1)
        design = sm.add_constant(returns[rows, 1], has_constant="add")
        covariance = fit.mse_resid * np.eye(len(rows)) + design @ fit.cov_params() @ design.T
        car = (returns[rows, 0] - design @ fit.params).sum()
        assert found.car[-1, column] == pytest.approx(car, rel=1e-9, abs=1e-14)
        assert found.sd[-1, column] == pytest.approx(np.sqrt(covariance.sum()), rel=1e-9)
        assert found.scaled[-1, column] == pytest.approx(car / np.sqrt(covariance.sum()), rel=1e-9, abs=1e-12)


@hypothesis_settings(max_examples=40)
@given(seed=st.integers(0, 10**6), missing=st.sampled_from([0.0, 0.02, 0.1, 0.25]))
def test_with_closes_missing_every_figure_is_that_of_the_plain_loops(seed, missing):
    market = simulated_market(seed, missing=missing)
    study = study_event(align([market], last=15), minimum=10)
    for column, security in enumerate(securities_of(market)):
        assert study.normal.n_estimation[column] == security.n
        expected = [security.alpha, security.beta, security.s]
        found = [getattr(study.normal, name)[column] for name in ("alpha", "beta", "residual_sd")]
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-13)
        for window in WINDOWS:
            cumulative, car = cumulate(study, window), security.car(*window)
            if car is None:
                assert np.isnan([cumulative.car[-1, column], cumulative.scaled[-1, column]]).all()
            else:
                assert cumulative.car[-1, column] == pytest.approx(car, rel=1e-9, abs=1e-12)
                assert cumulative.scaled[-1, column] == pytest.approx(
                    security.scar(*window), rel=1e-9, abs=1e-9
                )


def test_the_move_over_a_halt_is_one_return_against_the_market_over_the_same_sessions():
    # halted on sessions 1 and 2: the return of session 3 is 90/120 - 1 = -25 %, the index went 1000 -> 1100,
    # +10 %; so the market-adjusted CAR[0,3] is (+20 % - 0) + (-25 % - 10 %) = -15 %
    stock = walk(120.0, np.nan, np.nan, 90.0)
    index = np.concatenate([walk()[:, 0] * 10.0 + np.arange(131)[::-1], [1000.0, 1020.0, 1080.0, 1100.0]])
    market = MarketCloses(dates=np.arange(135).astype("M8[D]"), closes=stock, benchmark=index, event_row=131)
    study = study_event(align([market], last=3), model="market-adjusted")
    assert study.spans[-4:, 0].tolist() == [1, 0, 0, 3]
    assert study.abnormal_returns[-4:, 0] == pytest.approx([0.20, np.nan, np.nan, -0.35], nan_ok=True)
    assert cumulate(study, (0, 3)).car[:, 0] == pytest.approx([0.20, np.nan, np.nan, -0.15], nan_ok=True)


def test_a_window_that_starts_within_a_halt_has_no_cumulated_return():
    stock = walk(np.nan, 90.0, 91.0)
    market = MarketCloses(
        dates=np.arange(134).astype("M8[D]"),
        closes=stock,
        benchmark=walk(101.0, 99.0, 98.0)[:, 0],
        event_row=131,
    )
    study = study_event(align([market], last=2), model="mean-adjusted")
    assert np.isnan(cumulate(study, (0, 0)).car[-1, 0])
    assert np.isnan(cumulate(study, (1, 2)).car[-1, 0])
    assert np.isfinite(cumulate(study, (0, 2)).car[-1, 0])
    assert np.isfinite(cumulate(study, (2, 2)).car[-1, 0])


def test_a_halt_on_either_edge_of_a_window_is_not_taken_for_a_whole_window():
    # no close on -1 and none on 1: the only return inside [0,1] covers two sessions, -1 and 0
    stock = walk(95.0, np.nan, 97.0)
    stock[130] = np.nan
    index = walk(101.0, 99.0, 98.0)[:, 0]
    market = MarketCloses(dates=np.arange(134).astype("M8[D]"), closes=stock, benchmark=index, event_row=131)
    study = study_event(align([market], last=2), model="mean-adjusted")
    assert study.spans[-3:, 0].tolist() == [2, 0, 2]
    assert np.isnan(cumulate(study, (0, 1)).car[-1, 0])


def test_market_adjusted_takes_the_benchmark_off_and_its_sd_is_about_the_mean():
    market = simulated_market(3, securities=2)
    study = study_event(align([market], last=5), model="market-adjusted")
    for column in range(2):
        excess = [
            market.closes[row, column] / market.closes[row - 1, column]
            - market.benchmark[row] / market.benchmark[row - 1]
            for row in range(1, 131 + 6)
        ]
        sd = statistics.stdev(excess[:120])
        assert study.normal.residual_sd[column] == pytest.approx(sd, rel=1e-9)
        # nothing is estimated, so three sessions have three times the variance of one
        assert cumulate(study, (0, 2)).car[-1, column] == pytest.approx(sum(excess[130:133]), rel=1e-9)
        assert cumulate(study, (0, 2)).sd[-1, column] == pytest.approx(sd * 3**0.5, rel=1e-9)
        assert study.normal.alpha[column] == 0
        assert study.normal.beta[column] == 1
        assert np.isnan([study.normal.alpha_se[column], study.normal.beta_se[column]]).all()


def test_mean_adjusted_is_a_regression_on_a_constant():
    market = simulated_market(4, securities=2)
    study = study_event(align([market], last=5), model="mean-adjusted")
    for column in range(2):
        returns = pd.Series(market.closes[:, column]).pct_change().to_numpy()
        fit = sm.OLS(returns[1:121], np.ones(120)).fit()
        prediction = fit.get_prediction(np.ones((1, 1)))
        car = returns[131:134].sum() - 3 * fit.params[0]
        # a sum of three: three own variances and nine times that of the estimated mean
        variance = 3 * fit.mse_resid + 9 * fit.cov_params()[0, 0]
        assert study.normal.alpha_se[column] == pytest.approx(fit.bse[0], rel=1e-9)
        assert study.standardised[10, column] == pytest.approx(
            (returns[131] - fit.params[0]) / prediction.se_obs[0], rel=1e-9
        )
        assert cumulate(study, (0, 2)).scaled[-1, column] == pytest.approx(car / np.sqrt(variance), rel=1e-9)


def test_the_estimation_may_have_60_returns_and_no_fewer():
    market = simulated_market(5, securities=2)
    market.closes[:60, 0] = np.nan  # first close on session -71: returns from -70 to -11
    market.closes[:61, 1] = np.nan
    study = study_event(align([market], last=5))
    assert study.normal.n_estimation.tolist() == [60, 59]
    assert np.isfinite(study.normal.beta[0])
    assert np.isfinite(cumulate(study, (0, 4)).scaled[-1, 0])
    for values in (
        study.normal.alpha,
        study.normal.beta,
        study.normal.residual_sd,
        study.abnormal_returns[10],
    ):
        assert np.isnan(values[1])
    assert np.isnan(cumulate(study, (0, 4)).scaled[-1, 1])


@pytest.mark.parametrize("model", ["market", "market-adjusted", "mean-adjusted"])
@pytest.mark.parametrize("kind", ["frozen", "benchmark", "absent"])
def test_a_security_without_a_price_of_its_own_has_no_t_statistic(model, kind):
    market = simulated_market(6, securities=2)
    market.closes[:, 0] = {"frozen": 100.0, "benchmark": 3 * market.benchmark, "absent": np.nan}[kind]
    study = study_event(align([market], last=5), model=model)
    scaled = cumulate(study, (0, 4)).scaled[-1]
    defined = (kind, model) in {("frozen", "market-adjusted"), ("benchmark", "mean-adjusted")}
    assert np.isfinite(scaled[0]) == defined
    assert np.isfinite(scaled[1])


def test_a_benchmark_that_does_not_move_gives_no_market_model():
    market = replace(simulated_market(7), benchmark=np.full(147, 1000.0))
    assert np.isnan(study_event(align([market], last=5)).normal.beta).all()
    assert np.isfinite(study_event(align([market], last=5), model="mean-adjusted").standardised[10]).all()


@pytest.mark.parametrize("after", [-1, 0, 2])
def test_sessions_beyond_the_data_are_empty(after):
    market = simulated_market(8, after=15)
    last = 131 + after + 1
    cut = MarketCloses(
        dates=market.dates[:last],
        closes=market.closes[:last],
        benchmark=market.benchmark[:last],
        event_row=131,
    )
    found = cumulate(study_event(align([cut], last=10)), (0, 10)).car[:, 0]
    whole = cumulate(study_event(align([market], last=10)), (0, 10)).car[:, 0]
    assert np.isfinite(found).tolist() == [session <= after for session in range(11)]
    assert found[: after + 1] == pytest.approx(whole[: after + 1], rel=1e-12)


@hypothesis_settings(max_examples=25)
@given(seed=st.integers(0, 10**6), factor=st.floats(0.01, 1000.0), order=st.permutations(range(4)))
def test_units_of_price_and_order_of_securities_change_nothing(seed, factor, order):
    market = simulated_market(seed, missing=0.03)
    other = replace(
        market,
        closes=market.closes[:, order] * np.array([factor, 1, 2, 3]),
        benchmark=market.benchmark / factor,
    )
    one, two = (study_event(align([m], last=15)) for m in (market, other))
    np.testing.assert_allclose(two.abnormal_returns, one.abnormal_returns[:, order], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(two.standardised, one.standardised[:, order], rtol=1e-9, atol=1e-9)
    chosen = one.select(order)
    np.testing.assert_array_equal(chosen.abnormal_returns, one.abnormal_returns[:, order])
    np.testing.assert_array_equal(chosen.normal.residuals, one.normal.residuals[:, order])


@hypothesis_settings(max_examples=15)
@given(seed=st.integers(0, 10**6), earlier=st.integers(1, 40))
def test_closes_before_the_estimation_window_or_after_the_window_change_nothing(seed, earlier):
    market = simulated_market(seed, missing=0.03)
    old = np.random.default_rng(seed).uniform(50, 150, (earlier, 5))
    longer = MarketCloses(
        dates=np.concatenate([market.dates[0] - np.arange(earlier, 0, -1), market.dates]),
        closes=np.vstack([old[:, :4], market.closes]),
        benchmark=np.concatenate([old[:, 4], market.benchmark]),
        event_row=131 + earlier,
    )
    longer.closes[131 + earlier + 6 :] *= 1.5
    one, two = (cumulate(study_event(align([m], last=5)), (0, 5)) for m in (market, longer))
    np.testing.assert_allclose(two.car, one.car, rtol=1e-12)
    np.testing.assert_allclose(two.sd, one.sd, rtol=1e-12)


def test_markets_with_sessions_and_event_rows_of_their_own_line_up_by_event_time():
    home, abroad = simulated_market(10, securities=2), simulated_market(11, securities=3, start="2024-03-01")
    abroad = MarketCloses(
        dates=abroad.dates[1:], closes=abroad.closes[1:], benchmark=abroad.benchmark[1:], event_row=130
    )
    both = study_event(align([home, abroad], last=8))
    apart = [study_event(align([market], last=8)) for market in (home, abroad)]
    np.testing.assert_array_equal(
        both.abnormal_returns, np.hstack([study.abnormal_returns for study in apart])
    )
    np.testing.assert_array_equal(both.dates, np.hstack([study.dates for study in apart]))
    assert both.normal.n_estimation.tolist() == [120, 120, 119, 119, 119]
    row = both.sessions.tolist().index(0)
    assert both.dates[row].tolist() == [home.dates[131].item()] * 2 + [abroad.dates[130].item()] * 3


@pytest.mark.parametrize("window", [(-11, 0), (0, 16), (3, 2)])
def test_a_window_outside_the_study_is_refused_with_the_sessions_it_has(window):
    study = study_event(align([simulated_market(1)], last=15))
    with pytest.raises(UsageError, match=r"within \[-10,15\]"):
        cumulate(study, window)


def test_p_values_are_those_of_the_tables():
    # two-sided 5 % points: 12.706 for t(1), 2.776 for t(4), 1.980 for t(118), 1.960 for the normal
    points = np.array([12.7062, 2.77645, 1.98027, 1.95996])
    assert student_p(points, np.array([1, 4, 118, np.inf])) == pytest.approx([0.05] * 4, abs=1e-6)
    assert student_p(-points, np.array([1, 4, 118, np.inf])) == pytest.approx([0.05] * 4, abs=1e-6)
    assert np.isnan(student_p(np.nan, 4.0))
