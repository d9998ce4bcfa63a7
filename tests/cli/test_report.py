"""`screener report`: formats, endings, the look back, and what is kept for the next one."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SAMPLE = ("--source", "sample")


@pytest.fixture(autouse=True)
def own_state(monkeypatch, tmp_path):
    monkeypatch.setenv("SCREENER_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


def kept(state):
    return sorted(path.name for path in state.rglob("*.json"))


@pytest.mark.parametrize(
    ("name", "beginning"), [("r.html", "<!doctype html>"), ("r.md", "# DeepSeek"), ("r.txt", "DeepSeek")]
)
def test_the_ending_of_the_file_chooses_the_format(run, tmp_path, name, beginning):
    done = run("report", *SAMPLE, "-o", tmp_path / name)
    assert (done.code, done.out) == (0, "")
    assert (tmp_path / name).read_text("utf-8").startswith(beginning)


@pytest.mark.parametrize(
    ("form", "beginning"), [("html", "<!doctype html>"), ("md", "# DeepSeek"), ("txt", "DeepSeek")]
)
def test_on_stdout_the_format_can_be_chosen(run, form, beginning):
    assert run("report", *SAMPLE, "--stdout", "--format", form).out.startswith(beginning)


def test_mail_gets_text_in_lines_that_mail_programs_leave_whole(run):
    done = run("report", *SAMPLE, "--stdout", env={"COLUMNS": ""})
    assert max(map(len, done.out.splitlines())) <= 78


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "either -o FILE"),
        (("-o", "r.html", "--stdout"), "either -o FILE"),
        (("-o", "r.pdf"), "no report has the ending '.pdf'; expected .html, .htm, .md, .txt"),
        (("-o", "r"), "no report has the ending '(none)'"),
        (
            ("--stdout", "--since", "tomorrow"),
            "--since tomorrow: expected a date as YYYY-MM-DD, last or none",
        ),
        (("--stdout", "--as-of", "2025-04-30", "--since", "2025-04-30"), "expected an earlier date"),
    ],
)
def test_wrong_use_is_told_and_nothing_is_kept(run, own_state, args, said):
    done = run("report", *SAMPLE, *args)
    assert done.code == 2
    assert said in done.err
    assert kept(own_state) == []


def test_the_second_report_tells_what_changed_since_the_first(run):
    first = run("report", *SAMPLE, "--stdout", "--as-of", "2025-04-07").out
    second = run("report", *SAMPLE, "--stdout", "--as-of", "2025-04-30").out
    assert "This is the first report of its kind" in first
    assert "Since the report as of 2025-04-07." in second
    # Marvell: 124.02 on the base session, 49.38 on 2025-04-21, its lowest close
    assert f"{49.38 / 124.02 - 1:.2%} (2025-04-21)" in second


def test_the_same_day_twice_says_and_keeps_the_same(run, own_state):
    run("report", *SAMPLE, "--stdout", "--as-of", "2025-04-07")
    first = run("report", *SAMPLE, "--stdout", "--as-of", "2025-04-30").out
    state = {path: path.read_bytes() for path in own_state.rglob("*.json")}
    assert run("report", *SAMPLE, "--stdout", "--as-of", "2025-04-30").out == first
    assert {path: path.read_bytes() for path in own_state.rglob("*.json")} == state


def test_a_date_to_look_back_to_needs_no_earlier_report(run, own_state):
    told = run("report", *SAMPLE, "--stdout", "--as-of", "2025-04-30", "--since", "2025-04-07").out
    assert "Since the report as of 2025-04-07." in told
    assert kept(own_state) == ["2025-04-30.json"]


def test_without_a_look_back_nothing_is_said_of_it(run):
    assert "What changed" not in run("report", *SAMPLE, "--stdout", "--since", "none").out


def test_a_report_that_cannot_be_written_keeps_nothing(run, own_state, tmp_path):
    done = run("report", *SAMPLE, "-o", tmp_path / "no" / "such" / "folder" / "r.html")
    assert done.code == 2
    assert "cannot be written" in done.err
    assert kept(own_state) == []


def test_the_page_names_nothing_that_lies_elsewhere(run, tmp_path):
    run("report", *SAMPLE, "-o", tmp_path / "r.html")
    text = (tmp_path / "r.html").read_text("utf-8")
    named = re.findall(r"\b(?:href|src|srcset|action)=\"([^\"]*)\"|url\(([^)]*)\)|@import (.*)", text)
    targets = {target for found in named for target in found if target}
    assert targets
    assert not [target for target in targets if not target.startswith(("#", "data:"))]


def test_korean_reports_are_korean_in_every_format(run):
    for form in ("html", "md", "txt"):
        told = run("report", *SAMPLE, "--stdout", "-f", form, "--lang", "ko").out
        assert "딥시크 R1 쇼크" in told
        assert "SK하이닉스" in told
        assert "예상 피해주" in told


def test_all_formats_give_the_same_figures(run):
    # 118.42 after 142.62: Nvidia's event day
    for form in ("html", "md", "txt"):
        told = run("report", *SAMPLE, "--stdout", "-f", form).out
        assert "-16.97%" in told
        assert "DeepSeek R1 shock" in told
        assert "What the figures rest on" in told


def test_a_market_alone_has_its_own_look_back(run):
    run("report", *SAMPLE, "--stdout", "--as-of", "2025-04-07")
    told = run("report", *SAMPLE, "--stdout", "--as-of", "2025-04-30", "--market", "KR").out
    assert "This is the first report of its kind" in told
    assert "NVDA" not in told


def test_strict_reports_end_with_3_where_prices_are_missing_and_are_written_all_the_same(run, tmp_path):
    done = run("report", *SAMPLE, "-o", tmp_path / "r.md", "--strict")
    assert done.code == 3
    assert (tmp_path / "r.md").is_file()


def test_a_service_without_a_home_gets_its_report_and_no_complaints(program_env, tmp_path):
    env = {name: program_env[name] for name in ("SCREENER_CACHE_DIR", "SCREENER_STATE_DIR")}
    command = [sys.executable, "-m", "screener", "report", *SAMPLE, "-o", str(tmp_path / "r.html"), "-q"]
    (tmp_path / "file").touch()  # under a file not even root can make a home
    env["HOME"] = str(tmp_path / "file" / "home")
    done = subprocess.run(command, env=env, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "r.html").read_text("utf-8").endswith("</html>\n")
