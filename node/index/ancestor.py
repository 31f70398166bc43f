"""Find the last block that the index and the chain share.

A lower head is lag and takes nothing back. On a chain of validators another hash at a height seen is a fork, and a person
looks. On a development chain at most 1,024 blocks are taken back; after a deeper reorganisation the index is built anew.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from acredita.anchoring.ledger import Block, Ledger, LedgerBehindUnavailable, LedgerStopError
from acredita.anchoring.types import BlockHash, to_hex
from acredita.node.storage.ledger_index import IndexedBlock
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.observed_block import block_of, check_header

NOTHING: Final = -1  # the height below the first block


class LedgerForkedError(LedgerStopError):
    """Another block at a height seen. `other`: its header."""

    code = Code.LEDGER_FORKED

    def __init__(self, number: int, expected: BlockHash, other: Block) -> None:
        super().__init__(f"block {number}", to_hex(expected), to_hex(other.hash))
        self.other = other.header


def check_not_below(head: Block, block: IndexedBlock, seen: bytes | None, *, final: bool) -> None:
    """Check that the head is not below the index. `seen`: the hash that was seen at its height; `final`: blocks are.

    Raises LedgerBehindUnavailable, LedgerForkedError.
    """
    if head.number >= block.number:
        return
    if final and seen is not None and seen != head.hash:
        raise LedgerForkedError(head.number, BlockHash(seen), head)
    raise LedgerBehindUnavailable(f"the ledger ends at block {head.number}, the index is at block {block.number}")


def shared_height(
    ledger: Ledger, head: Block, block: IndexedBlock, seen: Sequence[tuple[int, bytes]], *, final: bool
) -> int:
    """Return the height of the last known block that is still on the chain; NOTHING if the index is built anew.

    `seen`: kept heights and hashes, the lowest first. Raises LedgerForkedError, LedgerUnavailable.
    """
    if head.number == block.number + 1 and head.parent == block.hash:
        return block.number
    present = head if head.number == block.number else block_of(ledger, block.number)
    if present.hash == block.hash:
        return block.number
    if final:
        check_header(present)
        raise LedgerForkedError(block.number, block.hash, present)
    below = [pair for pair in seen if pair[0] < block.number]
    shared = bisect_left(below, True, key=lambda pair: block_of(ledger, pair[0]).hash != pair[1])
    return below[shared - 1][0] if shared else NOTHING
