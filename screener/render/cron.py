"""Jobs as lines of a crontab, and as units of systemd."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from screener.errors import UsageError
from screener.pipeline.schedule import MARGIN_MINUTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screener.pipeline.schedule import Schedule

#: what Vixie's cron, which Debian and BSD have, takes as one command
LONGEST_COMMAND = 998
_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
#: a day in winter and one in summer, wherever that is
_SEASONS = ((2025, 1, 15), (2025, 7, 16))


@dataclass(frozen=True, slots=True)
class Job:
    """A shell command, and when it runs."""

    name: str
    command: str
    schedule: Schedule


def crontab(jobs: Sequence[Job]) -> str:
    """Return lines for `crontab -e`, each in the time zone of its market.

    Raises UsageError for a command that no crontab can hold.
    """
    lines = ["# for `crontab -e`; nothing is installed by printing it"]
    for job in jobs:
        command = job.command.replace("%", r"\%")
        if "\n" in command:
            raise UsageError(f"{job.name}: a name or path with a line break; a crontab cannot hold it")
        if len(command) > LONGEST_COMMAND:
            lines.append(
                f"# some crons refuse a command of {len(command)} characters; --systemd has no such limit"
            )
        schedule = job.schedule
        lines += [
            "",
            f"# {_reason(schedule)}",
            f"CRON_TZ={schedule.time_zone}",
            f"# a cron without CRON_TZ (Debian's, BSD's) keeps this machine's time; there: {_machine_time(schedule)}",
            f"{_fields(schedule.time, schedule.weekdays)} {command}",
        ]
    return "\n".join(lines) + "\n"


def systemd(jobs: Sequence[Job]) -> str:
    """Return a service and a timer for each job, headed by the names of their files.

    Raises UsageError for a command that a unit cannot hold.
    """
    parts = ["# for ~/.config/systemd/user; nothing is installed by printing it\n"]
    for job in jobs:
        if "\n" in job.command:
            raise UsageError(f"{job.name}: a name or path with a line break; a unit cannot hold it")
        hour, minute = job.schedule.time
        parts.append(
            f"# {job.name}.service\n"
            f"[Unit]\nDescription={_literal(job.name)}\n\n"
            f"[Service]\nType=oneshot\nExecStart=/bin/sh -c {_quoted(job.command)}\n"
        )
        parts.append(
            f"# {job.name}.timer: {_reason(job.schedule)}\n"
            f"[Unit]\nDescription={_literal(job.name)}\n\n"
            f"[Timer]\nOnCalendar={_days(job.schedule.weekdays)} {hour:02}:{minute:02} {job.schedule.time_zone}\n"
            "Persistent=true\n\n[Install]\nWantedBy=timers.target\n"
        )
    names = " ".join(f"{job.name}.timer" for job in jobs)
    parts.append(f"# then: systemctl --user daemon-reload && systemctl --user enable --now {names}\n")
    return "\n".join(parts)


def _reason(schedule: Schedule) -> str:
    hour, minute = divmod(schedule.close, 60)
    final = schedule.start - schedule.close - MARGIN_MINUTES
    return (
        f"{', '.join(schedule.markets)}: usual close {hour:02}:{minute:02} {schedule.time_zone}, "
        f"bars final {final} minutes later, {MARGIN_MINUTES} more for delays"
    )


def _fields(time: tuple[int, int], weekdays: Sequence[int]) -> str:
    """Return the five fields of a crontab, Sunday 0."""
    hour, minute = time
    return f"{minute} {hour} * * {_ranges(sorted((day + 1) % 7 for day in weekdays))}"


def _machine_time(schedule: Schedule) -> str:
    """Return the fields in this machine's time zone: of summer and winter time the later."""
    hour, minute = schedule.time
    starts = (datetime(*day, hour, minute, tzinfo=ZoneInfo(schedule.time_zone)) for day in _SEASONS)
    moved = []
    for start in starts:
        there = start.astimezone()
        days = (there.date() - start.date()).days
        moved.append((timedelta(days=days, hours=there.hour, minutes=there.minute), there))
    offset, there = max(moved, key=lambda item: item[0])
    weekdays = [(day + offset.days) % 7 for day in schedule.weekdays]
    return f"{_fields((there.hour, there.minute), weekdays)} ({there.tzname()})"


def _ranges(numbers: Sequence[int]) -> str:
    """Return ascending numbers as cron writes them: 1-5, or 0-2,4."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _days(weekdays: Sequence[int]) -> str:
    if list(weekdays) == list(range(weekdays[0], weekdays[-1] + 1)) and len(weekdays) > 1:
        return f"{_NAMES[weekdays[0]]}..{_NAMES[weekdays[-1]]}"
    return ",".join(_NAMES[day] for day in weekdays)


def _literal(text: str) -> str:
    return text.replace("%", "%%")


def _quoted(command: str) -> str:
    """Quote a word of ExecStart: systemd itself reads quotes, backslashes, % and $ there."""
    escaped = command.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_literal(escaped).replace("$", "$$")}"'
