"""Order a screening within its sides, and cut it down to the rows asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from screener.columns import BY_NAME
from screener.errors import UsageError, did_you_mean
from screener.model import SIDES

if TYPE_CHECKING:
    import pandas as pd

    from screener.where import Expression


@dataclass(frozen=True, slots=True)
class Order:
    """A column to sort by, and which way."""

    column: str
    descending: bool

    @classmethod
    def parse(cls, text: str) -> Order:
        """Read COLUMN, COLUMN:asc or COLUMN:desc; without a direction, the column's own."""
        name, _, direction = text.partition(":")
        if name not in BY_NAME:
            raise UsageError(
                f"--sort {text}: no column {name!r}{did_you_mean(name, BY_NAME)}; see `screener columns`"
            )
        if direction not in {"", "asc", "desc"}:
            raise UsageError(f"--sort {text}: {direction!r} is no direction; expected asc or desc")
        return cls(name, direction == "desc" if direction else BY_NAME[name].descending)


#: losers by the deepest drawdown, winners by the best return, the rest like the winners
DEFAULT_ORDER = {"loser": Order("max_drawdown", descending=False)}
OTHER_ORDER = Order("return_since", descending=True)


def ranked(table: pd.DataFrame, order: Order | None = None) -> pd.DataFrame:
    """Return the table losers first, then winners, then the rest, each side in order and numbered.

    Rows without the sort figure come last; ties stand by symbol, so that the order never depends on chance.
    """
    import pandas as pd

    parts = []
    for side in (*SIDES, ""):
        part = table[table["side"] == side]
        part = _sorted(part, _order(side, order))
        parts.append(part.assign(rank=np.arange(1, len(part) + 1)))
    return pd.concat(parts, ignore_index=True)


def narrowed(table: pd.DataFrame, where: Expression | None = None, top: int | None = None) -> pd.DataFrame:
    """Return the rows for which the expression holds, at most `top` of each side; ranks stay as they are."""
    if where is not None:
        table = table[where.mask(table)]
    if top is not None:
        table = table.groupby("side", sort=False).head(top)
    return table.reset_index(drop=True)


def _order(side: str, order: Order | None) -> Order:
    """Return the order of a side; by `rank` is its default order, either way round."""
    default = DEFAULT_ORDER.get(side, OTHER_ORDER)
    if order is None:
        return default
    if order.column == "rank":
        return replace(default, descending=default.descending != order.descending)
    return order


def _sorted(part: pd.DataFrame, order: Order) -> pd.DataFrame:
    part = part.sort_values("symbol", kind="stable")
    key = part[order.column].replace("", None) if BY_NAME[order.column].kind == "text" else part[order.column]
    at = key.reset_index(drop=True).sort_values(
        ascending=not order.descending, kind="stable", na_position="last"
    )
    return part.iloc[at.index]
