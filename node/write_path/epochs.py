"""Enter the epoch the council has opened, and leave one that a reorganisation undid.

Entering closes our log at the council's last good checkpoint: the checkpoints above it are void. Their entries stay stored,
so that leaving goes back the same way: where the chain no longer holds the council's act, or holds it with another block's
time, the void checkpoints count again and the entries of the lost epoch wait again.

Invariants: the chain decides which epoch there is; nothing is decided while a transaction's outcome is unknown, nor by the
answers of an endpoint that contradicts its own blocks. Entering and leaving are one database transaction each; after a
crash `catch_up` of the next run completes them.
"""

from acredita.anchoring.checkpoint import Checkpoint, opening
from acredita.anchoring.entries import log_id, opened
from acredita.anchoring.ledger import LedgerUnavailable, LogAheadError
from acredita.anchoring.log import RunningLog
from acredita.anchoring.status_bits import StatusBits
from acredita.node.storage import queue_states, receipts, stored_checkpoints, stored_log
from acredita.node.storage.institutions import FIRST_EPOCH
from acredita.node.storage.refused import refuse_issued
from acredita.node.storage.stored_checkpoints import CheckpointState, StoredCheckpoint
from acredita.node.storage.stored_log import StoredNodes
from acredita.node.storage.trail import NODE, Action
from acredita.node.storage.trail import record as record_act
from acredita.node.write_path.log_on_chain import EpochOpening, LogAtBlock
from acredita.node.write_path.log_record import LogIdentity, LogRecord
from acredita.node.write_path.release import AnchoredCheckpoint, release_already_on_chain
from acredita.registry.codes import Code
from sqlalchemy import Connection

_VOID_REASON = "the council closed the epoch below this entry's checkpoint"


def enter_epochs(record: LogRecord, at_block: LogAtBlock, newest: StoredCheckpoint) -> StoredCheckpoint:
    """Close our epoch at the council's last good checkpoint and open the next ones as the contract has.

    Return the newest checkpoint. Raises LogAheadError, LedgerUnavailable.
    """
    for act in at_block.openings():
        event, number = act.event, newest.checkpoint.number
        if event.epoch <= newest.epoch:
            continue
        if event.last_good > number:
            raise LogAheadError(f"epoch {newest.epoch}", f"checkpoint {number}", f"checkpoint {event.last_good}")
        newest = _enter_epoch(record, newest.epoch, act)
    if newest.epoch != at_block.head.epoch:
        raise LedgerUnavailable(f"the contract is at epoch {at_block.head.epoch}, its events end at {newest.epoch}")
    return newest


def has_opening(record: LogRecord, at_block: LogAtBlock, newest: StoredCheckpoint) -> bool:
    """Decide whether the contract still has the opening our epoch began with.

    Raises LedgerUnavailable if an endpoint contradicts the blocks it returns.
    """
    if newest.epoch == FIRST_EPOCH:
        return True
    first = _first(record, newest.epoch)
    head = at_block.head
    if head.epoch >= newest.epoch and at_block.word(newest.epoch, 0) == first.checkpoint.word():
        return True
    # Checkpoints that we hold above the opening are on the chain, and they rest on the opening.
    if newest.checkpoint.number or at_block.chain.has_block_of(first):
        raise LedgerUnavailable(f"the contract shows epoch {head.epoch}, its own blocks hold our epoch {newest.epoch}")
    return False


def record_moved_opening(record: LogRecord, at_block: LogAtBlock, newest: StoredCheckpoint) -> None:
    """Record the new block of our epoch's opening, if the same act at the same time is in another block now."""
    if newest.epoch == FIRST_EPOCH:
        return
    first = _first(record, newest.epoch)
    if at_block.chain.has_block_of(first):
        return
    positions = [act.block_position for act in at_block.openings() if act.event.epoch == first.epoch]
    if not positions:
        raise LedgerUnavailable(f"the endpoint's logs lack the opening of epoch {first.epoch}")
    with record.write() as connection:
        stored_checkpoints.confirm_checkpoint(connection, record.issuer, first.epoch, first.checkpoint, positions[-1])


def leave_epoch(record: LogRecord, epoch: int) -> StoredCheckpoint:
    """Go back to the epoch before, because nothing that this one had anchored is on the chain.

    Its items wait again, and the checkpoints its opening had made void count again. Return the newest of them.
    """
    issuer = record.issuer
    with record.write() as connection:
        receipts.take_back_receipts(connection, issuer, epoch, 0)
        queue_states.requeue_from(connection, issuer, epoch, 0)
        stored_checkpoints.remove_epoch(connection, issuer, epoch)
        _take_back_void(connection, record.log, epoch - 1, record.clock())
        newest = stored_checkpoints.newest_confirmed(connection, issuer)
        record_act(connection, issuer, NODE, Action.EPOCH_LEFT, now=record.clock(), epoch=epoch)
    if newest is None or newest.epoch != epoch - 1:
        raise RuntimeError(f"epoch {epoch - 1} has no confirmed checkpoint")
    return newest


def _enter_epoch(record: LogRecord, closed: int, act: EpochOpening) -> StoredCheckpoint:
    """Make void what is above the last good checkpoint and open the new log with its entry 0, in one transaction."""
    issuer, event = record.issuer, act.event
    with record.write() as connection:
        last_good = stored_checkpoints.checkpoint_at(connection, issuer, closed, event.last_good)
        if last_good is None:
            raise RuntimeError(f"checkpoint {event.last_good} of epoch {closed} is not stored")
        _make_void(connection, record.log, last_good)
        first = _open_log(connection, record.log, act, last_good)
        record_act(connection, issuer, NODE, Action.EPOCH_ENTERED, now=record.clock(), epoch=event.epoch)
    return StoredCheckpoint(event.epoch, CheckpointState.CONFIRMED, first, act.block_position)


def _open_log(connection: Connection, log: LogIdentity, act: EpochOpening, last_good: StoredCheckpoint) -> Checkpoint:
    """Store entry 0 and checkpoint 0 of a new epoch, which must be the one the contract has. Raises LogAheadError."""
    issuer, event, good = log.issuer, act.event, last_good.checkpoint
    new = log_id(log.ledger.chain_id, log.ledger.contract, issuer, event.epoch)
    first = opening(new, time=event.time, status_root=good.status_root, previous=good.word())
    if first.word() != event.word:
        raise LogAheadError(f"opening of epoch {event.epoch}", first.word().hex(), event.word.hex())
    RunningLog.start(StoredNodes(connection, issuer, event.epoch), new, StatusBits())
    stored_log.insert_entries(connection, issuer, event.epoch, 0, [opened(new)])
    stored_checkpoints.insert_checkpoint(
        connection, issuer, event.epoch, first, state=CheckpointState.CONFIRMED, block_position=act.block_position
    )
    return first


def _make_void(connection: Connection, log: LogIdentity, last_good: StoredCheckpoint) -> None:
    issuer, closed, size = log.issuer, last_good.epoch, last_good.checkpoint.size
    number = last_good.checkpoint.number + 1
    receipts.take_back_receipts(connection, issuer, closed, number)
    shown = stored_checkpoints.shown_size(connection, issuer, closed)
    # What had been anchored and was declared void is not issued anew by itself: the council had a reason.
    refuse_issued(connection, issuer, closed, size, end=shown, code=Code.CHECKPOINT_VOID, reason=_VOID_REASON)
    queue_states.requeue_from(connection, issuer, closed, size)
    stored_checkpoints.void_from(connection, issuer, closed, number)
    stored_log.cut_tail(connection, issuer, closed, shown)


def _take_back_void(connection: Connection, log: LogIdentity, epoch: int, now: int) -> None:
    """Confirm again the void checkpoints that were on the chain with their entries, and remove the others.

    The next `catch_up` checks whether their blocks are still on the chain.
    """
    appended = stored_log.appended_size(connection, log.issuer, epoch)
    for stored in stored_checkpoints.void_checkpoints(connection, log.issuer, epoch):
        if stored.block_position is None or stored.checkpoint.size > appended:
            break
        stored_checkpoints.confirm_checkpoint(connection, log.issuer, epoch, stored.checkpoint, stored.block_position)
        release_already_on_chain(
            connection, log, AnchoredCheckpoint(epoch, stored.checkpoint, stored.block_position), now=now
        )
    stored_checkpoints.remove_void(connection, log.issuer, epoch)
    stored_log.cut_tail(connection, log.issuer, epoch, stored_checkpoints.shown_size(connection, log.issuer, epoch))


def _first(record: LogRecord, epoch: int) -> StoredCheckpoint:
    with record.read() as connection:
        first = stored_checkpoints.checkpoint_at(connection, record.issuer, epoch, 0)
    if first is None:
        raise RuntimeError(f"epoch {epoch} has no opening")
    return first
