"""Account and slot proofs made by others are understood; anything less than a proof is refused."""

import json
import os
import random
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import rlp
from acredita.anchoring.state_proof import (
    MAX_NODE_BYTES,
    MAX_NODES,
    Account,
    ProofNodes,
    StateProofRefused,
    read_header,
)
from acredita.anchoring.types import Address
from eth_hash.auto import keccak
from trie import HexaryTrie

from tests.left_out import Want, leave_out

EMPTY_TRIE = keccak(b"\x80")


# --- published vectors: execution-apis, eth_getProof and the header of the same chain ---

PROOFS = (
    "get-account-proof-blockhash",
    "get-account-proof-default-block",
    "get-account-proof-latest",
    "get-account-proof-with-storage",
)
BLOCKS = ("cancun-fork", "london-fork", "merge-fork", "prague-fork", "shanghai-fork")
HEADER_KEYS = [
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
    "blobGasUsed",
    "excessBlobGas",
    "parentBeaconBlockRoot",
    "requestsHash",
]
NUMBERS = {
    "difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed", "excessBlobGas",
}  # fmt: skip


@cache
def published(name: str) -> Any:
    folder = os.environ.get("ACREDITA_VECTORS")
    if folder is None:
        leave_out(Want.VECTORS, "the published answers of eth_getProof")
    text = (Path(folder) / "eip1186-getproof" / "tests" / f"{name}.io").read_text(encoding="utf-8")
    answer = next(line for line in text.splitlines() if line.startswith("<< "))
    return json.loads(answer[3:])["result"]


def raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def header_rlp(block: Mapping[str, str]) -> bytes:
    fields = [
        int(block[key], 16).to_bytes(32, "big").lstrip(b"\x00") if key in NUMBERS else raw(block[key])
        for key in HEADER_KEYS
        if key in block
    ]
    return bytes(rlp.encode(fields))


@pytest.mark.parametrize("name", BLOCKS)
def test_published_headers_have_their_hash(name: str) -> None:
    block = published(f"eth_getBlockByNumber/get-block-{name}")
    header = read_header(header_rlp(block))
    assert (header.hash, header.parent) == (raw(block["hash"]), raw(block["parentHash"]))
    assert (header.number, header.time) == (int(block["number"], 16), int(block["timestamp"], 16))
    assert (header.state_root, header.extra_data) == (raw(block["stateRoot"]), raw(block["extraData"]))


@pytest.mark.parametrize("name", PROOFS)
def test_published_proofs_hold_against_the_header(name: str) -> None:
    answer = published(f"eth_getProof/{name}")
    header = read_header(header_rlp(published("eth_getBlockByNumber/get-latest")))
    nodes = [raw(node) for node in answer["accountProof"]]
    for storage in answer["storageProof"]:
        nodes += [raw(node) for node in storage["proof"]]
    proof = ProofNodes(reversed(nodes))
    account = proof.account(header.state_root, Address(raw(answer["address"])))
    assert account == Account(
        nonce=int(answer["nonce"], 16),
        balance=int(answer["balance"], 16),
        storage_root=raw(answer["storageHash"]),
        code_hash=raw(answer["codeHash"]),
    )
    for storage in answer["storageProof"]:
        assert proof.slot(account.storage_root, int(storage["key"], 16)) == int(storage["value"], 16)


# --- tries of the `trie` package, which shares nothing with ours but RLP and keccak-256 ---


class Storage:
    """A storage trie of random slots."""

    def __init__(self, size: int, seed: int) -> None:
        self.chance = random.Random(seed)
        self.slots = {
            self.chance.getrandbits(256): self.chance.getrandbits(self.chance.choice((1, 8, 64, 256))) or 1
            for _ in range(size)
        }
        self._trie = HexaryTrie({})
        for slot, value in self.slots.items():
            self._trie[keccak(slot.to_bytes(32, "big"))] = rlp.encode(value)

    @property
    def root(self) -> bytes:
        return bytes(self._trie.root_hash)

    def proof(self, slot: int) -> list[bytes]:
        return [rlp.encode(node) for node in self._trie.get_proof(keccak(slot.to_bytes(32, "big")))]


@pytest.mark.parametrize("size", [1, 2, 3, 17, 300])
def test_slots_that_are_there_and_slots_that_are_not(size: int) -> None:
    storage = Storage(size, seed=size)
    for slot, value in list(storage.slots.items())[:50]:
        assert ProofNodes(storage.proof(slot)).slot(storage.root, slot) == value
    for slot in (storage.chance.getrandbits(256) for _ in range(50)):
        assert ProofNodes(storage.proof(slot)).slot(storage.root, slot) == 0


def test_an_empty_trie_holds_nothing() -> None:
    assert ProofNodes([]).slot(EMPTY_TRIE, 7) == 0
    assert ProofNodes([]).account(EMPTY_TRIE, Address(bytes(20))) is None


def test_one_set_of_nodes_proves_many_slots() -> None:
    storage = Storage(100, seed=5)
    nodes = {node for slot in list(storage.slots)[:20] for node in storage.proof(slot)}
    proof = ProofNodes(sorted(nodes))
    assert all(proof.slot(storage.root, slot) == storage.slots[slot] for slot in list(storage.slots)[:20])


def test_no_node_can_be_left_out_or_changed() -> None:
    storage = Storage(300, seed=7)
    for slot in list(storage.slots)[:10]:
        nodes = storage.proof(slot)
        for place, node in enumerate(nodes):
            flip = storage.chance.randrange(len(node))
            changed = node[:flip] + bytes((node[flip] ^ 1,)) + node[flip + 1 :]
            for wrong in ([*nodes[:place], *nodes[place + 1 :]], [*nodes[:place], changed, *nodes[place + 1 :]]):
                with pytest.raises(StateProofRefused):
                    ProofNodes(wrong).slot(storage.root, slot)


def accounts(entries: dict[Address, list[object]]) -> tuple[bytes, HexaryTrie]:
    trie = HexaryTrie({})
    for address, fields in entries.items():
        trie[keccak(address)] = rlp.encode(fields)
    return bytes(trie.root_hash), trie


ADDRESS = Address(b"\xaa" * 20)


def account_in(fields: list[object]) -> Account | None:
    root, trie = accounts({ADDRESS: fields, Address(b"\xbb" * 20): [1, 2, bytes(32), bytes(32)]})
    return ProofNodes(rlp.encode(node) for node in trie.get_proof(keccak(ADDRESS))).account(root, ADDRESS)


def test_accounts_that_are_there_and_accounts_that_are_not() -> None:
    assert account_in([3, 4, b"\x05" * 32, b"\x06" * 32]) == Account(3, 4, b"\x05" * 32, b"\x06" * 32)
    root, trie = accounts({Address(b"\xbb" * 20): [1, 2, bytes(32), bytes(32)]})
    assert ProofNodes(rlp.encode(n) for n in trie.get_proof(keccak(ADDRESS))).account(root, ADDRESS) is None


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param([3, 4, b"\x05" * 32], id="account_of_three_items"),
        pytest.param([3, 4, b"\x05" * 31, b"\x06" * 32], id="account_with_short_root"),
        pytest.param([b"\x00\x03", 4, b"\x05" * 32, b"\x06" * 32], id="account_with_padded_nonce"),
        pytest.param([[3], 4, b"\x05" * 32, b"\x06" * 32], id="account_with_a_list"),
    ],
)
def test_what_is_no_account(fields: list[object]) -> None:
    with pytest.raises(StateProofRefused):
        account_in(fields)


# --- nodes nobody honest makes: their hash is right, so only their form can stop a reader ---

SLOT = 7
PATH = keccak(SLOT.to_bytes(32, "big")).hex()
VALUE = rlp.encode(b"\x09")


def compact(nibbles: str, leaf: bool) -> bytes:
    odd = len(nibbles) % 2
    flag = 2 * leaf + odd
    return bytes.fromhex(f"{flag:x}" + ("" if odd else "0") + nibbles)


def branch(**children: object) -> list[object]:
    items: list[object] = [b""] * 17
    for nibble, child in children.items():
        items[int(nibble.removeprefix("n"), 16)] = child
    return items


def slot_under(*nodes: object) -> int:
    encoded = [node if isinstance(node, bytes) else rlp.encode(node) for node in nodes]
    return ProofNodes(encoded).slot(keccak(encoded[0]), SLOT)


def test_the_honest_form_of_these_nodes_is_read() -> None:
    leaf = [compact(PATH[1:], True), VALUE]
    assert slot_under([compact(PATH, True), VALUE]) == 9
    assert slot_under(branch(**{"n" + PATH[0]: keccak(rlp.encode(leaf))}), leaf) == 9
    short = [compact(PATH[40:], True), VALUE]
    assert slot_under([compact(PATH[:40], False), short]) == 9


NESTED = b""
for _ in range(300):
    NESTED = rlp.codec.length_prefix(len(NESTED), 192) + NESTED

FORGED: dict[str, list[object]] = {
    "node_of_three_items": [[b"", b"", b""]],
    "node_that_is_a_string": [rlp.encode(b"\x09" * 40)],
    "node_with_bytes_behind": [rlp.encode([compact(PATH, True), VALUE]) + b"\x00"],
    "node_cut_short": [rlp.encode([compact(PATH, True), VALUE])[:-1]],
    "node_nested_300_deep": [NESTED],
    "node_empty": [b""],
    "path_empty": [[b"", VALUE]],
    "path_with_unknown_flag": [[bytes.fromhex("40" + PATH), VALUE]],
    "path_with_padding_not_zero": [[bytes.fromhex("21" + PATH), VALUE]],
    "path_that_is_a_list": [[[b"\x20"], VALUE]],
    "extension_without_path": [[compact("", False), keccak(b"")]],
    "reference_of_31_bytes": [[compact(PATH[:2], False), bytes(31)]],
    "branch_after_the_whole_path": [[compact(PATH, False), keccak(rlp.encode(branch()))], branch()],
    "value_that_is_a_list": [[compact(PATH, True), [b"\x09"]]],
    "value_of_two_items": [[compact(PATH, True), VALUE + VALUE]],
    "value_zero": [[compact(PATH, True), rlp.encode(b"")]],
    "value_with_leading_zero": [[compact(PATH, True), rlp.encode(b"\x00\x09")]],
    "value_of_33_bytes": [[compact(PATH, True), rlp.encode(b"\x01" * 33)]],
    "value_not_in_shortest_form": [[compact(PATH, True), b"\x81\x09"]],
}


@pytest.mark.parametrize("nodes", FORGED.values(), ids=FORGED.keys())
def test_a_forged_node_is_refused(nodes: list[object]) -> None:
    with pytest.raises(StateProofRefused):
        slot_under(*nodes)


def test_a_leaf_of_another_path_shows_the_slot_to_be_empty() -> None:
    other = PATH[:-1] + ("0" if PATH[-1] != "0" else "1")
    assert slot_under([compact(other, True), VALUE]) == 0
    assert slot_under([compact(other, False), keccak(b"never read")]) == 0


def test_a_stranger_cannot_make_the_reader_work_without_end() -> None:
    for nodes in ([bytes(MAX_NODE_BYTES + 1)], [bytes(1)] * (MAX_NODES + 1)):
        with pytest.raises(StateProofRefused):
            ProofNodes(nodes)


@pytest.mark.parametrize(
    "encoded",
    [
        pytest.param(b"", id="header_empty"),
        pytest.param(rlp.encode([b""] * 14), id="header_of_14_items"),
        pytest.param(rlp.encode([b""] * 15), id="header_without_hashes"),
        pytest.param(rlp.encode(b"header"), id="header_that_is_a_string"),
        pytest.param(bytes(65_537), id="header_too_long"),
    ],
)
def test_what_is_no_header(encoded: bytes) -> None:
    with pytest.raises(StateProofRefused):
        read_header(encoded)


def test_an_address_has_20_bytes() -> None:
    with pytest.raises(StateProofRefused):
        ProofNodes([]).account(EMPTY_TRIE, Address(bytes(19)))
