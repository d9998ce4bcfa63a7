"""A YAML text, read strictly into plain values, with the line of everything in it.

Stricter than YAML 1.1, so that what a person meant is what is read: only true and false are booleans (ON,
NO and Y are tickers), a number with a leading zero is text (005930), there are no sexagesimal numbers, dates
stay text, a key stands once, and anchors, aliases and tags are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from screener.errors import Fault, FaultyFileError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LARGEST_FILE = 1 << 20
DEEPEST_NESTING = 20

Step = str | int

_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS: dict[str, object] = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 40
_LONGEST_SHOWN = 60
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_TAB_INDENT = re.compile(r"^ *\t", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Document:
    """What a YAML file holds: its values, the lines they stand on, and what already went wrong."""

    file: str
    data: dict[str, Any]
    #: identity of a mapping or list -> line of each of its keys or items
    places: dict[int, dict[Step, int]]
    faults: tuple[Fault, ...] = ()

    def line(self, path: Sequence[Step]) -> int:
        """Line of the value at `path`, or of the nearest thing around it that is there."""
        value: Any = self.data
        line = 1
        for step in path:
            line = self.places.get(id(value), {}).get(step, line)
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                break
        return line

    def fault(self, path: Sequence[Step], message: str) -> Fault:
        """A fault of the value at `path`."""
        return Fault(self.file, self.line(path), key_of(path), message)


def key_of(path: Sequence[Step]) -> str:
    """How a path is written for people: categories[2].members[0].symbol, counted from 0."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{_word(step)}" for step in path)
    return text.removeprefix(".")


def shown(text: str) -> str:
    """A text in quotes for a message: what is hidden made visible, what is long cut off."""
    return repr(text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "...")


def _word(key: str) -> str:
    return key if key.isprintable() and len(key) <= _LONGEST_SHOWN else shown(key)


def read_document(path: Path) -> Document:
    """Read a YAML file of at most 1 MiB. Raises FaultyFileError for what is no strict YAML mapping."""
    return parse_document(_text(_content(path), str(path)), str(path))


def parse_document(text: str, file: str) -> Document:
    """Parse a text as `read_document` does; `file` is its name in faults."""
    _check_characters(text, file)
    builder = _Builder(text, file)
    try:
        data = builder.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f" (column {mark.column + 1})" if mark else ""
        raise _refusal(
            file,
            mark.line + 1 if mark else 0,
            f"no valid YAML: {error.problem or error.context}{place}; check the indentation, "
            "and put texts with ': ', ' #' or a leading special character in quotes",
        ) from None
    except yaml.YAMLError as error:
        raise _refusal(file, 0, f"no valid YAML: {error}") from None
    return Document(file, data, builder.places, tuple(builder.faults))


def _refusal(file: str, line: int, message: str) -> FaultyFileError:
    return FaultyFileError([Fault(file, line, "", message)])


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise _refusal(str(path), 0, "no such file") from None
    except IsADirectoryError:
        raise _refusal(str(path), 0, "this is a folder, expected a YAML file") from None
    except (OSError, ValueError) as error:
        raise _refusal(str(path), 0, f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > LARGEST_FILE:
        raise _refusal(str(path), 0, "larger than 1 MiB, so hardly a configuration; it was not read")
    return content


def _text(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        raise _refusal(file, line, f"not UTF-8 (byte 0x{byte:02X}); save the file as UTF-8") from None


def _check_characters(text: str, file: str) -> None:
    if found := _UNPRINTABLE.search(text):
        code = f"U+{ord(found.group()):04X}"
        raise _refusal(file, text.count("\n", 0, found.start()) + 1, f"control character {code}; delete it")
    if found := _TAB_INDENT.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise _refusal(file, line, "indented with a tab; YAML wants spaces")


def _plain(text: str) -> object:
    """Value of an unquoted scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= _LONGEST_NUMBER:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text):
            return float(text)
    return text


class _Builder:
    """Turns the parser's events into values; one pass, bounded depth, nothing shared between two places."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.places: dict[int, dict[Step, int]] = {}
        self.faults: list[Fault] = []
        self._next = _Loader(text).get_event

    def document(self) -> dict[str, Any]:
        """The one mapping of the text."""
        self._next()
        event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            raise _refusal(self.file, 0, "the file is empty, expected 'key: value' lines")
        event = self._next()
        line = _line(event)
        data = self._value(event, 0)
        self._next()
        event = self._next()
        if not isinstance(data, dict):
            raise _refusal(self.file, line, f"expected 'key: value' lines, found {kind_of(data)}")
        if not isinstance(event, yaml.StreamEndEvent):
            self._fault(event, "a second document begins here ('---'), expected one")
        return data

    def _fault(self, event: yaml.Event, message: str, key: str = "") -> None:
        self.faults.append(Fault(self.file, _line(event), key_of((key,)), message))

    def _value(self, event: yaml.NodeEvent, depth: int) -> object:
        if isinstance(event, yaml.AliasEvent):
            self._fault(event, f"alias *{event.anchor}: write the text out, or put a leading * in quotes")
            return None
        self._refuse_extras(event)
        if isinstance(event, yaml.ScalarEvent):
            return _plain(event.value) if event.implicit[0] and not event.style else event.value
        if depth == DEEPEST_NESTING:
            raise _refusal(self.file, _line(event), f"nested more than {DEEPEST_NESTING} levels deep")
        return self._list(depth) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(depth)

    def _refuse_extras(self, event: yaml.NodeEvent) -> None:
        if event.anchor is not None:
            self._fault(event, f"anchor &{event.anchor}: not accepted; put a leading & in quotes")
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._fault(event, f"tag {shown(tag)}: not accepted; put a leading ! in quotes")

    def _list(self, depth: int) -> list[object]:
        items: list[object] = []
        lines: dict[Step, int] = {}
        self.places[id(items)] = lines
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            lines[len(items)] = _line(event)
            items.append(self._value(event, depth + 1))
        return items

    def _mapping(self, depth: int) -> dict[str, object]:
        items: dict[str, object] = {}
        lines: dict[Step, int] = {}
        self.places[id(items)] = lines
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event, depth)
            if key in items:
                self._fault(event, f"this key stands already in line {lines[key]}; keep one", key)
            value = self._value(self._next(), depth + 1)
            lines[key] = _line(event)
            items[key] = value
        return items

    def _key(self, event: yaml.NodeEvent, depth: int) -> str:
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_extras(event)
            return str(event.value)
        self._fault(event, "a key must be a word, found a list, mapping or alias")
        self._value(event, depth + 1)
        return ""


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def kind_of(value: object) -> str:
    """What a value is, in words for a message."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return "text"
    return "a mapping" if isinstance(value, dict) else "a list"
