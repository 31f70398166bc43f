"""Read members of our own JSON files strictly: exactly the keys of the format, each of its one type.

FormatRefused names the JSON pointer and the rule. Credentials come from others; `registry/credentials/shapes.py` reads
them.
"""

from acredita.anchoring.types import FormatRefused


def object_of(
    value: object, where: str, required: frozenset[str], optional: frozenset[str] = frozenset()
) -> dict[str, object]:
    """Return an object with every required key and no other than the optional ones. Raises FormatRefused."""
    if not isinstance(value, dict):
        raise FormatRefused(where or "/", "an object expected")
    unknown = sorted(set(value) - required - optional)
    if unknown:
        raise FormatRefused(f"{where}/{unknown[0]}", "no such key in this format")
    absent = sorted(required - set(value))
    if absent:
        raise FormatRefused(f"{where}/{absent[0]}", "missing")
    return value


def list_of(value: object, where: str, most: int) -> list[object]:
    """Return a list of at most `most` items. Raises FormatRefused."""
    if not isinstance(value, list) or len(value) > most:
        raise FormatRefused(where, f"a list of at most {most} items expected")
    return value


def text_of(value: object, where: str) -> str:
    """Return a string. Raises FormatRefused."""
    if not isinstance(value, str):
        raise FormatRefused(where, "a string expected")
    return value


def count_of(value: object, where: str) -> int:
    """Return a whole number of at least 0. Raises FormatRefused."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise FormatRefused(where, "a whole number of at least 0 expected")
    return value


def data_of(value: object, where: str, most: int) -> bytes:
    """Return the bytes behind `0x` and an even number of lower-case hex digits, at most `most` bytes.

    Raises FormatRefused.
    """
    text = text_of(value, where)
    digits = text[2:]
    if not text.startswith("0x") or len(digits) % 2 or not _HEX.issuperset(digits) or len(digits) > 2 * most:
        raise FormatRefused(where, f"0x and lower-case hex digits of at most {most} bytes expected")
    return bytes.fromhex(digits)


_HEX = frozenset("0123456789abcdef")
