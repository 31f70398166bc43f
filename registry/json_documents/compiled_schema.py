"""Compile a JSON Schema once into nested functions: a fast check for documents that nearly always pass.

jsonschema takes 4 ms for a credential, more than its signature. A compiled schema takes a twentieth and answers only
yes or no. After a no, `jsonschema_faults` names every fault. The known keywords are exactly those of our schemas; a
schema with another keyword does not compile. Like `jsonschema_faults`, a compiled schema accepts no control characters
in any text.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from acredita.registry.json_documents.schema_faults import SchemaCodes, SchemaFault, is_clean, schema

Accepts = Callable[[object], bool]

_ANNOTATIONS: Final = {"$schema", "$id", "title", "description", "$defs"}
_OBJECT: Final = {
    "properties", "patternProperties", "required", "additionalProperties", "minProperties", "maxProperties"
}  # fmt: skip
_ARRAY: Final = {"items", "prefixItems", "minItems", "maxItems", "uniqueItems"}
_STRING: Final = {"pattern", "minLength", "maxLength"}
_NUMBER: Final = {"minimum", "maximum", "exclusiveMinimum"}
_ANY: Final = {"type", "const", "enum", "oneOf", "$ref"}
_KNOWN: Final = _ANNOTATIONS | _OBJECT | _ARRAY | _STRING | _NUMBER | _ANY

_UNBOUNDED: Final = 1 << 62


class SchemaKeywordError(Exception):
    """The schema uses a keyword that is not known here."""


def faults_under(name: str, codes: SchemaCodes) -> Callable[[object], list[SchemaFault]]:
    """Return the function that lists every fault of a document under one of our schemas; of most documents, none."""
    accepts = compile_schema(schema(name))

    def faults(document: object) -> list[SchemaFault]:
        if accepts(document):
            return []
        from acredita.registry.json_documents.jsonschema_faults import schema_faults

        return schema_faults(document, name, codes)

    return faults


def compile_schema(schema: Mapping[str, Any]) -> Accepts:
    """Compile a schema into a function that returns True for a document that passes.

    Raises SchemaKeywordError for a keyword outside the known ones.
    """
    definitions: dict[str, Accepts] = {}
    nodes = schema.get("$defs", {})
    names: Mapping[str, Accepts] = {name: _by_name(definitions, name) for name in nodes}
    definitions |= {name: _node(node, names) for name, node in nodes.items()}
    return _node(schema, definitions)


def _by_name(definitions: Mapping[str, Accepts], name: str) -> Accepts:
    """Return a check that looks its definition up at the first use, because a reference may be compiled before it."""
    return lambda value: definitions[name](value)


def _node(node: Mapping[str, Any], definitions: Mapping[str, Accepts]) -> Accepts:
    unknown = set(node) - _KNOWN
    if unknown:
        raise SchemaKeywordError(", ".join(sorted(unknown)))
    checks = [builder(node, definitions) for keywords, builder in _BUILDERS if keywords & set(node)]
    if len(checks) == 1:
        return checks[0]

    def accepts(value: object) -> bool:
        for check in checks:  # noqa: SIM110 - a generator in all() doubles the cost of the whole walk
            if not check(value):
                return False
        return True

    return accepts


def _reference(node: Mapping[str, Any], definitions: Mapping[str, Accepts]) -> Accepts:
    return definitions[node["$ref"].removeprefix("#/$defs/")]


def _type(node: Mapping[str, Any], definitions: Mapping[str, Accepts]) -> Accepts:
    return _TYPES[node["type"]]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and is_clean(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _const(node: Mapping[str, Any], definitions: Mapping[str, Accepts]) -> Accepts:
    wanted = node["const"]
    return lambda value: type(value) is type(wanted) and value == wanted


def _enum(node: Mapping[str, Any], definitions: Mapping[str, Accepts]) -> Accepts:
    wanted = node["enum"]
    return lambda value: isinstance(value, str | list) and value in wanted


def _one_of(node: Mapping[str, Any], definitions: Mapping[str, Accepts]) -> Accepts:
    branches = [_node(branch, definitions) for branch in node["oneOf"]]
    return lambda value: sum(branch(value) for branch in branches) == 1


def _object(node: Mapping[str, Any], definitions: Mapping[str, Accepts]) -> Accepts:
    required = tuple(node.get("required", ()))
    properties = {key: _node(child, definitions) for key, child in node.get("properties", {}).items()}
    if "properties" in node and "patternProperties" in node:
        raise SchemaKeywordError("patternProperties beside properties")
    patterns = [
        (_search(pattern), _node(child, definitions)) for pattern, child in node.get("patternProperties", {}).items()
    ]
    closed = node.get("additionalProperties", True) is False
    least, most = node.get("minProperties", 0), node.get("maxProperties", _UNBOUNDED)

    def accepts_by_pattern(key: str, value: object) -> bool:
        checks = [check for search, check in patterns if search(key)]
        return all(check(value) for check in checks) and (bool(checks) or not closed)

    def accepts(value: object) -> bool:
        if not isinstance(value, dict):
            return True
        if not least <= len(value) <= most:
            return False
        for key in required:
            if key not in value:
                return False
        for key, child in value.items():
            check = properties.get(key)
            if not accepts_by_pattern(key, child) if check is None else not check(child):
                return False
        return True

    return accepts


def _array(node: Mapping[str, Any], definitions: Mapping[str, Accepts]) -> Accepts:
    least, most = node.get("minItems", 0), node.get("maxItems", _UNBOUNDED)
    first = [_node(child, definitions) for child in node.get("prefixItems", ())]
    rest = _node(node["items"], definitions) if isinstance(node.get("items"), dict) else None
    ends = node.get("items") is False
    unique = node.get("uniqueItems", False)

    def accepts(value: object) -> bool:
        if not isinstance(value, list):
            return True
        if not least <= len(value) <= most or (ends and len(value) > len(first)):
            return False
        if not all(check(item) for check, item in zip(first, value, strict=False)):
            return False
        return (rest is None or all(map(rest, value[len(first) :]))) and (not unique or _differ(value))

    return accepts


def _differ(values: list[Any]) -> bool:
    """Decide whether all values of an array differ. The schemas with this keyword have texts, or a few objects of texts."""
    if all(isinstance(value, str) for value in values):
        return len(set(values)) == len(values)
    return not any(value in values[:at] for at, value in enumerate(values))


def _search(pattern: str) -> Callable[[str], object]:
    """Compile a pattern. `$` of ECMA-262 is the end of the text; Python's also matches before a last line end."""
    return re.compile(re.sub(r"\$$", r"\\Z", pattern)).search


def _string(node: Mapping[str, Any], definitions: Mapping[str, Accepts]) -> Accepts:
    least, most = node.get("minLength", 0), node.get("maxLength", _UNBOUNDED)
    search = _search(node.get("pattern", ""))

    def accepts(value: object) -> bool:
        return not isinstance(value, str) or (least <= len(value) <= most and search(value) is not None)

    return accepts


def _number(node: Mapping[str, Any], definitions: Mapping[str, Accepts]) -> Accepts:
    least, most = node.get("minimum", float("-inf")), node.get("maximum", float("inf"))
    above = node.get("exclusiveMinimum", float("-inf"))

    def accepts(value: object) -> bool:
        return not _is_number(value) or bool(least <= cast(float, value) <= most and cast(float, value) > above)

    return accepts


_TYPES: Final[Mapping[str, Accepts]] = {
    "string": _is_text,
    "number": _is_number,
    "integer": lambda value: _is_number(value) and (isinstance(value, int) or cast(float, value).is_integer()),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
}
_BUILDERS: Final[tuple[tuple[set[str], Callable[[Mapping[str, Any], Mapping[str, Accepts]], Accepts]], ...]] = (
    ({"$ref"}, _reference),
    ({"type"}, _type),
    ({"const"}, _const),
    ({"enum"}, _enum),
    (_STRING, _string),
    (_NUMBER, _number),
    (_ARRAY, _array),
    (_OBJECT, _object),
    ({"oneOf"}, _one_of),
)
