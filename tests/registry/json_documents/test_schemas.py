"""Our JSON Schemas: valid ones, and the compiled one says yes exactly where jsonschema finds no fault."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acredita.node.demo.documents import DemoDocuments
from acredita.registry.json_documents.compiled_schema import SchemaKeywordError, compile_schema, faults_under
from acredita.registry.json_documents.jsonschema_faults import schema_faults
from acredita.registry.json_documents.schema_faults import SchemaCodes, schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

FIXTURES = Path(__file__).parents[1] / "fixtures"
CODES = SchemaCodes("MISSING", "UNKNOWN", "MALFORMED")
CREDENTIAL, PROGRAMME, SCOPE = NAMES = ("acredita-credential-1", "acredita-programme-1", "acredita-scope-1")
ACCEPTS = {name: compile_schema(schema(name)) for name in NAMES}


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def documents() -> list[tuple[str, Path]]:
    """List every fixture with the schema it is meant for."""
    folders = [
        (CREDENTIAL, "profile"),
        (CREDENTIAL, "reshaped"),
        (CREDENTIAL, "contradictions"),
        (PROGRAMME, "programmes"),
    ]
    return [(CREDENTIAL, FIXTURES / "accepted.json")] + [
        (name, path) for name, folder in folders for path in sorted((FIXTURES / folder).iterdir())
    ]


@pytest.fixture(scope="module")
def accepted(demo: DemoDocuments) -> dict[str, Any]:
    """Provide a document of each format that passes."""
    return {
        CREDENTIAL: load(FIXTURES / "accepted.json"),
        PROGRAMME: demo.programme("diseno-microcredenciales").document,
        SCOPE: next(iter(demo.scopes.values())).document,
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_itself_valid_and_says_that_it_is_ours(name: str) -> None:
    found = schema(name)
    Draft202012Validator.check_schema(found)
    assert str(found["$id"]).startswith("https://w3id.org/acredita/schemas/")


@pytest.mark.parametrize(("name", "path"), documents(), ids=lambda part: getattr(part, "stem", part))
def test_the_compiled_schema_agrees_with_jsonschema(name: str, path: Path) -> None:
    document = load(path)
    assert ACCEPTS[name](document) is (schema_faults(document, name, CODES) == [])


@pytest.mark.parametrize("name", NAMES)
def test_a_document_that_passes_has_no_fault(name: str, accepted: dict[str, Any]) -> None:
    assert ACCEPTS[name](accepted[name])
    assert faults_under(name, CODES)(accepted[name]) == []


@pytest.mark.parametrize("name", NAMES)
def test_faults_are_those_of_jsonschema(name: str) -> None:
    found = faults_under(name, CODES)({"format": 1})
    assert found == schema_faults({"format": 1}, name, CODES) != []


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2**54)
    | st.floats(allow_nan=False)
    | st.text(max_size=6)
    | st.sampled_from(
        ["Result", "MX", "2026-03-01T00:00:00Z", "did:web:x", "80", "https://x.example/", "x\n", "MX\n", "es", "en-GB"]
    ),
    lambda child: st.lists(child, max_size=3) | st.dictionaries(st.text(max_size=6), child, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("name", NAMES)
@settings(
    max_examples=200, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_they_agree_on_whatever_stands_anywhere(name: str, accepted: dict[str, Any], data: st.DataObject) -> None:
    document = copy.deepcopy(accepted[name])
    *parents, last = data.draw(st.sampled_from([place for place in places(document) if place]))
    target = document
    for part in parents:
        target = target[part]
    if isinstance(target, list) and data.draw(st.booleans()):
        target.append(copy.deepcopy(data.draw(st.sampled_from(target))))
    elif data.draw(st.booleans()):
        target[last] = data.draw(VALUES)
    elif isinstance(target, dict) and data.draw(st.booleans()):
        target[data.draw(st.sampled_from(["pt", "pt-BR", "PT", "pt\n", "xx-YY"]))] = data.draw(VALUES)
    else:
        del target[last]
    assert ACCEPTS[name](document) is (schema_faults(document, name, CODES) == [])


@pytest.mark.parametrize("keyword", ["not", "allOf", "dependentRequired", "contains", "format", "if"])
def test_a_schema_with_another_keyword_does_not_compile(keyword: str) -> None:
    with pytest.raises(SchemaKeywordError, match=keyword):
        compile_schema({"type": "object", "properties": {"a": {"oneOf": [{keyword: True}]}}})


def test_a_schema_with_patterns_beside_properties_does_not_compile() -> None:
    with pytest.raises(SchemaKeywordError, match="patternProperties"):
        compile_schema({"type": "object", "properties": {"a": {}}, "patternProperties": {"^b$": {}}})
