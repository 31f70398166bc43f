"""Drafts: provisional entries behind the confirmed log, and the receipts they earn once they are confirmed.

Taking a draft is one database transaction: what an earlier run left without a transaction is cut, what is due leaves
the queue, entries and hashes are appended. `issued` entries stand before status changes, sorted by digest, so that
the order of an import says nothing.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from acredita.anchoring.checkpoint import Checkpoint, CheckpointKind
from acredita.anchoring.entries import Entry, EntryKind, decode
from acredita.anchoring.log import Proposal, RunningLog, in_batch_order
from acredita.anchoring.merkle import inclusion_path
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.status import StatusBits
from acredita.anchoring.types import IssuerId
from acredita.contracts.abi import Call
from acredita.node.storage import queue, receipts, stored_log
from acredita.node.storage.database import Lease
from acredita.node.storage.queue import Backlog, Item
from acredita.node.storage.stored_log import Placed, StoredCheckpoint, StoredNodes
from acredita.node.write_path.writer import Policy, Writer
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError


@dataclass(frozen=True, slots=True)
class Draft:
    """What is about to be anchored. The checkpoint's time is 0 until a block gives it one."""

    epoch: int
    checkpoint: Checkpoint
    call: Call
    published: StatusBits


def take_draft(writer: Writer, lease: Lease, newest: StoredCheckpoint, *, force: bool) -> Draft | None:
    """Appends what is due behind `newest`; None when nothing is."""
    issuer, epoch, confirmed = writer.issuer, newest.epoch, newest.checkpoint
    with writer.database.write(lease) as connection:
        cut_draft(connection, issuer, epoch, confirmed.size)
        published = writer.status.at(connection, issuer, newest)
        published.replay(queue.queued_status(connection, issuer))
        items = _due_items(connection, writer, force=force)
        if not items:
            return None
        try:
            with connection.begin_nested():
                proposal = _propose(connection, writer, newest, items)
        except IntegrityError:
            if not _release_standing(connection, writer, epoch, items):
                raise
            items = _due_items(connection, writer, force=force)
            if not items:
                return None
            proposal = _propose(connection, writer, newest, items)
    call = writer.contract.anchor(
        proposal.kind,
        proposal.size,
        proposal.root,
        proposal.status_root,
        confirmed.parts(),
        proposal.consistency_path,
    )
    return Draft(epoch, proposal.checkpoint(time=0), call, published)


def cut_draft(connection: Connection, issuer: IssuerId, epoch: int, size: int) -> None:
    """Takes the provisional tail away and queues its items again, in the caller's transaction."""
    if stored_log.appended_size(connection, issuer, epoch) > size:
        queue.queue_again(connection, issuer, epoch, size)
        stored_log.cut_tail(connection, issuer, epoch, size)


def due(waiting: Backlog, policy: Policy, now: int) -> bool:
    """Whether a batch should be anchored now, by size or by age."""
    return status_is_due(waiting, policy, now) or issued_is_due(waiting, policy, now)


def status_is_due(waiting: Backlog, policy: Policy, now: int) -> bool:
    return waiting.status >= policy.max_batch or _is_older(waiting.oldest_status, policy.status_seconds, now)


def issued_is_due(waiting: Backlog, policy: Policy, now: int) -> bool:
    if waiting.issued < policy.min_batch:
        return _is_older(waiting.oldest_issued, policy.holding_seconds, now)
    return waiting.issued >= policy.max_batch or _is_older(waiting.oldest_issued, policy.issued_seconds, now)


def make_receipts(
    connection: Connection,
    writer: Writer,
    epoch: int,
    checkpoint: Checkpoint,
    placed: Placed,
    *,
    only: Container[int] | None = None,
) -> list[Receipt]:
    """The receipts of a confirmed checkpoint's `issued` entries; `only`: of those at these indexes. What was forgotten
    meanwhile gets none.
    """
    nodes = StoredNodes(connection, writer.issuer, epoch)
    data = stored_log.read_entries(connection, writer.issuer, epoch, checkpoint.old_size, checkpoint.size)
    issued = {
        index: entry
        for index, entry in enumerate(map(decode, data), checkpoint.old_size)
        if entry.kind is EntryKind.ISSUED and (only is None or index in only)
    }
    forgotten = queue.forgotten(connection, writer.issuer, [entry.digest for entry in issued.values()])
    return [
        Receipt(
            entry=entry,
            index=index,
            inclusion=tuple(inclusion_path(index, checkpoint.size, nodes.node)),
            checkpoint=checkpoint,
            chain_id=writer.identity.chain_id,
            genesis=writer.identity.genesis,
            contract=writer.identity.contract,
            issuer=writer.issuer,
            epoch=epoch,
            block_number=placed.block_number,
            block_hash=placed.block_hash,
            transaction=placed.transaction,
        )
        for index, entry in issued.items()
        if entry.digest not in forgotten
    ]


def release_known(connection: Connection, writer: Writer, epoch: int, checkpoint: Checkpoint, placed: Placed) -> int:
    """A checkpoint that stands on the chain without having been anchored by a run of ours: what still waits, or was
    put aside, and is among its entries is released and not anchored a second time. How many; receipts for all.
    """
    data = stored_log.read_entries(connection, writer.issuer, epoch, checkpoint.old_size, checkpoint.size)
    entries = dict(enumerate(map(decode, data), checkpoint.old_size))
    queue.mark_appended(connection, writer.issuer, epoch, queue.find_waiting(connection, writer.issuer, entries))
    receipts.insert_receipts(connection, writer.issuer, make_receipts(connection, writer, epoch, checkpoint, placed))
    return queue.mark_anchored(
        connection, writer.issuer, epoch, checkpoint.old_size, checkpoint.size, now=writer.clock()
    )


def release_standing(
    connection: Connection,
    writer: Writer,
    epoch: int,
    checkpoint: Checkpoint,
    placed: Placed,
    entries: Mapping[int, Entry],
) -> int:
    """What waits, or was put aside, although these entries (by index) of a confirmed checkpoint are its own: released
    where it stands, because a log has a digest once. How many; a receipt for each that has none.
    """
    issuer = writer.issuer
    found = queue.find_waiting(connection, issuer, entries)
    queue.mark_appended(connection, issuer, epoch, found)
    mine = set(found.values())
    made = make_receipts(connection, writer, epoch, checkpoint, placed, only=mine)
    missing = [one for one in made if receipts.read_receipt(connection, issuer, one.entry.digest) is None]
    receipts.insert_receipts(connection, issuer, missing)
    for index in mine:
        queue.mark_anchored(connection, issuer, epoch, index, index + 1, now=writer.clock())
    return len(mine)


def _release_standing(connection: Connection, writer: Writer, epoch: int, items: Sequence[Item]) -> int:
    """Of what is to be appended what stands in this log already: how many were released where they stand."""
    digests = [item.entry.digest for item in items if item.entry.kind is EntryKind.ISSUED]
    entries = stored_log.issued_at(connection, writer.issuer, epoch, digests)
    released = 0
    while entries:
        stored = stored_log.checkpoint_over(connection, writer.issuer, epoch, min(entries))
        if stored is None or stored.placed is None:
            raise RuntimeError("an entry below the confirmed size is under no confirmed checkpoint")
        here = {index: entry for index, entry in entries.items() if index < stored.checkpoint.size}
        released += release_standing(connection, writer, epoch, stored.checkpoint, stored.placed, here)
        entries = {index: entry for index, entry in entries.items() if index not in here}
    return released


def _due_items(connection: Connection, writer: Writer, *, force: bool) -> list[Item]:
    """What goes into the batch. Once one kind is due the other goes along, issued entries only in good company."""
    now, policy = writer.clock(), writer.policy
    waiting = queue.backlog(connection, writer.issuer)
    if not force and not due(waiting, policy, now):
        return []
    enough = waiting.issued >= policy.min_batch or issued_is_due(waiting, policy, now)
    items = queue.take_queued(connection, writer.issuer, policy.max_batch, with_issued=enough)
    issued = sum(item.entry.kind is EntryKind.ISSUED for item in items)
    if issued >= min(policy.min_batch, waiting.issued) or issued == len(items):
        return items
    # Status changes left room for too few: these wait for the next batch, where all of them have room.
    return [item for item in items if item.entry.kind is not EntryKind.ISSUED]


def _propose(connection: Connection, writer: Writer, newest: StoredCheckpoint, items: Sequence[Item]) -> Proposal:
    """Entries and hashes appended. IntegrityError where one of the digests stands in this log already."""
    bits = writer.status.at(connection, writer.issuer, newest)
    nodes = StoredNodes(connection, writer.issuer, newest.epoch)
    running = RunningLog.open(nodes, newest.checkpoint.size, bits)
    ordered = _append(connection, writer, newest.epoch, running, items)
    has_issued = any(item.entry.kind is EntryKind.ISSUED for item in ordered)
    return running.propose(newest.checkpoint, CheckpointKind.OPEN if has_issued else CheckpointKind.STATUS_ONLY)


def _append(
    connection: Connection, writer: Writer, epoch: int, running: RunningLog, items: Sequence[Item]
) -> list[Item]:
    issued = {item.entry.digest: item for item in items if item.entry.kind is EntryKind.ISSUED}
    changes = [item for item in items if item.entry.kind is not EntryKind.ISSUED]
    entries = in_batch_order((item.entry for item in issued.values()), (item.entry for item in changes))
    first = running.extend(entries)
    stored_log.insert_entries(connection, writer.issuer, epoch, first, entries)
    ordered = [issued[entry.digest] for entry in entries if entry.kind is EntryKind.ISSUED] + changes
    queue.mark_appended(connection, writer.issuer, epoch, {item.id: index for index, item in enumerate(ordered, first)})
    return ordered


def _is_older(since: int | None, seconds: int, now: int) -> bool:
    # A clock that stepped back says nothing about age: better anchor early than wait for it to catch up.
    return since is not None and not since <= now < since + seconds
