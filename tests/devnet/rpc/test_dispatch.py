"""Test the JSON-RPC server: the standard methods, our additions, and the in-process provider."""

import gzip
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from acredita.devnet.chain import Chain
from acredita.devnet.errors import AddressRefused
from acredita.devnet.rpc import server
from acredita.devnet.rpc.dispatch import BATCH_LIMIT, Rpc
from acredita.devnet.rpc.provider import EmbeddedProvider
from acredita.devnet.rpc.server import claim, serving
from web3 import Web3
from web3.exceptions import ContractLogicError, TransactionNotFound

from tests.devnet.client import GENESIS_TIME, Client, RpcRefused, accounts, embedded, probe, text

ALICE, BOB = accounts()[:2]
PROBE = probe()


@pytest.fixture
def rpc() -> Iterator[Rpc]:
    with Chain.open(None, genesis_time=GENESIS_TIME, extra_data=bytes(32)) as chain:
        opened = Rpc(chain)
        yield opened
        opened.close()


@pytest.fixture
def web3(rpc: Rpc) -> Web3:
    return Web3(EmbeddedProvider(rpc))


def asked(method: str, params: Any = None, **more: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": [] if params is None else params, **more}


# ---- the protocol -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", -32700),
        (b"\xff\xfe", -32700),
        (b"5", -32600),
        (b"{}", -32600),
        (b"[]", -32600),
        (b'{"method":5}', -32600),
    ],
)
def test_what_is_no_request(rpc: Rpc, body: bytes, code: int) -> None:
    answer = json.loads(rpc.handle_bytes(body))
    assert (answer["error"]["code"], answer["id"]) == (code, None)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'["\\"[",'])
def test_a_request_is_only_so_deep(rpc: Rpc, opening: bytes) -> None:
    """Refuse deep nesting: beyond the parser's stack the process would end, whatever Python's own limit is."""
    answer = json.loads(rpc.handle_bytes(opening * 300_000))
    assert answer["error"]["code"] == -32700
    hidden = (opening * 300_000).decode().encode("utf-16")
    assert json.loads(rpc.handle_bytes(hidden))["error"]["code"] == -32700
    dump = text(gzip.compress(opening * 300_000))
    assert rpc.handle(asked("anvil_loadState", [dump]))["error"]["code"] == -32602


def test_brackets_in_strings_are_no_depth(rpc: Rpc) -> None:
    body = json.dumps(asked("web3_clientVersion", ["[" * 1_000 + '"' + "{" * 1_000]))
    assert "result" in json.loads(rpc.handle_bytes(body.encode()))


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("eth_getBlockByNumber", [[], False], -32602),
        ("eth_getBalance", ["0x" + "00" * 20, [[]]], -32602),
        ("anvil_setBalance", ["0x" + "00" * 20, hex(2**256 - 1) + "0"], -32602),
        ("anvil_setBalance", ["0x" + "00" * 20, 2**256], -32602),
        ("anvil_setNonce", ["0x" + "00" * 20, 2**64], -32602),
    ],
)
def test_values_beyond_their_kind_are_named(rpc: Rpc, method: str, params: list[Any], code: int) -> None:
    assert rpc.handle(asked(method, params))["error"]["code"] == code


def test_logs_of_blocks_that_will_never_be(rpc: Rpc) -> None:
    far = {"fromBlock": hex(2**64), "toBlock": hex(2**200)}
    assert rpc.handle(asked("eth_getLogs", [far]))["result"] == []


def test_parameters_come_in_a_list(rpc: Rpc) -> None:
    assert rpc.handle(asked("eth_chainId", {"a": 1}))["error"]["code"] == -32602


def test_a_notification_gets_no_answer(rpc: Rpc) -> None:
    assert rpc.handle({"jsonrpc": "2.0", "method": "evm_mine", "params": []}) is None
    assert rpc.handle_bytes(b'[{"jsonrpc":"2.0","method":"evm_mine"}]') == b""
    assert rpc.chain.head.number == 2


def test_a_batch_has_a_limit(rpc: Rpc) -> None:
    assert len(rpc.handle([asked("eth_chainId")] * BATCH_LIMIT)) == BATCH_LIMIT
    assert rpc.handle([asked("eth_chainId")] * (BATCH_LIMIT + 1))["error"]["code"] == -32600


@pytest.mark.parametrize("method", ["eth_mining", "eth_subscribe", "anvil_reset", "debug_traceTransaction", ""])
def test_what_is_not_offered_is_not_found(rpc: Rpc, method: str) -> None:
    assert rpc.handle(asked(method))["error"] == {"code": -32601, "message": "Method not found"}


def test_what_is_asked_beyond_a_call_is_refused_not_ignored(rpc: Rpc) -> None:
    overrides = [{"to": text(BOB.address)}, "latest", {text(BOB.address): {"balance": "0x1"}}]
    assert rpc.handle(asked("eth_call", overrides))["error"]["code"] == -32602
    two = {"to": text(BOB.address), "data": "0x01", "input": "0x02"}
    assert rpc.handle(asked("eth_call", [two, "latest"]))["error"]["code"] == -32602


def test_a_dump_of_another_kind_is_refused(rpc: Rpc) -> None:
    for dump in ("0x", "0x1f8b", text(b"\x1f\x8b\x08" + bytes(20))):
        assert rpc.handle(asked("anvil_loadState", [dump]))["error"]["code"] == -32602


def test_a_dump_is_the_same_state_on_another_chain(rpc: Rpc) -> None:
    rpc.handle(asked("anvil_setBalance", ["0x" + "77" * 20, "0x64"]))
    dump = rpc.handle(asked("anvil_dumpState"))["result"]
    with Chain.open(None, balances={}) as other:
        second = Rpc(other)
        assert second.handle(asked("anvil_loadState", [dump]))["result"] is True
        assert second.handle(asked("eth_getBalance", ["0x" + "77" * 20, "latest"]))["result"] == "0x64"
        assert other.state_root == rpc.chain.state_root
        second.close()


def test_a_setting_outlives_the_process_and_is_in_the_next_block(tmp_path: Any) -> None:
    stranger = "0x" + "77" * 20
    with embedded(tmp_path) as chain:
        chain.ask("evm_mine")
        chain.ask("anvil_setBalance", stranger, "0x64")
    with embedded(tmp_path) as chain:
        assert chain.ask("eth_getBalance", stranger, "latest") == "0x64"
        # The head's header cannot show it; the next block's does.
        assert chain.ask("eth_getProof", stranger, [], "latest")["balance"] == "0x0"
        chain.ask("evm_mine")
        assert chain.ask("eth_getProof", stranger, [], "latest")["balance"] == "0x64"


def test_a_read_only_chain_answers_and_refuses(tmp_path: Any) -> None:
    with embedded(tmp_path) as chain:
        chain.send(ALICE, to=text(BOB.address), gas=21_000, value=5)
    with embedded(tmp_path, read_only=True) as chain:
        assert chain.ask("eth_blockNumber") == "0x1"
        with pytest.raises(RpcRefused, match="read-only"):
            chain.ask("evm_mine")


def test_one_block_for_each_transaction(rpc: Rpc) -> None:
    signed = [
        Client("", "http://none").sign(ALICE, to=text(BOB.address), nonce=nonce, gas=21_000) for nonce in (2, 1, 0)
    ]
    for raw in signed:
        assert "result" in rpc.handle(asked("eth_sendRawTransaction", [raw]))
    assert [len(rpc.chain.block(number).executed) for number in range(1, rpc.chain.head.number + 1)] == [1, 1, 1]


def test_closing_waits_for_the_block_being_made(tmp_path: Any) -> None:
    with Chain.open(tmp_path, genesis_time=GENESIS_TIME) as chain:
        rpc = Rpc(chain, block_time=0.001)
        while chain.head.number < 5:
            rpc.handle(asked("eth_blockNumber"))
        rpc.close()
        head = chain.head
        assert rpc.handle(asked("eth_blockNumber"))["result"] == hex(head.number)
        chain.close()
    with Chain.open(tmp_path, read_only=True) as again:
        assert again.head == head


# ---- web3 in the same process -------------------------------------------------------------------------------


def test_web3_deploys_sends_calls_and_proves(web3: Web3) -> None:
    sender = web3.eth.accounts[0]
    receipt = web3.eth.wait_for_transaction_receipt(web3.eth.send_transaction({"from": sender, "data": PROBE.code}))
    contract = receipt["contractAddress"]
    assert contract is not None
    sent = web3.eth.send_transaction({"from": sender, "to": contract, "data": PROBE.call("store", 1, 5)})
    assert web3.eth.wait_for_transaction_receipt(sent)["status"] == 1
    assert int.from_bytes(web3.eth.call({"to": contract, "data": PROBE.call("values", 1)}), "big") == 5
    assert web3.eth.get_proof(contract, [int(PROBE.slot_of(1), 16)])["storageProof"][0]["value"] == b"\x05"
    assert web3.eth.get_logs({"address": contract})[0]["transactionHash"] == sent
    with pytest.raises(ContractLogicError, match="issuer: not active"):
        web3.eth.call({"to": contract, "data": PROBE.call("refuse", "issuer: not active")})


def test_web3_reads_everything_it_knows_how_to_ask(web3: Web3) -> None:
    assert web3.is_connected()
    assert (web3.eth.chain_id, web3.eth.gas_price, web3.eth.max_priority_fee) == (31337, 0, 0)
    assert web3.eth.fee_history(1, "latest", [50])["baseFeePerGas"] == [0, 0]
    assert web3.eth.get_block("earliest")["number"] == 0
    assert web3.eth.get_block("pending")["number"] == 1
    with pytest.raises(TransactionNotFound):
        web3.eth.get_transaction_receipt(bytes(32))  # type: ignore[arg-type]
    watch = web3.eth.filter("latest")
    web3.eth.send_transaction({"from": web3.eth.accounts[0], "to": web3.eth.accounts[1], "value": 1})  # type: ignore[typeddict-item]
    assert watch.get_new_entries() == [web3.eth.get_block("latest")["hash"]]
    receiver = web3.eth.accounts[1]
    with web3.batch_requests() as batch:
        batch.add(web3.eth.get_block(0))
        batch.add(web3.eth.get_balance(receiver))
        block, balance = batch.execute()
    assert (block["number"], balance) == (0, 10_000 * 10**18 + 1)


def test_threads_may_share_one_rpc(rpc: Rpc) -> None:
    def send(nonces: range) -> None:
        for nonce in nonces:
            rpc.handle(asked("eth_sendRawTransaction", [raws[nonce]]))

    raws = [Client("", "http://none").sign(ALICE, to=text(BOB.address), nonce=nonce, gas=21_000) for nonce in range(40)]
    threads = [threading.Thread(target=send, args=(range(start, 40, 4),)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rpc.chain.head.number == 40
    assert rpc.chain.state().get_nonce(ALICE.address) == 40


# ---- the server ---------------------------------------------------------------------------------------------


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(AddressRefused, match=f"cannot listen on 127.0.0.1:{port}") as refused:
            claim(port=port)
    assert (refused.value.host, refused.value.port) == ("127.0.0.1", port)


@pytest.mark.parametrize(("host", "port"), [("203.0.113.1", 0), ("127.0.0.1", 70_000)])
def test_an_address_that_is_not_ours_is_named(host: str, port: int) -> None:
    with pytest.raises(AddressRefused):
        claim(host, port)


def test_the_server_takes_posts_of_a_bounded_length(rpc: Rpc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "BODY_LIMIT_BYTES", 1_000)
    with serving(rpc) as address:
        client = Client("embedded", address)
        assert client.ask("eth_chainId") == "0x7a69"
        for method, body, status in (("GET", b"", 405), ("POST", b" " * 1_001, 413)):
            client._connection.request(method, "/", body)
            answer = client._connection.getresponse()
            answer.read()
            assert answer.status == status
        client.close()
