"""Epochs of a log: entering the one the council has opened, and leaving one that a reorganisation undid.

Entering closes our log at the council's last good checkpoint: what lies above it is void. Its entries stay stored, so
that leaving is the same way back: where the chain no longer holds the council's act, or holds it with another block's
time, the void checkpoints stand again and what the lost epoch had anchored waits again. The chain decides which epoch
there is; nothing is decided while a transaction's outcome is unknown, nor on the word of an endpoint that contradicts
its own blocks. Each of both is one database transaction, and a run that follows a crash does what is left of it.
"""

from dataclasses import dataclass

from acredita.anchoring.checkpoint import Head, opening
from acredita.anchoring.entries import log_id, opened
from acredita.anchoring.ledger import Block, LedgerUnavailable, LogAheadError, LogQuery
from acredita.anchoring.log import RunningLog
from acredita.anchoring.status import StatusBits
from acredita.anchoring.types import BlockHash, TxHash
from acredita.contracts.bindings import EpochOpened, decode_event
from acredita.node.storage import queue, receipts, stored_log
from acredita.node.storage.database import Lease
from acredita.node.storage.institutions import FIRST_EPOCH
from acredita.node.storage.refused import refuse_issued
from acredita.node.storage.stored_log import CheckpointState, Placed, StoredCheckpoint, StoredNodes
from acredita.node.storage.trail import NODE, Action, record
from acredita.node.write_path.draft import release_known
from acredita.node.write_path.writer import Writer
from acredita.registry.codes import Code
from sqlalchemy import Connection

_VOID_REASON = "the council closed the epoch below this entry's checkpoint"


@dataclass(frozen=True, slots=True)
class Opening:
    """An act of the council that opened an epoch, and where it stands."""

    event: EpochOpened
    placed: Placed


def openings(writer: Writer, block: Block) -> list[Opening]:
    """Every epoch the council has opened for this institution, in order."""
    query = LogQuery(0, block.number, (writer.identity.contract,), (None, writer.issuer))
    found = [(decode_event(log), log) for log in writer.ledger.logs(query)]
    return [
        Opening(event, Placed(TxHash(log.transaction), log.block_number, BlockHash(log.block_hash)))
        for event, log in found
        if isinstance(event, EpochOpened)
    ]


def is_on_chain(writer: Writer, stored: StoredCheckpoint) -> bool:
    """Whether the checkpoint's block is still on the chain; the opening of epoch 1 stands in none."""
    if stored.placed is None:
        return True
    block = writer.ledger.block(stored.placed.block_number)
    return block is not None and block.hash == stored.placed.block_hash


def enter_epochs(writer: Writer, lease: Lease, newest: StoredCheckpoint, head: Head, block: Block) -> StoredCheckpoint:
    """Closes our epoch at the council's last good checkpoint and opens the next ones as the contract has."""
    for found in openings(writer, block):
        event = found.event
        if event.epoch <= newest.epoch:
            continue
        if event.last_good > newest.checkpoint.number:
            raise LogAheadError(
                f"epoch {newest.epoch}", f"checkpoint {newest.checkpoint.number}", f"checkpoint {event.last_good}"
            )
        newest = _enter_epoch(writer, lease, newest.epoch, found)
    if newest.epoch != head.epoch:
        raise LedgerUnavailable(f"the contract is at epoch {head.epoch}, its events end at {newest.epoch}")
    return newest


def opening_stands(writer: Writer, newest: StoredCheckpoint, head: Head, block: Block) -> bool:
    """Whether the contract still has the opening our epoch began with. Raises LedgerUnavailable where an endpoint
    contradicts the blocks it tells.
    """
    if newest.epoch == FIRST_EPOCH:
        return True
    first = _first(writer, newest.epoch)
    if head.epoch >= newest.epoch:
        word = writer.ledger.read(writer.contract.checkpoint_word(writer.issuer, newest.epoch, 0), block.number)
        if word == first.checkpoint.word():
            return True
    # What we hold above the opening was found on the chain as it stands, and rests on the opening.
    if newest.checkpoint.number or is_on_chain(writer, first):
        raise LedgerUnavailable(f"the contract tells epoch {head.epoch}, its own blocks hold our epoch {newest.epoch}")
    return False


def follow_moved_opening(writer: Writer, lease: Lease, newest: StoredCheckpoint, block: Block) -> None:
    """Notes where the opening of our epoch stands where its block has gone although the contract has it still: the
    same act at the same time, in another block.
    """
    if newest.epoch == FIRST_EPOCH or is_on_chain(writer, first := _first(writer, newest.epoch)):
        return
    placed = [found.placed for found in openings(writer, block) if found.event.epoch == first.epoch]
    if not placed:
        raise LedgerUnavailable(f"the endpoint's logs do not tell the opening of epoch {first.epoch}")
    with writer.database.write(lease) as connection:
        stored_log.confirm_checkpoint(connection, writer.issuer, first.epoch, first.checkpoint, placed[-1])


def leave_epoch(writer: Writer, lease: Lease, epoch: int) -> StoredCheckpoint:
    """Goes back to the epoch before: nothing that this one had anchored is on the chain. What it held waits again,
    what its opening had made void stands again; the newest checkpoint from now on.
    """
    issuer = writer.issuer
    with writer.database.write(lease) as connection:
        receipts.take_back_receipts(connection, issuer, epoch, 0)
        queue.queue_again(connection, issuer, epoch, 0)
        stored_log.remove_epoch(connection, issuer, epoch)
        _take_back_void(connection, writer, epoch - 1)
        newest = stored_log.newest_confirmed(connection, issuer)
        record(connection, issuer, NODE, Action.EPOCH_LEFT, now=writer.clock(), epoch=epoch)
    if newest is None or newest.epoch != epoch - 1:
        raise RuntimeError(f"epoch {epoch - 1} has no confirmed checkpoint")
    return newest


def _enter_epoch(writer: Writer, lease: Lease, closed: int, found: Opening) -> StoredCheckpoint:
    """One transaction: what is void is put aside or queued again, and the new log has its entry 0."""
    issuer, event = writer.issuer, found.event
    with writer.database.write(lease) as connection:
        last_good = stored_log.checkpoint_at(connection, issuer, closed, event.last_good)
        if last_good is None:
            raise RuntimeError(f"checkpoint {event.last_good} of epoch {closed} is not stored")
        _make_void(connection, writer, last_good)
        log = log_id(writer.identity.chain_id, writer.identity.contract, issuer, event.epoch)
        first = opening(
            log,
            time=event.time,
            status_root=last_good.checkpoint.status_root,
            previous=last_good.checkpoint.word(),
        )
        if first.word() != event.word:
            raise LogAheadError(f"opening of epoch {event.epoch}", first.word().hex(), event.word.hex())
        RunningLog.start(StoredNodes(connection, issuer, event.epoch), log, StatusBits())
        stored_log.insert_entries(connection, issuer, event.epoch, 0, [opened(log)])
        stored_log.insert_checkpoint(
            connection, issuer, event.epoch, first, state=CheckpointState.CONFIRMED, placed=found.placed
        )
        record(connection, issuer, NODE, Action.EPOCH_ENTERED, now=writer.clock(), epoch=event.epoch)
    return StoredCheckpoint(event.epoch, CheckpointState.CONFIRMED, first, found.placed)


def _make_void(connection: Connection, writer: Writer, last_good: StoredCheckpoint) -> None:
    issuer, closed, size = writer.issuer, last_good.epoch, last_good.checkpoint.size
    number = last_good.checkpoint.number + 1
    receipts.take_back_receipts(connection, issuer, closed, number)
    shown = stored_log.shown_size(connection, issuer, closed)
    # What had been anchored and was declared void is not issued anew by itself: the council had a reason.
    refuse_issued(connection, issuer, closed, size, end=shown, code=Code.CHECKPOINT_VOID, reason=_VOID_REASON)
    queue.queue_again(connection, issuer, closed, size)
    stored_log.void_from(connection, issuer, closed, number)
    stored_log.cut_tail(connection, issuer, closed, shown)


def _take_back_void(connection: Connection, writer: Writer, epoch: int) -> None:
    """Void checkpoints that were on the chain, with their entries, are confirmed again; the next look at the chain
    tells whether their blocks still stand. Others were never there, and go.
    """
    appended = stored_log.appended_size(connection, writer.issuer, epoch)
    for stored in stored_log.void_checkpoints(connection, writer.issuer, epoch):
        if stored.placed is None or stored.checkpoint.size > appended:
            break
        stored_log.confirm_checkpoint(connection, writer.issuer, epoch, stored.checkpoint, stored.placed)
        release_known(connection, writer, epoch, stored.checkpoint, stored.placed)
    stored_log.remove_void(connection, writer.issuer, epoch)
    stored_log.cut_tail(connection, writer.issuer, epoch, stored_log.shown_size(connection, writer.issuer, epoch))


def _first(writer: Writer, epoch: int) -> StoredCheckpoint:
    with writer.database.read() as connection:
        first = stored_log.checkpoint_at(connection, writer.issuer, epoch, 0)
    if first is None:
        raise RuntimeError(f"epoch {epoch} has no opening")
    return first
