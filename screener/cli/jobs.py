"""One job as a shell command that needs nothing of its surroundings: cron's are bare."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screener.render.cron import Job

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screener.pipeline.schedule import Schedule

#: sources that a fetch beforehand does good
FETCHED = {"auto", "yahoo", "store"}
#: settings that stand in the command itself, or hold for the day of printing only
_LEFT_OUT = {f"SCREENER_{name}" for name in ("THEME", "SOURCE", "AS_OF", "NOW", "TEST_DATA", "VERBOSE")}
_FOLDERS = {"XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"}
_OWN_FOLDERS = {"SCREENER_CACHE_DIR", "SCREENER_CONFIG_DIR", "SCREENER_STATE_DIR"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to run for each market."""

    #: a command of the program, and its options less those below
    command: str
    options: tuple[str, ...]
    #: name of the theme, for files
    theme: str
    #: what --theme is given
    theme_word: str
    source: str
    output: Path | None

    def job(self, schedule: Schedule, *, alone: bool) -> Job:
        """Return the job for one country. Raises what the command itself would say of its options."""
        name = f"{self.command}-{self.theme}-{schedule.name}"
        chosen = ["--theme", self.theme_word]
        for word in schedule.words:
            chosen += ["--market", word]
        source = ["--source", self._source] if self.source != "auto" else []
        given = _checked(self.command, [*self.options, *chosen, *source])
        file = self._file(schedule, alone=alone, stdout=bool(given.get("stdout")))
        own = [self.command, *self.options, *chosen, *source, *(["--output", str(file)] if file else [])]
        steps = [f"{shutil.which('date') or 'date'} >&2"]
        if self.command == "fetch":
            steps.append(f"{_line(*_program(), *own)} >&2")
        else:
            if self.source in FETCHED and not given.get("offline"):
                # its own answer is for people; a failed fetch must not keep the job from what is stored
                steps.append(f"{_line(*_program(), 'fetch', *chosen, '--quiet')} >&2")
            steps.append(_line(*_program(), *own))
        return Job(f"screener-{name}", _guarded(name, "; ".join(steps), self.command), schedule)

    @property
    def _source(self) -> str:
        from screener.sources import NAMES

        return self.source if self.source in NAMES else str(Path(self.source).expanduser().absolute())

    def _file(self, schedule: Schedule, *, alone: bool, stdout: bool) -> Path | None:
        """Return the file that the job writes; a report without one gets one in the folder of now."""
        file = self.output
        if file is None:
            if self.command != "report" or stdout:
                return None
            file = Path(f"{self.theme}.html")
        file = file.expanduser().absolute()
        return file if alone else file.with_stem(f"{file.stem}-{schedule.name}")


def _checked(command: str, args: Sequence[str]) -> dict[str, Any]:
    """Read a command's options as it will, so that a slip is told now and not at night."""
    import typer.main

    from screener.cli.main import app

    commands: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    with commands[command].make_context(f"screener {command}", list(args)) as context:
        params: dict[str, Any] = context.params
    return params


def _program() -> tuple[str, ...]:
    """Return the absolute words that start the program."""
    script = Path(sys.executable).with_name("screener")
    if os.access(script, os.X_OK):
        return (str(script),)
    # -P: no file of the folder it starts in may stand in for a module
    return (sys.executable, "-P", "-m", "screener")


def _guarded(name: str, script: str, command: str) -> str:
    """Wrap a script: one at a time, its messages in a log, and a line on stdout where it fails."""
    from screener import settings

    folder = settings.state_folder().absolute() / "log"
    log, lock, where = shlex.quote(f"{name}.log"), f"{name}.lock", shlex.quote(str(folder))
    flock = shutil.which("flock")
    locked = (flock, "-n", lock) if flock else (sys.executable, "-P", "-m", "screener.cli.locked", lock)
    values = " ".join(f"{key}={shlex.quote(value)}" for key, value in _environment(command).items())
    run = " ".join(filter(None, (values, _line(*locked, "/bin/sh", "-c", script))))
    failed = f"{{ code=$?; echo {shlex.quote(name)} ended with $code, see {log} in {where}; exit $code; }}"
    return f"{shutil.which('mkdir') or 'mkdir'} -p {where} && cd {where} && {run} 2>>{log} || {failed}"


def _environment(command: str) -> dict[str, str]:
    """Return the settings in force now that cron would not know of."""
    from screener.labels import default_language

    left_out = _LEFT_OUT if command == "alerts" else _LEFT_OUT | {"SCREENER_NOTIFY"}
    kept = {
        name: value
        for name, value in sorted(os.environ.items())
        if value and (name in _FOLDERS or name.startswith("SCREENER_")) and name not in left_out
    }
    for name in _OWN_FOLDERS & kept.keys():
        kept[name] = str(Path(kept[name]).expanduser().absolute())
    if default_language() == "ko":
        kept.setdefault("SCREENER_LANG", "ko")
    return kept


def _line(*words: str) -> str:
    return shlex.join(words)
