"""QBFT seals: those of a real Besu block are read, two thirds of the validators in force count, and nothing less."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import rlp
from acredita.anchoring import qbft
from acredita.anchoring.state_proof import StateProofRefused
from acredita.anchoring.transaction import LocalAccount
from acredita.anchoring.types import Address
from eth_hash.auto import keccak

from tests.anchoring.sealing import EXTRA_DATA, sealed, with_extra_data

VECTOR: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "qbft.json").read_text())
BESU_HEADER = bytes.fromhex(VECTOR["header"][2:])
BESU_VALIDATORS = [Address(bytes.fromhex(text[2:])) for text in VECTOR["validators"]]

VALIDATORS = [LocalAccount(bytes([number]) * 32) for number in range(1, 8)]
STRANGERS = [LocalAccount(bytes([number]) * 32) for number in range(100, 107)]
PARENT = b"\x11" * 32


def header(number: int = 9, parent: bytes = PARENT) -> bytes:
    """Return a header without seals."""
    fields: list[bytes] = [parent, bytes(32), bytes(20), *([b"\x22" * 32] * 3), bytes(256), b"\x01"]
    return bytes(rlp.encode([*fields, bytes([number]).lstrip(b"\0"), b"\x01", b"", b"\x05", b"", bytes(32), bytes(8)]))


def addresses(accounts: list[LocalAccount]) -> list[Address]:
    return [account.address for account in accounts]


# --- a block of a real network ---


def test_the_seals_of_a_besu_block_are_its_validators() -> None:
    found = qbft.sealers(BESU_HEADER)
    assert len(found) == VECTOR["seals"] == 3
    assert found < set(BESU_VALIDATORS)
    assert qbft.is_sealed(BESU_HEADER, BESU_VALIDATORS)


def test_what_a_besu_block_hashes_leaves_out_its_seals_and_its_round() -> None:
    extra = rlp.decode(rlp.decode(BESU_HEADER)[EXTRA_DATA])
    assert keccak(with_extra_data(BESU_HEADER, [*extra[:4], []])).hex() == VECTOR["sealed_hash"][2:]
    assert int.from_bytes(extra[3], "big") == VECTOR["round"] == 1
    assert qbft.block_hash(BESU_HEADER) == keccak(with_extra_data(BESU_HEADER, [*extra[:3], b"", []]))


def test_besus_own_extra_data_with_a_vote_is_read() -> None:
    data = bytes.fromhex(VECTOR["extra_data"][2:])
    vanity, validators, vote, number, _seals = parts = rlp.decode(data)
    assert int.from_bytes(number, "big") == int(VECTOR["extra_data_round"], 16)
    encoded = with_extra_data(header(), parts)
    expected = keccak(with_extra_data(header(), [vanity, validators, vote, b"", []]))
    assert qbft.block_hash(encoded) == expected


@pytest.mark.parametrize("byte", range(0, len(BESU_HEADER), 23))
def test_one_altered_byte_and_the_validators_are_others(byte: int) -> None:
    altered = bytearray(BESU_HEADER)
    altered[byte] ^= 0x40
    with suppress(StateProofRefused):
        assert not qbft.is_sealed(bytes(altered), BESU_VALIDATORS)


# --- how many count ---


@pytest.mark.parametrize(("validators", "needed"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (6, 4), (7, 5)])
def test_two_thirds_rounded_up(validators: int, needed: int) -> None:
    in_force = VALIDATORS[:validators]
    assert qbft.is_sealed(sealed(header(), in_force[:needed]), addresses(in_force))
    assert not qbft.is_sealed(sealed(header(), in_force[: needed - 1]), addresses(in_force))


def test_a_seal_twice_is_one() -> None:
    assert not qbft.is_sealed(sealed(header(), [VALIDATORS[0]] * 4), addresses(VALIDATORS[:4]))
    assert len(qbft.sealers(sealed(header(), [VALIDATORS[0]] * 4))) == 1


def test_foreign_seals_count_for_nothing_and_spoil_nothing() -> None:
    """Ignore foreign seals, even where the header itself names the strangers as validators."""
    forged = sealed(header(), STRANGERS, validators=STRANGERS)
    assert not qbft.is_sealed(forged, addresses(VALIDATORS[:4]))
    mixed = sealed(header(), [*STRANGERS, *VALIDATORS[:3]])
    assert qbft.is_sealed(mixed, addresses(VALIDATORS[:4]))


def test_a_set_of_nobody_is_never_enough() -> None:
    assert not qbft.is_sealed(sealed(header(), VALIDATORS), [])


def test_a_seal_of_another_block_or_round_is_none() -> None:
    four = VALIDATORS[:4]
    seals = rlp.decode(rlp.decode(sealed(header(9), four))[EXTRA_DATA])[4]
    other = rlp.decode(rlp.decode(sealed(header(10), four))[EXTRA_DATA])
    assert not qbft.is_sealed(with_extra_data(header(10), [*other[:4], seals]), addresses(four))
    assert not qbft.is_sealed(with_extra_data(header(9), [*other[:3], b"\x02", seals]), addresses(four))


# --- the hash that links blocks ---


def test_copies_of_one_block_with_other_seals_and_rounds_have_one_hash() -> None:
    copies = [sealed(header(), VALIDATORS[:n], round_number=n, validators=VALIDATORS) for n in (3, 4, 5)]
    assert len({qbft.block_hash(copy) for copy in copies}) == 1
    assert len({keccak(copy) for copy in copies}) == 3


def test_the_validators_named_in_a_header_are_part_of_its_hash() -> None:
    one, other = (sealed(header(), [], validators=VALIDATORS[:n]) for n in (3, 4))
    assert qbft.block_hash(one) != qbft.block_hash(other)


def test_block_0_is_hashed_as_it_stands() -> None:
    assert qbft.block_hash(header(0)) == keccak(header(0))


# --- what is no extraData, and what is no seal ---


@pytest.mark.parametrize(
    "extra",
    [
        b"",
        bytes(32),
        rlp.encode([bytes(32), [], [], b""]),
        rlp.encode([bytes(32), [], [], b"", [], b""]),
        rlp.encode([bytes(31), [], [], b"", []]),
        rlp.encode([bytes(32), b"", [], b"", []]),
        rlp.encode([bytes(32), [], b"", b"", []]),
        rlp.encode([bytes(32), [], [], b"", b""]),
        rlp.encode([bytes(32), [], [], b"", []]) + b"\x00",
    ],
)
def test_other_extra_data_is_refused(extra: bytes) -> None:
    fields = rlp.decode(header())
    encoded = rlp.encode([*fields[:EXTRA_DATA], extra, *fields[EXTRA_DATA + 1 :]])
    for ask in (qbft.block_hash, qbft.sealers):
        with pytest.raises(StateProofRefused):
            ask(encoded)


@pytest.mark.parametrize("seal", [b"", bytes(64), bytes(65), bytes(66), b"\xff" * 65, [bytes(65)]])
def test_what_is_no_seal_is_refused(seal: object) -> None:
    with pytest.raises(StateProofRefused):
        qbft.sealers(with_extra_data(header(), [bytes(32), [], [], b"", [seal]]))


def test_more_seals_than_there_are_validators_anywhere_are_not_tried() -> None:
    with pytest.raises(StateProofRefused):
        qbft.sealers(with_extra_data(header(), [bytes(32), [], [], b"", [bytes(65)] * (qbft.MAX_SEALS + 1)]))
