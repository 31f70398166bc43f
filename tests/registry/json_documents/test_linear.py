"""Reading JSON and writing its canonical form cost what the text is long: places are spelt out only for an error."""

import json

import pytest
from acredita.registry.canonicalisation.contexts import bundled_contexts
from acredita.registry.canonicalisation.safe_values import CanonicalFormRefused, refuse_unsafe
from acredita.registry.json_documents.jcs import JcsRefused, jcs
from acredita.registry.json_documents.strict import JsonRefused, escape_pointer, path_pointer, read_json

from tests.recorded_calls import recorded_calls
from tests.registry.canonicalisation.test_budget import calls


def text(length: int, last: str = "1") -> bytes:
    """Return a list of many numbers behind a long key, ended by `last`."""
    return f'{{"{"k" * length}": [{"1, " * (length // 4)}{last}]}}'.encode()


def test_no_place_is_spelt_out_for_a_document_that_is_sound() -> None:
    """Read many values behind a long key: a copy of the key for each took seconds for a megabyte."""
    with recorded_calls(escape_pointer, path_pointer) as made:
        read_json(text(4_000))
        refuse_unsafe({"k" * 4_000: ["a"] * 2_000}, bundled_contexts())
    assert list(made) == []


def test_the_place_behind_a_long_key_is_named() -> None:
    with pytest.raises(JsonRefused) as refused:
        read_json(text(1_000, "null"))
    assert refused.value.pointer == f"/{'k' * 1_000}/250"


def test_the_place_of_an_unsafe_value_is_named() -> None:
    with pytest.raises(CanonicalFormRefused) as refused:
        refuse_unsafe({"k": ["a", {"b": None}]}, bundled_contexts())
    assert refused.value.pointer == "/k/1/b"


def refuse(document: object, depth: int) -> None:
    with pytest.raises(JcsRefused) as refused:
        jcs(document)
    assert refused.value.pointer == "/0" * (depth - 1) + "/300"


def test_the_place_without_a_canonical_form_is_found_in_one_pass() -> None:
    """Put a number beyond 2^53 under thirty levels of lists: each level was canonicalised again."""
    made = []
    for depth in (5, 10, 20):
        document = json.loads("[" * depth + "1, " * 300 + str(2**53) + "]" * depth)
        made.append(calls(lambda document=document, depth=depth: refuse(document, depth)))  # type: ignore[misc]
    assert made[2] < 1.3 * made[0]
