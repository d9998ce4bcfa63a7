"""The event study of a screening; models are held against statsmodels, sessions against a calendar by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from screener import api, resources
from screener.errors import UsageError
from screener.pipeline.explain import explain
from screener.pipeline.profile import profile_of
from screener.pipeline.study import Reach, StudyTerms, parse_estimation, parse_window

APRIL = date(2025, 4, 30)
EVENTS = {"SPY": "2025-01-27", "^KS11": "2025-01-31", "^KQ11": "2025-01-31"}


def column(screening, name):
    return screening.table.set_index("symbol")[name]


@pytest.fixture(scope="module")
def prices(prices_folder):
    """Closes of the real prices: a row a date, a column a symbol."""
    bars = pd.read_parquet(prices_folder / "theme-ohlcv.parquet", columns=["date", "symbol", "close"])
    return bars.pivot_table(index="date", columns="symbol", values="close", observed=True)


@pytest.fixture(scope="module")
def real(prices_folder):
    return str(prices_folder / "theme-ohlcv.parquet")


def market_model(prices, symbol, benchmark):
    """OLS of statsmodels on sessions -130..-11, and the returns from session -10 on."""
    closes = prices[[symbol, benchmark]].dropna()
    returns = closes.pct_change()
    event = closes.index.get_loc(EVENTS[benchmark])
    estimation, after = returns.iloc[event - 130 : event - 10], returns.iloc[event - 10 :]
    return sm.OLS(estimation[symbol], sm.add_constant(estimation[benchmark])).fit(), after


@pytest.mark.parametrize(
    ("symbol", "benchmark"),
    [
        ("NVDA", "SPY"),
        ("ORCL", "SPY"),
        ("PLTR", "SPY"),
        ("000660.KS", "^KS11"),
        ("035420.KS", "^KS11"),
        ("089030.KQ", "^KQ11"),
        ("304100.KQ", "^KQ11"),
    ],
)
def test_abnormal_returns_and_their_t_are_those_of_statsmodels(prices, real, symbol, benchmark):
    fitted, after = market_model(prices, symbol, benchmark)
    screening = api.screen(source=real, as_of=APRIL, symbols=[symbol], window="week")
    window = after.iloc[10:15]
    abnormal = window[symbol] - fitted.predict(sm.add_constant(window[benchmark]))
    assert column(screening, "abnormal_return")[symbol] == pytest.approx(abnormal.iloc[0], abs=1e-9)
    assert column(screening, "car")[symbol] == pytest.approx(abnormal.sum(), abs=1e-9)
    # error of five predictions: five residuals, and the sum of the regressors times the covariance of a and b
    regressors = np.array([5.0, window[benchmark].sum()])
    variance = 5 * fitted.mse_resid + regressors @ fitted.cov_params().to_numpy() @ regressors
    assert column(screening, "car_t")[symbol] == pytest.approx(abnormal.sum() / np.sqrt(variance), abs=1e-9)


def test_the_estimation_window_can_be_chosen(prices, real):
    closes = prices[["NVDA", "SPY"]].dropna()
    event = closes.index.get_loc("2025-01-27")
    returns = closes.pct_change().iloc[event - 210 : event - 20]
    fitted = sm.OLS(returns["NVDA"], sm.add_constant(returns["SPY"])).fit()
    screening = api.screen(source=real, as_of=APRIL, symbols=["NVDA"], estimation=(-210, -21))
    assert screening.study.returns.normal.beta[0] == pytest.approx(fitted.params["SPY"], abs=1e-9)
    assert screening.study.returns.normal.n_estimation[0] == 190


def test_market_adjusted_and_mean_adjusted_are_plain_arithmetic():
    closes = pd.read_csv(resources.bundled_sample(), index_col="date")
    row = closes.index.get_loc("2025-01-27")
    move, market = (closes[name].dropna().pct_change()["2025-01-27"] for name in ("NVDA", "SPY"))
    adjusted = api.screen(source="sample", symbols=["NVDA"], model="market-adjusted")
    assert column(adjusted, "abnormal_return")["NVDA"] == pytest.approx(move - market, abs=1e-12)
    # sessions up to -11 are the eleven before the event left out; holidays of others are no sessions of New York
    mean = closes["NVDA"].iloc[: row + 1].dropna().pct_change().iloc[1:-11].mean()
    own = api.screen(source="sample", symbols=["NVDA"], model="mean-adjusted")
    assert column(own, "abnormal_return")["NVDA"] == pytest.approx(move - mean, abs=1e-12)


class TestWindows:
    @pytest.fixture
    def whole(self):
        return api.screen(source="sample", as_of=APRIL)

    def test_clean_ends_on_the_last_session_up_to_its_date_exchange_by_exchange(self, whole):
        # New York 01-27..03-31: 5 in January, 20 - 1 (Presidents' Day) in February, 21 in March: 45 sessions;
        # Korea 01-31..03-31: 1, 20, and 21 - 1 (substitute for Independence Day): 41
        assert whole.study.spans("clean") == {"US": (0, 44), "KOSPI": (0, 40), "KOSDAQ": (0, 40)}
        assert not whole.study.unfinished("clean")

    def test_securities_of_several_markets_share_the_shortest(self, whole):
        both = whole.study.columns(["NVDA", "000660.KS"])
        assert whole.study.common_window("clean", both.tolist()) == (0, 40)
        american = whole.study.columns(["NVDA", "AMD"])
        assert whole.study.common_window("clean", american.tolist()) == (0, 44)

    def test_a_window_that_is_not_over_goes_as_far_as_it_is(self):
        screening = api.screen(source="sample", as_of="2025-02-04")
        assert screening.study.spans("week") == {"US": (0, 4), "KOSPI": (0, 2), "KOSDAQ": (0, 2)}
        assert screening.study.unfinished("week")
        assert not screening.study.unfinished((-1, 1))

    def test_a_market_whose_event_is_to_come_does_not_hold_the_others_up(self):
        screening = api.screen(source="sample", as_of="2025-01-28")
        both = screening.study.columns(["NVDA", "000660.KS"])
        assert screening.study.common_window("week", both.tolist()) == (0, 1)
        korean = screening.study.columns(["000660.KS"])
        assert screening.study.common_window("week", korean.tolist()) is None
        assert np.isnan(column(screening, "abnormal_return")["000660.KS"])

    def test_one_that_ends_before_it_begins_has_no_sessions(self):
        assert Reach(last=10, clean=-3).so_far("clean") is None
        assert Reach(last=10, clean=None).so_far("clean") is None
        assert Reach(last=-1, clean=40).so_far("day") is None
        assert Reach(last=3, clean=40).so_far((-2, 9)) == (-2, 3)

    @pytest.mark.parametrize(
        ("text", "window"),
        [("day", "day"), ("Clean", "clean"), ("-1,1", (-1, 1)), ("[0, 10]", (0, 10)), ("3,3", (3, 3))],
    )
    def test_they_are_read_by_name_or_by_sessions(self, text, window):
        assert parse_window(text) == window

    @pytest.mark.parametrize("text", ["", "weak", "1", "4,0", "0..4", "0,1,2", "[a,b]"])
    def test_others_are_refused_with_what_is_expected(self, text):
        with pytest.raises(UsageError, match="expected day, week, clean, all"):
            parse_window(text)

    def test_the_nearest_name_is_offered(self):
        with pytest.raises(UsageError, match="did you mean week"):
            parse_window("wekk")

    @pytest.mark.parametrize("estimation", [(-60, -11), (-130, 0), (-11, -130)])
    def test_nothing_is_estimated_from_too_little_or_from_the_event(self, estimation):
        with pytest.raises(UsageError, match="at least 60 sessions that end before"):
            StudyTerms(estimation=estimation)

    def test_a_window_within_the_estimation_is_refused(self):
        with pytest.raises(UsageError, match="expected -10 or later"):
            StudyTerms(window=(-11, 0))
        assert parse_estimation("-250,-31") == (-250, -31)


@pytest.fixture
def invented(tmp_path):
    """Return a function that writes closes of members and SPY that move at random, after cutting holes."""
    random = np.random.default_rng(7)
    days = pd.bdate_range("2024-07-01", "2025-02-14")
    holidays = [
        "2024-07-04",
        "2024-09-02",
        "2024-11-28",
        "2024-12-25",
        "2025-01-01",
        "2025-01-09",
        "2025-01-20",
    ]
    days = days.drop(pd.DatetimeIndex(holidays))
    names = ["NVDA", "AMD", "AVGO", "SPY"]
    moves = random.normal(0, 0.02, (len(days), len(names)))
    closes = pd.DataFrame(100 * np.exp(moves.cumsum(axis=0)), index=days.rename("date"), columns=names)

    def write(cut):
        cut(closes)
        path = tmp_path / "invented.csv"
        closes.to_csv(path)
        return str(path)

    return write


def test_a_security_without_a_close_on_the_event_session_counts_in_no_test_and_has_a_week(invented):
    def halt(closes):
        closes.loc["2025-01-27", "AMD"] = np.nan

    screening = api.screen(source=invented(halt), symbols=["NVDA", "AMD"], window="week")
    assert column(screening, "status")["AMD"] == "late"
    assert np.isnan(column(screening, "abnormal_return")["AMD"])
    # its return from the base to the resumption is one of two sessions, so that the week is whole
    assert np.isfinite(column(screening, "car")["AMD"])
    study = screening.study
    assert [study.symbols[at] for at in study.columns(["NVDA", "AMD"])] == ["NVDA"]


def test_without_a_benchmark_nothing_is_abnormal_except_against_its_own_mean(invented):
    def lose(closes):
        del closes["SPY"]

    source = invented(lose)
    screening = api.screen(source=source, symbols=["NVDA"])
    assert np.isnan(column(screening, "abnormal_return")["NVDA"])
    assert any("SPY; excess and abnormal returns are empty" in notice for notice in screening.notices)
    own = api.screen(source=source, symbols=["NVDA"], model="mean-adjusted")
    assert np.isfinite(column(own, "abnormal_return")["NVDA"])
    assert any("SPY; excess returns are empty" in notice for notice in own.notices)
    explained = explain(profile_of(own, "NVDA"), ["abnormal_return"])[0]
    close, base = (
        pd.read_csv(source).set_index("date").loc[day, "NVDA"] for day in ("2025-01-27", "2025-01-24")
    )
    alpha = own.study.returns.normal.alpha[0]
    assert explained.derivation.priced == f"({close:.10g} / {base:.10g} - 1) - {alpha:.10g}"


def test_short_histories_are_counted_in_one_line_and_too_short_ones_have_no_figure(invented):
    def shorten(closes):
        closes.loc[: pd.Timestamp("2024-08-15"), "AMD"] = np.nan
        closes.loc[: pd.Timestamp("2024-12-02"), "AVGO"] = np.nan

    screening = api.screen(source=invented(shorten), symbols=["NVDA", "AMD", "AVGO"])
    days = pd.bdate_range("2024-08-19", "2025-01-10").drop(
        pd.DatetimeIndex(["2024-09-02", "2024-11-28", "2024-12-25", "2025-01-01", "2025-01-09"])
    )
    # the first return is that of 2024-08-19; session -11 is 2025-01-09 without its holidays, counted by hand
    # from 01-24 back: 24, 23, 22, 21, 17, 16, 15, 14, 13, 10 are -1..-10, so that -11 is 01-08
    counted = int((days <= "2025-01-08").sum())
    assert screening.study.notices() == [
        f"event study: 1 security has only {counted} of 120 estimation returns; "
        "their abnormal returns are less certain",
        "event study: 1 security has fewer than 60 estimation returns; their abnormal returns are empty",
    ]
    assert np.isnan(column(screening, "abnormal_return")["AVGO"])
    assert screening.study.returns.normal.n_estimation[screening.study.symbols.index("NVDA")] == 120


def test_a_security_listed_later_has_no_figure():
    screening = api.screen(source="sample", as_of=APRIL)
    found = screening.table.set_index("symbol").loc["064400.KS"]
    assert found["status"] == "listed_later"
    assert found[["abnormal_return", "car", "car_t"]].isna().all()


def test_a_theme_without_a_clean_window_says_so():
    from dataclasses import replace

    from screener.model import Windows

    theme = replace(api.load_theme("deepseek-r1"), windows=Windows())
    with pytest.raises(UsageError, match="sets no windows: clean_until"):
        api.screen(theme, source="sample", window="clean")
