"""`screener show` as its users call it; figures are those of the sample and hand arithmetic on them."""

import csv
import io
import json

import pytest
from rich.cells import cell_len

from screener.columns import COLUMNS, NAMES

AS_OF = ("--as-of", "2025-04-30")


@pytest.fixture
def show(run):
    """Run `screener show SYMBOL --source sample ARGS`."""
    return lambda symbol, *args, **how: run("show", symbol, "--source", "sample", *args, **how)


def test_page_at_80_columns_is_as_drawn(show, golden):
    golden("show-nvda.txt", show("NVDA", "-f", "table", *AS_OF).out)


@pytest.mark.parametrize("columns", [60, 80, 100, 200, 250])
@pytest.mark.parametrize(
    ("symbol", "lang"), [("NVDA", "en"), ("000660.KS", "ko"), ("064400.KS", "en"), ("SPY", "ko")]
)
def test_no_line_is_wider_than_the_terminal_and_no_date_is_cut(show, symbol, lang, columns):
    result = show(symbol, "-f", "table", "--lang", lang, columns=columns)
    assert result.code == 0
    assert max(cell_len(line) for line in result.out.splitlines()) <= columns
    assert "…" not in result.out


def test_page_holds_what_the_sample_says_of_nvidia(show):
    out = show("nvda", "-f", "table", *AS_OF).out
    assert out.splitlines()[0] == "NVDA · NVIDIA · 엔비디아"
    for figure in ("142.62", "-16.97%", "-33.87%", "2025-04-04", "2025-01-06", "not yet recovered"):
        assert figure in out
    assert "Nvidia, AMD and their supply" in out


def test_wider_terminals_get_more_columns_of_measures(show):
    def height(columns):
        out = show("NVDA", "-f", "table", columns=columns).out.split("\n\n")
        return next(len(part.splitlines()) for part in out if part.startswith("Status"))

    assert height(40) > height(80) > height(120) > height(200)


def test_every_measure_stands_on_the_page_with_its_korean_label(show):
    from screener.labels import labels

    out = show("000660.KS", "-f", "table", "--lang", "ko").out
    about = {"rank", "symbol", "name", "name_ko", "side", "market", "currency", "confidence", "price_source"}
    for column in COLUMNS:
        if column.name not in about:
            assert labels("ko").head(column.name) in out
    assert out.startswith("000660.KS · SK하이닉스 · SK hynix\n")


def chart_of(result):
    lines = result.out.splitlines()
    top = next(at for at, line in enumerate(lines) if "┌" in line)
    return lines[top : next(at for at, line in enumerate(lines) if "└" in line) + 2]


def test_the_chart_marks_base_close_and_event_session_and_shows_true_dates(show):
    chart = chart_of(show("NVDA", "-f", "table", *AS_OF))
    assert len(chart) == 15
    (base,) = [line for line in chart if line.startswith("142.62├")]
    event = chart[-2].index("┴")
    assert base.endswith("┤")
    # the date below is centred on the mark
    assert chart[-1].index("2025-01-27") <= event <= chart[-1].index("2025-01-27") + 10
    assert chart[-1].split()[0] == "2024-11-22"  # 40 sessions before the base, by hand on a calendar
    assert chart[-1].split()[-1] == "2025-04-30"


def test_a_chart_up_to_the_base_session_has_no_event_yet(show):
    result = show("NVDA", "-f", "table", "--as-of", "2025-01-24")
    assert "┴" not in "".join(chart_of(result))
    assert "not yet: the event session comes after the as-of session 2025-01-24" in result.out
    assert "Drawdown" in result.out
    assert "not yet recovered" not in result.out


def test_a_security_listed_later_has_a_path_but_no_base_and_says_why(show):
    result = show("064400.KS", "-f", "table")
    assert "├" not in "".join(chart_of(result))
    assert "listed later: first close 2025-02-05, after the base session 2025-01-24" in result.out
    assert "Largest drawdowns" not in result.out


def test_a_symbol_outside_the_theme_says_so(show):
    result = show("SPY", "-f", "table")
    assert "not a member of this theme: DeepSeek R1 shock" in result.out
    assert "Outside the theme" in result.out


def test_csv_is_the_row_that_rank_gives(show, run):
    shown = show("000660.KS", *AS_OF).out
    assert shown == run("rank", "--source", "sample", *AS_OF, "000660.KS").out
    (row,) = csv.DictReader(io.StringIO(shown))
    assert tuple(row) == NAMES
    assert row["event_return"] == "-0.098643"  # 199200 / 221000 - 1


def test_json_holds_meta_row_episodes_and_member(show):
    answer = json.loads(show("PLTR", "-f", "json", *AS_OF).out)
    assert list(answer) == ["meta", "row", "event_study", "episodes", "member"]
    assert list(answer["row"]) == list(NAMES)
    assert answer["member"]["category"]["id"] == answer["row"]["category"] == "us_ai_software"
    assert [round(episode["depth"], 4) for episode in answer["episodes"]] == [-0.4061, -0.0448, -0.0345]
    deepest = answer["episodes"][0]  # 74.01 / 124.62 - 1
    assert (deepest["begin"], deepest["trough"], deepest["end"]) == ("2025-02-18", "2025-04-04", None)
    assert json.loads(show("SPY", "-f", "json").out)["member"] is None


def test_so_many_episodes_are_shown_as_asked_for(show):
    answer = json.loads(show("PLTR", "-f", "json", "--episodes", 5, *AS_OF).out)
    depths = [episode["depth"] for episode in answer["episodes"]]
    assert len(depths) == 5
    assert depths == sorted(depths)
    assert "Largest drawdowns" not in show("PLTR", "-f", "table", "--episodes", 0).out


def test_markdown_holds_measures_episodes_and_reasons(show):
    out = show("NVDA", "-f", "md", *AS_OF).out
    assert out.startswith("# NVDA · NVIDIA · 엔비디아\n")
    assert "| Event day | -16.97% |" in out
    assert "| -33.87% | 2025-01-24 | 2025-04-04 | not yet recovered | 66 |" in out
    assert "- Source: https://" in out


@pytest.mark.parametrize("form", ["tsv", "jsonl", "html", "parquet"])
def test_other_formats_are_refused_with_those_there_are(show, form):
    result = show("NVDA", "-f", form)
    assert (result.code, result.out) == (2, "")
    assert f"--format {form}: not for one security; expected table, csv, json or md" in result.err
    assert "expected table, csv or json" in show("NVDA", "--explain", "fall", "-f", form).err


def test_an_explanation_in_a_pipe_is_an_expression_a_line(show):
    out = show("NVDA", "--explain", "fall", "--explain", "recovery,status", *AS_OF).out
    assert "  fall = P(2025-04-04) / P(2025-01-24) - 1 = 94.31 / 142.62 - 1 = -0.338732 (-33.87%)\n" in out
    assert "(108.92 - 94.31) / (142.62 - 94.31) = 0.302422 (30.24%)\n" in out


def test_explanations_come_as_json_and_csv_too(show):
    answer = json.loads(show("NVDA", "--explain", "all", "-f", "json", *AS_OF).out)
    assert [found["column"] for found in answer["explanations"]] == list(NAMES)
    rows = list(csv.DictReader(io.StringIO(show("NVDA", "--explain", "fall", "-f", "csv", *AS_OF).out)))
    assert rows[0]["priced"] == "94.31 / 142.62 - 1"


def test_an_unknown_column_is_told_with_the_nearest_before_prices_are_loaded(run):
    result = run("show", "NVDA", "--source", "/nowhere", "--explain", "fal")
    assert result.code == 2
    assert "--explain fal: no such column, did you mean fall?" in result.err


def test_a_symbol_without_prices_in_the_source_exits_with_4(show):
    result = show("AAPL")
    assert (result.code, result.out) == (4, "")
    assert "AAPL" in result.err
    assert "Traceback" not in result.err


def test_a_number_without_its_market_is_told_what_is_missing(show):
    result = show("000660")
    assert result.code == 2
    assert "a number needs its market's suffix, such as 000660.KS" in result.err


@pytest.mark.parametrize("option", ["--side", "--category", "--market"])
def test_options_that_choose_among_securities_are_not_there(show, option):
    assert show("NVDA", option, "loser").code == 2


def test_a_local_holiday_moves_the_event_session(run, prices_folder):
    source = prices_folder / "theme-ohlcv.parquet"
    result = run("show", "2330.TW", "--source", source, "-f", "json", "--as-of", "2025-04-30")
    row = json.loads(result.out)["row"]
    assert (row["base_date"], row["event_date"]) == ("2025-01-22", "2025-02-03")
