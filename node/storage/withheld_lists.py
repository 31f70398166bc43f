"""Store signed lists of withheld documents. The one of the highest number is in force; earlier ones stay as evidence."""

from acredita.node.storage.models import WithheldListRow
from sqlalchemy import Connection, func, insert, select


def newest_number(connection: Connection) -> int | None:
    """Return the number of the list in force; None where there is none."""
    return connection.execute(select(func.max(WithheldListRow.number))).scalar_one()


def read_list(connection: Connection, number: int) -> bytes:
    """Return a stored list in JCS form."""
    row = WithheldListRow
    return connection.execute(select(row.content).where(row.number == number)).scalar_one()


def insert_list(connection: Connection, number: int, content: bytes, now: int) -> None:
    """Store a list of a number that is not stored yet."""
    connection.execute(insert(WithheldListRow).values(number=number, content=content, stored_at=now))
