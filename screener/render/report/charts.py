"""The charts of a report that have a panel a category: paths since the base, recovery over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from screener.render.report.svg import INK, Sheet, to_svg
from screener.render.values import EMPTY, inert, is_empty, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from screener.analytics.measures import Floats
    from screener.labels import Labels
    from screener.pipeline.paths import CategoryPath
    from screener.pipeline.report import Report

#: CSS pixels of a path and of a strip of recovery
PATH_SIZE, STRIP_SIZE = (300, 132), (420, 34)
LABEL_SIZE = 11
#: steps between the lines of a scale of returns, and the most that there may be
STEPS = (0.05, 0.1, 0.2, 0.25, 0.5, *(factor * 10.0**power for power in range(9) for factor in (1, 2, 5)))
MOST_STEPS = 5


@dataclass(frozen=True, slots=True)
class Drawing:
    """One SVG with its caption; `side` colours it."""

    title: str
    #: where it stands now, in a few characters
    now: str
    svg: str
    side: str


def path_drawings(report: Report, labels: Labels, sheet: Sheet) -> list[Drawing]:
    """Return the path of each category against its benchmark, all on one scale."""
    scale = _scale([values for path in report.paths for values in (path.since, path.benchmark)])
    drawings = []
    for path in report.paths:
        _draw_path(sheet.blank(*PATH_SIZE), path, scale)
        svg = to_svg(sheet, f"path-{path.category.id}", path_told(path, labels))
        now = labels.of("report", "path_short").format(
            now=figure_of(last_known(path.since)), benchmark=figure_of(last_known(path.benchmark))
        )
        drawings.append(Drawing(category_title(path, labels), now, svg, path.category.side))
    return drawings


def recovery_drawings(report: Report, labels: Labels, sheet: Sheet) -> list[Drawing]:
    """Return the recovery of each category over time, 0 to 100 % high."""
    drawings = []
    for path in report.paths:
        _draw_recovery(sheet.blank(*STRIP_SIZE), path)
        svg = to_svg(sheet, f"recovery-{path.category.id}", recovery_told(path, labels), stretched=True)
        last = last_known(path.recovery)
        now = EMPTY if is_empty(last) else f"{last:,.0%}"
        drawings.append(Drawing(category_title(path, labels), now, svg, path.category.side))
    return drawings


def path_told(path: CategoryPath, labels: Labels) -> str:
    """Say in words what the chart of a category's path shows."""
    known = np.flatnonzero(np.isfinite(path.since))
    moved = known[known > 0]
    lowest = moved[np.argmin(path.since[moved])] if len(moved) else 0
    return labels.of("report", "path_told").format(
        category=category_title(path, labels),
        members=path.members,
        event=figure_of(path.since[1] if len(path.since) > 1 else np.nan),
        low=figure_of(path.since[lowest]),
        session=lowest,
        now=figure_of(last_known(path.since)),
        sessions=known[-1] if len(known) else 0,
        benchmark=figure_of(last_known(path.benchmark)),
    )


def recovery_told(path: CategoryPath, labels: Labels) -> str:
    """Say in words what the chart of a category's recovery shows."""
    category, known = category_title(path, labels), np.flatnonzero(np.isfinite(path.recovery))
    if not len(known):
        return labels.of("report", "recovery_none").format(category=category)
    best = known[np.argmax(path.recovery[known])]
    return labels.of("report", "recovery_told").format(
        category=category,
        now=figure_of(last_known(path.recovery), signed=False),
        best=figure_of(path.recovery[best], signed=False),
        session=best,
    )


def category_title(path: CategoryPath, labels: Labels) -> str:
    """Return a category's title in the reader's language."""
    return inert(labels.pick(path.category.title, path.category.title_ko))


def last_known(values: Floats) -> float:
    """Return the last value that there is, NaN where there is none."""
    known = values[np.isfinite(values)]
    return float(known[-1]) if len(known) else float("nan")


def figure_of(value: float, *, signed: bool = True) -> str:
    """Return a fraction as percent, a dash for none."""
    return EMPTY if is_empty(value) else percent(value, signed=signed)


def _draw_path(axes: Axes, path: CategoryPath, scale: list[float]) -> None:
    sessions, last = np.arange(len(path.since)), max(len(path.since) - 1, 1)
    low, high = scale[0], scale[-1]
    axes.hlines(scale, 0, last, colors=INK["line"], linewidth=0.8, zorder=0)
    axes.hlines(0, 0, last, colors=INK["muted"], linewidth=0.8)
    axes.plot(sessions, path.benchmark, color=INK["benchmark"], linewidth=1.3)
    axes.plot(sessions, path.since, color=INK[path.category.side], linewidth=1.9)
    for value in scale:
        text = f"{value:+.0%}" if value else "0"
        axes.text(
            -0.015 * last, value, text, ha="right", va="center", fontsize=LABEL_SIZE, color=INK["muted"]
        )
    for value in (1, last):
        below = low - 0.03 * (high - low)
        axes.text(value, below, str(value), ha="center", va="top", fontsize=LABEL_SIZE, color=INK["muted"])
    axes.set_xlim(-0.15 * last, 1.03 * last)
    axes.set_ylim(low - 0.17 * (high - low), high + 0.02 * (high - low))


def _draw_recovery(axes: Axes, path: CategoryPath) -> None:
    sessions, last = np.arange(len(path.recovery)), max(len(path.recovery) - 1, 1)
    capped, colour = np.clip(path.recovery, 0, 1), INK[path.category.side]
    axes.hlines([0, 1], 0, last, colors=INK["line"], linewidth=1)
    axes.fill_between(sessions, 0, capped, color=colour, alpha=0.22, linewidth=0)
    axes.plot(sessions, capped, color=colour, linewidth=1.4)
    axes.set_xlim(0, last)
    axes.set_ylim(-0.06, 1.08)


def _scale(shown: Sequence[Floats]) -> list[float]:
    """Return round values, 0 among them, that reach from below the lowest value shown to above the highest."""
    known = np.concatenate([np.zeros(1), *(values[np.isfinite(values)] for values in shown)])
    low, high = min(known.min(), -0.1), max(known.max(), 0.1)
    step = next(size for size in STEPS if (high - low) / size <= MOST_STEPS)
    return [n * step for n in range(int(np.floor(low / step)), int(np.ceil(high / step)) + 1)]
