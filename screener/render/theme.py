"""A theme as a tree of its categories and members, and the list of themes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from screener.errors import UsageError
from screener.render.data import csv_text, json_text
from screener.render.values import PROSE_LENGTH, inert

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from screener.labels import Labels
    from screener.model import Category, Member, Theme
    from screener.taxonomy import ThemeFile

SIDE_STYLE = {"loser": "red", "winner": "green"}


def tree(theme: Theme, labels: Labels) -> RenderableType:
    """Return the theme: event, then sides, categories with their thesis, and members with why they are there."""
    head = Text.assemble(
        (inert(labels.pick(theme.title, theme.title_ko)), "bold"),
        (f"  {theme.id} · {theme.event.moment:%Y-%m-%d %H:%MZ}", "dim"),
    )
    if summary := labels.pick(theme.summary, theme.summary_ko):
        head.append(f"\n{inert(summary, PROSE_LENGTH)}")
    root = Tree(head, guide_style="dim")
    for category in theme.categories:
        branch = root.add(_category(category, labels))
        for member in category.members:
            branch.add(_member(member, labels))
    return root


def theme_list(files: Iterable[tuple[ThemeFile, Theme | None]], labels: Labels) -> RenderableType:
    """Return one line a theme: name, title, event, size, and where its file is."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    for file, theme in files:
        if theme is None:
            table.add_row(
                Text(file.id, style="bold"),
                Text("has faults; see `screener themes check`", style="red"),
                "",
                "",
            )
            continue
        size = f"{len(theme.categories)} / {len(theme.members())} {labels.word('members')}"
        title = Text(inert(labels.pick(theme.title, theme.title_ko)))
        where = file.origin if file.origin == "bundled" else str(file.path)
        table.add_row(
            Text(file.id, style="bold"),
            title,
            f"{theme.event.moment:%Y-%m-%d}",
            size,
            Text(where, style="dim"),
        )
    return table


def theme_records(files: Iterable[tuple[ThemeFile, Theme | None]]) -> list[dict[str, Any]]:
    """Return a record a theme, for programs; of a file with faults only its name and place."""
    return [
        {
            "theme": file.id,
            "title": theme.title if theme else "",
            "title_ko": theme.title_ko if theme else "",
            "event_moment": theme.event.moment.isoformat() if theme else "",
            "categories": len(theme.categories) if theme else "",
            "members": len(theme.members()) if theme else "",
            "claims": len(theme.claims) if theme else "",
            "origin": file.origin,
            "file": str(file.path),
        }
        for file, theme in files
    ]


def theme_text(theme: Theme, form: str) -> str:
    """Return the theme's members as CSV or TSV, or the whole theme as JSON."""
    if form == "json":
        return json_text(asdict(theme))
    if form not in {"csv", "tsv"}:
        raise UsageError(f"--format {form}: not for a theme; expected table, csv, tsv or json")
    fields = ("symbol", "name", "name_ko", "basis", "confidence", "why", "source", "also_in", "note")
    rows = (
        (category.side, category.id, *(getattr(member, field) for field in fields))
        for category, member in theme.members()
    )
    return csv_text(("side", "category", *fields), rows, "," if form == "csv" else "\t")


def _category(category: Category, labels: Labels) -> Text:
    text = Text.assemble(
        (category.id, f"bold {SIDE_STYLE[category.side]}"),
        f"  {inert(labels.pick(category.title, category.title_ko))}",
        (f"  {category.side} · {category.basis} · {len(category.members)}", "dim"),
    )
    if thesis := labels.pick(category.thesis, category.thesis_ko):
        text.append(f"\n{inert(thesis, PROSE_LENGTH)}", style="italic")
    return text


def _member(member: Member, labels: Labels) -> Text:
    marks = "" if member.basis == "category" else f" [{member.basis}]"
    sure = "" if member.confidence == "high" else f" ({member.confidence})"
    return Text.assemble(
        (f"{member.symbol:<9}", "bold"),
        f" {inert(labels.pick(member.name, member.name_ko))}",
        (f"{marks}{sure} {inert(member.why, PROSE_LENGTH)}", "dim"),
    )
