"""How securities stand after a fetch: a line a market and a line a failure, or a row a security."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from screener.errors import UsageError
from screener.render.data import csv_records, json_lines, json_text
from screener.sources.outcome import GOOD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from screener.labels import Labels
    from screener.sources.outcome import FetchReport, Outcome

FIELDS = ("symbol", "market", "status", "last_date", "fetched_at", "reason")


def supply(report: FetchReport, labels: Labels) -> RenderableType:
    """Return the markets with how many securities are up to date, then those that are not."""
    parts: list[RenderableType] = [_markets(report.outcomes, labels)]
    if report.failures:
        parts += [Text(""), _failures(report.failures, labels)]
    return Group(*parts)


def supply_text(report: FetchReport, form: str) -> str:
    """Return a row a security as csv, tsv, json or jsonl."""
    rows = [_row(outcome) for outcome in report.outcomes]
    match form:
        case "csv" | "tsv":
            return csv_records(FIELDS, rows, "," if form == "csv" else "\t")
        case "json":
            meta = {
                "securities": len(rows),
                "failures": len(report.failures),
                "requests": report.requests,
                "seconds": round(report.seconds, 1),
                "notices": list(report.notices),
            }
            return json_text({"meta": meta, "rows": rows})
        case "jsonl":
            return json_lines(rows)
    raise UsageError(f"--format {form}: not for a fetch; expected table, csv, tsv, json or jsonl")


def _row(outcome: Outcome) -> dict[str, Any]:
    return {
        "symbol": outcome.symbol,
        "market": outcome.market,
        "status": outcome.status,
        "last_date": outcome.last_date.isoformat() if outcome.last_date else None,
        "fetched_at": outcome.fetched_at.strftime("%Y-%m-%dT%H:%M:%SZ") if outcome.fetched_at else None,
        "reason": outcome.reason,
    }


def _markets(outcomes: Sequence[Outcome], labels: Labels) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column(labels.head("market"))
    table.add_column(labels.of("supply", "up_to_date"), justify="right")
    table.add_column(labels.head("last_date"))
    table.add_column(labels.of("supply", "fetched_at"))
    by_market = sorted(outcomes, key=lambda outcome: outcome.market)
    for market, group in groupby(by_market, key=lambda outcome: outcome.market):
        own = list(group)
        good = sum(outcome.status in GOOD for outcome in own)
        last = max((outcome.last_date for outcome in own if outcome.last_date), default=None)
        fetched = max((outcome.fetched_at for outcome in own if outcome.fetched_at), default=None)
        table.add_row(
            market or "?",
            Text(f"{good}/{len(own)}", style="green" if good == len(own) else "yellow"),
            str(last or ""),
            f"{fetched:%Y-%m-%d %H:%MZ}" if fetched else "",
        )
    return table


def _failures(failures: Sequence[Outcome], labels: Labels) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column(labels.head("symbol"), no_wrap=True)
    table.add_column(labels.head("status"), no_wrap=True)
    table.add_column(labels.head("last_date"), no_wrap=True)
    table.add_column(labels.word("reason"))
    for outcome in failures:
        status = labels.of("supply", outcome.status)
        table.add_row(
            outcome.symbol, Text(status, style="yellow"), str(outcome.last_date or ""), outcome.reason
        )
    return table
