"""Store the index of the ledger: its events, the hashes of its last blocks, and the block up to which they are checked.

Invariants: one transaction moves events, hashes and the block; it succeeds only if the stored block is still the expected
one. Events above the stored block do not exist. A fault changes nothing but the fault.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.types import BlockHash
from acredita.node.storage import ledger_gaps
from acredita.node.storage.database import LeaseLostError
from acredita.node.storage.ledger_event_rows import ROWS_AT_ONCE, IndexedEvent, values_of
from acredita.node.storage.ledger_gaps import IndexGap
from acredita.node.storage.models import LedgerBlockRow, LedgerEventRow, LedgerIndexRow
from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select, update

KEPT_BLOCKS: Final = 1_024
MAX_DETAIL_CHARACTERS: Final = 512

_KEY: Final = 1
_LOGS_OF_A_BLOCK: Final = 1 << 20  # more than a block's gas pays for
_TOTAL_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class IndexedBlock:
    """The block up to which the index is checked. `totals`: of the contracts, in their order."""

    identity: bytes
    number: int
    hash: BlockHash
    time: int
    header: bytes
    totals: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class IndexFault:
    """The reason why the index does not advance. `head`: the ledger's newest block then, if it was known."""

    code: str
    detail: str
    since: int
    head: int | None = None


@dataclass(frozen=True, slots=True)
class IndexState:
    """The state of the index. `block` None: nothing is checked yet. `other_header`: of a fork at the height of `block`.

    `gaps`: contracts with missing events.
    """

    block: IndexedBlock | None = None
    fault: IndexFault | None = None
    other_header: bytes | None = None
    gaps: tuple[IndexGap, ...] = ()


def index_state(connection: Connection) -> IndexState:
    """Return the state of the index."""
    row = connection.execute(select(LedgerIndexRow.__table__)).one_or_none()
    if row is None:
        return IndexState()
    return IndexState(_block(row), _fault(row), row.other_header, ledger_gaps.gaps(connection))


def _block(row: Row[*tuple[object, ...]]) -> IndexedBlock | None:
    values = row._mapping
    if values["block_number"] is None:
        return None
    packed = values["totals"]
    totals = tuple(packed[at : at + _TOTAL_BYTES] for at in range(0, len(packed), _TOTAL_BYTES))
    return IndexedBlock(
        values["identity"],
        values["block_number"],
        BlockHash(values["block_hash"]),
        values["block_time"],
        values["header"],
        totals,
    )


def _fault(row: Row[*tuple[object, ...]]) -> IndexFault | None:
    values = row._mapping
    if values["fault_code"] is None:
        return None
    return IndexFault(values["fault_code"], values["fault_detail"], values["fault_since"], values["head_number"])


def advance(
    connection: Connection,
    *,
    expected: IndexedBlock | None,
    kept_up_to: int,
    events: Sequence[IndexedEvent],
    block: IndexedBlock,
    hashes: Mapping[int, bytes],
    has_staged: bool = False,
) -> None:
    """Replace what is above `kept_up_to` by these events, and move to a block. Clears the fault.

    `has_staged`: by the provisional events as well. A gap that began there or above it ends. Raises LeaseLostError if the
    stored block is not `expected`.
    """
    _swap(connection, expected, block)
    ended = [gap.contract for gap in ledger_gaps.gaps(connection) if gap.number >= kept_up_to]
    ledger_gaps.end_gaps(connection, ended)
    for model in (LedgerEventRow, LedgerBlockRow):
        connection.execute(delete(model).where(model.block_number > kept_up_to))
    _insert(connection, events, has_staged=has_staged)
    seen = [{"block_number": number, "block_hash": hashes[number]} for number in sorted(hashes) if number > kept_up_to]
    if seen:
        connection.execute(insert(LedgerBlockRow), seen)
    connection.execute(delete(LedgerBlockRow).where(LedgerBlockRow.block_number <= block.number - KEPT_BLOCKS))


def fill_gap(
    connection: Connection, expected: IndexedBlock, gap: IndexGap, events: Sequence[IndexedEvent], *, has_staged: bool
) -> None:
    """Replace a contract's events after the beginning of a gap by all of them, and end the gap.

    Raises LeaseLostError if the stored block is not `expected`.
    """
    _swap(connection, expected, expected)
    ledger_gaps.delete_after(connection, gap)
    ledger_gaps.end_gaps(connection, [gap.contract])
    _insert(connection, events, has_staged=has_staged)


def _insert(connection: Connection, events: Sequence[IndexedEvent], *, has_staged: bool) -> None:
    if has_staged:
        ledger_gaps.take_provisional(connection)
    for first in range(0, len(events), ROWS_AT_ONCE):
        connection.execute(insert(LedgerEventRow), [values_of(event) for event in events[first : first + ROWS_AT_ONCE]])


def _swap(connection: Connection, expected: IndexedBlock | None, block: IndexedBlock) -> None:
    _begin(connection)
    row = LedgerIndexRow
    stands: tuple[ColumnElement[bool], ...] = (row.block_number.is_(None),)
    if expected is not None:
        stands = (row.block_number == expected.number, row.block_hash == expected.hash)
    moved = connection.execute(
        update(row)
        .where(row.key == _KEY, *stands)
        .values(
            identity=block.identity,
            block_number=block.number,
            block_hash=block.hash,
            block_time=block.time,
            header=block.header,
            totals=b"".join(block.totals),
            fault_code=None,
            fault_detail=None,
            fault_since=None,
            head_number=None,
            other_header=None,
        )
    )
    if moved.rowcount != 1:
        raise LeaseLostError("another process has moved the index")


def _begin(connection: Connection) -> None:
    if connection.execute(select(LedgerIndexRow.key)).one_or_none() is None:
        connection.execute(insert(LedgerIndexRow).values(key=_KEY))


def record_fault(connection: Connection, fault: IndexFault | None, other_header: bytes | None = None) -> None:
    """Record why the index does not advance, or that it does."""
    _begin(connection)
    connection.execute(
        update(LedgerIndexRow).values(
            fault_code=None if fault is None else fault.code,
            fault_detail=None if fault is None else fault.detail[:MAX_DETAIL_CHARACTERS],
            fault_since=None if fault is None else fault.since,
            head_number=None if fault is None else fault.head,
            other_header=other_header,
        )
    )


def seen_hash(connection: Connection, number: int) -> bytes | None:
    """Return the hash that was seen at a height, if it is one of the kept ones."""
    row = LedgerBlockRow
    return connection.execute(select(row.block_hash).where(row.block_number == number)).scalar_one_or_none()


def seen_blocks(connection: Connection) -> list[tuple[int, bytes]]:
    """Return the kept heights and hashes, the lowest first."""
    row = LedgerBlockRow
    rows = connection.execute(select(row.block_number, row.block_hash).order_by(row.block_number))
    return [(number, block_hash) for number, block_hash in rows]


def total_up_to(connection: Connection, contract: int, number: int) -> bytes | None:
    """Return a contract's total after its last event up to a height; None where it has no event."""
    row = LedgerEventRow
    query = select(row.total).where(row.contract == contract, row.block_number <= number)
    newest_first = query.order_by(row.block_number.desc(), row.log_index.desc()).limit(1)
    return connection.execute(newest_first).scalar_one_or_none()


def events(connection: Connection, up_to: int | None = None) -> Iterator[IndexedEvent]:
    """Yield every event in chain order. `up_to`: of no later block."""
    row = LedgerEventRow
    query = _events() if up_to is None else _events().where(row.block_number <= up_to)
    query = query.order_by(row.block_number, row.log_index).execution_options(yield_per=ROWS_AT_ONCE)
    for row_of_event in connection.execute(query):
        yield IndexedEvent(*row_of_event)


def subject_events(
    connection: Connection, contract: int, subject: bytes, up_to: int, *, offset: int = 0, limit: int | None = None
) -> list[IndexedEvent]:
    """Return a contract's events of one subject up to a block in chain order, or one page of them."""
    row = LedgerEventRow
    query = _events().where(row.contract == contract, row.subject == subject, row.block_number <= up_to)
    page = query.order_by(row.block_number, row.log_index).offset(offset).limit(limit)
    return [IndexedEvent(*values) for values in connection.execute(page)]


def subject_count(connection: Connection, contract: int, subject: bytes, up_to: int) -> int:
    """Return the number of a contract's events of one subject up to a block."""
    row = LedgerEventRow
    query = select(func.count()).where(row.contract == contract, row.subject == subject, row.block_number <= up_to)
    return connection.execute(query).scalar_one()


def newest_total(connection: Connection, contract: int, subject: bytes, up_to: int) -> bytes | None:
    """Return the contract's total after the newest event of a subject up to a block; None for a subject without events."""
    row = LedgerEventRow
    query = select(row.total).where(row.contract == contract, row.subject == subject, row.block_number <= up_to)
    newest_first = query.order_by(row.block_number.desc(), row.log_index.desc()).limit(1)
    return connection.execute(newest_first).scalar_one_or_none()


def subjects(connection: Connection, contract: int, up_to: int) -> list[bytes]:
    """Return the subjects that a contract has had up to a block, in the order of their first events."""
    row = LedgerEventRow
    place = row.block_number * _LOGS_OF_A_BLOCK + row.log_index
    query = select(row.subject).where(row.contract == contract, row.subject.is_not(None), row.block_number <= up_to)
    in_order = query.group_by(row.subject).order_by(func.min(place))
    return [subject for (subject,) in connection.execute(in_order) if subject is not None]


def topic_events(connection: Connection, contract: int, topic: bytes, up_to: int) -> list[IndexedEvent]:
    """Return a contract's events of one kind up to a block, in chain order."""
    row = LedgerEventRow
    query = _events().where(row.contract == contract, row.topic == topic, row.block_number <= up_to)
    in_order = query.order_by(row.block_number, row.log_index)
    return [IndexedEvent(*values) for values in connection.execute(in_order)]


def event_count(connection: Connection) -> int:
    """Return the number of events."""
    return connection.execute(select(func.count()).select_from(LedgerEventRow)).scalar_one()


def _events() -> Select[int, bytes | None, bytes, bytes, int, int, int, bytes, bytes, bytes]:
    row = LedgerEventRow
    return select(
        row.contract,
        row.subject,
        row.topic,
        row.data,
        row.block_number,
        row.log_index,
        row.block_time,
        row.total,
        row.block_hash,
        row.transaction,
    )
