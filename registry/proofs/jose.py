"""Credentials and presentations secured with JOSE: a compact JWS over the document, or over VCDM 1.1 claims.

The rules are those of VC-JOSE-COSE 3.1 and 4. Ed25519 signs as `EdDSA`, P-256 as `ES256`; PyJWT does the JOSE part. A token
with a key of its own, or with an extension it marks critical, is refused. Other unknown header parameters are ignored (RFC
7515 4). base64url has one spelling. These documents are for other uses: our credentials have Data Integrity proofs.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import jwt
from acredita.registry.codes import Code
from acredita.registry.json_documents.jcs import jcs
from acredita.registry.keys.did import DidRefused, key_method, parse_did
from acredita.registry.keys.multikey import ED25519, P256, Algorithm, KeyRefused, low_s
from acredita.registry.keys.signer import Signer
from acredita.registry.proofs.compact_jws import JwtCheck, object_of_part, token_parts
from acredita.registry.proofs.data_integrity import KeyFor, ProofCheckUnavailable, ProofRefused
from acredita.registry.proofs.proof_options import spend_signature
from jwt.algorithms import Algorithm as JoseAlgorithm

MEDIA_TYPE = "vc+jwt"
PRESENTATION_TYPE = "vp+jwt"
ALGORITHMS: dict[str, Algorithm] = {"EdDSA": ED25519, "Ed25519": ED25519, "ES256": P256}
"""JOSE names read; `Ed25519` is what RFC 9864 calls EdDSA with that curve."""

_SIGNED_AS: dict[Algorithm, str] = {ED25519: "EdDSA", P256: "ES256"}

_OWN_KEYS = frozenset({"jwk", "jku", "x5c", "x5u"})
"""Header parameters by which a token would say itself which key to believe."""
_Read = Callable[[dict[str, Any], str], dict[str, Any]]


class _SignerAlgorithm(JoseAlgorithm):
    """PyJWT's algorithm over a Signer, so that a private key need not leave it."""

    def prepare_key(self, key: Any) -> Any:
        return key

    def sign(self, msg: bytes, key: Any) -> bytes:
        signature: bytes = key.sign(msg)
        return signature

    def verify(self, msg: bytes, key: Any, sig: bytes) -> bool:
        return bool(key.verifies(sig, msg))

    @staticmethod
    def to_jwk(key_obj: Any, as_dict: bool = False) -> Any:
        raise KeyRefused("a key behind a Signer has no JWK")

    @staticmethod
    def from_jwk(jwk: Any) -> Any:
        raise KeyRefused("a key behind a Signer has no JWK")


def sign_jwt(credential: Mapping[str, Any], *, signer: Signer, verification_method: str) -> str:
    """Sign a credential as a compact JWS. Raises KeyRefused for a key that JOSE is not used with here."""
    if signer.algorithm not in _SIGNED_AS:
        raise KeyRefused(f"no JOSE algorithm here signs with {signer.algorithm}")
    name = _SIGNED_AS[signer.algorithm]
    headers = {"typ": MEDIA_TYPE, "kid": verification_method}
    # the algorithm registered for it takes a Signer, not one of PyJWT's keys
    return _jose(name).encode(jcs(credential), signer, algorithm=name, headers=headers)  # type: ignore[arg-type]


def verify_jwt(token: str, key_for: KeyFor) -> JwtCheck:
    """Verify a token and return its credential. Raises ProofRefused, ProofCheckUnavailable.

    1. three parts of base64url, each in its one spelling, and a header without unknown demands
    2. a payload that is one JSON object and names itself a credential
    3. an algorithm of ours, and a key of that kind
    4. the signature over the first two parts
    """
    return _verify(token, key_for, MEDIA_TYPE, _credential)


def verify_presentation_jwt(token: str, key_for: KeyFor) -> JwtCheck:
    """Verify a token and return its presentation. The caller checks the credentials in it."""
    return _verify(token, key_for, PRESENTATION_TYPE, _presentation)


def _verify(token: str, key_for: KeyFor, media_type: str, read: _Read) -> JwtCheck:
    signing_input, header_bytes, payload, signature = token_parts(token)
    header = object_of_part(header_bytes, "header")
    name, kind = _algorithm(header, media_type)
    claims = object_of_part(payload, "payload")
    document = read(claims, kind)
    method = _method(header, claims, document)
    key = key_for(method)
    if key.algorithm != ALGORITHMS[name]:
        raise ProofRefused(Code.PROOF_INVALID, f"{name} does not sign with {key.algorithm}")
    spend_signature()
    try:
        _jose(name).decode_complete(token, key, algorithms=[name])  # type: ignore[arg-type]
    except jwt.InvalidTokenError as error:
        raise ProofRefused(Code.PROOF_INVALID, "the signature does not fit the token") from error
    hash_data = hashlib.sha256(signing_input).digest()
    return JwtCheck(document, claims, hash_data, low_s(key.algorithm, signature), method, name, key)


def _jose(name: str) -> jwt.PyJWS:
    jose = jwt.PyJWS(algorithms=[])
    jose.register_algorithm(name, _SignerAlgorithm())
    return jose


def _algorithm(header: Mapping[str, Any], media_type: str) -> tuple[str, str]:
    name, kind = header.get("alg"), header.get("typ", "JWT")
    if not isinstance(name, str) or not isinstance(kind, str):
        raise ProofRefused(Code.PROOF_MALFORMED, "alg and typ are strings")
    # A form that is not known here is no fault of the token: it could not be checked.
    if "crit" in header:
        raise ProofCheckUnavailable(
            Code.CRYPTOSUITE_UNKNOWN, "crit: no extension is understood here"
        )  # RFC 7515 4.1.11
    if _OWN_KEYS & set(header):
        raise ProofCheckUnavailable(Code.CRYPTOSUITE_UNKNOWN, "a token names its key, it does not bring it")
    if kind not in (media_type, "JWT"):
        raise ProofCheckUnavailable(Code.CRYPTOSUITE_UNKNOWN, f"typ {kind[:40]} is not checked here")
    if name not in ALGORITHMS:
        raise ProofCheckUnavailable(Code.CRYPTOSUITE_UNKNOWN, f"JOSE {name[:40]} is not checked here")
    return name, kind


def _method(header: Mapping[str, Any], claims: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """Return `kid`, or without one the only key of the did:key that signs (VC-JOSE-COSE 4).

    No other DID says which key is meant.
    """
    if "kid" in header:
        if not isinstance(header["kid"], str):
            raise ProofRefused(Code.PROOF_MALFORMED, "kid: a string expected")
        return header["kid"]
    named = header.get("iss") or claims.get("iss") or _id_of(document.get("issuer")) or _id_of(document.get("holder"))
    if not isinstance(named, str):
        raise ProofRefused(Code.PROOF_MALFORMED, "kid, or an issuer that is a DID, expected")
    try:
        key = parse_did(named).key
    except DidRefused as error:
        raise ProofCheckUnavailable(Code.DID_UNRESOLVED, "no kid, and an issuer that names no key") from error
    if key is None:
        raise ProofCheckUnavailable(Code.DID_UNRESOLVED, "no kid, and a DID of more than one key")
    return key_method(key)


def _credential(claims: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the credential of a payload: the payload itself, or its `vc` claim (VCDM 1.1 6.3.1)."""
    credential = _secured(claims, "vc", kind)
    subject = credential.get("credentialSubject")
    named = {
        "iss": _id_of(credential.get("issuer")),
        "jti": credential.get("id"),
        "sub": subject.get("id") if isinstance(subject, dict) else None,
    }
    _agree(claims, named)
    if named["iss"] is None and "iss" in claims:
        return {**credential, "issuer": claims["iss"]}
    return credential


def _presentation(claims: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the presentation of a payload, in the same two forms. Its holder is the token's issuer."""
    presentation = _secured(claims, "vp", kind)
    _agree(claims, {"iss": _id_of(presentation.get("holder")), "jti": presentation.get("id")})
    return presentation


def _secured(claims: dict[str, Any], claim: str, kind: str) -> dict[str, Any]:
    """Return the value of the claim, or the payload itself, which then has neither `vc` nor `vp` (3.1)."""
    if claim not in claims:
        if "@context" not in claims or "vc" in claims or "vp" in claims:
            raise ProofRefused(Code.PROOF_MALFORMED, "payload: a credential or presentation expected")
        return claims
    if kind != "JWT" or not isinstance(claims[claim], dict) or "@context" in claims:
        raise ProofRefused(Code.PROOF_MALFORMED, f"payload: one document expected, in {claim} only where typ is JWT")
    document: dict[str, Any] = claims[claim]
    return document


def _agree(claims: Mapping[str, Any], named: Mapping[str, object]) -> None:
    # A claim and a member hold the same value. If they differ, the token has two readings.
    for claim, member in named.items():
        if claim in claims and member is not None and claims[claim] != member:
            raise ProofRefused(Code.PROOF_MALFORMED, f"{claim} and the document disagree")


def _id_of(value: object) -> object:
    return value.get("id") if isinstance(value, dict) else value
