"""Hold the entries of one issuer's logs in memory: a buffer for each epoch, its frontier, and digest → entry.

Only ends grow, so the logs at successive heads share one of these. A reader of an earlier head passes over what came later.
The hashes that paths need are made when the first path is asked for, and then continued.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from acredita.anchoring.entries import ENTRY_BYTES
from acredita.anchoring.log import MemoryNodes
from acredita.anchoring.merkle import Frontier, inclusion_path, leaf_hash
from acredita.anchoring.types import Digest

_INDEX_BITS: Final = 48  # a log has fewer than 2^48 entries


@dataclass(frozen=True, slots=True)
class IssuedEntry:
    """The place of an `issued` entry."""

    epoch: int
    index: int


@dataclass
class _Epoch:
    data: bytearray = field(default_factory=bytearray)
    frontier: Frontier = field(default_factory=Frontier)
    nodes: MemoryNodes = field(default_factory=MemoryNodes)
    hashed: Frontier = field(default_factory=Frontier)  # of the leaves whose nodes are made

    def encoded(self, index: int) -> bytes:
        return bytes(self.data[index * ENTRY_BYTES : (index + 1) * ENTRY_BYTES])


class EntriesInMemory:
    """The entries that were compared with checkpoints. Hold `lock` to extend them; reading needs none."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._epochs: dict[int, _Epoch] = {}
        self._issued: dict[Digest, int] = {}  # epoch and index packed into one number, of the first entry of a digest

    def ends_at(self, sizes: Mapping[int, int]) -> bool:
        """Decide whether exactly these epochs are held, each up to this size."""
        return {number: epoch.frontier.size for number, epoch in self._epochs.items()} == sizes

    def frontier(self, epoch: int) -> Frontier:
        """Return a copy of an epoch's frontier; the empty one where nothing of it is held."""
        held = self._epochs.get(epoch)
        return Frontier() if held is None else held.frontier.copy()

    def extend(self, epoch: int, more: bytes, frontier: Frontier, digests: Iterable[tuple[int, Digest]]) -> None:
        """Append entries to an epoch. `frontier`: after them; `digests`: index and digest of the `issued` ones."""
        held = self._epochs.setdefault(epoch, _Epoch())
        held.data += more
        held.frontier = frontier
        for index, digest in digests:
            self._issued.setdefault(digest, epoch << _INDEX_BITS | index)

    def issued(self, digest: Digest) -> tuple[IssuedEntry, ...]:
        """Return the first `issued` entry of a digest, if there is one."""
        packed = self._issued.get(digest)
        return () if packed is None else (IssuedEntry(packed >> _INDEX_BITS, packed & (1 << _INDEX_BITS) - 1),)

    def encoded(self, epoch: int, index: int) -> bytes:
        """Return the 70 bytes of an entry."""
        return self._epochs[epoch].encoded(index)

    def path(self, epoch: int, index: int, size: int) -> tuple[bytes, ...]:
        """Return the inclusion path of an entry in the tree of `size` entries."""
        held = self._epochs[epoch]
        with self.lock:
            for leaf in range(held.hashed.size, size):
                completed = held.hashed.append(leaf_hash(held.encoded(leaf)))
                held.nodes.put([(level, leaf >> level, node) for level, node in enumerate(completed)])
            return tuple(inclusion_path(index, size, held.nodes.node))
