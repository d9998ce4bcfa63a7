"""What `check_theme` finds in a file with one thing wrong, and that `load_theme` refuses the same."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screener.errors import FaultyFileError
from screener.taxonomy import check_theme, load_theme, new_theme_text

MOMENT = "moment: 2025-01-26T12:00Z"
NET = "- symbol: NET"


def both(path):
    """The faults of a file, after making sure that loading it raises just these."""
    faults = check_theme(path)
    if faults:
        with pytest.raises(FaultyFileError) as caught:
            load_theme(str(path))
        assert caught.value.faults == faults
    else:
        load_theme(str(path))
    return [str(fault).removeprefix(f"{path}:") for fault in faults]


def lines_of(path, text: str) -> list[int]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, 1) if text in line]


def line_of(path, text: str) -> int:
    (line,) = lines_of(path, text)
    return line


def test_the_template_has_no_fault(theme_file):
    assert both(theme_file()) == []


#: what is replaced by what, and what is said of it
ONE_FAULT = [
    ("title: Title of the theme", "titel: x\ntitle: y", "titel: unknown key, did you mean title?"),
    ("side: loser", "side: looser", "categories[0].side: unknown word 'looser', did you mean loser?"),
    ("basis: stated", "basis: statd", "categories[0].basis: unknown word 'statd', did you mean stated?"),
    ("basis: named", "basis: by me", "categories[0].members[0].basis: unknown word 'by me'"),
    (
        "confidence: high",
        "confidence: hihg",
        "members[0].confidence: unknown word 'hihg', did you mean high?",
    ),
    ("kind: reaction", "kind: reacton", "timeline[0].kind: unknown word 'reacton', did you mean reaction?"),
    ("confidence: high", "confidence: 5", "confidence: expected one of high, low, medium"),
    ("name: NVIDIA", "name: 5", "members[0].name: expected text, found the number 5; put it in quotes"),
    ("name: NVIDIA", "name:", "members[0].name: expected text, found nothing"),
    ("name: NVIDIA", "name: [a]", "members[0].name: expected text, found a list"),
    ("name: NVIDIA", 'name: ""', "members[0].name: is empty"),
    ("id: hardware", "id: Hard-Ware", "categories[0].id: 'Hard-Ware' does not fit"),
    (NET, "- symbol: NET.XX", "NET.XX: no market has the suffix .XX"),
    (NET, "- symbol: BRK.B", "BRK.B: no market has the suffix .B; Yahoo writes a share class as BRK-B"),
    (NET, "- symbol: 005930", "005930: a number needs its market's suffix, such as 005930.KS"),
    (NET, "- symbol: N ET", "'N ET' is no symbol"),
    (NET, f"- symbol: {'A' * 25}", "is no symbol; expected at most 24"),
    (NET, '- symbol: "=A1"', "'=A1' is no symbol"),
    (MOMENT, "moment: 2025-01-26T12:00", "event.moment: 2025-01-26T12:00 has no time zone; add Z"),
    (MOMENT, "moment: 2025-01-26", "event.moment: '2025-01-26' is no instant"),
    (MOMENT, "moment: yesterday", "event.moment: 'yesterday' is no instant"),
    (MOMENT, "moment: 2025-02-30T12:00Z", "event.moment: '2025-02-30T12:00Z' is no instant"),
    ("clean_until: 2025-03-31", "clean_until: 2025-01-25", "2025-01-25 lies before the event (2025-01-26)"),
    ("clean_until: 2025-03-31", "clean_until: 31.3.2025", "'31.3.2025' is no date, expected YYYY-MM-DD"),
    ("clean_until: 2025-03-31", "clean_until: [a]", "clean_until: expected text or nothing, found a list"),
    ("date: 2025-01-27", "date: 20250127", "timeline[0].date: expected text, found the number 20250127"),
    ("date: 2025-01-27", "date: 2025-1-27", "timeline[0].date: '2025-1-27' is no date"),
    ("America/New_York", "America/NewYork", "'America/NewYork', did you mean America/New_York?"),
    ("America/New_York", "America", "unknown time zone 'America'"),
    ("America/New_York", "../../etc/passwd", "unknown time zone '../../etc/passwd'"),
    ("also_in: software", "also_in: sofware", "no category 'sofware', did you mean software?"),
    ("name: NVIDIA", 'name: "=HYPERLINK(1)"', "begins with '=', so a spreadsheet would run it"),
    ("name: NVIDIA", 'name: "+1"', "begins with '+'"),
    ("name: NVIDIA", 'name: "-1"', "begins with '-'"),
    ("name: NVIDIA", 'name: "@A1"', "begins with '@'"),
    ("name: NVIDIA", 'name: "a\\e[31m"', "members[0].name: contains the hidden character U+001B"),
    ("name: NVIDIA", 'name: "a\u202eb"', "members[0].name: contains the hidden character U+202E"),
    ("name: NVIDIA", 'name: "a\u200bb"', "members[0].name: contains the hidden character U+200B"),
    ("name: NVIDIA", 'name: "a\\nb"', "members[0].name: contains a line break"),
    ("why: Why", 'why: "\\e]0;x\\a"  #', "members[0].why: contains the hidden character U+001B"),
    ("name: NVIDIA", f"name: {'N' * 201}", "members[0].name: is 201 characters long, at most 200"),
    ("title: Chip makers", "title: Chip\n    title: makers", "title: this key stands already in line"),
    ("title: Chip makers", "title: &a Chip", "anchor &a: not accepted"),
    ("id: mine", "id: My Theme", "id: 'My Theme' does not fit"),
    ("id: mine", "id: mine\nprices: []", "prices: unknown key"),
]


@pytest.mark.parametrize(("old", "new", "message"), ONE_FAULT, ids=[case[2][-40:] for case in ONE_FAULT])
def test_one_thing_wrong_is_one_fault_on_its_line(theme_file, old, new, message):
    text = new_theme_text("mine")
    first = text.count("\n", 0, text.index(old)) + 1
    (fault,) = both(theme_file((old, new)))
    assert message in fault
    assert first <= int(fault.split(":")[0]) <= first + new.count("\n")


def test_a_missing_key_is_a_fault_where_its_mapping_begins(theme_file):
    path = theme_file(("    side: loser\n", ""))
    (fault,) = both(path)
    assert fault == f"{line_of(path, 'id: hardware')}: categories[0].side: this key is missing"


def test_a_category_id_that_stands_twice_names_both_lines(theme_file):
    path = theme_file(("id: software", "id: hardware"), ("also_in: software", "also_in: hardware"))
    first, second = lines_of(path, "id: hardware")
    (fault,) = both(path)
    assert fault.startswith(f"{second}: categories[1].id: the id hardware stands already in line {first}")


def test_a_symbol_that_stands_twice_names_both_lines(theme_file):
    path = theme_file((NET, "- symbol: NVDA"))
    first, second = lines_of(path, "symbol: NVDA")
    (fault,) = both(path)
    assert fault.startswith(f"{second}: categories[1].members[0].symbol: NVDA stands already in line {first}")


def test_no_message_carries_the_escape_codes_it_complains_about(theme_file):
    path = theme_file((NET, '- "symb\\e[1m": "NET\\e[1m\\u202e"'), ("side: loser", 'side: "l\\e[1m"'))
    faults = both(path)
    assert len(faults) >= 3
    assert all(fault.isprintable() for fault in faults)


def test_a_category_without_members_and_a_theme_without_categories_are_faults(theme_file):
    text = new_theme_text("mine")
    head, _, _ = text.partition("categories:")
    assert "categories: no categories" in both(theme_file(text=head + "categories: []"))[0]
    empty = head + "categories:\n  - {id: a, side: loser, title: A, members: []}\n"
    assert "categories[0].members: no members" in both(theme_file(text=empty))[0]


def test_all_faults_come_at_once_in_the_order_of_lines(theme_file):
    path = theme_file(("side: loser", "side: looser"), (NET, "- symbol: NET.XX"), (MOMENT, "moment: noon"))
    lines = [int(fault.split(":")[0]) for fault in both(path)]
    assert lines == sorted(lines)
    assert len(lines) == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a",
        "words",
        "a: [",
        "categories: 5",
        "categories: [5]",
        "event: 1",
        "event: {timeline: 3}",
        "windows: x",
        "categories: [{members: 5}]",
        "categories: [{members: [5], id: 7}]",
        "categories: [{members: [{symbol: 5}]}]",
    ],
)
def test_any_type_anywhere_is_a_fault_and_no_traceback(theme_file, text):
    assert both(theme_file(text=text))


@pytest.mark.parametrize(
    "moment",
    ["2025-01-26T12:00Z", "2025-01-26T12:00:00Z", "2025-01-26 21:00:00+09:00", '"2025-01-26T07:00-05:00"'],
)
def test_one_instant_may_be_written_in_several_ways(theme_file, moment):
    theme = load_theme(str(theme_file((MOMENT, f"moment: {moment}"))))
    assert theme.event.moment.isoformat().startswith("2025-01-26")
    assert theme.event.moment.timestamp() == 1737892800  # date -u -d 2025-01-26T12:00Z +%s


def test_windows_may_be_left_out_or_empty(theme_file):
    assert (
        load_theme(str(theme_file(("  clean_until: 2025-03-31", "  clean_until:")))).windows.clean_until
        is None
    )


def test_a_source_in_words_is_no_fault(theme_file):
    assert both(theme_file(("https://example.org/where-to-read-it", "general knowledge"))) == []


def test_a_paragraph_may_have_several_lines(theme_file):
    assert (
        both(theme_file(("summary: >-", "summary: |"), ("What happened, and", "What happened,\n  and"))) == []
    )


@pytest.mark.parametrize(
    "text",
    [
        "event: {timeline: [" + ",".join(f"{{time_zone: A{n}}}" for n in range(40_000)) + "]}",
        "\n".join(f"key{n}: 1" for n in range(80_000)),
        "categories:\n" + "- {id: a}\n" * 80_000,
        "categories:\n- members:\n"
        + "".join(f"  - {{symbol: A.{n}, also_in: b{n}}}\n" for n in range(25_000)),
        f"{'k' * 900_000}: 1",
        "x" * (10 << 20),
    ],
    ids=["zones", "keys", "categories", "symbols", "long key", "10 MiB"],
)
def test_a_large_file_full_of_faults_is_refused_in_seconds_with_a_bounded_list(theme_file, text):
    start = time.perf_counter()
    faults = check_theme(theme_file(text=text))
    assert time.perf_counter() - start < 5
    assert 1 <= len(faults) <= 200
    assert all(len(str(fault)) < 1000 for fault in faults)


def test_reading_a_correct_theme_imports_neither_jsonschema_nor_pandas():
    code = (
        "import sys; from screener.taxonomy import load_theme; load_theme();"
        "print([m for m in ('jsonschema', 'pandas', 'exchange_calendars', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


RELAXED = settings(
    max_examples=60, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@RELAXED
@given(st.one_of(st.text(max_size=200), st.binary(max_size=200)))
def test_random_content_is_refused_without_a_traceback(theme_file, content):
    path = theme_file(text=content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)
    assert check_theme(path)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["NVDA", "loser", ""]),
)
KEYS = st.sampled_from(
    [
        "id",
        "title",
        "event",
        "moment",
        "timeline",
        "windows",
        "clean_until",
        "categories",
        "members",
        "symbol",
        "side",
        "x",
    ]
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=12,
)


@RELAXED
@given(where=st.lists(st.integers(0, 20), min_size=1, max_size=6), replacement=TREES, drop=st.booleans())
def test_a_file_is_without_faults_exactly_if_it_loads(theme_file, where, replacement, drop):
    data = yaml.safe_load(new_theme_text("mine").replace(MOMENT, 'moment: "2025-01-26T12:00Z"'))
    data["windows"]["clean_until"] = "2025-03-31"
    data["event"]["timeline"][0]["date"] = "2025-01-27"
    node = data
    for step in where[:-1]:
        children = list(node.values()) if isinstance(node, dict) else node
        inner = [child for child in children if isinstance(child, dict | list) and child]
        if not inner:
            break
        node = inner[step % len(inner)]
    key = (list(node) if isinstance(node, dict) else range(len(node)))[where[-1] % len(node)]
    if drop:
        del node[key]
    else:
        node[key] = replacement
    both(theme_file(text=yaml.safe_dump(data, allow_unicode=True)))
