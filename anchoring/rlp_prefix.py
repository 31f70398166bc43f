"""Read and write the prefix of an RLP item, as the yellow paper's appendix B has it.

Reading takes the one canonical prefix of an item and refuses every other, so an item that was read has one encoding. The
payload is the caller's: an item may claim to end after the bytes do.
"""

from typing import Final

_STRING: Final = 0x80
_LIST: Final = 0xC0
_SHORT_BYTES: Final = 55
"""Longest payload whose length is in the first byte."""
_LENGTH_BYTES: Final = 8


def read_prefix(encoded: bytes, at: int) -> tuple[bool, int, int]:
    """Return whether the item at a position is a list, its payload's length and its payload's start. Raises ValueError."""
    first = encoded[at]
    if first < _STRING:
        return False, 1, at
    is_list = first >= _LIST
    short = first - (_LIST if is_list else _STRING)
    start = at + 1
    if short <= _SHORT_BYTES:
        if not is_list and short == 1 and encoded[start : start + 1] < b"\x80":
            raise ValueError("a byte below 128 is its own encoding")
        return is_list, short, start
    digits = encoded[start : start + short - _SHORT_BYTES]
    length = int.from_bytes(digits, "big")
    if digits[:1] == b"\x00" or length <= _SHORT_BYTES:
        raise ValueError("a length in its shortest form expected")
    return is_list, length, start + short - _SHORT_BYTES


def write_prefix(length: int, is_list: bool) -> bytes:
    """Return the prefix of a payload of this length; a string of one byte below 128 has none, and is not asked for."""
    base = _LIST if is_list else _STRING
    if length <= _SHORT_BYTES:
        return bytes([base + length])
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    if len(digits) > _LENGTH_BYTES:
        raise ValueError(f"a length of at most {_LENGTH_BYTES} bytes expected")
    return bytes([base + _SHORT_BYTES + len(digits)]) + digits
