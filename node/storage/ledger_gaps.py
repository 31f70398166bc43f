"""Store what the index does not know yet: events of a long step, contracts with missing events, subjects in doubt.

Invariants: provisional events are in no answer. A gap and its subjects are stored with the block that the index moves to,
and end in the transaction that brings the missing events.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from acredita.node.storage.ledger_event_rows import ROWS_AT_ONCE, IndexedEvent, values_of
from acredita.node.storage.models import LedgerDoubtRow, LedgerEventRow, LedgerGapRow, LedgerProvisionalEventRow
from sqlalchemy import Connection, delete, insert, select


@dataclass(frozen=True, slots=True)
class IndexGap:
    """A contract with missing events. `number`, `total`: the last block before them, and the total there."""

    contract: int
    number: int
    total: bytes


def stage(connection: Connection, events: Sequence[IndexedEvent], *, anew: bool) -> None:
    """Append events to the provisional ones. `anew`: delete those of an earlier step first."""
    if anew:
        connection.execute(delete(LedgerProvisionalEventRow))
    for first in range(0, len(events), ROWS_AT_ONCE):
        rows = [values_of(event) for event in events[first : first + ROWS_AT_ONCE]]
        connection.execute(insert(LedgerProvisionalEventRow), rows)


def take_provisional(connection: Connection) -> None:
    """Move the provisional events into the index."""
    columns = list(LedgerProvisionalEventRow.__table__.columns)
    names = [column.name for column in columns]
    connection.execute(insert(LedgerEventRow).from_select(names, select(*columns)))
    connection.execute(delete(LedgerProvisionalEventRow))


def gaps(connection: Connection) -> tuple[IndexGap, ...]:
    """Return the contracts with missing events."""
    row = LedgerGapRow
    stored = connection.execute(select(row.contract, row.block_number, row.total).order_by(row.contract))
    return tuple(IndexGap(*values) for values in stored)


def doubts(connection: Connection) -> frozenset[tuple[int, bytes]]:
    """Return the subjects whose events are not whole, with the number of their contract."""
    row = LedgerDoubtRow
    return frozenset((contract, subject) for contract, subject in connection.execute(select(row.contract, row.subject)))


def open_gaps(connection: Connection, opened: Iterable[IndexGap], doubted: Iterable[tuple[int, bytes]]) -> None:
    """Store gaps, and the subjects in doubt. A gap that is open already keeps its beginning."""
    known = {gap.contract for gap in gaps(connection)}
    for gap in opened:
        if gap.contract not in known:
            values = {"contract": gap.contract, "block_number": gap.number, "total": gap.total}
            connection.execute(insert(LedgerGapRow).values(values))
            known.add(gap.contract)
    for contract, subject in sorted(set(doubted) - doubts(connection)):
        if contract in known:
            connection.execute(insert(LedgerDoubtRow).values(contract=contract, subject=subject))


def end_gaps(connection: Connection, ended: Iterable[int]) -> None:
    """Delete the gaps of contracts, and the subjects in doubt with them."""
    for contract in ended:
        connection.execute(delete(LedgerGapRow).where(LedgerGapRow.contract == contract))
        connection.execute(delete(LedgerDoubtRow).where(LedgerDoubtRow.contract == contract))


def delete_after(connection: Connection, gap: IndexGap) -> None:
    """Delete a contract's events after the beginning of a gap."""
    row = LedgerEventRow
    connection.execute(delete(row).where(row.contract == gap.contract, row.block_number > gap.number))
