"""Read the parameters of a JSON-RPC request into values. Malformed ones are refused with -32602."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from acredita.devnet.rpc.errors import invalid_params
from eth_typing import Address, Hash32

_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
_DATA = re.compile(r"0x(?:[0-9a-fA-F]{2})*")


class Tag(Enum):
    """Names of blocks."""

    LATEST = "latest"
    PENDING = "pending"


# There is no reorganisation here, so the newest block is safe and final.
_LATEST_TAGS = frozenset({"latest", "safe", "finalized"})

BlockId = int | Hash32 | Tag


@dataclass(frozen=True)
class Parameters:
    """The parameters of one request, by position."""

    values: Sequence[Any]

    def __len__(self) -> int:
        return len(self.values)

    def has(self, place: int) -> bool:
        """Return True if a parameter is given and not null."""
        return place < len(self.values) and self.values[place] is not None

    def value(self, place: int) -> Any:
        """Return a parameter as it came."""
        if not self.has(place):
            raise invalid_params(f"parameter {place + 1} is missing")
        return self.values[place]

    def address(self, place: int) -> Address:
        return read_address(self.value(place))

    def quantity(self, place: int) -> int:
        """Read a parameter as a number."""
        return read_quantity(self.value(place))

    def data(self, place: int) -> bytes:
        """Read a parameter as bytes."""
        return read_data(self.value(place))

    def word(self, place: int) -> Hash32:
        """Read a parameter as 32 bytes."""
        return read_word(self.value(place))

    def flag(self, place: int, default: bool = False) -> bool:
        """Read a parameter as true or false."""
        if not self.has(place):
            return default
        if not isinstance(self.values[place], bool):
            raise invalid_params(f"parameter {place + 1} must be true or false")
        return bool(self.values[place])

    def mapping(self, place: int) -> dict[str, Any]:
        """Read a parameter as an object."""
        value = self.value(place)
        if not isinstance(value, dict):
            raise invalid_params(f"parameter {place + 1} must be an object")
        return value

    def block(self, place: int) -> BlockId:
        return read_block(self.values[place]) if self.has(place) else Tag.LATEST


def read_quantity(value: Any) -> int:
    """Read a number in hexadecimal, or as a JSON number, which Anvil accepts too."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and _QUANTITY.fullmatch(value):
        return int(value, 16)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    raise invalid_params(f"not a quantity: {value!r}")


def read_data(value: Any) -> bytes:
    """Read bytes in hexadecimal."""
    if not isinstance(value, str) or not _DATA.fullmatch(value):
        raise invalid_params(f"not hex data: {value!r}")
    return bytes.fromhex(value[2:])


def read_address(value: Any) -> Address:
    """Read an address."""
    decoded = read_data(value)
    if len(decoded) != 20:
        raise invalid_params(f"not an address: {value!r}")
    return Address(decoded)


def read_word(value: Any) -> Hash32:
    """Read 32 bytes."""
    decoded = read_data(value)
    if len(decoded) != 32:
        raise invalid_params(f"not 32 bytes: {value!r}")
    return Hash32(decoded)


def read_slot(value: Any) -> int:
    """Read a storage key: 32 bytes, or a number."""
    slot = read_quantity(value)
    if slot.bit_length() > 256:
        raise invalid_params(f"not a storage key: {value!r}")
    return slot


def read_block(value: Any) -> BlockId:
    """Read a tag, a number, or EIP-1898's object with a number or a hash."""
    if isinstance(value, dict):
        if "blockHash" in value:
            return read_word(value["blockHash"])
        if "blockNumber" in value:
            return read_quantity(value["blockNumber"])
        raise invalid_params("a block object needs blockHash or blockNumber")
    if isinstance(value, str) and value in _LATEST_TAGS:
        return Tag.LATEST
    if value == "pending":
        return Tag.PENDING
    if value == "earliest":
        return 0
    if isinstance(value, str) and len(value) == 66:
        return read_word(value)
    return read_quantity(value)
