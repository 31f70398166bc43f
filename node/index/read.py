"""Read the index: its state, its state hash, and records. A reader never writes.

A reader uses the index only where its last checked block is the one that the reader observes, by number and hash, of the
chain and contracts that the trust file pins.
"""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.ledger import Block
from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import Address, to_hex
from acredita.contracts import bindings
from acredita.contracts.abi import RawLog
from acredita.node.index.folding import raw_log
from acredita.node.index.identity import INDEX_FORMAT, addresses_of, identity_of
from acredita.node.storage import ledger_index
from acredita.node.storage.database import Database, StorageUnavailable
from acredita.node.storage.ledger_index import IndexedBlock, IndexedEvent, IndexState
from acredita.registry.ledger_facts.trust_file import Trust
from sqlalchemy import Connection

_NUMBER_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class IndexReport:
    """The index as an operator sees it."""

    state: IndexState
    events: int
    state_hash: bytes | None

    def document(self) -> dict[str, object]:
        """Return the JSON form, as `acredita index status --json` prints it."""
        hashed = None if self.state_hash is None else to_hex(self.state_hash)
        return {**position_document(self.state), "events": self.events, "state_hash": hashed}


class IndexReader:
    """Records from the index, for readers that observe a block."""

    def __init__(self, database: Database, trust: Trust) -> None:
        self._database = database
        self._identity = identity_of(trust)
        self._addresses = addresses_of(trust.contracts)

    def records(
        self, block: Block, contract: bytes, subject: bytes, *, offset: int = 0, limit: int | None = None
    ) -> list[RawLog] | None:
        """Return a contract's records of a subject up to a block, or one page of them; None without them."""
        address = Address(contract)
        with self._at(block) as connection:
            if connection is None:
                return None
            place = self._addresses.index(address)
            events = ledger_index.subject_events(connection, place, subject, offset=offset, limit=limit)
        return [raw_log(event, address) for event in events]

    def subjects(self, block: Block, contract: bytes) -> list[bytes] | None:
        """Return a contract's subjects up to a block, in the order of their first records; None without them."""
        with self._at(block) as connection:
            if connection is None:
                return None
            return ledger_index.subjects(connection, self._addresses.index(Address(contract)))

    def of_kind(self, block: Block, contract: bytes, topic: bytes) -> list[RawLog] | None:
        """Return a contract's events of one kind up to a block; None without them."""
        address = Address(contract)
        with self._at(block) as connection:
            if connection is None:
                return None
            events = ledger_index.topic_events(connection, self._addresses.index(address), topic)
        return [raw_log(event, address) for event in events]

    @contextmanager
    def _at(self, block: Block) -> Iterator[Connection | None]:
        """Open the index as of a block. Yield None if it is at another one, or cannot be read."""
        with ExitStack() as stack:
            try:
                connection = stack.enter_context(self._database.read())
                indexed = ledger_index.index_state(connection).block
            except StorageUnavailable:
                yield None
                return
            here = (self._identity, block.number, block.hash)
            is_here = indexed is not None and (indexed.identity, indexed.number, indexed.hash) == here
            yield connection if is_here else None


def index_report(connection: Connection) -> IndexReport:
    """Read the whole index: its state, the number of its events, and its state hash."""
    state = ledger_index.index_state(connection)
    hashed = None if state.block is None else state_hash(connection, state.block)
    return IndexReport(state, ledger_index.event_count(connection), hashed)


def position_document(state: IndexState) -> dict[str, object]:
    """Return the block up to which the index is checked, and why it does not advance."""
    block, fault = state.block, state.fault
    return {
        "block": None if block is None else block.number,
        "as_of": None if block is None else time_text(block.time),
        "code": None if fault is None else fault.code,
        "detail": None if fault is None else fault.detail,
        "since": None if fault is None else time_text(fault.since),
        "head": None if fault is None else fault.head,
    }


def state_hash(connection: Connection, block: IndexedBlock) -> bytes:
    """Return the hash over identity, block and every event with its place: equal for two indexes of one chain."""
    digest = hashlib.sha256(INDEX_FORMAT + block.identity + _number(block.number) + block.hash)
    for event in ledger_index.events(connection):
        digest.update(_hashed(event))
    return digest.digest()


def _hashed(event: IndexedEvent) -> bytes:
    numbers = (event.contract, event.block_number, event.log_index, event.block_time, len(event.data))
    subject = bindings.NO_SUBJECT if event.subject is None else event.subject
    return b"".join(map(_number, numbers)) + event.topic + subject + event.total + event.data


def _number(value: int) -> bytes:
    return value.to_bytes(_NUMBER_BYTES, "big")
