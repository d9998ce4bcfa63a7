"""A YAML document held against a frozen dataclass: quick when it is right, every fault named when not."""

from __future__ import annotations

import dataclasses
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args, get_type_hints

import msgspec

from screener.errors import Fault, FaultyFileError, did_you_mean
from screener.yamltext import Step, kind_of, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from jsonschema import ValidationError

    from screener.yamltext import Document

T = TypeVar("T")
Steps = tuple[Step, ...]
Data = dict[str, Any]
#: where in the data, and what is wrong there
Problem = tuple[Steps, str]

_Keys = dict[str, "_Keys | None"]

MOST_FAULTS = 200
_KINDS = {
    "string": "text",
    "array": "a list",
    "object": "a mapping",
    "integer": "a whole number",
    "number": "a number",
    "null": "nothing",
}


def _no_rules(_document: Document) -> Iterable[Problem]:
    return ()


def _as_it_is(data: Data) -> Data:
    return data


@dataclasses.dataclass(frozen=True, slots=True)
class Shape(Generic[T]):
    """What a document must look like."""

    type: type[T]
    #: finds what a schema cannot say; gets any data at all, so must expect any type anywhere
    rules: Callable[[Document], Iterable[Problem]] = _no_rules
    #: turns right texts into values that `type` wants, and leaves wrong ones
    prepare: Callable[[Data], Data] = _as_it_is


def convert(document: Document, shape: Shape[T]) -> T:
    """The document as a `shape.type`. Raises FaultyFileError with all faults when there is one."""
    if not document.faults:
        try:
            value = msgspec.convert(shape.prepare(document.data), shape.type)
        except msgspec.ValidationError:
            raise FaultyFileError(faults_of(document, shape)) from None
        if _all_known(document.data, _keys(shape.type)) and next(iter(shape.rules(document)), None) is None:
            return value
    raise FaultyFileError(faults_of(document, shape))


def faults_of(document: Document, shape: Shape[Any]) -> tuple[Fault, ...]:
    """Every fault of the document (the first 200), in the order of its lines; empty if `convert` works."""
    found = set(document.faults)
    for problems in (_structural(document.data, shape.type), shape.rules(document)):
        found.update(document.fault(path, message) for path, message in islice(problems, MOST_FAULTS))
    if not found:
        try:
            msgspec.convert(shape.prepare(document.data), shape.type)
        except msgspec.ValidationError as error:
            found.add(document.fault((), str(error)))
    return tuple(sorted(found)[:MOST_FAULTS])


def schema_of(kind: type[Any]) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a dataclass; keys that it does not have are refused."""
    schema: dict[str, Any] = msgspec.json.schema(kind)
    for definition in schema["$defs"].values():
        definition["additionalProperties"] = False
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _keys(kind: type[Any]) -> _Keys:
    """Every key of a dataclass, with the keys of the dataclass that its value or items are, if any."""
    hints = get_type_hints(kind)
    return {item.name: _inner_keys(hints[item.name]) for item in dataclasses.fields(kind)}


def _inner_keys(hint: object) -> _Keys | None:
    for candidate in (hint, *get_args(hint)):
        if isinstance(candidate, type) and dataclasses.is_dataclass(candidate):
            return _keys(candidate)
    return None


def _all_known(data: Data, keys: _Keys) -> bool:
    """Whether no mapping of well-typed data has a key that its dataclass lacks (msgspec lets them pass)."""
    for key, value in data.items():
        if key not in keys:
            return False
        inner = keys[key]
        if inner is not None:
            items = value if isinstance(value, list) else [value]
            if not all(_all_known(item, inner) for item in items):
                return False
    return True


def _structural(data: Data, kind: type[Any]) -> Iterator[Problem]:
    import jsonschema

    validator = jsonschema.Draft202012Validator(schema_of(kind))
    for error in validator.iter_errors(data):
        # a value may be of one of the kinds wanted, and only something inside it is not
        inside = [inner for inner in error.context or () if inner.path]
        for fault in inside or [error]:
            yield from _in_words(fault)


def _in_words(error: ValidationError) -> Iterator[Problem]:
    """A jsonschema error as problems: the library's own sentences speak of schemas, not of files."""
    path, value = tuple(error.absolute_path), error.instance
    if error.validator == "additionalProperties":
        known = list(error.schema["properties"])
        for key in value:
            if key not in known:
                yield (*path, key), f"unknown key{did_you_mean(key, known) or '.'} Known: {', '.join(known)}"
    elif error.validator == "required":
        for key in error.validator_value:
            if key not in value:
                yield (*path, key), "this key is missing"
    elif error.validator == "enum":
        yield path, _not_one_of(value, error.validator_value)
    elif error.validator in {"type", "anyOf"}:
        yield path, _wrong_kind(value, error)
    else:
        yield path, str(error.message)


def _not_one_of(value: object, choices: list[str]) -> str:
    if not isinstance(value, str):
        return f"expected one of {', '.join(choices)}, found {kind_of(value)}"
    near = did_you_mean(value, choices) or "."
    return f"unknown word {shown(value)}{near} Expected one of: {', '.join(choices)}"


def _wrong_kind(value: object, error: ValidationError) -> str:
    options = error.schema.get("anyOf", [error.schema])
    wanted = " or ".join(_KINDS.get(option.get("type", "object"), "a mapping") for option in options)
    hint = "; put it in quotes" if wanted == "text" and isinstance(value, bool | int | float) else ""
    return f"expected {wanted}, found {kind_of(value)}{hint}"
