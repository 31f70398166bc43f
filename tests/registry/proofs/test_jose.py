"""VC-JWT: both algorithms in both directions, one spelling, and no token that brings its own rules."""

import base64
import hashlib
import json
from typing import Any

import jwt
import pytest
from acredita.registry.keys.did import DidRefused, did_key, did_key_of_method, key_method
from acredita.registry.keys.multikey import ORDERS, P256, KeyRefused
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.proofs.compact_jws import MAX_TOKEN
from acredita.registry.proofs.data_integrity import ProofCheckUnavailable, ProofRefused
from acredita.registry.proofs.jose import sign_jwt, verify_jwt, verify_presentation_jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x41" * 32))
EC = PrivateKeySigner.of(ec.derive_private_key(0x4141, ec.SECP256R1()))
EC384 = PrivateKeySigner.of(ec.derive_private_key(0x4141, ec.SECP384R1()))
CREDENTIAL = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "id": "urn:uuid:1",
    "type": ["VerifiableCredential"],
    "issuer": did_key(ED.public),
    "credentialSubject": {"id": "did:web:persona.example", "name": "Ñandú"},
}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(signer: PrivateKeySigner = ED, payload: Any = CREDENTIAL, raw: bytes | None = None, **header: Any) -> str:
    """Build a compact JWS by hand, so that every rule can be broken alone."""
    name = "EdDSA" if signer is ED else "ES256"
    full = {"alg": name, "typ": "vc+jwt", "kid": key_method(signer.public), **header}
    full = {key: value for key, value in full.items() if value is not None}
    body = raw if raw is not None else json.dumps(payload).encode()
    signing_input = f"{b64(json.dumps(full).encode())}.{b64(body)}"
    return f"{signing_input}.{b64(signer.sign(signing_input.encode()))}"


@pytest.mark.parametrize("signer", [ED, EC], ids=["EdDSA", "ES256"])
def test_signs_and_verifies(signer: PrivateKeySigner) -> None:
    text = sign_jwt(CREDENTIAL, signer=signer, verification_method=key_method(signer.public))
    check = verify_jwt(text, did_key_of_method)
    assert check.document == CREDENTIAL and check.multikey == signer.multikey
    assert check.hash_data == hashlib.sha256(text.rsplit(".", 1)[0].encode()).digest()
    assert check.digest == hashlib.sha256(b"acredita/credential/1" + check.hash_data + check.signature).digest()
    # PyJWT itself, with a key of the cryptography package, agrees.
    header = jwt.get_unverified_header(text)
    decoded = jwt.PyJWS().decode_complete(text, signer.private.public_key(), algorithms=[header["alg"]])
    assert json.loads(decoded["payload"]) == CREDENTIAL


@pytest.mark.parametrize("signer", [ED, EC], ids=["EdDSA", "ES256"])
def test_any_changed_character_is_caught(signer: PrivateKeySigner) -> None:
    text = sign_jwt(CREDENTIAL, signer=signer, verification_method=key_method(signer.public))
    for place in range(0, len(text), 11):
        other = "A" if text[place] != "A" else "B"
        with pytest.raises((ProofRefused, ProofCheckUnavailable, DidRefused)):
            verify_jwt(text[:place] + other + text[place + 1 :], did_key_of_method)


def test_high_s_is_accepted_with_the_same_digest() -> None:
    text = token(EC)
    head, _, tail = text.rpartition(".")
    signature = base64.urlsafe_b64decode(tail + "==")
    s = ORDERS[P256] - int.from_bytes(signature[32:], "big")
    other = f"{head}.{b64(signature[:32] + s.to_bytes(32, 'big'))}"
    assert verify_jwt(other, did_key_of_method).digest == verify_jwt(text, did_key_of_method).digest


def test_claims_of_vcdm_1_1() -> None:
    inner = {key: value for key, value in CREDENTIAL.items() if key != "issuer"}
    check = verify_jwt(token(payload={"iss": did_key(ED.public), "nbf": 5, "vc": inner}, typ="JWT"), did_key_of_method)
    assert check.document == CREDENTIAL and check.claims["nbf"] == 5
    for claim in ({"iss": "did:web:x.example"}, {"jti": "urn:uuid:2"}, {"sub": "did:web:x.example"}):
        with pytest.raises(ProofRefused, match="disagree"):
            verify_jwt(token(payload={**claim, "vc": CREDENTIAL}, typ="JWT"), did_key_of_method)


MALFORMED = {
    "empty": "",
    "two_parts": "a.b",
    "four_parts": token() + ".x",
    "not_ascii": token() + "ñ",
    "padding": token() + "=",
    "other_alphabet": "+" + token()[1:],
    "unused_bits": token()[:-1] + ("B" if token()[-1] != "B" else "D"),
    "too_long": "a" * (MAX_TOKEN + 1),
    "header_no_object": f"{b64(b'[]')}.{token().split('.', 1)[1]}",
    "header_too_long": token(cty="x" * 5_000),
    "duplicate_key_in_payload": token(raw=b'{"@context": [], "a": 1, "a": 2}'),
    "payload_no_object": token(payload=[CREDENTIAL]),
    "payload_no_credential": token(payload={"iss": "x"}),
    "vc_claim_in_vc_jwt": token(payload={"vc": CREDENTIAL}),
    "payload_two_credentials": token(payload={**CREDENTIAL, "vc": CREDENTIAL}),
    "vc_no_object": token(payload={"vc": "x"}, typ="JWT"),
    "presentation": token(payload={"@context": [], "vp": {}}),
    "type_is_number": token(typ=5),
    "key_id_is_number": token(kid=5),
    "no_key_id_and_no_issuer": token(payload={"@context": [], "issuer": {}}, kid=None),
    "no_algorithm": token(alg=None),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed(name: str) -> None:
    with pytest.raises(ProofRefused) as caught:
        verify_jwt(MALFORMED[name], did_key_of_method)
    assert caught.value.code == "PROOF_MALFORMED", caught.value


UNKNOWN = {
    "critical_extension": token(crit=["b64"], b64=False),
    "brings_its_key": token(jwk={"kty": "OKP", "crv": "Ed25519", "x": ""}),
    "names_a_key_set": token(jku="https://x.example"),
    "certificate": token(x5c=["x"]),
    "another_type": token(typ="vp+jwt"),
    "type_of_a_draft": token(typ="vc+ld+jwt"),
    "selective_disclosure": token(typ="dc+sd-jwt"),
    "null_in_payload": token(raw=b'{"@context": [], "a": null}'),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_form_that_is_not_known_could_not_be_checked(name: str) -> None:
    with pytest.raises(ProofCheckUnavailable) as caught:
        verify_jwt(UNKNOWN[name], did_key_of_method)
    assert caught.value.code in ("CRYPTOSUITE_UNKNOWN", "JSON_NULL")


@pytest.mark.parametrize("name", ["none", "HS256", "RS256", "ES384", "eddsa"])
def test_other_algorithms_are_not_checked(name: str) -> None:
    with pytest.raises(ProofCheckUnavailable):
        verify_jwt(token(alg=name), did_key_of_method)


def test_algorithm_and_key_must_fit() -> None:
    with pytest.raises(ProofRefused, match="does not sign with"):
        verify_jwt(token(alg="ES256"), did_key_of_method)
    with pytest.raises(KeyRefused):
        sign_jwt(CREDENTIAL, signer=EC384, verification_method=key_method(EC384.public))


def test_rfc_9864_name() -> None:
    assert verify_jwt(token(alg="Ed25519"), did_key_of_method).algorithm == "Ed25519"


def test_unknown_header_parameters_are_ignored() -> None:
    assert verify_jwt(token(cty="vc", b64=True, anything={"x": 1}), did_key_of_method).document == CREDENTIAL


def test_without_a_key_name_the_did_key_that_issues_is_the_key() -> None:
    assert verify_jwt(token(kid=None), did_key_of_method).verification_method == key_method(ED.public)
    assert verify_jwt(token(kid=None, iss=did_key(ED.public)), did_key_of_method).multikey == ED.multikey
    with pytest.raises(ProofRefused, match=r"fit the token|does not sign"):
        verify_jwt(token(EC, kid=None), did_key_of_method)  # signed by another than the issuer
    for issuer in ("https://universidad.example/1", "did:web:ut.example"):
        with pytest.raises(ProofCheckUnavailable, match="DID_UNRESOLVED"):
            verify_jwt(token(payload={**CREDENTIAL, "issuer": issuer}, kid=None), did_key_of_method)


PRESENTATION = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiablePresentation"],
    "holder": did_key(ED.public),
}


def test_presentations() -> None:
    plain = verify_presentation_jwt(token(payload=PRESENTATION, typ="vp+jwt"), did_key_of_method)
    assert plain.document == PRESENTATION
    claims = {"iss": did_key(ED.public), "aud": "verifica.example", "nonce": "n-1", "vp": PRESENTATION}
    wrapped = verify_presentation_jwt(token(payload=claims, typ="JWT"), did_key_of_method)
    assert (wrapped.document, wrapped.claims["nonce"]) == (PRESENTATION, "n-1")
    without_kid = verify_presentation_jwt(token(payload=PRESENTATION, typ="vp+jwt", kid=None), did_key_of_method)
    assert without_kid.multikey == ED.multikey


@pytest.mark.parametrize(
    "text",
    [
        token(payload={"vp": PRESENTATION}, typ="vp+jwt"),
        token(payload={"vc": PRESENTATION}, typ="JWT"),
        token(payload={**PRESENTATION, "vp": PRESENTATION}, typ="JWT"),
        token(payload={"iss": "did:web:otra.example", "vp": PRESENTATION}, typ="JWT"),
        token(payload=[], typ="vp+jwt"),
    ],
)
def test_no_presentation(text: str) -> None:
    with pytest.raises(ProofRefused, match="PROOF_MALFORMED"):
        verify_presentation_jwt(text, did_key_of_method)


def test_a_token_of_another_type_is_no_presentation_that_is_read_here() -> None:
    with pytest.raises(ProofCheckUnavailable, match=r"typ vc\+jwt"):
        verify_presentation_jwt(token(payload=PRESENTATION), did_key_of_method)
