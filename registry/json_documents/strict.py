"""Read JSON from others strictly: one text, one value.

JSON parsers disagree on repeated keys, lone surrogates, huge numbers and nesting. Each disagreement is a way to show
one value to the signer and another to a reader. A value that was read here has none of them. The meaning of the value
is not checked.
"""

import json
import math
import re
from typing import Any, NoReturn

from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code

MAX_BYTES = 1 << 20
"""Bytes of one document: a credential takes 3–20 KB, an evidence bundle is capped at 1 MiB unpacked."""
MAX_DEPTH = 32
"""Levels of nesting: an Open Badges credential has eight."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""U+FEFF in UTF-8, which some editors write before a text."""

Path = tuple[()] | tuple[Any, str | int]
"""The place of a value: nothing for the document, else the path of its parent and its key or index there."""

# The last alternative matches an unterminated string to the end, so hostile quotes cost one pass in all.
_STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_SURROGATE = re.compile("[\ud800-\udfff]")


class JsonRefused(CodedError[Code]):
    """The text has no single reading. `pointer` is an RFC 6901 JSON pointer, empty for the whole text."""

    def __init__(self, pointer: str, code: Code, message: str) -> None:
        super().__init__(code, message)
        self.pointer = pointer

    def __str__(self) -> str:
        return f"{self.code} at {self.pointer or '(document)'}: {self.message}"


class _Repeated(dict[str, object]):
    """An object that repeats the key `key`; `_refuse_ambiguous` finds its pointer."""

    key: str = ""


def read_json(
    data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH, with_nulls: bool = False
) -> object:
    """Return the value of a UTF-8 JSON text. Raises JsonRefused. Size and depth are checked before parsing.

    A byte order mark at the beginning is ignored (RFC 8259 8.1). `with_nulls` is for documents of others.
    """
    if len(data) > max_bytes:
        raise JsonRefused("", Code.JSON_TOO_LARGE, f"at most {max_bytes} bytes, found {len(data)}")
    if _depth(data) > max_depth:
        raise JsonRefused("", Code.JSON_TOO_DEEP, f"at most {max_depth} levels of nesting")
    value = _parse(_text(data.removeprefix(BYTE_ORDER_MARK)))
    _refuse_ambiguous(value, (), with_nulls)
    return value


def escape_pointer(key: str) -> str:
    """Escape a key as a reference token of a JSON pointer (RFC 6901 3)."""
    return key.replace("~", "~0").replace("/", "~1")


def path_pointer(path: Path) -> str:
    """Return the JSON pointer of a path. It is made when it is needed: a key may be as long as the document."""
    parts: list[str] = []
    while path:
        parent, part = path
        parts.append(escape_pointer(str(part)))
        path = parent
    return "".join(f"/{part}" for part in reversed(parts))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonRefused("", Code.JSON_NOT_UTF8, f"byte {error.start} is not UTF-8") from error


def _depth(data: bytes) -> int:
    if data.count(b"[") + data.count(b"{") <= 1:
        return 1
    deepest = level = 0
    for byte in _STRINGS.sub(b"", data).translate(None, _NOT_BRACKETS):
        level += 1 if byte in b"[{" else -1
        deepest = max(deepest, level)
    return deepest


def _parse(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_float=_finite, parse_constant=_refuse_constant)
    except JsonRefused:
        raise
    except ValueError as error:  # JSONDecodeError, and an integer of more digits than Python converts
        raise JsonRefused("", Code.JSON_MALFORMED, str(error)) from error


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    seen: set[str] = set()
    repeated = _Repeated(members)
    repeated.key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return repeated


def _finite(literal: str) -> float:
    number = float(literal)
    if math.isinf(number):
        raise JsonRefused("", Code.JSON_NUMBER, f"{literal[:40]} is beyond a double")
    return number


def _refuse_constant(literal: str) -> NoReturn:
    raise JsonRefused("", Code.JSON_NUMBER, f"{literal} is not JSON")


def _refuse_ambiguous(value: object, path: Path, with_nulls: bool) -> None:
    if isinstance(value, str):
        if _SURROGATE.search(value):
            raise JsonRefused(path_pointer(path), Code.JSON_SURROGATE, "a lone surrogate is not a character")
    elif isinstance(value, dict):
        _refuse_ambiguous_object(value, path, with_nulls)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if item is None or isinstance(item, str | dict | list):
                _refuse_ambiguous(item, (path, index), with_nulls)
    elif value is None and not with_nulls:
        raise JsonRefused(path_pointer(path), Code.JSON_NULL, "null says nothing that leaving the key out does not")


def _refuse_ambiguous_object(value: dict[str, object], path: Path, with_nulls: bool) -> None:
    if isinstance(value, _Repeated):
        where = path_pointer((path, value.key))
        raise JsonRefused(where, Code.JSON_DUPLICATE_KEY, "the key occurs twice in one object")
    for key, item in value.items():
        if _SURROGATE.search(key):
            raise JsonRefused(path_pointer(path), Code.JSON_SURROGATE, "a key holds a lone surrogate")
        _refuse_ambiguous(item, (path, key), with_nulls)
