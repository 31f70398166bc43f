"""Status lists: the standard's bit order, encoding both ways, and bombs stopped at a named limit."""

import base64
import copy
import gzip
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from acredita.anchoring.types import IssuerId
from acredita.registry.canonicalisation.canonical import canonical_nquads
from acredita.registry.credentials.status_list import (
    LIST_BYTES,
    StatusListFullError,
    StatusListRefused,
    bitstring,
    build_status_list,
    decode_list,
    draw_position,
    encode_list,
    is_set,
    parse_status_list,
)
from acredita.registry.credentials.status_position import LIST_BITS, NO_POSITION, entry_at, list_url, parse_list_url
from acredita.registry.keys.signer import PrivateKeySigner
from acredita.registry.proofs.data_integrity import ProofOptions, add_proof
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

ISSUER = IssuerId(b"\x5a" * 32)
URL = list_url("https://ut.example/", ISSUER, 3)
ISSUED = 1_772_323_200
INDEXES = st.sets(st.integers(0, LIST_BITS - 1), max_size=40)


@pytest.fixture(scope="module")
def listed() -> dict[str, Any]:
    signer = PrivateKeySigner.of(Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))
    return add_proof(
        build_status_list(url=URL, issuer="did:web:ut.example", revoked={0, 7, 131_071}, issued=ISSUED),
        ProofOptions("eddsa-rdfc-2022", "did:web:ut.example#clave-1", datetime.fromtimestamp(ISSUED, UTC)),
        signer,
    )


def refusal(document: object) -> str:
    with pytest.raises(StatusListRefused) as caught:
        parse_status_list(document)
    return caught.value.code


def test_position_zero_is_the_left_most_bit() -> None:
    assert bitstring([0])[:2] == b"\x80\x00"
    assert bitstring([7, 8])[:2] == b"\x01\x80"
    assert bitstring([LIST_BITS - 1])[-1] == 1
    assert len(bitstring([])) * 8 == 131_072


def test_the_encoding_of_the_standards_empty_list() -> None:
    # Bitstring Status List 1.0, example of a list with nothing set: multibase u, base64url without padding, GZIP.
    encoded = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
    assert decode_list(encoded) == bytes(LIST_BYTES)
    assert decode_list(encode_list(bytes(LIST_BYTES))) == bytes(LIST_BYTES)
    assert encode_list(bytes(LIST_BYTES)) == encode_list(bytes(LIST_BYTES))


@settings(max_examples=40, derandomize=True, deadline=None)
@given(indexes=INDEXES)
def test_what_is_encoded_is_decoded(indexes: set[int]) -> None:
    bits = decode_list(encode_list(bitstring(indexes)))
    assert all(is_set(bits, index) for index in indexes)
    assert sum(byte.bit_count() for byte in bits) == len(indexes)


def test_a_list_of_random_bits_is_within_the_limit() -> None:
    bits = random.Random(5).randbytes(LIST_BYTES)
    assert decode_list(encode_list(bits)) == bits


def test_a_signed_list_is_read(listed: dict[str, Any]) -> None:
    found = parse_status_list(listed)
    assert (found.url, found.issuer, found.issued) == (URL, "did:web:ut.example", ISSUED)
    assert (found.list_issuer, found.list_number) == (ISSUER, 3)
    assert [index for index in range(LIST_BITS) if found.is_set(index)] == [0, 7, 131_071]


def test_every_value_of_a_list_is_signed(listed: dict[str, Any]) -> None:
    nquads = canonical_nquads({key: value for key, value in listed.items() if key != "proof"}).decode()
    for text in (URL, f"{URL}#list", "did:web:ut.example", listed["credentialSubject"]["encodedList"], "revocation"):
        assert text in nquads


def packed(data: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("encoded", "code"),
    [
        (packed(gzip.compress(bytes(LIST_BYTES - 1))), "STATUS_LIST_LENGTH_ERROR"),
        (packed(gzip.compress(bytes(LIST_BYTES + 1))), "STATUS_LIST_LENGTH_ERROR"),
        (packed(gzip.compress(b"")), "STATUS_LIST_LENGTH_ERROR"),
        (packed(gzip.compress(bytes(16_000_000))), "STATUS_LIST_LENGTH_ERROR"),
        (packed(gzip.compress(bytes(LIST_BYTES))[:-1]), "STATUS_LIST_INVALID"),
        (packed(gzip.compress(bytes(LIST_BYTES)) + b"x"), "STATUS_LIST_INVALID"),
        (packed(gzip.compress(bytes(LIST_BYTES)) * 2), "STATUS_LIST_INVALID"),
        (packed(bytes(LIST_BYTES // 2)), "STATUS_LIST_INVALID"),
        ("z" + packed(gzip.compress(bytes(LIST_BYTES)))[1:], "STATUS_LIST_INVALID"),
        ("u", "STATUS_LIST_INVALID"),
        ("uñ", "STATUS_LIST_INVALID"),
        ("u" + "A" * 24_000, "STATUS_LIST_INVALID"),
    ],
    ids=range(12),
)
def test_what_is_no_list_of_the_size_is_refused(listed: dict[str, Any], encoded: str, code: str) -> None:
    with pytest.raises(StatusListRefused) as caught:
        decode_list(encoded)
    assert caught.value.code == code
    document = copy.deepcopy(listed)
    document["credentialSubject"]["encodedList"] = encoded
    assert refusal(document) == code


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("@context",), ["https://www.w3.org/ns/credentials/v2", {"nota": "https://x.example/"}]),
        (("@context",), "https://www.w3.org/ns/credentials/v2"),
        (("type",), ["BitstringStatusListCredential", "VerifiableCredential"]),
        (("nota",), "x"),
        (("@included",), []),
        (("id",), "https://ut.example/status/3"),
        (("id",), URL + "3"),
        (("issuer",), {"id": "did:web:ut.example"}),
        (("validFrom",), "2026-13-01T00:00:00Z"),
        (("credentialSubject", "id"), URL),
        (("credentialSubject", "statusPurpose"), "suspension"),
        (("credentialSubject", "ttl"), 5),
        (("proof",), []),
    ],
)
def test_a_list_outside_its_profile_is_refused(listed: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    document: Any = copy.deepcopy(listed)
    target = document
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    assert refusal(document) == "STATUS_LIST_INVALID"


@pytest.mark.parametrize("document", [None, [], "x", {}, {"credentialSubject": []}])
def test_anything_else_is_refused(document: object) -> None:
    assert refusal(document) == "STATUS_LIST_INVALID"


@pytest.mark.parametrize("index", [-1, LIST_BITS, LIST_BITS * 9])
def test_an_index_outside_the_list_is_an_error(index: int) -> None:
    with pytest.raises(ValueError, match="index"):
        bitstring([index])
    with pytest.raises(ValueError, match="index"):
        is_set(bytes(LIST_BYTES), index)


def test_a_position_is_list_and_index() -> None:
    entry = entry_at("https://ut.example", ISSUER, 3 * 2**17 + 5)
    assert (entry.list_url, entry.index, entry.position) == (URL, 5, 3 * 2**17 + 5)
    assert parse_list_url(URL) == (ISSUER, 3)


@pytest.mark.parametrize("tail", ["x/3", "5a" * 32 + "/03", "5A" * 32 + "/3", "5a" * 32 + "/32768", "5a" * 32 + "/-1"])
def test_a_list_address_has_one_spelling(tail: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_list_url(f"https://ut.example/status/{tail}")


def test_positions_are_drawn_from_the_unused_ones() -> None:
    source = random.Random(11)
    used: set[int] = set()
    for _ in range(2_000):
        found = draw_position(2, used, source.randrange)
        assert found not in used
        assert found >> 17 == 2
        used.add(found)
    assert len({place & 0xFFFF for place in used}) > 1_900  # no pattern in the low bits


def test_a_full_list_says_so_and_the_position_of_nothing_is_never_drawn() -> None:
    with pytest.raises(StatusListFullError):
        draw_position(0, range(LIST_BITS), random.Random(1).randrange)
    with pytest.raises(StatusListFullError):
        draw_position(2**15 - 1, (), lambda _: LIST_BITS - 1)
    assert entry_at("https://ut.example", ISSUER, NO_POSITION).index == LIST_BITS - 1
