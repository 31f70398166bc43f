"""The log as stored: entries, subtree hashes, checkpoints. One institution may have several epochs, one after the other.

What stands behind the last confirmed checkpoint is provisional: `cut_tail` takes it away in the caller's
transaction, and no reader of `newest_confirmed` sees it. Hashes are only ever appended; a proof reads O(log
n) of them, a page at a time. Nothing here decides anything: the write path does.
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
_PAGE_NODES: Final = 64  # neighbours read with one query: what the paths of neighbouring entries share
_CACHED_PAGES: Final = 512


class CheckpointState:
    PENDING: Final = "pending"
    CONFIRMED: Final = "confirmed"
    VOID: Final = "void"


@dataclass(frozen=True, slots=True)
class BlockPosition:
    """The block a confirmed checkpoint stands in; none for the opening of epoch 1, which is computed."""

    transaction: TxHash
    block_number: int
    block_hash: BlockHash


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A checkpoint of ours. While it is pending its time is 0 and it stands nowhere."""

    epoch: int
    state: str
    checkpoint: Checkpoint
    block_position: BlockPosition | None


def newest_confirmed(connection: Connection, issuer: IssuerId) -> StoredCheckpoint | None:
    """The last checkpoint that is on the chain as far as we know; None before the log was opened here."""
    return _one(
        connection,
        _checkpoints()
        .where(CheckpointRow.issuer == issuer, CheckpointRow.state == CheckpointState.CONFIRMED)
        .order_by(CheckpointRow.epoch.desc(), CheckpointRow.number.desc())
        .limit(1),
    )


def checkpoint_at(connection: Connection, issuer: IssuerId, epoch: int, number: int) -> StoredCheckpoint | None:
    return _one(
        connection,
        _checkpoints().where(
            CheckpointRow.issuer == issuer, CheckpointRow.epoch == epoch, CheckpointRow.number == number
        ),
    )


def confirmed_checkpoints(
    connection: Connection, issuer: IssuerId, epoch: int, first: int = 0
) -> Iterator[StoredCheckpoint]:
    """In order, from number `first` on."""
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
    """The last confirmed checkpoint of an epoch: of a closed one its last good, which is the last it will have."""
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
    """The confirmed checkpoint that shows this entry first."""
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
    """What the council's closing of the epoch made void, in order."""
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
    """How many entries of the epoch the chain has shown, those of void checkpoints included."""
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
    """For each epoch how many entries stand under a confirmed checkpoint."""
    rows = connection.execute(
        select(CheckpointRow.epoch, func.max(CheckpointRow.size))
        .where(CheckpointRow.issuer == issuer, CheckpointRow.state == CheckpointState.CONFIRMED)
        .group_by(CheckpointRow.epoch)
        .order_by(CheckpointRow.epoch)
    )
    return dict(rows.all())


def appended_size(connection: Connection, issuer: IssuerId, epoch: int) -> int:
    """How many entries are stored, provisional ones included."""
    last = connection.execute(
        select(func.max(LogEntry.entry_index)).where(LogEntry.issuer == issuer, LogEntry.epoch == epoch)
    ).scalar_one()
    return 0 if last is None else last + 1


def read_entries(connection: Connection, issuer: IssuerId, epoch: int, start: int, end: int) -> Iterator[bytes]:
    """The 70 bytes of the entries [start, end), in order."""
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
    """The entries of kinds 2 to 5 in [start, end), in order."""
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
    """Index → entry of those digests that stand in the log already."""
    found: dict[int, Entry] = {}
    for first in range(0, len(digests), _DIGESTS_AT_ONCE):
        rows = connection.execute(
            select(LogEntry.entry_index, LogEntry.data).where(
                LogEntry.issuer == issuer,
                LogEntry.epoch == epoch,
                LogEntry.digest.in_(digests[first : first + _DIGESTS_AT_ONCE]),
            )
        )
        found.update((index, decode(data)) for index, data in rows)
    return found


def insert_entries(connection: Connection, issuer: IssuerId, epoch: int, first: int, entries: Sequence[Entry]) -> None:
    """Stores entries from index `first` on; their hashes are put through `StoredNodes`."""
    rows = [_entry_row(issuer, epoch, index, entry) for index, entry in enumerate(entries, first)]
    connection.execute(insert(LogEntry), rows)


def cut_tail(connection: Connection, issuer: IssuerId, epoch: int, size: int) -> None:
    """Takes away every entry from index `size` on and every hash that covers one of them."""
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
    """The checkpoint with its block time: now it stands on the chain."""
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
    """Takes a pending checkpoint away: its transaction ended without it."""
    connection.execute(
        delete(CheckpointRow).where(
            CheckpointRow.issuer == issuer,
            CheckpointRow.epoch == epoch,
            CheckpointRow.number == number,
            CheckpointRow.state == CheckpointState.PENDING,
        )
    )


def remove_void(connection: Connection, issuer: IssuerId, epoch: int) -> None:
    """Takes the void checkpoints of an epoch away: they were never on the chain, and the epoch is open again."""
    connection.execute(
        delete(CheckpointRow).where(
            CheckpointRow.issuer == issuer,
            CheckpointRow.epoch == epoch,
            CheckpointRow.state == CheckpointState.VOID,
        )
    )


def remove_epoch(connection: Connection, issuer: IssuerId, epoch: int) -> None:
    """Takes a whole epoch away: the chain has never opened it, as it stands now."""
    cut_tail(connection, issuer, epoch, 0)
    connection.execute(delete(CheckpointRow).where(CheckpointRow.issuer == issuer, CheckpointRow.epoch == epoch))


def unconfirm_from(connection: Connection, issuer: IssuerId, epoch: int, number: int) -> None:
    """A reorganisation took these checkpoints off the chain: they are pending again."""
    connection.execute(
        update(CheckpointRow)
        .where(CheckpointRow.issuer == issuer, CheckpointRow.epoch == epoch, CheckpointRow.number >= number)
        .values(state=CheckpointState.PENDING, time=None, word=None, block_number=None, block_hash=None)
    )


def void_from(connection: Connection, issuer: IssuerId, epoch: int, number: int) -> None:
    """The council closed the epoch below these checkpoints."""
    connection.execute(
        update(CheckpointRow)
        .where(CheckpointRow.issuer == issuer, CheckpointRow.epoch == epoch, CheckpointRow.number >= number)
        .values(state=CheckpointState.VOID)
    )


class StoredNodes:
    """The subtree hashes of one log in the database: reads a page of neighbours at a time, keeps a bounded number."""

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
