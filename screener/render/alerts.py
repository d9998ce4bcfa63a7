"""Alerts as lines, as a table and as data; and the rules behind them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from screener.columns import BY_NAME
from screener.errors import UsageError
from screener.render.data import csv_records, json_lines, json_text
from screener.render.values import human, inert, native, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from screener.labels import Labels
    from screener.pipeline.alert_memory import Alert
    from screener.pipeline.alert_rules import Rule

#: keys of an alert in CSV and JSON, in this order; `values` are in CSV as column=value, a space between
FIELDS = (
    "date",
    "rule",
    "title",
    "title_ko",
    "subject",
    "name",
    "name_ko",
    "side",
    "category",
    "market",
    "verdict",
    "values",
)
RULE_FIELDS = ("id", "title", "title_ko", "condition", "show", "theme")


def alert_lines(alerts: Sequence[Alert], labels: Labels) -> str:
    """Return a line an alert: date, rule, symbol or claim, name, and the columns told with it."""
    return "".join(
        " ".join(
            filter(None, (str(alert.date), alert.rule, alert.subject, _name(alert, labels), _told(alert)))
        )
        + "\n"
        for alert in alerts
    )


def alert_table(alerts: Sequence[Alert], labels: Labels) -> RenderableType:
    """Return a table with the rules in words."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for key in ("date", "rule", "subject", "name", "values"):
        table.add_column(labels.of("alerts", key))
    for alert in alerts:
        title = labels.pick(alert.title, alert.title_ko)
        cells = (str(alert.date), title, alert.subject, _name(alert, labels), _told(alert, labels))
        table.add_row(*map(Text, cells))
    return table


def alert_text(alerts: Sequence[Alert], form: str, meta: Mapping[str, Any]) -> str:
    """Return alerts as CSV, TSV, JSON or JSONL."""
    match form:
        case "csv" | "tsv":
            return csv_records(
                FIELDS, [_record(alert, plain) for alert in alerts], "," if form == "csv" else "\t"
            )
        case "json":
            rows = [_record(alert, native) for alert in alerts]
            return json_text({"meta": meta, "rows": rows})
        case "jsonl":
            return json_lines(_record(alert, native) for alert in alerts)
    raise _no_format(form)


def rule_table(rules: Sequence[Rule], labels: Labels) -> RenderableType:
    """Return the rules in force: id, title, condition."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for key in ("rule", "title", "condition"):
        table.add_column(labels.of("alerts", key))
    for rule in rules:
        title = labels.pick(rule.entry.title, rule.entry.title_ko)
        table.add_row(Text(rule.id, style="bold"), Text(title), Text(rule.condition, style="cyan"))
    return table


def rule_text(rules: Sequence[Rule], form: str) -> str:
    """Return the rules in force as CSV, TSV, JSON or JSONL."""
    records = [
        asdict(rule.entry) | {"condition": rule.condition, "show": " ".join(rule.shown)} for rule in rules
    ]
    records = [{key: record[key] for key in RULE_FIELDS} for record in records]
    match form:
        case "csv" | "tsv":
            return csv_records(RULE_FIELDS, records, "," if form == "csv" else "\t")
        case "json":
            return json_text(records)
        case "jsonl":
            return json_lines(records)
    raise _no_format(form)


def message_title(alerts: Sequence[Alert], theme_title: str, labels: Labels) -> str:
    """Return what a notification is headed with."""
    return labels.of("alerts", "heading").format(count=len(alerts), theme=theme_title)


def _name(alert: Alert, labels: Labels) -> str:
    return inert(labels.pick(alert.name, alert.name_ko))


def _told(alert: Alert, labels: Labels | None = None) -> str:
    """Return the columns told with an alert, by name; with their heads where there are labels."""
    values = ((name, human(BY_NAME[name], value)) for name, value in alert.values.items())
    return " ".join(f"{labels.head(name) if labels else name} {value}" for name, value in values)


def _record(alert: Alert, form: Any) -> dict[str, Any]:
    values = {name: form(BY_NAME[name], value) for name, value in alert.values.items()}
    told = " ".join(f"{name}={value}" for name, value in values.items()) if form is plain else values
    record = asdict(alert) | {"date": str(alert.date), "values": told}
    return {key: record[key] for key in FIELDS}


def _no_format(form: str) -> UsageError:
    return UsageError(f"--format {form}: not for alerts; expected table, csv, tsv, json or jsonl")
