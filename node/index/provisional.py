"""Keep the events of one step until the totals agree: a few in memory, more in a table of their own.

Invariants: events are folded in the order of the chain, window after window. Nothing of them is in the index before one
transaction moves them there. What a killed process left in the table is deleted before the next one fills it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from acredita.anchoring.ledger import Block, PartialLedgerUnavailable
from acredita.anchoring.types import Address
from acredita.contracts.abi import RawLog
from acredita.node.index.folding import fold_window
from acredita.node.storage.ledger_event_rows import IndexedEvent

EVENTS_IN_MEMORY: Final = 20_000  # about 20 MB

Stage = Callable[[Sequence[IndexedEvent], bool], None]
"""Append events to the table; True: empty it first."""


@dataclass
class ProvisionalEvents:
    """The folded events of one step, and the contracts' totals after them. `events`: those that are not in the table."""

    addresses: tuple[Address, ...]
    totals: tuple[bytes, ...]
    stage: Stage
    most: int = EVENTS_IN_MEMORY
    events: list[IndexedEvent] = field(default_factory=list)
    is_staged: bool = False
    _last: tuple[int, int] = (-1, -1)

    def add(self, logs: Sequence[RawLog], head: Block) -> None:
        """Fold the next window. Raises PartialLedgerUnavailable for logs of no sense."""
        window = fold_window(logs, self.addresses, self.totals, head)
        if window.events:
            first = window.events[0]
            if (first.block_number, first.log_index) <= self._last:
                raise PartialLedgerUnavailable("the logs are not in the order of the chain")
            self._last = (window.events[-1].block_number, window.events[-1].log_index)
        self.totals = window.totals
        self.events += window.events
        if len(self.events) > self.most:
            self.spill()

    def add_all(self, windows: Iterable[Sequence[RawLog]], head: Block) -> int:
        """Fold window after window. Return their number. Raises LedgerUnavailable."""
        number = 0
        for logs in windows:
            self.add(logs, head)
            number += 1
        return number

    def spill(self) -> None:
        """Move the events in memory to the table."""
        self.stage(self.events, not self.is_staged)
        self.is_staged = True
        self.events = []
