from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.errors import ConfigError, FaultyFileError, UsageError
from screener.markets import load_markets

OSLO = """
markets:
  - id: OSE
    country: "NO"
    title: Oslo
    suffixes: [.OL]
    calendar: XOSL
    time_zone: Europe/Oslo
    currency: NOK
    benchmark: OSEBX.OL
"""


@pytest.fixture(autouse=True)
def user_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SCREENER_CONFIG_DIR", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("symbol", "market"),
    [
        ("NVDA", "US"),
        ("BRK-B", "US"),
        ("SPY", "US"),
        ("^VIX", "US"),
        ("^SOX", "US"),
        ("000660.KS", "KOSPI"),
        ("^KS11", "KOSPI"),
        ("089030.KQ", "KOSDAQ"),
        ("^KQ11", "KOSDAQ"),
        ("0700.HK", "HKEX"),
        ("^HSCE", "HKEX"),
        ("7203.T", "TSE"),
        ("2330.TW", "TWSE"),
        ("600519.SS", "SSE"),
        ("000001.SS", "SSE"),
        ("399001.SZ", "SZSE"),
        ("VOD.L", "LSE"),
        ("SAP.DE", "XETRA"),
        ("AIR.PA", "EPA"),
        ("ASML.AS", "AMS"),
    ],
)
def test_a_symbol_belongs_to_the_market_of_its_index_or_suffix(symbol, market):
    assert load_markets().of(symbol).id == market


@pytest.mark.parametrize(
    ("symbol", "message"),
    [
        ("BRK.B", "BRK.B: no market has the suffix .B; Yahoo writes a share class as BRK-B"),
        ("005930", "005930: a number needs its market's suffix, such as 005930.KS"),
        ("^SOXX", "^SOXX: no market lists this index, did you mean ^SOX?"),
        ("7203.TOK", "7203.TOK: no market has the suffix .TOK, did you mean .T?"),
        ("EQNR.OL", "EQNR.OL: no market has the suffix .OL"),
        ("KRW=X", "KRW=X: no market trades this"),
        ("", "no market trades this"),
    ],
)
def test_a_symbol_without_a_market_is_refused_with_a_way_out(symbol, message):
    with pytest.raises(ConfigError) as caught:
        load_markets().of(symbol)
    assert message in str(caught.value)


@given(st.text(max_size=30))
def test_any_word_has_a_market_or_a_message(word):
    try:
        assert load_markets().of(word) in set(load_markets())
    except ConfigError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("word", "ids"),
    [
        ("KOSDAQ", ["KOSDAQ"]),
        ("kr", ["KOSPI", "KOSDAQ"]),
        ("us", ["US"]),
        (" Cn ", ["SSE", "SZSE"]),
        ("tse", ["TSE"]),
    ],
)
def test_markets_are_chosen_by_id_or_country_whatever_the_case(word, ids):
    assert [market.id for market in load_markets().select(word)] == ids


def test_an_unknown_market_gets_the_nearest_one_and_all_that_are_known():
    with pytest.raises(
        UsageError, match="unknown market 'KOSDAK', did you mean KOSDAQ\\? Known: US, KOSPI, KR"
    ):
        load_markets().select("KOSDAK")


# exchange_calendars uses what pandas 3 is about to deprecate
@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
def test_every_market_has_a_calendar_whose_time_zone_is_its_own():
    import exchange_calendars

    for market in load_markets():
        calendar = exchange_calendars.get_calendar(market.calendar, start="2025-01-02", end="2025-02-28")
        assert str(calendar.tz) == market.time_zone


def test_every_benchmark_is_found_in_its_own_market_and_listed_among_its_indices():
    markets = load_markets()
    for market in markets:
        assert markets.of(market.benchmark) == market
        assert market.benchmark in market.indices
        assert all(markets.of(index) == market for index in market.indices)


def test_ids_and_countries_are_those_that_commands_document():
    found = {market.id: market.country for market in load_markets()}
    assert found == {
        "US": "US",
        "KOSPI": "KR",
        "KOSDAQ": "KR",
        "HKEX": "HK",
        "TSE": "JP",
        "TWSE": "TW",
        "SSE": "CN",
        "SZSE": "CN",
        "LSE": "GB",
        "XETRA": "DE",
        "EPA": "FR",
        "AMS": "NL",
    }
    assert all(market.title_ko for market in load_markets())


def test_a_users_file_adds_a_market(user_folder):
    (user_folder / "markets.yaml").write_text(OSLO)
    assert load_markets().of("EQNR.OL").country == "NO"
    assert load_markets().of("NVDA").id == "US"


def test_a_users_file_replaces_a_market_of_the_same_id(user_folder):
    text = (
        OSLO.replace("OSE\n", "US\n")
        .replace(".OL]", '""]')
        .replace("OSEBX.OL", "^GSPC")
        .replace('"NO"', "US")
    )
    (user_folder / "markets.yaml").write_text(text)
    assert load_markets().of("NVDA").benchmark == "^GSPC"
    assert len(list(load_markets())) == 12


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('country: "NO"', "country: Norway", "markets.yaml:4: markets[0].country: 'Norway' does not fit"),
        ("id: OSE", "id: ose", "markets.yaml:3: markets[0].id: 'ose' does not fit"),
        ("Europe/Oslo", "Europe/Olso", "markets.yaml:8: markets[0].time_zone: unknown time zone"),
        ("[.OL]", "[OL]", "markets.yaml:6: markets[0].suffixes: 'OL' does not fit"),
        (
            "currency: NOK",
            "curency: NOK",
            "markets.yaml:9: markets[0].curency: unknown key, did you mean currency?",
        ),
        ("[.OL]", "[.KS]", "markets KOSPI and OSE both claim the suffix '.KS'"),
        (
            "    title: Oslo",
            "    title: Oslo\n    final_after_minutes: -1",
            "final_after_minutes: -1 is out of range",
        ),
        ("markets:", "markets: 5\nmarket:", "markets: expected a list, found the number 5"),
    ],
)
def test_a_fault_in_a_users_file_is_named_with_its_line(user_folder, old, new, message):
    assert OSLO.count(old) == 1
    (user_folder / "markets.yaml").write_text(OSLO.replace(old, new))
    with pytest.raises(FaultyFileError) as caught:
        load_markets()
    assert message in str(caught.value)


def test_the_same_market_twice_is_a_fault(user_folder):
    (user_folder / "markets.yaml").write_text(OSLO + OSLO.replace("\nmarkets:\n", ""))
    with pytest.raises(FaultyFileError, match="market OSE stands already in line 3"):
        load_markets()
