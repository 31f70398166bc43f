"""Store sealed credentials, their data keys and status positions. The vault seals and opens them."""

from dataclasses import dataclass
from typing import Final

from acredita.anchoring.entries import POSITIONS_PER_LIST, EntryKind
from acredita.anchoring.types import Digest, IssuerId
from acredita.node.storage.models import CredentialRow, DataKey, QueueItem, StatusPosition
from acredita.node.storage.queue import ItemState
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

# Built once: building a statement costs more than running it.
_CHANGES: Final = (
    select(QueueItem.kind)
    .where(QueueItem.issuer == bindparam("issuer"), QueueItem.position == bindparam("position"))
    .order_by(QueueItem.id)
)
_CHANGES_UNTIL: Final = _CHANGES.where(QueueItem.queued_at <= bindparam("until"))
_CHANGES_ANCHORED: Final = _CHANGES.where(QueueItem.state == ItemState.ANCHORED)


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


def status_changes(
    connection: Connection, issuer: IssuerId, position: int, *, until: int | None = None
) -> list[EntryKind]:
    """Return every status change of a position that was requested, oldest first, whatever its state is now.

    `until`: only those requested up to this moment, Unix seconds.
    """
    values = {"issuer": issuer, "position": position}
    if until is None:
        return [EntryKind(row[0]) for row in connection.execute(_CHANGES, values)]
    return [EntryKind(row[0]) for row in connection.execute(_CHANGES_UNTIL, values | {"until": until})]


def anchored_changes(connection: Connection, issuer: IssuerId, position: int) -> list[EntryKind]:
    """Return the status changes of a position that a confirmed checkpoint covers, oldest first."""
    rows = connection.execute(_CHANGES_ANCHORED, {"issuer": issuer, "position": position})
    return [EntryKind(row[0]) for row in rows]
