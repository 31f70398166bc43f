"""Follow the ledger's head: one step from the last checked block to the newest one.

1. The newest block's header gives its hash, and the chain is the one that the trust file pins.
2. What a reorganisation undid is left out; the totals of the last shared block are the beginning.
3. The logs since then, from each endpoint in turn, are folded onto those totals.
4. They count if they give the contracts' totals at the newest block. If no endpoint's do, the logs of all of them together
   are tried. Subjects whose records are not whole are fetched by topic.
5. One transaction moves events, hashes and the last checked block, under the lease of the index.

Invariants: an empty window is checked like any other; whatever does not agree leaves the index where it was, with the code
that says why. A step to the next block asks for the newest block, its logs and the totals, and nothing else.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from acredita.anchoring.ledger import Block, Ledger, LedgerUnavailable, PartialLedgerUnavailable
from acredita.anchoring.question_batch import AnswerBatch, QuestionBatch
from acredita.anchoring.quorum import endpoints_of
from acredita.anchoring.state_proof import read_header
from acredita.anchoring.types import Address, to_hex
from acredita.contracts.abi import RawLog
from acredita.contracts.coded_error import CodedError
from acredita.node.index.ancestor import NOTHING, LedgerForkedError, check_not_below, shared_height
from acredita.node.index.doubts import KnownSubjects, Subject, check_known
from acredita.node.index.folding import raw_log
from acredita.node.index.identity import EMPTY_TOTALS, INDEX_LEASE, addresses_of, identity_of, totals_of
from acredita.node.index.provisional import EVENTS_IN_MEMORY, ProvisionalEvents
from acredita.node.index.sources import gathered, gathered_windows, subject_logs, subject_of
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

MAX_HEAD_AGE: Final = 64  # blocks; Besu forgets the state of a block after 512
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


@dataclass(frozen=True, slots=True)
class _Start:
    """The last shared block, and the totals there."""

    number: int
    totals: tuple[bytes, ...]


@dataclass(frozen=True)
class _Agreed:
    """A block and the events up to it. `gaps`, `doubted`, `fault`: what is known to be missing."""

    head: Block
    provisional: ProvisionalEvents
    gaps: tuple[IndexGap, ...] = ()
    doubted: tuple[tuple[int, bytes], ...] = ()
    fault: IndexFault | None = None


def _agreement(head: Block, provisional: ProvisionalEvents, totals: Sequence[bytes]) -> _Agreed | None:
    return _Agreed(head, provisional) if provisional.totals == tuple(totals) else None


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
        agreed = self._agreed(start, head)  # 3, 4
        if agreed is None and start.number != NOTHING and self._may_build_anew():
            agreed = self._agreed(_Start(NOTHING, EMPTY_TOTALS), head)
            start = start if agreed is None else _Start(NOTHING, EMPTY_TOTALS)
        if agreed is None and self._is_past_patience(state):
            agreed = self._with_gaps(start, head)
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

    def _start(self, head: Block, block: IndexedBlock | None, gaps: Sequence[IndexGap]) -> _Start:
        """Return the last shared block with its totals, below each gap that was not there at it.

        Raises LedgerForkedError, LedgerUnavailable.
        """
        if block is None:
            return _Start(NOTHING, EMPTY_TOTALS)
        with self._database.read() as connection:
            seen = ledger_index.seen_blocks(connection)
        height = shared_height(self._ledger, head, block, seen, final=self._is_final)
        if height == block.number:
            return _Start(height, block.totals)
        height = min([height, *(gap.number for gap in gaps)])
        with self._database.read() as connection:
            stored = [ledger_index.total_up_to(connection, place, height) for place in range(len(EMPTY_TOTALS))]
        return _Start(height, tuple(total or empty for total, empty in zip(stored, EMPTY_TOTALS, strict=True)))

    def _check_chain(self, head: Block, *, is_next: bool) -> None:
        """Check the pins of the trust file, unless the head continues a chain on which they were found."""
        if is_next and self._has_found_pins:
            return
        fault = head_fault(self._ledger, self._trust, head)
        if fault is not None:
            raise OtherLedgerUnavailable(CODES[fault.code], fault.detail)
        self._has_found_pins = True

    # ---- logs that agree --------------------------------------------------------------------------------------

    def _agreed(self, start: _Start, head: Block) -> _Agreed | None:
        """Return the first events that fold to the totals: of one source after the other; None if no source has them."""
        sources = (self._ledger, *endpoints_of(self._ledger))
        failure: LedgerUnavailable | None = None
        for source in sources:
            try:
                agreed = self._of_source(source, start, head)
            except PartialLedgerUnavailable:
                continue
            except LedgerUnavailable as error:
                failure = error
                continue
            if agreed is not None:
                return agreed
        if failure is not None and len(sources) == 1:
            raise failure
        return self._together(start, head)

    def _of_source(self, source: Ledger, start: _Start, head: Block) -> _Agreed | None:
        """Fold one source's logs up to a block that is at most MAX_HEAD_AGE old when it is reached."""
        if source is self._ledger and head.number - start.number <= self._windows.width:
            answers = self._short_answers(start, head)
            if answers is not None:
                provisional = self._provisional(start)
                provisional.add(answers.logs, head)
                return _agreement(head, provisional, answers.views)
        provisional, reached = self._provisional(start), start.number
        while True:
            windows = provisional.add_all(self._windows.each(source, reached + 1, head.number), head)
            reached = head.number
            newest = head if windows <= 1 else self._ledger.head()
            if newest.number - head.number <= MAX_HEAD_AGE:
                return _agreement(head, provisional, self._totals(head))
            check_header(newest)
            head = newest

    def _short_answers(self, start: _Start, head: Block) -> AnswerBatch | None:
        """Ask for logs and totals in one round trip; None where the endpoint refuses so many blocks at once."""
        query = self._windows.query(start.number + 1, head.number)
        try:
            return self._ledger.batch(QuestionBatch(head.hash, views=totals_of(self._trust.contracts), logs=query))
        except PartialLedgerUnavailable:
            raise
        except LedgerUnavailable:
            return None

    def _together(self, start: _Start, head: Block) -> _Agreed | None:
        """Fold what all endpoints know together, and then with the doubted subjects fetched by topic."""
        totals, endpoints = self._totals(head), endpoints_of(self._ledger)
        if endpoints:
            together = self._provisional(start)
            windows = gathered_windows(endpoints, self._windows, start.number + 1, head.number)
            with suppress(PartialLedgerUnavailable):
                together.add_all(windows, head)
                if together.totals == totals:
                    return _Agreed(head, together)
        try:
            mended = self._mended(start, head, self._first_logs(start, head))
        except PartialLedgerUnavailable:
            return None
        return _agreement(head, mended, totals)

    def _first_logs(self, start: _Start, head: Block) -> list[RawLog]:
        """Return the window's logs as all endpoints together have them, or one; in the order of the chain, each once.

        Raises PartialLedgerUnavailable if they are too many to be mended in memory.
        """
        known: dict[tuple[int, int], RawLog] = {}
        for source in endpoints_of(self._ledger) or (self._ledger,):
            try:
                for logs in self._windows.each(source, start.number + 1, head.number):
                    for log in logs:
                        known.setdefault((log.block_number, log.index), log)
                    if len(known) > self._events_in_memory:
                        raise PartialLedgerUnavailable("the logs are too many to look for what is missing")
            except LedgerUnavailable as error:
                if isinstance(error, PartialLedgerUnavailable):
                    raise
        return [known[place] for place in sorted(known)]

    def _mended(self, start: _Start, head: Block, logs: Sequence[RawLog]) -> ProvisionalEvents:
        """Fold the window's logs with those of doubted subjects, fetched whole by topic. Raises LedgerUnavailable."""
        doubted = self._doubted(start, head, logs)
        check_known(doubted)
        everyone = endpoints_of(self._ledger) or (self._ledger,)
        whole = gathered(everyone, subject_logs(head, doubted))
        sound = [log for log in logs if (Address(log.address), subject_of(log)) not in doubted]
        known = {(log.block_number, log.index): log for log in (*sound, *whole) if log.block_number > start.number}
        provisional = self._provisional(start)
        provisional.add([known[place] for place in sorted(known)], head)
        return provisional

    def _doubted(self, start: _Start, head: Block, logs: Sequence[RawLog]) -> list[Subject]:
        """Return the subjects whose stored and new events are not the ledger's whole word. Raises LedgerUnavailable."""
        known = KnownSubjects(self._trust.contracts, self._trust.chain_id)
        with self._database.read() as connection:
            for event in ledger_index.events(connection, start.number):
                known.add(raw_log(event, self._addresses[event.contract]))
        for log in logs:
            known.add(log)
        return known.doubted(self._ledger, head)

    def _with_gaps(self, start: _Start, head: Block) -> _Agreed | None:
        """Fold what is known without the doubted subjects, and name them. Raises LedgerUnavailable."""
        totals, logs = self._totals(head), self._first_logs(start, head)
        doubted = self._doubted(start, head, logs)
        check_known(doubted)
        provisional = self._provisional(start)
        provisional.add([log for log in logs if (Address(log.address), subject_of(log)) not in doubted], head)
        places = [at for at, total in enumerate(totals) if provisional.totals[at] != total]
        gaps = tuple(IndexGap(place, start.number, start.totals[place]) for place in places)
        named = [(self._addresses.index(address), subject) for address, subject in doubted]
        detail = f"{len(doubted)} subjects are not whole: {', '.join(to_hex(subject) for _, subject in named[:4])}"
        fault = IndexFault(Code.LEDGER_INCOMPLETE, detail, self._clock(), head.number)
        return _Agreed(head, replace(provisional, totals=totals), gaps, tuple(named), fault)

    def _fill_gaps(self, lease: Lease) -> None:
        """Look for the missing events of each gap, at every source. Raises StorageUnavailable, LeaseLostError."""
        state = self._state()
        if state.block is None or not state.gaps or not self._may_fill():
            return
        for gap in state.gaps:
            provisional = self._missing(state.block, gap)
            if provisional is not None:
                with self._database.write(lease) as connection:
                    ledger_index.fill_gap(
                        connection, state.block, gap, provisional.events, has_staged=provisional.is_staged
                    )

    def _missing(self, block: IndexedBlock, gap: IndexGap) -> ProvisionalEvents | None:
        """Return a contract's events since a gap began, if a source has all of them."""
        address = (self._addresses[gap.contract],)
        totals = tuple(gap.total if at == gap.contract else total for at, total in enumerate(block.totals))
        parent = read_header(block.header).parent
        head = Block(block.number, block.hash, parent, block.time, block.header)
        for source in (self._ledger, *endpoints_of(self._ledger)):
            provisional = self._provisional(_Start(gap.number, totals))
            try:
                provisional.add_all(self._windows.each(source, gap.number + 1, block.number, address), head)
            except LedgerUnavailable:
                continue
            if provisional.totals == block.totals:
                return provisional
        return None

    def _provisional(self, start: _Start) -> ProvisionalEvents:
        return ProvisionalEvents(self._addresses, start.totals, self._stage, self._events_in_memory)

    def _stage(self, events: Sequence[IndexedEvent], anew: bool) -> None:
        with self._database.write(self._lease) as connection:
            ledger_gaps.stage(connection, events, anew=anew)

    def _totals(self, head: Block) -> tuple[bytes, ...]:
        return self._ledger.batch(QuestionBatch(head.hash, views=totals_of(self._trust.contracts))).views

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

    def _move(self, lease: Lease, state: IndexState, start: _Start, agreed: _Agreed) -> None:
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

    def _hashes(self, start: _Start, head: Block) -> dict[int, bytes]:
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
