"""Read and write public keys as Multikey: multibase base58btc of a multicodec prefix and the key.

Source: Controlled Identifiers 2.2.2. One key has one spelling: lower-order, off-curve and non-canonical encodings are
refused, so that a key id names exactly one key. No private key is handled here.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NewType

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Algorithm = Literal["Ed25519", "P-256", "P-384"]
KeyId = NewType("KeyId", bytes)

ED25519: Algorithm = "Ed25519"
P256: Algorithm = "P-256"
P384: Algorithm = "P-384"

# multicodec table, as unsigned varints: ed25519-pub 0xed, p256-pub 0x1200, p384-pub 0x1201
PREFIXES: dict[Algorithm, bytes] = {ED25519: b"\xed\x01", P256: b"\x80\x24", P384: b"\x81\x24"}
KEY_BYTES: dict[Algorithm, int] = {ED25519: 32, P256: 33, P384: 49}
CURVES: dict[Algorithm, ec.EllipticCurve] = {P256: ec.SECP256R1(), P384: ec.SECP384R1()}
HASHES: dict[Algorithm, type[hashes.SHA256] | type[hashes.SHA384]] = {
    P256: hashes.SHA256,
    P384: hashes.SHA384,
}
COORDINATE_BYTES: dict[Algorithm, int] = {P256: 32, P384: 48}
ORDERS: dict[Algorithm, int] = {
    P256: 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    P384: int("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973", 16),
}

MAX_MULTIBASE = 128
"""Characters of a multibase value read as a key: P-384 takes 70; decoding base58 is quadratic."""
KNOWN_KEYS = 4_096
"""Parsed keys kept in memory: checking that a point is on the curve costs more than a signature."""

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS = {character: value for value, character in enumerate(_ALPHABET)}

# RFC 8032 5.1: the field and the curve constant of edwards25519.
_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_Y8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
# The y of every point whose order divides 8: the identity, order 2, order 4, order 8.
_SMALL_ORDER_Y = frozenset({1, _P - 1, 0, _Y8, _P - _Y8})


class KeyRefused(Exception):
    """The bytes are not the one accepted encoding of a key that can sign."""


class KeyKindRefused(KeyRefused):
    """The key is of a kind that is not used here, or it is no key."""


class KeyLengthRefused(KeyRefused):
    """The key is of a known kind, and its length is not that of the kind."""


class PrivateKeyRefused(KeyRefused):
    """The key shows its private part, so that everybody can sign with it."""


@dataclass(frozen=True)
class PublicKey:
    """A key that passed every check; `raw` is 32 bytes, or a compressed point."""

    algorithm: Algorithm
    raw: bytes

    @property
    def multikey(self) -> bytes:
        """multicodec prefix ‖ key."""
        return PREFIXES[self.algorithm] + self.raw

    @property
    def multibase(self) -> str:
        """The `publicKeyMultibase` spelling, `z…`."""
        return encode_multibase(self.multikey)

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Return True if `signature` (64 bytes; r ‖ s for ECDSA) is by this key over `data`."""
        if self.algorithm == ED25519:
            return _verifies_ed25519(self.raw, signature, data)
        return _verifies_ecdsa(self, signature, data)


def parse_multikey(multikey: bytes) -> PublicKey:
    """Parse multicodec prefix ‖ key. Raises KeyRefused."""
    for algorithm, prefix in PREFIXES.items():
        if multikey.startswith(prefix):
            return checked_key(algorithm, multikey[len(prefix) :])
    raise KeyKindRefused(f"unknown multicodec prefix {multikey[:2].hex()}")


@lru_cache(maxsize=KNOWN_KEYS)
def parse_multibase(text: str) -> PublicKey:
    """Parse a key from `z…` (base58btc). Raises KeyRefused."""
    if len(text) > MAX_MULTIBASE:  # RSA, ML-DSA: no key of a kind that is used here is as long
        raise KeyKindRefused(f"at most {MAX_MULTIBASE} characters, found {len(text)}")
    return parse_multikey(decode_multibase(text))


@lru_cache(maxsize=KNOWN_KEYS)
def checked_key(algorithm: Algorithm, raw: bytes) -> PublicKey:
    """Return a PublicKey from raw bytes after checks of length, curve, order and spelling. Raises KeyRefused."""
    if len(raw) != KEY_BYTES[algorithm]:
        raise KeyLengthRefused(f"{algorithm}: {KEY_BYTES[algorithm]} bytes expected, found {len(raw)}")
    if algorithm == ED25519:
        _check_edwards_point(raw)
    else:
        _weierstrass_point(algorithm, raw)
    return PublicKey(algorithm, raw)


def public_key_of(key: ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey) -> PublicKey:
    """Convert a public key of the cryptography package. Raises KeyRefused."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        return checked_key(ED25519, key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    for algorithm, curve in CURVES.items():
        if key.curve.name == curve.name:
            return checked_key(algorithm, key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint))
    raise KeyRefused(f"curve {key.curve.name} is not one of ours")


def key_id(multikey: bytes) -> KeyId:
    """Return SHA-256 of multicodec prefix ‖ key: the name of a key on the ledger."""
    return KeyId(hashlib.sha256(multikey).digest())


def encode_multibase(data: bytes) -> str:
    """Encode bytes in base58btc with its multibase prefix `z`."""
    number = int.from_bytes(data, "big")
    digits: list[str] = []
    while number:
        number, digit = divmod(number, 58)
        digits.append(_ALPHABET[digit])
    leading = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * leading + "".join(reversed(digits))


def decode_multibase(text: str) -> bytes:
    """Decode a base58btc multibase value. Raises KeyRefused. The caller bounds the length."""
    if not text.startswith("z"):
        raise KeyRefused("a base58btc value begins with z")
    number = 0
    for character in text[1:]:
        if character not in _DIGITS:
            raise KeyRefused(f"{character!r} is not in the base58 alphabet")
        number = number * 58 + _DIGITS[character]
    leading = len(text) - 1 - len(text[1:].lstrip("1"))
    return bytes(leading) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def low_s(algorithm: Algorithm, signature: bytes) -> bytes:
    """Return an ECDSA signature with s replaced by min(s, n − s), or an Ed25519 signature unchanged."""
    if algorithm == ED25519:
        return signature
    width, order = COORDINATE_BYTES[algorithm], ORDERS[algorithm]
    s = int.from_bytes(signature[width:], "big")
    return signature[:width] + min(s, order - s).to_bytes(width, "big") if 0 < s < order else signature


def _check_edwards_point(raw: bytes) -> None:
    # RFC 8032 5.1.3, decoding: y below p, x recovered, no negative zero.
    y, sign = int.from_bytes(raw, "little") & (2**255 - 1), raw[31] >> 7
    if y >= _P:
        raise KeyRefused("Ed25519: y is not reduced")
    if y in _SMALL_ORDER_Y:
        raise KeyRefused("Ed25519: a point of small order signs anything")
    x2 = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    if (x2 == 0 and sign) or pow(x2, (_P - 1) // 2, _P) != 1:
        raise KeyRefused("Ed25519: not a point of the curve")


def _weierstrass_point(algorithm: Algorithm, raw: bytes) -> ec.EllipticCurvePublicKey:
    if raw[0] not in (2, 3):
        raise KeyRefused(f"{algorithm}: a compressed point begins with 2 or 3")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(CURVES[algorithm], raw)
    except ValueError as error:
        raise KeyRefused(f"{algorithm}: not a point of the curve") from error


@lru_cache(maxsize=KNOWN_KEYS)
def _ed25519_key(raw: bytes) -> ed25519.Ed25519PublicKey:
    return ed25519.Ed25519PublicKey.from_public_bytes(raw)


@lru_cache(maxsize=KNOWN_KEYS)
def _ecdsa_key(key: PublicKey) -> ec.EllipticCurvePublicKey:
    return _weierstrass_point(key.algorithm, key.raw)


def _verifies_ed25519(raw: bytes, signature: bytes, data: bytes) -> bool:
    try:
        _ed25519_key(raw).verify(signature, data)
    except InvalidSignature:
        return False
    return True


def _verifies_ecdsa(key: PublicKey, signature: bytes, data: bytes) -> bool:
    width = COORDINATE_BYTES[key.algorithm]
    if len(signature) != 2 * width:
        return False
    r, s = int.from_bytes(signature[:width], "big"), int.from_bytes(signature[width:], "big")
    try:
        _ecdsa_key(key).verify(encode_dss_signature(r, s), data, ec.ECDSA(HASHES[key.algorithm]()))
    except InvalidSignature:
        return False
    return True
