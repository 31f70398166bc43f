"""The log as C2SP tlog-tiles serves it (c2sp.org/tlog-tiles): checkpoint, hash tiles, entry bundles.

Only what a confirmed checkpoint covers exists here: a full tile once its last hash is under the newest confirmed
checkpoint of the epoch, a partial tile for each size that was anchored and for no other. So nothing that is served ever
changes, and nothing provisional is seen. Hashes and entries are read from storage; nothing is computed but the note.
"""

import re
import struct
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.entries import ENTRY_BYTES
from acredita.anchoring.note import NoteKey, NoteSigner, checkpoint_text, origin, sign_note
from acredita.anchoring.types import IssuerId
from acredita.node.storage.models import CheckpointRow
from acredita.node.storage.stored_checkpoints import CheckpointState, StoredCheckpoint
from acredita.node.storage.stored_log import StoredNodes, read_entries
from sqlalchemy import Connection, select

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
MAX_TILE_LEVEL: Final = 63  # tlog-tiles, Merkle Tree
MAX_SIZE: Final = 1 << 48  # a checkpoint's size is below it; a path may name any tile
MAX_READ_LEVEL: Final = 5  # a log of fewer than 2^48 entries has no hash above it

# tlog-tiles, Merkle Tree: <L>/<N>[.p/<W>], N in groups of three digits, all but the last led by an x.
_INDEX: Final = r"(?P<index>(?:x[0-9]{3}/){0,15}[0-9]{3})"
_WIDTH: Final = r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
_PATH: Final = re.compile(rf"(?P<level>entries|0|[1-9][0-9]?)/{_INDEX}{_WIDTH}")
_PREFIX: Final = struct.Struct(">H").pack(ENTRY_BYTES)


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


def read_tile(connection: Connection, issuer: IssuerId, epoch: int, tile: Tile) -> bytes | None:
    """Read the tile's bytes, or return None where no confirmed checkpoint has it."""
    beyond = (tile.level or 0) > MAX_READ_LEVEL or (tile.first + tile.width) * tile.span >= MAX_SIZE
    if beyond or not _exists(connection, issuer, epoch, tile):
        return None
    if tile.level is None:
        entries = read_entries(connection, issuer, epoch, tile.first, tile.first + tile.width)
        return b"".join(_PREFIX + entry for entry in entries)
    nodes, level = StoredNodes(connection, issuer, epoch), tile.level * TILE_HEIGHT
    return b"".join(nodes.node(level, tile.first + place) for place in range(tile.width))


@dataclass(frozen=True)
class Notary:
    """Signs the checkpoints of one institution's logs with its note key."""

    host: str
    issuer: IssuerId
    public: bytes
    signer: NoteSigner

    def key(self, epoch: int) -> NoteKey:
        """Return the key of an epoch's log: the same bytes under each log's own name."""
        return NoteKey(origin(self.host, self.issuer, epoch), self.public)

    def note(self, stored: StoredCheckpoint) -> bytes:
        """Sign the note of a confirmed checkpoint; Ed25519 is deterministic, so the note is always the same."""
        if stored.state != CheckpointState.CONFIRMED:
            raise RuntimeError("only a confirmed checkpoint is ever signed")
        key = self.key(stored.epoch)
        return sign_note(checkpoint_text(key.name, stored.checkpoint), key, self.signer)


"""The notary of an institution; None while its keystore is closed."""


def _exists(connection: Connection, issuer: IssuerId, epoch: int, tile: Tile) -> bool:
    """Return True for a full tile under the newest confirmed checkpoint, or a partial one of exactly an anchored
    size.
    """
    least = (tile.first + tile.width) * tile.span
    sizes = select(CheckpointRow.size).where(
        CheckpointRow.issuer == issuer,
        CheckpointRow.epoch == epoch,
        CheckpointRow.state == CheckpointState.CONFIRMED,
        CheckpointRow.size >= least,
    )
    if tile.is_partial:
        sizes = sizes.where(CheckpointRow.size < least + tile.span)
    return connection.execute(sizes.limit(1)).first() is not None
