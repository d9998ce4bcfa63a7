"""stdout carries the answer and nothing else; everything about it goes to stderr."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from screener.errors import UsageError
from screener.labels import Labels, default_language, labels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from rich.console import Console, RenderableType

    from screener.cli.options import Output
    from screener.model import Format
    from screener.pipeline.screening import Screening


def texts(output: Output) -> Labels:
    """Return the texts of the language asked for, or of the locale's."""
    return labels(output.lang or default_language())


def chosen_format(output: Output) -> Format:
    """Return the format asked for; else by the file's ending; else a table on a terminal and CSV in a pipe."""
    if output.format:
        return output.format
    if output.output:
        from screener.render.export import ENDINGS

        ending = output.output.suffix.lower()
        if ending not in ENDINGS:
            raise UsageError(
                f"--output {output.output}: no format has the ending {ending or '(none)'!r}; "
                f"expected {', '.join(ENDINGS)}, or give --format"
            )
        return ENDINGS[ending]
    return "table" if sys.stdout.isatty() else "csv"


def emit(answer: str | bytes, output: Output) -> None:
    """Write text or bytes to stdout, or whole to the file asked for."""
    if output.output:
        write_file(output.output, answer)
    elif isinstance(answer, bytes):
        if sys.stdout.isatty():
            raise UsageError("--format parquet: would fill the terminal with bytes; give -o FILE or a pipe")
        sys.stdout.buffer.write(answer)
    else:
        sys.stdout.write(answer)
    sys.stdout.flush()


def write_file(path: Path, content: str | bytes) -> None:
    """Write a file in one step, so that a reader never sees half of it."""
    from screener.wholefile import write_whole

    try:
        write_whole(path, content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise UsageError(
            f"--output {path}: cannot be written ({error.strerror}); expected a folder that can be"
        ) from None


def draw(drawing: Callable[[int], RenderableType], output: Output) -> None:
    """Draw on the terminal in its width and colours, or as plain text into the file."""
    from rich.console import Console

    if output.output:
        import io

        console = Console(file=io.StringIO(), width=terminal_columns(default=120), color_system=None)
        console.print(drawing(console.width), soft_wrap=False)
        emit(_trimmed(console.file.getvalue()), output)  # type: ignore[attr-defined]
        return
    console = Console(highlight=False)
    if console.is_terminal:
        console.print(drawing(console.width))
        return
    with console.capture() as captured:
        console.print(drawing(console.width))
    emit(_trimmed(captured.get()), output)


def notices(lines: Iterable[str], output: Output, *, always: bool = False) -> None:
    """Say what went wrong on the way on stderr, a line each; --quiet keeps all of it back."""
    if output.quiet and not always:
        return
    for line in lines:
        print(f"screener: {printable(line)}", file=sys.stderr)


def tell(screening: Screening, output: Output) -> None:
    """Say a screening's notices; its failures each with --verbose, else only their number in the caption."""
    notices(screening.notices, output)
    if output.verbose:
        notices((f"{failure.symbol}: {failure.reason}" for failure in screening.failures), output)


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """Show on a terminal's stderr that something is being done; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield
        return
    with stderr().status(text):
        yield


def stderr() -> Console:
    """Return a console for everything that is not the answer."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def printable(text: str) -> str:
    """Return text without control characters, so that no file can steer the terminal."""
    return "".join(
        sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in text
    )


def _trimmed(text: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def terminal_columns(default: int) -> int:
    """Return the width that COLUMNS asks for."""
    given: Any = os.environ.get("COLUMNS", "")
    return int(given) if given.isdigit() and int(given) else default
