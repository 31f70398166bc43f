"""RFC 9162 Merkle trees with SHA-256: roots, inclusion and consistency proofs.

Leaves and inner nodes are hashed under different prefixes, so an inner node never passes as a leaf. Complete subtrees
span a tree of any size. `node_at(level, index)` reads the hash of the complete subtree over the leaves from
index * 2^level to (index + 1) * 2^level - 1; level 0 holds the leaf hashes. Building a proof reads O(log n) of them.
`Frontier` appends with O(log n) in memory.

The two `verify_` functions are total: they answer True or False to any input. A consistency proof binds roots and not
sizes; a reader that needs the sizes counts the entries.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from acredita.anchoring.types import HASH_BYTES, Root

NodeAt = Callable[[int, int], bytes]

EMPTY_ROOT: Final = Root(hashlib.sha256().digest())  # RFC 9162 2.1.1: the hash of an empty list

# RFC 9162 2.1.1: what is hashed in front of an entry, and in front of two child hashes.
LEAF_PREFIX: Final = b"\x00"
NODE_PREFIX: Final = b"\x01"

# Leaves are hashed together, level by level, before they join the frontier. 2^9 hashes are enough to spare Python's
# bookkeeping, and few enough not to count as memory.
_BLOCK_LEVEL: Final = 9

_sha256 = hashlib.sha256


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry as a leaf."""
    return _sha256(LEAF_PREFIX + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two children as their parent."""
    return _sha256(NODE_PREFIX + left + right).digest()


class Frontier:
    r"""The peaks of a growing tree: the roots of the complete subtrees that span it, largest first.

    There is one peak for each 1 in the binary form of the size. A tree of 7 leaves (4 + 2 + 1) has three:

            A               A, B and C are the peaks
          /   \             root = node_hash(A, node_hash(B, C))
         /     \
        o       o     B
       / \     / \   / \
      0   1   2   3 4   5   6 = C

    Leaf 7 completes three subtrees: with C a pair, with B four leaves, with A eight. One peak remains. Appending and the
    root need nothing but the peaks.
    """

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if len(peaks) != size.bit_count():
            raise ValueError(f"{size.bit_count()} peaks expected for {size} leaves, found {len(peaks)}")
        self._size = size
        self._peaks = list(peaks)

    @classmethod
    def read(cls, size: int, node_at: NodeAt) -> "Frontier":
        """Read the frontier of the first `size` leaves from stored subtrees."""
        return cls(size, [node_at(level, index) for level, index in spanning_nodes(0, size)])

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self._size

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """Hashes of the peaks, the largest subtree's first."""
        return tuple(self._peaks)

    def copy(self) -> "Frontier":
        """Copy the frontier; the copy grows on its own."""
        return Frontier(self._size, self._peaks)

    def append(self, leaf: bytes) -> list[bytes]:
        """Add one leaf hash. Returns the hashes of the subtrees it completes, from level 0 (the leaf) upwards."""
        completed = [leaf]
        rest = self._size
        while rest & 1:
            leaf = node_hash(self._peaks.pop(), leaf)
            completed.append(leaf)
            rest >>= 1
        self._peaks.append(leaf)
        self._size += 1
        return completed

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add many leaf hashes. From a size that is a multiple of the block, this is as fast as hashing alone."""
        source = iter(leaves)
        width = 1 << _BLOCK_LEVEL
        for leaf in islice(source, -self._size % width):
            self.append(leaf)
        while block := list(islice(source, width)):
            if len(block) == width:
                self._append_complete(_complete_root(block), _BLOCK_LEVEL)
            else:
                for leaf in block:
                    self.append(leaf)

    def root(self) -> Root:
        """Compute the tree head."""
        return Root(_fold(self._peaks)) if self._peaks else EMPTY_ROOT

    def _append_complete(self, node: bytes, level: int) -> None:
        rest = self._size >> level
        while rest & 1:
            node = node_hash(self._peaks.pop(), node)
            rest >>= 1
        self._peaks.append(node)
        self._size += 1 << level


def root(leaves: Iterable[bytes]) -> Root:
    """Compute the tree head over these leaf hashes, with O(log n) in memory."""
    frontier = Frontier()
    frontier.extend(leaves)
    return frontier.root()


def root_at(size: int, node_at: NodeAt) -> Root:
    """Compute the tree head over the first `size` leaves from stored subtrees."""
    return Root(_span_root(0, size, node_at)) if size else EMPTY_ROOT


def inclusion_path(index: int, size: int, node_at: NodeAt) -> list[bytes]:
    """Build the path of leaf `index` in the tree of `size` leaves, leaf side first."""
    if not 0 <= index < size:
        raise ValueError(f"a leaf below {size} expected, found {index}")
    path = []
    start, end = 0, size
    while end - start > 1:  # RFC 9162 2.1.3.1, from the root down
        middle = start + _split(end - start)
        if index < middle:
            path.append(_span_root(middle, end, node_at))
            end = middle
        else:
            path.append(_span_root(start, middle, node_at))
            start = middle
    return path[::-1]


def consistency_path(old: int, new: int, node_at: NodeAt) -> list[bytes]:
    """Build the proof that the tree of `new` leaves extends that of `old`, 0 < old < new."""
    if not 0 < old < new:
        raise ValueError(f"sizes 0 < old < new expected, found {old} and {new}")
    path = []
    start, end, whole = 0, new, True
    while end > old:  # RFC 9162 2.1.4.1, SUBPROOF from the root down; [start, old) is what both trees share
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_span_root(middle, end, node_at))
            end = middle
        else:
            path.append(_span_root(start, middle, node_at))
            start, whole = middle, False
    if not whole:
        path.append(_span_root(start, end, node_at))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Verify that the leaf hash is at `index` under `root`. A path has exactly one right length."""
    return implied_root(leaf, index, size, path) == root


def implied_root(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> Root | None:
    """Compute the only root this path leads to. Returns None if its length is not that of leaf `index` in `size`."""
    if not 0 <= index < size or not _are_hashes((leaf, *path)):
        return None
    position, last, node = index, size - 1, leaf
    for sibling in path:  # RFC 9162 2.1.3.2
        if last == 0:
            return None
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    return Root(node) if last == 0 else None


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Verify that the tree under `new_root` extends the one under `old_root`, 0 < old < new."""
    if not 0 < old < new or not path or not _are_hashes((old_root, new_root, *path)):
        return False
    # RFC 9162 2.1.4.2: an old tree that is one complete subtree is its own first hash.
    first, *rest = path if old & (old - 1) else (old_root, *path)
    trailing = _trailing_ones(old - 1)
    position, last = (old - 1) >> trailing, (new - 1) >> trailing
    old_node = new_node = first
    for sibling in rest:
        if last == 0:
            return False
        if position & 1 or position == last:
            old_node, new_node = node_hash(sibling, old_node), node_hash(sibling, new_node)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            new_node = node_hash(new_node, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and old_node == old_root and new_node == new_root


def spanning_nodes(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield (level, index) of the complete subtrees over the leaves [start, end), left to right.

    `start` must be a multiple of the largest power of two that fits, as it is in every span a proof needs.
    """
    rest = end - start
    while rest:
        level = rest.bit_length() - 1
        yield level, start >> level
        start += 1 << level
        rest -= 1 << level


def _span_root(start: int, end: int, node_at: NodeAt) -> bytes:
    size = end - start
    if size & (size - 1) == 0:  # one complete subtree, as all but one of a path are
        level = size.bit_length() - 1
        return node_at(level, start >> level)
    return _fold([node_at(level, index) for level, index in spanning_nodes(start, end)])


def _fold(peaks: Sequence[bytes]) -> bytes:
    node = peaks[-1]
    for peak in peaks[-2::-1]:
        node = node_hash(peak, node)
    return node


def _complete_root(nodes: list[bytes]) -> bytes:
    prefix = NODE_PREFIX
    while len(nodes) > 1:
        pairs = iter(nodes)
        nodes = [_sha256(prefix + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return nodes[0]


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size` > 1 (RFC 9162 2.1.1)."""
    return 1 << ((size - 1).bit_length() - 1)


def _trailing_ones(number: int) -> int:
    return ((number + 1) & ~number).bit_length() - 1


def _are_hashes(values: Iterable[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
