"""`screener doctor`: what works and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from screener.cli.help import examples
from screener.cli.options import Output, spread
from screener.errors import EXIT_DONE, EXIT_USAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = examples("screener doctor", "screener doctor -f csv | grep -v ,good,")


@spread
def doctor(
    ctx: typer.Context,
    *,
    offline: Annotated[
        bool, typer.Option("--offline", envvar="SCREENER_OFFLINE", help="Ask nothing of the network.")
    ] = False,
    output: Output,
) -> None:
    """Look at versions, folders, calendars, store and network."""
    from screener.cli.output import chosen_format, draw, emit, texts, waiting
    from screener.pipeline.checkup import check_up
    from screener.render.checkup import checkup, checkup_text

    form, labels = chosen_format(output), texts(output)
    with waiting("Looking"):
        checks = check_up(variables(ctx.find_root().command), offline=offline)
    if form == "table":
        draw(lambda _: checkup(checks, labels), output)
    else:
        emit(checkup_text(checks, form), output)
    raise typer.Exit(EXIT_USAGE if any(check.state == "fault" for check in checks) else EXIT_DONE)


def variables(command: object) -> Iterator[str]:
    """Return the environment variables that stand for options of a command or of those under it."""
    for param in getattr(command, "params", ()):
        named = param.envvar
        yield from [named] if isinstance(named, str) else named or ()
    for child in getattr(command, "commands", {}).values():
        yield from variables(child)
