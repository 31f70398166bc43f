"""Keys by DID document: the forms of a method, the moments in which it holds, and what cannot be read."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from acredita.registry.keys.did import key_method
from acredita.registry.keys.multikey import PublicKey, parse_multibase
from acredita.registry.proofs.data_integrity import ProofCheckUnavailable, ProofRefused
from acredita.registry.proofs.resolve_key import did_key_for, key_for, key_named

from tests.registry.keys.test_jwk import ED25519, P256, p384

Document = dict[str, Any]
DID = "did:web:uni.example"
METHOD = f"{DID}#k1"
MULTIBASE = "z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd"
KEY = parse_multibase(MULTIBASE)
NOW = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
OTHER = "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"


def entry(**changes: Any) -> Document:
    """Build a method; a change to None leaves the member out."""
    whole = {"id": METHOD, "type": "Multikey", "controller": DID, "publicKeyMultibase": MULTIBASE} | changes
    return {name: value for name, value in whole.items() if value is not None}


def listed(*entries: Document, **more: Any) -> Document:
    return {"id": DID, "verificationMethod": list(entries), "assertionMethod": [METHOD], **more}


def embedded(relationship: str = "assertionMethod", **changes: Any) -> Document:
    return {"id": DID, relationship: [entry(**changes)]}


def resolved(document: object, **options: Any) -> PublicKey:
    return key_for(METHOD, {DID: document}, **({"now": NOW} | options))


def jwk(value: Document, kind: str = "JsonWebKey") -> Document:
    return listed(entry(type=kind, publicKeyMultibase=None, publicKeyJwk=value))


@pytest.mark.parametrize(
    "document",
    [
        listed(entry()),
        embedded(),
        listed(entry(id="#k1")),
        listed(entry(), assertionMethod=["#k1"]),
        embedded(id="#k1"),
        listed(entry(id=f"{DID}#other"), assertionMethod=[entry()]),
        listed(entry(), assertionMethod=[entry()]),  # twice, and equal
        embedded("authentication") | {"assertionMethod": ["#k1"]},
        listed(entry(type="Ed25519VerificationKey2020")),
        listed(entry(expires="2026-01-01T00:00:01Z")),
        listed(entry(revoked="2026-01-01T01:00:01+01:00")),
        listed(entry(), assertionMethod=[7, {"no": "id"}, METHOD], verificationMethod=["x", 5, entry()]),
    ],
)
def test_forms_that_are_read(document: Document) -> None:
    assert resolved(document) == KEY


@pytest.mark.parametrize("kind", ["JsonWebKey", "JsonWebKey2020"])
@pytest.mark.parametrize(("value", "algorithm"), [(ED25519, "Ed25519"), (P256, "P-256"), (p384(), "P-384")])
def test_json_web_keys_are_read(value: Document, algorithm: str, kind: str) -> None:
    assert resolved(jwk(value, kind)).algorithm == algorithm


@pytest.mark.parametrize(
    "document",
    [
        listed(entry(revoked="2020-01-01T00:00:00Z")),
        listed(entry(revoked="2026-01-01T00:00:00Z")),  # at the moment itself
        listed(entry(expires="2025-12-31T23:59:59.9Z")),
        embedded(expires="2026-01-01T01:00:00+01:00"),
        listed(entry(controller="did:web:otra.example")),
        embedded(controller=f"{DID}:otra"),
        listed(entry(id=f"{DID}#k2")),
        listed(entry(), assertionMethod=[]),
        listed(entry(), assertionMethod=[f"{METHOD}0"]),
        listed(entry(), assertionMethod=["#K1"]),
        embedded("authentication"),
        embedded("keyAgreement"),
        {"id": DID},
        listed(entry(secretKeyMultibase="z3u2")),
        jwk(ED25519 | {"d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}),
    ],
)
def test_methods_that_may_not_be_used(document: Document) -> None:
    with pytest.raises(ProofRefused, match="PROOF_KEY_REFUSED"):
        resolved(document)


@pytest.mark.parametrize(
    "document",
    [
        jwk({"kty": "RSA", "n": "AQAB", "e": "AQAB"}),
        jwk(P256 | {"crv": "secp256k1"}),
        jwk(ED25519 | {"x": "AA"}),
        jwk(ED25519, "JwsVerificationKey2020"),
        listed(entry(publicKeyMultibase=None, publicKeyJwk=ED25519)),  # a Multikey has no JWK
        listed(entry(publicKeyJwk=ED25519)),
        listed(entry(type="Ed25519VerificationKey2018", publicKeyMultibase=None, publicKeyBase58="x")),
        listed(entry(type="EcdsaSecp256r1VerificationKey2019")),  # with a key of Ed25519
        listed(entry(type=["Multikey"])),
        listed(entry(type=None)),
        listed(entry(controller=None)),
        listed(entry(controller=[DID])),
        listed(entry(publicKeyMultibase="zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme")),  # secp256k1
        listed(entry(publicKeyMultibase="uAQID")),
        listed(entry(publicKeyMultibase="z" + "2" * 400)),
        listed(entry(revoked=True)),
        listed(entry(revoked="2020")),
        listed(entry(expires="2020-13-01T00:00:00Z")),
        listed(entry(), entry(publicKeyMultibase=OTHER)),
        listed(entry(), assertionMethod=[entry(publicKeyMultibase=OTHER)]),
        listed(entry(), assertionMethod=METHOD),
        listed() | {"verificationMethod": entry()},
    ],
)
def test_what_is_not_read_is_no_forgery(document: Document) -> None:
    with pytest.raises(ProofCheckUnavailable, match="KEY_UNREADABLE"):
        resolved(document)


@pytest.mark.parametrize("document", [None, [], "x", {}, {"id": "did:web:otra.example"}, {"id": DID.upper()}])
def test_a_document_of_another_subject_is_none(document: object) -> None:
    with pytest.raises(ProofCheckUnavailable, match="DID_UNRESOLVED"):
        resolved(document)


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("https://uni.example/issuer#k1", "DID_UNRESOLVED"),
        ("did:ethr:0xf3beac30c498d9e26865f34fcaa57dbb935b0d74#controller", "DID_UNRESOLVED"),
        ("urn:uuid:5f2ecb80-24d5-41b5-8739-538b8faa2f73", "DID_UNRESOLVED"),
        (f"did:jwk:{'a' * 600}#0", "DID_UNRESOLVED"),
        ("did:web:uni.example:..:otra#k1", "DID_UNRESOLVED"),
        ("did:web:uni.example%3a8443#k1", "DID_UNRESOLVED"),
        ("did:web:uni.example:%2E%2E:otra#k1", "DID_UNRESOLVED"),
        ("did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme#x", "KEY_UNREADABLE"),
        (f"did:key:z{'4' * 370}#z{'4' * 370}", "KEY_UNREADABLE"),
    ],
)
def test_methods_of_others_could_not_be_checked(method: str, code: str) -> None:
    """Report no forgery, also where somebody lists a document under another spelling of a name."""
    did = method.partition("#")[0]
    misspelt = {did: {"id": did, "assertionMethod": [entry(id=method, controller=did)]}} if "did:web" in did else {}
    with pytest.raises(ProofCheckUnavailable, match=code):
        key_for(method, misspelt, now=NOW)


def test_a_method_without_a_fragment_names_no_key() -> None:
    for method in (DID, f"{DID}#", f"did:key:{MULTIBASE}", f"did:key:{MULTIBASE}#{OTHER}"):
        with pytest.raises(ProofRefused, match="PROOF_KEY_REFUSED"):
            key_for(method, {DID: listed(entry())}, now=NOW)


def test_the_relationship_is_the_one_that_is_asked_for() -> None:
    document = embedded("authentication")
    assert resolved(document, relationship="authentication") == KEY
    for relationship in ("assertionMethod", "capabilityInvocation", "verificationMethod", "unheard"):
        with pytest.raises(ProofRefused):
            resolved(document, relationship=relationship)


def test_a_verdict_uses_a_key_that_was_ended_because_the_ledger_knows_when() -> None:
    ended = listed(entry(revoked="2020-01-01T00:00:00Z"), assertionMethod=[])
    assert key_named(METHOD, {DID: ended}) == KEY
    assert key_named(METHOD, {DID: embedded(expires="2020-01-01T00:00:00Z")}) == KEY
    refused: list[Callable[[], Document]] = [
        lambda: listed(entry(), assertionMethod=[]),
        lambda: listed(entry(revoked="2020-01-01T00:00:00Z", controller="did:web:otra.example")),
    ]
    for document in refused:
        with pytest.raises(ProofRefused):
            key_named(METHOD, {DID: document()})


def test_a_did_key_needs_no_document() -> None:
    assert did_key_for(key_method(KEY)) == KEY == key_for(key_method(KEY), {}, now=NOW)
    with pytest.raises(ProofCheckUnavailable, match="DID_UNRESOLVED"):
        did_key_for(METHOD)


@pytest.mark.parametrize("value", [None, 5, "x", True, [], {}, [[]], [{}], {"a": 1}])
@pytest.mark.parametrize("member", ["id", "type", "controller", "publicKeyMultibase", "revoked", "expires"])
def test_any_value_of_any_member_gets_an_answer(member: str, value: object) -> None:
    """Give an answer of one of the two families, never a key and never another exception."""
    spoilt = entry()
    spoilt[member] = value
    for document in (listed(spoilt), listed(assertionMethod=[spoilt])):
        with pytest.raises((ProofRefused, ProofCheckUnavailable)):
            resolved(document)


@pytest.mark.parametrize("value", [None, 5, "x", True, {}, [[]], [{}], {"a": 1}])
@pytest.mark.parametrize("member", ["id", "verificationMethod", "assertionMethod"])
def test_any_value_of_any_member_of_the_document_gets_an_answer(member: str, value: object) -> None:
    document = copy.deepcopy(listed(entry()))
    document[member] = value
    with pytest.raises((ProofRefused, ProofCheckUnavailable)):
        resolved(document)
