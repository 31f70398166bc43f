"""Store proposals of the council by their number on the chain. A stored proposal is never replaced."""

from acredita.node.storage.models import ProposalRow
from sqlalchemy import Connection, insert, select


def read_proposal(connection: Connection, number: int) -> bytes | None:
    """Return a proposal in JCS form; None where it is not stored."""
    return connection.execute(select(ProposalRow.content).where(ProposalRow.number == number)).scalar_one_or_none()


def insert_proposal(connection: Connection, number: int, content: bytes, now: int) -> None:
    """Store a proposal that is not stored yet."""
    connection.execute(insert(ProposalRow).values(number=number, content=content, stored_at=now))
