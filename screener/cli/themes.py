"""`screener themes`: list them, show one, check a file, begin a new one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from screener.cli import complete
from screener.cli.help import Command, Group, examples
from screener.cli.options import Output, spread
from screener.errors import EXIT_USAGE

if TYPE_CHECKING:
    from screener.model import Theme
    from screener.taxonomy import ThemeFile


class _ThemeOrCommand(Group):
    """A group in which any other word is a theme to show: `screener themes deepseek-r1`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["show", *args]
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Offer the themes beside the commands."""
        # what typer calls an offer has no public name; its own offers tell
        offer = type(super().shell_complete(ctx, "")[0])
        return [*super().shell_complete(ctx, incomplete), *map(offer, complete.themes(incomplete))]


app = typer.Typer(
    cls=_ThemeOrCommand,
    rich_markup_mode=None,
    add_completion=False,
    help="List themes; show, check and begin one.",
    epilog=examples("screener themes", "screener themes deepseek-r1 --lang ko"),
    invoke_without_command=True,
    subcommand_metavar="[THEME|COMMAND] ...",
)


@app.callback(invoke_without_command=True)
def themes(ctx: typer.Context) -> None:
    """List the themes there are; with a theme's name, show its tree."""
    if ctx.invoked_subcommand is None:
        _list_themes()


@app.command(
    "show",
    cls=Command,
    epilog=examples("screener themes deepseek-r1", "screener themes deepseek-r1 -f csv | cut -d, -f3"),
)
@spread
def show_theme(
    theme: Annotated[str, typer.Argument(help="Name or file of a theme.", autocompletion=complete.themes)],
    *,
    output: Output,
) -> None:
    """Show a theme: its categories, theses and members."""
    from screener.cli.output import chosen_format, draw, emit, texts
    from screener.render.theme import theme_text, tree
    from screener.taxonomy import load_theme

    loaded, form, labels = load_theme(theme), chosen_format(output), texts(output)
    if form == "table":
        draw(lambda _: tree(loaded, labels), output)
    else:
        emit(theme_text(loaded, form), output)


@app.command(
    "check",
    cls=Command,
    epilog=examples(
        "screener themes check my-theme.yaml", "screener themes check ~/.config/screener/themes/*.yaml"
    ),
)
def check(
    files: Annotated[list[Path], typer.Argument(help="Theme files.", metavar="FILE...", exists=False)],
) -> None:
    """Check theme files and report all faults, as file:line: key: fault."""
    from screener.cli.output import printable
    from screener.taxonomy import check_theme, load_theme

    faulty = False
    for file in files:
        faults = check_theme(file)
        faulty = faulty or bool(faults)
        for fault in faults:
            print(printable(str(fault)))
        if not faults:
            theme = load_theme(str(file.absolute()))
            print(f"{file}: good: {len(theme.categories)} categories, {len(theme.members())} members")
    raise typer.Exit(EXIT_USAGE if faulty else 0)


@app.command(
    "new",
    cls=Command,
    epilog=examples(
        "screener themes new my-shock -o my-shock.yaml",
        "screener themes new my-shock > ~/.config/screener/themes/my-shock.yaml",
    ),
)
def new(
    name: Annotated[str, typer.Argument(help="Name of the theme, as in my-shock.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; without it, stdout.")
    ] = None,
) -> None:
    """Write a commented template of a theme."""
    from screener.cli.output import write_file
    from screener.errors import UsageError
    from screener.taxonomy.template import new_theme_text

    text = new_theme_text(name)
    if output is None:
        print(text, end="")
    elif output.exists():
        raise UsageError(
            f"--output {output}: exists already; expected a new file, so that none of yours is lost"
        )
    else:
        write_file(output, text)


@app.command(
    "schema",
    cls=Command,
    epilog=examples(
        "screener themes schema > theme.schema.json", "screener themes schema | jq '.[\"$defs\"] | keys'"
    ),
)
def schema() -> None:
    """Print the JSON Schema of theme files, so that editors complete and check."""
    import json

    from screener.taxonomy.schema import theme_schema

    print(json.dumps(theme_schema(), ensure_ascii=False, indent=2))


def _list_themes() -> None:
    from screener.cli.output import chosen_format, draw, emit, texts
    from screener.errors import FaultyFileError
    from screener.render.data import csv_records
    from screener.render.theme import theme_list, theme_records
    from screener.taxonomy import list_themes, read_theme

    output = Output()
    loaded: list[tuple[ThemeFile, Theme | None]] = []
    for file in list_themes():
        try:
            loaded.append((file, read_theme(file)))
        except FaultyFileError:
            loaded.append((file, None))
    labels = texts(output)
    if chosen_format(output) == "table":
        draw(lambda _: theme_list(loaded, labels), output)
    else:
        records = theme_records(loaded)
        emit(csv_records(tuple(records[0]), records), output)
