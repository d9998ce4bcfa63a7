"""The claims ledger for a terminal: wording, figures, thresholds, verdicts, and verdicts by month end."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from screener.columns import TABLES, Column
from screener.pipeline.claims import VERDICTS
from screener.render.caption import NAMED, caption_lines
from screener.render.values import EMPTY, PROSE_LENGTH, human, inert, is_empty, percent, price
from screener.taxonomy.terms import PRICE_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    import pandas as pd
    from rich.console import RenderableType

    from screener.labels import Labels
    from screener.model import Claim
    from screener.pipeline.claims import Finding, Judgement, Verdict
    from screener.pipeline.screening import Screening

KNOWN = {column.name: column for column in TABLES["claims"]}
HISTORY_KNOWN = {column.name: column for column in TABLES["history"]}
#: figures as people read them are text, since each has a unit of its own
READABLE = KNOWN | {name: Column(name, "text") for name in ("value", "bound")}
STYLE = {"holds": "green", "refuted": "red", "open": "yellow", "untestable": "dim"}
MARK = {"holds": "✓", "refuted": "✗", "open": "·", "untestable": "–"}
#: from here on the dates of the figures and the notes have room
WIDE = 120
#: longer lines are no easier to read
WIDEST = 150
MONTH_CELLS = 5
#: narrowest wording in a history, in terminal cells
WORDING_CELLS = 30


def ledger(
    judgements: Sequence[Judgement], screening: Screening, labels: Labels, width: int, *, notes: bool = False
) -> RenderableType:
    """Return the claims with their tests, how many hold, and the caption; with notes where there is room."""
    wide, texts = width >= WIDE, labels.for_table("claims")
    table = _table(labels, width)
    heads = ["value", "expect", "n", "verdict", "turned_on", *(["value_on"] if wide else [])]
    for name in heads:
        right = name in {"value", "expect", "n"}
        table.add_column(texts.head(name), no_wrap=True, justify="right" if right else "left")
    for judgement in judgements:
        for row in _rows(judgement, screening, labels, notes=notes or wide):
            table.add_row(*row[: len(heads) + 1])
    verdicts = [judgement.verdict for judgement in judgements]
    said = [Text(_counted(verdicts, labels), style="bold")]
    if any(f.verdict and not f.test.decides for judgement in judgements for f in judgement.findings):
        said.append(Text(labels.word("claims_shown"), style="dim"))
    return Group(table, Text(), *said, _caption(screening, labels))


def history(
    claims: Sequence[Claim],
    days: Sequence[date],
    verdicts: Mapping[str, Sequence[Verdict]],
    screening: Screening,
    labels: Labels,
    width: int,
) -> RenderableType:
    """Return a mark a claim and month end; the latest months where not all fit."""
    fitting = max((width - WORDING_CELLS) // (MONTH_CELLS + 1), 1)
    table = _table(labels, width)
    for day in days[-fitting:]:
        table.add_column(f"{day:%y-%m}", justify="center", width=MONTH_CELLS, no_wrap=True)
    for claim in claims:
        marks = (Text(MARK[verdict], style=STYLE[verdict]) for verdict in verdicts[claim.id][-fitting:])
        table.add_row(Text(inert(labels.pick(claim.title, claim.title_ko), PROSE_LENGTH)), *marks)
    legend = [f"{MARK[verdict]} {labels.of('verdicts', verdict)}" for verdict in VERDICTS]
    told = f"{'  '.join(legend)} · {labels.word('claims_legend', as_of=screening.as_of)}"
    return Group(table, Text(), Text(told), _caption(screening, labels))


def readable(table: pd.DataFrame, judgements: Sequence[Judgement], labels: Labels) -> pd.DataFrame:
    """Return the table of claims with its figures as people read them, in one language."""
    findings = [finding for judgement in judgements for finding in judgement.findings]
    names = (
        "title",
        "verdict",
        "turned_on",
        "label",
        "value",
        "expect",
        "n",
        "test_verdict",
        "value_on",
        "note",
    )
    chosen = [f"{name}_ko" if labels.lang == "ko" and f"{name}_ko" in KNOWN else name for name in names]
    figures = table.assign(
        value=[value_text(finding) for finding in findings],
        expect=[threshold_text(finding) for finding in findings],
        **{
            name: [labels.of("verdicts", word) if word else "" for word in table[name]]
            for name in ("verdict", "test_verdict")
        },
    )
    for name in chosen:
        if name.endswith("_ko"):
            # a theme need not speak Korean
            figures[name] = figures[name].where(figures[name].ne(""), figures[name.removesuffix("_ko")])
    return figures[chosen]


def value_text(finding: Finding) -> str:
    """Return the figure in its own unit."""
    if is_empty(finding.value):
        return EMPTY
    if finding.kind == "fraction":
        part = finding.test.take.startswith("share") or finding.test.measure in {"below_base", "recovery"}
        return percent(finding.value, signed=not part)
    return human(Column("value", finding.kind), finding.value)


def remarks(finding: Finding, labels: Labels) -> list[str]:
    """Say how long a test held, and for want of what another cannot be made."""
    said = []
    if finding.held_days is not None:
        said.append(labels.word("held_days", days=finding.held_days))
    if finding.verdict == "untestable":
        reasons = defaultdict(list)
        for symbol, reason in finding.lacking:
            reasons[reason].append(symbol)
        said += [
            f"{labels.of('statuses', reason)}: {_named(symbols, labels)}"
            for reason, symbols in reasons.items()
        ]
    return said


def threshold_text(finding: Finding) -> str:
    """Return the threshold, with the price that it names in numbers."""
    text = finding.test.expect
    for word in PRICE_WORDS:
        if word in text:
            text = text.replace(word, EMPTY if is_empty(finding.bound) else price(finding.bound))
    return text


def _table(labels: Labels, width: int) -> Table:
    """Return a table whose first column, the wording, takes the room that the others leave."""
    table = Table(
        box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim", width=min(width, WIDEST)
    )
    table.add_column(labels.word("claim"), ratio=1, overflow="fold")
    return table


def _rows(
    judgement: Judgement, screening: Screening, labels: Labels, *, notes: bool
) -> Iterator[list[RenderableType]]:
    """Yield a row of a claim; with several tests one of the claim and one a test."""
    claim, findings = judgement.claim, judgement.findings
    title = Text(inert(labels.pick(claim.title, claim.title_ko), PROSE_LENGTH))
    verdict = Text(labels.of("verdicts", judgement.verdict), style=STYLE[judgement.verdict])
    turned = Text(_day(judgement.turned_on, screening), style="dim")
    note = [Text(inert(labels.pick(claim.note, claim.note_ko), PROSE_LENGTH), style="dim italic")]
    note = note if notes and (claim.note or claim.note_ko) else []
    if len(findings) == 1:
        wording = Text("\n").join([title, *_remarks(findings[0], labels), *note])
        value, expect, count, on = _figures(findings[0], screening)
        yield [wording, value, expect, count, verdict, turned, on]
        return
    yield [Text("\n").join([title, *note]), "", "", "", verdict, turned, ""]
    for finding in findings:
        label = Text(inert(labels.pick(finding.test.label, finding.test.label_ko), PROSE_LENGTH), style="dim")
        told = Text("\n").join([label, *_remarks(finding, labels)])
        value, expect, count, on = _figures(finding, screening)
        yield [Padding(told, (0, 0, 0, 2)), value, expect, count, _test_verdict(finding, labels), "", on]


def _figures(finding: Finding, screening: Screening) -> tuple[Text, Text, Text, Text]:
    counted, everyone = len(finding.counted), len(finding.counted) + len(finding.left_out)
    return (
        Text(value_text(finding)),
        Text(threshold_text(finding), style="dim"),
        Text(
            f"{counted}/{everyone}" if everyone > 1 else "", style="yellow" if counted < everyone else "dim"
        ),
        Text(_day(finding.on, screening), style="dim"),
    )


def _test_verdict(finding: Finding, labels: Labels) -> Text:
    if finding.verdict is None:
        return Text("")
    word = labels.of("verdicts", finding.verdict)
    return Text(
        word if finding.test.decides else f"({word})", style="dim" if not finding.test.decides else ""
    )


def _remarks(finding: Finding, labels: Labels) -> list[Text]:
    return [Text(line, style="dim italic") for line in remarks(finding, labels)]


def _named(symbols: Sequence[str], labels: Labels) -> str:
    more = labels.word("and_more", count=len(symbols) - NAMED) if len(symbols) > NAMED else ""
    return " ".join(filter(None, [", ".join(symbols[:NAMED]), more]))


def _counted(verdicts: Sequence[Verdict], labels: Labels) -> str:
    counts = Counter(verdicts)
    told = ", ".join(f"{labels.of('verdicts', verdict)} {counts[verdict]}" for verdict in VERDICTS)
    return labels.word("claims_counted", count=len(verdicts), told=told)


def _day(day: date | None, screening: Screening) -> str:
    """Return month and day; the year too where the ledger reaches beyond the year of the event."""
    if day is None:
        return ""
    return f"{day}" if screening.as_of.year > screening.theme.event.moment.year else f"{day:%m-%d}"


def _caption(screening: Screening, labels: Labels) -> Text:
    return Text("\n".join(caption_lines(screening, screening.table, labels)), style="dim")
