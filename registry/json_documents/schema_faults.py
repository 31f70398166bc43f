"""Check documents in formats of our own against their JSON Schemas, and report every fault, not just the first.

A fault is a JSON pointer, a stable code and the rule of the schema. It never repeats a value of the document, because
the same function checks credentials, whose values belong to a person. Schemas come from the package; nothing is
fetched.
"""

import functools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from typing import cast

from acredita.registry.codes import Code
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

# Control characters and lone surrogates do not survive every canonicalisation alike, so documents of ours have none.
_FORBIDDEN_CODE_POINTS = (range(0x20), range(0x7F, 0xA0), range(0xD800, 0xE000))
MAX_DEPTH = 24


@dataclass(frozen=True, order=True)
class SchemaFault:
    """One fault: its pointer, its code, and the rule it breaks."""

    pointer: str
    code: Code
    message: str

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.code}: {self.message}"


@dataclass(frozen=True)
class SchemaCodes:
    """The codes that one kind of document gives to the three families of schema faults."""

    missing: Code
    unknown: Code
    malformed: Code


@functools.cache
def schema(name: str) -> dict[str, object]:
    """Load the packaged JSON Schema of that name."""
    text = (resources.files(__package__) / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    return cast(dict[str, object], json.loads(text))


@functools.cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema(name))


def pointer(parts: Iterable[str | int]) -> str:
    """Return the RFC 6901 pointer of a path of keys and indexes."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def schema_faults(document: object, name: str, codes: SchemaCodes) -> list[SchemaFault]:
    """Return every fault of a document under one of our schemas, in the order of their pointers."""
    faults = list(_text_faults(document, (), codes.malformed))
    if faults:
        return sorted(faults)
    for error in _validator(name).iter_errors(document):
        faults += _from_error(error, codes)
    return sorted(set(faults))


def _from_error(error: ValidationError, codes: SchemaCodes) -> list[SchemaFault]:
    path = list(error.absolute_path)
    if error.validator == "required":
        wanted, present = cast(list[str], error.validator_value), cast(dict[str, object], error.instance)
        names = [key for key in wanted if key not in present]
        return [SchemaFault(pointer([*path, key]), codes.missing, "required here") for key in names]
    if error.validator == "additionalProperties":
        return [SchemaFault(pointer(path), codes.unknown, "a key that the format does not have")]
    return [SchemaFault(pointer(path), codes.malformed, _rule(error))]


def _rule(error: ValidationError) -> str:
    if error.validator in {"oneOf", "anyOf"}:
        return "none of the allowed forms, or more than one"
    return f"{error.validator}: {json.dumps(error.validator_value, ensure_ascii=False)}"


def _text_faults(value: object, path: tuple[str | int, ...], code: Code) -> Iterator[SchemaFault]:
    # JSON Schema patterns end in `$`, which in Python also matches before a last newline, so this check comes first.
    if len(path) > MAX_DEPTH:
        yield SchemaFault(pointer(path), code, f"nested deeper than {MAX_DEPTH}")
    elif isinstance(value, str):
        if not is_clean(value):
            yield SchemaFault(pointer(path), code, "control characters and lone surrogates are not allowed")
    elif isinstance(value, dict):
        for key, child in value.items():
            if not isinstance(key, str) or not is_clean(key):
                yield SchemaFault(pointer(path), code, "a key with control characters")
            else:
                yield from _text_faults(child, (*path, key), code)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _text_faults(child, (*path, index), code)


def is_clean(text: str) -> bool:
    """Return True if the text has no control character and no lone surrogate."""
    return text.isprintable() or not any(ord(char) in span for char in text for span in _FORBIDDEN_CODE_POINTS)
