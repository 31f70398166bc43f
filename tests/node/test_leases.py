"""One writer per institution, by fencing number; no wall clock decides."""

import pytest
from acredita.anchoring.types import IssuerId
from acredita.node.storage.database import Database, LeaseLost
from acredita.node.storage.leases import Leases


class Ticks:
    """A monotonic clock that moves when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


def _node(database: Database, name: str, ticks: Ticks) -> Leases:
    return Leases(database, name, stale_seconds=30.0, clock=ticks)


def test_only_one_holder_at_a_time(database: Database, issuer: IssuerId, ticks: Ticks) -> None:
    first, second = _node(database, "a", ticks), _node(database, "b", ticks)
    assert first.take(issuer) is not None
    assert second.take(issuer) is None
    assert first.take(issuer) is None, "another thread of the same process"


def test_given_back_it_is_free_at_once(database: Database, issuer: IssuerId, ticks: Ticks) -> None:
    first, second = _node(database, "a", ticks), _node(database, "b", ticks)
    with first.held(issuer) as lease:
        assert lease is not None
    taken = second.take(issuer)
    assert taken is not None
    assert taken.fencing == lease.fencing + 1


def test_institutions_do_not_wait_for_each_other(database: Database, ticks: Ticks) -> None:
    node = _node(database, "a", ticks)
    assert node.take(IssuerId(b"\x01" * 32)) is not None
    assert node.take(IssuerId(b"\x02" * 32)) is not None


def test_a_silent_holder_is_taken_over_and_fenced_off(database: Database, issuer: IssuerId, ticks: Ticks) -> None:
    frozen, successor = _node(database, "a", ticks), _node(database, "b", ticks)
    old = frozen.take(issuer)
    assert old is not None
    assert successor.take(issuer) is None
    ticks.now = 29.0
    assert successor.take(issuer) is None
    ticks.now = 31.0
    new = successor.take(issuer)
    assert new is not None
    assert new.fencing == old.fencing + 1
    with pytest.raises(LeaseLost), database.write(old):
        raise AssertionError("a fenced writer must not get this far")
    with database.write(new):
        pass


def test_a_holder_that_beats_is_not_taken_over(database: Database, issuer: IssuerId, ticks: Ticks) -> None:
    busy, contender = _node(database, "a", ticks), _node(database, "b", ticks)
    lease = busy.take(issuer)
    assert lease is not None
    for now in (0.0, 20.0, 40.0, 60.0):
        ticks.now = now
        busy.renew(lease)
        assert contender.take(issuer) is None


def test_the_same_node_started_again_need_not_wait(database: Database, issuer: IssuerId, ticks: Ticks) -> None:
    before = _node(database, "a", ticks).take(issuer)
    after = _node(database, "a", ticks).take(issuer)
    assert before is not None
    assert after is not None
    assert after.fencing == before.fencing + 1


def test_giving_back_a_lost_lease_does_not_free_the_successors(
    database: Database, issuer: IssuerId, ticks: Ticks
) -> None:
    before = _node(database, "a", ticks)
    lost = before.take(issuer)
    assert lost is not None
    assert _node(database, "a", ticks).take(issuer) is not None
    before.give_back(lost)
    assert _node(database, "b", ticks).take(issuer) is None
