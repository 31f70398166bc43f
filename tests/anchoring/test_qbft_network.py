"""The ledger over a QBFT network: endpoints with their own lag, seals and rounds, in each dialect of Besu."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from acredita.anchoring import qbft
from acredita.anchoring.ledger import Block, Ledger, LedgerUnavailable, LogQuery, SubmissionUnavailable
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.sender import Sender
from acredita.anchoring.transaction import LocalAccount, Patience
from acredita.contracts import bindings
from acredita.contracts.bindings import ContractRefused
from acredita.devnet.rpc.dispatch import Rpc
from acredita.registry.ledger_facts.observed_block import check_header

from tests.simulators.installation import ACT, NOBODY, Installation, SteppingClock, install_on, issuer_named
from tests.simulators.qbft import VALIDATORS, QbftNetwork, fresh_chain, network_over, taken_back
from tests.simulators.qbft_dialects import (
    BONSAI,
    BONSAI_BLOCKS,
    DIALECTS,
    PARTIAL_LOGS,
    PENDING_IS_LATEST,
    PRICED,
    SENDER_NOT_ALLOWED,
    UNAUTHORISED,
    BeyondHead,
    Dialect,
)
from tests.simulators.qbft_endpoint import QbftEndpoint, endpoints_of
from tests.waiting import PATIENCE_SECONDS

ADDRESSES = [validator.address for validator in VALIDATORS]


@pytest.fixture(scope="module")
def shared() -> tuple[Installation, QbftNetwork]:
    clock = SteppingClock()
    chain = fresh_chain(clock)
    installation = install_on(chain, clock)
    installation.new_issuer("ut")
    return installation, network_over(chain, installation.rpc, clock)


@pytest.fixture
def network(shared: tuple[Installation, QbftNetwork]) -> Iterator[QbftNetwork]:
    with taken_back(shared[-1]) as network:
        yield network


@pytest.fixture
def installation(shared: tuple[Installation, QbftNetwork]) -> Installation:
    return shared[0]


def sender(ledger: Ledger, network: QbftNetwork, who: LocalAccount) -> Sender:
    """Return a sender whose waiting lets block periods pass."""
    patience = Patience(60.0, sleep=network.pass_period, clock=lambda: float(network.clock.now))
    return Sender(ledger, who, depth=1, patience=patience)


def without_seals(block: Block | None) -> Block | None:
    return None if block is None else replace(block, header=qbft.block_hash(block.header))


# --- seals, rounds and lag ---


def test_validators_hold_one_block_with_other_seals_and_rounds(network: QbftNetwork) -> None:
    ledgers = [validator.ledger() for validator in endpoints_of(network)]
    rounds = set()
    for number in range(1, network.chain.head.number + 1):
        blocks = [ledger.block(number) for ledger in ledgers]
        present = [block for block in blocks if block is not None]
        for block in present:
            check_header(block)
            assert qbft.is_sealed(block.header, ADDRESSES)
        assert len({block.hash for block in present}) == 1
        assert len({block.header for block in present}) == len(ledgers)
        rounds |= {qbft._extra_data(block.header)[3].payload for block in present}
    assert len(rounds) > 1


def test_each_validator_is_as_far_as_it_is(network: QbftNetwork) -> None:
    network.lags = {1: 1, 2: 3}
    newest = network.chain.head.number
    assert [each.ledger().head().number for each in endpoints_of(network)] == [newest, newest - 1, newest - 3, newest]
    lagging = endpoints_of(network)[2]
    assert lagging.ledger().block(newest) is None
    assert lagging("eth_getBlockByHash", ["0x" + network.chain.head.hash.hex(), False])["result"] is None
    with pytest.raises(LedgerUnavailable):
        lagging.ledger().code(ADDRESSES[0], network.chain.head.hash)
    assert lagging("eth_syncing", [])["result"]["currentBlock"] == hex(newest - 3)
    assert endpoints_of(network)[0]("eth_syncing", [])["result"] is False


def test_one_down_changes_nothing_and_two_stop_the_blocks(network: QbftNetwork) -> None:
    newest = network.chain.head.number
    network.down = {1}
    network.pass_period()
    assert network.chain.head.number == newest + 1
    sealers = [qbft.sealers(bytes_of(each, newest + 1)) for each in endpoints_of(network) if each.place != 1]
    assert all(VALIDATORS[1].address not in sealed_by and len(sealed_by) == 3 for sealed_by in sealers)
    network.down = {1, 3}
    for _ in range(5):
        network.pass_period()
    assert network.chain.head.number == newest + 1
    with pytest.raises(LedgerUnavailable):
        endpoints_of(network)[3].ledger().head()
    network.down = set()
    network.pass_period()
    assert network.chain.head.number == newest + 2


def bytes_of(validator: QbftEndpoint, number: int) -> bytes:
    block = validator.ledger().block(number)
    assert block is not None
    return block.header


def test_over_http_and_in_process_are_the_same(network: QbftNetwork) -> None:
    validator = endpoints_of(network)[1]
    with validator.listening() as url:
        over_http = RpcLedger.over_http(url, PATIENCE_SECONDS)
        assert over_http.head() == validator.ledger().head()
        network.down = {1}
        with pytest.raises(LedgerUnavailable):
            over_http.head()


def test_without_its_token_an_endpoint_answers_401() -> None:
    clock = SteppingClock()
    chain = fresh_chain(clock)
    refusing = QbftEndpoint(network_over(chain, Rpc(chain), clock), 0, UNAUTHORISED)
    with refusing.listening() as url, pytest.raises(LedgerUnavailable):
        RpcLedger.over_http(url, PATIENCE_SECONDS).head()


# --- the ledger suite, in each dialect ---


def ask_all(ledger: Ledger, installation: Installation, head: Block) -> list[object]:
    """Ask one question of each kind, at one block."""
    deployment, issuer = installation.deployment, issuer_named("ut")
    log = bindings.CredentialLog(deployment.credential_log)
    registry = bindings.IssuerRegistry(deployment.issuer_registry)
    return [
        ledger.chain_id(),
        without_seals(ledger.block(0)),
        without_seals(ledger.block(head.number)),
        ledger.block(head.number + 1),
        ledger.code(deployment.credential_log, head.hash),
        ledger.nonce(issuer.control.address, head.number),
        ledger.read(log.head(issuer.id), head.hash),
        ledger.read(registry.total(), head.number),
        list(ledger.logs(LogQuery(0, head.number, (deployment.issuer_registry,)))),
        ledger.proof(deployment.credential_log, [bytes(32)], head.hash),
    ]


def check_reads(dialect: Dialect, network: QbftNetwork, installation: Installation) -> None:
    """Check that every validator tells what the chain holds, or nothing."""
    network.pass_period()
    head = installation.ledger.head()
    honest = ask_all(installation.ledger, installation, head)
    for validator in endpoints_of(network, dialect):
        if dialect.token is None:
            assert ask_all(validator.ledger(), installation, head) == honest
        else:
            with pytest.raises(LedgerUnavailable):
                validator.ledger().head()


def check_beyond_head(dialect: Dialect, network: QbftNetwork, installation: Installation) -> None:
    """Check that a validator that lags gives no answer about a block above it, and of logs at most a part."""
    network.lags = {0: 4}
    ledger, head = QbftEndpoint(network, 0, dialect).ledger(), installation.ledger.head()
    contract = installation.deployment.issuer_registry
    with pytest.raises(LedgerUnavailable):
        ledger.code(contract, head.number)
    with pytest.raises(LedgerUnavailable):
        ledger.code(contract, head.hash)
    query = LogQuery(0, head.number, (contract,))
    whole = list(installation.ledger.logs(query))
    if dialect.beyond_head is BeyondHead.ERROR or dialect.token is not None:
        with pytest.raises(LedgerUnavailable):
            ledger.logs(query)
        return
    logs = list(ledger.logs(query))
    assert logs == ([] if dialect.beyond_head is BeyondHead.EMPTY else whole[: len(logs)])
    assert len(logs) < len(whole)


def check_refusal(dialect: Dialect, network: QbftNetwork, installation: Installation) -> None:
    """Check that a call that the contract refuses is told as refused, with its reason where the dialect has one."""
    registry = bindings.IssuerRegistry(installation.deployment.issuer_registry)
    issuer = issuer_named("ut")
    ledger = QbftEndpoint(network, 2, dialect).ledger()
    with pytest.raises((ContractRefused, LedgerUnavailable)) as refused:
        ledger.simulate(registry.suspend(issuer.id, ACT), issuer.control.address)
    expected = {True: "NOT_AUTHORISED", False: "REFUSED_UNEXPLAINED"}[dialect.tells_reasons]
    assert refused.value.code == ("LEDGER_UNREACHABLE" if dialect.token is not None else expected)


def check_sending(dialect: Dialect, network: QbftNetwork, installation: Installation) -> None:
    """Check that a transaction is settled by the chain, or that nothing is said about it."""
    registry = bindings.IssuerRegistry(installation.deployment.issuer_registry)
    issuer = issuer_named(f"applicant {dialect.name}")
    ledger = QbftEndpoint(network, 1, dialect).ledger()
    acting = sender(ledger, network, issuer.control)
    call = registry.apply(issuer.id, NOBODY, ACT)
    if dialect.takes_transactions:
        assert acting.transact(call).succeeded
        return
    with pytest.raises(LedgerUnavailable):
        acting.transact(call)
    assert installation.ledger.nonce(issuer.control.address, network.chain.head.number) == 0


CHECKS = (check_reads, check_beyond_head, check_refusal, check_sending)


@pytest.mark.parametrize("dialect", [PENDING_IS_LATEST, PARTIAL_LOGS, PRICED], ids=lambda dialect: dialect.name)
def test_the_ledger_suite_in_three_dialects(dialect: Dialect, network: QbftNetwork, installation: Installation) -> None:
    for check in CHECKS:
        check(dialect, network, installation)


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_the_ledger_suite_in_every_dialect(dialect: Dialect, network: QbftNetwork, installation: Installation) -> None:
    for check in CHECKS:
        check(dialect, network, installation)


def test_words_of_a_refusal_reach_the_operator(network: QbftNetwork) -> None:
    ledger = QbftEndpoint(network, 1, SENDER_NOT_ALLOWED).ledger()
    with pytest.raises(SubmissionUnavailable, match="not authorized"):
        ledger.send_raw(b"\x02")


def test_a_transaction_below_the_price_of_every_validator_waits_and_is_mined_once_they_take_it(
    network: QbftNetwork, installation: Installation
) -> None:
    registry = bindings.IssuerRegistry(installation.deployment.issuer_registry)
    issuer = issuer_named("waiting")
    ledger = QbftEndpoint(network, 1, PRICED).ledger()
    acting = sender(ledger, network, issuer.control)
    with pytest.raises(LedgerUnavailable, match="in no block yet"):
        acting.transact(registry.apply(issuer.id, NOBODY, ACT))
    network.least_prices = {}
    acting.settle_pending()
    assert ledger.nonce(issuer.control.address, network.chain.head.number) == 1


@pytest.mark.slow
def test_state_older_than_512_blocks_is_forgotten(network: QbftNetwork, installation: Installation) -> None:
    contract, oldest = installation.deployment.issuer_registry, network.chain.head.number
    for _ in range(BONSAI_BLOCKS):
        network.pass_period()
    ledger = QbftEndpoint(network, 0, BONSAI).ledger()
    assert ledger.code(contract, oldest)
    network.pass_period()
    with pytest.raises(LedgerUnavailable):
        ledger.code(contract, oldest)
    assert QbftEndpoint(network, 0, PENDING_IS_LATEST).ledger().code(contract, oldest)
