"""The index of the ledger at 10^5 events: building it, the first verification after each block, a page of issuers.

The ledger is a model in this process: it has the events, totals and headers that the contracts would have, of 300 issuers
with 10 events a block, and answers at once. So the figures are the node's own work, without an endpoint's. A verification
here is what it asks of the ledger: the head, parties, programme and checkpoints; the signature comes on top, as does the log.
"""

import hashlib
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import rlp
from acredita.anchoring.checkpoint import Checkpoint, opening
from acredita.anchoring.entries import log_id
from acredita.anchoring.ledger import AccountProof, Block, BlockName, LedgerUnavailable, LogQuery, TxReceipt
from acredita.anchoring.question_batch import AnswerBatch, QuestionBatch, one_by_one
from acredita.anchoring.types import Address, BlockHash, Digest, IssuerId, Root, TxHash
from acredita.contracts import bindings
from acredita.contracts.abi import Call, Deployment, RawLog, View, encode
from acredita.contracts.interface import interface
from acredita.node.http.app import create_app
from acredita.node.http.dependencies import NodeDependencies
from acredita.node.index.follower import IndexFollower, IndexStep
from acredita.node.index.identity import addresses_of, totals_of
from acredita.node.index.snapshot import IndexReader
from acredita.node.ledger.view import NodeObserver, Observations
from acredita.node.publication.trust_folder import TrustFolder
from acredita.node.storage.database import Database
from acredita.node.storage.leases import Leases
from acredita.registry.ledger_facts.trust_draft import sign_trust
from acredita.registry.ledger_facts.trust_file import CONTRACTS, Trust, parse_trust
from acredita.registry.ledger_facts.trusted_chain import development_chain
from eth_hash.auto import keccak
from starlette.testclient import TestClient

from tests.node.index.followed import AUTHORITY

T = TypeVar("T")

EVENTS: Final = 100_000
ISSUERS: Final = 300
EVENTS_A_BLOCK: Final = 10
BLOCK_SECONDS: Final = 5
BLOCKS_MEASURED: Final = 200
CHAIN_ID: Final = 31_337
GENESIS_TIME: Final = 1_767_225_600
CODE: Final = b"\x60\x00"
NOT_ASKED: Final = "the index and its readers ask no such question"
CONTRACTS_AT: Final = Deployment(*(bytes([number]) * 20 for number in (1, 2, 3, 4)))
CONTRACT_NAMES: Final = ("Council", "IssuerRegistry", "ProgrammeRegistry", "CredentialLog")
REGISTRY, PROGRAMMES, LOG = 1, 2, 3
ACTIVE: Final = 4


NAMES: Final = {
    "step": "a step of the index: a block with 10 events",
    "at the head": "first verification after a block, index at the head, issuer not asked about lately",
    "one block behind": "the same, index one block behind",
    "at the head, known": "first verification after a block, index at the head, issuer with a new checkpoint",
    "one block behind, known": "the same, index one block behind",
    "again": "the next verification of the same issuer",
    "page": "`/v1/issuers`, 100 rows of 300, after a block",
}


def issuer(number: int) -> IssuerId:
    return IssuerId(hashlib.sha256(f"issuer {number}".encode()).digest())


DOCUMENT: Final = Digest(hashlib.sha256(b"programme").digest())


@dataclass
class ModelLedger:
    """Blocks, events and totals as the contracts would have them."""

    blocks: list[Block] = field(default_factory=list)
    logs_of: list[list[RawLog]] = field(default_factory=list)
    totals: list[tuple[bytes, ...]] = field(default_factory=list)
    newest: dict[IssuerId, Checkpoint] = field(default_factory=dict)
    events: int = 0

    def __post_init__(self) -> None:
        self.mine([])

    def mine(self, events: Sequence[tuple[int, bytes, str, tuple[object, ...]]]) -> None:
        """Add a block with events: contract, subject, name, and the fields after the subject but for the time."""
        number = len(self.blocks)
        moment = GENESIS_TIME + BLOCK_SECONDS * number
        parent = self.blocks[-1].hash if self.blocks else BlockHash(bytes(32))
        header = _header(number, moment, parent)
        block = Block(number, BlockHash(bytes(keccak(header))), parent, moment, header)
        logs, totals = [], list(self.totals[-1]) if self.totals else [bindings.EMPTY_HISTORY] * len(CONTRACT_NAMES)
        for index, (contract, subject, name, values) in enumerate(events):
            log = _log(contract, subject, name, (*values, moment), block, index)
            totals[contract] = bindings.fold_history(totals[contract], bindings.record_of(log))
            logs.append(log)
        self.events += len(logs)
        self.blocks.append(block)
        self.logs_of.append(logs)
        self.totals.append(tuple(totals))

    def anchored(self, subject: IssuerId) -> tuple[int, bytes, str, tuple[object, ...]]:
        """Return the event of an issuer's next checkpoint."""
        last = self.newest.get(subject)
        if last is None:
            last = opening(log_id(CHAIN_ID, Address(CONTRACTS_AT.credential_log), subject, 1))
        moment = GENESIS_TIME + BLOCK_SECONDS * len(self.blocks)
        root = Root(hashlib.sha256(last.root).digest())
        new = Checkpoint(1, last.number + 1, last.size, last.size + 9, root, last.status_root, moment, last.word())
        self.newest[subject] = new
        values = (new.kind, new.old_size, new.size, root, new.status_root, new.previous, new.word(), bytes(20))
        return LOG, subject, "Anchored", (1, new.number, *values)

    # ---- the protocol -----------------------------------------------------------------------------------------

    def chain_id(self) -> int:
        return CHAIN_ID

    def head(self) -> Block:
        return self.blocks[-1]

    def block(self, number: int) -> Block | None:
        return self.blocks[number] if number < len(self.blocks) else None

    def code(self, address: Address, block: BlockName | None = None) -> bytes:
        return CODE

    def read(self, view: View[T], block: BlockName | None = None) -> T:
        """Answer for the totals, at the newest block."""
        place = [known.to for known in totals_of(CONTRACTS_AT)].index(view.to)
        return view.decode(self.totals[-1][place])

    def logs(self, query: LogQuery) -> Sequence[RawLog]:
        return [log for logs in self.logs_of[query.first : query.last + 1] for log in logs]

    def batch(self, questions: QuestionBatch) -> AnswerBatch:
        return one_by_one(self, questions)

    def nonce(self, account: Address, block: int) -> int:
        raise LedgerUnavailable(NOT_ASKED)

    def simulate(self, call: Call, sender: Address) -> bytes:
        raise LedgerUnavailable(NOT_ASKED)

    def send_raw(self, raw: bytes) -> TxHash:
        raise LedgerUnavailable(NOT_ASKED)

    def receipt(self, transaction: TxHash) -> TxReceipt | None:
        raise LedgerUnavailable(NOT_ASKED)

    def proof(self, address: Address, slots: Sequence[bytes], block: BlockName) -> AccountProof:
        raise LedgerUnavailable(NOT_ASKED)


def _header(number: int, moment: int, parent: bytes) -> bytes:
    fields: list[bytes | int] = [parent, *[bytes(32)] * 1, bytes(20), *[bytes(32)] * 3, bytes(256), 0, number]
    return bytes(rlp.encode([*fields, 30_000_000, 0, moment, b"", bytes(32), bytes(8), 0, bytes(32)]))


def _log(contract: int, subject: bytes, name: str, values: tuple[object, ...], block: Block, index: int) -> RawLog:
    shape = next(shape for shape in interface(CONTRACT_NAMES[contract]).events.values() if shape.name == name)
    plain = [kind for _, kind, indexed in shape.fields if not indexed]
    data = encode(
        plain,
        ["0x" + v.hex() if k == "address" and isinstance(v, bytes) else v for k, v in zip(plain, values, strict=True)],
    )
    address = addresses_of(CONTRACTS_AT)[contract]
    return RawLog(address, (shape.topic, subject), data, block.number, block.hash, bytes(32), index)


def filled() -> ModelLedger:
    """Return a ledger of EVENTS events."""
    ledger, pending = ModelLedger(), list[Callable[[], tuple[int, bytes, str, tuple[object, ...]]]]()
    for number in range(ISSUERS):
        subject = issuer(number)
        for state in (1, 2, 3, ACTIVE):
            values = (state, 2_000_000_000, bytes(32), False, 0, bytes(32), bytes(20))
            pending.append(lambda s=subject, v=values: (REGISTRY, s, "StateRecorded", v))  # type: ignore[misc]
        version = bindings.programme_version(subject, DOCUMENT)
        pending.append(
            lambda v=version, s=subject: (PROGRAMMES, v, "ProgrammeSubmitted", (s, DOCUMENT, bytes(32), bytes(20)))
        )  # type: ignore[misc]
        pending.append(lambda v=version: (PROGRAMMES, v, "ProgrammeRecorded", (3, 0, bytes(32))))  # type: ignore[misc]
    at = 0
    while ledger.events < EVENTS:
        block = [event() for event in pending[at : at + EVENTS_A_BLOCK]]
        at += len(block)
        used: set[int] = set()
        while len(block) < EVENTS_A_BLOCK:
            number = (ledger.events + len(block) * 7) % ISSUERS
            while number in used:
                number = (number + 1) % ISSUERS
            used.add(number)
            block.append(ledger.anchored(issuer(number)))
        ledger.mine(block)
    return ledger


def trust_of(ledger: ModelLedger) -> Trust:
    genesis = ledger.blocks[0]
    return parse_trust(
        sign_trust(
            number=1,
            issued=genesis.time,
            chain_id=CHAIN_ID,
            genesis=genesis.hash,
            contracts=CONTRACTS_AT,
            code_hashes={name: bytes(keccak(CODE)) for name in CONTRACTS},
            chain=development_chain({0: genesis.hash}),
            signers=AUTHORITY,
        )
    )


def spread(seconds: Sequence[float]) -> str:
    """Return median and 99th percentile in milliseconds."""
    ordered = sorted(seconds)
    return f"{statistics.median(ordered) * 1e3:.1f} ms | {ordered[int(len(ordered) * 0.99) - 1] * 1e3:.1f} ms"


def main() -> None:
    ledger = filled()
    trust = trust_of(ledger)
    with tempfile.TemporaryDirectory() as folder:
        database = Database.create(f"sqlite:///{folder}/node.db")
        follower = IndexFollower(database, Leases(database, "bench"), ledger, trust, lambda: ledger.head().time)
        began = time.perf_counter()
        assert follower.rebuild().step is IndexStep.ADVANCED
        print(f"{ledger.events:,} events of {ISSUERS} issuers in {len(ledger.blocks):,} blocks\n")
        print(f"rebuilt in {time.perf_counter() - began:.1f} s", flush=True)
        tracemalloc.start()
        follower.rebuild()
        print(f"memory while it is rebuilt: {tracemalloc.get_traced_memory()[1] / 2**20:.0f} MiB", flush=True)
        tracemalloc.stop()
        measure(ledger, trust, database, follower, Path(folder))
        database.close()


def measure(ledger: ModelLedger, trust: Trust, database: Database, follower: IndexFollower, folder: Path) -> None:
    """Measure a verification, and a page of issuers, after each new block."""
    dependencies = NodeDependencies(
        database, TrustFolder(folder), trust, ledger, lambda: ledger.head().time, "https://node.example"
    )
    observations = Observations(trust, ledger, lambda _: {}, index=IndexReader(database, trust))
    timed: dict[str, list[float]] = {name: [] for name in NAMES}
    with TestClient(create_app(dependencies)) as client:
        for number in range(BLOCKS_MEASURED):
            ledger.mine(
                [ledger.anchored(issuer((number * EVENTS_A_BLOCK + n) % ISSUERS)) for n in range(EVENTS_A_BLOCK)]
            )
            behind = number % 2
            if not behind:
                timed["step"].append(clocked(lambda: follower.advance()))
            busy = number % 4 > 1  # its checkpoints are in memory, and it has a new one
            subject = issuer((number * EVENTS_A_BLOCK if busy else number * 11) % ISSUERS)
            timed[("one block behind" if behind else "at the head") + (", known" if busy else "")].append(
                clocked(lambda s=subject: verify(observations, s))
            )  # type: ignore[misc]
            timed["again"].append(clocked(lambda s=subject: verify(observations, s)))  # type: ignore[misc]
            timed["page"].append(clocked(lambda: client.get("/v1/issuers", params={"limit": "100"}).raise_for_status()))
            follower.advance()
    print("\n| | p50 | p99 |\n| --- | ---: | ---: |")
    for name, text in NAMES.items():
        print(f"| {text} | {spread(timed[name])} |")


def verify(observations: Observations, subject: IssuerId) -> None:
    """Ask what a verification asks of the ledger."""
    observer: Any = observations.now()
    assert isinstance(observer, NodeObserver)
    facts = observer.facts(subject, DOCUMENT, None)
    assert facts.parties
    assert facts.programmes
    assert observer.newest_checkpoint(subject).number


def clocked(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
