"""What was tested: the scorecard of the categories and the article's claims."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from screener.columns import TABLES
from screener.model import SIDES
from screener.pipeline import claims as pipeline_claims
from screener.pipeline import score as pipeline_score
from screener.render.claims import remarks, threshold_text, value_text
from screener.render.report.content import Cell, Grid, Head, Row, Section
from screener.render.score import sure_text, tally_lines, tests_line
from screener.render.values import EMPTY, PROSE_LENGTH, human, inert, is_empty

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from screener.labels import Labels
    from screener.pipeline.claims import Finding, Judgement
    from screener.pipeline.report import Report

SCORE = {column.name: column for column in TABLES["score"]}
#: figures of the scorecard with their places in the queue for room
FIGURES = {
    "median_event_return": 6,
    "share_expected": 5,
    "aar": 2,
    "caar_week": 7,
    "caar_clean": 7,
    "p": 3,
}
#: terminal cells of the narrowest title of a category that can still be told apart
TITLE_CELLS = 16
#: the tone and the mark of each verdict
TONES = {"supported": "yes", "contradicted": "no", "holds": "yes", "refuted": "no"}
MARKS = {"yes": "✓", "no": "✗"}


def scorecard(report: Report, labels: Labels) -> Section:
    """Return every category tested, side by side, then the spreads between winners and losers."""
    card, texts = report.scorecard, labels.for_table("score")
    titles = {c.id: inert(labels.pick(c.title, c.title_ko)) for c in report.screening.theme.categories}
    titles["winners-losers"] = labels.word("spread_of")
    categories = card.table[card.table["kind"] == "category"]
    parts = [(labels.of("sides", side), categories[categories["side"] == side]) for side in SIDES]
    parts.append((labels.of("report", "spreads"), card.table[card.table["kind"] == "spread"]))
    heads = (
        Head(texts.head("category"), least=TITLE_CELLS),
        Head(texts.head("verdict"), "text", texts.meaning("verdict"), 1),
        *(Head(texts.head(name), "number", texts.meaning(name), place) for name, place in FIGURES.items()),
        Head(labels.of("report", "members"), "number", texts.meaning("n"), 4),
        Head(labels.of("report", "sureness"), priority=8),
    )
    grids = tuple(
        Grid(title, heads, tuple(_scored(row, titles, labels) for _, row in rows.iterrows()))
        for title, rows in parts
        if len(rows)
    )
    lead = (*tally_lines(card, labels), tests_line(card, labels))
    return Section("scorecard", labels.of("report", "scorecard"), lead, grids)


def claims(report: Report, labels: Labels) -> Section:
    """Return every claim with its figures, its verdict and the day on which it came to be that."""
    texts = labels.for_table("claims")
    heads = (
        Head(texts.head("claim")),
        Head(texts.head("verdict"), "text", texts.meaning("verdict")),
        Head(texts.head("turned_on"), "text", texts.meaning("turned_on")),
        Head(labels.of("report", "figures")),
    )
    rows = tuple(_judged(judgement, labels) for judgement in report.judgements)
    return Section("claims", labels.of("report", "claims"), grids=(Grid("", heads, rows, prose=True),))


def counted(report: Report, labels: Labels) -> Iterator[str]:
    """Yield a sentence on the categories and one on the claims."""
    table = report.scorecard.table
    verdicts = Counter(table.loc[table["kind"] == "category", "verdict"])
    yield _counted("verdict_score", pipeline_score.VERDICTS, verdicts, labels)
    if report.judgements:
        found = Counter(judgement.verdict for judgement in report.judgements)
        yield _counted("verdict_claims", pipeline_claims.VERDICTS, found, labels)


def _counted(key: str, verdicts: tuple[str, ...], found: Counter[Any], labels: Labels) -> str:
    counts = {verdict: found[verdict] for verdict in verdicts}
    return labels.of("report", key).format(count=sum(counts.values()), **counts)


def _scored(row: pd.Series, titles: Mapping[str, str], labels: Labels) -> Row:
    category, _, country = row["category"].partition(":")
    title = f"{titles[category]}, {country}" if country else titles[category]
    figures = [Cell(_figure(name, row[name])) for name in FIGURES]
    members, sure = Cell(f"{row['n']}/{row['members']}"), Cell(sure_text(row, labels))
    return Row((Cell(title), _verdict(row["verdict"], labels), *figures, members, sure))


def _figure(name: str, value: Any) -> str:
    return f"{value:.0%}" if name == "share_expected" and not is_empty(value) else human(SCORE[name], value)


def _judged(judgement: Judgement, labels: Labels) -> Row:
    claim = judgement.claim
    note = inert(labels.pick(claim.note, claim.note_ko), PROSE_LENGTH)
    first, *others = [_finding(finding, labels) for finding in judgement.findings]
    return Row(
        (
            Cell(
                inert(labels.pick(claim.title, claim.title_ko), PROSE_LENGTH), under=(note,) if note else ()
            ),
            _verdict(judgement.verdict, labels),
            Cell(str(judgement.turned_on or EMPTY)),
            Cell(first, under=tuple(others)),
        )
    )


def _finding(finding: Finding, labels: Labels) -> str:
    """Return label, figure, threshold, date and outcome of one test in a line, and what is to be said of it."""
    label = inert(labels.pick(finding.test.label, finding.test.label_ko), PROSE_LENGTH)
    threshold = threshold_text(finding)
    expected = labels.of("report", "expected").format(expect=threshold) if threshold else ""
    about = "; ".join(filter(None, (expected, str(finding.on or ""), *remarks(finding, labels))))
    mark = MARKS.get(TONES.get(finding.verdict or "", ""), "")
    parts = (f"{label}:" if label else "", value_text(finding), f"({about})" if about else "", mark)
    return " ".join(filter(None, parts))


def _verdict(verdict: str, labels: Labels) -> Cell:
    tone = TONES.get(verdict, "quiet")
    text = " ".join(filter(None, (MARKS.get(tone, ""), labels.of("verdicts", verdict))))
    return Cell(text, verdict, tone)  # type: ignore[arg-type]
