"""Find out how a transaction ended, and count its account's transactions.

Invariants: an outcome counts only in a block that is deep enough, and only if the contract shows the same; a nonce has no
default, and one that another transaction has spent is a stop.
"""

from dataclasses import dataclass, replace

from acredita.anchoring.ledger import LedgerUnavailable, NonceForeignError
from acredita.anchoring.sender import Outcome, Patience, Settled, outcome
from acredita.anchoring.types import Address
from acredita.node.storage import stored_log, transactions
from acredita.node.storage.leases import renew
from acredita.node.storage.stored_log import BlockPosition, StoredCheckpoint
from acredita.node.storage.transactions import Flight
from acredita.node.write_path.log_on_chain import LogOnChain
from acredita.node.write_path.log_record import LogRecord
from acredita.node.write_path.release import AnchoredCheckpoint


@dataclass(frozen=True, slots=True)
class SettledTransaction:
    """The outcome of a flight, shown by its receipt and by the contract at a block that is deep enough."""

    settled: Settled
    anchored: AnchoredCheckpoint
    is_void: bool


def confirm(record: LogRecord, chain: LogOnChain, flight: Flight, patience: Patience) -> SettledTransaction | None:
    """Ask until the flight has ended or the patience is over, and keep the lease meanwhile.

    Return None while the outcome is not known. Raises NonceForeignError, LedgerUnavailable, LeaseLostError.
    """
    pending = _pending_checkpoint(record, flight)

    def ask() -> Outcome | None:
        answer = outcome(chain.ledger, flight.transaction.hash, chain.depth)
        if answer is None:
            renew(record.database, record.lease)
        return answer

    answer = patience.wait_for(ask)
    if answer is None:
        _check_nonce_is_free(chain, flight, pending)
        return None
    block_position = BlockPosition(flight.transaction.hash, answer.block.number, answer.block.hash)
    checkpoint = replace(pending.checkpoint, time=answer.block.time)
    return _shown_by_contract(chain, answer.settled, AnchoredCheckpoint(flight.epoch, checkpoint, block_position))


def own_nonce(record: LogRecord, chain: LogOnChain, account: Address) -> int:
    """Return the chain's confirmed count, which must be our own: nobody else sends from this account.

    Raises NonceForeignError if the chain counts more than we have settled, LedgerUnavailable if it counts fewer.
    """
    counted = chain.confirmed_nonce(account)
    with record.read() as connection:
        expected = transactions.next_nonce(connection, record.issuer, account)
    if expected is None or counted == expected:
        return counted
    if counted < expected:
        raise LedgerUnavailable(f"the chain counts {counted} transactions of our account, {expected} are confirmed")
    raise NonceForeignError("nonce of the anchoring account", str(expected), str(counted))


def _shown_by_contract(chain: LogOnChain, settled: Settled, anchored: AnchoredCheckpoint) -> SettledTransaction:
    """Check a receipt, which is an endpoint's word, by the contract: it must show, or not show, the same checkpoint."""
    epoch, checkpoint, log = anchored.epoch, anchored.checkpoint, chain.at_confirmed_block()
    if (log.word(epoch, checkpoint.number) == checkpoint.word()) is not (settled is Settled.CONFIRMED):
        raise LedgerUnavailable(f"receipt says {settled.value}, the contract does not agree")
    return SettledTransaction(settled, anchored, log.is_void(epoch, checkpoint.number))


def _check_nonce_is_free(chain: LogOnChain, flight: Flight, pending: StoredCheckpoint) -> None:
    """Stop if another transaction has spent the nonce: it will never take ours, and somebody else has the key."""
    log = chain.at_confirmed_block()
    spent = chain.ledger.nonce(flight.transaction.sender, log.block.number)
    if spent <= flight.transaction.nonce or chain.ledger.receipt(flight.transaction.hash) is not None:
        return
    if (log.head.epoch, log.head.number) == (flight.epoch, flight.number):
        checkpoint = replace(pending.checkpoint, time=log.head.time)
        if log.word(flight.epoch, flight.number) == checkpoint.word():
            return  # it is on the chain; the endpoint's receipts are late
    raise NonceForeignError("nonce of the anchoring account", str(flight.transaction.nonce), str(spent))


def _pending_checkpoint(record: LogRecord, flight: Flight) -> StoredCheckpoint:
    with record.read() as connection:
        stored = stored_log.checkpoint_at(connection, record.issuer, flight.epoch, flight.number)
    if stored is None:
        raise RuntimeError(f"the transaction in flight has no checkpoint {flight.number}")
    return stored
