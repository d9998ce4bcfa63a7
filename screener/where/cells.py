"""A table's columns as a condition reads them: folded text, dates, floats; each converted once."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from screener.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from screener.columns import Kind


def fold(text: str) -> str:
    """Return `text` as it is compared: composed (NFC) and without case."""
    return unicodedata.normalize("NFC", text).casefold()


class Cells:
    """The columns of one table while one condition is held against it."""

    def __init__(self, table: pd.DataFrame) -> None:
        self._table = table
        self._read: dict[str, pd.Series[Any]] = {}

    def values(self, name: str, kind: Kind) -> pd.Series[Any]:
        """One value a row, with the table's index: folded text, datetime64 or float; missing where empty."""
        if name not in self._read:
            self._read[name] = self._convert(name, kind)
        return self._read[name]

    def filled(self, name: str, kind: Kind) -> pd.Series[bool]:
        """Tell for each row whether the cell has a value."""
        return self.values(name, kind).notna()

    def _convert(self, name: str, kind: Kind) -> pd.Series[Any]:
        import pandas as pd

        if name not in self._table.columns:
            near = did_you_mean(name, map(str, self._table.columns))
            raise UsageError(f"the condition uses {name}, a column that this table does not have{near}")
        cells: pd.Series[Any] = self._table[name]
        if kind == "text":
            text = cells.astype("str").str.normalize("NFC").str.casefold()
            return text.mask(text == "")
        if kind == "date":
            return pd.to_datetime(cells)
        # a column of NaT alone would otherwise become the smallest integer
        return pd.to_numeric(cells).astype("float64").where(cells.notna())
