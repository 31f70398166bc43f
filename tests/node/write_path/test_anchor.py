"""The write path on the real contracts: what goes in, what comes out, and every way in which it must not go on."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from acredita.anchoring.checkpoint import CheckpointKind
from acredita.anchoring.entries import EntryKind, decode
from acredita.anchoring.ledger import GenesisChangedError, LedgerUnavailable, LogAheadError, NonceForeignError
from acredita.anchoring.types import Digest
from acredita.contracts import bindings
from acredita.contracts.abi import Call
from acredita.node.index.ancestor import LedgerForkedError
from acredita.node.storage import institutions, receipts, stored_checkpoints, stored_log
from acredita.node.storage.database import Database
from acredita.node.storage.institutions import Stop
from acredita.node.storage.leases import Leases
from acredita.node.storage.ledger_index import IndexedBlock, IndexFault, advance, record_fault
from acredita.node.storage.models import QueueItem
from acredita.node.storage.refused import refused_items, requeue_refused
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchStep
from sqlalchemy import delete

from tests.simulators.installation import ACT, Installation, Issuer, account
from tests.simulators.institution import POLICY, SimulatedInstitution, check_invariants, open_institution
from tests.simulators.ledger import Inventing, Lagging, Lying, Meddled, Swallowing


@pytest.fixture
def institution(installation: Installation, ut: Issuer, database: Database) -> SimulatedInstitution:
    return open_institution(installation, ut, database)


@pytest.fixture
def registry(installation: Installation) -> bindings.IssuerRegistry:
    return bindings.IssuerRegistry(installation.deployment.issuer_registry)


def run(institution: SimulatedInstitution, *, force: bool = True) -> list[BatchStep]:
    return [report.step for report in anchor_pending(institution.writer, force=force)]


def entries(institution: SimulatedInstitution, epoch: int = 1) -> list[bytes]:
    with institution.writer.database.read() as connection:
        return list(stored_log.read_entries(connection, institution.writer.issuer, epoch, 0, 1 << 40))


def receipt_of(institution: SimulatedInstitution, digest: Digest) -> receipts.Receipt | None:
    with institution.writer.database.read() as connection:
        return receipts.load_receipt(connection, institution.writer.issuer, digest)


def full_stop(institution: SimulatedInstitution) -> Stop | None:
    with institution.writer.database.read() as connection:
        known = institutions.institution(connection, institution.writer.issuer)
    assert known is not None
    return known.stop


def stop_of(institution: SimulatedInstitution) -> str | None:
    stop = full_stop(institution)
    return None if stop is None else stop.code


# What goes in and comes out


def test_a_batch_is_anchored_with_receipts(institution: SimulatedInstitution) -> None:
    digests = institution.issue(*range(5))
    institution.change(EntryKind.REVOKED, 7)
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, digests, 1)


def test_batches_are_cut_to_size_and_follow_each_other(institution: SimulatedInstitution) -> None:
    small = institution.on(policy=replace(POLICY, max_batch=3))
    digests = institution.issue(*range(8))
    assert run(small) == [BatchStep.ANCHORED, BatchStep.ANCHORED, BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, digests)


def test_import_order_says_nothing(institution: SimulatedInstitution) -> None:
    digests = institution.issue(5, 3, 9, 1)
    institution.change(EntryKind.SUSPENDED, 4)
    institution.change(EntryKind.REINSTATED, 4)
    run(institution)
    logged = [decode(data) for data in entries(institution)][1:]
    assert [entry.digest for entry in logged[:4]] == sorted(digests)
    assert [entry.kind for entry in logged[4:]] == [EntryKind.SUSPENDED, EntryKind.REINSTATED]


def test_status_changes_alone_go_with_kind_2(institution: SimulatedInstitution) -> None:
    institution.change(EntryKind.REVOKED, 1)
    reports = anchor_pending(institution.writer, force=True)
    assert reports[0].checkpoint is not None
    assert reports[0].checkpoint.kind == CheckpointKind.STATUS_ONLY


def test_nothing_is_due_before_its_age(institution: SimulatedInstitution) -> None:
    patient = institution.on(policy=replace(POLICY, issued_seconds=600, status_seconds=60))
    institution.issue(1)
    assert run(patient, force=False) == [BatchStep.IDLE]
    institution.installation.clock.now += 601
    assert run(patient, force=False) == [BatchStep.ANCHORED, BatchStep.IDLE]


def test_a_minimum_batch_holds_issued_entries_back_but_no_revocation(institution: SimulatedInstitution) -> None:
    company = institution.on(policy=replace(POLICY, min_batch=3, holding_seconds=1000))
    (lonely,) = institution.issue(1)
    institution.change(EntryKind.REVOKED, 1)
    assert run(company) == [BatchStep.ANCHORED, BatchStep.IDLE]
    assert institution.state(lonely) == "queued"
    more = institution.issue(2, 3)
    assert run(company) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, [lonely, *more], 1)


def test_status_changes_do_not_push_issued_entries_into_bad_company(institution: SimulatedInstitution) -> None:
    company = institution.on(policy=replace(POLICY, max_batch=8, min_batch=5, holding_seconds=1000))
    digests = institution.issue(*range(6))
    institution.change(EntryKind.REVOKED, *range(7))
    reports = anchor_pending(company.writer)
    assert [(report.issued, report.status) for report in reports] == [(0, 7), (6, 0), (0, 0)]
    check_invariants(institution, digests, 7)


def test_a_minimum_batch_does_not_hold_for_ever(institution: SimulatedInstitution) -> None:
    company = institution.on(policy=replace(POLICY, min_batch=3, holding_seconds=1000))
    digests = institution.issue(1)
    assert run(company, force=False) == [BatchStep.IDLE]
    institution.installation.clock.now += 1000
    assert run(company, force=False) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, digests)


def test_lists_are_published_before_anything_is_sent(institution: SimulatedInstitution) -> None:
    swallowing = Swallowing(institution.writer.ledger)
    institution.change(EntryKind.REVOKED, 300)
    assert run(institution.on(ledger=swallowing)) == [BatchStep.WAITING]
    assert institution.publisher.bits.status(300).revoked


# The contract says no


def test_a_suspended_issuer_still_revokes(institution: SimulatedInstitution, registry: bindings.IssuerRegistry) -> None:
    digests = institution.issue(1, 2)
    institution.change(EntryKind.REVOKED, 5)
    institution.installation.decide(registry.suspend(institution.writer.issuer, ACT))
    reports = anchor_pending(institution.writer, force=True)
    assert [report.step for report in reports] == [BatchStep.REFUSED, BatchStep.ANCHORED, BatchStep.IDLE]
    assert reports[0].refused == 2
    assert reports[0].reason is not None
    assert reports[0].reason.code == "ISSUER_NOT_ACTIVE"
    assert [institution.state(digest) for digest in digests] == ["refused", "refused"]
    check_invariants(institution, [], 1)


def test_refused_entries_are_anchored_after_a_requeue(
    institution: SimulatedInstitution, registry: bindings.IssuerRegistry
) -> None:
    digests = institution.issue(1, 2)
    institution.installation.decide(registry.suspend(institution.writer.issuer, ACT))
    assert run(institution) == [BatchStep.REFUSED, BatchStep.IDLE]
    institution.installation.decide(registry.reinstate(institution.writer.issuer, ACT))
    assert run(institution) == [BatchStep.IDLE], "nobody has asked for it yet"
    with institution.writer.database.write() as connection:
        assert len(refused_items(connection, institution.writer.issuer)) == 2
        assert requeue_refused(connection, institution.writer.issuer, "ISSUER_NOT_ACTIVE") == 2
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, digests)


def test_suspended_between_the_question_and_the_block(
    institution: SimulatedInstitution, registry: bindings.IssuerRegistry
) -> None:
    suspension = registry.suspend(institution.writer.issuer, ACT)
    meddled = Meddled(institution.writer.ledger, lambda: institution.installation.decide(suspension))
    digests = institution.issue(1)
    institution.change(EntryKind.REVOKED, 5)
    odd = institution.on(ledger=meddled)
    assert run(odd) == [BatchStep.REVERTED]
    assert run(odd) == [BatchStep.REFUSED, BatchStep.ANCHORED, BatchStep.IDLE]
    assert institution.state(digests[0]) == "refused"
    check_invariants(institution, [], 1)


def test_an_account_without_rights_loses_nothing_and_the_stop_is_told_until_it_is_over(
    institution: SimulatedInstitution, registry: bindings.IssuerRegistry
) -> None:
    installation, clock = institution.installation, institution.installation.clock
    digests = institution.issue(1)
    fresh = account("ut second anchor")
    stranger = institution.on(signer=fresh)
    began = clock.now
    for _ in range(3):  # one question to the contract a run, at the schedule's pace
        reports = anchor_pending(stranger.writer, force=True)
        assert [report.step for report in reports] == [BatchStep.BLOCKED]
        assert reports[0].reason is not None
        assert reports[0].reason.code == "ACCOUNT_NOT_ALLOWED"
        stop = full_stop(institution)
        assert stop == Stop("ACCOUNT_NOT_ALLOWED", "the contract takes nothing from us: log: account", began)
        clock.now += 5
    installation.act(institution.issuer.control, installation.anchoring(institution.writer.issuer, fresh))
    assert run(stranger) == [BatchStep.ANCHORED, BatchStep.IDLE]
    assert full_stop(institution) is None
    check_invariants(institution, digests)


def test_a_stop_by_the_contract_stays_told_while_nothing_is_due(institution: SimulatedInstitution) -> None:
    institution.issue(1)
    stranger = institution.on(signer=account("stranger"))
    assert run(stranger) == [BatchStep.BLOCKED]
    patient = stranger.on(policy=replace(POLICY, issued_seconds=600))
    assert run(patient, force=False) == [BatchStep.IDLE]
    assert stop_of(institution) == "ACCOUNT_NOT_ALLOWED", "nobody has asked the contract again"
    with institution.writer.database.write() as connection:
        connection.execute(delete(QueueItem))
    assert run(patient, force=False) == [BatchStep.IDLE]
    assert stop_of(institution) is None, "nothing waits, so nothing is held up"


# Outcome unknown


def test_the_same_bytes_go_out_until_a_block_has_them(institution: SimulatedInstitution) -> None:
    swallowing = Swallowing(institution.writer.ledger)
    digests = institution.issue(1)
    odd = institution.on(ledger=swallowing)
    assert [run(odd) for _ in range(3)] == [[BatchStep.WAITING]] * 3
    assert len(set(swallowing.sent)) == 1
    assert len(swallowing.sent) >= 3
    assert institution.state(digests[0]) == "appended"
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, digests)


def test_what_comes_while_a_transaction_is_in_flight_waits_its_turn(institution: SimulatedInstitution) -> None:
    odd = institution.on(ledger=Swallowing(institution.writer.ledger, says="transaction pool is full"))
    first = institution.issue(1)
    assert anchor_pending(odd.writer, force=True)[0].detail == "transaction pool is full"
    second = institution.issue(2)
    assert run(odd) == [BatchStep.WAITING]
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, first + second)


@pytest.mark.parametrize("liar", [Lying, Inventing])
def test_a_receipt_alone_releases_nothing(institution: SimulatedInstitution, liar: type[Lying]) -> None:
    digests = institution.issue(1)
    with pytest.raises(LedgerUnavailable, match="the contract does not agree"):
        run(institution.on(ledger=liar(institution.writer.ledger)))
    assert institution.state(digests[0]) == "appended"
    assert receipt_of(institution, digests[0]) is None
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, digests)


def test_release_waits_for_the_depth(institution: SimulatedInstitution) -> None:
    deep = institution.on(policy=replace(POLICY, depth=2))
    digests = institution.issue(1)
    assert run(deep) == [BatchStep.WAITING]
    institution.installation.chain.mine()
    assert run(deep) == [BatchStep.WAITING]
    assert receipt_of(institution, digests[0]) is None
    institution.installation.chain.mine()
    assert run(deep) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, digests)


# Stops


def spend_nonce(institution: SimulatedInstitution) -> None:
    """Use the anchoring account's key from elsewhere."""
    contract = bindings.CredentialLog(institution.installation.deployment.credential_log)
    log = contract.log_id(institution.writer.issuer, 1)
    institution.installation.act(institution.issuer.anchoring, Call(log.to, log.data))


def test_a_foreign_transaction_stops_before_signing(institution: SimulatedInstitution) -> None:
    digests = institution.issue(1)
    run(institution)
    digests += institution.issue(2)
    spend_nonce(institution)
    with pytest.raises(NonceForeignError):
        run(institution)
    document = full_stop(institution)
    assert document is not None
    assert document.code == "NONCE_FOREIGN"
    institution.installation.clock.now += 5
    with pytest.raises(NonceForeignError):
        run(institution)
    with pytest.raises(NonceForeignError):
        run(institution.on(policy=replace(POLICY, issued_seconds=600)), force=False)
    assert full_stop(institution) == document, "asked anew each time, and since when it lasts is not forgotten"
    assert institution.state(digests[1]) in ("queued", "appended")
    assert receipt_of(institution, digests[0]) is not None


def test_a_foreign_transaction_in_place_of_ours_stops(institution: SimulatedInstitution) -> None:
    digests = institution.issue(1)
    assert run(institution.on(ledger=Swallowing(institution.writer.ledger))) == [BatchStep.WAITING]
    spend_nonce(institution)
    with pytest.raises(NonceForeignError):
        run(institution)
    assert stop_of(institution) == "NONCE_FOREIGN"
    assert institution.state(digests[0]) == "appended", "nothing is cut: an operator has to look"


def test_an_old_backup_is_not_written_on(installation: Installation, ut: Issuer, tmp_path: Path) -> None:
    database = Database.create(f"sqlite:///{tmp_path / 'node.db'}")
    institution = open_institution(installation, ut, database)
    institution.issue(1)
    run(institution)
    shutil.copy(tmp_path / "node.db", tmp_path / "old.db")
    institution.issue(2)
    run(institution)
    database.close()
    old = Database.open(f"sqlite:///{tmp_path / 'old.db'}")
    restored = open_institution(installation, ut, old)
    restored.issue(3)
    with pytest.raises(LogAheadError) as stopped:
        run(restored)
    assert (stopped.value.expected, stopped.value.found) == ("checkpoint 1", "checkpoint 2")
    assert stop_of(restored) == "LOG_AHEAD"
    old.close()


def test_another_chain_of_the_same_number_stops(institution: SimulatedInstitution) -> None:
    institution.issue(1)
    other = institution.on(identity=replace(institution.writer.identity, genesis=b"\x01" * 32))
    with pytest.raises(GenesisChangedError):
        run(other)
    assert stop_of(institution) == "GENESIS_CHANGED"
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    assert stop_of(institution) is None, "a stop ends by itself when its cause is gone"


@pytest.mark.parametrize("what", [{"chain_id": 1}, {"code_hash": b"\x02" * 32}])
def test_another_chain_id_or_contract_code_stops(institution: SimulatedInstitution, what: dict[str, object]) -> None:
    other = institution.on(identity=replace(institution.writer.identity, **what))  # type: ignore[arg-type]
    with pytest.raises(GenesisChangedError):
        run(other)


# Reorganisations


def test_a_reorganisation_sends_the_same_bytes_and_makes_the_receipts_anew(institution: SimulatedInstitution) -> None:
    installation = institution.installation
    (digest,) = institution.issue(1)
    before = installation.chain.snapshot()
    run(institution)
    old = receipt_of(institution, digest)
    installation.chain.revert(before)
    installation.chain.mine(timestamp=installation.chain.head.timestamp + 100)
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    new = receipt_of(institution, digest)
    assert old is not None
    assert new is not None
    assert new.transaction == old.transaction, "the same bytes"
    assert new.block_hash != old.block_hash
    assert new.checkpoint.time > old.checkpoint.time
    check_invariants(institution, [digest])


def test_on_a_chain_of_validators_another_block_is_a_fork_until_a_person_has_decided(
    institution: SimulatedInstitution, database: Database
) -> None:
    chain, clock = institution.installation.chain, institution.installation.clock
    final = institution.on(is_final=True)
    snapshot = chain.snapshot()
    digests = institution.issue(1)
    assert run(final) == [BatchStep.ANCHORED, BatchStep.IDLE]
    receipt = receipt_of(institution, digests[0])
    chain.revert(snapshot)
    clock.now += 7
    for _ in range(3):
        chain.mine()
    for _ in range(2):
        with pytest.raises(LedgerForkedError):
            run(final)
    stop = full_stop(institution)
    assert stop is not None
    assert stop.code == "LEDGER_FORKED"
    assert receipt_of(institution, digests[0]) == receipt, "nothing is taken back"
    head = institution.writer.ledger.head()
    indexed = IndexedBlock(bytes(32), head.number, head.hash, head.time, head.header, (bytes(32),) * 4)
    with Leases(database, "index").held(institution.writer.issuer) as lease, database.write(lease) as connection:
        advance(connection, expected=None, kept_up_to=-1, events=(), block=indexed, hashes={})
        record_fault(connection, IndexFault("LEDGER_FORKED", "another", 1))
    with pytest.raises(LedgerForkedError):
        run(final)
    with database.write() as connection:
        record_fault(connection, None)  # as a rebuilt index has it
    assert BatchStep.ANCHORED in run(final)
    assert full_stop(institution) is None
    assert receipt_of(institution, digests[0]) != receipt
    check_invariants(institution, digests)


def test_a_chain_cut_short_is_found_out(institution: SimulatedInstitution) -> None:
    installation = institution.installation
    digests = institution.issue(1)
    before = installation.chain.snapshot()
    run(institution)
    installation.chain.revert(before)
    installation.clock.now += 50
    with pytest.raises(LedgerUnavailable, match="below our block"):
        run(institution)
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, digests)


def test_an_endpoint_that_is_behind_takes_nothing_back(institution: SimulatedInstitution) -> None:
    digests = institution.issue(1)
    run(institution)
    with pytest.raises(LedgerUnavailable, match="below our block"):
        run(institution.on(ledger=Lagging(institution.writer.ledger, 1)))
    assert receipt_of(institution, digests[0]) is not None
    check_invariants(institution, digests)


def test_two_checkpoints_undone_at_once(institution: SimulatedInstitution) -> None:
    installation = institution.installation
    before = installation.chain.snapshot()
    first = institution.issue(1, 2)
    run(institution)
    second = institution.issue(3)
    institution.change(EntryKind.REVOKED, 4)
    run(institution)
    installation.chain.revert(before)
    for _ in range(3):
        installation.chain.mine(timestamp=installation.chain.head.timestamp + 77)
    # The second transaction names the first checkpoint with its old time: it is mined, reverts, and is made anew.
    steps = [step for _ in range(3) for step in run(institution)]
    assert steps.count(BatchStep.ANCHORED) == 2
    assert BatchStep.REVERTED in steps
    assert steps[-1] is BatchStep.IDLE
    check_invariants(institution, first + second, 1)


# Epochs


def open_epoch(institution: SimulatedInstitution, number: int) -> None:
    """Close the epoch at this checkpoint by the council."""
    contract = bindings.CredentialLog(institution.installation.deployment.credential_log)
    with institution.writer.database.read() as connection:
        newest = stored_checkpoints.newest_confirmed(connection, institution.writer.issuer)
        assert newest is not None
        good = stored_checkpoints.checkpoint_at(connection, institution.writer.issuer, newest.epoch, number)
    assert good is not None
    institution.installation.decide(contract.open_epoch(institution.writer.issuer, good.checkpoint.parts(), ACT))


def test_a_new_epoch_starts_a_new_log_and_keeps_what_was_good(institution: SimulatedInstitution) -> None:
    old = institution.issue(1, 2)
    institution.change(EntryKind.REVOKED, 9)
    run(institution)
    open_epoch(institution, 1)
    new = institution.issue(3)
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, new)
    for digest in old:
        receipt = receipt_of(institution, digest)
        assert receipt is not None
        assert receipt.epoch == 1
    institution.change(EntryKind.SUSPENDED, 10)
    run(institution)
    assert institution.publisher.bits.status(9).revoked, "bits run on through epochs"


def test_void_checkpoints_lose_their_receipts_and_wait_for_somebody_to_decide(
    institution: SimulatedInstitution,
) -> None:
    good = institution.issue(1)
    run(institution)
    void = institution.issue(2)
    institution.change(EntryKind.REVOKED, 9)
    run(institution)
    open_epoch(institution, 1)
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE], "the revocation goes again by itself"
    assert receipt_of(institution, good[0]) is not None
    assert receipt_of(institution, void[0]) is None
    with institution.writer.database.read() as connection:
        refused = refused_items(connection, institution.writer.issuer)
    assert [item.reason_code for item in refused] == ["CHECKPOINT_VOID"]
    check_invariants(institution, [], 1)


def test_an_epoch_opened_while_a_transaction_is_in_flight(institution: SimulatedInstitution) -> None:
    first = institution.issue(1)
    run(institution)
    second = institution.issue(2)
    assert run(institution.on(ledger=Swallowing(institution.writer.ledger))) == [BatchStep.WAITING]
    open_epoch(institution, 1)
    steps = [step for _ in range(2) for step in run(institution)]
    assert steps == [BatchStep.REVERTED, BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, second)
    assert receipt_of(institution, first[0]) is not None


def test_a_stolen_account_replaced_frees_what_it_had_in_flight(
    institution: SimulatedInstitution, registry: bindings.IssuerRegistry
) -> None:
    installation, issuer = institution.installation, institution.writer.issuer
    digests = institution.issue(1)
    assert run(institution.on(ledger=Swallowing(institution.writer.ledger))) == [BatchStep.WAITING]
    fresh = account("ut second anchor")
    installation.act(institution.issuer.control, installation.anchoring(issuer, fresh))
    open_epoch(institution, 0)
    renewed = institution.on(signer=fresh)
    assert run(renewed) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(renewed, digests)


def test_a_thief_ahead_of_us_stops_until_the_council_has_decided(
    installation: Installation, ut: Issuer, registry: bindings.IssuerRegistry, tmp_path: Path
) -> None:
    """Stop for a thief with our key and an old copy of our log: the chain accepts a checkpoint of the thief's entries."""
    database = Database.create(f"sqlite:///{tmp_path / 'node.db'}")
    institution = open_institution(installation, ut, database)
    first = institution.issue(1)
    run(institution)
    shutil.copy(tmp_path / "node.db", tmp_path / "thief.db")
    stolen = Database.open(f"sqlite:///{tmp_path / 'thief.db'}")
    thief = open_institution(installation, ut, stolen)
    thief.issue(99)
    assert run(thief) == [BatchStep.ANCHORED, BatchStep.IDLE]
    later = institution.issue(2)
    with pytest.raises(LogAheadError):
        run(institution)

    open_epoch(institution, 1)
    with pytest.raises(NonceForeignError):
        run(institution)
    assert institution.state(later[0]) in ("queued", "appended")

    fresh = account("ut second anchor")
    installation.act(ut.control, installation.anchoring(ut.id, fresh))
    assert run(institution.on(signer=fresh)) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, later)
    assert receipt_of(institution, first[0]) is not None
    stolen.close()
    database.close()


# Company


def test_only_one_writes(institution: SimulatedInstitution) -> None:
    institution.issue(1)
    other = Leases(institution.writer.database, "another node")
    with other.held(institution.writer.issuer) as lease:
        assert lease is not None
        assert run(institution) == [BatchStep.BUSY]
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]


def test_a_stuck_institution_holds_up_nobody(installation: Installation, database: Database) -> None:
    stuck = open_institution(installation, installation.new_issuer("stuck"), database, name="stuck")
    free = open_institution(installation, installation.new_issuer("free"), database, name="free")
    stuck.issue(1)
    digests = free.issue(1, 2)
    assert run(stuck.on(ledger=Swallowing(installation.ledger))) == [BatchStep.WAITING]
    assert run(free) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(free, digests)
    assert len(entries(stuck)) == 2
