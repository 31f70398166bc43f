"""One writer per institution, by fencing number; no wall clock decides."""

import subprocess
import sys
from pathlib import Path

import pytest
from acredita.anchoring.types import IssuerId
from acredita.node.storage.database import Database, LeaseLostError
from acredita.node.storage.leases import UNKNOWN, Leases, has_ended, new_holder, renew
from acredita.node.storage.models import LeaseRow
from sqlalchemy import update


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


def _ended_process() -> int:
    """Return the id of a process that has just ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


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
    with pytest.raises(LeaseLostError), database.write(old):
        raise AssertionError("a fenced writer must not get this far")
    with database.write(new):
        pass


def test_a_holder_that_beats_is_not_taken_over(database: Database, issuer: IssuerId, ticks: Ticks) -> None:
    busy, contender = _node(database, "a", ticks), _node(database, "b", ticks)
    lease = busy.take(issuer)
    assert lease is not None
    for now in (0.0, 20.0, 40.0, 60.0):
        ticks.now = now
        renew(database, lease)
        assert contender.take(issuer) is None


def test_a_namesake_that_lives_is_another_holder(database: Database, issuer: IssuerId, ticks: Ticks) -> None:
    """Let two processes with one configuration take turns: neither takes the other's lease."""
    one, other = _node(database, "node", ticks), _node(database, "node", ticks)
    with one.held(issuer) as lease:
        assert lease is not None
        for _ in range(3):
            assert other.take(issuer) is None
        renew(database, lease)
    with other.held(issuer) as lease:
        assert lease is not None
        assert one.take(issuer) is None
    assert one.take(issuer) is not None


def test_a_namesake_that_is_frozen_is_waited_for(database: Database, issuer: IssuerId, ticks: Ticks) -> None:
    frozen, namesake = _node(database, "node", ticks), _node(database, "node", ticks)
    old = frozen.take(issuer)
    assert old is not None
    assert namesake.take(issuer) is None
    ticks.now = 31.0
    assert namesake.take(issuer) is not None
    with pytest.raises(LeaseLostError):
        renew(database, old)


def test_a_node_that_was_killed_and_started_again_need_not_wait(
    database: Database, issuer: IssuerId, ticks: Ticks
) -> None:
    before = _node(database, "node", ticks).take(issuer)
    assert before is not None
    parts = before.holder.split("/")
    parts[2] = str(_ended_process())
    with database.write() as connection:
        connection.execute(update(LeaseRow).values(holder="/".join(parts)))
    after = _node(database, "node", ticks).take(issuer)
    assert after is not None
    assert after.fencing == before.fencing + 1


@pytest.mark.parametrize("place", [1, 2, 3])
def test_nobody_is_said_to_have_ended_without_certainty(place: int) -> None:
    parts = new_holder("node").split("/")
    assert not has_ended("/".join(parts))
    parts[2] = str(_ended_process())
    assert has_ended("/".join(parts))
    parts[place] = UNKNOWN
    assert not has_ended("/".join(parts)), "another machine, or one that tells nothing"


def test_a_process_number_given_out_again_is_another_process() -> None:
    parts = new_holder("node").split("/")
    parts[3] = "1"
    assert has_ended("/".join(parts))


def test_a_process_kept_from_sight_has_not_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Assume life where hidepid shows an account its own processes only."""
    holder = new_holder("node")
    shown = tmp_path / "proc"
    for name in ("sys/kernel/random/boot_id", "self/ns/pid"):
        (shown / name).parent.mkdir(parents=True)
        (shown / name).symlink_to(Path("/proc") / name)
    monkeypatch.setattr("acredita.node.storage.leases._PROC", shown)
    assert not has_ended(holder), "it is at work"
    parts = holder.split("/")
    parts[2] = str(_ended_process())
    assert has_ended("/".join(parts))


@pytest.mark.parametrize("holder", ["", "node", "node/a/b/c/d", "a/b/c", "x" * 200])
def test_what_is_no_holder_of_ours_has_not_ended(holder: str) -> None:
    assert not has_ended(holder)


def test_a_long_name_fits_its_column(database: Database, issuer: IssuerId, ticks: Ticks) -> None:
    lease = _node(database, "ñ/" * 100, ticks).take(issuer)
    assert lease is not None
    assert len(lease.holder) <= 128
    assert lease.holder.count("/") == 4


def test_giving_back_a_lost_lease_does_not_free_the_successors(
    database: Database, issuer: IssuerId, ticks: Ticks
) -> None:
    before = _node(database, "a", ticks)
    lost = before.take(issuer)
    assert lost is not None
    successor = _node(database, "a", ticks)
    assert successor.take(issuer) is None
    ticks.now = 31.0
    assert successor.take(issuer) is not None
    before.give_back(lost)
    assert _node(database, "b", ticks).take(issuer) is None
