"""Find the events that an endpoint leaves out of a window: at other endpoints, by topic, or later.

1. What all endpoints know together is folded.
2. Subjects whose events are not whole by their history hashes or words are fetched by topic.
3. Where that is not enough, the index goes on without those subjects, and names them. A gap is the place since which a
   contract's events are not whole.
4. The events since a gap began are looked for again at each source, and count only if they give the totals.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from acredita.anchoring.ledger import Block, Ledger, LedgerUnavailable, PartialLedgerUnavailable
from acredita.anchoring.quorum import endpoints_of
from acredita.anchoring.state_proof import read_header
from acredita.anchoring.types import Address, to_hex
from acredita.contracts.abi import RawLog
from acredita.node.index.agreed_events import AgreedEvents, WindowStart, agreement, totals_at
from acredita.node.index.doubts import KnownSubjects, Subject, check_known
from acredita.node.index.folding import raw_log
from acredita.node.index.identity import addresses_of
from acredita.node.index.provisional import ProvisionalEvents
from acredita.node.index.sources import gathered, gathered_windows, subject_logs, subject_of
from acredita.node.index.windows import LogWindows
from acredita.node.storage import ledger_index
from acredita.node.storage.database import Database
from acredita.node.storage.ledger_gaps import IndexGap
from acredita.node.storage.ledger_index import IndexedBlock, IndexFault
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.trust_file import Trust


class MissingEvents:
    """The events that are missing from one ledger's windows. `provisional`: makes an empty fold from a window's start."""

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        trust: Trust,
        clock: Callable[[], int],
        windows: LogWindows,
        provisional: Callable[[WindowStart], ProvisionalEvents],
        events_in_memory: int,
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._trust = trust
        self._clock = clock
        self._windows = windows
        self._provisional = provisional
        self._events_in_memory = events_in_memory
        self._addresses = addresses_of(trust.contracts)

    def together(self, start: WindowStart, head: Block) -> AgreedEvents | None:
        """Fold what all endpoints know together, and then with the doubted subjects fetched by topic."""
        totals, endpoints = totals_at(self._ledger, self._trust, head), endpoints_of(self._ledger)
        if endpoints:
            together = self._provisional(start)
            windows = gathered_windows(endpoints, self._windows, start.number + 1, head.number)
            with suppress(PartialLedgerUnavailable):
                together.add_all(windows, head)
                if together.totals == totals:
                    return AgreedEvents(head, together)
        try:
            mended = self._mended(start, head, self._first_logs(start, head))
        except PartialLedgerUnavailable:
            return None
        return agreement(head, mended, totals)

    def _first_logs(self, start: WindowStart, head: Block) -> list[RawLog]:
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

    def _mended(self, start: WindowStart, head: Block, logs: Sequence[RawLog]) -> ProvisionalEvents:
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

    def _doubted(self, start: WindowStart, head: Block, logs: Sequence[RawLog]) -> list[Subject]:
        """Return the subjects whose stored and new events are not the ledger's whole word. Raises LedgerUnavailable."""
        known = KnownSubjects(self._trust.contracts, self._trust.chain_id)
        with self._database.read() as connection:
            for event in ledger_index.events(connection, start.number):
                known.add(raw_log(event, self._addresses[event.contract]))
        for log in logs:
            known.add(log)
        return known.doubted(self._ledger, head)

    def with_gaps(self, start: WindowStart, head: Block) -> AgreedEvents | None:
        """Fold what is known without the doubted subjects, and name them. Raises LedgerUnavailable."""
        totals, logs = totals_at(self._ledger, self._trust, head), self._first_logs(start, head)
        doubted = self._doubted(start, head, logs)
        check_known(doubted)
        provisional = self._provisional(start)
        provisional.add([log for log in logs if (Address(log.address), subject_of(log)) not in doubted], head)
        places = [at for at, total in enumerate(totals) if provisional.totals[at] != total]
        gaps = tuple(IndexGap(place, start.number, start.totals[place]) for place in places)
        named = [(self._addresses.index(address), subject) for address, subject in doubted]
        detail = f"{len(doubted)} subjects are not whole: {', '.join(to_hex(subject) for _, subject in named[:4])}"
        fault = IndexFault(Code.LEDGER_INCOMPLETE, detail, self._clock(), head.number)
        return AgreedEvents(head, replace(provisional, totals=totals), gaps, tuple(named), fault)

    def of_gap(self, block: IndexedBlock, gap: IndexGap) -> ProvisionalEvents | None:
        """Return a contract's events since a gap began, if a source has all of them."""
        address = (self._addresses[gap.contract],)
        totals = tuple(gap.total if at == gap.contract else total for at, total in enumerate(block.totals))
        parent = read_header(block.header).parent
        head = Block(block.number, block.hash, parent, block.time, block.header)
        for source in (self._ledger, *endpoints_of(self._ledger)):
            provisional = self._provisional(WindowStart(gap.number, totals))
            try:
                provisional.add_all(self._windows.each(source, gap.number + 1, block.number, address), head)
            except LedgerUnavailable:
                continue
            if provisional.totals == block.totals:
                return provisional
        return None
