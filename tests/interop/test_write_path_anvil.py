"""The write path on the real Anvil, its snapshots as the reorganisation machine (DOMAIN R-4)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from acredita.anchoring.entries import EntryKind
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.contracts.bindings import CredentialLog
from acredita.node.storage import stored_checkpoints
from acredita.node.storage.database import Database
from acredita.node.storage.receipts import load_receipt
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchStep

from tests.devnet.client import Client, anvil
from tests.simulators.installation import ACT, SteppingClock, deploy_on
from tests.simulators.institution import SimulatedInstitution, check_invariants, check_released, open_institution
from tests.waiting import PATIENCE_SECONDS, wait_for

pytestmark = pytest.mark.interop


MAX_RUNS = 20


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with anvil() as started:
        yield started


@pytest.fixture
def institution(client: Client, tmp_path: Path) -> Iterator[SimulatedInstitution]:
    snapshot = client.ask("evm_snapshot")
    ledger = RpcLedger.over_http(client.address, PATIENCE_SECONDS)
    parties = deploy_on(ledger, SteppingClock(ledger.head().time))
    database = Database.create(f"sqlite:///{tmp_path / 'node.db'}")
    yield open_institution(parties, parties.new_issuer("ut"), database)
    database.close()
    assert client.ask("evm_revert", snapshot)


def run(institution: SimulatedInstitution) -> list[BatchStep]:
    """Run until there is no need to wait: Anvil's clock is real, and a checkpoint must be younger than the last one."""

    def steps() -> list[BatchStep]:
        taken = [report.step for report in anchor_pending(institution.writer, force=True)]
        return [] if taken == [BatchStep.WAITING] else taken

    return wait_for(steps, "a run that need not wait")


def test_a_batch_is_anchored(institution: SimulatedInstitution) -> None:
    digests = institution.issue(*range(20))
    institution.change(EntryKind.REVOKED, 3)
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    digests += institution.issue(*range(20, 25))
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, digests, 1)


def test_a_reorganisation_sends_the_same_bytes_again(client: Client, institution: SimulatedInstitution) -> None:
    before = client.ask("evm_snapshot")
    (digest,) = institution.issue(1)
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    with institution.writer.database.read() as connection:
        old = load_receipt(connection, institution.writer.issuer, digest)
    assert client.ask("evm_revert", before)
    client.ask("evm_increaseTime", 60)
    client.ask("anvil_mine", hex(3))
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    with institution.writer.database.read() as connection:
        new = load_receipt(connection, institution.writer.issuer, digest)
    assert old is not None
    assert new is not None
    assert new.transaction == old.transaction
    assert new.block_hash != old.block_hash
    check_invariants(institution, [digest])


def test_an_epoch_whose_opening_is_undone_is_left(client: Client, institution: SimulatedInstitution) -> None:
    first = institution.issue(1)
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    before = client.ask("evm_snapshot")
    open_epoch(institution)
    second = institution.issue(2)
    assert settle(institution)[-1] is BatchStep.IDLE
    check_invariants(institution, second)
    assert client.ask("evm_revert", before)
    client.ask("evm_increaseTime", 60)
    client.ask("anvil_mine", hex(6))
    assert settle(institution)[-1] is BatchStep.IDLE
    check_invariants(institution, first + second)


def test_an_epoch_opened_at_another_time_is_entered_anew(client: Client, institution: SimulatedInstitution) -> None:
    first = institution.issue(1)
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    before = client.ask("evm_snapshot")
    open_epoch(institution)
    second = institution.issue(2)
    assert settle(institution)[-1] is BatchStep.IDLE
    assert client.ask("evm_revert", before)
    client.ask("evm_increaseTime", 60)
    client.ask("anvil_mine", hex(6))
    institution.installation.senders.clear()
    open_epoch(institution)
    assert settle(institution)[-1] is BatchStep.IDLE
    check_invariants(institution, second)
    check_released(institution, first, epoch=1)


def open_epoch(institution: SimulatedInstitution) -> None:
    """Close epoch 1 at its first checkpoint by the council."""
    contract = CredentialLog(institution.installation.deployment.credential_log)
    with institution.writer.database.read() as connection:
        good = stored_checkpoints.checkpoint_at(connection, institution.writer.issuer, 1, 1)
    assert good is not None
    institution.installation.decide(contract.open_epoch(institution.writer.issuer, good.checkpoint.parts(), ACT))


def settle(institution: SimulatedInstitution) -> list[BatchStep]:
    """Run until nothing is left to do."""
    steps: list[BatchStep] = []
    for _ in range(MAX_RUNS):
        steps += run(institution)
        if steps[-1] is BatchStep.IDLE:
            break
    return steps


def test_a_chain_cut_short_is_found_out(client: Client, institution: SimulatedInstitution) -> None:
    before = client.ask("evm_snapshot")
    digests = institution.issue(1)
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    assert client.ask("evm_revert", before)
    with pytest.raises(LedgerUnavailable, match="below our block"):
        run(institution)
    # The same bytes went out again. Anvil may mine them into the very same block, and then nothing was undone.
    assert run(institution)[-1] is BatchStep.IDLE
    check_invariants(institution, digests)
