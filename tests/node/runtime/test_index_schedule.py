"""The job that follows the ledger: it goes on after every error, and reports one once."""

import threading

import pytest
from acredita.anchoring.ledger import Block
from acredita.node.index.follower import IndexFollower, IndexStep
from acredita.node.index.identity import INDEX_LEASE
from acredita.node.runtime.index_schedule import MAX_BUSY_TRIES, IndexSchedule, rebuild_index
from acredita.node.storage.database import Database
from acredita.node.storage.leases import Leases

from tests.node.index.followed import FollowedIndex, trust_of
from tests.simulators.installation import Installation
from tests.simulators.ledger import Lagging, WrappedLedger
from tests.waiting import wait_for


class Broken(WrappedLedger):
    """A fault of ours, not of the world, until it is mended."""

    def __init__(self, installation: Installation) -> None:
        super().__init__(installation.ledger)
        self.looked, self.is_mended = threading.Event(), False

    def head(self) -> Block:
        self.looked.set()
        if not self.is_mended:
            raise ZeroDivisionError("a mistake in the program")
        return super().head()


@pytest.fixture
def index(installation: Installation, database: Database) -> FollowedIndex:
    return FollowedIndex(installation, database, trust_of(installation))


def test_the_job_goes_on_after_a_fault(index: FollowedIndex, caplog: pytest.LogCaptureFixture) -> None:
    ledger = Broken(index.installation)
    schedule = IndexSchedule(index.follower(ledger), 0.01)
    schedule.start()
    try:
        assert ledger.looked.wait(60)
        ledger.is_mended = True
        wait_for(lambda: index.state().block, "the index at the head")
    finally:
        schedule.stop()
    assert index.height() == index.installation.ledger.head().number
    assert "a mistake in the program" in caplog.text


def test_a_fault_is_logged_once_while_it_lasts(index: FollowedIndex, caplog: pytest.LogCaptureFixture) -> None:
    schedule = IndexSchedule(None, 1)
    index.follower().advance()
    behind = index.follower(Lagging(index.installation.ledger, 1))
    assert [schedule.run_once(behind) for _ in range(3)] == ["LEDGER_BEHIND"] * 3
    assert caplog.text.count("the index does not advance") == 1
    assert schedule.run_once(index.follower()) is None
    schedule.run_once(behind)
    assert caplog.text.count("the index does not advance") == 2


def test_a_rebuild_waits_for_the_process_at_work(index: FollowedIndex) -> None:
    lease = index.leases.take(INDEX_LEASE)
    assert lease is not None
    other = Leases(index.database, "other", ended=lambda _: False)
    follower = IndexFollower(index.database, other, index.installation.ledger, index.trust, index.installation.clock)
    pauses: list[float] = []
    assert rebuild_index(follower, pauses.append).step is IndexStep.BUSY
    assert len(pauses) == MAX_BUSY_TRIES
    assert rebuild_index(follower, lambda _: index.leases.give_back(lease)).step is IndexStep.ADVANCED
