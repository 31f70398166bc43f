"""Credentials that are signed and wait for their anchor: which they are, and how they are put aside by their digests.

Read when a key is to be ended: what was signed with it must be anchored while it holds, or is not recognised.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from acredita.anchoring.entries import EntryKind
from acredita.anchoring.types import Digest, IssuerId
from acredita.node.storage import queue
from acredita.node.storage.models import QueueItem
from acredita.node.storage.queue import ItemState, QueueItemStatus
from acredita.registry.codes import Code
from sqlalchemy import Connection, func, select, update

_AT_ONCE: Final = 1_000  # digests in one statement: databases limit its parameters
FOR_GOOD: Final = frozenset({Code.KEY_COMPROMISED, Code.KEY_NOT_VALID_NOW})

WAITING: Final = (ItemState.QUEUED, ItemState.APPENDED)
"""Queued, or in a draft or a checkpoint that nobody has confirmed yet."""
UNANCHORED: Final = (*WAITING, ItemState.REFUSED)
"""The same, and what was put aside and may be queued again."""


def refused_items(connection: Connection, issuer: IssuerId) -> list[QueueItemStatus]:
    """What was put aside, with the reasons."""
    return queue.item_statuses(connection, issuer, QueueItem.state == ItemState.REFUSED)


def refused_by_code(connection: Connection, issuer: IssuerId) -> list[tuple[str, int, str]]:
    """Code, how many, and the reason given with it, of what was put aside."""
    rows = connection.execute(
        select(QueueItem.reason_code, func.count(), func.min(QueueItem.reason))
        .where(QueueItem.issuer == issuer, QueueItem.state == ItemState.REFUSED, ~queue.is_forgotten())
        .group_by(QueueItem.reason_code)
        .order_by(QueueItem.reason_code)
    )
    return [(code or "", count, reason or "") for code, count, reason in rows]


def requeue_refused(connection: Connection, issuer: IssuerId, code: str) -> int:
    """Queues what was put aside with this code again; how many. What was forgotten since stays out of the log."""
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
    """Puts the `issued` items of the entries [start, end) aside, with the reason; how many."""
    refusal = {"state": ItemState.REFUSED, "reason_code": code, "reason": reason[: queue.MAX_REASON_CHARACTERS]}
    result = connection.execute(
        update(QueueItem)
        .where(
            *queue.placed_from(issuer, epoch, start),
            QueueItem.entry_index < end,
            QueueItem.kind == int(EntryKind.ISSUED),
        )
        .values(**queue.UNPLACED | refusal)
    )
    return result.rowcount


def refuse_queued(connection: Connection, issuer: IssuerId, *, code: str, reason: str) -> int:
    """Puts every `issued` item that waits in the queue aside, with the reason; how many."""
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
    """Digests of credentials in these states."""
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
    """Takes credentials out of the queue, and those put aside before for another reason; how many. What stands in a
    draft already is left where it is.
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
