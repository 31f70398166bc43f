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

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

from acredita.anchoring.ledger import Block, Ledger, LedgerUnavailable, PartialLedgerUnavailable
from acredita.anchoring.quorum import endpoints_of
from acredita.anchoring.types import Address, IssuerId, to_hex
from acredita.contracts.abi import RawLog
from acredita.contracts.coded_error import CodedError
from acredita.node.index.ancestor import NOTHING, LedgerForkedError, check_not_below, shared_height
from acredita.node.index.folding import FoldedWindow, fold_window, raw_log
from acredita.node.index.identity import EMPTY_TOTALS, INDEX_FORMAT, addresses_of, identity_of, totals_of
from acredita.node.index.sources import doubted_subjects, first_answer, gathered, subject_logs, subject_of
from acredita.node.index.windows import LogWindows
from acredita.node.storage import ledger_index
from acredita.node.storage.database import Database, Lease
from acredita.node.storage.leases import Leases, renew
from acredita.node.storage.ledger_index import KEPT_BLOCKS, IndexedBlock, IndexFault, IndexState
from acredita.registry.codes import CODES, Code
from acredita.registry.ledger_facts.observed_block import block_of, check_header, head_fault
from acredita.registry.ledger_facts.trust_file import Trust

INDEX_LEASE: Final = IssuerId(hashlib.sha256(INDEX_FORMAT).digest())  # no institution's
MAX_HEAD_AGE: Final = 64  # blocks; Besu forgets the state of a block after 512
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
    ) -> None:
        self._database = database
        self._leases = leases
        self._ledger = ledger
        self._trust = trust
        self._clock = clock
        self._monotonic = monotonic
        self._identity = identity_of(trust)
        self._addresses = addresses_of(trust.contracts)
        self._windows = LogWindows(self._addresses, self._between_windows)
        self._lease: Lease | None = None
        self._has_found_pins = False
        self._built_anew: float | None = None

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
            return self._step(lease, state, head, anew=anew)
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
                self._clear_fault(lease, state)
                return IndexRun(IndexStep.AT_HEAD)
            self._check_not_below(head, block)
        start = self._start(head, None if anew else block)  # 2
        self._check_chain(head, is_next=block is not None and start.number == block.number)
        head, logs = first_answer(self._ledger, partial(self._to_head, start=start, head=head))
        totals = self._totals(head)
        window = self._agreeing(start, head, logs, totals)  # 3, 4
        if window is None and start.number != NOTHING and self._may_build_anew():
            start = _Start(NOTHING, EMPTY_TOTALS)
            everything = first_answer(self._ledger, partial(self._windows.logs, first=0, last=head.number))
            window = self._agreeing(start, head, everything, totals)
        if window is None:
            raise PartialLedgerUnavailable(
                f"the logs up to block {head.number} do not give the contracts' totals: "
                f"{', '.join(map(to_hex, totals))} expected"
            )
        self._move(lease, state.block, start, head, window)  # 5
        return IndexRun(IndexStep.ADVANCED)

    def _clear_fault(self, lease: Lease, state: IndexState) -> None:
        if state.fault is not None:
            with self._database.write(lease) as connection:
                ledger_index.record_fault(connection, None)

    def _check_not_below(self, head: Block, block: IndexedBlock) -> None:
        with self._database.read() as connection:
            seen = ledger_index.seen_hash(connection, head.number)
        check_not_below(head, block, seen, final=self._is_final)

    def _start(self, head: Block, block: IndexedBlock | None) -> _Start:
        """Return the last shared block with its totals. Raises LedgerForkedError, LedgerUnavailable."""
        if block is None:
            return _Start(NOTHING, EMPTY_TOTALS)
        with self._database.read() as connection:
            seen = ledger_index.seen_blocks(connection)
        height = shared_height(self._ledger, head, block, seen, final=self._is_final)
        if height == block.number:
            return _Start(height, block.totals)
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

    def _to_head(self, source: Ledger, start: _Start, head: Block) -> tuple[Block, list[RawLog]]:
        """Return a block that is at most MAX_HEAD_AGE old when it is reached, and the logs up to it."""
        logs: list[RawLog] = []
        reached = start.number
        while True:
            is_short = head.number - reached <= self._windows.width
            logs += self._windows.logs(source, reached + 1, head.number)
            reached = head.number
            newest = head if is_short else self._ledger.head()
            if newest.number - head.number <= MAX_HEAD_AGE:
                return head, logs
            check_header(newest)
            head = newest

    def _totals(self, head: Block) -> tuple[bytes, ...]:
        return tuple(self._ledger.read(view, head.hash) for view in totals_of(self._trust.contracts))

    # ---- logs that agree --------------------------------------------------------------------------------------

    def _agreeing(
        self, start: _Start, head: Block, logs: Sequence[RawLog], totals: tuple[bytes, ...]
    ) -> FoldedWindow | None:
        """Return the window whose fold gives the totals; None if no endpoint has it, nor all of them together."""
        window = self._folded(start, head, lambda: logs, totals)
        between = partial(self._windows.logs, first=start.number + 1, last=head.number)
        ledgers = endpoints_of(self._ledger)
        for endpoint in ledgers:
            window = window or self._folded(start, head, partial(between, endpoint), totals)
        everyone = ledgers or (self._ledger,)
        if window is None and ledgers:
            window = self._folded(start, head, lambda: gathered(everyone, between), totals)
        return window or self._folded(start, head, lambda: self._mended(start, head, logs, everyone), totals)

    def _folded(
        self, start: _Start, head: Block, ask: Callable[[], Sequence[RawLog]], totals: tuple[bytes, ...]
    ) -> FoldedWindow | None:
        try:
            window = fold_window(ask(), self._addresses, start.totals, head)
        except LedgerUnavailable:
            return None
        return window if window.totals == totals else None

    def _mended(
        self, start: _Start, head: Block, logs: Sequence[RawLog], ledgers: Sequence[Ledger]
    ) -> Sequence[RawLog]:
        """Return the window's logs with those of doubted subjects, fetched whole by topic. Raises LedgerUnavailable."""
        doubted = doubted_subjects(self._ledger, self._trust.contracts, [*self._stored(start.number), *logs], head)
        if not doubted:
            return logs
        whole = gathered(ledgers, subject_logs(head, doubted))
        sound = [log for log in logs if (Address(log.address), subject_of(log)) not in doubted]
        known = {(log.block_number, log.index): log for log in (*sound, *whole) if log.block_number > start.number}
        return [known[place] for place in sorted(known)]

    def _stored(self, number: int) -> list[RawLog]:
        with self._database.read() as connection:
            stored = [event for event in ledger_index.events(connection) if event.block_number <= number]
        return [raw_log(event, self._addresses[event.contract]) for event in stored]

    def _may_build_anew(self) -> bool:
        now = self._monotonic()
        if self._built_anew is not None and now - self._built_anew < ANEW_SECONDS:
            return False
        self._built_anew = now
        return True

    # ---- the transaction --------------------------------------------------------------------------------------

    def _move(
        self, lease: Lease, expected: IndexedBlock | None, start: _Start, head: Block, window: FoldedWindow
    ) -> None:
        block = IndexedBlock(self._identity, head.number, head.hash, head.time, head.header, window.totals)
        hashes = self._hashes(start, head)
        with self._database.write(lease) as connection:
            ledger_index.advance(
                connection,
                expected=expected,
                kept_up_to=start.number,
                events=window.events,
                block=block,
                hashes=hashes,
            )

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
