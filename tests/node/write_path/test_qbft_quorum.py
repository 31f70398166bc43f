"""The write path over a QBFT network: two or three of four endpoints agree, though each has its own seals, rounds and lag."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from acredita.anchoring.ledger import LedgerUnavailable
from acredita.anchoring.quorum import QuorumLedger
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.transaction import Patience
from acredita.node.storage.database import Database
from acredita.node.write_path.anchor import anchor_pending
from acredita.node.write_path.batch_report import BatchStep

from tests.simulators.installation import Installation, Issuer, SteppingClock, install_on
from tests.simulators.institution import POLICY, SimulatedInstitution, check_invariants, open_institution
from tests.simulators.qbft import QbftNetwork, fresh_chain, network_over, taken_back
from tests.simulators.qbft_dialects import PARTIAL_LOGS
from tests.simulators.qbft_endpoint import endpoints_of
from tests.waiting import PATIENCE_SECONDS

DONE = [BatchStep.ANCHORED, BatchStep.IDLE]


@pytest.fixture(scope="module")
def shared() -> tuple[Installation, Issuer, QbftNetwork]:
    clock = SteppingClock()
    chain = fresh_chain(clock)
    installation = install_on(chain, clock)
    ut = installation.new_issuer("ut")
    return installation, ut, network_over(chain, installation.rpc, clock)


@pytest.fixture
def network(shared: tuple[Installation, Issuer, QbftNetwork]) -> Iterator[QbftNetwork]:
    with taken_back(shared[-1]) as network:
        yield network


@pytest.fixture
def institution(
    shared: tuple[Installation, Issuer, QbftNetwork], network: QbftNetwork, database: Database
) -> SimulatedInstitution:
    """Return the institution with a policy of depth 1, whose waiting lets block periods pass."""
    installation, ut, _ = shared
    patience = Patience(60.0, sleep=network.pass_period, clock=lambda: float(network.clock.now))
    return open_institution(installation, ut, database, policy=replace(POLICY, depth=1, patience=patience))


def run(institution: SimulatedInstitution) -> list[BatchStep]:
    return [report.step for report in anchor_pending(institution.writer, force=True)]


@pytest.mark.parametrize("agree", [2, 3])
def test_sealed_endpoints_on_loopback_agree_about_an_anchor(
    institution: SimulatedInstitution, network: QbftNetwork, agree: int
) -> None:
    network.lags = {1: 1}
    digests = institution.issue(1, 2, 3)
    with ExitStack() as stack:
        urls = [stack.enter_context(endpoint.listening()) for endpoint in endpoints_of(network, PARTIAL_LOGS)]
        ledger = QuorumLedger([RpcLedger.over_http(url, PATIENCE_SECONDS) for url in urls], agree)
        assert run(institution.on(ledger=ledger)) == DONE
    check_invariants(institution, digests)


@pytest.mark.parametrize("agree", [1, 2, 3])
def test_one_validator_down_and_one_behind_lose_nothing(
    institution: SimulatedInstitution, network: QbftNetwork, agree: int
) -> None:
    network.down, network.lags = {0}, {1: 2}
    digests = institution.issue(1)
    odd = institution.on(ledger=QuorumLedger([endpoint.ledger() for endpoint in endpoints_of(network)], agree))
    steps: list[BatchStep] = []
    for _ in range(5):
        try:
            steps += run(odd)
        except LedgerUnavailable:  # of three that answer, one is behind: another look, another block
            network.pass_period()
        if DONE[0] in steps:
            break
    assert BatchStep.ANCHORED in steps
    assert BatchStep.REFUSED not in steps
    network.down, network.lags = set(), {}
    check_invariants(institution, digests)


def test_two_validators_down_stop_the_blocks_and_double_nothing(
    institution: SimulatedInstitution, network: QbftNetwork
) -> None:
    digests = institution.issue(1)
    odd = institution.on(ledger=QuorumLedger([endpoint.ledger() for endpoint in endpoints_of(network)], 2))
    network.down = {0, 2}
    assert run(odd) == [BatchStep.WAITING]
    network.down = set()
    network.pass_period()
    assert run(odd) == DONE
    check_invariants(institution, digests)
