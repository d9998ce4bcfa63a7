"""Options that commands share: declared once as frozen dataclasses, spread over a command's signature."""

from __future__ import annotations

import functools
import inspect
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from screener.cli import complete
from screener.model import DEFAULT_THEME, Format, Lang, PriceBasis, ReturnModel, Side

if TYPE_CHECKING:
    from collections.abc import Callable

CHOICE, ROWS, PRICES, OUTPUT = "What to screen", "Which rows", "Prices", "Output"
STUDY = "Event study"


def iso_date(text: str) -> date:
    """Read YYYY-MM-DD."""
    if isinstance(text, date):  # typer hands a default through the parser too
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date; expected YYYY-MM-DD") from None


def span(text: str) -> timedelta:
    """Read an age: a number of minutes, hours or days, such as 90m, 12h or 2d."""
    if isinstance(text, timedelta):  # typer hands a default through the parser too
        return text
    units = {"m": "minutes", "h": "hours", "d": "days"}
    number, unit = text[:-1].strip(), text[-1:].lower()
    if unit not in units or not number.isdecimal() or len(number) > len("9999"):
        raise typer.BadParameter(f"{text!r} is no age; expected for example 90m, 12h or 2d")
    return timedelta(**{units[unit]: int(number)})


# options that more than one set of them has
ThemeOption = Annotated[
    str,
    typer.Option(
        "--theme",
        "-t",
        envvar="SCREENER_THEME",
        help="Theme by name, or the path of its YAML file.",
        metavar="NAME|FILE",
        autocompletion=complete.themes,
        rich_help_panel=CHOICE,
    ),
]
SourceOption = Annotated[
    str,
    typer.Option(
        "--source",
        "-s",
        envvar="SCREENER_SOURCE",
        help="auto, yahoo, store, sample, or a CSV or Parquet file or folder.",
        metavar="SOURCE",
        autocompletion=complete.sources,
        rich_help_panel=PRICES,
    ),
]
MaxAgeOption = Annotated[
    timedelta,
    typer.Option(
        "--max-age",
        envvar="SCREENER_MAX_AGE",
        parser=span,
        help="Stored prices younger than this will do: 90m, 12h, 2d.",
        metavar="AGE",
        show_default=False,
        rich_help_panel=PRICES,
    ),
]
CategoryOption = Annotated[
    list[str],
    typer.Option(
        "--category",
        "-c",
        help="Only this category; may be repeated.",
        metavar="ID",
        autocompletion=complete.categories,
        rich_help_panel=CHOICE,
    ),
]
MarketOption = Annotated[
    list[str],
    typer.Option(
        "--market",
        "-m",
        help="Only this market or country: KOSPI, US, KR; may be repeated.",
        metavar="ID",
        autocompletion=complete.markets,
        rich_help_panel=CHOICE,
    ),
]


@dataclass(frozen=True, slots=True)
class Terms:
    """What anything is measured by: theme, as-of date, prices."""

    theme: ThemeOption = DEFAULT_THEME
    as_of: Annotated[
        date | None,
        typer.Option(
            "--as-of",
            envvar="SCREENER_AS_OF",
            parser=iso_date,
            help="Nothing later enters any figure; without it, the newest close.",
            metavar="DATE",
            rich_help_panel=CHOICE,
        ),
    ] = None
    source: SourceOption = "auto"
    offline: Annotated[
        bool,
        typer.Option(
            "--offline", envvar="SCREENER_OFFLINE", help="Ask nothing of the network.", rich_help_panel=PRICES
        ),
    ] = False
    max_age: MaxAgeOption = timedelta(0)
    price: Annotated[
        PriceBasis,
        typer.Option(
            "--price",
            envvar="SCREENER_PRICE",
            help="Split-adjusted close, or with dividends put back in.",
            rich_help_panel=PRICES,
        ),
    ] = "close"


@dataclass(frozen=True, slots=True)
class Choice(Terms):
    """What is screened, on which terms."""

    side: Annotated[
        Side | None, typer.Option("--side", help="Only expected losers or winners.", rich_help_panel=CHOICE)
    ] = None
    category: CategoryOption = field(default_factory=list)
    market: MarketOption = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rows:
    """Which of the screened rows are shown, in which order, with which columns."""

    where: Annotated[
        str | None,
        typer.Option(
            "--where",
            "-w",
            help="Keep rows for which this holds: 'recovery < 50% and market == KOSPI'.",
            metavar="EXPR",
            rich_help_panel=ROWS,
        ),
    ] = None
    sort: Annotated[
        str | None,
        typer.Option(
            "--sort",
            help="Sort each side by this column.",
            metavar="COLUMN[:asc|:desc]",
            autocompletion=complete.columns,
            rich_help_panel=ROWS,
        ),
    ] = None
    top: Annotated[
        int | None,
        typer.Option("--top", "-n", min=1, help="Only the first N of each side.", rich_help_panel=ROWS),
    ] = None
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            help="Exactly these columns, in this order, or all.",
            metavar="a,b,c|all",
            autocompletion=complete.column_list,
            rich_help_panel=ROWS,
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class Study:
    """How abnormal returns are estimated, and over which sessions they are summed."""

    window: Annotated[
        str,
        typer.Option(
            "--window",
            envvar="SCREENER_WINDOW",
            help="Sessions to sum: day (0,0), week (0,4), clean, all, or first and last: -1,1.",
            metavar="NAME|A,B",
            autocompletion=complete.windows,
            rich_help_panel=STUDY,
        ),
    ] = "day"
    model: Annotated[
        ReturnModel,
        typer.Option(
            "--model",
            envvar="SCREENER_MODEL",
            help="What a normal return is: by the market, the market's own, or its mean.",
            rich_help_panel=STUDY,
        ),
    ] = "market"
    estimation: Annotated[
        str,
        typer.Option(
            "--estimation",
            envvar="SCREENER_ESTIMATION",
            help="Sessions before the event from which that is estimated.",
            metavar="A,B",
            rich_help_panel=STUDY,
        ),
    ] = "-130,-11"


# what every command that answers understands
LangOption = Annotated[
    Lang | None,
    typer.Option(
        "--lang",
        envvar="SCREENER_LANG",
        help="Language; the locale's without it.",
        rich_help_panel=OUTPUT,
    ),
]
StrictOption = Annotated[
    bool,
    typer.Option(
        "--strict",
        envvar="SCREENER_STRICT",
        help="Exit with 3 if securities lack prices.",
        rich_help_panel=OUTPUT,
    ),
]
QuietOption = Annotated[
    bool,
    typer.Option(
        "--quiet", "-q", envvar="SCREENER_QUIET", help="No notices on stderr.", rich_help_panel=OUTPUT
    ),
]
VerboseOption = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        envvar="SCREENER_VERBOSE",
        help="Every notice and failure; tracebacks of faults.",
        rich_help_panel=OUTPUT,
    ),
]


@dataclass(frozen=True, slots=True)
class Output:
    """Where the answer goes and what it looks like."""

    format: Annotated[
        Format | None,
        typer.Option(
            "--format",
            "-f",
            envvar="SCREENER_FORMAT",
            help="Without it: a table on a terminal, CSV in a pipe.",
            show_choices=True,
            rich_help_panel=OUTPUT,
        ),
    ] = None
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Write to this file; its ending chooses the format.",
            metavar="FILE",
            dir_okay=False,
            rich_help_panel=OUTPUT,
        ),
    ] = None
    lang: LangOption = None
    strict: StrictOption = False
    quiet: QuietOption = False
    verbose: VerboseOption = False


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the fields of its dataclass parameters as options, and hand them over gathered again."""
    hints = get_type_hints(command, include_extras=True)
    groups = {name: hint for name, hint in hints.items() if is_dataclass(hint)}
    parameters: list[inspect.Parameter] = []
    for parameter in inspect.signature(command).parameters.values():
        group = groups.get(parameter.name)
        if group is None:
            parameters.append(parameter.replace(annotation=hints[parameter.name]))
        else:
            parameters += _parameters(group)

    @functools.wraps(command)
    def spread_command(**given: Any) -> None:
        gathered = {
            name: group(**{f.name: given.pop(f.name) for f in fields(group)})  # type: ignore[operator]
            for name, group in groups.items()
        }
        command(**given, **gathered)

    spread_command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    spread_command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return spread_command


def _parameters(group: Any) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            f.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=[] if callable(f.default_factory) else f.default,
            annotation=hints[f.name],
        )
        for f in fields(group)
    ]
