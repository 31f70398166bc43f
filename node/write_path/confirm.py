"""Find out how a transaction ended.

An outcome counts only in a block that is deep enough, and only if the contract shows the same.
"""

from dataclasses import dataclass, replace

from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.transaction import Patience, Settled, TransactionOutcome, transaction_outcome
from acredita.node.storage import stored_checkpoints
from acredita.node.storage.leases import renew
from acredita.node.storage.stored_checkpoints import BlockPosition, StoredCheckpoint
from acredita.node.storage.transactions import Flight
from acredita.node.write_path.log_on_chain import LogOnChain
from acredita.node.write_path.log_record import LogRecord
from acredita.node.write_path.nonce import check_nonce_is_free, spent_by_another
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

    def ask() -> TransactionOutcome | None:
        answer = transaction_outcome(chain.ledger, flight.transaction.hash, chain.depth)
        if answer is None:
            renew(record.database, record.lease)
        return answer

    answer = patience.wait_for(ask)
    if answer is None and spent_by_another(chain, flight, pending) is not None:
        answer = patience.wait_for(ask)  # receipts may come later than counts
        if answer is None:
            check_nonce_is_free(chain, flight, pending)
    if answer is None:
        return None
    block_position = BlockPosition(flight.transaction.hash, answer.block.number, answer.block.hash)
    checkpoint = replace(pending.checkpoint, time=answer.block.time)
    return _shown_by_contract(chain, answer.settled, AnchoredCheckpoint(flight.epoch, checkpoint, block_position))


def _shown_by_contract(chain: LogOnChain, settled: Settled, anchored: AnchoredCheckpoint) -> SettledTransaction:
    """Check a receipt, which is an endpoint's word, by the contract: it must show, or not show, the same checkpoint."""
    epoch, checkpoint, log = anchored.epoch, anchored.checkpoint, chain.at_confirmed_block()
    if (log.word(epoch, checkpoint.number) == checkpoint.word()) is not (settled is Settled.CONFIRMED):
        raise LedgerUnavailable(f"receipt says {settled.value}, the contract does not agree")
    return SettledTransaction(settled, anchored, log.is_void(epoch, checkpoint.number))


def _pending_checkpoint(record: LogRecord, flight: Flight) -> StoredCheckpoint:
    with record.read() as connection:
        stored = stored_checkpoints.checkpoint_at(connection, record.issuer, flight.epoch, flight.number)
    if stored is None:
        raise RuntimeError(f"the transaction in flight has no checkpoint {flight.number}")
    return stored
