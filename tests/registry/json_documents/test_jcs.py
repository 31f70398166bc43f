"""RFC 8785: the published pairs, and what has no canonical form."""

import hashlib
import json
from pathlib import Path

import pytest
from acredita.registry.json_documents.jcs import JcsRefused, jcs, jcs_digest


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_published_pair(published: Path, name: str) -> None:
    folder = published / "jcs-rfc8785" / "testdata"
    value = json.loads((folder / "input" / f"{name}.json").read_text(encoding="utf-8"))
    assert jcs(value) == (folder / "output" / f"{name}.json").read_bytes()
    assert jcs(value) == bytes.fromhex((folder / "outhex" / f"{name}.txt").read_text())


def test_keys_sort_by_utf16_and_numbers_as_in_javascript() -> None:
    # RFC 8785 3.2.3: U+1F600 begins with a surrogate and so comes before U+FB33.
    assert jcs({"\ufb33": 1.0, "\U0001f600": 1e21, "a": 0.000001}) == (
        '{"a":0.000001,"\U0001f600":1e+21,"\ufb33":1}'.encode()
    )


@pytest.mark.parametrize("value", [2**53, float("nan"), float("inf"), "\ud800", {1: 2}, {"a": b"x"}])
def test_no_canonical_form(value: object) -> None:
    with pytest.raises(JcsRefused):
        jcs(value)


@pytest.mark.parametrize(
    ("value", "pointer"),
    [({"a": [1, {"b/c": 2**60}]}, "/a/1/b~1c"), ({"a": {"b": {}}, "\ud800": 1}, ""), (float("nan"), "")],
)
def test_what_has_no_form_is_pointed_at(value: object, pointer: str) -> None:
    with pytest.raises(JcsRefused) as caught:
        jcs(value)
    assert caught.value.pointer == pointer


def test_digest_is_sha256_of_the_form() -> None:
    assert jcs_digest({"b": 1, "a": [True]}) == hashlib.sha256(b'{"a":[true],"b":1}').digest()
