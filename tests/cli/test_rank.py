"""`screener rank` as its users call it; figures are hand arithmetic on closes printed in the press or the sample."""

import csv
import io
import json

import pandas as pd
import pytest

from screener.columns import NAMES


@pytest.fixture
def rank(run):
    """Run `screener rank --source sample ARGS`."""
    return lambda *args, **how: run("rank", "--source", "sample", *args, **how)


def rows_of(result):
    return list(csv.DictReader(io.StringIO(result.out)))


def test_table_at_80_columns_is_as_drawn(rank, golden):
    golden("rank-80.txt", rank("-f", "table").out)


def test_table_at_200_columns_is_as_drawn(rank, golden):
    golden("rank-200.txt", rank("-f", "table", columns=200).out)


def test_korean_table_is_as_drawn(rank, golden):
    golden("rank-ko-80.txt", rank("-f", "table", "--lang", "ko", "--as-of", "2025-02-14").out)


@pytest.mark.parametrize("columns", [60, 80, 100, 120, 160, 200, 250])
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_no_line_is_wider_than_the_terminal_and_no_symbol_is_cut(rank, columns, lang):
    from rich.cells import cell_len

    out = rank("-f", "table", "--lang", lang, columns=columns).out
    assert max(cell_len(line) for line in out.splitlines()) <= columns
    assert "000660.KS" in out
    assert "-33.87%" in out


def test_at_200_columns_everything_of_the_layout_shows(rank):
    head = rank("-f", "table", columns=200).out.splitlines()[1]
    for word in (
        "Symbol",
        "Name",
        "Category",
        "Base",
        "Event day",
        "Fall",
        "Low on",
        "Rebound",
        "Recovery",
        "Since",
    ):
        assert word in head
    assert "Excess" in head
    assert "Path" in head


def test_korean_names_line_up(rank):
    from rich.cells import cell_len

    lines = rank("-f", "table", "--lang", "ko", "--side", "loser").out.split("\n\n")[0].splitlines()[1:]
    ends = {cell_len(line[: line.index("%") + 1]) for line in lines[1:]}
    assert len(ends) == 1


def test_losers_come_first_by_deepest_drawdown_then_winners_by_best_return(rank):
    rows = rows_of(rank("-f", "csv"))
    sides = [row["side"] for row in rows]
    assert sides == sorted(sides)
    for side, figure, sign in (("loser", "max_drawdown", 1), ("winner", "return_since", -1)):
        figures = [sign * float(row[figure]) for row in rows if row["side"] == side and row[figure]]
        assert figures == sorted(figures)
        assert [int(row["rank"]) for row in rows if row["side"] == side] == list(
            range(1, sides.count(side) + 1)
        )


def test_rows_without_the_sort_figure_come_last_in_order_of_symbols(rank):
    losers = [row for row in rows_of(rank("-f", "csv")) if row["side"] == "loser"]
    empty = [row["symbol"] for row in losers if not row["max_drawdown"]]
    assert [row["symbol"] for row in losers][-len(empty) :] == sorted(empty)


def test_csv_is_the_format_of_a_pipe_with_every_column_in_order(rank):
    result = rank()
    assert result.code == 0
    assert tuple(result.out.splitlines()[0].split(",")) == NAMES
    assert len(rows_of(result)) == 110


def test_csv_has_plain_numbers_iso_dates_and_nothing_for_no_value(rank):
    rows = {row["symbol"]: row for row in rows_of(rank())}
    nvidia = rows["NVDA"]
    # 118.42 / 142.62 - 1 and 94.31 / 142.62 - 1, closes as published
    assert nvidia["base_close"] == "142.62"
    assert nvidia["base_date"] == "2025-01-24"
    assert nvidia["event_date"] == "2025-01-27"
    assert nvidia["event_return"] == "-0.169682"
    assert nvidia["fall"] == "-0.338732"
    assert nvidia["trough_date"] == "2025-04-04"
    assert nvidia["recovered_on"] == ""
    hynix = rows["000660.KS"]
    assert (hynix["base_date"], hynix["event_date"]) == ("2025-01-24", "2025-01-31")
    assert hynix["event_return"] == f"{199200 / 221000 - 1:.6f}"
    listed_later = rows["064400.KS"]
    assert listed_later["status"] == "listed_later"
    assert all(
        not listed_later[name] for name in ("base_close", "event_return", "fall", "return_since", "recovery")
    )


def test_as_of_cuts_what_came_later(rank):
    nvidia = rows_of(rank("--as-of", "2025-02-10", "NVDA"))[0]
    # lowest close to that day: 116.66 on 2025-02-03
    assert nvidia["max_drawdown"] == f"{116.66 / 142.62 - 1:.6f}"
    assert nvidia["trough_date"] == "2025-02-03"
    assert nvidia["last_date"] == "2025-02-10"


def test_json_is_an_object_of_meta_and_rows(rank):
    answer = json.loads(rank("-f", "json").out)
    assert set(answer) == {"meta", "rows"}
    assert answer["meta"]["theme"] == "deepseek-r1"
    assert answer["meta"]["as_of"] == "2025-04-30"
    assert answer["meta"]["price_source"] == "sample"
    assert answer["meta"]["status"]["listed_later"] == 1
    assert {failure["symbol"] for failure in answer["meta"]["failures"]} >= {"ARM", "2330.TW"}
    nvidia = next(row for row in answer["rows"] if row["symbol"] == "NVDA")
    assert nvidia["recovered_on"] is None
    assert nvidia["sessions_to_trough"] == 49


def test_jsonl_has_one_row_a_line(rank):
    lines = rank("-f", "jsonl", "--side", "winner").out.splitlines()
    assert {json.loads(line)["side"] for line in lines} == {"winner"}


def test_every_format_holds_the_same_rows(rank, tmp_path):
    wanted = [row["symbol"] for row in rows_of(rank("-f", "csv", "--top", 4))]
    assert [line.split("\t")[1] for line in rank("-f", "tsv", "--top", 4).out.splitlines()[1:]] == wanted
    markdown = rank("-f", "md", "--top", 4).out.splitlines()[2:]
    assert [line.split(" | ")[1] for line in markdown] == wanted
    html = rank("-f", "html", "--top", 4).out
    assert [symbol for symbol in wanted if f">{symbol}<" in html] == wanted
    assert rank("-o", tmp_path / "out.parquet", "--top", 4).out == ""
    assert pd.read_parquet(tmp_path / "out.parquet")["symbol"].tolist() == wanted


def test_output_file_takes_its_format_from_its_ending(rank, tmp_path):
    for name, begin in (
        ("a.csv", "rank,"),
        ("a.json", "{"),
        ("a.md", "| # "),
        ("a.html", "<!doctype"),
        ("a.txt", "Exp"),
    ):
        assert rank("-o", tmp_path / name).code == 0
        assert (tmp_path / name).read_text("utf-8").startswith(begin)


def test_where_sort_and_top_narrow_the_rows(rank):
    rows = rows_of(
        rank(
            "--where", 'recovery < 50% and market == "KOSPI"', "--sort", "fall", "--top", 5, "--side", "loser"
        )
    )
    falls = [float(row["fall"]) for row in rows]
    assert len(rows) == 5
    assert falls == sorted(falls)
    assert all(row["market"] == "KOSPI" and float(row["recovery"]) < 0.5 for row in rows)


def test_ranks_stay_those_of_the_whole_side_when_rows_are_left_out(rank):
    whole = {row["symbol"]: row["rank"] for row in rows_of(rank())}
    some = rows_of(rank("--where", "market == KOSPI"))
    assert all(row["rank"] == whole[row["symbol"]] for row in some)


@pytest.mark.parametrize(
    ("option", "word", "expected"), [("--market", "KR", {"KOSPI", "KOSDAQ"}), ("--market", "us", {"US"})]
)
def test_market_is_chosen_by_id_or_country(rank, option, word, expected):
    assert {row["market"] for row in rows_of(rank(option, word))} == expected


def test_symbols_come_from_stdin_with_a_dash(rank):
    result = rank("-", stdin="symbol,weight\nNVDA,0.5\nnet,0.2\n# later\n\nSPY,0.3\n")
    rows = rows_of(result)
    assert {row["symbol"]: row["side"] for row in rows} == {"NVDA": "loser", "NET": "winner", "SPY": ""}
    assert next(row for row in rows if row["symbol"] == "SPY")["return_since"] != ""


def test_columns_are_exactly_those_asked_for(rank):
    assert rank("--columns", "symbol,fall", "NVDA").out == "symbol,fall\nNVDA,-0.338732\n"


def test_own_csv_takes_the_place_of_the_sample(run, tmp_path):
    prices = tmp_path / "mine.csv"
    prices.write_text(
        "date,symbol,close\n2025-01-24,NVDA,100\n2025-01-27,NVDA,80\n2025-01-28,NVDA,90\n", "utf-8"
    )
    row = rows_of(run("rank", "NVDA", "--source", prices))[0]
    # 80 / 100 - 1, 90 / 80 - 1, (90 - 80) / (100 - 80)
    assert (row["fall"], row["rebound"], row["recovery"]) == ("-0.2", "0.125", "0.5")
    assert row["price_source"] == str(prices)


def test_environment_stands_for_options(run):
    result = run(
        "rank",
        "NVDA",
        env={"SCREENER_SOURCE": "sample", "SCREENER_FORMAT": "json", "SCREENER_AS_OF": "2025-02-10"},
    )
    assert json.loads(result.out)["meta"]["as_of"] == "2025-02-10"


def test_strict_ends_with_3_where_prices_lack_and_still_answers(rank):
    result = rank("--strict")
    assert result.code == 3
    assert len(rows_of(result)) == 110
    assert rank("--strict", "NVDA").code == 0


def test_no_prices_at_all_ends_with_4(rank):
    result = rank("ARM")
    assert (result.code, result.out) == (4, "")
    assert "ARM" in result.err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--where", "recovry < 50%"], "did you mean recovery?"),
        (["--sort", "fal"], "did you mean fall?"),
        (["--sort", "fall:up"], "expected asc or desc"),
        (["--columns", "symbol,fal"], "did you mean fall?"),
        (["--category", "kr_hbm"], "did you mean kr_hbm_chain?"),
        (["--market", "XX"], "XX"),
        (["--theme", "deepseek-r2"], "did you mean deepseek-r1?"),
        (["--theme", "/nowhere/theme.yaml"], "/nowhere/theme.yaml"),
        (["--as-of", "2025-02-30"], "expected YYYY-MM-DD"),
        (["--as-of", "2024-01-02"], "2024-01-02"),
        (["--as-of", "2999-01-01"], "future"),
        (["--side", "looser"], "loser"),
        (["--tpo", "3"], "--top"),
        (["--top", "0"], "--top"),
        (["-o", "a.xyz"], ".xyz"),
        (["-o", "/nowhere/at/all.csv"], "/nowhere/at/all.csv"),
        (["--price", "total-return"], "dividend"),
        (["FOO.XX"], ".XX"),
        (["-"], "stdin"),
    ],
)
def test_wrong_use_ends_with_2_and_a_line_that_says_what_to_do(rank, args, said):
    result = rank(*args)
    assert result.code == 2
    assert result.out == ""
    assert said in result.err
    assert "Traceback" not in result.err
    assert len(result.err.splitlines()) <= 3


def test_a_file_that_is_not_there_ends_with_2(run):
    result = run("rank", "--source", "/nowhere/prices.csv")
    assert result.code == 2
    assert "/nowhere/prices.csv" in result.err


def test_quiet_keeps_notices_back(run, tmp_path):
    prices = tmp_path / "mine.csv"
    prices.write_text(
        "date,symbol,close\n2025-01-24,NVDA,100\n2025-01-27,NVDA,80\n2025-01-28,NVDA,-1\n", "utf-8"
    )
    assert "above zero" in run("rank", "NVDA", "--source", prices).err
    assert run("rank", "NVDA", "--source", prices, "-q").err == ""
