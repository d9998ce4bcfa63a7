"""Paths of groups, against hand arithmetic."""

import numpy as np
from numpy.testing import assert_allclose

from screener.analytics.measures import PATIENCE, measure
from screener.analytics.paths import group_median, recovery_path, returns_since, side_by_side

NAN = float("nan")


def column(*values):
    return np.array(values, dtype="float64")[:, None]


def test_returns_are_counted_from_the_base_close_whatever_stands_in_the_first_row():
    # 80 / 100 - 1, 110 / 100 - 1; the base close may lie before a halted base session
    assert_allclose(returns_since(column(NAN, 80, 110), np.array([100.0]))[:, 0], [0.0, -0.2, 0.1])


def test_a_session_without_a_close_has_the_value_before_it_but_not_for_ever():
    close = column(100, 90, *[NAN] * (PATIENCE + 2))
    since = returns_since(close, np.array([100.0]))[:, 0]
    assert_allclose(since[: 2 + PATIENCE], [0.0, *[-0.1] * (PATIENCE + 1)])
    assert np.isnan(since[2 + PATIENCE :]).all()


def test_recovery_is_what_came_back_of_the_deepest_fall_so_far():
    # base 100: never below (105), low 80: 0 back, 90: (90 - 80) / (100 - 80), new low 60: 0, 110: (110 - 60) / 40
    since = column(0.0, 0.05, -0.2, -0.1, -0.4, 0.1)
    assert_allclose(recovery_path(since)[:, 0], [NAN, NAN, 0.0, 0.5, 0.0, 1.25])


def test_the_last_recovery_of_a_path_is_the_column_of_the_same_name():
    rng = np.random.default_rng(7)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.03, (60, 20)), axis=0))
    dates = np.arange("2025-01-01", "2025-03-02", dtype="M8[D]")[:60]
    expected = measure(close, dates, 9, close[:, 0])["recovery"]
    path = recovery_path(returns_since(close[9:], close[9]))
    assert_allclose(path[-1], expected)


def test_a_median_needs_half_of_the_group():
    values = np.array([[1.0, 3.0, 8.0], [NAN, 3.0, 5.0], [NAN, NAN, 5.0]])
    assert_allclose(group_median(values), [3.0, 4.0, NAN])
    assert_allclose(group_median(values, quorum=0), [3.0, 4.0, 5.0])


def test_markets_of_fewer_sessions_end_earlier():
    joined = side_by_side([column(1, 2, 3), column(4, 5)])
    assert_allclose(joined, [[1, 4], [2, 5], [3, NAN]])
    assert side_by_side([]).shape == (0, 0)
