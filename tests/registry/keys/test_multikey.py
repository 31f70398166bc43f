"""Multikey and did:key: published keys, one spelling for a key, and points that must not be keys."""

import hashlib
import json
from pathlib import Path

import pytest
from acredita.registry.keys import multikey
from acredita.registry.keys.multikey import (
    ED25519,
    ORDERS,
    P256,
    P384,
    PREFIXES,
    Algorithm,
    KeyRefused,
    checked_key,
    decode_multibase,
    encode_multibase,
    key_id,
    low_s,
    parse_multibase,
    parse_multikey,
    public_key_of,
)
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given, settings
from hypothesis import strategies as st

P = 2**255 - 19


@pytest.mark.parametrize("data", [b"", b"\0", b"\0\0\x01", b"hello", bytes(range(64))])
def test_multibase_round_trip(data: bytes) -> None:
    assert decode_multibase(encode_multibase(data)) == data


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.binary(max_size=100))
def test_multibase_has_one_spelling(data: bytes) -> None:
    text = encode_multibase(data)
    assert decode_multibase(text) == data
    assert encode_multibase(decode_multibase(text)) == text


def test_multibase_known_value() -> None:
    # draft-msporny-base58-03, test vectors
    assert encode_multibase(b"Hello World!") == "z2NEpo7TZRRrLZSi2U"
    assert encode_multibase(bytes.fromhex("0000287fb4cd")) == "z11233QC4"


@pytest.mark.parametrize("text", ["", "Z2NEpo", "u0Owg", "f00", "z0", "zO", "zI", "zl", "z é", "z2NEpo7\n"])
def test_multibase_refused(text: str) -> None:
    with pytest.raises(KeyRefused):
        decode_multibase(text)


def test_published_did_keys(figures: Path) -> None:
    cases = json.loads((figures / "did_key.json").read_text())
    assert len(cases["accepted"]) == 10
    for case in cases["accepted"]:
        key = parse_multibase(case["did"].removeprefix("did:key:"))
        assert (key.algorithm, key.raw.hex()) == (case["algorithm"], case["public_key"])
        assert key.multibase == case["did"].removeprefix("did:key:")
        assert parse_multikey(key.multikey) == key
        assert key_id(key.multikey) == hashlib.sha256(PREFIXES[key.algorithm] + key.raw).digest()


def test_other_key_kinds_are_refused(figures: Path) -> None:
    refused = json.loads((figures / "did_key.json").read_text())["refused"]
    assert len(refused) == 8
    for did in refused:
        with pytest.raises(KeyRefused):
            parse_multibase(did.removeprefix("did:key:"))


def small_order_points() -> list[bytes]:
    """Return every encoding of every point whose order divides 8, by RFC 8032's own arithmetic."""
    d = -121665 * pow(121666, -1, P) % P
    root = pow(2, (P - 1) // 4, P)

    def add(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
        product = d * a[0] * b[0] * a[1] * b[1]
        x = (a[0] * b[1] + b[0] * a[1]) * pow(1 + product, -1, P) % P
        return x, (a[1] * b[1] + a[0] * b[0]) * pow(1 - product, -1, P) % P

    def times_order(point: tuple[int, int]) -> tuple[int, int]:
        order = 2**252 + 27742317777372353535851937790883648493
        total, power = (0, 1), point
        while order:
            total = add(total, power) if order & 1 else total
            power, order = add(power, power), order >> 1
        return total

    points: set[tuple[int, int]] = set()
    y = 2
    while len(points) < 8:
        y += 1
        x2 = (y * y - 1) * pow(d * y * y + 1, -1, P) % P
        x = pow(x2, (P + 3) // 8, P)
        x = x if x * x % P == x2 else x * root % P
        if x * x % P == x2:
            torsion = times_order((x, y))
            step = torsion
            for _ in range(8):
                points.add(step)
                step = add(step, torsion)
    encodings = set()
    for _, y in points:
        for spelt in (y, y + P):  # the second is not canonical, and only small y have one
            if spelt < 2**255:
                encodings |= {(spelt | sign << 255).to_bytes(32, "little") for sign in (0, 1)}
    return sorted(encodings)


def test_no_small_order_point_is_a_key() -> None:
    points = small_order_points()
    assert len(points) == 14
    for raw in points:
        with pytest.raises(KeyRefused):
            checked_key(ED25519, raw)


def test_ed25519_off_the_curve_or_not_reduced() -> None:
    refused = 0
    for y in range(3, 40):
        raw = y.to_bytes(32, "little")
        x2 = (y * y - 1) * pow(-121665 * pow(121666, -1, P) * y * y + 1, -1, P) % P
        if pow(x2, (P - 1) // 2, P) == 1:
            assert checked_key(ED25519, raw).raw == raw
        else:
            refused += 1
            with pytest.raises(KeyRefused, match="not a point"):
                checked_key(ED25519, raw)
    assert refused > 5
    with pytest.raises(KeyRefused, match="not reduced"):
        checked_key(ED25519, (P + 3).to_bytes(32, "little"))


@pytest.mark.parametrize(("algorithm", "curve"), [(P256, ec.SECP256R1()), (P384, ec.SECP384R1())])
def test_weierstrass_points(algorithm: Algorithm, curve: ec.EllipticCurve) -> None:
    key = public_key_of(ec.generate_private_key(curve).public_key())
    assert key.algorithm == algorithm and len(key.raw) == multikey.KEY_BYTES[algorithm]
    for head in (0, 1, 4, 5, 255):
        with pytest.raises(KeyRefused, match="compressed point"):
            checked_key(algorithm, bytes([head]) + key.raw[1:])
    refused = 0
    for x in range(1, 30):
        raw = b"\x02" + x.to_bytes(len(key.raw) - 1, "big")
        try:
            ec.EllipticCurvePublicKey.from_encoded_point(curve, raw)
        except ValueError:
            refused += 1
            with pytest.raises(KeyRefused, match="not a point"):
                checked_key(algorithm, raw)
    assert refused > 5


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_length_is_exact(length: int) -> None:
    with pytest.raises(KeyRefused):
        parse_multikey(PREFIXES[ED25519] + b"\x05" * length)


def test_long_values_are_refused_before_decoding() -> None:
    with pytest.raises(KeyRefused, match="at most"):
        parse_multibase("z" + "2" * 100_000)


def test_unknown_curve() -> None:
    with pytest.raises(KeyRefused, match="secp256k1"):
        public_key_of(ec.generate_private_key(ec.SECP256K1()).public_key())


@pytest.mark.parametrize("algorithm", [P256, P384])
def test_low_s(algorithm: Algorithm) -> None:
    width, order = multikey.COORDINATE_BYTES[algorithm], ORDERS[algorithm]
    r = (7).to_bytes(width, "big")
    low, high = (5).to_bytes(width, "big"), (order - 5).to_bytes(width, "big")
    assert low_s(algorithm, r + high) == low_s(algorithm, r + low) == r + low
    assert low_s(ED25519, b"\xff" * 64) == b"\xff" * 64


def test_orders_are_the_curves() -> None:
    # n·G is the point at infinity: n − 1 is a private key, n is not.
    for algorithm, curve in multikey.CURVES.items():
        assert ec.derive_private_key(ORDERS[algorithm] - 1, curve)
        with pytest.raises(ValueError, match=r"."):
            ec.derive_private_key(ORDERS[algorithm], curve)


def test_wrong_length_signatures_do_not_verify() -> None:
    edwards = public_key_of(ed25519.Ed25519PrivateKey.from_private_bytes(b"\x01" * 32).public_key())
    weierstrass = public_key_of(ec.derive_private_key(5, ec.SECP256R1()).public_key())
    for key in (edwards, weierstrass):
        for signature in (b"", bytes(63), bytes(64), bytes(65), b"\xff" * 64):
            assert not key.verifies(signature, b"data")
