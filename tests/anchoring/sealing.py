"""Headers sealed as QBFT validators seal them, made from any header: what a Besu network would have mined with this state.

The encoding is the RLP library's, so that what is tested is not tested by itself.
"""

from collections.abc import Sequence

import rlp
from acredita.anchoring.transaction import LocalAccount
from eth_hash.auto import keccak

EXTRA_DATA = 12
VANITY = bytes(range(1, 33))


def sealed(
    header: bytes, signers: Sequence[LocalAccount], *, round_number: int = 0, validators: Sequence[LocalAccount] = ()
) -> bytes:
    """Return the header with QBFT extraData: these validators, no vote, this round, and a commit seal by each signer."""
    listed = [bytes(one.address) for one in validators or signers]
    unsealed = [VANITY, listed, [], round_number.to_bytes(4, "big").lstrip(b"\0")]
    signed = keccak(with_extra_data(header, [*unsealed, []]))
    return with_extra_data(header, [*unsealed, [one.sign_hash(signed) for one in signers]])


def with_extra_data(header: bytes, parts: Sequence[object]) -> bytes:
    fields = rlp.decode(header)
    return bytes(rlp.encode([*fields[:EXTRA_DATA], rlp.encode(parts), *fields[EXTRA_DATA + 1 :]]))
