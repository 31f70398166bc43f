"""Fold the logs of a window onto the contracts' totals.

Topic 0, subject and data of each event are bound by the total. An event states its own block time, so the time is bound as
well. Block number and position are an endpoint's word: they only decide how much a reorganisation takes back, and what is
then folded again is checked again.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.ledger import Block, PartialLedgerUnavailable
from acredita.anchoring.types import Address
from acredita.contracts import bindings
from acredita.contracts.abi import AbiError, RawLog
from acredita.node.storage.ledger_event_rows import IndexedEvent
from acredita.registry.ledger_facts.whole_records import events_of

MAX_LOG_INDEX: Final = (1 << 31) - 1  # more than a block's gas pays for


@dataclass(frozen=True, slots=True)
class FoldedWindow:
    """Events in chain order, and the contracts' totals after them."""

    events: tuple[IndexedEvent, ...]
    totals: tuple[bytes, ...]


def fold_window(
    logs: Sequence[RawLog], addresses: tuple[Address, ...], totals: tuple[bytes, ...], head: Block
) -> FoldedWindow:
    """Fold logs in chain order onto the totals before them. Raises PartialLedgerUnavailable for logs of no sense."""
    _check_order(logs, head)
    events = []
    after = list(totals)
    for log, event in zip(logs, events_of(logs), strict=True):
        contract = addresses.index(Address(log.address))
        after[contract] = bindings.fold_history(after[contract], _record(log))
        events.append(_indexed(log, contract, event.time, after[contract]))
    return FoldedWindow(tuple(events), tuple(after))


def _check_order(logs: Sequence[RawLog], head: Block) -> None:
    if any(log.index > MAX_LOG_INDEX for log in logs):
        raise PartialLedgerUnavailable("a log has a position that no block has")
    places = [(log.block_number, log.index) for log in logs]
    if any(before >= after for before, after in itertools.pairwise(places)):
        raise PartialLedgerUnavailable("the logs are not in the order of the chain")
    known = {head.number: head.hash, head.number - 1: head.parent}
    for log in logs:
        if known.get(log.block_number, log.block_hash) != log.block_hash:
            raise PartialLedgerUnavailable(f"a log of block {log.block_number} is of another chain than the head")


def _record(log: RawLog) -> bytes:
    try:
        return bindings.record_of(log)
    except AbiError as error:
        raise PartialLedgerUnavailable(f"block {log.block_number} has a log that is no record") from error


def _indexed(log: RawLog, contract: int, time: int, total: bytes) -> IndexedEvent:
    subject = log.topics[1] if len(log.topics) > 1 else None
    place = (log.block_number, log.index, time, total, log.block_hash, log.transaction)
    return IndexedEvent(contract, subject, log.topics[0], log.data, *place)


def raw_log(event: IndexedEvent, address: Address) -> RawLog:
    """Return an event as the log it was."""
    topics = (event.topic,) if event.subject is None else (event.topic, event.subject)
    place = (event.block_number, event.block_hash, event.transaction, event.log_index)
    return RawLog(address, topics, event.data, *place)
