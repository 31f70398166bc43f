"""Every event up to one block: those that the index keeps, and those after it, folded onto the contracts' totals.

1. The index is of the chain and contracts that the trust file pins, and not above the head.
2. At the head itself nothing is asked. Else one round trip brings the logs after the index and the totals at the head.
3. The events count if they fold to the totals. Else there is no snapshot, and the reader asks the ledger.

Invariants: a snapshot never writes, and its answers do not change while the index moves on. Each reading compares the totals
again, because a reorganisation may have taken back what the snapshot began with.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from acredita.anchoring.ledger import (
    Block,
    LedgerBehindUnavailable,
    LedgerForkedUnavailable,
    LogQuery,
    PartialLedgerUnavailable,
)
from acredita.anchoring.question_batch import AnswerBatch, QuestionBatch
from acredita.anchoring.rpc_ledger import MAX_LOG_BLOCKS
from acredita.anchoring.types import Address
from acredita.contracts.abi import Deployment, RawLog
from acredita.node.index.folding import fold_window, raw_log
from acredita.node.index.identity import EMPTY_TOTALS, addresses_of, identity_of, totals_of
from acredita.node.storage import ledger_gaps, ledger_index, ledger_words
from acredita.node.storage.database import Database, StorageUnavailable
from acredita.node.storage.ledger_event_rows import IndexedEvent
from acredita.node.storage.ledger_index import IndexedBlock
from acredita.registry.ledger_facts.trust_file import Trust
from sqlalchemy import Connection

MAX_LATER_BLOCKS: Final = MAX_LOG_BLOCKS  # between index and head: what one page of logs brings


class SnapshotGoneUnavailable(PartialLedgerUnavailable):
    """The index no longer has what a snapshot began with. The next one has."""


@dataclass(frozen=True)
class IndexSnapshot:
    """Every event up to a block. `number`: of the index; `totals`: there; `later`: the events after it.

    `newest_totals`: after the last event of each contract that is stored; other than the totals where events are missing.
    `gaps`: contracts with missing events; `doubts`: their subjects whose events are known not to be whole.
    """

    database: Database
    contracts: Deployment
    number: int
    totals: tuple[bytes, ...]
    newest_totals: tuple[bytes, ...]
    gaps: frozenset[int] = frozenset()
    doubts: frozenset[tuple[int, bytes]] = frozenset()
    later: tuple[IndexedEvent, ...] = ()

    def is_whole(self, contract: bytes) -> bool:
        """Return whether no event of a contract is missing: then its subjects are all that there are."""
        return self._place(contract) not in self.gaps

    def doubted(self, contract: bytes) -> frozenset[bytes]:
        """Return the subjects of a contract whose events are not whole."""
        place = self._place(contract)
        return frozenset(subject for of, subject in self.doubts if of == place)

    def has_all_of(self, contract: bytes, subject: bytes) -> bool:
        """Return whether every event of a subject is here. A subject without events may be among what is missing."""
        if self.is_whole(contract):
            return True
        return (self._place(contract), subject) not in self.doubts and self.newest(contract, subject) is not None

    def records(self, contract: bytes, subject: bytes, *, offset: int = 0, limit: int | None = None) -> list[RawLog]:
        """Return a contract's records of a subject, oldest first, or one page of them. Raises SnapshotGoneUnavailable."""
        return self._logs(contract, self._page(contract, subject, offset, limit))

    def records_after(self, contract: bytes, subject: bytes, count: int, total: bytes) -> list[RawLog] | None:
        """Return a contract's records of a subject but for the first `count`; None if these are not the known ones.

        `total`: after the last of them, which binds them all. Raises SnapshotGoneUnavailable.
        """
        events = self._page(contract, subject, count - 1, None)
        return self._logs(contract, events[1:]) if events and events[0].total == total else None

    def _page(self, contract: bytes, subject: bytes, offset: int, limit: int | None) -> list[IndexedEvent]:
        place = self._place(contract)
        later = [event for event in self.later if (event.contract, event.subject) == (place, subject)]
        with self._open(place) as connection:
            page = ledger_index.subject_events(connection, place, subject, self.number, offset=offset, limit=limit)
            if later and (limit is None or len(page) < limit):
                stored = ledger_index.subject_count(connection, place, subject, self.number)
                page += later[max(0, offset - stored) : None if limit is None else max(0, offset + limit - stored)]
        return page

    def newest(self, contract: bytes, subject: bytes) -> bytes | None:
        """Return the contract's total after the newest record of a subject; None for a subject without records.

        It binds every record of the subject, so what was made of them once holds while it is the same.
        """
        place = self._place(contract)
        for event in reversed(self.later):
            if (event.contract, event.subject) == (place, subject):
                return event.total
        with self._open(place) as connection:
            return ledger_index.newest_total(connection, place, subject, self.number)

    def of_kind(self, contract: bytes, topic: bytes) -> list[RawLog]:
        """Return a contract's events of one kind. Raises SnapshotGoneUnavailable."""
        place = self._place(contract)
        with self._open(place) as connection:
            events = ledger_index.topic_events(connection, place, topic, self.number)
        later = [event for event in self.later if (event.contract, event.topic) == (place, topic)]
        return self._logs(contract, [*events, *later])

    def holding(self, contract: bytes, topics: Collection[bytes], word: bytes) -> list[RawLog]:
        """Return a contract's events of some kinds whose data hold a word of 32 bytes. Raises SnapshotGoneUnavailable."""
        place = self._place(contract)
        with self._open(place) as connection:
            events = ledger_words.events_holding(connection, place, topics, word, self.number)
        later = [
            event for event in self.later if event.contract == place and event.topic in topics and word in event.data
        ]
        return self._logs(contract, [*events, *later])

    def subjects(self, contract: bytes) -> list[bytes]:
        """Return a contract's subjects in the order of their first records. Raises SnapshotGoneUnavailable."""
        place = self._place(contract)
        with self._open(place) as connection:
            subjects = ledger_index.subjects(connection, place, self.number)
        later = (event.subject for event in self.later if event.contract == place and event.subject is not None)
        return list(dict.fromkeys([*subjects, *later]))

    def total(self, contract: bytes) -> bytes:
        """Return a contract's total at the block of the snapshot."""
        place = self._place(contract)
        return next((event.total for event in reversed(self.later) if event.contract == place), self.totals[place])

    def _place(self, contract: bytes) -> int:
        return addresses_of(self.contracts).index(Address(contract))

    def _logs(self, contract: bytes, events: Sequence[IndexedEvent]) -> list[RawLog]:
        return [raw_log(event, Address(contract)) for event in events]

    @contextmanager
    def _open(self, place: int) -> Iterator[Connection]:
        """Open the database where it still has what the snapshot began with. Raises SnapshotGoneUnavailable."""
        try:
            with self.database.read() as connection:
                total = ledger_index.total_up_to(connection, place, self.number)
                if (total or EMPTY_TOTALS[place]) != self.newest_totals[place]:
                    raise SnapshotGoneUnavailable("a reorganisation has changed the index")
                yield connection
        except StorageUnavailable as error:
            raise SnapshotGoneUnavailable(f"the index cannot be read: {error}") from error


@dataclass(frozen=True)
class StoredIndex:
    """The index as it is in the database now, ready for a snapshot."""

    database: Database
    contracts: Deployment
    block: IndexedBlock
    newest_totals: tuple[bytes, ...]
    gaps: frozenset[int] = frozenset()
    doubts: frozenset[tuple[int, bytes]] = frozenset()
    fork: str | None = None
    """The fault of an index that has stopped at a fork; None where it has not."""

    def is_at(self, head: Block) -> bool:
        """Return whether nothing is to be asked for a snapshot at the head."""
        return (self.block.number, self.block.hash) == (head.number, head.hash)

    def check_not_forked(self, head: Block) -> None:
        """Check that the index has not met another block at a final height, but at its own block.

        Raises LedgerForkedUnavailable.
        """
        if self.fork is not None and not self.is_at(head):
            raise LedgerForkedUnavailable(self.fork)

    def check_not_above(self, head: Block) -> None:
        """Check that the head is not below the index. Raises LedgerBehindUnavailable."""
        if head.number < self.block.number:
            raise LedgerBehindUnavailable(
                f"the ledger ends at block {head.number}, the index is at block {self.block.number}"
            )

    def questions(self, questions: QuestionBatch, head: Block) -> QuestionBatch | None:
        """Add what a snapshot at the head needs; None where the index is too far behind."""
        first = self.block.number + 1
        if not first <= head.number < first + MAX_LATER_BLOCKS:
            return None
        logs = LogQuery(first, head.number, addresses_of(self.contracts))
        return replace(questions, views=totals_of(self.contracts), logs=logs)

    def snapshot(self) -> IndexSnapshot:
        """Return the snapshot at the block of the index."""
        block, missing = self.block, (self.gaps, self.doubts)
        return IndexSnapshot(self.database, self.contracts, block.number, block.totals, self.newest_totals, *missing)

    def snapshot_at(self, head: Block, answers: AnswerBatch) -> IndexSnapshot | None:
        """Return the snapshot at the head; None where the answers do not give the totals."""
        try:
            window = fold_window(answers.logs, addresses_of(self.contracts), self.block.totals, head)
        except PartialLedgerUnavailable:
            return None
        return replace(self.snapshot(), later=window.events) if window.totals == answers.views else None


class IndexReader:
    """Opens the index of one chain and its contracts, for readers that observe a block."""

    def __init__(self, database: Database, trust: Trust) -> None:
        self._database = database
        self._contracts = trust.contracts
        self._identity = identity_of(trust)

    def stored(self) -> StoredIndex | None:
        """Return the index as it is now; None where there is none of this chain, or it cannot be read."""
        try:
            with self._database.read() as connection:
                return self._stored(connection)
        except StorageUnavailable:
            return None

    def _stored(self, connection: Connection) -> StoredIndex | None:
        state = ledger_index.index_state(connection)
        block, fault = state.block, state.fault
        if block is None or block.identity != self._identity:
            return None
        fork = fault.detail if fault is not None and fault.code == LedgerForkedUnavailable.code else None
        if not state.gaps:
            return StoredIndex(self._database, self._contracts, block, block.totals, fork=fork)
        places = range(len(EMPTY_TOTALS))
        newest = (ledger_index.total_up_to(connection, place, block.number) or EMPTY_TOTALS[place] for place in places)
        gaps, doubts = frozenset(gap.contract for gap in state.gaps), ledger_gaps.doubts(connection)
        return StoredIndex(self._database, self._contracts, block, tuple(newest), gaps, doubts, fork)
