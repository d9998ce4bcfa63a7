"""One security of a screening: its row, its path, its drawdown episodes, and its place in the theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from screener.analytics.episodes import Episode, deepest
from screener.analytics.marks import Marks
from screener.errors import NoPricesError, UsageError, did_you_mean
from screener.pipeline.ranking import ranked

if TYPE_CHECKING:
    import pandas as pd

    from screener.analytics.panel import Panel
    from screener.model import Category, Member
    from screener.pipeline.screening import Screening

#: so many episodes are shown where no number is given
EPISODES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Everything there is to show of one security."""

    symbol: str
    screening: Screening
    #: one row, with the columns of `screener columns`
    table: pd.DataFrame
    panel: Panel
    marks: Marks
    #: the deepest drawdown episodes since the base
    episodes: tuple[Episode, ...]
    #: None outside the theme
    category: Category | None = None
    member: Member | None = None

    @property
    def row(self) -> pd.Series:
        """The values of its columns by name."""
        return self.table.iloc[0]


def profile_of(screening: Screening, symbol: str, episodes: int = EPISODES) -> Profile:
    """Take one security out of a screening.

    Raises UsageError where it was not screened, and NoPricesError where the source has no prices of it.
    """
    table = ranked(screening.table)
    table = table[table["symbol"] == symbol].reset_index(drop=True)
    if not len(table):
        raise UsageError(f"{symbol}: not among the securities screened{_near(screening, symbol)}")
    if table["status"].iloc[0] == "no_prices":
        raise _no_prices(screening, symbol)
    panel = screening.panels[table["market"].iloc[0]]
    marks = Marks(
        close=panel.closes(symbol),
        dates=panel.dates,
        base_session=panel.base,
        benchmark=panel.closes(panel.market.benchmark),
        benchmark_symbol=panel.market.benchmark,
    )
    place = {member.symbol: (category, member) for category, member in screening.theme.members()}
    category, member = place.get(symbol, (None, None))
    return Profile(
        symbol=symbol,
        screening=screening,
        table=table,
        panel=panel,
        marks=marks,
        episodes=deepest(marks.episodes, episodes),
        category=category,
        member=member,
    )


def _no_prices(screening: Screening, symbol: str) -> NoPricesError:
    reasons = {failure.symbol: failure.reason for failure in screening.failures}
    reason = reasons.get(symbol, f"{screening.source} has no prices of it up to {screening.as_of}")
    return NoPricesError(f"{symbol}: {reason}{_near(screening, symbol)}; try another --source or --as-of")


def _near(screening: Screening, symbol: str) -> str:
    """Offer a member with a like symbol, unless the symbol is itself one."""
    known = [member.symbol for _, member in screening.theme.members()]
    return "" if symbol in known else did_you_mean(symbol, known)
