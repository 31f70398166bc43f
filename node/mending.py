"""Taking a log back up from a mirror, after an old backup was restored (LOG_AHEAD).

The chain says which checkpoints there are, the mirror (the authority's node, an auditor's copy) has the entries.
Neither is believed: each checkpoint's root, status root and word are computed from the entries and must be what the
contract holds. Only then are the entries stored, as confirmed, in one transaction. Credentials this node issued after
the backup are not in it: their entries and status are, their files are with their holders, and the status lists they
may stand in are used no more. An operator starts this; no run does by itself.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from acredita.anchoring.checkpoint import Checkpoint, unpack_head
from acredita.anchoring.entries import POSITIONS_PER_LIST, Entry, EntryError, decode
from acredita.anchoring.ledger import LedgerUnreachable, LogQuery
from acredita.anchoring.log import RunningLog
from acredita.anchoring.sender import confirmed_head
from acredita.anchoring.types import BlockHash, Root, TxHash, Word
from acredita.contracts.abi import RawLog
from acredita.contracts.bindings import Anchored, decode_event
from acredita.node.drafts import cut_draft, release_known
from acredita.node.following import check_identity, newest_confirmed
from acredita.node.storage import credentials, logbook, transactions
from acredita.node.storage.database import Lease
from acredita.node.storage.logbook import CheckpointState, Placed, StoredCheckpoint, StoredNodes
from acredita.node.writer import Writer

# (epoch, first index, one past the last) → the entries' bytes, 70 each.
Mirror = Callable[[int, int, int], Iterable[bytes]]


class MirrorRefused(Exception):
    """The mirror's entries are not those of the chain's checkpoints, or there are too few. Nothing was stored."""


class MendRefused(Exception):
    """The log cannot be taken up now: a transaction of ours is still in flight, or the epoch has changed."""


@dataclass(frozen=True, slots=True)
class Mended:
    """What came back."""

    checkpoints: int
    entries: int
    released: int


@dataclass(frozen=True, slots=True)
class _OnChain:
    event: Anchored
    log: RawLog

    def placed(self) -> Placed:
        return Placed(TxHash(self.log.transaction), self.log.block_number, BlockHash(self.log.block_hash))

    def checkpoint(self) -> Checkpoint:
        event = self.event
        return Checkpoint(
            event.kind,
            event.number,
            event.old_size,
            event.size,
            Root(event.root),
            Root(event.status_root),
            event.time,
            Word(event.previous),
        )


def mend(writer: Writer, mirror: Mirror) -> Mended:
    """Stores the checkpoints the chain has beyond ours. Raises MirrorRefused, MendRefused, LedgerUnreachable."""
    with writer.leases.held(writer.issuer) as lease:
        if lease is None:
            raise MendRefused("another process writes for this institution")
        check_identity(writer)
        newest = newest_confirmed(writer)
        missing = _missing(writer, newest)
        before = Mended(0, 0, 0)
        for on_chain in missing:
            newest, released = _take_up(writer, lease, newest, on_chain, mirror)
            size = newest.checkpoint.size - newest.checkpoint.old_size
            before = Mended(before.checkpoints + 1, before.entries + size, before.released + released)
        _adopt_nonce(writer, lease)
        if before.checkpoints:
            _leave_lists(writer, lease, before.entries)
        return before


def _missing(writer: Writer, newest: StoredCheckpoint) -> Sequence[_OnChain]:
    """The contract's checkpoints of our epoch beyond ours, in order, all of them at the confirmed depth."""
    with writer.database.read() as connection:
        if transactions.unsettled(connection, writer.issuer):
            raise MendRefused("a transaction is in flight: anchor first")
    block = confirmed_head(writer.ledger, writer.policy.depth)
    head = unpack_head(writer.ledger.read(writer.contract.head(writer.issuer), block.number))
    if head.epoch != newest.epoch:
        raise MendRefused(f"the chain is at epoch {head.epoch}, this log at {newest.epoch}")
    query = LogQuery(0, block.number, (writer.identity.contract,), (None, writer.issuer))
    found = [
        _OnChain(event, log) for log in writer.ledger.logs(query) if isinstance(event := decode_event(log), Anchored)
    ]
    missing = [
        each for each in found if each.event.epoch == head.epoch and each.event.number > newest.checkpoint.number
    ]
    if [each.event.number for each in missing] != list(range(newest.checkpoint.number + 1, head.number + 1)):
        raise LedgerUnreachable("the endpoint's logs do not tell every checkpoint")
    return missing


def _take_up(
    writer: Writer, lease: Lease, newest: StoredCheckpoint, on_chain: _OnChain, mirror: Mirror
) -> tuple[StoredCheckpoint, int]:
    """One checkpoint: entries rebuilt to exactly its word, stored with its receipts."""
    told, placed = on_chain.checkpoint(), on_chain.placed()
    _check_word(writer, newest.epoch, told)
    entries = _entries(mirror, newest.epoch, told)
    with writer.database.write(lease) as connection:
        cut_draft(connection, writer.issuer, newest.epoch, newest.checkpoint.size)
        bits = writer.status.at(connection, writer.issuer, newest)
        running = RunningLog.open(StoredNodes(connection, writer.issuer, newest.epoch), newest.checkpoint.size, bits)
        running.extend(entries)
        rebuilt = running.propose(newest.checkpoint, told.kind).checkpoint(told.time)
        if rebuilt.word() != told.word():
            raise MirrorRefused(f"checkpoint {told.number}: the mirror's entries give another root")
        logbook.insert_entries(connection, writer.issuer, newest.epoch, told.old_size, entries)
        logbook.insert_checkpoint(
            connection, writer.issuer, newest.epoch, told, state=CheckpointState.CONFIRMED, placed=placed
        )
        released = release_known(connection, writer, newest.epoch, told, placed)
    return StoredCheckpoint(newest.epoch, CheckpointState.CONFIRMED, told, placed), released


def _check_word(writer: Writer, epoch: int, told: Checkpoint) -> None:
    """An event is an endpoint's word; the contract's storage decides."""
    word = writer.ledger.read(writer.contract.checkpoint_word(writer.issuer, epoch, told.number))
    if word != told.word():
        raise LedgerUnreachable(f"checkpoint {told.number}: the event is not what the contract holds")


def _entries(mirror: Mirror, epoch: int, told: Checkpoint) -> list[Entry]:
    try:
        entries = [decode(data) for data in mirror(epoch, told.old_size, told.size)]
    except EntryError as error:
        raise MirrorRefused(f"checkpoint {told.number}: {error}") from error
    if len(entries) != told.size - told.old_size:
        raise MirrorRefused(
            f"checkpoint {told.number}: {told.size - told.old_size} entries expected, {len(entries)} found"
        )
    return entries


def _leave_lists(writer: Writer, lease: Lease, entries: int) -> None:
    """Credentials issued after the backup have status positions that this database does not know. No position is ever
    used twice, so the lists they may stand in are left: a list is half full at most, each entry took one position.
    """
    with writer.database.write(lease) as connection:
        highest = credentials.highest_position(connection, writer.issuer)
        current = 0 if highest is None else highest // POSITIONS_PER_LIST
        credentials.begin_list(connection, writer.issuer, current + 2 + entries // (POSITIONS_PER_LIST // 2))


def _adopt_nonce(writer: Writer, lease: Lease) -> None:
    """Every checkpoint up to the head is ours now, and with them the transactions that carried them."""
    block = confirmed_head(writer.ledger, writer.policy.depth)
    account = writer.signer.address
    nonce = writer.ledger.nonce(account, block.number)
    with writer.database.write(lease) as connection:
        transactions.set_next_nonce(connection, writer.issuer, account, nonce)
