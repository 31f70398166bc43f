"""Proofs of both chains against their own headers, by two verifiers that did not make them."""

from typing import Any

import pytest
import rlp
from acredita.anchoring.state_proof import ProofNodes, StateProofRefused, read_header
from acredita.anchoring.types import Address
from eth_hash.auto import keccak
from trie.hexary import HexaryTrie

from tests.devnet.client import Client, accounts, number, probe, text, unhex

ALICE = accounts()[0]
PROBE = probe()
# The order of a Shanghai header.
HEADER_FIELDS = (
    "parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom", "difficulty",
    "number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce", "baseFeePerGas", "withdrawalsRoot",
)  # fmt: skip
NUMBERS = {"difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas"}


def encoded_header(block: dict[str, Any]) -> bytes:
    """Encode a header from the JSON that a node gives of it."""
    items = [_minimal(block[name]) if name in NUMBERS else unhex(block[name]) for name in HEADER_FIELDS]
    return bytes(rlp.encode(items))


def _minimal(value: str) -> bytes:
    whole = number(value)
    return whole.to_bytes((whole.bit_length() + 7) // 8, "big")


@pytest.fixture
def contract(chain: Client) -> str:
    return chain.deploy(ALICE, PROBE.code)


def test_every_header_hashes_to_its_block(chain: Client, contract: str) -> None:
    chain.send(ALICE, to=contract, data=text(PROBE.call("store", 7, 9)))
    parent = None
    for height in range(number(chain.ask("eth_blockNumber")) + 1):
        block = chain.ask("eth_getBlockByNumber", hex(height), False)
        # Anvil's block 0 carries Cancun's blob fields on Shanghai, so from block 1.
        if height:
            assert text(keccak(encoded_header(block))) == block["hash"]
            assert block["parentHash"] == parent
        parent = block["hash"]


def test_a_slot_is_proved_against_its_header(chain: Client, contract: str) -> None:
    for key in range(20):
        chain.send(ALICE, to=contract, data=text(PROBE.call("store", key, key + 100)))
    block = chain.ask("eth_getBlockByNumber", "latest", False)
    keys = [PROBE.slot_of(key) for key in (0, 7, 19, 20)]
    proof = chain.ask("eth_getProof", contract, keys, "latest")
    header = read_header(encoded_header(block))
    assert text(header.hash) == block["hash"]

    nodes = _nodes(proof)
    account = ProofNodes(nodes).account(header.state_root, Address(unhex(contract)))
    assert account is not None
    assert text(account.storage_root) == proof["storageHash"]
    assert text(account.code_hash) == proof["codeHash"] == text(keccak(PROBE.runtime))
    proved = [ProofNodes(nodes).slot(account.storage_root, number(key)) for key in keys]
    assert proved == [100, 107, 119, 0]
    assert [number(entry["value"]) for entry in proof["storageProof"]] == proved
    assert [entry["key"] for entry in proof["storageProof"]] == keys


def test_the_same_proofs_hold_for_another_verifier(chain: Client, contract: str) -> None:
    chain.send(ALICE, to=contract, data=text(PROBE.call("store", 7, 9)))
    block = chain.ask("eth_getBlockByNumber", "latest", False)
    proof = chain.ask("eth_getProof", contract, [PROBE.slot_of(7), PROBE.slot_of(8)], "latest")
    account = HexaryTrie.get_from_proof(
        unhex(block["stateRoot"]), keccak(unhex(contract)), [rlp.decode(unhex(node)) for node in proof["accountProof"]]
    )
    assert text(rlp.decode(account)[2]) == proof["storageHash"]
    values = []
    for entry in proof["storageProof"]:
        nodes = [rlp.decode(unhex(node)) for node in entry["proof"]]
        values.append(HexaryTrie.get_from_proof(rlp.decode(account)[2], keccak(unhex(entry["key"])), nodes))
    assert values == [rlp.encode(9), b""]


def test_what_is_not_there_is_proved_absent(chain: Client, contract: str) -> None:
    stranger = "0x" + "99" * 20
    block = chain.ask("eth_getBlockByNumber", "latest", False)
    proof = chain.ask("eth_getProof", stranger, [], "latest")
    assert (proof["nonce"], proof["balance"]) == ("0x0", "0x0")
    assert ProofNodes(_nodes(proof)).account(unhex(block["stateRoot"]), Address(unhex(stranger))) is None
    empty = chain.ask("eth_getProof", contract, [PROBE.slot_of(1)], "latest")
    assert ProofNodes(_nodes(empty)).slot(unhex(empty["storageHash"]), number(PROBE.slot_of(1))) == 0


def test_a_past_state_is_proved_against_its_own_header(chain: Client, contract: str) -> None:
    chain.send(ALICE, to=contract, data=text(PROBE.call("store", 7, 1)))
    height = chain.ask("eth_blockNumber")
    chain.send(ALICE, to=contract, data=text(PROBE.call("store", 7, 2)))
    block = chain.ask("eth_getBlockByNumber", height, False)
    proof = chain.ask("eth_getProof", contract, [PROBE.slot_of(7)], height)
    account = ProofNodes(_nodes(proof)).account(unhex(block["stateRoot"]), Address(unhex(contract)))
    assert account is not None
    assert ProofNodes(_nodes(proof)).slot(account.storage_root, number(PROBE.slot_of(7))) == 1


def test_a_proof_shows_nothing_under_another_header(chain: Client, contract: str) -> None:
    before = chain.ask("eth_getBlockByNumber", "latest", False)
    chain.send(ALICE, to=contract, data=text(PROBE.call("store", 7, 9)))
    proof = chain.ask("eth_getProof", contract, [PROBE.slot_of(7)], "latest")
    with pytest.raises(StateProofRefused):
        ProofNodes(_nodes(proof)).account(unhex(before["stateRoot"]), Address(unhex(contract)))


def _nodes(proof: dict[str, Any]) -> list[bytes]:
    listed = [*proof["accountProof"], *(node for entry in proof["storageProof"] for node in entry["proof"])]
    return [unhex(node) for node in listed]
