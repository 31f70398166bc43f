"""Restore the newest part of a log from a mirror, after an old backup was restored (LOG_AHEAD).

The chain has the checkpoints; the mirror (the authority's node, an auditor's copy) has the entries. Neither is trusted:
the root, status root and word of each checkpoint are computed from the entries and must equal those that the contract
holds. Then the entries are stored as confirmed, one transaction a checkpoint. Epochs that were opened since the backup
are entered on the way; of a closed epoch only the good checkpoints are stored.

Credentials issued after the backup are not restored: their entries and status are, their files are with their holders.
The status lists that may hold their positions are not used any more. Status lists are published again at the end,
because those of the backup do not show later revocations. Only an operator starts this.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.entries import POSITIONS_PER_LIST, Entry, EntryRefused, decode
from acredita.anchoring.ledger import LedgerUnavailable, LogAheadError, NonceForeignError
from acredita.anchoring.log import RunningLog
from acredita.anchoring.types import Address, IssuerId
from acredita.node.recovery.logged_checkpoints import LoggedCheckpoint, logged_checkpoints
from acredita.node.storage import credentials, institutions, queue, stored_checkpoints, stored_log, trail, transactions
from acredita.node.storage.refused import refuse_queued
from acredita.node.storage.stored_checkpoints import CheckpointState, StoredCheckpoint
from acredita.node.storage.stored_log import StoredNodes
from acredita.node.write_path.catch_up import catch_up, check_identity, newest_confirmed
from acredita.node.write_path.draft import cut_draft
from acredita.node.write_path.log_on_chain import LogOnChain
from acredita.node.write_path.log_record import LogRecord
from acredita.node.write_path.release import AnchoredCheckpoint, release_already_on_chain
from acredita.node.write_path.status_memory import StatusMemory
from acredita.node.write_path.writer import MAX_BATCH_ENTRIES, Writer
from acredita.registry.codes import Code
from sqlalchemy import Connection

Mirror = Callable[[int, int, int], Iterable[bytes]]
"""(epoch, first index, one past the last) → the bytes of the entries, 70 each."""
"""(epoch, first index, one past the last) → the bytes of the entries, 70 each."""

_MAYBE_VOID = "may have stood on a checkpoint the council declared void, anchored after the restored backup"


class MirrorRefused(Exception):
    """Entries of a mirror that are not those of the chain's checkpoint, or too few. Nothing of it was stored."""


class MendRefused(Exception):
    """A log that cannot be mended now: a transaction is in flight, another process writes, or no mirror can help."""


@dataclass(frozen=True, slots=True)
class MendResult:
    """Numbers of checkpoints and entries that were restored, and of queue items that were released."""

    checkpoints: int
    entries: int
    released: int


@dataclass(frozen=True, slots=True)
class _LostCheckpoints:
    """Checkpoints anchored after the backup: how many entries of ours they hold at most, and whether some are void."""

    entries: int
    has_void: bool


def mend(writer: Writer, mirror: Mirror, *, actor: str = trail.OPERATOR) -> MendResult:
    """Store the good checkpoints that the chain has beyond ours.

    Checkpoints stored before an error remain; the same call continues from there. Raises MirrorRefused, MendRefused,
    LedgerUnavailable, LedgerStopError, and the mirror's own errors.
    """
    with writer.leases.held(writer.issuer) as lease:
        if lease is None:
            raise MendRefused("another process writes for this institution")
        writer = writer.for_run()
        record, chain, account = writer.record(lease), writer.chain, writer.signer.address
        check_identity(chain)
        _refuse_in_flight(record)
        lost: _LostCheckpoints | None = _lost_checkpoints(
            record, chain, account, max(writer.policy.max_batch, MAX_BATCH_ENTRIES)
        )
        done = MendResult(0, 0, 0)
        while (ahead := _catch_up(record, chain, account)) is not None:
            newest = newest_confirmed(record)
            missing = logged_checkpoints(chain).good(newest.epoch, newest.checkpoint.number)
            if not missing:
                raise ahead  # no entries are missing: a mirror cannot help
            for on_chain in missing:
                _check_follows(chain, newest, on_chain.checkpoint())
                newest, released = _store_checkpoint(record, writer.status_memory, newest, on_chain, mirror, lost)
                lost, size = None, newest.checkpoint.size - newest.checkpoint.old_size
                done = MendResult(done.checkpoints + 1, done.entries + size, done.released + released)
        if lost is not None and lost.entries:
            newest = newest_confirmed(record)
            with record.write() as connection:
                cut_draft(connection, writer.issuer, newest.epoch, newest.checkpoint.size)
                _secure_positions(connection, writer.issuer, lost)
        _publish(writer)
        _finish(record, chain, account, done, actor)
        return done


def _refuse_in_flight(record: LogRecord) -> None:
    with record.read() as connection:
        if transactions.unsettled(connection, record.issuer):
            raise MendRefused("a transaction is in flight: anchor first")


def _catch_up(record: LogRecord, chain: LogOnChain, account: Address) -> LogAheadError | None:
    """Follow the chain as every run does, into new epochs too. Returns the error if entries are missing."""
    ahead = None
    try:
        catch_up(record, chain, account)
    except LogAheadError as error:
        ahead = error
    _refuse_in_flight(record)
    return ahead


def _lost_checkpoints(record: LogRecord, chain: LogOnChain, account: Address, most: int) -> _LostCheckpoints:
    """Return what the chain has of our log and our storage does not have.

    A closed epoch that a run has entered since the backup counts as long as not all transactions of our account are
    known. `most`: entries that a run of ours puts into one checkpoint.
    """
    logged, newest, counted = logged_checkpoints(chain), newest_confirmed(record), chain.confirmed_nonce(account)
    with record.read() as connection:
        is_behind = transactions.next_nonce(connection, record.issuer, account) != counted
        first = newest.epoch - 1 if is_behind else newest.epoch
        unknown = [
            each.event
            for each in logged.anchored
            if each.event.epoch >= first
            and stored_checkpoints.checkpoint_at(connection, record.issuer, each.event.epoch, each.event.number) is None
        ]
    # The size is a claim of the account that anchored it, so it is bounded.
    entries = sum(min(event.size - event.old_size, most) for event in unknown)
    return _LostCheckpoints(entries, any(map(logged.is_void, unknown)))


def _store_checkpoint(
    record: LogRecord,
    memory: StatusMemory,
    newest: StoredCheckpoint,
    on_chain: LoggedCheckpoint,
    mirror: Mirror,
    lost: _LostCheckpoints | None,
) -> tuple[StoredCheckpoint, int]:
    """Store one checkpoint with its receipts, if the mirror's entries give exactly its word.

    `lost`: with the first checkpoint only.
    """
    checkpoint, block_position = on_chain.checkpoint(), on_chain.block_position()
    issuer, entries = record.issuer, _entries(mirror, newest.epoch, checkpoint)
    with record.write() as connection:
        cut_draft(connection, issuer, newest.epoch, newest.checkpoint.size)
        bits = memory.at(connection, issuer, newest)
        running = RunningLog.open(StoredNodes(connection, issuer, newest.epoch), newest.checkpoint.size, bits)
        running.extend(entries)
        rebuilt = running.propose(newest.checkpoint, checkpoint.kind).checkpoint(checkpoint.time)
        if rebuilt.word() != checkpoint.word():
            raise MirrorRefused(f"checkpoint {checkpoint.number}: the mirror's entries give another root")
        if lost is not None:
            _secure_positions(connection, issuer, lost)
        stored_log.insert_entries(connection, issuer, newest.epoch, checkpoint.old_size, entries)
        stored_checkpoints.insert_checkpoint(
            connection, issuer, newest.epoch, checkpoint, state=CheckpointState.CONFIRMED, block_position=block_position
        )
        anchored = AnchoredCheckpoint(newest.epoch, checkpoint, block_position)
        released = release_already_on_chain(connection, record.log, anchored, now=record.clock())
    return StoredCheckpoint(newest.epoch, CheckpointState.CONFIRMED, checkpoint, block_position), released


def _check_follows(chain: LogOnChain, newest: StoredCheckpoint, checkpoint: Checkpoint) -> None:
    """Check an event against the contract's storage and against our newest checkpoint."""
    word = chain.ledger.read(chain.contract.checkpoint_word(chain.issuer, newest.epoch, checkpoint.number))
    if word != checkpoint.word():
        raise LedgerUnavailable(f"checkpoint {checkpoint.number}: the event is not what the contract holds")
    if checkpoint.previous != newest.checkpoint.word():
        raise MendRefused(f"checkpoint {newest.checkpoint.number} of this log is not the chain's")


def _entries(mirror: Mirror, epoch: int, checkpoint: Checkpoint) -> list[Entry]:
    expected = checkpoint.size - checkpoint.old_size
    try:
        entries = [decode(data) for data in islice(_read(mirror, epoch, checkpoint), expected + 1)]
    except EntryRefused as error:
        raise MirrorRefused(f"checkpoint {checkpoint.number}: {error}") from error
    if len(entries) != expected:
        raise MirrorRefused(f"checkpoint {checkpoint.number}: {expected} entries expected, {len(entries)} found")
    return entries


def _read(mirror: Mirror, epoch: int, checkpoint: Checkpoint) -> Iterator[bytes]:
    return iter(mirror(epoch, checkpoint.old_size, checkpoint.size))


def _secure_positions(connection: Connection, issuer: IssuerId, lost: _LostCheckpoints) -> None:
    """Leave the status lists of lost credentials, and refuse queued items that may be void.

    This runs before anything is issued.

    Credentials issued after the backup have status positions that this database does not know, and a position is never
    used twice. A list is half full at most and each entry took one position, so that the number of entries gives the
    number of lists. Queued items of the backup may have been in a checkpoint that is void by now; they wait for the
    council's decision.
    """
    highest = credentials.highest_position(connection, issuer)
    current = 0 if highest is None else highest // POSITIONS_PER_LIST
    credentials.begin_list(connection, issuer, current + 2 + lost.entries // (POSITIONS_PER_LIST // 2))
    if lost.has_void:
        refuse_queued(connection, issuer, code=Code.CHECKPOINT_VOID, reason=_MAYBE_VOID)


def _publish(writer: Writer) -> None:
    """Publish the status lists, because a published list is never behind the chain."""
    with writer.database.read() as connection:
        newest = stored_checkpoints.newest_confirmed(connection, writer.issuer)
        if newest is None:
            raise RuntimeError("the institution is not registered in this database")
        bits = writer.status_memory.at(connection, writer.issuer, newest)
        bits.replay(queue.queued_status(connection, writer.issuer))
    writer.publisher.publish(writer.issuer, bits)


def _finish(record: LogRecord, chain: LogOnChain, account: Address, done: MendResult, actor: str) -> None:
    """Record the transactions of the restored checkpoints, clear the stop, and write to the trail."""
    nonce = chain.confirmed_nonce(account)
    with record.write() as connection:
        transactions.set_next_nonce(connection, record.issuer, account, nonce)
        institutions.clear_stop(connection, record.issuer, (LogAheadError.code, NonceForeignError.code))
        trail.record(
            connection,
            record.issuer,
            actor,
            trail.Action.MENDED,
            now=record.clock(),
            checkpoints=done.checkpoints,
            entries=done.entries,
            released=done.released,
        )
