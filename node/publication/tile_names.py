"""The names of tiles and the form of entry bundles, as C2SP tlog-tiles states them (c2sp.org/tlog-tiles).

A tile has one path, and a path one spelling. This module reads nothing and asks nobody, so that files are verified
without a database.
"""

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.entries import ENTRY_BYTES

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
MAX_TILE_LEVEL: Final = 63  # tlog-tiles, Merkle Tree
MAX_SIZE: Final = 1 << 48  # a checkpoint's size is below it; a path may name any tile
MAX_READ_LEVEL: Final = 5  # a log of fewer than 2^48 entries has no hash above it

# tlog-tiles, Merkle Tree: <L>/<N>[.p/<W>], N in groups of three digits, all but the last led by an x.
_INDEX: Final = r"(?P<index>(?:x[0-9]{3}/){0,15}[0-9]{3})"
_WIDTH: Final = r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
_PATH: Final = re.compile(rf"(?P<level>entries|0|[1-9][0-9]?)/{_INDEX}{_WIDTH}")
_ROW_PREFIX: Final = struct.Struct(">H").pack(ENTRY_BYTES)  # tlog-tiles, Log entries: uint16 length, then the entry
_ROW_BYTES: Final = len(_ROW_PREFIX) + ENTRY_BYTES
MAX_BUNDLE_BYTES: Final = TILE_WIDTH * _ROW_BYTES


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile as its path names it: `level` None for entry bundles, `width` 256 for a full tile."""

    level: int | None
    index: int
    width: int

    @property
    def is_partial(self) -> bool:
        """True if the tile has fewer than 256 entries."""
        return self.width < TILE_WIDTH

    @property
    def first(self) -> int:
        """Index of the first hash, or entry, at the tile's level."""
        return self.index * TILE_WIDTH

    @property
    def span(self) -> int:
        """Entries under one hash of the tile."""
        return 1 << TILE_HEIGHT * (self.level or 0)


def parse_path(path: str) -> Tile | None:
    """Parse `<L>/<N>[.p/<W>]` or `entries/<N>[.p/<W>]` in its one spelling, else return None."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    groups = match["index"].replace("x", "").split("/")
    width = int(match["width"] or TILE_WIDTH)
    level = None if match["level"] == "entries" else int(match["level"])
    leads_with_zeros = len(groups) > 1 and groups[0] == "000"
    if leads_with_zeros or (match["width"] and width >= TILE_WIDTH) or (level or 0) > MAX_TILE_LEVEL:
        return None
    return Tile(level, int("".join(groups)), width)


def tile_path(tile: Tile) -> str:
    """Return the path of a tile, the inverse of `parse_path`."""
    digits = f"{tile.index:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    number = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
    level = "entries" if tile.level is None else str(tile.level)
    return f"{level}/{number}" + (f".p/{tile.width}" if tile.is_partial else "")


class BundleRefused(Exception):
    """Bytes that are no bundle of entries."""


def bundle_of(entries: Iterable[bytes]) -> bytes:
    """Return the bundle of these entries, each behind its length."""
    return b"".join(_ROW_PREFIX + entry for entry in entries)


def entries_in(bundle: bytes) -> Iterator[bytes]:
    """Yield the entries of a bundle. Raises BundleRefused."""
    for start in range(0, len(bundle), _ROW_BYTES):
        row = bundle[start : start + _ROW_BYTES]
        if len(row) != _ROW_BYTES or row[:2] != _ROW_PREFIX:
            raise BundleRefused(f"a bundle whose entries are not {ENTRY_BYTES} bytes long")
        yield row[2:]


def anchored_tiles(old: int, size: int) -> Iterator[Tile]:
    """Yield the tiles that a checkpoint of `size` entries adds to a log anchored at `old`: full ones, then partial ones.

    Bundles come before hashes, and each level before the one above it.
    """
    for level in (None, *range(MAX_READ_LEVEL + 1)):
        shift = TILE_HEIGHT * (level or 0)
        first, last = old >> shift, size >> shift
        for index in range(first >> TILE_HEIGHT, last >> TILE_HEIGHT):
            yield Tile(level, index, TILE_WIDTH)
        if last % TILE_WIDTH and last > first:
            yield Tile(level, last >> TILE_HEIGHT, last % TILE_WIDTH)


def peak_tiles(size: int) -> Iterator[Tile]:
    """Yield the partial tiles of hashes that hold the peaks of a log of `size` entries."""
    for level in range(MAX_READ_LEVEL + 1):
        last = size >> TILE_HEIGHT * level
        if last % TILE_WIDTH:
            yield Tile(level, last >> TILE_HEIGHT, last % TILE_WIDTH)
