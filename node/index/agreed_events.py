"""Hold the events of a window that agree with the contracts' totals, and the block that the window begins after."""

from collections.abc import Sequence
from dataclasses import dataclass

from acredita.anchoring.ledger import Block, Ledger
from acredita.anchoring.question_batch import QuestionBatch
from acredita.node.index.identity import totals_of
from acredita.node.index.provisional import ProvisionalEvents
from acredita.node.storage.ledger_gaps import IndexGap
from acredita.node.storage.ledger_index import IndexFault
from acredita.registry.ledger_facts.trust_file import Trust


@dataclass(frozen=True, slots=True)
class WindowStart:
    """The last shared block, and the totals there."""

    number: int
    totals: tuple[bytes, ...]


@dataclass(frozen=True)
class AgreedEvents:
    """A block and the events up to it. `gaps`, `doubted`, `fault`: what is known to be missing."""

    head: Block
    provisional: ProvisionalEvents
    gaps: tuple[IndexGap, ...] = ()
    doubted: tuple[tuple[int, bytes], ...] = ()
    fault: IndexFault | None = None


def agreement(head: Block, provisional: ProvisionalEvents, totals: Sequence[bytes]) -> AgreedEvents | None:
    """Return the events up to a block if they fold to the contracts' totals there, else None."""
    return AgreedEvents(head, provisional) if provisional.totals == tuple(totals) else None


def totals_at(ledger: Ledger, trust: Trust, head: Block) -> tuple[bytes, ...]:
    """Ask for the contracts' totals at a block. Raises LedgerUnavailable."""
    return ledger.batch(QuestionBatch(head.hash, views=totals_of(trust.contracts))).views
