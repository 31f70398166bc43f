"""Write the tiles of a log as files, each once: what a static host needs to serve the log.

    log/<issuer>/<epoch>/tile/<L>/<N>[.p/<W>]       hashes
    log/<issuer>/<epoch>/tile/entries/<N>[.p/<W>]   entries
    log/<issuer>/<epoch>/published.json             size and root up to which the tiles are written

After an anchor only the tiles are written that its checkpoints added; partial ones stay. A tile is on disk before its name
is there, and `published.json` is written last. A run that follows a crash begins at the size it names: a tile that is there
with the right bytes is left, any other is replaced. A folder that holds more than this database, because an older backup
was restored, is left as it is.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from acredita.anchoring.types import FormatRefused, Root, from_hex, to_hex
from acredita.node.publication.durable_files import sync_folder, write_synced
from acredita.node.publication.tile_names import MAX_SIZE, Tile, anchored_tiles, peak_tiles, tile_path
from acredita.registry.json_documents.strict import JsonRefused, read_json

FORMAT: Final = "acredita-published-log/1"
MARKER: Final = "published.json"
_MAX_MARKER_BYTES: Final = 1_024


class TiledLog(Protocol):
    """The tiles and roots of a log, under its confirmed checkpoints."""

    @property
    def size(self) -> int:
        """The size of the newest checkpoint."""

    def sizes(self, above: int) -> Sequence[int]:
        """Return the sizes of the checkpoints above a size, rising."""

    def content(self, tile: Tile) -> bytes:
        """Return the bytes of a tile."""

    def root(self, size: int) -> Root:
        """Return the root over the first `size` entries."""


@dataclass(frozen=True)
class PublishedLog:
    """The size and the root up to which a folder has every tile."""

    size: int
    root: bytes


NOTHING: Final = PublishedLog(0, b"")


@dataclass(frozen=True)
class TileFolder:
    """The folder of one log."""

    base: Path

    def extend(self, log: TiledLog, *, anew: bool = False) -> int:
        """Write what checkpoints have added since the last time. Return the number of files written.

        `anew`: compare every file, also below the size that was published. Raises OSError.
        """
        with self._locked():
            published = self.published()
            if published.size > log.size and self._has_peaks(log):
                return 0  # this database is older; the files may be the only copy the log can be mended from
            is_prefix = 0 < published.size <= log.size and log.root(published.size) == published.root
            old = published.size if is_prefix and not anew else 0
            return 0 if old == log.size else self._extend(log, old)

    def forget(self) -> None:
        """Remove what says how far the files go, so that the next time every file is compared. Raises OSError."""
        with self._locked():
            (self.base / MARKER).unlink(missing_ok=True)

    def _has_peaks(self, log: TiledLog) -> bool:
        """Decide whether the folder has the tiles that hold the peaks of this log, and so the log up to its size."""
        return all(_has(self.base / "tile" / tile_path(tile), log.content(tile)) for tile in peak_tiles(log.size))

    def _extend(self, log: TiledLog, old: int) -> int:
        written = list[Path]()
        for size in log.sizes(old):
            for tile in anchored_tiles(old, size):
                path = self.base / "tile" / tile_path(tile)
                if _write_once(path, log.content(tile)):
                    written.append(path)
            old = size
        for folder in {path.parent for path in written}:
            sync_folder(folder)
        marker = self.base / MARKER
        write_synced(marker, _marker(old, log.root(old)))
        sync_folder(marker.parent)
        return len(written)

    def published(self) -> PublishedLog:
        """Read what the marker names. A marker that cannot be read names nothing, so that every file is compared."""
        path = self.base / MARKER
        if not path.is_file():
            return NOTHING
        with path.open("rb") as file:
            return _read_marker(file.read(_MAX_MARKER_BYTES))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other writers of the folder out, of this process and of others. The lock ends with its process."""
        self.base.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.base, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _marker(size: int, root: Root) -> bytes:
    return f'{{\n  "format": "{FORMAT}",\n  "size": {size},\n  "root": "{to_hex(root)}"\n}}\n'.encode()


def _read_marker(content: bytes) -> PublishedLog:
    try:
        document = read_json(content)
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            return NOTHING
        size, root = document.get("size"), from_hex(document.get("root"), 32, "root")
    except (JsonRefused, FormatRefused):
        return NOTHING
    return PublishedLog(size, root) if isinstance(size, int) and 0 < size < MAX_SIZE else NOTHING


def _write_once(path: Path, content: bytes) -> bool:
    """Write a file unless it is there with these bytes."""
    if _has(path, content):
        return False
    write_synced(path, content)
    return True


def _has(path: Path, content: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content
