"""Credentials secured with JOSE: a compact JWS over the credential (VC-JOSE-COSE 3.1), or over the claims of VCDM 1.1.

Ed25519 signs as `EdDSA`, P-256 as `ES256`; PyJWT does the JOSE part. The header may hold only what is listed here, so no
token brings its own algorithm, key or extension; base64url has one spelling. These credentials are for other uses: ours are
signed with Data Integrity proofs.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from acredita.anchoring.types import Digest
from acredita.registry.jcs import jcs
from acredita.registry.multikey import ED25519, P256, Algorithm, KeyRefused, PublicKey, low_s
from acredita.registry.proofs import KeyFor, ProofInvalid, ProofUnsupported, credential_digest
from acredita.registry.reading import MAX_BYTES, ReadingError, read_json
from acredita.registry.signing import Signer
from jwt.algorithms import Algorithm as JoseAlgorithm

MEDIA_TYPE = "vc+jwt"
ALGORITHMS: dict[str, Algorithm] = {"EdDSA": ED25519, "Ed25519": ED25519, "ES256": P256}
"""JOSE names read; `Ed25519` is what RFC 9864 calls EdDSA with that curve."""
MAX_TOKEN = MAX_BYTES * 2
"""Characters of a token read: base64url makes four of three bytes, three parts in all."""
MAX_HEADER = 4_096
"""Bytes of a header: an algorithm, a type and a DID URL."""

_SIGNED_AS: dict[Algorithm, str] = {ED25519: "EdDSA", P256: "ES256"}
_HEADER_KEYS = frozenset({"alg", "kid", "typ", "cty", "iss"})


@dataclass(frozen=True)
class JwtCheck:
    """A token that verified. `hash_data` is SHA-256 of the signing input, `signature` has low s.

    `claims` is the whole payload; its `exp` and `nbf` are the caller's to judge, as a credential's dates are.
    """

    credential: Mapping[str, Any]
    claims: Mapping[str, Any]
    hash_data: bytes
    signature: bytes
    verification_method: str
    algorithm: str
    key: PublicKey

    @property
    def multikey(self) -> bytes:
        return self.key.multikey

    @property
    def digest(self) -> Digest:
        return credential_digest(self.hash_data, self.signature)


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
    """The credential as a compact JWS. KeyRefused for a key that JOSE is not used with here."""
    if signer.algorithm not in _SIGNED_AS:
        raise KeyRefused(f"no JOSE algorithm here signs with {signer.algorithm}")
    name = _SIGNED_AS[signer.algorithm]
    headers = {"typ": MEDIA_TYPE, "kid": verification_method}
    # the algorithm registered for it takes a Signer, not one of PyJWT's keys
    return _jose(name).encode(jcs(credential), signer, algorithm=name, headers=headers)  # type: ignore[arg-type]


def verify_jwt(token: str, key_for: KeyFor) -> JwtCheck:
    """The credential of a token whose signature fits, or ProofInvalid, ProofUnsupported.

    1. three parts of base64url, each in its one spelling, and a header of known keys
    2. an algorithm of ours, and a key of that kind
    3. the signature over the first two parts
    4. a payload that is one JSON object and names itself a credential
    """
    signing_input, header, payload, signature = _parts(token)
    name, method = _header(header)
    key = key_for(method)
    if key.algorithm != ALGORITHMS[name]:
        raise ProofInvalid("PROOF_INVALID", f"{name} does not sign with {key.algorithm}")
    try:
        _jose(name).decode_complete(token, key, algorithms=[name])  # type: ignore[arg-type]
    except jwt.InvalidTokenError as error:
        raise ProofInvalid("PROOF_INVALID", "the signature does not fit the token") from error
    hash_data = hashlib.sha256(signing_input).digest()
    claims = _object(payload, "payload")
    signature = low_s(key.algorithm, signature)
    return JwtCheck(_credential(claims), claims, hash_data, signature, method, name, key)


def _jose(name: str) -> jwt.PyJWS:
    jose = jwt.PyJWS(algorithms=[])
    jose.register_algorithm(name, _SignerAlgorithm())
    return jose


def _parts(token: str) -> tuple[bytes, bytes, bytes, bytes]:
    if len(token) > MAX_TOKEN:
        raise ProofInvalid("PROOF_MALFORMED", f"at most {MAX_TOKEN} characters, found {len(token)}")
    parts = token.split(".")
    if len(parts) != 3 or not token.isascii():
        raise ProofInvalid("PROOF_MALFORMED", "a compact JWS has three parts of base64url")
    header, payload, signature = (_decoded(part) for part in parts)
    if len(header) > MAX_HEADER:
        raise ProofInvalid("PROOF_MALFORMED", f"header: at most {MAX_HEADER} bytes")
    return f"{parts[0]}.{parts[1]}".encode("ascii"), header, payload, signature


def _decoded(part: str) -> bytes:
    # RFC 7515 2: no padding; and no unused bits, or one signature would have several spellings.
    try:
        data = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProofInvalid("PROOF_MALFORMED", "not base64url") from error
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii") != part:
        raise ProofInvalid("PROOF_MALFORMED", "base64url in another spelling than its own")
    return data


def _header(data: bytes) -> tuple[str, str]:
    header = _object(data, "header")
    unknown = sorted(set(header) - _HEADER_KEYS)
    if unknown:
        raise ProofInvalid("PROOF_MALFORMED", f"unknown header parameter {unknown[0]!r}")
    name, method, kind = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    if kind not in (MEDIA_TYPE, "JWT") or not isinstance(method, str) or not isinstance(name, str):
        raise ProofInvalid("PROOF_MALFORMED", f"alg, kid and typ {MEDIA_TYPE} or JWT expected")
    if name not in ALGORITHMS:
        raise ProofUnsupported("CRYPTOSUITE_UNKNOWN", f"JOSE {name[:40]} is not checked here")
    return name, method


def _credential(claims: dict[str, Any]) -> dict[str, Any]:
    """The credential of a payload: the payload itself, or what stands in its `vc` claim (VCDM 1.1 6.3.1)."""
    if "vc" not in claims:
        if "@context" not in claims or "vp" in claims:
            raise ProofInvalid("PROOF_MALFORMED", "payload: a credential expected")
        return claims
    credential = claims["vc"]
    if not isinstance(credential, dict) or "@context" in claims:
        raise ProofInvalid("PROOF_MALFORMED", "payload: one credential expected")
    issuer, subject = credential.get("issuer"), credential.get("credentialSubject")
    named = {
        "iss": issuer.get("id") if isinstance(issuer, dict) else issuer,
        "jti": credential.get("id"),
        "sub": subject.get("id") if isinstance(subject, dict) else None,
    }
    # Claim and member say the same thing twice; where they differ the token has two readings.
    for claim, member in named.items():
        if claim in claims and member is not None and claims[claim] != member:
            raise ProofInvalid("PROOF_MALFORMED", f"{claim} and the credential disagree")
    if named["iss"] is None and "iss" in claims:
        return {**credential, "issuer": claims["iss"]}
    return credential


def _object(data: bytes, name: str) -> dict[str, Any]:
    try:
        value = read_json(data)
    except ReadingError as error:
        raise ProofInvalid("PROOF_MALFORMED", f"{name}: {error}") from error
    if not isinstance(value, dict):
        raise ProofInvalid("PROOF_MALFORMED", f"{name}: an object expected")
    return value
