"""Drawdown episodes by hand, and held against ffn and empyrical-reloaded where those are right."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from screener.analytics.episodes import deepest, drawdown_episodes

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import empyrical
    import ffn

NONE = float("nan")
FIRST = np.datetime64("2025-01-24")


def episodes_of(*closes):
    return drawdown_episodes(np.array(closes, dtype=float), FIRST + np.arange(len(closes)))


def spans(*closes):
    """Rows of peak, trough and end of each episode."""
    rows = []
    for episode in episodes_of(*closes):
        end = None if episode.end is None else int((episode.end - FIRST).astype(int))
        rows.append(
            (int((episode.begin - FIRST).astype(int)), int((episode.trough - FIRST).astype(int)), end)
        )
    return rows


def test_an_episode_runs_from_the_peak_over_the_trough_to_the_close_that_regains_it():
    assert spans(100, 110, 99, 88, 105, 111) == [(1, 3, 5)]
    (episode,) = episodes_of(100, 110, 99, 88, 105, 111)
    assert episode.depth == pytest.approx(-0.2)  # 88 / 110 - 1
    assert (episode.sessions, episode.sessions_to_trough) == (4, 2)
    assert (episode.peak_close, episode.trough_close) == (110, 88)


def test_a_fall_not_regained_has_no_end_although_the_series_ends():
    assert spans(100, 80, 99.99) == [(0, 1, None)]
    assert spans(100, 80, 100) == [(0, 1, 2)]


def test_sessions_of_an_open_episode_count_to_the_last_close():
    (episode,) = episodes_of(100, 90, 95, 97)
    assert episode.sessions == 3


def test_an_equal_close_regains_the_peak_and_the_next_fall_begins_there():
    assert spans(100, 90, 100, 95) == [(0, 1, 2), (2, 3, None)]


def test_the_last_of_several_equal_peaks_begins_and_the_first_of_equal_lows_is_the_trough():
    assert spans(100, 100, 90, 95, 90, 100) == [(1, 2, 5)]


def test_under_water_from_the_first_session_on_the_base_is_the_peak():
    assert spans(142.62, 118.42, 128.99) == [(0, 1, None)]


def test_a_session_without_a_close_neither_ends_an_episode_nor_moves_its_peak():
    assert spans(100, NONE, 90, NONE, 95, NONE, 101) == [(0, 2, 6)]
    assert spans(100, 90, NONE, NONE) == [(0, 1, None)]
    assert [episode.sessions for episode in episodes_of(100, 90, NONE, NONE)] == [1]


def test_a_rise_without_a_fall_a_single_session_and_no_close_at_all_have_no_episode():
    assert spans(0.5, 0.6, 0.6, 0.7) == []
    assert spans(100) == []
    assert spans(NONE, NONE) == []
    assert spans() == []


def test_depths_of_prices_below_one_are_those_of_the_same_prices_a_thousandfold():
    small = [episode.depth for episode in episodes_of(0.4, 0.3, 0.35, 0.5, 0.1)]
    assert small == pytest.approx([-0.25, -0.8])  # 0.3 / 0.4 - 1, 0.1 / 0.5 - 1


def test_the_deepest_come_first_and_of_equal_ones_the_earliest():
    closes = (100, 90, 100, 95, 100, 90, 100)
    found = deepest(episodes_of(*closes), 2)
    assert [str(episode.begin) for episode in found] == ["2025-01-24", "2025-01-28"]
    assert deepest(episodes_of(*closes), 0) == ()


ticks = st.integers(1, 60).map(lambda tick: tick / 4)
closes_with_gaps = st.builds(
    lambda base, rest: [base, *rest],
    ticks,
    st.lists(st.one_of(ticks, ticks, ticks, st.just(NONE)), max_size=60),
)


@hypothesis_settings(max_examples=1500)
@given(closes_with_gaps)
def test_episodes_are_those_of_ffn_but_that_an_open_one_does_not_end(closes):
    prices = pd.Series(closes, index=pd.DatetimeIndex(FIRST + np.arange(len(closes))))
    details = ffn.drawdown_details(ffn.to_drawdown_series(prices))
    theirs = [] if details is None else list(details.itertuples(index=False))
    ours = episodes_of(*closes)
    assert len(ours) == len(theirs)
    traded = prices.dropna()
    for own, other in zip(ours, theirs, strict=True):
        assert own.depth == pytest.approx(other.drawdown, abs=1e-12)
        assert traded[traded.index > own.begin].index[0] == other.Start  # theirs start a close later
        assert traded[own.begin] == traded[: own.begin].max() == own.peak_close
        if own.end is None:  # theirs ends such an episode on the last session
            assert other.End == prices.index[-1]
            assert traded.iloc[-1] < own.peak_close
        else:
            assert own.end == other.End
            assert traded[own.end] >= own.peak_close


@hypothesis_settings(max_examples=500)
@given(st.lists(ticks, min_size=2, max_size=60))
def test_the_deepest_episode_is_the_maximum_drawdown_of_empyrical(closes):
    expected = empyrical.max_drawdown(pd.Series(closes).pct_change().iloc[1:])
    found = deepest(episodes_of(*closes), 1)
    assert (found[0].depth if found else 0.0) == pytest.approx(expected, abs=1e-9)
