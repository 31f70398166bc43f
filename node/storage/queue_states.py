"""Move queue items between their states: queued, appended, anchored.

Invariant: an item has an entry index exactly while it is appended or anchored. `storage/refused` moves items to and from the
state refused.
"""

from collections.abc import Mapping
from typing import Final

from acredita.anchoring.entries import Entry
from acredita.anchoring.types import IssuerId
from acredita.node.storage import queue
from acredita.node.storage.models import QueueItem
from acredita.node.storage.queue import ItemState
from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    update,
)

UNPLACED: Final[dict[str, object]] = {
    "state": ItemState.QUEUED,
    "epoch": None,
    "entry_index": None,
    "anchored_at": None,
}
"""The columns of an item whose entry is not in the log."""


def mark_appended(connection: Connection, issuer: IssuerId, epoch: int, indexes: Mapping[int, int]) -> None:
    """Mark items as appended, provisional until `mark_anchored`. `indexes`: item → index of its entry."""
    if not indexes:
        return
    connection.execute(
        update(QueueItem)
        .where(QueueItem.issuer == issuer, QueueItem.id == bindparam("item"))
        .values(state=ItemState.APPENDED, epoch=epoch, entry_index=bindparam("index"), reason_code=None, reason=None),
        [{"item": item, "index": index} for item, index in indexes.items()],
    )


def mark_anchored(connection: Connection, issuer: IssuerId, epoch: int, start: int, end: int, *, now: int) -> int:
    """Mark the items of the entries [start, end) as anchored, which releases them. Return how many."""
    result = connection.execute(
        update(QueueItem)
        .where(*from_index(issuer, epoch, start), QueueItem.entry_index < end)
        .values(state=ItemState.ANCHORED, anchored_at=now)
    )
    return result.rowcount


def mark_unanchored(connection: Connection, issuer: IssuerId, epoch: int, start: int) -> None:
    """Mark items as appended again, because the chain lost the checkpoints over entries from `start` on."""
    connection.execute(
        update(QueueItem)
        .where(*from_index(issuer, epoch, start), QueueItem.state == ItemState.ANCHORED)
        .values(state=ItemState.APPENDED, anchored_at=None)
    )


def requeue_from(connection: Connection, issuer: IssuerId, epoch: int, start: int) -> None:
    """Requeue the items of the entries from `start` on. An item whose credential was forgotten since is deleted."""
    connection.execute(delete(QueueItem).where(*from_index(issuer, epoch, start), queue.is_forgotten()))
    connection.execute(update(QueueItem).where(*from_index(issuer, epoch, start)).values(**UNPLACED))


def from_index(issuer: IssuerId, epoch: int, start: int) -> tuple[ColumnElement[bool], ...]:
    """Build the condition for items whose entry has index `start` or a later one in this epoch's log."""
    return QueueItem.issuer == issuer, QueueItem.epoch == epoch, QueueItem.entry_index >= start


def find_waiting(connection: Connection, issuer: IssuerId, entries: Mapping[int, Entry]) -> dict[int, int]:
    """Find queued or refused items whose entry is already in the log, an item for each entry, oldest first.

    `entries`: index → entry. Return item → index.
    """
    states = (ItemState.QUEUED, ItemState.REFUSED)
    rows = connection.execute(
        queue.item_columns().where(QueueItem.issuer == issuer, QueueItem.state.in_(states)).order_by(QueueItem.id)
    )
    waiting: dict[Entry, list[int]] = {}
    for row in rows:
        item = queue.queued_item(row)
        waiting.setdefault(item.entry, []).append(item.id)
    indexes: dict[int, int] = {}
    for index, entry in entries.items():
        if waiting.get(entry):
            indexes[waiting[entry].pop(0)] = index
    return indexes
