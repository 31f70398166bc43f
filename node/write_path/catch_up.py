"""Before anything is written: is this our chain, does it still hold what we confirmed, and nothing we do not know?

In this order: another chain or contract stops (GENESIS_CHANGED); an endpoint that is behind what we have seen
confirmed is asked again later; checkpoints that a reorganisation took off the chain become pending, and their
transactions go out again unchanged; once none of them is on its way, an epoch whose opening the chain has lost is left;
an epoch the council opened is entered; checkpoints of this log that we cannot rebuild stop (LOG_AHEAD). A head of the
chain is never adopted without its entries.
"""

from collections.abc import Sequence

from acredita.anchoring.checkpoint import Head, unpack_head
from acredita.anchoring.ledger import Block, GenesisChangedError, LedgerUnavailable, LogAheadError
from acredita.anchoring.sender import confirmed_head, resend
from acredita.node.storage import queue, receipts, stored_log, transactions
from acredita.node.storage.database import Lease
from acredita.node.storage.stored_log import StoredCheckpoint
from acredita.node.storage.transactions import Flight, TransactionState
from acredita.node.write_path.epochs import enter_epochs, follow_moved_opening, is_on_chain, leave_epoch, opening_stands
from acredita.node.write_path.writer import Writer
from eth_hash.auto import keccak


def catch_up(writer: Writer, lease: Lease) -> StoredCheckpoint:
    """Brings our record in line with the chain; the newest confirmed checkpoint. Raises LedgerStopError,
    LedgerUnavailable.
    """
    check_identity(writer)
    block = confirmed_head(writer.ledger, writer.policy.depth)
    head = unpack_head(writer.ledger.read(writer.contract.head(writer.issuer), block.number))
    newest = _drop_orphans(writer, lease, _check_not_behind(writer, block))
    newest = _leave_lost_epochs(writer, lease, newest, head, block)
    flights = _unsettled(writer)
    if head.epoch > newest.epoch:
        flights = _give_up(writer, lease, flights, head, block)
        if not flights:
            newest = enter_epochs(writer, lease, newest, head, block)
    _check_not_ahead(newest, flights, head)
    return newest


def check_identity(writer: Writer) -> None:
    """The chain id, the genesis block and the contract's code are those the log was opened on, or GenesisChangedError."""
    ledger, known = writer.ledger, writer.identity
    if (chain_id := ledger.chain_id()) != known.chain_id:
        raise GenesisChangedError("chain id", str(known.chain_id), str(chain_id))
    genesis = ledger.block(0)
    if genesis is None:
        raise LedgerUnavailable("the chain tells no block 0")
    if genesis.hash != known.genesis:
        raise GenesisChangedError("genesis", known.genesis.hex(), genesis.hash.hex())
    code_hash = bytes(keccak(ledger.code(known.contract)))
    if code_hash != known.code_hash:
        raise GenesisChangedError("code of the credential log", known.code_hash.hex(), code_hash.hex())


def newest_confirmed(writer: Writer) -> StoredCheckpoint:
    with writer.database.read() as connection:
        newest = stored_log.newest_confirmed(connection, writer.issuer)
    if newest is None:
        raise RuntimeError("the institution is not registered in this database")
    return newest


def _check_not_behind(writer: Writer, block: Block) -> StoredCheckpoint:
    """An endpoint that is not there yet, or a chain cut short. Either way the same bytes do no harm, so they go out
    again: a chain cut short takes them in and shows as a reorganisation, an endpoint behind knows them already.
    """
    newest = newest_confirmed(writer)
    if newest.placed is None or newest.placed.block_number <= block.number:
        return newest
    with writer.database.read() as connection:
        missing = transactions.confirmed_above(connection, writer.issuer, block.number)
    for flight in missing:
        resend(writer.ledger, flight.transaction)
    raise LedgerUnavailable(f"the chain ends at block {block.number}, below our block {newest.placed.block_number}")


def _drop_orphans(writer: Writer, lease: Lease, newest: StoredCheckpoint) -> StoredCheckpoint:
    """The newest checkpoint of its epoch whose block is still on the chain, or the opening; those after it are pending
    again.
    """
    good = newest
    while good.checkpoint.number and not is_on_chain(writer, good):
        with writer.database.read() as connection:
            below = stored_log.checkpoint_at(connection, writer.issuer, good.epoch, good.checkpoint.number - 1)
        if below is None:
            raise RuntimeError(f"checkpoint {good.checkpoint.number - 1} is not stored")
        good = below
    if good is not newest:
        _orphan_above(writer, lease, good)
    if good.checkpoint.number == 0 and not is_on_chain(writer, good):
        # The epochs before lost their blocks with it, and their transactions have to go out before ours.
        _drop_orphans(writer, lease, _newest_of_epoch(writer, good.epoch - 1))
    return good


def _newest_of_epoch(writer: Writer, epoch: int) -> StoredCheckpoint:
    with writer.database.read() as connection:
        newest = stored_log.newest_of_epoch(connection, writer.issuer, epoch)
    if newest is None:
        raise RuntimeError(f"epoch {epoch} has no confirmed checkpoint")
    return newest


def _leave_lost_epochs(
    writer: Writer, lease: Lease, newest: StoredCheckpoint, head: Head, block: Block
) -> StoredCheckpoint:
    """While a transaction's outcome is unknown nothing is cut: an epoch is left when all of its own have ended."""
    while not _unsettled(writer):
        if opening_stands(writer, newest, head, block):
            follow_moved_opening(writer, lease, newest, block)
            return newest
        newest = _drop_orphans(writer, lease, leave_epoch(writer, lease, newest.epoch))
    return newest


def _orphan_above(writer: Writer, lease: Lease, good: StoredCheckpoint) -> None:
    issuer, epoch, number = writer.issuer, good.epoch, good.checkpoint.number + 1
    with writer.database.write(lease) as connection:
        receipts.take_back_receipts(connection, issuer, epoch, number)
        queue.mark_unanchored(connection, issuer, epoch, good.checkpoint.size)
        stored_log.unconfirm_from(connection, issuer, epoch, number)
        transactions.take_off(connection, issuer, epoch, number)


def _unsettled(writer: Writer) -> list[Flight]:
    with writer.database.read() as connection:
        return transactions.unsettled(connection, writer.issuer)


def _check_not_ahead(newest: StoredCheckpoint, flights: Sequence[Flight], head: Head) -> None:
    number = newest.checkpoint.number
    if head.epoch == newest.epoch and head.number < number:
        raise LedgerUnavailable(f"the contract tells checkpoint {head.number}, its own blocks hold {number}")
    ours = {flight.number for flight in flights if flight.epoch == head.epoch}
    unknown = set(range(number + 1, head.number + 1)) - ours
    # A flight of the next checkpoint is settled first: a backup made while it was on its way shows the chain ahead of
    # it. Its bytes go out unchanged, nothing else is signed, and the run after it stops here.
    if head.epoch == newest.epoch and unknown and number + 1 not in ours:
        raise LogAheadError(f"epoch {head.epoch}", f"checkpoint {number}", f"checkpoint {head.number}")


def _give_up(writer: Writer, lease: Lease, flights: Sequence[Flight], head: Head, block: Block) -> list[Flight]:
    """Flights above the good end of a closed epoch, from an account no longer ours, may never settle: void."""
    void = [
        flight
        for flight in flights
        if flight.transaction.sender != writer.signer.address and is_void(writer, flight, head, block)
    ]
    if void:
        with writer.database.write(lease) as connection:
            for flight in void:
                transactions.settle(connection, writer.issuer, flight, TransactionState.VOID, now=writer.clock())
    return [flight for flight in flights if flight not in void]


def is_void(writer: Writer, flight: Flight, head: Head, block: Block) -> bool:
    """Whether the council closed the flight's epoch below its checkpoint."""
    if flight.epoch >= head.epoch:
        return False
    return flight.number > writer.ledger.read(writer.contract.last_good(writer.issuer, flight.epoch), block.number)
