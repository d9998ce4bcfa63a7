"""Which rows a condition keeps, held against pandas, Python and hand-made tables."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.columns import Column
from screener.errors import UsageError
from screener.where import parse

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = pd.DataFrame(
    {
        "symbol": ["NVDA", "000660.KS", "AMD", "005930.KS", "SAP"],
        "name": ["NVIDIA", "SK하이닉스", None, "삼성전자 (Samsung)", ""],
        "side": ["loser", "loser", "loser", "winner", "Winner"],
        "market": ["US", "KOSPI", "US", "KOSPI", None],
        "basis": ["named", "category", "extension", "named", "category"],
        "category": ["gpu", "category", "gpu", "memory", "software"],
        "rank": [1, 2, 3, 4, 5],
        "last_close": [100.0, 200_000.0, np.nan, 50_000.0, 7.5],
        "base_close": [142.0, 190_000.0, 120.0, 50_000.0, np.nan],
        "fall": [-0.3387, -0.12, np.nan, -0.05, 0.03],
        "max_drawdown": [-0.3387, -0.15, np.nan, -0.06, -0.01],
        "recovery": [0.0, 0.5, np.nan, 1.2, np.nan],
        "trough_date": pd.to_datetime(["2025-04-04", "2025-02-28", None, "2025-02-03", "2025-03-01"]),
        "recovered_on": pd.to_datetime([None, None, None, "2025-02-10", None]),
    }
)

#: condition, and the rows (by hand) that it keeps
BY_HAND = [
    ("recovery < 50%", [0]),
    ("recovery <= 50%", [0, 1]),
    ("recovery >= 50%", [1, 3]),
    ("not recovery >= 50%", [0, 2, 4]),
    ("recovery != 0.5", [0, 3]),
    ("not recovery = 0.5", [0, 2, 3, 4]),
    ("50% > recovery", [0]),
    ("-20% < fall < -10%", [1]),
    ("-10% > fall >= -0.3387", [0, 1]),
    ("fall in (-12%, 0.03)", [1, 4]),
    ("fall not in (-12%, 0.03)", [0, 3]),
    ("not fall in (-12%, 0.03)", [0, 2, 3]),
    ("max_drawdown < fall", [1, 3, 4]),
    ("last_close >= base_close", [1, 3]),
    ("last_close = base_close", [3]),
    ("last_close != base_close", [0, 1]),
    ("last_close > 1_000", [1, 3]),
    ("rank <= 2 or rank = 5", [0, 1, 4]),
    ("side == WINNER", [3, 4]),
    ('"Winner" = side', [3, 4]),
    ("side != loser", [3, 4]),
    ("market != US", [1, 3]),
    ("not market = US", [1, 3, 4]),
    ("market not in (US)", [1, 3]),
    ("symbol in (\"nvda\", 'AMD', 000660.ks)", [0, 1, 2]),
    ('name contains "삼성"', [3]),
    ("name contains samsung", [3]),
    ('name contains "(s"', [3]),
    ("name not contains s", [0]),
    ("not name contains s", [0, 2, 4]),
    ("name is empty", [2, 4]),
    ("name is not empty", [0, 1, 3]),
    ("recovered_on is empty", [0, 1, 2, 4]),
    ("recovered_on is not empty", [3]),
    ("last_close is empty or base_close is empty", [2, 4]),
    ("trough_date <= 2025-02-28", [1, 3]),
    ("trough_date < 2025-02-28", [3]),
    ("trough_date != 2025-02-28", [0, 3, 4]),
    ("2025-02-28 < trough_date < 2025-04-01", [4]),
    ("trough_date in (2025-02-28, '2025-03-01')", [1, 4]),
    ("trough_date > 0001-01-01 and trough_date < 9999-12-31", [0, 1, 3, 4]),
    ("trough_date < recovered_on", [3]),
    ("not (side == winner or fall > -10%) and trough_date <= 2025-02-28", [1]),
    ("basis = category", [1]),
    ('basis = "category"', [1, 4]),
    ("basis in (category)", [1, 4]),
]


@pytest.mark.parametrize(("text", "rows"), BY_HAND)
def test_a_condition_keeps_the_rows_found_by_hand(text: str, rows: list[int]) -> None:
    mask = parse(text).mask(TABLE)
    assert mask.dtype == np.bool_
    assert np.flatnonzero(mask).tolist() == rows


#: condition, and the same written for pandas
IN_PANDAS: list[tuple[str, Callable[[pd.DataFrame], pd.Series]]] = [
    ('recovery < 50% and market == "KOSPI"', lambda t: (t["recovery"] < 0.5) & (t["market"] == "KOSPI")),
    (
        "fall < -10% or rank > 3 and side = loser",
        lambda t: (t["fall"] < -0.1) | ((t["rank"] > 3) & (t["side"] == "loser")),
    ),
    ("not (fall < -10% or rank > 3)", lambda t: ~((t["fall"] < -0.1) | (t["rank"] > 3))),
    ("-20% <= fall <= 0", lambda t: t["fall"].between(-0.2, 0)),
    (
        "trough_date > 2025-02-15 and recovered_on is empty",
        lambda t: (t["trough_date"] > "2025-02-15") & t["recovered_on"].isna(),
    ),
    ("market in (US, KOSDAQ)", lambda t: t["market"].isin(["US", "KOSDAQ"])),
    ("last_close < base_close", lambda t: t["last_close"] < t["base_close"]),
]


@pytest.mark.parametrize(("text", "in_pandas"), IN_PANDAS)
@pytest.mark.parametrize("seed", range(3))
def test_a_condition_agrees_with_pandas_on_random_tables(
    text: str, in_pandas: Callable[[pd.DataFrame], pd.Series], seed: int
) -> None:
    table = random_table(np.random.default_rng(seed))
    expected = in_pandas(table).to_numpy(dtype=bool)
    assert 0 < expected.sum() < len(table)
    np.testing.assert_array_equal(parse(text).mask(table), expected)


def random_table(draw: np.random.Generator, rows: int = 300) -> pd.DataFrame:
    def gaps(values: np.ndarray) -> pd.Series:
        return pd.Series(values).where(draw.random(rows) > 0.2)

    days = pd.Timestamp("2025-01-20") + pd.to_timedelta(draw.integers(0, 60, rows), unit="D")
    return pd.DataFrame(
        {
            "market": gaps(draw.choice(["US", "KOSPI", "KOSDAQ", "TWSE"], rows)),
            "side": draw.choice(["loser", "winner"], rows),
            "rank": draw.integers(1, 8, rows),
            "fall": gaps(draw.normal(-0.1, 0.1, rows).round(2)),
            "recovery": gaps(draw.uniform(0, 1.5, rows)),
            "last_close": gaps(draw.uniform(90, 110, rows)),
            "base_close": gaps(draw.uniform(90, 110, rows)),
            "trough_date": gaps(days),
            "recovered_on": gaps(days),
        }
    )


ATOM = st.sampled_from(["rank < 3", "rank >= 5", "rank == 2", "rank != 4", "2 <= rank < 6", "6 > rank"])
CONDITION = st.recursive(
    ATOM,
    lambda inner: st.one_of(
        inner.map("not {}".format),
        inner.map("({})".format),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join),
    ),
    max_leaves=12,
)


@given(CONDITION)
def test_and_or_not_and_chains_bind_as_in_python(text: str) -> None:
    code = compile(text, "condition", "eval")
    expected = [bool(eval(code, {"rank": rank})) for rank in range(1, 8)]  # noqa: S307 - Python is the oracle
    mask = parse(text).mask(pd.DataFrame({"rank": range(1, 8)}))
    assert mask.tolist() == expected


@given(
    st.lists(st.sampled_from(["삼성", "Samsung", "SAMSUNG", "straße", "", None, "a.b", "(x"]), min_size=1),
    st.data(),
)
def test_contains_is_a_plain_substring_without_case(names: list[str | None], data: st.DataObject) -> None:
    part = data.draw(st.sampled_from(["성", "sam", "STRASSE", ".", "(", "a.b"]))
    mask = parse(f'name contains "{part}"').mask(pd.DataFrame({"name": names}))
    assert mask.tolist() == [bool(name) and part.casefold() in str(name).casefold() for name in names]


@pytest.mark.parametrize(
    "empty",
    [
        pd.Series([None, None], dtype=object),
        pd.Series([np.nan, np.nan], dtype=float),
        pd.Series([pd.NaT, pd.NaT]),
        pd.Series([pd.NA, pd.NA], dtype=object),
        pd.Series([None, None], dtype="str"),
        pd.Series(["", ""], dtype=object),
    ],
    ids=["None", "NaN", "NaT", "NA", "str", "blank"],
)
@pytest.mark.parametrize(
    "text",
    [
        *(
            "name = x",
            "name != x",
            "name contains x",
            "name not contains x",
            "name in (x)",
            "name not in (x)",
        ),
        *("base_date < 2025-01-01", "base_date >= 2025-01-01", "base_date != 2025-01-01"),
        *(
            "base_date not in (2025-01-01)",
            "name is not empty",
            "base_date is not empty",
            "base_date = trough_date",
        ),
        *(
            "fall < 50%",
            "fall >= 50%",
            "fall = 0",
            "fall != 0",
            "fall not in (1)",
            "fall = drawdown",
            "name != symbol",
        ),
    ],
)
def test_an_empty_cell_satisfies_nothing_whatever_it_is_made_of(text: str, empty: pd.Series) -> None:
    expression = parse(text)
    table = pd.DataFrame(dict.fromkeys(expression.columns, empty))
    assert expression.mask(table).tolist() == [False, False]
    assert parse(f"not ({text})").mask(table).tolist() == [True, True]


@pytest.mark.parametrize("dtype", ["str", "object", "string", "category"])
def test_text_columns_of_every_sort_compare_alike(dtype: str) -> None:
    table = pd.DataFrame({"market": pd.Series(["US", "kospi", None], dtype=dtype)})
    assert parse("market = KOSPI").mask(table).tolist() == [False, True, False]
    assert parse("market != KOSPI").mask(table).tolist() == [True, False, False]
    assert parse("market contains OSP").mask(table).tolist() == [False, True, False]


@pytest.mark.parametrize("dtype", ["datetime64[s]", "datetime64[ns]", "object"])
def test_date_columns_of_every_sort_compare_alike(dtype: str) -> None:
    days = pd.Series(pd.to_datetime(["2025-01-24", None, "2025-01-31"])).astype(dtype)
    table = pd.DataFrame({"base_date": days})
    assert parse("base_date <= 2025-01-24").mask(table).tolist() == [True, False, False]
    assert parse("base_date in (2025-01-31)").mask(table).tolist() == [False, False, True]


@pytest.mark.parametrize("dtype", ["float64", "Int64", "object"])
def test_number_columns_of_every_sort_compare_alike(dtype: str) -> None:
    table = pd.DataFrame({"sessions_to_trough": pd.Series([3, None, 48], dtype=dtype)})
    assert parse("sessions_to_trough < 10").mask(table).tolist() == [True, False, False]
    assert parse("sessions_to_trough != 3").mask(table).tolist() == [False, False, True]


def test_composed_and_decomposed_hangul_are_the_same_text() -> None:
    table = pd.DataFrame({"name_ko": ["삼성전자", unicodedata.normalize("NFD", "삼성전자")]})
    for form in ("NFC", "NFD"):
        for text in ("name_ko contains '성전'", "name_ko = 삼성전자", "name_ko in ('삼성전자')"):
            assert parse(unicodedata.normalize(form, text)).mask(table).tolist() == [True, True]


def test_the_mask_follows_the_order_of_rows_and_not_their_labels() -> None:
    table = pd.DataFrame({"fall": [-0.3, 0.1, -0.2], "drawdown": [-0.1, 0.0, -0.3]}, index=["b", "a", "b"])
    assert parse("fall < -10%").mask(table).tolist() == [True, False, True]
    assert parse("fall < drawdown").mask(table).tolist() == [True, False, False]


def test_a_table_without_rows_has_an_empty_mask() -> None:
    text = (
        "side = loser and not (fall < 0 or name contains x) and base_date > 2025-01-01 and symbol in (NVDA)"
    )
    mask = parse(text).mask(pd.DataFrame(columns=["side", "fall", "name", "base_date", "symbol"]))
    assert mask.shape == (0,)
    assert mask.dtype == np.bool_


def test_the_table_is_left_as_it_was() -> None:
    before = TABLE.copy(deep=True)
    parse("name contains x or trough_date > 2025-01-01 or rank < 3").mask(TABLE)
    pd.testing.assert_frame_equal(TABLE, before)


def test_a_table_without_the_column_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match=re.escape("uses drawdown, a column that this table does not have")):
        parse("fall < drawdown").mask(TABLE)


def test_columns_given_to_parse_are_read_by_their_kind() -> None:
    columns = {"car": Column("car", "fraction"), "note": Column("note", "text")}
    table = pd.DataFrame({"car": [-0.0805, 0.02], "note": ["NVDA", "x"]})
    assert parse("car < -8% and note = nvda", columns).mask(table).tolist() == [True, False]


def test_the_deepest_condition_allowed_can_be_held_against_a_table() -> None:
    text = "not (rank < 0 or rank > 0 and " * 100 + "rank = 1" + ")" * 100
    # rank 1: the innermost is true, and each of the 100 levels (false or true and x) = x turns it: true
    assert parse(text).mask(pd.DataFrame({"rank": [1]})).tolist() == [True]
