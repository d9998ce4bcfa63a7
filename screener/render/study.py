"""The event study of one security: what its market explains, and what is left on each window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table
from rich.text import Text

from screener.columns import BY_NAME
from screener.pipeline.study import named
from screener.render.ranking import value_style
from screener.render.values import EMPTY, FRACTION_DECIMALS, human

if TYPE_CHECKING:
    from rich.console import RenderableType

    from screener.analytics.event_study import Window
    from screener.labels import Labels
    from screener.pipeline.profile import Profile

#: windows shown of every security, besides the one asked for
SHOWN = ("day", "week", "clean")


def study_section(profile: Profile, labels: Labels) -> list[RenderableType]:
    """Return abnormal return, beta, and CAR with its t by window; nothing where there is no model."""
    study, column = profile.screening.study, _column(profile)
    normal = study.returns.normal
    if not study.measured[column] or not np.isfinite(normal.residual_sd[column]):
        return []
    value = profile.row["abnormal_return"]
    head = Text.assemble(
        (labels.word("event_study"), "bold"),
        f"  {labels.head('abnormal_return')} ",
        (human(BY_NAME["abnormal_return"], value), value_style("abnormal_return", value, labels)),
        f" · {_model(profile, labels)}",
    )
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in ("window", "sessions"):
        table.add_column(labels.word(name))
    for name in ("car", "car_t"):
        table.add_column(labels.head(name), justify="right")
    reach = study.reaches[profile.row["market"]]
    for window, part, car, t in _windows(profile):
        name = named(window)
        table.add_row(
            name if reach.planned(window) == part else labels.word("unfinished", window=name),
            named(part) if part else EMPTY,
            Text(human(BY_NAME["car"], car), style=value_style("car", car, labels)),
            human(BY_NAME["car_t"], t),
        )
    return [head, table, Text()]


def study_record(profile: Profile) -> dict[str, Any]:
    """Return the event study of a security for JSON."""
    study, column = profile.screening.study, _column(profile)
    normal = study.returns.normal
    return {
        "model": study.terms.model,
        "estimation": list(study.terms.estimation),
        "n_estimation": int(normal.n_estimation[column]),
        **{
            name: _rounded(getattr(normal, name)[column])
            for name in ("alpha", "beta", "beta_se", "residual_sd")
        },
        "windows": {
            named(window): {"sessions": part and list(part), "car": _rounded(car), "car_t": _rounded(t)}
            for window, part, car, t in _windows(profile)
        },
    }


def _windows(profile: Profile) -> list[tuple[str | Window, Window | None, float, float]]:
    """Return the windows shown, each with its sessions so far, CAR and t."""
    study, theme = profile.screening.study, profile.screening.theme
    shown = [name for name in SHOWN if name != "clean" or theme.windows.clean_until]
    asked = dict.fromkeys([*shown, study.terms.window])
    return [(window, *study.cumulated(profile.symbol, window)) for window in asked]


def _column(profile: Profile) -> int:
    return profile.screening.study.symbols.index(profile.symbol)


def _model(profile: Profile, labels: Labels) -> str:
    study, column = profile.screening.study, _column(profile)
    model, normal = labels.of("models", study.terms.model), study.returns.normal
    values = {"beta": f"{normal.beta[column]:.2f}", "count": int(normal.n_estimation[column])}
    return f"{model}: {labels.word('model_line', benchmark=profile.row['benchmark'], **values)}"


def _rounded(value: float) -> float | None:
    return round(float(value), FRACTION_DECIMALS) if np.isfinite(value) else None
