"""Domain types of the log and the ledger, and the one way between bytes and hex.

Inside, everything is `bytes`; `0x` + lower-case hex exists only where a value enters or leaves (files,
JSON-RPC). Checking the length of a value is the parser's work, not the type's.
"""

from typing import NewType

Digest = NewType("Digest", bytes)
Root = NewType("Root", bytes)
Word = NewType("Word", bytes)
LogId = NewType("LogId", bytes)
TxHash = NewType("TxHash", bytes)
BlockHash = NewType("BlockHash", bytes)
IssuerId = NewType("IssuerId", bytes)
Address = NewType("Address", bytes)

HASH_BYTES = 32
ADDRESS_BYTES = 20
ZERO_HASH = bytes(HASH_BYTES)


class FormatRefused(Exception):
    """A value that breaks its format: `where` is the path to it, `rule` what it should have been."""

    def __init__(self, where: str, rule: str) -> None:
        super().__init__(f"{where}: {rule}")
        self.where = where
        self.rule = rule


def to_hex(value: bytes) -> str:
    """Return `0x` and lower-case hex, as in every file of ours."""
    return "0x" + value.hex()


def read_number(text: str, most: int) -> int | None:
    """Read a number of at most `most` in its one spelling: ASCII digits, no zero before them. None for any other text.

    Python's own `int` also takes digits of other scripts, blanks, signs and underscores.
    """
    if not text.isascii() or not text.isdecimal() or (text[0] == "0" and text != "0") or len(text) > len(str(most)):
        return None
    number = int(text)
    return number if number <= most else None


def from_hex(text: object, length: int, where: str) -> bytes:
    """Read `0x` + lower-case hex of exactly `length` bytes. Raises FormatRefused naming `where`."""
    rule = f"0x and {2 * length} lower-case hex digits expected"
    if not isinstance(text, str) or len(text) != 2 + 2 * length or not text.startswith("0x"):
        raise FormatRefused(where, rule)
    try:
        value = bytes.fromhex(text[2:])
    except ValueError:
        raise FormatRefused(where, rule) from None
    if value.hex() != text[2:]:  # bytes.fromhex takes upper case and blanks, but a value has one spelling
        raise FormatRefused(where, rule)
    return value
