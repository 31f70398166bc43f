"""Run the log of one issuer and epoch: append entries, propose the next checkpoint, prove.

The hashes of complete subtrees are in a NodeStore; in memory are the O(log n) peaks and the status bits.
Appending, a checkpoint and a proof each touch O(log n) nodes, whatever the log's size. The log has no
ledger and no clock: a proposed checkpoint becomes a checkpoint when the chain has given it a time. Entries behind
the last confirmed checkpoint are provisional. The owner of the store cuts them: it opens the log again
at the smaller size.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from acredita.anchoring.checkpoint import Checkpoint
from acredita.anchoring.entries import Entry, encode, opened
from acredita.anchoring.merkle import Frontier, consistency_path, inclusion_path, leaf_hash
from acredita.anchoring.status_bits import StatusBits
from acredita.anchoring.types import HASH_BYTES, Digest, LogId, Root

# Level, index and hash of the complete subtree over the leaves index * 2^level up to (index + 1) * 2^level - 1.
Node = tuple[int, int, bytes]


class NodeStore(Protocol):
    """Subtree hashes of one log. A node that was put never changes while its leaves stay in the log."""

    def node(self, level: int, index: int) -> bytes:
        """Return the hash that was put. Raises KeyError where there is none."""

    def put(self, nodes: Sequence[Node]) -> None:
        """Store the nodes. On return they are as durable as the entries they were made from."""


class MemoryNodes:
    """A NodeStore for replays and tests: nothing outlives the process. Each level is one buffer of hashes."""

    def __init__(self) -> None:
        self._levels: list[bytearray] = []

    def node(self, level: int, index: int) -> bytes:
        place = index * HASH_BYTES
        if level >= len(self._levels) or not 0 <= place < len(self._levels[level]):
            raise KeyError((level, index))
        return bytes(self._levels[level][place : place + HASH_BYTES])

    def put(self, nodes: Sequence[Node]) -> None:
        for level, index, node in nodes:
            if level == len(self._levels):
                self._levels.append(bytearray())
            if index * HASH_BYTES != len(self._levels[level]):
                raise RuntimeError(f"node {index} of level {level} is not the next")
            self._levels[level] += node


@dataclass(frozen=True, slots=True)
class ProposedCheckpoint:
    """The next checkpoint as `anchor` takes it; only the block can give it a time."""

    last: Checkpoint
    kind: int
    size: int
    root: Root
    status_root: Root
    consistency_path: tuple[bytes, ...]

    def checkpoint(self, time: int) -> Checkpoint:
        """Return the checkpoint that the contract stores if it accepts it in a block of this time."""
        return Checkpoint(
            kind=self.kind,
            number=self.last.number + 1,
            old_size=self.last.size,
            size=self.size,
            root=self.root,
            status_root=self.status_root,
            time=time,
            previous=self.last.word(),
        )


class RunningLog:
    """A log that its one writer extends."""

    def __init__(self, nodes: NodeStore, frontier: Frontier, status: StatusBits) -> None:
        self.nodes = nodes
        self._frontier = frontier
        self._status = status

    @classmethod
    def start(cls, nodes: NodeStore, log: LogId, status: StatusBits) -> "RunningLog":
        """Start a log with its entry 0. `status`: the bits of the epochs before, each up to its last good one."""
        running = cls(nodes, Frontier(), status)
        running.append(opened(log))
        return running

    @classmethod
    def open(cls, nodes: NodeStore, size: int, status: StatusBits) -> "RunningLog":
        """Open the log at `size` entries, with the bits that these entries and earlier epochs have set."""
        return cls(nodes, Frontier.read(size, nodes.node), status)

    @property
    def size(self) -> int:
        """The number of entries."""
        return self._frontier.size

    @property
    def status(self) -> StatusBits:
        """The status bits that the entries have set."""
        return self._status

    def root(self) -> Root:
        """Return the root over all entries."""
        return self._frontier.root()

    def append(self, entry: Entry) -> int:
        """Append one entry and return its index."""
        return self.extend((entry,))

    def extend(self, entries: Iterable[Entry]) -> int:
        """Append entries in this order, their nodes in one put, and return the index of the first."""
        first, nodes = self.size, list[Node]()
        for entry in entries:
            index = self.size
            completed = self._frontier.append(leaf_hash(encode(entry)))
            nodes.extend((level, index >> level, node) for level, node in enumerate(completed))
            self._status.apply(entry)
        self.nodes.put(nodes)
        return first

    def propose(self, last: Checkpoint, kind: int) -> ProposedCheckpoint:
        """Propose the checkpoint that follows `last` and covers every entry; there must be a new one."""
        path = consistency_path(last.size, self.size, self.nodes.node)
        return ProposedCheckpoint(last, kind, self.size, self.root(), self._status.root(), tuple(path))

    def inclusion_path(self, index: int, size: int) -> list[bytes]:
        """Return the path of an entry in the tree of the checkpoint of `size` entries."""
        if size > self.size:
            raise ValueError(f"the log has {self.size} entries, not {size}")
        return inclusion_path(index, size, self.nodes.node)


def in_batch_order(issued: Iterable[Entry], changes: Iterable[Entry]) -> list[Entry]:
    """Order one batch: `issued` by digest, so import order reveals nothing, then status changes as they came."""
    return [*sorted(issued, key=_digest), *changes]


def _digest(entry: Entry) -> Digest:
    return entry.digest
