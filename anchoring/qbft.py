"""QBFT headers as Hyperledger Besu writes them: the block's hash, and the validators whose commit seals it carries.

A header's extraData is RLP of [vanity 32, [validator…], vote, round, [seal…]]. The sealer of a block signs keccak-256 of its
header without the seals; the block's own hash leaves out the round as well, because validators of one block may hold
copies that differ in both. Block 0 has no seals: its extraData is hashed as it stands. A seal is r, s and recovery id, 65
bytes. The validators in force at a height are not read from here: a header that names its own judges proves nothing.
"""

from collections.abc import Collection
from typing import Final

from acredita.anchoring.state_proof import EXTRA_DATA, RlpItem, StateProofRefused, items_of, read_header, split
from acredita.anchoring.types import ADDRESS_BYTES, Address, BlockHash
from coincurve import PublicKey
from eth_hash.auto import keccak

MAX_SEALS: Final = 256  # as many as a trust file has validators

_VANITY_BYTES: Final = 32
_SEAL_BYTES: Final = 65
_VALIDATORS, _ROUND, _SEALS = 1, 3, 4
_NO_SEALS: Final = RlpItem(b"", is_list=True)
_ROUND_ZERO: Final = RlpItem(b"", is_list=False)
_SHARED_BY_COPIES: Final = {_ROUND: _ROUND_ZERO, _SEALS: _NO_SEALS}


def genesis_extra_data(validators: Collection[Address]) -> bytes:
    """Return the extraData of block 0, which names the first validators: round 0, without vote and seals."""
    vanity = RlpItem(bytes(_VANITY_BYTES), is_list=False)
    first = _list([RlpItem(validator, is_list=False) for validator in sorted(set(validators))])
    no_vote = RlpItem(b"", is_list=True)
    return _list([vanity, first, no_vote, _ROUND_ZERO, _NO_SEALS]).encoded


def genesis_validators(extra_data: bytes) -> frozenset[Address]:
    """Return the validators that the extraData of block 0 names. Raises StateProofRefused."""
    listed = split(_parts(extra_data)[_VALIDATORS].payload)
    if not 0 < len(listed) <= MAX_SEALS or any(each.is_list or len(each.payload) != ADDRESS_BYTES for each in listed):
        raise StateProofRefused(f"1 to {MAX_SEALS} addresses of validators expected")
    return frozenset(Address(each.payload) for each in listed)


def block_hash(encoded: bytes) -> BlockHash:
    """Return the hash by which the next block names this one: of the header with round 0 and no seals."""
    if read_header(encoded).number == 0:
        return BlockHash(bytes(keccak(encoded)))
    return BlockHash(_hash_with(encoded, _SHARED_BY_COPIES))


def shared_header(encoded: bytes) -> bytes:
    """Return the part of a header that every validator's copy shares: of QBFT, the header with round 0 and no seals.

    The header of block 0 and of another kind of chain is shared whole.
    """
    try:
        is_sealed_chain = read_header(encoded).number > 0
        return _header_with(encoded, _SHARED_BY_COPIES) if is_sealed_chain else encoded
    except StateProofRefused:  # extraData of another kind of chain
        return encoded


def sealers(encoded: bytes) -> frozenset[Address]:
    """Return the accounts that sealed a header, each once. Raises StateProofRefused where a seal is malformed."""
    seals = split(_extra_data(encoded)[_SEALS].payload)
    if len(seals) > MAX_SEALS:
        raise StateProofRefused(f"at most {MAX_SEALS} seals expected")
    signed = _hash_with(encoded, {_SEALS: _NO_SEALS})
    return frozenset(_sealer(seal, signed) for seal in seals)


def is_sealed(encoded: bytes, validators: Collection[Address]) -> bool:
    """Return True if two thirds of these validators, rounded up, sealed the header; other seals do not count."""
    in_force = frozenset(validators)
    return bool(in_force) and 3 * len(sealers(encoded) & in_force) >= 2 * len(in_force)


def _hash_with(encoded: bytes, changes: dict[int, RlpItem]) -> bytes:
    """Return keccak-256 of the header with some parts of its extraData replaced."""
    return bytes(keccak(_header_with(encoded, changes)))


def _header_with(encoded: bytes, changes: dict[int, RlpItem]) -> bytes:
    extra = _list([changes.get(place, part) for place, part in enumerate(_extra_data(encoded))])
    header = items_of(encoded)
    header[EXTRA_DATA] = RlpItem(extra.encoded, is_list=False)
    return _list(header).encoded


def _extra_data(encoded: bytes) -> list[RlpItem]:
    return _parts(read_header(encoded).extra_data)


def _parts(extra_data: bytes) -> list[RlpItem]:
    parts = items_of(extra_data)
    if [part.is_list for part in parts] != [False, True, True, False, True] or len(parts[0].payload) != _VANITY_BYTES:
        raise StateProofRefused("extraData of QBFT expected: vanity, validators, vote, round, seals")
    return parts


def _sealer(seal: RlpItem, signed: bytes) -> Address:
    if seal.is_list or len(seal.payload) != _SEAL_BYTES:
        raise StateProofRefused(f"a seal of {_SEAL_BYTES} bytes expected")
    try:
        key = PublicKey.from_signature_and_message(seal.payload, signed, hasher=None)
    except ValueError as error:
        raise StateProofRefused("a seal that no key made") from error
    return Address(bytes(keccak(key.format(compressed=False)[1:])[-20:]))


def _list(items: list[RlpItem]) -> RlpItem:
    return RlpItem(b"".join(item.encoded for item in items), is_list=True)
