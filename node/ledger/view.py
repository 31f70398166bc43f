"""One view of the ledger for many requests: the same block, asked once, until there is a newer one.

A verification, a page and a listing that arrive at the same time see the same block, and facts read of it are kept. An
issuer's rebuilt log outlives its block: it is kept by the word of the newest checkpoint, which binds every entry before
it. Missing entries are asked for again each time, because they may arrive while the chain stands still.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from acredita.anchoring.ledger import Block, Ledger, LedgerUnavailable
from acredita.anchoring.types import Address, BlockHash, Digest, IssuerId, Word
from acredita.contracts import bindings
from acredita.contracts.abi import RawLog
from acredita.registry.codes import Code
from acredita.registry.keys.multikey import KeyId
from acredita.registry.ledger_facts.facts import LogAtHead, Missing
from acredita.registry.ledger_facts.histories import PartyHistory
from acredita.registry.ledger_facts.observed_block import (
    ObservedBlock,
    SeenBlocks,
    head_fault,
    newest_block,
    note_head,
)
from acredita.registry.ledger_facts.observer import EntriesOf, Observer
from acredita.registry.ledger_facts.trust_file import Trust
from acredita.registry.ledger_facts.whole_records import events_of, whole_contract

if TYPE_CHECKING:  # the index brings a database, which verification from files does without
    from acredita.node.index.read import IndexReader

KEPT_LOGS: Final = 64  # rebuilt logs in memory; 100 bytes an issued entry
KEPT_PAST: Final = 8  # blocks of the past that were asked about lately

_LogKey = tuple[IssuerId, int, int, Word]


class KnownLogs:
    """Rebuilt logs by issuer, epoch, number and word of their newest checkpoint; a bounded number."""

    def __init__(self) -> None:
        self._logs: OrderedDict[_LogKey, LogAtHead] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: _LogKey) -> LogAtHead | None:
        """Return a log that was rebuilt before, if it is still kept."""
        with self._lock:
            return self._logs.get(key)

    def put(self, key: _LogKey, log: LogAtHead) -> None:
        with self._lock:
            for stale in [known for known in self._logs if known[0] == key[0]]:
                del self._logs[stale]  # an issuer's older log is not asked for again
            self._logs[key] = log
            if len(self._logs) > KEPT_LOGS:
                self._logs.popitem(last=False)


@dataclass
class NodeObserver(Observer):
    """An observer that also lists what the registries hold, and shares rebuilt logs with the observers before it."""

    known_logs: KnownLogs = field(default_factory=KnownLogs)
    index: "IndexReader | None" = None

    def log(self, issuer: IssuerId) -> LogAtHead | Missing:
        """Return the issuer's log at the head, rebuilt once and then kept."""
        head, newest = self.head(issuer), self.newest_checkpoint(issuer)
        key = (issuer, head.epoch, head.number, newest.word())
        known = self.known_logs.get(key)
        if known is None:
            rebuilt = self._rebuilt(issuer)
            if isinstance(rebuilt, Missing):
                return rebuilt
            self.known_logs.put(key, rebuilt)
            known = rebuilt
        return known

    @property
    def identity(self) -> tuple[int, BlockHash]:
        """Chain id and genesis hash."""
        return self._identity

    @property
    def code_hashes(self) -> dict[str, bytes]:
        """The code hashes of the contracts, read once."""
        return self._code_hashes

    def key_statements(self, subject: IssuerId) -> dict[KeyId, Digest]:
        """Map each key id to the digest of the statement the key was added with."""
        events = self._events(self.contracts.issuer_registry, subject)
        added = (event for event in events if isinstance(event, bindings.KeyAdded))
        return {KeyId(event.key_id): Digest(event.statement) for event in added}

    @cached_property
    def subjects(self) -> tuple[IssuerId, ...]:
        """Every party of the issuer registry, in the order they came."""
        registry = bindings.IssuerRegistry(self.contracts.issuer_registry)
        indexed = None if self.index is None else self.index.subjects(self.state_block, registry.address)
        if indexed is not None:
            return tuple(map(IssuerId, indexed))
        numbers = range(1, self.read(registry.party_count()) + 1)
        return tuple(IssuerId(self.read(registry.subject_of(n))) for n in numbers)

    @cached_property
    def versions(self) -> tuple[tuple[IssuerId, Digest], ...]:
        """Every programme version that was submitted, by owner and document, in the order they came."""
        registry = bindings.ProgrammeRegistry(self.contracts.programme_registry)
        topic = bindings.event_topics("ProgrammeRegistry")[bindings.ProgrammeSubmitted.__name__]
        logs = None if self.index is None else self.index.of_kind(self.state_block, registry.address, topic)
        if logs is None:
            logs = whole_contract(self.ledger, Address(registry.address), self.state_block, registry.total())
        submitted = (event for event in events_of(logs) if isinstance(event, bindings.ProgrammeSubmitted))
        return tuple(
            (IssuerId(event.owner), Digest(event.document)) for event in submitted if event.time <= self.block.time
        )

    def records(self, contract: bytes, subject: bytes) -> list[RawLog]:
        """Return every record of a registry about one subject: from the index where it is at this block, else whole logs."""
        key = (contract, subject)
        if key not in self._records and self.index is not None:
            indexed = self.index.records(self.state_block, contract, subject)
            if indexed is not None:
                self._records[key] = indexed
        return super().records(contract, subject)

    def page_of_records(self, contract: bytes, subject: bytes, offset: int, limit: int) -> list[RawLog]:
        """Return one page of a contract's records of a subject, in order. Raises PartialLedgerUnavailable.

        The page comes from the index where the index is at this block, else from logs that are whole.
        """
        if self.index is not None:
            page = self.index.records(self.state_block, contract, subject, offset=offset, limit=limit)
            if page is not None:
                return page
        if contract == self.contracts.credential_log:
            whole = self._checkpoint_logs.get(subject, [])
        else:
            whole = self.records(contract, subject)
        return whole[offset : offset + limit]

    @cached_property
    def _checkpoint_logs(self) -> dict[bytes, list[RawLog]]:
        """The logs of the CredentialLog by issuer."""
        log = bindings.CredentialLog(self.contracts.credential_log)
        by_issuer: dict[bytes, list[RawLog]] = {}
        for entry in whole_contract(self.ledger, Address(log.address), self.state_block, log.total()):
            by_issuer.setdefault(entry.topics[1], []).append(entry)
        return by_issuer

    def issuers(self) -> list[PartyHistory]:
        """List the parties that have applied for accreditation; agencies are not among them."""
        parties = (self.party(subject) for subject in self.subjects)
        return [party for party in parties if party is not None and party.transitions]


class SeenInMemory:
    """The highest block this process has seen."""

    def __init__(self) -> None:
        self._highest = 0

    def highest(self, genesis: BlockHash) -> int:
        """Return the number of the highest block seen; 0 where none was."""
        return self._highest

    def note(self, genesis: BlockHash, block: Block) -> None:
        """Remember a block if it is the highest."""
        self._highest = max(self._highest, block.number)


class Observations:
    """Observers by block. Raises nothing: a ledger that does not answer is `Missing`."""

    def __init__(
        self,
        trust: Trust | Missing,
        ledger: Ledger | None,
        entries_of: EntriesOf,
        seen: SeenBlocks | None = None,
        index: "IndexReader | None" = None,
    ) -> None:
        """Take the trust file and the ledger. `seen`: the highest block seen, kept beyond this process; None keeps it
        in memory.
        `index`: the index of the ledger; None where there is none.
        """
        self.trust = trust
        self.ledger = ledger
        self._entries_of = entries_of
        self._seen = SeenInMemory() if seen is None else seen
        self._index = index
        self._logs = KnownLogs()
        self._observers: OrderedDict[bytes, NodeObserver] = OrderedDict()
        self._pins_found = False
        self._lock = threading.Lock()

    def now(self) -> NodeObserver | Missing:
        """Observe the ledger at its newest block."""
        return self.at(None)

    def at(self, time: int | None) -> NodeObserver | Missing:
        """Observe the ledger at its newest block, or at the newest not after `time` (Unix seconds)."""
        if isinstance(self.trust, Missing):
            return self.trust
        if self.ledger is None:
            return Missing(Code.LEDGER_MISSING, "this node has no ledger")
        try:
            return self._at(self.trust, self.ledger, time)
        except LedgerUnavailable as error:
            return Missing.of(error)

    def _at(self, trust: Trust, ledger: Ledger, time: int | None) -> NodeObserver | Missing:
        head = ledger.head()
        with self._lock:
            known = head.hash in self._observers
        if not known:  # a head that was observed before is one of the pinned chain
            fault = head_fault(ledger, trust, head, all_pins=not self._pins_found)
            if fault is not None:
                return fault
            self._pins_found = True
        note_head(self._seen, trust.genesis, head)
        block = newest_block(ledger, head, time)
        if block is None:
            return Missing(Code.LEDGER_MISSING, "the chain began after the moment asked about")
        return self._observer(trust, ledger, ObservedBlock(block, head))

    def _observer(self, trust: Trust, ledger: Ledger, observed: ObservedBlock) -> NodeObserver:
        """Return the observer of a block, as it was asked for before if the head is still the same."""
        block = observed.block
        with self._lock:
            known = self._observers.get(block.hash)
            if known is None or known.asked_at != observed.asked_at:
                known = self._observers[block.hash] = NodeObserver(
                    ledger,
                    trust.contracts,
                    block,
                    self._entries_of,
                    stalled_after=trust.chain.stalled_after,
                    asked_at=observed.asked_at,
                    known_logs=self._logs,
                    index=self._index,
                )
            self._observers.move_to_end(block.hash)
            if len(self._observers) > KEPT_PAST:
                self._observers.popitem(last=False)
            return known
