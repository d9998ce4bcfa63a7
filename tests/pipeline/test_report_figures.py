"""What a report says before it is written, against the closes of the bundled sample in plain arithmetic."""

import statistics
from datetime import date

import numpy as np
import pytest
from pytest import approx

from screener.api import load_theme, screen
from screener.pipeline.report import compared, report_of
from tests.closes import Day, closes

AS_OF = date(2025, 4, 30)


@pytest.fixture(scope="module")
def days():
    return {symbol: Day(series, AS_OF) for symbol, series in closes().items()}


@pytest.fixture
def report():
    return report_of(screen("deepseek-r1", source="sample", as_of=AS_OF))


def members(side):
    return [
        (category.id, member.symbol)
        for category, member in load_theme("deepseek-r1").members()
        if category.side == side
    ]


def measured(side, days):
    return [days[symbol] for _, symbol in members(side) if symbol in days and days[symbol].path]


@pytest.mark.parametrize("side", ["loser", "winner"])
def test_the_tally_of_a_side_counts_what_the_closes_show(report, days, side):
    tally = next(tally for tally in report.tallies if tally.side == side)
    known = measured(side, days)
    moves = [day.path[0][1] / day.base - 1 for day in known]
    since = [day.path[-1][1] / day.base - 1 for day in known]
    sign = -1 if side == "loser" else 1
    assert tally.measured == len(known)
    assert tally.as_expected == sum(sign * move > 0 for move in moves)
    assert tally.event_return == approx(statistics.median(moves))
    assert tally.at_base == sum(value >= 0 for value in since)
    assert tally.return_since == approx(statistics.median(since))
    assert tally.fell == sum(any(close < day.base for _, close in day.path) for day in known)
    assert tally.regained == sum(day.regained is not None for day in known)


def test_a_category_is_told_by_the_median_of_its_members_on_their_own_sessions(report, days):
    path = next(path for path in report.paths if path.category.id == "kr_hbm_chain")
    known = [days[s] for c, s in members("loser") if c == "kr_hbm_chain" and s in days and days[s].path]
    assert path.members == len(known)
    assert path.since[0] == 0
    for session in (1, 5, 20):
        expected = statistics.median(day.path[session - 1][1] / day.base - 1 for day in known)
        assert path.since[session] == approx(expected)


def test_a_first_report_says_that_there_is_none_before_it(report):
    assert report.comparison is None
    assert compared(report, None).comparison.since is None


def test_a_part_of_a_theme_has_no_claims_for_want_of_the_others(report):
    part = report_of(screen("deepseek-r1", source="sample", as_of=AS_OF, markets=["KR"]))
    assert report.judgements
    assert part.judgements == ()
    assert part.snapshot.verdicts == {}


def test_a_benchmark_is_told_only_as_far_as_the_prices_of_the_members_go(tmp_path):
    sessions = ["2025-01-24", "2025-01-27", "2025-01-28", *(f"2025-02-{day}" for day in (24, 25, 26, 27, 28))]
    rows = [f"{day},SPY,{600 + 6 * n}" for n, day in enumerate(sessions)]
    rows += [f"{day},NVDA,{close}" for day, close in zip(sessions, (100, 80, 90), strict=False)]
    (tmp_path / "prices.csv").write_text("date,symbol,close\n" + "\n".join(rows) + "\n", "utf-8")
    theirs = report_of(screen("deepseek-r1", source=tmp_path / "prices.csv", symbols=["NVDA"])).paths[0]
    known = np.isfinite(theirs.since)
    assert theirs.since[:3] == approx([0.0, -0.2, -0.1])
    assert theirs.benchmark[:3] == approx([0.0, 0.01, 0.02])
    assert not known.all()
    assert (np.isfinite(theirs.benchmark) <= known).all()
