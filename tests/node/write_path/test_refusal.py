"""A refusal of the anchoring call: it counts only where the registry's state explains it."""

from dataclasses import replace

import pytest
from acredita.anchoring.ledger import Block, DisputedRefusalUnavailable, Ledger, LedgerUnavailable
from acredita.anchoring.quorum import QuorumLedger
from acredita.anchoring.transaction import Patience
from acredita.anchoring.types import Address
from acredita.contracts import bindings
from acredita.contracts.abi import Call
from acredita.contracts.bindings import ContractRefused
from acredita.node.storage.database import Database
from acredita.node.storage.leases import Leases
from acredita.node.storage.ledger_index import IndexedBlock, advance
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchStep
from acredita.node.write_path.refusal import refusal

from tests.simulators.installation import ACT, Installation, Issuer
from tests.simulators.institution import SimulatedInstitution, check_invariants, open_institution
from tests.simulators.ledger import Lagging, WrappedLedger


class Reverting(WrappedLedger):
    """Refuses every simulated call with one reason; its state and its blocks are honest."""

    def __init__(self, ledger: Ledger, code: str = "ISSUER_NOT_ACTIVE", reason: str = "issuer: not active") -> None:
        super().__init__(ledger)
        self._refused = ContractRefused(code, reason)

    def simulate(self, call: Call, sender: Address) -> bytes:
        raise self._refused


class Accepting(WrappedLedger):
    """Accepts every simulated call."""

    def simulate(self, call: Call, sender: Address) -> bytes:
        return bytes(32)


class Blind(WrappedLedger):
    """Has no blocks to tell."""

    def head(self) -> Block:
        raise LedgerUnavailable("head")


@pytest.fixture
def institution(installation: Installation, ut: Issuer, database: Database) -> SimulatedInstitution:
    return open_institution(installation, ut, database)


def run(institution: SimulatedInstitution) -> list[BatchStep]:
    return [report.step for report in anchor_pending(institution.writer, force=True)]


def suspended(institution: SimulatedInstitution) -> None:
    registry = bindings.IssuerRegistry(institution.installation.deployment.issuer_registry)
    institution.installation.decide(registry.suspend(institution.writer.issuer, ACT))


def test_a_false_refusal_puts_nothing_aside(institution: SimulatedInstitution) -> None:
    digests = institution.issue(1, 2)
    false = institution.on(ledger=Reverting(institution.writer.ledger))
    for _ in range(2):
        with pytest.raises(LedgerUnavailable, match="in its registry the issuer is active"):
            run(false)
    assert "refused" not in [institution.state(digest) for digest in digests]
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, digests)


def test_one_false_refusal_among_two_endpoints_holds_up_nothing(institution: SimulatedInstitution) -> None:
    digests = institution.issue(1)
    pair = QuorumLedger([Reverting(institution.writer.ledger), institution.writer.ledger])
    assert run(institution.on(ledger=pair)) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, digests)


def test_another_refusal_that_is_disputed_says_nothing(institution: SimulatedInstitution) -> None:
    digests = institution.issue(1)
    ledger = institution.writer.ledger
    pair = QuorumLedger([Reverting(ledger, "CHECKPOINT_MISMATCH", "log: wrong previous"), ledger])
    with pytest.raises(DisputedRefusalUnavailable):
        run(institution.on(ledger=pair))
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, digests)


def test_an_explained_refusal_counts_although_an_endpoint_disputes_it(institution: SimulatedInstitution) -> None:
    digests = institution.issue(1)
    suspended(institution)
    ledger = institution.writer.ledger
    pair = QuorumLedger([ledger, Accepting(ledger)])
    assert run(institution.on(ledger=pair)) == [BatchStep.REFUSED, BatchStep.IDLE]
    assert institution.state(digests[0]) == "refused"


def test_a_refusal_of_an_endpoint_that_has_not_seen_the_reinstatement_puts_nothing_aside(
    institution: SimulatedInstitution,
) -> None:
    digests = institution.issue(1)
    suspended(institution)
    registry = bindings.IssuerRegistry(institution.installation.deployment.issuer_registry)
    suspension = institution.writer.ledger.head().number
    institution.installation.decide(registry.reinstate(institution.writer.issuer, ACT))
    ledger = institution.writer.ledger
    behind = Lagging(Reverting(ledger), ledger.head().number - suspension)
    with pytest.raises(LedgerUnavailable):
        run(institution.on(ledger=QuorumLedger([behind, Blind(Reverting(ledger)), Reverting(ledger)])))
    assert institution.state(digests[0]) != "refused"
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, digests)


def test_an_endpoint_below_the_index_explains_nothing(institution: SimulatedInstitution, database: Database) -> None:
    digests = institution.issue(1)
    suspended(institution)
    head = institution.writer.ledger.head()
    leases = Leases(database, "index")
    above = IndexedBlock(bytes(32), head.number + 1, head.hash, head.time, head.header, (bytes(32),) * 4)
    with leases.held(institution.writer.issuer) as lease, database.write(lease) as connection:
        advance(connection, expected=None, kept_up_to=-1, events=(), block=above, hashes={})
    with pytest.raises(LedgerUnavailable, match="was seen before"):
        run(institution)
    assert institution.state(digests[0]) != "refused"


def test_without_any_head_a_refusal_is_not_explained(institution: SimulatedInstitution) -> None:
    institution.issue(1)
    writer = institution.on(ledger=Blind(Reverting(institution.writer.ledger))).writer
    registry = bindings.IssuerRegistry(institution.installation.deployment.issuer_registry)
    call = registry.suspend(writer.issuer, ACT)
    with writer.leases.held(writer.issuer) as lease, pytest.raises(LedgerUnavailable, match="head"):
        assert lease is not None
        refusal(writer.record(lease), writer.chain, writer.signer.address, call, writer.registry)


def test_an_accreditation_that_ended_since_the_newest_block_explains_the_refusal(
    institution: SimulatedInstitution,
) -> None:
    installation = institution.installation
    registry = bindings.IssuerRegistry(installation.deployment.issuer_registry)
    until = installation.ledger.read(registry.issuer_now(institution.writer.issuer)).until
    digests = institution.issue(1)
    installation.clock.now = until + 1  # no block since: the newest one still has the issuer as active
    assert run(institution) == [BatchStep.REFUSED, BatchStep.IDLE]
    assert institution.state(digests[0]) == "refused"


class SameSecond(Reverting):
    """Simulates on the newest block: until there is another, the next one is no younger than the last checkpoint."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger, "CHECKPOINT_TIME", "log: time")
        self.blocks_to_come = 2

    def simulate(self, call: Call, sender: Address) -> bytes:
        return super().simulate(call, sender) if self.blocks_to_come else self.ledger.simulate(call, sender)

    def let_pass(self, seconds: float) -> None:
        """Let a block come, whatever the pause."""
        self.blocks_to_come -= 1


def test_a_command_waits_for_a_younger_block_and_the_node_for_its_next_run(institution: SimulatedInstitution) -> None:
    digests = institution.issue(1)
    ledger = SameSecond(institution.writer.ledger)
    policy = replace(institution.writer.policy, patience=Patience(sleep=ledger.let_pass))
    early = institution.on(ledger=ledger, policy=policy)
    assert [report.step for report in anchor_pending(early.writer)] == [BatchStep.WAITING]
    assert ledger.blocks_to_come == 2
    assert run(early) == [BatchStep.ANCHORED, BatchStep.IDLE]
    check_invariants(institution, digests)


def test_a_command_waits_for_a_younger_block_no_longer_than_its_patience(institution: SimulatedInstitution) -> None:
    institution.issue(1)
    early = institution.on(ledger=SameSecond(institution.writer.ledger))
    (report,) = anchor_pending(early.writer, force=True)
    assert (report.step, report.reason and report.reason.code) == (BatchStep.WAITING, "CHECKPOINT_TIME")
    assert run(institution) == [BatchStep.ANCHORED, BatchStep.IDLE]
