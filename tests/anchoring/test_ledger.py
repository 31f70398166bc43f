"""The ledger over JSON-RPC: on the embedded chain in process, over HTTP on loopback, and against answers of no sense."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from acredita.anchoring.ledger import (
    GenesisChangedError,
    Ledger,
    LedgerUnavailable,
    LogQuery,
    PartialLedgerUnavailable,
    SubmissionUnavailable,
)
from acredita.anchoring.quorum import QuorumLedger
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.types import Address, TxHash
from acredita.contracts import bindings
from acredita.contracts.bindings import ContractRefused
from eth_hash.auto import keccak

from tests.simulators.endpoint import Answer, endpoint, passing_on
from tests.simulators.installation import Installation, Issuer, install
from tests.simulators.ledger import Lagging, Lying, WrappedLedger
from tests.waiting import PATIENCE_SECONDS


@pytest.fixture(scope="module")
def world() -> tuple[Installation, Issuer]:
    installation = install()
    return installation, installation.new_issuer("ut")


def result(value: object) -> Answer:
    return lambda request: (200, json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": value}).encode())


def failure(code: int, message: str, data: object = None) -> Answer:
    error = {"code": code, "message": message, "data": data}
    return lambda request: (200, json.dumps({"jsonrpc": "2.0", "id": request["id"], "error": error}).encode())


def everything(ledger: Ledger, world: tuple[Installation, Issuer]) -> list[object]:
    """Return one answer of each kind."""
    installation, issuer = world
    deployment = installation.deployment
    log = bindings.CredentialLog(deployment.credential_log)
    head = ledger.head()
    return [
        ledger.chain_id(),
        head,
        ledger.block(0),
        ledger.block(head.number + 1),
        keccak(ledger.code(deployment.credential_log)),
        ledger.nonce(issuer.control.address, head.number),
        ledger.nonce(issuer.control.address, 0),
        ledger.read(log.head(issuer.id)),
        ledger.read(log.head(issuer.id), head.number),
        list(ledger.logs(LogQuery(0, head.number, (deployment.issuer_registry,), (None, issuer.id)))),
        ledger.proof(deployment.credential_log, [bytes(32)], head.number),
        ledger.receipt(TxHash(b"\x01" * 32)),
    ]


def test_in_process_and_over_http_are_the_same(world: tuple[Installation, Issuer]) -> None:
    with endpoint(passing_on(world[0])) as url:
        assert everything(RpcLedger.over_http(url, PATIENCE_SECONDS), world) == everything(world[0].ledger, world)


def test_a_quorum_of_one_endpoint_is_that_endpoint(world: tuple[Installation, Issuer]) -> None:
    ledger = world[0].ledger
    assert everything(QuorumLedger([ledger]), world) == everything(ledger, world)
    assert everything(QuorumLedger([ledger, ledger], agree=2), world) == everything(ledger, world)


def test_headers_hash_to_their_blocks(world: tuple[Installation, Issuer]) -> None:
    ledger = world[0].ledger
    for number in range(ledger.head().number + 1):
        block = ledger.block(number)
        assert block is not None
        assert keccak(block.header) == block.hash


def test_a_refusal_carries_the_contracts_reason(world: tuple[Installation, Issuer]) -> None:
    installation, issuer = world
    registry = bindings.IssuerRegistry(installation.deployment.issuer_registry)
    with endpoint(passing_on(installation)) as url, pytest.raises(ContractRefused) as refused:
        RpcLedger.over_http(url, PATIENCE_SECONDS).simulate(
            registry.suspend(issuer.id, b"\x01" * 32), issuer.control.address
        )
    assert refused.value.code == "NOT_AUTHORISED"


def test_a_call_to_nothing_is_no_reading(world: tuple[Installation, Issuer]) -> None:
    nothing = bindings.CredentialLog(Address(b"\x09" * 20))
    with pytest.raises(LedgerUnavailable, match="unreadable"):
        world[0].ledger.read(nothing.head(world[1].id))


NONSENSE: dict[str, Answer] = {
    "no JSON": lambda _: (200, b"<html>gateway</html>"),
    "half an answer": lambda _: (200, b'{"jsonrpc": "2.0", "id": 1, "resu'),
    "an empty body": lambda _: (200, b""),
    "a list": lambda _: (200, b"[]"),
    "null": lambda _: (200, b"null"),
    "neither result nor error": lambda _: (200, b'{"jsonrpc": "2.0", "id": 1}'),
    "bad gateway": lambda _: (502, b"bad gateway"),
    "an elsewhere": lambda _: (302, b""),
    "a number for a quantity": result(5),
    "a word for a quantity": result("0xzz"),
    "an object without fields": result({}),
    "a list for an object": result([1, 2]),
    "an error of the server": failure(-32000, "header not found"),
    "an error that is a word": lambda _: (200, b'{"jsonrpc": "2.0", "id": 1, "error": "no"}'),
}


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE.keys())
def test_an_answer_of_no_sense_is_no_answer(answer: Answer, world: tuple[Installation, Issuer]) -> None:
    installation, issuer = world
    log = bindings.CredentialLog(installation.deployment.credential_log)
    call = log.open_epoch(issuer.id, [bytes(32)] * 4, bytes(32))
    with endpoint(answer) as url:
        ledger = RpcLedger.over_http(url, PATIENCE_SECONDS)
        questions: list[Callable[[], object]] = [
            ledger.chain_id,
            ledger.head,
            lambda: ledger.code(issuer.control.address),
            lambda: ledger.nonce(issuer.control.address, 0),
            lambda: ledger.read(log.head(issuer.id)),
            lambda: ledger.simulate(call, issuer.control.address),
            lambda: ledger.logs(LogQuery(0, 1, (issuer.control.address,))),
            lambda: ledger.proof(issuer.control.address, [], 0),
            lambda: ledger.send_raw(b"\x02"),
        ]
        for question in questions:
            with pytest.raises(LedgerUnavailable):
                question()


@pytest.mark.parametrize("field", ["number", "hash", "parentHash", "timestamp", "stateRoot", "nonce", "gasUsed"])
@pytest.mark.parametrize("value", [None, 7, "0x", "0xg", "12", [], {}])
def test_a_block_with_a_field_of_no_sense_is_no_block(
    world: tuple[Installation, Issuer], field: str, value: object
) -> None:
    whole = world[0].rpc.handle(
        {"jsonrpc": "2.0", "id": 1, "method": "eth_getBlockByNumber", "params": ["latest", False]}
    )
    broken = {**whole["result"], field: value}
    with endpoint(result(broken)) as url, pytest.raises(LedgerUnavailable):
        RpcLedger.over_http(url, PATIENCE_SECONDS).head()


def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(LedgerUnavailable):
        RpcLedger.over_http("http://127.0.0.1:9", PATIENCE_SECONDS).head()


def test_silence_ends_with_the_timeout() -> None:
    gate = threading.Event()

    def silent(request: dict[str, Any]) -> tuple[int, bytes]:
        gate.wait(PATIENCE_SECONDS)
        return 200, b"{}"

    with endpoint(silent) as url:
        with pytest.raises(LedgerUnavailable):
            RpcLedger.over_http(url, timeout=0.1).head()
        gate.set()


def test_an_endpoint_that_does_not_take_a_transaction_says_why() -> None:
    with endpoint(failure(-32003, "sender not allowed")) as url, pytest.raises(SubmissionUnavailable, match="sender"):
        RpcLedger.over_http(url, PATIENCE_SECONDS).send_raw(b"\x02")


def test_a_view_that_reverts_is_no_answer(world: tuple[Installation, Issuer]) -> None:
    installation, issuer = world
    log = bindings.CredentialLog(installation.deployment.credential_log)
    with endpoint(failure(3, "execution reverted", None)) as url, pytest.raises(PartialLedgerUnavailable):
        RpcLedger.over_http(url, PATIENCE_SECONDS).read(log.head(issuer.id))


def test_a_revert_without_data_is_a_refusal_without_reason(world: tuple[Installation, Issuer]) -> None:
    installation, issuer = world
    log = bindings.CredentialLog(installation.deployment.credential_log)
    call = log.open_epoch(issuer.id, (bytes(32),) * 4, bytes(32))
    with endpoint(failure(3, "execution reverted", None)) as url, pytest.raises(ContractRefused) as refused:
        RpcLedger.over_http(url, PATIENCE_SECONDS).simulate(call, issuer.control.address)
    assert refused.value.code == "REFUSED_UNEXPLAINED"


# Several endpoints


class Dead(WrappedLedger):
    """Answers nothing."""

    def around(self, name: str, call: Callable[[], Any]) -> Any:
        raise LedgerUnavailable(name)


def test_the_first_that_answers_is_believed(world: tuple[Installation, Issuer]) -> None:
    ledger = world[0].ledger
    assert everything(QuorumLedger([Dead(ledger), ledger]), world) == everything(ledger, world)


def test_too_few_answers_are_none(world: tuple[Installation, Issuer]) -> None:
    ledger = world[0].ledger
    pair = QuorumLedger([Dead(ledger), ledger], agree=2)
    with pytest.raises(LedgerUnavailable):
        pair.chain_id()
    with pytest.raises(LedgerUnavailable):
        pair.head()


def test_a_liar_is_outvoted_and_a_draw_says_nothing(world: tuple[Installation, Issuer]) -> None:
    installation, _ = world
    ledger = installation.ledger
    newest = installation.rpc.handle(
        {"jsonrpc": "2.0", "id": 1, "method": "eth_getBlockByNumber", "params": ["latest", False]}
    )
    tx = TxHash(bytes.fromhex(newest["result"]["transactions"][0][2:]))
    truth = ledger.receipt(tx)
    assert truth is not None
    assert QuorumLedger([Lying(ledger), ledger, ledger], agree=2).receipt(tx) == truth
    with pytest.raises(LedgerUnavailable, match="not alike"):
        QuorumLedger([Lying(ledger), ledger], agree=2).receipt(tx)


def test_the_head_is_where_enough_have_come(world: tuple[Installation, Issuer]) -> None:
    ledger = world[0].ledger
    newest = ledger.head().number
    pair = [Lagging(ledger, 2), ledger]
    assert QuorumLedger(pair, agree=2).head().number == newest - 2
    assert QuorumLedger(pair, agree=1).head().number == newest - 2, "the first that answers"


def test_a_refusal_is_an_answer_too(world: tuple[Installation, Issuer]) -> None:
    installation, issuer = world
    ledger = installation.ledger
    registry = bindings.IssuerRegistry(installation.deployment.issuer_registry)
    call = registry.suspend(issuer.id, b"\x01" * 32)
    with pytest.raises(ContractRefused):
        QuorumLedger([ledger, Dead(ledger), ledger], agree=2).simulate(call, issuer.control.address)


def test_what_nobody_takes_is_told_in_the_words_of_one(world: tuple[Installation, Issuer]) -> None:
    with endpoint(failure(-32003, "sender not allowed")) as url:
        picky = RpcLedger.over_http(url, PATIENCE_SECONDS)
        with pytest.raises(SubmissionUnavailable, match="sender not allowed"):
            QuorumLedger([picky, Dead(world[0].ledger)]).send_raw(b"\x02")


@pytest.mark.parametrize("agree", [0, 3])
def test_a_quorum_must_be_possible(world: tuple[Installation, Issuer], agree: int) -> None:
    with pytest.raises(ValueError, match="cannot agree"):
        QuorumLedger([world[0].ledger] * 2, agree)


def test_a_stop_says_what_was_expected_and_found() -> None:
    stop = GenesisChangedError("genesis", "aa", "bb")
    assert (stop.code, stop.expected, stop.found) == ("GENESIS_CHANGED", "aa", "bb")
    assert "expected aa, found bb" in str(stop)
