"""Status positions: an issuer's list and an index in it give one position of the log.

`statusListCredential` ends in `/status/<issuer>/<list>` and `statusListIndex` is the index. So the holder can follow a
credential's status in list and log, and nobody else can tie a position to a credential.
"""

from dataclasses import dataclass
from typing import Final

from acredita.anchoring.entries import MAX_LISTS, NO_POSITION, POSITIONS_PER_LIST
from acredita.anchoring.types import IssuerId, read_number

__all__ = ["LIST_BITS", "NO_POSITION", "StatusEntry", "entry_at", "list_url", "parse_list_url", "position"]

LIST_BITS: Final = POSITIONS_PER_LIST  # W3C Bitstring Status List 1.0 4.1 demands at least 131,072

_HEX: Final = frozenset("0123456789abcdef")


@dataclass(frozen=True)
class StatusEntry:
    """The status position of one credential. `list_url`: the list credential's address."""

    list_url: str
    issuer: IssuerId
    list_number: int
    index: int

    @property
    def position(self) -> int:
        """Position in the log."""
        return position(self.list_number, self.index)


def position(list_number: int, index: int) -> int:
    """Return the log's position: list × 2^17 + index."""
    return list_number * LIST_BITS + index


def list_url(base: str, issuer: IssuerId, list_number: int) -> str:
    """Return the address of a list under a node's base address; the base may end in a slash."""
    return f"{base.rstrip('/')}/status/{issuer.hex()}/{list_number}"


def entry_at(base: str, issuer: IssuerId, status_position: int) -> StatusEntry:
    """Return the status entry of a status position."""
    list_number, index = divmod(status_position, LIST_BITS)
    return StatusEntry(list_url(base, issuer, list_number), issuer, list_number, index)


def parse_list_url(url: str) -> tuple[IssuerId, int]:
    """Parse issuer and list number from a list's address. Raises ValueError."""
    _, issuer, number = url.rsplit("/", 2)
    list_number = read_number(number, MAX_LISTS - 1)
    if len(issuer) != 64 or not _HEX.issuperset(issuer) or list_number is None:  # fromhex() alone would take blanks
        raise ValueError(f"…/status/<issuer>/<list> expected, the list below {MAX_LISTS}")
    return IssuerId(bytes.fromhex(issuer)), list_number
