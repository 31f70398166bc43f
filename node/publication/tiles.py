"""The log as C2SP tlog-tiles serves it (c2sp.org/tlog-tiles): checkpoint, hash tiles, entry bundles.

Only what a confirmed checkpoint covers exists here: a full tile once its last hash is under the newest confirmed
checkpoint of the epoch, a partial tile for each size that was anchored and for no other. So nothing that is served ever
changes, and nothing provisional is seen. Hashes and entries are read from storage; nothing is computed but the note.
"""

from dataclasses import dataclass
from functools import cached_property

from acredita.anchoring.merkle import root_at
from acredita.anchoring.note import NoteKey, NoteSigner, checkpoint_text, origin, sign_note
from acredita.anchoring.types import IssuerId, Root
from acredita.node.publication.tile_names import MAX_READ_LEVEL, MAX_SIZE, TILE_HEIGHT, Tile, bundle_of
from acredita.node.storage.models import CheckpointRow
from acredita.node.storage.stored_checkpoints import CheckpointState, StoredCheckpoint, newest_of_epoch, sizes_above
from acredita.node.storage.stored_log import StoredNodes, read_entries
from sqlalchemy import Connection, select


def read_tile(connection: Connection, issuer: IssuerId, epoch: int, tile: Tile) -> bytes | None:
    """Read the tile's bytes, or return None where no confirmed checkpoint has it."""
    beyond = (tile.level or 0) > MAX_READ_LEVEL or (tile.first + tile.width) * tile.span >= MAX_SIZE
    if beyond or not _exists(connection, issuer, epoch, tile):
        return None
    return StoredTiles(connection, issuer, epoch).content(tile)


class StoredTiles:
    """The tiles of one log, read from its entries and hashes in the database."""

    def __init__(self, connection: Connection, issuer: IssuerId, epoch: int) -> None:
        self._log = (connection, issuer, epoch)
        self._nodes = StoredNodes(connection, issuer, epoch)

    @cached_property
    def size(self) -> int:
        """The size of the newest confirmed checkpoint; 0 where there is none."""
        newest = newest_of_epoch(*self._log)
        return 0 if newest is None else newest.checkpoint.size

    def sizes(self, above: int) -> list[int]:
        """Return the sizes of the confirmed checkpoints above a size, rising."""
        return sizes_above(*self._log, above)

    def root(self, size: int) -> Root:
        """Compute the root over the first `size` entries from their stored hashes."""
        return root_at(size, self._nodes.node)

    def content(self, tile: Tile) -> bytes:
        """Read the bytes of a tile whose entries are stored. Raises KeyError where they are not."""
        end = tile.first + tile.width
        if tile.level is None:
            return bundle_of(read_entries(*self._log, tile.first, end))
        level = tile.level * TILE_HEIGHT
        return b"".join(self._nodes.node(level, index) for index in range(tile.first, end))


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
