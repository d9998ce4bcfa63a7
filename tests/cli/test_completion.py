"""What the shell offers behind Tab."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("screener ra", ["rank"]),
        ("screener themes deep", ["deepseek-r1"]),
        ("screener rank --theme d", ["deepseek-r1"]),
        ("screener rank --category kr_ai", ["kr_ai_software", "kr_ai_cloud"]),
        ("screener rank --market KOS", ["KOSPI", "KOSDAQ"]),
        ("screener rank --sort pre", ["pre_high", "pre_high_date"]),
        ("screener rank --columns symbol,trough", ["symbol,trough_date", "symbol,trough_close"]),
        ("screener rank --source s", ["store", "sample"]),
        ("screener rank 0006", ["000660.KS"]),
        ("screener show NVD", ["NVDA"]),
        ("screener show NVDA --explain reb", ["rebound"]),
    ],
)
def test_tab_offers_what_can_follow(typed, offered, program_env):
    env = program_env | {
        "_SCREENER_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(typed.count(" ")),
    }
    code = "import sys; sys.argv = ['screener']; from screener.cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=env)
    assert (done.stdout.split(), done.stderr) == (offered, "")
