"""Read from the contract's logs which checkpoints an issuer has on the chain, and which of them are void."""

from collections.abc import Sequence
from dataclasses import dataclass

from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.ledger import PartialLedgerUnavailable
from acredita.anchoring.types import Root, Word
from acredita.contracts.abi import RawLog
from acredita.contracts.bindings import Anchored, EpochOpened
from acredita.node.storage.stored_checkpoints import BlockPosition
from acredita.node.write_path.log_on_chain import LogOnChain, position_of
from acredita.registry.ledger_facts.whole_records import events_of

_GAPS = "the endpoint's logs do not tell every checkpoint"


@dataclass(frozen=True, slots=True)
class LoggedCheckpoint:
    """An `Anchored` event and the log entry that carried it."""

    event: Anchored
    log: RawLog

    def block_position(self) -> BlockPosition:
        """Return the block and transaction of the event."""
        return position_of(self.log)

    def checkpoint(self) -> Checkpoint:
        """Return the checkpoint as the event states it. It proves nothing: the contract's storage decides."""
        event = self.event
        return Checkpoint(
            event.kind,
            event.number,
            event.old_size,
            event.size,
            Root(event.root),
            Root(event.status_root),
            event.time,
            Word(event.previous),
        )


@dataclass(frozen=True, slots=True)
class LoggedCheckpoints:
    """The checkpoints that the contract has logged for one issuer. `last_good`: closed epoch → number."""

    anchored: Sequence[LoggedCheckpoint]
    last_good: dict[int, int]

    def good(self, epoch: int, above: int) -> list[LoggedCheckpoint]:
        """Return the checkpoints of an epoch that are not void, above this number, in order.

        Raises LedgerUnavailable for a gap.
        """
        end = self.last_good.get(epoch)
        good = [
            each
            for each in self.anchored
            if each.event.epoch == epoch and above < each.event.number and (end is None or each.event.number <= end)
        ]
        last = above + len(good) if end is None else max(end, above)
        if [each.event.number for each in good] != list(range(above + 1, last + 1)):
            raise PartialLedgerUnavailable(_GAPS)
        return good

    def newest(self, epoch: int) -> int:
        """Return the highest number logged in an epoch, void or not; 0 where nothing was anchored."""
        return max((each.event.number for each in self.anchored if each.event.epoch == epoch), default=0)

    def is_void(self, event: Anchored) -> bool:
        """Decide whether the checkpoint comes after the last good one of a closed epoch."""
        end = self.last_good.get(event.epoch)
        return end is not None and event.number > end


def logged_checkpoints(chain: LogOnChain) -> LoggedCheckpoints:
    """Read the logged checkpoints up to the confirmed block.

    Raises LedgerUnavailable if they are fewer than the head counts.
    """
    at_block = chain.at_confirmed_block()
    raw_events = at_block.raw_events()
    events = list(zip(events_of(raw_events), raw_events, strict=True))
    logged = LoggedCheckpoints(
        [LoggedCheckpoint(event, raw) for event, raw in events if isinstance(event, Anchored)],
        {event.epoch - 1: event.last_good for event, _ in events if isinstance(event, EpochOpened)},
    )
    head = at_block.head
    if len(logged.good(head.epoch, 0)) != head.number or len(logged.last_good) != head.epoch - 1:
        raise PartialLedgerUnavailable(_GAPS)
    for epoch in logged.last_good:
        if any(at_block.word(epoch, logged.newest(epoch) + 1)):  # void checkpoints are in no chain from the head
            raise PartialLedgerUnavailable(_GAPS)
    return logged
