"""Time the program against the imports that it cannot do without, in turn, and print medians and ratios.

`python -m tests.benchmarks [--runs 15] [NAME...]`
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

PYTHON = sys.executable


@dataclass(frozen=True)
class Case:
    """A command, what it is measured against, and the ratio that it should stay under."""

    name: str
    command: tuple[str, ...]
    against: tuple[str, ...]
    goal: float


def program(*args):
    return (PYTHON, "-m", "screener", *args)


def imports(names):
    return (PYTHON, "-c", f"import {names}")


def theme_prices():
    """Real prices of all 119 securities and indices of the theme where they are, else the bundled sample."""
    root = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("SCREENER_TEST_DATA") or root.parent / "shared" / "prices")
    file = folder / "theme-ohlcv.parquet"
    return (str(file), "--as-of", "2025-06-13") if file.is_file() else ("sample",)


CASES = (
    Case(
        "rank -f csv, warm",
        program("rank", "--source", "sample", "-f", "csv"),
        imports("pandas, pyarrow.parquet, typer, rich.table, yaml"),
        1.25,
    ),
    Case("--help", program("--help"), imports("typer, rich.table"), 1.5),
    Case("rank --help", program("rank", "--help"), imports("typer, rich.table"), 1.5),
    Case(
        "report, whole theme",
        program("report", "--stdout", "-f", "html", "--source", *theme_prices()),
        imports("pandas, matplotlib.figure, jinja2"),
        4.0,
    ),
)


def seconds(command, env):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    return time.perf_counter() - start


def measure(case, runs, env):
    """Run the two in turn, so that whatever else the machine does falls on both."""
    seconds(case.command, env)
    seconds(case.against, env)
    pairs = [(seconds(case.command, env), seconds(case.against, env)) for _ in range(runs)]
    return [statistics.median(column) for column in zip(*pairs, strict=True)] + [
        statistics.median(own / other for own, other in pairs)
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("names", nargs="*", help="only cases whose name begins so")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        env = os.environ | {"SCREENER_CACHE_DIR": cache, "SCREENER_STATE_DIR": cache}
        heads = f"{'case':24} {'program':>9} {'imports':>9} {'ratio':>6} {'goal':>6}"
        print(f"{heads}   (medians of {options.runs} runs each)")
        for case in CASES:
            if not options.names or any(case.name.startswith(name) for name in options.names):
                own, other, ratio = measure(case, options.runs, env)
                print(
                    f"{case.name:24} {own * 1000:6.0f} ms {other * 1000:6.0f} ms {ratio:6.2f} {case.goal:6.2f}"
                )


if __name__ == "__main__":
    main()
