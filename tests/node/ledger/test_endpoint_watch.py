"""Conditions that endpoints tell of themselves: a network of four, one down, one behind, and endpoints that do not tell."""

import json
import logging
import threading

import pytest
from acredita.anchoring.endpoint_condition import EndpointCondition, condition_of
from acredita.anchoring.ledger import Block, LedgerUnavailable
from acredita.anchoring.quorum import QuorumLedger
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.devnet.rpc.dispatch import Rpc
from acredita.node.ledger.endpoint_watch import EndpointWatch
from acredita.node.runtime.endpoint_schedule import EndpointSchedule

from tests.simulators.endpoint import Answer, endpoint
from tests.simulators.installation import SteppingClock
from tests.simulators.ledger import WrappedLedger
from tests.simulators.qbft import VALIDATORS, QbftNetwork, fresh_chain, network_over
from tests.simulators.qbft_dialects import UNAUTHORISED
from tests.simulators.qbft_endpoint import QbftEndpoint, endpoints_of
from tests.waiting import PATIENCE_SECONDS

ADDRESSES = tuple(validator.address for validator in VALIDATORS)
NOW = 1_800_000_000


@pytest.fixture
def network() -> QbftNetwork:
    clock = SteppingClock()
    chain = fresh_chain(clock)
    network = network_over(chain, Rpc(chain), clock)
    for _ in range(4):
        network.pass_period()
    return network


def answering(results: dict[str, object]) -> Answer:
    """Return an endpoint that knows these methods and no others."""

    def answer(request: dict[str, object]) -> tuple[int, bytes]:
        method = str(request["method"])
        if method in results:
            return 200, json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": results[method]}).encode()
        error = {"code": -32601, "message": "Method not found"}
        return 200, json.dumps({"jsonrpc": "2.0", "id": request["id"], "error": error}).encode()

    return answer


def test_each_endpoint_of_a_network_says_how_it_is(network: QbftNetwork) -> None:
    network.down, network.lags = {1}, {2: 3}
    ledgers = [one.ledger() for one in endpoints_of(network)]
    look = EndpointWatch(QuorumLedger(ledgers), ADDRESSES, lambda: NOW).look()
    well, down, behind, _ = look.conditions
    assert well == EndpointCondition(None, 4, False, 2, frozenset(ADDRESSES))
    assert down == EndpointCondition(fault="LEDGER_UNREACHABLE")
    assert (behind.head, behind.syncing) == (1, True)
    assert look.documents()[0] == {
        "endpoint": 1, "state": "ok", "head": 4, "syncing": False, "peers": 2, "validators": 4,
        "validators_as_named": True, "as_of": "2027-01-15T08:00:00Z",
    }  # fmt: skip
    assert look.documents()[1] == {
        "endpoint": 2, "state": "LEDGER_UNREACHABLE", "head": None, "syncing": None, "peers": None, "validators": None,
        "validators_as_named": None, "as_of": "2027-01-15T08:00:00Z",
    }  # fmt: skip


def test_other_validators_than_the_trust_file_names_are_noticed(network: QbftNetwork) -> None:
    ledger = endpoints_of(network)[0].ledger()
    others, none = EndpointWatch(ledger, ADDRESSES[1:], lambda: NOW), EndpointWatch(ledger, None, lambda: NOW)
    assert others.look().documents()[0]["validators_as_named"] is False
    assert none.look().documents()[0]["validators_as_named"] is None
    assert others.newest is not None


def test_what_an_endpoint_does_not_tell_is_no_fault(network: QbftNetwork) -> None:
    head = endpoints_of(network)[0]("eth_getBlockByNumber", ["latest", False])["result"]
    nonsense: dict[str, object] = {
        "eth_getBlockByNumber": head,
        "eth_syncing": "perhaps",
        "net_peerCount": -1,
        "qbft_getValidatorsByBlockNumber": ["0x01"],
    }
    crowd = ["0x" + number.to_bytes(20, "big").hex() for number in range(257)]
    for results in (
        {"eth_getBlockByNumber": head},
        nonsense,
        nonsense | {"qbft_getValidatorsByBlockNumber": crowd, "net_peerCount": None, "eth_syncing": True},
    ):
        with endpoint(answering(results)) as url:
            assert condition_of(RpcLedger.over_http(url, PATIENCE_SECONDS)) == EndpointCondition(head=4)
    assert condition_of(WrappedLedger(endpoints_of(network)[0].ledger())) == EndpointCondition(head=4)
    with QbftEndpoint(network, 0, UNAUTHORISED).listening() as url:
        assert condition_of(RpcLedger.over_http(url, PATIENCE_SECONDS)).fault == "LEDGER_UNREACHABLE"


def test_no_endpoint_waits_for_another(network: QbftNetwork) -> None:
    gate = threading.Barrier(2, timeout=PATIENCE_SECONDS)

    class Meeting(WrappedLedger):
        """Answers when the other is asked as well."""

        def head(self) -> Block:
            gate.wait()
            return super().head()

    ledger = endpoints_of(network)[0].ledger()
    look = EndpointWatch(QuorumLedger([Meeting(ledger), Meeting(ledger)]), None, lambda: NOW).look()
    assert [one.head for one in look.conditions] == [4, 4]


def test_a_change_is_logged_once(network: QbftNetwork, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    ledgers = [one.ledger() for one in endpoints_of(network)]
    watch = EndpointWatch(QuorumLedger(ledgers), ADDRESSES, lambda: NOW)
    schedule = EndpointSchedule(watch)

    def told() -> list[tuple[str, int]]:
        for _ in range(2):
            schedule.run_once(watch)
        lines = [(record.code, record.number) for record in caplog.records]  # type: ignore[attr-defined]
        caplog.clear()
        return lines

    assert told() == []
    network.down, network.lags = {1}, {2: 3}
    assert told() == [("LEDGER_UNREACHABLE", 2), ("LEDGER_BEHIND", 3)]
    network.down = set()
    assert told() == []
    network.down = {1}
    assert told() == [("LEDGER_UNREACHABLE", 2)]


def test_a_fault_of_ours_does_not_end_the_looks(network: QbftNetwork, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(WrappedLedger):
        """Fails in a way that no ledger should."""

        def head(self) -> Block:
            raise RuntimeError("a fault of ours")

    ledger = endpoints_of(network)[0].ledger()
    watch = EndpointWatch(QuorumLedger([Broken(ledger), ledger]), None, lambda: NOW)
    schedule = EndpointSchedule(watch)
    schedule.start()
    schedule.run_once(watch)
    schedule.stop()
    assert "INTERNAL_ERROR" in {getattr(record, "code", None) for record in caplog.records}


def test_a_schedule_without_a_ledger_does_nothing() -> None:
    schedule = EndpointSchedule(None)
    schedule.start()
    schedule.stop()


def test_an_unreachable_ledger_has_its_code() -> None:
    class Silent(WrappedLedger):
        """Answers nothing."""

        def head(self) -> Block:
            raise LedgerUnavailable("silence")

    assert (
        condition_of(Silent(RpcLedger.over_http("http://127.0.0.1:9", PATIENCE_SECONDS))).fault == "LEDGER_UNREACHABLE"
    )
