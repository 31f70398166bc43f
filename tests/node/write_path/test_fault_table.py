"""Every outside call of the write path × every fault: the system resumes and the invariants hold.

Which calls there are is not listed by hand: wrappers stand around every outside thing a `Writer` has, count what a clean
run asks of them, and a profile of the same run shows that nothing leaves the process past them.
"""

import dataclasses
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.ledger import Ledger, LedgerUnavailable
from acredita.anchoring.types import Digest
from acredita.contracts import bindings
from acredita.devnet.chain import Chain
from acredita.node.storage import stored_checkpoints
from acredita.node.storage.database import Database, StorageUnavailable
from acredita.node.storage.leases import Leases
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchStep
from acredita.node.write_path.writer import Writer

from tests.simulators.faults import (
    CHANGING,
    DeviceGone,
    Fault,
    FaultyClock,
    FaultyDatabase,
    FaultyKeyRing,
    FaultyLedger,
    FaultyPublisher,
    FaultySigner,
    Killed,
    Kind,
    suffers,
    uncounted,
)
from tests.simulators.installation import ACT, Installation, Issuer, install
from tests.simulators.institution import SimulatedInstitution, check_invariants, check_released, open_institution
from tests.simulators.ledger import Swallowing, WrappedLedger

BATCH = range(3)
POSITIONS = (7, 9)
LATER = range(10, 13)
HOUR = 3600
MOST_RUNS = 8

# What a Writer has: outside things, each behind a wrapper, and values. Leases reach out through the database alone.
WRAPPED = {"database", "leases", "ledger", "signer", "account_in_force", "publisher", "clock"}
VALUES = {"issuer", "identity", "registry", "is_final", "policy", "status_memory"}


@dataclass
class Bench:
    """An installation to come back to, and a database file to copy: each fault starts from the same moment."""

    installation: Installation
    issuer: Issuer
    template: Path
    tmp: Path
    runs: int = 0

    @contextmanager
    def fresh(
        self, fault: Fault, prepare: "Prepare | None" = None
    ) -> Iterator[tuple[SimulatedInstitution, list[Digest]]]:
        """Prepare a fresh institution. `prepare`: the events before the fault."""
        snapshot = self.installation.chain.snapshot()
        now = self.installation.clock.now
        self.runs += 1
        path = self.tmp / f"run{self.runs}.db"
        shutil.copy(self.template, path)
        database = Database.open(f"sqlite:///{path}")
        institution = open_institution(self.installation, self.issuer, database)
        digests = institution.issue(*BATCH)
        institution.change(EntryKind.REVOKED, *POSITIONS)
        if prepare is not None:
            prepare(institution)
        fault.turn_clock_back = self._turn_clock_back
        try:
            yield suffering(institution, fault), digests
        finally:
            database.close()
            path.unlink()
            self.installation.clock.now = now
            self.installation.senders.clear()  # their nonces are of a future that did not happen
            assert self.installation.chain.revert(snapshot)

    def started_again(self, killed: SimulatedInstitution) -> SimulatedInstitution:
        """Open a new process on the same files: nothing in memory remains of the killed one."""
        database = Database(killed.writer.database.engine)
        started = open_institution(self.installation, self.issuer, database)
        return started.publishing_to(killed.publisher)

    def _turn_clock_back(self) -> None:
        self.installation.clock.now -= HOUR


def suffering(institution: SimulatedInstitution, fault: Fault) -> SimulatedInstitution:
    """Wrap everything outside the institution."""
    writer = institution.writer
    database, signer = FaultyDatabase(writer.database, fault), FaultySigner(writer.signer, fault)
    return institution.on(
        database=database,
        ledger=FaultyLedger(writer.ledger, fault),
        leases=Leases(database, "node", ended=lambda _: True),
        publisher=FaultyPublisher(institution.publisher, fault),
        signer=signer,
        account_in_force=FaultyKeyRing(signer, fault),
        clock=FaultyClock(writer.clock, fault),
    )


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


def _run(institution: SimulatedInstitution) -> list[BatchStep]:
    try:
        return [report.step for report in anchor_pending(institution.writer, force=True)]
    except (LedgerUnavailable, StorageUnavailable, DeviceGone, Killed):
        return []


def _calls_of_a_clean_run(bench: Bench) -> list[str]:
    fault = Fault()
    with bench.fresh(fault) as (institution, digests):
        assert _run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
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
        assert second[-1:] == [BatchStep.IDLE], f"{kind.value} at call {at}: {first}, {second}"
        check_invariants(institution, digests, len(POSITIONS))
        assert institution.publisher.bits.lists == 1


def test_everything_outside_a_writer_has_a_wrapper(bench: Bench) -> None:
    assert {field.name for field in dataclasses.fields(Writer)} == WRAPPED | VALUES
    methods = [name for name in vars(Ledger) if not name.startswith("_")]
    assert methods, "the protocol's methods"
    for name in methods:
        assert name in vars(WrappedLedger), f"{name} of a ledger would pass unseen"
    with bench.fresh(Fault()) as (institution, _):
        for name in WRAPPED - {"leases"}:
            assert type(getattr(institution.writer, name)).__name__.startswith("Faulty"), name


def test_nothing_leaves_the_process_past_the_wrappers(bench: Bench) -> None:
    fault = Fault()
    with bench.fresh(fault) as (institution, _):
        assert uncounted(fault, lambda: _run(institution)) == []
    assert {"ledger.simulate", "ledger.send_raw", "ledger.receipt", "publisher.publish", "signer.sign_hash"} <= set(
        fault.calls
    )


def test_the_profile_sees_what_is_not_counted(bench: Bench) -> None:
    """Show that the check above can fail: without wrappers everything is seen."""
    with bench.fresh(Fault()) as (institution, _):
        bare = open_institution(bench.installation, bench.issuer, Database(institution.writer.database.engine))
        seen = uncounted(Fault(), lambda: _run(bare))
    assert any("sqlite3" in name for name in seen)


def _calls_that_suffer(bench: Bench, kind: Kind) -> list[int]:
    struck = [at for at, call in enumerate(_calls_of_a_clean_run(bench)) if suffers(kind, call)]
    assert struck
    return struck


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.name.lower())
def test_the_write_path_resumes_after_a_fault_at_a_third_of_all_calls(bench: Bench, kind: Kind) -> None:
    """Fail at every third call, beginning with another one for each kind, so that each call suffers some kinds."""
    for at in _calls_that_suffer(bench, kind)[list(Kind).index(kind) % 3 :: 3]:
        _suffer(bench, kind, at)


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.name.lower())
def test_the_write_path_resumes_after_a_fault_at_any_call(bench: Bench, kind: Kind) -> None:
    for at in _calls_that_suffer(bench, kind):
        _suffer(bench, kind, at)


# Other ways through the write path: what had happened before, and what must be so in the end

Prepare = Callable[[SimulatedInstitution], None]
Check = Callable[[SimulatedInstitution, list[Digest]], None]


def _suspend(institution: SimulatedInstitution) -> None:
    registry = bindings.IssuerRegistry(institution.installation.deployment.issuer_registry)
    institution.installation.decide(registry.suspend(institution.writer.issuer, ACT))


def _suspended_on_the_way(institution: SimulatedInstitution) -> None:
    """Suspend after signing and storing, before any block has the entries."""
    assert _run(institution.on(ledger=Swallowing(institution.writer.ledger))) == [BatchStep.WAITING]
    _suspend(institution)


def _refused(institution: SimulatedInstitution, digests: list[Digest]) -> None:
    assert {institution.state(digest) for digest in digests} == {"refused"}
    check_invariants(institution, [], len(POSITIONS))


def _reorganise(institution: SimulatedInstitution) -> None:
    chain = _chain(institution)
    before = chain.snapshot()
    assert _run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    chain.revert(before)
    for _ in range(3):
        chain.mine(timestamp=chain.head.timestamp + 7)


def _anchored(institution: SimulatedInstitution, digests: list[Digest]) -> None:
    check_invariants(institution, digests, len(POSITIONS))


def _open_epoch(institution: SimulatedInstitution) -> None:
    """Close the epoch at the first checkpoint by the council; more entries wait for the new one."""
    assert _run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    _close_at_first(institution)


def _close_at_first(institution: SimulatedInstitution) -> None:
    contract = bindings.CredentialLog(institution.installation.deployment.credential_log)
    with institution.writer.database.read() as connection:
        good = stored_checkpoints.checkpoint_at(connection, institution.writer.issuer, 1, 1)
    assert good is not None
    institution.installation.decide(contract.open_epoch(institution.writer.issuer, good.checkpoint.parts(), ACT))
    institution.issue(*LATER)


def _two_epochs(institution: SimulatedInstitution, digests: list[Digest]) -> None:
    check_released(institution, digests, epoch=1)
    check_invariants(institution, institution.issue(*LATER))


def _lose_epoch(institution: SimulatedInstitution) -> None:
    """Enter the new epoch and write to it; then lose it on the chain."""
    assert _run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    chain = _chain(institution)
    before = chain.snapshot()
    _close_at_first(institution)
    assert _run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    chain.revert(before)
    institution.installation.senders.clear()
    for _ in range(8):
        chain.mine(timestamp=chain.head.timestamp + 7)


def _one_epoch(institution: SimulatedInstitution, digests: list[Digest]) -> None:
    check_invariants(institution, digests + institution.issue(*LATER), len(POSITIONS))


WAYS: dict[str, tuple[Prepare, Check]] = {
    "suspended": (_suspend, _refused),
    "suspended on the way": (_suspended_on_the_way, _refused),
    "reorganised": (_reorganise, _anchored),
    "epoch opened": (_open_epoch, _two_epochs),
    "epoch lost": (_lose_epoch, _one_epoch),
}
EXACT = (Kind.NOTHING_HAPPENED, Kind.IT_HAPPENED, Kind.KILLED_AFTER)


def _settle(institution: SimulatedInstitution) -> list[BatchStep]:
    steps: list[BatchStep] = []
    for _ in range(MOST_RUNS):
        steps += _run(institution)
        if steps[-1:] == [BatchStep.IDLE]:
            return steps
    raise AssertionError(steps)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_every_other_way_resumes_too(bench: Bench, way: str) -> None:
    """Fail at every call that changes something; a failed question leaves the state before it."""
    prepare, check = WAYS[way]
    clean = Fault()
    with bench.fresh(clean, prepare) as (institution, digests):
        _settle(institution)
        check(institution, digests)
    for at, call in enumerate(clean.calls):
        for kind in EXACT if call in CHANGING else ():
            fault = Fault(kind, at)
            with bench.fresh(fault, prepare) as (institution, digests):
                _run(institution)
                while not fault.struck:
                    _run(institution)
                again = bench.started_again(institution) if fault.dead else institution
                _settle(again)
                check(again, digests)


def _chain(institution: SimulatedInstitution) -> Chain:
    installation = institution.installation
    assert isinstance(installation, Installation)
    return installation.chain
