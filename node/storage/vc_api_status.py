"""Status of what a signing profile has signed outside the log: drawn positions and published lists.

The same tables as an institution's, under a list owner that is no issuer on the ledger: 32 bytes from the profile's
DID. One position stands for one index in a list of each purpose. A list's row is locked before it is changed, so that
two changes at once both count; rows of lists are never deleted.
"""

from acredita.anchoring.types import Digest, IssuerId
from acredita.node.storage.models import QueueItem, StatusListRow, StatusPosition
from sqlalchemy import Connection, insert, select, update


def keep_position(connection: Connection, owner: IssuerId, position: int, credential: Digest | None) -> None:
    """Stores a drawn position; IntegrityError where another writer drew it first."""
    connection.execute(insert(StatusPosition).values(issuer=owner, position=position, digest=credential))


def positions_of(connection: Connection, owner: IssuerId, credential: Digest) -> list[int]:
    """Every position drawn for credentials of one id, oldest lists first: a corrected credential has another."""
    rows = connection.execute(
        select(StatusPosition.position)
        .where(StatusPosition.issuer == owner, StatusPosition.digest == credential)
        .order_by(StatusPosition.position)
    )
    return [row[0] for row in rows]


def is_drawn(connection: Connection, owner: IssuerId, position: int) -> bool:
    found = connection.execute(
        select(StatusPosition.position).where(StatusPosition.issuer == owner, StatusPosition.position == position)
    )
    return found.scalar_one_or_none() is not None


def digest_at(connection: Connection, issuer: IssuerId, position: int) -> Digest | None:
    """The credential an institution drew a position for; None where it drew none, or has forgotten it."""
    found = connection.execute(
        select(StatusPosition.digest).where(StatusPosition.issuer == issuer, StatusPosition.position == position)
    ).scalar_one_or_none()
    return None if found is None else Digest(found)


def digest_of_key(connection: Connection, issuer: IssuerId, key: str) -> Digest | None:
    """What an institution issued under an idempotency key; None where nothing was."""
    found = connection.execute(
        select(QueueItem.digest).where(QueueItem.issuer == issuer, QueueItem.key == key)
    ).scalar_one_or_none()
    return None if found is None else Digest(found)


def lock_list(connection: Connection, owner: IssuerId, number: int) -> bytes | None:
    """The published list, locked until the transaction ends."""
    return connection.execute(
        select(StatusListRow.document)
        .where(StatusListRow.issuer == owner, StatusListRow.list_number == number)
        .with_for_update()
    ).scalar_one_or_none()


def insert_list(connection: Connection, owner: IssuerId, number: int, document: bytes, *, now: int) -> None:
    """A list's first publication; IntegrityError where another writer was first."""
    values = {"issuer": owner, "list_number": number, "document": document, "published_at": now}
    connection.execute(insert(StatusListRow).values(**values))


def replace_list(connection: Connection, owner: IssuerId, number: int, document: bytes, *, now: int) -> None:
    connection.execute(
        update(StatusListRow)
        .where(StatusListRow.issuer == owner, StatusListRow.list_number == number)
        .values(document=document, published_at=now)
    )


def read_list(connection: Connection, owner: IssuerId, number: int) -> bytes | None:
    """The published list as it stands."""
    return connection.execute(
        select(StatusListRow.document).where(StatusListRow.issuer == owner, StatusListRow.list_number == number)
    ).scalar_one_or_none()
