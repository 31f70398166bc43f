"""Read a signed transaction's bytes: what it calls, on which chain, and which account signed it.

Only the form that `transaction.sign` writes is read: EIP-1559, both fees 0, no value, no access list, the lower s. Bytes of
another form are refused, so that one act has one form and nobody pays.
"""

from dataclasses import dataclass
from typing import Any, Final

import rlp  # type: ignore[import-untyped]
from acredita.anchoring.transaction import DYNAMIC_FEE_TYPE, SignedTransaction, UnsignedTransaction
from acredita.anchoring.types import Address, TxHash
from acredita.contracts.abi import Call
from acredita.contracts.coded_error import FixedCodeError
from coincurve import PublicKey
from eth_hash.auto import keccak

MAX_RAW_BYTES: Final = 1 << 16  # a batch of 200 programme versions takes 13,000
_FIELDS: Final = 12
_HASH_BYTES, _ADDRESS_BYTES = 32, 20
_HALF_ORDER: Final = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


class RawTransactionRefused(FixedCodeError):
    """Bytes that are no transaction of the one form that is sent."""

    CODE_IN_TEXT = True
    code = "TRANSACTION_MALFORMED"


@dataclass(frozen=True, slots=True)
class ReadTransaction:
    """A signed transaction as it was read."""

    unsigned: UnsignedTransaction
    signed: SignedTransaction


@dataclass(frozen=True, slots=True)
class ReadCreation:
    """A signed transaction that makes a contract. `code`: creation code with constructor arguments."""

    chain_id: int
    code: bytes
    signed: SignedTransaction


def read_transaction(raw: bytes) -> ReadTransaction:
    """Read a signed transaction and recover its sender. Raises RawTransactionRefused."""
    fields = _free_fields(raw)
    chain_id, nonce, _, _, gas, to, _, data = fields[:8]
    if len(to) != _ADDRESS_BYTES:
        raise RawTransactionRefused("a transaction that calls a contract expected")
    unsigned = UnsignedTransaction(_number(chain_id), _number(nonce), _number(gas), Call(bytes(to), bytes(data)))
    return ReadTransaction(unsigned, _signed(raw, fields))


def read_creation(raw: bytes) -> ReadCreation:
    """Read a signed transaction that makes a contract, and recover its sender. Raises RawTransactionRefused."""
    fields = _free_fields(raw)
    if fields[5]:
        raise RawTransactionRefused("a transaction that makes a contract expected")
    return ReadCreation(_number(fields[0]), bytes(fields[7]), _signed(raw, fields))


def _free_fields(raw: bytes) -> list[Any]:
    """Return the fields of a transaction that costs and moves nothing."""
    if len(raw) > MAX_RAW_BYTES or raw[:1] != DYNAMIC_FEE_TYPE:
        raise RawTransactionRefused("an EIP-1559 transaction expected")
    fields = _fields(raw[1:])
    _, _, tip, fee, _, _, value, _, access = fields[:9]
    if _number(tip) or _number(fee) or _number(value) or access:
        raise RawTransactionRefused("a transaction without price, value and access list expected")
    return fields


def _signed(raw: bytes, fields: list[Any]) -> SignedTransaction:
    parity, r, s = fields[9:]
    sender = _sender(keccak(DYNAMIC_FEE_TYPE + rlp.encode(fields[:9])), _number(parity), _number(r), _number(s))
    return SignedTransaction(raw, TxHash(keccak(raw)), sender, _number(fields[1]))


def _fields(content: bytes) -> list[Any]:
    try:
        fields = rlp.decode(content)
    except rlp.DecodingError as error:
        raise RawTransactionRefused("an EIP-1559 transaction expected") from error
    if not isinstance(fields, list) or len(fields) != _FIELDS or not isinstance(fields[8], list):
        raise RawTransactionRefused("an EIP-1559 transaction expected")
    if any(isinstance(field, list) for field in (*fields[:8], *fields[9:])):
        raise RawTransactionRefused("an EIP-1559 transaction expected")
    return fields


def _number(field: bytes) -> int:
    if len(field) > _HASH_BYTES or field[:1] == b"\0":
        raise RawTransactionRefused("numbers without leading zeros expected")
    return int.from_bytes(field, "big")


def _sender(digest: bytes, parity: int, r: int, s: int) -> Address:
    if parity > 1 or s > _HALF_ORDER:
        raise RawTransactionRefused("a signature with the lower s expected")
    compact = r.to_bytes(_HASH_BYTES, "big") + s.to_bytes(_HASH_BYTES, "big") + bytes((parity,))
    try:
        key = PublicKey.from_signature_and_message(compact, digest, hasher=None)
    except ValueError as error:
        raise RawTransactionRefused("a signature of some account expected") from error
    return Address(keccak(key.format(compressed=False)[1:])[-20:])
