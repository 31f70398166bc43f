"""Queue `issued` digests and status changes on their way into the log, each exactly once by its key.

Invariants: a caller that repeats a request with the same key gets the same item back, and the same key with other content
is refused; every function takes the caller's connection, so that queueing and storing a credential are one transaction.
"""

from collections.abc import Sequence
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
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.exc import IntegrityError

MAX_KEY_CHARACTERS: Final = 128
MAX_REASON_CHARACTERS: Final = 512
_DIGESTS_AT_ONCE: Final = 1_000  # in one query: databases limit its parameters
FORGOTTEN: Final = "forgotten"  # the key of an item begins with this once its credential was forgotten


class ItemState:
    """The states of an item: queued → appended → anchored, or refused until somebody requeues it."""

    QUEUED: Final = "queued"
    APPENDED: Final = "appended"
    ANCHORED: Final = "anchored"
    REFUSED: Final = "refused"


class IdempotencyKeyRefused(Exception):
    """The key was used before for another request."""

    def __init__(self, key: str) -> None:
        super().__init__(f"idempotency key {key} was used for another request")
        self.key = key


@dataclass(frozen=True, slots=True)
class Enqueued:
    """The item of a request. `fresh` is False if the same request was queued before."""

    item: int
    fresh: bool


@dataclass(frozen=True, slots=True)
class QueuedItem:
    """An item and the entry it is to become."""

    id: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class QueueItemStatus:
    """The state of an item, with its entry index once it is appended and the reason once it is refused."""

    id: int
    kind: EntryKind
    state: str
    epoch: int | None
    entry_index: int | None
    reason_code: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """The number of waiting items of each kind, and the time of the oldest (seconds since 1970)."""

    issued: int
    status: int
    oldest_issued: int | None
    oldest_status: int | None


def enqueue_issued(
    connection: Connection, issuer: IssuerId, digest: Digest, programme: Digest, *, key: str, now: int
) -> Enqueued:
    """Queue one `issued` entry. The digest itself is a key too: it is issued at most once."""
    return _enqueue(connection, issuer, entries.issued(digest, programme), key, now)


def enqueue_status(
    connection: Connection, issuer: IssuerId, kind: EntryKind, position: int, *, key: str, now: int
) -> Enqueued:
    """Queue one change of a status position."""
    return _enqueue(connection, issuer, entries.status_change(kind, position), key, now)


def take_queued(connection: Connection, issuer: IssuerId, limit: int, *, with_issued: bool = True) -> list[QueuedItem]:
    """Return the next items: first status changes in the order they came, then the oldest `issued`.

    A write transaction locks them until it ends: another one that forgets or refuses such an item waits, and finds it
    appended.
    """
    status = _queued(connection, issuer, QueueItem.kind != EntryKind.ISSUED, limit)
    if not with_issued or len(status) == limit:
        return status
    return status + _queued(connection, issuer, QueueItem.kind == EntryKind.ISSUED, limit - len(status))


def queued_status(connection: Connection, issuer: IssuerId) -> list[Entry]:
    """Return the status changes that no confirmed checkpoint covers yet, in order. Published lists show them already."""
    waiting = QueueItem.state.in_((ItemState.QUEUED, ItemState.APPENDED))
    rows = connection.execute(
        item_columns()
        .where(QueueItem.issuer == issuer, waiting, QueueItem.kind != EntryKind.ISSUED)
        .order_by(QueueItem.id)
    )
    return [queued_item(row).entry for row in rows]


def backlog(connection: Connection, issuer: IssuerId) -> Backlog:
    """Count the items that no confirmed checkpoint covers yet."""
    is_issued = QueueItem.kind == EntryKind.ISSUED
    rows = connection.execute(
        select(is_issued, func.count(), func.min(QueueItem.queued_at))
        .where(QueueItem.issuer == issuer, QueueItem.state.in_((ItemState.QUEUED, ItemState.APPENDED)))
        .group_by(is_issued)
    ).all()
    counts = {bool(issued): (count, oldest) for issued, count, oldest in rows}
    issued, status = counts.get(True, (0, None)), counts.get(False, (0, None))
    return Backlog(issued[0], status[0], issued[1], status[1])


def item_status(connection: Connection, issuer: IssuerId, key: str) -> QueueItemStatus | None:
    """Return the state of the item with this key, or None."""
    return _status(connection, issuer, QueueItem.key == key)


def digest_status(connection: Connection, issuer: IssuerId, digest: Digest) -> QueueItemStatus | None:
    """Return the state of the item that issues this digest, or None."""
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
    rows = connection.execute(item_columns().where(QueueItem.issuer == issuer, same)).all()
    if any(queued_item(row).entry != entry for row in rows):
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
        item_columns()
        .where(QueueItem.issuer == issuer, QueueItem.state == ItemState.QUEUED, of_kind)
        .order_by(QueueItem.id)
        .limit(limit)
        .with_for_update()  # SQLite has one writer at a time anyway, and no such clause
    )
    return [queued_item(row) for row in rows]


def item_columns() -> Select[int, int, bytes | None, bytes | None, int | None]:
    """Select the columns of `queued_item`."""
    return select(QueueItem.id, QueueItem.kind, QueueItem.digest, QueueItem.programme, QueueItem.position)


def queued_item(row: Row[int, int, bytes | None, bytes | None, int | None]) -> QueuedItem:
    """Return the item of a row of `item_columns`."""
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
    """Return the states of the chosen items of an institution, in the order they were queued."""
    rows = connection.execute(_status_columns().where(QueueItem.issuer == issuer, which).order_by(QueueItem.id))
    return [_item_status(row) for row in rows]


def _status(connection: Connection, issuer: IssuerId, which: ColumnElement[bool]) -> QueueItemStatus | None:
    row = connection.execute(_status_columns().where(QueueItem.issuer == issuer, which)).one_or_none()
    return None if row is None else _item_status(row)


def _item_status(row: Row[int, int, str, int | None, int | None, str | None, str | None]) -> QueueItemStatus:
    item, kind, state, epoch, index, code, reason = row
    return QueueItemStatus(item, EntryKind(kind), state, epoch, index, code, reason)


def forgotten(connection: Connection, issuer: IssuerId, digests: Sequence[Digest]) -> set[Digest]:
    """Return those of the digests whose credential was forgotten after its entry was appended."""
    result: set[Digest] = set()
    for first in range(0, len(digests), _DIGESTS_AT_ONCE):
        some = QueueItem.digest.in_(digests[first : first + _DIGESTS_AT_ONCE])
        rows = connection.execute(select(QueueItem.digest).where(QueueItem.issuer == issuer, some, is_forgotten()))
        result.update(Digest(digest) for digest in rows.scalars() if digest is not None)
    return result


def is_forgotten() -> ColumnElement[bool]:
    """Build the condition for items whose credential was forgotten after its entry was appended."""
    return QueueItem.key.startswith(f"{FORGOTTEN}:")
