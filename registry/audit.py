"""Audit: the whole history replayed from the ledger, compared with the entries at hand.

Nobody's permission is needed: the chain and the logs' entries are public. From block 0 to B the audit folds every record of
both registries and compares each subject's history hash with the contract's; links every checkpoint to the one before by its
word; rebuilds every log from its 70-byte entries and compares root and status root at every checkpoint that counts; and
follows what the contract cannot see: which entries came with which kind, a digest issued twice, a position moved after
revocation. A *divergence* is a difference between ledger and files; an *observation* is something the ledger itself shows
to have gone wrong, which no file can mend.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from acredita.anchoring.checkpoint import Checkpoint, CheckpointKind, opening
from acredita.anchoring.entries import ENTRY_BYTES, EntryError, EntryKind, decode, log_id
from acredita.anchoring.ledger import Block, Ledger, LogQuery
from acredita.anchoring.merkle import Frontier, leaf_hash
from acredita.anchoring.status import StatusBits
from acredita.anchoring.types import Address, Digest, IssuerId, Word, to_hex
from acredita.contracts import bindings
from acredita.contracts.abi import Deployment, RawLog
from acredita.registry.gather import EntriesOf, checkpoint_of
from acredita.registry.ledger_state import fold_party, fold_programme

ZERO = bytes(32)


@dataclass(frozen=True)
class Finding:
    """One thing the auditor reports. `where`: subject, epoch and number, as far as they apply."""

    weight: Literal["divergence", "observation"]
    code: str
    where: str
    detail: str


@dataclass(frozen=True)
class LogSummary:
    """One (issuer, epoch): entries and checkpoints that count, and the numbers of those that are void."""

    issuer: IssuerId
    epoch: int
    entries: int
    checkpoints: int
    void: tuple[int, ...]


@dataclass(frozen=True)
class Audit:
    """The result of a replay up to `block`. `state_hash` binds every history hash, head and word that was recomputed."""

    block: Block
    parties: int
    programmes: int
    logs: tuple[LogSummary, ...]
    findings: tuple[Finding, ...]
    state_hash: bytes

    @property
    def clean(self) -> bool:
        return not any(finding.weight == "divergence" for finding in self.findings)


@dataclass
class _Replay:
    """What one audit carries along; filled by the functions below in the order of `replay`."""

    ledger: Ledger
    contracts: Deployment
    block: Block
    findings: list[Finding] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)

    def diverges(self, code: str, where: str, detail: str) -> None:
        self.findings.append(Finding("divergence", code, where, detail))

    def observes(self, code: str, where: str, detail: str) -> None:
        self.findings.append(Finding("observation", code, where, detail))

    def records(self, contract: bytes) -> dict[bytes, list[RawLog]]:
        """Every log of a contract up to B by its subject, in chain order."""
        found: dict[bytes, list[RawLog]] = {}
        for log in self.ledger.logs(LogQuery(0, self.block.number, (Address(contract),))):
            found.setdefault(log.topics[1], []).append(log)
        return found


def replay(ledger: Ledger, contracts: Deployment, block: Block, entries_of: EntriesOf) -> Audit:
    """Replay everything up to `block`. Raises LedgerUnreachable when the ledger stops answering."""
    audit = _Replay(ledger, contracts, block)
    parties = _registry(audit, contracts.issuer_registry, bindings.IssuerRegistry(contracts.issuer_registry))
    programmes = _registry(
        audit, contracts.programme_registry, bindings.ProgrammeRegistry(contracts.programme_registry)
    )
    _fold(parties, programmes)
    logs = [
        summary
        for issuer, raw in sorted(audit.records(contracts.credential_log).items())
        for summary in _issuer(audit, IssuerId(issuer), raw, entries_of(IssuerId(issuer)))
    ]
    state_hash = hashlib.sha256(b"acredita/state/1" + b"".join(audit.parts)).digest()
    return Audit(block, len(parties), len(programmes), tuple(logs), tuple(audit.findings), state_hash)


def _registry(
    audit: _Replay, contract: bytes, registry: bindings.IssuerRegistry | bindings.ProgrammeRegistry
) -> dict[bytes, list[RawLog]]:
    """Fold every subject's records and hold the result against the contract's history hash."""
    found = audit.records(contract)
    for subject, logs in sorted(found.items()):
        folded = ZERO
        for log in logs:
            folded = bindings.fold_history(folded, bindings.record_of(log))
        stored = audit.ledger.read(registry.history(subject), audit.block.number)
        if folded != stored:
            audit.diverges("HISTORY_MISMATCH", to_hex(subject), f"folded {to_hex(folded)}, stored {to_hex(stored)}")
        audit.parts += [subject, folded]
    return found


def _fold(parties: Mapping[bytes, list[RawLog]], programmes: Mapping[bytes, list[RawLog]]) -> None:
    """Every record must mean something: folding raises on an event that does not decode or follow."""
    for subject, logs in parties.items():
        fold_party(IssuerId(subject), (_decoded(log) for log in logs))
    for version, logs in programmes.items():
        events = [_decoded(log) for log in logs]
        if not any(isinstance(event, bindings.PredecessorRecorded) for event in events):
            fold_programme(Digest(version), events)


def _decoded(log: RawLog) -> bindings.Event:
    event = bindings.decode_event(log)
    if event is None:
        raise ValueError(f"contract {to_hex(log.address)} logged an event this version does not know")
    return event


# --- one issuer's logs ---


def _issuer(audit: _Replay, issuer: IssuerId, logs: list[RawLog], files: Mapping[int, bytes]) -> Iterator[LogSummary]:
    """Every epoch of one issuer, oldest first; status bits run on through them."""
    epochs = _epochs(audit, issuer, logs)
    status, issued = StatusBits(), set[bytes]()
    for epoch, chain in sorted(epochs.items()):
        good = [c for c in chain.checkpoints if chain.last is None or c.number <= chain.last]
        void = tuple(c.number for c in chain.checkpoints if chain.last is not None and c.number > chain.last)
        rebuilder = _Rebuild(audit, issuer, epoch, files.get(epoch, b""), status, issued)
        rebuilder.run(good)
        size = good[-1].size if good else 1
        yield LogSummary(issuer, epoch, size, len(good), void)


@dataclass
class _Epoch:
    """One epoch's checkpoints as anchored; `last` is its last good number once it is closed."""

    checkpoints: list[Checkpoint] = field(default_factory=list)
    last: int | None = None


def _epochs(audit: _Replay, issuer: IssuerId, logs: list[RawLog]) -> dict[int, _Epoch]:
    """The checkpoints of an issuer by epoch, every word linked to the one before and held against the contract."""
    log = bindings.CredentialLog(audit.contracts.credential_log)
    first = opening(log_id(audit.ledger.chain_id(), Address(audit.contracts.credential_log), issuer, 1))
    epochs = {1: _Epoch()}
    words: dict[tuple[int, int], Word] = {(1, 0): first.word()}
    number = 0
    epoch = 1
    for event in map(_decoded, logs):
        where = f"{to_hex(issuer)} epoch {epoch}"
        if isinstance(event, bindings.EpochOpened):
            epochs[epoch].last = event.last_good
            good = words.get((epoch, event.last_good))
            if event.previous != good:
                audit.diverges("WORD_CHAIN_BROKEN", where, "the new epoch does not follow the last good word")
            epoch, number = event.epoch, 0
            epochs[epoch] = _Epoch()
            words[epoch, 0] = Word(event.word)
        elif isinstance(event, bindings.Anchored):
            checkpoint = checkpoint_of(event)
            if checkpoint.number != number + 1 or checkpoint.previous != words[epoch, number]:
                audit.diverges("WORD_CHAIN_BROKEN", f"{where} number {checkpoint.number}", "not the next word")
            number = checkpoint.number
            words[epoch, number] = checkpoint.word()
            epochs[epoch].checkpoints.append(checkpoint)
            stored = audit.ledger.read(log.checkpoint_word(issuer, epoch, number), audit.block.number)
            if stored != checkpoint.word():
                audit.diverges("WORD_MISMATCH", f"{where} number {number}", "event and storage differ")
    audit.parts += [issuer, *(words[key] for key in sorted(words))]
    return epochs


@dataclass
class _Rebuild:
    """Rebuilds one epoch from its entries, stopping at every checkpoint to compare both roots."""

    audit: _Replay
    issuer: IssuerId
    epoch: int
    data: bytes
    status: StatusBits
    issued: set[bytes]

    def run(self, checkpoints: list[Checkpoint]) -> None:
        frontier, at = Frontier(), 0
        for checkpoint in checkpoints:
            where = f"{to_hex(self.issuer)} epoch {self.epoch} number {checkpoint.number}"
            if len(self.data) < checkpoint.size * ENTRY_BYTES:
                self.audit.diverges("LOG_MISSING", where, f"{checkpoint.size} entries wanted, fewer at hand")
                return
            frontier.extend(leaf_hash(entry) for entry in self._encoded(at, checkpoint.size))
            if frontier.root() != checkpoint.root:
                self.audit.diverges("ROOT_MISMATCH", where, "the entries do not give the anchored root")
                return
            self._read(at, checkpoint, where)
            if self.status.root() != checkpoint.status_root:
                self.audit.diverges("STATUS_ROOT_MISMATCH", where, "the entries do not give the anchored bits")
            at = checkpoint.size

    def _encoded(self, start: int, end: int) -> Iterator[bytes]:
        data = self.data
        for offset in range(start * ENTRY_BYTES, end * ENTRY_BYTES, ENTRY_BYTES):
            yield data[offset : offset + ENTRY_BYTES]

    def _read(self, start: int, checkpoint: Checkpoint, where: str) -> None:
        """What the entries of one checkpoint say, and what they should not have said."""
        for index, encoded in enumerate(self._encoded(start, checkpoint.size), start):
            try:
                entry = decode(encoded)
            except EntryError as error:
                self.audit.observes("ENTRY_UNKNOWN", f"{where} entry {index}", str(error))
                return
            if (entry.kind is EntryKind.OPENED) != (index == 0):
                self.audit.observes("ENTRY_MISPLACED", f"{where} entry {index}", "an opening entry stands first")
            elif entry.kind is EntryKind.ISSUED:
                self._issued(entry.digest, checkpoint, f"{where} entry {index}")
            elif entry.kind.changes_status:
                self.status.apply(entry)

    def _issued(self, digest: bytes, checkpoint: Checkpoint, where: str) -> None:
        if checkpoint.kind == CheckpointKind.STATUS_ONLY:
            self.audit.observes("ISSUED_IN_STATUS_CHECKPOINT", where, "never recognised")
        if digest in self.issued:
            self.audit.observes("ISSUED_TWICE", where, to_hex(digest))
        self.issued.add(digest)
