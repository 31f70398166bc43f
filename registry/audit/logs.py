"""Replay the credential logs in an audit: every checkpoint from its event, every root from its entries.

Events are linked by their words, from the opening that the contract computes to the head that it stores. Where the
ledger's answers contradict each other, nothing is compared with them. The entries are compared with the checkpoints.
Status bits continue through the epochs of one issuer. An entry of an unknown kind ends the replay of its log, with a
finding. A copy that is missing, damaged, of another log or shorter than the log is not at hand, because nobody signed it
(`entry_copies`): could-not-tell. Entries that give the anchored root are proven, so what they say counts.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from acredita.anchoring.checkpoint import FIRST_HEAD, Checkpoint, CheckpointKind, Head, opening
from acredita.anchoring.entries import EntryKind, EntryRefused, decode, encode, log_id, opened
from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.types import Address, Digest, IssuerId, Root, Word, to_hex
from acredita.contracts import bindings
from acredita.contracts.abi import AbiError, RawLog
from acredita.registry.audit.entry_copies import EpochCopies, LogSources
from acredita.registry.audit.issuance import DocumentsAtHand, IssuanceRules
from acredita.registry.audit.journal import Journal, UnknownRecordError, decoded
from acredita.registry.audit.status_lists import PublishedLists, ReplayedBits
from acredita.registry.codes import Code
from acredita.registry.ledger_facts.histories import PartyHistory, ProgrammeHistory, ProgrammeState
from acredita.registry.ledger_facts.log_chain import checkpoint_of
from acredita.registry.ledger_facts.observer import read_head

ProgrammeVersions = dict[tuple[IssuerId, Digest], ProgrammeHistory]
"""Programme versions by owner and document."""

_ISSUED_PREFIX = bytes((1, EntryKind.ISSUED)) + b"\xff" * 4
_DIGEST, _PROGRAMME = slice(6, 38), slice(38, 70)


@dataclass(frozen=True)
class ReplayedCheckpoint:
    """One checkpoint that counts. `kinds`: how many of its entries are of each kind; None where they were not read."""

    checkpoint: Checkpoint
    kinds: Mapping[int, int] | None


@dataclass(frozen=True)
class LogSummary:
    """One log (issuer, epoch): the entries and checkpoints that count, and the numbers of the void checkpoints."""

    issuer: IssuerId
    epoch: int
    entries: int
    checkpoints: int
    void: tuple[int, ...]
    replayed: tuple[ReplayedCheckpoint, ...]


def replay_logs(
    journal: Journal,
    parties: Mapping[IssuerId, PartyHistory | None],
    sources: LogSources,
    programmes: ProgrammeVersions,
    published: PublishedLists | None = None,
    documents: DocumentsAtHand | None = None,
) -> Iterator[LogSummary]:
    """Replay every epoch of every issuer. A party without a log is included: its head must be empty."""
    records = journal.records(bindings.CredentialLog(journal.contracts.credential_log))
    rules = IssuanceRules({issuer: party for issuer, party in parties.items() if party is not None}, documents)
    for issuer in sorted({*parties, *(IssuerId(subject) for subject in records)}):
        chain = _Chain(journal, issuer)
        try:
            epochs = chain.follow(records.get(issuer, []))
        except (UnknownRecordError, AbiError) as error:
            journal.contradicts(Code.RECORD_UNKNOWN, to_hex(issuer), str(error))
            continue
        if not chain.whole:
            continue
        chain.check_accounts(rules)
        entries = EntryReplay(journal, issuer, programmes, rules)
        if issuer in records:
            yield from _rebuild(entries, issuer, epochs, sources)
            rules.digests.take(journal, issuer, entries.issued)
        if published is not None and entries.complete:
            settled = ReplayedBits(entries.revoked, _last_voided(epochs))
            published.compare(journal, issuer, parties.get(issuer), settled)


def _last_voided(epochs: Mapping[int, "_Epoch"]) -> int:
    """Return the time of the last opening that made a checkpoint void; 0 where none did."""
    return max((epochs[epoch + 1].opened for epoch, chain in epochs.items() if chain.void), default=0)


# --- checkpoints from events ---


@dataclass
class _Epoch:
    """The anchored checkpoints of one epoch. `last`: the number of its last good one, once the epoch is closed.

    `opened`: the time of the event that opened it; 0 for the first.
    """

    checkpoints: list[Checkpoint] = field(default_factory=list)
    last: int | None = None
    opened: int = 0

    @property
    def good(self) -> list[Checkpoint]:
        return [c for c in self.checkpoints if self.last is None or c.number <= self.last]

    @property
    def void(self) -> tuple[int, ...]:
        return tuple(c.number for c in self.checkpoints if self.last is not None and c.number > self.last)


class _Chain:
    """One issuer's checkpoints, each linked by its word to the one before and compared with the contract's storage.

    `whole`: no two answers of the ledger contradict each other.
    """

    def __init__(self, journal: Journal, issuer: IssuerId) -> None:
        self._journal, self._issuer = journal, issuer
        self._log = bindings.CredentialLog(journal.contracts.credential_log)
        self._words: dict[tuple[int, int], Checkpoint] = {(1, 0): self._opening()}
        self._accounts: dict[tuple[int, int], Address] = {}
        self._head = FIRST_HEAD
        self.epochs: dict[int, _Epoch] = {1: _Epoch()}
        self.whole = True

    def follow(self, logs: Sequence[RawLog]) -> dict[int, _Epoch]:
        for event in map(decoded, logs):
            if isinstance(event, bindings.EpochOpened):
                self._open(event)
            elif isinstance(event, bindings.Anchored):
                self._anchor(event)
        stored = read_head(self._journal.ledger, self._log, self._issuer, self._journal.block.hash)
        if stored != self._head:
            self._contradicts(
                Code.HEAD_MISMATCH, f"the events end at {_head_text(self._head)}, the contract at {_head_text(stored)}"
            )
        words = [self._words[key].word() for key in sorted(self._words)]
        if len(words) > 1:  # a log that nobody has extended adds nothing to the issuer's id
            self._journal.parts += [self._issuer, *words]
        return self.epochs

    def check_accounts(self, rules: IssuanceRules) -> None:
        """Check the account of each checkpoint that counts."""
        for epoch, chain in sorted(self.epochs.items()):
            for checkpoint in chain.good:
                where = f"{to_hex(self._issuer)} epoch {epoch} number {checkpoint.number}"
                account = self._accounts[epoch, checkpoint.number]
                rules.check_account(self._journal, self._issuer, account, checkpoint.time, where)

    def _anchor(self, event: bindings.Anchored) -> None:
        checkpoint = checkpoint_of(event)
        before = self._words[self._head.epoch, self._head.number]
        follows = (event.epoch, event.number) == (self._head.epoch, self._head.number + 1)
        if not follows or checkpoint.previous != before.word() or checkpoint.old_size != before.size:
            self._contradicts(Code.WORD_CHAIN_BROKEN, f"number {event.number} does not follow {_head_text(self._head)}")
        self._take(event.epoch, checkpoint)
        self._accounts[event.epoch, event.number] = Address(event.account)
        self.epochs.setdefault(event.epoch, _Epoch()).checkpoints.append(checkpoint)

    def _open(self, event: bindings.EpochOpened) -> None:
        closed = self._head.epoch
        beyond = self._journal.read(self._log.checkpoint_word(self._issuer, closed, self._head.number + 1))
        if any(beyond):  # a void checkpoint, which no later word names
            self._contradicts(Code.HEAD_MISMATCH, f"the contract has number {self._head.number + 1}, the events do not")
        good = self._words.get((closed, event.last_good))
        if event.epoch != closed + 1 or good is None or event.previous != good.word():
            self._contradicts(
                Code.WORD_CHAIN_BROKEN, f"epoch {event.epoch} does not follow the last good word of {closed}"
            )
        else:
            self.epochs[closed].last = event.last_good
            self._check_last_good(closed, event.last_good)
        self._take(event.epoch, self._opening(event))
        self.epochs[event.epoch] = _Epoch(opened=event.time)

    def _take(self, epoch: int, checkpoint: Checkpoint) -> None:
        """Check that the contract holds the word of a checkpoint, and make the checkpoint the new head."""
        view = self._log.checkpoint_word(self._issuer, epoch, checkpoint.number)
        if self._journal.read(view) != checkpoint.word():
            self._contradicts(Code.WORD_MISMATCH, f"number {checkpoint.number}: event and storage differ")
        self._words[epoch, checkpoint.number] = checkpoint
        self._head = Head(epoch, checkpoint.number, checkpoint.size, checkpoint.time)

    def _check_last_good(self, epoch: int, announced: int) -> None:
        stored = self._journal.read(self._log.last_good(self._issuer, epoch))
        if stored != announced:
            self._contradicts(Code.WORD_MISMATCH, f"last good number {announced} announced, {stored} stored")

    def _opening(self, event: bindings.EpochOpened | None = None) -> Checkpoint:
        """Compute checkpoint 0 of epoch 1, or of the epoch that an event opens."""
        contract, chain_id = Address(self._journal.contracts.credential_log), self._journal.ledger.chain_id()
        if event is None:
            return opening(log_id(chain_id, contract, self._issuer, FIRST_HEAD.epoch))
        return opening(
            log_id(chain_id, contract, self._issuer, event.epoch),
            time=event.time,
            status_root=Root(event.status_root),
            previous=Word(event.previous),
        )

    def _contradicts(self, code: Code, detail: str) -> None:
        self.whole = False
        self._journal.contradicts(code, f"{to_hex(self._issuer)} epoch {self._head.epoch}", detail)


def _head_text(head: Head) -> str:
    return f"epoch {head.epoch} number {head.number} size {head.size}"


# --- roots from entries ---


def _rebuild(
    entries: "EntryReplay", issuer: IssuerId, epochs: Mapping[int, _Epoch], sources: LogSources
) -> Iterator[LogSummary]:
    for epoch, chain in sorted(epochs.items()):
        kinds = entries.run(epoch, chain.good, sources)
        size = chain.good[-1].size if chain.good else 1
        replayed = tuple(ReplayedCheckpoint(each, kinds.get(each.number)) for each in chain.good)
        yield LogSummary(issuer, epoch, size, len(chain.good), chain.void, replayed)


class EntryReplay:
    """The replay of one issuer's log from its entries, which compares both roots at every checkpoint.

    `revoked`: position → time of the checkpoint that revoked it first. `issued`: the digests issued so far. `complete`:
    every checkpoint that counts has been reached.
    """

    def __init__(self, journal: Journal, issuer: IssuerId, programmes: ProgrammeVersions, rules: IssuanceRules) -> None:
        self._journal, self._issuer, self._programmes, self._rules = journal, issuer, programmes, rules
        self._status = StatusBits()
        self.issued: set[bytes] = set()
        self.revoked: dict[int, int] = {}
        self.complete = True

    def run(self, epoch: int, checkpoints: Sequence[Checkpoint], sources: LogSources) -> dict[int, Counter[int]]:
        """Replay the entries of one epoch, up to the last of `checkpoints`.

        Returns how many entries are of each kind, by the number of each checkpoint that was reached.
        """
        kinds: dict[int, Counter[int]] = {}
        if checkpoints:
            copies = EpochCopies(sources, self._issuer, epoch, partial(self._opened, epoch))
            self.complete = self._run(epoch, checkpoints, copies, kinds) and self.complete
            self._report_copies(epoch, copies, sources)
        return kinds

    def _run(
        self, epoch: int, checkpoints: Sequence[Checkpoint], copies: EpochCopies, kinds: dict[int, Counter[int]]
    ) -> bool:
        at, end = 0, checkpoints[-1].size
        for checkpoint in checkpoints:
            entries = copies.entries(checkpoint, end)
            where = self._where(epoch, checkpoint.number)
            if entries is None:
                return False
            read = self._read(at, entries, checkpoint, where)
            if read is None:
                return False
            kinds[checkpoint.number] = read
            # Without an earlier epoch's entries the bits are not at hand, and nobody is accused of them.
            if self.complete and self._status.root() != checkpoint.status_root:
                self._journal.diverges(Code.STATUS_ROOT_MISMATCH, where, "the entries do not give the anchored bits")
            at = checkpoint.size
        return True

    def _report_copies(self, epoch: int, copies: EpochCopies, sources: LogSources) -> None:
        """Record each copy that was left. Nothing is unknown where a later source gave the entries."""
        record = self._journal.lacks if copies.is_spent else self._journal.observes
        for fault in copies.faults:
            place = f"{fault.place}: " if fault.place and not copies.is_spent else ""
            looked_in = (fault.place,) if fault.place else ()
            record(fault.code, self._where(epoch, fault.number), f"{place}{fault.detail}", looked_in=looked_in)
        if copies.is_spent and not copies.faults:
            self._journal.lacks(Code.LOG_MISSING, self._where(epoch, 0), "no source of logs", looked_in=sources.places)

    def _where(self, epoch: int, number: int) -> str:
        return f"{to_hex(self._issuer)} epoch {epoch} number {number}"

    def _opened(self, epoch: int) -> bytes:
        """Return the first entry of an epoch's log, which names the log."""
        contract = Address(self._journal.contracts.credential_log)
        return encode(opened(log_id(self._journal.ledger.chain_id(), contract, self._issuer, epoch)))

    def _read(self, first: int, entries: Sequence[bytes], checkpoint: Checkpoint, where: str) -> Counter[int] | None:
        """Apply the entries of one checkpoint and record their faults.

        Returns how many are of each kind; None where the replay must stop.
        """
        used: Counter[bytes] = Counter()
        kinds: Counter[int] = Counter()
        for index, encoded in enumerate(entries, first):
            if encoded.startswith(_ISSUED_PREFIX):  # nearly every entry; its other fields are fixed
                used[encoded[_PROGRAMME]] += 1
                self._take_issued(encoded[_DIGEST], f"{where} entry {index}")
            else:
                kind = self._read_rare(index, encoded, checkpoint.time, f"{where} entry {index}")
                if kind is None:
                    return None
                kinds[kind] += 1
        kinds[EntryKind.ISSUED] += used.total()
        if used and checkpoint.kind == CheckpointKind.STATUS_ONLY:
            detail = f"{used.total()} issued: never recognised"
            self._journal.observes(Code.ISSUED_IN_STATUS_CHECKPOINT, where, detail)
        if used:
            self._rules.check(self._journal, self._issuer, checkpoint.time, map(Digest, used), where)
        for version, count in sorted(() if self._journal.is_contradicted else used.items()):
            self._check_programme(Digest(version), count, checkpoint, where)
        return kinds

    def _take_issued(self, digest: bytes, where: str) -> None:
        if digest in self.issued:
            self._journal.observes(Code.ISSUED_TWICE, where, to_hex(digest))
        self.issued.add(digest)

    def _read_rare(self, index: int, encoded: bytes, time: int, where: str) -> EntryKind | None:
        """Apply an entry of another kind than issued, and return its kind; None for one that this version does not know."""
        try:
            entry = decode(encoded)
        except EntryRefused as error:
            self._journal.diverges(Code.ENTRY_UNKNOWN, where, f"{error}; the replay of this log stops here")
            return None
        if (entry.kind is EntryKind.OPENED) != (index == 0):
            self._journal.observes(Code.ENTRY_MISPLACED, where, "an opening entry must be the first entry")
        elif entry.kind.changes_status:
            if entry.kind is EntryKind.REPLACED and self._status.status(entry.position).revoked:
                self._journal.observes(Code.REPLACED_AFTER_REVOCATION, where, f"position {entry.position}")
            self._status.apply(entry)
            if entry.kind is EntryKind.REVOKED:
                self.revoked.setdefault(entry.position, time)
        return entry.kind

    def _check_programme(self, version: Digest, count: int, checkpoint: Checkpoint, where: str) -> None:
        """Check the programme version of issued entries, because the contract cannot see it."""
        history = self._programmes.get((self._issuer, version))
        detail = f"{count} issued under programme version {to_hex(version)}"
        if history is None:
            foreign = any(document == version for _, document in self._programmes)
            code = Code.PROGRAMME_NOT_OF_ISSUER if foreign else Code.PROGRAMME_UNKNOWN
            self._journal.observes(code, where, detail)
        elif history.state_at(checkpoint.time) is not ProgrammeState.APPROVED:
            self._journal.observes(Code.PROGRAMME_NOT_APPROVED_AT_ISSUANCE, where, detail)
