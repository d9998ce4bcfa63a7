"""Price tables with one column a security: how the sample and many spreadsheets are laid out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


def read(path: Path) -> pd.DataFrame:
    """Read a trusted wide CSV (`date`, then a column of closes a symbol) as bars."""
    import pandas as pd

    table = pd.read_csv(path, index_col="date", parse_dates=["date"], date_format="%Y-%m-%d")
    return to_bars(table.sort_index(axis=1)).dropna(subset="close", ignore_index=True)


def to_bars(table: pd.DataFrame) -> pd.DataFrame:
    """Turn closes indexed by date, a column a symbol, into one row a date and symbol, by symbol and date."""
    import numpy as np
    import pandas as pd

    return pd.DataFrame(
        {
            "date": np.tile(table.index.to_numpy(), table.shape[1]),
            "symbol": np.repeat(table.columns.to_numpy(), len(table)),
            "close": table.to_numpy().ravel(order="F"),
        }
    )
