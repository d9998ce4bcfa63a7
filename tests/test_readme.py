"""The README shows what the program really prints; `python -m tests.test_readme` writes its blocks anew."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from screener.cli.commands import NAMES

README = Path(__file__).parent.parent / "README.md"
#: a block of output begins with the command that printed it
BLOCK = re.compile(r"^```console\n\$ (?P<command>.+)\n(?P<output>(?:.*\n)*?)```$", re.MULTILINE)


def printed(command, env):
    """What a shell prints for a command of the README, 80 columns wide."""
    with tempfile.TemporaryDirectory() as folder:
        binary = Path(folder) / "screener"
        binary.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m screener "$@"\n', "utf-8")
        binary.chmod(0o755)
        done = subprocess.run(
            ["bash", "-c", command],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env=env | {"PATH": f"{folder}:{env['PATH']}", "PYTHONPATH": str(README.parent)},
        )
    return "".join(f"{line.rstrip()}\n" for line in (done.stdout + done.stderr).splitlines())


def blocks():
    return [match.groupdict() for match in BLOCK.finditer(README.read_text("utf-8"))]


@pytest.mark.parametrize("block", blocks(), ids=lambda block: block["command"])
def test_output_in_the_readme_is_what_the_program_prints(block, program_env):
    assert printed(block["command"], program_env) == block["output"], (
        "python -m tests.test_readme writes it anew"
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_command_stands_in_the_readme(name):
    assert f"screener {name}" in README.read_text("utf-8")


def test_python_in_the_readme_runs(monkeypatch, capsys):
    found = re.findall(r"^```python\n(.*?)^```$", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert found
    for code in found:
        exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - our own text


def rewrite():
    """Write every block of output anew."""
    env = dict(os.environ) | {"COLUMNS": "80", "LC_ALL": "C.UTF-8"}
    text = BLOCK.sub(
        lambda match: f"```console\n$ {match['command']}\n{printed(match['command'], env)}```",
        README.read_text("utf-8"),
    )
    README.write_text(text, "utf-8")


if __name__ == "__main__":
    rewrite()
