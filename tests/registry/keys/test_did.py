"""DIDs: one spelling for an issuer, and verification methods that name their own key."""

import json
from pathlib import Path

import pytest
from acredita.registry.keys.did import (
    MAX_DID,
    DidMethodRefused,
    DidRefused,
    did_key,
    did_key_document,
    did_key_of_method,
    issuer_id,
    key_method,
    parse_did,
    split_method,
)
from acredita.registry.keys.multikey import parse_multibase

KEY = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"

WEB = {
    "did:web:ut.example": "https://ut.example/.well-known/did.json",
    "did:web:ut.example%3A8443": "https://ut.example:8443/.well-known/did.json",
    "did:web:ut.example:emisores:ingenieria": "https://ut.example/emisores/ingenieria/did.json",
    "did:web:ut.example%3A8443:a-1:b_2.c~d:%C3%B1": "https://ut.example:8443/a-1/b_2.c~d/%C3%B1/did.json",
    "did:web:ut.example:%45misores:a%20b:..c:d..": "https://ut.example/%45misores/a%20b/..c/d../did.json",
    "did:web:localhost%3A8000": "https://localhost:8000/.well-known/did.json",
}
REFUSED = [
    "",
    "did:web:",
    "did:web:UT.example",
    "did:web:ut.example:A",
    "did:web:ut.example%3a8443",
    "did:web:ut.example:8443:",
    "did:web:ut.example%3A0",
    "did:web:ut..example",
    "did:web:-ut.example",
    "did:web:ut.example/path",
    "did:web:ut.example#key",
    "did:web:ut.example?x=1",
    "did:web:ut.example:%c3%b1",
    "did:web:ut.example:%zz",
    "did:web:ut.example:..:otra",
    "did:web:ut.example:.",
    "did:web:ut.example:emisores:..",
    "did:web:ut.example:%2E%2E:otra",
    "did:web:ut.example:%2e",
    "did:web:ut.example:%61",
    "did:web:ut.example:%7E",
    "did:web:ut.example:a%2Fb",
    "did:web:ut.example:a%5Cb",
    "did:web:ut.example:%00",
    "did:web:ut.example%3a",
    "did:web:universidad-ñ.example",
    "did:web:ut.example ",
    "did:web:user@ut.example",
    "did:web:" + "a" * MAX_DID,
    "did:ion:abc",
    "DID:web:ut.example",
    "https://ut.example",
    f"did:key:{KEY}#{KEY}",
    "did:key:",
    "did:key:z6Mk",
    f"did:key:{KEY[:-1]}0",
    f"did:key:{KEY}1",
]


@pytest.mark.parametrize("text", WEB)
def test_did_web(text: str) -> None:
    did = parse_did(text)
    assert (did.method, did.document_url, did.text) == ("web", WEB[text], text)


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    with pytest.raises(DidRefused):
        parse_did(text)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("did:example:123", True),
        ("did:ethr:0x12", True),
        ("did:ion:abc:d%20e", True),
        ("did:web:", False),
        ("did:key:@", False),
        ("did:example:", False),
        ("did:Example:1", False),
        ("did:example:1#k", False),
        ("https://ut.example", False),
    ],
)
def test_another_method_is_told_from_no_did(text: str, other: bool) -> None:
    with pytest.raises(DidRefused) as refused:
        parse_did(text)
    assert isinstance(refused.value, DidMethodRefused) is other


def test_did_key_of_published_keys(figures: Path) -> None:
    for case in json.loads((figures / "did_key.json").read_text())["accepted"]:
        did = parse_did(case["did"])
        assert did.key is not None and did_key(did.key) == case["did"]
        assert did_key_of_method(key_method(did.key)) == did.key


def test_method_must_repeat_its_key() -> None:
    other = "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
    for method in (f"did:key:{KEY}#{other}", f"did:key:{KEY}", f"did:key:{KEY}#", "#x", f"did:key:{KEY}#key-1"):
        with pytest.raises(DidRefused):
            did_key_of_method(method)


def test_split_method() -> None:
    assert split_method("did:web:ut.example#clave-1") == ("did:web:ut.example", "clave-1")
    with pytest.raises(DidRefused):
        split_method("https://ut.example#clave-1")


def test_issuer_id_is_keccak_256_of_the_bytes() -> None:
    # cast keccak 'did:web:ut.example' (Foundry) gives the same
    assert issuer_id("did:web:ut.example").hex() == "e8971472f8a87c954963dd89e847aa5cff507741cf0026f430b030ae0ee6d479"
    assert issuer_id("did:web:ut.example%3A8443") != issuer_id("did:web:ut.example")


def test_did_document_of_a_key() -> None:
    key = parse_multibase(KEY)
    document = did_key_document(key)
    method = document["verificationMethod"][0]
    assert document["id"] == f"did:key:{KEY}" == method["controller"]
    assert method["publicKeyMultibase"] == KEY and method["id"] in document["assertionMethod"]
