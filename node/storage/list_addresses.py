"""Store the address under which each status list was begun: credentials name it, so it stays the list's for ever.

Invariants: a row is never changed or deleted. Of two writers that begin a list at once, the second gets the first one's.
"""

import json

from acredita.anchoring.types import IssuerId
from acredita.node.storage.models import ListAddressRow, StatusListRow
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError


def addresses(connection: Connection, issuer: IssuerId) -> dict[int, str]:
    """Map the number of each list that was begun to its base address."""
    query = select(ListAddressRow.list_number, ListAddressRow.base).where(ListAddressRow.issuer == issuer)
    return dict(connection.execute(query.order_by(ListAddressRow.list_number)).all())


def address_of(connection: Connection, issuer: IssuerId, number: int) -> str | None:
    """Return the base address of a list; None for one that was not begun."""
    of_list = (ListAddressRow.issuer == issuer) & (ListAddressRow.list_number == number)
    return connection.execute(select(ListAddressRow.base).where(of_list)).scalar_one_or_none()


def settle(connection: Connection, issuer: IssuerId, number: int, base: str) -> str:
    """Return the base address of a list, which is `base` from now on if the list was not begun."""
    known = address_of(connection, issuer, number)
    if known is not None:
        return known
    try:
        with connection.begin_nested():
            connection.execute(insert(ListAddressRow).values(issuer=issuer, list_number=number, base=base))
    except IntegrityError:  # another writer has begun it
        return address_of(connection, issuer, number) or base
    return base


def fill(connection: Connection) -> None:
    """Give each published list without an address that of its document: a backup of an earlier schema has no others."""
    published = connection.execute(select(StatusListRow.issuer, StatusListRow.list_number, StatusListRow.document))
    for issuer, number, document in published.all():
        settle(connection, IssuerId(issuer), number, json.loads(document)["id"].rsplit("/status/", 1)[0])
