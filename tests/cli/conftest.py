"""Run the program as a user does, in this process."""

import io
import os
import sys
from dataclasses import dataclass

import pytest

from screener.cli.main import main


@dataclass(frozen=True)
class Run:
    """What one run of the program left behind."""

    code: int
    out: str
    err: str


class _Stdin(io.StringIO):
    def isatty(self):
        return False


@pytest.fixture
def run(monkeypatch, capsys):
    """Return a function that runs `screener ARGS` with 80 columns and no colours, and gives code, stdout, stderr."""

    def runner(*args, stdin="", columns=80, env=None):
        monkeypatch.setattr(sys, "argv", ["screener", *map(str, args)])
        monkeypatch.setattr(sys, "stdin", _Stdin(stdin))
        for name, value in {
            "COLUMNS": str(columns),
            "NO_COLOR": "1",
            "LC_ALL": "C.UTF-8",
            **(env or {}),
        }.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Run(ended.value.code or 0, captured.out, captured.err)

    return runner


@pytest.fixture
def golden(request):
    """Return a function that holds text against tests/golden/NAME; WRITE_GOLDEN=1 writes it anew."""
    folder = request.config.rootpath / "tests" / "golden"

    def check(name, text):
        path = folder / name
        if os.environ.get("WRITE_GOLDEN"):
            path.write_text(text, "utf-8")
        assert text == path.read_text("utf-8"), (
            f"{name} drifted; look at the difference, then WRITE_GOLDEN=1 pytest"
        )

    return check
