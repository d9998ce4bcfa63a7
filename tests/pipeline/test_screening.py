"""Screening end to end in the library: the theme, its exchanges and their prices, as of a date."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from screener import resources
from screener.columns import NAMES
from screener.errors import NoPricesError, UsageError
from screener.pipeline.screening import ScreenRequest, screen
from screener.taxonomy import load_theme

APRIL = date(2025, 4, 30)
#: what a security that was never measured still has
ABOUT = {"last_date", "last_close"}
DESCRIBED = {*NAMES[: NAMES.index("base_date")], "benchmark", "price_source"}
MEASURES = tuple(name for name in NAMES if name not in DESCRIBED)


@pytest.fixture(autouse=True)
def late_summer_2026(monkeypatch):
    monkeypatch.setenv("SCREENER_NOW", "2026-08-22T12:00:00Z")


@pytest.fixture
def theme():
    return load_theme("deepseek-r1")


@pytest.fixture
def screened(theme):
    """Return a function that screens the theme, from the bundled sample unless told otherwise."""

    def run(as_of=None, **choice):
        return screen(ScreenRequest(theme=theme, as_of=as_of, **({"source": "sample"} | choice)))

    return run


@pytest.fixture
def csv(tmp_path):
    """Return a function that writes rows of date, symbol, close as a CSV and gives its path."""

    def write(*rows, head="date,symbol,close"):
        path = tmp_path / "mine.csv"
        path.write_text(
            "\n".join([head, *(",".join(map(str, row)) for row in rows)]) + "\n", encoding="utf-8"
        )
        return str(path)

    return write


def row(screening, symbol):
    [found] = screening.table[screening.table["symbol"] == symbol].to_dict("records")
    return found


def percent(fraction):
    return round(100 * fraction, 2)


def day(value):
    return str(value)[:10]


class TestFromTheSample:
    def test_nvidia_as_of_the_end_of_april(self, screened):
        nvidia = row(screened(APRIL), "NVDA")
        assert (day(nvidia["base_date"]), nvidia["base_close"]) == ("2025-01-24", 142.62)
        assert day(nvidia["event_date"]) == "2025-01-27"
        assert percent(nvidia["event_return"]) == -16.97  # 118.42 / 142.62 - 1
        assert (percent(nvidia["fall"]), day(nvidia["trough_date"])) == (-33.87, "2025-04-04")
        assert pd.isna(nvidia["recovered_on"])
        assert nvidia["status"] == "ok"

    def test_nvidia_as_of_the_tenth_of_february(self, screened):
        nvidia = row(screened(date(2025, 2, 10)), "NVDA")
        assert percent(nvidia["max_drawdown"]) == -18.20  # 116.66 / 142.62 - 1 on 02-03
        assert (day(nvidia["trough_date"]), nvidia["trough_close"]) == ("2025-02-03", 116.66)

    def test_sk_hynix_reacts_on_the_first_korean_session_after_the_holidays(self, screened):
        hynix = row(screened(date(2025, 1, 31)), "000660.KS")
        assert (day(hynix["base_date"]), day(hynix["event_date"])) == ("2025-01-24", "2025-01-31")
        assert (percent(hynix["event_return"]), hynix["last_close"]) == (-9.86, 199_200)

    def test_lg_cns_was_listed_later_and_has_no_measure_not_even_zero(self, screened):
        lg_cns = row(screened(APRIL), "064400.KS")
        assert lg_cns["status"] == "listed_later"
        assert {name for name in MEASURES if not pd.isna(lg_cns[name])} == ABOUT

    def test_the_benchmark_is_that_of_the_market(self, screened):
        # published: SPY 607.97 to 599.37, NVDA 142.62 to 118.42
        nvidia = row(screened(date(2025, 1, 27)), "NVDA")
        spy = 599.37 / 607.97 - 1
        assert nvidia["benchmark_return"] == pytest.approx(spy)
        assert nvidia["excess_return"] == pytest.approx(118.42 / 142.62 - 1 - spy)
        # published: ^KS11 2,536.80 to 2,517.37
        hynix = row(screened(date(2025, 1, 31)), "000660.KS")
        assert hynix["benchmark_return"] == pytest.approx(2517.37 / 2536.80 - 1)

    def test_every_member_is_a_row_and_what_the_sample_does_not_have_is_a_failure(self, screened, theme):
        screening = screened(APRIL)
        members = sorted(member.symbol for _, member in theme.members())
        assert screening.table["symbol"].tolist() == members
        assert list(screening.table.columns) == list(NAMES)
        lost = set(screening.table["symbol"][screening.table["status"] == "no_prices"])
        assert {failure.symbol for failure in screening.failures} == lost
        assert len(members) - len(lost) == 46  # the members in the sample

    def test_without_an_as_of_date_it_is_the_newest_close_of_the_source(self, screened):
        screening = screened()
        assert screening.as_of == screening.last_date == APRIL


class TestAsOf:
    def test_before_the_base_session_is_an_error_that_names_a_date_that_works(self, screened):
        with pytest.raises(UsageError, match=r"--as-of 2025-01-23: .*base session.*2025-01-24"):
            screened(date(2025, 1, 23))

    @pytest.mark.parametrize(
        ("now", "last_accepted", "refused"),
        [
            ("2025-02-14T09:00:00Z", date(2025, 2, 14), date(2025, 2, 15)),
            # 06:30 of the next day in Seoul
            ("2025-02-14T21:30:00Z", date(2025, 2, 15), date(2025, 2, 16)),
        ],
    )
    def test_in_the_future_is_an_error(self, screened, monkeypatch, now, last_accepted, refused):
        monkeypatch.setenv("SCREENER_NOW", now)
        assert screened(last_accepted).as_of == last_accepted
        with pytest.raises(UsageError, match=f"lies in the future; expected {last_accepted} or earlier"):
            screened(refused)

    def test_between_the_american_and_the_korean_event_session_korea_is_empty_and_said(self, screened):
        screening = screened(date(2025, 1, 28), symbols=("NVDA", "000660.KS", "035720.KS"))
        for symbol in ("000660.KS", "035720.KS"):
            korean = row(screening, symbol)
            assert pd.isna(korean["event_return"])
            assert pd.isna(korean["max_drawdown"])
            assert pd.isna(korean["return_since"])
        assert percent(row(screening, "NVDA")["event_return"]) == -16.97
        assert screening.notices == (
            "KOSPI: its event session 2025-01-31 comes later; nothing to measure yet",
        )

    def test_a_session_that_has_not_ended_is_not_measured(self, screened, monkeypatch):
        # New York closes at 21:00 UTC; the sample has 128.99 of 01-28, which nobody can know at 20:59
        monkeypatch.setenv("SCREENER_NOW", "2025-01-28T20:59:00Z")
        assert day(row(screened(symbols=("NVDA",)), "NVDA")["last_date"]) == "2025-01-27"
        monkeypatch.setenv("SCREENER_NOW", "2025-01-28T21:00:00Z")
        assert row(screened(symbols=("NVDA",)), "NVDA")["last_close"] == 128.99

    def test_an_event_in_the_future_is_an_error(self, theme):
        moment = datetime(2026, 8, 23, 12, tzinfo=UTC)
        later = replace(theme, event=replace(theme.event, moment=moment))
        with pytest.raises(UsageError, match="2026-08-23 12:00 UTC lies in the future"):
            screen(ScreenRequest(theme=later, source="sample"))

    def test_an_event_before_all_calendars_is_an_error(self, theme):
        before = replace(theme, event=replace(theme.event, moment=datetime(1990, 1, 1, tzinfo=UTC)))
        with pytest.raises(UsageError, match="1990-01-01 lies before the sessions known of"):
            screen(ScreenRequest(theme=before, source="sample"))


class TestNoLookAhead:
    @pytest.fixture
    def sample_files(self, tmp_path):
        """Return a function that writes the sample up to a day, and gives the path."""
        full = pd.read_csv(resources.bundled_sample())

        def cut(last="9999-12-31"):
            path = tmp_path / f"closes-{last}.csv"
            full[full["date"] <= last].to_csv(path, index=False)
            return str(path)

        return cut

    @pytest.mark.parametrize(
        "last",
        [
            *(
                "2025-01-24",
                "2025-01-27",
                "2025-01-28",
                "2025-01-29",
                "2025-01-30",
                "2025-01-31",
                "2025-02-02",
            ),
            *(
                "2025-02-03",
                "2025-02-05",
                "2025-02-10",
                "2025-02-28",
                "2025-03-31",
                "2025-04-02",
                "2025-04-30",
            ),
        ],
    )
    def test_screening_as_of_a_day_is_screening_what_was_known_on_it(self, screened, sample_files, last):
        as_of = date.fromisoformat(last)
        known, cut = screened(as_of, source=sample_files()), screened(as_of, source=sample_files(last))
        pd.testing.assert_frame_equal(
            known.table.drop(columns="price_source"), cut.table.drop(columns="price_source")
        )

    @pytest.mark.parametrize("last", ["2025-02-10", "2025-06-16", "2025-12-03"])
    def test_nor_in_the_real_prices_of_all_exchanges(self, screened, prices_folder, tmp_path, last):
        bars = pd.read_parquet(prices_folder / "theme-ohlcv.parquet")
        bars[bars["date"] <= last].to_parquet(tmp_path / "cut.parquet")
        as_of = date.fromisoformat(last)
        known = screened(as_of, source=str(prices_folder / "theme-ohlcv.parquet"))
        cut = screened(as_of, source=str(tmp_path / "cut.parquet"))
        pd.testing.assert_frame_equal(
            known.table.drop(columns="price_source"), cut.table.drop(columns="price_source")
        )

    def test_a_dividend_paid_later_changes_no_return(self, screened, csv):
        rows = [("2025-01-24", "NVDA", 100, 0), ("2025-01-27", "NVDA", 90, 0), ("2025-01-28", "NVDA", 80, 10)]
        path = csv(*rows, head="date,symbol,close,dividend")
        by_total_return = {"source": path, "symbols": ("NVDA",), "price": "total-return"}
        assert row(screened(date(2025, 1, 27), **by_total_return), "NVDA")["return_since"] == pytest.approx(
            -0.1
        )
        # 90 less its dividend of 10 is 80: on the ex-date the holder has lost nothing more
        assert row(screened(date(2025, 1, 28), **by_total_return), "NVDA")["return_since"] == pytest.approx(
            -0.1
        )


class TestRealPrices:
    @pytest.fixture
    def measured(self, screened, prices_folder):
        return screened(date(2025, 2, 10), source=str(prices_folder / "theme-ohlcv.parquet"))

    def test_taiwan_has_its_own_base_and_event_session(self, measured):
        tsmc = row(measured, "2330.TW")
        assert (day(tsmc["base_date"]), day(tsmc["event_date"])) == ("2025-01-22", "2025-02-03")

    def test_no_market_has_a_close_on_a_day_without_a_session(self, measured):
        assert [notice for notice in measured.notices if "without a session" in notice] == []

    @pytest.mark.parametrize(
        ("symbol", "event", "printed"),
        [
            ("MU", "2025-01-27", -11.71),
            ("NVDA", "2025-01-27", -16.97),
            ("000660.KS", "2025-01-31", -9.86),
            ("035720.KS", "2025-01-31", 7.27),
            ("033100.KQ", "2025-01-31", -9.02),
            ("089030.KQ", "2025-01-31", -8.18),
        ],
    )
    def test_event_returns_are_those_that_were_printed(self, measured, symbol, event, printed):
        found = row(measured, symbol)
        assert day(found["event_date"]) == event
        assert percent(found["event_return"]) == printed


class TestPartialPrices:
    ROWS = (("2025-01-24", "NVDA", 100), ("2025-01-27", "NVDA", 90), ("2025-01-27", "AMD", 50))

    def test_one_security_without_a_base_costs_only_itself(self, screened, csv):
        screening = screened(source=csv(*self.ROWS), symbols=("NVDA", "AMD", "MU"))
        assert dict(zip(screening.table["symbol"], screening.table["status"], strict=True)) == {
            "AMD": "listed_later",
            "MU": "no_prices",
            "NVDA": "ok",
        }
        assert [(failure.symbol, failure.reason) for failure in screening.failures] == [
            ("MU", "not in mine.csv")
        ]

    def test_a_missing_benchmark_leaves_the_excess_empty_and_is_said(self, screened, csv):
        screening = screened(source=csv(*self.ROWS), symbols=("NVDA",))
        assert np.isnan(row(screening, "NVDA")["excess_return"])
        assert row(screening, "NVDA")["return_since"] == pytest.approx(-0.10)
        [notice] = screening.notices
        assert notice.startswith("US: no prices of its benchmark SPY; excess ")

    def test_a_close_on_a_day_without_a_session_is_said_with_what_to_do(self, screened, csv):
        path = csv(*self.ROWS, ("2025-01-25", "NVDA", 1), ("2025-01-24", "SPY", 9), ("2025-01-27", "SPY", 9))
        screening = screened(source=path, symbols=("NVDA",))
        assert row(screening, "NVDA")["fall"] == pytest.approx(-0.10)
        [notice] = screening.notices
        assert "US: 1 closes on days without a session" in notice
        assert "calendars.yaml" in notice

    def test_without_one_usable_price_there_is_no_table(self, screened, csv):
        with pytest.raises(NoPricesError, match="NVDA"):
            screened(source=csv(("2025-01-24", "SPY", 100)), symbols=("NVDA",))

    def test_total_return_needs_dividends(self, screened, csv):
        with pytest.raises(UsageError, match="has no dividends"):
            screened(source=csv(*self.ROWS), price="total-return")

    def test_the_end_of_a_calendar_is_said(self, screened, csv, monkeypatch):
        # the library knows the Chinese holidays to the end of 2026
        monkeypatch.setenv("SCREENER_NOW", "2027-03-01T12:00:00Z")
        path = csv(("2025-01-24", "688256.SS", 100), ("2027-02-26", "688256.SS", 90))
        screening = screened(source=path, symbols=("688256.SS",))
        assert any("sessions of XSHG are known to 2026-12-31 only" in notice for notice in screening.notices)


class TestChoice:
    def test_symbols_outside_the_theme_are_measured_with_an_empty_side(self, screened):
        spy = row(screened(APRIL, symbols=("SPY", "NVDA")), "SPY")
        assert (spy["side"], spy["category"], spy["name"]) == ("", "", "")
        assert spy["excess_return"] == 0

    def test_a_symbol_given_twice_is_one_row(self, screened):
        assert screened(APRIL, symbols=("NVDA", "NVDA")).table["symbol"].tolist() == ["NVDA"]

    def test_what_others_are_screened_changes_no_figure(self, screened):
        together = screened(APRIL).table.set_index("symbol")
        for symbol in ("NVDA", "000660.KS", "064400.KS", "033100.KQ"):
            alone = screened(APRIL, symbols=(symbol,)).table.set_index("symbol")
            pd.testing.assert_series_equal(together.loc[symbol], alone.loc[symbol])

    @pytest.mark.parametrize(
        ("choice", "said"),
        [
            ({"categories": ("nvda_amd_complx",)}, "did you mean nvda_amd_complex"),
            ({"symbols": ("NVDA",), "sides": ("winner",)}, "no security is left"),
            ({"symbols": ("005930",)}, "suffix"),
        ],
    )
    def test_a_choice_that_leaves_nothing_or_does_not_exist_is_an_error(self, screened, choice, said):
        with pytest.raises(UsageError, match=said):
            screened(APRIL, **choice)
