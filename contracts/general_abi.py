"""Encode and decode any ABI type, by eth-abi.

`abi` imports this module at its first use: eth-abi takes a tenth of a second to import.
"""

from collections.abc import Sequence
from typing import Final

from eth_abi.abi import decode as abi_decode
from eth_abi.abi import encode as abi_encode
from eth_abi.exceptions import DecodingError, EncodingError, ParseError

ENCODING_FAULTS: Final = (EncodingError, ParseError)
DECODING_FAULTS: Final = (DecodingError, ParseError, OverflowError)


def encode(types: Sequence[str], values: Sequence[object]) -> bytes:
    """Return the encoded values. Raises ENCODING_FAULTS."""
    return bytes(abi_encode(types, values))


def decode(types: Sequence[str], data: bytes) -> tuple[object, ...]:
    """Return the decoded values, padding checked. Raises DECODING_FAULTS."""
    return tuple(abi_decode(types, data, strict=True))
