"""One view of the ledger for many requests: the same block, asked once, until there is a newer one.

A verification, a page and a listing that arrive at the same time see the same block, and facts read of it are kept. With an
index, a head costs one question, and one round trip more where the index is not at it yet; everything else is read from
there. Without one, or where its events do not give the contracts' totals, the ledger is asked for each part.

An issuer's log outlives its block (`known_logs`). What was folded from the index is kept by the contract's total after the
newest record, which binds every record before it.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

from acredita.anchoring.ledger import Block, Ledger, LedgerUnavailable
from acredita.anchoring.question_batch import AnswerBatch, QuestionBatch
from acredita.anchoring.quorum import endpoints_of
from acredita.anchoring.types import Address, BlockHash, Digest, IssuerId, Word
from acredita.contracts import bindings
from acredita.contracts.abi import RawLog
from acredita.node.ledger.folded import Folded, FoldedChain, ever_active, submitted
from acredita.node.ledger.known_logs import KnownLogs
from acredita.registry.codes import Code
from acredita.registry.keys.multikey import KeyId
from acredita.registry.ledger_facts.facts import LogAtHead, Missing
from acredita.registry.ledger_facts.histories import PartyHistory
from acredita.registry.ledger_facts.issuer_log import IssuerLog
from acredita.registry.ledger_facts.log_chain import LogChain
from acredita.registry.ledger_facts.log_entries import EntriesOf
from acredita.registry.ledger_facts.observed_block import (
    ObservedBlock,
    ReadAsOf,
    SeenBlock,
    SeenBlocks,
    answered_fault,
    check_header,
    check_not_behind,
    head_questions,
    is_vouched,
    newest_block,
)
from acredita.registry.ledger_facts.observer import Observer
from acredita.registry.ledger_facts.trust_file import CONTRACTS, Trust
from acredita.registry.ledger_facts.trust_succession import RecordedTrust
from acredita.registry.ledger_facts.whole_records import events_of, whole_contract
from eth_hash.auto import keccak

if TYPE_CHECKING:  # the index brings a database, which verification from files does without
    from acredita.node.index.snapshot import IndexReader, IndexSnapshot, StoredIndex
    from acredita.node.ledger.own_logs import OwnLogs

KEPT_PAST: Final = 8  # blocks of the past that were asked about lately


@dataclass(frozen=True)
class CheckedHead:
    """A head of the pinned chain. `code_hashes`: of the contracts; `snapshot`: every event up to it, from the index."""

    block: Block
    identity: tuple[int, BlockHash]
    code_hashes: Mapping[str, bytes]
    snapshot: "IndexSnapshot | None" = None


@dataclass
class NodeObserver(Observer):
    """An observer that also lists what the registries hold, and shares rebuilt logs with the observers before it.

    `checked`: the head as it was checked, with the events up to it; None where each part is asked of the ledger.
    """

    known_logs: KnownLogs = field(default_factory=KnownLogs)
    own_logs: "OwnLogs | None" = None
    folded: Folded = field(default_factory=Folded)
    checked: CheckedHead | None = None
    _known_checkpoints: dict[IssuerId, FoldedChain] = field(default_factory=dict, init=False)

    @property
    def snapshot(self) -> "IndexSnapshot | None":
        """Every event up to the head, from the index."""
        return None if self.checked is None else self.checked.snapshot

    @cached_property
    def _identity(self) -> tuple[int, BlockHash]:
        return super()._identity if self.checked is None else self.checked.identity

    @cached_property
    def _code_hashes(self) -> dict[str, bytes]:
        return super()._code_hashes if self.checked is None else dict(self.checked.code_hashes)

    def _linked(self, issuer: IssuerId) -> LogChain:
        snapshot = self._snapshot_of(self.contracts.credential_log, issuer)
        if snapshot is None:
            return super()._linked(issuer)
        folded = self._checkpoints(snapshot, issuer)
        return self._at_block(issuer, folded.logged, folded.chain)

    def _checkpoints(self, snapshot: "IndexSnapshot", issuer: IssuerId) -> FoldedChain:
        """Return an issuer's checkpoints at the head, asked of the index once. Raises LedgerUnavailable."""
        if issuer not in self._known_checkpoints:
            self._known_checkpoints[issuer] = self.folded.chains.of(snapshot, self._identity[0], issuer)
        return self._known_checkpoints[issuer]

    def _word(self, issuer: IssuerId, epoch: int, number: int) -> Word | None:
        snapshot = self._snapshot_of(self.contracts.credential_log, issuer)
        if snapshot is None:
            return super()._word(issuer, epoch, number)
        return self._checkpoints(snapshot, issuer).logged.words.get((epoch, number))

    def _snapshot_of(self, contract: bytes, subject: bytes) -> "IndexSnapshot | None":
        """Return the snapshot if it has every event of a subject. Of others the ledger is asked."""
        snapshot = self.snapshot
        return snapshot if snapshot is not None and snapshot.has_all_of(contract, subject) else None

    def party(self, subject: IssuerId) -> PartyHistory | None:
        """Return the history of one party; None if the registry does not know it."""
        snapshot = self._snapshot_of(self.contracts.issuer_registry, subject)
        if snapshot is None or self.asked_at is not None:
            return super().party(subject)
        return self.folded.registries.party(snapshot, subject, partial(super().party, subject))

    def log(self, issuer: IssuerId) -> LogAtHead | Missing:
        """Return the issuer's log at the head: read once, extended from head to head, and then kept."""
        return self.known_logs.at(issuer, self.chain(issuer), lambda earlier: self._read_log(issuer, earlier))

    def _read_log(self, issuer: IssuerId, earlier: IssuerLog | None = None) -> IssuerLog | Missing:
        """Take the log of an institution of this node from its storage; any other from its entries, and one that storage
        lacks after an older backup was restored.
        """
        own = None
        if self.own_logs is not None:
            own = self.own_logs.at(self.log_name(issuer), self.chain(issuer), earlier)
        if isinstance(own, IssuerLog):
            return own
        copied = super()._read_log(issuer, earlier)
        return own if own is not None and isinstance(copied, Missing) else copied

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
    def listed(self) -> tuple[IssuerId, ...]:
        """The parties that were ever active up to the block, in the order in which they became it."""
        registry = bindings.IssuerRegistry(self.contracts.issuer_registry)
        if self.snapshot is not None and self.asked_at is None:
            return self.folded.registries.listed(self.snapshot)
        logs = whole_contract(self.ledger, Address(registry.address), self.state_block, registry.total())
        return ever_active(logs, self.block.time)

    def _recorded_trust(self) -> RecordedTrust | None:
        """Return the newest recorded trust file: from the index where it has all of the council, else from the contract."""
        topic = bindings.event_topics("Council")[bindings.TrustRecorded.__name__]
        if self.snapshot is None or not self.snapshot.is_whole(self.contracts.council):
            return super()._recorded_trust()
        logs = self.snapshot.of_kind(self.contracts.council, topic)
        recorded = [event for event in events_of(logs) if isinstance(event, bindings.TrustRecorded)]
        return RecordedTrust(recorded[-1].number, Digest(recorded[-1].digest)) if recorded else None

    @cached_property
    def versions(self) -> tuple[tuple[IssuerId, Digest], ...]:
        """Every programme version that was submitted, by owner and document, in the order they came."""
        registry = bindings.ProgrammeRegistry(self.contracts.programme_registry)
        if self.snapshot is not None and self.asked_at is None:
            return self.folded.registries.versions(self.snapshot)
        logs = whole_contract(self.ledger, Address(registry.address), self.state_block, registry.total())
        return submitted(logs, self.block.time)

    def lacks_of(self, contract: bytes) -> frozenset[bytes] | None:
        """Return the subjects of a contract whose events are not whole; None if the contract's list is whole."""
        if self.snapshot is None or self.snapshot.is_whole(contract):
            return None
        return self.snapshot.doubted(contract)

    def records(self, contract: bytes, subject: bytes) -> list[RawLog]:
        """Return every record of a registry about one subject: from the index where it has all, else whole logs."""
        key = (contract, subject)
        if key not in self._records:
            snapshot = self._snapshot_of(contract, subject)
            if snapshot is not None:
                self._records[key] = snapshot.records(contract, subject)
        return super().records(contract, subject)

    def page_of_records(self, contract: bytes, subject: bytes, offset: int, limit: int) -> list[RawLog]:
        """Return one page of a contract's records of a subject, in order. Raises PartialLedgerUnavailable.

        The page comes from the index where the index has all of them, else from logs that are whole.
        """
        snapshot = self._snapshot_of(contract, subject)
        if snapshot is not None:
            return snapshot.records(contract, subject, offset=offset, limit=limit)
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
        """Return every party that was ever active. Raises PartialLedgerUnavailable where one is in doubt."""
        return [party for party in map(self.party, self.listed) if party is not None]


class SeenInMemory:
    """The highest block this process has seen."""

    def __init__(self) -> None:
        self._highest: SeenBlock | None = None

    def highest_block(self, genesis: BlockHash) -> SeenBlock | None:
        """Return the highest block seen; None where none was."""
        return self._highest

    def note(self, genesis: BlockHash, block: Block) -> None:
        """Remember a block if it is the highest."""
        if self._highest is None or block.number > self._highest.number:
            self._highest = SeenBlock(block.number, block.hash)


class Observations:
    """Observers by block. Raises nothing: a ledger that does not answer is `Missing`."""

    def __init__(
        self,
        trust: Trust | Missing,
        ledger: Ledger | None,
        entries_of: EntriesOf,
        seen: SeenBlocks | None = None,
        index: "IndexReader | None" = None,
        own_logs: "OwnLogs | None" = None,
    ) -> None:
        """Take the trust file and the ledger. `seen`: the highest block seen, kept beyond this process; None keeps it
        in memory.
        `index`: the index of the ledger; None where there is none. `own_logs`: of the institutions of this node.
        """
        self.trust = trust
        self.ledger = ledger
        self._entries_of = entries_of
        self._seen = SeenInMemory() if seen is None else seen
        self._index = index
        self._own_logs = own_logs
        self._logs = KnownLogs()
        self._folded = Folded()
        self._observers: OrderedDict[bytes, NodeObserver] = OrderedDict()
        self._heads: OrderedDict[bytes, CheckedHead] = OrderedDict()
        self._code_hashes: Mapping[str, bytes] | None = None
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
        checked = self._checked(trust, ledger, head)
        if isinstance(checked, Missing):
            return checked
        check_not_behind(self._seen, trust, head)
        if checked.snapshot is not None or is_vouched(ledger, trust, head):
            self._seen.note(trust.genesis, head)
        block = newest_block(ledger, head, time)
        if block is None:
            return Missing(Code.LEDGER_MISSING, "the chain began after the moment asked about")
        return self._observer(trust, ledger, ObservedBlock(block, head), checked)

    # ---- the head ---------------------------------------------------------------------------------------------

    def _checked(self, trust: Trust, ledger: Ledger, head: Block) -> CheckedHead | Missing:
        """Return the head as one of the pinned chain, with the events up to it if the index has them.

        A head that was checked before is looked at again only while it has no snapshot.
        """
        with self._lock:
            known = self._heads.get(head.hash)
        if known is not None and (known.snapshot is not None or self._index is None):
            return known
        stored = None if self._index is None else self._index.stored()
        if stored is not None:
            stored.check_not_forked(head)
            stored.check_not_above(head)
        if known is not None:
            is_there = stored is not None and stored.is_at(head)
            checked: CheckedHead | Missing = (
                replace(known, snapshot=stored.snapshot()) if is_there and stored is not None else known
            )
        else:
            checked = self._first_check(trust, ledger, head, stored)
        if isinstance(checked, CheckedHead):
            with self._lock:
                self._heads[head.hash] = checked
                if len(self._heads) > KEPT_PAST:
                    self._heads.popitem(last=False)
        return checked

    def _first_check(
        self, trust: Trust, ledger: Ledger, head: Block, stored: "StoredIndex | None"
    ) -> CheckedHead | Missing:
        """Check a new head, in one round trip at most. A contract's code never changes, so it is asked for once."""
        check_header(head)
        if stored is not None and stored.is_at(head) and self._code_hashes is not None:
            return CheckedHead(head, (trust.chain_id, trust.genesis), self._code_hashes, stored.snapshot())
        seen = None if isinstance(ledger, ReadAsOf) else self._seen.highest_block(trust.genesis)
        questions = head_questions(trust, head, all_pins=self._code_hashes is None, seen=seen)
        if self._code_hashes is None:
            questions = replace(questions, codes=tuple(Address(getattr(trust.contracts, name)) for name in CONTRACTS))
        answers, snapshot = _answers(ledger, questions, stored, head)
        fault = answered_fault(trust, head, questions, answers, seen)
        if fault is not None:
            return fault
        if self._code_hashes is None:
            hashes = (bytes(keccak(code)) for code in answers.codes)
            self._code_hashes = dict(zip(CONTRACTS, hashes, strict=True))
        return CheckedHead(head, (answers.chain_id, trust.genesis), self._code_hashes, snapshot)

    def _observer(self, trust: Trust, ledger: Ledger, observed: ObservedBlock, checked: CheckedHead) -> NodeObserver:
        """Return the observer of a block, as it was asked for before if the head is still the same."""
        block = observed.block
        with self._lock:
            known = self._observers.get(block.hash)
            same = known is not None and (known.block, known.asked_at) == (block, observed.asked_at)
            if known is None or not same or known.checked is not checked:
                known = self._observers[block.hash] = NodeObserver(
                    ledger,
                    trust.contracts,
                    block,
                    self._entries_of,
                    stalled_after=trust.chain.stalled_after,
                    asked_at=observed.asked_at,
                    on_whole=partial(self._seen.note, trust.genesis, observed.head),
                    known_logs=self._logs,
                    own_logs=self._own_logs,
                    folded=self._folded,
                    checked=checked,
                )
            self._observers.move_to_end(block.hash)
            if len(self._observers) > KEPT_PAST:
                self._observers.popitem(last=False)
            return known


def _answers(
    ledger: Ledger, questions: QuestionBatch, stored: "StoredIndex | None", head: Block
) -> tuple[AnswerBatch, "IndexSnapshot | None"]:
    """Ask about the head, and for what the index lacks up to it; without that where it cannot be had."""
    if stored is not None and stored.is_at(head):
        return ledger.batch(questions), stored.snapshot()
    with_events = None if stored is None else stored.questions(questions, head)
    if stored is None or with_events is None or with_events.logs is None:
        return ledger.batch(questions), None
    try:
        answers = ledger.batch(with_events)
    except LedgerUnavailable:  # it may have no logs, and still tell its blocks
        return ledger.batch(questions), None
    snapshot = stored.snapshot_at(head, answers)
    for endpoint in () if snapshot is not None else endpoints_of(ledger):
        with suppress(LedgerUnavailable):
            logs = tuple(endpoint.logs(with_events.logs))
            snapshot = snapshot or stored.snapshot_at(head, replace(answers, logs=logs))
    return answers, snapshot
