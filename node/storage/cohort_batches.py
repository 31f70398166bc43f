"""Look up and store a batch of a cohort in a few statements, whatever its size.

Invariants, as in `credentials` and `queue`: a status position and a key occur once for each issuer; a credential and its
queue item are stored together or not at all. Rows are inserted in the order of positions and keys, so that two writers never
wait for each other in a circle.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.entries import EntryKind
from acredita.anchoring.types import Digest, IssuerId
from acredita.node.storage.credentials import Sealed
from acredita.node.storage.models import CredentialRow, DataKey, QueueItem, StatusPosition
from acredita.node.storage.queue import ItemState
from sqlalchemy import Connection, func, insert, select

AGAIN: Final = "again:"  # the key of a row that was issued again begins with this, then its label
LABEL_CHARACTERS: Final = 16


@dataclass(frozen=True, slots=True)
class NewCredential:
    """One credential to be stored and queued under its key."""

    key: str
    position: int
    sealed: Sealed


def issued_under(connection: Connection, issuer: IssuerId, keys: Iterable[str]) -> dict[str, Digest | None]:
    """Return key → credential of those of the keys that were used."""
    rows = connection.execute(
        select(QueueItem.key, QueueItem.digest).where(QueueItem.issuer == issuer, QueueItem.key.in_(sorted(keys)))
    )
    return {key: None if digest is None else Digest(digest) for key, digest in rows}


def labels(connection: Connection, issuer: IssuerId) -> list[str]:
    """Return every label under which an institution has issued rows again."""
    label = func.substr(QueueItem.key, len(AGAIN) + 1, LABEL_CHARACTERS)
    rows = connection.execute(
        select(label).where(QueueItem.issuer == issuer, QueueItem.key.startswith(AGAIN, autoescape=True)).distinct()
    )
    return sorted(row[0] for row in rows)


def drawn_among(connection: Connection, issuer: IssuerId, positions: Sequence[int]) -> set[int]:
    """Return those of the positions that are drawn."""
    rows = connection.execute(
        select(StatusPosition.position).where(
            StatusPosition.issuer == issuer, StatusPosition.position.in_(sorted(positions))
        )
    )
    return {row[0] for row in rows}


def store(connection: Connection, issuer: IssuerId, batch: Sequence[NewCredential], *, now: int) -> None:
    """Store and queue a batch. Raises IntegrityError if a digest, position or key is taken."""
    if not batch:
        return
    by_digest = sorted(batch, key=lambda new: new.sealed.digest)
    by_position = sorted(batch, key=lambda new: new.position)
    connection.execute(insert(CredentialRow), [_credential(issuer, new.sealed, now) for new in by_digest])
    connection.execute(insert(DataKey), [_data_key(issuer, new.sealed) for new in by_digest])
    connection.execute(insert(StatusPosition), [_position(issuer, new) for new in by_position])
    connection.execute(insert(QueueItem), [_item(issuer, new, now) for new in sorted(batch, key=lambda new: new.key)])


Row = dict[str, object]


def _credential(issuer: IssuerId, sealed: Sealed, now: int) -> Row:
    return {
        "issuer": issuer,
        "digest": sealed.digest,
        "programme": sealed.programme,
        "nonce": sealed.nonce,
        "ciphertext": sealed.ciphertext,
        "created_at": now,
    }


def _data_key(issuer: IssuerId, sealed: Sealed) -> Row:
    return {"issuer": issuer, "digest": sealed.digest, "wrapped": sealed.wrapped_key}


def _position(issuer: IssuerId, new: NewCredential) -> Row:
    return {"issuer": issuer, "position": new.position, "digest": new.sealed.digest}


def _item(issuer: IssuerId, new: NewCredential, now: int) -> Row:
    return {
        "issuer": issuer,
        "key": new.key,
        "kind": int(EntryKind.ISSUED),
        "digest": new.sealed.digest,
        "programme": new.sealed.programme,
        "position": None,
        "state": ItemState.QUEUED,
        "queued_at": now,
    }
