"""How a fetch goes, on stderr: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from screener.cli.options import Output
    from screener.sources.outcome import Progress

#: seconds between two plain lines
_EVERY = 10.0
_WIDTH = 24


@contextmanager
def fetching(output: Output, text: str) -> Iterator[Callable[[Progress], None] | None]:
    """Show `text`, and the progress of a fetch once there is one; nothing with --quiet."""
    if output.quiet:
        yield None
    elif sys.stderr.isatty():
        from screener.cli.output import stderr

        with stderr().status(text) as status:
            yield lambda progress: status.update(f"{bar(progress)} {line(progress)}")
    else:
        yield _plain_lines()


def line(progress: Progress) -> str:
    """Say where a fetch stands: done, failed, rate, time left."""
    if not progress.total:
        return progress.note
    parts = [f"{progress.done}/{progress.total} securities"]
    if progress.failed:
        parts.append(f"{progress.failed} failed")
    if progress.done:
        parts.append(f"{progress.rate:.1f}/s")
    if progress.seconds_left and progress.done < progress.total:
        parts.append(f"{_span(progress.seconds_left)} left")
    if progress.note:
        parts.append(progress.note)
    return ", ".join(parts)


def bar(progress: Progress) -> str:
    """Draw how much is done."""
    full = round(_WIDTH * progress.done / progress.total) if progress.total else 0
    return "█" * full + "░" * (_WIDTH - full)


def _plain_lines() -> Callable[[Progress], None]:
    """Print a line at the end, every ten seconds before, and whenever something is to be waited for."""
    printed, noted, ended = time.monotonic(), "", False

    def tell(progress: Progress) -> None:
        nonlocal printed, noted, ended
        note = progress.note.partition(" in ")[0]
        over = bool(progress.total) and progress.done == progress.total
        if (over and not ended) or (note and note != noted) or time.monotonic() - printed >= _EVERY:
            print(f"screener: fetch: {line(progress)}", file=sys.stderr, flush=True)
            printed = time.monotonic()
        noted, ended = note, over

    return tell


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
