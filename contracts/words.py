"""Decode ABI types that take one word each: unsigned integers, booleans, addresses and 32 bytes.

Records of the registries hold nothing else. They are decoded here rather than by eth-abi, because importing that takes a
tenth of a second and verification of a bundle needs no other type. Padding is checked as strictly.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

WORD_BYTES: Final = 32
ADDRESS_BYTES: Final = 20
_UNSIGNED: Final = re.compile(r"uint([1-9]\d{0,2})")

Reader = Callable[[bytes], object]


def readers_of(types: Sequence[str]) -> list[Reader] | None:
    """Return a reader for each type, or None if one of the types is not a single word."""
    readers = [reader for kind in types if (reader := _reader(kind)) is not None]
    return readers if len(readers) == len(types) else None


def read_words(readers: Sequence[Reader], data: bytes) -> tuple[object, ...]:
    """Return the values at the beginning of the data. Raises ValueError."""
    if len(data) < WORD_BYTES * len(readers):
        raise ValueError(f"{WORD_BYTES * len(readers)} bytes expected")
    starts = range(0, WORD_BYTES * len(readers), WORD_BYTES)
    return tuple(reader(data[at : at + WORD_BYTES]) for reader, at in zip(readers, starts, strict=True))


@cache
def _reader(kind: str) -> Reader | None:
    if kind in _READERS:
        return _READERS[kind]
    unsigned = _UNSIGNED.fullmatch(kind)
    bits = 0 if unsigned is None else int(unsigned[1])
    if not 0 < bits <= 8 * WORD_BYTES or bits % 8:
        return None
    return lambda word: _read_unsigned(word, bits)


def _read_unsigned(word: bytes, bits: int) -> int:
    value = int.from_bytes(word, "big")
    if value >> bits:
        raise ValueError(f"a number of {bits} bits expected")
    return value


def _read_boolean(word: bytes) -> bool:
    if _read_unsigned(word, 8) > 1:
        raise ValueError("0 or 1 expected")
    return word[-1] == 1


def _read_address(word: bytes) -> str:
    """Return an address as hexadecimal text, as eth-abi does."""
    _read_unsigned(word, 8 * ADDRESS_BYTES)
    return "0x" + word[-ADDRESS_BYTES:].hex()


_READERS: Final[dict[str, Reader]] = {"bool": _read_boolean, "address": _read_address, "bytes32": bytes}
