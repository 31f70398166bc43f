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


def waiting(connection: Connection, issuer: IssuerId) -> Iterator[Digest]:
    """Digests that are queued, or stand in a draft or a checkpoint that nobody has confirmed yet."""
    rows = connection.execute(
        select(QueueItem.digest).where(
            QueueItem.issuer == issuer,
            QueueItem.state.in_((ItemState.QUEUED, ItemState.APPENDED)),
            QueueItem.kind == EntryKind.ISSUED,
        )
    )
    return (Digest(row[0]) for row in rows if row[0] is not None)


def put_aside(connection: Connection, issuer: IssuerId, digests: Iterable[Digest], *, code: str, reason: str) -> int:
    """Takes queued credentials out of the queue; how many. What stands in a draft already is left where it is."""
    count, remaining = 0, iter(digests)
    while some := list(islice(remaining, _AT_ONCE)):
        changed = connection.execute(
            update(QueueItem)
            .where(QueueItem.issuer == issuer, QueueItem.digest.in_(some), QueueItem.state == ItemState.QUEUED)
            .values(state=ItemState.REFUSED, reason_code=code, reason=reason)
        )
        count += changed.rowcount
    return count
