"""Claims judged: by hand on made-up closes, on published outcomes, and never by what came after the as-of date."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

import numpy as np
import pytest

from screener import calendars
from screener.analytics.panel import Panel
from screener.markets import load_markets
from screener.model import Category, Claim, ClaimTest, Event, Member, Theme, Windows
from screener.pipeline.claims import Ledger
from screener.pipeline.claimtable import month_ends
from screener.pipeline.evidence import companions
from screener.pipeline.screening import ScreenRequest, screen
from screener.taxonomy import load_theme

MOMENT = datetime(2025, 1, 26, 12, tzinfo=UTC)


def panel(market="US", calm=60, **closes):
    """Closes from the base session on, flat at the first of them for `calm` sessions before; None for no close."""
    found = load_markets()[market]
    sessions = calendars.sessions_of(found.calendar)
    base = sessions.base(MOMENT)
    length = max(map(len, closes.values()))
    dates = sessions.dates[base - calm : base + length]
    rows = {
        name: [None if path[0] is None else path[0]] * calm + list(path) + [None] * (length - len(path))
        for name, path in closes.items()
    }
    symbols = tuple(sorted(rows))
    close = np.array([rows[symbol] for symbol in symbols], dtype=float).T
    return Panel(market=found, dates=dates, symbols=symbols, close=close, base=calm)


def judged(day, *tests, panels, clean_until=date(2025, 2, 5), losers=("AAA", "BBB", "CCC"), winners=("XXX",)):
    """The one claim made of these tests, judged as of a day."""
    theme = theme_of(*tests, clean_until=clean_until, losers=losers, winners=winners)
    found = panels if isinstance(panels, dict) else {panels.market.id: panels}
    return Ledger(theme, found, theme.claims).judge(date.fromisoformat(day))[0]


def theme_of(*tests, clean_until, losers, winners):
    def category(name, side, symbols):
        return Category(
            id=name, side=side, title=name, members=tuple(Member(symbol=s, name=s) for s in symbols)
        )

    return Theme(
        id="made-up",
        title="Made up",
        event=Event(moment=MOMENT),
        windows=Windows(clean_until=clean_until),
        categories=(category("chips", "loser", losers), category("soft", "winner", winners)),
        claims=(Claim(id="it", title="It", tests=tuple(ClaimTest(**test) for test in tests)),),
    )


def figure(day, panels, **test):
    judgement = judged(day, test, panels=panels)
    return judgement.findings[0]


@cache
def screened(source, as_of):
    theme = load_theme()
    return screen(ScreenRequest(theme=theme, source=source, as_of=as_of, companions=companions(theme)))


def ledger_of(screening):
    return Ledger(screening.theme, screening.panels, screening.theme.claims)


class TestOneSecurity:
    def test_the_first_session_decides_its_move(self):
        prices = panel(AAA=[100, 84, 120])
        test = {"of": "AAA", "measure": "event_return", "expect": "<= -15%"}
        judgement = judged("2025-01-28", test, panels=prices)
        assert judgement.verdict == "holds"
        assert judgement.turned_on == date(2025, 1, 27)
        # 84 / 100 - 1
        assert judgement.findings[0].value == pytest.approx(-0.16)
        assert judgement.findings[0].on == date(2025, 1, 27)

    def test_before_the_event_session_a_claim_is_open(self):
        judgement = judged(
            "2025-01-24",
            {"of": "AAA", "measure": "event_return", "expect": "<= -15%"},
            panels=panel(AAA=[100, 84]),
        )
        assert (judgement.verdict, judgement.turned_on) == ("open", None)

    def test_a_floor_is_refuted_by_the_close_that_breaks_it_and_not_by_deeper_ones_later(self):
        prices = panel(AAA=[100, 97, 94, 80, 99])
        test = {"of": "AAA", "measure": "fall", "window": "clean", "expect": "> -5%"}
        for day in ("2025-01-28", "2025-01-29", "2025-01-30"):
            judgement = judged(day, test, panels=prices)
            assert judgement.verdict == "refuted"
            assert judgement.turned_on == date(2025, 1, 28)
            # 94 / 100 - 1
            assert judgement.findings[0].value == pytest.approx(-0.06)
        assert judged("2025-01-27", test, panels=prices).verdict == "open"

    def test_a_floor_holds_only_when_its_window_is_over(self):
        prices = panel(AAA=[100, 97, 98, 99, 98, 97, 96, 97, 98, 97, 90, 80])
        test = {"of": "AAA", "measure": "fall", "window": "clean", "expect": "> -5%"}
        assert judged("2025-02-04", test, panels=prices).verdict == "open"
        judgement = judged("2025-02-10", test, panels=prices)
        # the window ends on 02-05; the falls to 90 and 80 come later
        assert (judgement.verdict, judgement.turned_on) == ("holds", date(2025, 2, 5))
        assert judgement.findings[0].value == pytest.approx(-0.04)
        assert judgement.findings[0].on == date(2025, 2, 3)

    def test_a_forecast_without_end_holds_from_the_event_until_a_close_breaks_it(self):
        prices = panel(AAA=[100, 90, 100, 95, 101, 99, 110])
        test = {"of": "AAA", "measure": "highest_close", "expect": "<= base_close"}
        before = judged("2025-01-29", test, panels=prices)
        assert (before.verdict, before.turned_on) == ("holds", date(2025, 1, 27))
        assert before.findings[0].held_days == 2
        after = judged("2025-02-03", test, panels=prices)
        assert (after.verdict, after.turned_on) == ("refuted", date(2025, 1, 30))
        # 101 was the first close above 100; 110 came later
        assert (after.findings[0].value, after.findings[0].on) == (101.0, date(2025, 1, 30))
        assert after.findings[0].held_days == 3

    def test_a_close_may_be_held_against_a_number(self):
        prices = panel(AAA=[100, 90, 104])
        assert (
            judged(
                "2025-01-28", {"of": "AAA", "measure": "highest_close", "expect": "<= 104"}, panels=prices
            ).verdict
            == "holds"
        )
        assert (
            judged(
                "2025-01-28", {"of": "AAA", "measure": "highest_close", "expect": "< 104"}, panels=prices
            ).verdict
            == "refuted"
        )

    def test_a_verdict_that_goes_to_and_fro_turned_last_on_the_last_change(self):
        prices = panel(AAA=[100, 90, 105, 95, 103, 104])
        judgement = judged("2025-01-31", {"of": "AAA", "expect": "> 0"}, panels=prices)
        assert (judgement.verdict, judgement.turned_on) == ("holds", date(2025, 1, 30))
        assert judged("2025-01-29", {"of": "AAA", "expect": "> 0"}, panels=prices).verdict == "refuted"

    def test_daily_moves_are_measured_from_any_close_to_the_next_session(self):
        prices = panel(AAA=[100, 80, 88, 66])
        assert figure(
            "2025-01-31", prices, of="AAA", since="event", window="1 session"
        ).value == pytest.approx(0.1)
        assert figure(
            "2025-01-31", prices, of="AAA", since="2025-01-28", window="1 session"
        ).value == pytest.approx(-0.25)

    def test_a_ratio_of_two_securities_lies_below_its_base_on_so_many_sessions(self):
        # ratios 2, 1.9, 2.1, 1.5, 2 to the base ratio 2: two of four sessions below
        prices = panel(AAA=[100, 95, 105, 75, 120], SPY=[50, 50, 50, 50, 60])
        found = figure("2025-01-30", prices, of="AAA/SPY", measure="below_base", expect="> 50%")
        assert found.value == pytest.approx(0.5)
        assert found.verdict == "refuted"

    def test_moves_are_compared_with_those_of_the_sixty_sessions_before(self):
        prices = panel(calm=60, AAA=[100, 104, 100])
        close = prices.close.copy()
        close[:60:2] = (
            101.0  # 101, 100, ... 101, 100 and the base 100: 30 moves of 1/101, 29 of 1/100, one of 0
        )
        shaken = replace(prices, close=close)
        calm = (30 / 101 + 29 / 100 + 0) / 60
        found = figure("2025-01-28", shaken, of="AAA", measure="move_ratio", window="all", expect=">= 2")
        assert found.value == pytest.approx((0.04 + 4 / 104) / 2 / calm)
        assert found.verdict == "holds"

    def test_with_fewer_than_sixty_sessions_before_moves_are_not_compared(self):
        found = figure(
            "2025-01-28", panel(calm=59, AAA=[100, 104, 100]), of="AAA", measure="move_ratio", expect=">= 2"
        )
        assert found.verdict == "untestable"


class TestSeveral:
    @pytest.fixture
    def prices(self):
        """Event moves of -10 %, -4 %, +2 % among chips; +5 % of the winner; -1 % of the benchmark."""
        return panel(
            AAA=[100, 90, 91], BBB=[50, 48, 50], CCC=[200, 204, 200], XXX=[10, 10.5, 10], SPY=[100, 99, 99]
        )

    @pytest.mark.parametrize(
        ("take", "expected"),
        [
            ("mean", -0.04),
            ("median", -0.04),
            ("share < 0", 2 / 3),
            ("share < -5%", 1 / 3),
            ("rank of CCC", 3),
            ("rank of AAA", 1),
        ],
    )
    def test_figures_of_a_category_become_one(self, prices, take, expected):
        found = figure("2025-01-28", prices, of="chips", measure="event_return", take=take)
        assert found.value == pytest.approx(expected)
        assert found.verdict is None

    def test_excess_is_taken_member_by_member_over_the_benchmark(self, prices):
        found = figure("2025-01-28", prices, of="chips", measure="excess_return", window="day", expect="< 0")
        # (-10 - 4 + 2) / 3 % less -1 %
        assert found.value == pytest.approx(-0.03)

    def test_a_group_or_a_named_benchmark_is_taken_off(self, prices):
        assert figure(
            "2025-01-28", prices, of="soft", minus="chips", measure="event_return"
        ).value == pytest.approx(0.09)
        assert figure(
            "2025-01-28", prices, of="winners", minus="SPY", measure="event_return"
        ).value == pytest.approx(0.06)

    def test_named_members_are_left_out(self, prices):
        found = figure("2025-01-28", prices, of="chips", without=("AAA",), measure="event_return")
        assert found.value == pytest.approx(-0.01)
        assert found.counted == ("BBB", "CCC")

    def test_a_category_is_cut_down_to_a_market_and_its_own_sessions(self, prices):
        korea = panel("KOSPI", **{"000001.KS": [100, 90, 90], "^KS11": [10, 10, 10]})
        panels = {"US": prices, "KOSPI": korea}
        test = {"of": "chips", "measure": "event_return", "expect": "< 0"}
        both = judged("2025-01-31", test, panels=panels, losers=("AAA", "000001.KS"))
        assert both.findings[0].counted == ("AAA", "000001.KS")
        # Korea's event session is 01-31; until then the claim is open
        assert both.turned_on == date(2025, 1, 31)
        assert judged("2025-01-30", test, panels=panels, losers=("AAA", "000001.KS")).verdict == "open"
        only = judged("2025-01-31", test | {"market": "KR"}, panels=panels, losers=("AAA", "000001.KS"))
        assert only.findings[0].counted == ("000001.KS",)

    def test_the_best_of_the_event_session_are_followed_from_its_close(self):
        prices = panel(AAA=[100, 110, 99], BBB=[100, 105, 110], CCC=[100, 101, 202], XXX=[100, 120, 60])
        found = figure(
            "2025-01-28", prices, of="members", best=2, since="event", window="1 session", expect="<= 0"
        )
        # XXX (+20 %) and AAA (+10 %) did best; they went on to -50 % and -10 %
        assert found.counted == ("XXX", "AAA")
        assert found.value == pytest.approx(-0.3)
        assert found.verdict == "holds"

    def test_late_and_later_listed_members_are_left_out_and_named(self):
        prices = panel(AAA=[100, None, 80], BBB=[100, 90, 90], CCC=[None, 50, 50], XXX=[1])
        found = figure("2025-01-28", prices, of="chips", measure="return_since", expect="< 0")
        assert found.counted == ("BBB",)
        assert found.left_out == (("AAA", "late"), ("CCC", "listed_later"))
        since_event = figure("2025-01-28", prices, of="chips", since="event", window="1 session")
        assert ("AAA", "late") in since_event.left_out

    def test_members_without_prices_leave_the_rest_and_none_at_all_leaves_nothing_to_test(self):
        prices = panel(AAA=[100, 90, 80], XXX=[1, 1, 1])
        found = figure("2025-01-28", prices, of="chips", expect="< 0")
        assert (found.counted, found.verdict) == (("AAA",), "holds")
        assert found.left_out == (("BBB", "no_prices"), ("CCC", "no_prices"))
        lacking = figure("2025-01-28", prices, of="chips", minus="QQQ", expect="< 0")
        assert lacking.verdict == "untestable"
        assert lacking.lacking == (("QQQ", "no_prices"),)
        assert math.isnan(lacking.value)

    def test_an_excess_without_the_benchmark_says_so(self):
        found = figure(
            "2025-01-28", panel(AAA=[100, 90, 80]), of="AAA", measure="excess_return", expect="< 0"
        )
        assert (found.verdict, found.left_out) == ("untestable", (("AAA", "no_benchmark"),))


FALLS = {"label": "falls", "of": "AAA", "measure": "event_return", "expect": "< 0"}
RISES = {"label": "rises", "of": "XXX", "measure": "event_return", "expect": "> 0"}
WEEK = {"label": "week", "of": "AAA", "window": "week", "expect": "< 0"}
LACKS = {"label": "lacks", "of": "QQQ", "measure": "event_return", "expect": "> 0"}


class TestSeveralTests:
    @pytest.fixture
    def prices(self):
        return panel(AAA=[100, 90, 91, 92, 93, 94], XXX=[10, 9, 10, 10, 10, 10])

    @pytest.mark.parametrize(
        ("tests", "verdict"),
        [
            ([FALLS, WEEK], "holds"),
            ([FALLS, RISES], "refuted"),
            ([FALLS, LACKS], "untestable"),
            ([RISES, LACKS], "refuted"),
            ([FALLS, RISES | {"decides": False}], "holds"),
            ([FALLS, RISES | {"expect": ""}], "holds"),
        ],
    )
    def test_all_that_decide_must_hold(self, prices, tests, verdict):
        assert judged("2025-01-31", *tests, panels=prices).verdict == verdict

    def test_one_refuted_test_refutes_while_others_are_open(self, prices):
        assert judged("2025-01-28", RISES, WEEK, panels=prices).verdict == "refuted"
        assert judged("2025-01-28", FALLS, WEEK, panels=prices).verdict == "open"

    def test_a_claim_turns_when_its_last_test_does(self, prices):
        assert judged("2025-01-31", FALLS, WEEK, panels=prices).turned_on == date(2025, 1, 31)


def test_what_claims_name_beside_members_is_loaded_with_them():
    assert set(companions(load_theme())) >= {"QQQ", "RSP", "^DJI", "SPY", "^KS11", "^KQ11"}


class TestPublishedOutcomes:
    """Outcomes that published prices show, found without this program; see the figures beside each."""

    @pytest.fixture
    def screening(self, prices_folder):
        return screened(str(prices_folder / "theme-ohlcv.parquet"), date(2025, 7, 31))

    @pytest.fixture
    def june(self, screening):
        return {judgement.claim.id: judgement for judgement in ledger_of(screening).judge(date(2025, 6, 13))}

    def test_nvidia_fell_from_142_62_to_118_42(self, june):
        found = june["nvda_fell_15"]
        assert (found.verdict, found.turned_on) == ("holds", date(2025, 1, 27))
        assert found.findings[0].value == pytest.approx(118.42 / 142.62 - 1, abs=1e-6)

    def test_a_rebound_and_another_dip_followed(self, june):
        found = june["rebound_then_pullback"]
        assert found.verdict == "holds"
        assert [round(f.value * 100, 2) for f in found.findings] == [-16.97, 8.93, -4.10]

    def test_the_dow_rose_by_0_65_percent_and_amd_fell_by_6_4(self, june):
        assert june["not_broad"].verdict == "holds"
        assert round(june["not_broad"].findings[1].value * 100, 2) == 0.65
        assert june["centred_on_chips"].verdict == "holds"
        assert round(june["centred_on_chips"].findings[1].value * 100, 1) == -6.4

    def test_kospi_kept_above_its_floor_and_was_back_on_02_11(self, june):
        floor, back, later = june["kospi_floor"].findings
        assert june["kospi_floor"].verdict == "holds"
        assert (round(floor.value * 100, 2), floor.on) == (-3.27, date(2025, 2, 3))
        assert back.on == date(2025, 2, 11)
        assert (round(later.value * 100, 2), later.on) == (-9.58, date(2025, 4, 9))

    def test_kosdaq_broke_its_floor_on_03_31(self, june):
        found = june["kosdaq_floor"]
        assert (found.verdict, found.turned_on) == ("refuted", date(2025, 3, 31))
        assert round(found.findings[0].value * 100, 2) == -7.67

    def test_oracle_counts_against_the_cloud_claim(self, june):
        assert round(june["ai_cloud_gain"].findings[-1].value * 100, 1) == -13.8

    def test_lg_cns_is_left_out_as_listed_later(self, june):
        assert all(("064400.KS", "listed_later") in f.left_out for f in june["ai_cloud_gain"].findings[:3])

    def test_nvidias_high_stood_for_149_days_until_154_31(self, screening, june):
        assert (june["nvda_no_new_high"].verdict, june["nvda_no_new_high"].turned_on) == (
            "holds",
            date(2025, 1, 27),
        )
        found = {j.claim.id: j for j in ledger_of(screening).judge(screening.as_of)}
        high = found["nvda_no_new_high"]
        assert (high.verdict, high.turned_on) == ("refuted", date(2025, 6, 25))
        assert high.findings[0].value == pytest.approx(154.31, abs=0.005)
        assert high.findings[0].bound == pytest.approx(149.43, abs=0.005)
        assert high.findings[0].held_days == 149


class TestNoLookAhead:
    @pytest.fixture
    def screening(self):
        return screened("sample", None)

    @pytest.mark.parametrize(
        "day",
        [
            date(2025, 1, 27),
            date(2025, 1, 31),
            date(2025, 2, 3),
            date(2025, 2, 7),
            date(2025, 3, 28),
            date(2025, 3, 31),
            date(2025, 4, 9),
        ],
        ids=str,
    )
    def test_no_price_after_the_as_of_date_changes_a_claim(self, screening, day):
        expected = repr(ledger_of(screening).judge(day))
        noise = np.random.default_rng(20250127)
        for later in ("cut", "changed"):
            panels = {name: _later(part, day, later, noise) for name, part in screening.panels.items()}
            assert repr(ledger_of(replace(screening, panels=panels)).judge(day)) == expected, later

    def test_a_date_when_a_verdict_turned_is_the_first_of_those_on_which_it_is_so(self, screening):
        ledger = ledger_of(screening)
        days = [day.item() for day in screening.panels["US"].dates[screening.panels["US"].base + 1 :]]
        history = ledger.history(days)
        for judgement in ledger.judge(screening.as_of):
            verdicts = history[judgement.claim.id]
            if judgement.turned_on:
                since = [
                    d
                    for d, v in zip(days, verdicts, strict=True)
                    if d >= judgement.turned_on and v != judgement.verdict
                ]
                before = [v for d, v in zip(days, verdicts, strict=True) if d < judgement.turned_on]
                assert not since, judgement.claim.id
                assert not before or before[-1] != judgement.verdict, judgement.claim.id

    def test_month_ends_run_from_the_event_to_the_as_of_date(self, screening):
        ends = [date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30)]
        assert list(month_ends(screening)) == ends
        assert list(month_ends(replace(screening, as_of=date(2025, 3, 10)))) == [*ends[:2], date(2025, 3, 10)]


def _later(part, day, how, noise):
    """The panel without the sessions after a day, or with other prices on them."""
    now = int(np.searchsorted(part.dates, np.datetime64(day), side="right"))
    if how == "cut":
        return replace(part, dates=part.dates[:now], close=part.close[:now])
    close = part.close.copy()
    close[now:] *= np.exp(noise.normal(0, 0.5, close[now:].shape))
    return replace(part, close=close)
