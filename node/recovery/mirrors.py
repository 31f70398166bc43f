"""Read the entries of a lost log from a mirror: another node, a static host of its tiles, or a published folder.

Entries are not trusted: `mend` compares them with the chain. Only the address that the operator named is asked, within the
bounds of `publication.log_copies`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from acredita.anchoring.entries import ENTRY_BYTES
from acredita.anchoring.types import IssuerId
from acredita.node.publication.log_copies import BUNDLE_SECONDS, CopyAddressRefused, open_copies
from acredita.node.recovery.mend import Mirror, MirrorRefused
from acredita.registry.ledger_facts.log_entries import EntriesRefused, EntriesUnavailable, LogEntries

_ENTRIES_AT_ONCE: Final = 4_096


class MirrorAddressRefused(Exception):
    """A name that is neither an existing folder nor an http address that can be asked."""


class MirrorUnavailable(Exception):
    """A mirror that cannot be read now. Ask again later, or ask another one."""


def open_mirror(source: str, issuer: IssuerId, seconds: float = BUNDLE_SECONDS) -> Mirror:
    """Open the mirror of one institution's logs at an address or in a folder.

    `seconds`: the limit for one bundle. Raises MirrorAddressRefused.
    """
    try:
        return CopyMirror(open_copies(source, seconds)(issuer))
    except CopyAddressRefused as error:
        raise MirrorAddressRefused(str(error)) from error


@dataclass(frozen=True)
class CopyMirror:
    """The mirror of one institution's logs."""

    copy: LogEntries

    def __call__(self, epoch: int, first: int, end: int) -> Iterator[bytes]:
        """Yield the entries [first, end) of an epoch. Raises MirrorRefused, MirrorUnavailable."""
        for start in range(first, end, _ENTRIES_AT_ONCE):
            stop = min(start + _ENTRIES_AT_ONCE, end)
            data = self._read(epoch, start, stop)
            for at in range(0, len(data), ENTRY_BYTES):
                yield data[at : at + ENTRY_BYTES]
            if len(data) < (stop - start) * ENTRY_BYTES:
                missing = start + len(data) // ENTRY_BYTES
                raise MirrorRefused(f"the mirror has no entries {missing} to {end - 1}")

    def _read(self, epoch: int, start: int, end: int) -> bytes:
        try:
            return self.copy.read(epoch, start, end)
        except EntriesUnavailable as error:
            raise MirrorUnavailable(str(error)) from error
        except EntriesRefused as error:
            raise MirrorRefused(str(error)) from error
