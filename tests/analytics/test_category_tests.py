"""Category tests held against the papers' formulas in plain loops, against statsmodels, and by hand."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from screener.analytics.category_tests import TESTS, caar_path, category_test, spread
from screener.analytics.cross_correlation import MIN_COMMON, correlation_factor, residual_correlation
from screener.analytics.event_study import MarketCloses, align, cumulate, study_event
from screener.errors import UsageError
from tests.analytics import papers
from tests.analytics.simulated import securities_of, simulated_market

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import statsmodels.api as sm
    from scipy import stats

WINDOWS = [(0, 0), (0, 4), (-1, 1)]
NORMAL = {"patell", "corrado", "generalised_sign"}


def expected_statistics(securities, window):
    """By the plain loops, of the securities that have a CAR on the window."""
    members = [security for security in securities if security.car(*window) is not None]
    cars = [security.car(*window) for security in members]
    weights = [1 / len(members)] * len(members)
    return len(members), {
        "cross_sectional": papers.t_of_mean(cars),
        "patell": papers.patell(members, *window),
        "bmp": papers.t_of_mean([security.scar(*window) for security in members]),
        "kolari_pynnonen": papers.kolari_pynnonen(members, *window),
        "portfolio": sum(cars) / len(cars) / papers.portfolio_sd(members, weights, *window),
        "corrado": papers.corrado(members, *window),
        "generalised_sign": papers.generalised_sign(members, *window),
    }


def check(study, securities, window):
    result = category_test(study, range(len(securities)), window)
    n, expected = expected_statistics(securities, window)
    assert result.n == n
    assert set(result.statistics) == set(expected) == set(TESTS)
    for name, value in expected.items():
        statistic = result.statistics[name]
        assert statistic.value == pytest.approx(value, rel=1e-8, abs=1e-10), name
        if name != "portfolio":
            law = stats.norm if name in NORMAL else stats.t(n - 1)
            assert statistic.p == pytest.approx(2 * law.sf(abs(value)), rel=1e-6), name
    return result


@hypothesis_settings(max_examples=15)
@given(seed=st.integers(0, 10**6), window=st.sampled_from(WINDOWS), n=st.integers(2, 6))
def test_every_statistic_is_that_of_its_paper(seed, window, n):
    market = simulated_market(seed, securities=n)
    result = check(study_event(align([market], last=10)), securities_of(market), window)
    cars = [security.car(*window) for security in securities_of(market)]
    assert result.caar == pytest.approx(sum(cars) / n, rel=1e-9)


@hypothesis_settings(max_examples=15)
@given(seed=st.integers(0, 10**6), window=st.sampled_from(WINDOWS))
def test_every_statistic_is_that_of_its_paper_with_closes_missing(seed, window):
    market = simulated_market(seed, securities=7, missing=0.06)
    market.closes[131:133, 0] = np.nan  # halted over the event: left out of [0,0], bridged in [0,4]
    market.closes[131 + 4, 0] = 50.0
    market.closes[130, 0] = 49.0
    market.closes[129:137, 1:3] = 100.0 + np.arange(16).reshape(8, 2) % 5
    market.benchmark[129:137] = 1000.0 + np.arange(8) % 3
    check(study_event(align([market], last=10)), securities_of(market), window)


@hypothesis_settings(max_examples=10)
@given(seed=st.integers(0, 10**6), window=st.sampled_from(WINDOWS))
def test_securities_of_several_exchanges_are_correlated_by_calendar_date(seed, window):
    home = simulated_market(seed, securities=3)
    abroad = simulated_market(seed + 1, securities=2)
    abroad = replace(abroad, dates=home.dates + np.where(np.arange(len(home.dates)) > 132, 2, 0))
    securities = [*securities_of(home), *securities_of(abroad)]
    result = check(study_event(align([home, abroad], last=10)), securities, window)
    correlation = papers.mean_correlation(securities, *window)
    assert result.mean_correlation == pytest.approx(correlation, rel=1e-9, abs=1e-12)


def test_members_whose_event_sessions_are_different_dates_are_not_taken_as_correlated_on_that_day():
    market = simulated_market(2, securities=4)
    later = replace(market, dates=market.dates + np.where(np.arange(len(market.dates)) >= 131, 1000, 0))
    together, apart = (study_event(align([market, other], last=4)) for other in (market, later))
    # columns 0 and 4 are the same security; on one date it is fully correlated with itself, on two not at all
    assert category_test(together, [0, 4], (0, 0)).mean_correlation == pytest.approx(1.0)
    assert category_test(apart, [0, 4], (0, 0)).mean_correlation == 0.0
    # of the three sessions -1, 0 and 1 the two windows have -1 in common
    assert category_test(apart, [0, 4], (-1, 1)).mean_correlation == pytest.approx(1 / 3)


def test_residual_correlation_is_that_of_pandas_on_common_dates():
    market = simulated_market(9, securities=6, missing=0.15)
    market.closes[:70, 0] = np.nan
    market.closes[90:, 1] = np.nan
    normal = study_event(align([market], last=5), minimum=20).normal
    expected = pd.DataFrame(normal.residuals).corr(min_periods=MIN_COMMON).to_numpy()
    assert np.isnan(expected[0, 1])
    np.testing.assert_allclose(residual_correlation(normal), expected, rtol=1e-9, atol=1e-12)


def test_correlation_takes_from_the_statistic_what_the_paper_says():
    # n = 10, r = 0.2: sqrt(0.8 / 2.8) = 0.534522; n = 5, r = 0: 1; r below -1/(n-1) has no root
    factors = [correlation_factor(np.array([n]), r)[0] for n, r in [(10.0, 0.2), (5.0, 0.0), (5.0, -0.3)]]
    assert factors == pytest.approx([0.534522, 1.0, np.nan], abs=1e-6, nan_ok=True)


@pytest.mark.parametrize("window", WINDOWS)
def test_the_portfolio_tests_are_a_regression_of_the_portfolio_s_own_returns(window):
    market = simulated_market(12, securities=6)
    study = study_event(align([market], last=10))
    returns = market.closes[1:] / market.closes[:-1] - 1
    index = market.benchmark[1:] / market.benchmark[:-1] - 1
    rows = 130 + np.arange(window[0], window[1] + 1)
    design = sm.add_constant(index[rows], has_constant="add")
    legs = {"one": returns.mean(axis=1), "both": returns[:, :2].mean(axis=1) - returns[:, 2:].mean(axis=1)}
    for leg, portfolio in legs.items():
        fit = sm.OLS(portfolio[:120], sm.add_constant(index[:120])).fit()
        car = (portfolio[rows] - design @ fit.params).sum()
        load = design.sum(axis=0)
        sd = math.sqrt(fit.mse_resid * len(rows) + load @ fit.cov_params() @ load)
        if leg == "one":
            test = category_test(study, range(6), window).statistics["portfolio"]
        else:
            found = spread(study, [0, 1], [2, 3, 4, 5], window)
            assert found.difference == pytest.approx(car, rel=1e-9)
            assert found.difference == pytest.approx(found.caar_first - found.caar_second, rel=1e-9)
            assert found.sd == pytest.approx(sd, rel=1e-9)
            test = found.test
        assert test.value == pytest.approx(car / sd, rel=1e-9)
        assert test.p == pytest.approx(2 * stats.t(118).sf(abs(car / sd)), rel=1e-6)


@hypothesis_settings(max_examples=10)
@given(seed=st.integers(0, 10**6))
def test_a_spread_with_closes_missing_and_two_exchanges_is_that_of_the_plain_loops(seed):
    home, abroad = simulated_market(seed, 3, missing=0.05), simulated_market(seed + 1, 3, missing=0.05)
    abroad = replace(abroad, dates=home.dates)
    for market in (home, abroad):
        market.closes[130:136] = 100.0 + np.arange(18).reshape(6, 3) ** 2 % 7
        market.benchmark[130:136] = 1000.0
    home.closes[135, 0] = np.nan
    securities = [*securities_of(home), *securities_of(abroad)]
    found = spread(study_event(align([home, abroad], last=8)), [0, 1, 3], [2, 4, 5], (0, 4))
    members, weights = [securities[i] for i in (1, 3, 2, 4, 5)], [1 / 2, 1 / 2, -1 / 3, -1 / 3, -1 / 3]
    difference = sum(w * security.car(0, 4) for w, security in zip(weights, members, strict=True))
    assert (found.n_first, found.n_second) == (2, 3)
    assert found.difference == pytest.approx(difference, rel=1e-8, abs=1e-12)
    assert found.sd == pytest.approx(papers.portfolio_sd(members, weights, 0, 4), rel=1e-8)


def test_a_spread_of_the_same_sets_turned_round_has_the_other_sign_and_the_same_p():
    study = study_event(align([simulated_market(13, securities=6)], last=5))
    one, two = spread(study, [0, 1, 2], [3, 4, 5], (0, 4)), spread(study, [3, 4, 5], [0, 1, 2], (0, 4))
    assert two.difference == pytest.approx(-one.difference)
    assert two.test.p == pytest.approx(one.test.p)


def test_a_security_in_both_sets_counts_by_the_difference_of_its_weights():
    study = study_event(align([simulated_market(14, securities=3)], last=5))
    # {0, 1} less {0, 2}: security 0 cancels, and half of security 1 less 2 is left
    one, half = spread(study, [0, 1], [0, 2], (0, 4)), spread(study, [1], [2], (0, 4))
    assert one.difference == pytest.approx(half.difference / 2)
    assert one.sd == pytest.approx(half.sd / 2)


def test_members_without_a_close_where_it_counts_are_left_out_and_counted_out():
    market = simulated_market(15, securities=5)
    market.closes[:131, 0] = np.nan  # listed on the event session
    market.closes[131, 1] = np.nan  # halted on it
    market.closes[134, 2] = np.nan  # halted on session 3
    study = study_event(align([market], last=5))
    assert [category_test(study, range(5), window).n for window in [(0, 0), (0, 3), (0, 4)]] == [3, 3, 4]
    alone = category_test(study, [2, 3, 4], (0, 0))
    assert category_test(study, range(5), (0, 0)) == alone


@pytest.mark.parametrize("columns", [[], [3], [0], [0, 3]])
def test_fewer_than_two_measured_members_give_no_statistic(columns):
    market = simulated_market(16, securities=4)
    market.closes[:, 0] = np.nan
    study = study_event(align([market], last=5))
    result = category_test(study, columns, (0, 4))
    assert result.n == (3 in columns)
    assert all(math.isnan(s.value) and math.isnan(s.p) for s in result.statistics.values())
    assert math.isnan(result.mean_correlation)
    if result.n:
        assert result.caar == cumulate(study, (0, 4)).car[-1, 3]
    else:
        assert math.isnan(result.caar)


@pytest.mark.parametrize(("first", "second"), [([], [1]), ([1], [0]), ([0], [])])
def test_a_spread_with_an_empty_side_is_empty(first, second):
    market = simulated_market(17)
    market.closes[:, 0] = np.nan
    found = spread(study_event(align([market], last=5)), first, second, (0, 4))
    assert math.isnan(found.difference)
    assert math.isnan(found.test.p)


@hypothesis_settings(max_examples=15)
@given(seed=st.integers(0, 10**6), order=st.permutations(range(5)), factor=st.floats(0.01, 100))
def test_order_of_members_and_units_of_price_change_no_test(seed, order, factor):
    market = simulated_market(seed, securities=5, missing=0.02)
    scaled = replace(market, closes=market.closes * factor)
    one = category_test(study_event(align([market], last=5)), range(5), (0, 4))
    two = category_test(study_event(align([scaled], last=5)), order, (0, 4))
    assert two.n == one.n
    assert two.caar == pytest.approx(one.caar, rel=1e-9, nan_ok=True)
    for name, statistic in one.statistics.items():
        assert two.statistics[name].value == pytest.approx(statistic.value, rel=1e-7, nan_ok=True), name


def test_the_band_of_the_path_excludes_zero_where_the_adjusted_cross_sectional_test_rejects():
    market = simulated_market(18, securities=8)
    market.closes[136:, 7] = np.nan
    study = study_event(align([market], last=8))
    path = caar_path(study, range(8), (0, 8))
    assert path.n.tolist() == [8] * 5 + [7] * 4
    for day in range(9):
        result = category_test(study, range(int(path.n[day])), (0, day))
        n, r = result.n, category_test(study, range(8), (0, 0)).mean_correlation
        t = result.statistics["cross_sectional"].value * math.sqrt((1 - r) / (1 + (n - 1) * r))
        assert path.caar[day] == pytest.approx(result.caar)
        # half the band over the mean is the critical value over the statistic
        half = (path.high[day] - path.low[day]) / 2
        assert half == pytest.approx(abs(result.caar) * stats.t(n - 1).ppf(0.975) / abs(t), rel=1e-6)
        assert (path.low[day] + path.high[day]) / 2 == pytest.approx(result.caar)


def test_the_path_has_no_band_for_a_single_member_and_no_value_without_any():
    market = simulated_market(19, securities=2)
    market.closes[132:, 0] = np.nan
    market.closes[134:, 1] = np.nan
    path = caar_path(study_event(align([market], last=5)), [0, 1], (0, 4))
    assert path.n.tolist() == [2, 1, 1, 0, 0]
    assert np.isfinite(path.caar).tolist() == [True, True, True, False, False]
    assert np.isfinite(path.low).tolist() == [True, False, False, False, False]


def test_a_wider_level_gives_a_wider_band():
    study = study_event(align([simulated_market(20, securities=5)], last=5))
    wide, narrow = (caar_path(study, range(5), (0, 3), level) for level in (0.99, 0.9))
    # t(4): 4.6041 at 99 %, 2.1318 at 90 %
    assert (wide.high - wide.low) / (narrow.high - narrow.low) == pytest.approx(
        [4.60409 / 2.13185] * 4, rel=1e-5
    )


def test_a_category_is_refused_a_window_that_the_study_does_not_hold():
    study = study_event(align([simulated_market(21)], last=5))
    with pytest.raises(UsageError, match=r"\[0,6\]"):
        category_test(study, [0, 1], (0, 6))


def test_the_nvidia_complex_fell_by_more_than_its_correlation_explains(prices_folder):
    # the fall of 2025-01-27 was general among chip names; statistic found with the loops from the same closes
    bars = pd.read_parquet(prices_folder / "theme-ohlcv.parquet", columns=["date", "symbol", "close"])
    closes = bars.astype({"symbol": str}).pivot_table(index="date", columns="symbol", values="close")
    symbols = ["NVDA", "AMD", "AVGO", "MRVL", "MU", "ARM"]
    closes = closes[closes["SPY"].notna() & closes["NVDA"].notna()]
    market = MarketCloses(
        dates=closes.index.to_numpy().astype("M8[D]"),
        closes=closes[symbols].to_numpy(),
        benchmark=closes["SPY"].to_numpy(),
        event_row=closes.index.get_loc("2025-01-27"),
    )
    result = check(study_event(align([market], last=10)), securities_of(market), (0, 0))
    values = {name: abs(statistic.value) for name, statistic in result.statistics.items()}
    assert result.caar < -0.05
    assert values["kolari_pynnonen"] < values["bmp"]
    assert values["portfolio"] < values["patell"]
