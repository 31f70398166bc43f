"""Draft a batch: provisional entries behind the confirmed log, and the checkpoint they would make.

Invariants: taking a draft is one database transaction. It cuts what an earlier run left without a transaction, takes what
is due from the queue, and appends entries and hashes. `issued` entries come before status changes and are sorted by
digest, so that the order of an import says nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from acredita.anchoring.checkpoint import Checkpoint, CheckpointKind
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.log import ProposedCheckpoint, RunningLog, in_batch_order
from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.types import IssuerId
from acredita.contracts.abi import Call
from acredita.contracts.bindings import CredentialLog
from acredita.node.storage import queue, queue_states, stored_log
from acredita.node.storage.queue import Backlog, QueuedItem
from acredita.node.storage.stored_checkpoints import StoredCheckpoint
from acredita.node.storage.stored_log import StoredNodes
from acredita.node.write_path.log_record import LogRecord
from acredita.node.write_path.release import release_already_logged
from acredita.node.write_path.status_memory import StatusMemory
from acredita.node.write_path.writer import AnchoringPolicy
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError


@dataclass(frozen=True, slots=True)
class Draft:
    """A batch about to be anchored. `published`: the status bits to be published before."""

    epoch: int
    proposed: ProposedCheckpoint
    published: StatusBits

    @property
    def checkpoint(self) -> Checkpoint:
        """The proposed checkpoint. Its time is 0 until a block gives it one."""
        return self.proposed.checkpoint(time=0)

    def call(self, contract: CredentialLog) -> Call:
        """Return the call that anchors this draft."""
        new = self.proposed
        previous = new.last.parts()
        return contract.anchor(new.kind, new.size, new.root, new.status_root, previous, new.consistency_path)


def take_draft(
    record: LogRecord, memory: StatusMemory, policy: AnchoringPolicy, newest: StoredCheckpoint, *, force: bool
) -> Draft | None:
    """Append what is due behind `newest`. Return None when nothing is due."""
    issuer, epoch = record.issuer, newest.epoch
    with record.write() as connection:
        cut_draft(connection, issuer, epoch, newest.checkpoint.size)
        bits = memory.at(connection, issuer, newest)
        published = bits.copy()
        published.replay(queue.queued_status(connection, issuer))
        items = _due_items(connection, record, policy, force=force)
        if not items:
            return None
        try:
            with connection.begin_nested():
                proposed = _propose(connection, issuer, newest, bits, items)
        except IntegrityError:  # some of the digests are in this log already
            if not _release_logged(connection, record, epoch, items):
                raise
            items = _due_items(connection, record, policy, force=force)
            if not items:
                return None
            proposed = _propose(connection, issuer, newest, memory.at(connection, issuer, newest), items)
    return Draft(epoch, proposed, published)


def cut_draft(connection: Connection, issuer: IssuerId, epoch: int, size: int) -> None:
    """Cut the provisional tail from index `size` on and requeue its items, in the caller's transaction."""
    if stored_log.appended_size(connection, issuer, epoch) > size:
        queue_states.requeue_from(connection, issuer, epoch, size)
        stored_log.cut_tail(connection, issuer, epoch, size)


def due(waiting: Backlog, policy: AnchoringPolicy, now: int) -> bool:
    """Decide whether a batch is to be anchored now, by size or by age."""
    return status_is_due(waiting, policy, now) or issued_is_due(waiting, policy, now)


def status_is_due(waiting: Backlog, policy: AnchoringPolicy, now: int) -> bool:
    """Decide whether the waiting status changes are to be anchored now."""
    return waiting.status >= policy.max_batch or _is_older(waiting.oldest_status, policy.status_seconds, now)


def issued_is_due(waiting: Backlog, policy: AnchoringPolicy, now: int) -> bool:
    """Decide whether the waiting `issued` entries are to be anchored now."""
    if waiting.issued < policy.min_batch:
        return _is_older(waiting.oldest_issued, policy.holding_seconds, now)
    return waiting.issued >= policy.max_batch or _is_older(waiting.oldest_issued, policy.issued_seconds, now)


def _release_logged(connection: Connection, record: LogRecord, epoch: int, items: Sequence[QueuedItem]) -> int:
    """Release those of the items whose digest is in this log already. Return how many."""
    digests = [item.entry.digest for item in items if item.entry.kind is EntryKind.ISSUED]
    entries = stored_log.issued_at(connection, record.issuer, epoch, digests)
    return release_already_logged(connection, record.log, epoch, entries, now=record.clock())


def _due_items(connection: Connection, record: LogRecord, policy: AnchoringPolicy, *, force: bool) -> list[QueuedItem]:
    """Choose the batch.

    When one kind is due, the other is included; `issued` entries only if at least `min_batch` fit, because a batch of
    one reveals who was in it.
    """
    now, waiting = record.clock(), queue.backlog(connection, record.issuer)
    if not force and not due(waiting, policy, now):
        return []
    enough = waiting.issued >= policy.min_batch or issued_is_due(waiting, policy, now)
    items = queue.take_queued(connection, record.issuer, policy.max_batch, with_issued=enough)
    issued = sum(item.entry.kind is EntryKind.ISSUED for item in items)
    if issued >= min(policy.min_batch, waiting.issued) or issued == len(items):
        return items
    # Status changes left room for too few: these wait for the next batch, where all of them have room.
    return [item for item in items if item.entry.kind is not EntryKind.ISSUED]


def _propose(
    connection: Connection, issuer: IssuerId, newest: StoredCheckpoint, bits: StatusBits, items: Sequence[QueuedItem]
) -> ProposedCheckpoint:
    """Append entries and hashes. Raises IntegrityError if one of the digests is in this log already."""
    nodes = StoredNodes(connection, issuer, newest.epoch)
    running = RunningLog.open(nodes, newest.checkpoint.size, bits)
    ordered = _append(connection, issuer, newest.epoch, running, items)
    has_issued = any(item.entry.kind is EntryKind.ISSUED for item in ordered)
    return running.propose(newest.checkpoint, CheckpointKind.OPEN if has_issued else CheckpointKind.STATUS_ONLY)


def _append(
    connection: Connection, issuer: IssuerId, epoch: int, running: RunningLog, items: Sequence[QueuedItem]
) -> list[QueuedItem]:
    issued = {item.entry.digest: item for item in items if item.entry.kind is EntryKind.ISSUED}
    changes = [item for item in items if item.entry.kind is not EntryKind.ISSUED]
    entries = in_batch_order((item.entry for item in issued.values()), (item.entry for item in changes))
    first = running.extend(entries)
    stored_log.insert_entries(connection, issuer, epoch, first, entries)
    ordered = [issued[entry.digest] for entry in entries if entry.kind is EntryKind.ISSUED] + changes
    queue_states.mark_appended(connection, issuer, epoch, {item.id: index for index, item in enumerate(ordered, first)})
    return ordered


def _is_older(since: int | None, seconds: int, now: int) -> bool:
    # A clock that stepped back says nothing about age: better anchor early than wait for it to catch up.
    return since is not None and not since <= now < since + seconds
