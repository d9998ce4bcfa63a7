"""Sessions of the exchanges, held against published dates and the dates on which was really traded."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from screener import calendars
from screener.calendars import sessions_of
from screener.errors import ConfigError, FaultyFileError

MOMENT = datetime(2025, 1, 26, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def late_summer_2026(monkeypatch):
    """A clock that stands after the last of the real prices."""
    monkeypatch.setenv("SCREENER_NOW", "2026-08-22T12:00:00Z")


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    """An empty cache folder."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("SCREENER_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def own_calendars(tmp_path, monkeypatch):
    """Return a function that writes the user's calendars.yaml."""

    def write(text):
        folder = tmp_path / "config"
        folder.mkdir()
        (folder / "calendars.yaml").write_text(text, encoding="utf-8")
        monkeypatch.setenv("SCREENER_CONFIG_DIR", str(folder))
        return folder / "calendars.yaml"

    return write


def around(calendar, moment=MOMENT):
    """Base and event session of a calendar, as dates."""
    sessions = sessions_of(calendar)
    return str(sessions.dates[sessions.base(moment)]), str(sessions.dates[sessions.event(moment)])


class TestDeepSeek:
    @pytest.mark.parametrize(
        ("calendar", "base", "event"),
        [
            ("XNYS", "2025-01-24", "2025-01-27"),
            ("XTKS", "2025-01-24", "2025-01-27"),
            ("XHKG", "2025-01-24", "2025-01-27"),
            ("XSHG", "2025-01-24", "2025-01-27"),
            ("XKRX", "2025-01-24", "2025-01-31"),  # Lunar New Year, and 01-27 declared late
            ("XTAI", "2025-01-22", "2025-02-03"),  # shut 01-23 to 02-02
        ],
    )
    def test_each_exchange_has_its_own_base_and_event_session(self, calendar, base, event):
        assert around(calendar) == (base, event)


class TestMoment:
    # New York trades 9:30 to 16:00, in January that is 14:30 to 21:00 UTC
    @pytest.mark.parametrize(
        ("instant", "base", "event"),
        [
            ("2025-01-27T14:00:00+00:00", "2025-01-24", "2025-01-27"),  # before the bell
            ("2025-01-27T15:00:00+00:00", "2025-01-24", "2025-01-27"),  # inside: that session reacts
            ("2025-01-27T20:59:59+00:00", "2025-01-24", "2025-01-27"),
            ("2025-01-27T21:00:00+00:00", "2025-01-27", "2025-01-28"),  # it has closed
            ("2025-01-27T16:00:00-05:00", "2025-01-27", "2025-01-28"),  # the same instant, said in New York
            ("2025-01-25T18:00:00+00:00", "2025-01-24", "2025-01-27"),  # on a Saturday
            ("2025-11-28T17:59:59+00:00", "2025-11-26", "2025-11-28"),  # 13:00 close after Thanksgiving
            ("2025-11-28T18:00:00+00:00", "2025-11-28", "2025-12-01"),
            ("2025-07-01T20:00:00+00:00", "2025-07-01", "2025-07-02"),  # summer time: 16:00 is 20:00 UTC
        ],
    )
    def test_a_session_that_has_not_ended_at_the_moment_is_the_event_session(self, instant, base, event):
        assert around("XNYS", datetime.fromisoformat(instant)) == (base, event)

    def test_a_moment_before_the_first_known_session_has_no_base(self):
        assert sessions_of("XNYS").base(datetime(1999, 1, 1, tzinfo=UTC)) == -1

    @pytest.mark.parametrize(
        ("day", "last"),
        [
            (date(2025, 1, 31), "2025-01-31"),
            (date(2025, 1, 30), "2025-01-24"),
            (date(2025, 2, 2), "2025-01-31"),
        ],
    )
    def test_the_last_session_until_a_day_may_be_days_before_it(self, day, last):
        sessions = sessions_of("XKRX")
        assert str(sessions.dates[sessions.until(day)]) == last


@pytest.fixture(scope="module")
def traded(prices_folder):
    bars = pd.read_parquet(prices_folder / "theme-ohlcv.parquet", columns=["date", "symbol"])
    bars["symbol"] = bars["symbol"].astype(str)
    return {
        symbol: np.unique(days.to_numpy().astype("M8[D]")) for symbol, days in bars.groupby("symbol")["date"]
    }


class TestAgainstRealTrading:
    @pytest.mark.parametrize(
        ("symbol", "calendar"), [("SPY", "XNYS"), ("0700.HK", "XHKG"), ("8035.T", "XTKS"), ("^KS11", "XKRX")]
    )
    def test_sessions_are_the_days_on_which_was_traded(self, traded, symbol, calendar):
        days = traded[symbol]
        known = sessions_of(calendar).dates
        known = known[(known >= days[0]) & (known <= days[-1])]
        assert np.setxor1d(known, days).tolist() == []
        assert len(days) > 350

    def test_korea_is_right_to_august_2026_with_its_late_declared_holidays(self, traded):
        days = traded["^KS11"]
        assert str(days[-1]) >= "2026-08-21"
        assert not np.isin(np.array(["2026-06-03", "2026-07-17"], dtype="M8[D]"), days).any()

    def test_the_whole_korean_market_trades_on_the_sessions_and_on_no_other_day(self, prices_folder):
        days = pd.read_parquet(prices_folder / "krx-all.parquet", columns=["date"])["date"]
        days = np.unique(days.to_numpy().astype("M8[D]"))
        known = sessions_of("XKRX").dates
        known = known[(known >= days[0]) & (known <= days[-1])]
        assert np.setxor1d(known, days).tolist() == []


def imports_the_calendar_library(own_cache):
    """Whether a fresh process imports exchange_calendars to know the sessions of Tokyo."""
    code = (
        "import sys; from screener.calendars import sessions_of; sessions = sessions_of('XTKS');"
        "print(len(sessions.dates), 'exchange_calendars' in sys.modules, 'pandas' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    count, library, pandas = run.stdout.split()
    assert int(count) > 6000
    return {"True": True, "False": False}[library], {"True": True, "False": False}[pandas]


def kept_file(folder):
    [path] = (folder / "sessions").iterdir()
    return path


def in_a_new_process(calendar):
    """What a later run knows: nothing but the cache folder."""
    calendars._sessions.cache_clear()
    return sessions_of(calendar)


class TestCache:
    def test_the_second_process_imports_neither_the_calendar_library_nor_pandas(self, own_cache):
        assert imports_the_calendar_library(own_cache) == (True, True)
        assert imports_the_calendar_library(own_cache) == (False, False)

    def test_what_is_kept_is_what_was_computed(self, own_cache):
        first = sessions_of("XTKS")
        again = in_a_new_process("XTKS")
        np.testing.assert_array_equal(first.dates, again.dates)
        np.testing.assert_array_equal(first.closes, again.closes)

    @pytest.mark.parametrize(
        "torn",
        [
            lambda content: b"",
            lambda content: content[:100],
            lambda content: content[: len(content) // 2],
            lambda content: content[:4096] + bytes(len(content) - 4096),  # what a power cut leaves behind
            lambda content: b"PK\x03\x04 is no such table",
            lambda content: bytes(range(256)) * 10,
        ],
    )
    def test_a_torn_file_is_healed(self, own_cache, torn):
        sound = sessions_of("XTKS")
        path = kept_file(own_cache)
        content = path.read_bytes()
        path.write_bytes(torn(content))
        np.testing.assert_array_equal(in_a_new_process("XTKS").dates, sound.dates)
        assert path.read_bytes() == content

    @pytest.mark.parametrize("foreign", [np.arange(9), np.array(["a"]), np.zeros(0), np.zeros((2, 2))])
    def test_a_table_of_something_else_is_not_taken_for_sessions(self, own_cache, foreign):
        sound = sessions_of("XTKS")
        np.save(kept_file(own_cache), foreign)
        np.testing.assert_array_equal(in_a_new_process("XTKS").dates, sound.dates)

    def test_a_cache_folder_that_cannot_be_made_still_answers(self, tmp_path, monkeypatch):
        (tmp_path / "file").write_text("not a folder")
        monkeypatch.setenv("SCREENER_CACHE_DIR", str(tmp_path / "file" / "cache"))
        assert around("XTKS") == ("2025-01-24", "2025-01-27")

    def test_a_full_disk_still_answers_and_leaves_no_litter(self, own_cache, monkeypatch):
        def full(*_args):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.fsync", full)
        assert around("XTKS") == ("2025-01-24", "2025-01-27")
        assert list((own_cache / "sessions").iterdir()) == []

    def test_a_new_year_is_computed_anew(self, own_cache, monkeypatch):
        assert str(sessions_of("XTKS").dates[-1]).startswith("2027-12")
        monkeypatch.setenv("SCREENER_NOW", "2027-01-05T00:00:00Z")
        assert str(sessions_of("XTKS").dates[-1]).startswith("2028-12")


class TestOverrides:
    def test_a_user_adds_a_closed_day(self, own_calendars):
        own_calendars("XNYS:\n  closed:\n    - 2025-01-27\n")
        assert around("XNYS") == ("2025-01-24", "2025-01-28")
        # and what ships stays: 01-27 is closed in Korea
        assert around("XKRX") == ("2025-01-24", "2025-01-31")

    def test_a_user_adds_a_session_with_its_closing_time(self, own_calendars):
        own_calendars("XTAI:\n  open:\n    2025-01-26: '13:30'\n")
        # 13:30 in Taipei is 05:30 UTC, before the moment of 12:00 UTC
        assert around("XTAI") == ("2025-01-26", "2025-02-03")

    def test_a_session_of_the_user_wins_over_a_shipped_closed_day(self, own_calendars):
        own_calendars("XKRX:\n  open:\n    2025-01-27: '15:30'\n")
        assert around("XKRX") == ("2025-01-24", "2025-01-27")

    def test_a_changed_file_is_never_answered_from_what_was_kept_before(self, own_cache, own_calendars):
        assert around("XTKS")[1] == "2025-01-27"
        own_calendars("XTKS:\n  closed: [2025-01-27]\n")
        assert around("XTKS")[1] == "2025-01-28"

    @pytest.mark.parametrize(
        ("text", "line", "key", "said"),
        [
            ("XKRZ:\n  closed: []\n", 1, "XKRZ", "did you mean XKRX?"),
            ("XNYS:\n  close:\n    - 2025-01-27\n", 2, "XNYS.close", "did you mean closed?"),
            ("XNYS:\n  closed: 2025-01-27\n", 2, "XNYS.closed", "list of dates"),
            ("XNYS:\n  closed:\n    - 2025-01-27\n    - 27.1.2025\n", 4, "XNYS.closed[1]", "YYYY-MM-DD"),
            ("XNYS:\n  closed:\n    - 2025-02-30\n", 3, "XNYS.closed[0]", "'2025-02-30' is no date"),
            ("XNYS:\n  open:\n    - 2025-01-27\n", 2, "XNYS.open", "closing time"),
            ("XNYS:\n  open:\n    2025-01-27: '25:30'\n", 3, "XNYS.open.2025-01-27", "closing time"),
            ("XNYS:\n  open:\n    2025-01-27:\n", 3, "XNYS.open.2025-01-27", "closing time"),
            ("XNYS: closed\n", 1, "XNYS", "closed:"),
            ("XNYS:\n", 1, "XNYS", "closed:"),
        ],
    )
    def test_a_fault_is_told_with_its_file_line_and_key(self, own_calendars, text, line, key, said):
        path = own_calendars(text)
        with pytest.raises(FaultyFileError) as caught:
            sessions_of("XNYS")
        [fault] = caught.value.faults
        assert (fault.file, fault.line, fault.key) == (str(path), line, key)
        assert said in fault.message

    def test_all_faults_are_told_at_once(self, own_calendars):
        own_calendars("XNYS:\n  closed: [soon]\n  open: {now: '16:00'}\n  shut: []\n")
        with pytest.raises(FaultyFileError) as caught:
            sessions_of("XNYS")
        assert [fault.line for fault in caught.value.faults] == [2, 3, 4]

    def test_a_calendar_that_the_library_does_not_have_is_a_fault_of_markets_yaml(self):
        with pytest.raises(ConfigError, match=r"'XNYX' is none of exchange-calendars, did you mean XNYS\?"):
            sessions_of("XNYX")
