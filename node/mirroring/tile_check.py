"""Compare the tiles of a log in a folder with its root: entries, hashes, and the partial tiles of every checkpoint.

A reader takes any of these files, so that a damaged one below the end of the log must be found too. The log is read once,
and a tile of each level is in memory at most.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from acredita.anchoring.merkle import Frontier, leaf_hash
from acredita.anchoring.types import HASH_BYTES, Root
from acredita.node.mirroring.tiles_on_disk import DiskTiles
from acredita.node.publication.tile_names import (
    TILE_HEIGHT,
    TILE_WIDTH,
    BundleRefused,
    Tile,
    anchored_tiles,
    tile_path,
)


def are_sound(tiles: DiskTiles, root: bytes, sizes: Sequence[int]) -> bool:
    """Return whether the files are the log of this root. `sizes`: of its checkpoints, rising, the last its own."""
    try:
        return _TileCheck(tiles).entries() == root and all(
            _is_beginning(tiles, tile)
            for old, size in pairwise((0, *sizes))
            for tile in anchored_tiles(old, size)
            if tile.is_partial
        )
    except (OSError, KeyError, BundleRefused):
        return False


@dataclass
class _TileCheck:
    """One reading of a log. `_rows`: by level, the hashes that no tile was compared with yet; `_first`: their index."""

    tiles: DiskTiles
    _rows: dict[int, bytearray] = field(default_factory=dict)
    _first: dict[int, int] = field(default_factory=dict)

    def entries(self) -> Root:
        """Return the root of the entries, and compare each tile of hashes with them.

        Raises OSError, KeyError, BundleRefused.
        """
        growing, size = Frontier(), self.tiles.size
        for first in range(0, size, TILE_WIDTH):
            for entry in self.tiles.entries(first, min(first + TILE_WIDTH, size)):
                completed = growing.append(leaf_hash(entry))
                for level in range(0, len(completed), TILE_HEIGHT):
                    self._rows.setdefault(level // TILE_HEIGHT, bytearray()).extend(completed[level])
            self._compare(TILE_WIDTH)
        self._compare(1)
        return growing.root()

    def _compare(self, least: int) -> None:
        """Compare the rows of at least so many hashes with their tiles. Raises OSError, KeyError."""
        for level, row in self._rows.items():
            count, first = len(row) // HASH_BYTES, self._first.get(level, 0)
            if count < least:
                continue
            if self.tiles.hashes(level, first, first + count) != row:
                raise KeyError((level, first))
            self._first[level] = first + count
            row.clear()


def _is_beginning(tiles: DiskTiles, tile: Tile) -> bool:
    """Return whether a partial tile is the beginning of the widest tile in its place. Raises OSError."""
    count = tiles.size >> TILE_HEIGHT * (tile.level or 0)
    widest = Tile(tile.level, tile.index, min(count - tile.first, TILE_WIDTH))
    content, whole = ((tiles.base / tile_path(each)).read_bytes() for each in (tile, widest))
    return content == whole[: len(whole) // widest.width * tile.width]
