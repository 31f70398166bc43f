"""Proofs: every suite signs and verifies, every change is caught, and each malformed proof has its code."""

import copy
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from acredita.registry.canonicalisation.contexts import CREDENTIALS_V2, OPEN_BADGES_V3
from acredita.registry.keys.did import did_key_of_method, key_method
from acredita.registry.keys.multikey import (
    COORDINATE_BYTES,
    ORDERS,
    P256,
    P384,
    KeyRefused,
    PublicKey,
    decode_multibase,
    encode_multibase,
)
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.proofs import cryptosuites
from acredita.registry.proofs.cryptosuites import SUITES
from acredita.registry.proofs.data_integrity import (
    MAX_PROOFS,
    ProofCheckUnavailable,
    ProofRefused,
    add_proof,
    check_expected,
    credential_digest,
    verify_proof,
    verify_proofs,
)
from acredita.registry.proofs.proof_options import ProofOptions, parse_options, parse_timestamp
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Document = dict[str, Any]
CREATED = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)
ED = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x11" * 32))
OTHER = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x12" * 32))
EC256 = PrivateKeySigner.of(ec.derive_private_key(0x1234567890, ec.SECP256R1()))
EC384 = PrivateKeySigner.of(ec.derive_private_key(0x1234567890, ec.SECP384R1()))
CASES = [
    ("eddsa-rdfc-2022", ED),
    ("eddsa-jcs-2022", ED),
    ("ecdsa-rdfc-2019", EC256),
    ("ecdsa-rdfc-2019", EC384),
    ("ecdsa-jcs-2019", EC256),
    ("ecdsa-jcs-2019", EC384),
]
IDS = [f"{suite}-{signer.algorithm}" for suite, signer in CASES]


def document() -> Document:
    return {
        "@context": [CREDENTIALS_V2, OPEN_BADGES_V3],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": "did:web:ut.example", "type": ["Profile"], "name": "UT"},
        "validFrom": "2026-03-01T00:00:00Z",
        "name": "Análisis de datos",
        "credentialSubject": {"type": ["AchievementSubject"], "achievement": {"type": ["Achievement"], "name": "A"}},
    }


def sign(suite: str = "eddsa-rdfc-2022", signer: PrivateKeySigner = ED, **changes: Any) -> Document:
    source = changes.pop("document", None) or document()
    options = replace(ProofOptions(suite, key_method(signer.public), CREATED), **changes)
    return add_proof(source, options, signer)


def with_proof(signed: Document, **changes: Any) -> Document:
    proof = {key: value for key, value in {**signed["proof"], **changes}.items() if value is not ...}
    return {**signed, "proof": proof}


@pytest.mark.parametrize(("suite", "signer"), CASES, ids=IDS)
def test_signs_and_verifies(suite: str, signer: PrivateKeySigner) -> None:
    source = document()
    signed = sign(suite, signer, document=source)
    check = verify_proof(signed, did_key_of_method)
    assert "proof" not in source and signed["proof"]["created"] == "2026-03-01T12:00:05Z"
    assert (check.options.cryptosuite, check.key, check.multikey) == (suite, signer.public, signer.multikey)
    assert check.options == ProofOptions(suite, key_method(signer.public), CREATED)
    assert len(check.hash_data) == (96 if signer.algorithm == P384 else 64)
    assert check.digest == credential_digest(check.hash_data, check.signature)
    assert check.digest == hashlib.sha256(b"acredita/credential/1" + check.hash_data + check.signature).digest()


@pytest.mark.parametrize(("suite", "signer"), CASES, ids=IDS)
def test_every_changed_value_is_caught(suite: str, signer: PrivateKeySigner) -> None:
    signed = sign(suite, signer)
    changes: list[Document] = [
        {**signed, "name": "Analisis de datos"},
        {**signed, "name": "Ana\u0301lisis de datos"},
        {**signed, "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc34"},
        {**signed, "validFrom": "2026-03-01T00:00:00+00:00"},
        {**signed, "description": "más"},
        {**signed, "type": ["VerifiableCredential"], "issuer": "did:web:ut.example"},
        {key: value for key, value in signed.items() if key != "name"},
        with_proof(signed, created="2026-03-01T12:00:06Z"),
        with_proof(signed, proofPurpose="authentication"),
        with_proof(signed, challenge="x"),
        with_proof(signed, expires="2027-03-01T00:00:00Z"),
        with_proof(signed, created=...),
    ]
    for changed in changes:
        with pytest.raises(ProofRefused) as caught:
            verify_proof(changed, did_key_of_method)
        assert caught.value.code == "PROOF_INVALID"


@pytest.mark.parametrize(("suite", "signer"), CASES, ids=IDS)
def test_every_flipped_bit_of_the_signature_is_caught(suite: str, signer: PrivateKeySigner) -> None:
    signed = sign(suite, signer)
    signature = decode_multibase(signed["proof"]["proofValue"])
    for bit in range(0, 8 * len(signature), 37):
        flipped = bytearray(signature)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ProofRefused):
            verify_proof(with_proof(signed, proofValue=encode_multibase(bytes(flipped))), did_key_of_method)


@pytest.mark.parametrize(("suite", "signer"), CASES, ids=IDS)
def test_another_key_does_not_verify(suite: str, signer: PrivateKeySigner) -> None:
    other: dict[str, PublicKey] = {
        "Ed25519": OTHER.public,
        P256: PrivateKeySigner.of(ec.derive_private_key(7, ec.SECP256R1())).public,
        P384: PrivateKeySigner.of(ec.derive_private_key(7, ec.SECP384R1())).public,
    }
    signed = sign(suite, signer)
    with pytest.raises(ProofRefused, match="does not fit"):
        verify_proof(signed, lambda method: other[signer.algorithm])


def test_a_change_that_keeps_the_canonical_form_is_accepted() -> None:
    signed = sign()
    turned = dict(reversed(list(copy.deepcopy(signed).items())))
    turned["type"] = list(reversed(turned["type"]))
    assert verify_proof(turned, did_key_of_method).digest == verify_proof(signed, did_key_of_method).digest


@pytest.mark.parametrize("signer", [EC256, EC384], ids=["P-256", "P-384"])
def test_low_s_when_signing_both_when_verifying_one_digest(signer: PrivateKeySigner) -> None:
    order, width = ORDERS[signer.algorithm], COORDINATE_BYTES[signer.algorithm]
    for number in range(8):
        signed = sign("ecdsa-jcs-2019", signer, document={**document(), "name": str(number)})
        signature = decode_multibase(signed["proof"]["proofValue"])
        s = int.from_bytes(signature[width:], "big")
        assert s <= order // 2
        high = signature[:width] + (order - s).to_bytes(width, "big")
        other = with_proof(signed, proofValue=encode_multibase(high))
        assert verify_proof(other, did_key_of_method).digest == verify_proof(signed, did_key_of_method).digest


def test_signing_twice_gives_the_same_bytes() -> None:
    for suite, signer in CASES:
        assert sign(suite, signer) == sign(suite, signer)


MALFORMED: dict[str, tuple[Document, str]] = {
    "no_proof": (document(), "PROOF_MISSING"),
    "no_proofs": ({**document(), "proof": []}, "PROOF_MISSING"),
    "proof_is_text": ({**document(), "proof": "z"}, "PROOF_MALFORMED"),
    "unknown_option": (with_proof(sign(), jws="x"), "PROOF_MALFORMED"),
    "two_proofs": ({**sign(), "proof": [sign()["proof"]] * 2}, "PROOF_MALFORMED"),
    "too_many_proofs": ({**sign(), "proof": [sign()["proof"]] * (MAX_PROOFS + 1)}, "PROOF_MALFORMED"),
    "no_type": (with_proof(sign(), type=...), "PROOF_MALFORMED"),
    "type_is_list": (with_proof(sign(), type=["DataIntegrityProof"]), "PROOF_MALFORMED"),
    "no_cryptosuite": (with_proof(sign(), cryptosuite=...), "PROOF_MALFORMED"),
    "no_method": (with_proof(sign(), verificationMethod=...), "PROOF_MALFORMED"),
    "method_is_object": (with_proof(sign(), verificationMethod={"id": "did:key:z"}), "PROOF_MALFORMED"),
    "method_is_relative": (with_proof(sign(), verificationMethod="#clave-1"), "PROOF_MALFORMED"),
    "id_is_no_url": (with_proof(sign("eddsa-jcs-2022"), id="prueba 1"), "PROOF_MALFORMED"),
    "no_purpose": (with_proof(sign(), proofPurpose=...), "PROOF_MALFORMED"),
    "no_value": (with_proof(sign(), proofValue=...), "PROOF_MALFORMED"),
    "value_not_multibase": (with_proof(sign(), proofValue="!"), "PROOF_MALFORMED"),
    "value_in_base64": (with_proof(sign(), proofValue="uAAAA"), "PROOF_MALFORMED"),
    "value_too_short": (with_proof(sign(), proofValue=encode_multibase(bytes(63))), "PROOF_MALFORMED"),
    "value_too_long": (with_proof(sign(), proofValue="z" + "2" * 100_000), "PROOF_MALFORMED"),
    "created_without_zone": (with_proof(sign(), created="2026-03-01T12:00:05"), "PROOF_MALFORMED"),
    "created_is_no_date": (with_proof(sign(), created="2026-02-30T12:00:05Z"), "PROOF_MALFORMED"),
    "created_is_number": (with_proof(sign(), created=1), "PROOF_MALFORMED"),
    "expires_is_text": (with_proof(sign(), expires="mañana"), "PROOF_MALFORMED"),
    "challenge_is_number": (with_proof(sign(), challenge=7), "PROOF_MALFORMED"),
    "context_in_rdfc_proof": (with_proof(sign(), **{"@context": CREDENTIALS_V2}), "PROOF_MALFORMED"),
    "domain_is_number": (with_proof(sign(), domain=7), "PROOF_MALFORMED"),
    "domain_holds_a_number": (with_proof(sign(), domain=["https://v.example", 7]), "PROOF_MALFORMED"),
    "previous_is_number": (with_proof(sign(), previousProof=7), "PROOF_MALFORMED"),
    "previous_is_not_there": (with_proof(sign(), previousProof="urn:uuid:1"), "PROOF_INVALID"),
    "key_of_another_suite": (with_proof(sign(), cryptosuite="ecdsa-jcs-2019"), "PROOF_INVALID"),
    "no_canonical_form": ({**sign(), "unknownTerm": "x"}, "PROOF_INVALID"),
    "jcs_without_canonical_form": ({**sign("eddsa-jcs-2022"), "n": 2**60}, "PROOF_INVALID"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed(name: str) -> None:
    broken, code = MALFORMED[name]
    with pytest.raises(ProofRefused) as caught:
        verify_proof(broken, did_key_of_method)
    assert caught.value.code == code, caught.value


UNSUPPORTED: dict[str, tuple[Document, str]] = {
    "unknown_cryptosuite": (with_proof(sign(), cryptosuite="bbs-2023"), "CRYPTOSUITE_UNKNOWN"),
    "old_draft_name": (with_proof(sign(), cryptosuite="eddsa-2022"), "CRYPTOSUITE_UNKNOWN"),
    "other_proof_type": (with_proof(sign(), type="RsaSignature2018"), "CRYPTOSUITE_UNKNOWN"),
    "context_not_at_hand": ({**sign(), "@context": [CREDENTIALS_V2, "https://x.example"]}, "CONTEXT_UNKNOWN"),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_what_cannot_be_checked_is_not_called_false(name: str) -> None:
    broken, code = UNSUPPORTED[name]
    with pytest.raises(ProofCheckUnavailable) as caught:
        verify_proof(broken, did_key_of_method)
    assert caught.value.code == code


def test_a_suite_refuses_a_key_of_another_kind() -> None:
    with pytest.raises(KeyRefused, match="does not sign with P-256"):
        sign("eddsa-rdfc-2022", EC256)


def test_jcs_proof_binds_the_contexts_it_was_made_under() -> None:
    signed = sign("eddsa-jcs-2022")
    assert signed["proof"]["@context"] == signed["@context"]
    # VC-DI-EDDSA 3.3.2: contexts may be appended after signing, not changed.
    appended = {**signed, "@context": [*signed["@context"], "https://later.example"]}
    assert verify_proof(appended, did_key_of_method).digest == verify_proof(signed, did_key_of_method).digest
    for contexts in ([OPEN_BADGES_V3, CREDENTIALS_V2], [CREDENTIALS_V2], []):
        with pytest.raises(ProofRefused, match="do not begin"):
            verify_proof({**signed, "@context": contexts}, did_key_of_method)


@pytest.mark.parametrize(
    ("suite", "signer"), [("eddsa-jcs-2022", ED), ("ecdsa-jcs-2019", EC256)], ids=["eddsa", "ecdsa"]
)
def test_jcs_proof_of_a_draft_that_does_not_show_its_contexts(suite: str, signer: PrivateKeySigner) -> None:
    signed = sign(suite, signer)
    silent = with_proof(signed, **{"@context": ...})
    assert verify_proof(silent, did_key_of_method).digest == verify_proof(signed, did_key_of_method).digest
    with pytest.raises(ProofRefused):
        verify_proof({**silent, "@context": [*silent["@context"], "https://later.example"]}, did_key_of_method)


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_set_of_two_issuers(suite: str) -> None:
    both = sign(suite, OTHER, document=sign(suite))
    assert [check.key for check in verify_proofs(both, did_key_of_method)] == [ED.public, OTHER.public]
    assert verify_proof({**both, "proof": both["proof"][1]}, did_key_of_method).key == OTHER.public
    both["proof"][1]["created"] = "2020-01-01T00:00:00Z"
    with pytest.raises(ProofRefused):
        verify_proofs(both, did_key_of_method)


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_chain_needs_what_it_vouches_for(suite: str) -> None:
    first = sign(suite, id="urn:uuid:1")
    chain = sign(suite, OTHER, document=first, id="urn:uuid:2", previous=("urn:uuid:1",))
    assert [check.options.previous for check in verify_proofs(chain, did_key_of_method)] == [(), ("urn:uuid:1",)]
    for broken in (
        {**chain, "proof": chain["proof"][1]},
        {**chain, "proof": [{**chain["proof"][0], "created": "2026-03-01T12:00:06Z"}, chain["proof"][1]]},
        {**chain, "proof": [chain["proof"][0], chain["proof"][0], chain["proof"][1]]},
        {**chain, "proof": [chain["proof"][0], {**chain["proof"][1], "previousProof": "urn:uuid:2"}]},
    ):
        with pytest.raises(ProofRefused) as caught:
            verify_proofs(broken, did_key_of_method)
        assert caught.value.code == "PROOF_INVALID"


def test_presentation_with_challenge_and_domain() -> None:
    presentation = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "holder": key_method(OTHER.public).split("#")[0],
        "verifiableCredential": [sign()],
    }
    signed = sign(
        signer=OTHER, document=presentation, purpose="authentication", challenge="c-1", domains=("https://v.example",)
    )
    check = verify_proof(signed, did_key_of_method)
    options = check.options
    assert (options.purpose, options.challenge, options.domains) == ("authentication", "c-1", ("https://v.example",))
    changed = copy.deepcopy(signed)
    changed["verifiableCredential"][0]["proof"]["proofValue"] = sign(signer=OTHER)["proof"]["proofValue"]
    for broken in (changed, with_proof(signed, challenge="c-2"), with_proof(signed, domain="https://w.example")):
        with pytest.raises(ProofRefused, match="does not fit"):
            verify_proof(broken, did_key_of_method)


def test_options_are_parsed_as_they_were_written() -> None:
    plain = ProofOptions("ecdsa-jcs-2019", "did:web:ut.example#clave-1", CREATED)
    full = replace(
        plain,
        id="urn:uuid:1",
        expires=CREATED + timedelta(days=1),
        challenge="c-1",
        domains=("https://v.example", "https://w.example"),
        nonce="n-1",
        previous=("urn:uuid:2",),
    )
    for options in (plain, full):
        assert parse_options({**options.document(), "proofValue": "z"}) == options
    assert list(plain.document()) == ["type", "cryptosuite", "created", "verificationMethod", "proofPurpose"]
    assert full.document()["domain"] == ["https://v.example", "https://w.example"]
    assert full.document()["previousProof"] == "urn:uuid:2"


EXPECTED: dict[str, tuple[dict[str, Any], str]] = {
    "purpose": ({"purpose": "assertionMethod"}, "PROOF_PURPOSE_MISMATCH"),
    "another_domain": ({"domain": "https://w.example"}, "PROOF_DOMAIN_MISMATCH"),
    "no_domain_asked": ({"domain": None}, "PROOF_DOMAIN_MISMATCH"),
    "another_challenge": ({"challenge": "c-2"}, "PROOF_CHALLENGE_MISMATCH"),
    "no_challenge_asked": ({"challenge": None}, "PROOF_CHALLENGE_MISMATCH"),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_what_the_verifier_expects(name: str) -> None:
    signed = sign(purpose="authentication", challenge="c-1", domains=("https://v.example",))
    options = verify_proof(signed, did_key_of_method).options
    asked: dict[str, Any] = {
        "purpose": "authentication",
        "now": CREATED,
        "challenge": "c-1",
        "domain": "https://v.example",
    }
    check_expected(options, **asked)
    changes, code = EXPECTED[name]
    with pytest.raises(ProofRefused) as caught:
        check_expected(options, **{**asked, **changes})
    assert caught.value.code == code


def test_expired_proof() -> None:
    options = verify_proof(sign(expires=CREATED + timedelta(seconds=1)), did_key_of_method).options
    check_expected(options, purpose="assertionMethod", now=CREATED)
    with pytest.raises(ProofRefused, match="PROOF_EXPIRED"):
        check_expected(options, purpose="assertionMethod", now=CREATED + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T12:00:05Z", CREATED),
        ("2026-03-01T06:00:05-06:00", CREATED),
        ("2026-03-01T12:00:05.000000001Z", CREATED),
        ("2026-03-01T12:00:05.25Z", CREATED + timedelta(milliseconds=250)),
    ],
)
def test_timestamps(text: str, moment: datetime) -> None:
    assert parse_timestamp(text, "created") == moment


@pytest.mark.parametrize(
    "text",
    ["", "2026-03-01", "2026-03-01 12:00:05Z", "2026-3-1T12:00:05Z", "0000-01-01T00:00:00Z", "٢٠٢٦-03-01T00:00:00Z"],
)
def test_no_timestamp(text: str) -> None:
    with pytest.raises(ProofRefused):
        parse_timestamp(text, "created")


def test_created_is_written_in_utc() -> None:
    mexico = timezone(timedelta(hours=-6))
    assert sign(created=CREATED.astimezone(mexico)) == sign()


def test_option_hashes_are_shared_and_bounded() -> None:
    cache = cryptosuites._option_hashes
    cache.clear()
    for number in range(5):
        sign(document={**document(), "name": str(number)})
    assert len(cache) == 1
    for second in range(3):
        sign(created=CREATED + timedelta(seconds=second))
    assert len(cache) == 3 and cache.maxsize == cryptosuites.CACHED_OPTIONS


def test_all_suites_are_the_published_four() -> None:
    assert sorted(SUITES) == ["ecdsa-jcs-2019", "ecdsa-rdfc-2019", "eddsa-jcs-2022", "eddsa-rdfc-2022"]
