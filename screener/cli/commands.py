"""The commands by name, each imported when it is asked for: `screener rank` need not know how a report is made."""

from __future__ import annotations

from collections import UserDict
from importlib import import_module
from typing import Any

import typer.main

from screener.cli.help import Command, Group

#: in the order of the help; each is a module of this package with a function, or a group `app`, of that name
NAMES = (
    "rank",
    "show",
    "score",
    "claims",
    "report",
    "alerts",
    "cron",
    "themes",
    "fetch",
    "doctor",
    "columns",
)


class Commands(UserDict[str, Any]):
    """A mapping of all names whose values are made on first use."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(NAMES))

    def __getitem__(self, name: str) -> Any:
        if self.data[name] is None:
            self.data[name] = command(name)
        return self.data[name]


class Program(Group):
    """The program: a group of all commands."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings | {"commands": Commands()})

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer's signature
        """Return the names without making the commands."""
        return list(NAMES)


def command(name: str) -> Any:
    """Make one command from its module."""
    module = import_module(f"screener.cli.{name}")
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        settings = getattr(module, "SETTINGS", None)
        app.command(name, cls=Command, epilog=module.EXAMPLES, context_settings=settings)(
            getattr(module, name)
        )
    made: Any = typer.main.get_command(app)
    made.name = name
    return made
