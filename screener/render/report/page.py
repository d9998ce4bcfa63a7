"""A report as one HTML file that loads nothing."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from pathlib import Path
from typing import TYPE_CHECKING

from screener.render.report.charts import path_drawings, recovery_drawings
from screener.render.report.map import map_drawings
from screener.render.report.sections import content_of
from screener.render.report.svg import Sheet

if TYPE_CHECKING:
    from screener.labels import Labels
    from screener.pipeline.report import Report

TEMPLATES = Path(__file__).parent.parent / "templates"
DATE = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])")
#: the box in which a path of a table is drawn
SPARK_WIDTH, SPARK_HEIGHT = 96, 22


def to_html(report: Report, labels: Labels) -> str:
    """Return the whole page: its style, its script and its drawings are inside it."""
    import jinja2
    from markupsafe import Markup

    sheet = Sheet()
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["said"] = lambda text: Markup(said(text))  # noqa: S704 - escapes
    environment.filters["spark"] = lambda path: Markup(spark(path))  # noqa: S704 - made of our own numbers
    script = (TEMPLATES / "report.js").read_text("utf-8").strip()
    return environment.get_template("report.html").render(
        content=content_of(report, labels),
        say=labels.sections["report"],
        sides=labels.sections["sides"],
        style=Markup((TEMPLATES / "report.css").read_text("utf-8").strip()),  # noqa: S704 - a file of ours
        script=Markup(script),  # noqa: S704 - a file of ours
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        paths=path_drawings(report, labels, sheet),
        recoveries=recovery_drawings(report, labels, sheet),
        maps=map_drawings(report, labels, sheet),
        draw=Markup,  # what the chart modules return has its texts escaped
    )


def said(text: str) -> str:
    """Return text escaped, its dates kept whole: browsers break lines at their hyphens."""
    return DATE.sub(r"<time>\g<0></time>", html.escape(text))


def spark(path: tuple[float, ...]) -> str:
    """Return returns since the base as a small line; the base is a line of its own, the end a dot."""
    if not path:
        return ""
    low, high = min(path), max(path)
    scale = (SPARK_HEIGHT - 4) / ((high - low) or 1.0)
    step = (SPARK_WIDTH - 6) / max(len(path) - 1, 1)

    def y(value: float) -> str:
        return f"{2 + (high - value) * scale:.1f}"

    points = " ".join(f"{2 + index * step:.0f},{y(value)}" for index, value in enumerate(path))
    base, end = y(0.0), y(path[-1])
    tone = "up" if path[-1] > 0 else "down"
    return (
        f'<svg class="spark {tone}" viewBox="0 0 {SPARK_WIDTH} {SPARK_HEIGHT}" aria-hidden="true">'
        f'<path d="M2 {base}H{SPARK_WIDTH - 4}"/><polyline points="{points}"/>'
        f'<circle cx="{SPARK_WIDTH - 4}" cy="{end}" r="2"/></svg>'
    )
