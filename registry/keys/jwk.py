"""Read public keys as JSON Web Keys: Ed25519 (OKP), P-256 and P-384 (EC).

Sources: RFC 7517, RFC 7518 6.2, RFC 8037 2; Controlled Identifiers 2.2.3 for the types JsonWebKey and JsonWebKey2020.
base64url has one spelling and each coordinate its exact length, so that one key has one JWK. A JWK that shows its
private part is refused, because everybody can sign with it.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

from acredita.registry.keys.multikey import (
    COORDINATE_BYTES,
    CURVES,
    ED25519,
    P256,
    P384,
    Algorithm,
    KeyKindRefused,
    KeyLengthRefused,
    KeyRefused,
    PrivateKeyRefused,
    PublicKey,
    checked_key,
    public_key_of,
)
from cryptography.hazmat.primitives.asymmetric import ec

_CURVES: Final[Mapping[tuple[object, object], Algorithm]] = {
    ("OKP", "Ed25519"): ED25519,
    ("EC", "P-256"): P256,
    ("EC", "P-384"): P384,
}
_NAMES: Final[Mapping[Algorithm, frozenset[str]]] = {
    ED25519: frozenset({"EdDSA", "Ed25519"}),  # RFC 8037 3.1, RFC 9864 2.2
    P256: frozenset({"ES256"}),
    P384: frozenset({"ES384"}),
}
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})  # RFC 7518 6.2.2, 6.3.2, 6.4.1
_ED25519_BYTES: Final = 32


def parse_jwk(jwk: object) -> PublicKey:
    """Parse a public key.

    Raises KeyKindRefused for a kind that is not read here, PrivateKeyRefused for a private key, KeyRefused for a
    malformed one.
    """
    if not isinstance(jwk, Mapping):
        raise KeyKindRefused("JWK: an object expected")
    if _PRIVATE & set(jwk):
        raise PrivateKeyRefused("JWK: a public key expected, found a private part")
    curve = (jwk.get("kty"), jwk.get("crv"))
    algorithm = _CURVES.get(curve) if all(isinstance(name, str) for name in curve) else None
    if algorithm is None:
        raise KeyKindRefused("JWK: OKP with Ed25519, or EC with P-256 or P-384 expected")
    _check_use(jwk, algorithm)
    if algorithm == ED25519:
        return checked_key(ED25519, _bytes_of(jwk, "x", _ED25519_BYTES))
    return _of_point(jwk, algorithm)


def _check_use(jwk: Mapping[str, Any], algorithm: Algorithm) -> None:
    """Check that the key may verify by this algorithm (RFC 7517 4.2-4.4)."""
    if jwk.get("use", "sig") != "sig":
        raise KeyRefused("JWK: use sig expected")
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise KeyRefused("JWK: key_ops with verify expected")
    name = jwk.get("alg")
    if name is not None and not (isinstance(name, str) and name in _NAMES[algorithm]):
        raise KeyRefused(f"JWK: alg of a key of {algorithm} expected")


def _of_point(jwk: Mapping[str, Any], algorithm: Algorithm) -> PublicKey:
    width = COORDINATE_BYTES[algorithm]
    x, y = (int.from_bytes(_bytes_of(jwk, name, width)) for name in ("x", "y"))
    try:
        key = ec.EllipticCurvePublicNumbers(x, y, CURVES[algorithm]).public_key()
    except ValueError as error:
        raise KeyRefused(f"{algorithm}: not a point of the curve") from error
    return public_key_of(key)


def _bytes_of(jwk: Mapping[str, Any], name: str, width: int) -> bytes:
    text = jwk.get(name)
    if not isinstance(text, str) or not text.isascii():
        raise KeyRefused(f"JWK: {name}: base64url expected")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeyRefused(f"JWK: {name}: base64url expected") from error
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii") != text:
        raise KeyRefused(f"JWK: {name}: base64url in its one spelling expected")
    if len(data) != width:
        raise KeyLengthRefused(f"JWK: {name}: {width} bytes expected, found {len(data)}")
    return data
