"""What stands under every table: theme, as-of date, source of the prices, and what was left out and why."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from rich.text import Text

from screener import __version__
from screener.analytics.event_study import MIN_OBSERVATIONS
from screener.pipeline.study import named
from screener.render.values import inert

if TYPE_CHECKING:
    import pandas as pd

    from screener.analytics.event_study import Window
    from screener.labels import Labels
    from screener.pipeline.screening import Screening
    from screener.pipeline.study import Study

#: statuses of securities that were not measured, and of those measured with a reservation
UNMEASURED = ("no_prices", "listed_later", "no_base")
RESERVED = ("late", "ended", "stale")
#: so few are named, more are only counted
NAMED = 4


def caption(screening: Screening, rows: pd.DataFrame, labels: Labels, *, studied: bool = False) -> Text:
    """Return the caption of a ranking in dim lines; `studied` where it shows figures of the event study."""
    lines = caption_lines(screening, rows, labels)
    return Text("\n".join([*lines, study_line(screening, labels)] if studied else lines), style="dim")


def caption_lines(screening: Screening, rows: pd.DataFrame, labels: Labels) -> list[str]:
    """Return the caption as lines of plain text; `rows` are those shown, of all that were screened."""
    table = screening.table
    counts = {
        status: table.loc[table["status"] == status, "symbol"].tolist() for status in UNMEASURED + RESERVED
    }
    left_out = sum(len(counts[status]) for status in UNMEASURED)
    first = [
        inert(labels.pick(screening.theme.title, screening.theme.title_ko)),
        f"{labels.word('as_of')} {screening.as_of}",
        labels.word("prices_from", source=source_name(screening, labels), last=screening.last_date or "–"),
    ]
    if screening.price == "total-return":
        first.append(labels.word("total_return"))
    said = [labels.word("measured", measured=len(table) - left_out, all=len(table))]
    if reasons := [_counted(status, counts[status], labels) for status in UNMEASURED if counts[status]]:
        said.append(f"{labels.word('left_out')}: {', '.join(reasons)}")
    said += [_counted(status, counts[status], labels) for status in RESERVED if counts[status]]
    if len(rows) < len(table):
        said.append(labels.word("shown", shown=len(rows), all=len(table)))
    return [" · ".join(first), " · ".join(base_events(screening, labels)), " · ".join(said)]


def study_line(screening: Screening, labels: Labels, *, window: bool = True) -> str:
    """Return by which model abnormal returns are measured, over which window, and with what reservation."""
    study = screening.study
    model, estimation = labels.of("models", study.terms.model), named(study.terms.estimation)
    said = [labels.word("study", model=model, estimation=estimation)]
    if window:
        said.append(labels.word("study_window", window=window_text(study, study.terms.window, labels)))
    short = study.short()
    if len(short):
        counts = {"least": short.min(), "most": short.max(), "length": study.length}
        said.append(labels.word("study_short", count=len(short), **counts))
    if lacking := study.without_model():
        said.append(labels.word("study_lacking", count=lacking, least=MIN_OBSERVATIONS))
    return " · ".join(said)


def window_text(study: Study, window: str | Window, labels: Labels) -> str:
    """Return a window with its sessions, by market where these differ, and what is not over yet."""
    parts = defaultdict(list)
    for market, part in study.spans(window).items():
        parts[labels.word("not_begun") if part is None else named(part)].append(market)
    spans = "; ".join(
        f"{sessions} {', '.join(markets)}" if len(parts) > 1 else sessions
        for sessions, markets in parts.items()
    )
    name = named(window) if isinstance(window, str) else ""
    if study.unfinished(window):
        return labels.word("so_far", window=named(window), sessions=spans)
    return " ".join(filter(None, [name, spans])) or named(window)


def source_name(screening: Screening, labels: Labels) -> str:
    """Return the source of the prices for people."""
    return labels.word("source_sample") if screening.source == "sample" else inert(screening.source)


def base_events(screening: Screening, labels: Labels) -> list[str]:
    """Return base and event session of the exchanges screened, those that share them together."""
    markets = defaultdict(list)
    for name, panel in screening.panels.items():
        event = panel.dates[panel.base + 1] if panel.base + 1 < len(panel.dates) else "–"
        markets[str(panel.dates[panel.base]), str(event)].append(name)
    return [
        labels.word("base_event", markets=", ".join(names), base=base, event=event)
        for (base, event), names in sorted(markets.items(), key=lambda item: item[0][1])
    ]


def metadata(screening: Screening) -> dict[str, Any]:
    """Return what the figures rest on, for JSON."""
    table = screening.table
    return {
        "theme": screening.theme.id,
        "title": screening.theme.title,
        "event_moment": screening.theme.event.moment.isoformat(),
        "as_of": str(screening.as_of),
        "price": screening.price,
        "price_source": screening.source,
        "last_date": str(screening.last_date) if screening.last_date else None,
        "fetched_at": screening.fetched_at.isoformat() if screening.fetched_at else None,
        "status": {
            str(name): int(count) for name, count in table["status"].value_counts().sort_index().items()
        },
        "failures": [{"symbol": failure.symbol, "reason": failure.reason} for failure in screening.failures],
        "notices": [*screening.notices, *screening.study.notices()],
        "event_study": {
            "model": screening.study.terms.model,
            "estimation": list(screening.study.terms.estimation),
            "window": named(screening.study.terms.window),
            "sessions": {
                market: part and list(part)
                for market, part in screening.study.spans(screening.study.terms.window).items()
            },
        },
        "version": __version__,
    }


def _counted(status: str, symbols: list[str], labels: Labels) -> str:
    text = f"{len(symbols)} {labels.of('statuses', status)}"
    return f"{text} ({', '.join(symbols)})" if len(symbols) <= NAMED else text
