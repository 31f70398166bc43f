"""Store a log: entries, subtree hashes, checkpoints. One institution may have several epochs, one after the other.

Invariants: entries behind the last confirmed checkpoint are provisional, so `cut_tail` may remove them in the caller's
transaction, and no reader of `newest_confirmed` sees them; hashes are only appended. A proof reads O(log n) hashes, a page at
a time. The write path decides what is stored; nothing here does.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.entries import Entry, EntryKind, decode, encode
from acredita.anchoring.log import Node
from acredita.anchoring.types import BlockHash, Digest, IssuerId, Root, TxHash, Word
from acredita.node.storage.models import CheckpointRow, LogEntry, TreeNode
from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

ENTRIES_AT_ONCE: Final = 4_096  # read from the database at a time; more stay there
_DIGESTS_AT_ONCE: Final = 1_000  # in one query: databases limit its parameters
_PAGE_NODES: Final = 64  # neighbours read with one query: the paths of neighbouring entries share them
_CACHED_PAGES: Final = 512


class CheckpointState:
    """The states of a checkpoint: pending → confirmed, or void once the council closed the epoch below it."""

    PENDING: Final = "pending"
    CONFIRMED: Final = "confirmed"
    VOID: Final = "void"


@dataclass(frozen=True, slots=True)
class BlockPosition:
    """The block and transaction of a confirmed checkpoint. The opening of epoch 1 has none, because it is computed."""

    transaction: TxHash
    block_number: int
    block_hash: BlockHash


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A checkpoint of ours. While it is pending its time is 0 and it has no block position."""

    epoch: int
    state: str
    checkpoint: Checkpoint
    block_position: BlockPosition | None


def newest_confirmed(connection: Connection, issuer: IssuerId) -> StoredCheckpoint | None:
    """Return the last checkpoint that is on the chain as far as we know, or None before the log was opened here."""
    return _one(
        connection,
        _checkpoints()
        .where(CheckpointRow.issuer == issuer, CheckpointRow.state == CheckpointState.CONFIRMED)
        .order_by(CheckpointRow.epoch.desc(), CheckpointRow.number.desc())
        .limit(1),
    )


def checkpoint_at(connection: Connection, issuer: IssuerId, epoch: int, number: int) -> StoredCheckpoint | None:
    """Return a checkpoint by its number, or None."""
    return _one(
        connection,
        _checkpoints().where(
            CheckpointRow.issuer == issuer, CheckpointRow.epoch == epoch, CheckpointRow.number == number
        ),
    )


def confirmed_checkpoints(
    connection: Connection, issuer: IssuerId, epoch: int, first: int = 0
) -> Iterator[StoredCheckpoint]:
    """Yield the confirmed checkpoints of an epoch in order, from number `first` on."""
    rows = connection.execute(
        _checkpoints()
        .where(
            CheckpointRow.issuer == issuer,
            CheckpointRow.epoch == epoch,
            CheckpointRow.state == CheckpointState.CONFIRMED,
            CheckpointRow.number >= first,
        )
        .order_by(CheckpointRow.number)
    )
    return (_stored(row) for row in rows)


def newest_of_epoch(connection: Connection, issuer: IssuerId, epoch: int) -> StoredCheckpoint | None:
    """Return the last confirmed checkpoint of an epoch. In a closed epoch that is its last good one, for ever."""
    return _one(
        connection,
        _checkpoints()
        .where(
            CheckpointRow.issuer == issuer,
            CheckpointRow.epoch == epoch,
            CheckpointRow.state == CheckpointState.CONFIRMED,
        )
        .order_by(CheckpointRow.number.desc())
        .limit(1),
    )


def checkpoint_over(connection: Connection, issuer: IssuerId, epoch: int, index: int) -> StoredCheckpoint | None:
    """Return the first confirmed checkpoint that covers this entry, or None."""
    return _one(
        connection,
        _checkpoints()
        .where(
            CheckpointRow.issuer == issuer,
            CheckpointRow.epoch == epoch,
            CheckpointRow.state == CheckpointState.CONFIRMED,
            CheckpointRow.size > index,
        )
        .order_by(CheckpointRow.size)
        .limit(1),
    )


def void_checkpoints(connection: Connection, issuer: IssuerId, epoch: int) -> list[StoredCheckpoint]:
    """Return the void checkpoints of an epoch, in order."""
    rows = connection.execute(
        _checkpoints()
        .where(
            CheckpointRow.issuer == issuer,
            CheckpointRow.epoch == epoch,
            CheckpointRow.state == CheckpointState.VOID,
        )
        .order_by(CheckpointRow.number)
    )
    return [_stored(row) for row in rows]


def shown_size(connection: Connection, issuer: IssuerId, epoch: int) -> int:
    """Return how many entries of the epoch the chain has covered, those of void checkpoints included."""
    size = connection.execute(
        select(func.max(CheckpointRow.size)).where(
            CheckpointRow.issuer == issuer,
            CheckpointRow.epoch == epoch,
            CheckpointRow.state.in_((CheckpointState.CONFIRMED, CheckpointState.VOID)),
            CheckpointRow.word.is_not(None),
        )
    ).scalar_one()
    return 0 if size is None else size


def confirmed_sizes(connection: Connection, issuer: IssuerId) -> dict[int, int]:
    """Return epoch → number of entries that a confirmed checkpoint covers."""
    rows = connection.execute(
        select(CheckpointRow.epoch, func.max(CheckpointRow.size))
        .where(CheckpointRow.issuer == issuer, CheckpointRow.state == CheckpointState.CONFIRMED)
        .group_by(CheckpointRow.epoch)
        .order_by(CheckpointRow.epoch)
    )
    return dict(rows.all())


def appended_size(connection: Connection, issuer: IssuerId, epoch: int) -> int:
    """Return how many entries are stored, provisional ones included."""
    last = connection.execute(
        select(func.max(LogEntry.entry_index)).where(LogEntry.issuer == issuer, LogEntry.epoch == epoch)
    ).scalar_one()
    return 0 if last is None else last + 1


def read_entries(connection: Connection, issuer: IssuerId, epoch: int, start: int, end: int) -> Iterator[bytes]:
    """Yield the 70 bytes of the entries [start, end), in order."""
    rows = connection.execute(
        select(LogEntry.data)
        .execution_options(yield_per=ENTRIES_AT_ONCE)
        .where(
            LogEntry.issuer == issuer,
            LogEntry.epoch == epoch,
            LogEntry.entry_index >= start,
            LogEntry.entry_index < end,
        )
        .order_by(LogEntry.entry_index)
    )
    return iter(rows.scalars())


def read_status_entries(connection: Connection, issuer: IssuerId, epoch: int, start: int, end: int) -> Iterator[Entry]:
    """Yield the entries of kinds 2 to 5 in [start, end), in order."""
    rows = connection.execute(
        select(LogEntry.data)
        .where(
            LogEntry.issuer == issuer,
            LogEntry.epoch == epoch,
            LogEntry.kind >= int(EntryKind.REVOKED),
            LogEntry.entry_index >= start,
            LogEntry.entry_index < end,
        )
        .order_by(LogEntry.entry_index)
    )
    return (decode(data) for data in rows.scalars())


def issued_at(connection: Connection, issuer: IssuerId, epoch: int, digests: Sequence[Digest]) -> dict[int, Entry]:
    """Return index → entry of those digests that are in the log already."""
    result: dict[int, Entry] = {}
    for first in range(0, len(digests), _DIGESTS_AT_ONCE):
        rows = connection.execute(
            select(LogEntry.entry_index, LogEntry.data).where(
                LogEntry.issuer == issuer,
                LogEntry.epoch == epoch,
                LogEntry.digest.in_(digests[first : first + _DIGESTS_AT_ONCE]),
            )
        )
        result.update((index, decode(data)) for index, data in rows)
    return result


def insert_entries(connection: Connection, issuer: IssuerId, epoch: int, first: int, entries: Sequence[Entry]) -> None:
    """Store entries from index `first` on. Their hashes are stored through `StoredNodes`."""
    rows = [_entry_row(issuer, epoch, index, entry) for index, entry in enumerate(entries, first)]
    connection.execute(insert(LogEntry), rows)


def cut_tail(connection: Connection, issuer: IssuerId, epoch: int, size: int) -> None:
    """Remove every entry from index `size` on, and every hash that covers one of them."""
    levels = appended_size(connection, issuer, epoch).bit_length()
    connection.execute(
        delete(LogEntry).where(LogEntry.issuer == issuer, LogEntry.epoch == epoch, LogEntry.entry_index >= size)
    )
    for level in range(levels):
        connection.execute(
            delete(TreeNode).where(
                TreeNode.issuer == issuer,
                TreeNode.epoch == epoch,
                TreeNode.level == level,
                TreeNode.node_index >= size >> level,
            )
        )


def insert_checkpoint(
    connection: Connection,
    issuer: IssuerId,
    epoch: int,
    checkpoint: Checkpoint,
    *,
    state: str,
    block_position: BlockPosition | None = None,
) -> None:
    """Store a new checkpoint. `block_position`: for one that is on the chain already."""
    connection.execute(
        insert(CheckpointRow).values(
            issuer=issuer,
            epoch=epoch,
            number=checkpoint.number,
            kind=checkpoint.kind,
            old_size=checkpoint.old_size,
            size=checkpoint.size,
            root=checkpoint.root,
            status_root=checkpoint.status_root,
            previous=checkpoint.previous,
            **_state_values(state, checkpoint, block_position),
        )
    )


def confirm_checkpoint(
    connection: Connection, issuer: IssuerId, epoch: int, checkpoint: Checkpoint, block_position: BlockPosition
) -> None:
    """Mark a checkpoint as confirmed, with its block time and block position."""
    connection.execute(
        update(CheckpointRow)
        .where(
            CheckpointRow.issuer == issuer,
            CheckpointRow.epoch == epoch,
            CheckpointRow.number == checkpoint.number,
        )
        .values(**_state_values(CheckpointState.CONFIRMED, checkpoint, block_position))
    )


def forget_checkpoint(connection: Connection, issuer: IssuerId, epoch: int, number: int) -> None:
    """Remove a pending checkpoint whose transaction was reverted."""
    connection.execute(
        delete(CheckpointRow).where(
            CheckpointRow.issuer == issuer,
            CheckpointRow.epoch == epoch,
            CheckpointRow.number == number,
            CheckpointRow.state == CheckpointState.PENDING,
        )
    )


def remove_void(connection: Connection, issuer: IssuerId, epoch: int) -> None:
    """Remove the void checkpoints of an epoch that is open again. They were never on the chain."""
    connection.execute(
        delete(CheckpointRow).where(
            CheckpointRow.issuer == issuer,
            CheckpointRow.epoch == epoch,
            CheckpointRow.state == CheckpointState.VOID,
        )
    )


def remove_epoch(connection: Connection, issuer: IssuerId, epoch: int) -> None:
    """Remove a whole epoch, because the chain as it is now has never opened it."""
    cut_tail(connection, issuer, epoch, 0)
    connection.execute(delete(CheckpointRow).where(CheckpointRow.issuer == issuer, CheckpointRow.epoch == epoch))


def unconfirm_from(connection: Connection, issuer: IssuerId, epoch: int, number: int) -> None:
    """Make checkpoints from `number` on pending again, because a reorganisation took them off the chain."""
    connection.execute(
        update(CheckpointRow)
        .where(CheckpointRow.issuer == issuer, CheckpointRow.epoch == epoch, CheckpointRow.number >= number)
        .values(state=CheckpointState.PENDING, time=None, word=None, block_number=None, block_hash=None)
    )


def void_from(connection: Connection, issuer: IssuerId, epoch: int, number: int) -> None:
    """Make checkpoints from `number` on void, because the council closed the epoch below them."""
    connection.execute(
        update(CheckpointRow)
        .where(CheckpointRow.issuer == issuer, CheckpointRow.epoch == epoch, CheckpointRow.number >= number)
        .values(state=CheckpointState.VOID)
    )


class StoredNodes:
    """The subtree hashes of one log in the database, read a page of neighbours at a time and cached within a bound."""

    def __init__(self, connection: Connection, issuer: IssuerId, epoch: int) -> None:
        self._connection = connection
        self._log = (TreeNode.issuer == issuer, TreeNode.epoch == epoch)
        self._key = {"issuer": issuer, "epoch": epoch}
        self._pages: OrderedDict[tuple[int, int], dict[int, bytes]] = OrderedDict()

    def node(self, level: int, index: int) -> bytes:
        name = (level, index // _PAGE_NODES)
        page = self._pages.get(name)
        if page is None:
            page = self._pages[name] = self._read(*name)
            if len(self._pages) > _CACHED_PAGES:
                self._pages.popitem(last=False)
        return page[index]

    def put(self, nodes: Sequence[Node]) -> None:
        rows = [self._key | {"level": level, "node_index": index, "hash": node} for level, index, node in nodes]
        self._connection.execute(insert(TreeNode), rows)
        for level, index, _ in nodes:
            self._pages.pop((level, index // _PAGE_NODES), None)

    def _read(self, level: int, page: int) -> dict[int, bytes]:
        first = page * _PAGE_NODES
        rows = self._connection.execute(
            select(TreeNode.node_index, TreeNode.hash).where(
                *self._log,
                TreeNode.level == level,
                TreeNode.node_index >= first,
                TreeNode.node_index < first + _PAGE_NODES,
            )
        )
        return dict(rows.all())


def _entry_row(issuer: IssuerId, epoch: int, index: int, entry: Entry) -> dict[str, object]:
    return {
        "issuer": issuer,
        "epoch": epoch,
        "entry_index": index,
        "kind": int(entry.kind),
        "digest": entry.digest if entry.kind is EntryKind.ISSUED else None,
        "data": encode(entry),
    }


def _state_values(state: str, checkpoint: Checkpoint, block_position: BlockPosition | None) -> dict[str, object]:
    if state == CheckpointState.PENDING:
        return {"state": state}
    values: dict[str, object] = {"state": state, "time": checkpoint.time, "word": checkpoint.word()}
    if block_position is not None:
        values |= {
            "tx_hash": block_position.transaction,
            "block_number": block_position.block_number,
            "block_hash": block_position.block_hash,
        }
    return values


_Columns = Select[int, str, int, int, int, int, bytes, bytes, bytes, int | None, bytes | None, int | None, bytes | None]
_Row = Row[int, str, int, int, int, int, bytes, bytes, bytes, int | None, bytes | None, int | None, bytes | None]


def _checkpoints() -> _Columns:
    row = CheckpointRow
    return select(
        row.epoch,
        row.state,
        row.kind,
        row.number,
        row.old_size,
        row.size,
        row.root,
        row.status_root,
        row.previous,
        row.time,
        row.tx_hash,
        row.block_number,
        row.block_hash,
    )


def _one(connection: Connection, query: _Columns) -> StoredCheckpoint | None:
    row = connection.execute(query).one_or_none()
    return None if row is None else _stored(row)


def _stored(row: _Row) -> StoredCheckpoint:
    (epoch, state, kind, number, old_size, size, root, status, previous, time, tx, block, block_hash) = row
    checkpoint = Checkpoint(kind, number, old_size, size, Root(root), Root(status), time or 0, Word(previous))
    block_position = None
    if tx is not None and block is not None and block_hash is not None:
        block_position = BlockPosition(TxHash(tx), block, BlockHash(block_hash))
    return StoredCheckpoint(epoch, state, checkpoint, block_position)
