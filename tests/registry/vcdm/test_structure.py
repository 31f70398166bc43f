"""The structure of VCDM documents: each rule kept by a good document and broken by a bad one, with code and place."""

import base64
import hashlib
from decimal import Decimal
from typing import Any

import pytest
from acredita.registry.canonicalisation.contexts import CREDENTIALS_V1, CREDENTIALS_V2
from acredita.registry.keys.multikey import encode_multibase
from acredita.registry.vcdm.date_time_stamp import seconds_of
from acredita.registry.vcdm.related_resources import bundled_bytes, fits, multibase_digest, sri_digests
from acredita.registry.vcdm.structure import (
    MAX_CREDENTIALS,
    MAX_FAULTS,
    credential_faults,
    envelope_faults,
    is_url,
    presentation_faults,
    unchecked_resources,
)

CONTEXT = bundled_bytes(CREDENTIALS_V2) or b""
SHA256, SHA384 = hashlib.sha256(CONTEXT).digest(), hashlib.sha384(CONTEXT).digest()
SRI = "sha384-" + base64.b64encode(SHA384).decode()
TEXT = {"@value": "Título", "@language": "es", "@direction": "ltr"}
ENTRY = {
    "id": "https://status.example/1#7",
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "7",
    "statusListCredential": "https://status.example/1",
}


def credential(**more: Any) -> dict[str, Any]:
    return {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:issuer",
        "credentialSubject": {"id": "did:example:subject"},
        **more,
    }


def related(**row: Any) -> dict[str, Any]:
    return {"relatedResource": {"id": CREDENTIALS_V2, **row}}


GOOD: dict[str, dict[str, Any]] = {
    "least": {},
    "contexts_of_both_kinds": {"@context": [CREDENTIALS_V2, "https://example.org/v1", {"a": "https://example.org/a"}]},
    "id_is_urn": {"id": "urn:uuid:5a5e0c1e-0000-4000-8000-000000000001"},
    "type_is_one_text": {"type": "VerifiableCredential"},
    "types_in_any_order": {"type": ["https://example.org/T", "VerifiableCredential", "Term"]},
    "issuer_is_object": {"issuer": {"id": "https://issuer.example", "name": [TEXT, "plain"]}},
    "several_subjects": {"credentialSubject": [{"id": "did:example:1"}, {"degree": "x"}]},
    "texts": {"name": "n", "description": TEXT},
    "text_without_language": {"name": {"@value": "n"}},
    "times": {"validFrom": "2026-01-01T00:00:00.123Z", "validUntil": "2026-01-01T00:00:01-06:00"},
    "one_moment": {"validFrom": "2026-01-01T06:00:00Z", "validUntil": "2026-01-01T00:00:00-06:00"},
    "status": {"credentialStatus": ENTRY},
    "status_without_id": {"credentialStatus": {key: value for key, value in ENTRY.items() if key != "id"}},
    "status_of_another_kind": {"credentialStatus": [{"type": "https://example.org/Status"}]},
    "status_messages": {
        "credentialStatus": ENTRY
        | {"statusSize": 1, "statusMessage": [{"status": "0x0", "message": "a"}, {"status": "0x1", "message": "b"}]}
    },
    "schemas": {"credentialSchema": [{"id": "https://example.org/s", "type": "JsonSchema"}]},
    "members": {
        key: [{"type": "T"}, {"id": "urn:x:1", "type": ["T"]}] for key in ("evidence", "termsOfUse", "refreshService")
    },
    "related_by_sri": related(digestSRI=SRI),
    "related_by_multihash": related(digestMultibase=encode_multibase(b"\x12\x20" + SHA256)),
    "related_by_bare_hash": related(digestMultibase="u" + base64.urlsafe_b64encode(SHA256).rstrip(b"=").decode()),
    "related_elsewhere": {"relatedResource": [{"id": "https://example.org/x", "digestSRI": SRI, "mediaType": "a/b"}]},
    "proofs": {"proof": [{"type": "DataIntegrityProof"}]},
    "first_version": {"@context": [CREDENTIALS_V1], "issuanceDate": "2026-01-01T00:00:00Z"},
    "list": {
        "credentialSubject": {"type": "BitstringStatusList", "statusPurpose": "revocation", "encodedList": "uH4sI"}
    },
}

BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "no_context": ({"@context": None}, "VCDM_CONTEXT", "/@context"),
    "context_is_text": ({"@context": CREDENTIALS_V2}, "VCDM_CONTEXT", "/@context"),
    "base_context_not_first": ({"@context": ["https://e.org/v1", CREDENTIALS_V2]}, "VCDM_CONTEXT", "/@context"),
    "context_is_number": ({"@context": [CREDENTIALS_V2, 5]}, "VCDM_CONTEXT", "/@context/1"),
    "context_is_no_url": ({"@context": [CREDENTIALS_V2, "https ://x/v1"]}, "VCDM_CONTEXT", "/@context/1"),
    "context_twice": ({"@context": [CREDENTIALS_V2, CREDENTIALS_V2]}, "VCDM_CONTEXT", "/@context/1"),
    "id_is_no_url": ({"id": "not-a-url"}, "VCDM_ID", "/id"),
    "id_is_null": ({"id": None}, "VCDM_ID", "/id"),
    "id_is_list": ({"id": ["urn:x:1", "urn:x:2"]}, "VCDM_ID", "/id"),
    "subject_id_is_list": ({"credentialSubject": {"id": ["urn:x:1"]}}, "VCDM_ID", "/credentialSubject/id"),
    "no_type": ({"type": []}, "VCDM_TYPE", "/type"),
    "type_is_number": ({"type": ["VerifiableCredential", 1]}, "VCDM_TYPE", "/type"),
    "type_is_no_url": ({"type": ["VerifiableCredential", "https:"]}, "VCDM_TYPE", "/type"),
    "other_type": ({"type": ["Other"]}, "VCDM_TYPE", "/type"),
    "no_issuer": ({"issuer": None}, "VCDM_ISSUER", "/issuer"),
    "issuer_is_no_url": ({"issuer": "nobody"}, "VCDM_ISSUER", "/issuer"),
    "issuer_id_is_no_url": ({"issuer": {"id": "nobody"}}, "VCDM_ISSUER", "/issuer"),
    "issuer_without_id": ({"issuer": {"name": "n"}}, "VCDM_ISSUER", "/issuer"),
    "issuer_is_list": ({"issuer": ["did:example:1"]}, "VCDM_ISSUER", "/issuer"),
    "issuer_name_with_more": (
        {"issuer": {"id": "did:example:1", "name": {**TEXT, "extra": 1}}},
        "VCDM_TEXT",
        "/issuer/name",
    ),
    "no_subject": ({"credentialSubject": []}, "VCDM_SUBJECT", "/credentialSubject"),
    "empty_subject": ({"credentialSubject": {}}, "VCDM_SUBJECT", "/credentialSubject"),
    "one_empty_subject": ({"credentialSubject": [{"a": 1}, {}]}, "VCDM_SUBJECT", "/credentialSubject/1"),
    "subject_is_text": ({"credentialSubject": "did:example:1"}, "VCDM_SUBJECT", "/credentialSubject"),
    "name_is_number": ({"name": 5}, "VCDM_TEXT", "/name"),
    "name_with_more": ({"name": {**TEXT, "extra": 1}}, "VCDM_TEXT", "/name"),
    "bad_language": ({"description": [TEXT, {"@value": "x", "@language": "e s"}]}, "VCDM_TEXT", "/description/1"),
    "bad_direction": ({"name": {"@value": "x", "@direction": "up"}}, "VCDM_TEXT", "/name"),
    "name_of_no_text": ({"name": []}, "VCDM_TEXT", "/name"),
    "date_alone": ({"validFrom": "2026-01-01"}, "VCDM_TIME", "/validFrom"),
    "time_without_zone": ({"validUntil": "2026-01-01T00:00:00"}, "VCDM_TIME", "/validUntil"),
    "day_that_is_none": ({"validFrom": "2026-02-29T00:00:00Z"}, "VCDM_TIME", "/validFrom"),
    "time_is_number": ({"validFrom": 1}, "VCDM_TIME", "/validFrom"),
    "ends_before_it_begins": (
        {"validFrom": "2026-01-01T06:00:01Z", "validUntil": "2026-01-01T00:00:00-06:00"},
        "VCDM_PERIOD",
        "/validUntil",
    ),
    "status_without_type": ({"credentialStatus": {"id": "urn:x:1"}}, "VCDM_STATUS", "/credentialStatus/type"),
    "status_id_is_no_url": ({"credentialStatus": ENTRY | {"id": "x"}}, "VCDM_STATUS", "/credentialStatus/id"),
    "status_id_is_list": ({"credentialStatus": ENTRY | {"id": ["urn:x:1"]}}, "VCDM_STATUS", "/credentialStatus/id"),
    "status_id_is_the_list": (
        {"credentialStatus": ENTRY | {"id": ENTRY["statusListCredential"]}},
        "VCDM_STATUS",
        "/credentialStatus/id",
    ),
    "status_is_text": ({"credentialStatus": ["x"]}, "VCDM_STATUS", "/credentialStatus/0"),
    "no_status": ({"credentialStatus": []}, "VCDM_STATUS", "/credentialStatus"),
    "status_without_purpose": (
        {"credentialStatus": ENTRY | {"statusPurpose": 1}},
        "VCDM_STATUS",
        "/credentialStatus/statusPurpose",
    ),
    "index_is_number": (
        {"credentialStatus": ENTRY | {"statusListIndex": 7}},
        "VCDM_STATUS",
        "/credentialStatus/statusListIndex",
    ),
    "index_is_negative": (
        {"credentialStatus": ENTRY | {"statusListIndex": "-1"}},
        "VCDM_STATUS",
        "/credentialStatus/statusListIndex",
    ),
    "list_is_no_url": (
        {"credentialStatus": ENTRY | {"statusListCredential": "x"}},
        "VCDM_STATUS",
        "/credentialStatus/statusListCredential",
    ),
    "size_is_zero": (
        {"credentialStatus": ENTRY | {"statusSize": 0}},
        "VCDM_STATUS",
        "/credentialStatus/statusSize",
    ),
    "size_without_messages": (
        {"credentialStatus": ENTRY | {"statusSize": 2}},
        "VCDM_STATUS",
        "/credentialStatus/statusMessage",
    ),
    "a_message_missing": (
        {"credentialStatus": ENTRY | {"statusMessage": [{"status": "0x0", "message": "a"}]}},
        "VCDM_STATUS",
        "/credentialStatus/statusMessage",
    ),
    "message_status_not_hex": (
        {"credentialStatus": ENTRY | {"statusMessage": [{"status": "0", "message": "a"}] * 2}},
        "VCDM_STATUS",
        "/credentialStatus/statusMessage",
    ),
    "list_without_purpose": (
        {"credentialSubject": {"type": "BitstringStatusList", "encodedList": "uH4sI"}},
        "VCDM_STATUS",
        "/credentialSubject/statusPurpose",
    ),
    "list_not_multibase": (
        {"credentialSubject": {"type": "BitstringStatusList", "statusPurpose": "x", "encodedList": "H4sI"}},
        "VCDM_STATUS",
        "/credentialSubject/encodedList",
    ),
    "schema_without_type": ({"credentialSchema": {"id": "urn:x:1"}}, "VCDM_SCHEMA", "/credentialSchema/type"),
    "schema_without_id": ({"credentialSchema": {"type": "T"}}, "VCDM_SCHEMA", "/credentialSchema/id"),
    "schema_id_is_number": ({"credentialSchema": {"type": "T", "id": 1}}, "VCDM_SCHEMA", "/credentialSchema/id"),
    "evidence_without_type": ({"evidence": [{"id": "urn:x:1"}]}, "VCDM_MEMBER", "/evidence/0/type"),
    "terms_without_type": ({"termsOfUse": {"id": "urn:x:1"}}, "VCDM_MEMBER", "/termsOfUse/type"),
    "refresh_without_type": ({"refreshService": {"id": "urn:x:1"}}, "VCDM_MEMBER", "/refreshService/type"),
    "reserved_without_type": ({"renderMethod": {"id": "urn:x:1"}}, "VCDM_MEMBER", "/renderMethod/type"),
    "related_without_id": ({"relatedResource": {"digestSRI": SRI}}, "VCDM_RELATED_RESOURCE", "/relatedResource"),
    "related_without_digest": (related(), "VCDM_RELATED_RESOURCE", "/relatedResource"),
    "related_twice": (
        {"relatedResource": [related(digestSRI=SRI)["relatedResource"]] * 2},
        "VCDM_RELATED_RESOURCE",
        "/relatedResource/1/id",
    ),
    "digest_is_no_sri": (related(digestSRI="md5-abcd"), "VCDM_RELATED_RESOURCE", "/relatedResource/digestSRI"),
    "digest_of_wrong_length": (
        related(digestMultibase="uAAAA"),
        "VCDM_RELATED_RESOURCE",
        "/relatedResource/digestMultibase",
    ),
    "other_sri": (
        related(digestSRI="sha256-" + base64.b64encode(bytes(32)).decode()),
        "RELATED_RESOURCE_MISMATCH",
        "/relatedResource/digestSRI",
    ),
    "other_multihash": (
        related(digestMultibase=encode_multibase(b"\x12\x20" + bytes(32))),
        "RELATED_RESOURCE_MISMATCH",
        "/relatedResource/digestMultibase",
    ),
    "proof_without_type": ({"proof": {}}, "VCDM_PROOF", "/proof"),
    "proof_is_text": ({"proof": "x"}, "VCDM_PROOF", "/proof"),
    "first_version_without_date": ({"@context": [CREDENTIALS_V1]}, "VCDM_TIME", "/issuanceDate"),
}


@pytest.mark.parametrize("name", GOOD)
def test_good(name: str) -> None:
    assert credential_faults(credential(**GOOD[name])) == []


@pytest.mark.parametrize("name", BAD)
def test_bad(name: str) -> None:
    change, code, pointer = BAD[name]
    found = credential_faults(credential(**change))
    assert [(fault.pointer, fault.code) for fault in found] == [(pointer, code)]


@pytest.mark.parametrize("member", ["@context", "type", "issuer", "credentialSubject"])
def test_a_required_member_is_missed(member: str) -> None:
    document = credential()
    del document[member]
    assert {fault.pointer for fault in credential_faults(document)} == {f"/{member}"}


def test_every_fault_is_told() -> None:
    document: dict[str, Any] = {}
    for name in ("id_is_no_url", "other_type", "no_issuer", "empty_subject", "date_alone", "evidence_without_type"):
        document |= BAD[name][0]
    codes = {fault.code for fault in credential_faults(credential(**document))}
    assert codes == {"VCDM_ID", "VCDM_TYPE", "VCDM_ISSUER", "VCDM_SUBJECT", "VCDM_TIME", "VCDM_MEMBER"}


def test_faults_end_at_the_limit() -> None:
    assert len(credential_faults(credential(evidence=[1] * 5_000))) == MAX_FAULTS


@pytest.mark.parametrize("value", [None, 1, "x", [], True])
def test_no_object_is_no_document(value: object) -> None:
    assert [fault.code for fault in credential_faults(value)] == ["VCDM_NOT_AN_OBJECT"]
    assert [fault.code for fault in presentation_faults(value)] == ["VCDM_NOT_AN_OBJECT"]


# --- presentations and envelopes ---

ENVELOPE = {
    "@context": CREDENTIALS_V2,
    "type": "EnvelopedVerifiableCredential",
    "id": "data:application/vc+jwt,eyJh.eyJh.AAAA",
}


def presentation(**more: Any) -> dict[str, Any]:
    return {"@context": [CREDENTIALS_V2], "type": ["VerifiablePresentation"], **more}


SECURED = credential(proof={"type": "DataIntegrityProof"})


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"id": "urn:x:1", "holder": "did:example:holder"},
        {"holder": {"id": "did:example:holder"}},
        {"verifiableCredential": SECURED},
        {"verifiableCredential": [SECURED, ENVELOPE]},
        {"type": "VerifiablePresentation", "termsOfUse": {"type": "T"}},
    ],
)
def test_good_presentation(more: dict[str, Any]) -> None:
    assert presentation_faults(presentation(**more)) == []


@pytest.mark.parametrize(
    ("more", "code", "pointer"),
    [
        ({"@context": ["https://example.org/v1"]}, "VCDM_CONTEXT", "/@context"),
        ({"type": ["Other"]}, "VCDM_TYPE", "/type"),
        ({"id": 5}, "VCDM_ID", "/id"),
        ({"holder": {"name": "x"}}, "VCDM_HOLDER", "/holder"),
        ({"termsOfUse": {}}, "VCDM_MEMBER", "/termsOfUse/type"),
        ({"verifiableCredential": ["https://e.org/1"]}, "VCDM_NOT_AN_OBJECT", "/verifiableCredential/0"),
        ({"verifiableCredential": credential()}, "VCDM_PRESENTED", "/verifiableCredential/0/proof"),
        ({"verifiableCredential": [{**SECURED, "type": []}]}, "VCDM_TYPE", "/verifiableCredential/0/type"),
        ({"verifiableCredential": [SECURED] * (MAX_CREDENTIALS + 1)}, "VCDM_PRESENTED", "/verifiableCredential"),
        ({"verifiableCredential": {**ENVELOPE, "id": "eyJh.eyJh.AAAA"}}, "VCDM_ENVELOPE", "/verifiableCredential/0/id"),
    ],
)
def test_bad_presentation(more: dict[str, Any], code: str, pointer: str) -> None:
    found = presentation_faults(presentation(**more))
    assert (pointer, code) in [(fault.pointer, fault.code) for fault in found]


@pytest.mark.parametrize(
    "more",
    [
        {"verifiableCredential": []},
        {"holder": "did:example:h", "verifiableCredential": [credential(issuer="did:example:h")]},
        {"holder": {"id": "did:example:h"}, "verifiableCredential": credential(issuer={"id": "did:example:h"})},
    ],
)
def test_a_presentation_of_nothing_or_of_the_holders_own_word(more: dict[str, Any]) -> None:
    assert presentation_faults(presentation(**more)) == []


@pytest.mark.parametrize(
    "more",
    [
        {"verifiableCredential": [credential(issuer="did:example:h")]},
        {"holder": "did:example:h", "verifiableCredential": [credential(issuer="did:example:other")]},
        {"holder": "did:example:other", "verifiableCredential": [credential(issuer="did:example:h")]},
    ],
)
def test_self_asserted_means_that_holder_and_issuer_are_one(more: dict[str, Any]) -> None:
    assert [fault.code for fault in presentation_faults(presentation(**more))] == ["VCDM_PRESENTED"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"@context": []}, "VCDM_CONTEXT"),
        ({"@context": "https://www.w3.org/ns/credentials/examples/v2"}, "VCDM_CONTEXT"),
        ({"type": "VerifiableCredential"}, "VCDM_TYPE"),
        ({"type": ["EnvelopedVerifiableCredential", "Other"]}, "VCDM_TYPE"),
        ({"id": "https://example.org/1"}, "VCDM_ENVELOPE"),
        ({"id": "data:application/vc+jwt"}, "VCDM_ENVELOPE"),
    ],
)
def test_bad_envelope(change: dict[str, Any], code: str) -> None:
    assert envelope_faults(ENVELOPE, "EnvelopedVerifiableCredential") == []
    assert [fault.code for fault in envelope_faults(ENVELOPE | change, "EnvelopedVerifiableCredential")] == [code]


# --- values ---


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", "0"),
        ("2026-01-01T00:00:00.250Z", "1767225600.25"),
        ("2024-02-29T24:00:00-05:00", "1709269200"),
        ("0000-03-01T00:00:00Z", "-62162035200"),
        ("12026-01-01T00:00:00+14:00", "317336695200"),  # 25 times 400 years after 2026, 14 hours before
    ],
)
def test_seconds(text: str, seconds: str) -> None:
    assert seconds_of(text) == Decimal(seconds)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-13-01T00:00:00Z",
        "2026-01-01T25:00:00Z",
        "2026-01-01T24:00:01Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00+14:30",
        "02026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z ",
        "２026-01-01T00:00:00Z",
        "2026-01-01T00:00:00." + "1" * 60 + "Z",
    ],
)
def test_no_date_time_stamp(text: str) -> None:
    assert seconds_of(text) is None


@pytest.mark.parametrize("url", ["https://a.example", "did:key:z6Mk", "urn:uuid:1", "http://x/ñ", "data:,x"])
def test_url(url: str) -> None:
    assert is_url(url)


@pytest.mark.parametrize("url", ["", "a", "https:", "https://", "http:a", "a b:c", "https://a b", ":x", 5, None, "1:x"])
def test_no_url(url: object) -> None:
    assert not is_url(url)


def test_digests_of_a_bundled_context() -> None:
    assert CONTEXT
    sri = sri_digests(f"{SRI} sha256-{base64.b64encode(SHA256).decode()}")
    assert sri == [("sha384", SHA384), ("sha256", SHA256)]
    assert all(fits(CONTEXT, digest) for digest in sri or [])
    # the digests w3c/vc-data-model publishes for this context
    assert SHA256.hex().startswith("59955ced6697d61e")
    assert multibase_digest("uWZVc7WaX1h4D8rJVb-vlMIqxaEKEb1tYbX8fet7JJzQ") == ("sha256", SHA256)
    for wrong in ("", "sha256-", "sha256-AAAA", "sha512-" + "A" * 600, "x"):
        assert sri_digests(wrong) is None
    for wrong in ("", "u", "f00", "z0", "uWZVc", "z" * 600):
        assert multibase_digest(wrong) is None


def test_resources_elsewhere_stay_unchecked() -> None:
    document = credential(**GOOD["related_elsewhere"])
    assert unchecked_resources(document) == ["/relatedResource/0"]
    assert unchecked_resources(credential(**GOOD["related_by_sri"])) == []
