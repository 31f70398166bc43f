"""Decide whether a trust file vouches for a header, itself or through headers after it.

Each header names the hash of the one before. The trust file vouches for
1. a block that it names, and every ancestor of it;
2. above the highest block that it names, on a QBFT chain, a block that a quorum of the open set sealed at a later time than
   every closed interval, and its ancestors down to there.

So at or below the highest named block no seal counts. The validators that a header names are ignored.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from acredita.anchoring import qbft
from acredita.anchoring.state_proof import Header, read_header
from acredita.anchoring.types import to_hex
from acredita.contracts.coded_error import CodedError
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.trust_file import Trust


class BlockRefused(CodedError[Code]):
    """A header that the trust file does not vouch for."""


def vouched_header(encoded: Sequence[bytes], trust: Trust) -> Header:
    """Return the first header if the trust file vouches for it. `encoded`: it and those after it, in order.

    Raises BlockRefused, StateProofRefused.
    """
    headers = [header_of(header, trust) for header in encoded]
    for earlier, later in pairwise(headers):
        if later.parent != earlier.hash:
            raise BlockRefused(Code.BLOCK_NOT_TRUSTED, f"block {later.number} does not follow block {earlier.number}")
    if any(trust.blocks.get(header.number) == header.hash for header in headers):
        return headers[0]
    own, last = headers[0], headers[-1]
    if trust.is_demo_chain or own.number <= trust.chain.highest:
        raise BlockRefused(
            Code.BLOCK_NOT_TRUSTED, f"the trust file does not name block {last.number} {to_hex(last.hash)}"
        )
    for header in (own, last):
        check_sealers_known(header.number, header.time, trust)
    check_seals(encoded[-1], last, trust)
    return own


def header_of(encoded: bytes, trust: Trust) -> Header:
    """Read a header with the hash by which its chain names it. Raises StateProofRefused."""
    header = read_header(encoded)
    return header if trust.is_demo_chain else replace(header, hash=qbft.block_hash(encoded))


def check_sealers_known(number: int, time: int, trust: Trust) -> None:
    """Check that seals can count for a block of this height and time. Raises BlockRefused."""
    if trust.chain.sealers_at(number, time) is None:
        raise BlockRefused(Code.VALIDATORS_UNKNOWN, f"the trust file knows no validators of block {number}")


def check_seals(encoded: bytes, header: Header, trust: Trust) -> None:
    """Check that two thirds of the validators in force sealed a header. Raises BlockRefused, StateProofRefused."""
    sealers = trust.chain.sealers_at(header.number, header.time) or ()
    if not qbft.is_sealed(encoded, sealers):
        raise BlockRefused(
            Code.BLOCK_NOT_TRUSTED, f"fewer than two thirds of {len(sealers)} validators sealed {header.number}"
        )
