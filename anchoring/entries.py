"""Encode and decode log entries: 70 bytes, big-endian, no clock, no person.

    1  version = 1
    1  kind: 0 log opened, 1 issued, 2 revoked, 3 suspended, 4 reinstated, 5 replaced
    4  status position = list number * 2^17 + index (kinds 2-5); 0xFFFFFFFF for kinds 0 and 1
   32  issued: credential digest; opened: log id; otherwise zeros
   32  issued: programme version digest; otherwise zeros

One entry has one encoding: `encode` returns the bytes that `decode` took. A reader stops at an unknown version or kind
(EntryRefused); it does not skip. This module does not check that an entry makes sense in its log.
"""

import hashlib
import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from acredita.anchoring.types import ZERO_HASH, Address, Digest, IssuerId, LogId

VERSION: Final = 1
ENTRY_BYTES: Final = 70
NO_POSITION: Final = 0xFFFFFFFF
POSITIONS_PER_LIST: Final = 1 << 17
MAX_LISTS: Final = 1 << 15  # what four bytes of position leave for the list number

_LAYOUT: Final = struct.Struct(">BBI32s32s")
_NO_DIGEST: Final = Digest(ZERO_HASH)


class EntryKind(IntEnum):
    """Kinds of entry."""

    OPENED = 0
    ISSUED = 1
    REVOKED = 2
    SUSPENDED = 3
    REINSTATED = 4
    REPLACED = 5

    @property
    def changes_status(self) -> bool:
        """True for the kinds that name a status position."""
        return self >= EntryKind.REVOKED


class EntryRefused(Exception):
    """These bytes, or these fields, are no entry of version 1."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a log. A status change names a position only; the other kinds name digests only."""

    kind: EntryKind
    position: int
    digest: Digest
    programme: Digest

    def __post_init__(self) -> None:
        if len(self.digest) != 32 or len(self.programme) != 32:
            raise EntryRefused("digests have 32 bytes")
        if self.kind.changes_status:
            self._check_status_change()
        else:
            self._check_naming()

    def _check_status_change(self) -> None:
        if not 0 <= self.position < NO_POSITION:
            raise EntryRefused(f"status position {self.position} is none that can be drawn")
        if self.digest != ZERO_HASH or self.programme != ZERO_HASH:
            raise EntryRefused("a status change names a position only")

    def _check_naming(self) -> None:
        if self.position != NO_POSITION:
            raise EntryRefused(f"kind {self.kind} has no status position")
        if self.kind is EntryKind.OPENED and self.programme != ZERO_HASH:
            raise EntryRefused("an opening entry names a log id only")


def opened(log: LogId) -> Entry:
    """Return entry 0 of a log."""
    return Entry(EntryKind.OPENED, NO_POSITION, Digest(log), _NO_DIGEST)


def issued(digest: Digest, programme: Digest) -> Entry:
    """Return the entry of a credential: its digest and its programme version."""
    return Entry(EntryKind.ISSUED, NO_POSITION, digest, programme)


def status_change(kind: EntryKind, position: int) -> Entry:
    """Return the entry that changes the status of a position. Raises EntryRefused for another kind."""
    if not kind.changes_status:
        raise EntryRefused(f"kind {kind} changes no status")
    return Entry(kind, position, _NO_DIGEST, _NO_DIGEST)


def position_of(list_number: int, index: int) -> int:
    """Return the position of bit `index` in status list `list_number`; 0xFFFFFFFF is never drawn."""
    position = list_number * POSITIONS_PER_LIST + index
    if not (0 <= list_number < MAX_LISTS and 0 <= index < POSITIONS_PER_LIST) or position == NO_POSITION:
        raise EntryRefused(f"no status position at list {list_number}, index {index}")
    return position


def encode(entry: Entry) -> bytes:
    """Encode an entry as its 70 bytes."""
    return _LAYOUT.pack(VERSION, entry.kind, entry.position, entry.digest, entry.programme)


def decode(data: bytes) -> Entry:
    """Decode exactly 70 bytes. Raises EntryRefused."""
    if len(data) != ENTRY_BYTES:
        raise EntryRefused(f"{ENTRY_BYTES} bytes expected, {len(data)} found")
    version, kind, position, digest, programme = _LAYOUT.unpack(data)
    if version != VERSION:
        raise EntryRefused(f"version {version} is not known")
    if kind > EntryKind.REPLACED:
        raise EntryRefused(f"kind {kind} is not known")
    return Entry(EntryKind(kind), position, digest, programme)


def log_id(chain_id: int, contract: Address, issuer: IssuerId, epoch: int) -> LogId:
    """Return the id that ties a log to one chain, contract, issuer and epoch: no root is good in two places."""
    preimage = b"".join((b"acredita/log/1", chain_id.to_bytes(32, "big"), contract, issuer, epoch.to_bytes(4, "big")))
    return LogId(hashlib.sha256(preimage).digest())
