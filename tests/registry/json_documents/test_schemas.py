"""Our JSON Schemas: valid ones, and the compiled one says yes exactly where jsonschema finds no fault."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acredita.registry.json_documents.compiled_schema import SchemaKeywordError, compile_schema
from acredita.registry.json_documents.schema_faults import SchemaCodes, schema, schema_faults
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

FIXTURES = Path(__file__).parents[1] / "fixtures"
DOCUMENTS = sorted(
    path for folder in ("profile", "reshaped", "contradictions") for path in (FIXTURES / folder).iterdir()
)
CODES = SchemaCodes("MISSING", "UNKNOWN", "MALFORMED")
NAME = "acredita-credential-1"
ACCEPTS = compile_schema(schema(NAME))


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


@pytest.mark.parametrize("name", ["acredita-programme-1", "acredita-scope-1", NAME])
def test_a_schema_is_itself_valid_and_says_that_it_is_ours(name: str) -> None:
    found = schema(name)
    Draft202012Validator.check_schema(found)
    assert str(found["$id"]).startswith("https://w3id.org/acredita/schemas/")


@pytest.mark.parametrize("path", [FIXTURES / "accepted.json", *DOCUMENTS], ids=lambda path: path.stem)
def test_the_compiled_schema_agrees_with_jsonschema(path: Path) -> None:
    document = load(path)
    assert ACCEPTS(document) is (schema_faults(document, NAME, CODES) == [])


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2**54)
    | st.floats(allow_nan=False)
    | st.text(max_size=6)
    | st.sampled_from(["Result", "MX", "2026-03-01T00:00:00Z", "did:web:x", "80", "https://x.example/", "x\n", "MX\n"]),
    lambda child: st.lists(child, max_size=3) | st.dictionaries(st.text(max_size=6), child, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(data=st.data())
def test_they_agree_on_whatever_stands_anywhere(data: st.DataObject) -> None:
    document = load(FIXTURES / "accepted.json")
    *parents, last = data.draw(st.sampled_from([place for place in places(document) if place]))
    target = document
    for part in parents:
        target = target[part]
    if data.draw(st.booleans()):
        target[last] = data.draw(VALUES)
    else:
        del target[last]
    assert ACCEPTS(document) is (schema_faults(document, NAME, CODES) == [])


@pytest.mark.parametrize("keyword", ["not", "allOf", "dependentRequired", "uniqueItems", "format", "if"])
def test_a_schema_with_another_keyword_does_not_compile(keyword: str) -> None:
    with pytest.raises(SchemaKeywordError, match=keyword):
        compile_schema({"type": "object", "properties": {"a": {"oneOf": [{keyword: True}]}}})
