"""Help as plain text: one line, the options in their groups, then real examples.

typer's own boxes cost as much time to import as everything else that `--help` does, and break examples up.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from collections.abc import Iterable


class Command(TyperCommand):
    """A command whose help shows its options in groups and its examples as they are typed."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write a section a group of options."""
        _write_options(self.get_params(ctx), ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer's signature
        """Write the examples a line each, not as flowing text."""
        _write_examples(self.epilog, formatter)


class Group(TyperGroup):
    """A group of commands with help of the same kind."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write its commands, then its options."""
        self.format_commands(ctx, formatter)
        _write_options(self.get_params(ctx), ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer's signature
        """Write the examples a line each, not as flowing text."""
        _write_examples(self.epilog, formatter)


def examples(*commands: str) -> str:
    """Return the end of a command's help: real calls, a line each."""
    return "\n".join(commands)


def _write_options(params: Iterable[Any], ctx: Any, formatter: Any) -> None:
    sections: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for param in params:
        record = param.get_help_record(ctx)
        if record is not None:
            kind = "Arguments" if param.param_type_name == "argument" else "Options"
            sections[getattr(param, "rich_help_panel", None) or kind].append(record)
    # what every command has comes after what is its own
    for title in sorted(sections, key=lambda title: title == "Options"):
        with formatter.section(title):
            formatter.write_dl(sections[title])


def _write_examples(epilog: str | None, formatter: Any) -> None:
    if epilog:
        with formatter.section("Examples"):
            for line in epilog.splitlines():
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
