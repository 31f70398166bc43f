"""What the same work costs in logs of 10^4 up to 10^6 entries, each in a database file of its own.

The logs are filled first, in checkpoints of 4,096 that the real contract takes, 32 status changes in each. Then they
take turns, so that a busy machine disturbs all alike: a batch of 256 through the write path; the tiles of that batch,
written to the published folder; the log that a verification reads at the new head, continued from the one before, with
the receipt of one credential; 16 entries appended with their checkpoint, and taken away again; an inclusion and a
consistency path, each with nothing of another at hand. Counts come from runs of their own: what is timed is not counted.
"""

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

from acredita.anchoring.checkpoint import Checkpoint, CheckpointKind
from acredita.anchoring.entries import Entry, EntryKind, issued, status_change
from acredita.anchoring.log import RunningLog
from acredita.anchoring.merkle import (
    NodeAt,
    consistency_path,
    inclusion_path,
    root_at,
    verify_consistency,
    verify_inclusion,
)
from acredita.anchoring.sender import Sender
from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.types import Digest
from acredita.node.ledger.own_logs import OwnLogs
from acredita.node.publication.public_files import publish_logs
from acredita.node.storage import stored_checkpoints, stored_log
from acredita.node.storage.database import Database
from acredita.node.storage.stored_checkpoints import BlockPosition, CheckpointState
from acredita.node.storage.stored_log import StoredNodes
from acredita.node.write_path.anchor import anchor_batch
from acredita.node.write_path.batch_report import BatchStep
from acredita.registry.ledger_facts.issuer_log import IssuerLog
from acredita.registry.ledger_facts.log_chain import LogChain
from sqlalchemy import Connection

from bench.clocks import Clocked
from bench.plot import Line, Panel, svg
from tests.simulators.installation import Installation, install
from tests.simulators.institution import POLICY, PROGRAMME, SimulatedInstitution, credential_digest, open_institution
from tests.simulators.running_log import log_name
from tests.simulators.storage_work import StorageWork, counted

SIZES: Final = (10_000, 100_000, 1_000_000)
LIMIT: Final = 2.0  # DESIGN 12: of the largest by the smallest
FILLED_AT_ONCE: Final = 4_096
CHANGES_AT_ONCE: Final = 32
BATCH, APPENDED, PROOFS = 256, 16, 50  # of one turn
ANCHORING_TURNS: Final = 2  # a batch in every second turn: the smallest log must not grow much meanwhile
COUNTED_PROOFS: Final = 40

ANCHOR: Final = "256 entries, queue to release"
APPEND: Final = "16 entries and a checkpoint"
INCLUSION: Final = "inclusion path"
CONSISTENCY: Final = "consistency path"
PUBLISH: Final = "tiles of 256 entries, to disk"
ANSWER: Final = "log at the new head, one receipt"
KINDS: Final = (ANCHOR, PUBLISH, ANSWER, APPEND, INCLUSION, CONSISTENCY)


def anchor(institution: SimulatedInstitution) -> None:
    """One batch from the queue to the release."""
    writer = institution.writer
    with writer.leases.held(writer.issuer) as lease:
        if lease is None or anchor_batch(writer, lease, force=True).step is not BatchStep.ANCHORED:
            raise RuntimeError("the batch was not anchored")


@dataclass
class GrownLog:
    """One log of a size, and what was measured on it."""

    institution: SimulatedInstitution
    size: int
    folder: Path
    clocks: dict[str, Clocked] = field(default_factory=lambda: {kind: Clocked() for kind in KINDS})
    works: dict[str, StorageWork] = field(default_factory=dict)
    issued: int = 0
    at_head: IssuerLog | None = None

    @property
    def database(self) -> Database:
        return self.institution.writer.database

    def newest(self) -> Checkpoint:
        with self.database.read() as connection:
            stored = stored_checkpoints.newest_confirmed(connection, self.institution.writer.issuer)
        if stored is None:
            raise RuntimeError("the log was never opened")
        return stored.checkpoint

    def nodes(self, connection: Connection) -> StoredNodes:
        return StoredNodes(connection, self.institution.writer.issuer, 1)

    # ---- filling ------------------------------------------------------------------------------------------

    def fill(self) -> None:
        """To its size, each checkpoint accepted by the contract."""
        writer, last = self.institution.writer, self.newest()
        sender, bits = Sender(writer.ledger, writer.signer, depth=0), StatusBits()
        chance = random.Random(self.size)
        while last.size < self.size:
            entries = _entries(last.size, min(self.size, last.size + FILLED_AT_ONCE + CHANGES_AT_ONCE), chance)
            with self.database.write() as connection:
                running = RunningLog.open(self.nodes(connection), last.size, bits)
                running.extend(entries)
                stored_log.insert_entries(connection, writer.issuer, 1, last.size, entries)
                proposed = running.propose(last, CheckpointKind.OPEN)
            parts = proposed.kind, proposed.size, proposed.root, proposed.status_root
            receipt = sender.transact(writer.chain.contract.anchor(*parts, last.parts(), proposed.consistency_path))
            block = writer.ledger.block(receipt.block_number)
            if block is None:
                raise RuntimeError("a block is gone")
            last = proposed.checkpoint(block.time)
            block_position = BlockPosition(receipt.transaction, receipt.block_number, receipt.block_hash)
            with self.database.write() as connection:
                state = CheckpointState.CONFIRMED
                stored_checkpoints.insert_checkpoint(
                    connection, writer.issuer, 1, last, state=state, block_position=block_position
                )

    # ---- one turn -----------------------------------------------------------------------------------------

    def queue(self) -> None:
        first, self.issued = self.issued, self.issued + BATCH
        self.institution.issue(*range(first, self.issued))
        self.institution.change(EntryKind.SUSPENDED, first)

    def anchor(self) -> None:
        anchor(self.institution)

    def publish(self) -> None:
        """Write the tiles that the last batch has added."""
        publish_logs(self.database, self.institution.writer.issuer, self.folder)

    def chain(self) -> LogChain:
        """Link the checkpoints on the chain. It is not timed: it grows with their number, not with the log."""
        at_block = self.institution.writer.chain.at_confirmed_block()
        return at_block.linked()

    def answer(self, chain: LogChain) -> None:
        """Take the log to its head, as the first verification after an anchor does, and make a receipt from it."""
        log = OwnLogs(self.database).at(log_name(self.institution.writer), chain, self.at_head)
        if not isinstance(log, IssuerLog) or log.receipt(credential_digest(self.issued - 1)) is None:
            raise RuntimeError("the log at its head is not the chain's")
        self.at_head = log

    def append(self) -> None:
        """Stores some entries and the checkpoint over them, on disk when it returns."""
        issuer, last = self.institution.writer.issuer, self.newest()
        entries = _digests(b"append", last.size, last.size + APPENDED)
        with self.database.write() as connection:
            running = RunningLog.open(self.nodes(connection), last.size, StatusBits())
            running.extend(entries)
            stored_log.insert_entries(connection, issuer, 1, last.size, entries)
            checkpoint = running.propose(last, CheckpointKind.OPEN).checkpoint(time=0)
            stored_checkpoints.insert_checkpoint(connection, issuer, 1, checkpoint, state=CheckpointState.PENDING)

    def cut(self) -> None:
        issuer, last = self.institution.writer.issuer, self.newest()
        with self.database.write() as connection:
            stored_checkpoints.forget_checkpoint(connection, issuer, 1, last.number + 1)
            stored_log.cut_tail(connection, issuer, 1, last.size)

    def turn(self, number: int, chance: random.Random) -> None:
        if number % ANCHORING_TURNS == 0:
            self.queue()
            with self.clocks[ANCHOR].running():
                self.anchor()
            with self.clocks[PUBLISH].running():
                self.publish()
            chain = self.chain()
            with self.clocks[ANSWER].running():
                self.answer(chain)
        with self.clocks[APPEND].running():
            self.append()
        self.cut()
        size = self.newest().size
        with self.database.read() as connection:
            for _ in range(PROOFS):
                self._prove(connection, chance.randrange(size), chance.randrange(1, size), size)

    def _prove(self, connection: Connection, index: int, old: int, size: int) -> None:
        with self.clocks[INCLUSION].running():
            path = inclusion_path(index, size, self.nodes(connection).node)
        with self.clocks[CONSISTENCY].running():
            between = consistency_path(old, size, self.nodes(connection).node)
        nodes = self.nodes(connection)
        root = root_at(size, nodes.node)
        if not verify_inclusion(nodes.node(0, index), index, size, path, root):
            raise RuntimeError(f"entry {index} of {size} is not proved")
        if not verify_consistency(old, size, root_at(old, nodes.node), root, between):
            raise RuntimeError(f"{size} is not shown to extend {old}")

    # ---- counting -----------------------------------------------------------------------------------------

    def count(self, chance: random.Random) -> None:
        """The dearest of a few runs of each kind."""
        self.queue()
        self.works[ANCHOR] = self._counted(self.anchor)
        self.works[PUBLISH] = self._counted(self.publish)
        self.works[ANSWER] = self._counted(partial(self.answer, self.chain()))
        self.works[APPEND] = self._counted(self.append)
        self.cut()
        size = self.newest().size
        proofs = range(COUNTED_PROOFS)
        inclusion = [self._counted_path(partial(inclusion_path, chance.randrange(size), size)) for _ in proofs]
        consistency = [self._counted_path(partial(consistency_path, chance.randrange(1, size), size)) for _ in proofs]
        self.works[INCLUSION] = max(inclusion, key=lambda work: work.steps)
        self.works[CONSISTENCY] = max(consistency, key=lambda work: work.steps)

    def _counted(self, work_of: Callable[[], None]) -> StorageWork:
        with counted(self.database.engine) as work:
            work_of()
        return work

    def _counted_path(self, path: Callable[[NodeAt], list[bytes]]) -> StorageWork:
        with counted(self.database.engine) as work, self.database.read() as connection:
            path(self.nodes(connection).node)
        return work


def _entries(first: int, end: int, chance: random.Random) -> list[Entry]:
    """One batch's entries: issued ones by digest, then a few status changes of positions all over the lists."""
    changes = min(CHANGES_AT_ONCE, end - first - 1)
    revoked = [status_change(EntryKind.REVOKED, chance.randrange(end)) for _ in range(changes)]
    return _digests(b"fill", first, end - changes) + revoked


def _digests(name: bytes, first: int, end: int) -> list[Entry]:
    digests = sorted(hashlib.sha256(b"%s %d" % (name, number)).digest() for number in range(first, end))
    return [issued(Digest(digest), PROGRAMME) for digest in digests]


# ---- all of them ------------------------------------------------------------------------------------------------


def grow(folder: Path, sizes: Sequence[int]) -> list[GrownLog]:
    """A log of each size, all on one chain."""
    installation = install(folder / "chain")
    return [_grown(folder, installation, size) for size in sizes]


def _grown(folder: Path, installation: Installation, size: int) -> GrownLog:
    name = f"log-{size}"
    database = Database.create(f"sqlite:///{folder / name}.db")
    policy = replace(POLICY, max_batch=BATCH + 1)
    log = GrownLog(
        open_institution(installation, installation.new_issuer(name), database, policy=policy), size, folder / name
    )
    log.fill()
    print(f"  {size:,} entries under {log.newest().number} checkpoints", flush=True)
    log.queue()
    log.anchor()  # the first run of a process replays the status entries
    log.publish()
    log.answer(log.chain())
    return log


def measure(logs: Sequence[GrownLog], rounds: int) -> None:
    chance = random.Random(rounds)
    for number in range(rounds):
        for log in logs:
            log.turn(number, chance)
    for log in logs:
        log.count(chance)


def show(logs: Sequence[GrownLog]) -> None:
    print("\n| work | entries | wall | CPU | statements | rows | SQLite steps |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for kind in KINDS:
        for log in logs:
            wall, cpu = (1_000 * seconds for seconds in log.clocks[kind].medians())
            work = log.works[kind]
            counts = f"{work.statements:,} | {work.rows:,} | {work.steps:,}"
            print(f"| {kind} | {log.size:,} | {wall:.2f} ms | {cpu:.2f} ms | {counts} |")
    first, last = logs[0], logs[-1]
    print(f"\nFrom {first.size:,} to {last.size:,} entries (limit {LIMIT:.0f}):\n")
    print("| work | wall | CPU | statements | SQLite steps |\n| --- | ---: | ---: | ---: | ---: |")
    for kind in KINDS:
        ratios = " | ".join(f"{_times(last, first, kind, of):.2f}" for of in ("wall", "cpu", "statements", "steps"))
        print(f"| {kind} | {ratios} |")


def _times(log: GrownLog, first: GrownLog, kind: str, of: str) -> float:
    return _figure(log, kind, of) / _figure(first, kind, of)


def _figure(log: GrownLog, kind: str, of: str) -> float:
    wall, cpu = log.clocks[kind].medians()
    work = log.works[kind]
    return float({"wall": wall, "cpu": cpu, "statements": work.statements, "steps": work.steps}[of])


def plot(logs: Sequence[GrownLog]) -> str:
    """Each kind of work as a multiple of what it costs in the smallest log; by the CPU, which others disturb less."""
    panels = []
    for title, of in (("CPU time of the process (median)", "cpu"), ("work of the database (SQLite steps)", "steps")):
        lines = [Line(kind, [(log.size, _times(log, logs[0], kind, of)) for log in logs]) for kind in KINDS]
        panels.append(Panel(title, lines))
    upwards = f"multiple of the cost at {logs[0].size:,} entries"
    return svg("What the same work costs as a log grows", panels, LIMIT, "entries in the log", upwards)


def run(folder: Path, sizes: Sequence[int], rounds: int, picture: Path | None) -> None:
    print("\nOne log of each size:")
    logs = grow(folder, sizes)
    measure(logs, rounds)
    show(logs)
    if picture is not None:
        picture.write_text(plot(logs), encoding="utf-8")
        print(f"\nplot written to {picture}")
