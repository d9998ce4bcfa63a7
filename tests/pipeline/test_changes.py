"""What changed between two days, held against the closes themselves: no measure of ours is used to expect."""

import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest

import screener
from screener.pipeline.changes import Change, SecurityState, Snapshot, changes, snapshot_of
from tests.closes import Day, closes

FIRST, LAST = date(2025, 1, 24), date(2025, 4, 30)
#: kinds whose subject and date closes decide
TOLD = ("new_low", "base_lost", "base_regained", "new_high", "rank_move", "listed")


def places(days, side_of):
    """Place of each measured security within its side: losers by drawdown, winners by return."""
    found = {}
    for side, key in (
        ("loser", lambda day: day.deepest),
        ("winner", lambda day: -(day.path[-1][1] / day.base - 1)),
    ):
        measured = [symbol for symbol, day in days.items() if side_of.get(symbol) == side and day.path]
        order = sorted(measured, key=lambda symbol: (key(days[symbol]), symbol))
        found |= {symbol: place for place, symbol in enumerate(order, 1)}
    return found


def expected(series, side_of, before, after):
    """Every (kind, subject, date) that closes show between two days."""
    told = set()
    then, now = ({s: Day(series[s], d) for s in series if s in side_of} for d in (before, after))
    for symbol, day in now.items():
        was = then[symbol]
        if day.listed_later and not was.listed_later:
            told.add(("listed", symbol, after))
        if day.low and day.low != was.low and (was.low or day.low[1] < day.base):
            told.add(("new_low", symbol, day.low[0]))
        if day.path and was.path and was.below != day.below:
            told.add(("base_lost" if day.below else "base_regained", symbol, day.last_date))
        if day.new_high and not was.new_high:
            told.add(("new_high", symbol, day.new_high))
    old, new = places(then, side_of), places(now, side_of)
    for symbol in old.keys() & new.keys():
        if abs(old[symbol] - new[symbol]) >= 5 or (old[symbol] <= 5) != (new[symbol] <= 5):
            told.add(("rank_move", symbol, after))
    return told


@pytest.fixture(scope="module")
def theme():
    return screener.load_theme("deepseek-r1")


def test_changes_told_each_day_are_exactly_those_that_closes_show(theme):
    series = closes()
    side_of = {member.symbol: category.side for category, member in theme.members()}
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    before = snapshot_of(screener.screen(theme, as_of=FIRST, source="sample"))
    seen = set()
    for yesterday, day in itertools.pairwise(days):
        after = snapshot_of(screener.screen(theme, as_of=day, source="sample"))
        told = [(change.kind, change.subject, change.date) for change in changes(before, after)]
        assert set(told) == expected(series, side_of, yesterday, day), day
        assert len(set(told)) == len(told), day
        seen |= {kind for kind, _, _ in told}
        before = after
    assert seen == set(TOLD)


def test_a_gap_of_weeks_tells_what_happened_in_it_once(theme):
    before, after = (
        snapshot_of(screener.screen(theme, as_of=day, source="sample"))
        for day in ("2025-02-28", "2025-04-30")
    )
    told = {(change.kind, change.subject): change for change in changes(before, after)}
    # NVDA: base 142.62, low 116.66 on 02-03 before the gap, 94.31 on 04-04 in it
    low = told["new_low", "NVDA"]
    assert low.date == date(2025, 4, 4)
    assert low.before == pytest.approx(116.66 / 142.62 - 1, abs=1e-12)
    assert low.after == pytest.approx(94.31 / 142.62 - 1, abs=1e-12)


def state(**fields):
    return SecurityState(
        **({"rank": 1, "side": "loser", "status": "ok", "base_close": 100.0, "fall": -0.5} | fields)
    )


def shot(security, *, as_of=date(2025, 4, 4), verdicts=None, scope=""):
    return Snapshot(
        theme="t",
        as_of=as_of,
        price="close",
        scope=scope,
        securities={"X": security},
        verdicts=verdicts or {},
    )


def kinds(then, now):
    return [change.kind for change in changes(shot(then), shot(now))]


def test_regained_and_lost_again_between_two_looks_is_told_as_both():
    then = state(last_close=90.0, last_date=date(2025, 4, 1))
    now = replace(then, last_date=date(2025, 4, 4), recovered_on=date(2025, 4, 2))
    assert kinds(then, now) == ["base_lost", "base_regained"]


def test_a_base_regained_a_second_time_is_told_again():
    then = state(last_close=90.0, last_date=date(2025, 4, 3), recovered_on=date(2025, 2, 3))
    now = replace(then, last_close=101.0, last_date=date(2025, 4, 4))
    told = changes(shot(then), shot(now))
    assert [(change.kind, change.date) for change in told] == [("base_regained", date(2025, 4, 4))]
    assert (told[0].before, told[0].after) == pytest.approx((-0.1, 0.01))


def test_a_split_that_rescales_every_close_changes_nothing():
    then = state(last_close=90.0, last_date=date(2025, 4, 3), trough_close=50.0, trough_date=date(2025, 2, 3))
    now = replace(then, base_close=10.0, last_close=9.0, trough_close=5.0, last_date=date(2025, 4, 4))
    assert kinds(then, now) == []


def test_a_low_that_a_correction_moves_back_in_time_is_no_new_low():
    then = state(last_close=90.0, trough_close=50.0, trough_date=date(2025, 2, 3))
    assert kinds(then, replace(then, trough_date=date(2025, 2, 1), trough_close=49.0)) == []


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("ok", "no_prices", ["prices_lost"]),
        ("stale", "ended", ["ended"]),
        ("no_prices", "ok", ["prices_gained"]),
        ("ended", "ok", ["prices_gained"]),
        ("no_prices", "listed_later", ["listed"]),
        ("ok", "stale", []),
        ("stale", "ok", []),
        ("late", "late", []),
    ],
)
def test_statuses_tell_who_lost_and_who_got_prices(before, after, told):
    assert kinds(state(status=before, fall=None), state(status=after, fall=None)) == told


@pytest.mark.parametrize(
    ("before", "after", "told"), [(5, 6, True), (6, 5, True), (6, 10, False), (6, 11, True), (1, 5, False)]
)
def test_only_notable_moves_are_told(before, after, told):
    then, now = state(rank=before, last_close=90.0), state(rank=after, last_close=90.0)
    assert kinds(then, now) == (["rank_move"] if told else [])


def test_places_of_different_choices_are_not_compared():
    then, now = state(rank=1, last_close=90.0), state(rank=9, last_close=90.0)
    assert changes(shot(then, scope="US"), shot(now)) == ()


def test_a_claim_that_turned_is_told_and_a_new_one_is_not():
    verdicts = {"kept": "supported", "turned": "undecided", "new": "supported"}
    before = shot(state(), verdicts={"kept": "supported", "turned": "supported", "gone": "supported"})
    after = shot(state(), as_of=date(2025, 4, 7), verdicts=verdicts)
    assert changes(before, after) == (
        Change("claim_turned", "turned", date(2025, 4, 7), "supported", "undecided"),
    )


def test_the_order_does_not_depend_on_the_order_of_securities(theme):
    before, after = (
        snapshot_of(screener.screen(theme, as_of=day, source="sample"))
        for day in ("2025-04-03", "2025-04-04")
    )
    shuffled = replace(after, securities=dict(reversed(after.securities.items())))
    assert changes(before, after) == changes(before, shuffled)
    assert len(changes(before, after)) > 20


def test_a_choice_of_markets_or_symbols_has_a_scope_of_its_own(theme):
    def scope(**chosen):
        return snapshot_of(screener.screen(theme, source="sample", **chosen)).scope

    assert scope() == ""
    assert scope(markets=["KR"]) == "KOSDAQ+KOSPI"
    assert scope(symbols=["NVDA"]) != scope(symbols=["AMD"]) != ""
