"""RFC 9162 trees and the status tree said a second time, by their recursive definitions: slow, short, imports nothing of

ours. The oracle of the tests beside it.
"""

import hashlib
import struct
from collections.abc import Iterable, Sequence


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def leaf(data: bytes) -> bytes:
    return sha256(b"\x00", data)


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01", left, right)


def split(count: int) -> int:
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def mth(leaves: Sequence[bytes]) -> bytes:
    """Compute the Merkle tree hash of RFC 9162 2.1.1 over leaf hashes."""
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node(mth(leaves[:k]), mth(leaves[k:]))


def path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Compute the inclusion path of RFC 9162 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*path(index, leaves[:k]), mth(leaves[k:])]
    return [*path(index - k, leaves[k:]), mth(leaves[:k])]


def consistency(old: int, leaves: Sequence[bytes], whole: bool = True) -> list[bytes]:
    """Compute the consistency path of RFC 9162 2.1.4.1."""
    if old == len(leaves):
        return [] if whole else [mth(leaves)]
    k = split(len(leaves))
    if old <= k:
        return [*consistency(old, leaves[:k], whole), mth(leaves[k:])]
    return [*consistency(old - k, leaves[k:], False), mth(leaves[:k])]


def status_leaves(changes: Iterable[tuple[int, int]]) -> list[bytes]:
    """Return every leaf of the status tree after these (kind, position) changes."""
    bits: dict[int, bytearray] = {}
    lists = 0
    for kind, position in changes:
        lists = max(lists, position // 2**17 + 1)
        chunk = bits.setdefault(position // 256, bytearray(96))
        offset, mask = {2: 0, 3: 32, 4: 32, 5: 64}[kind] + position % 256 // 8, 1 << (7 - position % 8)
        chunk[offset] = chunk[offset] & ~mask if kind == 4 else chunk[offset] | mask
    return [
        b"S" + struct.pack(">II", index // 512, index % 512) + bits.get(index, bytes(96))
        for index in range(512 * lists)
    ]


def status_root(leaves: Sequence[bytes]) -> bytes:
    return sha256(b"acredita/status/1", struct.pack(">I", len(leaves) // 512), mth([leaf(data) for data in leaves]))
