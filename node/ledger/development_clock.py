"""The present on a development chain: the later of this machine's clock and the newest block that was seen.

The clock of a development chain can be moved ahead (`acredita devnet advance`). This machine's own is then in the past for
whoever acts there. The newest block is looked at once; others are noted as they are read. On a chain of a network the
machine's clock alone is the present.

Blocks of one second each may run ahead of a clock by some seconds; up to TOLERATED_SECONDS this changes nothing.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from acredita.anchoring.ledger import Block, Ledger, LedgerUnavailable
from acredita.node.ledger.passing import PassingLedger

TOLERATED_SECONDS: Final = 60


class DevelopmentClock:
    """A clock that never lags far behind the blocks it was shown."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._newest = 0

    def __call__(self) -> int:
        """Return the present in Unix seconds."""
        now = self._clock()
        return self._newest if self._newest > now + TOLERATED_SECONDS else now

    def note(self, block: Block) -> None:
        """Note the time of a block."""
        self._newest = max(self._newest, block.time)


def present_of(ledger: Ledger, clock: Callable[[], int]) -> tuple[Ledger, Callable[[], int]]:
    """Return a development chain's ledger and clock that go together, after a look at the newest block.

    A ledger that cannot be read now shows its blocks later.
    """
    later = DevelopmentClock(clock)
    noting = NotingLedger(ledger, later)
    with suppress(LedgerUnavailable):
        noting.head()
    return noting, later


class NotingLedger(PassingLedger):
    """A ledger that shows the blocks it reads to a clock; everything else passes through."""

    def __init__(self, ledger: Ledger, clock: DevelopmentClock) -> None:
        super().__init__(ledger)
        self._noting = clock

    def head(self) -> Block:
        head = super().head()
        self._noting.note(head)
        return head

    def block(self, number: int) -> Block | None:
        block = super().block(number)
        if block is not None:
            self._noting.note(block)
        return block
