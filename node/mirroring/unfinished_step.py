"""Keep the entries that a slow source has sent of one step of a log, so that the next round asks for the rest only.

Nothing of it is checked yet: the whole step is compared with the ledger's root, and what does not give it is removed. The
files lie apart from the copies, each by the source that sent it.
"""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acredita.node.publication.tile_names import BundleRefused, bundle_of, entries_in
from acredita.node.publication.trust_folder import write_bytes

FOLDER: Final = "unfinished"


@dataclass(frozen=True)
class UnfinishedStep:
    """The entries from `first` on that one source has sent of a log. `log`: the place of the log."""

    base: Path
    log: str
    source: str
    first: int

    def read(self, most: int) -> list[bytes]:
        """Return at most so many entries. Raises OSError."""
        if not self._path.is_file():
            return []
        try:
            return list(entries_in(self._path.read_bytes()))[:most]
        except BundleRefused:
            return []

    def keep(self, entries: list[bytes]) -> None:
        """Write the entries. Raises OSError."""
        write_bytes(self._path, bundle_of(entries))

    def forget(self) -> None:
        """Remove what this source has sent. Raises OSError."""
        self._path.unlink(missing_ok=True)

    def forget_all(self) -> None:
        """Remove what any source has sent of the log."""
        shutil.rmtree(self._path.parent, ignore_errors=True)

    @property
    def _path(self) -> Path:
        name = hashlib.sha256(self.source.encode()).hexdigest()[:16]
        return self.base / FOLDER / self.log / f"{self.first}-{name}"
