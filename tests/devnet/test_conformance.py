"""One suite, two chains: what is asserted here holds on ours and on the real Anvil.

Where the two differ on purpose, the difference stands in docs/devnet.md and, where it can be said in a line, here too.
"""

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak

from tests.devnet.client import GENESIS_TIME, Client, RpcRefused, accounts, number, probe, text, unhex

ALICE, BOB, CAROL = accounts()[:3]
PROBE = probe()
RECEIPT_KEYS = {
    "type", "status", "cumulativeGasUsed", "logs", "logsBloom", "transactionHash", "transactionIndex", "blockHash",
    "blockNumber", "gasUsed", "effectiveGasPrice", "from", "to", "contractAddress", "blockTimestamp",
}  # fmt: skip
LOG_KEYS = {
    "address", "topics", "data", "blockHash", "blockNumber", "blockTimestamp", "transactionHash", "transactionIndex",
    "logIndex", "removed",
}  # fmt: skip
STORED = text(keccak(b"Stored(uint256,uint256)"))


def word(value: int) -> str:
    return text(value.to_bytes(32, "big"))


def revert_data(reason: str) -> str:
    return "0x08c379a0" + encode(["string"], [reason]).hex()


@pytest.fixture
def contract(chain: Client) -> str:
    return chain.deploy(ALICE, PROBE.code)


def invoke(chain: Client, contract: str, name: str, *arguments: Any, **fields: Any) -> dict[str, Any]:
    return chain.send(ALICE, to=contract, data=text(PROBE.call(name, *arguments)), **fields)


def call(chain: Client, contract: str, name: str, *arguments: Any, block: Any = "latest") -> Any:
    return PROBE.result(name, chain.view(contract, PROBE.call(name, *arguments), block))


# ---- what a transaction does --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments", "fields", "status", "gas", "logs"),
    [
        ("store", (7, 9), {}, 1, 45_040, 1),
        ("store", (7, 9), {"gasPrice": 0}, 1, 45_040, 1),
        ("mark", (b"1" * 32, b"2" * 32, b"3" * 32, "hola"), {}, 1, 26_058, 1),
        ("whisper", (b"psst",), {}, 1, 22_158, 1),
        ("refuse", ("issuer: not active",), {}, 0, 22_183, 0),
        ("break_down", (), {"gas": 100_000}, 0, 100_000, 0),
        ("store_and_refuse", (1,), {}, 0, 45_108, 0),
        ("store", (7, 9), {"gas": 30_000}, 0, 30_000, 0),
        ("call_deep", (5, 1), {"gas": 2_000_000}, 1, 47_485, 1),
        ("spawn", (), {}, 1, 62_306, 0),
    ],
)
def test_status_gas_and_logs(
    chain: Client, contract: str, name: str, arguments: Any, fields: dict[str, Any], status: int, gas: int, logs: int
) -> None:
    receipt = invoke(chain, contract, name, *arguments, **fields)
    assert (number(receipt["status"]), number(receipt["gasUsed"]), len(receipt["logs"])) == (status, gas, logs)


def test_a_receipt_has_anvils_keys(chain: Client, contract: str) -> None:
    receipt = invoke(chain, contract, "store", 7, 9)
    # Anvil adds a blob price even on Shanghai, where no transaction carries blobs.
    assert set(receipt) - {"blobGasPrice"} == RECEIPT_KEYS
    assert set(receipt["logs"][0]) == LOG_KEYS
    assert (receipt["type"], receipt["effectiveGasPrice"], receipt["to"]) == ("0x2", "0x0", contract)
    assert (receipt["from"], receipt["contractAddress"]) == (text(ALICE.address), None)
    log = receipt["logs"][0]
    assert (log["address"], log["topics"], log["data"]) == (contract, [STORED, word(7)], word(9))
    assert (log["logIndex"], log["transactionIndex"], log["removed"]) == ("0x0", "0x0", False)


def test_clearing_a_slot_gives_gas_back(chain: Client, contract: str) -> None:
    invoke(chain, contract, "store", 7, 9)
    assert number(invoke(chain, contract, "store", 7, 10)["gasUsed"]) == 27_940
    assert number(invoke(chain, contract, "store", 7, 0)["gasUsed"]) == 23_128


def test_an_access_list_is_charged_and_kept(chain: Client, contract: str) -> None:
    listed = [{"address": unhex(contract), "storageKeys": [word(1)]}]
    receipt = invoke(chain, contract, "store", 8, 9, gasPrice=0, type=1, accessList=listed)
    assert (receipt["type"], number(receipt["gasUsed"])) == ("0x1", 49_340)
    kept = chain.ask("eth_getTransactionByHash", receipt["transactionHash"])
    assert kept["accessList"] == [{"address": contract, "storageKeys": [word(1)]}]


def test_a_transaction_keeps_its_form(chain: Client, contract: str) -> None:
    modern, legacy = invoke(chain, contract, "store", 1, 1), invoke(chain, contract, "store", 1, 2, gasPrice=0)
    shown = chain.ask("eth_getTransactionByHash", modern["transactionHash"])
    assert (shown["type"], shown["nonce"], shown["maxFeePerGas"], shown["gasPrice"]) == ("0x2", "0x1", "0x0", "0x0")
    assert shown["chainId"] == "0x7a69"
    assert shown["yParity"] == shown["v"]
    older = chain.ask("eth_getTransactionByHash", legacy["transactionHash"])
    assert (older["type"], older["chainId"]) == ("0x0", "0x7a69")
    assert number(older["v"]) in (2 * 31337 + 35, 2 * 31337 + 36)
    assert "maxFeePerGas" not in older


def test_a_failed_creation_still_names_its_address(chain: Client) -> None:
    for code in ("0xfe", "0x60ef60005360016000f3"):
        receipt = chain.send(ALICE, data=code, gas=100_000)
        assert (receipt["status"], number(receipt["gasUsed"])) == ("0x0", 100_000)
        assert receipt["contractAddress"] is not None
        assert chain.ask("eth_getCode", receipt["contractAddress"], "latest") == "0x"


def test_a_call_reaches_a_new_contract(chain: Client, contract: str) -> None:
    chain.send(ALICE, to=contract, data=text(PROBE.call("spawn")))
    spawned = text(keccak(unhex("d694" + contract[2:] + "01"))[-20:])
    assert call(chain, spawned, "digest", b"abc").hex().startswith("ba7816bf")


# ---- revert data --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["eth_call", "eth_estimateGas"])
@pytest.mark.parametrize(
    ("name", "arguments", "message", "data"),
    [
        (
            "refuse",
            ("issuer: not active",),
            "execution reverted: issuer: not active",
            revert_data("issuer: not active"),
        ),
        ("refuse", ("",), "execution reverted: ", revert_data("")),
        ("refuse", ('"acción" ñ',), 'execution reverted: "acción" ñ', revert_data('"acción" ñ')),
        (
            "store_and_refuse",
            (1,),
            "execution reverted: probe: stored and refused",
            revert_data("probe: stored and refused"),
        ),
        ("refuse_with", (b"",), "execution reverted", "0x"),
        ("overflow", (1,), "execution reverted", "0x"),
    ],
)
def test_revert_data_has_anvils_shape(
    chain: Client, contract: str, method: str, name: str, arguments: Any, message: str, data: str
) -> None:
    call = {"from": text(ALICE.address), "to": contract, "data": text(PROBE.call(name, *arguments))}
    with pytest.raises(RpcRefused) as refused:
        chain.ask(method, call, "latest")
    assert (refused.value.code, refused.value.message, refused.value.data) == (3, message, data)


def test_revert_data_that_is_no_text_is_given_as_it_is(chain: Client, contract: str) -> None:
    for given in (
        b"\x01\x02\x03\x04\x05",
        bytes.fromhex("08c379a0ff"),
        bytes.fromhex("4e487b71") + bytes(31) + b"\x11",
    ):
        with pytest.raises(RpcRefused, match="execution reverted") as refused:
            call(chain, contract, "refuse_with", given)
        assert (refused.value.code, refused.value.data) == (3, text(given))


def test_a_halt_is_no_revert(chain: Client, contract: str) -> None:
    with pytest.raises(RpcRefused) as broken:
        call(chain, contract, "break_down")
    assert (broken.value.code, broken.value.message, broken.value.data) == (-32603, "EVM error InvalidFEOpcode", None)
    starved = {"to": contract, "data": text(PROBE.call("store", 3, 4)), "gas": "0x6000"}
    with pytest.raises(RpcRefused) as empty:
        chain.ask("eth_call", starved, "latest")
    assert (empty.value.code, empty.value.message) == (-32603, "EVM error OutOfGas")
    with pytest.raises(RpcRefused) as estimate:
        chain.ask("eth_estimateGas", starved)
    assert estimate.value.message == "Out of gas: gas required exceeds allowance: 24576"


# ---- calls and estimates ------------------------------------------------------------------------------------


def test_a_call_sees_the_block_it_asks_for(chain: Client, contract: str) -> None:
    invoke(chain, contract, "store", 5, 50)
    before = chain.ask("eth_blockNumber")
    invoke(chain, contract, "store", 5, 51)
    assert call(chain, contract, "values", 5, block=before) == 50
    assert call(chain, contract, "values", 5) == 51
    assert call(chain, contract, "clock", block=before)[0] == number(before)
    assert call(chain, contract, "clock")[0] == number(before) + 1
    assert call(chain, contract, "clock", block="pending")[0] == number(before) + 2
    block_hash = chain.ask("eth_getBlockByNumber", before, False)["hash"]
    assert call(chain, contract, "values", 5, block={"blockHash": block_hash}) == 50
    assert call(chain, contract, "values", 5, block={"blockNumber": before}) == 50
    assert call(chain, contract, "past_hash", number(before)).hex() == block_hash[2:]


def test_a_call_knows_its_caller_and_the_base_fee(chain: Client, contract: str) -> None:
    asked = {"from": text(BOB.address), "to": contract, "data": text(PROBE.call("caller"))}
    assert PROBE.result("caller", unhex(chain.ask("eth_call", asked, "latest"))) == (text(BOB.address),) * 2
    assert call(chain, contract, "caller")[0] == "0x" + "00" * 20
    assert call(chain, contract, "clock")[2] == 0


def test_a_call_changes_nothing(chain: Client, contract: str) -> None:
    before = chain.ask("eth_getBlockByNumber", "latest", False)
    call_data = text(PROBE.call("store", 1, 1))
    chain.ask("eth_call", {"from": text(ALICE.address), "to": contract, "data": call_data}, "latest")
    chain.ask("eth_estimateGas", {"from": text(ALICE.address), "to": contract, "data": call_data})
    assert call(chain, contract, "values", 1) == 0
    assert chain.ask("eth_getBlockByNumber", "latest", False) == before


def test_code_can_be_tried_out_before_it_is_deployed(chain: Client) -> None:
    assert unhex(chain.ask("eth_call", {"data": text(PROBE.code)}, "latest")) == PROBE.runtime


def test_a_call_cannot_send_what_is_not_there(chain: Client, contract: str) -> None:
    with pytest.raises(RpcRefused) as refused:
        chain.ask("eth_call", {"from": "0x" + "12" * 20, "to": contract, "value": "0x1"}, "latest")
    assert (refused.value.code, refused.value.message) == (-32003, "Insufficient funds for gas * price + value")


@pytest.mark.parametrize(
    ("name", "arguments", "gas"),
    [("clock", (), 21_229), ("store", (77, 4), 45_040), ("call_deep", (20, 5), 64_463), ("spawn", (), 62_414)],
)
def test_an_estimate_is_enough_and_the_least(chain: Client, contract: str, name: str, arguments: Any, gas: int) -> None:
    call = {"from": text(ALICE.address), "to": contract, "data": text(PROBE.call(name, *arguments))}
    assert number(chain.ask("eth_estimateGas", call)) == gas
    assert invoke(chain, contract, name, *arguments, gas=gas - 1)["status"] == "0x0"
    assert invoke(chain, contract, name, *arguments, gas=gas)["status"] == "0x1"


def test_a_transfer_is_estimated_at_its_price(chain: Client) -> None:
    asked = {"from": text(ALICE.address), "to": text(BOB.address), "value": "0x1"}
    assert chain.ask("eth_estimateGas", asked) == "0x5208"


# ---- what is refused at the door ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ({"nonce": 0, "gas": 21_000}, -32003, "nonce too low"),
        ({"gas": 20_000}, -32000, "intrinsic gas too low"),
        ({"gas": 30_000_001}, -32000, "intrinsic gas too high -- tx.gas_limit > env.block.gas_limit"),
        ({"gas": 21_000, "value": 10**30}, -32003, "Insufficient funds for gas * price + value"),
        ({"gas": 21_000, "maxFeePerGas": 10**30}, -32003, "Insufficient funds for gas * price + value"),
        ({"gas": 21_000, "chainId": 1}, -32003, "invalid chain id for signer"),
    ],
)
def test_a_transaction_is_refused(chain: Client, fields: dict[str, Any], code: int, message: str) -> None:
    chain.send(ALICE, to=text(BOB.address), gas=21_000)
    with pytest.raises(RpcRefused) as refused:
        chain.ask("eth_sendRawTransaction", chain.sign(ALICE, to=text(BOB.address), **fields))
    assert refused.value.code == code
    assert refused.value.message.startswith(message)


@pytest.mark.parametrize("raw", ["0x00", "0x03c0", "0xf8ff00", "0x"])
def test_bytes_that_are_no_transaction_are_refused(chain: Client, raw: str) -> None:
    with pytest.raises(RpcRefused) as refused:
        chain.ask("eth_sendRawTransaction", raw)
    assert refused.value.code == -32602


def test_init_code_has_a_limit(chain: Client) -> None:
    with pytest.raises(RpcRefused, match="max initcode size exceeded"):
        chain.ask("eth_sendRawTransaction", chain.sign(ALICE, data="0x" + "00" * 49_153, gas=3_000_000))


def test_a_nonce_ahead_waits_for_the_gap_to_be_filled(chain: Client) -> None:
    later = chain.sign(ALICE, to=text(BOB.address), nonce=1, gas=21_000)
    later_hash = chain.ask("eth_sendRawTransaction", later)
    assert later_hash == text(keccak(unhex(later)))
    assert chain.ask("eth_getTransactionReceipt", later_hash) is None
    waiting = chain.ask("eth_getTransactionByHash", later_hash)
    assert (waiting["nonce"], waiting["blockHash"], waiting["blockNumber"]) == ("0x1", None, None)
    assert chain.ask("txpool_status") == {"pending": "0x0", "queued": "0x1"}
    with pytest.raises(RpcRefused, match="already imported"):
        chain.ask("eth_sendRawTransaction", later)
    with pytest.raises(RpcRefused, match="underpriced"):
        chain.ask("eth_sendRawTransaction", chain.sign(ALICE, to=text(BOB.address), nonce=1, gas=22_000))
    chain.send(ALICE, to=text(BOB.address), nonce=0, gas=21_000)
    assert chain.receipt(later_hash)["status"] == "0x1"
    assert chain.ask("eth_getTransactionCount", text(ALICE.address), "latest") == "0x2"


def test_sending_without_a_key(chain: Client) -> None:
    own = chain.ask("eth_sendTransaction", {"from": text(CAROL.address), "to": text(BOB.address), "value": "0x5"})
    assert chain.receipt(own)["status"] == "0x1"
    with pytest.raises(RpcRefused) as refused:
        chain.ask("eth_sendTransaction", {"from": "0x" + "11" * 20, "to": text(BOB.address)})
    assert (refused.value.code, refused.value.message) == (-32602, "No Signer available")


def test_a_transaction_that_will_fail_is_mined_all_the_same(chain: Client, contract: str) -> None:
    call = {"from": text(ALICE.address), "to": contract, "data": text(PROBE.call("refuse", "no"))}
    assert chain.receipt(chain.ask("eth_sendTransaction", call))["status"] == "0x0"


# ---- blocks, logs, filters ----------------------------------------------------------------------------------


def test_a_block_can_be_found_in_every_way(chain: Client, contract: str) -> None:
    receipt = invoke(chain, contract, "store", 1, 1)
    block = chain.ask("eth_getBlockByNumber", "latest", True)
    assert block["hash"] == receipt["blockHash"]
    assert chain.ask("eth_getBlockByHash", receipt["blockHash"], True) == block
    assert [chain.ask("eth_getBlockByNumber", tag, True) for tag in ("safe", "finalized", "0x2")].count(block) >= 1
    listed = chain.ask("eth_getBlockByNumber", "0x2", False)["transactions"]
    assert listed == [receipt["transactionHash"]]
    shown = chain.ask("eth_getTransactionByBlockNumberAndIndex", "0x2", "0x0")
    assert shown == chain.ask("eth_getTransactionByHash", receipt["transactionHash"])
    assert shown == chain.ask("eth_getTransactionByBlockHashAndIndex", receipt["blockHash"], "0x0")
    assert chain.ask("eth_getTransactionByBlockNumberAndIndex", "0x2", "0x1") is None
    assert chain.ask("eth_getBlockTransactionCountByNumber", "0x2") == "0x1"
    assert chain.ask("eth_getBlockTransactionCountByHash", receipt["blockHash"]) == "0x1"
    assert chain.ask("eth_getBlockReceipts", "0x2") == [receipt]
    assert chain.ask("eth_getUncleCountByBlockNumber", "0x2") == "0x0"
    raw = chain.ask("eth_getRawTransactionByHash", receipt["transactionHash"])
    assert text(keccak(unhex(raw))) == receipt["transactionHash"]


def test_what_is_not_there_is_null_or_out_of_range(chain: Client) -> None:
    nothing = "0x" + "11" * 32
    assert chain.ask("eth_getBlockByNumber", "0x55", False) is None
    assert chain.ask("eth_getBlockByHash", nothing, False) is None
    assert chain.ask("eth_getTransactionByHash", nothing) is None
    assert chain.ask("eth_getTransactionReceipt", nothing) is None
    with pytest.raises(RpcRefused) as ahead:
        chain.ask("eth_getBalance", text(ALICE.address), "0x99")
    assert (ahead.value.code, ahead.value.message) == (
        -32602,
        "BlockOutOfRangeError: block height is 0 but requested was 153",
    )
    with pytest.raises(RpcRefused) as unknown:
        chain.ask("eth_getBalance", text(ALICE.address), {"blockHash": nothing})
    assert unknown.value.code == -32001


def logs_of(chain: Client, **query: Any) -> list[tuple[int, int]]:
    """Block and position in the block of the logs that match."""
    logs = chain.ask("eth_getLogs", query)
    return [(number(log["blockNumber"]), number(log["logIndex"])) for log in logs]


def test_logs_by_range_address_and_topics(chain: Client, contract: str) -> None:
    other = chain.deploy(ALICE, PROBE.code)  # block 2
    invoke(chain, contract, "store", 7, 1)  # 3
    invoke(chain, other, "store", 7, 2)  # 4
    invoke(chain, contract, "store", 8, 3)  # 5
    invoke(chain, contract, "mark", b"1" * 32, b"2" * 32, b"3" * 32, "hola")  # 6
    invoke(chain, contract, "whisper", b"psst")  # 7
    everything = [(3, 0), (4, 0), (5, 0), (6, 0), (7, 0)]
    assert logs_of(chain, fromBlock="earliest", toBlock="latest") == everything
    assert logs_of(chain) == [(7, 0)]
    assert logs_of(chain, fromBlock="0x4", toBlock="0x5") == [(4, 0), (5, 0)]
    assert logs_of(chain, fromBlock="0x4", toBlock="0xfff") == everything[1:]
    assert logs_of(chain, fromBlock="0x6", toBlock="0x2") == []
    assert logs_of(chain, fromBlock="0x0", address=contract) == [(3, 0), (5, 0), (6, 0), (7, 0)]
    assert logs_of(chain, fromBlock="0x0", address=[contract, other], topics=[STORED]) == everything[:3]
    assert logs_of(chain, fromBlock="0x0", topics=[STORED, word(7)]) == [(3, 0), (4, 0)]
    assert logs_of(chain, fromBlock="0x0", topics=[None, [word(7), word(8)]]) == everything[:3]
    assert logs_of(chain, fromBlock="0x0", address=other, topics=[STORED, word(8)]) == []
    assert logs_of(chain, fromBlock="0x0", topics=[None, None, None, text(b"3" * 32)]) == [(6, 0)]
    block_hash = chain.ask("eth_getBlockByNumber", "0x4", False)["hash"]
    assert logs_of(chain, blockHash=block_hash) == [(4, 0)]


def test_logs_that_cannot_be_asked_for(chain: Client) -> None:
    with pytest.raises(RpcRefused) as unknown:
        chain.ask("eth_getLogs", {"blockHash": "0x" + "11" * 32})
    assert (unknown.value.code, unknown.value.message) == (-32000, "unknown block")
    for query in ({"blockHash": "0x" + "11" * 32, "fromBlock": "0x0"}, {"topics": [None] * 5}):
        with pytest.raises(RpcRefused) as refused:
            chain.ask("eth_getLogs", query)
        assert refused.value.code == -32602


def test_filters_tell_what_came_since(chain: Client, contract: str) -> None:
    logs = chain.ask("eth_newFilter", {"address": contract})
    blocks = chain.ask("eth_newBlockFilter")
    assert chain.ask("eth_getFilterChanges", logs) == []
    receipt = invoke(chain, contract, "store", 1, 1)
    assert chain.ask("eth_getFilterChanges", logs) == receipt["logs"]
    assert chain.ask("eth_getFilterChanges", logs) == []
    assert receipt["blockHash"] in chain.ask("eth_getFilterChanges", blocks)
    assert chain.ask("eth_uninstallFilter", logs) is True
    assert chain.ask("eth_uninstallFilter", logs) is False
    with pytest.raises(RpcRefused) as gone:
        chain.ask("eth_getFilterChanges", logs)
    assert (gone.value.code, gone.value.message) == (-32000, "filter not found")


def test_fees_are_nothing(chain: Client) -> None:
    chain.send(ALICE, to=text(BOB.address), gas=21_000)
    history = chain.ask("eth_feeHistory", "0x2", "latest", [50])
    assert history["baseFeePerGas"] == ["0x0"] * 3
    assert (history["oldestBlock"], len(history["gasUsedRatio"]), len(history["reward"])) == ("0x0", 2, 2)


def test_a_base_fee_stays_zero_after_full_blocks(chain: Client, contract: str) -> None:
    chain.ask("evm_setAutomine", False)
    nonce = number(chain.ask("eth_getTransactionCount", text(ALICE.address), "latest"))
    # Each burns all its gas: three fill a block past half, of which the ordinary rule raises the base fee.
    burning = [
        chain.sign(ALICE, to=contract, nonce=nonce + place, gas=7_000_000, data=text(PROBE.call("break_down")))
        for place in range(3)
    ]
    for raw in burning:
        chain.ask("eth_sendRawTransaction", raw)
    chain.ask("evm_mine")
    block = chain.ask("eth_getBlockByNumber", "latest", False)
    assert (number(block["gasUsed"]), len(block["transactions"])) == (21_000_000, 3)
    chain.ask("evm_setAutomine", True)
    receipt = invoke(chain, contract, "store", 1, 1)
    assert (receipt["status"], receipt["effectiveGasPrice"]) == ("0x1", "0x0")
    assert chain.ask("eth_getBlockByNumber", "latest", False)["baseFeePerGas"] == "0x0"


# ---- time, state and snapshots ------------------------------------------------------------------------------


def timestamp(chain: Client) -> int:
    return number(chain.ask("eth_getBlockByNumber", "latest", False)["timestamp"])


def test_time_can_be_set_and_moved(chain: Client) -> None:
    start = GENESIS_TIME + 5 * 365 * 86_400
    chain.ask("evm_setNextBlockTimestamp", start)
    chain.ask("evm_mine")
    assert timestamp(chain) == start
    with pytest.raises(RpcRefused) as past:
        chain.ask("evm_setNextBlockTimestamp", start - 1)
    assert past.value.code == -32602
    chain.ask("evm_increaseTime", 86_400)
    chain.ask("evm_mine")
    assert 86_400 <= timestamp(chain) - start < 86_400 + 60
    chain.ask("evm_mine", {"timestamp": start + 10 * 86_400})
    assert timestamp(chain) == start + 10 * 86_400
    height = number(chain.ask("eth_blockNumber"))
    chain.ask("anvil_mine", "0x3", "0x64")
    assert number(chain.ask("eth_blockNumber")) == height + 3


def test_mining_can_wait(chain: Client) -> None:
    chain.ask("evm_setAutomine", False)
    sent = chain.ask("eth_sendRawTransaction", chain.sign(ALICE, to=text(BOB.address), gas=21_000, value=3))
    assert chain.ask("eth_getTransactionReceipt", sent) is None
    assert chain.ask("eth_getTransactionCount", text(ALICE.address), "pending") == "0x1"
    assert chain.ask("eth_getTransactionCount", text(ALICE.address), "latest") == "0x0"
    assert [chain.ask("eth_getBlockByNumber", "pending", False)["transactions"]] == [[sent]]
    chain.ask("evm_mine")
    assert chain.receipt(sent)["status"] == "0x1"


def test_blocks_can_come_at_an_interval(chain: Client) -> None:
    chain.ask("evm_setIntervalMining", 1)
    sent = chain.ask("eth_sendRawTransaction", chain.sign(ALICE, to=text(BOB.address), gas=21_000))
    assert chain.ask("eth_getTransactionReceipt", sent) is None
    assert chain.receipt(sent)["status"] == "0x1"
    chain.ask("evm_setIntervalMining", 0)


def test_a_snapshot_can_be_gone_back_to_once(chain: Client, contract: str) -> None:
    invoke(chain, contract, "store", 1, 1)
    snapshot = chain.ask("evm_snapshot")
    height = chain.ask("eth_blockNumber")
    lost = invoke(chain, contract, "store", 1, 2)
    assert chain.ask("evm_revert", snapshot) is True
    assert chain.ask("eth_blockNumber") == height
    assert call(chain, contract, "values", 1) == 1
    assert chain.ask("eth_getTransactionReceipt", lost["transactionHash"]) is None
    assert chain.ask("evm_revert", snapshot) is False
    assert invoke(chain, contract, "store", 1, 3)["status"] == "0x1"
    assert call(chain, contract, "values", 1) == 3


def test_state_can_be_set(chain: Client, contract: str) -> None:
    stranger = "0x" + "77" * 20
    chain.ask("anvil_setBalance", stranger, "0x64")
    chain.ask("anvil_setNonce", stranger, "0x5")
    assert chain.ask("eth_getBalance", stranger, "latest") == "0x64"
    assert chain.ask("eth_getTransactionCount", stranger, "latest") == "0x5"
    chain.ask("anvil_setCode", "0x" + "78" * 20, text(PROBE.runtime))
    assert call(chain, "0x" + "78" * 20, "digest", b"abc").hex().startswith("ba7816bf")
    chain.ask("anvil_setStorageAt", contract, "0x0", word(2))
    assert chain.ask("eth_getStorageAt", contract, "0x0", "latest") == word(2)
    chain.ask("evm_mine")
    assert chain.ask("eth_getBalance", stranger, "latest") == "0x64"
    assert chain.ask("eth_getStorageAt", contract, "0x0", "latest") == word(2)


def test_an_account_can_be_impersonated(chain: Client, contract: str) -> None:
    stranger = "0x" + "77" * 20
    chain.ask("anvil_setBalance", stranger, "0x64")
    chain.ask("anvil_impersonateAccount", stranger)
    call = {"from": stranger, "to": contract, "data": text(PROBE.call("store", 4, 4)), "gas": "0x30000"}
    sent = chain.ask("eth_sendTransaction", call | {"maxFeePerGas": "0x0", "maxPriorityFeePerGas": "0x0"})
    receipt = chain.receipt(sent)
    assert (receipt["status"], receipt["from"]) == ("0x1", stranger)
    assert chain.ask("eth_getTransactionByHash", sent)["from"] == stranger
    chain.ask("anvil_stopImpersonatingAccount", stranger)
    with pytest.raises(RpcRefused, match="No Signer available"):
        chain.ask("eth_sendTransaction", call)


def test_the_state_can_be_dumped_and_loaded(chain: Client, contract: str) -> None:
    invoke(chain, contract, "store", 1, 11)
    dump = chain.ask("anvil_dumpState")
    invoke(chain, contract, "store", 1, 12)
    assert chain.ask("anvil_loadState", dump) is True
    assert call(chain, contract, "values", 1) == 11


# ---- the wire -----------------------------------------------------------------------------------------------


def test_a_batch_is_answered_in_order(chain: Client) -> None:
    queries = (
        b'[{"jsonrpc":"2.0","id":"a","method":"eth_chainId"},{"jsonrpc":"2.0","id":2,"method":"eth_nope","params":[]}]'
    )
    first, second = chain.post(queries)
    assert first == {"jsonrpc": "2.0", "id": "a", "result": "0x7a69"}
    assert second == {"jsonrpc": "2.0", "id": 2, "error": {"code": -32601, "message": "Method not found"}}


def test_what_a_chain_says_of_itself(chain: Client) -> None:
    assert chain.ask("net_version") == "31337"
    assert chain.ask("net_listening") is True
    assert chain.ask("eth_syncing") is False
    assert chain.ask("eth_accounts") == [text(account.address) for account in accounts()]
    assert chain.ask("web3_sha3", "0x616263") == text(keccak(b"abc"))
    assert number(chain.ask("eth_getBalance", text(BOB.address), "latest")) == 10_000 * 10**18


@pytest.mark.parametrize("params", [["zz", "latest"], [5, "latest"], [], ["0x" + "11" * 19, "latest"]])
def test_a_malformed_parameter_is_refused(chain: Client, params: list[Any]) -> None:
    with pytest.raises(RpcRefused) as refused:
        chain.ask("eth_getBalance", *params)
    assert refused.value.code == -32602
