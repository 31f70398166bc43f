"""JSON Web Keys: published keys are read, one key has one spelling, and each malformed one is refused by kind."""

import base64
from typing import Any

import pytest
from acredita.registry.keys.jwk import parse_jwk
from acredita.registry.keys.multikey import (
    KeyKindRefused,
    KeyLengthRefused,
    KeyRefused,
    PrivateKeyRefused,
    checked_key,
    public_key_of,
)
from cryptography.hazmat.primitives.asymmetric import ec

ED25519 = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}  # RFC 8037 A.2
P256 = {  # RFC 7517 A.1
    "kty": "EC",
    "crv": "P-256",
    "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
}


def p384() -> dict[str, str]:
    numbers = ec.derive_private_key(78, ec.SECP384R1()).public_key().public_numbers()
    parts = {name: value.to_bytes(48) for name, value in (("x", numbers.x), ("y", numbers.y))}
    return {"kty": "EC", "crv": "P-384"} | {
        name: base64.urlsafe_b64encode(data).rstrip(b"=").decode() for name, data in parts.items()
    }


def test_published_keys() -> None:
    raw = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")  # RFC 8032 7.1, test 1
    assert parse_jwk(ED25519) == checked_key("Ed25519", raw)
    numbers = ec.EllipticCurvePublicNumbers(
        *(int.from_bytes(base64.urlsafe_b64decode(P256[name] + "=")) for name in ("x", "y")), ec.SECP256R1()
    )
    assert parse_jwk(P256) == public_key_of(numbers.public_key())
    assert parse_jwk(p384()) == public_key_of(ec.derive_private_key(78, ec.SECP384R1()).public_key())


@pytest.mark.parametrize(
    "more",
    [{"kid": "k1"}, {"alg": "EdDSA", "use": "sig"}, {"alg": "Ed25519"}, {"key_ops": ["verify"]}, {"x5t": "a"}],
)
def test_members_that_change_nothing(more: dict[str, Any]) -> None:
    assert parse_jwk(ED25519 | more) == parse_jwk(ED25519)


@pytest.mark.parametrize(
    ("jwk", "kind"),
    [
        ("z6Mk", KeyKindRefused),
        ([], KeyKindRefused),
        ({}, KeyKindRefused),
        ({"kty": "RSA", "n": "AQAB", "e": "AQAB"}, KeyKindRefused),
        (ED25519 | {"crv": "X25519"}, KeyKindRefused),
        (ED25519 | {"crv": ["Ed25519"]}, KeyKindRefused),
        (P256 | {"crv": "secp256k1"}, KeyKindRefused),
        (P256 | {"crv": "P-521"}, KeyKindRefused),
        (P256 | {"kty": "OKP"}, KeyKindRefused),
        (ED25519 | {"d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}, PrivateKeyRefused),
        (P256 | {"d": "AQ"}, PrivateKeyRefused),
        (ED25519 | {"x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp"}, KeyRefused),  # bits that mean nothing
        (ED25519 | {"x": ED25519["x"] + "="}, KeyRefused),
        (ED25519 | {"x": ED25519["x"].replace("_", "/")}, KeyRefused),
        (ED25519 | {"x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUQ"}, KeyLengthRefused),
        (ED25519 | {"x": 5}, KeyRefused),
        ({"kty": "OKP", "crv": "Ed25519"}, KeyRefused),
        (ED25519 | {"x": base64.urlsafe_b64encode(bytes(32)).rstrip(b"=").decode()}, KeyRefused),  # of small order
        (P256 | {"y": P256["x"]}, KeyRefused),  # no point of the curve
        ({name: value for name, value in P256.items() if name != "y"}, KeyRefused),
        (p384() | {"crv": "P-256"}, KeyLengthRefused),
        (P256 | {"x": "AA" + P256["x"]}, KeyRefused),
        (ED25519 | {"use": "enc"}, KeyRefused),
        (ED25519 | {"key_ops": ["deriveKey"]}, KeyRefused),
        (ED25519 | {"key_ops": "verify"}, KeyRefused),
        (ED25519 | {"alg": "ES256"}, KeyRefused),
        (P256 | {"alg": "ECDH-ES"}, KeyRefused),
        (P256 | {"alg": ["ES256"]}, KeyRefused),
    ],
)
def test_refused(jwk: object, kind: type[KeyRefused]) -> None:
    with pytest.raises(kind):
        parse_jwk(jwk)
