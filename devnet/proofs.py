"""EIP-1186: the trie nodes that show an account and some of its slots under a state root.

Proofs are made, not verified, here. A slot or account that is not there is proved absent by the
nodes up to where it would be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import rlp  # type: ignore[import-untyped]
from acredita.devnet.blocks import BLANK_ROOT
from acredita.devnet.evm import NodeStore
from eth.constants import EMPTY_SHA3
from eth_hash.auto import keccak
from eth_typing import Address, Hash32
from trie.hexary import HexaryTrie


@dataclass(frozen=True)
class SlotProof:
    # The key as the client wrote it, for it is what the client looks for in the answer.
    """One slot of an account with the trie nodes that show it. `key`: the key as the request wrote it."""

    key: str
    value: int
    nodes: tuple[bytes, ...]


@dataclass(frozen=True)
class AccountProof:
    """An account with the trie nodes that show it and its slots."""

    address: Address
    nonce: int
    balance: int
    storage_root: Hash32
    code_hash: Hash32
    nodes: tuple[bytes, ...]
    slots: tuple[SlotProof, ...]


def prove_account(
    nodes: NodeStore, state_root: Hash32, address: Address, slots: tuple[tuple[str, int], ...]
) -> AccountProof:
    """Prove an account at a state root, and slots in it, each given as requested and as a number."""
    trie = HexaryTrie(nodes, state_root)
    path = keccak(address)
    encoded = trie[path]
    if encoded:
        nonce, balance, storage_root, code_hash = rlp.decode(encoded)
    else:
        nonce, balance, storage_root, code_hash = b"", b"", BLANK_ROOT, EMPTY_SHA3
    storage = HexaryTrie(nodes, storage_root)
    return AccountProof(
        address=address,
        nonce=int.from_bytes(nonce, "big"),
        balance=int.from_bytes(balance, "big"),
        storage_root=Hash32(storage_root),
        code_hash=Hash32(code_hash),
        nodes=_proof(trie, path),
        slots=tuple(_prove_slot(storage, key, slot) for key, slot in slots),
    )


def _prove_slot(storage: HexaryTrie, key: str, slot: int) -> SlotProof:
    path = keccak(slot.to_bytes(32, "big"))
    encoded = storage[path]
    value = int.from_bytes(rlp.decode(encoded), "big") if encoded else 0
    return SlotProof(key, value, _proof(storage, path))


def _proof(trie: Any, path: bytes) -> tuple[bytes, ...]:
    # An empty trie proves every absence with the empty node, which EIP-1186 answers with no node at all.
    return tuple(bytes(rlp.encode(node)) for node in trie.get_proof(path) if node != b"")
