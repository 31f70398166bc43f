"""Decide whether a block that a checkpoint was in may have been undone, on a chain whose validators seal their blocks.

Such a chain undoes nothing. Another block in that place means a broken network or a false endpoint, and no rule tells
which of the two is right. A person decides, by building the index anew on the chain that is there now; until then
writing stops.
"""

from acredita.anchoring.ledger import Block, Ledger
from acredita.node.index.ancestor import LedgerForkedError
from acredita.node.storage.database import Database
from acredita.node.storage.ledger_index import index_state
from acredita.node.storage.stored_checkpoints import BlockPosition


def check_decided(database: Database, ledger: Ledger, expected: BlockPosition, present: Block) -> None:
    """Check that a person has decided for the chain that has `present` in the place of the expected block.

    Raises LedgerForkedError, LedgerUnavailable.
    """
    with database.read() as connection:
        state = index_state(connection)
    indexed, fault = state.block, state.fault
    if (
        indexed is not None
        and indexed.number >= present.number
        and (fault is None or fault.code != LedgerForkedError.code)
    ):
        block = ledger.block(indexed.number)
        if block is not None and block.hash == indexed.hash:
            return
    raise LedgerForkedError(present.number, expected.block_hash, present)
