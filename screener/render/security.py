"""One security as a page for the terminal: chart, measures, drawdown episodes, why it is in the theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from screener.analytics.explain import derive
from screener.columns import BY_NAME, NAMES, STUDIED
from screener.render.caption import caption
from screener.render.chart import price_chart
from screener.render.explanation import note_text
from screener.render.ranking import value_style
from screener.render.study import study_section
from screener.render.values import PROSE_LENGTH, human, inert, percent, price

if TYPE_CHECKING:
    from rich.console import RenderableType

    from screener.analytics.episodes import Episode
    from screener.labels import Labels
    from screener.pipeline.profile import Profile

#: columns that the title line and the caption say already
ABOUT = {"rank", "symbol", "name", "name_ko", "side", "category", "basis", "confidence", "market", "currency"}
MEASURES = tuple(name for name in NAMES if name not in {*ABOUT, *STUDIED, "price_source"})
#: sessions before the base with which the chart begins
CHART_LEAD = 40
#: cells between two columns of measures
GAP = 3
#: wider is no easier to read
CHART_CELLS = 160
LINE_CELLS = 110
EPISODE_HEADS = ("depth", "begin", "trough", "end", "sessions")


def page(profile: Profile, labels: Labels, width: int) -> RenderableType:
    """Return the page: title, chart, measures, episodes, why it is in the theme, caption."""
    return Group(
        Text(title(profile, labels), style="bold"),
        Text(place(profile, labels)),
        *_reservation(profile, labels),
        Text(),
        *_chart(profile, labels, min(width, CHART_CELLS)),
        _measures(profile, labels, width),
        Text(),
        *study_section(profile, labels),
        *_episodes(profile, labels),
        *_reasons(profile, labels),
        caption(profile.screening, profile.screening.table, labels),
    )


def title(profile: Profile, labels: Labels) -> str:
    """Return symbol and names in a line, the name in the reader's language first."""
    names = [profile.row["name"], profile.row["name_ko"]]
    words = dict.fromkeys([profile.symbol, *(names[::-1] if labels.lang == "ko" else names)])
    return " · ".join(map(inert, filter(None, words)))


def place(profile: Profile, labels: Labels) -> str:
    """Return market, currency, side and category in a line."""
    row = profile.row
    words = [f"{row['market']} ({row['currency']})", labels.of("sides", row["side"])]
    if profile.category:
        words.append(inert(labels.pick(profile.category.title, profile.category.title_ko)))
    return " · ".join(words)


def _reservation(profile: Profile, labels: Labels) -> list[RenderableType]:
    """Return why a security was not measured, or not as others are."""
    if profile.row["status"] == "ok" and profile.marks.measured:
        return []
    notes = [note_text(note, labels) for note in derive("status", profile.marks).notes]
    return [Text("; ".join(notes), style="yellow")]


def _chart(profile: Profile, labels: Labels, width: int) -> list[RenderableType]:
    marks, row = profile.marks, profile.row
    start = max(min(marks.base_session - CHART_LEAD, marks.last), 0)
    event = marks.base_session + 1 if marks.base_session + 1 < len(marks.dates) else None
    dates, closes = marks.dates[start:], marks.close[start:]
    told = []
    if marks.based:
        close = price(row["base_close"])
        told.append(f"─ {labels.word('chart_base', close=close, date=marks.dates[marks.base])}")
    if event is not None:
        told.append(f"│ {labels.word('chart_event', date=marks.dates[event])}")
    drawn = price_chart(closes, dates, None if event is None else event - start, row["base_close"], width)
    return [Text("  ".join(told), style="dim"), Text.from_ansi(drawn.rstrip("\n"), no_wrap=True), Text()]


def _measures(profile: Profile, labels: Labels, width: int) -> Text:
    """Return label and value of every measure, in as many columns as fit, read downwards."""
    pairs = [(Text(labels.head(name), style="dim"), _value(profile, name, labels)) for name in MEASURES]
    label_cells = max(label.cell_len for label, _ in pairs)
    value_cells = max(value.cell_len for _, value in pairs)
    across = max((width + GAP) // (label_cells + 1 + value_cells + GAP), 1)
    down = -(-len(pairs) // across)
    lines = []
    for first in range(down):
        line = Text()
        for label, value in pairs[first::down]:
            line.append_text(Text(" " * GAP if line else ""))
            line.append_text(label).append(" " * (label_cells - label.cell_len + 1))
            line.append(" " * (value_cells - value.cell_len)).append_text(value)
        lines.append(line)
    return Text("\n").join(lines)


def _value(profile: Profile, name: str, labels: Labels) -> Text:
    value = profile.row[name]
    return Text(human(BY_NAME[name], value), style=value_style(name, value, labels))


def _episodes(profile: Profile, labels: Labels) -> list[RenderableType]:
    head = Text(labels.word("episodes"), style="bold")
    if profile.marks.measured and not profile.marks.episodes:
        return [head, Text(labels.word("no_episodes")), Text()]
    if not profile.episodes:
        return []
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in EPISODE_HEADS:
        table.add_column(labels.word(name), justify="right" if name in {"depth", "sessions"} else "left")
    for episode in profile.episodes:
        table.add_row(*episode_cells(episode, labels))
    return [head, table, Text()]


def episode_cells(episode: Episode, labels: Labels) -> list[str]:
    """Return an episode's cells under `EPISODE_HEADS`."""
    end = labels.word("not_yet") if episode.end is None else str(episode.end)
    return [percent(episode.depth), str(episode.begin), str(episode.trough), end, str(episode.sessions)]


def _reasons(profile: Profile, labels: Labels) -> list[RenderableType]:
    """Return why it is in the theme, as a head and two columns."""
    if profile.category is None:
        theme = profile.screening.theme
        return [Text(f"{labels.word('outside')}: {inert(labels.pick(theme.title, theme.title_ko))}"), Text()]
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(max_width=LINE_CELLS, overflow="fold")
    for label, text in reason_lines(profile, labels):
        table.add_row(label, Text(text))
    return [Text(labels.word("why"), style="bold"), table, Text()]


def reason_lines(profile: Profile, labels: Labels) -> list[tuple[str, str]]:
    """Return what the theme says of a member: label and text."""
    category, member = profile.category, profile.member
    if category is None or member is None:
        return []
    bases, title = labels.of("bases", category.basis), labels.pick(category.title, category.title_ko)
    confidence = labels.of("confidences", member.confidence)
    lines = [
        (labels.head("category"), f"{title} ({category.id}; {bases})"),
        (labels.word("thesis"), labels.pick(category.thesis, category.thesis_ko)),
        (labels.word("reason"), member.why),
        (
            labels.head("basis"),
            labels.word("basis_line", basis=labels.of("bases", member.basis), confidence=confidence),
        ),
        (labels.word("source"), member.source),
        (labels.word("also_in"), member.also_in),
        (labels.word("note"), member.note),
    ]
    return [(label, inert(text, PROSE_LENGTH)) for label, text in lines if text]
