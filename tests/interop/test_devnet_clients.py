"""Foundry's `cast` and ethers 6 on the embedded chain: they find nothing missing."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.devnet.client import GENESIS_TIME, NPM, Client, accounts, embedded, npm_binary, probe, text
from tests.left_out import Want, leave_out
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.interop

TOUR = Path(__file__).parent / "devnet" / "ethers_tour.mjs"
ALICE, BOB = accounts()[:2]
PROBE = probe()
KEY = text(ALICE.private_key)
Cast = Callable[..., str]


@pytest.fixture
def chain() -> Iterator[Client]:
    with embedded() as client:
        yield client


@pytest.fixture
def cast(chain: Client, tmp_path: Path) -> Cast:
    """Run cast against the chain, with nothing of this machine's settings; what it prints."""
    binary = npm_binary("cast")

    def run(*arguments: str) -> str:
        command = [str(binary), arguments[0], "--rpc-url", chain.address, *arguments[1:]]
        environment = {"HOME": str(tmp_path), "NO_COLOR": "1"}
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, timeout=PATIENCE_SECONDS, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


@pytest.fixture
def contract(chain: Client) -> str:
    return chain.deploy(ALICE, PROBE.code)


def sent(cast: Cast, *arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(cast("send", "--private-key", KEY, "--json", *arguments))
    return answer


def test_cast_sends_and_reads_back(cast: Cast, chain: Client, contract: str) -> None:
    receipt = sent(cast, contract, "store(uint256,uint256)", "7", "9")
    assert (receipt["status"], int(receipt["gasUsed"], 16)) == ("0x1", 45_040)
    assert cast("call", contract, "values(uint256)(uint256)", "7") == "9"
    transaction = json.loads(cast("tx", receipt["transactionHash"], "--json"))
    assert transaction["input"] == text(PROBE.call("store", 7, 9))
    again = json.loads(cast("receipt", receipt["transactionHash"], "--json"))
    assert (again["blockHash"], len(again["logs"])) == (receipt["blockHash"], 1)
    block = json.loads(cast("block", "latest", "--json"))
    assert (block["hash"], block["baseFeePerGas"]) == (receipt["blockHash"], "0x0")
    assert cast("storage", contract, PROBE.slot_of(7)) == text((9).to_bytes(32, "big"))
    assert cast("nonce", text(ALICE.address)) == "2"


def test_cast_sends_without_a_key_of_its_own(cast: Cast, contract: str) -> None:
    answer = json.loads(
        cast("send", "--unlocked", "--from", text(BOB.address), "--json", contract, "store(uint256,uint256)", "1", "2")
    )
    assert answer["from"] == text(BOB.address)


def test_cast_deploys_and_sends_the_older_forms(cast: Cast) -> None:
    created = json.loads(cast("send", "--private-key", KEY, "--json", "--create", text(PROBE.code)))
    assert cast("code", created["contractAddress"]) == text(PROBE.runtime)
    legacy = sent(cast, "--legacy", text(BOB.address), "--value", "5")
    assert (legacy["type"], legacy["status"]) == ("0x0", "0x1")
    assert cast("balance", text(BOB.address)) == str(10_000 * 10**18 + 5)


def test_cast_finds_logs(cast: Cast, contract: str) -> None:
    sent(cast, contract, "store(uint256,uint256)", "7", "9")
    sent(cast, contract, "store(uint256,uint256)", "8", "9")
    arguments = ["--json", "--from-block", "0", "--address", contract, "Stored(uint256 indexed,uint256)"]
    assert len(json.loads(cast("logs", *arguments))) == 2
    assert len(json.loads(cast("logs", *arguments, "7"))) == 1


def test_cast_shows_a_refusal(cast: Cast, contract: str) -> None:
    with pytest.raises(AssertionError, match="issuer: not active"):
        cast("call", contract, "refuse(string)", "issuer: not active")


def test_cast_asks_for_estimates_proofs_and_time(cast: Cast, contract: str) -> None:
    assert cast("estimate", contract, "store(uint256,uint256)", "7", "9", "--from", text(ALICE.address)) == "45040"
    proof = json.loads(cast("proof", contract, PROBE.slot_of(7)))
    assert (proof["address"], len(proof["storageProof"])) == (contract, 1)
    assert (cast("chain-id"), cast("gas-price"), cast("base-fee")) == ("31337", "0", "0")
    before = int(cast("block-number"))
    cast("rpc", "evm_setNextBlockTimestamp", str(GENESIS_TIME + 10 * 365 * 86_400))
    cast("rpc", "evm_mine")
    assert int(cast("block-number")) == before + 1
    assert cast("age", "latest") == "Sun Dec 30 00:00:00 2035 UTC"
    assert cast("client").startswith("acredita-devnet")


def test_ethers_finds_nothing_missing(chain: Client, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None or not (NPM / "ethers").is_dir():
        leave_out(Want.ORACLES, "ethers")
    described = tmp_path / "probe.json"
    described.write_text(json.dumps({"abi": PROBE.abi, "code": text(PROBE.code), "slot": PROBE.slot_of(7)}))
    command = [node, str(TOUR), chain.address, str(described), str(NPM.parent / "package.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    # Blocks made within one second lie a second apart, so the head may be a little ahead of the clock.
    assert 3_590 <= seen.pop("waited") < 3_700
    assert seen == {
        "chain": 31337,
        "status": 1,
        "gasUsed": 45_040,
        "logs": 1,
        "blockHash": chain.ask("eth_getBlockByNumber", "0x2", False)["hash"],
        "sameBlock": True,
        "prefetched": True,
        "event": [7, 9],
        "maxFeePerGas": 0,
        "refusal": {"code": "CALL_EXCEPTION", "reason": "issuer: not active"},
        "refusedSending": "issuer: not active",
        "values": [9, 0],
        "code": text(PROBE.runtime),
        "storage": text((9).to_bytes(32, "big")),
        "proved": 9,
        "nonce": 2,
        "estimate": 45_040,
    }
