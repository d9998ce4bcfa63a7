"""One security for programs and documents: its row as CSV, everything as JSON, a Markdown page."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from screener.columns import BY_NAME, NAMES
from screener.errors import UsageError
from screener.render.caption import caption_lines, metadata
from screener.render.data import json_text
from screener.render.export import inert_markdown, to_csv
from screener.render.security import EPISODE_HEADS, MEASURES, episode_cells, place, reason_lines, title
from screener.render.study import study_record
from screener.render.values import FRACTION_DECIMALS, human, native

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from screener.analytics.episodes import Episode
    from screener.labels import Labels
    from screener.pipeline.profile import Profile


def security_text(profile: Profile, form: str, labels: Labels) -> str:
    """Return the security as csv (its row, as `rank` has it), json (everything) or md."""
    match form:
        case "csv":
            return to_csv(profile.table[list(NAMES)])
        case "json":
            return json_text(_record(profile))
        case "md":
            return _markdown(profile, labels)
    raise UsageError(f"--format {form}: not for one security; expected table, csv, json or md")


def _record(profile: Profile) -> dict[str, Any]:
    member = None
    if profile.category and profile.member:
        category = asdict(profile.category)
        del category["members"]
        member = asdict(profile.member) | {"category": category}
    return {
        "meta": metadata(profile.screening),
        "row": {name: native(BY_NAME[name], profile.row[name]) for name in NAMES},
        "event_study": study_record(profile),
        "episodes": [_episode(episode) for episode in profile.episodes],
        "member": member,
    }


def _episode(episode: Episode) -> dict[str, Any]:
    return {
        "begin": str(episode.begin),
        "trough": str(episode.trough),
        "end": None if episode.end is None else str(episode.end),
        "depth": round(episode.depth, FRACTION_DECIMALS),
        "peak_close": episode.peak_close,
        "trough_close": episode.trough_close,
        "sessions": episode.sessions,
        "sessions_to_trough": episode.sessions_to_trough,
    }


def _markdown(profile: Profile, labels: Labels) -> str:
    measures = [(labels.head(name), human(BY_NAME[name], profile.row[name])) for name in MEASURES]
    parts = [
        f"# {inert_markdown(title(profile, labels))}",
        inert_markdown(place(profile, labels)),
        _table((labels.word("measure"), labels.word("value")), measures),
    ]
    if profile.episodes:
        heads = [labels.word(name) for name in EPISODE_HEADS]
        cells = [episode_cells(episode, labels) for episode in profile.episodes]
        parts += [f"## {inert_markdown(labels.word('episodes'))}", _table(heads, cells)]
    if reasons := reason_lines(profile, labels):
        told = "\n".join(f"- {inert_markdown(label)}: {inert_markdown(text)}" for label, text in reasons)
        parts += [f"## {inert_markdown(labels.word('why'))}", told]
    caption = caption_lines(profile.screening, profile.screening.table, labels)
    parts.append("\n".join(f"{inert_markdown(line)}  " for line in caption))
    return "\n\n".join(parts) + "\n"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(
        f"| {' | '.join(cell if cell == '---' else inert_markdown(cell) for cell in line)} |"
        for line in lines
    )
