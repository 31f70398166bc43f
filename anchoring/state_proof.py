"""Verify EIP-1186 proofs: trie nodes show the content of one account and one storage slot against a block header.

The input is a stranger's bytes; the result is a value or StateProofRefused. Nodes are a set: each is found by its
keccak-256, so order and duplicates say nothing. A proof also shows that something is *not* there: None for
an account, 0 for a slot. This module does not ask for the warrant of the header (a pinned hash, validators' seals).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.rlp_prefix import read_prefix, write_prefix
from acredita.anchoring.types import ADDRESS_BYTES, HASH_BYTES, Address, BlockHash
from eth_hash.auto import keccak

MAX_NODES: Final = 1024
MAX_NODE_BYTES: Final = 1024  # a branch of sixteen hashes has 532
MAX_HEADER_BYTES: Final = 65_536  # QBFT's extraData carries a seal for each validator

_EMPTY_TRIE: Final = bytes(keccak(b"\x80"))
_BRANCH_ITEMS: Final = 17
_PATH_ITEMS: Final = 2
_HEADER_ITEMS_LEAST: Final = 15

# Where a header keeps what is read here (yellow paper 4.3; later forks only append).
_PARENT, _STATE_ROOT, _NUMBER, _TIME, EXTRA_DATA = 0, 3, 8, 11, 12


class StateProofRefused(Exception):
    """These bytes do not show what is in the state: malformed, incomplete, or of another root."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account in the state trie."""

    nonce: int
    balance: int
    storage_root: bytes
    code_hash: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """The fields of a block header that proofs need."""

    hash: BlockHash
    parent: BlockHash
    number: int
    time: int
    state_root: bytes
    extra_data: bytes


@dataclass(frozen=True, slots=True)
class RlpItem:
    """One RLP item: its payload, and whether that is a list's."""

    payload: bytes
    is_list: bool

    @property
    def encoded(self) -> bytes:
        """The item's one encoding: reading refuses every other."""
        if not self.is_list and len(self.payload) == 1 and self.payload < b"\x80":
            return self.payload
        return write_prefix(len(self.payload), self.is_list) + self.payload


class ProofNodes:
    """Trie nodes by their hash."""

    def __init__(self, nodes: Iterable[bytes]) -> None:
        self._nodes: Mapping[bytes, bytes] = {bytes(keccak(node)): node for node in _bounded(nodes)}
        self._used: set[bytes] = set()

    @property
    def used(self) -> tuple[bytes, ...]:
        """The nodes that were on the way to an answer, in sorted order."""
        return tuple(sorted(self._used))

    def account(self, state_root: bytes, address: Address) -> Account | None:
        """Return the account at an address; None where the nodes show that there is none."""
        if len(address) != ADDRESS_BYTES:
            raise StateProofRefused(f"an address has {ADDRESS_BYTES} bytes")
        encoded = self._value(state_root, address)
        return None if encoded is None else _account(encoded)

    def slot(self, storage_root: bytes, slot: int) -> int:
        """Return the number in a storage slot; 0 where the nodes show that it is empty."""
        encoded = self._value(storage_root, slot.to_bytes(32, "big"))
        if encoded is None:
            return 0
        item = _only_item(encoded)
        value = _number(item)
        if value == 0:
            raise StateProofRefused("a slot that holds zero is not in the trie")
        return value

    def _value(self, root: bytes, key: bytes) -> bytes | None:
        """Return the value of a trie under keccak-256 of a key (64 nibbles each, so branches hold no values)."""
        if root == _EMPTY_TRIE:
            return None
        node, rest = items_of(self._encoded(root)), keccak(key).hex()
        while (leaf := _leaf(node)) is None:
            child, rest = _below(node, rest)
            if child is None:
                return None
            node = self._child(child)
        path, value = leaf
        return value if path == rest else None

    def _child(self, item: RlpItem) -> list[RlpItem]:
        """Return the items of the node that an item denotes: itself where it is short, else found by its hash."""
        if item.is_list:
            return split(item.payload)
        if len(item.payload) != HASH_BYTES:
            raise StateProofRefused("a reference to a node is a hash")
        return items_of(self._encoded(item.payload))

    def _encoded(self, digest: bytes) -> bytes:
        if digest not in self._nodes:
            raise StateProofRefused(f"node 0x{digest.hex()} is not among the nodes")
        self._used.add(self._nodes[digest])
        return self._nodes[digest]


def read_header(encoded: bytes) -> Header:
    """Read the fields of a header's RLP; its hash is keccak-256 of these very bytes."""
    if len(encoded) > MAX_HEADER_BYTES:
        raise StateProofRefused(f"a header of more than {MAX_HEADER_BYTES} bytes")
    items = items_of(encoded)
    if len(items) < _HEADER_ITEMS_LEAST:
        raise StateProofRefused(f"a header of {len(items)} items")
    return Header(
        hash=header_hash(encoded),
        parent=BlockHash(_hash(items[_PARENT])),
        number=_number(items[_NUMBER]),
        time=_number(items[_TIME]),
        state_root=_hash(items[_STATE_ROOT]),
        extra_data=_string(items[EXTRA_DATA]),
    )


def header_hash(encoded: bytes) -> BlockHash:
    """Return the block hash where it is the hash of the whole header (QBFT leaves the commit seals out)."""
    return BlockHash(bytes(keccak(encoded)))


def _bounded(nodes: Iterable[bytes]) -> list[bytes]:
    bounded = list(nodes)
    if len(bounded) > MAX_NODES or any(len(node) > MAX_NODE_BYTES for node in bounded):
        raise StateProofRefused(f"at most {MAX_NODES} nodes of {MAX_NODE_BYTES} bytes expected")
    return bounded


def _account(encoded: bytes) -> Account:
    items = items_of(encoded)
    if len(items) != 4:
        raise StateProofRefused(f"an account of {len(items)} items")
    nonce, balance, storage_root, code_hash = items
    return Account(_number(nonce), _number(balance), _hash(storage_root), _hash(code_hash))


def _leaf(node: list[RlpItem]) -> tuple[str, bytes] | None:
    """Return path and value of a leaf node; None for any other node."""
    if len(node) != _PATH_ITEMS:
        return None
    path, is_leaf = _path(node[0])
    return (path, _string(node[1])) if is_leaf else None


def _below(node: list[RlpItem], rest: str) -> tuple[RlpItem | None, str]:
    """Return the child on the way to `rest` and the rest below it; None where the trie ends."""
    if len(node) == _PATH_ITEMS:
        path, _ = _path(node[0])
        if not path:
            raise StateProofRefused("an extension without a path")
        return (node[1] if rest.startswith(path) else None), rest[len(path) :]
    if len(node) != _BRANCH_ITEMS or not rest:
        raise StateProofRefused(f"no way through a trie node of {len(node)} items")
    child = node[int(rest[0], 16)]
    return (child if child.is_list or child.payload else None), rest[1:]


def _path(item: RlpItem) -> tuple[str, bool]:
    """Return the nibbles of the compact form and whether they end in a leaf (yellow paper, appendix C)."""
    nibbles = _string(item).hex()
    flag = nibbles[:1]
    if flag not in ("0", "1", "2", "3") or (flag in "02" and nibbles[1] != "0"):
        raise StateProofRefused("a malformed path in a trie node")
    return nibbles[1 if flag in "13" else 2 :], flag in "23"


def items_of(encoded: bytes) -> list[RlpItem]:
    """Return the items of an encoded list."""
    item = _only_item(encoded)
    if not item.is_list:
        raise StateProofRefused("a list expected in RLP")
    return split(item.payload)


def _only_item(encoded: bytes) -> RlpItem:
    item, end = _consume(encoded, 0)
    if end != len(encoded):
        raise StateProofRefused("bytes after an RLP item")
    return item


def split(payload: bytes) -> list[RlpItem]:
    """Split a list into its items, one level deep: nothing recurses, however deep a stranger nests."""
    items, at = [], 0
    while at < len(payload):
        item, at = _consume(payload, at)
        items.append(item)
    return items


def _consume(encoded: bytes, at: int) -> tuple[RlpItem, int]:
    if at >= len(encoded):
        raise StateProofRefused("RLP ends early")
    try:
        is_list, length, start = read_prefix(encoded, at)
    except ValueError as error:
        raise StateProofRefused("malformed RLP") from error
    end = start + length
    if end > len(encoded):
        raise StateProofRefused("RLP ends early")
    return RlpItem(encoded[start:end], is_list), end


def _string(item: RlpItem) -> bytes:
    if item.is_list:
        raise StateProofRefused("a string expected in RLP, not a list")
    return item.payload


def _hash(item: RlpItem) -> bytes:
    value = _string(item)
    if len(value) != HASH_BYTES:
        raise StateProofRefused(f"{HASH_BYTES} bytes expected, {len(value)} found")
    return value


def _number(item: RlpItem) -> int:
    value = _string(item)
    if len(value) > HASH_BYTES or value[:1] == b"\x00":
        raise StateProofRefused("a number has at most 32 bytes and no leading zeros")
    return int.from_bytes(value, "big")
