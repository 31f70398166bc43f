"""Checkpoints: what the CredentialLog contract stores of a log, and how Python says the same bytes.

A checkpoint is one word on the chain,

    word  = SHA-256(fixed || root || status_root || previous word)
    fixed = kind << 176 | number << 136 | old size << 88 | size << 40 | time, 32 bytes big-endian

and the newest is found by the packed head, epoch << 128 | number << 88 | size << 40 | time. Checkpoint 0 of
a log has kind 0, old size 0, size 1 and the leaf of entry 0 as its root. In epoch 1 it is computed, never
stored (time 0, no lists, previous word zero); later epochs start from the last good checkpoint of the one
before.
"""

import hashlib
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from acredita.anchoring.entries import encode, opened
from acredita.anchoring.merkle import leaf_hash
from acredita.anchoring.status_bits import EMPTY_STATUS_ROOT
from acredita.anchoring.types import HASH_BYTES, ZERO_HASH, LogId, Root, Word

NO_WORD: Final = Word(ZERO_HASH)
MAX_KIND: Final = 0xFF
MAX_NUMBER: Final = (1 << 40) - 1
MAX_SIZE: Final = (1 << 48) - 1
MAX_TIME: Final = (1 << 40) - 1
MAX_EPOCH: Final = (1 << 16) - 1


class CheckpointKind(IntEnum):
    """Kinds of checkpoint."""

    OPENING = 0
    OPEN = 1  # may hold `issued` entries that will be recognised
    STATUS_ONLY = 2  # revokes, suspends, reinstates; nothing in it is ever recognised as issued


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint of a log, with the fields that its word binds. Times are block times in Unix seconds."""

    kind: int
    number: int
    old_size: int
    size: int
    root: Root
    status_root: Root
    time: int
    previous: Word

    def __post_init__(self) -> None:
        for name, limit in _LIMITS:
            value = getattr(self, name)
            if not 0 <= value <= limit:
                raise ValueError(f"{name} {value} does not fit a checkpoint")
        for name in ("root", "status_root", "previous"):
            if len(getattr(self, name)) != HASH_BYTES:
                raise ValueError(f"{name} of a checkpoint has {HASH_BYTES} bytes")

    def fixed(self) -> bytes:
        """Pack everything but the three hashes into one 32-byte number."""
        packed = self.kind << 176 | self.number << 136 | self.old_size << 88 | self.size << 40 | self.time
        return packed.to_bytes(32, "big")

    def parts(self) -> tuple[bytes, bytes, bytes, bytes]:
        """Return the four words of the word's preimage, which the next call passes as `previous`."""
        return self.fixed(), self.root, self.status_root, self.previous

    def word(self) -> Word:
        """Return the word that the contract stores: SHA-256 of the four parts."""
        return Word(hashlib.sha256(b"".join(self.parts())).digest())


_LIMITS: Final = (
    ("kind", MAX_KIND),
    ("number", MAX_NUMBER),
    ("old_size", MAX_SIZE),
    ("size", MAX_SIZE),
    ("time", MAX_TIME),
)


@dataclass(frozen=True, slots=True)
class Head:
    """The newest checkpoint of an issuer's current epoch, as the chain keeps it."""

    epoch: int
    number: int
    size: int
    time: int


FIRST_HEAD: Final = Head(epoch=1, number=0, size=1, time=0)


def opening(
    log: LogId,
    *,
    time: int = 0,
    status_root: Root = EMPTY_STATUS_ROOT,
    previous: Word = NO_WORD,
) -> Checkpoint:
    """Return checkpoint 0 of a log, which covers its opening entry."""
    root = Root(leaf_hash(encode(opened(log))))
    return Checkpoint(CheckpointKind.OPENING, 0, 0, 1, root, status_root, time, previous)


def unpack_head(packed: int) -> Head:
    """Unpack the head in the slot's number; an empty slot is an epoch 1 that nobody has extended yet."""
    if packed == 0:
        return FIRST_HEAD
    if not 1 << 128 <= packed < 1 << 144:
        raise ValueError("a packed head has 144 bits, and an epoch from 1 on")
    return Head(packed >> 128, packed >> 88 & MAX_NUMBER, packed >> 40 & MAX_SIZE, packed & MAX_TIME)
