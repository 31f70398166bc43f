"""Name the sources of a log's entries: a folder, a host, a database.

Nothing that a source gives is believed. A reader asks for a range of an epoch, counts what comes, and compares it with the
checkpoints that the ledger stores.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from acredita.anchoring.entries import ENTRY_BYTES
from acredita.anchoring.types import IssuerId


class EntriesUnavailable(Exception):
    """A source that cannot be read now. It may answer later."""


class EntriesRefused(Exception):
    """Bytes of a source that are no entries of a log. The message names the place and the rule."""


class LogEntries(Protocol):
    """The entries at hand of one issuer's logs."""

    def read(self, epoch: int, start: int, end: int) -> bytes:
        """Return the entries [start, end) of an epoch, 70 bytes each; fewer where the source has no more.

        Raises EntriesUnavailable, EntriesRefused.
        """


EntriesOf = Callable[[IssuerId], LogEntries]
"""The source of an issuer's entries; one that has none where there is no log of this issuer."""


@dataclass(frozen=True)
class EntriesAtHand:
    """Entries in memory, by epoch: 70 bytes each, in order."""

    by_epoch: Mapping[int, bytes] = field(default_factory=dict)

    def read(self, epoch: int, start: int, end: int) -> bytes:
        """Return the entries [start, end) of an epoch, or the fewer there are."""
        return self.by_epoch.get(epoch, b"")[start * ENTRY_BYTES : end * ENTRY_BYTES]
