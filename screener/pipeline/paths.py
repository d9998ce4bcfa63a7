"""The path of each category since the shock, its benchmark's, and its recovery, in event time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from screener.analytics.paths import group_median, recovery_path, returns_since, side_by_side

if TYPE_CHECKING:
    from screener.analytics.measures import Floats
    from screener.model import Category
    from screener.pipeline.screening import Screening


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryPath:
    """What happened to the typical member of a category, session by session.

    Row 0 is the base session, row 1 the event session of each member's own exchange; NaN where fewer than half
    of the members have a value.
    """

    category: Category
    #: members that were measured
    members: int
    #: median return since the base
    since: Floats
    #: median return since the base of the members' benchmarks, on the sessions on which the members have theirs
    benchmark: Floats
    #: median recovery of the members that have closed below their base
    recovery: Floats


def category_paths(screening: Screening) -> tuple[CategoryPath, ...]:
    """Return the path of every category of which at least one member was measured, in the theme's order."""
    symbols, since, benchmarks = _lined_up(screening)
    at = {symbol: column for column, symbol in enumerate(symbols)}
    paths = []
    for category in screening.theme.categories:
        columns = [at[member.symbol] for member in category.members if member.symbol in at]
        if columns:
            paths.append(_path(category, since[:, columns], benchmarks[:, columns]))
    return tuple(paths)


def security_paths(screening: Screening) -> dict[str, Floats]:
    """Return the return since the base of each measured security, session by session from its base on."""
    symbols, since, _ = _lined_up(screening)
    return {symbol: since[:, column] for column, symbol in enumerate(symbols)}


def _path(category: Category, since: Floats, benchmarks: Floats) -> CategoryPath:
    return CategoryPath(
        category=category,
        members=since.shape[1],
        since=group_median(since),
        # where prices of the members end, what the benchmark did afterwards says nothing about them
        benchmark=group_median(np.where(np.isfinite(since), benchmarks, np.nan)),
        recovery=group_median(recovery_path(since), quorum=0),
    )


def _lined_up(screening: Screening) -> tuple[list[str], Floats, Floats]:
    """Return the measured symbols, their returns since the base, and those of their benchmarks."""
    table = screening.table[screening.table["return_since"].notna()]
    symbols: list[str] = []
    since, benchmarks = [], []
    for market, rows in table.groupby("market", sort=False):
        panel = screening.panels[str(market)]
        names = rows["symbol"].tolist()
        close = np.column_stack([panel.closes(name) for name in names])[panel.base :]
        symbols += names
        since.append(returns_since(close, rows["base_close"].to_numpy()))
        index = panel.closes(panel.market.benchmark)[panel.base :, None]
        benchmarks.append(np.repeat(returns_since(index, index[0]), len(names), axis=1))
    return symbols, side_by_side(since), side_by_side(benchmarks)
