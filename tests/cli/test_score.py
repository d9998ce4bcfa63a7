"""`screener score` as its users call it, on the bundled sample."""

import csv
import io
import json
import os
import pty
import subprocess
import sys

import pytest
from rich.cells import cell_len

from screener.columns import PATH_COLUMNS, SCORE_COLUMNS, TEST_NAMES

AS_OF = ("--as-of", "2025-04-30")
NAMES = [column.name for column in SCORE_COLUMNS]


@pytest.fixture
def score(run):
    """Run `screener score --source sample ARGS`."""
    return lambda *args, **how: run("score", "--source", "sample", *args, **how)


def rows_of(result):
    return list(csv.DictReader(io.StringIO(result.out)))


def test_table_at_80_columns_is_as_drawn(score, golden):
    golden("score-80.txt", score("-f", "table", *AS_OF).out)


def test_korean_table_with_every_test_is_as_drawn(score, golden):
    golden("score-ko-120.txt", score("-f", "table", "--lang", "ko", "--tests", *AS_OF, columns=120).out)


def test_chart_at_80_columns_is_as_drawn(score, golden):
    golden("score-chart-80.txt", score("--chart", "kr_ai_software", "-f", "table", *AS_OF).out)


@pytest.mark.parametrize("columns", [60, 80, 100, 160, 250])
@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("args", [("--tests",), ("--window", "-1,1"), ("--chart", "kr_hbm_chain")])
def test_no_line_is_wider_than_the_terminal(score, columns, lang, args):
    out = score("-f", "table", "--lang", lang, *args, columns=columns).out
    assert max(cell_len(line) for line in out.splitlines()) <= columns
    assert "kr_hbm_chain" in out


def test_csv_has_every_documented_column_in_order_and_spreads_after_categories(score):
    result = score(*AS_OF)
    rows = rows_of(result)
    assert list(rows[0]) == NAMES
    assert [row["kind"] for row in rows] == ["category"] * 13 + ["spread"] * 3
    chain = next(row for row in rows if row["category"] == "kr_hbm_chain")
    # moves of the five to 2025-01-31 in the sample: -9.86, -6.14, -8.18, -6.57, -2.42 %
    assert chain["median_event_return"] == "-0.065744"
    assert (chain["members"], chain["n"], chain["window"]) == ("12", "5", "[0,0]")
    assert "67 to 68 of 120 estimation returns" in result.err


def test_every_test_comes_side_by_side_when_asked_for(score):
    rows = rows_of(score("--tests", *AS_OF))
    assert list(rows[0]) == [*NAMES, *(name for test in TEST_NAMES for name in (test, f"{test}_p"))]
    row = rows[0]
    assert (row["kolari_pynnonen"], row["kolari_pynnonen_p"]) == (row["statistic"], row["p"])


def test_json_says_what_the_verdicts_rest_on_and_how_many_there_are(score):
    answer = json.loads(score("-f", "json", "--window", "week", *AS_OF).out)
    meta = answer["meta"]
    assert meta["verdict_tests"] == {"category": "kolari_pynnonen", "spread": "portfolio", "level": 0.05}
    assert meta["event_study"] == {
        "model": "market",
        "estimation": [-130, -11],
        "window": "week",
        "sessions": {"US": [0, 4], "KOSPI": [0, 4], "KOSDAQ": [0, 4]},
    }
    counted = [row["verdict"] for row in answer["rows"] if row["basis"] == "stated"]
    assert meta["tally"]["stated"] == {
        name: counted.count(name) for name in ("supported", "contradicted", "undecided")
    }
    assert any("estimation returns" in notice for notice in meta["notices"])


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "jsonl", "md", "html"])
def test_every_format_names_every_category(score, form):
    out = score("-f", form, "--side", "winner").out.replace("\\", "")
    for name in ("kr_ai_software", "china_export_semis", "cn_local_semis"):
        assert name in out


def test_a_written_file_takes_its_format_from_its_ending(score, tmp_path):
    import pandas as pd

    assert score("-o", tmp_path / "score.parquet").out == ""
    assert pd.read_parquet(tmp_path / "score.parquet")["category"].iloc[0] == "nvda_amd_complex"
    score("-o", tmp_path / "score.txt")
    assert "Stated in the article" in (tmp_path / "score.txt").read_text("utf-8")


def test_the_chart_gives_its_figures_in_a_pipe(score):
    rows = rows_of(score("--chart", "kr_hbm_chain", *AS_OF))
    assert list(rows[0]) == [column.name for column in PATH_COLUMNS]
    # Korean sessions 2025-01-31..2025-03-31, counted on a calendar: 41
    assert [row["session"] for row in rows] == [str(at) for at in range(41)]


def test_the_chart_has_no_colour_in_a_pipe_and_some_on_a_terminal(program_env):
    env = program_env | {"SCREENER_SOURCE": "sample", "TERM": "xterm-256color"}
    command = [sys.executable, "-m", "screener", "score", "--chart", "kr_hbm_chain", "-f", "table"]
    piped = subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout
    assert "\x1b" not in piped
    assert "┤" in piped

    def on_terminal(**more):
        ours, theirs = pty.openpty()
        with subprocess.Popen(command, stdout=theirs, stderr=subprocess.DEVNULL, env=env | more) as running:
            os.close(theirs)
            seen = b""
            while True:
                try:
                    part = os.read(ours, 65536)
                except OSError:
                    break
                if not part:
                    break
                seen += part
            running.wait(timeout=30)
        os.close(ours)
        return seen.decode()

    assert "\x1b[" in on_terminal()
    plain = on_terminal(NO_COLOR="1")
    assert not any(f"\x1b[{code}" in plain for code in ("3", "38", "9"))


def test_a_window_that_is_not_over_is_said_with_its_sessions(score):
    out = score("-f", "table", "--as-of", "2025-02-04", "--window", "week").out.replace("\n", " ")
    assert "week so far: [0,4] US; [0,2] KOSPI, KOSDAQ" in out


def test_verdicts_are_told_in_words_with_what_chance_would_do(score):
    out = score("-f", "table", "--category", "global_ai_power", *AS_OF).out
    p = float(rows_of(score("--category", "global_ai_power", *AS_OF))[0]["p"])
    assert f"as expected · {round(p * 1000)} in 1,000 by chance · only 3 members" in out
    assert "only one member measured" in score("-f", "table", "--market", "KOSDAQ", *AS_OF).out.replace(
        "\n", " "
    )


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--window", "weak"], "did you mean week?"),
        (["--window", "-130,0"], "begins within the estimation window"),
        (["--estimation", "-50,-11"], "at least 60 sessions"),
        (["--estimation", "soon"], "expected first and last session"),
        (["--model", "marked"], "market"),
        (["--chart", "kr_hbm"], "did you mean kr_hbm_chain?"),
        (["--chart", "cn_local_semis"], "none of its members is measured"),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_to_do(score, args, said):
    result = score(*args)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert "Traceback" not in result.err


def test_rank_and_show_take_the_same_window(run):
    def car(*args):
        return rows_of(run(*args, "--source", "sample", "-f", "csv", "--window", "-1,1", *AS_OF))[0]["car"]

    assert car("rank", "NVDA") == car("show", "NVDA") != ""


def test_columns_of_the_scorecard_are_explained(run):
    explained = rows_of(run("columns", "score"))
    assert [row["column"] for row in explained][: len(NAMES)] == NAMES
    assert all(row["meaning"] for row in explained)
    assert {row["column"] for row in rows_of(run("columns", "path", "--lang", "ko"))} >= {
        "caar",
        "low",
        "high",
    }
