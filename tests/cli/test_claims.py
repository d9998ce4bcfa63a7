"""`screener claims` as its users call it, on the bundled sample; outcomes are those that published prices show."""

import csv
import io
import json

import pandas as pd
import pytest

from screener.columns import TABLES
from screener.resources import bundled_sample


@pytest.fixture
def claims(run):
    """Run `screener claims --source sample ARGS`."""
    return lambda *args, **how: run("claims", "--source", "sample", *args, **how)


@pytest.fixture
def own_theme(run, tmp_path):
    """A theme written from the template, with two categories and two claims."""
    path = tmp_path / "mine.yaml"
    run("themes", "new", "mine", "-o", path)
    return path


def rows_of(result):
    return list(csv.DictReader(io.StringIO(result.out)))


def test_ledger_at_80_columns_is_as_drawn(claims, golden):
    golden("claims-80.txt", claims("-f", "table").out)


def test_korean_history_is_as_drawn(claims, golden):
    golden("claims-history-ko-80.txt", claims("-f", "table", "--history", "--lang", "ko").out)


@pytest.mark.parametrize("columns", [60, 80, 100, 120, 160, 200])
@pytest.mark.parametrize("args", [[], ["--lang", "ko", "--verbose"], ["--history"]])
def test_no_line_is_wider_than_the_terminal_and_no_figure_is_cut(claims, columns, args):
    from rich.cells import cell_len

    out = claims("-f", "table", *args, columns=columns).out
    assert max(cell_len(line) for line in out.splitlines()) <= columns
    assert "…" not in out
    assert "--history" in args or "-16.97%" in out


def test_a_wide_terminal_and_verbose_show_what_else_moved_the_prices(claims):
    note = "They had run up on the Stargate news"
    assert note in claims("-f", "table", columns=200).out
    assert note in " ".join(
        claims("-f", "table", "--verbose", "--claim", "kr_power_hurt", columns=100).out.split()
    )
    assert note not in " ".join(claims("-f", "table", columns=80).out.split())


def test_csv_has_a_line_a_test_with_every_documented_column(claims):
    result = claims()
    assert result.code == 0
    assert result.out.splitlines()[0].split(",") == [column.name for column in TABLES["claims"]]
    rows = rows_of(result)
    assert len({row["claim"] for row in rows}) == 20
    fell = next(row for row in rows if row["claim"] == "nvda_fell_15")
    # 118.42 / 142.62 - 1
    assert (fell["value"], fell["bound"], fell["expect"]) == ("-0.169682", "-0.15", "<= -15%")
    assert (fell["verdict"], fell["turned_on"], fell["held_days"]) == ("holds", "2025-01-27", "")


def test_claims_for_want_of_prices_are_untestable_and_say_which(claims):
    rows = [row for row in rows_of(claims()) if row["claim"] == "not_broad"]
    assert {row["verdict"] for row in rows} == {"untestable"}
    assert [row["left_out"] for row in rows] == ["RSP no_prices", "^DJI no_prices"]
    assert "without prices in this source: RSP" in claims("-f", "table").out


def test_as_of_travels_in_time(claims):
    early = {row["claim"]: row["verdict"] for row in rows_of(claims("--as-of", "2025-01-28"))}
    assert early["nvda_fell_15"] == "holds"
    assert early["rebound_then_pullback"] == "open"
    assert early["kospi_floor"] == "open"
    later = {row["claim"]: row for row in rows_of(claims("--as-of", "2025-04-30"))}
    assert later["kospi_floor"]["verdict"] == "holds"
    assert (later["kosdaq_floor"]["verdict"], later["kosdaq_floor"]["turned_on"]) == ("refuted", "2025-03-31")


def test_history_has_a_line_a_claim_and_month_end(claims):
    rows = rows_of(claims("--history", "--claim", "kosdaq_floor", "--as-of", "2025-04-10"))
    assert [(row["as_of"], row["verdict"]) for row in rows] == [
        ("2025-01-31", "open"),
        ("2025-02-28", "open"),
        ("2025-03-31", "refuted"),
        ("2025-04-10", "refuted"),
    ]


def test_json_holds_what_the_figures_rest_on(claims):
    answer = json.loads(claims("-f", "json", "--claim", "rebound_then_pullback").out)
    assert answer["meta"]["as_of"] == "2025-04-30"
    # closes 142.62, 118.42, 128.99 (128.86 in some tables), 123.70
    assert [round(row["value"], 3) for row in answer["rows"]] == [-0.170, 0.089, -0.041]
    assert [row["value_on"] for row in answer["rows"]] == ["2025-01-27", "2025-01-28", "2025-01-29"]


@pytest.mark.parametrize("args", [[], ["--history"]])
def test_every_format_holds_the_same_claims(claims, tmp_path, args):
    lines = len(rows_of(claims("-f", "csv", *args)))
    assert len(claims("-f", "tsv", *args).out.splitlines()) == lines + 1
    assert len(claims("-f", "jsonl", *args).out.splitlines()) == lines
    assert len(json.loads(claims("-f", "json", *args).out)["rows"]) == lines
    assert len(claims("-f", "md", *args).out.splitlines()) == lines + 2
    assert claims("-f", "html", *args).out.count("<tr>") == lines + 1
    claims("-o", tmp_path / "out.parquet", *args)
    assert len(pd.read_parquet(tmp_path / "out.parquet")) == lines


def test_markdown_gives_each_figure_in_its_own_unit_and_language(claims):
    english = claims("-f", "md", "--claim", "nvda_no_new_high").out
    # highest closes since the event, against the high and the close before it
    assert "140.11" in english
    assert "&lt;= 149.43" in english
    korean = claims("-f", "md", "--claim", "nvda_fell_15", "--lang", "ko").out
    assert "엔비디아가 첫 거래일에 15% 넘게 내렸다" in korean
    assert "-16.97%" in korean
    assert "성립" in korean


def test_claims_are_chosen_by_name_in_the_order_of_the_theme(claims):
    rows = rows_of(claims("--claim", "kospi_floor", "--claim", "nvda_fell_15"))
    assert list(dict.fromkeys(row["claim"] for row in rows)) == ["nvda_fell_15", "kospi_floor"]


def test_an_unknown_claim_is_told_with_the_nearest(claims):
    result = claims("--claim", "kospi_flor")
    assert (result.code, result.out) == (2, "")
    assert "did you mean kospi_floor?" in result.err


def test_strict_ends_with_3_where_members_lack_prices(claims):
    assert claims("--strict").code == 3


def test_without_any_price_it_ends_with_4(run, tmp_path):
    prices = tmp_path / "other.csv"
    prices.write_text("date,symbol,close\n2025-01-24,ZZZ,100\n", "utf-8")
    assert run("claims", "--source", prices).code == 4


@pytest.mark.parametrize("args", [[], ["--history"]])
def test_a_theme_without_claims_gives_one_clear_line_and_an_empty_table(run, own_theme, args):
    text = own_theme.read_text("utf-8")
    own_theme.write_text(text[: text.index("claims:\n")], "utf-8")
    result = run("claims", "--theme", own_theme, "--source", "sample", *args)
    assert result.code == 0
    assert len(result.out.splitlines()) == 1
    assert [line for line in result.err.splitlines() if "theme mine has no claims" in line]
    drawn = run("claims", "--theme", own_theme, "--source", "sample", "-f", "table", "-q", *args)
    assert drawn.out.startswith("theme mine has no claims")


def test_an_own_theme_from_the_template_works_through_rank_and_claims(run, own_theme):
    assert run("themes", "check", own_theme).code == 0
    assert run("rank", "--theme", own_theme, "--source", "sample").code == 0
    rows = rows_of(run("claims", "--theme", own_theme, "--source", "sample"))
    assert [(row["claim"], row["test"]) for row in rows] == [
        ("nvda_fell", "1"),
        ("winners_lead", "1"),
        ("winners_lead", "2"),
    ]
    closes = pd.read_csv(bundled_sample(), index_col="date")
    moves = closes.loc["2025-01-31"] / closes.loc["2025-01-24"] - 1
    # mean of NET and CRM less mean of NVDA and AMD, over the event week
    spread = moves[["NET", "CRM"]].mean() - moves[["NVDA", "AMD"]].mean()
    assert float(rows[1]["value"]) == pytest.approx(spread, abs=1e-6)
    assert rows[1]["verdict"] == ("holds" if spread > 0 else "refuted")


def test_claims_are_offered_behind_tab():
    from types import SimpleNamespace

    from screener.cli.complete import claims

    offered = dict(claims(SimpleNamespace(params={"theme": "deepseek-r1"}), "kos"))
    assert list(offered) == ["kospi_floor", "kosdaq_floor"]


def test_nvidias_high_stood_149_days_on_real_prices(run, prices_folder):
    source = prices_folder / "theme-ohlcv.parquet"
    out = run("claims", "--source", source, "--as-of", "2025-07-31", "--claim", "nvda_no_new_high", "-q").out
    high = rows_of(type("Run", (), {"out": out}))[0]
    assert (high["verdict"], high["turned_on"], high["held_days"]) == ("refuted", "2025-06-25", "149")
    assert round(float(high["value"]), 2) == 154.31
