"""Drawings of matplotlib as SVG that belongs in a page: its colours, its fonts, its text, a name for the blind."""

from __future__ import annotations

import html
import io
import os
import re
import warnings
from typing import TYPE_CHECKING

from screener import settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

#: stand-ins that a drawing uses for the colours of the page, so that it follows light, dark and print
INK = {
    "ink": "#000001",
    "muted": "#000002",
    "line": "#000003",
    "loser": "#000004",
    "winner": "#000005",
    "benchmark": "#000006",
    "paper": "#000007",
}
_OF_PAGE = {colour: f"var(--{name})" for name, colour in INK.items()}
_COLOUR = re.compile("|".join(_OF_PAGE))
_USELESS = re.compile(
    r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->| id=\"[a-z_0-9]+\"(?=>)", re.DOTALL
)
_FONT = re.compile(r"font: (?:[a-z0-9]+ )*([\d.]+)px [^;\"]*")
_OPENING = re.compile(r"<svg [^>]*?viewBox=\"0 0 ([\d.]+) ([\d.]+)\"[^>]*>")
_POINT = re.compile(r"<use ([^>]*)/>")


class Sheet:
    """A figure that is drawn on again and again: making axes takes longer than all that is drawn on them."""

    def __init__(self) -> None:
        # a service may have no home; without a folder matplotlib complains and looks for fonts anew at each run
        os.environ.setdefault("MPLCONFIGDIR", str(settings.cache_folder() / "matplotlib"))
        from matplotlib.figure import Figure

        self.figure = Figure(dpi=72, frameon=False)
        self.axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0), frameon=False)
        self.axes.set_axis_off()

    def blank(self, width: int, height: int) -> Axes:
        """Return the axes, empty, which fill so many CSS pixels."""
        for artist in (*self.axes.lines, *self.axes.collections, *self.axes.texts):
            artist.remove()
        self.figure.set_size_inches(width / 72, height / 72)
        return self.axes


def to_svg(sheet: Sheet, name: str, told: str, points: Sequence[str] = (), *, stretched: bool = False) -> str:
    """Return what is drawn as an SVG element.

    `name` sets its ids apart from those of other drawings on the page, `told` is what it says to whoever cannot
    see it, and `points` are the tips of its markers in the order in which they were drawn. A `stretched` one
    fills its box whatever the ratio of its sides.
    """
    from matplotlib import rc_context

    out = io.StringIO()
    blank = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": name}), warnings.catch_warnings():
        # the reader's fonts draw the text, matplotlib's own need not have its glyphs
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        sheet.figure.savefig(out, format="svg", metadata=blank)
    drawn = _USELESS.sub("", out.getvalue()).replace("xlink:href", "href")
    drawn = _COLOUR.sub(lambda found: _OF_PAGE[found[0]], _FONT.sub(r"font-size: \1px", drawn))
    opening = _OPENING.search(drawn)
    if opening is None:
        raise AssertionError("matplotlib wrote an SVG without a viewBox")
    width, height = opening.groups()
    ratio = ' preserveAspectRatio="none"' if stretched else ""
    head = f'<svg viewBox="0 0 {width} {height}"{ratio} role="img" aria-label="{html.escape(told)}">'
    return head + _with_tips(drawn[opening.end() :].strip(), points)


def _with_tips(drawn: str, points: Sequence[str]) -> str:
    """Give each marker its tip; they are drawn in one go, so that the SVG has them in the order given."""
    if not points:
        return drawn
    tips = iter(points)

    def tipped(found: re.Match[str]) -> str:
        return f"<use {found[1]}><title>{html.escape(next(tips))}</title></use>"

    return _POINT.sub(tipped, drawn)
