"""Report the index: its state and its state hash, for operators."""

import hashlib
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.receipts import time_text
from acredita.anchoring.types import to_hex
from acredita.contracts import bindings
from acredita.node.index.identity import INDEX_FORMAT
from acredita.node.storage import ledger_index
from acredita.node.storage.ledger_event_rows import IndexedEvent
from acredita.node.storage.ledger_index import IndexedBlock, IndexState
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
