"""The schedule: every institution gets its turns, and one that is stuck or fails holds up nobody."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.types import IssuerId
from acredita.node.runtime.schedule import AnchoringSchedule, LastRun
from acredita.node.storage.database import Database
from acredita.node.write_path.batch_report import BatchStep
from acredita.node.write_path.progress import LATE_SECONDS

from tests.simulators.installation import Installation, Issuer
from tests.simulators.institution import SimulatedInstitution, check_invariants, open_institution
from tests.simulators.ledger import Swallowing, WrappedLedger
from tests.waiting import PATIENCE_SECONDS


class Hanging(WrappedLedger):
    """Answers nothing until it is let go."""

    def __init__(self, institution: SimulatedInstitution) -> None:
        super().__init__(institution.writer.ledger)
        self.asked, self.let_go = threading.Event(), threading.Event()

    def chain_id(self) -> int:
        self.asked.set()
        self.let_go.wait(PATIENCE_SECONDS)
        raise LedgerUnavailable("simulated: timed out")


class Broken(WrappedLedger):
    """A fault of ours, not of the world."""

    def chain_id(self) -> int:
        raise ZeroDivisionError("a mistake in the program")


class Watcher:
    """Keeps what it observes, and waits for something."""

    def __init__(self) -> None:
        self.seen: list[tuple[IssuerId, LastRun]] = []
        self._said = threading.Condition()

    def __call__(self, issuer: IssuerId, run: LastRun) -> None:
        with self._said:
            self.seen.append((issuer, run))
            self._said.notify_all()

    def runs_of(self, issuer: IssuerId) -> list[LastRun]:
        with self._said:
            return [run for seen, run in self.seen if seen == issuer]

    def wait_for(self, there: Callable[[IssuerId, LastRun], bool]) -> None:
        with self._said:
            assert self._said.wait_for(lambda: any(there(*seen) for seen in self.seen), PATIENCE_SECONDS)


@pytest.fixture
def pair(
    installation: Installation, ut: Issuer, database: Database
) -> tuple[SimulatedInstitution, SimulatedInstitution]:
    other = installation.new_issuer("up")
    return (
        open_institution(installation, ut, database, name="ut"),
        open_institution(installation, other, database, name="up"),
    )


def test_a_hanging_institution_holds_up_nobody(pair: tuple[SimulatedInstitution, SimulatedInstitution]) -> None:
    first, free = pair
    hanging = Hanging(first)
    digests = free.issue(1, 2)
    watcher = Watcher()
    anchoring = AnchoringSchedule([first.on(ledger=hanging).writer, free.writer], 0.01, watcher)
    anchoring.start()
    try:
        assert hanging.asked.wait(PATIENCE_SECONDS)
        watcher.wait_for(
            lambda issuer, run: (
                issuer == free.writer.issuer and any(report.step is BatchStep.ANCHORED for report in run.reports)
            )
        )
        assert watcher.runs_of(first.writer.issuer) == [], "its first run is not over"
    finally:
        hanging.let_go.set()
        anchoring.stop()
    assert watcher.runs_of(first.writer.issuer)[0].error == "LEDGER_UNREACHABLE"
    check_invariants(free, digests)


def test_what_ends_a_run_is_told(
    pair: tuple[SimulatedInstitution, SimulatedInstitution], caplog: pytest.LogCaptureFixture
) -> None:
    institution, _ = pair
    watcher = Watcher()
    anchoring = AnchoringSchedule([], 1, watcher)
    institution.issue(1)
    assert anchoring.run_once(institution.on(ledger=Broken(institution.writer.ledger)).writer).error == "INTERNAL_ERROR"
    assert "a mistake in the program" in caplog.text
    stranger = institution.on(identity=_other(institution))
    assert anchoring.run_once(stranger.writer).error == "GENESIS_CHANGED"
    waiting = anchoring.run_once(institution.on(ledger=Swallowing(institution.writer.ledger)).writer)
    assert [report.step for report in waiting.reports] == [BatchStep.WAITING]
    done = anchoring.run_once(institution.writer, force=True)
    assert [report.step for report in done.reports] == [BatchStep.ANCHORED, BatchStep.IDLE]
    assert watcher.runs_of(institution.writer.issuer)[-1] == done


def test_a_change_that_waits_too_long_is_logged_once(
    pair: tuple[SimulatedInstitution, SimulatedInstitution],
    installation: Installation,
    caplog: pytest.LogCaptureFixture,
) -> None:
    institution, _ = pair
    anchoring = AnchoringSchedule([], 1)
    institution.change(EntryKind.REVOKED, 7)
    stuck = institution.on(ledger=Swallowing(institution.writer.ledger)).writer
    for seconds in (0, LATE_SECONDS, 1, 1):
        installation.clock.now += seconds
        anchoring.run_once(stuck)
    late = [record for record in caplog.records if getattr(record, "code", None) == "ANCHORING_LATE"]
    assert [(record.levelname, record.message) for record in late] == [("ERROR", "anchoring is late")]


def _other(institution: SimulatedInstitution) -> object:
    return replace(institution.writer.identity, chain_id=1)
