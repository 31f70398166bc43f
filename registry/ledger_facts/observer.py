"""Read facts for many credentials from one ledger at one block B.

Everything is asked at one block by its hash, so a report never mixes two states of the chain. Logs are an endpoint's word:
records count only if they fold to the contract's history hash, checkpoints only if their words chain back from the head
(`whole_records`, `log_chain`). For a moment in the past the newest block is asked and what is whole is cut at B. Answers are
kept, because a cohort asks the same questions a thousand times. A ledger that does not answer, or answers in part, raises
LedgerUnavailable and the caller reports `Missing`; silence is never turned into an answer.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from acredita.anchoring.checkpoint import Checkpoint, Head, unpack_head
from acredita.anchoring.ledger import Block, BlockName, Ledger, LedgerUnavailable, LogQuery, PartialLedgerUnavailable
from acredita.anchoring.quorum import first_whole
from acredita.anchoring.receipts import Receipt
from acredita.anchoring.types import Address, BlockHash, Digest, IssuerId, Word
from acredita.contracts import bindings
from acredita.contracts.abi import Deployment, RawLog, View
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.facts import LedgerFacts, LogAtHead, Missing
from acredita.registry.ledger_facts.histories import PartyHistory, ProgrammeHistory, fold_party, fold_programme
from acredita.registry.ledger_facts.issuer_log import IssuerLog, LogName, rebuild
from acredita.registry.ledger_facts.log_chain import LinkedCheckpoint, LogChain, LoggedCheckpoints
from acredita.registry.ledger_facts.log_entries import EntriesOf
from acredita.registry.ledger_facts.observed_block import observed_block
from acredita.registry.ledger_facts.trust_file import CONTRACTS, Trust
from acredita.registry.ledger_facts.trust_succession import RecordedTrust
from acredita.registry.ledger_facts.whole_records import events_of, whole_records
from eth_hash.auto import keccak

T = TypeVar("T")

MAX_PARTIES = 64  # accreditors read for one issuer over all its history; the contract allows two at a time


@dataclass
class Observer:
    """One ledger at one block. `stalled_after`: age in seconds at which the newest block means that the chain has stopped;
    None where blocks come on demand.

    `asked_at`: the block whose state is read, if `block` is an older one; None where it is `block` itself.
    `on_whole`: called each time records or checkpoints up to the head were found whole; None where nobody asks.
    """

    ledger: Ledger
    contracts: Deployment
    block: Block
    entries_of: EntriesOf
    stalled_after: int | None = None
    asked_at: Block | None = None
    on_whole: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        self._parties: dict[IssuerId, PartyHistory | None] = {}
        self._programmes: dict[tuple[IssuerId, Digest], ProgrammeHistory | None] = {}
        self._words: dict[tuple[IssuerId, int, int], Word | None] = {}
        self._logs: dict[IssuerId, LogAtHead | Missing] = {}
        self._chains: dict[IssuerId, LogChain] = {}
        self._records: dict[tuple[bytes, bytes], list[RawLog]] = {}
        self._log = bindings.CredentialLog(self.contracts.credential_log)

    @property
    def state_block(self) -> Block:
        """The block whose state is read."""
        return self.asked_at or self.block

    def read(self, view: View[T]) -> T:
        """Ask a contract at the block whose state is read. Raises LedgerUnavailable."""
        return self.ledger.read(view, self.state_block.hash)

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
        history = self.programme(issuer, programme)
        return LedgerFacts(
            chain_id=self._identity[0],
            genesis=self._identity[1],
            code_hashes=self._code_hashes,
            block_number=self.block.number,
            block_hash=self.block.hash,
            block_time=self.block.time,
            parties=self.parties(issuer),
            programmes={} if history is None else {programme: history},
            stored_word=word,
            last_good=last_good,
            log=self.log(issuer),
            stalled_after=self.stalled_after,
            recorded_trust=self.recorded_trust,
        )

    @cached_property
    def recorded_trust(self) -> RecordedTrust | None:
        """The newest trust file that the council recorded; None where it recorded none. Raises LedgerUnavailable."""
        return self._recorded_trust()

    def _recorded_trust(self) -> RecordedTrust | None:
        council = bindings.Council(self.contracts.council)
        number = self.read(council.trust_number())
        return RecordedTrust(number, Digest(self.read(council.trust_file(number)))) if number else None

    # ---- an issuer's log --------------------------------------------------------------------------------------

    def head(self, issuer: IssuerId) -> Head:
        """Return the head of the issuer's log at B."""
        return self.chain(issuer).head

    def last_good(self, issuer: IssuerId, epoch: int) -> int | None:
        """Return the last number that counts in an epoch closed at B; None for the current one."""
        return self.chain(issuer).last_good(epoch)

    def newest_checkpoint(self, issuer: IssuerId) -> Checkpoint:
        """Return the checkpoint the head names, of either kind."""
        return self.chain(issuer).newest

    def log(self, issuer: IssuerId) -> LogAtHead | Missing:
        """Rebuild the issuer's log to its head at B."""
        if issuer not in self._logs:
            self._logs[issuer] = self._read_log(issuer)
        return self._logs[issuer]

    def _read_log(self, issuer: IssuerId, earlier: IssuerLog | None = None) -> IssuerLog | Missing:
        """Read the log to its head. `earlier`: the log at an earlier head, to be extended."""
        return rebuild(self.log_name(issuer), self.chain(issuer), self.entries_of(issuer), earlier)

    def log_name(self, issuer: IssuerId) -> LogName:
        """Return what every receipt of the issuer's log names."""
        return LogName(*self._identity, Address(self.contracts.credential_log), issuer)

    def chain(self, issuer: IssuerId) -> LogChain:
        """Return the issuer's checkpoints that count at B, linked by their words to the head the contract states.

        Raises PartialLedgerUnavailable where an event of them is missing.
        """
        if issuer not in self._chains:
            self._chains[issuer] = self._linked(issuer)
        return self._chains[issuer]

    def _linked(self, issuer: IssuerId) -> LogChain:
        contract, chain_id = Address(self.contracts.credential_log), self._identity[0]
        head = read_head(self.ledger, self._log, issuer, self.state_block.hash)
        word = Word(self.read(self._log.checkpoint_word(issuer, head.epoch, head.number)))
        query = LogQuery(0, self.state_block.number, (contract,), (None, issuer))

        def check(logs: Sequence[RawLog]) -> LogChain:
            logged = LoggedCheckpoints.of(chain_id, contract, issuer, logs)
            linked = logged.link(head, word)
            if logged.head != head:
                raise PartialLedgerUnavailable(f"the events end at {logged.head}, the contract at {head}")
            return self._at_block(issuer, logged, linked)

        chain = first_whole(self.ledger, query, check)
        self._tell_whole()
        return chain

    def _at_block(self, issuer: IssuerId, logged: LoggedCheckpoints, chain: LogChain) -> LogChain:
        """Cut the head's chain at B where B is an older block."""
        if self.asked_at is None:
            return chain
        current = chain.epoch_at(self.block.time)
        above = list(self._above(issuer, current.number, current.last.number, logged)) if current.is_closed else []
        return chain.cut(self.block.time, above)

    def _above(
        self, issuer: IssuerId, epoch: int, number: int, logged: LoggedCheckpoints
    ) -> Iterator[LinkedCheckpoint]:
        """Yield the void checkpoints of a closed epoch, which counted until it was closed; the contract keeps their words."""
        while word := self._word(issuer, epoch, number + 1):
            number += 1
            yield logged.named(word)

    def _word(self, issuer: IssuerId, epoch: int, number: int) -> Word | None:
        key = (issuer, epoch, number)
        if key not in self._words:
            stored = self.read(self._log.checkpoint_word(issuer, epoch, number))
            self._words[key] = Word(stored) if any(stored) else None
        return self._words[key]

    # ---- parties and programmes -------------------------------------------------------------------------------

    def parties(self, issuer: IssuerId) -> dict[IssuerId, PartyHistory]:
        """Return the histories of the issuer and of every party that was ever above it, at any height.

        Raises PartialLedgerUnavailable beyond MAX_PARTIES, because a part of them proves nothing.
        """
        parties: dict[IssuerId, PartyHistory] = {}
        subjects, seen = [issuer], {issuer}
        while subjects:
            party = self.party(subjects.pop())
            if party is None:
                continue
            parties[party.subject] = party
            above = {t.accreditor for t in party.transitions if t.accreditor is not None} - seen
            seen |= above
            subjects += sorted(above)
            if len(seen) > MAX_PARTIES:
                raise PartialLedgerUnavailable(f"more than {MAX_PARTIES} parties above one issuer")
        return parties

    def party(self, subject: IssuerId) -> PartyHistory | None:
        """Return the history of one party; None if the registry does not know it."""
        if subject not in self._parties:
            events = self._events(self.contracts.issuer_registry, subject)
            self._parties[subject] = fold_party(subject, events) if events else None
        return self._parties[subject]

    def programme(self, owner: IssuerId, document: Digest) -> ProgrammeHistory | None:
        """Return the history of an owner's programme version; None if the owner never submitted it."""
        key = (owner, document)
        if key not in self._programmes:
            version = bindings.programme_version(owner, document)
            events = self._events(self.contracts.programme_registry, version)
            self._programmes[key] = fold_programme(events)
        return self._programmes[key]

    def records(self, contract: bytes, subject: bytes) -> list[RawLog]:
        """Return every record of a registry about one subject, in order, up to the block whose state is read.

        Raises PartialLedgerUnavailable where one is missing.
        """
        key = (contract, subject)
        if key not in self._records:
            history = self._history(contract, subject)
            self._records[key] = whole_records(self.ledger, Address(contract), subject, self.state_block, history)
            if self._records[key]:  # that a subject has none is told by no log
                self._tell_whole()
        return self._records[key]

    def _tell_whole(self) -> None:
        if self.on_whole is not None:
            self.on_whole()

    def _history(self, contract: bytes, subject: bytes) -> View[bytes]:
        if contract == self.contracts.issuer_registry:
            return bindings.IssuerRegistry(contract).history(subject)
        return bindings.ProgrammeRegistry(contract).history(subject)

    def _events(self, contract: bytes, subject: bytes) -> list[bindings.Event]:
        """Return the events of a subject up to B. Each states its own block time, which the history hash binds."""
        events = events_of(self.records(contract, subject))
        return events if self.asked_at is None else [event for event in events if event.time <= self.block.time]

    @cached_property
    def _identity(self) -> tuple[int, BlockHash]:
        genesis = self.ledger.block(0)
        if genesis is None:
            raise LedgerUnavailable("the ledger has no block 0")
        return self.ledger.chain_id(), genesis.hash

    @cached_property
    def _code_hashes(self) -> dict[str, bytes]:
        block = self.state_block.hash
        return {name: _code_hash(self.ledger, getattr(self.contracts, name), block) for name in CONTRACTS}


def _code_hash(ledger: Ledger, address: bytes, block: BlockHash) -> bytes:
    return bytes(keccak(ledger.code(Address(address), block)))


def observe(ledger: Ledger, trust: Trust, entries_of: EntriesOf) -> Observer | Missing:
    """Observe the pinned ledger at its newest block; Missing where it does not answer or is not the pinned one."""
    observed = observed_block(ledger, trust, None)
    if isinstance(observed, Missing):
        return observed
    return Observer(ledger, trust.contracts, observed.block, entries_of, stalled_after=trust.chain.stalled_after)


def read_head(ledger: Ledger, log: bindings.CredentialLog, issuer: IssuerId, block: BlockName) -> Head:
    """Read the head of an issuer's log at a block."""
    packed = ledger.read(log.head(issuer), block)
    try:
        return unpack_head(packed)
    except ValueError as error:  # our contracts never pack a head like this
        raise PartialLedgerUnavailable(f"unreadable head of the log: {error}") from error
