"""Besu's own recorded answers: what the ledger makes of them, and that the simulated endpoints answer in the same shape.

The files are request and response pairs of Besu's JSON-RPC tests (hyperledger/besu, Apache-2.0), read from the folder of
published vectors and never committed.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from acredita.anchoring.ledger import Ledger, LedgerUnavailable, LogQuery, SubmissionUnavailable
from acredita.anchoring.rpc_answers import read_account_proof, read_block, read_log
from acredita.anchoring.rpc_ledger import RpcLedger
from acredita.anchoring.state_proof import header_hash
from acredita.anchoring.types import Address, TxHash
from acredita.contracts import bindings
from acredita.contracts.abi import Call
from acredita.contracts.bindings import ContractRefused

from tests.simulators.half_endpoint import HalfProvider
from tests.simulators.installation import ACT, Installation, SteppingClock, install_on, issuer_named
from tests.simulators.qbft import QbftNetwork, fresh_chain, network_over
from tests.simulators.qbft_dialects import NULL_FOR_THE_FUTURE, PARTIAL_LOGS, PENDING_IS_LATEST
from tests.simulators.qbft_endpoint import QbftEndpoint

HEADERS = (
    "eth_getBlockByNumber_complete",
    "eth_getBlockByNumber_hashes",
    "eth_getBlockByNumber_complete_shanghai",
    "eth_getBlockByNumber_complete_cancun",
)
ANYBODY = Address(b"\x09" * 20)
NO_BLOCK = "0x" + "aa" * 32

Ask = Callable[[Ledger], object]


@pytest.fixture
def recorded(published: Path) -> Callable[[str], dict[str, Any]]:
    """Return Besu's response of a name."""

    def read(name: str) -> dict[str, Any]:
        pair = json.loads((published / "besu" / "jsonrpc" / f"{name}.json").read_text(encoding="utf-8"))
        response: dict[str, Any] = pair["response"]
        return response

    return read


@pytest.fixture(scope="module")
def network() -> Iterator[tuple[QbftNetwork, Installation]]:
    clock = SteppingClock()
    chain = fresh_chain(clock)
    installation = install_on(chain, clock)
    yield network_over(chain, installation.rpc, clock), installation


@pytest.mark.parametrize("name", HEADERS)
def test_besus_blocks_are_read_and_hash_to_what_they_say(recorded: Callable[[str], dict[str, Any]], name: str) -> None:
    block = read_block(recorded(name)["result"])
    assert header_hash(block.header) == block.hash


def test_besus_logs_and_proofs_are_read(recorded: Callable[[str], dict[str, Any]]) -> None:
    logs = recorded("eth_getLogs_matchTopic")["result"]
    assert len([read_log(log) for log in logs]) == len(logs) > 0
    proof = recorded("eth_getProof_latest")["result"]
    assert read_account_proof(proof, Address(bytes.fromhex(proof["address"][2:]))).nodes


UNKNOWN: list[tuple[str, Ask]] = [
    ("eth_getCode_illegalRangeGreaterThan", lambda ledger: ledger.code(ANYBODY, 0x666)),
    ("eth_getCode_blockHashNotExist", lambda ledger: ledger.code(ANYBODY)),
    ("eth_getTransactionCount_illegalRange", lambda ledger: ledger.nonce(ANYBODY, 0x6667)),
    ("eth_getProof_illegalRangeGreaterThan", lambda ledger: ledger.proof(ANYBODY, [bytes(32)], 0x120)),
    ("eth_getProof_invalidBlockHash", lambda ledger: ledger.proof(ANYBODY, [bytes(32)], 1)),
    ("eth_getLogs_fromBlockExceedToBlock", lambda ledger: ledger.logs(LogQuery(0, 1, (ANYBODY,)))),
    ("eth_getLogs_blockhash_missingBlockHash", lambda ledger: ledger.logs(LogQuery(0, 1, (ANYBODY,)))),
    ("eth_call_invalidBlockhash", lambda ledger: ledger.simulate(Call(ANYBODY, b""), ANYBODY)),
    ("eth_getTransactionReceipt_logs", lambda ledger: ledger.receipt(TxHash(bytes(32)))),  # without a status
]


@pytest.mark.parametrize(("name", "ask"), UNKNOWN, ids=[name for name, _ in UNKNOWN])
def test_what_besu_does_not_know_is_no_answer(recorded: Callable[[str], dict[str, Any]], name: str, ask: Ask) -> None:
    ledger = RpcLedger(HalfProvider(lambda _method, _params: recorded(name), []))
    with pytest.raises(LedgerUnavailable):
        ask(ledger)


def test_besus_revert_is_a_refusal_and_its_nonce_too_low_is_words(
    recorded: Callable[[str], dict[str, Any]],
) -> None:
    with pytest.raises(ContractRefused):
        _always(recorded("eth_estimateGas_revert")).simulate(Call(ANYBODY, b""), ANYBODY)
    with pytest.raises(SubmissionUnavailable, match="Nonce too low"):
        _always(recorded("eth_sendRawTransaction_invalidNonceTooLow")).send_raw(b"\x02")


def _always(response: dict[str, Any]) -> RpcLedger:
    return RpcLedger(HalfProvider(lambda _method, _params: response, []))


# --- the simulated endpoints answer in the same shape ---


def shape(response: dict[str, Any]) -> object:
    """Return an error's code and words, or the kind of a result."""
    error = response.get("error")
    return type(response["result"]) if error is None else (error["code"], error["message"], "data" in error)


def test_the_simulated_endpoints_answer_as_besu_did(
    recorded: Callable[[str], dict[str, Any]], network: tuple[QbftNetwork, Installation]
) -> None:
    over, installation = network
    contract = "0x" + installation.deployment.issuer_registry.hex()
    older, newer = (QbftEndpoint(over, 0, dialect) for dialect in (NULL_FOR_THE_FUTURE, PENDING_IS_LATEST))
    for name, method, params in (
        ("eth_getCode_illegalRangeGreaterThan", "eth_getCode", [contract, "0x666"]),
        ("eth_getCode_blockHashNotExist", "eth_getCode", [contract, NO_BLOCK]),
        ("eth_getCode_pending", "eth_getCode", [contract, "pending"]),
        ("eth_getTransactionCount_illegalRange", "eth_getTransactionCount", [contract, "0x6667"]),
        ("eth_getProof_illegalRangeGreaterThan", "eth_getProof", [contract, ["0x0"], "0x120"]),
        ("eth_getProof_latest", "eth_getProof", [contract, ["0x0"], "latest"]),
    ):
        assert shape(older(method, params)) == shape(recorded(name)), name
    query = {"fromBlock": "0x20", "toBlock": "0x17", "address": contract}
    assert shape(newer("eth_getLogs", [query])) == shape(recorded("eth_getLogs_fromBlockExceedToBlock"))
    unknown = {"blockHash": NO_BLOCK, "address": contract}
    assert shape(newer("eth_getLogs", [unknown])) == shape(recorded("eth_getLogs_blockhash_missingBlockHash"))


def test_a_log_query_beyond_the_head_is_cut_as_besu_cut_it(
    recorded: Callable[[str], dict[str, Any]], network: tuple[QbftNetwork, Installation]
) -> None:
    response = recorded("eth_getLogs_toBlockOutOfRange")  # its chain ends at block 0x20
    assert {log["blockNumber"] for log in response["result"]} == {"0x20"}
    over, installation = network
    head = over.chain.head.number
    query = {"fromBlock": "0x0", "address": "0x" + installation.deployment.issuer_registry.hex()}
    cut = QbftEndpoint(over, 0, PARTIAL_LOGS)("eth_getLogs", [{**query, "toBlock": hex(head + 1)}])
    assert cut["result"] == over.rpc.handle({"id": 1, "method": "eth_getLogs", "params": [query]})["result"] != []


def test_a_revert_and_a_used_nonce_are_told_as_besu_told_them(
    recorded: Callable[[str], dict[str, Any]], network: tuple[QbftNetwork, Installation]
) -> None:
    over, installation = network
    registry = bindings.IssuerRegistry(installation.deployment.issuer_registry)
    call = registry.suspend(issuer_named("nobody").id, ACT)
    request = {"to": "0x" + registry.address.hex(), "data": "0x" + call.data.hex()}
    newer = QbftEndpoint(over, 1, PENDING_IS_LATEST)
    assert shape(newer("eth_call", [request, "latest"])) == shape(recorded("eth_estimateGas_revert"))
    [first] = over.chain.block(1).executed
    used = newer("eth_sendRawTransaction", ["0x" + first.transaction.raw.hex()])
    assert shape(used) == shape(recorded("eth_sendRawTransaction_invalidNonceTooLow"))
