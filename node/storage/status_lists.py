"""Store published status lists: one row a list, with its document and its version.

The version is the moment the list was issued, in milliseconds since 1970. It is what `validFrom` of the document says.

Invariants: the version of a list strictly rises; a list is replaced only in place of the version that was read (compare
and swap); rows of lists are never deleted. Equal versions mean equal documents, so that a reader may keep what it has read.
"""

from dataclasses import dataclass
from typing import Final

from acredita.anchoring.types import IssuerId
from acredita.node.storage.database import StorageUnavailable
from acredita.node.storage.models import StatusListRow
from sqlalchemy import ColumnElement, Connection, and_, bindparam, insert, select, update

MILLISECONDS: Final = 1_000  # of a second: a thousand versions fit into one before the version runs ahead of the clock
# Built once: every verification reads a version.
_VERSION: Final = select(StatusListRow.version).where(
    StatusListRow.issuer == bindparam("issuer"), StatusListRow.list_number == bindparam("number")
)


@dataclass(frozen=True, slots=True)
class StoredList:
    """A published list: the signed document, and the version it is of."""

    document: bytes
    version: int


def read_list(connection: Connection, issuer: IssuerId, number: int, *, to_replace: bool = False) -> StoredList | None:
    """Return the published list, or None. `to_replace`: lock the row until the transaction ends."""
    query = select(StatusListRow.document, StatusListRow.version).where(_is(issuer, number))
    # SQLite has one writer at a time anyway, and no such clause.
    row = connection.execute(query.with_for_update() if to_replace else query).one_or_none()
    return None if row is None else StoredList(row[0], row[1])


def read_version(connection: Connection, issuer: IssuerId, number: int) -> int | None:
    """Return the version of the published list, or None. It is read before anything that was kept is used."""
    return connection.execute(_VERSION, {"issuer": issuer, "number": number}).scalar_one_or_none()


def versions(connection: Connection, issuer: IssuerId) -> dict[int, int]:
    """Map the number of each published list to its version."""
    query = select(StatusListRow.list_number, StatusListRow.version).where(StatusListRow.issuer == issuer)
    return dict(connection.execute(query.order_by(StatusListRow.list_number)).all())


def next_version(stored: StoredList | None, now: int) -> int:
    """Return the version that follows: the clock's (`now`, Unix seconds), or one millisecond after the stored one."""
    return now * MILLISECONDS if stored is None else max(now * MILLISECONDS, stored.version + 1)


def swap_list(
    connection: Connection, issuer: IssuerId, number: int, document: bytes, *, version: int, stored: StoredList | None
) -> None:
    """Publish a list in place of the one that was read; None: for the first time.

    Raises StorageUnavailable if it was replaced meanwhile, and IntegrityError if another writer published it first.
    """
    values = {"document": document, "version": version}
    if stored is None:
        connection.execute(insert(StatusListRow).values(issuer=issuer, list_number=number, **values))
        return
    if version <= stored.version:
        raise RuntimeError("the version of a status list rises")
    swapped = connection.execute(
        update(StatusListRow).where(_is(issuer, number), StatusListRow.version == stored.version).values(**values)
    )
    if swapped.rowcount != 1:
        raise StorageUnavailable(f"status list {number} was replaced while it was signed")


def _is(issuer: IssuerId, number: int) -> ColumnElement[bool]:
    return and_(StatusListRow.issuer == issuer, StatusListRow.list_number == number)
