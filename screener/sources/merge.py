"""How new bars meet stored ones: added where they agree, taken whole where history was rewritten. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from screener.sources.answer import BadData

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ratios = NDArray[np.float64]

#: closes of the same session that differ by more were rewritten: a split, a correction
TOLERANCE = 1e-4
# a vendor that mixes up pence and pounds, cents and dollars
_UNITS = (100.0, 0.01)
_UNIT_TOLERANCE = 0.05


class Rewritten(Exception):  # noqa: N818 - no error: the sign to ask for the whole window
    """The overlap does not agree with the store, or there is none."""


def added(stored: pd.DataFrame, fresh: pd.DataFrame) -> pd.DataFrame:
    """Return stored bars with the fresh ones added or in their place. Raises Rewritten, BadData."""
    ratio = _overlap(stored, fresh)
    if not len(ratio) or _differs(ratio):
        raise Rewritten
    return _union(stored, fresh)


def replaced(stored: pd.DataFrame, fresh: pd.DataFrame, *, lose: bool = False) -> pd.DataFrame:
    """Return the fresh history in place of the stored, which it must cover unless `lose`. Raises BadData."""
    if lose:
        return fresh
    if not _differs(_overlap(stored, fresh)):
        return _union(stored, fresh)
    lost = np.setdiff1d(_final(stored)["date"].to_numpy(), _final(fresh)["date"].to_numpy())
    if len(lost):
        day = lost[0].astype("M8[D]")
        raise BadData(
            f"history was rewritten, but {len(lost)} stored sessions are missing from it ({day} first); "
            "kept what was stored, `screener fetch --full` takes the new one"
        )
    return fresh


def _overlap(stored: pd.DataFrame, fresh: pd.DataFrame) -> Ratios:
    """Fresh close over stored close on the final sessions of both. Raises BadData if the unit is another."""
    if stored.empty:
        return np.empty(0)
    old, new = _final(stored), _final(fresh)
    _, at_old, at_new = np.intersect1d(
        old["date"].to_numpy(), new["date"].to_numpy(), assume_unique=True, return_indices=True
    )
    ratio: Ratios = new["close"].to_numpy()[at_new] / old["close"].to_numpy()[at_old]
    if len(ratio):
        middle = float(np.median(ratio))
        for unit in _UNITS:
            if abs(middle / unit - 1) < _UNIT_TOLERANCE:
                raise BadData(f"closes are {unit:g} times the stored ones")
    return ratio


def _differs(ratio: Ratios) -> bool:
    return bool((np.abs(ratio - 1) > TOLERANCE).any())


def _union(stored: pd.DataFrame, fresh: pd.DataFrame) -> pd.DataFrame:
    """Fresh bars win, but an unfinished one never over a final one; stored unfinished ones are dropped."""
    if stored.empty:
        return fresh
    kept = _final(stored)
    fresh = fresh[fresh["final"] | ~fresh["date"].isin(kept["date"])]
    kept = kept[~kept["date"].isin(fresh["date"])]
    if kept.empty:
        return fresh
    return pd.concat((kept, fresh)).sort_values("date", ignore_index=True)


def _final(bars: pd.DataFrame) -> pd.DataFrame:
    return bars[bars["final"].astype(bool)]
