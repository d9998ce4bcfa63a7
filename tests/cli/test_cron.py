"""`screener cron`: times by hand, lines that a bare shell really runs, and nothing installed."""

import csv
import re
import shutil
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from screener.cli.locked import main as locked
from tests.closes import closes

#: close of the exchange + 60 minutes until bars are final + 15 for delays, in local time:
#: New York 16:00, Seoul 15:30, Hong Kong 16:00, Tokyo 15:30 (since 2024-11-05), Taipei 13:30
TIMES = {
    "US": ("America/New_York", "15 17 * * 1-5", "Mon..Fri 17:15"),
    "KR": ("Asia/Seoul", "45 16 * * 1-5", "Mon..Fri 16:45"),
    "HK": ("Asia/Hong_Kong", "15 17 * * 1-5", "Mon..Fri 17:15"),
    "JP": ("Asia/Tokyo", "45 16 * * 1-5", "Mon..Fri 16:45"),
    "TW": ("Asia/Taipei", "45 14 * * 1-5", "Mon..Fri 14:45"),
}


@pytest.fixture
def cron(run, tmp_path, monkeypatch):
    """Run `screener cron ARGS` in a folder and with a state of its own."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)

    def runner(*args, env=None):
        return run("cron", *args, env={"SCREENER_STATE_DIR": str(tmp_path / "state")} | (env or {}))

    return runner


def entries(text):
    """(zone, fields, command) of each line, as cron reads them."""
    zone, found = "", []
    for line in text.splitlines():
        if line.startswith("CRON_TZ="):
            zone = line.removeprefix("CRON_TZ=")
        elif line and not line.startswith("#"):
            words = line.split(" ", 5)
            # an unescaped % would end the command
            assert not re.search(r"(?<!\\)%", words[5])
            found.append((zone, " ".join(words[:5]), words[5].replace(r"\%", "%")))
    return found


def bare(command, tmp_path, **env):
    """Run a command as cron would: /bin/sh and hardly any environment."""
    words = [f"{name}={value}" for name, value in env.items()]
    return subprocess.run(
        ["env", "-i", f"HOME={tmp_path}", *words, "/bin/sh", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )


def test_there_is_a_line_for_each_country_of_the_theme(cron):
    result = cron("rank")
    assert {zone for zone, _, _ in entries(result.out)} == {zone for zone, _, _ in TIMES.values()}
    assert result.err == ""


@pytest.mark.parametrize("country", TIMES)
def test_a_job_starts_when_its_markets_bars_are_final(cron, country):
    zone, fields, calendar = TIMES[country]
    ((found_zone, found_fields, command),) = entries(cron("rank", "--market", country).out)
    assert (found_zone, found_fields) == (zone, fields)
    assert f"--market {country}" in command
    assert f"OnCalendar={calendar} {zone}\n" in cron("rank", "--market", country, "--systemd").out


def test_a_market_that_settles_past_midnight_has_its_job_on_the_next_day(cron, tmp_path):
    config = tmp_path / "config"
    config.mkdir()
    (config / "markets.yaml").write_text(
        "markets:\n  - {id: TSE, country: JP, title: T, suffixes: [.T], calendar: XTKS, time_zone: Asia/Tokyo,\n"
        "     currency: JPY, benchmark: ^N225, final_after_minutes: 600}\n",
        "utf-8",
    )
    env = {"SCREENER_CONFIG_DIR": str(config)}
    # 15:30 + 10 h + 15 min = 01:45 on Tuesday to Saturday
    ((_, fields, _),) = entries(cron("rank", "--market", "JP", env=env).out)
    assert fields == "45 1 * * 2-6"
    assert "OnCalendar=Tue..Sat 01:45 Asia/Tokyo" in cron("rank", "-m", "JP", "--systemd", env=env).out


@pytest.mark.parametrize(
    ("zone", "country", "there"),
    [
        # New York 17:15 is 22:15 UTC in winter, 21:15 in summer: the later is safe all year
        ("UTC", "US", "15 22 * * 1-5 (UTC)"),
        # and 07:15 of the next day in Seoul in winter
        ("Asia/Seoul", "US", "15 7 * * 2-6 (KST)"),
        # Seoul 16:45 is 02:45 in New York in winter, 03:45 in summer
        ("America/New_York", "KR", "45 3 * * 1-5 (EDT)"),
        # and 20:45 of the day before in Honolulu's 21:45 (UTC-10, no summer time): Sunday to Thursday
        ("Pacific/Honolulu", "KR", "45 21 * * 0-4 (HST)"),
    ],
)
def test_the_time_for_a_cron_without_time_zones_is_told(cron, monkeypatch, zone, country, there):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert there in cron("rank", "--market", country).out
    finally:
        monkeypatch.undo()
        time.tzset()


def test_every_word_that_names_a_file_is_absolute(cron, tmp_path):
    theme = Path("mine.yaml")
    shutil.copy(Path(__file__).parents[2] / "config" / "themes" / "deepseek-r1.yaml", theme)
    prices = Path("prices.csv")
    prices.write_text("date,symbol,close\n", "utf-8")
    args = ("rank", "--market", "KR", "-o", "out.csv", "--theme", theme.name, "--source")
    theme = Path("./mine.yaml")
    ((_, _, command),) = entries(cron(*args, "./prices.csv").out)
    here = tmp_path / "here"
    assert f"--theme {here / 'mine.yaml'} " in command
    assert f"--source {here / 'prices.csv'} " in command
    assert f"--output {here / 'out.csv'}" in command
    assert "fetch" not in command
    for word in ("flock", "mkdir", "date"):
        assert all(
            match.endswith(f"/{word}")
            for match in re.findall(rf"(?<![\w/])(\S*/{word}|{word})\b(?= )", command)
        )


def test_several_countries_write_a_file_each_and_one_writes_the_file_named(cron, tmp_path):
    here = tmp_path / "here"
    commands = [command for _, _, command in entries(cron("rank", "-o", "out.csv").out)]
    assert sorted(re.search(r"--output (\S+?)'", command)[1] for command in commands) == [
        str(here / f"out-{country}.csv") for country in sorted(TIMES)
    ]
    ((_, _, command),) = entries(
        cron("rank", "-o", "~/out.csv", "--market", "US", env={"HOME": "/home/me"}).out
    )
    assert "--output /home/me/out.csv" in command


def test_without_a_job_it_is_a_report_after_a_fetch(cron, tmp_path):
    ((_, _, command),) = entries(cron("--market", "KR").out)
    fetch, report = command.index(" fetch "), command.index(" report ")
    assert fetch < report
    assert f"--output {tmp_path / 'here' / 'deepseek-r1.html'}" in command
    assert "&&" not in command[fetch:report]


@pytest.mark.parametrize(
    ("args", "fetches"),
    [
        (["alerts"], True),
        (["rank", "--source", "store"], True),
        (["rank", "--offline"], False),
        (["rank", "--source", "sample"], False),
        (["fetch"], True),
    ],
)
def test_a_fetch_comes_first_where_it_does_good(cron, args, fetches):
    ((_, _, command),) = entries(cron(*args, "--market", "KR").out)
    assert command.count(" fetch ") == fetches


def test_a_country_of_which_only_some_markets_are_wanted_is_named_by_them(cron):
    ((_, _, command),) = entries(cron("rank", "--market", "KOSPI").out)
    assert "--market KOSPI" in command
    assert "rank-deepseek-r1-KOSPI.log" in command


def test_settings_that_cron_would_not_know_are_passed_on_and_passing_ones_are_not(cron):
    env = {
        "SCREENER_PRICE": "close",
        "SCREENER_AS_OF": "2025-02-03",
        "SCREENER_NOTIFY": "json://secret",
        "XDG_CACHE_HOME": "/x y",
        "LC_ALL": "ko_KR.UTF-8",
    }
    ((_, _, command),) = entries(cron("rank", "--market", "KR", env=env).out)
    assert "SCREENER_PRICE=close" in command
    assert "XDG_CACHE_HOME='/x y'" in command
    assert "SCREENER_LANG=ko" in command
    assert "2025-02-03" not in command
    assert "secret" not in command
    assert "SCREENER_NOTIFY=json://secret" in entries(cron("alerts", "--market", "KR", env=env).out)[0][2]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["rnk"], "did you mean rank?"),
        (["rank", "--wher", "x"], "--where"),
        (["rank", "--as-of", "2025-13-01"], "YYYY-MM-DD"),
        (["rank", "--market", "XX"], "unknown market"),
        (["rank", "--market", "XETRA"], "has no security there"),
        (["rank", "--theme", "nosuch"], "no theme"),
        (["rank", "-o", "a\nb.csv"], "line break"),
        (["rank", "-o", "a\nb.csv", "--systemd"], "line break"),
    ],
)
def test_a_slip_is_told_when_printing_and_not_at_night(cron, args, said):
    result = cron(*args)
    assert (result.code, result.out) == (2, "")
    assert said in result.err


def test_a_printed_line_runs_in_a_bare_shell_and_writes_the_file(cron, tmp_path, program_env):
    env = {"SCREENER_CACHE_DIR": program_env["SCREENER_CACHE_DIR"]}
    ((_, _, command),) = entries(cron("rank", "-m", "US", "--source", "sample", "-o", "out.csv", env=env).out)
    done = bare(command, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with (tmp_path / "here" / "out.csv").open(encoding="utf-8") as file:
        assert {row["market"] for row in csv.DictReader(file)} == {"US"}
    assert (tmp_path / "state" / "log" / "rank-deepseek-r1-US.log").read_text("utf-8")


HOSTILE = 'it\'s 100% $HOME `id` "q" ; 한글 \\ %F'


def test_hostile_names_reach_the_program_as_they_are(cron, tmp_path, program_env, monkeypatch):
    folder = tmp_path / HOSTILE
    folder.mkdir()
    monkeypatch.chdir(folder)
    where = 'symbol == NVDA or name contains "100% $HOME `id`"'
    env = {
        "SCREENER_CACHE_DIR": program_env["SCREENER_CACHE_DIR"],
        "SCREENER_STATE_DIR": str(folder / "state"),
    }
    args = ("rank", "-m", "US", "--source", "sample", "-o", f"{HOSTILE}.csv", "--where", where)
    ((_, _, command),) = entries(cron(*args, env=env).out)
    done = bare(command, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "\nNVDA" not in (folder / f"{HOSTILE}.csv").read_text("utf-8").splitlines()[0]
    assert ",NVDA," in (folder / f"{HOSTILE}.csv").read_text("utf-8")
    assert (folder / "state" / "log").is_dir()


def test_systemd_reads_the_same_command(cron, tmp_path, program_env):
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze")
    env = {"SCREENER_CACHE_DIR": program_env["SCREENER_CACHE_DIR"]}
    args = ("rank", "-m", "US", "--source", "sample", "-o", f"{HOSTILE}.csv")
    ((_, _, command),) = entries(cron(*args, env=env).out)
    text = cron(*args, "--systemd", env=env).out
    exec_start = re.search(r"^ExecStart=/bin/sh -c (.*)$", text, re.MULTILINE)[1]
    assert unquoted_by_systemd(exec_start) == command
    unit = tmp_path / "screener-test.service"
    unit.write_text(text.split("# screener-rank", 2)[1].split("\n", 1)[1], "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    assert "screener-test.service:" not in done.stderr
    for _, _, calendar in TIMES.values():
        subprocess.run(["systemd-analyze", "calendar", calendar], check=True, capture_output=True)


def unquoted_by_systemd(word):
    """What systemd makes of one double-quoted word (systemd.service(5), systemd.syntax(7))."""
    assert word[0] == word[-1] == '"'
    inner = re.sub(r"\\(.)", r"\1", word[1:-1])
    assert not re.search(r'(?<!\\)(?:\\\\)*"', word[1:-1])
    return inner.replace("%%", "%").replace("$$", "$")


def test_the_exit_code_is_the_jobs_and_a_failure_is_told_on_stdout(cron, tmp_path, program_env):
    env = {"SCREENER_CACHE_DIR": program_env["SCREENER_CACHE_DIR"]}
    args = ("rank", "-m", "KR", "--source", "./nothing.csv", "-o", "out.csv")
    ((_, _, command),) = entries(cron(*args, env=env).out)
    done = bare(command, tmp_path)
    assert done.returncode == 2
    log = tmp_path / "state" / "log"
    assert done.stdout == f"rank-deepseek-r1-KR ended with 2, see rank-deepseek-r1-KR.log in {log}\n"
    assert "nothing.csv" in (log / "rank-deepseek-r1-KR.log").read_text("utf-8")


def store_until(day, symbols):
    """Put closes of the sample into the price store, up to a day."""
    import pandas as pd
    import pyarrow as pa

    from screener.sources import storefile

    series = {symbol: [point for point in closes()[symbol] if point[0] <= day] for symbol in symbols}
    fetched = datetime(day.year, day.month, day.day, 23, tzinfo=UTC)
    bars = pd.DataFrame(
        [
            {"date": pd.Timestamp(at), "symbol": symbol, "close": close, "final": True, "fetched_at": fetched}
            for symbol, points in series.items()
            for at, close in points
        ]
    ).reindex(columns=storefile.schema().names)
    known = {
        symbol: storefile.Known(
            symbol=symbol,
            asked_from=date(2020, 1, 1),
            asked_through=day,
            last_date=points[-1][0],
            fetched_at=fetched,
        )
        for symbol, points in series.items()
    }
    storefile.folder().mkdir(parents=True)
    storefile.write("US", storefile.Shelf(pa.Table.from_pandas(bars, storefile.schema()), known))


def test_a_failing_fetch_still_yields_a_report_from_what_is_stored_dated_as_such(
    cron, tmp_path, program_env, monkeypatch
):
    cache, computed = tmp_path / "cache", Path(program_env["SCREENER_CACHE_DIR"]) / "sessions"
    if computed.is_dir():  # by tests before this one: saves seconds
        shutil.copytree(computed, cache / "sessions")
    monkeypatch.setenv("SCREENER_CACHE_DIR", str(cache))
    store_until(date(2025, 2, 28), ["NVDA", "SPY"])
    # the fetcher gives up at once, and a proxy that is not there lets no request out
    env = {"SCREENER_FETCH_RETRIES": "0", "SCREENER_FETCH_TIMEOUT": "1"}
    ((_, _, command),) = entries(cron("--market", "US", "-o", "out.txt", env=env).out)
    closed = dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
    done = bare(command, tmp_path, **closed)
    log = (tmp_path / "state" / "log" / "report-deepseek-r1-US.log").read_text("utf-8")
    assert (done.returncode, done.stdout) == (0, ""), log
    assert "network" in log
    report = (tmp_path / "here" / "out.txt").read_text("utf-8")
    assert "2025-02-28" in report
    # 116.66 / 142.62 - 1, the lowest close to that day
    assert "-18.20%" in report


@pytest.mark.skipif(not shutil.which("flock"), reason="no flock here; our own lock is tested below")
def test_two_runs_do_not_overlap(cron, tmp_path, program_env):
    env = {"SCREENER_CACHE_DIR": program_env["SCREENER_CACHE_DIR"]}
    args = ("rank", "-m", "US", "--source", "sample", "-o", "out.csv")
    ((_, _, command),) = entries(cron(*args, env=env).out)
    log = tmp_path / "state" / "log"
    log.mkdir(parents=True)
    with subprocess.Popen(
        ["flock", "-n", str(log / "rank-deepseek-r1-US.lock"), "sh", "-c", "echo held; exec cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout.readline() == b"held\n"
        done = bare(command, tmp_path)
        holder.stdin.close()
    assert done.returncode == 1
    assert "ended with 1" in done.stdout
    assert not (tmp_path / "here" / "out.csv").exists()
    assert bare(command, tmp_path).returncode == 0


def test_without_flock_our_own_lock_takes_its_place(cron, tmp_path, program_env, monkeypatch):
    which = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "flock" else which(name))
    env = {"SCREENER_CACHE_DIR": program_env["SCREENER_CACHE_DIR"]}
    args = ("rank", "-m", "US", "--source", "sample", "-o", "out.csv")
    ((_, _, command),) = entries(cron(*args, env=env).out)
    assert f"{sys.executable} -P -m screener.cli.locked" in command
    assert bare(command, tmp_path).returncode == 0
    assert (tmp_path / "here" / "out.csv").exists()


def test_our_own_lock_lets_one_in_and_returns_its_exit_code(tmp_path, capfd):
    lock = str(tmp_path / "lock")
    assert locked([lock, "sh", "-c", "exit 4"]) == 4
    inner = [sys.executable, "-m", "screener.cli.locked", lock, "echo", "in"]
    assert locked([lock, *inner]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert f"{lock} is held" in err


def test_nothing_is_installed_and_nothing_is_written(cron, tmp_path):
    cron("rank")
    cron("rank", "--systemd")
    assert not (tmp_path / "state").exists()
    assert list((tmp_path / "here").iterdir()) == []


def test_a_command_too_long_for_some_crons_is_told(cron):
    long = "recovery < 50%" + " or recovery < 50%" * 60
    result = cron("rank", "--market", "KR", "--where", long)
    assert "some crons refuse" in result.out
    assert "some crons refuse" not in cron("rank", "--market", "KR").out
