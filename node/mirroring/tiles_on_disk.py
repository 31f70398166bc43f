"""The tiles of a log that grows: its first entries are in a folder, the next ones in memory.

Only the partial tiles at the end of the folder's log are read, never the log before them. So an extension costs its new
entries and the logarithm of the log.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from acredita.anchoring.merkle import Frontier, leaf_hash, node_hash
from acredita.anchoring.types import HASH_BYTES, Root
from acredita.node.publication.tile_names import (
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    bundle_of,
    entries_in,
    tile_path,
)


@dataclass
class DiskTiles:
    """The tiles below `tile/` of a log of `size` entries."""

    base: Path
    size: int

    def frontier(self) -> Frontier:
        """Read the frontier from the partial tiles. Raises OSError, KeyError where they are not whole."""
        return Frontier.read(self.size, self._peak)

    def hashes(self, level: int, first: int, end: int) -> bytes:
        """Return the hashes [first, end) of a tile level, from the last tile of it. Raises OSError, KeyError."""
        count = self.size >> TILE_HEIGHT * level
        tile = Tile(level, first // TILE_WIDTH, min(count - first // TILE_WIDTH * TILE_WIDTH, TILE_WIDTH))
        content = (self.base / tile_path(tile)).read_bytes()
        if len(content) != tile.width * HASH_BYTES or end > count:
            raise KeyError((level, first, end))
        return content[(first - tile.first) * HASH_BYTES : (end - tile.first) * HASH_BYTES]

    def entries(self, first: int, end: int) -> list[bytes]:
        """Return the entries [first, end) of the last bundle. Raises OSError, KeyError, BundleRefused."""
        tile = Tile(None, first // TILE_WIDTH, min(self.size - first // TILE_WIDTH * TILE_WIDTH, TILE_WIDTH))
        entries = list(entries_in((self.base / tile_path(tile)).read_bytes()))
        if len(entries) != tile.width or end > self.size:
            raise KeyError((None, first, end))
        return entries[first - tile.first : end - tile.first]

    def _peak(self, level: int, index: int) -> bytes:
        tile_level, height = divmod(level, TILE_HEIGHT)
        content = self.hashes(tile_level, index << height, (index + 1) << height)
        nodes = [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]
        while len(nodes) > 1:
            nodes = [node_hash(nodes[at], nodes[at + 1]) for at in range(0, len(nodes), 2)]
        return nodes[0]


@dataclass
class GrowingTiles:
    """A log of `disk.size` entries with more entries behind them, as `tile_files` writes it.

    `anchored`: the sizes of the checkpoints among the new entries, rising; the last is the size of the log.
    """

    disk: DiskTiles
    frontier: Frontier
    more: Sequence[bytes]
    anchored: Sequence[int]
    _roots: dict[int, Root] = field(default_factory=dict)
    _hashes: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        growing, sizes = self.frontier.copy(), frozenset(self.anchored)
        if growing.size:
            self._roots[growing.size] = growing.root()
        for entry in self.more:
            index = growing.size
            completed = growing.append(leaf_hash(entry))
            for level in range(0, len(completed), TILE_HEIGHT):
                self._hashes[level // TILE_HEIGHT, index >> level] = completed[level]
            if growing.size in sizes:
                self._roots[growing.size] = growing.root()
        self.grown = growing

    @property
    def size(self) -> int:
        """The size of the newest checkpoint."""
        return self.anchored[-1]

    def sizes(self, above: int) -> list[int]:
        """Return the sizes of the checkpoints above a size, rising."""
        return [size for size in self.anchored if size > above]

    def root(self, size: int) -> Root:
        """Return the root at the folder's size or at a checkpoint. Raises KeyError for another size."""
        return self._roots[size]

    def content(self, tile: Tile) -> bytes:
        """Return the bytes of a tile. Raises OSError, KeyError, BundleRefused where the folder lacks its beginning."""
        first, end, old = tile.first, tile.first + tile.width, self.disk.size
        if tile.level is None:
            kept = self.disk.entries(first, min(end, old)) if first < old else []
            return bundle_of([*kept, *self.more[max(first - old, 0) : max(end - old, 0)]])
        complete = old >> TILE_HEIGHT * tile.level
        begun = self.disk.hashes(tile.level, first, min(end, complete)) if first < complete else b""
        return begun + b"".join(self._hashes[tile.level, index] for index in range(max(first, complete), end))
