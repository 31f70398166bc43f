"""Headers, transactions, logs and receipts of the embedded chain as plain values, and their RLP.

Invariants: `Header.decode(header.encode()) == header`; a transaction keeps the bytes it came in, so its hash never depends
on how it is written again. Nothing here executes a transaction or knows where a block is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import rlp  # type: ignore[import-untyped]
from acredita.devnet.errors import Refusal, TransactionRefused
from coincurve import PublicKey
from eth.vm.forks.shanghai.constants import INITCODE_WORD_COST, MAX_INITCODE_SIZE
from eth_bloom.bloom import BloomFilter
from eth_hash.auto import keccak
from eth_typing import Address, Hash32
from rlp.exceptions import RLPException  # type: ignore[import-untyped]
from rlp.sedes import Binary, CountableList, List, big_endian_int, binary  # type: ignore[import-untyped]
from trie.hexary import HexaryTrie

BLANK_ROOT = Hash32(keccak(rlp.encode(b"")))
EMPTY_UNCLES = Hash32(keccak(rlp.encode([])))
ZERO_ADDRESS = Address(bytes(20))
ZERO_HASH = Hash32(bytes(32))
SECP256K1_N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

TRANSACTION_GAS = 21_000
CREATE_GAS = 32_000
ZERO_BYTE_GAS = 4
NONZERO_BYTE_GAS = 16
ACCESS_ADDRESS_GAS = 2_400
ACCESS_SLOT_GAS = 1_900

AccessList = tuple[tuple[Address, tuple[int, ...]], ...]


@dataclass(frozen=True)
class Header:
    """A Shanghai header; difficulty, nonce, uncles and withdrawals have their one post-merge value."""

    parent_hash: Hash32
    coinbase: Address
    state_root: Hash32
    transactions_root: Hash32
    receipts_root: Hash32
    bloom: bytes
    number: int
    gas_limit: int
    gas_used: int
    timestamp: int
    extra_data: bytes
    prev_randao: Hash32
    base_fee: int

    def encode(self) -> bytes:
        # EIP-3675 fixes difficulty, nonce and uncles; EIP-4895 adds the withdrawals root.
        """Encode the header as RLP."""
        fields = [
            self.parent_hash,
            EMPTY_UNCLES,
            self.coinbase,
            self.state_root,
            self.transactions_root,
            self.receipts_root,
            self.bloom,
            b"",
            _integer(self.number),
            _integer(self.gas_limit),
            _integer(self.gas_used),
            _integer(self.timestamp),
            self.extra_data,
            self.prev_randao,
            bytes(8),
            _integer(self.base_fee),
            BLANK_ROOT,
        ]
        return bytes(rlp.encode(fields))

    @staticmethod
    def decode(encoded: bytes) -> Header:
        """Decode a header from RLP."""
        fields = rlp.decode(encoded)
        return Header(
            parent_hash=fields[0],
            coinbase=fields[2],
            state_root=fields[3],
            transactions_root=fields[4],
            receipts_root=fields[5],
            bloom=fields[6],
            number=int.from_bytes(fields[8], "big"),
            gas_limit=int.from_bytes(fields[9], "big"),
            gas_used=int.from_bytes(fields[10], "big"),
            timestamp=int.from_bytes(fields[11], "big"),
            extra_data=fields[12],
            prev_randao=fields[13],
            base_fee=int.from_bytes(fields[15], "big"),
        )

    @cached_property
    def hash(self) -> Hash32:
        """Keccak-256 of the encoded header."""
        return Hash32(keccak(self.encode()))


@dataclass(frozen=True)
class Log:
    """One log that a transaction emitted."""

    address: Address
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True)
class Receipt:
    """The result of one transaction."""

    transaction_type: int
    success: bool
    gas_used: int
    cumulative_gas_used: int
    logs: tuple[Log, ...]

    @cached_property
    def bloom(self) -> bytes:
        """The bloom filter of the logs."""
        return bloom_of(self.logs)

    def encode(self) -> bytes:
        """Encode the receipt as the receipts trie holds it."""
        logs = [[log.address, list(log.topics), log.data] for log in self.logs]
        status = b"\x01" if self.success else b""
        body = rlp.encode([status, _integer(self.cumulative_gas_used), self.bloom, logs])
        # EIP-2718: the type byte stands before the payload, a legacy receipt has none.
        envelope = bytes([self.transaction_type]) if self.transaction_type else b""
        return envelope + bytes(body)


@dataclass(frozen=True)
class Transaction:
    """A transaction ready to be executed; it has every attribute py-evm's executor asks of one."""

    raw: bytes
    hash: Hash32
    type_id: int
    chain_id: int | None
    nonce: int
    max_priority_fee_per_gas: int
    max_fee_per_gas: int
    gas: int
    to: Address
    value: int
    data: bytes
    access_list: AccessList
    v: int
    r: int
    s: int
    sender: Address

    @property
    def gas_price(self) -> int:
        """The price of a legacy transaction."""
        return self.max_fee_per_gas

    @property
    def highest_cost(self) -> int:
        """The balance that the sender must have before the transaction starts, in wei."""
        return self.value + self.gas * self.max_fee_per_gas

    @property
    def is_create(self) -> bool:
        """True if the transaction deploys a contract."""
        return self.to == b""

    @cached_property
    def intrinsic_gas(self) -> int:
        """The gas that py-evm charges before the first opcode; init code words are charged when the code starts."""
        zeros = self.data.count(0)
        slots = sum(len(keys) for _, keys in self.access_list)
        return (
            TRANSACTION_GAS
            + (CREATE_GAS if self.is_create else 0)
            + ZERO_BYTE_GAS * zeros
            + NONZERO_BYTE_GAS * (len(self.data) - zeros)
            + ACCESS_ADDRESS_GAS * len(self.access_list)
            + ACCESS_SLOT_GAS * slots
        )

    @property
    def least_gas(self) -> int:
        """The gas below which the transaction is not valid."""
        # EIP-3860: two gas a word of init code, part of the intrinsic gas.
        words = (len(self.data) + 31) // 32 if self.is_create else 0
        return self.intrinsic_gas + INITCODE_WORD_COST * words

    @property
    def initcode_too_large(self) -> bool:
        """True if the creation code exceeds its limit (EIP-3860)."""
        return self.is_create and len(self.data) > MAX_INITCODE_SIZE

    @cached_property
    def contract_address(self) -> Address | None:
        """The address of the contract that the transaction deploys, if it does."""
        if not self.is_create:
            return None
        return Address(keccak(rlp.encode([self.sender, _integer(self.nonce)]))[-20:])


_ADDRESS = Binary(20, allow_empty=True)
_ACCESS_LIST = CountableList(List([Binary(20), CountableList(Binary(32))]))
_NUMBER = big_endian_int
_LEGACY = List([_NUMBER, _NUMBER, _NUMBER, _ADDRESS, _NUMBER, binary, _NUMBER, _NUMBER, _NUMBER])
_TYPED_TAIL = [_ADDRESS, _NUMBER, binary, _ACCESS_LIST, _NUMBER, _NUMBER, _NUMBER]

LEGACY, ACCESS_LIST, DYNAMIC_FEE = 0, 1, 2
_TYPED = {ACCESS_LIST: List([_NUMBER] * 4 + _TYPED_TAIL), DYNAMIC_FEE: List([_NUMBER] * 5 + _TYPED_TAIL)}
# EIP-2718: a legacy transaction is an RLP list and so starts at or above 0xc0.
FIRST_LEGACY_BYTE = 0xC0


def decode_transaction(raw: bytes, sender: Address | None = None) -> Transaction:
    """Read the bytes of `eth_sendRawTransaction`. With `sender` the signature is not asked who signed.

    Raises TransactionRefused when the bytes are no transaction of a type this chain knows.
    """
    if not raw:
        raise TransactionRefused(Refusal.UNDECODABLE, "empty")
    try:
        if raw[0] >= FIRST_LEGACY_BYTE:
            return _legacy(raw, rlp.decode(raw, sedes=_LEGACY), sender)
        if raw[0] in _TYPED:
            return _typed(raw, sender)
    except RLPException as error:
        raise TransactionRefused(Refusal.UNDECODABLE, str(error)) from error
    raise TransactionRefused(Refusal.UNDECODABLE, f"transaction type {raw[0]}")


def encode_transaction(unsigned: Transaction, v: int, r: int, s: int) -> bytes:
    """Encode a transaction with this signature; `v` is the parity for typed transactions."""
    number = _integer
    body: list[Any] = [number(unsigned.gas), unsigned.to, number(unsigned.value), unsigned.data]
    signature = [number(v), number(r), number(s)]
    tip, fee = number(unsigned.max_priority_fee_per_gas), number(unsigned.max_fee_per_gas)
    if unsigned.type_id == LEGACY:
        return bytes(rlp.encode([number(unsigned.nonce), fee, *body, *signature]))
    slots = [[address, [key.to_bytes(32, "big") for key in keys]] for address, keys in unsigned.access_list]
    fees = [fee] if unsigned.type_id == ACCESS_LIST else [tip, fee]
    fields = [number(unsigned.chain_id or 0), number(unsigned.nonce), *fees, *body, slots, *signature]
    return bytes([unsigned.type_id]) + bytes(rlp.encode(fields))


def trie_root(items: list[bytes]) -> Hash32:
    """Return the root of the trie of a block's transactions or receipts, keyed by RLP of the position."""
    trie = HexaryTrie({}, BLANK_ROOT, prune=True)
    for position, item in enumerate(items):
        trie[rlp.encode(position)] = item
    return Hash32(trie.root_hash)


def bloom_of(logs: tuple[Log, ...]) -> bytes:
    """Return the bloom filter of logs."""
    bloom = BloomFilter()
    for log in logs:
        bloom.add(log.address)
        for topic in log.topics:
            bloom.add(topic)
    return int(bloom).to_bytes(256, "big")


def _legacy(raw: bytes, fields: Any, sender: Address | None) -> Transaction:
    nonce, price, gas, to, value, data, v, r, s = fields
    # EIP-155: v = 35 + 2 * chain id + parity; 27 and 28 name no chain.
    if v not in (27, 28) and v < 35:
        raise TransactionRefused(Refusal.BAD_SIGNATURE, f"v is {v}")
    chain_id = None if v < 35 else (v - 35) // 2
    if sender is None:
        replay_protection = [] if chain_id is None else [_integer(chain_id), b"", b""]
        body = [_integer(nonce), _integer(price), _integer(gas), to, _integer(value), data]
        digest = keccak(rlp.encode([*body, *replay_protection]))
        sender = _recover(digest, (v - 27 if chain_id is None else v - 35) % 2, r, s)
    return Transaction(
        raw=raw,
        hash=Hash32(keccak(raw)),
        type_id=LEGACY,
        chain_id=chain_id,
        nonce=nonce,
        max_priority_fee_per_gas=price,
        max_fee_per_gas=price,
        gas=gas,
        to=Address(to),
        value=value,
        data=data,
        access_list=(),
        v=v,
        r=r,
        s=s,
        sender=sender,
    )


def _typed(raw: bytes, sender: Address | None) -> Transaction:
    chain_id, nonce, *fees, gas, to, value, data, slots, parity, r, s = rlp.decode(raw[1:], sedes=_TYPED[raw[0]])
    return Transaction(
        raw=raw,
        hash=Hash32(keccak(raw)),
        type_id=raw[0],
        chain_id=chain_id,
        nonce=nonce,
        # EIP-2930 knows one price, EIP-1559 a tip and a limit, in this order.
        max_priority_fee_per_gas=fees[0],
        max_fee_per_gas=fees[-1],
        gas=gas,
        to=Address(to),
        value=value,
        data=data,
        access_list=_access_list(slots),
        v=parity,
        r=r,
        s=s,
        sender=sender or _recover(_typed_signing_hash(raw), parity, r, s),
    )


def _access_list(slots: Any) -> AccessList:
    return tuple((address, tuple(int.from_bytes(key, "big") for key in keys)) for address, keys in slots)


def _typed_signing_hash(raw: bytes) -> bytes:
    unsigned = rlp.decode(raw[1:])[:-3]
    return bytes(keccak(raw[:1] + bytes(rlp.encode(unsigned))))


def _recover(digest: bytes, parity: int, r: int, s: int) -> Address:
    # EIP-2: s in the upper half of the group order is refused, or anyone could write the transaction a second way.
    if parity not in (0, 1) or not 0 < r < SECP256K1_N or not 0 < s <= SECP256K1_N // 2:
        raise TransactionRefused(Refusal.BAD_SIGNATURE)
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([parity])
    try:
        public = PublicKey.from_signature_and_message(signature, digest, hasher=None)
    except ValueError as error:
        raise TransactionRefused(Refusal.BAD_SIGNATURE, str(error)) from error
    return Address(keccak(public.format(compressed=False)[1:])[-20:])


def _integer(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")
