"""One event of the ledger as the database keeps it."""

from dataclasses import dataclass
from typing import Final

ROWS_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class IndexedEvent:
    """One event. `contract`: its place in the order of the contracts; `total`: that contract's total after it.

    No total binds block number, position, block hash and transaction.
    """

    contract: int
    subject: bytes | None
    topic: bytes
    data: bytes
    block_number: int
    log_index: int
    block_time: int
    total: bytes
    block_hash: bytes
    transaction: bytes


def values_of(event: IndexedEvent) -> dict[str, object]:
    """Return the columns of an event."""
    return {name: getattr(event, name) for name in IndexedEvent.__slots__}
