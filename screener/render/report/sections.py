"""The sections of a report, from its verdict to what its figures rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from screener import __version__
from screener.columns import BY_NAME
from screener.render.caption import base_events, caption_lines, source_name, study_line
from screener.render.report.charts import category_title, figure_of, last_known
from screener.render.report.content import Cell, Content, Facts, Grid, Head, Row, Section
from screener.render.report.findings import FIGURES, SCORE, claims, counted, scorecard
from screener.render.report.map import map_told, moved
from screener.render.report.news import news
from screener.render.report.rankings import COLUMNS, rankings
from screener.render.values import EMPTY, PROSE_LENGTH, inert

if TYPE_CHECKING:
    from screener.labels import Labels
    from screener.pipeline.paths import CategoryPath
    from screener.pipeline.report import Report, Tally
    from screener.pipeline.screening import Screening


def content_of(report: Report, labels: Labels) -> Content:
    """Say a report in the language of the labels."""
    screening = report.screening
    theme, comparison = screening.theme, report.comparison
    sections = [scorecard(report, labels)]
    sections += [claims(report, labels)] if report.judgements else []
    sections += [rankings(report, labels), _charts(report, labels)]
    sections += [news(report, comparison, labels)] if comparison else []
    return Content(
        lang=labels.lang,
        title=inert(labels.pick(theme.title, theme.title_ko)),
        subtitle=(f"{labels.word('as_of')} {screening.as_of}", _prices(screening, labels)),
        verdict=(*(_verdict(tally, labels) for tally in report.tallies), *counted(report, labels)),
        sections=(*sections, _provenance(report, labels)),
    )


def _prices(screening: Screening, labels: Labels) -> str:
    source = labels.word(
        "prices_from", source=source_name(screening, labels), last=screening.last_date or EMPTY
    )
    return f"{source}, {labels.word('total_return')}" if screening.price == "total-return" else source


def _verdict(tally: Tally, labels: Labels) -> str:
    first = tally.first
    figure = "max_drawdown" if tally.side == "loser" else "return_since"
    return labels.of("report", f"verdict_{tally.side}").format(
        measured=tally.measured,
        expected=tally.as_expected,
        event=figure_of(tally.event_return),
        at_base=tally.at_base,
        fell=tally.fell,
        regained=tally.regained,
        recovery=figure_of(tally.recovery, signed=False),
        since=figure_of(tally.return_since),
        excess=figure_of(tally.excess_return),
        name=inert(labels.pick(first["name"], first["name_ko"]) or first["symbol"]),
        figure=figure_of(first[figure]),
    )


def _charts(report: Report, labels: Labels) -> Section:
    """Return what the charts show as figures and in words."""
    heads = [Head(labels.head("category"))]
    heads += [
        Head(labels.of("report", name), "number") for name in ("measured", "event_median", "low_median")
    ]
    heads += [Head(labels.of("report", name), "number") for name in ("since_median", "benchmark_median")]
    heads.append(Head(labels.head("recovery"), "number"))
    rows = tuple(_path_row(path, labels) for path in report.paths)
    placed = moved(report)
    told = (map_told(placed, labels),) if len(placed) else ()
    return Section(
        "charts",
        labels.of("report", "charts"),
        told,
        (Grid(labels.of("report", "chart_figures"), tuple(heads), rows),) if rows else (),
    )


def _path_row(path: CategoryPath, labels: Labels) -> Row:
    known = path.since[1:][np.isfinite(path.since[1:])]
    figures = (
        str(path.members),
        figure_of(path.since[1] if len(path.since) > 1 else float("nan")),
        figure_of(known.min() if len(known) else float("nan")),
        figure_of(last_known(path.since)),
        figure_of(last_known(path.benchmark)),
        figure_of(last_known(path.recovery), signed=False),
    )
    return Row((Cell(category_title(path, labels)), *map(Cell, figures)))


def _provenance(report: Report, labels: Labels) -> Section:
    """Return what the figures rest on: theme, prices, what is missing, what the columns mean."""
    screening = report.screening
    theme, say = screening.theme, labels.sections["report"]
    caption = caption_lines(screening, screening.table, labels)
    fetched = screening.fetched_at
    items = [
        (say["theme"], (f"{inert(labels.pick(theme.title, theme.title_ko))} ({theme.id})",)),
        (say["moment"], (f"{theme.event.moment:%Y-%m-%d %H:%M} UTC",)),
        (say["summary"], (inert(labels.pick(theme.summary, theme.summary_ko), PROSE_LENGTH),)),
        (labels.word("as_of"), (str(screening.as_of),)),
        (
            say["prices"],
            (f"{source_name(screening, labels)}, {say['newest']} {screening.last_date or EMPTY}",),
        ),
        (say["fetched"], (f"{fetched:%Y-%m-%d %H:%M} UTC",) if fetched else ()),
        (say["bases"], tuple(base_events(screening, labels))),
        (say["measured_of"], (caption[2],)),
        (say["study"], (study_line(screening, labels),)),
        (say["failures"], tuple(f"{failure.symbol}: {failure.reason}" for failure in screening.failures)),
        (say["notices"], screening.notices),
        (say["program"], (f"screener {__version__}",)),
    ]
    told = tuple(
        (term, tuple(inert(line, PROSE_LENGTH) for line in lines)) for term, lines in items if any(lines)
    )
    return Section("provenance", say["provenance"], facts=(Facts("", told),), grids=(_definitions(labels),))


def _definitions(labels: Labels) -> Grid:
    """Return what the columns of the scorecard and of the ranked tables mean."""
    score = labels.for_table("score")
    told = [(score, SCORE[name]) for name in FIGURES]
    named = "name_ko" if labels.lang == "ko" else "name"
    names = [named if name == "name" else name for name in COLUMNS if name in BY_NAME and name != "rank"]
    told += [(labels, BY_NAME[name]) for name in names]
    rows = tuple(
        Row((Cell(texts.head(column.name)), Cell(texts.meaning(column.name)), Cell(column.formula)))
        for texts, column in told
    )
    heads = tuple(Head(labels.word(word)) for word in ("column", "meaning", "formula"))
    return Grid(labels.of("report", "definitions"), heads, rows, prose=True)
