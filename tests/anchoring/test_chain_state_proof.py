"""A checkpoint word, a head and a last good number, proved by the embedded chain and read by us from the header alone.

The chain makes its proofs with the `trie` package; our reader shares no code with it.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import rlp
from acredita.anchoring.checkpoint import Checkpoint, Head, opening, unpack_head
from acredita.anchoring.entries import log_id
from acredita.anchoring.state_proof import Header, ProofNodes, StateProofRefused, read_header
from acredita.anchoring.types import Address, IssuerId, Word
from acredita.contracts import slots
from acredita.contracts.abi import Call
from acredita.contracts.bindings import CredentialLog, deploy_data
from acredita.devnet.chain import Chain
from acredita.devnet.rpc.dispatch import Rpc

ISSUER = IssuerId(b"\x15" * 32)
OTHER = IssuerId(b"\x16" * 32)
ACT = bytes(32)
MEMBERS = tuple(bytes([number]) * 20 for number in (1, 2, 3))

HEADER_FIELDS = [
    "parentHash",
    "sha3Uncles",
    "miner",
    "stateRoot",
    "transactionsRoot",
    "receiptsRoot",
    "logsBloom",
    "difficulty",
    "number",
    "gasLimit",
    "gasUsed",
    "timestamp",
    "extraData",
    "mixHash",
    "nonce",
    "baseFeePerGas",
    "withdrawalsRoot",
]
QUANTITIES = frozenset(("difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas"))


def raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])


class Ledger:
    """A chain with the contracts on it, spoken to by JSON-RPC only."""

    def __init__(self) -> None:
        self.rpc = Rpc(Chain.open(None, genesis_time=1_767_225_600, extra_data=bytes(32), clock=lambda: 1_767_225_600))
        self.sender = self.ask("eth_accounts")[0]
        council = self.deploy("Council", MEMBERS, 2, MEMBERS, 2)
        registry = self.deploy("IssuerRegistry", council)
        self.log = CredentialLog(self.deploy("CredentialLog", registry, council))
        self.council = "0x" + council.hex()
        self.ask("anvil_impersonateAccount", self.council)

    def ask(self, method: str, *params: Any) -> Any:
        answer = self.rpc.handle({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)})
        assert "result" in answer, answer
        return answer["result"]

    def transact(self, sender: str, data: bytes, to: bytes | None = None) -> Any:
        request = {"from": sender, "data": "0x" + data.hex(), "gas": hex(8_000_000), "gasPrice": "0x0"}
        if to is not None:
            request["to"] = "0x" + to.hex()
        receipt = self.ask("eth_getTransactionReceipt", self.ask("eth_sendTransaction", request))
        assert receipt["status"] == "0x1"
        return receipt

    def deploy(self, name: str, *values: object) -> bytes:
        return raw(self.transact(self.sender, deploy_data(name, *values))["contractAddress"])

    def decide(self, call: Call) -> None:
        self.transact(self.council, call.data, call.to)

    def header(self) -> Header:
        block = self.ask("eth_getBlockByNumber", "latest", False)
        fields = [
            int(block[key], 16).to_bytes(32, "big").lstrip(b"\x00") if key in QUANTITIES else raw(block[key])
            for key in HEADER_FIELDS
        ]
        header = read_header(rlp.encode(fields))
        assert header.hash == raw(block["hash"])
        return header

    def proof(self, *asked: bytes) -> ProofNodes:
        keys = ["0x" + slot.hex() for slot in asked]
        answer = self.ask("eth_getProof", "0x" + self.log.address.hex(), keys, "latest")
        nodes = [*answer["accountProof"], *(node for each in answer["storageProof"] for node in each["proof"])]
        return ProofNodes(map(raw, nodes))


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    recording = Ledger()
    yield recording
    recording.rpc.close()
    recording.rpc.chain.close()


@pytest.fixture(scope="module")
def opened(ledger: Ledger) -> Checkpoint:
    """Return the opening of epoch 3: two epochs closed at their checkpoint 0, so every kind of slot holds a value."""
    last = opening(_log_id(ledger, 1))
    for epoch in (2, 3):
        ledger.decide(ledger.log.open_epoch(ISSUER, last.parts(), ACT))
        last = opening(
            _log_id(ledger, epoch),
            time=ledger.header().time,
            status_root=last.status_root,
            previous=Word(last.word()),
        )
    return last


def _log_id(ledger: Ledger, epoch: int) -> Any:
    return log_id(int(ledger.ask("eth_chainId"), 16), Address(ledger.log.address), ISSUER, epoch)


def _number(slot: bytes) -> int:
    return int.from_bytes(slot, "big")


def test_word_head_and_last_good_number_from_a_header_alone(ledger: Ledger, opened: Checkpoint) -> None:
    asked = {
        "word": slots.checkpoint_word(ISSUER, 3, 0),
        "head": slots.head(ISSUER),
        "last good": slots.last_good(ISSUER, 2),
        "no word": slots.checkpoint_word(ISSUER, 3, 1),
        "no head": slots.head(OTHER),
    }
    header, proof = ledger.header(), ledger.proof(*asked.values())
    account = proof.account(header.state_root, Address(ledger.log.address))
    assert account is not None
    found = {name: proof.slot(account.storage_root, _number(slot)) for name, slot in asked.items()}
    assert found.pop("word").to_bytes(32, "big") == opened.word()
    assert unpack_head(found.pop("head")) == Head(3, 0, 1, header.time)
    assert found == {"last good": 0, "no word": 0, "no head": 0}


def test_a_slot_that_was_not_proved_is_not_read_as_empty(ledger: Ledger, opened: Checkpoint) -> None:
    proof = ledger.proof(slots.head(ISSUER))
    account = proof.account(ledger.header().state_root, Address(ledger.log.address))
    assert account is not None
    with pytest.raises(StateProofRefused, match="not among the nodes"):
        proof.slot(account.storage_root, _number(slots.checkpoint_word(ISSUER, 3, 0)))


def test_a_proof_stands_on_its_own_block_only(ledger: Ledger, opened: Checkpoint) -> None:
    proof, before = ledger.proof(slots.head(ISSUER)), ledger.header()
    ledger.decide(ledger.log.open_epoch(OTHER, opening(_other_log(ledger)).parts(), ACT))
    assert ledger.header().state_root != before.state_root
    with pytest.raises(StateProofRefused):
        proof.account(ledger.header().state_root, Address(ledger.log.address))


def _other_log(ledger: Ledger) -> Any:
    return log_id(int(ledger.ask("eth_chainId"), 16), Address(ledger.log.address), OTHER, 1)
