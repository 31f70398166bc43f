"""Store sealed credentials, their data keys and status positions. The vault seals and opens them."""

from collections.abc import Iterable
from dataclasses import dataclass

from acredita.anchoring.entries import POSITIONS_PER_LIST, EntryKind
from acredita.anchoring.types import Digest, IssuerId
from acredita.node.storage.models import CredentialRow, DataKey, QueueItem, StatusListRow, StatusPosition
from sqlalchemy import Connection, delete, func, insert, select, update


@dataclass(frozen=True, slots=True)
class Sealed:
    """A credential at rest: AES-256-GCM under a data key of its own, the data key wrapped by the keystore."""

    digest: Digest
    programme: Digest
    nonce: bytes
    ciphertext: bytes
    wrapped_key: bytes


def insert_credential(connection: Connection, issuer: IssuerId, sealed: Sealed, position: int, *, now: int) -> None:
    """Store a credential with its data key and position. Raises IntegrityError if digest or position are taken."""
    connection.execute(
        insert(CredentialRow).values(
            issuer=issuer,
            digest=sealed.digest,
            programme=sealed.programme,
            nonce=sealed.nonce,
            ciphertext=sealed.ciphertext,
            created_at=now,
        )
    )
    connection.execute(insert(DataKey).values(issuer=issuer, digest=sealed.digest, wrapped=sealed.wrapped_key))
    connection.execute(insert(StatusPosition).values(issuer=issuer, position=position, digest=sealed.digest))


def read_credential(connection: Connection, issuer: IssuerId, digest: Digest) -> Sealed | None:
    """Return a sealed credential, or None if the node never had it or has forgotten it."""
    row = connection.execute(
        select(CredentialRow.programme, CredentialRow.nonce, CredentialRow.ciphertext, DataKey.wrapped)
        .join(DataKey, (DataKey.issuer == CredentialRow.issuer) & (DataKey.digest == CredentialRow.digest))
        .where(CredentialRow.issuer == issuer, CredentialRow.digest == digest)
    ).one_or_none()
    return None if row is None else Sealed(digest, Digest(row[0]), row[1], row[2], row[3])


def digests(connection: Connection, issuer: IssuerId) -> list[Digest]:
    """Return every stored credential in the order of digests, which says nothing about when or to whom."""
    rows = connection.execute(
        select(CredentialRow.digest).where(CredentialRow.issuer == issuer).order_by(CredentialRow.digest)
    )
    return [Digest(row[0]) for row in rows]


def position_of(connection: Connection, issuer: IssuerId, digest: Digest) -> int | None:
    """Return the status position of a credential, or None."""
    return connection.execute(
        select(StatusPosition.position).where(StatusPosition.issuer == issuer, StatusPosition.digest == digest)
    ).scalar_one_or_none()


def used_positions(connection: Connection, issuer: IssuerId, first: int, last: int) -> set[int]:
    """Return the drawn positions from `first` to `last`, both included. Forgotten ones stay drawn."""
    rows = connection.execute(
        select(StatusPosition.position).where(
            StatusPosition.issuer == issuer, StatusPosition.position >= first, StatusPosition.position <= last
        )
    )
    return {row[0] for row in rows}


def highest_position(connection: Connection, issuer: IssuerId) -> int | None:
    """Return the highest drawn position, or None if there is none."""
    return connection.execute(
        select(func.max(StatusPosition.position)).where(StatusPosition.issuer == issuer)
    ).scalar_one()


def begin_list(connection: Connection, issuer: IssuerId, list_number: int) -> None:
    """Begin a list by drawing its first position for nobody, so that no earlier list is drawn from any more."""
    connection.execute(
        insert(StatusPosition).values(issuer=issuer, position=list_number * POSITIONS_PER_LIST, digest=None)
    )


def forget_credential(connection: Connection, issuer: IssuerId, digest: Digest) -> bool:
    """Delete bytes and data key of a credential and clear its position, which stays drawn. Return False if unknown."""
    connection.execute(delete(DataKey).where(DataKey.issuer == issuer, DataKey.digest == digest))
    connection.execute(
        update(StatusPosition)
        .where(StatusPosition.issuer == issuer, StatusPosition.digest == digest)
        .values(digest=None)
    )
    gone = connection.execute(
        delete(CredentialRow).where(CredentialRow.issuer == issuer, CredentialRow.digest == digest)
    )
    return gone.rowcount == 1


def published_list(
    connection: Connection, issuer: IssuerId, list_number: int, *, to_replace: bool = False
) -> bytes | None:
    """Return a published list, or None. `to_replace`: lock it, so that this transaction replaces the newest one."""
    query = select(StatusListRow.document).where(
        StatusListRow.issuer == issuer, StatusListRow.list_number == list_number
    )
    # SQLite has one writer at a time anyway, and no such clause.
    return connection.execute(query.with_for_update() if to_replace else query).scalar_one_or_none()


def replace_lists(
    connection: Connection, issuer: IssuerId, documents: Iterable[tuple[int, bytes]], *, now: int
) -> None:
    """Publish lists, new ones or in place of those published before."""
    for number, document in documents:
        values = {"document": document, "published_at": now}
        replaced = connection.execute(
            update(StatusListRow)
            .where(StatusListRow.issuer == issuer, StatusListRow.list_number == number)
            .values(**values)
        )
        if replaced.rowcount == 0:
            connection.execute(insert(StatusListRow).values(issuer=issuer, list_number=number, **values))


def status_changes(connection: Connection, issuer: IssuerId, position: int) -> list[EntryKind]:
    """Return every queued status change of a position, oldest first, whatever its state is now."""
    rows = connection.execute(
        select(QueueItem.kind).where(QueueItem.issuer == issuer, QueueItem.position == position).order_by(QueueItem.id)
    )
    return [EntryKind(row[0]) for row in rows]
