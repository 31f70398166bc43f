"""Store the checkpoints of a log, with their block positions.

Invariant: a checkpoint has a time and a word only once it is confirmed. `confirm_checkpoint`, `unconfirm_from` and
`void_from` move it between its states; the write path decides when.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.types import BlockHash, IssuerId, Root, TxHash, Word
from acredita.node.storage.models import CheckpointRow
from acredita.node.storage.stored_log import cut_tail
from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select, update


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
        .where(*_in_state(issuer, epoch, CheckpointState.CONFIRMED), CheckpointRow.number >= first)
        .order_by(CheckpointRow.number)
    )
    return (_stored(row) for row in rows)


def newest_of_epoch(connection: Connection, issuer: IssuerId, epoch: int) -> StoredCheckpoint | None:
    """Return the last confirmed checkpoint of an epoch. In a closed epoch that is its last good one, for ever."""
    return _one(
        connection,
        _checkpoints()
        .where(*_in_state(issuer, epoch, CheckpointState.CONFIRMED))
        .order_by(CheckpointRow.number.desc())
        .limit(1),
    )


def checkpoint_over(connection: Connection, issuer: IssuerId, epoch: int, index: int) -> StoredCheckpoint | None:
    """Return the first confirmed checkpoint that covers this entry, or None."""
    return _one(
        connection,
        _checkpoints()
        .where(*_in_state(issuer, epoch, CheckpointState.CONFIRMED), CheckpointRow.size > index)
        .order_by(CheckpointRow.size)
        .limit(1),
    )


def void_checkpoints(connection: Connection, issuer: IssuerId, epoch: int) -> list[StoredCheckpoint]:
    """Return the void checkpoints of an epoch, in order."""
    rows = connection.execute(
        _checkpoints().where(*_in_state(issuer, epoch, CheckpointState.VOID)).order_by(CheckpointRow.number)
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


def sizes_above(connection: Connection, issuer: IssuerId, epoch: int, size: int) -> list[int]:
    """Return the sizes of the confirmed checkpoints of an epoch above a size, rising."""
    rows = connection.execute(
        select(CheckpointRow.size)
        .where(*_in_state(issuer, epoch, CheckpointState.CONFIRMED), CheckpointRow.size > size)
        .order_by(CheckpointRow.size)
    )
    return list(rows.scalars())


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
        delete(CheckpointRow).where(*_in_state(issuer, epoch, CheckpointState.PENDING), CheckpointRow.number == number)
    )


def remove_void(connection: Connection, issuer: IssuerId, epoch: int) -> None:
    """Remove the void checkpoints of an epoch that is open again. They were never on the chain."""
    connection.execute(delete(CheckpointRow).where(*_in_state(issuer, epoch, CheckpointState.VOID)))


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


def _in_state(issuer: IssuerId, epoch: int, state: str) -> tuple[ColumnElement[bool], ...]:
    return CheckpointRow.issuer == issuer, CheckpointRow.epoch == epoch, CheckpointRow.state == state


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
