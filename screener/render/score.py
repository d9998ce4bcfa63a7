"""The scorecard for a terminal: categories by side, how sure each verdict is, every test, the tally."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from screener.columns import TABLES, TEST_NAMES
from screener.model import SIDES
from screener.pipeline.score import LEVEL, VERDICT_TEST
from screener.pipeline.study import named
from screener.render.caption import caption_lines, metadata, study_line, window_text
from screener.render.chart import band_chart
from screener.render.grid import GridColumn, fitting, grid
from screener.render.values import EMPTY, human, inert, is_empty

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType

    from screener.analytics.category_tests import CaarPath
    from screener.labels import Labels
    from screener.pipeline.score import Scorecard
    from screener.pipeline.screening import Screening

KNOWN = {column.name: column for column in TABLES["score"]}
#: narrowest id of a category that can still be told apart, in terminal cells
ID_CELLS = 16
#: columns in the order in which they stand, with the place in the queue for room (lower comes first)
LAYOUT = (
    ("category", 0),
    ("basis", 10),
    ("n", 1),
    ("median_event_return", 5),
    ("share_expected", 4),
    ("aar", 2),
    ("caar_week", 6),
    ("caar_clean", 7),
    ("caar", 2),
    ("correlation", 9),
    ("statistic", 8),
    ("p", 3),
    ("verdict", 0),
)
VERDICT_STYLE = {"supported": "green", "contradicted": "red", "undecided": "dim"}
#: wider is no easier to read
CHART_CELLS = 120
#: p from here on is told in parts of 100, smaller ones in parts of 1,000
COARSE = 0.1


def scorecard(card: Scorecard, labels: Labels, width: int, *, tests: bool = False) -> RenderableType:
    """Return the tables, how sure the verdicts are, the tally and the caption; every test if asked for."""
    labels = labels.for_table("score")
    parts: list[RenderableType] = []
    categories = card.table[card.table["kind"] == "category"]
    for side in SIDES:
        rows = categories[categories["side"] == side]
        parts += _section(card, f"{labels.of('sides', side)} ({len(rows)})", rows, labels, width)
    spreads = card.table[card.table["kind"] == "spread"]
    parts += _section(card, labels.word("spreads"), spreads, labels, width)
    parts += [Text(labels.word("how_sure"), style="bold"), _sureness(card.table, labels), Text()]
    if tests:
        parts += [
            Text(labels.word("every_test"), style="bold"),
            _every_test(categories, labels, width),
            Text(),
        ]
    parts += [Text(line, style="bold") for line in tally_lines(card, labels)]
    return Group(*parts, Text("\n".join(_caption(card, labels)), style="dim"))


def sure_text(row: pd.Series, labels: Labels) -> str:
    """Return in words how sure a row's verdict is."""
    reservation, p = row["reservation"], row["p"]
    if reservation in {"single", "none", "untested"}:
        return labels.of("sure", reservation)
    said = [labels.of("sure", "mixed" if reservation == "mixed" else row["verdict"]), _odds(p, labels)]
    if reservation == "few":
        key = "few_spread" if row["kind"] == "spread" else "few"
        said.append(labels.of("sure", key).format(n=row["n"]))
    return " · ".join(said)


def tally_lines(card: Scorecard, labels: Labels) -> list[str]:
    """Return how many categories came out which way, those that the article states first."""
    return [
        labels.word("tallied", basis=f"{labels.of('tallies', basis)} ({sum(counts.values())})", **counts)
        for basis, counts in card.tally().items()
    ]


def tests_line(card: Scorecard, labels: Labels) -> str:
    """Return by which test verdicts are found, on which window, at which level."""
    study = card.screening.study
    window = window_text(study, study.terms.window, labels)
    return labels.word("tests_on", test=labels.of("tests", VERDICT_TEST), window=window, level=LEVEL)


def score_metadata(card: Scorecard) -> dict[str, Any]:
    """Return what the scorecard rests on, for JSON."""
    tests = {"category": VERDICT_TEST, "spread": "portfolio", "level": LEVEL}
    return {**metadata(card.screening), "verdict_tests": tests, "tally": card.tally()}


def caar_chart(
    screening: Screening, category: str, path: CaarPath, labels: Labels, width: int
) -> RenderableType:
    """Return the CAAR of a category with its band."""
    entry = next(entry for entry in screening.theme.categories if entry.id == category)
    window = named((int(path.sessions[0]), int(path.sessions[-1])))
    title = f"{category} · {inert(labels.pick(entry.title, entry.title_ko))}"
    drawn = band_chart(path.sessions, path.caar, path.low, path.high, min(width, CHART_CELLS))
    caption = [
        *caption_lines(screening, screening.table, labels),
        study_line(screening, labels, window=False),
    ]
    return Group(
        Text(title, style="bold"),
        Text(labels.word("chart_caar", n=path.n.max(), window=window), style="dim"),
        Text.from_ansi(drawn.rstrip("\n"), no_wrap=True),
        Text(),
        Text("\n".join(caption), style="dim"),
    )


def _section(
    card: Scorecard, title: str, rows: pd.DataFrame, labels: Labels, width: int
) -> list[RenderableType]:
    if not len(rows):
        return []
    asked = card.screening.study.terms.window
    columns = [
        _column(name, priority, rows, labels, "" if asked == "day" else f" {named(asked)}")
        for name, priority in LAYOUT
        if name != "caar" or asked not in {"day", "week", "clean"}
    ]
    said = [column for column in columns if any(cell.plain not in {EMPTY, ""} for cell in column.cells)]
    return [Text(title, style="bold"), grid(fitting(said, width), width), Text()]


def _column(name: str, priority: int, rows: pd.DataFrame, labels: Labels, asked: str) -> GridColumn:
    values = rows[name].tolist()
    head = labels.head(name) + (asked if name in {"p", "caar"} else "")
    match name:
        case "category":
            return GridColumn(name, head, [Text(_name(v, labels)) for v in values], False, priority, ID_CELLS)
        case "basis":
            cells = [Text(labels.of("tallies", value) if value else "") for value in values]
            return GridColumn(name, head, cells, False, priority)
        case "n":
            few = rows["reservation"].ne("").tolist()
            pairs = zip(values, rows["members"].tolist(), few, strict=True)
            cells = [Text(f"{n}/{members}", style="yellow" if warn else "") for n, members, warn in pairs]
            return GridColumn(name, head, cells, True, priority)
        case "verdict":
            cells = [Text(labels.of("verdicts", value), style=VERDICT_STYLE[value]) for value in values]
            return GridColumn(name, head, cells, False, priority)
    cells = [Text(_figure(name, value), style="dim" if is_empty(value) else "") for value in values]
    return GridColumn(name, head, cells, True, priority)


def _figure(name: str, value: Any) -> str:
    if name == "share_expected" and not is_empty(value):
        return f"{value:.0%}"
    return f"{value:.2f}" if name == "statistic" and not is_empty(value) else human(KNOWN[name], value)


def _name(category: str, labels: Labels) -> str:
    """Return a category's id; a spread's in the reader's words."""
    first, _, country = category.partition(":")
    if first != "winners-losers":
        return category
    return ", ".join(filter(None, [labels.word("spread_of"), country]))


def _sureness(rows: pd.DataFrame, labels: Labels) -> RenderableType:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for _, row in rows.iterrows():
        table.add_row(_name(row["category"], labels), Text(sure_text(row, labels)))
    return table


def _odds(p: float, labels: Labels) -> str:
    """Return a p-value as so many of so many results: what its definition says, without the letter."""
    of = 100 if p >= COARSE else 1000
    count = round(p * of)
    key = "odds" if count else "odds_least"
    return labels.of("sure", key).format(count=count, of=f"{of:,}")


def _every_test(rows: pd.DataFrame, labels: Labels, width: int) -> RenderableType:
    """Return two lines a category: statistics, and their p-values."""
    names = [text for value in rows["category"] for text in (Text(value), Text("  p", style="dim"))]
    columns = [GridColumn("category", labels.head("category"), names, False, 0, ID_CELLS)]
    for place, name in enumerate(TEST_NAMES):
        pairs = zip(rows[name].tolist(), rows[f"{name}_p"].tolist(), strict=True)
        cells = [
            Text(text, style=style)
            for value, p in pairs
            for text, style in (
                (EMPTY if is_empty(value) else f"{value:.2f}", ""),
                (human(KNOWN["p"], p), "dim" if not p < LEVEL else "bold"),
            )
        ]
        columns.append(GridColumn(name, labels.head(name), cells, True, place))
    return grid(columns, width)


def _caption(card: Scorecard, labels: Labels) -> list[str]:
    screening = card.screening
    study = screening.study
    limits = [window_text(study, name, labels) for name in ("week", "clean") if study.unfinished(name)]
    if screening.theme.windows.clean_until:
        limits.append(labels.word("ends", day=screening.theme.windows.clean_until))
    if screening.table["status"].eq("late").any():
        limits.append(labels.word("late_out"))
    base = caption_lines(screening, screening.table, labels)
    return [
        tests_line(card, labels),
        *([" · ".join(limits)] if limits else []),
        study_line(screening, labels, window=False),
        *base,
    ]
