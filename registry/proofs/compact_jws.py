"""Compact JWS as text: its three parts, what its payload claims, and the result of a token that verified.

base64url has one spelling. Nothing here looks at a signature; `jose` does, with a library that this module does not need.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acredita.anchoring.types import Digest
from acredita.registry.codes import Code
from acredita.registry.json_documents.strict import MAX_BYTES, JsonRefused, read_json
from acredita.registry.keys.multikey import PublicKey
from acredita.registry.proofs.data_integrity import ProofCheckUnavailable, ProofRefused, credential_digest

MAX_TOKEN = MAX_BYTES * 2
"""Characters of a token read: base64url makes four of three bytes, three parts in all."""
MAX_HEADER = 4_096
"""Bytes of a header: an algorithm, a type and a DID URL."""


@dataclass(frozen=True)
class JwtCheck:
    """A token that verified. `hash_data` is SHA-256 of the signing input, `signature` has low s.

    `document` is the credential or presentation, `claims` the whole payload. The caller checks its `exp`, `nbf`, `aud`
    and `nonce`, as it checks a credential's dates.
    """

    document: Mapping[str, Any]
    claims: Mapping[str, Any]
    hash_data: bytes
    signature: bytes
    verification_method: str
    algorithm: str
    key: PublicKey

    @property
    def multikey(self) -> bytes:
        """Public key as Multikey bytes."""
        return self.key.multikey

    @property
    def digest(self) -> Digest:
        """Digest of the credential with this signature."""
        return credential_digest(self.hash_data, self.signature)


def claimed(token: str) -> dict[str, Any] | None:
    """Return the payload of a compact JWS without a look at its signature; None if the text is none.

    Nothing in it is shown or believed: it says which registry's keys have to be asked. What follows a `~` (selective
    disclosure) is left out.
    """
    try:
        _, header, payload, _ = token_parts(token.partition("~")[0])
        claims = read_json(payload, with_nulls=True)
        return claims if "alg" in object_of_part(header, "header") and isinstance(claims, dict) else None
    except (ProofRefused, ProofCheckUnavailable, JsonRefused):
        return None


def named_key(token: str) -> str | None:
    """Return the `kid` of a compact JWS, of one that could not be checked too; None if it names none."""
    try:
        kid = object_of_part(token_parts(token.partition("~")[0])[1], "header").get("kid")
    except (ProofRefused, ProofCheckUnavailable):
        return None
    return kid if isinstance(kid, str) else None


def token_parts(token: str) -> tuple[bytes, bytes, bytes, bytes]:
    """Return signing input, header, payload and signature of a compact JWS. Raises ProofRefused."""
    if len(token) > MAX_TOKEN:
        raise ProofRefused(Code.PROOF_MALFORMED, f"at most {MAX_TOKEN} characters, found {len(token)}")
    parts = token.split(".")
    if len(parts) != 3 or not token.isascii():
        raise ProofRefused(Code.PROOF_MALFORMED, "a compact JWS has three parts of base64url")
    header, payload, signature = (_decoded(part) for part in parts)
    if len(header) > MAX_HEADER:
        raise ProofRefused(Code.PROOF_MALFORMED, f"header: at most {MAX_HEADER} bytes")
    return f"{parts[0]}.{parts[1]}".encode("ascii"), header, payload, signature


def _decoded(part: str) -> bytes:
    # RFC 7515 2: no padding; and no unused bits, or one signature would have several spellings.
    try:
        data = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProofRefused(Code.PROOF_MALFORMED, "not base64url") from error
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii") != part:
        raise ProofRefused(Code.PROOF_MALFORMED, "base64url in another spelling than its own")
    return data


def object_of_part(data: bytes, name: str) -> dict[str, Any]:
    """Return the JSON object that a part holds. Raises ProofRefused, ProofCheckUnavailable."""
    try:
        value = read_json(data)
    except JsonRefused as error:
        if error.code == Code.JSON_NULL:  # JSON allows it: a kind of payload that is not read here
            raise ProofCheckUnavailable(error.code, f"{name}: {error}") from error
        raise ProofRefused(Code.PROOF_MALFORMED, f"{name}: {error}") from error
    if not isinstance(value, dict):
        raise ProofRefused(Code.PROOF_MALFORMED, f"{name}: an object expected")
    return value
