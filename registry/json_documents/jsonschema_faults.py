"""Name every fault of a document under one of our schemas, not just the first.

`compiled_schema` imports this module for the first document that does not pass, because importing jsonschema takes a tenth of
a second.
"""

import functools
import json
from collections.abc import Iterator
from typing import Final, cast

from acredita.registry.codes import Code
from acredita.registry.json_documents.schema_faults import SchemaCodes, SchemaFault, is_clean, pointer, schema, unclean
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

MAX_DEPTH: Final = 24


@functools.cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema(name))


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
            yield SchemaFault(pointer(path), code, unclean(value))
    elif isinstance(value, dict):
        for key, child in value.items():
            if not isinstance(key, str) or not is_clean(key):
                yield SchemaFault(pointer(path), code, "a key with control characters")
            else:
                yield from _text_faults(child, (*path, key), code)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _text_faults(child, (*path, index), code)
