"""Catch up with the chain before anything is written.

Invariants: a head of the chain is never adopted without its entries, and while a transaction's outcome is unknown nothing
is cut. A crash within `catch_up` leaves whole database transactions; the next run does what is left.
"""

from collections.abc import Sequence

from acredita.anchoring.ledger import GenesisChangedError, LedgerUnavailable, LogAheadError, PartialLedgerUnavailable
from acredita.anchoring.transaction import resend
from acredita.anchoring.types import Address
from acredita.node.storage import queue_states, receipts, stored_checkpoints, transactions
from acredita.node.storage.stored_checkpoints import StoredCheckpoint
from acredita.node.storage.transactions import Flight, TransactionState
from acredita.node.write_path.epochs import enter_epochs, has_opening, leave_epoch, record_moved_opening
from acredita.node.write_path.log_on_chain import LogAtBlock, LogOnChain
from acredita.node.write_path.log_record import LogRecord
from eth_hash.auto import keccak


def catch_up(record: LogRecord, chain: LogOnChain, account: Address) -> StoredCheckpoint:
    """Reconcile our record with the chain before each run. Return the newest confirmed checkpoint.

    1. Identity: chain id, genesis block and contract code are those the log is tied to, else GenesisChangedError.
    2. Not behind: the endpoint has the block of our newest checkpoint, else LedgerUnavailable (ask again later).
    3. Orphans: checkpoints that a reorganisation took off the chain are pending again, and their transactions go out
       again unchanged.
    4. Lost epochs: once none of those transactions is on its way, an epoch whose opening the chain has lost is left.
    5. New epochs: an epoch the council has opened is entered.
    6. Not ahead: the chain has no checkpoint of this log that we cannot rebuild, else LogAheadError.

    `account`: the anchoring account in force. Raises LedgerStopError, LedgerUnavailable.
    """
    check_identity(chain)  # 1
    at_block = chain.at_confirmed_block()
    newest = _check_not_behind(record, at_block)  # 2
    newest = _drop_orphans(record, chain, newest)  # 3
    newest = _leave_lost_epochs(record, at_block, newest)  # 4
    newest = _enter_opened_epochs(record, at_block, account, newest)  # 5
    _check_not_ahead(record, at_block, newest)  # 6
    return newest


def check_identity(chain: LogOnChain) -> None:
    """Check that chain id, genesis block and contract code are those the log was opened on. Raises GenesisChangedError."""
    ledger, known = chain.ledger, chain.log.ledger
    if (chain_id := ledger.chain_id()) != known.chain_id:
        raise GenesisChangedError("chain id", str(known.chain_id), str(chain_id))
    genesis = ledger.block(0)
    if genesis is None:
        raise LedgerUnavailable("the chain has no block 0")
    if genesis.hash != known.genesis:
        raise GenesisChangedError("genesis", known.genesis.hex(), genesis.hash.hex())
    code = ledger.code(known.contract)
    if not code:  # nothing takes a contract away: an endpoint that has not come so far yet
        raise PartialLedgerUnavailable("the endpoint has no contract at the address of the credential log")
    code_hash = bytes(keccak(code))
    if code_hash != known.code_hash:
        raise GenesisChangedError("code of the credential log", known.code_hash.hex(), code_hash.hex())


def newest_confirmed(record: LogRecord) -> StoredCheckpoint:
    """Return our newest confirmed checkpoint."""
    with record.read() as connection:
        newest = stored_checkpoints.newest_confirmed(connection, record.issuer)
    if newest is None:
        raise RuntimeError("the institution is not registered in this database")
    return newest


def _check_not_behind(record: LogRecord, at_block: LogAtBlock) -> StoredCheckpoint:
    """Check that the chain reaches the block of our newest checkpoint.

    If not, the endpoint is behind or the chain was cut short. Either way the same bytes do no harm, so they go out
    again: a chain cut short takes them in and shows as a reorganisation, an endpoint behind knows them already.
    """
    newest, end = newest_confirmed(record), at_block.block.number
    if newest.block_position is None or newest.block_position.block_number <= end:
        return newest
    with record.read() as connection:
        missing = transactions.confirmed_above(connection, record.issuer, end)
    for flight in missing:
        resend(at_block.chain.ledger, flight.transaction)
    raise LedgerUnavailable(f"the chain ends at block {end}, below our block {newest.block_position.block_number}")


def _drop_orphans(record: LogRecord, chain: LogOnChain, newest: StoredCheckpoint) -> StoredCheckpoint:
    """Return the newest checkpoint of its epoch whose block is on the chain, or the opening; later ones are pending again."""
    good = newest
    while good.checkpoint.number and not chain.has_block_of(good):
        with record.read() as connection:
            below = stored_checkpoints.checkpoint_at(connection, record.issuer, good.epoch, good.checkpoint.number - 1)
        if below is None:
            raise RuntimeError(f"checkpoint {good.checkpoint.number - 1} is not stored")
        good = below
    if good is not newest:
        _orphan_above(record, good)
    if good.checkpoint.number == 0 and not chain.has_block_of(good):
        # The epochs before lost their blocks with it, and their transactions have to go out before ours.
        _drop_orphans(record, chain, _newest_of_epoch(record, good.epoch - 1))
    return good


def _leave_lost_epochs(record: LogRecord, at_block: LogAtBlock, newest: StoredCheckpoint) -> StoredCheckpoint:
    """Leave each epoch whose opening the chain has lost, when all transactions of its own have ended."""
    while not _unsettled(record):
        if has_opening(record, at_block, newest):
            record_moved_opening(record, at_block, newest)
            return newest
        newest = _drop_orphans(record, at_block.chain, leave_epoch(record, newest.epoch))
    return newest


def _enter_opened_epochs(
    record: LogRecord, at_block: LogAtBlock, account: Address, newest: StoredCheckpoint
) -> StoredCheckpoint:
    """Enter the epochs the council has opened, when no transaction of the closed ones is on its way."""
    if at_block.head.epoch <= newest.epoch:
        return newest
    _give_up_void(record, at_block, account)
    return newest if _unsettled(record) else enter_epochs(record, at_block, newest)


def _check_not_ahead(record: LogRecord, at_block: LogAtBlock, newest: StoredCheckpoint) -> None:
    """Check that each checkpoint the chain has above our newest one has a transaction of ours in flight."""
    head, number = at_block.head, newest.checkpoint.number
    if head.epoch != newest.epoch:
        return
    if head.number < number:
        raise LedgerUnavailable(f"the contract shows checkpoint {head.number}, its own blocks hold {number}")
    ours = {flight.number for flight in _unsettled(record) if flight.epoch == head.epoch}
    unknown = set(range(number + 1, head.number + 1)) - ours
    # A flight of the next checkpoint is settled first: a backup made while it was on its way shows the chain ahead of
    # it. Its bytes go out unchanged, nothing else is signed, and the run after it stops here.
    if unknown and number + 1 not in ours:
        raise LogAheadError(f"epoch {head.epoch}", f"checkpoint {number}", f"checkpoint {head.number}")


def _newest_of_epoch(record: LogRecord, epoch: int) -> StoredCheckpoint:
    with record.read() as connection:
        newest = stored_checkpoints.newest_of_epoch(connection, record.issuer, epoch)
    if newest is None:
        raise RuntimeError(f"epoch {epoch} has no confirmed checkpoint")
    return newest


def _orphan_above(record: LogRecord, good: StoredCheckpoint) -> None:
    """Take receipts and releases back above a checkpoint, and make its followers and their transactions pending again."""
    issuer, epoch, number = record.issuer, good.epoch, good.checkpoint.number + 1
    with record.write() as connection:
        receipts.take_back_receipts(connection, issuer, epoch, number)
        queue_states.mark_unanchored(connection, issuer, epoch, good.checkpoint.size)
        stored_checkpoints.unconfirm_from(connection, issuer, epoch, number)
        transactions.take_off(connection, issuer, epoch, number)


def _unsettled(record: LogRecord) -> Sequence[Flight]:
    with record.read() as connection:
        return transactions.unsettled(connection, record.issuer)


def _give_up_void(record: LogRecord, at_block: LogAtBlock, account: Address) -> None:
    """Settle as void the flights above the good end of a closed epoch from an account no longer ours: they may never end."""
    void = [
        flight
        for flight in _unsettled(record)
        if flight.transaction.sender != account and at_block.is_void(flight.epoch, flight.number)
    ]
    if void:
        with record.write() as connection:
            for flight in void:
                transactions.settle(connection, record.issuer, flight, TransactionState.VOID, now=record.clock())
