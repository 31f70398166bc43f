"""The council's opening of an epoch, undone or done anew by a reorganisation: the chain decides which log there is."""

import pytest
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.types import Digest
from acredita.contracts import bindings
from acredita.node.custody.erasure import forget
from acredita.node.storage import receipts, stored_checkpoints
from acredita.node.storage.database import Database
from acredita.node.storage.models import CredentialRow, TransactionRow
from acredita.node.storage.refused import refused_by_code, refused_items, requeue_refused
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchStep
from eth_hash.auto import keccak
from sqlalchemy import insert, select

from tests.simulators.installation import ACT, MEMBER, Installation, Issuer
from tests.simulators.institution import (
    PROGRAMME,
    SimulatedInstitution,
    check_invariants,
    check_released,
    open_institution,
)
from tests.simulators.ledger import Followed, Forgetful, Lagging, Swallowing

GAP = 1_000  # seconds of the chain between one act and the next: room for a block in between


@pytest.fixture
def institution(installation: Installation, ut: Issuer, database: Database) -> SimulatedInstitution:
    return open_institution(installation, ut, database)


def run(institution: SimulatedInstitution) -> list[BatchStep]:
    return [report.step for report in anchor_pending(institution.writer, force=True)]


def settle(institution: SimulatedInstitution) -> list[BatchStep]:
    """Run until nothing is left to do."""
    steps: list[BatchStep] = []
    for _ in range(8):
        steps += run(institution)
        if steps[-1] is BatchStep.IDLE:
            return steps
    raise AssertionError(steps)


def open_epoch(institution: SimulatedInstitution, number: int) -> None:
    """Close the epoch at this checkpoint by the council, some time later."""
    contract = bindings.CredentialLog(institution.installation.deployment.credential_log)
    with institution.writer.database.read() as connection:
        newest = stored_checkpoints.newest_confirmed(connection, institution.writer.issuer)
        assert newest is not None
        good = stored_checkpoints.checkpoint_at(connection, institution.writer.issuer, newest.epoch, number)
    assert good is not None
    institution.installation.clock.now += GAP
    institution.installation.decide(contract.open_epoch(institution.writer.issuer, good.checkpoint.parts(), ACT))


def reorganise(institution: SimulatedInstitution, before: int, seconds: int = 1) -> None:
    """Remove the blocks since the snapshot, and mine some without them."""
    chain = institution.installation.chain
    chain.revert(before)
    for _ in range(12):
        chain.mine(timestamp=chain.head.timestamp + seconds)
    institution.installation.senders.clear()  # their nonces are of a future that did not happen


def receipt_of(institution: SimulatedInstitution, digest: Digest) -> receipts.Receipt | None:
    with institution.writer.database.read() as connection:
        return receipts.load_receipt(connection, institution.writer.issuer, digest)


def epoch_of(institution: SimulatedInstitution) -> int:
    with institution.writer.database.read() as connection:
        newest = stored_checkpoints.newest_confirmed(connection, institution.writer.issuer)
    assert newest is not None
    return newest.epoch


def codes_aside(institution: SimulatedInstitution) -> list[str | None]:
    with institution.writer.database.read() as connection:
        return [item.reason_code for item in refused_items(connection, institution.writer.issuer)]


def test_an_epoch_opened_anew_at_another_time_is_entered_anew(institution: SimulatedInstitution) -> None:
    old = institution.issue(1)
    assert settle(institution)
    before = institution.installation.chain.snapshot()
    open_epoch(institution, 1)
    new = institution.issue(2)
    institution.change(EntryKind.REVOKED, 9)
    assert settle(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    lost = receipt_of(institution, new[0])
    assert lost is not None

    reorganise(institution, before)
    open_epoch_again(institution, lost.checkpoint.time + 50)
    # The old bytes name an opening that the chain does not have: mined without effect, then the new log is begun.
    assert settle(institution) == [BatchStep.REVERTED, BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, new, 1)
    check_released(institution, old, epoch=1)
    again = receipt_of(institution, new[0])
    assert again is not None
    assert (again.epoch, again.index) == (lost.epoch, lost.index)
    assert again.transaction != lost.transaction
    assert again.checkpoint.word() != lost.checkpoint.word()


def open_epoch_again(institution: SimulatedInstitution, now: int) -> None:
    """Repeat the council's act after it was lost, by the chain's record of the epoch before."""
    contract = bindings.CredentialLog(institution.installation.deployment.credential_log)
    with institution.writer.database.read() as connection:
        good = stored_checkpoints.newest_of_epoch(connection, institution.writer.issuer, 1)
    assert good is not None
    institution.installation.clock.now = now
    institution.installation.decide(contract.open_epoch(institution.writer.issuer, good.checkpoint.parts(), ACT))


def test_an_epoch_that_was_never_opened_is_left_and_its_entries_go_into_the_one_before(
    institution: SimulatedInstitution,
) -> None:
    first = institution.issue(1)
    settle(institution)
    second = institution.issue(2)
    institution.change(EntryKind.SUSPENDED, 8)
    settle(institution)
    before = institution.installation.chain.snapshot()
    open_epoch(institution, 1)
    third = institution.issue(3)
    institution.change(EntryKind.REVOKED, 9)
    settle(institution)
    assert epoch_of(institution) == 2
    assert codes_aside(institution) == ["CHECKPOINT_VOID"]
    assert receipt_of(institution, second[0]) is None

    reorganise(institution, before)
    assert settle(institution) == [BatchStep.REVERTED, BatchStep.ANCHORED, BatchStep.IDLE]
    assert epoch_of(institution) == 1
    assert codes_aside(institution) == [], "what the act had made void stands again"
    check_invariants(institution, first + second + third, 2)

    institution.change(EntryKind.REINSTATED, 8)
    settle(institution)
    assert institution.publisher.bits.status(9).revoked
    check_invariants(institution, first + second + third, 3)


def test_left_and_entered_again_with_another_last_good_checkpoint(institution: SimulatedInstitution) -> None:
    """Decide otherwise the second time: void checkpoints are good, and good ones void."""
    first = institution.issue(1)
    settle(institution)
    second = institution.issue(2)
    settle(institution)
    before = institution.installation.chain.snapshot()
    open_epoch(institution, 1)
    settle(institution)
    assert receipt_of(institution, second[0]) is None
    reorganise(institution, before)
    assert settle(institution) == [BatchStep.IDLE]
    assert epoch_of(institution) == 1
    check_invariants(institution, first + second)
    open_epoch(institution, 2)
    third = institution.issue(3)
    settle(institution)
    check_invariants(institution, third)
    check_released(institution, first + second, epoch=1)
    assert codes_aside(institution) == []


def test_closed_below_a_transaction_that_was_just_mined(institution: SimulatedInstitution) -> None:
    """Mine a transaction that is void before the node could look; then undo the closing itself."""
    installation = institution.installation
    first = institution.issue(1)
    settle(institution)
    second = institution.issue(2)
    institution.change(EntryKind.REVOKED, 9)
    snapshots: list[int] = []

    def close() -> None:
        snapshots.append(installation.chain.snapshot())
        open_epoch(institution, 1)

    assert run(institution.on(ledger=Followed(institution.writer.ledger, close))) == [
        BatchStep.VOID,
        BatchStep.ANCHORED,
        BatchStep.IDLE,
    ]
    assert codes_aside(institution) == ["CHECKPOINT_VOID"]
    check_released(institution, first, epoch=1)
    check_invariants(institution, [], 1)
    reorganise(institution, snapshots[0])
    settle(institution)
    assert epoch_of(institution) == 1
    check_invariants(institution, first + second, 1)


def test_two_epochs_undone_at_once(institution: SimulatedInstitution) -> None:
    first = institution.issue(1)
    settle(institution)
    before = institution.installation.chain.snapshot()
    open_epoch(institution, 1)
    second = institution.issue(2)
    settle(institution)
    open_epoch(institution, 1)
    third = institution.issue(3)
    settle(institution)
    assert epoch_of(institution) == 3
    reorganise(institution, before)
    settle(institution)
    assert epoch_of(institution) == 1
    check_invariants(institution, first + second + third)


def test_nothing_is_left_while_a_transaction_is_on_its_way(institution: SimulatedInstitution) -> None:
    first = institution.issue(1)
    settle(institution)
    before = institution.installation.chain.snapshot()
    open_epoch(institution, 1)
    second = institution.issue(2)
    settle(institution)
    reorganise(institution, before)
    swallowing = institution.on(ledger=Swallowing(institution.writer.ledger))
    assert [run(swallowing) for _ in range(2)] == [[BatchStep.WAITING]] * 2
    assert epoch_of(institution) == 2
    assert institution.state(second[0]) == "appended", "its outcome is unknown, so nothing of it is cut"
    settle(institution)
    check_invariants(institution, first + second)


def test_the_same_act_in_another_block_is_the_same_epoch(institution: SimulatedInstitution) -> None:
    """Mine the same bytes in other blocks at the same times: they are good again, and receipts name the new blocks."""
    installation = institution.installation
    contract = bindings.CredentialLog(installation.deployment.credential_log)
    before = installation.chain.snapshot()
    installation.clock.now = installation.chain.head.timestamp + GAP
    first = institution.issue(1)
    settle(institution)
    open_epoch(institution, 1)
    opened_at = installation.chain.head.timestamp
    second = institution.issue(2)
    installation.clock.now += GAP
    settle(institution)
    old = [receipt_of(institution, digest) for digest in first + second]
    assert old[0] is not None
    assert old[1] is not None
    with institution.writer.database.read() as connection:
        sent = list(connection.execute(select(TransactionRow.raw).order_by(TransactionRow.id)).scalars())
        good = stored_checkpoints.checkpoint_at(connection, institution.writer.issuer, 1, 1)
    assert good is not None

    installation.chain.revert(before)
    installation.senders.clear()
    installation.chain.mine(timestamp=old[0].checkpoint.time - 1)
    installation.chain.set_next_timestamp(old[0].checkpoint.time)
    institution.writer.ledger.send_raw(sent[0])
    council = bindings.Council(installation.deployment.council)
    call = contract.open_epoch(institution.writer.issuer, good.checkpoint.parts(), ACT)
    installation.act(MEMBER, council.propose(call.to, keccak(call.data), ACT))
    installation.chain.set_next_timestamp(opened_at)
    installation.act(MEMBER, council.execute(institution.writer.ledger.read(council.proposal_count()), call.data))
    installation.chain.set_next_timestamp(old[1].checkpoint.time)
    institution.writer.ledger.send_raw(sent[1])

    assert settle(institution)[-1] is BatchStep.IDLE
    assert epoch_of(institution) == 2
    third = institution.issue(3)
    assert settle(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, second + third)
    check_released(institution, first, epoch=1)
    for digest, was in zip(first + second, old, strict=True):
        now = receipt_of(institution, digest)
        assert now is not None
        assert was is not None
        assert (now.transaction, now.checkpoint) == (was.transaction, was.checkpoint)
        assert now.block_hash != was.block_hash
    with institution.writer.database.read() as connection:
        opening = stored_checkpoints.checkpoint_at(connection, institution.writer.issuer, 2, 0)
    assert opening is not None
    assert opening.block_position is not None
    block = institution.writer.ledger.block(opening.block_position.block_number)
    assert block is not None
    assert (block.hash, block.time) == (opening.block_position.block_hash, opened_at)


@pytest.mark.parametrize("anchored", [False, True])
def test_an_endpoint_that_is_behind_leaves_no_epoch(institution: SimulatedInstitution, anchored: bool) -> None:
    institution.issue(1)
    settle(institution)
    open_epoch(institution, 1)
    if anchored:
        institution.issue(2)
    settle(institution)
    with pytest.raises(LedgerUnavailable):
        run(institution.on(ledger=Lagging(institution.writer.ledger, 1)))
    assert epoch_of(institution) == 2


def test_an_endpoint_that_forgets_the_epoch_but_not_its_block_is_not_believed(
    institution: SimulatedInstitution,
) -> None:
    institution.issue(1)
    settle(institution)
    old_head = institution.installation.chain.head.number
    open_epoch(institution, 1)
    settle(institution)
    with pytest.raises(LedgerUnavailable, match="its own blocks hold our epoch 2"):
        run(institution.on(ledger=Forgetful(institution.writer.ledger, old_head)))
    assert epoch_of(institution) == 2


def anchored_at(institution: SimulatedInstitution, *numbers: int) -> tuple[list[Digest], int]:
    """Anchor some time later; return the time."""
    institution.installation.clock.now += GAP
    digests = institution.issue(*numbers)
    settle(institution)
    receipt = receipt_of(institution, digests[0])
    assert receipt is not None
    return digests, receipt.checkpoint.time


def sent_again(institution: SimulatedInstitution, before: int, times: list[int]) -> None:
    """Remove the blocks since the snapshot; mine those after checkpoint 1 as they were, some blocks further."""
    chain = institution.installation.chain
    with institution.writer.database.read() as connection:
        sent = list(connection.execute(select(TransactionRow.raw).order_by(TransactionRow.id)).scalars())
    chain.revert(before)
    institution.installation.senders.clear()
    for seconds in range(12, 0, -1):
        chain.mine(timestamp=times[0] - seconds)
    for raw, time in zip(sent[1:], times, strict=False):
        chain.set_next_timestamp(time)
        institution.writer.ledger.send_raw(raw)


def test_a_reorganisation_below_the_last_good_checkpoint_of_a_closed_epoch(institution: SimulatedInstitution) -> None:
    """Undo the act: the entries it had made void are on the chain again, in another block."""
    first, _ = anchored_at(institution, 1)
    before = institution.installation.chain.snapshot()
    second, good = anchored_at(institution, 2)
    third, void = anchored_at(institution, 3)
    open_epoch(institution, 2)
    settle(institution)
    assert codes_aside(institution) == ["CHECKPOINT_VOID"]
    sent_again(institution, before, [good, void])
    settle(institution)
    assert epoch_of(institution) == 1
    assert codes_aside(institution) == [], "what the act had made void stands again"
    check_invariants(institution, first + second + third)


def test_void_once_anchored_again_elsewhere_and_void_no_more(institution: SimulatedInstitution) -> None:
    """Requeue by an operator, anchor in the new epoch, then undo both: one entry in the end."""
    first, _ = anchored_at(institution, 1)
    before = institution.installation.chain.snapshot()
    second, good = anchored_at(institution, 2)
    third, void = anchored_at(institution, 3)
    open_epoch(institution, 2)
    settle(institution)
    with institution.writer.database.write() as connection:
        assert requeue_refused(connection, institution.writer.issuer, "CHECKPOINT_VOID") == 1
    settle(institution)
    assert epoch_of(institution) == 2
    assert institution.state(third[0]) == "anchored"
    sent_again(institution, before, [good, void])
    settle(institution)
    settle(institution)
    assert epoch_of(institution) == 1
    check_invariants(institution, first + second + third)


def test_what_was_forgotten_is_never_requeued(institution: SimulatedInstitution) -> None:
    """Declare a checkpoint void after its entry was forgotten: the entry stays out of the new log."""
    institution.issue(1)
    settle(institution)
    gone, kept = institution.issue(2, 3)
    settle(institution)
    forget_item(institution, gone)
    open_epoch(institution, 1)
    settle(institution)
    with institution.writer.database.write() as connection:
        assert refused_by_code(connection, institution.writer.issuer)[0][1] == 1
        assert requeue_refused(connection, institution.writer.issuer, "CHECKPOINT_VOID") == 1
    settle(institution)
    check_invariants(institution, [kept])


def forget_item(institution: SimulatedInstitution, digest: Digest) -> None:
    """Forget as a holder requests it, with a credential's row to find."""
    writer = institution.writer
    with writer.database.write() as connection:
        connection.execute(
            insert(CredentialRow).values(
                issuer=writer.issuer,
                digest=digest,
                programme=PROGRAMME,
                nonce=bytes(12),
                ciphertext=b"",
                created_at=1,
            )
        )
    assert forget(writer.database, writer.issuer, digest, actor="operator", now=1)
