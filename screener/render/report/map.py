"""The map of a report: how deep each security fell, and how far it rebounded from there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.cells import cell_len

from screener.render.report.svg import INK, Sheet, to_svg
from screener.render.values import inert, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from matplotlib.axes import Axes

    from screener.analytics.measures import Floats
    from screener.labels import Labels
    from screener.pipeline.report import Report

#: CSS pixels of the map on a wide screen and on a narrow one
SIZES = {"wide": (1040, 560), "narrow": (340, 420)}
#: pixels around it for the figures of its scales
LEFT, BELOW, ABOVE, RIGHT = 46, 40, 24, 8
#: moves at which the map has a grid line, as many as reach into it
MOVES = (-0.95, -0.9, -0.8, -0.7, -0.6, -0.5, -0.4, -0.3, -0.2, -0.1, 0.0, 0.1, 0.25, 0.5, 1, 2, 4, 9, 19, 49)
#: pixels between two grid lines that can be told apart
GRID_GAP = 40
LABEL_SIZE = 11
#: pixels of a letter on average, and between a mark and its name
LETTER, OFFSET = 6.4, 8
MARKER_AREA = 34
#: pixels of width for each name beside its mark
ROOM_FOR_A_NAME = 30


@dataclass(frozen=True, slots=True)
class _Plane:
    """Where falls and rebounds lie in pixels, on log scales: there the line of the regained base is straight."""

    width: int
    height: int
    #: logs of 1 + fall and 1 + rebound at the edges; rebounds begin at 0
    low: float
    high: float
    top: float

    def x(self, log: Any) -> Any:
        """Pixels from the left of a log of 1 + fall."""
        return LEFT + (log - self.low) / (self.high - self.low) * (self.width - LEFT - RIGHT)

    def y(self, log: Any) -> Any:
        """Pixels from below of a log of 1 + rebound."""
        return BELOW + log / self.top * (self.height - BELOW - ABOVE)


def map_drawings(report: Report, labels: Labels, sheet: Sheet) -> dict[str, str]:
    """Return the map as SVG for a wide screen and for a narrow one; none where no security has moved."""
    rows = moved(report)
    if not len(rows):
        return {}
    told = map_told(rows, labels)
    tips = [_tip(row, labels) for _, row in rows.iterrows()]
    fall, rebound = np.log1p(rows["fall"].to_numpy()), np.log1p(rows["rebound"].to_numpy())
    drawings = {}
    for name, (width, height) in SIZES.items():
        low, high = min(fall.min(), -0.1) * 1.04, max(fall.max(), 0.0) + 0.04
        plane = _Plane(width, height, float(low), float(high), float(max(rebound.max(), 0.1)))
        axes = sheet.blank(width, height)
        axes.set_xlim(0, width)
        axes.set_ylim(0, height)
        _draw_grid(axes, plane, labels)
        _draw_regained(axes, plane, labels)
        _draw_marks(axes, rows, (plane.x(fall), plane.y(rebound)), labels, plane)
        drawings[name] = to_svg(sheet, f"map-{name}", told, tips)
    return drawings


def moved(report: Report) -> pd.DataFrame:
    """Return the rows that have a place on the map."""
    table = report.screening.table
    return table[(table["fall"] > -1) & table["rebound"].notna()]


def map_told(rows: pd.DataFrame, labels: Labels) -> str:
    """Say in words what the map shows: how many stand at their base, the extremes by name."""
    deepest, highest = rows.nsmallest(3, "fall"), rows.nlargest(3, "rebound")
    return labels.of("report", "map_told").format(
        count=len(rows),
        back=int((rows["return_since"] >= 0).sum()),
        deepest=", ".join(f"{_name(row, labels)} {percent(row['fall'])}" for _, row in deepest.iterrows()),
        highest=", ".join(f"{_name(row, labels)} {percent(row['rebound'])}" for _, row in highest.iterrows()),
    )


def _draw_grid(axes: Axes, plane: _Plane, labels: Labels) -> None:
    right, top = plane.x(plane.high), plane.y(plane.top)
    down = dict(_grid(plane.low, plane.high, plane.x))
    across = dict(_grid(0.0, plane.top, plane.y))
    axes.vlines(list(down), BELOW, top, colors=INK["line"], linewidth=0.8, zorder=0)
    axes.hlines(list(across), LEFT, right, colors=INK["line"], linewidth=0.8, zorder=0)
    for at, value in down.items():
        _write(axes, at, BELOW - 6, f"{value:+.0%}", ha="center", va="top")
    for at, value in across.items():
        _write(axes, LEFT - 5, at, f"{value:+.0%}", ha="right", va="center")
    _write(axes, right, 2, labels.of("report", "map_x"), ha="right", va="bottom")
    _write(axes, LEFT, plane.height - 2, labels.of("report", "map_y"), ha="left", va="top")


def _grid(low: float, high: float, pixels: Any) -> Iterator[tuple[float, float]]:
    """Yield (pixels, move) of the grid lines between two logs, no two of them too close; 0 comes first."""
    chosen: list[float] = []
    for value in sorted(MOVES, key=abs):
        log = float(np.log1p(value))
        at = float(pixels(log))
        if low <= log <= high and all(abs(at - other) >= GRID_GAP for other in chosen):
            chosen.append(at)
            yield at, value


def _draw_regained(axes: Axes, plane: _Plane, labels: Labels) -> None:
    """Draw the line on and above which the last close is at the base or higher."""
    corner = min(plane.top, -plane.low)
    x, y = plane.x(np.array([-corner, 0.0])), plane.y(np.array([corner, 0.0]))
    axes.plot(x, y, color=INK["ink"], linewidth=1.1, linestyle=(0, (4, 3)))
    at = 0.06
    x_label, y_label = x[0] + at * (x[1] - x[0]) + 6, y[0] + at * (y[1] - y[0])
    _write(axes, x_label, y_label, labels.of("report", "regained_line"), INK["ink"], ha="left", va="bottom")


def _draw_marks(
    axes: Axes, rows: pd.DataFrame, at: tuple[Floats, Floats], labels: Labels, plane: _Plane
) -> None:
    """Draw a mark a security, and name those that stand out where there is room."""
    x, y = at
    colours = [INK.get(side, INK["muted"]) for side in rows["side"]]
    axes.scatter(
        x, y, s=MARKER_AREA, c=colours, alpha=0.75, linewidths=0.6, edgecolors=INK["paper"], zorder=3
    )
    outlying = np.hypot((x - np.median(x)) / (np.std(x) or 1), (y - np.median(y)) / (np.std(y) or 1))
    taken: list[tuple[float, float, float]] = []
    for index in np.argsort(-outlying, kind="stable")[: plane.width // ROOM_FOR_A_NAME]:
        name = _name(rows.iloc[index], labels)
        wide = cell_len(name) * LETTER
        fits = x[index] + OFFSET + wide < plane.width
        start = float(x[index] + OFFSET if fits else x[index] - OFFSET - wide)
        box = (start, float(y[index]), wide)
        others = np.arange(len(x)) != index
        if not _covers(box, x[others], y[others]).any() and all(_apart(box, other) for other in taken):
            taken.append(box)
            _write(axes, start, box[1], name, INK["ink"], va="center", zorder=4)


def _covers(box: tuple[float, float, float], x: Floats, y: Floats) -> Any:
    """Tell which marks a name would lie on."""
    start, middle, wide = box
    return (np.abs(y - middle) < LABEL_SIZE) & (x > start - OFFSET / 2) & (x < start + wide + OFFSET / 2)


def _apart(one: tuple[float, float, float], other: tuple[float, float, float]) -> bool:
    """Tell whether two names keep clear of each other."""
    beside = one[0] > other[0] + other[2] or other[0] > one[0] + one[2]
    return beside or abs(one[1] - other[1]) > LABEL_SIZE + 2


def _write(axes: Axes, x: float, y: float, text: str, colour: str = INK["muted"], **how: Any) -> None:
    axes.text(x, y, text, fontsize=LABEL_SIZE, color=colour, parse_math=False, **how)


def _tip(row: Any, labels: Labels) -> str:
    return labels.of("report", "point").format(
        name=f"{row['symbol']} {_name(row, labels)}",
        fall=percent(row["fall"]),
        rebound=percent(row["rebound"]),
        since=percent(row["return_since"]),
    )


def _name(row: Any, labels: Labels) -> str:
    return inert(labels.pick(row["name"], row["name_ko"]) or row["symbol"])
