"""What waits to enter the log: `issued` digests and status changes, each queued exactly once by its key.

A caller that is not sure whether its request arrived sends it again with the same key and gets the same item
back; the same key with other content is a conflict. Every function takes the caller's connection, so that
queueing and storing a credential are one transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from acredita.anchoring import entries
from acredita.anchoring.entries import Entry, EntryKind
from acredita.anchoring.types import Digest, IssuerId
from acredita.node.storage.models import QueueItem
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

MAX_KEY_CHARACTERS: Final = 128
MAX_REASON_CHARACTERS: Final = 512
_DIGESTS_AT_ONCE: Final = 1_000  # in one query: databases limit its parameters
FORGOTTEN: Final = "forgotten"  # what the key of an item begins with whose credential was forgotten


class ItemState:
    """queued → appended → anchored, or put aside as refused until somebody queues it again."""

    QUEUED: Final = "queued"
    APPENDED: Final = "appended"
    ANCHORED: Final = "anchored"
    REFUSED: Final = "refused"


UNPLACED: Final[dict[str, object]] = {
    "state": ItemState.QUEUED,
    "epoch": None,
    "entry_index": None,
    "anchored_at": None,
}
"""The columns of an item that stands in the queue only."""


class IdempotencyKeyRefused(Exception):
    """The key was used before for something else."""

    def __init__(self, key: str) -> None:
        super().__init__(f"idempotency key {key} was used for another request")
        self.key = key


@dataclass(frozen=True, slots=True)
class Enqueued:
    """`fresh` is False when the same thing was queued before."""

    item: int
    fresh: bool


@dataclass(frozen=True, slots=True)
class QueuedItem:
    id: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class QueueItemStatus:
    """Where an item stands, for who asks after it."""

    id: int
    kind: EntryKind
    state: str
    epoch: int | None
    entry_index: int | None
    reason_code: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits and since when (seconds since 1970)."""

    issued: int
    status: int
    oldest_issued: int | None
    oldest_status: int | None


def enqueue_issued(
    connection: Connection, issuer: IssuerId, digest: Digest, programme: Digest, *, key: str, now: int
) -> Enqueued:
    """Queues one `issued` entry. The digest itself is a key too: it is issued at most once."""
    return _enqueue(connection, issuer, entries.issued(digest, programme), key, now)


def enqueue_status(
    connection: Connection, issuer: IssuerId, kind: EntryKind, position: int, *, key: str, now: int
) -> Enqueued:
    """Queues one status change of a position."""
    return _enqueue(connection, issuer, entries.status_change(kind, position), key, now)


def take_queued(connection: Connection, issuer: IssuerId, limit: int, *, with_issued: bool = True) -> list[QueuedItem]:
    """The next items: status changes in the order they came and before all else, then the oldest `issued`.

    In a write transaction they are held until it ends: who forgets one or puts it aside meanwhile waits, and finds it
    taken.
    """
    status = _queued(connection, issuer, QueueItem.kind != EntryKind.ISSUED, limit)
    if not with_issued or len(status) == limit:
        return status
    return status + _queued(connection, issuer, QueueItem.kind == EntryKind.ISSUED, limit - len(status))


def queued_status(connection: Connection, issuer: IssuerId) -> list[Entry]:
    """Status changes on no confirmed checkpoint yet, in order: what a published list shows ahead of the
    chain.
    """
    waiting = QueueItem.state.in_((ItemState.QUEUED, ItemState.APPENDED))
    rows = connection.execute(
        _columns().where(QueueItem.issuer == issuer, waiting, QueueItem.kind != EntryKind.ISSUED).order_by(QueueItem.id)
    )
    return [_item(row).entry for row in rows]


def backlog(connection: Connection, issuer: IssuerId) -> Backlog:
    is_issued = QueueItem.kind == EntryKind.ISSUED
    rows = connection.execute(
        select(is_issued, func.count(), func.min(QueueItem.queued_at))
        .where(QueueItem.issuer == issuer, QueueItem.state.in_((ItemState.QUEUED, ItemState.APPENDED)))
        .group_by(is_issued)
    ).all()
    found = {bool(issued): (count, oldest) for issued, count, oldest in rows}
    issued, status = found.get(True, (0, None)), found.get(False, (0, None))
    return Backlog(issued[0], status[0], issued[1], status[1])


def item_status(connection: Connection, issuer: IssuerId, key: str) -> QueueItemStatus | None:
    return _status(connection, issuer, QueueItem.key == key)


def digest_status(connection: Connection, issuer: IssuerId, digest: Digest) -> QueueItemStatus | None:
    return _status(connection, issuer, QueueItem.digest == digest)


def _enqueue(connection: Connection, issuer: IssuerId, entry: Entry, key: str, now: int) -> Enqueued:
    if not 0 < len(key) <= MAX_KEY_CHARACTERS:
        raise ValueError(f"an idempotency key has 1 to {MAX_KEY_CHARACTERS} characters")
    known = _known(connection, issuer, entry, key)
    if known is not None:
        return known
    try:
        with connection.begin_nested():
            return Enqueued(_insert(connection, issuer, entry, key, now), fresh=True)
    except IntegrityError:  # the same request on another connection came first
        known = _known(connection, issuer, entry, key)
        if known is None:
            raise
        return known


def _known(connection: Connection, issuer: IssuerId, entry: Entry, key: str) -> Enqueued | None:
    same = QueueItem.key == key
    if entry.kind is EntryKind.ISSUED:
        same = or_(same, QueueItem.digest == entry.digest)
    rows = connection.execute(_columns().where(QueueItem.issuer == issuer, same)).all()
    if any(_item(row).entry != entry for row in rows):
        raise IdempotencyKeyRefused(key)
    return Enqueued(rows[0].id, fresh=False) if rows else None


def _insert(connection: Connection, issuer: IssuerId, entry: Entry, key: str, now: int) -> int:
    is_issued = entry.kind is EntryKind.ISSUED
    statement = insert(QueueItem).values(
        issuer=issuer,
        key=key,
        kind=int(entry.kind),
        digest=entry.digest if is_issued else None,
        programme=entry.programme if is_issued else None,
        position=None if is_issued else entry.position,
        state=ItemState.QUEUED,
        queued_at=now,
    )
    return connection.execute(statement.returning(QueueItem.id)).scalar_one()


def _queued(connection: Connection, issuer: IssuerId, of_kind: ColumnElement[bool], limit: int) -> list[QueuedItem]:
    rows = connection.execute(
        _columns()
        .where(QueueItem.issuer == issuer, QueueItem.state == ItemState.QUEUED, of_kind)
        .order_by(QueueItem.id)
        .limit(limit)
        .with_for_update()  # SQLite has one writer at a time anyway, and no such clause
    )
    return [_item(row) for row in rows]


def _columns() -> Select[int, int, bytes | None, bytes | None, int | None]:
    return select(QueueItem.id, QueueItem.kind, QueueItem.digest, QueueItem.programme, QueueItem.position)


def _item(row: Row[int, int, bytes | None, bytes | None, int | None]) -> QueuedItem:
    item, kind, digest, programme, position = row
    if digest is not None and programme is not None:
        return QueuedItem(item, entries.issued(Digest(digest), Digest(programme)))
    if position is None:
        raise RuntimeError(f"queue item {item} names neither a digest nor a position")
    return QueuedItem(item, entries.status_change(EntryKind(kind), position))


def _status_columns() -> Select[int, int, str, int | None, int | None, str | None, str | None]:
    return select(
        QueueItem.id,
        QueueItem.kind,
        QueueItem.state,
        QueueItem.epoch,
        QueueItem.entry_index,
        QueueItem.reason_code,
        QueueItem.reason,
    )


def item_statuses(connection: Connection, issuer: IssuerId, which: ColumnElement[bool]) -> list[QueueItemStatus]:
    """Items of an institution in the order they were queued."""
    rows = connection.execute(_status_columns().where(QueueItem.issuer == issuer, which).order_by(QueueItem.id))
    return [_item_status(row) for row in rows]


def _status(connection: Connection, issuer: IssuerId, which: ColumnElement[bool]) -> QueueItemStatus | None:
    row = connection.execute(_status_columns().where(QueueItem.issuer == issuer, which)).one_or_none()
    return None if row is None else _item_status(row)


def _item_status(row: Row[int, int, str, int | None, int | None, str | None, str | None]) -> QueueItemStatus:
    item, kind, state, epoch, index, code, reason = row
    return QueueItemStatus(item, EntryKind(kind), state, epoch, index, code, reason)


def mark_appended(connection: Connection, issuer: IssuerId, epoch: int, places: Mapping[int, int]) -> None:
    """Item → index of its entry, provisional until `mark_anchored`."""
    if not places:
        return
    connection.execute(
        update(QueueItem)
        .where(QueueItem.issuer == issuer, QueueItem.id == bindparam("item"))
        .values(state=ItemState.APPENDED, epoch=epoch, entry_index=bindparam("place"), reason_code=None, reason=None),
        [{"item": item, "place": place} for item, place in places.items()],
    )


def mark_anchored(connection: Connection, issuer: IssuerId, epoch: int, start: int, end: int, *, now: int) -> int:
    """The entries [start, end) are on a confirmed checkpoint; how many items that releases."""
    result = connection.execute(
        update(QueueItem)
        .where(*placed_from(issuer, epoch, start), QueueItem.entry_index < end)
        .values(state=ItemState.ANCHORED, anchored_at=now)
    )
    return result.rowcount


def mark_unanchored(connection: Connection, issuer: IssuerId, epoch: int, start: int) -> None:
    """The chain lost the checkpoints over entries from `start` on: appended again, not released."""
    connection.execute(
        update(QueueItem)
        .where(*placed_from(issuer, epoch, start), QueueItem.state == ItemState.ANCHORED)
        .values(state=ItemState.APPENDED, anchored_at=None)
    )


def requeue_from(connection: Connection, issuer: IssuerId, epoch: int, start: int) -> None:
    """Every item whose entry stands at `start` or later goes back into the queue, but for what was forgotten since."""
    connection.execute(delete(QueueItem).where(*placed_from(issuer, epoch, start), is_forgotten()))
    connection.execute(update(QueueItem).where(*placed_from(issuer, epoch, start)).values(**UNPLACED))


def placed_from(issuer: IssuerId, epoch: int, start: int) -> tuple[ColumnElement[bool], ...]:
    """Items whose entry has index `start` or a later one in this epoch's log."""
    return QueueItem.issuer == issuer, QueueItem.epoch == epoch, QueueItem.entry_index >= start


def forgotten(connection: Connection, issuer: IssuerId, digests: Sequence[Digest]) -> set[Digest]:
    """Those of the digests whose credential was forgotten after its entry was made."""
    found: set[Digest] = set()
    for first in range(0, len(digests), _DIGESTS_AT_ONCE):
        asked = QueueItem.digest.in_(digests[first : first + _DIGESTS_AT_ONCE])
        rows = connection.execute(select(QueueItem.digest).where(QueueItem.issuer == issuer, asked, is_forgotten()))
        found.update(Digest(digest) for digest in rows.scalars() if digest is not None)
    return found


def is_forgotten() -> ColumnElement[bool]:
    """Items whose credential was forgotten after its entry was made."""
    return QueueItem.key.startswith(f"{FORGOTTEN}:")


def find_waiting(connection: Connection, issuer: IssuerId, entries: Mapping[int, Entry]) -> dict[int, int]:
    """Item → index, for entries (by index) that stand in the log already although their items are queued or put
    aside: an item for each, oldest first.
    """
    states = (ItemState.QUEUED, ItemState.REFUSED)
    rows = connection.execute(
        _columns().where(QueueItem.issuer == issuer, QueueItem.state.in_(states)).order_by(QueueItem.id)
    )
    waiting: dict[Entry, list[int]] = {}
    for row in rows:
        item = _item(row)
        waiting.setdefault(item.entry, []).append(item.id)
    found: dict[int, int] = {}
    for index, entry in entries.items():
        if waiting.get(entry):
            found[waiting[entry].pop(0)] = index
    return found
