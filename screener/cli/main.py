"""The program `screener`: its commands, its exit codes, and how it ends when something is wrong."""

from __future__ import annotations

import os
import sys
import warnings

import typer

from screener import __version__
from screener.cli.commands import Program
from screener.cli.help import examples
from screener.errors import EXIT_DONE, EXIT_FAULT, EXIT_INTERRUPTED, EXIT_USAGE, ScreenerError

app = typer.Typer(
    name="screener",
    help="Measure who lost, who won and who came back since an event shock, exchange by exchange.",
    epilog=examples("screener rank", "screener rank --help"),
    cls=Program,
    rich_markup_mode=None,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"screener {__version__}")
        raise typer.Exit


@app.callback()
def _program(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    pass


def main() -> None:
    """Run the program; every way in which it can end is here."""
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    for stream in (sys.stdout, sys.stderr):
        # under `env -i` the locale is C; what we write is UTF-8 all the same
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except typer.Abort:
        code = EXIT_INTERRUPTED
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    except BrokenPipeError:
        # the reader has what it wanted; what is still buffered must not fail at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = EXIT_DONE
    except Exception as error:  # noqa: BLE001 - the one place where a fault becomes an exit code
        code = _explain(error)
    sys.exit(code if isinstance(code, int) else EXIT_DONE)


def _explain(error: Exception) -> int:
    """Say in a line or two what is wrong, and return the exit code."""
    from screener.cli.output import printable

    # the base of all of typer's usage errors has no public name
    wrong_use = typer.BadParameter.__mro__[1]
    if verbose():
        import traceback

        traceback.print_exception(error)
    if isinstance(error, ScreenerError):
        text, code = str(error), error.exit_code
    elif isinstance(error, wrong_use):
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "screener"
        text, code = f"{error.format_message()}\nTry `{command} --help`.", EXIT_USAGE  # type: ignore[attr-defined]
    else:
        hint = "" if verbose() else "; run again with --verbose for the traceback"
        text, code = f"a fault of the program: {type(error).__name__}: {error}{hint}", EXIT_FAULT
    if text.strip():
        print(f"screener: {printable(text)}", file=sys.stderr)
    return code


def verbose() -> bool:
    """Tell whether tracebacks are wanted, whatever became of the command line."""
    return bool({"-v", "--verbose"} & set(sys.argv)) or bool(os.environ.get("SCREENER_VERBOSE"))
