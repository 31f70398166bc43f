"""Replay of 226,170 entries under 221 checkpoints, against leaf hashing and root in plain hashlib over the same entries.

226,170 is the state's enrolment; batches of 1,024. What is measured is the replay of one log's entries with its rules,
without a ledger, and without the events of the registries.
"""

import hashlib
import resource
import time
from dataclasses import dataclass, field

from acredita.anchoring.checkpoint import opening
from acredita.anchoring.entries import encode, issued, log_id, opened
from acredita.anchoring.ledger import Block
from acredita.anchoring.log import MemoryNodes, RunningLog
from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.types import Address, BlockHash, Digest, IssuerId
from acredita.contracts.abi import Deployment
from acredita.registry.audit.entry_copies import LogSource, LogSources
from acredita.registry.audit.issuance import IssuanceRules
from acredita.registry.audit.journal import Journal
from acredita.registry.audit.logs import EntryReplay
from acredita.registry.ledger_facts.histories import (
    PartyHistory,
    PartyState,
    ProgrammeHistory,
    ProgrammeRecord,
    ProgrammeState,
    StateTransition,
)
from acredita.registry.ledger_facts.log_entries import EntriesAtHand

ENTRIES = 226_170
BATCH = 1_024
ROUNDS = 3
ISSUER, VERSION = IssuerId(bytes(32)), Digest(bytes(32))
PROGRAMMES = {(ISSUER, VERSION): ProgrammeHistory(VERSION, ISSUER, (ProgrammeRecord(0, ProgrammeState.APPROVED, 0),))}
PARTY = PartyHistory(
    ISSUER, (StateTransition(0, PartyState.ACTIVE, 2**40, None, False, 0, bytes(32), Address(bytes(20))),)
)


class _Ledger:
    """The chain's number, all that a replay of entries asks."""

    def chain_id(self) -> int:
        return 31337


@dataclass
class _Log:
    data: bytes = b""
    checkpoints: list = field(default_factory=list)  # type: ignore[type-arg]


def build(count: int = ENTRIES) -> _Log:
    """Build a log of so many issued entries with its checkpoints."""
    identity = log_id(31337, Address(bytes(20)), ISSUER, 1)
    running, log = RunningLog.start(MemoryNodes(), identity, StatusBits()), _Log()
    last, encoded = opening(identity), [encode(opened(identity))]
    digests = [Digest(hashlib.sha256(b"%d" % number).digest()) for number in range(count)]
    for start in range(0, count, BATCH):
        batch = [issued(digest, VERSION) for digest in sorted(digests[start : start + BATCH])]
        running.extend(batch)
        encoded += [encode(entry) for entry in batch]
        last = running.propose(last, 1).checkpoint(start + 1)
        log.checkpoints.append(last)
    log.data = b"".join(encoded)
    return log


def _plain(data: bytes) -> bytes:
    level = [hashlib.sha256(b"\x00" + data[at : at + 70]).digest() for at in range(0, len(data), 70)]
    while len(level) > 1:
        paired = [hashlib.sha256(b"\x01" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        level = paired + ([level[-1]] if len(level) % 2 else [])
    return level[0]


def replay(log: _Log) -> Journal:
    """Replay the entries of a log, and return what was found."""
    entries = EntriesAtHand({1: log.data})
    journal = Journal(
        _Ledger(), Deployment(*[Address(bytes(20))] * 4), Block(0, BlockHash(b""), BlockHash(b""), 0, b"")
    )
    rules = IssuanceRules({ISSUER: PARTY})
    sources = LogSources([LogSource("", lambda _: entries)])
    EntryReplay(journal, ISSUER, PROGRAMMES, rules).run(1, log.checkpoints, sources)
    return journal


def main() -> None:
    log = build()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ratios = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        assert _plain(log.data) == log.checkpoints[-1].root
        plain = time.perf_counter() - start
        start = time.perf_counter()
        journal = replay(log)
        replayed = time.perf_counter() - start
        assert not journal.findings, journal.findings[:1]
        ratios.append(plain / replayed)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ratio = sorted(ratios)[len(ratios) // 2]
    print(f"{len(log.checkpoints)} checkpoints, {ENTRIES + 1} entries: {ratio:.2f} of plain hashlib (target 0.25)")
    print(f"memory beyond the entries: {(after - before) / 1024:.0f} MiB, mostly the digests seen")


if __name__ == "__main__":
    main()
