"""Store the status positions of credentials that a signing profile has signed outside the log.

The tables are those of an institution, under a list owner that is no issuer on the ledger: 32 bytes from the profile's DID.
One position is one index in a list of each purpose. `status_lists` stores the lists themselves.
"""

from acredita.anchoring.types import Digest, IssuerId
from acredita.node.storage.models import QueueItem, StatusPosition
from sqlalchemy import Connection, insert, select


def keep_position(connection: Connection, owner: IssuerId, position: int, credential: Digest | None) -> None:
    """Store a drawn position. Raises IntegrityError if another writer drew it first."""
    connection.execute(insert(StatusPosition).values(issuer=owner, position=position, digest=credential))


def positions_of(connection: Connection, owner: IssuerId, credential: Digest) -> list[int]:
    """Return every position drawn for credentials of one id, oldest lists first. A corrected one has its own."""
    rows = connection.execute(
        select(StatusPosition.position)
        .where(StatusPosition.issuer == owner, StatusPosition.digest == credential)
        .order_by(StatusPosition.position)
    )
    return [row[0] for row in rows]


def is_drawn(connection: Connection, owner: IssuerId, position: int) -> bool:
    """Decide whether a position is drawn."""
    rows = connection.execute(
        select(StatusPosition.position).where(StatusPosition.issuer == owner, StatusPosition.position == position)
    )
    return rows.scalar_one_or_none() is not None


def digest_at(connection: Connection, issuer: IssuerId, position: int) -> Digest | None:
    """Return the credential an institution drew a position for, or None if there is none or it is forgotten."""
    digest = connection.execute(
        select(StatusPosition.digest).where(StatusPosition.issuer == issuer, StatusPosition.position == position)
    ).scalar_one_or_none()
    return None if digest is None else Digest(digest)


def digest_of_key(connection: Connection, issuer: IssuerId, key: str) -> Digest | None:
    """Return the credential issued under an idempotency key, or None."""
    digest = connection.execute(
        select(QueueItem.digest).where(QueueItem.issuer == issuer, QueueItem.key == key)
    ).scalar_one_or_none()
    return None if digest is None else Digest(digest)
