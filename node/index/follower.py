"""Follow the ledger's head: one step from the last checked block to the newest one.

1. The newest block's header gives its hash, and the chain is the one that the trust file pins.
2. What a reorganisation undid is left out; the totals of the last shared block are the beginning.
3. The logs since then, from each endpoint in turn, are folded onto those totals.
4. They count if they give the contracts' totals at the newest block. If no endpoint's do, what is left out is looked for
   elsewhere (`missing_events`).
5. One transaction moves events, hashes and the last checked block, under the lease of the index.

Invariants: an empty window is checked like any other; whatever does not agree leaves the index where it was, with the code
that says why. A step to the next block asks for the newest block, its logs and the totals, and nothing else.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from acredita.anchoring.ledger import Block, Ledger, LedgerUnavailable, PartialLedgerUnavailable
from acredita.contracts.coded_error import CodedError
from acredita.node.index.agreed_events import AgreedEvents, WindowStart
from acredita.node.index.ancestor import NOTHING, LedgerForkedError, check_not_below, shared_height
from acredita.node.index.identity import EMPTY_TOTALS, INDEX_LEASE, addresses_of, identity_of
from acredita.node.index.missing_events import MissingEvents
from acredita.node.index.provisional import EVENTS_IN_MEMORY, ProvisionalEvents
from acredita.node.index.window_search import WindowSearch
from acredita.node.index.windows import LogWindows
from acredita.node.storage import ledger_gaps, ledger_index
from acredita.node.storage.database import Database, Lease
from acredita.node.storage.leases import Leases, renew
from acredita.node.storage.ledger_event_rows import IndexedEvent
from acredita.node.storage.ledger_gaps import IndexGap
from acredita.node.storage.ledger_index import KEPT_BLOCKS, IndexedBlock, IndexFault, IndexState
from acredita.registry.codes import CODES, Code
from acredita.registry.ledger_facts.observed_block import block_of, check_header, head_fault
from acredita.registry.ledger_facts.trust_file import Trust

GAP_PATIENCE_SECONDS: Final = 60  # an endpoint that lags catches up; then one subject does not hold up the others
FILL_SECONDS: Final = 10.0  # between two looks for the missing events of gaps
ANEW_SECONDS: Final = 600.0  # between two attempts to build the whole index anew where a window does not agree


class OtherLedgerUnavailable(CodedError[Code]):
    """A ledger that is not the one the trust file pins."""


class IndexStep(StrEnum):
    """The end of one run."""

    AT_HEAD = "at_head"
    ADVANCED = "advanced"
    BUSY = "busy"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class IndexRun:
    """The end of one run. `fault`: why the index did not advance."""

    step: IndexStep
    fault: IndexFault | None = None


class IndexFollower:
    """Follows one ledger. `clock`: Unix seconds; `monotonic`: seconds for pauses alone."""

    def __init__(
        self,
        database: Database,
        leases: Leases,
        ledger: Ledger,
        trust: Trust,
        clock: Callable[[], int],
        monotonic: Callable[[], float] = time.monotonic,
        events_in_memory: int = EVENTS_IN_MEMORY,
    ) -> None:
        self._database = database
        self._leases = leases
        self._ledger = ledger
        self._trust = trust
        self._clock = clock
        self._monotonic = monotonic
        self._events_in_memory = events_in_memory
        self._identity = identity_of(trust)
        self._addresses = addresses_of(trust.contracts)
        self._windows = LogWindows(self._addresses, self._between_windows)
        self._missing = MissingEvents(
            database, ledger, trust, clock, self._windows, self._provisional, events_in_memory
        )
        self._search = WindowSearch(ledger, trust, self._windows, self._provisional, self._missing)
        self._lease: Lease | None = None
        self._has_found_pins = False
        self._built_anew: float | None = None
        self._filled: float | None = None

    @property
    def _is_final(self) -> bool:
        """True if validators seal blocks, so that none is ever taken back."""
        return not self._trust.is_demo_chain

    def advance(self) -> IndexRun:
        """Take one step to the newest block, if it can be checked. Raises StorageUnavailable, LeaseLostError."""
        return self._under_lease(anew=False)

    def rebuild(self) -> IndexRun:
        """Build the whole index from the ledger's first block, beside the present one, and put it in its place.

        Ends a stop. Raises StorageUnavailable, LeaseLostError.
        """
        return self._under_lease(anew=True)

    def _under_lease(self, *, anew: bool) -> IndexRun:
        with self._leases.held(INDEX_LEASE) as lease:
            if lease is None:
                return IndexRun(IndexStep.BUSY)
            self._lease = lease
            return self._run(lease, anew=anew)

    def _run(self, lease: Lease, *, anew: bool) -> IndexRun:
        state = self._state()
        head: Block | None = None
        other: bytes | None = None
        if not anew and state.fault is not None and state.fault.code == Code.LEDGER_FORKED:
            return IndexRun(IndexStep.STOPPED, state.fault)
        try:
            head = self._ledger.head()
            run = self._step(lease, state, head, anew=anew)
            self._fill_gaps(lease)
            return run
        except (LedgerUnavailable, OtherLedgerUnavailable) as error:
            code, detail = error.code, str(error)
        except LedgerForkedError as error:
            code, detail, other = error.code, str(error), error.other
        fault = self._fault(state, code, detail, head)
        if fault != state.fault:
            with self._database.write(lease) as connection:
                ledger_index.record_fault(connection, fault, other)
        return IndexRun(IndexStep.STOPPED, fault)

    def _state(self) -> IndexState:
        with self._database.read() as connection:
            return ledger_index.index_state(connection)

    def _fault(self, state: IndexState, code: str, detail: str, head: Block | None) -> IndexFault:
        stood = state.fault
        since = stood.since if stood is not None and stood.code == code else self._clock()
        height = None if head is None else head.number
        return IndexFault(str(code), detail[: ledger_index.MAX_DETAIL_CHARACTERS], since, height)

    # ---- one step ---------------------------------------------------------------------------------------------

    def _step(self, lease: Lease, state: IndexState, head: Block, *, anew: bool) -> IndexRun:
        check_header(head)  # 1
        block = state.block if state.block is not None and state.block.identity == self._identity else None
        if block is not None and not anew:
            if (head.number, head.hash) == (block.number, block.hash):
                if not state.gaps:
                    self._clear_fault(lease, state)
                return IndexRun(IndexStep.AT_HEAD)
            self._check_not_below(head, block)
        start = self._start(head, None if anew else block, state.gaps)  # 2
        self._check_chain(head, is_next=block is not None and start.number == block.number)
        agreed = self._search.agreed(start, head)  # 3, 4
        if agreed is None and start.number != NOTHING and self._may_build_anew():
            agreed = self._search.agreed(WindowStart(NOTHING, EMPTY_TOTALS), head)
            start = start if agreed is None else WindowStart(NOTHING, EMPTY_TOTALS)
        if agreed is None and self._is_past_patience(state):
            agreed = self._missing.with_gaps(start, head)
        if agreed is None:
            raise PartialLedgerUnavailable(f"the logs up to block {head.number} do not give the contracts' totals")
        self._move(lease, state, start, agreed)  # 5
        return IndexRun(IndexStep.ADVANCED, agreed.fault)

    def _clear_fault(self, lease: Lease, state: IndexState) -> None:
        if state.fault is not None:
            with self._database.write(lease) as connection:
                ledger_index.record_fault(connection, None)

    def _check_not_below(self, head: Block, block: IndexedBlock) -> None:
        with self._database.read() as connection:
            seen = ledger_index.seen_hash(connection, head.number)
        check_not_below(head, block, seen, final=self._is_final)

    def _start(self, head: Block, block: IndexedBlock | None, gaps: Sequence[IndexGap]) -> WindowStart:
        """Return the last shared block with its totals, below each gap that was not there at it.

        Raises LedgerForkedError, LedgerUnavailable.
        """
        if block is None:
            return WindowStart(NOTHING, EMPTY_TOTALS)
        with self._database.read() as connection:
            seen = ledger_index.seen_blocks(connection)
        height = shared_height(self._ledger, head, block, seen, final=self._is_final)
        if height == block.number:
            return WindowStart(height, block.totals)
        height = min([height, *(gap.number for gap in gaps)])
        with self._database.read() as connection:
            stored = [ledger_index.total_up_to(connection, place, height) for place in range(len(EMPTY_TOTALS))]
        return WindowStart(height, tuple(total or empty for total, empty in zip(stored, EMPTY_TOTALS, strict=True)))

    def _check_chain(self, head: Block, *, is_next: bool) -> None:
        """Check the pins of the trust file, unless the head continues a chain on which they were found."""
        if is_next and self._has_found_pins:
            return
        fault = head_fault(self._ledger, self._trust, head)
        if fault is not None:
            raise OtherLedgerUnavailable(CODES[fault.code], fault.detail)
        self._has_found_pins = True

    # ---- gaps -----------------------------------------------------------------------------------------------

    def _fill_gaps(self, lease: Lease) -> None:
        """Look for the missing events of each gap, at every source. Raises StorageUnavailable, LeaseLostError."""
        state = self._state()
        if state.block is None or not state.gaps or not self._may_fill():
            return
        for gap in state.gaps:
            provisional = self._missing.of_gap(state.block, gap)
            if provisional is not None:
                with self._database.write(lease) as connection:
                    ledger_index.fill_gap(
                        connection, state.block, gap, provisional.events, has_staged=provisional.is_staged
                    )

    def _provisional(self, start: WindowStart) -> ProvisionalEvents:
        return ProvisionalEvents(self._addresses, start.totals, self._stage, self._events_in_memory)

    def _stage(self, events: Sequence[IndexedEvent], anew: bool) -> None:
        with self._database.write(self._lease) as connection:
            ledger_gaps.stage(connection, events, anew=anew)

    # ---- patience ---------------------------------------------------------------------------------------------

    def _is_past_patience(self, state: IndexState) -> bool:
        """Return whether the index has stood still for so long that it goes on without what is missing."""
        fault = state.fault
        if fault is None or fault.code != Code.LEDGER_INCOMPLETE:
            return False
        return self._clock() - fault.since >= GAP_PATIENCE_SECONDS

    def _may_fill(self) -> bool:
        now = self._monotonic()
        if self._filled is not None and now - self._filled < FILL_SECONDS:
            return False
        self._filled = now
        return True

    def _may_build_anew(self) -> bool:
        now = self._monotonic()
        if self._built_anew is not None and now - self._built_anew < ANEW_SECONDS:
            return False
        self._built_anew = now
        return True

    # ---- the transaction --------------------------------------------------------------------------------------

    def _move(self, lease: Lease, state: IndexState, start: WindowStart, agreed: AgreedEvents) -> None:
        head, provisional = agreed.head, agreed.provisional
        block = IndexedBlock(self._identity, head.number, head.hash, head.time, head.header, provisional.totals)
        hashes = self._hashes(start, head)
        with self._database.write(lease) as connection:
            ledger_index.advance(
                connection,
                expected=state.block,
                kept_up_to=start.number,
                events=provisional.events,
                block=block,
                hashes=hashes,
                has_staged=provisional.is_staged,
            )
            ledger_gaps.open_gaps(connection, agreed.gaps, agreed.doubted)
            if agreed.fault is not None:
                ledger_index.record_fault(connection, agreed.fault)

    def _hashes(self, start: WindowStart, head: Block) -> dict[int, bytes]:
        """Return hashes of the newest blocks. After a leap on a development chain, also at growing distances below."""
        hashes: dict[int, bytes] = {head.number: head.hash}
        if head.number:
            hashes[head.number - 1] = head.parent
        distance = 2
        while not self._is_final and distance < KEPT_BLOCKS and head.number - distance > start.number:
            height = head.number - distance
            hashes[height] = block_of(self._ledger, height).hash
            distance *= 2
        return hashes

    def _between_windows(self) -> None:
        """Keep the lease while a long catching-up asks for window after window."""
        if self._lease is not None:
            renew(self._database, self._lease)
