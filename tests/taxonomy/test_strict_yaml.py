"""How YAML is read. Expected values follow YAML 1.2's core schema, or the rules at the head of yamltext."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.errors import FaultyFileError
from screener.yamltext import LARGEST_FILE, parse_document, read_document


def value_of(text: str) -> object:
    return parse_document(f"key: {text}", "f.yaml").data["key"]


def faults_of(text: str) -> list[str]:
    try:
        return [str(fault) for fault in parse_document(text, "f.yaml").faults]
    except FaultyFileError as error:
        return [str(fault) for fault in error.faults]


@pytest.mark.parametrize(
    "symbol",
    ["ON", "NO", "Y", "N", "YES", "OFF", "TRUE", "NULL", "005930", "0700", "12:30", "0x1F", "1_000", "^SOX"],
)
def test_a_symbol_that_yaml_1_1_misreads_stays_text(symbol):
    assert value_of(symbol) == symbol


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-7", -7),
        ("1.5", 1.5),
        ("1.0e-3", 0.001),
        ("2025-03-31", "2025-03-31"),
        ("2025-01-26T12:00:00Z", "2025-01-26T12:00:00Z"),
        ("'true'", "true"),
        ('"5"', "5"),
        (".inf", ".inf"),
        ("한글", "한글"),
    ],
)
def test_a_scalar_is_what_it_looks_like(text, value):
    read = value_of(text)
    assert (type(read), read) == (type(value), value)


def test_folded_text_is_one_line_and_a_flow_list_is_a_list():
    assert parse_document("a: >-\n  one\n  two\nb: [x, 1]", "f").data == {"a": "one two", "b": ["x", 1]}


def test_every_value_knows_its_line():
    document = parse_document("a: 1\nb:\n  - c: 2\n  -\n    d: 3\n    e:\n      - 4\n", "f.yaml")
    lines = {path: document.line(path) for path in [("a",), ("b", 0, "c"), ("b", 1, "d"), ("b", 1, "e", 0)]}
    assert lines == {("a",): 1, ("b", 0, "c"): 3, ("b", 1, "d"): 5, ("b", 1, "e", 0): 7}


def test_a_missing_key_has_the_line_of_the_mapping_that_lacks_it():
    document = parse_document("a: 1\nb:\n  c: 2\n", "f.yaml")
    assert document.line(("b", "nothing")) == document.line(("b",)) == 2


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: 1\nb: 2\na: 3", "f.yaml:3: a: this key stands already in line 1; keep one"),
        ("a: &x 1", "f.yaml:1: anchor &x: not accepted; put a leading & in quotes"),
        ("a: 1\nb: *x", "f.yaml:2: alias *x: write the text out, or put a leading * in quotes"),
        ("a: !!int 5", "f.yaml:1: tag 'tag:yaml.org,2002:int': not accepted; put a leading ! in quotes"),
        ("a: 1\n---\nb: 2", "f.yaml:2: a second document begins here ('---'), expected one"),
        ("? [a, b]\n: c", "f.yaml:1: a key must be a word, found a list, mapping or alias"),
        ("a:\n\tb: 1", "f.yaml:2: indented with a tab; YAML wants spaces"),
        ("a: 1\nb: \x07", "f.yaml:2: control character U+0007; delete it"),
        ("a: x\u2028b: y", "f.yaml:1: control character U+2028; delete it"),
        ("", "f.yaml: the file is empty, expected 'key: value' lines"),
        ("# nothing but a comment\n", "f.yaml: the file is empty, expected 'key: value' lines"),
        ("\n- a\n- b", "f.yaml:2: expected 'key: value' lines, found a list"),
        ("some words", "f.yaml:1: expected 'key: value' lines, found text"),
    ],
)
def test_what_is_no_strict_mapping_is_one_fault_with_its_line(text, fault):
    assert faults_of(text) == [fault]


def test_broken_syntax_is_a_fault_with_line_column_and_what_to_look_at():
    (fault,) = faults_of("a: 1\nb: c: d\n")
    assert fault.startswith(
        "f.yaml:2: no valid YAML: mapping values are not allowed in this context (column 5)"
    )
    assert "quotes" in fault


def test_two_duplicate_keys_are_two_faults():
    assert len(faults_of("a: 1\na: 2\nb:\n  c: 1\n  c: 2\n")) == 2


def test_an_alias_bomb_is_refused_without_being_unfolded():
    levels = ["a: &a [x, x]"] + [
        f"{b}: &{b} [*{a}, *{a}, *{a}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    assert any("alias" in fault for fault in faults_of("\n".join(levels)))


@pytest.mark.parametrize("piece", ["[", "- ", "{a: ", "? ", "a:\n "])
def test_deep_nesting_is_refused_rather_than_followed(piece):
    start = time.perf_counter()
    assert faults_of(piece * 100_000)
    assert time.perf_counter() - start < 2


def test_hidden_characters_in_a_key_are_shown_escaped():
    (fault,) = faults_of('"a\\e[31m": 1\n"a\\e[31m": 2\n')
    assert "\x1b" not in fault
    assert "\\x1b" in fault


def test_a_byte_order_mark_is_accepted(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_document(path).data == {"a": 1}


@pytest.mark.parametrize(
    ("content", "line", "byte"),
    [("a: 1\nb: größe\n".encode("latin-1"), 2, "0xF6"), ("a: 1".encode("utf-16"), 1, "0xFF")],
)
def test_another_encoding_is_a_fault_with_line_and_byte(tmp_path, content, line, byte):
    path = tmp_path / "f.yaml"
    path.write_bytes(content)
    with pytest.raises(FaultyFileError, match=f"f.yaml:{line}: not UTF-8 \\(byte {byte}\\)"):
        read_document(path)


def test_a_file_of_more_than_a_mebibyte_is_not_even_decoded(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xff" * (10 * LARGEST_FILE))
    start = time.perf_counter()
    with pytest.raises(FaultyFileError, match="larger than 1 MiB"):
        read_document(path)
    assert time.perf_counter() - start < 0.5


def test_a_file_of_exactly_a_mebibyte_is_read(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_bytes(b"a: 1\n#".ljust(LARGEST_FILE, b"x"))
    assert read_document(path).data == {"a": 1}


def test_a_folder_or_missing_file_is_a_fault(tmp_path):
    with pytest.raises(FaultyFileError, match="this is a folder"):
        read_document(tmp_path)
    with pytest.raises(FaultyFileError, match="no such file"):
        read_document(tmp_path / "absent.yaml")


@settings(max_examples=200, deadline=3000)
@given(st.text(alphabet=st.sampled_from("ab:-?[]{}&*!|>'\"%@`#, \n\t~0.\x00\x1b\u202e\\x"), max_size=80))
def test_no_text_whatever_gives_anything_but_a_mapping_or_faults(text):
    try:
        document = parse_document(text, "f.yaml")
    except FaultyFileError as error:
        assert all(fault.message for fault in error.faults)
    else:
        assert isinstance(document.data, dict)
