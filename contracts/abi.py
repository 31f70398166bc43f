"""The values that cross the border to the chain: a call, a view, a log, the addresses of one installation.

Bytes inside: an address is 20 bytes, a topic or hash 32. Nothing here opens a socket, signs, or knows a
selector (`bindings` does). Encoding and decoding follow the contract ABI through eth-abi; a value that does
not fit raises `AbiError`, never a plausible default.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from acredita.contracts.words import WORD_BYTES, read_words, readers_of
from eth_hash.auto import keccak

T = TypeVar("T")

SELECTOR_BYTES = 4


class AbiError(Exception):
    """Bytes that do not have the shape the contract's interface promises."""


@dataclass(frozen=True, slots=True)
class Call:
    """A state-changing call: who is called, with what bytes. Nonce, gas and signature are the sender's."""

    to: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class View(Generic[T]):
    """A question to a contract and the way to read its answer."""

    to: bytes
    data: bytes
    decode: Callable[[bytes], T]


@dataclass(frozen=True, slots=True)
class RawLog:
    """One log as the ledger gives it."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes
    block_number: int
    block_hash: bytes
    transaction: bytes
    index: int


@dataclass(frozen=True, slots=True)
class Deployment:
    """The four addresses of one installation."""

    council: bytes
    issuer_registry: bytes
    programme_registry: bytes
    credential_log: bytes


def selector(signature: str) -> bytes:
    """Return the first four bytes of keccak-256 of `name(type,…)`."""
    return bytes(keccak(signature.encode("ascii"))[:SELECTOR_BYTES])


def topic(signature: str) -> bytes:
    """Return topic 0 of an event `Name(type,…)`."""
    return bytes(keccak(signature.encode("ascii")))


def encode(types: Sequence[str], values: Sequence[object]) -> bytes:
    """Encode values by their ABI types. Raises AbiError for a value that does not fit its type."""
    from acredita.contracts import general_abi

    for kind, value in zip(types, values, strict=False):  # a wrong count is the encoder's to refuse
        _check_lengths(kind, value)
    try:
        return general_abi.encode(types, values)
    except general_abi.ENCODING_FAULTS as error:
        raise AbiError(f"cannot encode {list(types)}: {error}") from error


def decode(types: Sequence[str], data: bytes) -> tuple[object, ...]:
    """Decode ABI data by its types. Raises AbiError for data that is cut or not of these types."""
    readers = readers_of(types)
    try:
        return _decode_generally(types, data) if readers is None else read_words(readers, data)
    except ValueError as error:
        raise AbiError(f"cannot decode {list(types)} from {len(data)} bytes: {error}") from error


def _decode_generally(types: Sequence[str], data: bytes) -> tuple[object, ...]:
    from acredita.contracts import general_abi

    try:
        return general_abi.decode(types, data)
    except general_abi.DECODING_FAULTS as error:
        raise ValueError(str(error)) from error


def _check_lengths(kind: str, value: object) -> None:
    """Refuse a bytes32 of another length: eth-abi pads it, and a digest cut short must not become another one."""
    if kind.startswith("bytes32[") and isinstance(value, Sequence):
        for item in value:
            _check_lengths("bytes32", item)
    if kind.startswith("(") and isinstance(value, Sequence):
        inner, _, array = kind[1:].rpartition(")")
        for item in value if array else [value]:
            for part, member in zip(inner.split(","), item, strict=False):
                _check_lengths(part, member)
    if kind == "bytes32" and not (isinstance(value, bytes) and len(value) == WORD_BYTES):
        raise AbiError(f"expected {WORD_BYTES} bytes, found {value!r}")


def address_bytes(text: str) -> bytes:
    """Return the 20 bytes of an address that eth-abi gives as hexadecimal text."""
    return bytes.fromhex(text.removeprefix("0x"))
