"""The program as a process of its own: pipes, cron's bare environment, signals, no network."""

import os
import signal
import subprocess
import sys
import time

import pytest


@pytest.fixture
def process(program_env):
    """Return a function that runs a shell line in which $S is the program."""

    def runner(line, **env):
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", line],
            capture_output=True,
            text=True,
            check=False,
            env={**program_env, "S": f"{sys.executable} -m screener", "SCREENER_SOURCE": "sample", **env},
        )

    return runner


def test_a_reader_that_closes_the_pipe_ends_it_quietly(process):
    done = process(
        "$S rank -q -f csv | head -1; $S rank -q -f csv --market KR | head -c 10; $S rank -q -f json | true"
    )
    assert done.stdout.startswith("rank,symbol,")
    assert done.stderr == ""


def test_a_pipe_gets_csv_and_nothing_else_on_stdout(process):
    done = process("$S rank --market US | tail -n +2 | cut -d, -f2 | sort -u | wc -l")
    assert int(done.stdout) > 30
    assert done.returncode == 0


def test_symbols_of_one_run_feed_the_next(process):
    done = process("$S rank --top 2 --side loser | cut -d, -f2 | $S rank - --columns symbol")
    assert len(done.stdout.split()) == 3


def test_it_runs_under_the_bare_environment_of_cron(process, program_env):
    kept = f"HOME={program_env['HOME']} SCREENER_CACHE_DIR={program_env['SCREENER_CACHE_DIR']}"
    done = process(f"cd / && env -i {kept} $S rank --source sample --lang ko -f table --top 1")
    assert done.returncode == 0, done.stderr
    assert "예상 피해주" in done.stdout


def test_no_color_and_a_dumb_terminal_are_respected(process):
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}, {}):
        assert "\x1b" not in process("$S rank -f table --top 1", **env).stdout


def test_the_version_is_told(process):
    from screener import __version__

    assert process("$S --version").stdout == f"screener {__version__}\n"


def test_an_interrupt_ends_it_with_130_and_no_traceback(program_env):
    # reading symbols from a stdin that never ends: where a user would press Ctrl-C
    command = [sys.executable, "-m", "screener", "rank", "-"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=program_env,
        text=True,
    ) as running:
        time.sleep(1.5)
        os.kill(running.pid, signal.SIGINT)
        out, err = running.communicate(timeout=20)
    assert running.returncode == 130
    assert (out, "Traceback" in err) == ("", False)


def test_a_fault_of_our_own_ends_with_1_and_one_line(process):
    broken = "import screener.cli.screens as s; s.screening_of = None"
    line = f"{sys.executable} -c \"{broken}; import sys; sys.argv=['screener','rank']; "
    line += 'from screener.cli.main import main; main()"'
    done = process(line)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "--verbose" in done.stderr
    assert "Traceback" in process(line.replace("'rank'", "'rank','-v'")).stderr
