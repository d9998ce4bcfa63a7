"""Drawdowns held against empyrical-reloaded and ffn where they are right, and by hand where they are not."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from screener.analytics.measures import measure

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import empyrical
    import ffn

#: x examples x securities = series compared
EXAMPLES, SECURITIES = 150, 20


@st.composite
def series(draw, gaps):
    """Closes, sessions x securities, the base first and present; in ticks, so that ties are common."""
    shape = (draw(st.integers(2, 60)), SECURITIES)
    close = draw(arrays.arrays(np.int64, shape, elements=st.integers(1, 400))) / draw(
        st.sampled_from([1, 100, 1000])
    )
    if gaps:
        holes = draw(arrays.arrays(np.bool_, shape, elements=st.sampled_from([False] * 4 + [True])))
        holes[0] = False
        close[holes] = np.nan
    return close


def since_base(close):
    dates = np.datetime64("2025-01-24") + np.arange(len(close))
    return measure(close, dates, 0, np.full(len(close), np.nan))


def by_day(close):
    return pd.DataFrame(close, index=pd.date_range("2025-01-24", periods=len(close)))


@hypothesis_settings(max_examples=EXAMPLES)
@given(series(gaps=False))
def test_max_drawdown_is_that_of_empyrical_from_returns(close):
    returns = (close[1:] / close[:-1]) - 1
    np.testing.assert_allclose(
        since_base(close)["max_drawdown"], empyrical.max_drawdown(pd.DataFrame(returns)), rtol=0, atol=1e-9
    )


@hypothesis_settings(max_examples=EXAMPLES)
@given(series(gaps=True))
def test_max_drawdown_is_that_of_ffn_from_prices_with_the_base_first(close):
    expected = ffn.calc_max_drawdown(by_day(close)).to_numpy()
    found = since_base(close)["max_drawdown"]
    only_base = np.isnan(close[1:]).all(axis=0)
    np.testing.assert_allclose(found[~only_base], expected[~only_base], rtol=0, atol=1e-12)
    assert np.isnan(found[only_base]).all()


@hypothesis_settings(max_examples=EXAMPLES)
@given(series(gaps=True))
def test_drawdown_is_the_last_value_of_the_drawdown_series_of_ffn(close):
    expected = ffn.to_drawdown_series(by_day(close)).iloc[-1].to_numpy()
    found = since_base(close)["drawdown"]
    np.testing.assert_allclose(found[~np.isnan(found)], expected[~np.isnan(found)], rtol=0, atol=1e-12)


@hypothesis_settings(max_examples=EXAMPLES)
@given(series(gaps=False))
def test_the_first_time_below_the_base_ends_where_the_first_drawdown_of_ffn_ends(close):
    # the running peak of prices capped at the base is the base: ffn's drawdowns are then those below it
    capped = by_day(np.minimum(close, close[0]))
    result = since_base(close)
    for at in range(SECURITIES):
        episodes = ffn.core.drawdown_details(ffn.to_drawdown_series(capped[at]))
        if episodes is None:
            assert np.isnat(result["recovered_on"][at])
            assert result["fall"][at] >= 0
            continue
        end = episodes["End"].iloc[0]
        back = capped[at][end] == capped[at].iloc[0]  # ffn does not tell an end from the end of the data
        expected = end.to_datetime64().astype("M8[D]") if back else np.datetime64("NaT", "D")
        np.testing.assert_equal(result["recovered_on"][at], expected)
        assert result["fall"][at] == pytest.approx(float(episodes["drawdown"].min()), abs=1e-12)


class TestWhereTheLibrariesAreWrong:
    """What these libraries answer is not what the definitions ask for; by hand it is seen that ours is."""

    def test_ffn_without_the_base_loses_a_fall_under_water_from_the_first_return(self):
        close = np.array([[100.0], [90.0], [95.0]])
        growth = (1 + by_day(close).pct_change().dropna()).cumprod()  # 0.90, 0.95: the base itself is gone
        assert ffn.calc_max_drawdown(growth).item() == 0
        assert since_base(close)["max_drawdown"].item() == pytest.approx(90 / 100 - 1)

    def test_empyrical_loses_the_fall_across_one_missing_price(self):
        close = np.array([[100.0], [np.nan], [80.0], [88.0]])
        returns = by_day(close)[0].pct_change(fill_method=None)  # both returns beside the hole are missing
        assert empyrical.max_drawdown(returns) == 0
        assert since_base(close)["max_drawdown"].item() == pytest.approx(80 / 100 - 1)

    def test_ffn_ends_a_drawdown_that_has_not_ended_on_the_last_day(self):
        close = np.array([[100.0], [80.0], [88.0]])
        episodes = ffn.core.drawdown_details(ffn.to_drawdown_series(by_day(close)[0]))
        assert episodes["End"].tolist() == [pd.Timestamp("2025-01-26")]
        assert np.isnat(since_base(close)["recovered_on"]).all()
