"""Prices from files of users: every layout, and every way in which such files are wrong."""

from __future__ import annotations

import gzip
import time
from datetime import date

import numpy as np
import pandas as pd
import pytest

from screener.errors import NoPricesError, UsageError
from screener.model import PriceRequest
from screener.sources import files

LONG = "date,symbol,close\n2025-01-24,NVDA,142.62\n2025-01-27,NVDA,118.42\n2025-01-27,AMD,115.01\n"
NVDA = {"2025-01-24": 142.62, "2025-01-27": 118.42}
AMD = {"2025-01-27": 115.01}


@pytest.fixture(autouse=True)
def february_2025(monkeypatch):
    monkeypatch.setenv("SCREENER_NOW", "2025-02-14T21:30:00Z")


@pytest.fixture
def write(tmp_path):
    """Return a function that writes content (text as UTF-8) to a file in an own folder, and gives its path."""

    def to(content, name="mine.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return to


def load(path, *symbols):
    return files.load(PriceRequest(symbols=symbols or ("NVDA", "AMD"), start=date(2024, 1, 1)), path)


def closes(prices, symbol):
    bars = prices.bars[prices.bars["symbol"] == symbol]
    return dict(zip(bars["date"].dt.strftime("%Y-%m-%d"), bars["close"].tolist(), strict=True))


def reasons(prices):
    return {failure.symbol: failure.reason for failure in prices.failures}


def the_usual(prices):
    assert closes(prices, "NVDA") == NVDA
    assert closes(prices, "AMD") == AMD
    assert prices.failures == ()


def only_amd_is_left(prices):
    """Nothing but NVDA is lost."""
    assert closes(prices, "AMD") == AMD
    assert "AMD" not in reasons(prices)


class TestLayouts:
    def test_long_with_a_row_a_day_and_security(self, write):
        prices = load(write(LONG))
        the_usual(prices)
        assert prices.notices == ()

    def test_wide_with_a_column_a_security(self, write):
        prices = load(write("Date,NVDA,AMD,OTHER\n2025-01-24,142.62,,1\n2025-01-27,118.42,115.01,2\n"))
        the_usual(prices)
        assert set(prices.bars["symbol"]) == {"NVDA", "AMD"}
        assert prices.notices == ()

    def test_a_wide_file_may_hold_the_tickers_low_and_open(self, write):
        path = write("date,LOW,OPEN\n2025-01-24,260.5,1.47\n2025-01-27,262.1,1.44\n")
        prices = load(path, "LOW", "OPEN")
        assert closes(prices, "LOW") == {"2025-01-24": 260.5, "2025-01-27": 262.1}
        assert closes(prices, "OPEN") == {"2025-01-24": 1.47, "2025-01-27": 1.44}

    def test_a_folder_with_a_file_a_security_named_by_its_symbol(self, write, tmp_path):
        write("Date,Open,High,Low,Close,Adj Close,Volume\n2025-01-31,1,1,1,199200,9,5\n", "000660.KS.csv")
        write("date,close\n2025-01-31,2517.37\n", "^KS11.csv")
        prices = load(tmp_path, "000660.KS", "^KS11")
        assert closes(prices, "000660.KS") == {"2025-01-31": 199200}
        assert closes(prices, "^KS11") == {"2025-01-31": 2517.37}

    def test_a_folder_that_mixes_layouts_and_formats(self, write, tmp_path):
        write("date,symbol,close\n2025-01-24,NVDA,142.62\n", "a.csv")
        pd.DataFrame({"date": ["2025-01-27"], "NVDA": [118.42]}).to_parquet(tmp_path / "b.parquet")
        write(gzip.compress(b"date\tclose\n2025-01-27\t115.01\n"), "AMD.csv.gz")
        write("not prices", "notes.txt")
        write("not prices", ".hidden.csv")
        prices = load(tmp_path)
        the_usual(prices)
        assert prices.notices == ()

    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    def test_separators(self, write, separator):
        the_usual(load(write(LONG.replace(",", separator))))

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
    def test_encodings_of_spreadsheets(self, write, encoding):
        text = LONG.replace("date,symbol,close", "날짜,종목코드,종가")
        the_usual(load(write(text.encode(encoding))))

    @pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
    def test_line_endings(self, write, ending):
        the_usual(load(write(LONG.replace("\n", ending))))

    @pytest.mark.parametrize("head", ["Date,Ticker,Price", "datetime,code,CLOSE", " DATE , Symbol , Close "])
    def test_heads_of_others(self, write, head):
        the_usual(load(write(LONG.replace("date,symbol,close", head))))

    @pytest.mark.parametrize(
        "form",
        ["2025-01-27 00:00:00", "2025-01-27T16:00:00", "20250127", "2025/01/27", "2025.01.27", "2025-1-27"],
    )
    def test_forms_of_a_date(self, write, form):
        assert closes(load(write(LONG.replace("2025-01-27", form))), "NVDA") == NVDA

    def test_blank_lines_and_trailing_separators_are_nothing(self, write):
        lines = LONG.rstrip().split("\n")
        text = "\n" + lines[0] + "\n\n" + "\n".join(line + "," for line in lines[1:]) + "\n,,\n\n"
        prices = load(write(text))
        the_usual(prices)
        assert prices.notices == ()

    def test_unsorted_rows_are_sorted(self, write):
        head, *rows = LONG.rstrip().split("\n")
        prices = load(write("\n".join([head, *rows[::-1]])))
        the_usual(prices)
        assert prices.bars["symbol"].tolist() == ["AMD", "NVDA", "NVDA"]
        assert (
            prices.bars["date"].is_monotonic_increasing
            or prices.bars["date"].iloc[1] < prices.bars["date"].iloc[2]
        )

    def test_na_is_a_company_in_the_column_of_symbols_and_no_value_elsewhere(self, write):
        path = write("date,symbol,close\n2025-01-24,NA,3.5\n2025-01-27,NA,N/A\n")
        prices = load(path, "NA")
        assert closes(prices, "NA") == {"2025-01-24": 3.5}
        assert prices.notices == ()

    def test_volumes_dividends_and_splits_are_kept(self, write):
        prices = load(
            write("Date,Ticker,Close,Volume,Dividends,Stock Splits\n2025-01-24,NVDA,1,7,0.01,10\n"), "NVDA"
        )
        [bar] = prices.bars[["volume", "dividend", "split"]].to_dict("records")
        assert bar == {"volume": 7, "dividend": 0.01, "split": 10}

    def test_thousands_of_columns_are_read_within_seconds(self, write):
        names = [f"T{number}" for number in range(5000)]
        lines = [
            ",".join([day, *["1.5"] * 5000]) for day in pd.date_range("2024-10-01", periods=60).astype(str)
        ]
        path = write("\n".join([",".join(["date", *names]), *lines]))
        begun = time.perf_counter()
        prices = load(path, "T0", "T4999")
        assert time.perf_counter() - begun < 5
        assert len(prices.bars) == 120


class TestParquet:
    def test_dates_as_the_index_of_whoever_wrote_it(self, tmp_path):
        table = pd.DataFrame({"NVDA": [142.62, 118.42]}, index=pd.to_datetime(["2025-01-24", "2025-01-27"]))
        for name in ("Date", None):
            table.rename_axis(name).to_parquet(tmp_path / "wide.parquet")
            assert closes(load(tmp_path / "wide.parquet"), "NVDA") == NVDA

    def test_symbols_as_categories_and_dates_without_a_time(self, tmp_path):
        table = pd.DataFrame({"date": [date(2025, 1, 27)], "symbol": ["AMD"], "close": [115.01]})
        table.astype({"symbol": "category"}).to_parquet(tmp_path / "long.parquet")
        assert closes(load(tmp_path / "long.parquet"), "AMD") == AMD

    def test_a_fault_is_told_without_a_line_since_there_are_none(self, tmp_path):
        pd.DataFrame(
            {"date": ["2025-01-27"] * 2, "symbol": ["AMD", "NVDA"], "close": [115.01, -1.0]}
        ).to_parquet(tmp_path / "long.parquet")
        prices = load(tmp_path / "long.parquet")
        only_amd_is_left(prices)
        assert prices.notices == (
            "long.parquet: the close is not above zero: 1 row of 1 security set aside, first NVDA",
        )


class TestZones:
    def test_a_local_time_is_that_day_whatever_its_zone(self, write):
        text = LONG.replace("2025-01-24", "2025-01-24 00:00:00-05:00").replace(
            "2025-01-27", "2025-01-27 16:00:00-05:00"
        )
        the_usual(load(write(text)))

    @pytest.mark.parametrize(
        ("symbol", "stamp", "day"),
        [
            ("000660.KS", "2025-01-30T15:00:00Z", "2025-01-31"),  # midnight in Seoul
            ("000660.KS", "2025-01-31 06:30:00+00:00", "2025-01-31"),  # the close in Seoul
            ("000660.KS", "2025-01-31T00:00:00+00:00", "2025-01-31"),  # a date called UTC
            ("NVDA", "2025-01-27T05:00:00Z", "2025-01-27"),  # midnight in New York
            ("NVDA", "2025-01-27T21:00:00Z", "2025-01-27"),  # the close in New York
            ("NVDA", "2025-01-28T01:00:00Z", "2025-01-27"),  # 20:00 in New York
            ("NVDA", "2025-01-27T00:00:00Z", "2025-01-27"),
        ],
    )
    def test_an_instant_in_utc_is_the_day_of_the_exchange(self, write, tmp_path, symbol, stamp, day):
        path = write(f"date,symbol,close\n{stamp},{symbol},5\n")
        assert closes(load(path, symbol), symbol) == {day: 5}
        table = pd.DataFrame({"date": pd.to_datetime([stamp], utc=True), "symbol": [symbol], "close": [5.0]})
        table.to_parquet(tmp_path / "utc.parquet")
        assert closes(load(tmp_path / "utc.parquet", symbol), symbol) == {day: 5}

    def test_dates_of_another_zone_in_parquet_are_local_days(self, tmp_path):
        dates = pd.to_datetime(["2025-01-31"]).tz_localize("Asia/Seoul")
        pd.DataFrame({"date": dates, "symbol": ["000660.KS"], "close": [5.0]}).to_parquet(
            tmp_path / "kr.parquet"
        )
        assert closes(load(tmp_path / "kr.parquet", "000660.KS"), "000660.KS") == {"2025-01-31": 5}


class TestRowsThatAreNoPrices:
    @pytest.mark.parametrize("close", ["abc", "#DIV/0!", "1.2.3", "'118", "inf"])
    def test_text_for_a_close(self, write, close):
        prices = load(write(LONG.replace("118.42", close)))
        only_amd_is_left(prices)
        assert closes(prices, "NVDA") == {"2025-01-24": 142.62}
        assert prices.notices == (
            "mine.csv:3: the close is no number: 1 row of 1 security set aside, first NVDA",
        )

    @pytest.mark.parametrize("close", ["0", "-118.42", "0.0"])
    def test_a_close_that_is_zero_or_negative(self, write, close):
        prices = load(write(LONG.replace("118.42", close)))
        only_amd_is_left(prices)
        assert prices.notices == (
            "mine.csv:3: the close is not above zero: 1 row of 1 security set aside, first NVDA",
        )

    @pytest.mark.parametrize("close", ["", " ", "NaN", "N/A", "-"])
    def test_no_close_is_no_fault(self, write, close):
        prices = load(write(LONG.replace("118.42", close)))
        assert closes(prices, "NVDA") == {"2025-01-24": 142.62}
        assert prices.notices == ()

    @pytest.mark.parametrize("day", ["soon", "27.01.2025", "01/27/2025", "2025-02-30", "1738281600", ""])
    def test_a_date_that_cannot_be_read(self, write, day):
        prices = load(write(LONG.replace("2025-01-27,NVDA", f"{day},NVDA")))
        only_amd_is_left(prices)
        assert closes(prices, "NVDA") == {"2025-01-24": 142.62}
        [notice] = prices.notices
        assert notice.startswith("mine.csv:3: the date cannot be read (expected YYYY-MM-DD): 1 row")

    def test_a_date_in_the_future(self, write):
        # 06:30 on the 15th in Seoul; nowhere on earth is it the 16th
        prices = load(write(LONG + "2025-02-15,NVDA,1\n2025-02-16,NVDA,2\n2030-01-01,NVDA,3\n"))
        assert closes(prices, "NVDA") == NVDA | {"2025-02-15": 1}
        assert prices.notices == (
            "mine.csv:6: the date lies in the future: 2 rows of 1 security set aside, first NVDA",
        )

    def test_the_same_row_twice_counts_once(self, write):
        prices = load(write(LONG + "2025-01-27,NVDA,118.42\n2025-01-27,NVDA,118.41999816894531\n"))
        the_usual(prices)
        assert prices.notices == ()

    def test_a_day_with_two_closes_has_none(self, write):
        prices = load(write(LONG + "2025-01-27,NVDA,118.58\n"))
        only_amd_is_left(prices)
        assert closes(prices, "NVDA") == {"2025-01-24": 142.62}
        assert prices.notices == (
            "mine.csv:3: the day stands there twice with different closes: 2 rows of 1 security set aside, first NVDA",
        )

    def test_a_row_without_a_symbol(self, write):
        prices = load(write(LONG + "2025-01-24,,7\n"))
        the_usual(prices)
        assert prices.notices == ("mine.csv:5: the symbol is empty: 1 row of 1 security set aside",)

    def test_blanks_around_a_symbol_are_not_part_of_it(self, write):
        the_usual(load(write(LONG.replace("NVDA", " NVDA "))))

    def test_a_line_with_too_many_fields_costs_itself(self, write):
        prices = load(write(LONG.replace("118.42", "118,42") + "2025-01-28,NVDA,0\n"))
        only_amd_is_left(prices)
        assert closes(prices, "NVDA") == {"2025-01-24": 142.62}
        assert prices.notices == (
            "mine.csv: line 3: more than 3 fields; left out",
            # the lines after it keep their numbers
            "mine.csv:5: the close is not above zero: 1 row of 1 security set aside, first NVDA",
        )

    @pytest.mark.parametrize("surplus", [",1", ",1,2", ",1,2,3"])
    def test_where_every_line_has_too_many_fields_none_is_taken_for_another(self, write, surplus):
        head, *rows = LONG.rstrip().split("\n")
        prices = load(write("\n".join([head, *(row + surplus for row in rows)])))
        assert prices.bars.empty
        assert prices.notices == ("mine.csv: line 2 and 2 more: more than 3 fields; left out",)

    def test_lines_are_counted_as_an_editor_counts_them(self, write):
        # 1 blank, 2 head, 3 NVDA, 4 and 5 blank, 6 the fault
        head, first, second, _ = LONG.rstrip().split("\n")
        prices = load(write(f"\n{head}\n{first}\n\n  \n{second.replace('118.42', '0')}\n"))
        assert prices.notices[0].startswith("mine.csv:6: the close is not above zero")

    def test_many_such_lines_are_one_notice(self, write):
        text = LONG + "2025-01-28,NVDA,1,2\n" * 3
        assert load(write(text)).notices == ("mine.csv: line 5 and 2 more: more than 3 fields; left out",)

    def test_a_security_of_which_nothing_is_left_is_told_apart_from_one_that_is_not_there(self, write):
        prices = load(write(LONG.replace("115.01", "0")), "NVDA", "AMD", "MU")
        assert reasons(prices) == {"AMD": "no usable close in mine.csv", "MU": "not in mine.csv"}
        assert closes(prices, "NVDA") == NVDA

    def test_a_column_of_a_wide_file_costs_its_own_security(self, write):
        prices = load(write("date,NVDA,AMD\n2025-01-24,x,\n2025-01-27,-1,115.01\n"))
        only_amd_is_left(prices)
        assert prices.notices == (
            "mine.csv:2: the close is no number: 1 row of 1 security set aside, first NVDA",
            "mine.csv:3: the close is not above zero: 1 row of 1 security set aside, first NVDA",
        )

    def test_a_security_in_two_columns_of_a_wide_file(self, write):
        prices = load(write("date,NVDA,AMD,NVDA\n2025-01-24,142.62,,142.62\n2025-01-27,118.42,115.01,9\n"))
        only_amd_is_left(prices)
        assert closes(prices, "NVDA") == {"2025-01-24": 142.62}
        assert "mine.csv:3: the day stands there twice with different closes: 2 rows" in prices.notices[0]


class TestHalts:
    HEAD = "date,symbol,open,high,low,close,volume\n2025-01-24,NVDA,1,1,1,142.62,5\n"

    @pytest.mark.parametrize("quotes", [",,", "0,0,0"])
    def test_a_day_without_trade_whose_close_was_carried_along_has_no_close(self, write, quotes):
        prices = load(write(f"{self.HEAD}2025-01-27,NVDA,{quotes},142.62,0\n"), "NVDA")
        assert closes(prices, "NVDA") == {"2025-01-24": 142.62}
        assert prices.notices == ()

    @pytest.mark.parametrize("rest", ["118,119,117,118.42,0", ",,,118.42,900", ",,,118.42,"])
    def test_a_day_with_quotes_or_with_volume_or_of_unknown_volume_counts(self, write, rest):
        assert closes(load(write(f"{self.HEAD}2025-01-27,NVDA,{rest}\n"), "NVDA"), "NVDA") == NVDA


class TestNumbersForSymbols:
    def test_leading_zeros_stay_and_the_suffix_that_is_missing_is_told(self, write):
        path = write("Date,Ticker,Close\n2025-01-31,005930,52400\n2025-01-31,000660.KS,199200\n")
        prices = load(path, "005930.KS", "000660.KS")
        assert closes(prices, "000660.KS") == {"2025-01-31": 199200}
        assert reasons(prices) == {"005930.KS": "mine.csv has 005930 without its suffix; expected 005930.KS"}

    def test_a_number_is_never_taken_for_a_symbol(self, write):
        # 000660 is SK Hynix in Seoul and another company in Shenzhen
        prices = load(write("date,000660,NVDA\n2025-01-24,5,142.62\n"), "000660.KS", "NVDA")
        assert set(prices.bars["symbol"]) == {"NVDA"}


class TestFilesThatCannotBeRead:
    BAD = (
        ("empty.csv", b"", "is empty"),
        ("blank.csv", b"\n\n \n", "is empty"),
        ("nodate.csv", b"symbol,close\nNVDA,1\n", "no column 'date'; found symbol, close"),
        (
            "noclose.csv",
            b"date,symbol,open\n2025-01-24,NVDA,1\n",
            "no column 'close'; found date, symbol, open",
        ),
        (
            "quotes.csv",
            b"date,open,high,low\n2025-01-24,1,1,1\n",
            "no column 'close'; found date, open, high, low",
        ),
        ("dateonly.csv", b"date\n2025-01-24\n", "no column 'close'; found date"),
        ("twice.csv", b"date,symbol,close,price\n2025-01-24,NVDA,1,2\n", "column 'close' stands there twice"),
        ("binary.csv", bytes(range(256)) * 20, "is no text"),
        ("latin.csv", b"date,symbol,close,note\n2025-01-24,NVDA,1,\xff\xfe\xfd\n", "save it as UTF-8"),
        ("torn16.csv", LONG.encode("utf-16")[:-1], "save it as UTF-8"),
        ("quote.csv", b'date,symbol,close\n2025-01-24,"NVDA,1\n', "no readable CSV"),
        ("torn.csv.gz", gzip.compress(LONG.encode())[:-12], "cannot be read"),
        ("nozip.csv.gz", b"date,symbol,close\n", "cannot be read"),
        ("empty.parquet", b"", "no readable Parquet"),
        ("garbage.parquet", b"PAR1 is not enough", "no readable Parquet"),
    )

    @pytest.mark.parametrize(("name", "content", "said"), BAD, ids=[name for name, *_ in BAD])
    def test_alone_it_is_an_error_of_two_lines(self, write, name, content, said):
        with pytest.raises(NoPricesError) as caught:
            load(write(content, name))
        first, second = str(caught.value).splitlines()
        assert first.endswith(f"{name}: holds no prices that can be read")
        assert second.startswith(f"{name}: ")
        assert said in second
        assert second.endswith("; file left out")

    @pytest.mark.parametrize(("name", "content", "said"), BAD, ids=[name for name, *_ in BAD])
    def test_among_others_it_costs_one_line_and_nothing_else(self, write, tmp_path, name, content, said):
        write(LONG, "good.csv")
        write(content, name)
        prices = load(tmp_path)
        the_usual(prices)
        [notice] = prices.notices
        assert notice.startswith(f"{name}: ")
        assert said in notice

    def test_a_torn_parquet(self, tmp_path):
        path = tmp_path / "torn.parquet"
        pd.DataFrame(
            {"date": ["2025-01-24"] * 9, "symbol": ["NVDA"] * 9, "close": np.arange(9.0)}
        ).to_parquet(path)
        path.write_bytes(path.read_bytes()[:-30])
        with pytest.raises(NoPricesError, match=r"torn.parquet: no readable Parquet \(.+\); file left out"):
            load(path)

    def test_a_folder_in_the_place_of_a_file(self, write, tmp_path):
        (tmp_path / "folder.csv").mkdir()
        write(LONG, "good.csv")
        prices = load(tmp_path)
        the_usual(prices)
        assert prices.notices == ("folder.csv: cannot be read (Is a directory); file left out",)

    def test_a_place_that_is_not_there(self, tmp_path):
        with pytest.raises(
            UsageError, match=r"no such file or folder; expected auto, yahoo, store, sample, or a path"
        ):
            load(tmp_path / "nowhere.csv")

    def test_a_folder_without_prices(self, tmp_path):
        with pytest.raises(NoPricesError, match=r"no \.csv, .*in this folder"):
            load(tmp_path)


class TestFilesThatDisagree:
    def test_what_two_files_say_differently_is_believed_of_neither(self, write, tmp_path):
        write(LONG, "a.csv")
        write("date,symbol,close\n2025-01-27,NVDA,118.58\n", "b.csv")
        write("date,symbol,close\n2025-01-27,NVDA,118.42\n", "c.csv")
        prices = load(tmp_path)
        only_amd_is_left(prices)
        assert closes(prices, "NVDA") == {"2025-01-24": 142.62}
        assert prices.notices == (f"{tmp_path}: files disagree on 1 closes of NVDA; set aside",)

    def test_the_same_close_with_more_digits_is_no_disagreement(self, write, tmp_path):
        write(LONG, "a.csv")
        write("date,symbol,close\n2025-01-27,NVDA,118.41999816894531\n", "b.csv")
        prices = load(tmp_path)
        the_usual(prices)
        assert prices.notices == ()


def test_the_whole_korean_market_is_read_with_its_halted_days_left_out(prices_folder, monkeypatch):
    monkeypatch.setenv("SCREENER_NOW", "2025-07-01T00:00:00Z")
    path = prices_folder / "krx-all.parquet"
    raw = pd.read_parquet(path)
    raw["symbol"] = raw["symbol"].astype(str)
    traded = raw[(raw["volume"] != 0) | (raw[["open", "high", "low"]].fillna(0) != 0).any(axis=1)]
    assert 0 < len(traded) < len(raw)
    prices = load(path, *raw["symbol"].unique())
    assert len(prices.bars) == len(traded)
    assert prices.notices == ()
