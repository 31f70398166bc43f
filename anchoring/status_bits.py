"""The status tree: three bits for each position, replayed from log entries and proved by one leaf.

Leaf data is "S" || list 4 || chunk 4 || 32 bytes each of revocation, suspension and replaced; leaf index =
list * 512 + chunk; the tree has 512 leaves for each list up to the highest one any entry has named.
Position 0 of a chunk is the left-most bit. The root that is anchored binds the number of lists:
SHA-256("acredita/status/1" || lists 4 || MTH), so a position in a list beyond them is shown to be clear by
`lists` and MTH alone.

Bits only follow entries: 2 sets revocation, 3 sets and 4 clears suspension, 5 sets replaced. An entry that
moves none still counts its list. Changing k bits costs O(k log n) hashes. Empty chunks are not alike (their
numbers are hashed), so a list that is all clear still has a root of its own.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Final

from acredita.anchoring.entries import MAX_LISTS, NO_POSITION, POSITIONS_PER_LIST, Entry, EntryKind
from acredita.anchoring.merkle import (
    EMPTY_ROOT,
    implied_root,
    inclusion_path,
    leaf_hash,
    node_hash,
    root_at,
)
from acredita.anchoring.merkle import root as root_of_leaves
from acredita.anchoring.types import HASH_BYTES, Root

CHUNK_BYTES: Final = 32
POSITIONS_PER_CHUNK: Final = 8 * CHUNK_BYTES
CHUNKS_PER_LIST: Final = POSITIONS_PER_LIST // POSITIONS_PER_CHUNK
LEAF_BYTES: Final = 105

_LIST_LEVEL: Final = 9  # a list is a complete subtree of 2^9 leaves
_CACHED_LISTS: Final = 64  # trees of 32 KiB kept at hand; others are hashed again from their bits when asked for
_CLEAR_CHUNK: Final = bytes(3 * CHUNK_BYTES)


class StatusPurpose(IntEnum):
    """Purposes of the three bits of a position."""

    REVOCATION = 0
    SUSPENSION = 1
    REPLACED = 2


_MOVES: Final = {
    EntryKind.REVOKED: (StatusPurpose.REVOCATION, True),
    EntryKind.SUSPENDED: (StatusPurpose.SUSPENSION, True),
    EntryKind.REINSTATED: (StatusPurpose.SUSPENSION, False),
    EntryKind.REPLACED: (StatusPurpose.REPLACED, True),
}


@dataclass(frozen=True, slots=True)
class Status:
    """The three bits of one position."""

    revoked: bool
    suspended: bool
    replaced: bool


CLEAR: Final = Status(revoked=False, suspended=False, replaced=False)


@dataclass(frozen=True, slots=True)
class LeafProof:
    """One leaf of the status tree with its path: proves the three bits of its 256 positions."""

    lists: int
    leaf: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class BeyondProof:
    """The preimage of a status root: every position in a list it does not have is clear."""

    lists: int
    tree: Root


StatusProof = LeafProof | BeyondProof


class StatusProofRefused(Exception):
    """The proof does not show the status of this position under this root."""


def status_root(lists: int, tree: Root) -> Root:
    """Return the status root over the number of lists and the tree's hash."""
    return Root(hashlib.sha256(b"acredita/status/1" + lists.to_bytes(4, "big") + tree).digest())


EMPTY_STATUS_ROOT: Final = status_root(0, EMPTY_ROOT)


def verify_leaf(root: Root, position: int, proof: StatusProof) -> Status:
    """Verify a proof and return the status of `position` under the anchored `root`. Raises StatusProofRefused."""
    if not 0 <= position < NO_POSITION or not 0 <= proof.lists <= MAX_LISTS:
        raise StatusProofRefused("position or number of lists out of range")
    if isinstance(proof, BeyondProof):
        return _verify_beyond(root, position, proof)
    index = position // POSITIONS_PER_CHUNK
    if len(proof.leaf) != LEAF_BYTES or proof.leaf[:9] != _leaf_name(index):
        raise StatusProofRefused(f"leaf {index} of the status tree expected")
    tree = implied_root(leaf_hash(proof.leaf), index, CHUNKS_PER_LIST * proof.lists, proof.path)
    if tree is None or status_root(proof.lists, tree) != root:
        raise StatusProofRefused("path and leaf do not lead to the status root")
    return _status_in(proof.leaf[9:], position)


def _verify_beyond(root: Root, position: int, proof: BeyondProof) -> Status:
    if len(proof.tree) != HASH_BYTES or status_root(proof.lists, proof.tree) != root:
        raise StatusProofRefused("lists and tree hash are not those of the status root")
    if position // POSITIONS_PER_LIST < proof.lists:
        raise StatusProofRefused("the position stands in a list the tree has")
    return CLEAR


class StatusBits:
    """All bits of one issuer, replayed entry by entry; a running value with one writer."""

    def __init__(self) -> None:
        self._lists = 0
        self._chunks: dict[int, bytearray] = {}  # by leaf index; chunks that were never set are not kept
        self._own: set[int] = set()  # the chunks that no copy shares
        self._changed: set[int] = set()
        self._trees: OrderedDict[int, _ListTree] = OrderedDict()
        self._upper: list[list[bytes]] = [[]]  # complete subtrees over whole lists; level 0 = list roots

    @property
    def lists(self) -> int:
        """One more than the highest list a status entry has named."""
        return self._lists

    def copy(self) -> "StatusBits":
        """Copy the bits to an independent value, to try entries on that may yet be cut.

        Chunks are shared until one of the two changes them.
        """
        self._tree()  # what has changed is hashed here, once, and not in every copy again
        twin = StatusBits()
        twin._lists = self._lists
        twin._chunks = dict(self._chunks)
        self._own.clear()
        twin._trees = OrderedDict((number, tree.copy()) for number, tree in self._trees.items())
        twin._upper = [list(level) for level in self._upper]
        return twin

    def replay(self, entries: Iterable[Entry]) -> None:
        """Apply entries in order."""
        for entry in entries:
            self.apply(entry)

    def apply(self, entry: Entry) -> None:
        """Move the bits an entry moves; kinds 0 and 1 move none."""
        if not entry.kind.changes_status:
            return
        self._lists = max(self._lists, entry.position // POSITIONS_PER_LIST + 1)
        purpose, value = _MOVES[entry.kind]
        self._set(entry.position, purpose, value)

    def status(self, position: int) -> Status:
        """Return the three bits of a position."""
        chunk = self._chunks.get(position // POSITIONS_PER_CHUNK)
        return CLEAR if chunk is None else _status_in(chunk, position)

    def bitstring(self, list_number: int, purpose: StatusPurpose) -> bytes:
        """Return the bits of one purpose in one list, 16 KiB, as a status list publishes them."""
        first = list_number * CHUNKS_PER_LIST
        part = slice(purpose * CHUNK_BYTES, (purpose + 1) * CHUNK_BYTES)
        return b"".join(
            bytes(self._chunks.get(index, _CLEAR_CHUNK)[part]) for index in range(first, first + CHUNKS_PER_LIST)
        )

    def root(self) -> Root:
        """Return the status root."""
        return status_root(self._lists, self._tree())

    def prove(self, position: int) -> StatusProof:
        """Prove the status of `position` under `root()`."""
        tree = self._tree()
        index = position // POSITIONS_PER_CHUNK
        if position // POSITIONS_PER_LIST >= self._lists:
            return BeyondProof(self._lists, tree)
        path = inclusion_path(index, CHUNKS_PER_LIST * self._lists, self._node_at)
        return LeafProof(self._lists, self._leaf(index), tuple(path))

    def _set(self, position: int, purpose: StatusPurpose, value: bool) -> None:
        index = position // POSITIONS_PER_CHUNK
        if index not in self._chunks and not value:
            return
        if index not in self._own:
            self._chunks[index] = bytearray(self._chunks.get(index, _CLEAR_CHUNK))
            self._own.add(index)
        chunk = self._chunks[index]
        offset, mask = _bit(position, purpose)
        chunk[offset] = chunk[offset] | mask if value else chunk[offset] & ~mask
        self._changed.add(index)

    def _leaf(self, index: int) -> bytes:
        return _leaf_name(index) + self._chunks.get(index, _CLEAR_CHUNK)

    def _tree(self) -> Root:
        """Return MTH over all leaves; hash only the leaves that changed since the last call."""
        self._take_in_changes()
        for list_number in range(len(self._upper[0]), self._lists):
            self._set_list_root(list_number, self._list_root(list_number))
        return root_at(self._lists, self._upper_node)

    def _take_in_changes(self) -> None:
        by_list: dict[int, set[int]] = {}
        for index in self._changed:
            by_list.setdefault(index // CHUNKS_PER_LIST, set()).add(index)
        self._changed.clear()
        for list_number, indices in sorted(by_list.items()):
            tree = self._trees.get(list_number)
            if tree is not None:
                tree.update({index % CHUNKS_PER_LIST: self._leaf(index) for index in indices})
            if list_number < len(self._upper[0]):
                self._set_list_root(list_number, self._list_tree(list_number).root)

    def _list_root(self, list_number: int) -> bytes:
        first = list_number * CHUNKS_PER_LIST
        if self._chunks.keys().isdisjoint(range(first, first + CHUNKS_PER_LIST)):
            return _clear_list_root(list_number)
        return self._list_tree(list_number).root

    def _list_tree(self, list_number: int) -> "_ListTree":
        tree = self._trees.get(list_number)
        if tree is None:
            first = list_number * CHUNKS_PER_LIST
            tree = _ListTree(self._leaf(index) for index in range(first, first + CHUNKS_PER_LIST))
            self._trees[list_number] = tree
            if len(self._trees) > _CACHED_LISTS:
                self._trees.popitem(last=False)
        self._trees.move_to_end(list_number)
        return tree

    def _set_list_root(self, list_number: int, node: bytes) -> None:
        for level in range(MAX_LISTS.bit_length()):
            nodes = self._level(level)
            if list_number == len(nodes):
                nodes.append(node)
            else:
                nodes[list_number] = node
            left = list_number & ~1
            if left + 1 >= len(nodes):
                return
            node = node_hash(nodes[left], nodes[left + 1])
            list_number >>= 1

    def _level(self, level: int) -> list[bytes]:
        if level == len(self._upper):
            self._upper.append([])
        return self._upper[level]

    def _upper_node(self, level: int, index: int) -> bytes:
        return self._upper[level][index]

    def _node_at(self, level: int, index: int) -> bytes:
        if level >= _LIST_LEVEL:
            return self._upper_node(level - _LIST_LEVEL, index)
        width = _LIST_LEVEL - level
        return self._list_tree(index >> width).node(level, index & ((1 << width) - 1))


class _ListTree:
    """The 1,023 nodes of one list in one buffer: node 1 is its root, 2n and 2n + 1 lie below n."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._nodes = bytearray(2 * CHUNKS_PER_LIST * HASH_BYTES)
        self.update(dict(enumerate(leaves)))

    def copy(self) -> "_ListTree":
        twin = _ListTree()
        twin._nodes[:] = self._nodes
        return twin

    @property
    def root(self) -> bytes:
        return self.node(_LIST_LEVEL, 0)

    def node(self, level: int, index: int) -> bytes:
        return self._get((1 << (_LIST_LEVEL - level)) + index)

    def update(self, leaves: dict[int, bytes]) -> None:
        for chunk, leaf in leaves.items():
            self._put(CHUNKS_PER_LIST + chunk, leaf_hash(leaf))
        above = {(CHUNKS_PER_LIST + chunk) >> 1 for chunk in leaves}
        while above and 0 not in above:
            for number in above:
                self._put(number, node_hash(self._get(2 * number), self._get(2 * number + 1)))
            above = {number >> 1 for number in above}

    def _get(self, number: int) -> bytes:
        return bytes(self._nodes[number * HASH_BYTES : (number + 1) * HASH_BYTES])

    def _put(self, number: int, node: bytes) -> None:
        self._nodes[number * HASH_BYTES : (number + 1) * HASH_BYTES] = node


@lru_cache(maxsize=MAX_LISTS)
def _clear_list_root(list_number: int) -> bytes:
    """Return the subtree of a list without bits: an issuer may name a high list and skip thousands."""
    first = list_number * CHUNKS_PER_LIST
    indices = range(first, first + CHUNKS_PER_LIST)
    return root_of_leaves(leaf_hash(_leaf_name(index) + _CLEAR_CHUNK) for index in indices)


def _leaf_name(index: int) -> bytes:
    list_number, chunk = divmod(index, CHUNKS_PER_LIST)
    return b"S" + list_number.to_bytes(4, "big") + chunk.to_bytes(4, "big")


def _bit(position: int, purpose: StatusPurpose) -> tuple[int, int]:
    """Return byte and mask of a position among the 96 bytes of its chunk; position 0 is the left-most bit."""
    byte, bit = divmod(position % POSITIONS_PER_CHUNK, 8)
    return purpose * CHUNK_BYTES + byte, 0x80 >> bit


def _status_in(chunk: bytes | bytearray, position: int) -> Status:
    def is_set(purpose: StatusPurpose) -> bool:
        offset, mask = _bit(position, purpose)
        return bool(chunk[offset] & mask)

    return Status(is_set(StatusPurpose.REVOCATION), is_set(StatusPurpose.SUSPENSION), is_set(StatusPurpose.REPLACED))
