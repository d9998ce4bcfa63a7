"""The scorecard: whether each category of a theme went the way that the article expects, beyond chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from screener.analytics import category_tests
from screener.analytics.category_tests import Statistic, caar_path, category_test
from screener.analytics.event_study import cumulate
from screener.columns import PATH_COLUMNS, SCORE_COLUMNS, TEST_NAMES
from screener.errors import UsageError, did_you_mean
from screener.pipeline.study import named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

    from screener.analytics.category_tests import CaarPath, CategoryTest, Spread
    from screener.analytics.event_study import Ints, Window
    from screener.model import Category, Side
    from screener.pipeline.screening import Screening

Verdict = Literal["supported", "contradicted", "undecided"]
VERDICTS: tuple[Verdict, ...] = ("supported", "contradicted", "undecided")
#: the test that keeps its level where members move together (rates: python -m tests.calibration)
VERDICT_TEST = "kolari_pynnonen"
#: two-sided
LEVEL = 0.05
#: fewer members are little to go by
FEW = 5
NO_STATISTIC = Statistic(np.nan, np.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """Every category of a screening tested, and the spreads between winners and losers."""

    screening: Screening
    #: a row a category in the theme's order, then a row a spread; columns SCORE_COLUMNS and TEST_COLUMNS
    table: pd.DataFrame

    def tally(self) -> dict[str, dict[Verdict, int]]:
        """Return how many categories of each basis were supported, contradicted and undecided."""
        rows = self.table[self.table["kind"] == "category"]
        found = zip(rows["basis"], rows["verdict"], strict=True)
        counts: dict[str, dict[Verdict, int]] = {
            basis: dict.fromkeys(VERDICTS, 0) for basis in ("stated", "inferred", "extension")
        }
        for basis, verdict in found:
            counts[basis][verdict] += 1
        return {basis: numbers for basis, numbers in counts.items() if any(numbers.values())}


def score(screening: Screening) -> Scorecard:
    """Test every category on the window that the screening was asked for."""
    import pandas as pd

    rows = [*_categories(screening), *_spreads(screening)]
    names = [column.name for column in SCORE_COLUMNS]
    names += [name for test in TEST_NAMES for name in (test, f"{test}_p")]
    return Scorecard(screening=screening, table=pd.DataFrame(rows, columns=names))


def spread(
    screening: Screening, first: Iterable[str], second: Iterable[str], window: str | Window
) -> Spread | None:
    """Return the mean CAR of the first securities less that of the second, with its test.

    The window is the largest part that every market concerned has behind it; None where none has begun it.
    """
    study = screening.study
    columns = study.columns(first), study.columns(second)
    common = study.common_window(window, np.concatenate(columns).tolist())
    return category_tests.spread(study.returns, *columns, common) if common else None


def verdict_of(side: Side, mean: float, statistic: Statistic) -> Verdict:
    """Hold a mean and its test against the side; undecided where chance could do it or the two disagree."""
    if not statistic.p < LEVEL or _mixed(mean, statistic):
        return "undecided"
    return "supported" if (mean > 0) == (side == "winner") else "contradicted"


def path_of(screening: Screening, category: str, window: str | Window) -> CaarPath:
    """Return the CAAR of a category session by session, with its band.

    Raises UsageError for a category that was not screened, and for one with nothing measured on the window.
    """
    symbols = _symbols(screening, category=category)
    if not symbols:
        known = [entry.id for entry in screening.theme.categories]
        raise UsageError(f"--chart {category}: no such category was screened{did_you_mean(category, known)}")
    columns = screening.study.columns(symbols)
    common = screening.study.common_window(window, columns.tolist())
    if common is None:
        raise UsageError(
            f"--chart {category}: none of its members is measured on {named(window)}; try another --window, "
            "--source or --as-of"
        )
    return caar_path(screening.study.returns, columns, common)


def path_window(screening: Screening) -> str | Window:
    """Return the window asked for, or one of several sessions in place of `day`."""
    asked = screening.study.terms.window
    if asked != "day":
        return asked
    return "clean" if screening.theme.windows.clean_until else "all"


def path_table(path: CaarPath) -> pd.DataFrame:
    """Return a path as a table with the columns PATH_COLUMNS."""
    import pandas as pd

    values = {"session": path.sessions, "caar": path.caar, "low": path.low, "high": path.high, "n": path.n}
    return pd.DataFrame({column.name: values[column.name] for column in PATH_COLUMNS})


def _categories(screening: Screening) -> Iterator[dict[str, Any]]:
    for category in screening.theme.categories:
        symbols = _symbols(screening, category=category.id)
        if symbols:
            yield _category(screening, category, symbols)


def _category(screening: Screening, category: Category, symbols: tuple[str, ...]) -> dict[str, Any]:
    study = screening.study
    columns = study.columns(symbols)
    tests = {name: _tested(screening, columns, name) for name in ("day", "week", "clean")}
    test = _tested(screening, columns, study.terms.window)
    statistic = test.statistics[VERDICT_TEST] if test else NO_STATISTIC
    moves = screening.table.set_index("symbol")["event_return"].reindex(
        [study.symbols[column] for column in columns]
    )
    return {
        "kind": "category",
        "category": category.id,
        "side": category.side,
        "basis": category.basis,
        "members": len(symbols),
        "n": test.n if test else 0,
        "median_event_return": moves.median(),
        "share_expected": _share(screening, columns, test, category.side),
        "aar": _mean(tests["day"]),
        **_ends(tests["week"], tests["clean"]),
        "correlation": test.mean_correlation if test else np.nan,
        **_outcome(category.side, test, statistic, VERDICT_TEST),
        "reservation": _reservation(test.n if test else 0, _mean(test), statistic),
        **_side_by_side(test),
    }


def _spreads(screening: Screening) -> Iterator[dict[str, Any]]:
    """Yield winners less losers: all of them, then country by country where both sides are."""
    countries = [market.market.country for market in screening.panels.values()]
    for country in (None, *dict.fromkeys(countries)) if len(set(countries)) > 1 else (None,):
        winners, losers = (_symbols(screening, side=side, country=country) for side in ("winner", "loser"))
        found = spread(screening, winners, losers, screening.study.terms.window)
        if found and found.n_first and found.n_second:
            yield _spread(screening, winners, losers, country, found)


def _spread(
    screening: Screening,
    winners: tuple[str, ...],
    losers: tuple[str, ...],
    country: str | None,
    found: Spread,
) -> dict[str, Any]:
    day, week, clean = (spread(screening, winners, losers, name) for name in ("day", "week", "clean"))
    return {
        "kind": "spread",
        "category": f"winners-losers:{country}" if country else "winners-losers",
        "side": "winner",
        "basis": "",
        "members": len(winners) + len(losers),
        "n": found.n_first + found.n_second,
        "aar": _mean(day),
        **_ends(week, clean),
        **_outcome("winner", found, found.test, "portfolio"),
        "reservation": _reservation(min(found.n_first, found.n_second), found.difference, found.test, 1),
        "portfolio": found.test.value,
        "portfolio_p": found.test.p,
    }


def _symbols(
    screening: Screening, *, category: str = "", side: str = "", country: str | None = None
) -> tuple[str, ...]:
    """Return the securities screened of a category or side, of one country or all."""
    table = screening.table
    chosen = table["category"].eq(category) if category else table["side"].eq(side)
    if country:
        markets = [name for name, panel in screening.panels.items() if panel.market.country == country]
        chosen &= table["market"].isin(markets)
    return tuple(table.loc[chosen, "symbol"])


def _tested(screening: Screening, columns: Ints, window: str | Window) -> CategoryTest | None:
    common = screening.study.common_window(window, columns.tolist())
    return category_test(screening.study.returns, columns, common) if common else None


def _share(screening: Screening, columns: Ints, test: CategoryTest | None, side: Side) -> float:
    """Return the share of members measured whose CAR on the tested window has the sign of the side."""
    if test is None or not test.n:
        return np.nan
    cumulative = cumulate(screening.study.returns.select(columns), test.window)
    cars = cumulative.car[-1, np.isfinite(cumulative.scaled[-1])]
    return float(((cars > 0) if side == "winner" else (cars < 0)).mean())


def _mean(result: CategoryTest | Spread | None) -> float:
    if result is None:
        return np.nan
    return result.caar if isinstance(result, category_tests.CategoryTest) else result.difference


def _ends(week: CategoryTest | Spread | None, clean: CategoryTest | Spread | None) -> dict[str, float]:
    return {
        "caar_week": _mean(week),
        "week_end": week.window[1] if week else np.nan,
        "caar_clean": _mean(clean),
        "clean_end": clean.window[1] if clean else np.nan,
    }


def _outcome(
    side: Side, result: CategoryTest | Spread | None, statistic: Statistic, test: str
) -> dict[str, Any]:
    return {
        "window": named(result.window) if result else "",
        "caar": _mean(result),
        "test": test,
        "statistic": statistic.value,
        "p": statistic.p,
        "verdict": verdict_of(side, _mean(result), statistic),
    }


def _reservation(n: int, mean: float, statistic: Statistic, least: int = 2) -> str:
    """Return why a verdict is to be taken with care, or why there is none."""
    if n < least:
        return "single" if n else "none"
    if not np.isfinite(statistic.p):
        return "untested"
    if statistic.p < LEVEL and _mixed(mean, statistic):
        return "mixed"
    return "few" if n < FEW else ""


def _mixed(mean: float, statistic: Statistic) -> bool:
    """Tell whether the mean and the statistic, which weighs members by their noise, differ in sign."""
    return bool(np.sign(mean) != np.sign(statistic.value))


def _side_by_side(test: CategoryTest | None) -> dict[str, float]:
    statistics = test.statistics if test else {}
    found = {name: statistics.get(name, NO_STATISTIC) for name in TEST_NAMES}
    return {
        name: value
        for test_name, statistic in found.items()
        for name, value in ((test_name, statistic.value), (f"{test_name}_p", statistic.p))
    }
