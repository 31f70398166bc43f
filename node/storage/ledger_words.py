"""Find the ledger's events that hold a word of 32 bytes in their data, such as the SHA-256 of a document."""

from collections.abc import Collection

from acredita.node.storage.ledger_event_rows import IndexedEvent
from acredita.node.storage.models import LedgerEventRow
from sqlalchemy import ColumnElement, Connection, LargeBinary, func, literal, select


def events_holding(
    connection: Connection, contract: int, topics: Collection[bytes], word: bytes, up_to: int
) -> list[IndexedEvent]:
    """Return a contract's events of some kinds up to a block whose data hold a word, in chain order.

    Each event of the contract is looked at: the caller bounds how often it asks.
    """
    row = LedgerEventRow
    query = select(*(getattr(row, name) for name in IndexedEvent.__slots__)).where(
        row.contract == contract, row.topic.in_(topics), row.block_number <= up_to, _holds(connection, word)
    )
    in_order = query.order_by(row.block_number, row.log_index)
    return [IndexedEvent(*values) for values in connection.execute(in_order)]


def _holds(connection: Connection, word: bytes) -> ColumnElement[bool]:
    bound = literal(word, LargeBinary())
    if connection.dialect.name == "sqlite":
        return func.instr(LedgerEventRow.data, bound) > 0
    return func.position(bound.op("IN")(LedgerEventRow.data)) > 0
