"""Every outside call of the write path × every fault: the system resumes and the invariants hold."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.ledger import LedgerUnreachable
from acredita.anchoring.types import Digest
from acredita.node.storage.database import Database, StorageUnavailable
from acredita.node.storage.leases import Leases
from acredita.node.write_path import Step, anchor_pending

from tests.simulators.faults import Fault, FaultyDatabase, FaultyLedger, FaultyPublisher, Killed, Kind, suffers, tells
from tests.simulators.installation import Installation, Issuer, install
from tests.simulators.institution import Institution, check_invariants, open_institution

BATCH = range(5)
POSITIONS = (7, 9)
HOUR = 3600


@dataclass
class Bench:
    """An installation to come back to, and a database file to copy: each fault starts from the same moment."""

    installation: Installation
    issuer: Issuer
    template: Path
    tmp: Path
    runs: int = 0

    @contextmanager
    def fresh(self, fault: Fault) -> Iterator[tuple[Institution, list[Digest]]]:
        snapshot = self.installation.chain.snapshot()
        now = self.installation.clock.now
        self.runs += 1
        path = self.tmp / f"run{self.runs}.db"
        shutil.copy(self.template, path)
        database = Database.open(f"sqlite:///{path}")
        fault.turn_clock_back = lambda: setattr(self.installation.clock, "now", now - HOUR)
        institution = open_institution(self.installation, self.issuer, database)
        faulty_database = FaultyDatabase(database, fault)
        suffering = institution.on(
            database=faulty_database,
            ledger=FaultyLedger(self.installation.ledger, fault),
            leases=Leases(faulty_database, "node"),
            publisher=FaultyPublisher(institution.publisher, fault),
        )
        digests = institution.issue(*BATCH)
        institution.change(EntryKind.REVOKED, *POSITIONS)
        try:
            yield suffering, digests
        finally:
            database.close()
            path.unlink()
            self.installation.clock.now = now
            assert self.installation.chain.revert(snapshot)

    def started_again(self, killed: Institution) -> Institution:
        """A new process on the same files: nothing is left of what the killed one had in memory."""
        database = Database(killed.writer.database.engine)
        started = open_institution(self.installation, self.issuer, database)
        return started.publishing_to(killed.publisher)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    installation = install()
    issuer = installation.new_issuer("ut")
    # Hundreds of databases: in memory where the system has such a folder, since here nothing depends on the disk.
    memory = Path("/dev/shm")
    tmp = Path(tempfile.mkdtemp(dir=memory)) if os.access(memory, os.W_OK) else tmp_path_factory.mktemp("faults")
    template = tmp / "template.db"
    database = Database.create(f"sqlite:///{template}")
    open_institution(installation, issuer, database)
    database.close()
    yield Bench(installation, issuer, template, tmp)
    shutil.rmtree(tmp)


def _run(institution: Institution) -> list[Step]:
    try:
        return [report.step for report in anchor_pending(institution.writer, force=True)]
    except (LedgerUnreachable, StorageUnavailable, Killed):
        return []


def _calls_of_a_clean_run(bench: Bench) -> list[str]:
    fault = Fault()
    with bench.fresh(fault) as (institution, digests):
        assert _run(institution) == [Step.ANCHORED, Step.IDLE]
        calls = list(fault.calls)
        check_invariants(institution, digests, len(POSITIONS))
    return calls


def _suffer(bench: Bench, kind: Kind, at: int) -> None:
    fault = Fault(kind, at)
    with bench.fresh(fault) as (institution, digests):
        first = _run(institution)
        if fault.dead:
            institution = bench.started_again(institution)
        second = _run(institution)
        assert fault.struck
        assert second[-1:] == [Step.IDLE], f"{kind.value} at call {at}: {first}, {second}"
        check_invariants(institution, digests, len(POSITIONS))
        assert institution.publisher.bits.lists == 1


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.name.lower())
def test_the_write_path_resumes_after_a_fault_at_any_call(bench: Bench, kind: Kind) -> None:
    calls = _calls_of_a_clean_run(bench)
    assert {"ledger.simulate", "ledger.send_raw", "ledger.receipt", "publisher.publish", "database.write"} <= set(calls)
    for at, call in enumerate(calls):
        if tells(kind, call):
            _suffer(bench, kind, at)


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.name.lower())
def test_the_whole_table(bench: Bench, kind: Kind) -> None:
    for at, call in enumerate(_calls_of_a_clean_run(bench)):
        if suffers(kind, call):
            _suffer(bench, kind, at)
