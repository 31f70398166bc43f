"""Refuse queue items, list refused ones and requeue them; list the credentials that are not anchored yet.

An item is refused for one of these causes:

- the contract did not accept its entry, or the council closed the epoch below its checkpoint;
- the key that signed its credential was compromised;
- a mend cannot tell whether its entry was declared void;
- a restore finds that its credential was forgotten after the backup.

Retiring a key changes the code of refused items only. An item stays refused until somebody requeues it.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from acredita.anchoring.entries import EntryKind
from acredita.anchoring.types import Digest, IssuerId
from acredita.node.storage import queue, queue_states
from acredita.node.storage.models import QueueItem
from acredita.node.storage.queue import ItemState, QueueItemStatus
from acredita.registry.codes import Code
from sqlalchemy import Connection, func, select, update

_AT_ONCE: Final = 1_000  # digests in one statement: databases limit its parameters
# Never requeued by `write_path/refused`: anchored now, these credentials would never be recognised.
FOR_GOOD: Final = frozenset({Code.KEY_COMPROMISED, Code.KEY_NOT_VALID_NOW})

WAITING: Final = (ItemState.QUEUED, ItemState.APPENDED)
"""Queued, or in a draft or a checkpoint that is not confirmed yet."""
UNANCHORED: Final = (*WAITING, ItemState.REFUSED)
"""The same, and refused items."""


def refused_items(connection: Connection, issuer: IssuerId) -> list[QueueItemStatus]:
    """Return the refused items, with the reasons."""
    return queue.item_statuses(connection, issuer, QueueItem.state == ItemState.REFUSED)


def refused_by_code(connection: Connection, issuer: IssuerId) -> list[tuple[str, int, str]]:
    """Return code, number and reason of the refused items. Forgotten credentials are not counted."""
    rows = connection.execute(
        select(QueueItem.reason_code, func.count(), func.min(QueueItem.reason))
        .where(QueueItem.issuer == issuer, QueueItem.state == ItemState.REFUSED, ~queue.is_forgotten())
        .group_by(QueueItem.reason_code)
        .order_by(QueueItem.reason_code)
    )
    return [(code or "", count, reason or "") for code, count, reason in rows]


def requeue_refused(connection: Connection, issuer: IssuerId, code: str) -> int:
    """Requeue the items refused with this code. Return how many. Forgotten credentials stay out of the log."""
    result = connection.execute(
        update(QueueItem)
        .where(
            QueueItem.issuer == issuer,
            QueueItem.state == ItemState.REFUSED,
            QueueItem.reason_code == code,
            ~queue.is_forgotten(),
        )
        .values(state=ItemState.QUEUED, reason_code=None, reason=None)
    )
    return result.rowcount


def refuse_issued(
    connection: Connection, issuer: IssuerId, epoch: int, start: int, *, end: int, code: str, reason: str
) -> int:
    """Refuse the `issued` items of the entries [start, end). Return how many."""
    refusal = {"state": ItemState.REFUSED, "reason_code": code, "reason": reason[: queue.MAX_REASON_CHARACTERS]}
    result = connection.execute(
        update(QueueItem)
        .where(
            *queue_states.from_index(issuer, epoch, start),
            QueueItem.entry_index < end,
            QueueItem.kind == int(EntryKind.ISSUED),
        )
        .values(**queue_states.UNPLACED | refusal)
    )
    return result.rowcount


def refuse_queued(connection: Connection, issuer: IssuerId, *, code: str, reason: str) -> int:
    """Refuse every queued `issued` item. Return how many."""
    result = connection.execute(
        update(QueueItem)
        .where(
            QueueItem.issuer == issuer,
            QueueItem.state == ItemState.QUEUED,
            QueueItem.kind == int(EntryKind.ISSUED),
        )
        .values(state=ItemState.REFUSED, reason_code=code, reason=reason[: queue.MAX_REASON_CHARACTERS])
    )
    return result.rowcount


def digests_in(connection: Connection, issuer: IssuerId, states: tuple[str, ...] = WAITING) -> Iterator[Digest]:
    """Return the digests of credentials in these states."""
    rows = connection.execute(
        select(QueueItem.digest).where(
            QueueItem.issuer == issuer,
            QueueItem.state.in_(states),
            QueueItem.kind == EntryKind.ISSUED,
        )
    )
    return (Digest(row[0]) for row in rows if row[0] is not None)


def refuse_digests(
    connection: Connection, issuer: IssuerId, digests: Iterable[Digest], *, code: str, reason: str
) -> int:
    """Refuse queued credentials, and those refused before with another code. Return how many.

    A credential that is in a draft already stays there.
    """
    count, remaining = 0, iter(digests)
    while some := list(islice(remaining, _AT_ONCE)):
        changed = connection.execute(
            update(QueueItem)
            .where(
                QueueItem.issuer == issuer,
                QueueItem.digest.in_(some),
                QueueItem.state.in_((ItemState.QUEUED, ItemState.REFUSED)),
                QueueItem.reason_code.is_distinct_from(code),
            )
            .values(state=ItemState.REFUSED, reason_code=code, reason=reason)
        )
        count += changed.rowcount
    return count
