"""The scorecard: verdicts by hand, tables against pandas and the papers' formulas, nothing of the future."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from screener import api, resources
from screener.analytics.category_tests import Statistic
from screener.columns import SCORE_COLUMNS, TEST_NAMES
from screener.errors import UsageError
from screener.pipeline.score import path_of, path_table, path_window, score, spread, verdict_of
from tests.analytics import papers

APRIL = date(2025, 4, 30)


@pytest.fixture
def screened():
    """Return a function that screens the bundled sample as of April 2025."""
    return lambda **choice: api.screen(**{"source": "sample", "as_of": APRIL} | choice)


def rows(card):
    return card.table.set_index("category")


@pytest.mark.parametrize(
    ("side", "mean", "t", "p", "verdict"),
    [
        ("loser", -0.10, -3.0, 0.01, "supported"),
        ("loser", 0.10, 3.0, 0.01, "contradicted"),
        ("winner", 0.10, 3.0, 0.01, "supported"),
        ("winner", -0.10, -3.0, 0.01, "contradicted"),
        ("loser", -0.10, -1.9, 0.0501, "undecided"),
        ("loser", -0.10, -2.0, 0.05, "undecided"),
        ("loser", -0.10, -2.0, 0.0499, "supported"),
        # large and noisy members one way, small and quiet ones the other: no verdict
        ("loser", 0.01, -3.0, 0.01, "undecided"),
        ("winner", 0.0, 3.0, 0.01, "undecided"),
        ("winner", np.nan, np.nan, np.nan, "undecided"),
    ],
)
def test_a_verdict_takes_five_percent_and_the_sign_of_mean_and_test(side, mean, t, p, verdict):
    assert verdict_of(side, mean, Statistic(t, p)) == verdict


@pytest.mark.parametrize("window", ["day", "week"])
def test_means_medians_and_shares_are_those_of_the_ranking(screened, window):
    screening = screened(window=window)
    found = rows(score(screening))
    table = screening.table[screening.table["status"].eq("ok")]
    for category, members in table.groupby("category"):
        row = found.loc[category]
        assert row["n"] == len(members)
        assert row["aar"] == pytest.approx(members["abnormal_return"].mean(), abs=1e-12)
        assert row["caar"] == pytest.approx(members["car"].mean(), abs=1e-12)
        assert row["median_event_return"] == members["event_return"].median()
        expected = members["car"].lt(0) if row["side"] == "loser" else members["car"].gt(0)
        assert row["share_expected"] == expected.mean()


def test_members_are_all_that_were_screened_and_n_those_that_were_measured(screened):
    found = rows(score(screened()))
    theme = api.load_theme("deepseek-r1")
    assert {c.id: len(c.members) for c in theme.categories} == found.loc[
        [c.id for c in theme.categories], "members"
    ].to_dict()
    # of these two the sample has no prices
    assert found.loc[["cn_local_semis", "cn_ai_software_cloud"], "n"].tolist() == [0, 0]
    assert found.loc["cn_local_semis", ["verdict", "reservation"]].tolist() == ["undecided", "none"]


@pytest.mark.parametrize(
    ("category", "benchmark", "event"),
    [("kr_power_equipment", "^KS11", "2025-01-31"), ("nvda_amd_complex", "SPY", "2025-01-27")],
)
@pytest.mark.parametrize(("window", "sessions"), [("day", (0, 0)), ("week", (0, 4))])
def test_the_statistic_is_that_of_kolari_and_pynnonen(screened, category, benchmark, event, window, sessions):
    suffix = ".KS" if benchmark == "^KS11" else ""
    closes = pd.read_csv(resources.bundled_sample(), index_col="date")
    closes = closes[closes[benchmark].notna()]
    members = [
        member.symbol
        for one in api.load_theme("deepseek-r1").categories
        if one.id == category
        for member in one.members
        if member.symbol in closes and member.symbol.endswith(suffix)
    ]
    market = "KOSPI" if suffix else "US"
    row = rows(score(screened(window=window, categories=[category], markets=[market]))).loc[category]
    lists = closes.astype(object).where(closes.notna(), None)
    securities = [
        papers.Security(
            lists[symbol].tolist(),
            lists[benchmark].tolist(),
            closes.index.get_loc(event),
            closes.index.tolist(),
        )
        for symbol in members
    ]
    assert row["n"] == len(members) >= 5
    assert row["statistic"] == pytest.approx(papers.kolari_pynnonen(securities, *sessions), abs=1e-9)
    assert row["correlation"] == pytest.approx(papers.mean_correlation(securities, *sessions), abs=1e-9)
    assert row["patell"] == pytest.approx(papers.patell(securities, *sessions), abs=1e-9)
    assert row["corrado"] == pytest.approx(papers.corrado(securities, *sessions), abs=1e-9)


def test_too_few_members_give_no_verdict_or_a_warning(screened):
    one = rows(score(screened(symbols=["000660.KS"]))).loc["kr_hbm_chain"]
    assert (one["n"], one["verdict"], one["reservation"]) == (1, "undecided", "single")
    assert np.isnan(one["p"])
    assert rows(score(screened())).loc["kr_ai_cloud", ["n", "reservation"]].tolist() == [2, "few"]


def test_categories_are_counted_by_what_the_article_says_of_them(screened):
    card = score(screened())
    theme = api.load_theme("deepseek-r1")
    for basis, counts in card.tally().items():
        ids = [category.id for category in theme.categories if category.basis == basis]
        verdicts = rows(card).loc[ids, "verdict"].tolist()
        assert counts == {name: verdicts.count(name) for name in ("supported", "contradicted", "undecided")}
    assert list(card.tally()) == ["stated", "inferred", "extension"]
    assert list(score(screened(categories=["kr_hbm_chain"])).tally()) == ["stated"]


def test_a_spread_is_the_mean_of_the_first_less_the_mean_of_the_second(screened):
    screening = screened()
    found = spread(screening, ["035420.KS", "035720.KS"], ["000660.KS", "042700.KS", "089030.KQ"], "day")
    own = screening.table.set_index("symbol")["abnormal_return"]
    first = (own["035420.KS"] + own["035720.KS"]) / 2
    second = (own["000660.KS"] + own["042700.KS"] + own["089030.KQ"]) / 3
    assert found.difference == pytest.approx(first - second, abs=1e-12)
    assert (found.n_first, found.n_second) == (2, 3)


def test_spreads_are_told_of_all_and_of_each_country_with_both_sides(screened):
    found = rows(score(screened()))
    assert [name for name in found.index if name.startswith("winners")] == [
        "winners-losers",
        "winners-losers:US",
        "winners-losers:KR",
    ]
    korean = rows(score(screened(markets=["KOSPI", "KOSDAQ"])))
    assert korean.loc["winners-losers", "aar"] == found.loc["winners-losers:KR", "aar"]
    assert not any(score(screened(side="loser")).table["kind"] == "spread")


def test_windows_end_where_the_slowest_market_of_the_category_does(screened):
    found = rows(score(screened(as_of="2025-02-04")))
    assert found.loc["nvda_amd_complex", ["week_end", "clean_end"]].tolist() == [4, 6]
    assert found.loc["kr_hbm_chain", ["week_end", "clean_end"]].tolist() == [2, 2]
    assert found.loc["winners-losers", ["week_end", "clean_end"]].tolist() == [2, 2]
    assert found.loc["kr_hbm_chain", "window"] == "[0,0]"


def test_before_its_event_a_category_has_no_figure(screened):
    found = rows(score(screened(as_of="2025-01-28")))
    assert found.loc["kr_hbm_chain", ["n", "window", "reservation"]].tolist() == [0, "", "none"]
    assert found.loc["nvda_amd_complex", "n"] == 8


@pytest.mark.parametrize("as_of", ["2025-01-27", "2025-01-31", "2025-02-04", "2025-02-28", "2025-03-31"])
@pytest.mark.parametrize("window", ["day", "clean"])
def test_later_prices_change_nothing(screened, tmp_path, as_of, window):
    closes = pd.read_csv(resources.bundled_sample())
    whole, cut = tmp_path / "whole.csv", tmp_path / "cut.csv"
    closes.to_csv(whole, index=False)
    closes[closes["date"] <= as_of].to_csv(cut, index=False)
    known, seen = (score(screened(source=path, as_of=as_of, window=window)) for path in (cut, whole))
    pd.testing.assert_frame_equal(known.table, seen.table)


def test_every_column_of_the_scorecard_is_documented_in_both_languages(screened):
    from screener.labels import labels

    names = [column.name for column in SCORE_COLUMNS]
    names += [name for test in TEST_NAMES for name in (test, f"{test}_p")]
    assert score(screened()).table.columns.tolist() == names
    for lang in ("en", "ko"):
        assert set(names) <= set(labels(lang).tables["score"])


class TestPath:
    def test_it_is_the_mean_car_session_by_session(self, screened):
        screening = screened(window="week")
        table = path_table(path_of(screening, "kr_hbm_chain", path_window(screening)))
        assert table["session"].tolist() == [0, 1, 2, 3, 4]
        row = rows(score(screening)).loc["kr_hbm_chain"]
        assert table["caar"].iloc[0] == pytest.approx(row["aar"], abs=1e-12)
        assert table["caar"].iloc[-1] == pytest.approx(row["caar_week"], abs=1e-12)
        assert ((table["low"] < table["caar"]) & (table["caar"] < table["high"])).all()

    def test_a_single_session_is_drawn_to_the_clean_end(self, screened):
        assert path_window(screened()) == "clean"
        assert path_window(screened(window=(-1, 1))) == (-1, 1)

    def test_an_unknown_category_is_told_with_the_nearest(self, screened):
        with pytest.raises(UsageError, match="did you mean kr_hbm_chain"):
            path_of(screened(), "kr_hbm", "clean")

    def test_one_without_prices_is_told(self, screened):
        with pytest.raises(UsageError, match="none of its members is measured"):
            path_of(screened(), "cn_local_semis", "clean")
