"""Store documents by the SHA-256 of their bytes, within limits for each subject.

Invariants: the limits hold whichever processes store at once, because a transaction that stores locks out the others.
A stored document is never replaced; one of an applicant may become public, and a public one never the reverse.
"""

from dataclasses import dataclass

from acredita.anchoring.types import Digest, IssuerId
from acredita.node.storage.models import DocumentRow
from acredita.node.storage.postgresql import lock_documents
from sqlalchemy import Connection, func, insert, select, update


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document with its bytes. `applicant`: the party whose first activation makes it public; None where it is."""

    digest: Digest
    kind: str
    media_type: str
    charged: bytes
    applicant: IssuerId | None
    content: bytes


def lock(connection: Connection) -> None:
    """Let no other process store documents until this transaction ends. SQLite has one writer at a time."""
    if connection.dialect.name != "sqlite":
        lock_documents(connection)


def read_document(connection: Connection, digest: Digest) -> StoredDocument | None:
    """Return a document; None where it is not stored."""
    row = DocumentRow
    query = select(row.digest, row.kind, row.media_type, row.charged, row.applicant, row.content)
    values = connection.execute(query.where(row.digest == digest)).one_or_none()
    if values is None:
        return None
    digest_, kind, media_type, charged, applicant, content = values
    of = None if applicant is None else IssuerId(applicant)
    return StoredDocument(Digest(digest_), kind, media_type, charged, of, content)


def charged_to(connection: Connection, subject: bytes) -> tuple[int, int]:
    """Return how many documents count to a subject's limit, and their bytes."""
    row = DocumentRow
    query = select(func.count(), func.coalesce(func.sum(row.size), 0)).where(row.charged == subject)
    count, size = connection.execute(query).one()
    return int(count), int(size)


def insert_document(connection: Connection, document: StoredDocument, now: int) -> None:
    """Store a document that is not stored yet."""
    connection.execute(
        insert(DocumentRow).values(
            digest=document.digest,
            kind=document.kind,
            media_type=document.media_type,
            charged=document.charged,
            applicant=document.applicant,
            size=len(document.content),
            stored_at=now,
            content=document.content,
        )
    )


def make_public(connection: Connection, digest: Digest) -> None:
    """Record that a document of an applicant is public."""
    connection.execute(update(DocumentRow).where(DocumentRow.digest == digest).values(applicant=None))
