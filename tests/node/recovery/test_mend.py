"""An old backup taken up again from a mirror: rebuilt against the chain, never believed."""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import reduce
from pathlib import Path

import pytest
from acredita.anchoring.entries import POSITIONS_PER_LIST, EntryKind
from acredita.anchoring.ledger import LogAheadError, NonceForeignError
from acredita.anchoring.merkle import node_hash
from acredita.contracts.bindings import CredentialLog
from acredita.node.recovery.mend import MendRefused, MendResult, MirrorRefused, mend
from acredita.node.storage import credentials, institutions, stored_checkpoints, stored_log, trail
from acredita.node.storage.database import Database
from acredita.node.storage.leases import Leases
from acredita.node.storage.models import CheckpointRow, ReceiptRow
from acredita.node.storage.refused import requeue_refused
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchStep
from sqlalchemy import select, update

from tests.simulators.installation import ACT, Installation, Issuer
from tests.simulators.institution import SimulatedInstitution, check_invariants, open_institution
from tests.simulators.ledger import Swallowing


class Mirror:
    """The entries of another copy of the log."""

    def __init__(self, institution: SimulatedInstitution) -> None:
        self._institution = institution

    def __call__(self, epoch: int, start: int, end: int) -> Iterable[bytes]:
        with self._institution.writer.database.read() as connection:
            yield from stored_log.read_entries(connection, self._institution.writer.issuer, epoch, start, end)


@pytest.fixture
def pair(
    installation: Installation, ut: Issuer, tmp_path: Path
) -> Iterator[tuple[SimulatedInstitution, SimulatedInstitution]]:
    """Return the node as it is, and the same node from a backup that is two checkpoints old."""
    whole = Database.create(f"sqlite:///{tmp_path / 'node.db'}")
    current = open_institution(installation, ut, whole)
    current.issue(1, 2)
    anchor_pending(current.writer, force=True)
    current.issue(3)  # queued when the backup is made, anchored after it
    shutil.copy(tmp_path / "node.db", tmp_path / "old.db")
    anchor_pending(current.writer, force=True)
    current.issue(4, 5)
    current.change(EntryKind.REVOKED, 70)
    anchor_pending(current.writer, force=True)
    backup = Database.open(f"sqlite:///{tmp_path / 'old.db'}")
    yield current, open_institution(installation, ut, backup)
    whole.close()
    backup.close()


def steps(institution: SimulatedInstitution) -> list[BatchStep]:
    return [report.step for report in anchor_pending(institution.writer, force=True)]


def test_an_old_backup_is_mended_and_goes_on(pair: tuple[SimulatedInstitution, SimulatedInstitution]) -> None:
    current, restored = pair
    with pytest.raises(LogAheadError):
        steps(restored)
    assert mend(restored.writer, Mirror(current)) == MendResult(checkpoints=2, entries=4, released=1)
    assert steps(restored) == [BatchStep.IDLE], "what was queued in the backup is in the log already"
    restored.issue(6)
    assert steps(restored) == [BatchStep.ANCHORED, BatchStep.IDLE]
    with restored.writer.database.read() as connection:
        bits = restored.writer.status_memory.at(
            connection, restored.writer.issuer, stored_checkpoints.newest_confirmed(connection, restored.writer.issuer)
        )
    assert bits.status(70).revoked


def test_a_mended_log_is_the_log(pair: tuple[SimulatedInstitution, SimulatedInstitution]) -> None:
    current, restored = pair
    mend(restored.writer, Mirror(current))
    assert list(Mirror(restored)(1, 0, 100)) == list(Mirror(current)(1, 0, 100))
    with restored.writer.database.read() as mended, current.writer.database.read() as whole:
        issuer = current.writer.issuer
        assert list(stored_checkpoints.confirmed_checkpoints(mended, issuer, 1)) == list(
            stored_checkpoints.confirmed_checkpoints(whole, issuer, 1)
        )


@pytest.mark.parametrize("fault", ["another entry", "too few", "no entry", "another order"])
def test_a_mirror_is_not_believed(pair: tuple[SimulatedInstitution, SimulatedInstitution], fault: str) -> None:
    current, restored = pair
    good = Mirror(current)

    def bad(epoch: int, start: int, end: int) -> list[bytes]:
        entries = list(good(epoch, start, end))
        if fault == "another entry":
            entries[-1] = entries[-1][:69] + b"\x01" if entries[-1][1] == 1 else entries[-1]
        if fault == "too few":
            entries.pop()
        if fault == "no entry":
            entries[0] = b"\xff" * 70
        if fault == "another order":
            entries.reverse()
        return entries

    before = list(Mirror(restored)(1, 0, 100))
    with pytest.raises(MirrorRefused):
        mend(restored.writer, bad)
    after = list(Mirror(restored)(1, 0, 100))
    assert after[: len(before)] == before
    with pytest.raises(LogAheadError):
        steps(restored)


def test_nothing_is_mended_under_a_transaction_in_flight(
    pair: tuple[SimulatedInstitution, SimulatedInstitution],
) -> None:
    current, _ = pair
    current.issue(9)
    assert steps(current.on(ledger=Swallowing(current.writer.ledger))) == [BatchStep.WAITING]
    with pytest.raises(MendRefused, match="in flight"):
        mend(current.writer, Mirror(current))


def test_nothing_is_mended_beside_another_writer(pair: tuple[SimulatedInstitution, SimulatedInstitution]) -> None:
    current, _ = pair
    other = Leases(current.writer.database, "other")
    with other.held(current.writer.issuer), pytest.raises(MendRefused, match="another process"):
        mend(current.writer, Mirror(current))


def test_a_whole_log_needs_no_mending(pair: tuple[SimulatedInstitution, SimulatedInstitution]) -> None:
    current, _ = pair
    assert mend(current.writer, Mirror(current)) == MendResult(0, 0, 0)
    check_invariants(current, current.issue(1, 2, 3, 4, 5), 1)


def test_a_backup_made_while_a_transaction_was_on_its_way_is_mended_too(
    installation: Installation, ut: Issuer, tmp_path: Path
) -> None:
    whole = Database.create(f"sqlite:///{tmp_path / 'node.db'}")
    current = open_institution(installation, ut, whole)
    first = current.issue(1, 2)
    assert steps(current.on(ledger=Swallowing(current.writer.ledger))) == [BatchStep.WAITING]
    shutil.copy(tmp_path / "node.db", tmp_path / "old.db")
    current.change(EntryKind.REVOKED, 70)
    assert steps(current)[:2] == [BatchStep.ANCHORED, BatchStep.ANCHORED]
    backup = Database.open(f"sqlite:///{tmp_path / 'old.db'}")
    restored = open_institution(installation, ut, backup)
    with pytest.raises(LogAheadError):
        steps(restored)
    assert [restored.state(digest) for digest in first] == ["anchored", "anchored"], "its own flight it could settle"
    assert mend(restored.writer, Mirror(current)) == MendResult(checkpoints=1, entries=1, released=0)
    assert steps(restored) == [BatchStep.IDLE]
    check_invariants(restored, first, 1)
    whole.close()
    backup.close()


def test_no_status_position_of_a_lost_credential_is_drawn_again(
    pair: tuple[SimulatedInstitution, SimulatedInstitution],
) -> None:
    current, restored = pair
    issuer = restored.writer.issuer
    with restored.writer.database.read() as connection:
        assert credentials.highest_position(connection, issuer) is None
    mend(restored.writer, Mirror(current))
    with restored.writer.database.read() as connection:
        # List 0 was in use, and may have been left for list 1 since.
        assert credentials.highest_position(connection, issuer) == 2 * POSITIONS_PER_LIST


def test_a_log_that_lacked_nothing_stays_in_its_lists(pair: tuple[SimulatedInstitution, SimulatedInstitution]) -> None:
    current, _ = pair
    mend(current.writer, Mirror(current))
    with current.writer.database.read() as connection:
        assert credentials.highest_position(connection, current.writer.issuer) is None


# Across epochs


@pytest.fixture
def epochs(
    installation: Installation, ut: Issuer, tmp_path: Path
) -> Iterator[tuple[SimulatedInstitution, SimulatedInstitution]]:
    """Return the node as it is, in its third epoch, and the same node from a backup of the first."""
    whole = Database.create(f"sqlite:///{tmp_path / 'node.db'}")
    current = open_institution(installation, ut, whole)
    current.issue(1, 2)
    anchor_pending(current.writer, force=True)
    current.issue(3, 5)
    current.change(EntryKind.SUSPENDED, 60)
    shutil.copy(tmp_path / "node.db", tmp_path / "old.db")
    take_one_by_one = current.on(policy=replace(current.writer.policy, max_batch=2))
    anchor_pending(take_one_by_one.writer, force=True)  # the suspension with 3, then 5, which becomes void
    open_epoch(current, 2)
    current.issue(6)
    current.change(EntryKind.REVOKED, 70)
    anchor_pending(current.writer, force=True)
    current.issue(7)
    anchor_pending(current.writer, force=True)
    open_epoch(current, 2)
    current.change(EntryKind.REINSTATED, 60)
    anchor_pending(current.writer, force=True)
    backup = Database.open(f"sqlite:///{tmp_path / 'old.db'}")
    yield current, open_institution(installation, ut, backup)
    whole.close()
    backup.close()


def open_epoch(institution: SimulatedInstitution, number: int) -> None:
    contract = CredentialLog(institution.installation.deployment.credential_log)
    with institution.writer.database.read() as connection:
        newest = stored_checkpoints.newest_confirmed(connection, institution.writer.issuer)
        assert newest is not None
        good = stored_checkpoints.checkpoint_at(connection, institution.writer.issuer, newest.epoch, number)
    assert good is not None
    institution.installation.decide(contract.open_epoch(institution.writer.issuer, good.checkpoint.parts(), ACT))


def whole_log(institution: SimulatedInstitution) -> dict[str, object]:
    """Return the whole log: entries, checkpoints, receipts, status bits."""
    issuer = institution.writer.issuer
    with institution.writer.database.read() as connection:
        newest = stored_checkpoints.newest_confirmed(connection, issuer)
        assert newest is not None
        sizes = stored_checkpoints.confirmed_sizes(connection, issuer)
        return {
            "entries": {e: list(stored_log.read_entries(connection, issuer, e, 0, size)) for e, size in sizes.items()},
            "checkpoints": {e: list(stored_checkpoints.confirmed_checkpoints(connection, issuer, e)) for e in sizes},
            "receipts": sorted(connection.execute(select(ReceiptRow.digest, ReceiptRow.receipt)).all()),
            "status": institution.writer.status_memory.at(connection, issuer, newest).root(),
        }


def test_an_old_backup_is_mended_across_epochs(epochs: tuple[SimulatedInstitution, SimulatedInstitution]) -> None:
    current, restored = epochs
    with pytest.raises(LogAheadError):
        steps(restored)
    mended = mend(restored.writer, Mirror(current))
    assert mended == MendResult(checkpoints=4, entries=6, released=2)
    assert whole_log(restored) == whole_log(current)
    for node in (current, restored):
        assert [node.state(digest) for digest in node.issue(1, 2, 3, 5)] == [*["anchored"] * 3, "refused"]
    assert restored.publisher.bits.status(70).revoked, "the backup's lists did not show it"
    assert not restored.publisher.bits.status(60).suspended
    assert steps(restored) == [BatchStep.IDLE]
    new = restored.issue(8)
    assert steps(restored) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(restored, new, 1)


def test_void_checkpoints_are_not_taken_up_and_nothing_of_them_is_issued_anew(
    installation: Installation, ut: Issuer, tmp_path: Path
) -> None:
    whole = Database.create(f"sqlite:///{tmp_path / 'node.db'}")
    current = open_institution(installation, ut, whole)
    current.issue(1)
    anchor_pending(current.writer, force=True)
    (void,) = current.issue(2)
    current.change(EntryKind.REVOKED, 70)
    shutil.copy(tmp_path / "node.db", tmp_path / "old.db")
    anchor_pending(current.writer, force=True)
    open_epoch(current, 1)
    anchor_pending(current.writer, force=True)
    assert current.state(void) == "refused"
    backup = Database.open(f"sqlite:///{tmp_path / 'old.db'}")
    restored = open_institution(installation, ut, backup)
    with pytest.raises(LogAheadError):
        steps(restored)
    assert mend(restored.writer, Mirror(current)) == MendResult(checkpoints=1, entries=1, released=1)
    assert whole_log(restored) == whole_log(current)
    assert restored.state(void) == "refused", "it stood on a void checkpoint: somebody decides"
    assert steps(restored) == [BatchStep.IDLE]
    with restored.writer.database.write() as connection:
        assert requeue_refused(connection, restored.writer.issuer, "CHECKPOINT_VOID") == 1
    assert steps(restored) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(restored, [void], 1)
    whole.close()
    backup.close()


def test_a_backup_behind_void_checkpoints_only_is_found_out_by_its_nonce(
    installation: Installation, ut: Issuer, tmp_path: Path
) -> None:
    """Detect it by the account's transactions alone, because the new epoch can be entered."""
    whole = Database.create(f"sqlite:///{tmp_path / 'node.db'}")
    current = open_institution(installation, ut, whole)
    current.issue(1)
    anchor_pending(current.writer, force=True)
    (void,) = current.issue(2)
    shutil.copy(tmp_path / "node.db", tmp_path / "old.db")
    anchor_pending(current.writer, force=True)
    open_epoch(current, 1)
    backup = Database.open(f"sqlite:///{tmp_path / 'old.db'}")
    restored = open_institution(installation, ut, backup)
    with pytest.raises(NonceForeignError):
        steps(restored)
    assert mend(restored.writer, Mirror(current)) == MendResult(0, 0, 0)
    assert restored.state(void) == "refused"
    new = restored.issue(3)
    assert steps(restored) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(restored, new)
    whole.close()
    backup.close()


def test_a_mirror_that_breaks_off_loses_nothing_and_the_rest_follows(
    epochs: tuple[SimulatedInstitution, SimulatedInstitution],
) -> None:
    current, restored = epochs
    good, calls = Mirror(current), list[tuple[int, int, int]]()

    def breaking(epoch: int, start: int, end: int) -> Iterable[bytes]:
        calls.append((epoch, start, end))
        if len(calls) == 3:
            raise ConnectionResetError
        return good(epoch, start, end)

    with pytest.raises(ConnectionResetError):
        mend(restored.writer, breaking)
    issuer = restored.writer.issuer
    with restored.writer.database.read() as connection:
        left = credentials.highest_position(connection, issuer)
    mended = mend(restored.writer, good)
    assert mended.checkpoints == 2
    assert whole_log(restored) == whole_log(current)
    with restored.writer.database.read() as connection:
        highest = credentials.highest_position(connection, issuer)
    assert left is not None
    assert highest is not None
    assert highest >= left >= 2 * POSITIONS_PER_LIST, "left before anything was taken up"


def test_what_a_mirror_cannot_mend_stays_a_stop(
    pair: tuple[SimulatedInstitution, SimulatedInstitution], tmp_path: Path
) -> None:
    """Stop where another log grew under our account: the mirror's entries do not continue ours."""
    current, restored = pair
    with restored.writer.database.write() as connection:
        connection.execute(update(CheckpointRow).where(CheckpointRow.number == 1).values(root=b"\x01" * 32))
    with pytest.raises(MendRefused, match="is not the chain's"):
        mend(restored.writer, Mirror(current))


def test_a_mended_log_is_no_longer_stopped_and_the_trail_tells_who_did_it(
    pair: tuple[SimulatedInstitution, SimulatedInstitution],
) -> None:
    current, restored = pair
    with pytest.raises(LogAheadError):
        steps(restored)
    mend(restored.writer, Mirror(current), actor="guardia")
    with restored.writer.database.read() as connection:
        known = institutions.institution(connection, restored.writer.issuer)
        acts = [(event.actor, event.action, event.detail) for event in trail.events(connection)]
    assert known is not None
    assert known.stop is None
    assert ("guardia", "mended", '{"checkpoints":2,"entries":4,"released":1}') in acts


def test_a_thief_who_claims_a_huge_log_does_not_use_up_the_status_lists(
    installation: Installation, ut: Issuer, tmp_path: Path
) -> None:
    """Close the epoch below a claim of 2^40 entries with any hashes, which consistency does not bound."""
    database = Database.create(f"sqlite:///{tmp_path / 'node.db'}")
    institution = open_institution(installation, ut, database)
    institution.issue(1)
    anchor_pending(institution.writer, force=True)
    with database.read() as connection:
        newest = stored_checkpoints.newest_confirmed(connection, ut.id)
    assert newest is not None
    good, path = newest.checkpoint, [b"\x5a" * 32] * 39
    claimed = reduce(node_hash, path, bytes(good.root))
    call = institution.writer.chain.contract.anchor(2, 2**40, claimed, good.status_root, good.parts(), path)
    installation.clock.now += 10
    installation.act(ut.anchoring, call)
    with pytest.raises(LogAheadError):
        anchor_pending(institution.writer, force=True)
    installation.clock.now += 10
    open_epoch(institution, 1)
    mend(institution.writer, Mirror(institution))
    with database.read() as connection:
        highest = credentials.highest_position(connection, ut.id)
    assert highest is not None
    assert highest // POSITIONS_PER_LIST <= 2
    database.close()
