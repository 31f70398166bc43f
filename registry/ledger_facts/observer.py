"""Read facts for many credentials from one ledger at one block B.

Everything is read at B, so a report never mixes two states of the chain. Answers are kept, because a cohort asks the
same questions a thousand times. A ledger that does not answer raises LedgerUnavailable and the caller reports
`Missing`; silence is never turned into an answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from acredita.anchoring.checkpoint import Checkpoint, Head, opening, unpack_head
from acredita.anchoring.entries import log_id
from acredita.anchoring.ledger import Block, Ledger, LedgerUnavailable, LogQuery
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.types import Address, BlockHash, Digest, IssuerId, Root, Word
from acredita.contracts import bindings
from acredita.contracts.abi import Deployment, RawLog
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import LedgerFacts, LogAtHead, Missing
from acredita.registry.ledger_facts.histories import PartyHistory, ProgrammeHistory, fold_party, fold_programme
from acredita.registry.ledger_facts.issuer_log import rebuild
from acredita.registry.ledger_facts.trust_file import CONTRACTS, Trust
from eth_hash.auto import keccak

EntriesOf = Callable[[IssuerId], Mapping[int, bytes]]
"""Epoch → the 70-byte entries at hand for an issuer; empty where there are none."""

MAX_PARTIES = 64  # accreditors read for one issuer over all its history; the contract allows two at a time


def newest_block(ledger: Ledger, at: int | None) -> Block | None:
    """Return the newest block, or the newest not after `at` (Unix seconds); None if the chain began later."""
    head = ledger.head()
    if at is None or head.time <= at:
        return head
    low, high = -1, head.number  # block times rise strictly: the answer is in [low, high)
    while high - low > 1:
        middle = (low + high) // 2
        if _block(ledger, middle).time <= at:
            low = middle
        else:
            high = middle
    return _block(ledger, low) if low >= 0 else None


def _block(ledger: Ledger, number: int) -> Block:
    block = ledger.block(number)
    if block is None:
        raise LedgerUnavailable(f"the ledger lost block {number} while it was being read")
    return block


@dataclass
class Observer:
    """One ledger at one block. `has_period`: blocks come at fixed intervals, so an old head means a stalled chain."""

    ledger: Ledger
    contracts: Deployment
    block: Block
    entries_of: EntriesOf
    has_period: bool = False

    def __post_init__(self) -> None:
        self._parties: dict[IssuerId, PartyHistory | None] = {}
        self._programmes: dict[Digest, ProgrammeHistory | None] = {}
        self._words: dict[tuple[IssuerId, int, int], Word | None] = {}
        self._logs: dict[IssuerId, LogAtHead | Missing] = {}
        self._heads: dict[IssuerId, Head] = {}
        self._last_good: dict[tuple[IssuerId, int], int | None] = {}
        self._records: dict[tuple[bytes, bytes], list[RawLog]] = {}
        self._log = bindings.CredentialLog(self.contracts.credential_log)

    def pin_fault(self, trust: Trust) -> Missing | None:
        """Return why this is not the pinned ledger, or None if it is.

        Check this first, because another chain has no contract to ask.
        """
        if self._identity != (trust.chain_id, trust.genesis):
            return Missing(Code.GENESIS_CHANGED, "the ledger at hand is not the chain the trust file pins")
        if any(trust.code_hashes.get(name) != code for name, code in self._code_hashes.items()):
            return Missing(Code.CODE_CHANGED, "a contract's code is not the one the trust file pins")
        return None

    def facts(self, issuer: IssuerId, programme: Digest, receipt: Receipt | None) -> LedgerFacts:
        """Read the facts about one credential and its receipt. Raises LedgerUnavailable."""
        word = last_good = None
        if receipt is not None and receipt.issuer == issuer:
            word = self._word(issuer, receipt.epoch, receipt.checkpoint.number)
            last_good = self.last_good(issuer, receipt.epoch)
        history = self.programme(programme)
        return LedgerFacts(
            chain_id=self._identity[0],
            genesis=self._identity[1],
            code_hashes=self._code_hashes,
            block_number=self.block.number,
            block_time=self.block.time,
            parties=self.parties(issuer),
            programmes={} if history is None else {programme: history},
            stored_word=word,
            last_good=last_good,
            log=self.log(issuer),
            has_period=self.has_period,
        )

    def head(self, issuer: IssuerId) -> Head:
        """Read the head of the issuer's log."""
        if issuer not in self._heads:
            self._heads[issuer] = read_head(self.ledger, self._log, issuer, self.block.number)
        return self._heads[issuer]

    def last_good(self, issuer: IssuerId, epoch: int) -> int | None:
        """Read the last number that counts in a closed epoch; None for the current one."""
        key = (issuer, epoch)
        if key not in self._last_good:
            closed = epoch < self.head(issuer).epoch
            view = self._log.last_good(issuer, epoch)
            self._last_good[key] = self.ledger.read(view, self.block.number) if closed else None
        return self._last_good[key]

    def log(self, issuer: IssuerId) -> LogAtHead | Missing:
        """Rebuild the issuer's log to its head at B."""
        if issuer not in self._logs:
            self._logs[issuer] = rebuild(self.last_checkpoints(issuer), self.entries_of(issuer))
        return self._logs[issuer]

    def last_checkpoints(self, issuer: IssuerId) -> list[tuple[int, Checkpoint]]:
        """Return the last good checkpoint of every epoch that has one beyond its opening.

        Each is compared with the word the contract stores.
        """
        anchored = self.checkpoints(issuer)
        head = self.head(issuer)
        checkpoints = []
        for epoch in range(1, head.epoch + 1):
            last = head.number if epoch == head.epoch else self.last_good(issuer, epoch)
            checkpoint = anchored.get((epoch, last or 0))
            if checkpoint is not None:
                checkpoints.append((epoch, checkpoint))
        return checkpoints

    def checkpoints(self, issuer: IssuerId) -> dict[tuple[int, int], Checkpoint]:
        """Return (epoch, number) → checkpoint for all that were anchored up to B.

        Each is compared with its stored word.
        """
        anchored = {}
        for event in self._events(self.contracts.credential_log, issuer):
            if isinstance(event, bindings.Anchored):
                checkpoint = checkpoint_of(event)
                if self._word(issuer, event.epoch, event.number) != checkpoint.word():
                    raise LedgerUnavailable("the ledger's events and its storage disagree")
                anchored[event.epoch, event.number] = checkpoint
        return anchored

    def newest_checkpoint(self, issuer: IssuerId) -> Checkpoint:
        """Return the checkpoint the head names, of either kind."""
        head = self.head(issuer)
        if head.number:
            return self.checkpoints(issuer)[head.epoch, head.number]
        first = log_id(self._identity[0], Address(self.contracts.credential_log), issuer, head.epoch)
        for event in self._events(self.contracts.credential_log, issuer):
            if isinstance(event, bindings.EpochOpened) and event.epoch == head.epoch:
                status_root, previous = Root(event.status_root), Word(event.previous)
                return opening(first, time=event.time, status_root=status_root, previous=previous)
        return opening(first)

    def records(self, contract: bytes, subject: bytes) -> list[RawLog]:
        """Return every log of a contract about one subject up to B, in chain order."""
        key = (contract, subject)
        if key not in self._records:
            query = LogQuery(0, self.block.number, (Address(contract),), (None, subject))
            self._records[key] = list(self.ledger.logs(query))
        return self._records[key]

    @cached_property
    def _identity(self) -> tuple[int, BlockHash]:
        return self.ledger.chain_id(), _block(self.ledger, 0).hash

    @cached_property
    def _code_hashes(self) -> dict[str, bytes]:
        return {name: bytes(keccak(self.ledger.code(Address(getattr(self.contracts, name))))) for name in CONTRACTS}

    def _word(self, issuer: IssuerId, epoch: int, number: int) -> Word | None:
        key = (issuer, epoch, number)
        if key not in self._words:
            stored = self.ledger.read(self._log.checkpoint_word(issuer, epoch, number), self.block.number)
            self._words[key] = Word(stored) if any(stored) else None
        return self._words[key]

    def parties(self, issuer: IssuerId) -> dict[IssuerId, PartyHistory]:
        """Return the histories of the issuer and of every party that was ever above it, at any height."""
        parties: dict[IssuerId, PartyHistory] = {}
        subjects = [issuer]
        while subjects and len(parties) < MAX_PARTIES:
            party = self.party(subjects.pop())
            if party is not None and party.subject not in parties:
                parties[party.subject] = party
                subjects += [t.accreditor for t in party.transitions if t.accreditor is not None]
        return parties

    def party(self, subject: IssuerId) -> PartyHistory | None:
        """Return the history of one party; None if the registry does not know it."""
        if subject not in self._parties:
            events = self._events(self.contracts.issuer_registry, subject)
            self._parties[subject] = fold_party(subject, events) if events else None
        return self._parties[subject]

    def programme(self, version: Digest) -> ProgrammeHistory | None:
        """Return the history of one programme version; None if it was never submitted."""
        if version not in self._programmes:
            events = self._events(self.contracts.programme_registry, version)
            self._programmes[version] = fold_programme(version, events) if events else None
        return self._programmes[version]

    def _events(self, contract: bytes, subject: bytes) -> list[bindings.Event]:
        decoded = (bindings.decode_event(log) for log in self.records(contract, subject))
        return [event for event in decoded if event is not None]


def read_head(ledger: Ledger, log: bindings.CredentialLog, issuer: IssuerId, block: int) -> Head:
    """Read the head of an issuer's log at a block."""
    packed = ledger.read(log.head(issuer), block)
    try:
        return unpack_head(packed)
    except ValueError as error:  # our contracts never pack a head like this
        raise LedgerUnavailable(f"unreadable head of the log: {error}") from error


def checkpoint_of(event: bindings.Anchored) -> Checkpoint:
    """Return the checkpoint that an `Anchored` event records."""
    return Checkpoint(
        kind=event.kind,
        number=event.number,
        old_size=event.old_size,
        size=event.size,
        root=Root(event.root),
        status_root=Root(event.status_root),
        time=event.time,
        previous=Word(event.previous),
    )
