"""The measures of a security, on cases worked out by hand and by the definitions taken literally."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from screener.analytics.measures import PATIENCE, PRE_HIGH_SESSIONS, measure
from tests.analytics.definitions import COLUMNS, measures_by_definition, plain, session_dates

NONE = np.nan
FIRST = date(2025, 1, 6)
#: columns that say something about the security even where it could not be measured
ALWAYS = {"status", "last_date", "last_close"}
DATES = {
    "base_date",
    "event_date",
    "trough_date",
    "recovered_on",
    "pre_high_date",
    "new_high_on",
    "last_date",
}


def measured(*, base, since=(), before=(), benchmark=None):
    """Measure one security: closes before the base session, at it and after it."""
    closes = [*before, base, *since]
    return one(closes, len(before), benchmark)


def one(closes, base, benchmark=None):
    dates = np.array(session_dates(FIRST, len(closes)), dtype="M8[D]")
    benchmark = np.full(len(closes), NONE) if benchmark is None else np.array(benchmark, dtype=float)
    result = measure(np.array(closes, dtype=float).reshape(-1, 1), dates, base, benchmark)
    return {column: plain(values[0]) for column, values in result.items()}


def day(row):
    """Date of the session with that number, the first being 0."""
    return session_dates(FIRST, row + 1)[row]


def the_same(result, expected):
    for column, value in expected.items():
        wanted = pytest.approx(value, rel=1e-12, abs=1e-12) if isinstance(value, float) else value
        assert result[column] == wanted, column


class TestByHand:
    def test_every_column_of_a_fall_that_is_made_good_and_lost_again(self):
        result = measured(
            before=[110, 105],
            base=100,
            since=[90, 80, 88, 100, 104, 96],
            benchmark=[48, 49, 50, 51, 50, 52, 53, 54, 55],
        )
        the_same(
            result,
            {
                "status": "ok",
                "base_date": day(2),
                "base_close": 100.0,
                "event_date": day(3),
                "event_return": -0.10,  # 90 / 100 - 1
                "fall": -0.20,  # 80 / 100 - 1
                "trough_date": day(4),
                "trough_close": 80.0,
                "sessions_to_trough": 2,
                "max_drawdown": -0.20,  # deeper than 96 / 104 - 1 = -7.7 %
                "drawdown": 96 / 104 - 1,
                "return_since": -0.04,
                "rebound": 0.20,  # 96 / 80 - 1
                "recovery": 0.80,  # (96 - 80) / (100 - 80)
                "recovered_on": day(6),  # 100 is the base again, though 96 came later
                "sessions_to_recover": 4,
                "sessions_below_base": 4,  # 90, 80, 88, 96
                "pre_high": 110.0,
                "pre_high_date": day(0),
                "from_pre_high": 96 / 110 - 1,
                "new_high_on": None,
                "benchmark_return": 0.10,  # 55 / 50 - 1
                "excess_return": -0.14,  # -4 % - 10 %
                "last_date": day(8),
                "last_close": 96.0,
            },
        )

    def test_no_column_is_left_out_and_none_is_added(self):
        assert set(measured(base=100, since=[90])) == set(COLUMNS)

    def test_nvidia_to_2025_02_10_fell_18_2_percent_from_the_base_and_not_9_6(self):
        # closes as published; the deepest is 116.66 on 2025-02-03: 116.66 / 142.62 - 1 = -18.20 %
        closes = [118.42, 128.99, 123.70, 124.65, 120.07, 116.66, 118.65, 124.83, 128.68, 129.84, 133.57]
        result = measured(base=142.62, since=closes)
        assert round(result["max_drawdown"], 4) == -0.1820
        assert round(result["event_return"], 4) == -0.1697
        # the fault that we must not have: counted from the close of the event day on, the peak is 128.99
        assert round(measured(base=118.42, since=closes[1:])["max_drawdown"], 3) == -0.096

    def test_under_water_from_the_first_return(self):
        # never above the base: the base itself is the peak
        the_same(
            measured(base=100, since=[95, 90, 92]),
            {"max_drawdown": -0.10, "drawdown": -0.08, "recovered_on": None, "sessions_below_base": 3},
        )

    def test_never_recovered_is_empty_and_not_the_last_day(self):
        the_same(
            measured(base=100, since=[60, 70, 99.99]),
            {"recovered_on": None, "sessions_to_recover": None, "recovery": 39.99 / 40},
        )

    def test_one_missing_price_hides_neither_the_fall_nor_the_count_of_sessions(self):
        # the fall from 100 to 80 goes across the gap; the gap is a session all the same
        the_same(
            measured(base=100, since=[98, NONE, 80, 100]),
            {
                "status": "ok",
                "max_drawdown": -0.20,
                "sessions_to_trough": 3,
                "sessions_below_base": 2,
                "sessions_to_recover": 4,
            },
        )

    def test_prices_below_one_are_prices_and_not_returns(self):
        the_same(
            measured(before=[0.08], base=0.05, since=[0.04, 0.02, 0.03]),
            {
                "event_return": -0.20,  # 0.04 / 0.05 - 1
                "fall": -0.60,
                "max_drawdown": -0.60,
                "rebound": 0.50,
                "recovery": 1 / 3,  # 0.01 / 0.03
                "from_pre_high": -0.625,  # 0.03 / 0.08 - 1
            },
        )

    def test_a_single_session_after_the_base(self):
        the_same(
            measured(base=100, since=[97]),
            {
                "event_return": -0.03,
                "fall": -0.03,
                "max_drawdown": -0.03,
                "drawdown": -0.03,
                "return_since": -0.03,
                "rebound": 0.0,
                "recovery": 0.0,
                "sessions_to_trough": 1,
                "recovered_on": None,
            },
        )

    def test_as_of_the_base_session_nothing_is_measured_yet(self):
        result = measured(before=[90], base=100, benchmark=[10, 11])
        empty = {"status", "base_date", "base_close", "pre_high", "pre_high_date", "last_date", "last_close"}
        the_same(result, {"status": "ok", "base_close": 100.0, "pre_high": 100.0, "last_close": 100.0})
        assert {column for column, value in result.items() if value is not None} == empty

    def test_a_security_that_never_closed_below_its_base_has_a_positive_fall_and_no_recovery(self):
        the_same(
            measured(base=100, since=[108, 104, 112]),
            {
                "fall": 0.04,  # its lowest close, 104
                "trough_date": day(2),
                "max_drawdown": 104 / 108 - 1,
                "recovery": None,
                "recovered_on": None,
                "sessions_to_recover": None,
                "sessions_below_base": 0,
            },
        )

    def test_a_close_at_the_base_is_not_below_it(self):
        the_same(
            measured(base=100, since=[100, 100]),
            {
                "fall": 0.0,
                "max_drawdown": 0.0,
                "recovery": None,
                "recovered_on": None,
                "sessions_below_base": 0,
            },
        )

    def test_a_rise_always_upwards_has_no_drawdown(self):
        the_same(measured(base=100, since=[101, 102]), {"max_drawdown": 0.0, "drawdown": 0.0, "fall": 0.01})

    def test_recovery_above_one_when_more_than_the_base_came_back(self):
        # (110 - 90) / (100 - 90)
        the_same(measured(base=100, since=[90, 110]), {"recovery": 2.0, "sessions_to_recover": 2})

    def test_of_equal_lows_the_earliest_is_the_trough(self):
        the_same(measured(base=100, since=[90, 80, 85, 80]), {"trough_date": day(2), "sessions_to_trough": 2})

    def test_of_equal_highs_before_the_event_the_earliest_is_named(self):
        the_same(measured(before=[120, 110, 120], base=100, since=[99]), {"pre_high_date": day(0)})

    def test_drawdown_counts_from_the_highest_close_since_the_base(self):
        # 120 -> 90 is -25 %, though against the base it is -10 %
        the_same(
            measured(base=100, since=[120, 90, 102]),
            {"fall": -0.10, "max_drawdown": -0.25, "drawdown": -0.15, "return_since": 0.02},
        )


class TestPreHigh:
    def test_the_window_holds_exactly_252_sessions_with_the_base_the_last(self):
        # the 200 lies 252 sessions before the base, one too far; the 150 is the first of the window
        outside, inside = 200.0, 150.0
        result = measured(before=[outside, inside, *[100.0] * 250], base=100, since=[99])
        the_same(result, {"pre_high": 150.0, "pre_high_date": day(1)})
        assert len([inside, *[100.0] * 250, 100.0]) == PRE_HIGH_SESSIONS

    def test_sessions_count_for_the_window_even_where_the_security_was_halted(self):
        result = measured(before=[200, *[NONE] * 251], base=100, since=[99])
        the_same(result, {"pre_high": 100.0})

    def test_a_short_history_is_used_as_far_as_it_goes(self):
        the_same(
            measured(before=[NONE, 105], base=100, since=[110]), {"pre_high": 105.0, "pre_high_date": day(1)}
        )

    def test_a_new_high_is_above_and_not_at_the_old_one(self):
        the_same(measured(before=[120], base=100, since=[120, 119, 120.01]), {"new_high_on": day(4)})

    def test_a_base_at_the_high_itself_is_the_high(self):
        the_same(measured(base=100, since=[99, 101]), {"pre_high": 100.0, "new_high_on": day(2)})


class TestStatus:
    def test_halted_on_the_event_session_is_late_with_the_first_later_close(self):
        the_same(
            measured(base=100, since=[NONE, 85, 90]),
            {"status": "late", "event_date": day(2), "event_return": -0.15, "sessions_to_trough": 2},
        )

    def test_halted_ever_since_the_base_has_no_figures(self):
        result = measured(base=100, since=[NONE, NONE])
        the_same(result, {"status": "stale", "base_close": 100.0, "last_date": day(0)})
        assert result["return_since"] is None
        assert result["sessions_below_base"] is None

    @pytest.mark.parametrize(
        ("behind", "status"), [(0, "ok"), (1, "stale"), (10, "stale"), (11, "ended"), (40, "ended")]
    )
    def test_a_last_close_ten_sessions_back_is_stale_and_eleven_ended(self, behind, status):
        result = measured(base=100, since=[90, *[NONE] * behind])
        the_same(result, {"status": status, "last_date": day(1), "last_close": 90.0, "return_since": -0.10})

    @pytest.mark.parametrize(("gap", "status"), [(0, "ok"), (1, "ok"), (10, "ok")])
    def test_a_close_up_to_ten_sessions_before_the_base_session_is_the_base(self, gap, status):
        result = one([100, *[NONE] * gap, 90], base=gap)
        the_same(result, {"status": status, "base_date": day(0), "base_close": 100.0, "event_return": -0.10})

    def test_a_close_eleven_sessions_before_the_base_session_is_no_base(self):
        result = one([100, *[NONE] * 11, 90], base=11)
        assert {name for name, value in result.items() if value is not None} == ALWAYS
        the_same(result, {"status": "no_base", "last_close": 90.0})

    def test_sessions_count_from_the_base_session_where_the_base_close_is_older(self):
        result = one([100, NONE, NONE, 95, 90], base=2)
        the_same(result, {"base_date": day(0), "sessions_to_trough": 2, "event_date": day(3)})

    def test_listed_after_the_base_session_has_no_measures_at_all_and_no_zero(self):
        result = one([NONE, NONE, 60000, 59000], base=0)
        assert {name for name, value in result.items() if value is not None} == ALWAYS
        the_same(result, {"status": "listed_later", "last_close": 59000.0, "last_date": day(3)})

    def test_without_one_close_there_are_no_prices(self):
        result = one([NONE, NONE], base=0)
        assert {name for name, value in result.items() if value is not None} == {"status"}
        assert result["status"] == "no_prices"


class TestBenchmark:
    def test_it_is_measured_over_the_sessions_of_the_security(self):
        # the security's last close is on the second session: 52 / 50 - 1, whatever came later
        result = measured(base=100, since=[90, 110, NONE], benchmark=[50, 40, 52, 70])
        the_same(result, {"benchmark_return": 0.04, "excess_return": 0.06})

    def test_its_last_close_stands_in_for_a_missing_one_for_ten_sessions(self):
        closes = [90.0] * (PATIENCE + 1)
        result = measured(base=100, since=closes, benchmark=[50, 60, *[NONE] * PATIENCE])
        the_same(result, {"benchmark_return": 0.20})

    def test_a_benchmark_that_ended_is_not_held_against_a_security_that_went_on(self):
        closes = [90.0] * (PATIENCE + 2)
        result = measured(base=100, since=closes, benchmark=[50, 60, *[NONE] * (PATIENCE + 1)])
        the_same(result, {"benchmark_return": None, "excess_return": None, "return_since": -0.10})

    def test_a_benchmark_that_begins_after_the_base_gives_no_excess(self):
        result = measured(base=100, since=[90, 80], benchmark=[NONE, 60, 61])
        the_same(result, {"benchmark_return": None, "excess_return": None})


@st.composite
def markets(draw, most_securities=12, most_sessions=40, gaps=True):
    """Closes of a market in ticks of a cent, so that ties are common; with holes; base anywhere."""
    sessions, securities = draw(st.integers(1, most_sessions)), draw(st.integers(1, most_securities))
    ticks = draw(arrays.arrays(np.int64, (sessions, securities), elements=st.integers(1, 30)))
    close = ticks / 100
    if gaps:
        close[draw(arrays.arrays(np.bool_, close.shape, elements=st.sampled_from([False] * 5 + [True])))] = (
            NONE
        )
        row = np.arange(sessions)
        for security in close.T:  # listed late, ended early, or long halted
            first, last = draw(st.tuples(st.integers(-sessions, sessions), st.integers(0, 2 * sessions)))
            security[(row < first) ^ (row > last)] = NONE
    return close, draw(st.integers(0, sessions - 1))


def whole(close, base, benchmark=None):
    dates = np.array(session_dates(FIRST, len(close)), dtype="M8[D]")
    return measure(close, dates, base, close[:, 0] if benchmark is None else benchmark)


def agree(left, right):
    for column, values in left.items():
        if values.dtype == object:
            assert (values == right[column]).all(), column
        else:
            np.testing.assert_array_equal(values, right[column], err_msg=column)


class TestOfEveryMarket:
    @given(markets())
    def test_every_column_is_what_its_definition_says(self, market):
        close, base = market
        result = whole(close, base)
        lists = [[None if np.isnan(price) else price for price in column] for column in close.T]
        for at, security in enumerate(lists):
            expected = measures_by_definition(security, session_dates(FIRST, len(close)), base, lists[0])
            found = {column: plain(values[at]) for column, values in result.items()}
            the_same(found, expected)

    @given(markets())
    def test_measuring_together_is_measuring_one_by_one(self, market):
        close, base = market
        together = whole(close, base)
        for at in range(close.shape[1]):
            alone = whole(close[:, [at]], base, close[:, 0])
            agree({column: values[[at]] for column, values in together.items()}, alone)

    @given(markets(), st.randoms(use_true_random=False))
    def test_the_order_of_the_securities_does_not_matter(self, market, random):
        close, base = market
        order = list(range(close.shape[1]))
        random.shuffle(order)
        shuffled = whole(close[:, order], base, close[:, 0])
        agree({column: values[order] for column, values in whole(close, base).items()}, shuffled)

    @given(markets(), st.integers(-8, 12))
    def test_fractions_and_dates_do_not_depend_on_the_currency(self, market, power):
        close, base = market
        factor = 2.0**power  # a power of two, so that not even the last digit may differ
        plain_result, scaled = whole(close, base), whole(close * factor, base)
        prices = {"base_close", "trough_close", "pre_high", "last_close"}
        agree(
            {name: values * factor if name in prices else values for name, values in plain_result.items()},
            scaled,
        )

    @given(markets())
    def test_a_fall_and_the_rebound_from_it_make_the_return(self, market):
        found = whole(*market)
        np.testing.assert_allclose(
            (1 + found["fall"]) * (1 + found["rebound"]), 1 + found["return_since"], rtol=1e-12
        )
        both = ~np.isnan(found["recovery"])
        # what is lost at the low and not yet back: fall x (1 - recovery)
        np.testing.assert_allclose(
            (found["fall"] * (1 - found["recovery"]))[both], found["return_since"][both], atol=1e-12
        )

    @given(markets())
    def test_the_figures_bound_one_another(self, market):
        found = whole(*market)
        known = ~np.isnan(found["fall"])
        fall, deepest, now = (found[name][known] for name in ("fall", "max_drawdown", "drawdown"))
        assert (deepest <= np.minimum(fall, 0)).all()
        assert ((deepest <= now) & (now <= 0) & (deepest > -1)).all()
        assert (now <= found["return_since"][known]).all()
        assert (found["fall"][known] <= found["event_return"][known]).all()
        assert (found["rebound"][known] >= 0).all()
        assert (found["sessions_below_base"][known] >= (fall < 0)).all()
        back = ~np.isnat(found["recovered_on"])
        assert (found["recovered_on"][back] > found["event_date"][back]).all()
        assert (found["sessions_to_recover"][back] >= 2).all()

    @given(markets(), st.data())
    def test_the_past_is_not_changed_by_what_came_after(self, market, data):
        # what was reached by day D stands at every later D: the event, the first recovery, the first new high
        close, base = market
        until = data.draw(st.integers(base + 1, len(close)))
        earlier, later = whole(close[:until], base), whole(close, base)
        for column in ("base_close", "event_return", "event_date", "recovered_on", "new_high_on", "pre_high"):
            known = earlier[column] == earlier[column]  # NaN and NaT differ from themselves
            np.testing.assert_array_equal(earlier[column][known], later[column][known], err_msg=column)
        known = ~np.isnan(earlier["fall"])
        assert (later["fall"][known] <= earlier["fall"][known]).all()
        assert (later["max_drawdown"][known] <= earlier["max_drawdown"][known]).all()

    @hypothesis_settings(max_examples=20)
    @given(st.integers(0, 3), st.integers(1, 5))
    def test_a_market_without_one_close_measures_nothing_and_warns_of_nothing(self, securities, sessions):
        result = whole(np.full((sessions, securities), NONE), 0, np.full(sessions, NONE))
        assert set(result["status"]) <= {"no_prices"}
        assert all(values.dtype == np.dtype("M8[D]") for name, values in result.items() if name in DATES)
