"""Prove from the hash tiles of a source that a log's newer checkpoint extends an older one (RFC 9162, 2.1.4).

A source is not believed. Its hashes count only if they lead to the newer root; then they fix the older root as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from acredita.anchoring.merkle import consistency_path, node_hash, root_at, verify_consistency
from acredita.anchoring.types import HASH_BYTES, Root
from acredita.node.mirroring.sources import AskedSource
from acredita.node.publication.tile_names import TILE_HEIGHT, TILE_WIDTH, Tile, tile_path

MAX_TILE_BYTES: Final = TILE_WIDTH * HASH_BYTES


class TilesUnavailable(Exception):
    """A source has no hash tiles, or tiles that do not lead to the newer root."""


@dataclass
class HashTiles:
    """The hashes of one log of `size` entries, fetched from one source as they are needed. `place`: the log's path."""

    source: AskedSource
    place: str
    size: int
    _tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)

    @property
    def fetched(self) -> Mapping[tuple[int, int], bytes]:
        """The tiles fetched so far, by level and index."""
        return self._tiles

    def root_of_prefix(self, old: int, new_root: Root) -> Root:
        """Return the root of the first `old` entries of the tree under `new_root`, 0 < old < size.

        Raises TilesUnavailable, SourceUnavailable.
        """
        old_root = root_at(old, self._node)
        path = consistency_path(old, self.size, self._node)
        if not verify_consistency(old, self.size, old_root, new_root, path):
            raise TilesUnavailable("the tiles do not lead to the checkpoint's root")
        return old_root

    def _node(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree, computed from the hashes of the tile that holds it."""
        tile_level, height = divmod(level, TILE_HEIGHT)
        tile, first = divmod(index << height, TILE_WIDTH)
        hashes = self._tile(tile_level, tile)
        nodes = [hashes[at * HASH_BYTES : (at + 1) * HASH_BYTES] for at in range(first, first + (1 << height))]
        while len(nodes) > 1:
            nodes = [node_hash(left, right) for left, right in zip(nodes[::2], nodes[1::2], strict=True)]
        return nodes[0]

    def _tile(self, level: int, index: int) -> bytes:
        if (level, index) not in self._tiles:
            self._tiles[level, index] = self._fetch(level, index)
        return self._tiles[level, index]

    def _fetch(self, level: int, index: int) -> bytes:
        width = min(TILE_WIDTH, (self.size >> TILE_HEIGHT * level) - index * TILE_WIDTH)
        widths = sorted({width, TILE_WIDTH})  # a copy may leave out a partial tile where the full one is there
        names = [f"{self.place}/tile/{tile_path(Tile(level, index, each))}" for each in widths]
        content = self.source.first(names, MAX_TILE_BYTES)
        if content is None or len(content) < width * HASH_BYTES:
            raise TilesUnavailable(f"{names[0]}: {width} hashes expected")
        return content
