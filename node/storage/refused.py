"""Credentials that are signed and wait for their anchor: which they are, and how they are put aside by their digests.

Read when a key is to be ended: what was signed with it must be anchored while it holds, or is not recognised.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from acredita.anchoring.entries import EntryKind
from acredita.anchoring.types import Digest, IssuerId
from acredita.node.storage.models import QueueItem
from acredita.node.storage.queue import ItemState
from sqlalchemy import Connection, select, update

_AT_ONCE: Final = 1_000  # digests in one statement: databases limit its parameters


WAITING: Final = (ItemState.QUEUED, ItemState.APPENDED)
"""Queued, or in a draft or a checkpoint that nobody has confirmed yet."""
UNANCHORED: Final = (*WAITING, ItemState.REFUSED)
"""The same, and what was put aside and may be queued again."""


def waiting(connection: Connection, issuer: IssuerId, states: tuple[str, ...] = WAITING) -> Iterator[Digest]:
    """Digests of credentials in these states."""
    rows = connection.execute(
        select(QueueItem.digest).where(
            QueueItem.issuer == issuer,
            QueueItem.state.in_(states),
            QueueItem.kind == EntryKind.ISSUED,
        )
    )
    return (Digest(row[0]) for row in rows if row[0] is not None)


def put_aside(connection: Connection, issuer: IssuerId, digests: Iterable[Digest], *, code: str, reason: str) -> int:
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
