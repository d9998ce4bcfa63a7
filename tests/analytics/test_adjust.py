"""Total-return factors against hand arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from screener.analytics.adjust import total_return_factors

NAN = float("nan")


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)[:, None]


def test_a_dividend_lowers_every_close_before_its_ex_date_by_its_part_of_the_close_before():
    # 2 paid on a close of 100: everything before the ex-date times 0.98
    factors = total_return_factors(column(90, 100, 99, 101), column(0, 0, 2, 0))
    assert factors.ravel().tolist() == [0.98, 0.98, 1.0, 1.0]


def test_dividends_multiply_going_back():
    # 1 on 50 is 0.98, 3 on 60 is 0.95; before both 0.98 * 0.95 = 0.931
    factors = total_return_factors(column(50, 52, 60, 61), column(0, 1, 0, 3))
    assert factors.ravel() == pytest.approx([0.931, 0.95, 0.95, 1.0], abs=1e-15)


def test_the_return_over_an_ex_date_is_that_of_reinvesting_the_dividend_at_the_close_before_less_it():
    # 100 -> 97 with 3 paid: a holder who reinvests at 100 - 3 = 97 has neither won nor lost
    close, paid = column(100, 97), column(0, 3)
    adjusted = close * total_return_factors(close, paid)
    assert adjusted[1, 0] / adjusted[0, 0] == pytest.approx(1.0, abs=1e-15)


def test_a_missing_close_before_the_ex_date_gives_way_to_the_last_one_there_is():
    # 4 on 80 is 0.95, although the session just before the ex-date has no close
    factors = total_return_factors(column(80, NAN, 78), column(NAN, NAN, 4))
    assert factors.ravel().tolist() == [0.95, 0.95, 1.0]


def test_a_dividend_before_the_first_close_changes_nothing():
    assert total_return_factors(column(NAN, 20, 21), column(0, 1, 0)).ravel().tolist() == [1.0, 1.0, 1.0]


def test_a_dividend_on_the_first_session_changes_nothing():
    assert total_return_factors(column(20, 21), column(5, 0)).ravel().tolist() == [1.0, 1.0]


def test_a_dividend_as_large_as_the_close_leaves_no_history_that_could_be_adjusted():
    factors = total_return_factors(column(10, 11, 12, 13), column(0, 0, 11, 0)).ravel()
    assert np.isnan(factors[:2]).all()
    assert factors[2:].tolist() == [1.0, 1.0]


def test_securities_do_not_touch_each_other():
    close = np.array([[100.0, 10.0], [100.0, 10.0], [100.0, 10.0]])
    paid = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]])
    expected = [[0.99, 0.8], [1.0, 0.8], [1.0, 1.0]]
    assert total_return_factors(close, paid) == pytest.approx(np.array(expected), abs=1e-15)


def test_a_single_session_has_factor_one():
    assert total_return_factors(column(7), column(1)).tolist() == [[1.0]]


def test_no_session_at_all_has_no_factors():
    empty = np.empty((0, 2))
    assert total_return_factors(empty, empty).shape == (0, 2)
