"""Release what was anchored: store receipts and mark queue items as anchored, in the caller's transaction.

Invariants: an item is released only with the confirmed checkpoint that covers its entry, and an `issued` item only with a
receipt; a digest occurs once in a log, so an item whose entry is in the log already is released and not appended again.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass

from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.entries import Entry, EntryKind, decode
from acredita.anchoring.merkle import inclusion_path
from acredita.anchoring.receipts import Receipt
from acredita.node.storage import queue, queue_states, receipts, stored_checkpoints, stored_log
from acredita.node.storage.stored_checkpoints import BlockPosition
from acredita.node.storage.stored_log import StoredNodes
from acredita.node.write_path.log_record import LogIdentity
from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class AnchoredCheckpoint:
    """A checkpoint of an epoch, and the block the chain holds it in."""

    epoch: int
    checkpoint: Checkpoint
    block_position: BlockPosition


def release(connection: Connection, log: LogIdentity, anchored: AnchoredCheckpoint, *, now: int) -> int:
    """Confirm the checkpoint of a batch and release its items. Return how many of its entries are `issued`."""
    issuer, epoch, checkpoint = log.issuer, anchored.epoch, anchored.checkpoint
    new = make_receipts(connection, log, anchored)
    stored_checkpoints.confirm_checkpoint(connection, issuer, epoch, checkpoint, anchored.block_position)
    receipts.insert_receipts(connection, issuer, new)
    released = queue_states.mark_anchored(connection, issuer, epoch, checkpoint.old_size, checkpoint.size, now=now)
    if released < checkpoint.size - checkpoint.old_size:
        # The checkpoint was void once, and its items were refused or requeued. A reorganisation undid the cause.
        release_already_logged(connection, log, epoch, _entries_of(connection, log, anchored), now=now)
    return len(new)


def release_already_on_chain(
    connection: Connection, log: LogIdentity, anchored: AnchoredCheckpoint, *, now: int
) -> int:
    """Release the queued or refused items of a checkpoint that no run of ours has anchored, or not this time.

    The chain holds the checkpoint, so its items must not be anchored a second time. All `issued` entries get receipts.
    Return the number of items released.
    """
    issuer, epoch, checkpoint = log.issuer, anchored.epoch, anchored.checkpoint
    entries = _entries_of(connection, log, anchored)
    queue_states.mark_appended(connection, issuer, epoch, queue_states.find_waiting(connection, issuer, entries))
    receipts.insert_receipts(connection, issuer, make_receipts(connection, log, anchored))
    return queue_states.mark_anchored(connection, issuer, epoch, checkpoint.old_size, checkpoint.size, now=now)


def release_already_logged(
    connection: Connection, log: LogIdentity, epoch: int, entries: Mapping[int, Entry], *, now: int
) -> int:
    """Release queued or refused items whose entry is already in the log.

    A digest may occur only once in a log, so they must not be appended again. `entries`: index → entry, each below the
    confirmed size. Return the number of items released.
    """
    released, remaining = 0, dict(entries)
    while remaining:
        stored = stored_checkpoints.checkpoint_over(connection, log.issuer, epoch, min(remaining))
        if stored is None or stored.block_position is None:
            raise RuntimeError("an entry below the confirmed size is under no confirmed checkpoint")
        covered = {index: entry for index, entry in remaining.items() if index < stored.checkpoint.size}
        anchored = AnchoredCheckpoint(epoch, stored.checkpoint, stored.block_position)
        released += _release_entries(connection, log, anchored, covered, now)
        remaining = {index: entry for index, entry in remaining.items() if index not in covered}
    return released


def _release_entries(
    connection: Connection, log: LogIdentity, anchored: AnchoredCheckpoint, entries: Mapping[int, Entry], now: int
) -> int:
    """Release the items of some entries of one checkpoint, with a receipt for each that has none."""
    issuer, epoch = log.issuer, anchored.epoch
    indexes = queue_states.find_waiting(connection, issuer, entries)
    queue_states.mark_appended(connection, issuer, epoch, indexes)
    released = set(indexes.values())
    possible = make_receipts(connection, log, anchored, only=released)
    missing = [one for one in possible if receipts.read_receipt(connection, issuer, one.entry.digest) is None]
    receipts.insert_receipts(connection, issuer, missing)
    for index in released:
        queue_states.mark_anchored(connection, issuer, epoch, index, index + 1, now=now)
    return len(released)


def make_receipts(
    connection: Connection, log: LogIdentity, anchored: AnchoredCheckpoint, *, only: Container[int] | None = None
) -> list[Receipt]:
    """Make the receipts of a confirmed checkpoint's `issued` entries; `only`: of the entries at these indexes.

    A credential that was forgotten meanwhile gets none.
    """
    checkpoint, block_position, ledger = anchored.checkpoint, anchored.block_position, log.ledger
    nodes = StoredNodes(connection, log.issuer, anchored.epoch)
    issued = {
        index: entry
        for index, entry in _entries_of(connection, log, anchored).items()
        if entry.kind is EntryKind.ISSUED and (only is None or index in only)
    }
    forgotten = queue.forgotten(connection, log.issuer, [entry.digest for entry in issued.values()])
    return [
        Receipt(
            entry=entry,
            index=index,
            inclusion=tuple(inclusion_path(index, checkpoint.size, nodes.node)),
            checkpoint=checkpoint,
            chain_id=ledger.chain_id,
            genesis=ledger.genesis,
            contract=ledger.contract,
            issuer=log.issuer,
            epoch=anchored.epoch,
            block_number=block_position.block_number,
            block_hash=block_position.block_hash,
            transaction=block_position.transaction,
        )
        for index, entry in issued.items()
        if entry.digest not in forgotten
    ]


def _entries_of(connection: Connection, log: LogIdentity, anchored: AnchoredCheckpoint) -> dict[int, Entry]:
    """Return index → entry of what a checkpoint is the first to cover."""
    start, end = anchored.checkpoint.old_size, anchored.checkpoint.size
    data = stored_log.read_entries(connection, log.issuer, anchored.epoch, start, end)
    return dict(enumerate(map(decode, data), start))
